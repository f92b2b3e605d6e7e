/*
 * check_fuse.c - the fusion against its definition, and the identities that the short cut rests on
 *
 * SPDX-License-Identifier: MIT
 */
#include "fuse.h"

#include "resize.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_SCALES = 3,
    MOST_PIXELS = 64 * 64
};

typedef cameras_status (*fuser)(float *out, cam_size size, const cam_planes *activations, const cam_planes *gradients,
                                size_t scales, size_t threads);

/* Some scales of planes, activations and gradients alike in size. */
typedef struct stack {
    cam_planes activations[MOST_SCALES], gradients[MOST_SCALES];
    size_t scales;
} stack;

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static uint64_t seed = 88172645463325252u;

/* In [-1, 1). */
static float random_float(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (float)((double)(seed >> 11) / 4503599627370496.0 - 1.0);
}

static cam_planes random_planes(size_t channels, size_t width, size_t height)
{
    const size_t samples = channels * height * width;
    cam_planes planes = {malloc(samples * sizeof(float)), channels, height, width};
    ck_assert_ptr_nonnull(planes.data);
    for (size_t i = 0; i < samples; i++)
        planes.data[i] = random_float();
    return planes;
}

/* Makes every plane repeat its first value. */
static void flatten(cam_planes *planes)
{
    const size_t pixels = planes->height * planes->width;
    for (size_t i = 0; i < planes->channels * pixels; i++)
        planes->data[i] = planes->data[i / pixels * pixels];
}

static void compress(cam_planes *planes)
{
    cam_planes kept;
    const shim_array array = {planes->data, planes->channels, planes->height, planes->width};
    ck_assert_int_eq(cam_planes_copy(&kept, array, 1), CAMERAS_OK);
    cam_planes_free(planes);
    *planes = kept;
}

static stack random_stack(size_t channels, const cam_size *sizes, size_t scales)
{
    stack made = {.scales = scales};
    for (size_t t = 0; t < scales; t++) {
        made.activations[t] = random_planes(channels, sizes[t].width, sizes[t].height);
        made.gradients[t] = random_planes(channels, sizes[t].width, sizes[t].height);
    }
    return made;
}

static void free_stack(stack *made)
{
    for (size_t t = 0; t < made->scales; t++) {
        cam_planes_free(&made->gradients[t]);
        cam_planes_free(&made->activations[t]);
    }
}

static void fuse_with(fuser fuse, float *out, cam_size size, const stack *from, size_t threads)
{
    ck_assert_int_eq(fuse(out, size, from->activations, from->gradients, from->scales, threads), CAMERAS_OK);
}

/* ---- the definition, read plainly -------------------------------------------------------------------------------- */

static double clamp(double value, double most)
{
    return fmin(fmax(value, 0.0), most);
}

/* Bilinear at the centre of pixel (x, y) of size, borders repeated. */
static double sample(const cam_planes *planes, size_t k, cam_size size, size_t x, size_t y)
{
    const double last_x = (double)planes->width - 1.0, last_y = (double)planes->height - 1.0;
    const double at_x = clamp(((double)x + 0.5) * (double)planes->width / (double)size.width - 0.5, last_x);
    const double at_y = clamp(((double)y + 0.5) * (double)planes->height / (double)size.height - 0.5, last_y);
    const double left = floor(at_x), top = floor(at_y);
    double sum = 0.0;
    for (int corner = 0; corner < 4; corner++) {
        const double corner_x = left + (corner & 1), corner_y = top + (corner >> 1);
        const double weight = (1.0 - fabs(corner_x - at_x)) * (1.0 - fabs(corner_y - at_y));
        const size_t column = (size_t)clamp(corner_x, last_x), row = (size_t)clamp(corner_y, last_y);
        sum += weight * (double)planes->data[(k * planes->height + row) * planes->width + column];
    }
    return sum;
}

/* A*_k or W*_k at a pixel. */
static double mean_sample(const cam_planes *planes, size_t scales, size_t k, cam_size size, size_t x, size_t y)
{
    double sum = 0.0;
    for (size_t t = 0; t < scales; t++)
        sum += sample(&planes[t], k, size, x, y);
    return sum / (double)scales;
}

static double defined(const stack *from, cam_size size, size_t x, size_t y)
{
    double sum = 0.0;
    for (size_t k = 0; k < from->activations[0].channels; k++)
        sum += mean_sample(from->activations, from->scales, k, size, x, y) *
               mean_sample(from->gradients, from->scales, k, size, x, y);
    return sum;
}

