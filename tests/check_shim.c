/*
 * check_shim.c - the graph cut: what a layer gave, and the gradients of a class logit with respect to it
 *
 * SPDX-License-Identifier: MIT
 *
 * What the layers should give is worked out by volumes.h, in double precision, from the weights that networks.h tells.
 */
#include "networks.h"
#include "shim.h"
#include "volumes.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 40,
    HEIGHT = 32,
    THREADS = 2
};

/* ---- running the shim ------------------------------------------------------------------------------------------- */

/* A network cut, and one pass through it. */
typedef struct run {
    shim_model *model;
    shim_cut *cut;
    shim_pass *pass;
} run;

static cameras_status try_run(run *out, network which, const char *const *layers, size_t count, const volume *input)
{
    *out = (run){0};
    ck_assert_int_eq(shim_model_open(&out->model, network_file(which)), CAMERAS_OK);
    const cameras_status status = shim_cut_open(&out->cut, out->model, layers, count, CAMERAS_PRECISION_FP32);
    if (status != CAMERAS_OK)
        return status;
    return shim_pass_open(&out->pass, out->cut, NULL, volume_floats(input), input->channels, input->height,
                          input->width, THREADS);
}

static void run_layers(run *out, network which, const char *const *layers, size_t count, const volume *input)
{
    const cameras_status status = try_run(out, which, layers, count, input);
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
}

static void run_layer(run *out, network which, const char *layer, const volume *input)
{
    run_layers(out, which, &layer, 1, input);
}

static void run_end(run *done)
{
    shim_pass_close(done->pass);
    shim_cut_close(done->cut);
    shim_model_close(done->model);
}

static shim_array gradient_of(const run *done, size_t layer, size_t class_index)
{
    const cameras_status status = shim_pass_differentiate(done->pass, class_index);
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
    return shim_pass_gradient(done->pass, layer);
}

static void expect_shape(shim_array found, const volume *expected)
{
    ck_assert_uint_eq(found.channels, expected->channels);
    ck_assert_uint_eq(found.height, expected->height);
    ck_assert_uint_eq(found.width, expected->width);
}

static void expect_values(shim_array found, const volume *expected)
{
    expect_shape(found, expected);
    for (size_t i = 0; i < volume_samples(expected); i++)
        ck_assert_double_eq_tol((double)found.data[i], expected->at[i], 1e-5);
}

static void expect_same(shim_array found, shim_array expected)
{
    ck_assert_uint_eq(found.channels, expected.channels);
    ck_assert_uint_eq(found.height, expected.height);
    ck_assert_uint_eq(found.width, expected.width);
    for (size_t i = 0; i < found.channels * found.height * found.width; i++)
        ck_assert_double_eq_tol((double)found.data[i], (double)expected.data[i], 1e-6);
}

static void expect_logits(const run *done, const volume *pooled)
{
    size_t count = 0;
    const float *logits = shim_pass_logits(&count, done->pass);
    ck_assert_uint_eq(count, NETWORK_CLASSES);
    for (size_t i = 0; i < count; i++)
        ck_assert_double_eq_tol((double)logits[i], volume_logit(pooled, i), 1e-5);
}

/* fc's weight over the number of pixels, where open is positive, and 0 where it is not; NULL: everywhere. */
static void expect_pooling_gradient(const run *done, const volume *layer, const volume *open)
{
    const size_t pixels = layer->height * layer->width;
    for (size_t c = 0; c < NETWORK_CLASSES; c++) {
        const shim_array found = gradient_of(done, 0, c);
        expect_shape(found, layer);
        for (size_t i = 0; i < volume_samples(layer); i++) {
            const double share = (double)network_weight(FC_WEIGHT, c * NETWORK_CHANNELS + i / pixels) / (double)pixels;
            const double expected = !open || open->at[i] > 0.0 ? share : 0.0;
            ck_assert_double_eq_tol((double)found.data[i], expected, 1e-8);
        }
    }
}

static volume input, base, layer, other;

static void set_up(void)
{
    volume_make_input(&input, HEIGHT, WIDTH);
    volume_begin(&base, &input);
    volume_run_conv(&layer, &base);
}

/* ---- what a layer gave ------------------------------------------------------------------------------------------ */

START_TEST(activation_is_what_the_convolution_gives)
{
    run done;
    run_layer(&done, NETWORK_PLAIN, "conv", &input);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    expect_logits(&done, &layer);
    run_end(&done);
}
END_TEST

