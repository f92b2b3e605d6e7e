/*
 * check_randomise.c - copies of a model with layers drawn anew
 *
 * SPDX-License-Identifier: MIT
 */
#include "model.h"
#include "networks.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = NETWORK_FLATTEN_SIDE,
    FEATURES = NETWORK_CHANNELS * (SIDE / 2) * (SIDE / 2)
};

static void ok(cameras_status status)
{
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
}

static cameras_model *open_network(network which)
{
    cameras_model *model = NULL;
    ok(cameras_model_open(&model, network_file(which)));
    ok(cameras_model_set_base_size(model, SIDE, SIDE));
    return model;
}

static cameras_model *randomised(const cameras_model *model, const char *const *layers, size_t count, uint64_t seed)
{
    cameras_model *copy = NULL;
    ok(cameras_model_randomise(&copy, model, layers, count, seed));
    return copy;
}

static cameras_image *picture(void)
{
    static float pixels[3 * SIDE * SIDE];
    cameras_image *image = NULL;
    for (size_t i = 0; i < sizeof pixels / sizeof *pixels; i++)
        pixels[i] = (float)(0.5 + 0.5 * sin(0.7 * (double)i));
    ok(cameras_image_new(&image, pixels, SIDE, SIDE, 0, CAMERAS_RGBF));
    return image;
}

static void classify(float logits[NETWORK_CLASSES], cameras_model *model)
{
    cameras_image *image = picture();
    ok(cameras_classify(logits, NULL, NETWORK_CLASSES, model, image, NULL));
    cameras_image_free(image);
}

static int same_answers(cameras_model *a, cameras_model *b)
{
    float first[NETWORK_CLASSES], second[NETWORK_CLASSES];
    classify(first, a);
    classify(second, b);
    return memcmp(first, second, sizeof first) == 0;
}

/* Where the head begins on conv with fc, conv's gradient is fc's weights: all of them, or those over the pixels. */
static void gradient_at_conv(float *values, size_t count, const cameras_model *model, size_t class_index)
{
    static const char *const conv = "conv";
    static float blank[3 * SIDE * SIDE];
    shim_cut *cut = NULL;
    shim_pass *pass = NULL;
    ok(shim_cut_open(&cut, model->network, &conv, 1, CAMERAS_PRECISION_FP32));
    ok(shim_pass_open(&pass, cut, NULL, blank, 3, SIDE, SIDE, 1));
    ok(shim_pass_differentiate(pass, class_index));
    const shim_array gradient = shim_pass_gradient(pass, 0);
    ck_assert_uint_eq(gradient.channels * gradient.height * gradient.width, count);
    memcpy(values, gradient.data, count * sizeof *values);
    shim_pass_close(pass);
    shim_cut_close(cut);
}

static const char *const fc[] = {"fc"}, *const fc_and_conv[] = {"conv", "fc"};

/* ---- what is drawn ---------------------------------------------------------------------------------------------- */

START_TEST(one_seed_gives_one_copy_and_another_seed_another)
{
    cameras_model *model = open_network(NETWORK_PLAIN);
    cameras_model *copy = randomised(model, fc_and_conv, 2, 7), *same = randomised(model, fc_and_conv, 2, 7);
    cameras_model *other = randomised(model, fc_and_conv, 2, 8);
    ck_assert(same_answers(copy, same));
    ck_assert(!same_answers(copy, other));
    ck_assert(!same_answers(copy, model));
    cameras_model_close(other);
    cameras_model_close(same);
    cameras_model_close(copy);
    cameras_model_close(model);
}
END_TEST

static void measure(double *mean, double *deviation, const float *values, size_t count)
{
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < count; i++) {
        sum += (double)values[i];
        squares += (double)values[i] * (double)values[i];
    }
    *mean = sum / (double)count;
    *deviation = sqrt(squares / (double)count - *mean * *mean);
}

