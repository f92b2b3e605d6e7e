/*
 * check_pooling.c - heads that begin with a mean over space, those that only look so, and gradients kept by class
 *
 * SPDX-License-Identifier: MIT
 */
#include "runs.h"

#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 40,
    HEIGHT = 32
};

static volume input, layer, other, expected;

static void set_input(size_t height, size_t width, double phase)
{
    make_input(&input, height, width, phase);
    begin(&other, &input);
    run_conv(&layer, &other);
    other = layer;
}

static void set_up(void)
{
    set_input(HEIGHT, WIDTH, 0.0);
}

static size_t count_positive(const volume *of)
{
    size_t count = 0;
    for (size_t i = 0; i < volume_count(of); i++)
        count += of->at[i] > 0.0;
    return count;
}

/* ---- means over space ------------------------------------------------------------------------------------------- */

static const struct {
    network which;
    int pooled; /* whether planes of 1 x 1 are owed */
} means[] = {
    {NETWORK_PLAIN, 1},         {NETWORK_POOL_KEEPDIM, 1},  {NETWORK_POOL_NEGATIVE, 1},
    {NETWORK_POOL_SHUFFLED, 1}, {NETWORK_POOL_ADAPTIVE, 1}, {NETWORK_POOL_CHECKED, 1},
    {NETWORK_POOL_TYPED, 0},    {NETWORK_POOL_ALL, 0},      {NETWORK_POOL_WRITTEN, 1},
};

START_TEST(mean_over_space_however_written_gives_the_weight_over_the_pixels)
{
    run done;
    run_layer(&done, means[_i].which, "conv", &input);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    expect_logits(&done, &layer);
    expect_pooling_gradient(&done, &layer, NULL);
    const shim_array gradient = gradient_of(&done, 0, 0);
    if (means[_i].pooled)
        ck_assert_uint_eq(gradient.height * gradient.width, 1);
    run_end(&done);
}
END_TEST

/* Lets each sample of open be the mean of the part of its channel that it lies in. */
static void fill_with_means(volume *open, size_t part_height, size_t part_width)
{
    const size_t pixels = volume_pixels(&layer);
    *open = layer;
    for (size_t i = 0; i < volume_count(&layer); i++) {
        const size_t y = i % pixels / layer.width / part_height * part_height;
        const size_t x = i % layer.width / part_width * part_width;
        double sum = 0.0;
        for (size_t j = 0; j < part_height * part_width; j++)
            sum += layer.at[i / pixels * pixels + (y + j / part_width) * layer.width + x + j % part_width];
        open->at[i] = sum / (double)(part_height * part_width);
    }
}

/* ReLU of the means of parts of the planes, then their mean: what is open is positive. */
static void expect_rectified_parts(network which, size_t part_height, size_t part_width)
{
    run done;
    fill_with_means(&other, part_height, part_width);
    ck_assert_uint_gt(count_positive(&other), 0);
    ck_assert_uint_lt(count_positive(&other), volume_count(&other));
    run_layer(&done, which, "conv", &input);
    expect_values(shim_pass_activation(done.pass, 0), &layer);
    expect_pooling_gradient(&done, &layer, &other);
    rectify(&other);
    expect_logits(&done, &other);
    run_end(&done);
}

START_TEST(mean_over_one_dimension_is_not_one_over_space)
{
    expect_rectified_parts(NETWORK_ROW_MEANS, 1, layer.width);
}
END_TEST

START_TEST(pooling_to_quadrants_is_not_a_mean_over_space)
{
    expect_rectified_parts(NETWORK_QUADRANTS, layer.height / 2, layer.width / 2);
}
END_TEST

START_TEST(relu_before_the_mean_shuts_pixels)
{
    expect_rectified_parts(NETWORK_RECTIFIED, 1, 1);
}
END_TEST

START_TEST(second_reader_of_the_layer_adds_its_gradient)
{
    run done;
    const size_t pixels = volume_pixels(&layer);
    run_layer(&done, NETWORK_TWO_READERS, "conv", &input);
    for (size_t i = 0; i < volume_count(&layer); i++)
        other.at[i] += fmax(layer.at[i], 0.0);
    expect_logits(&done, &other);
    expected = layer;
    for (size_t c = 0; c < NETWORK_CLASSES; c++) {
        for (size_t i = 0; i < volume_count(&layer); i++)
            expected.at[i] = (double)network_weight(FC_WEIGHT, c * NETWORK_CHANNELS + i / pixels) / (double)pixels *
                             (layer.at[i] > 0.0 ? 2.0 : 1.0);
        expect_gradient(gradient_of(&done, 0, c), &expected, 1e-8);
    }
    run_end(&done);
}
END_TEST

