/*
 * check_bfloat.c - a trunk in bfloat16: how far it may stray, what stays in single precision, what cannot be reduced
 *
 * SPDX-License-Identifier: MIT
 *
 * A bfloat16 has 8 bits of significand, so rounding to it changes a number by 2^-8 of it at most.
 */
#include "inside.h"
#include "model.h"
#include "processor.h"
#include "runs.h"
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 40,
    HEIGHT = 32
};

static const double rounding = 1.0 / 256.0;

static volume input, base, base_errors, layer, layer_errors, other;

/* Rounding what a convolution gives, after as much error of its own. */
static void round_off(volume *errors, const volume *exact)
{
    for (size_t i = 0; i < volume_count(exact); i++)
        errors->at[i] += rounding * (fabs(exact->at[i]) + errors->at[i]);
}

/* Both layers in double, and how far bfloat16 may be from that: input, weights and results are rounded. */
static void set_up(void)
{
    make_input(&input, HEIGHT, WIDTH, 0.0);
    convolve(&base, &input, STEM_WEIGHT, STEM_BIAS, 2);
    memset(other.at, 0, sizeof other.at);
    other.channels = input.channels;
    other.height = input.height;
    other.width = input.width;
    convolve_errors(&base_errors, &input, &other, STEM_WEIGHT, STEM_BIAS, 2, 2.01 * rounding);
    round_off(&base_errors, &base);
    rectify(&base);
    run_conv(&layer, &base);
    convolve_errors(&layer_errors, &base, &base_errors, CONV_WEIGHT, CONV_BIAS, 1, 1.01 * rounding);
    round_off(&layer_errors, &layer);
}

static void tear_down(void)
{
    cam_processor_pretend(CAM_BF16_UNKNOWN);
}

static void run_bfloat(run *out, network which)
{
    run_layer_in(out, which, "conv", CAMERAS_PRECISION_BF16, &input);
}

/* A number with no more bits than a bfloat16 has. */
static int is_bfloat(float value)
{
    uint32_t bits;
    memcpy(&bits, &value, sizeof bits);
    return (bits & 0xffffu) == 0;
}

/* What the head makes of the layer is in single precision: it follows from what was recorded of it. */
static void recorded_layer(volume *out, const run *done)
{
    const shim_array found = shim_pass_activation(done->pass, 0);
    out->channels = found.channels;
    out->height = found.height;
    out->width = found.width;
    for (size_t i = 0; i < volume_count(out); i++)
        out->at[i] = (double)found.data[i];
}

/* ---- how close -------------------------------------------------------------------------------------------------- */

START_TEST(activations_are_bfloats_within_the_rounding_of_exact_ones)
{
    run done;
    size_t strayed = 0;
    run_bfloat(&done, NETWORK_PLAIN);
    const shim_array found = shim_pass_activation(done.pass, 0);
    ck_assert_uint_eq(found.channels * found.height * found.width, volume_count(&layer));
    for (size_t i = 0; i < volume_count(&layer); i++) {
        ck_assert_msg(is_bfloat(found.data[i]), "%.9g", (double)found.data[i]);
        ck_assert_double_eq_tol((double)found.data[i], layer.at[i], layer_errors.at[i]);
        strayed += fabs((double)found.data[i] - layer.at[i]) > 1e-4;
    }
    ck_assert_uint_gt(strayed, volume_count(&layer) / 2);
    run_end(&done);
}
END_TEST

START_TEST(single_precision_is_not_reduced)
{
    run done;
    size_t bfloats = 0;
    run_layer(&done, NETWORK_PLAIN, "conv", &input);
    const shim_array found = shim_pass_activation(done.pass, 0);
    expect_values(found, &layer);
    for (size_t i = 0; i < volume_count(&layer); i++)
        bfloats += (size_t)is_bfloat(found.data[i]);
    ck_assert_uint_lt(bfloats, volume_count(&layer) / 100);
    run_end(&done);
}
END_TEST

