/*
 * check_resize.c - resampling by hand-made weights, and against a plain double-precision reading of the formulas
 *
 * SPDX-License-Identifier: MIT
 */
#include "resize.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <sys/resource.h>

enum {
    LONGEST = 64,
    EVERY_LENGTH = 20
};

static const cam_filter filters[] = {CAM_BILINEAR, CAM_BICUBIC, CAM_ANTIALIAS};
enum {
    FILTERS = sizeof filters / sizeof *filters
};

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static uint64_t seed = 88172645463325252u;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed >> 11;
}

static size_t random_length(size_t most)
{
    return 1 + (size_t)next_random() % most;
}

static float *random_plane(size_t samples)
{
    float *plane = malloc(samples * sizeof *plane);
    ck_assert_ptr_nonnull(plane);
    for (size_t i = 0; i < samples; i++)
        plane[i] = (float)((double)next_random() / 9007199254740992.0);
    return plane;
}

static void resize_line(float *out, size_t out_length, const float *in, size_t in_length, cam_filter filter)
{
    ck_assert_int_eq(cam_resize_plane(out, out_length, 1, in, in_length, 1, filter), CAMERAS_OK);
}

static void expect_line(const float *in, size_t in_length, const double *expected, size_t out_length, cam_filter filter)
{
    float across[LONGEST], down[LONGEST];
    resize_line(across, out_length, in, in_length, filter);
    ck_assert_int_eq(cam_resize_plane(down, 1, out_length, in, 1, in_length, filter), CAMERAS_OK);
    for (size_t i = 0; i < out_length; i++) {
        ck_assert_double_eq_tol((double)across[i], expected[i], 1e-6);
        ck_assert_double_eq_tol((double)down[i], expected[i], 1e-6);
    }
}

/* The weight that output i gives to source sample k, wherever the window happens to begin. */
static double weight_of(const cam_taps *taps, size_t i, size_t k)
{
    if (k < taps->first[i] || k >= taps->first[i] + taps->width)
        return 0.0;
    return (double)taps->weights[i * taps->width + k - taps->first[i]];
}

static void expect_weights(size_t out_length, size_t in_length, cam_filter filter, size_t i, const double *expected)
{
    cam_taps taps;
    ck_assert_int_eq(cam_taps_make(&taps, out_length, in_length, filter), CAMERAS_OK);
    for (size_t k = 0; k < in_length; k++)
        ck_assert_double_eq_tol(weight_of(&taps, i, k), expected[k], 1e-7);
    cam_taps_free(&taps);
}

/* ---- the formulas, read plainly --------------------------------------------------------------------------------- */

static double triangle(double x)
{
    return fmax(1.0 - fabs(x), 0.0);
}

/* Keys 1981, equation 4, with a = -3/4. */
static double keys(double distance)
{
    const double a = -0.75, x = fabs(distance);
    if (x <= 1.0)
        return (a + 2.0) * x * x * x - (a + 3.0) * x * x + 1.0;
    return x < 2.0 ? a * x * x * x - 5.0 * a * x * x + 8.0 * a * x - 4.0 * a : 0.0;
}

/* weights[k] of output i: the kernel at every sample near enough, those outside counting for the border. */
static void plain_weights(double *weights, size_t out_length, size_t in_length, size_t i, double (*kernel)(double))
{
    const double at = ((double)i + 0.5) * (double)in_length / (double)out_length - 0.5;
    const long last = (long)in_length - 1;
    for (long position = (long)floor(at) - 3; position <= (long)floor(at) + 4; position++) {
        const long inside = position < 0 ? 0 : position > last ? last : position;
        weights[inside] += kernel((double)position - at);
    }
}