/* Uniform weights in [-0.25, 0.25] are replaced by normal ones of their deviation, some of which lie outside. */
START_TEST(weights_are_normal_with_the_mean_and_the_deviation_they_had)
{
    static float before[5 * FEATURES], after[5 * FEATURES];
    double means[2], deviations[2];
    size_t beyond = 0, within = 0;
    cameras_model *model = open_network(NETWORK_FLATTEN), *copy = randomised(model, fc, 1, 3);
    for (size_t i = 0; i < 5; i++) {
        gradient_at_conv(before + i * FEATURES, FEATURES, model, i);
        gradient_at_conv(after + i * FEATURES, FEATURES, copy, i);
    }
    measure(&means[0], &deviations[0], before, 5 * FEATURES);
    measure(&means[1], &deviations[1], after, 5 * FEATURES);
    ck_assert_double_eq_tol(means[1], means[0], 4.0 * deviations[0] / sqrt(5.0 * FEATURES));
    ck_assert_double_eq_tol(deviations[1], deviations[0], 0.03 * deviations[0]);
    for (size_t i = 0; i < 5 * FEATURES; i++) {
        beyond += fabs((double)after[i] - means[0]) > 2.0 * deviations[0];
        within += fabs((double)after[i] - means[0]) < deviations[0];
    }
    ck_assert_double_eq_tol((double)beyond / (5.0 * FEATURES), 0.0455, 0.008);
    ck_assert_double_eq_tol((double)within / (5.0 * FEATURES), 0.6827, 0.02);
    cameras_model_close(copy);
    cameras_model_close(model);
}
END_TEST

START_TEST(what_a_layer_is_drawn_as_does_not_depend_on_the_others)
{
    float alone[NETWORK_CHANNELS], together[NETWORK_CHANNELS];
    cameras_model *model = open_network(NETWORK_PLAIN);
    cameras_model *first = randomised(model, fc, 1, 7), *second = randomised(model, fc_and_conv, 2, 7);
    gradient_at_conv(alone, NETWORK_CHANNELS, first, 2);
    gradient_at_conv(together, NETWORK_CHANNELS, second, 2);
    ck_assert_mem_eq(alone, together, sizeof alone);
    ck_assert(!same_answers(first, second));
    cameras_model_close(second);
    cameras_model_close(first);
    cameras_model_close(model);
}
END_TEST

START_TEST(weights_that_two_layers_share_stay_shared)
{
    static const char *const one[] = {"first"}, *const both[] = {"first", "second"};
    cameras_model *model = open_network(NETWORK_TIED);
    cameras_model *first = randomised(model, one, 1, 7), *second = randomised(model, both, 2, 7);
    ck_assert(same_answers(first, second));
    ck_assert(!same_answers(first, model));
    cameras_model_close(second);
    cameras_model_close(first);
    cameras_model_close(model);
}
END_TEST

/* ---- what is not ------------------------------------------------------------------------------------------------ */

START_TEST(copy_with_no_layers_named_answers_as_the_model_does)
{
    for (network which = NETWORK_PLAIN; which <= NETWORK_IN_PLACE; which++) {
        cameras_model *model = open_network(which), *copy = randomised(model, NULL, 0, 7);
        ck_assert(same_answers(copy, model));
        cameras_model_close(copy);
        cameras_model_close(model);
    }
}
END_TEST

START_TEST(model_gives_the_same_map_bit_by_bit_after_a_copy_was_made_and_used)
{
    cameras_model *model = open_network(NETWORK_RECTIFIED);
    cameras_image *image = picture();
    cameras_map *maps[3] = {NULL, NULL, NULL};
    ok(cameras_explain(&maps[0], model, image, NULL));
    cameras_model *copy = randomised(model, fc_and_conv, 2, 7);
    ok(cameras_explain(&maps[1], copy, image, NULL));
    cameras_model_close(copy);
    ok(cameras_explain(&maps[2], model, image, NULL));
    const size_t bytes = SIDE * SIDE * sizeof(float);
    ck_assert_mem_eq(cameras_map_raw(maps[0]), cameras_map_raw(maps[2]), bytes);
    ck_assert_mem_ne(cameras_map_raw(maps[0]), cameras_map_raw(maps[1]), bytes);
    for (size_t i = 0; i < 3; i++)
        cameras_map_free(maps[i]);
    cameras_image_free(image);
    cameras_model_close(model);
}
END_TEST

START_TEST(copy_carries_labels_and_preprocessing_and_outlives_the_model)
{
    static const float mean[] = {0.1f, 0.2f, 0.3f}, deviation[] = {0.5f, 0.6f, 0.7f};
    static const char text[] = "zero\none\n\nthree\nfour\n\n";
    float expected[NETWORK_CLASSES], found[NETWORK_CLASSES];
    size_t index = 0;
    cameras_model *model = open_network(NETWORK_PLAIN);
    ok(cameras_model_set_normalisation(model, mean, deviation, 3));
    ok(cameras_model_set_channel_order(model, CAMERAS_ORDER_BGR));
    ok(cameras_model_set_labels(model, text, strlen(text)));
    classify(expected, model);
    cameras_model *copy = randomised(model, NULL, 0, 7);
    cameras_model_close(model);
    classify(found, copy);
    ck_assert_mem_eq(found, expected, sizeof found);
    ck_assert_str_eq(cameras_model_label(copy, 3), "three");
    ck_assert_str_eq(cameras_model_label(copy, 2), "");
    ck_assert_ptr_null(cameras_model_label(copy, 5));
    ok(cameras_model_find_class(&index, copy, "four"));
    ck_assert_uint_eq(index, 4);
    cameras_model_close(copy);
}
END_TEST

