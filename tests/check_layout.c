/*
 * check_layout.c - channels last or first: what a network gives does not depend on how its numbers lie
 *
 * SPDX-License-Identifier: MIT
 */
#include "inside.h"
#include "runs.h"

#include <check.h>
#include <stdlib.h>

enum {
    WIDTH = 40,
    HEIGHT = 32
};

static volume input, base, layer, other;

static void set_input(size_t height, size_t width, double phase)
{
    make_input(&input, height, width, phase);
    begin(&base, &input);
    run_conv(&layer, &base);
}

static void set_up(void)
{
    set_input(HEIGHT, WIDTH, 0.0);
}

/* What every network gives whose layer conv is pooled and read by fc. */
static void expect_conv_and_pooling(const run *done)
{
    expect_values(shim_pass_activation(done->pass, 0), &layer);
    expect_logits(done, &layer);
    expect_pooling_gradient(done, &layer, NULL);
}

/* The same thrice, for a cut may change its layout after the first pass; the last input has another size. */
static void expect_conv_and_pooling_again_and_again(run *done)
{
    expect_conv_and_pooling(done);
    set_input(HEIGHT, WIDTH, 1.0);
    run_again(done, &input);
    expect_conv_and_pooling(done);
    set_input(26, 34, 2.0);
    run_again(done, &input);
    expect_conv_and_pooling(done);
}

START_TEST(trunk_runs_with_the_channels_last)
{
    run done;
    run_layer(&done, NETWORK_PLAIN, "conv", &input);
    ck_assert_int_eq(inside_channels_last(done.cut), 1);
    expect_conv_and_pooling_again_and_again(&done);
    ck_assert_int_eq(inside_channels_last(done.cut), 1);
    run_end(&done);
}
END_TEST

START_TEST(network_that_refuses_channels_last_runs_with_them_first_and_stays_so)
{
    run done;
    run_layer(&done, NETWORK_VIEW, "conv", &input);
    ck_assert_int_eq(inside_channels_last(done.cut), 0);
    expect_conv_and_pooling_again_and_again(&done);
    ck_assert_int_eq(inside_channels_last(done.cut), 0);
    run_end(&done);
}
END_TEST

START_TEST(head_may_view_the_layer_as_if_its_channels_came_first)
{
    static const network kinds[] = {NETWORK_HEAD_VIEW, NETWORK_HEAD_VIEW_AS};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        run done;
        set_up();
        run_layer(&done, kinds[i], "conv", &input);
        expect_conv_and_pooling_again_and_again(&done);
        run_end(&done);
    }
}
END_TEST

/* Such code does not refuse: it reads the wrong numbers. */
START_TEST(trunk_that_counts_on_strides_gets_the_channels_first)
{
    run done;
    run_layer(&done, NETWORK_STRIDED, "conv", &input);
    expect_conv_and_pooling_again_and_again(&done);
    run_end(&done);
}
END_TEST

START_TEST(refusal_in_either_layout_leaves_the_cut_as_it_was)
{
    run done;
    shim_pass *refused = NULL;
    set_input(NETWORK_FLATTEN_SIDE, NETWORK_FLATTEN_SIDE, 0.0);
    run_layer(&done, NETWORK_FLATTEN, "conv", &input);
    set_up();
    ck_assert_int_eq(shim_pass_open(&refused, done.cut, NULL, as_floats(&input), 3, HEIGHT, WIDTH, RUN_THREADS),
                     CAMERAS_EMODEL);
    expect_sentence("40 x 32");
    ck_assert_ptr_null(refused);
    ck_assert_int_eq(inside_channels_last(done.cut), 1);
    set_input(NETWORK_FLATTEN_SIDE, NETWORK_FLATTEN_SIDE, 1.0);
    run_again(&done, &input);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    run_end(&done);
}
END_TEST

START_TEST(head_may_write_to_what_came_before_the_layer)
{
    run done;
    run_layer(&done, NETWORK_WRITES_PASSED, "conv", &input);
    for (double phase = 0.0; phase < 2.5; phase += 1.0) {
        set_input(HEIGHT, WIDTH, phase);
        run_again(&done, &input);
        expect_values(shim_pass_activation(done.pass, 0), &layer);
        other = layer;
        for (size_t i = 0; i < volume_count(&other); i++)
            other.at[i] += base.at[i];
        expect_logits(&done, &other);
        expect_pooling_gradient(&done, &layer, NULL);
    }
    run_end(&done);
}
END_TEST