/* A triangle as wide as the shrinking, over the samples that exist, brought to a sum of 1. */
static void wide_weights(double *weights, size_t out_length, size_t in_length, size_t i)
{
    const double scale = (double)in_length / (double)out_length;
    double total = 0.0;
    for (size_t k = 0; k < in_length; k++) {
        weights[k] = triangle(((double)k + 0.5 - ((double)i + 0.5) * scale) / fmax(scale, 1.0));
        total += weights[k];
    }
    for (size_t k = 0; k < in_length; k++)
        weights[k] /= total;
}

/* out_length rows of in_length weights. */
static double *naive_weights(size_t out_length, size_t in_length, cam_filter filter)
{
    double *weights = calloc(out_length * in_length, sizeof *weights);
    ck_assert_ptr_nonnull(weights);
    for (size_t i = 0; i < out_length; i++) {
        if (filter == CAM_ANTIALIAS)
            wide_weights(weights + i * in_length, out_length, in_length, i);
        else
            plain_weights(weights + i * in_length, out_length, in_length, i, filter == CAM_BICUBIC ? keys : triangle);
    }
    return weights;
}

static double naive_sample(const double *across, const double *down, const float *in, size_t width, size_t height)
{
    double sum = 0.0;
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            sum += down[y] * across[x] * (double)in[y * width + x];
    return sum;
}

static void expect_naive(size_t out_width, size_t out_height, size_t width, size_t height, cam_filter filter)
{
    float *in = random_plane(width * height), *out = malloc(out_width * out_height * sizeof *out);
    double *across = naive_weights(out_width, width, filter), *down = naive_weights(out_height, height, filter);
    ck_assert_ptr_nonnull(out);
    ck_assert_int_eq(cam_resize_plane(out, out_width, out_height, in, width, height, filter), CAMERAS_OK);
    for (size_t y = 0; y < out_height; y++)
        for (size_t x = 0; x < out_width; x++)
            ck_assert_double_eq_tol((double)out[y * out_width + x],
                                    naive_sample(across + x * width, down + y * height, in, width, height), 1e-5);
    free(down);
    free(across);
    free(out);
    free(in);
}

START_TEST(any_sizes_agree_with_the_formulas_in_double_precision)
{
    for (int round = 0; round < 200; round++) {
        const size_t out_width = random_length(40), out_height = random_length(40);
        expect_naive(out_width, out_height, random_length(40), random_length(40), filters[_i]);
    }
}
END_TEST

START_TEST(a_feature_map_enlarged_to_the_base_image_agrees_with_the_formulas)
{
    expect_naive(224, 224, 7, 7, filters[_i]);
    expect_naive(224, 150, 29, 20, filters[_i]);
}
END_TEST

START_TEST(strip_of_one_pixel_by_many_agrees_with_the_formulas)
{
    expect_naive(8, 8, 1, 200000, CAM_ANTIALIAS);
    expect_naive(8, 8, 200000, 1, CAM_ANTIALIAS);
}
END_TEST

/* The address sanitizer has no room for itself under such a limit. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

static void bound_memory(size_t bytes)
{
#ifndef SANITIZED
    struct rlimit bound;
    ck_assert_int_eq(getrlimit(RLIMIT_DATA, &bound), 0);
    bound.rlim_cur = (rlim_t)bytes;
    ck_assert_int_eq(setrlimit(RLIMIT_DATA, &bound), 0);
#else
    (void)bytes;
#endif
}

/* A ramp down the picture, from 0 to 1. */
static void ramp_row(float *row, size_t y, const void *user)
{
    row[0] = (float)((double)y / (double)*(const size_t *)user);
}

/* Each of the 224 rows rests on some 36000 of the source; the middle of its triangle is the mean of a ramp. */
START_TEST(strip_is_resized_without_its_length_times_the_width_of_the_result)
{
    static const size_t height = 4000000;
    static float out[224 * 224];
    bound_memory((size_t)256 << 20); /* 224 x 4000000 floats are 3.6 GB */
    ck_assert_int_eq(cam_resize_rows(out, 224, 224, ramp_row, &height, 1, height, CAM_ANTIALIAS), CAMERAS_OK);
    for (size_t y = 1; y < 223; y++)
        for (size_t x = 0; x < 224; x++)
            ck_assert_double_eq_tol((double)out[y * 224 + x], ((double)y + 0.5) / 224.0, 1e-5);
}
END_TEST