static void expect_definition(fuser fuse, const stack *from, cam_size size)
{
    float out[MOST_PIXELS];
    ck_assert_uint_le(size.width * size.height, MOST_PIXELS);
    fuse_with(fuse, out, size, from, 2);
    for (size_t y = 0; y < size.height; y++)
        for (size_t x = 0; x < size.width; x++)
            ck_assert_double_eq_tol((double)out[y * size.width + x], defined(from, size, x, y), 2e-5);
}

/* ---- cases ------------------------------------------------------------------------------------------------------- */

/* Heights on both sides of a band's sixteen rows; wide, tall, shrunk and single-pixel planes. */
static const struct {
    size_t channels, scales;
    cam_size map, planes[MOST_SCALES];
} cases[] = {
    {1, 1, {5, 5}, {{5, 5}}},
    {7, 3, {20, 15}, {{3, 2}, {5, 4}, {7, 6}}},
    {12, 2, {31, 16}, {{7, 7}, {10, 10}}},
    {5, 3, {9, 17}, {{2, 5}, {3, 8}, {4, 11}}},
    {3, 2, {8, 33}, {{1, 4}, {4, 1}}},
    {4, 2, {6, 50}, {{9, 70}, {3, 25}}},
    {2, 3, {1, 40}, {{1, 1}, {2, 2}, {3, 3}}},
    {2, 2, {40, 1}, {{6, 3}, {40, 1}}},
    {30, 3, {64, 64}, {{7, 7}, {13, 13}, {29, 29}}},
};
enum {
    CASES = sizeof cases / sizeof *cases
};

static stack case_stack(int number)
{
    return random_stack(cases[number].channels, cases[number].planes, cases[number].scales);
}

static stack flat_gradient_stack(int number)
{
    stack made = case_stack(number);
    for (size_t t = 0; t < made.scales; t++)
        flatten(&made.gradients[t]);
    return made;
}

static void compress_gradients(stack *made)
{
    for (size_t t = 0; t < made->scales; t++) {
        compress(&made->gradients[t]);
        ck_assert_uint_eq(made->gradients[t].height, 1);
        ck_assert_uint_eq(made->gradients[t].width, 1);
    }
}

/* ---- agreement --------------------------------------------------------------------------------------------------- */

START_TEST(any_gradients_fuse_to_the_definition)
{
    stack made = case_stack(_i);
    expect_definition(cam_fuse_general, &made, cases[_i].map);
    expect_definition(cam_fuse, &made, cases[_i].map);
    free_stack(&made);
}
END_TEST

START_TEST(constant_gradients_fuse_to_the_definition_either_way)
{
    stack made = flat_gradient_stack(_i);
    expect_definition(cam_fuse_general, &made, cases[_i].map);
    compress_gradients(&made);
    expect_definition(cam_fuse_general, &made, cases[_i].map);
    expect_definition(cam_fuse_constant, &made, cases[_i].map);
    expect_definition(cam_fuse, &made, cases[_i].map);
    free_stack(&made);
}
END_TEST

START_TEST(short_cut_equals_the_general_way_where_gradients_are_constant)
{
    float general[MOST_PIXELS], constant[MOST_PIXELS];
    stack made = flat_gradient_stack(_i);
    fuse_with(cam_fuse_general, general, cases[_i].map, &made, 1);
    compress_gradients(&made);
    fuse_with(cam_fuse_constant, constant, cases[_i].map, &made, 1);
    for (size_t i = 0; i < cases[_i].map.width * cases[_i].map.height; i++)
        ck_assert_double_eq_tol((double)general[i], (double)constant[i], 2e-5);
    free_stack(&made);
}
END_TEST

START_TEST(one_scale_that_is_not_constant_takes_the_general_way)
{
    stack made = case_stack(_i);
    flatten(&made.gradients[0]);
    compress(&made.gradients[0]);
    expect_definition(cam_fuse, &made, cases[_i].map);
    free_stack(&made);
}
END_TEST

START_TEST(number_of_threads_does_not_show)
{
    static const size_t threads[] = {2, 3, 8};
    float alone[MOST_PIXELS], together[MOST_PIXELS];
    const size_t bytes = cases[_i].map.width * cases[_i].map.height * sizeof *alone;
    stack made = case_stack(_i);
    fuse_with(cam_fuse, alone, cases[_i].map, &made, 1);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        fuse_with(cam_fuse, together, cases[_i].map, &made, threads[i]);
        ck_assert_mem_eq(together, alone, bytes);
    }
    free_stack(&made);
}
END_TEST

