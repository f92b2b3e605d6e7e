/*
 * check_similarity.c - comparing maps, against arithmetic and against the definitions read plainly
 *
 * SPDX-License-Identifier: MIT
 */
#include "map.h"
#include "similarity.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 17,
    HEIGHT = 13,
    AREA = WIDTH * HEIGHT
};

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static cameras_map *map_of(size_t width, size_t height, const float *values)
{
    cameras_map *map;
    ck_assert_int_eq(cam_map_new(&map, (cam_size){width, height}, "layer4", 1), CAMERAS_OK);
    memcpy(map->values, values, width * height * sizeof *values);
    return map;
}

typedef cameras_status (*measure)(double *out, const cameras_map *a, const cameras_map *b);

static double value_of(measure call, size_t width, size_t height, const float *a, const float *b)
{
    cameras_map *first = map_of(width, height, a), *second = map_of(width, height, b);
    double value = NAN;
    ck_assert_msg(call(&value, first, second) == CAMERAS_OK, "%s", cameras_last_error());
    cameras_map_free(second);
    cameras_map_free(first);
    return value;
}

static double overlap_of(size_t count, const float *a, const float *b, double share)
{
    cameras_map *first = map_of(count, 1, a), *second = map_of(count, 1, b);
    double value = NAN;
    ck_assert_msg(cameras_map_overlap(&value, first, second, share) == CAMERAS_OK, "%s", cameras_last_error());
    cameras_map_free(second);
    cameras_map_free(first);
    return value;
}

/* Noise in [0, 1], of so many levels. */
static void fill_noise(float *values, size_t count, unsigned seed, unsigned levels)
{
    for (size_t i = 0; i < count; i++) {
        seed = seed * 1664525u + 1013904223u;
        values[i] = (float)((seed >> 8) % levels) / (float)(levels - 1);
    }
}

/* ---- Spearman --------------------------------------------------------------------------------------------------- */

START_TEST(spearman_sees_order_only)
{
    const float rising[] = {0.0f, 0.1f, 0.2f, 0.9f, 1.0f}, curved[] = {0.0f, 0.5f, 0.51f, 0.52f, 0.53f};
    const float falling[] = {1.0f, 0.4f, 0.3f, 0.2f, 0.0f};
    ck_assert_double_eq_tol(value_of(cameras_map_spearman, 5, 1, rising, curved), 1.0, 1e-15);
    ck_assert_double_eq_tol(value_of(cameras_map_spearman, 5, 1, rising, falling), -1.0, 1e-15);
}
END_TEST

START_TEST(spearman_without_ties_is_the_short_formula)
{
    /* Squared differences of the ranks: 1 + 1 + 4 + 4 = 10; 1 - 6 * 10 / (4 * 15). */
    const float a[] = {0.1f, 0.2f, 0.3f, 0.4f}, b[] = {0.2f, 0.1f, 0.9f, 0.3f}, c[] = {0.2f, 0.3f, 0.4f, 0.1f};
    ck_assert_double_eq_tol(value_of(cameras_map_spearman, 4, 1, a, b), 1.0 - 6.0 * 4.0 / 60.0, 1e-15);
    ck_assert_double_eq_tol(value_of(cameras_map_spearman, 4, 1, a, c), 1.0 - 6.0 * 12.0 / 60.0, 1e-15);
}
END_TEST

START_TEST(equal_values_share_their_mean_rank)
{
    /* Ranks 1, 2.5, 2.5, 4 and 1, 2, 3, 4: 4.5 / sqrt(4.5 * 5). */
    const float a[] = {0.0f, 0.5f, 0.5f, 1.0f}, b[] = {0.0f, 0.2f, 0.4f, 0.6f};
    ck_assert_double_eq_tol(value_of(cameras_map_spearman, 2, 2, a, b), 4.5 / sqrt(22.5), 1e-15);
    ck_assert_double_eq_tol(value_of(cameras_map_spearman, 2, 2, a, a), 1.0, 1e-15);
}
END_TEST

/* The rank of a value, counted: how many are less, and half of the others that equal it. */
static double counted_rank(const float *values, float value)
{
    double rank = -0.5;
    for (size_t i = 0; i < AREA; i++)
        rank += values[i] < value ? 1.0 : values[i] == value ? 0.5 : 0.0;
    return rank;
}

START_TEST(spearman_with_many_ties_is_the_correlation_of_counted_ranks)
{
    float a[AREA], b[AREA];
    double ab = 0.0, aa = 0.0, bb = 0.0;
    fill_noise(a, AREA, 1, 7);
    fill_noise(b, AREA, 2, 5);
    for (size_t i = 0; i < AREA; i++) {
        const double ra = counted_rank(a, a[i]) - 0.5 * (AREA - 1), rb = counted_rank(b, b[i]) - 0.5 * (AREA - 1);
        ab += ra * rb;
        aa += ra * ra;
        bb += rb * rb;
    }
    ck_assert_double_eq_tol(value_of(cameras_map_spearman, WIDTH, HEIGHT, a, b), ab / sqrt(aa * bb), 1e-12);
}
END_TEST