START_TEST(height_and_width_are_not_swapped)
{
    run done;
    volume_make_input(&input, 24, 46);
    volume_begin(&base, &input);
    volume_run_conv(&layer, &base);
    run_layer(&done, NETWORK_PLAIN, "conv", &input);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    ck_assert_uint_eq(layer.height, 12);
    ck_assert_uint_eq(layer.width, 23);
    run_end(&done);
}
END_TEST

START_TEST(in_place_relu_does_not_reach_the_recorded_activation)
{
    run done;
    size_t negative = 0;
    run_layer(&done, NETWORK_IN_PLACE, "conv", &input);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    for (size_t i = 0; i < volume_samples(&layer); i++)
        negative += layer.at[i] < 0.0;
    ck_assert_uint_gt(negative, 100);
    expect_pooling_gradient(&done, &layer, &layer);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    run_end(&done);
}
END_TEST

START_TEST(last_call_of_a_layer_called_twice_counts)
{
    run done;
    volume_rectify(&layer);
    volume_run_conv(&other, &layer);
    run_layer(&done, NETWORK_TWICE, "conv", &input);
    expect_values(shim_pass_activation(done.pass, 0), &other);
    expect_pooling_gradient(&done, &other, NULL);
    expect_logits(&done, &other);
    run_end(&done);
}
END_TEST

START_TEST(two_objects_of_one_class_are_told_apart)
{
    run done;
    const char *const layers[] = {"second", "first"};
    run_layers(&done, NETWORK_TWINS, layers, 2, &input);
    expect_values(shim_pass_activation(done.pass, 1), &layer);
    volume_rectify(&layer);
    volume_convolve(&other, &layer, SECOND_WEIGHT, SECOND_BIAS, 1);
    expect_values(shim_pass_activation(done.pass, 0), &other);
    run_end(&done);
}
END_TEST

START_TEST(layer_inside_a_block_is_found_by_its_path)
{
    run done;
    run_layer(&done, NETWORK_RESIDUAL, "block.conv", &input);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    for (size_t i = 0; i < volume_samples(&layer); i++)
        other.at[i] = layer.at[i] + base.at[i];
    expect_pooling_gradient(&done, &layer, &other);
    run_end(&done);
}
END_TEST

START_TEST(block_with_a_shortcut_is_a_layer_too)
{
    run done;
    for (size_t i = 0; i < volume_samples(&layer); i++)
        layer.at[i] += base.at[i];
    volume_rectify(&layer);
    run_layer(&done, NETWORK_RESIDUAL, "block", &input);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    expect_pooling_gradient(&done, &layer, NULL);
    run_end(&done);
}
END_TEST

START_TEST(branch_that_evaluation_mode_decides_can_be_cut)
{
    run done;
    run_layer(&done, NETWORK_DECIDED, "conv", &input);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    run_end(&done);
}
END_TEST

/* ---- gradients -------------------------------------------------------------------------------------------------- */

START_TEST(gradient_before_pooling_and_a_linear_layer_is_the_weight_over_the_pixels)
{
    run done;
    run_layer(&done, NETWORK_PLAIN, "conv", &input);
    expect_pooling_gradient(&done, &layer, NULL);
    run_end(&done);
}
END_TEST

START_TEST(gradient_before_a_relu_is_zero_where_it_is_shut)
{
    run done;
    run_layer(&done, NETWORK_RECTIFIED, "conv", &input);
    expect_pooling_gradient(&done, &layer, &layer);
    run_end(&done);
}
END_TEST

/* The logit of class 2 when sample index of the stem's output is moved by step. */
static double moved_logit(size_t index, double step)
{
    volume *stem = &base;
    volume_convolve(stem, &input, STEM_WEIGHT, STEM_BIAS, 2);
    stem->at[index] += step;
    volume_rectify(stem);
    volume_run_conv(&layer, stem);
    return volume_logit(&layer, 2);
}

START_TEST(gradient_of_an_early_layer_is_that_of_small_differences)
{
    const double step = 1e-6;
    run done;
    run_layer(&done, NETWORK_PLAIN, "stem", &input);
    const shim_array found = gradient_of(&done, 0, 2);
    for (size_t index = 0; index < volume_samples(&base); index += 89) {
        const double expected = (moved_logit(index, step) - moved_logit(index, -step)) / (2.0 * step);
        ck_assert_double_eq_tol((double)found.data[index], expected, 1e-7);
    }
    run_end(&done);
}
END_TEST