static const struct {
    network which;
    void (*normalise)(volume *in_place);
} norms[] = {
    {NETWORK_BATCH_NORM, batch_normalise},
    {NETWORK_LAYER_NORM, layer_normalise},
    {NETWORK_GROUP_NORM, group_normalise},
};

/* The root of the mean of the squares. */
static double magnitude(const volume *of)
{
    double squares = 0.0;
    for (size_t i = 0; i < volume_count(of); i++)
        squares += of->at[i] * of->at[i];
    return sqrt(squares / (double)volume_count(of));
}

START_TEST(norms_among_bfloats_stray_no_further_than_a_few_roundings)
{
    run done;
    norms[_i].normalise(&base);
    run_conv(&layer, &base);
    run_bfloat(&done, norms[_i].which);
    recorded_layer(&other, &done);
    expect_logits(&done, &other);
    for (size_t i = 0; i < volume_count(&layer); i++) {
        ck_assert(is_bfloat((float)other.at[i]));
        other.at[i] -= layer.at[i];
    }
    ck_assert_double_le(magnitude(&other), 2.0 * rounding * magnitude(&layer));
    run_end(&done);
}
END_TEST

START_TEST(trunk_in_bfloats_may_have_its_channels_first)
{
    run viewed, straight;
    run_bfloat(&viewed, NETWORK_VIEW);
    run_bfloat(&straight, NETWORK_PLAIN);
    ck_assert_int_eq(inside_channels_last(viewed.cut), 0);
    ck_assert_int_eq(inside_channels_last(straight.cut), 1);
    recorded_layer(&other, &viewed);
    for (size_t i = 0; i < volume_count(&layer); i++) {
        ck_assert(is_bfloat((float)other.at[i]));
        ck_assert_double_eq_tol(other.at[i], layer.at[i], layer_errors.at[i]);
    }
    run_again(&viewed, &input);
    expect_logits(&viewed, &other);
    run_end(&straight);
    run_end(&viewed);
}
END_TEST

/* ---- what stays in single precision ----------------------------------------------------------------------------- */

START_TEST(logits_are_those_of_the_recorded_layer_in_single_precision)
{
    static const network kinds[] = {NETWORK_PLAIN, NETWORK_LIST, NETWORK_POOL_ADAPTIVE, NETWORK_HEAD_VIEW};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        run done;
        run_bfloat(&done, kinds[i]);
        recorded_layer(&other, &done);
        expect_logits(&done, &other);
        run_end(&done);
    }
}
END_TEST

START_TEST(gradients_that_do_not_hang_on_the_input_are_those_of_single_precision)
{
    run reduced, single;
    run_bfloat(&reduced, NETWORK_PLAIN);
    run_layer(&single, NETWORK_PLAIN, "conv", &input);
    for (size_t c = 0; c < NETWORK_CLASSES; c++) {
        const shim_array found = gradient_of(&reduced, 0, c), expected = gradient_of(&single, 0, c);
        ck_assert_uint_eq(found.height * found.width, expected.height * expected.width);
        ck_assert_mem_eq(found.data, expected.data, found.channels * found.height * found.width * sizeof *found.data);
    }
    expect_pooling_gradient(&reduced, &layer, NULL);
    run_end(&single);
    run_end(&reduced);
}
END_TEST

START_TEST(gradient_before_a_relu_follows_the_recorded_layer)
{
    run done;
    run_bfloat(&done, NETWORK_RECTIFIED);
    recorded_layer(&other, &done);
    expect_pooling_gradient(&done, &other, &other);
    rectify(&other);
    expect_logits(&done, &other);
    run_end(&done);
}
END_TEST