START_TEST(what_the_result_held_before_does_not_show)
{
    float clean[MOST_PIXELS] = {0}, soiled[MOST_PIXELS];
    const size_t pixels = cases[_i].map.width * cases[_i].map.height;
    for (size_t i = 0; i < pixels; i++)
        soiled[i] = NAN;
    stack made = flat_gradient_stack(_i);
    fuse_with(cam_fuse, clean, cases[_i].map, &made, 2);
    fuse_with(cam_fuse, soiled, cases[_i].map, &made, 2);
    ck_assert_mem_eq(soiled, clean, pixels * sizeof *clean);
    compress_gradients(&made);
    fuse_with(cam_fuse, clean, cases[_i].map, &made, 2);
    for (size_t i = 0; i < pixels; i++)
        soiled[i] = NAN;
    fuse_with(cam_fuse, soiled, cases[_i].map, &made, 2);
    ck_assert_mem_eq(soiled, clean, pixels * sizeof *clean);
    free_stack(&made);
}
END_TEST

/* ---- identities -------------------------------------------------------------------------------------------------- */

START_TEST(one_scale_with_constant_gradients_is_the_weighted_sum_resized)
{
    float out[24 * 18], sum[4 * 3] = {0}, expected[24 * 18];
    stack made = random_stack(6, (const cam_size[]){{4, 3}}, 1);
    flatten(&made.gradients[0]);
    compress(&made.gradients[0]);
    for (size_t k = 0; k < 6; k++)
        for (size_t i = 0; i < 4 * 3; i++)
            sum[i] += made.gradients[0].data[k] * made.activations[0].data[k * 12 + i];
    ck_assert_int_eq(cam_resize_plane(expected, 24, 18, sum, 4, 3, CAM_BILINEAR), CAMERAS_OK);
    fuse_with(cam_fuse, out, (cam_size){24, 18}, &made, 1);
    for (size_t i = 0; i < 24 * 18; i++)
        ck_assert_double_eq_tol((double)out[i], (double)expected[i], 1e-6);
    free_stack(&made);
}
END_TEST

/* One channel, two scales of one row of two pixels. */
static void fuse_two_pixels(fuser fuse, float out[2], float a[2][2], float w[2][2])
{
    const cam_planes activations[2] = {{a[0], 1, 1, 2}, {a[1], 1, 1, 2}};
    const cam_planes gradients[2] = {{w[0], 1, 1, 2}, {w[1], 1, 1, 2}};
    ck_assert_int_eq(fuse(out, (cam_size){2, 1}, activations, gradients, 2, 1), CAMERAS_OK);
}

START_TEST(product_of_means_is_taken_and_not_the_mean_of_products)
{
    /* Pixel 0: (1 + 3)/2 times (1 + 5)/2 = 6, where the mean of products is (1 + 15)/2 = 8. */
    float a[2][2] = {{1, 2}, {3, 0}}, w[2][2] = {{1, 4}, {5, 8}}, out[2];
    fuse_two_pixels(cam_fuse_general, out, a, w);
    ck_assert_float_eq(out[0], 6.0f);
    ck_assert_float_eq(out[1], 6.0f); /* (2 + 0)/2 times (4 + 8)/2; the mean of products is 4 */
}
END_TEST

START_TEST(cross_scale_terms_count_with_constant_gradients_too)
{
    /* Gradients 1 and 5 average 3; activations average {2, 1}. The mean of products would be {8, 1}. */
    float a[2][2] = {{1, 2}, {3, 0}}, w[2] = {1, 5}, out[2];
    const cam_planes activations[2] = {{a[0], 1, 1, 2}, {a[1], 1, 1, 2}};
    const cam_planes gradients[2] = {{&w[0], 1, 1, 1}, {&w[1], 1, 1, 1}};
    ck_assert_int_eq(cam_fuse(out, (cam_size){2, 1}, activations, gradients, 2, 1), CAMERAS_OK);
    ck_assert_float_eq(out[0], 6.0f);
    ck_assert_float_eq(out[1], 3.0f);
}
END_TEST

START_TEST(negative_sums_are_left_for_the_map_to_rectify)
{
    float a[2][2] = {{1, -1}, {1, -1}}, w[2][2] = {{-2, 3}, {-2, 3}}, out[2];
    fuse_two_pixels(cam_fuse, out, a, w);
    ck_assert_float_eq(out[0], -2.0f);
    ck_assert_float_eq(out[1], -3.0f);
}
END_TEST