/* ---- heads behind the mean -------------------------------------------------------------------------------------- */

/* What hidden says of the means of a layer. */
static double hidden(size_t unit)
{
    double sum = (double)network_weight(SECOND_BIAS, unit);
    for (size_t k = 0; k < NETWORK_CHANNELS; k++)
        sum += (double)network_weight(SECOND_WEIGHT, unit * NETWORK_CHANNELS + k) * volume_mean(&layer, k);
    return sum;
}

/* Which hidden units speak, as bits: all of them where there is no ReLU behind. */
static unsigned open_units(network which)
{
    unsigned open = 0;
    for (size_t unit = 0; unit < NETWORK_CHANNELS; unit++)
        open |= (unsigned)(which == NETWORK_TWO_LINEAR || hidden(unit) > 0.0) << unit;
    return open;
}

static double logit_behind(unsigned open, size_t class_index)
{
    double sum = (double)network_weight(FC_BIAS, class_index);
    for (size_t unit = 0; unit < NETWORK_CHANNELS; unit++)
        if (open >> unit & 1u)
            sum += (double)network_weight(FC_WEIGHT, class_index * NETWORK_CHANNELS + unit) * hidden(unit);
    return sum;
}

static double gradient_behind(unsigned open, size_t class_index, size_t k)
{
    double sum = 0.0;
    for (size_t unit = 0; unit < NETWORK_CHANNELS; unit++)
        if (open >> unit & 1u)
            sum += (double)network_weight(FC_WEIGHT, class_index * NETWORK_CHANNELS + unit) *
                   (double)network_weight(SECOND_WEIGHT, unit * NETWORK_CHANNELS + k);
    return sum / (double)volume_pixels(&layer);
}

/* The logits and gradients of two layers behind the mean, for the input at hand. */
static void expect_two_layers(const run *done, network which)
{
    const unsigned open = open_units(which);
    size_t count = 0;
    expected = layer;
    for (size_t c = NETWORK_CLASSES; c-- > 0;) {
        ck_assert_double_eq_tol((double)shim_pass_logits(&count, done->pass)[c], logit_behind(open, c), 1e-5);
        for (size_t i = 0; i < volume_count(&layer); i++)
            expected.at[i] = gradient_behind(open, c, i / volume_pixels(&layer));
        expect_gradient(gradient_of(done, 0, c), &expected, 1e-8);
    }
}

START_TEST(inputs_through_a_head_that_is_not_affine_have_gradients_of_their_own)
{
    run done;
    unsigned differing = 0;
    const unsigned first = open_units(NETWORK_HIDDEN);
    run_layer(&done, NETWORK_HIDDEN, "conv", &input);
    expect_two_layers(&done, NETWORK_HIDDEN);
    for (double offset = -3.0; offset <= 3.0; offset += 1.5) {
        make_input(&input, HEIGHT, WIDTH, offset);
        for (size_t i = 0; i < volume_count(&input); i++)
            input.at[i] = 3.0 * input.at[i] + offset;
        begin(&other, &input);
        run_conv(&layer, &other);
        run_again(&done, &input);
        expect_two_layers(&done, NETWORK_HIDDEN);
        differing += open_units(NETWORK_HIDDEN) != first;
    }
    ck_assert_uint_gt(differing, 0);
    run_end(&done);
}
END_TEST

START_TEST(inputs_through_an_affine_head_share_gradients_whatever_their_size)
{
    static const struct {
        size_t height, width;
    } sizes[] = {{HEIGHT, WIDTH}, {HEIGHT, WIDTH}, {20, 44}, {48, 48}, {HEIGHT, WIDTH}};
    run one, two;
    run_layer(&one, NETWORK_PLAIN, "conv", &input);
    run_layer(&two, NETWORK_TWO_LINEAR, "conv", &input);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        set_input(sizes[i].height, sizes[i].width, (double)i);
        run_again(&one, &input);
        expect_pooling_gradient(&one, &layer, NULL);
        run_again(&two, &input);
        expect_two_layers(&two, NETWORK_TWO_LINEAR);
    }
    run_end(&two);
    run_end(&one);
}
END_TEST