START_TEST(list_of_bfloats_reaches_the_head_as_floats)
{
    run done;
    size_t count = 0;
    run_bfloat(&done, NETWORK_PASSES_LIST);
    recorded_layer(&other, &done);
    expect_pooling_gradient(&done, &layer, NULL);
    for (size_t c = 0; c < NETWORK_CLASSES; c++)
        ck_assert_double_eq_tol((double)shim_pass_logits(&count, done.pass)[c],
                                pooled_logit(&base, c) + pooled_logit(&other, c), rounding * magnitude(&base));
    run_end(&done);
}
END_TEST

/* ---- what cannot be reduced ------------------------------------------------------------------------------------- */

static const struct {
    network which;
    cameras_status status;
    const char *reason;
} refused[] = {
    {NETWORK_WRITES_PASSED, CAMERAS_ELAYER, "must stay in single precision; use fp32"},
    {NETWORK_SINGLE_ONLY, CAMERAS_EMODEL, "BFloat16"},
};

START_TEST(network_that_cannot_be_reduced_is_refused_and_says_why)
{
    run done;
    const char *const conv = "conv";
    ck_assert_int_eq(try_run(&done, refused[_i].which, &conv, 1, CAMERAS_PRECISION_BF16, &input), refused[_i].status);
    expect_sentence(refused[_i].reason);
    ck_assert_ptr_null(done.pass);
    run_end(&done);
}
END_TEST

static cameras_map *explain_in(scene *made, cameras_precision precision)
{
    static const size_t sides[] = {HEIGHT, 44};
    scene_set_scales(made, sides, 2);
    expect_ok(cameras_options_set_precision(made->options, precision));
    return scene_explain(made);
}

START_TEST(auto_explains_in_single_precision_what_cannot_be_reduced)
{
    scene made;
    cam_processor_pretend(CAM_BF16_NATIVE);
    scene_open(&made, refused[_i].which, WIDTH, HEIGHT);
    expect_ok(cameras_options_add_layer(made.options, "conv"));
    cameras_map *found = explain_in(&made, CAMERAS_PRECISION_AUTO), *again = scene_explain(&made);
    cameras_map *expected = explain_in(&made, CAMERAS_PRECISION_FP32);
    ck_assert_int_eq(cameras_map_precision(found), CAMERAS_PRECISION_FP32);
    expect_equal_maps(found, expected);
    expect_equal_maps(again, expected);
    cameras_map *refused_map = NULL;
    expect_ok(cameras_options_set_precision(made.options, CAMERAS_PRECISION_BF16));
    expect_failure(cameras_explain(&refused_map, made.model, made.image, made.options), refused[_i].status,
                   refused[_i].reason);
    cameras_map_free(expected);
    cameras_map_free(again);
    cameras_map_free(found);
    scene_close(&made);
}
END_TEST

static const struct {
    cam_bf16 level;
    cameras_precision asked, given;
} choices[] = {
    {CAM_BF16_NATIVE, CAMERAS_PRECISION_AUTO, CAMERAS_PRECISION_BF16},
    {CAM_BF16_EMULATED, CAMERAS_PRECISION_AUTO, CAMERAS_PRECISION_FP32},
    {CAM_BF16_NONE, CAMERAS_PRECISION_AUTO, CAMERAS_PRECISION_FP32},
    {CAM_BF16_NATIVE, CAMERAS_PRECISION_FP32, CAMERAS_PRECISION_FP32},
    {CAM_BF16_EMULATED, CAMERAS_PRECISION_BF16, CAMERAS_PRECISION_BF16},
};