START_TEST(doubled_gradients_double_the_result_exactly)
{
    float once[MOST_PIXELS], twice[MOST_PIXELS];
    stack made = case_stack(_i);
    fuse_with(cam_fuse, once, cases[_i].map, &made, 2);
    for (size_t t = 0; t < made.scales; t++)
        for (size_t i = 0; i < made.gradients[t].channels * made.gradients[t].height * made.gradients[t].width; i++)
            made.gradients[t].data[i] *= 2.0f;
    fuse_with(cam_fuse, twice, cases[_i].map, &made, 2);
    for (size_t i = 0; i < cases[_i].map.width * cases[_i].map.height; i++)
        ck_assert_float_eq(twice[i], 2.0f * once[i]);
    free_stack(&made);
}
END_TEST

/* ---- planes ------------------------------------------------------------------------------------------------------ */

static void expect_kept(const float *data, int with_compress, size_t height, size_t width, const float *expected)
{
    cam_planes planes;
    ck_assert_int_eq(cam_planes_copy(&planes, (shim_array){data, 2, 2, 3}, with_compress), CAMERAS_OK);
    ck_assert_uint_eq(planes.channels, 2);
    ck_assert_uint_eq(planes.height, height);
    ck_assert_uint_eq(planes.width, width);
    ck_assert_ptr_ne(planes.data, data);
    ck_assert_mem_eq(planes.data, expected, 2 * height * width * sizeof *expected);
    cam_planes_free(&planes);
    ck_assert_ptr_null(planes.data);
    cam_planes_free(&planes);
}

START_TEST(constant_planes_are_compressed_only_when_asked)
{
    static const float data[12] = {1, 1, 1, 1, 1, 1, -2, -2, -2, -2, -2, -2};
    static const float values[2] = {1, -2};
    expect_kept(data, 1, 1, 1, values);
    expect_kept(data, 0, 2, 3, data);
}
END_TEST

START_TEST(a_single_other_value_anywhere_prevents_compression)
{
    for (size_t odd = 0; odd < 12; odd++) {
        float data[12] = {1, 1, 1, 1, 1, 1, -2, -2, -2, -2, -2, -2};
        data[odd] = nextafterf(data[odd], 9.0f);
        expect_kept(data, 1, 2, 3, data);
    }
}
END_TEST

START_TEST(a_nan_prevents_compression)
{
    float data[12];
    for (size_t i = 0; i < 12; i++)
        data[i] = NAN;
    expect_kept(data, 1, 2, 3, data);
}
END_TEST

static Suite *fuse_suite(void)
{
    Suite *suite = suite_create("fuse");
    TCase *agreement = tcase_create("agreement"), *identities = tcase_create("identities");
    TCase *planes = tcase_create("planes");
    tcase_set_timeout(agreement, 60);
    tcase_add_loop_test(agreement, any_gradients_fuse_to_the_definition, 0, CASES);
    tcase_add_loop_test(agreement, constant_gradients_fuse_to_the_definition_either_way, 0, CASES);
    tcase_add_loop_test(agreement, short_cut_equals_the_general_way_where_gradients_are_constant, 0, CASES);
    tcase_add_loop_test(agreement, one_scale_that_is_not_constant_takes_the_general_way, 0, CASES);
    tcase_add_loop_test(agreement, number_of_threads_does_not_show, 0, CASES);
    tcase_add_loop_test(agreement, what_the_result_held_before_does_not_show, 0, CASES);
    tcase_add_test(identities, one_scale_with_constant_gradients_is_the_weighted_sum_resized);
    tcase_add_test(identities, product_of_means_is_taken_and_not_the_mean_of_products);
    tcase_add_test(identities, cross_scale_terms_count_with_constant_gradients_too);
    tcase_add_test(identities, negative_sums_are_left_for_the_map_to_rectify);
    tcase_add_loop_test(identities, doubled_gradients_double_the_result_exactly, 0, CASES);
    tcase_add_test(planes, constant_planes_are_compressed_only_when_asked);
    tcase_add_test(planes, a_single_other_value_anywhere_prevents_compression);
    tcase_add_test(planes, a_nan_prevents_compression);
    suite_add_tcase(suite, agreement);
    suite_add_tcase(suite, identities);
    suite_add_tcase(suite, planes);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(fuse_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