/* fc's weight of a mean over all rows and of one over all but the first. */
static double share_of_rows(size_t class_index, size_t k, size_t row)
{
    const double all = (double)volume_pixels(&layer), rest = all - (double)layer.width;
    return (double)network_weight(FC_WEIGHT, class_index * NETWORK_CHANNELS + k) *
           (1.0 / all + (row ? 1.0 / rest : 0.0));
}

START_TEST(views_made_before_the_layer_see_what_the_head_writes)
{
    run done;
    size_t count = 0;
    const size_t pixels = volume_pixels(&layer);
    run_layer(&done, NETWORK_WRITES_VIEWED, "conv", &input);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    for (size_t c = 0; c < NETWORK_CLASSES; c++) {
        double logit = (double)network_weight(FC_BIAS, c);
        for (size_t i = 0; i < volume_count(&layer); i++) {
            other.at[i] = share_of_rows(c, i / pixels, i % pixels / layer.width);
            logit += other.at[i] * (layer.at[i] + base.at[i]);
        }
        other.channels = layer.channels;
        other.height = layer.height;
        other.width = layer.width;
        ck_assert_double_eq_tol((double)shim_pass_logits(&count, done.pass)[c], logit, 1e-5);
        expect_gradient(gradient_of(&done, 0, c), &other, 1e-8);
    }
    run_end(&done);
}
END_TEST

START_TEST(list_of_tensors_reaches_the_head)
{
    run done;
    size_t count = 0;
    run_layer(&done, NETWORK_PASSES_LIST, "conv", &input);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    for (size_t c = 0; c < NETWORK_CLASSES; c++)
        ck_assert_double_eq_tol((double)shim_pass_logits(&count, done.pass)[c],
                                pooled_logit(&base, c) + pooled_logit(&layer, c), 1e-5);
    expect_pooling_gradient(&done, &layer, NULL);
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

START_TEST(norms_before_the_layer_are_what_they_are_in_double)
{
    run done;
    norms[_i].normalise(&base);
    run_conv(&layer, &base);
    run_layer(&done, norms[_i].which, "conv", &input);
    ck_assert_int_eq(inside_channels_last(done.cut), 1);
    expect_conv_and_pooling(&done);
    run_end(&done);
}
END_TEST

/* After enough inputs of one size the weights are packed for it (shim/cut.cpp). */
START_TEST(values_do_not_depend_on_how_many_inputs_came_before)
{
    static const network kinds[] = {NETWORK_PLAIN, NETWORK_WRITES_INPUT, NETWORK_RESIDUAL, NETWORK_DEEP};
    static const char *const layers[] = {"conv", "conv", "block", "conv"};
    run first, later;
    make_input(&input, 48, 48, 0.0);
    run_layer(&first, kinds[_i], layers[_i], &input);
    const shim_array expected = shim_pass_activation(first.pass, 0);
    run_layer(&later, kinds[_i], layers[_i], &input);
    for (int i = 0; i < 20; i++) {
        run_again(&later, &input);
        const shim_array found = shim_pass_activation(later.pass, 0);
        ck_assert_mem_eq(found.data, expected.data,
                         expected.channels * expected.height * expected.width * sizeof *found.data);
    }
    run_end(&later);
    run_end(&first);
}
END_TEST

static Suite *layout_suite(void)
{
    Suite *suite = suite_create("layout");
    TCase *cases = tcase_create("layout");
    tcase_add_checked_fixture(cases, set_up, NULL);
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, trunk_runs_with_the_channels_last);
    tcase_add_test(cases, network_that_refuses_channels_last_runs_with_them_first_and_stays_so);
    tcase_add_test(cases, head_may_view_the_layer_as_if_its_channels_came_first);
    tcase_add_test(cases, trunk_that_counts_on_strides_gets_the_channels_first);
    tcase_add_test(cases, refusal_in_either_layout_leaves_the_cut_as_it_was);
    tcase_add_test(cases, head_may_write_to_what_came_before_the_layer);
    tcase_add_test(cases, views_made_before_the_layer_see_what_the_head_writes);
    tcase_add_test(cases, list_of_tensors_reaches_the_head);
    tcase_add_loop_test(cases, values_do_not_depend_on_how_many_inputs_came_before, 0, 4);
    tcase_add_loop_test(cases, norms_before_the_layer_are_what_they_are_in_double, 0, sizeof norms / sizeof *norms);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(layout_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