START_TEST(map_says_and_shows_the_precision_it_was_made_in)
{
    scene made;
    const size_t bytes = HEIGHT * WIDTH * sizeof(float);
    cam_processor_pretend(choices[_i].level);
    scene_open(&made, NETWORK_RECTIFIED, WIDTH, HEIGHT);
    cameras_map *single = explain_in(&made, CAMERAS_PRECISION_FP32);
    cameras_map *found = explain_in(&made, choices[_i].asked);
    ck_assert_int_eq(cameras_map_precision(found), choices[_i].given);
    const int same = memcmp(cameras_map_raw(found), cameras_map_raw(single), bytes) == 0;
    ck_assert_int_eq(same, choices[_i].given == CAMERAS_PRECISION_FP32);
    for (size_t i = 0; i < HEIGHT * WIDTH; i++)
        ck_assert_float_eq_tol(cameras_map_values(found)[i], cameras_map_values(single)[i], 0.1f);
    cameras_map_free(found);
    cameras_map_free(single);
    scene_close(&made);
}
END_TEST

START_TEST(processor_without_bfloats_refuses_them_before_the_network_runs)
{
    scene made;
    cameras_map *map = NULL;
    cam_processor_pretend(CAM_BF16_NONE);
    scene_open(&made, NETWORK_PLAIN, WIDTH, HEIGHT);
    expect_ok(cameras_options_set_precision(made.options, CAMERAS_PRECISION_BF16));
    expect_failure(cameras_explain(&map, made.model, made.image, made.options), CAMERAS_EINVAL, "AVX-512");
    ck_assert_ptr_null(map);
    scene_close(&made);
}
END_TEST

START_TEST(layer_that_is_not_there_is_refused_and_no_reason_to_give_up_bfloats)
{
    scene made;
    cameras_map *map = NULL;
    cam_processor_pretend(CAM_BF16_NATIVE);
    scene_open(&made, NETWORK_PLAIN, WIDTH, HEIGHT);
    expect_ok(cameras_options_set_precision(made.options, CAMERAS_PRECISION_AUTO));
    expect_ok(cameras_options_add_layer(made.options, "absent"));
    expect_failure(cameras_explain(&map, made.model, made.image, made.options), CAMERAS_ELAYER, "\"absent\"");
    ck_assert_ptr_null(map);
    ck_assert_int_eq(cam_model_refused_bf16(made.model), 0);
    scene_close(&made);
}
END_TEST

START_TEST(bfloats_are_not_to_be_had_here)
{
    puts("SKIPPED: this processor has no bfloat16");
}
END_TEST

static void add_cases(TCase *cases)
{
    tcase_add_test(cases, activations_are_bfloats_within_the_rounding_of_exact_ones);
    tcase_add_test(cases, single_precision_is_not_reduced);
    tcase_add_loop_test(cases, norms_among_bfloats_stray_no_further_than_a_few_roundings, 0,
                        sizeof norms / sizeof *norms);
    tcase_add_test(cases, trunk_in_bfloats_may_have_its_channels_first);
    tcase_add_test(cases, logits_are_those_of_the_recorded_layer_in_single_precision);
    tcase_add_test(cases, gradients_that_do_not_hang_on_the_input_are_those_of_single_precision);
    tcase_add_test(cases, gradient_before_a_relu_follows_the_recorded_layer);
    tcase_add_test(cases, list_of_bfloats_reaches_the_head_as_floats);
    tcase_add_loop_test(cases, network_that_cannot_be_reduced_is_refused_and_says_why, 0,
                        sizeof refused / sizeof *refused);
    tcase_add_loop_test(cases, auto_explains_in_single_precision_what_cannot_be_reduced, 0,
                        sizeof refused / sizeof *refused);
    tcase_add_loop_test(cases, map_says_and_shows_the_precision_it_was_made_in, 0, sizeof choices / sizeof *choices);
}

static Suite *bfloat_suite(void)
{
    Suite *suite = suite_create("bfloat");
    TCase *cases = tcase_create("bfloat");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, processor_without_bfloats_refuses_them_before_the_network_runs);
    tcase_add_test(cases, layer_that_is_not_there_is_refused_and_no_reason_to_give_up_bfloats);
    if (cam_processor_bf16() != CAM_BF16_NONE)
        add_cases(cases);
    else
        tcase_add_test(cases, bfloats_are_not_to_be_had_here);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(bfloat_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
