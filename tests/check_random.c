/*
 * check_random.c - chance: the published sequence, and what its numbers owe to the distributions they are of
 *
 * SPDX-License-Identifier: MIT
 *
 * Bounds are at least five standard deviations wide, and the sequences are fixed: what passes once passes always.
 */
#include "random.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

enum {
    DRAWS = 100000,
    BINS = 64
};

/* The first outputs of SplitMix64 as its authors' C program gives them. */
static const struct {
    uint64_t seed, bits[3];
} published[] = {
    {0, {0xe220a8397b1dcdafu, 0x6e789e6aa1b965f4u, 0x06c45d188009454fu}},
    {1234567, {6457827717110365317u, 3203168211198807973u, 9817491932198370423u}},
};

START_TEST(stream_zero_is_splitmix64_as_published)
{
    cam_random chance = cam_random_begin(published[_i].seed, 0);
    for (size_t i = 0; i < 3; i++)
        ck_assert_uint_eq(cam_random_bits(&chance), published[_i].bits[i]);
}
END_TEST

START_TEST(equal_seeds_give_equal_numbers_and_others_do_not)
{
    size_t equal = 0;
    cam_random one = cam_random_begin(7, 3), same = one, seed = cam_random_begin(8, 3), stream = cam_random_begin(7, 4);
    for (size_t i = 0; i < 1000; i++) {
        const uint64_t bits = cam_random_bits(&one);
        ck_assert_uint_eq(cam_random_bits(&same), bits);
        equal += cam_random_bits(&seed) == bits;
        equal += cam_random_bits(&stream) == bits;
    }
    ck_assert_uint_eq(equal, 0);
}
END_TEST

START_TEST(uniform_numbers_fill_the_unit_interval_evenly)
{
    size_t counts[BINS] = {0};
    double sum = 0.0, squares = 0.0, chi = 0.0;
    cam_random chance = cam_random_begin((uint64_t)_i, 0);
    for (size_t i = 0; i < DRAWS; i++) {
        const double value = cam_random_uniform(&chance);
        ck_assert_double_ge(value, 0.0);
        ck_assert_double_lt(value, 1.0);
        counts[(size_t)(value * BINS)]++;
        sum += value;
        squares += value * value;
    }
    for (size_t i = 0; i < BINS; i++)
        chi += pow((double)counts[i] - (double)DRAWS / BINS, 2.0) / ((double)DRAWS / BINS);
    ck_assert_double_eq_tol(sum / DRAWS, 0.5, 5.0 / sqrt(12.0 * DRAWS));
    ck_assert_double_eq_tol(squares / DRAWS, 1.0 / 3.0, 5.0 * sqrt(4.0 / 45.0 / DRAWS));
    /* Chi square of 63 degrees: mean 63, deviation 11.2; too even is as suspect as too uneven. */
    ck_assert_double_gt(chi, 63.0 - 5.0 * sqrt(126.0));
    ck_assert_double_lt(chi, 63.0 + 5.0 * sqrt(126.0));
}
END_TEST

START_TEST(normal_numbers_have_the_moments_and_the_tails_of_a_normal_distribution)
{
    double moments[4] = {0.0};
    size_t within[3] = {0};
    cam_random chance = cam_random_begin((uint64_t)_i, 0);
    for (size_t i = 0; i < DRAWS; i++) {
        const double value = cam_random_normal(&chance);
        ck_assert(isfinite(value));
        for (int power = 1; power <= 4; power++)
            moments[power - 1] += pow(value, power) / DRAWS;
        for (size_t k = 0; k < 3; k++)
            within[k] += fabs(value) < (double)(k + 1);
    }
    /* Deviations of the moments' estimates, times the square root of the draws: 1, 1.41, 3.87, 9.80. */
    ck_assert_double_eq_tol(moments[0], 0.0, 5.0 * 1.0 / sqrt(DRAWS));
    ck_assert_double_eq_tol(moments[1], 1.0, 5.0 * 1.4142 / sqrt(DRAWS));
    ck_assert_double_eq_tol(moments[2], 0.0, 5.0 * 3.873 / sqrt(DRAWS));
    ck_assert_double_eq_tol(moments[3], 3.0, 5.0 * 9.798 / sqrt(DRAWS));
    for (size_t k = 0; k < 3; k++) {
        const double share = erf((double)(k + 1) / sqrt(2.0));
        ck_assert_double_eq_tol((double)within[k] / DRAWS, share, 5.0 * sqrt(share * (1.0 - share) / DRAWS));
    }
}
END_TEST

/* A seed that makes the first uniform number 0 would be log(0) in the other reading of Box and Muller. */
START_TEST(normal_numbers_are_finite_at_the_ends_of_the_interval)
{
    const uint64_t golden = 0x9e3779b97f4a7c15u;
    cam_random zero = cam_random_begin(0 - golden, 0); /* its first number is mix(0), which is 0 */
    ck_assert_double_eq(cam_random_uniform(&(cam_random){zero.state}), 0.0);
    ck_assert(isfinite(cam_random_normal(&zero)));
}
END_TEST

static Suite *random_suite(void)
{
    Suite *suite = suite_create("random");
    TCase *cases = tcase_create("random");
    tcase_add_loop_test(cases, stream_zero_is_splitmix64_as_published, 0, 2);
    tcase_add_test(cases, equal_seeds_give_equal_numbers_and_others_do_not);
    tcase_add_loop_test(cases, uniform_numbers_fill_the_unit_interval_evenly, 0, 4);
    tcase_add_loop_test(cases, normal_numbers_have_the_moments_and_the_tails_of_a_normal_distribution, 0, 4);
    tcase_add_test(cases, normal_numbers_are_finite_at_the_ends_of_the_interval);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(random_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