/* ---- layers with parameters ------------------------------------------------------------------------------------- */

static const struct {
    network which;
    const char *paths[5]; /* the last to be used first */
} orders[] = {
    {NETWORK_PLAIN, {"fc", "conv", "stem"}},
    {NETWORK_RESIDUAL, {"fc", "block.conv", "stem"}},
    {NETWORK_TWINS, {"fc", "second", "first", "stem"}},
    {NETWORK_TIED, {"fc", "first", "second", "stem"}},
    {NETWORK_TWICE, {"fc", "conv", "stem"}},
    {NETWORK_BRANCH, {"fc", "conv", "stem"}},
    {NETWORK_LOOP, {"fc", "conv", "stem"}},
    {NETWORK_DECIDED, {"fc", "conv", "stem"}},
    {NETWORK_TRAINING, {"fc", "norm", "conv", "stem"}},
    {NETWORK_SILENT, {"fc", "conv", "stem"}},
    {NETWORK_REQUIRED, {"fc", "conv", "stem"}}, /* which cannot be inlined */
    {NETWORK_BARE, {NULL}},
};

START_TEST(layers_with_parameters_are_listed_the_last_to_be_used_first)
{
    size_t count = 0;
    cameras_model *model = open_network(orders[_i].which);
    for (; orders[_i].paths[count]; count++)
        ck_assert_pstr_eq(cameras_model_parametrised_path(model, count), orders[_i].paths[count]);
    ck_assert_uint_eq(cameras_model_parametrised_count(model), count);
    ck_assert_ptr_null(cameras_model_parametrised_path(model, count));
    cameras_model_close(model);
}
END_TEST

START_TEST(nothing_has_no_parameters)
{
    ck_assert_uint_eq(cameras_model_parametrised_count(NULL), 0);
    ck_assert_ptr_null(cameras_model_parametrised_path(NULL, 0));
}
END_TEST

/* ---- refusals --------------------------------------------------------------------------------------------------- */

START_TEST(unknown_layer_is_refused_with_near_names)
{
    static const char *const cases[] = {"cnov", "", "conv.weight"};
    cameras_model *model = open_network(NETWORK_PLAIN);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cameras_model *copy = model;
        ck_assert_int_eq(cameras_model_randomise(&copy, model, &cases[i], 1, 0), CAMERAS_ELAYER);
        ck_assert_ptr_null(copy);
        ck_assert_ptr_nonnull(strstr(cameras_last_error(), cases[i]));
    }
    cameras_model_close(model);
}
END_TEST

START_TEST(missing_arguments_are_refused)
{
    static const char *const nothing[] = {NULL};
    cameras_model *model = open_network(NETWORK_PLAIN), *copy = model;
    ck_assert_int_eq(cameras_model_randomise(NULL, model, fc, 1, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_model_randomise(&copy, NULL, fc, 1, 0), CAMERAS_EINVAL);
    ck_assert_ptr_null(copy);
    ck_assert_int_eq(cameras_model_randomise(&copy, model, NULL, 1, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_model_randomise(&copy, model, nothing, 1, 0), CAMERAS_EINVAL);
    cameras_model_close(model);
}
END_TEST

static Suite *randomise_suite(void)
{
    Suite *suite = suite_create("randomise");
    TCase *cases = tcase_create("randomise");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, one_seed_gives_one_copy_and_another_seed_another);
    tcase_add_test(cases, weights_are_normal_with_the_mean_and_the_deviation_they_had);
    tcase_add_test(cases, what_a_layer_is_drawn_as_does_not_depend_on_the_others);
    tcase_add_test(cases, weights_that_two_layers_share_stay_shared);
    tcase_add_test(cases, copy_with_no_layers_named_answers_as_the_model_does);
    tcase_add_test(cases, model_gives_the_same_map_bit_by_bit_after_a_copy_was_made_and_used);
    tcase_add_test(cases, copy_carries_labels_and_preprocessing_and_outlives_the_model);
    tcase_add_loop_test(cases, layers_with_parameters_are_listed_the_last_to_be_used_first, 0,
                        sizeof orders / sizeof *orders);
    tcase_add_test(cases, nothing_has_no_parameters);
    tcase_add_test(cases, unknown_layer_is_refused_with_near_names);
    tcase_add_test(cases, missing_arguments_are_refused);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(randomise_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