START_TEST(kept_gradient_outlives_the_pass_that_found_it)
{
    run done;
    float first[NETWORK_CHANNELS];
    run_layer(&done, NETWORK_PLAIN, "conv", &input);
    memcpy(first, gradient_of(&done, 0, 3).data, sizeof first);
    run_again(&done, &input);
    ck_assert_mem_eq(gradient_of(&done, 0, 3).data, first, sizeof first);
    run_end(&done);
}
END_TEST

/* ---- at once ---------------------------------------------------------------------------------------------------- */

enum {
    TELLERS = 6,
    ROUNDS = 8
};

typedef struct teller {
    pthread_t thread;
    const shim_cut *cut;
    const float *input;
    size_t first;     /* class to begin with */
    double strayed;   /* the furthest from fc's weight over the pixels */
    size_t completed; /* rounds in which nothing failed */
} teller;

static void compare_class(teller *own, shim_pass *pass, size_t class_index)
{
    if (shim_pass_differentiate(pass, class_index) != CAMERAS_OK)
        own->strayed = INFINITY;
    const shim_array gradient = shim_pass_gradient(pass, 0);
    for (size_t k = 0; k < NETWORK_CHANNELS; k++) {
        const double share =
            (double)network_weight(FC_WEIGHT, class_index * NETWORK_CHANNELS + k) / (double)(HEIGHT / 2 * WIDTH / 2);
        own->strayed = fmax(own->strayed, fabs((double)gradient_at(gradient, k, 0) - share));
    }
}

static void *tell(void *user)
{
    teller *own = user;
    for (size_t round = 0; round < ROUNDS; round++) {
        shim_pass *pass = NULL;
        if (shim_pass_open(&pass, own->cut, NULL, own->input, 3, HEIGHT, WIDTH, 1) != CAMERAS_OK)
            break;
        for (size_t c = 0; c < NETWORK_CLASSES; c++)
            compare_class(own, pass, (own->first + c) % NETWORK_CLASSES);
        shim_pass_close(pass);
        own->completed++;
    }
    return NULL;
}

START_TEST(threads_that_ask_for_classes_at_once_each_get_theirs)
{
    run done;
    teller tellers[TELLERS];
    run_layer(&done, NETWORK_PLAIN, "conv", &input);
    for (size_t i = 0; i < TELLERS; i++) {
        tellers[i] = (teller){.cut = done.cut, .input = as_floats(&input), .first = i};
        ck_assert_int_eq(pthread_create(&tellers[i].thread, NULL, tell, &tellers[i]), 0);
    }
    for (size_t i = 0; i < TELLERS; i++)
        pthread_join(tellers[i].thread, NULL);
    for (size_t i = 0; i < TELLERS; i++) {
        ck_assert_uint_eq(tellers[i].completed, ROUNDS);
        ck_assert_double_le(tellers[i].strayed, 1e-8);
    }
    run_end(&done);
}
END_TEST

static Suite *pooling_suite(void)
{
    Suite *suite = suite_create("pooling");
    TCase *cases = tcase_create("pooling");
    tcase_add_checked_fixture(cases, set_up, NULL);
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, mean_over_space_however_written_gives_the_weight_over_the_pixels, 0,
                        sizeof means / sizeof *means);
    tcase_add_test(cases, mean_over_one_dimension_is_not_one_over_space);
    tcase_add_test(cases, pooling_to_quadrants_is_not_a_mean_over_space);
    tcase_add_test(cases, relu_before_the_mean_shuts_pixels);
    tcase_add_test(cases, second_reader_of_the_layer_adds_its_gradient);
    tcase_add_test(cases, inputs_through_a_head_that_is_not_affine_have_gradients_of_their_own);
    tcase_add_test(cases, inputs_through_an_affine_head_share_gradients_whatever_their_size);
    tcase_add_test(cases, kept_gradient_outlives_the_pass_that_found_it);
    tcase_add_test(cases, threads_that_ask_for_classes_at_once_each_get_theirs);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(pooling_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