/* ---- every filter ----------------------------------------------------------------------------------------------- */

START_TEST(equal_size_is_an_exact_copy)
{
    static const struct {
        size_t width, height;
    } cases[] = {{1, 1}, {1, 5}, {2, 2}, {3, 1}, {4, 3}, {5, 17}, {224, 9}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t samples = cases[i].width * cases[i].height;
        float *in = random_plane(samples), *out = random_plane(samples);
        in[0] = -1e30f;
        in[samples - 1] = FLT_MIN;
        ck_assert_int_eq(
            cam_resize_plane(out, cases[i].width, cases[i].height, in, cases[i].width, cases[i].height, filters[_i]),
            CAMERAS_OK);
        ck_assert_mem_eq(out, in, samples * sizeof *in);
        free(out);
        free(in);
    }
}
END_TEST

START_TEST(weights_of_every_output_sum_to_one)
{
    for (size_t out_length = 1; out_length <= EVERY_LENGTH; out_length++)
        for (size_t in_length = 1; in_length <= EVERY_LENGTH; in_length++) {
            cam_taps taps;
            ck_assert_int_eq(cam_taps_make(&taps, out_length, in_length, filters[_i]), CAMERAS_OK);
            for (size_t i = 0; i < out_length; i++) {
                double sum = 0.0;
                for (size_t k = 0; k < taps.width; k++)
                    sum += (double)taps.weights[i * taps.width + k];
                ck_assert_double_eq_tol(sum, 1.0, 1e-6);
            }
            cam_taps_free(&taps);
        }
}
END_TEST

START_TEST(windows_lie_inside_the_source)
{
    for (size_t out_length = 1; out_length <= EVERY_LENGTH; out_length++)
        for (size_t in_length = 1; in_length <= EVERY_LENGTH; in_length++) {
            cam_taps taps;
            ck_assert_int_eq(cam_taps_make(&taps, out_length, in_length, filters[_i]), CAMERAS_OK);
            ck_assert_uint_eq(taps.length, out_length);
            for (size_t i = 0; i < out_length; i++)
                ck_assert_uint_le(taps.first[i] + taps.width, in_length);
            cam_taps_free(&taps);
        }
}
END_TEST

START_TEST(a_single_pixel_fills_any_size)
{
    const float in = 0.625f;
    float out[7 * 3];
    ck_assert_int_eq(cam_resize_plane(out, 7, 3, &in, 1, 1, filters[_i]), CAMERAS_OK);
    for (size_t i = 0; i < 7 * 3; i++)
        ck_assert_double_eq_tol((double)out[i], 0.625, 1e-6);
}
END_TEST

