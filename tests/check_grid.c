/*
 * check_grid.c - the grid pointing game
 *
 * SPDX-License-Identifier: MIT
 */
#include "image_checks.h"
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum {
    SIDE = 32,
    CELLS = 4
};
static const size_t classes[CELLS] = {0, 1, 2, 3};

typedef struct table {
    cameras_model *model;
    cameras_options *options;
    cameras_image *images[CELLS];
} table;

/* Options of one scale, without a class. */
static void renew_options(table *made)
{
    static const size_t sides[] = {SIDE};
    cameras_options_free(made->options);
    expect_ok(cameras_options_new(&made->options));
    expect_ok(cameras_options_set_scales(made->options, sides, 1));
}

/* Four pictures of one grey each. */
static void table_open(table *made)
{
    made->model = open_network(NETWORK_PLAIN);
    expect_ok(cameras_model_set_base_size(made->model, SIDE, SIDE));
    made->options = NULL;
    renew_options(made);
    for (size_t i = 0; i < CELLS; i++) {
        const uint8_t grey = (uint8_t)(60 * i + 20);
        made->images[i] = new_image(&grey, 1, 1, 0, CAMERAS_GRAY8);
    }
}

static void table_close(table *made)
{
    for (size_t i = 0; i < CELLS; i++)
        cameras_image_free(made->images[i]);
    cameras_options_free(made->options);
    cameras_model_close(made->model);
}

static cameras_status play(double shares[CELLS], cameras_image **tiled, const table *made, const size_t *of)
{
    return cameras_grid_score(shares, tiled, made->model, (const cameras_image *const *)made->images, of,
                              made->options);
}

START_TEST(picture_has_each_image_in_its_cell_at_the_base_size)
{
    table made;
    double shares[CELLS];
    cameras_image *tiled = NULL;
    static uint8_t pixels[3 * 4 * SIDE * SIDE];
    table_open(&made);
    expect_ok(play(shares, &tiled, &made, classes));
    expect_shape(tiled, 2 * SIDE, 2 * SIDE, 3);
    expect_ok(cameras_image_pixels(pixels, 0, tiled));
    for (size_t i = 0; i < 4 * SIDE * SIDE; i++) {
        const size_t cell = i % (2 * SIDE) / SIDE + i / (2 * SIDE) / SIDE * 2;
        ck_assert_uint_eq(pixels[3 * i], 60 * cell + 20);
    }
    cameras_image_free(tiled);
    table_close(&made);
}
END_TEST

START_TEST(constant_map_has_a_quarter_in_every_cell_also_of_an_odd_base)
{
    table made;
    double shares[CELLS] = {0.0};
    table_open(&made);
    expect_ok(cameras_model_set_base_size(made.model, 31, 33));
    expect_ok(cameras_options_set_method(made.options, CAMERAS_METHOD_CONSTANT));
    expect_ok(play(shares, NULL, &made, classes));
    for (size_t i = 0; i < CELLS; i++)
        ck_assert_double_eq_tol(shares[i], 0.25, 1e-9);
    table_close(&made);
}
END_TEST

/* The same maps made by hand from the tiled tiled. */
START_TEST(shares_are_those_of_the_maps_of_the_picture)
{
    table made;
    double shares[CELLS];
    cameras_image *tiled = NULL;
    table_open(&made);
    expect_ok(play(shares, &tiled, &made, classes));
    for (size_t cell = 0; cell < CELLS; cell++) {
        cameras_map *map = NULL;
        double inside = 0.0, all = 0.0;
        renew_options(&made);
        expect_ok(cameras_options_set_keep_flat(made.options, 1));
        expect_ok(cameras_options_add_class(made.options, cell));
        expect_ok(cameras_explain(&map, made.model, tiled, made.options));
        for (size_t i = 0; i < SIDE * SIDE; i++) {
            const double value = (double)cameras_map_values(map)[i];
            all += value;
            inside += i % SIDE / (SIDE / 2) + i / SIDE / (SIDE / 2) * 2 == cell ? value : 0.0;
        }
        if (all > 0.0)
            ck_assert_double_eq_tol(shares[cell], inside / all, 1e-6);
        else
            ck_assert(isnan(shares[cell]));
        cameras_map_free(map);
    }
    cameras_image_free(tiled);
    table_close(&made);
}
END_TEST

START_TEST(equal_classes_and_missing_images_are_refused)
{
    static const size_t equal[CELLS] = {0, 1, 2, 1}, beyond[CELLS] = {0, 1, 2, 9};
    table made;
    double shares[CELLS];
    cameras_image *tiled = (cameras_image *)&tiled;
    table_open(&made);
    expect_failure(play(shares, &tiled, &made, equal), CAMERAS_EINVAL, "images 1 and 3 are both of class 1");
    ck_assert_ptr_null(tiled);
    expect_failure(play(shares, &tiled, &made, beyond), CAMERAS_ECLASS, "class 9");
    cameras_image_free(made.images[2]);
    made.images[2] = NULL;
    expect_failure(play(shares, NULL, &made, classes), CAMERAS_EINVAL, "image 2");
    table_close(&made);
}
END_TEST

int main(void)
{
    networks_open();
    TCase *grid = tcase_create("grid");
    tcase_set_timeout(grid, 120);
    tcase_add_test(grid, picture_has_each_image_in_its_cell_at_the_base_size);
    tcase_add_test(grid, constant_map_has_a_quarter_in_every_cell_also_of_an_odd_base);
    tcase_add_test(grid, shares_are_those_of_the_maps_of_the_picture);
    tcase_add_test(grid, equal_classes_and_missing_images_are_refused);
    const int result = run_picture_suite("grid", &grid, 1);
    networks_close();
    return result;
}
