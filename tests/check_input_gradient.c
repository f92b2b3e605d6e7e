/*
 * check_input_gradient.c - the gradient of the cross entropy with respect to the input, against small differences of
 * the networks in plain C
 *
 * SPDX-License-Identifier: MIT
 */
#include "shim.h"
#include "volumes.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    HEIGHT = 20,
    WIDTH = 28,
    PIXELS = 3 * HEIGHT * WIDTH,
    EVERY = 13
};

static volume input, base, layer;
static float gradient[PIXELS];

typedef struct answer {
    cameras_status status;
    float *logits;
    size_t classes;
} answer;

static answer ask(network which, const char *at, size_t target)
{
    answer said = {CAMERAS_OK, NULL, 0};
    shim_model *model = NULL;
    shim_cut *cut = NULL;
    ck_assert_int_eq(shim_model_open(&model, network_file(which)), CAMERAS_OK);
    ck_assert_int_eq(shim_cut_open(&cut, model, &at, at ? 1 : 0, CAMERAS_PRECISION_FP32), CAMERAS_OK);
    memset(gradient, 0xff, sizeof gradient);
    said.status = shim_input_gradient(&said.logits, &said.classes, gradient, cut, NULL, as_floats(&input), 3, HEIGHT,
                                      WIDTH, target, 1);
    shim_cut_close(cut);
    shim_model_close(model);
    return said;
}

/* ---- the same in double precision ------------------------------------------------------------------------------- */

static void plain_logits(double *logits, network which)
{
    static volume shown;
    shown = input;
    for (size_t i = 0; which == NETWORK_WRITES_INPUT && i < volume_count(&shown); i++)
        shown.at[i] -= 0.5;
    begin(&base, &shown);
    run_conv(&layer, &base);
    if (which == NETWORK_RECTIFIED || which == NETWORK_IN_PLACE || which == NETWORK_DOUBLE)
        rectify(&layer);
    for (size_t i = 0; i < NETWORK_CLASSES; i++)
        logits[i] = pooled_logit(&layer, i);
}

static double cross_entropy(network which, size_t target)
{
    double logits[NETWORK_CLASSES], sum = 0.0;
    plain_logits(logits, which);
    for (size_t i = 0; i < NETWORK_CLASSES; i++)
        sum += exp(logits[i]);
    return log(sum) - logits[target];
}

static double small_difference(network which, size_t target, size_t index)
{
    static const double step = 1e-6;
    const double kept = input.at[index];
    input.at[index] = kept + step;
    const double above = cross_entropy(which, target);
    input.at[index] = kept - step;
    const double below = cross_entropy(which, target);
    input.at[index] = kept;
    return (above - below) / (2.0 * step);
}

static void expect_small_differences(network which, size_t target)
{
    for (size_t i = 0; i < PIXELS; i += EVERY) {
        const double expected = small_difference(which, target, i);
        ck_assert_double_eq_tol((double)gradient[i], expected, 1e-8 + 1e-4 * fabs(expected));
    }
}

static void set_up(void)
{
    make_input(&input, HEIGHT, WIDTH, 0.0);
}

/* ---- tests ------------------------------------------------------------------------------------------------------ */

static const network known[] = {NETWORK_PLAIN,  NETWORK_RECTIFIED,    NETWORK_IN_PLACE, NETWORK_TUPLE,
                                NETWORK_DOUBLE, NETWORK_WRITES_INPUT, NETWORK_TRAINING};

START_TEST(gradient_is_that_of_small_differences)
{
    for (size_t target = 0; target < NETWORK_CLASSES; target += 2) {
        answer said = ask(known[_i], NULL, target);
        ck_assert_msg(said.status == CAMERAS_OK, "%s", cameras_last_error());
        expect_small_differences(known[_i], target);
        free(said.logits);
    }
}
END_TEST

START_TEST(logits_are_those_of_the_input)
{
    double expected[NETWORK_CLASSES];
    answer said = ask(NETWORK_RECTIFIED, NULL, 1);
    plain_logits(expected, NETWORK_RECTIFIED);
    ck_assert_uint_eq(said.classes, NETWORK_CLASSES);
    for (size_t i = 0; i < NETWORK_CLASSES; i++)
        ck_assert_double_eq_tol((double)said.logits[i], expected[i], 1e-5);
    free(said.logits);
}
END_TEST

START_TEST(a_cut_at_a_layer_has_the_same_gradient)
{
    answer said = ask(NETWORK_PLAIN, "conv", 3);
    ck_assert_int_eq(said.status, CAMERAS_OK);
    expect_small_differences(NETWORK_PLAIN, 3);
    free(said.logits);
}
END_TEST

/* Cut where the head views, or is passed in a list, what the trunk made; uncut, all of it is trunk. */
START_TEST(a_cut_does_not_change_what_aliases)
{
    static const network aliasing[] = {NETWORK_VIEW, NETWORK_STRIDED, NETWORK_HEAD_VIEW, NETWORK_PASSES_LIST};
    static float whole[PIXELS];
    answer said = ask(aliasing[_i], NULL, 2);
    ck_assert_msg(said.status == CAMERAS_OK, "%s", cameras_last_error());
    free(said.logits);
    memcpy(whole, gradient, sizeof whole);
    said = ask(aliasing[_i], "conv", 2);
    ck_assert_msg(said.status == CAMERAS_OK, "%s", cameras_last_error());
    free(said.logits);
    for (size_t i = 0; i < PIXELS; i++)
        ck_assert_float_eq_tol(gradient[i], whole[i], 1e-7f);
}
END_TEST

START_TEST(class_beyond_the_last_is_refused)
{
    answer said = ask(NETWORK_PLAIN, NULL, NETWORK_CLASSES);
    ck_assert_int_eq(said.status, CAMERAS_ECLASS);
    ck_assert_ptr_null(said.logits);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "no class 5"));
}
END_TEST

START_TEST(network_without_a_gradient_is_refused)
{
    answer said = ask(NETWORK_STEPS, NULL, 0);
    ck_assert_int_eq(said.status, CAMERAS_EMODEL);
    ck_assert_ptr_null(said.logits);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "differentiabl"));
}
END_TEST

static Suite *gradient_suite(void)
{
    Suite *suite = suite_create("input gradient");
    TCase *cases = tcase_create("input gradient");
    tcase_add_checked_fixture(cases, set_up, NULL);
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, gradient_is_that_of_small_differences, 0, sizeof known / sizeof *known);
    tcase_add_test(cases, logits_are_those_of_the_input);
    tcase_add_test(cases, a_cut_at_a_layer_has_the_same_gradient);
    tcase_add_loop_test(cases, a_cut_does_not_change_what_aliases, 0, 4);
    tcase_add_test(cases, class_beyond_the_last_is_refused);
    tcase_add_test(cases, network_without_a_gradient_is_refused);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(gradient_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
