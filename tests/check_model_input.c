/*
 * check_model_input.c - what pictures are made into for a network, and what classifying them gives
 *
 * SPDX-License-Identifier: MIT
 */
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

/* A picture of one colour. */
static cameras_image *plain_picture(uint8_t red, uint8_t green, uint8_t blue)
{
    cameras_image *image = NULL;
    uint8_t pixels[8 * 6 * 3];
    for (size_t i = 0; i < sizeof pixels; i += 3) {
        pixels[i] = red;
        pixels[i + 1] = green;
        pixels[i + 2] = blue;
    }
    expect_ok(cameras_image_new(&image, pixels, 8, 6, 0, CAMERAS_RGB8));
    return image;
}

/* What NETWORK_BARE says of a picture of one colour is the colour as the network was shown it. */
static void expect_shown(cameras_model *model, const double expected[3])
{
    float logits[3];
    cameras_image *image = plain_picture(51, 102, 204);
    expect_ok(cameras_classify(logits, NULL, 3, model, image, NULL));
    for (size_t c = 0; c < 3; c++)
        ck_assert_double_eq_tol((double)logits[c], expected[c], 1e-4);
    cameras_image_free(image);
}

/* ---- preprocessing ---------------------------------------------------------------------------------------------- */

START_TEST(colours_are_normalised_by_imagenets_figures)
{
    static const double expected[] = {(0.2 - 0.485) / 0.229, (0.4 - 0.456) / 0.224, (0.8 - 0.406) / 0.225};
    cameras_model *model = open_network(NETWORK_BARE);
    expect_shown(model, expected);
    cameras_model_close(model);
}
END_TEST

START_TEST(normalisation_is_as_set)
{
    static const float mean[] = {0.0f, 0.5f, 1.0f}, std[] = {1.0f, 0.5f, 2.0f};
    static const double expected[] = {0.2, -0.2, -0.1};
    cameras_model *model = open_network(NETWORK_BARE);
    expect_ok(cameras_model_set_normalisation(model, mean, std, 3));
    expect_shown(model, expected);
    cameras_model_close(model);
}
END_TEST

START_TEST(blue_comes_first_for_networks_trained_so)
{
    static const float mean[] = {0.0f, 0.0f, 0.0f}, std[] = {1.0f, 1.0f, 1.0f};
    static const double expected[] = {0.8, 0.4, 0.2};
    cameras_model *model = open_network(NETWORK_BARE);
    expect_ok(cameras_model_set_normalisation(model, mean, std, 3));
    expect_ok(cameras_model_set_channel_order(model, CAMERAS_ORDER_BGR));
    expect_shown(model, expected);
    ck_assert_int_eq(cameras_model_set_channel_order(model, (cameras_channel_order)2), CAMERAS_EINVAL);
    expect_shown(model, expected);
    cameras_model_close(model);
}
END_TEST

START_TEST(impossible_normalisation_is_refused_and_changes_nothing)
{
    static const struct {
        float mean[4], std[4];
        size_t channels;
    } cases[] = {
        {{0.5f}, {0.5f}, 1},
        {{0.0f, 0.0f}, {1.0f, 1.0f}, 2},
        {{0.0f, 0.0f, 0.0f, 0.0f}, {1.0f, 1.0f, 1.0f, 1.0f}, 4},
        {{0.0f}, {1.0f}, 0},
        {{0.0f, 0.0f, 0.0f}, {1.0f, 0.0f, 1.0f}, 3},
        {{0.0f, 0.0f, 0.0f}, {1.0f, 1.0f, -1.0f}, 3},
        {{0.0f, 0.0f, 0.0f}, {NAN, 1.0f, 1.0f}, 3},
        {{0.0f, 0.0f, 0.0f}, {INFINITY, 1.0f, 1.0f}, 3},
        {{NAN, 0.0f, 0.0f}, {1.0f, 1.0f, 1.0f}, 3},
    };
    static const double expected[] = {(0.2 - 0.485) / 0.229, (0.4 - 0.456) / 0.224, (0.8 - 0.406) / 0.225};
    cameras_model *model = open_network(NETWORK_BARE);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_failure(cameras_model_set_normalisation(model, cases[i].mean, cases[i].std, cases[i].channels),
                       CAMERAS_EINVAL, "set normalisation");
    expect_shown(model, expected);
    cameras_model_close(model);
}
END_TEST

START_TEST(one_channel_networks_have_a_normalisation_of_their_own)
{
    static const float mean = 0.449f, std = 0.226f;
    float one[NETWORK_CLASSES], two[NETWORK_CLASSES];
    cameras_model *model = open_network(NETWORK_GREY);
    cameras_image *image = plain_picture(120, 120, 120);
    expect_ok(cameras_classify(one, NULL, NETWORK_CLASSES, model, image, NULL));
    expect_ok(cameras_model_set_normalisation(model, &mean, &std, 1));
    expect_ok(cameras_classify(two, NULL, NETWORK_CLASSES, model, image, NULL));
    ck_assert_mem_eq(one, two, sizeof one);
    cameras_image_free(image);
    cameras_model_close(model);
}
END_TEST

START_TEST(network_of_five_channels_takes_no_picture)
{
    float logits[NETWORK_CLASSES];
    cameras_model *model = open_network(NETWORK_FIVE_CHANNELS);
    cameras_image *image = plain_picture(120, 120, 120);
    expect_failure(cameras_classify(logits, NULL, NETWORK_CLASSES, model, image, NULL), CAMERAS_EMODEL, "5 channels");
    cameras_image_free(image);
    cameras_model_close(model);
}
END_TEST

