/*
 * check_score_parts.c - parts of scores that need no network: imputation, blur, objects, boxes
 *
 * SPDX-License-Identifier: MIT
 */
#include "curves.h"
#include "image_checks.h"
#include "localisation.h"
#include "rank.h"
#include "road.h"
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    ROAD_WIDTH = 7,
    ROAD_HEIGHT = 6,
    ROAD_PIXELS = ROAD_WIDTH * ROAD_HEIGHT,
    FIELD = 40,
    FIELD_PIXELS = FIELD * FIELD
};

/* ---- ROAD ------------------------------------------------------------------------------------------------------- */

/* One row an equation, the right-hand side last; every pixel has one, a known pixel's being that it is what it is. */
static void write_equations(double matrix[ROAD_PIXELS][ROAD_PIXELS + 1], const float *plane,
                            const unsigned char *removed)
{
    memset(matrix, 0, sizeof(double[ROAD_PIXELS][ROAD_PIXELS + 1]));
    for (int i = 0; i < ROAD_PIXELS; i++) {
        matrix[i][i] = removed[i] ? 0.0 : 1.0;
        matrix[i][ROAD_PIXELS] = removed[i] ? 0.0 : (double)plane[i];
        for (int k = 0; removed[i] && k < ROAD_PIXELS; k++) {
            const int dx = abs(i % ROAD_WIDTH - k % ROAD_WIDTH), dy = abs(i / ROAD_WIDTH - k / ROAD_WIDTH);
            if (i == k || dx > 1 || dy > 1)
                continue;
            const double weight = dx + dy == 1 ? 1.0 / 6.0 : 1.0 / 12.0;
            matrix[i][i] += weight;
            matrix[i][k] -= weight;
        }
    }
}

/* Gauss and Jordan, with pivots from the diagonal: the matrix is dominated by it. */
static void solve_densely(double matrix[ROAD_PIXELS][ROAD_PIXELS + 1])
{
    for (int i = 0; i < ROAD_PIXELS; i++)
        for (int row = 0; row < ROAD_PIXELS; row++) {
            const double factor = row == i ? 0.0 : matrix[row][i] / matrix[i][i];
            for (int k = 0; k <= ROAD_PIXELS && factor != 0.0; k++)
                matrix[row][k] -= factor * matrix[i][k];
        }
}

START_TEST(imputed_pixels_are_those_of_a_dense_solution)
{
    static double matrix[ROAD_PIXELS][ROAD_PIXELS + 1];
    float plane[ROAD_PIXELS];
    unsigned char removed[ROAD_PIXELS];
    for (unsigned i = 0; i < ROAD_PIXELS; i++) {
        plane[i] = (float)(noise(i) % 256) / 255.0f - 0.5f;
        removed[i] = _i == 0 ? i % 3 != 0 : _i == 1 ? i % ROAD_WIDTH < 5 : i < ROAD_PIXELS - 1;
    }
    write_equations(matrix, plane, removed);
    solve_densely(matrix);
    ck_assert_int_eq(cam_road_impute(plane, removed, (cam_size){ROAD_WIDTH, ROAD_HEIGHT}), CAMERAS_OK);
    for (int i = 0; i < ROAD_PIXELS; i++)
        ck_assert_double_eq_tol((double)plane[i], matrix[i][ROAD_PIXELS] / matrix[i][i], 2e-5);
}
END_TEST

START_TEST(where_nothing_is_left_imputed_pixels_are_the_mean_colour)
{
    float plane[ROAD_PIXELS];
    unsigned char removed[ROAD_PIXELS];
    for (size_t i = 0; i < ROAD_PIXELS; i++) {
        plane[i] = 0.7f;
        removed[i] = 1;
    }
    ck_assert_int_eq(cam_road_impute(plane, removed, (cam_size){ROAD_WIDTH, ROAD_HEIGHT}), CAMERAS_OK);
    for (size_t i = 0; i < ROAD_PIXELS; i++)
        ck_assert_float_eq(plane[i], 0.0f);
}
END_TEST

START_TEST(known_pixels_stay_bit_for_bit)
{
    float plane[ROAD_PIXELS], before[ROAD_PIXELS];
    unsigned char removed[ROAD_PIXELS];
    for (unsigned i = 0; i < ROAD_PIXELS; i++) {
        before[i] = plane[i] = (float)(noise(i) % 256) / 255.0f;
        removed[i] = i % 4 == 1;
    }
    ck_assert_int_eq(cam_road_impute(plane, removed, (cam_size){ROAD_WIDTH, ROAD_HEIGHT}), CAMERAS_OK);
    for (size_t i = 0; i < ROAD_PIXELS; i++)
        ck_assert(removed[i] || plane[i] == before[i]);
}
END_TEST

/* ---- order ------------------------------------------------------------------------------------------------------ */

START_TEST(pixels_rank_by_value_and_equals_by_position)
{
    static const float values[] = {0.5f, 1.0f, 0.5f, 0.0f, 1.0f};
    static const size_t expected[] = {2, 0, 3, 4, 1};
    size_t *rank = NULL;
    expect_ok(cam_rank_make(&rank, values, 5));
    ck_assert_mem_eq(rank, expected, sizeof expected);
    free(rank);
}
END_TEST