START_TEST(several_layers_of_one_cut_equal_single_cuts)
{
    static const char *const orders[][2] = {{"stem", "conv"}, {"conv", "stem"}};
    for (size_t order = 0; order < 2; order++) {
        run both, alone;
        run_layers(&both, NETWORK_IN_PLACE, orders[order], 2, &input);
        for (size_t i = 0; i < 2; i++) {
            run_layer(&alone, NETWORK_RECTIFIED, orders[order][i], &input);
            expect_same(shim_pass_activation(both.pass, i), shim_pass_activation(alone.pass, 0));
            expect_same(gradient_of(&both, i, 3), gradient_of(&alone, 0, 3));
            run_end(&alone);
        }
        run_end(&both);
    }
}
END_TEST

START_TEST(same_layer_named_twice_is_given_twice)
{
    run done;
    const char *const layers[] = {"conv", "conv"};
    run_layers(&done, NETWORK_RECTIFIED, layers, 2, &input);
    gradient_of(&done, 0, 1);
    for (size_t i = 0; i < 2; i++)
        expect_values(shim_pass_activation(done.pass, i), &layer);
    expect_same(shim_pass_gradient(done.pass, 1), shim_pass_gradient(done.pass, 0));
    expect_pooling_gradient(&done, &layer, &layer);
    run_end(&done);
}
END_TEST

START_TEST(classes_may_be_differentiated_in_any_order_and_again)
{
    run done;
    run_layer(&done, NETWORK_RECTIFIED, "conv", &input);
    const float first = gradient_of(&done, 0, 4).data[0];
    gradient_of(&done, 0, 0);
    ck_assert_float_eq(gradient_of(&done, 0, 4).data[0], first);
    run_end(&done);
}
END_TEST

START_TEST(gradient_flows_through_an_if_behind_the_layer)
{
    run through, straight;
    run_layer(&through, NETWORK_BRANCH, "stem", &input); /* its sum is positive: conv is called */
    run_layer(&straight, NETWORK_PLAIN, "stem", &input);
    expect_same(gradient_of(&through, 0, 1), gradient_of(&straight, 0, 1));
    run_end(&straight);
    run_end(&through);
}
END_TEST

START_TEST(if_behind_the_layer_is_decided_by_each_input)
{
    run done;
    for (size_t i = 0; i < volume_samples(&input); i++)
        input.at[i] -= 2.0;
    volume_begin(&base, &input);
    run_layer(&done, NETWORK_BRANCH, "stem", &input); /* its sum is negative: conv is passed over */
    expect_logits(&done, &base);
    run_end(&done);
}
END_TEST

/* ---- the network as a whole ------------------------------------------------------------------------------------- */

START_TEST(logits_are_found_in_tuples_lists_and_dicts)
{
    static const network kinds[] = {NETWORK_TUPLE, NETWORK_LIST, NETWORK_DICT};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        run done;
        run_layer(&done, kinds[i], "conv", &input);
        expect_logits(&done, &layer);
        expect_values(shim_pass_activation(done.pass, 0), &layer);
        expect_pooling_gradient(&done, &layer, NULL);
        run_end(&done);
    }
}
END_TEST

START_TEST(network_saved_in_training_mode_is_evaluated)
{
    run done;
    run_layer(&done, NETWORK_TRAINING, "conv", &input);
    expect_logits(&done, &layer);
    expect_pooling_gradient(&done, &layer, NULL);
    run_end(&done);
}
END_TEST

START_TEST(network_that_writes_to_its_input_does_not_reach_ours)
{
    run done;
    float kept[MOST];
    const float *floats = volume_floats(&input);
    memcpy(kept, floats, volume_samples(&input) * sizeof *kept);
    run_layer(&done, NETWORK_WRITES_INPUT, "conv", &input);
    ck_assert_mem_eq(kept, floats, volume_samples(&input) * sizeof *kept);
    for (size_t i = 0; i < volume_samples(&input); i++)
        input.at[i] -= 0.5;
    volume_begin(&base, &input);
    volume_run_conv(&layer, &base);
    expect_logits(&done, &layer);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    run_end(&done);
}
END_TEST

START_TEST(cut_without_layers_classifies)
{
    static const network kinds[] = {NETWORK_PLAIN, NETWORK_BRANCH, NETWORK_TUPLE, NETWORK_FICKLE};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        run done;
        size_t count = 0;
        run_layers(&done, kinds[i], NULL, 0, &input);
        shim_pass_logits(&count, done.pass);
        ck_assert_uint_eq(count, NETWORK_CLASSES);
        if (kinds[i] != NETWORK_FICKLE)
            expect_logits(&done, &layer);
        run_end(&done);
    }
}
END_TEST