START_TEST(a_constant_stays_a_constant)
{
    float in[6 * 5], out[LONGEST];
    for (size_t i = 0; i < 6 * 5; i++)
        in[i] = -3.5f;
    static const struct {
        size_t width, height;
    } cases[] = {{1, 1}, {2, 9}, {13, 4}, {6, 5}, {3, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_int_eq(cam_resize_plane(out, cases[i].width, cases[i].height, in, 6, 5, filters[_i]), CAMERAS_OK);
        for (size_t k = 0; k < cases[i].width * cases[i].height; k++)
            ck_assert_double_eq_tol((double)out[k], -3.5, 3e-6);
    }
}
END_TEST

START_TEST(columns_and_rows_are_not_confused)
{
    static const float in[2 * 3] = {0, 8, 0, 8, 0, 8};
    float out[4 * 3];
    ck_assert_int_eq(cam_resize_plane(out, 4, 3, in, 2, 3, CAM_BILINEAR), CAMERAS_OK);
    static const float expected[4 * 3] = {0, 2, 6, 8, 0, 2, 6, 8, 0, 2, 6, 8};
    ck_assert_mem_eq(out, expected, sizeof expected);
}
END_TEST

static void next_row(float *row, size_t y, const void *user)
{
    const float *const *plane = user;
    for (size_t x = 0; x < 5; x++)
        row[x] = (*plane)[y * 5 + x];
}

START_TEST(rows_from_a_source_give_what_the_plane_gives)
{
    float *in = random_plane(5 * 4);
    float from_rows[3 * 9], from_plane[3 * 9];
    ck_assert_int_eq(cam_resize_rows(from_rows, 3, 9, next_row, &in, 5, 4, filters[_i]), CAMERAS_OK);
    ck_assert_int_eq(cam_resize_plane(from_plane, 3, 9, in, 5, 4, filters[_i]), CAMERAS_OK);
    ck_assert_mem_eq(from_rows, from_plane, sizeof from_plane);
    free(in);
}
END_TEST

/* ---- bilinear --------------------------------------------------------------------------------------------------- */

START_TEST(bilinear_follows_half_pixel_centres)
{
    static const struct {
        size_t in_length, out_length;
        float in[4];
        double expected[8];
    } cases[] = {
        {2, 4, {0, 1}, {0, 0.25, 0.75, 1}},
        {2, 3, {4, 8}, {4, 6, 8}},
        {3, 2, {0, 4, 16}, {1, 13}},
        {4, 2, {1, 2, 4, 8}, {1.5, 6}},
        {4, 1, {1, 2, 4, 8}, {3}},
        {3, 1, {1, 2, 4}, {2}},
        {2, 8, {0, 16}, {0, 0, 2, 6, 10, 14, 16, 16}},
        {1, 5, {7}, {7, 7, 7, 7, 7}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_line(cases[i].in, cases[i].in_length, cases[i].expected, cases[i].out_length, CAM_BILINEAR);
}
END_TEST

START_TEST(bilinear_reproduces_a_ramp_and_repeats_its_ends)
{
    float in[9], out[LONGEST];
    for (size_t k = 0; k < 9; k++)
        in[k] = (float)k;
    for (size_t length = 1; length <= LONGEST; length++) {
        resize_line(out, length, in, 9, CAM_BILINEAR);
        for (size_t i = 0; i < length; i++) {
            const double at = ((double)i + 0.5) * 9.0 / (double)length - 0.5;
            ck_assert_double_eq_tol((double)out[i], fmin(fmax(at, 0.0), 8.0), 1e-5);
        }
    }
}
END_TEST

/* ---- bicubic ---------------------------------------------------------------------------------------------------- */

/* W(0.25) = 225/256, W(0.75) = 67/256, W(1.25) = -27/256, W(1.75) = -9/256, W(0.5) = 19/32, W(1.5) = -3/32. */

START_TEST(bicubic_weights_are_keys_with_minus_three_quarters)
{
    const double unit = 1.0 / 256.0;
    const double quarter[8] = {0, 0, -27 * unit, 225 * unit, 67 * unit, -9 * unit, 0, 0};
    const double three_quarters[8] = {0, -9 * unit, 67 * unit, 225 * unit, -27 * unit, 0, 0, 0};
    const double half[8] = {0, -24 * unit, 152 * unit, 152 * unit, -24 * unit, 0, 0, 0};
    expect_weights(16, 8, CAM_BICUBIC, 7, quarter);        /* at 3.25 */
    expect_weights(16, 8, CAM_BICUBIC, 6, three_quarters); /* at 2.75 */
    expect_weights(4, 8, CAM_BICUBIC, 1, half);            /* at 2.5 */
}
END_TEST

START_TEST(bicubic_beyond_a_border_counts_for_the_border)
{
    const double unit = 1.0 / 256.0;
    const double first[4] = {(-9 + 67 + 225) * unit, -27 * unit, 0, 0}; /* at -0.25 */
    const double last[4] = {0, 0, -27 * unit, (225 + 67 - 9) * unit};   /* at 3.25 */
    const double of_two[2] = {(-27 + 225) * unit, (67 - 9) * unit};     /* at 0.25 */
    expect_weights(8, 4, CAM_BICUBIC, 0, first);
    expect_weights(8, 4, CAM_BICUBIC, 7, last);
    expect_weights(4, 2, CAM_BICUBIC, 1, of_two);
}
END_TEST

START_TEST(bicubic_reads_a_ramp_exactly_only_midway)
{
    /* With a = -3/4 the first moment at a share of 1/4 is (27 + 67 - 18)/256 = 19/64; only a = -1/2 would give 1/4. */
    static const float ramp[8] = {0, 1, 2, 3, 4, 5, 6, 7};
    float out[16];
    resize_line(out, 4, ramp, 8, CAM_BICUBIC);
    ck_assert_double_eq_tol((double)out[1], 2.5, 1e-6);
    ck_assert_double_eq_tol((double)out[2], 4.5, 1e-6);
    resize_line(out, 16, ramp, 8, CAM_BICUBIC);
    ck_assert_double_eq_tol((double)out[7], 3.0 + 19.0 / 64.0, 1e-6);
    ck_assert_double_eq_tol((double)out[6], 3.0 - 19.0 / 64.0, 1e-6);
}
END_TEST

START_TEST(bicubic_overshoots_an_edge)
{
    static const float edge[6] = {0, 0, 0, 1, 1, 1};
    float out[12];
    resize_line(out, 12, edge, 6, CAM_BICUBIC);
    ck_assert_double_eq_tol((double)out[4], -27.0 / 256.0, 1e-6); /* at 1.75: only the tap at 3 is bright */
    ck_assert_double_eq_tol((double)out[7], 283.0 / 256.0, 1e-6); /* at 3.25: only the tap at 2 is dark */
}
END_TEST

/* ---- antialias -------------------------------------------------------------------------------------------------- */

START_TEST(antialias_weights_are_a_triangle_as_wide_as_the_shrinking)
{
    const double halved[2][4] = {{3.0 / 7, 3.0 / 7, 1.0 / 7, 0}, {0, 1.0 / 7, 3.0 / 7, 3.0 / 7}};
    const double inner[8] = {0, 0.125, 0.375, 0.375, 0.125, 0, 0, 0};
    const double to_one[4] = {5.0 / 24, 7.0 / 24, 7.0 / 24, 5.0 / 24};
    expect_weights(2, 4, CAM_ANTIALIAS, 0, halved[0]);
    expect_weights(2, 4, CAM_ANTIALIAS, 1, halved[1]);
    expect_weights(4, 8, CAM_ANTIALIAS, 1, inner);
    expect_weights(1, 4, CAM_ANTIALIAS, 0, to_one);
}
END_TEST

START_TEST(antialias_of_three_to_two_by_hand)
{
    /* scale 1.5, centre 0.75: distances 0.25, 0.75 and 1.75 over 1.5, so 5/6, 1/2 and 0, brought to a sum of 1. */
    const double first[3] = {5.0 / 8, 3.0 / 8, 0}, second[3] = {0, 3.0 / 8, 5.0 / 8};
    expect_weights(2, 3, CAM_ANTIALIAS, 0, first);
    expect_weights(2, 3, CAM_ANTIALIAS, 1, second);
}
END_TEST

START_TEST(antialias_leaves_enlarging_to_bilinear)
{
    for (size_t in_length = 1; in_length <= EVERY_LENGTH; in_length++)
        for (size_t out_length = in_length; out_length <= 2 * EVERY_LENGTH; out_length++) {
            cam_taps wide, plain;
            ck_assert_int_eq(cam_taps_make(&wide, out_length, in_length, CAM_ANTIALIAS), CAMERAS_OK);
            ck_assert_int_eq(cam_taps_make(&plain, out_length, in_length, CAM_BILINEAR), CAMERAS_OK);
            for (size_t i = 0; i < out_length; i++)
                for (size_t k = 0; k < in_length; k++)
                    ck_assert_double_eq_tol(weight_of(&wide, i, k), weight_of(&plain, i, k), 1e-5);
            cam_taps_free(&plain);
            cam_taps_free(&wide);
        }
}
END_TEST

START_TEST(antialias_keeps_the_mean_of_fine_stripes)
{
    float stripes[64], out[8];
    for (size_t k = 0; k < 64; k++)
        stripes[k] = (float)(k % 2);
    resize_line(out, 8, stripes, 64, CAM_ANTIALIAS);
    for (size_t i = 1; i < 7; i++)
        ck_assert_double_eq_tol((double)out[i], 0.5, 1e-6);
}
END_TEST

START_TEST(freed_taps_are_empty_and_may_be_freed_again)
{
    cam_taps taps;
    ck_assert_int_eq(cam_taps_make(&taps, 4, 2, CAM_BILINEAR), CAMERAS_OK);
    cam_taps_free(&taps);
    ck_assert_ptr_null(taps.first);
    ck_assert_ptr_null(taps.weights);
    cam_taps_free(&taps);
}
END_TEST

static Suite *resize_suite(void)
{
    Suite *suite = suite_create("resize");
    TCase *all = tcase_create("every filter"), *bilinear = tcase_create("bilinear");
    TCase *bicubic = tcase_create("bicubic"), *antialias = tcase_create("antialias");
    tcase_set_timeout(all, 120);
    tcase_add_loop_test(all, any_sizes_agree_with_the_formulas_in_double_precision, 0, FILTERS);
    tcase_add_loop_test(all, a_feature_map_enlarged_to_the_base_image_agrees_with_the_formulas, 0, FILTERS);
    tcase_add_test(all, strip_of_one_pixel_by_many_agrees_with_the_formulas);
    tcase_add_test(all, strip_is_resized_without_its_length_times_the_width_of_the_result);
    tcase_add_loop_test(all, equal_size_is_an_exact_copy, 0, FILTERS);
    tcase_add_loop_test(all, weights_of_every_output_sum_to_one, 0, FILTERS);
    tcase_add_loop_test(all, windows_lie_inside_the_source, 0, FILTERS);
    tcase_add_loop_test(all, a_single_pixel_fills_any_size, 0, FILTERS);
    tcase_add_loop_test(all, a_constant_stays_a_constant, 0, FILTERS);
    tcase_add_loop_test(all, rows_from_a_source_give_what_the_plane_gives, 0, FILTERS);
    tcase_add_test(all, columns_and_rows_are_not_confused);
    tcase_add_test(all, freed_taps_are_empty_and_may_be_freed_again);
    tcase_add_test(bilinear, bilinear_follows_half_pixel_centres);
    tcase_add_test(bilinear, bilinear_reproduces_a_ramp_and_repeats_its_ends);
    tcase_add_test(bicubic, bicubic_weights_are_keys_with_minus_three_quarters);
    tcase_add_test(bicubic, bicubic_beyond_a_border_counts_for_the_border);
    tcase_add_test(bicubic, bicubic_reads_a_ramp_exactly_only_midway);
    tcase_add_test(bicubic, bicubic_overshoots_an_edge);
    tcase_add_test(antialias, antialias_weights_are_a_triangle_as_wide_as_the_shrinking);
    tcase_add_test(antialias, antialias_of_three_to_two_by_hand);
    tcase_add_test(antialias, antialias_leaves_enlarging_to_bilinear);
    tcase_add_test(antialias, antialias_keeps_the_mean_of_fine_stripes);
    suite_add_tcase(suite, all);
    suite_add_tcase(suite, bilinear);
    suite_add_tcase(suite, bicubic);
    suite_add_tcase(suite, antialias);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(resize_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