START_TEST(blur_of_a_flat_plane_is_the_plane)
{
    float plane[12], soft[12];
    for (size_t i = 0; i < 12; i++)
        plane[i] = 0.25f;
    expect_ok(cam_blur(soft, plane, (cam_size){4, 3}));
    for (size_t i = 0; i < 12; i++)
        ck_assert_float_eq_tol(soft[i], 0.25f, 1e-6f);
}
END_TEST

/* ---- objects ---------------------------------------------------------------------------------------------------- */

static cam_object box_object(size_t x, size_t y, size_t width, size_t height)
{
    cameras_image *image = NULL;
    cam_object object;
    expect_ok(cameras_image_new_box(&image, FIELD, FIELD, x, y, width, height));
    expect_ok(cam_object_make(&object, image, (cam_size){FIELD, FIELD}));
    cameras_image_free(image);
    return object;
}

/* The object is the column at x = 5; nearer than 15 pixels hits, as TorchRay's game counts. */
START_TEST(pointing_hits_within_the_tolerance_and_misses_at_exactly_fifteen_pixels)
{
    static const struct {
        size_t x;
        double hit;
    } cases[] = {{5, 1.0}, {19, 1.0}, {20, 0.0}, {21, 0.0}};
    cam_object object = box_object(5, 0, 1, FIELD);
    for (size_t k = 0; k < COUNT(cases); k++) {
        float values[FIELD_PIXELS] = {0.0f};
        values[7 * FIELD + cases[k].x] = 1.0f;
        ck_assert_double_eq(cam_object_hit(&object, values), cases[k].hit);
    }
    cam_object_free(&object);
}
END_TEST

/* 9 and 12 are 15 together, 8 and 12 less. */
START_TEST(pointing_measures_distance_across_both_axes)
{
    cam_object object = box_object(0, 0, 1, 1);
    float values[FIELD_PIXELS] = {0.0f};
    values[12 * FIELD + 9] = 1.0f;
    ck_assert_double_eq(cam_object_hit(&object, values), 0.0);
    values[12 * FIELD + 8] = 2.0f;
    ck_assert_double_eq(cam_object_hit(&object, values), 1.0);
    cam_object_free(&object);
}
END_TEST

START_TEST(energy_and_intersection_are_those_counted_by_hand)
{
    double iou = 0.0;
    cam_object object = box_object(0, 0, 2, 2);
    float values[FIELD_PIXELS] = {0.0f};
    values[0] = 0.5f;              /* inside */
    values[1] = 0.25f;             /* inside */
    values[2] = 1.0f;              /* outside */
    values[3 * FIELD + 1] = 0.25f; /* outside, and the fourth of the greatest */
    ck_assert_double_eq_tol(cam_object_energy(&object, values), 0.75 / 2.0, 1e-9);
    expect_ok(cam_object_iou(&iou, &object, values));
    ck_assert_double_eq_tol(iou, 2.0 / 6.0, 1e-9);
    memset(values, 0, sizeof values);
    ck_assert(isnan(cam_object_energy(&object, values)));
    cam_object_free(&object);
}
END_TEST

START_TEST(box_is_cut_at_the_border_and_refused_beyond_it)
{
    cameras_image *box = NULL;
    uint8_t pixels[4 * 3 * 3];
    expect_ok(cameras_image_new_box(&box, 4, 3, 2, 1, SIZE_MAX, 1));
    expect_ok(cameras_image_pixels(pixels, 0, box));
    for (size_t i = 0; i < 12; i++)
        ck_assert_uint_eq(pixels[3 * i], i == 6 || i == 7 ? 255 : 0);
    cameras_image_free(box);
    expect_failure(cameras_image_new_box(&box, 4, 3, 4, 0, 1, 1), CAMERAS_EINVAL, "none in a picture of 4 x 3");
    ck_assert_ptr_null(box);
    expect_failure(cameras_image_new_box(&box, 4, 3, 0, 0, 0, 1), CAMERAS_EINVAL, "none in a picture");
    expect_failure(cameras_image_new_box(NULL, 4, 3, 0, 0, 1, 1), CAMERAS_EINVAL, "out is NULL");
}
END_TEST

int main(void)
{
    TCase *road = tcase_create("road"), *order = tcase_create("order"), *objects = tcase_create("objects");
    tcase_add_loop_test(road, imputed_pixels_are_those_of_a_dense_solution, 0, 3);
    tcase_add_test(road, where_nothing_is_left_imputed_pixels_are_the_mean_colour);
    tcase_add_test(road, known_pixels_stay_bit_for_bit);
    tcase_add_test(order, pixels_rank_by_value_and_equals_by_position);
    tcase_add_test(order, blur_of_a_flat_plane_is_the_plane);
    tcase_add_test(objects, pointing_hits_within_the_tolerance_and_misses_at_exactly_fifteen_pixels);
    tcase_add_test(objects, pointing_measures_distance_across_both_axes);
    tcase_add_test(objects, energy_and_intersection_are_those_counted_by_hand);
    tcase_add_test(objects, box_is_cut_at_the_border_and_refused_beyond_it);
    TCase *const cases[] = {road, order, objects};
    return run_picture_suite("score parts", cases, COUNT(cases));
}