START_TEST(spearman_of_a_constant_is_refused)
{
    const float flat[] = {0.5f, 0.5f, 0.5f}, rising[] = {0.0f, 0.5f, 1.0f};
    cameras_map *a = map_of(3, 1, flat), *b = map_of(3, 1, rising);
    double value = 7.0;
    ck_assert_int_eq(cameras_map_spearman(&value, a, b), CAMERAS_EFLAT);
    ck_assert_int_eq(cameras_map_spearman(&value, b, a), CAMERAS_EFLAT);
    ck_assert_int_eq(cameras_map_spearman(&value, a, a), CAMERAS_EFLAT);
    ck_assert_double_eq(value, 0.0);
    cameras_map_free(b);
    cameras_map_free(a);
}
END_TEST

START_TEST(negative_zero_ties_with_zero)
{
    const float a[] = {-0.0f, 0.0f, 1.0f}, b[] = {0.0f, -0.0f, 1.0f};
    ck_assert_double_eq_tol(value_of(cameras_map_spearman, 3, 1, a, b), 1.0, 1e-15);
}
END_TEST

/* ---- structural similarity -------------------------------------------------------------------------------------- */

START_TEST(a_map_is_like_itself)
{
    float a[AREA];
    fill_noise(a, AREA, 3, 1000);
    ck_assert_double_eq_tol(value_of(cameras_map_ssim, WIDTH, HEIGHT, a, a), 1.0, 1e-12);
}
END_TEST

START_TEST(ssim_of_constants_compares_their_lightness)
{
    float a[AREA], b[AREA];
    for (size_t i = 0; i < AREA; i++) {
        a[i] = 0.25f;
        b[i] = 0.75f;
    }
    const double expected = (2.0 * 0.25 * 0.75 + 1e-4) / (0.25 * 0.25 + 0.75 * 0.75 + 1e-4);
    ck_assert_double_eq_tol(value_of(cameras_map_ssim, WIDTH, HEIGHT, a, b), expected, 1e-12);
}
END_TEST

static double gaussian(size_t x, size_t y)
{
    const double dx = (double)x - 5.0, dy = (double)y - 5.0;
    return exp(-(dx * dx + dy * dy) / 4.5);
}

/* Two passes, means before variances, over one window in two dimensions: as the paper has it. */
static double plain_window(const float *a, const float *b)
{
    double sum = 0.0, ma = 0.0, mb = 0.0, va = 0.0, vb = 0.0, vab = 0.0;
    for (size_t y = 0; y < 11; y++)
        for (size_t x = 0; x < 11; x++) {
            sum += gaussian(x, y);
            ma += gaussian(x, y) * (double)a[y * WIDTH + x];
            mb += gaussian(x, y) * (double)b[y * WIDTH + x];
        }
    ma /= sum;
    mb /= sum;
    for (size_t y = 0; y < 11; y++)
        for (size_t x = 0; x < 11; x++) {
            const double da = (double)a[y * WIDTH + x] - ma, db = (double)b[y * WIDTH + x] - mb;
            va += gaussian(x, y) / sum * da * da;
            vb += gaussian(x, y) / sum * db * db;
            vab += gaussian(x, y) / sum * da * db;
        }
    return (2 * ma * mb + 1e-4) * (2 * vab + 9e-4) / ((ma * ma + mb * mb + 1e-4) * (va + vb + 9e-4));
}

START_TEST(ssim_is_the_mean_over_whole_windows)
{
    float a[AREA], b[AREA];
    double sum = 0.0;
    fill_noise(a, AREA, 4, 1000);
    fill_noise(b, AREA, 5, 1000);
    for (size_t i = 0; i < AREA; i++)
        b[i] = 0.5f * (a[i] + b[i]);
    for (size_t y = 0; y < HEIGHT - 10; y++)
        for (size_t x = 0; x < WIDTH - 10; x++)
            sum += plain_window(a + y * WIDTH + x, b + y * WIDTH + x);
    ck_assert_double_eq_tol(value_of(cameras_map_ssim, WIDTH, HEIGHT, a, b), sum / ((HEIGHT - 10) * (WIDTH - 10)),
                            1e-10);
}
END_TEST

START_TEST(ssim_needs_a_whole_window)
{
    float a[AREA] = {0.0f};
    cameras_map *narrow = map_of(10, 11, a), *low = map_of(11, 10, a), *just = map_of(11, 11, a);
    double value = 7.0;
    ck_assert_int_eq(cameras_map_ssim(&value, narrow, narrow), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_map_ssim(&value, low, low), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_map_ssim(&value, just, just), CAMERAS_OK);
    ck_assert_double_eq_tol(value, 1.0, 1e-15);
    cameras_map_free(just);
    cameras_map_free(low);
    cameras_map_free(narrow);
}
END_TEST

/* ---- overlap ---------------------------------------------------------------------------------------------------- */