static const struct {
    size_t width, height; /* height 0: width is the shorter side */
    cameras_status status;
} base_sizes[] = {
    {1, 1, CAMERAS_OK},        {8192, 8192, CAMERAS_OK},      {8192, 0, CAMERAS_OK},         {1, 0, CAMERAS_OK},
    {0, 224, CAMERAS_EINVAL},  {0, 0, CAMERAS_EINVAL},        {8193, 1, CAMERAS_ELIMIT},     {1, 8193, CAMERAS_ELIMIT},
    {8193, 0, CAMERAS_ELIMIT}, {SIZE_MAX, 1, CAMERAS_ELIMIT}, {SIZE_MAX, 0, CAMERAS_ELIMIT},
};

START_TEST(base_sizes_are_taken_within_the_limit)
{
    cameras_model *model = open_network(NETWORK_BARE);
    const size_t width = base_sizes[_i].width, height = base_sizes[_i].height;
    const cameras_status status =
        height ? cameras_model_set_base_size(model, width, height) : cameras_model_set_base_side(model, width);
    if (base_sizes[_i].status == CAMERAS_OK)
        expect_ok(status);
    else
        expect_failure(status, base_sizes[_i].status, "set base size");
    cameras_model_close(model);
}
END_TEST

START_TEST(base_of_height_zero_is_refused)
{
    cameras_model *model = open_network(NETWORK_BARE);
    expect_failure(cameras_model_set_base_size(model, 224, 0), CAMERAS_EINVAL, "set base size");
    cameras_model_close(model);
}
END_TEST

/* ---- classifying ------------------------------------------------------------------------------------------------ */

START_TEST(probabilities_are_the_softmax_of_the_logits)
{
    float logits[NETWORK_CLASSES], probabilities[NETWORK_CLASSES];
    double sum = 0.0;
    cameras_model *model = open_network(NETWORK_PLAIN);
    cameras_image *image = plain_picture(250, 10, 100);
    expect_ok(cameras_classify(logits, probabilities, NETWORK_CLASSES, model, image, NULL));
    for (size_t i = 0; i < NETWORK_CLASSES; i++)
        sum += exp((double)logits[i]);
    for (size_t i = 0; i < NETWORK_CLASSES; i++)
        ck_assert_double_eq_tol((double)probabilities[i], exp((double)logits[i]) / sum, 1e-6);
    expect_ok(cameras_classify(NULL, NULL, NETWORK_CLASSES, model, image, NULL));
    cameras_image_free(image);
    cameras_model_close(model);
}
END_TEST

static const struct {
    network which;
    size_t classes;
    cameras_status status;
    const char *reason;
} unclassified[] = {
    {NETWORK_PLAIN, 4, CAMERAS_EINVAL, "room for 4 classes, the network has 5"},
    {NETWORK_PLAIN, 0, CAMERAS_EINVAL, "the network has 5"},
    {NETWORK_NAN, 5, CAMERAS_ENUMERIC, "not finite"},
    {NETWORK_INFINITE, 5, CAMERAS_ENUMERIC, "not finite"},
    {NETWORK_ONE_DIMENSION, 5, CAMERAS_EMODEL, "1 x classes"},
    {NETWORK_INTEGER, 1, CAMERAS_EMODEL, "1 x classes"},
    {NETWORK_TWO_ROWS, 5, CAMERAS_EMODEL, "2 x 5"},
    {NETWORK_FLATTEN, 5, CAMERAS_EMODEL, "224 x 224"},
    {NETWORK_NO_CLASSES, 0, CAMERAS_EMODEL, "class"},
};

START_TEST(network_without_usable_logits_is_refused)
{
    float logits[NETWORK_CLASSES];
    cameras_model *model = open_network(unclassified[_i].which);
    cameras_image *image = plain_picture(250, 10, 100);
    expect_failure(cameras_classify(logits, NULL, unclassified[_i].classes, model, image, NULL),
                   unclassified[_i].status, unclassified[_i].reason);
    cameras_image_free(image);
    cameras_model_close(model);
}
END_TEST

static TCase *input_cases(void)
{
    TCase *cases = tcase_create("input");
    tcase_add_test(cases, colours_are_normalised_by_imagenets_figures);
    tcase_add_test(cases, normalisation_is_as_set);
    tcase_add_test(cases, blue_comes_first_for_networks_trained_so);
    tcase_add_test(cases, impossible_normalisation_is_refused_and_changes_nothing);
    tcase_add_test(cases, one_channel_networks_have_a_normalisation_of_their_own);
    tcase_add_test(cases, network_of_five_channels_takes_no_picture);
    tcase_add_loop_test(cases, base_sizes_are_taken_within_the_limit, 0, sizeof base_sizes / sizeof *base_sizes);
    tcase_add_test(cases, base_of_height_zero_is_refused);
    tcase_add_test(cases, probabilities_are_the_softmax_of_the_logits);
    tcase_add_loop_test(cases, network_without_usable_logits_is_refused, 0, sizeof unclassified / sizeof *unclassified);
    return cases;
}

static Suite *model_input_suite(void)
{
    Suite *suite = suite_create("model_input");
    TCase *cases = input_cases();
    tcase_set_timeout(cases, 120);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(model_input_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