START_TEST(one_cut_takes_inputs_of_any_size)
{
    run done;
    shim_pass *second = NULL;
    run_layer(&done, NETWORK_PLAIN, "conv", &input);
    volume_make_input(&input, 20, 44);
    volume_begin(&base, &input);
    volume_run_conv(&layer, &base);
    ck_assert_int_eq(shim_pass_open(&second, done.cut, NULL, volume_floats(&input), 3, 20, 44, 1), CAMERAS_OK);
    expect_values(shim_pass_activation(second, 0), &layer);
    shim_pass_close(second);
    run_end(&done);
}
END_TEST

START_TEST(time_is_kept_of_trunk_and_head)
{
    run done;
    run_layer(&done, NETWORK_PLAIN, "conv", &input);
    ck_assert_double_gt(shim_pass_trunk_seconds(done.pass), 0.0);
    const double head = shim_pass_head_seconds(done.pass);
    ck_assert_double_gt(head, 0.0);
    gradient_of(&done, 0, 0);
    ck_assert_double_gt(shim_pass_head_seconds(done.pass), head);
    run_end(&done);
}
END_TEST

START_TEST(host_keeps_its_number_of_threads)
{
    run done;
    network_set_torch_threads(1);
    run_layer(&done, NETWORK_PLAIN, "conv", &input);
    gradient_of(&done, 0, 0);
    ck_assert_int_eq(network_torch_threads(), 1);
    run_end(&done);
}
END_TEST

/* ---- auto ------------------------------------------------------------------------------------------------------- */

static const struct {
    network which;
    const char *layer;
} automatic[] = {
    {NETWORK_PLAIN, "conv"},      {NETWORK_TUPLE, "conv"}, {NETWORK_TWICE, "conv"},    {NETWORK_TWINS, "second"},
    {NETWORK_RESIDUAL, "block"},  {NETWORK_SILENT, "act"}, {NETWORK_BRANCH, "stem"},   {NETWORK_LOOP, "stem"},
    {NETWORK_FLATTEN, "conv"},    {NETWORK_DICT, "conv"},  {NETWORK_IN_PLACE, "conv"}, {NETWORK_NARROW, "narrow"},
    {NETWORK_CLASS_MAPS, "conv"},
};

START_TEST(auto_is_the_last_spatial_layer)
{
    shim_model *model = NULL;
    const char *path = NULL;
    ck_assert_int_eq(shim_model_open(&model, network_file(automatic[_i].which)), CAMERAS_OK);
    ck_assert_int_eq(shim_model_auto_layer(&path, model, 3, NETWORK_FLATTEN_SIDE, NETWORK_FLATTEN_SIDE, 1), CAMERAS_OK);
    ck_assert_str_eq(path, automatic[_i].layer);
    shim_model_close(model);
}
END_TEST

START_TEST(auto_is_refused_where_no_layer_is_spatial)
{
    shim_model *model = NULL;
    const char *path = "";
    ck_assert_int_eq(shim_model_open(&model, network_file(NETWORK_BARE)), CAMERAS_OK);
    ck_assert_int_eq(shim_model_auto_layer(&path, model, 3, 32, 32, 1), CAMERAS_ELAYER);
    ck_assert_ptr_null(path);
    shim_model_close(model);
}
END_TEST

/* ---- refusals --------------------------------------------------------------------------------------------------- */

/* One sentence: a line, without a full stop, long enough to say something. */
static void expect_sentence(const char *part)
{
    const char *message = cameras_last_error();
    const size_t length = strlen(message);
    ck_assert_msg(strstr(message, part) != NULL, "\"%s\" does not say \"%s\"", message, part);
    ck_assert_ptr_null(strchr(message, '\n'));
    ck_assert_msg(length > 20 && message[length - 1] != '.', "\"%s\"", message);
}