START_TEST(overlap_counts_what_both_have)
{
    const float a[] = {0.0f, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.8f, 0.9f};
    const float b[] = {0.95f, 0.1f, 0.2f, 0.3f, 0.4f, 0.5f, 0.6f, 0.7f, 0.0f, 0.9f};
    ck_assert_double_eq(overlap_of(10, a, a, 0.2), 1.0);
    ck_assert_double_eq(overlap_of(10, a, b, 0.2), 0.5); /* 8 and 9 against 0 and 9 */
    ck_assert_double_eq(overlap_of(10, a, b, 0.1), 0.0);
    ck_assert_double_eq(overlap_of(10, a, b, 0.01), 0.0); /* at least one pixel */
    ck_assert_double_eq_tol(overlap_of(10, a, b, 0.4), 0.75, 1e-15);
}
END_TEST

START_TEST(ties_at_the_edge_share_the_places_left)
{
    /* Two places: in a one is sure and three share the other; in b all four that are not 0 share both. */
    const float a[] = {1.0f, 0.5f, 0.5f, 0.5f, 0.0f}, b[] = {1.0f, 1.0f, 1.0f, 1.0f, 0.0f};
    ck_assert_double_eq_tol(overlap_of(5, a, a, 0.4), 1.0, 1e-12);
    ck_assert_double_eq_tol(overlap_of(5, b, b, 0.4), 1.0, 1e-12);
    ck_assert_double_eq_tol(overlap_of(5, a, b, 0.4), (0.5 + 3.0 / 3.0) / 2.0, 1e-12);
    const float mirrored[] = {0.0f, 0.5f, 0.5f, 0.5f, 1.0f}, other[] = {0.0f, 1.0f, 1.0f, 1.0f, 1.0f};
    ck_assert_double_eq_tol(overlap_of(5, mirrored, other, 0.4), (0.5 + 3.0 / 3.0) / 2.0, 1e-12);
}
END_TEST

START_TEST(the_background_is_nobodys_greatest)
{
    const float a[] = {1.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f};
    const float b[] = {0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 0.0f, 1.0f};
    const float flat[] = {0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f, 0.5f};
    ck_assert_double_eq(overlap_of(8, a, b, 0.5), 0.0);
    ck_assert_double_eq(overlap_of(8, a, a, 0.5), 1.0);
    ck_assert_double_eq(overlap_of(8, a, flat, 0.5), 0.0);
    ck_assert_double_eq(overlap_of(8, flat, flat, 0.5), 0.0);
}
END_TEST

/* ---- refusals --------------------------------------------------------------------------------------------------- */

START_TEST(bad_pairs_are_refused)
{
    static const measure measures[] = {cameras_map_spearman, cameras_map_ssim};
    float a[AREA] = {0.0f};
    cameras_map *wide = map_of(WIDTH, HEIGHT, a), *high = map_of(HEIGHT, WIDTH, a);
    double value = 0.0;
    for (size_t i = 0; i < sizeof measures / sizeof *measures; i++) {
        ck_assert_int_eq(measures[i](NULL, wide, wide), CAMERAS_EINVAL);
        ck_assert_int_eq(measures[i](&value, NULL, wide), CAMERAS_EINVAL);
        ck_assert_int_eq(measures[i](&value, wide, NULL), CAMERAS_EINVAL);
        ck_assert_int_eq(measures[i](&value, wide, high), CAMERAS_EINVAL);
        ck_assert_ptr_nonnull(strstr(cameras_last_error(), "17 x 13 and 13 x 17"));
    }
    ck_assert_int_eq(cameras_map_overlap(&value, wide, high, 0.05), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_map_overlap(NULL, wide, wide, 0.05), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_map_overlap(&value, wide, wide, 0.0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_map_overlap(&value, wide, wide, 1.01), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_map_overlap(&value, wide, wide, NAN), CAMERAS_EINVAL);
    cameras_map_free(high);
    cameras_map_free(wide);
}
END_TEST

static TCase *similarity_case(void)
{
    TCase *cases = tcase_create("similarity");
    tcase_add_test(cases, spearman_sees_order_only);
    tcase_add_test(cases, spearman_without_ties_is_the_short_formula);
    tcase_add_test(cases, equal_values_share_their_mean_rank);
    tcase_add_test(cases, spearman_with_many_ties_is_the_correlation_of_counted_ranks);
    tcase_add_test(cases, spearman_of_a_constant_is_refused);
    tcase_add_test(cases, negative_zero_ties_with_zero);
    tcase_add_test(cases, a_map_is_like_itself);
    tcase_add_test(cases, ssim_of_constants_compares_their_lightness);
    tcase_add_test(cases, ssim_is_the_mean_over_whole_windows);
    tcase_add_test(cases, ssim_needs_a_whole_window);
    tcase_add_test(cases, overlap_counts_what_both_have);
    tcase_add_test(cases, ties_at_the_edge_share_the_places_left);
    tcase_add_test(cases, the_background_is_nobodys_greatest);
    tcase_add_test(cases, bad_pairs_are_refused);
    return cases;
}

int main(void)
{
    Suite *suite = suite_create("similarity");
    suite_add_tcase(suite, similarity_case());
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