static const struct {
    network which;
    const char *layer;
    cameras_status status;
    const char *reason;
} refusals[] = {
    {NETWORK_PLAIN, "nothing", CAMERAS_ELAYER, "never called"},
    {NETWORK_PLAIN, "spare", CAMERAS_ELAYER, "layer spare is never called"},
    {NETWORK_PLAIN, "", CAMERAS_ELAYER, "never called"},
    {NETWORK_PLAIN, "con", CAMERAS_ELAYER, "never called"},
    {NETWORK_BYSTANDER, "spare", CAMERAS_ELAYER, "layer spare does not reach the network's output"},
    {NETWORK_BRANCH, "conv", CAMERAS_ELAYER, "layer conv is called inside an if or a loop"},
    {NETWORK_LOOP, "conv", CAMERAS_ELAYER, "layer conv is called inside an if or a loop"},
    {NETWORK_PAIR, "pair", CAMERAS_ELAYER, "layer pair does not return a single tensor"},
    {NETWORK_PLAIN, "fc", CAMERAS_ELAYER, "layer fc gives 1 x 5"},
    {NETWORK_FLATTEN, "conv", CAMERAS_EMODEL, "run the network on 40 x 32"},
    {NETWORK_GREY, "conv", CAMERAS_EMODEL, "run the network on 40 x 32"},
    {NETWORK_ONE_DIMENSION, "conv", CAMERAS_EMODEL, "no 1 x classes tensor"},
    {NETWORK_INTEGER, "conv", CAMERAS_EMODEL, "no 1 x classes tensor"},
    {NETWORK_TWO_ROWS, "conv", CAMERAS_EMODEL, "2 x 5"},
};

START_TEST(what_cannot_be_cut_or_run_is_refused_in_a_sentence)
{
    run done;
    ck_assert_int_eq(try_run(&done, refusals[_i].which, &refusals[_i].layer, 1, &input), refusals[_i].status);
    ck_assert_ptr_null(done.pass);
    expect_sentence(refusals[_i].reason);
    run_end(&done);
}
END_TEST

START_TEST(layer_behind_a_step_has_no_gradient)
{
    run done;
    run_layer(&done, NETWORK_STEPS, "conv", &input);
    ck_assert_int_eq(shim_pass_differentiate(done.pass, 0), CAMERAS_ELAYER);
    expect_sentence("differentiabl");
    run_end(&done);
}
END_TEST

static Suite *shim_suite(void)
{
    Suite *suite = suite_create("shim");
    TCase *cases = tcase_create("cut");
    tcase_add_checked_fixture(cases, set_up, NULL);
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, activation_is_what_the_convolution_gives);
    tcase_add_test(cases, height_and_width_are_not_swapped);
    tcase_add_test(cases, in_place_relu_does_not_reach_the_recorded_activation);
    tcase_add_test(cases, last_call_of_a_layer_called_twice_counts);
    tcase_add_test(cases, two_objects_of_one_class_are_told_apart);
    tcase_add_test(cases, layer_inside_a_block_is_found_by_its_path);
    tcase_add_test(cases, block_with_a_shortcut_is_a_layer_too);
    tcase_add_test(cases, branch_that_evaluation_mode_decides_can_be_cut);
    tcase_add_test(cases, gradient_before_pooling_and_a_linear_layer_is_the_weight_over_the_pixels);
    tcase_add_test(cases, gradient_before_a_relu_is_zero_where_it_is_shut);
    tcase_add_test(cases, gradient_of_an_early_layer_is_that_of_small_differences);
    tcase_add_test(cases, several_layers_of_one_cut_equal_single_cuts);
    tcase_add_test(cases, same_layer_named_twice_is_given_twice);
    tcase_add_test(cases, classes_may_be_differentiated_in_any_order_and_again);
    tcase_add_test(cases, gradient_flows_through_an_if_behind_the_layer);
    tcase_add_test(cases, if_behind_the_layer_is_decided_by_each_input);
    tcase_add_test(cases, logits_are_found_in_tuples_lists_and_dicts);
    tcase_add_test(cases, network_saved_in_training_mode_is_evaluated);
    tcase_add_test(cases, network_that_writes_to_its_input_does_not_reach_ours);
    tcase_add_test(cases, cut_without_layers_classifies);
    tcase_add_test(cases, one_cut_takes_inputs_of_any_size);
    tcase_add_test(cases, time_is_kept_of_trunk_and_head);
    tcase_add_test(cases, host_keeps_its_number_of_threads);
    tcase_add_loop_test(cases, auto_is_the_last_spatial_layer, 0, sizeof automatic / sizeof *automatic);
    tcase_add_test(cases, auto_is_refused_where_no_layer_is_spatial);
    tcase_add_loop_test(cases, what_cannot_be_cut_or_run_is_refused_in_a_sentence, 0,
                        sizeof refusals / sizeof *refusals);
    tcase_add_test(cases, layer_behind_a_step_has_no_gradient);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(shim_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
