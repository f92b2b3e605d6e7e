/*
 * check_score.c - scores against arithmetic done here, in double precision
 *
 * SPDX-License-Identifier: MIT
 *
 * NETWORK_BARE gives the mean of each channel as its logit, so that the probability of any input is known in closed
 * form. Maps and pictures have 4 x 4 pixels or so.
 */
#include "cameras.h"
#include "coherency.h"
#include "curves.h"
#include "image_checks.h"
#include "localisation.h"
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = 4,
    PIXELS = SIDE * SIDE,
    CHANNELS = 3
};
static const double means[CHANNELS] = {0.485, 0.456, 0.406}, deviations[CHANNELS] = {0.229, 0.224, 0.225};

/* ---- what to expect --------------------------------------------------------------------------------------------- */

/* An input in pixel values, one plane a channel. */
typedef struct shown {
    double pixels[CHANNELS][PIXELS];
} shown;

/* Softmax of the channels' normalised means. */
static double probability(const shown *input, size_t class_index)
{
    double exponentials[CHANNELS], sum = 0.0;
    for (size_t c = 0; c < CHANNELS; c++) {
        double mean = 0.0;
        for (size_t i = 0; i < PIXELS; i++)
            mean += (input->pixels[c][i] - means[c]) / deviations[c] / PIXELS;
        exponentials[c] = exp(mean);
        sum += exponentials[c];
    }
    return exponentials[class_index] / sum;
}

/* Each picture times a map: black is 0, or in normalised values the mean colour. */
static shown masked(const shown *input, const float *map, int inverted, int normalised)
{
    shown made;
    for (size_t c = 0; c < CHANNELS; c++)
        for (size_t i = 0; i < PIXELS; i++) {
            const double share = inverted ? 1.0 - (double)map[i] : (double)map[i], black = normalised ? means[c] : 0.0;
            made.pixels[c][i] = black + share * (input->pixels[c][i] - black);
        }
    return made;
}

static double mean_of(const float *values)
{
    double sum = 0.0;
    for (size_t i = 0; i < PIXELS; i++)
        sum += (double)values[i] / PIXELS;
    return sum;
}

/* ---- a trial ---------------------------------------------------------------------------------------------------- */

typedef struct bench {
    cameras_model *model;
    cameras_image *image;
    cameras_options *options;
    cameras_map *map;
    shown picture;
    float values[PIXELS];
} bench;

/* A red square on a dark picture; the map is greatest there, and no two of its values are equal. */
static void bench_open(bench *made)
{
    float planes[CHANNELS * PIXELS];
    made->model = open_network(NETWORK_BARE);
    expect_ok(cameras_model_set_base_size(made->model, SIDE, SIDE));
    expect_ok(cameras_options_new(&made->options));
    for (size_t i = 0; i < PIXELS; i++) {
        const int inside = i % SIDE < 2 && i / SIDE < 2;
        for (size_t c = 0; c < CHANNELS; c++) {
            planes[c * PIXELS + i] = (inside && c == 0 ? 0.9f : 0.2f) + 0.01f * (float)((5 * i + c) % 7);
            made->picture.pixels[c][i] = (double)planes[c * PIXELS + i];
        }
        made->values[i] = (inside ? 0.8f : 0.1f) + 0.01f * (float)((3 * i) % 16);
    }
    made->values[0] = 1.0f;
    made->values[PIXELS - 1] = 0.0f;
    expect_ok(cameras_image_new(&made->image, planes, SIDE, SIDE, 0, CAMERAS_RGBF));
    expect_ok(cameras_map_new(&made->map, made->values, SIDE, SIDE));
}

static void bench_close(bench *made)
{
    cameras_map_free(made->map);
    cameras_options_free(made->options);
    cameras_image_free(made->image);
    cameras_model_close(made->model);
}

static double score_of(const bench *made, cameras_score_kind kind)
{
    cameras_scores *scores = NULL;
    expect_ok(cameras_score(&scores, made->model, made->image, made->map, NULL, made->options));
    const double value = cameras_scores_value(scores, kind);
    cameras_scores_free(scores);
    return value;
}

#define EXPECT_NEAR(found, expected) ck_assert_double_eq_tol(found, expected, 2e-6)

/* ---- masking ---------------------------------------------------------------------------------------------------- */

START_TEST(densities_are_probabilities_over_the_means_of_what_masks)
{
    bench made;
    bench_open(&made);
    for (int normalised = 0; normalised < 2; normalised++) {
        expect_ok(cameras_options_set_masking(made.options, (cameras_masking)normalised));
        const shown kept = masked(&made.picture, made.values, 0, normalised);
        const shown rest = masked(&made.picture, made.values, 1, normalised);
        EXPECT_NEAR(score_of(&made, CAMERAS_SCORE_POSITIVE_MAP_DENSITY), probability(&kept, 0) / mean_of(made.values));
        EXPECT_NEAR(score_of(&made, CAMERAS_SCORE_NEGATIVE_MAP_DENSITY),
                    probability(&rest, 0) / (1.0 - mean_of(made.values)));
    }
    bench_close(&made);
}
END_TEST

START_TEST(drop_gain_and_increase_compare_the_masked_image_with_the_whole)
{
    bench made;
    bench_open(&made);
    for (size_t k = 0; k < CHANNELS; k++) {
        cameras_options_free(made.options);
        expect_ok(cameras_options_new(&made.options));
        expect_ok(cameras_options_add_class(made.options, k));
        const shown kept = masked(&made.picture, made.values, 0, 0);
        const double whole = probability(&made.picture, k), masked_only = probability(&kept, k);
        EXPECT_NEAR(score_of(&made, CAMERAS_SCORE_AVERAGE_DROP), fmax(0.0, whole - masked_only) / whole);
        EXPECT_NEAR(score_of(&made, CAMERAS_SCORE_AVERAGE_GAIN), fmax(0.0, masked_only - whole) / (1.0 - whole));
        ck_assert_double_eq(score_of(&made, CAMERAS_SCORE_INCREASE), masked_only > whole);
    }
    bench_close(&made);
}
END_TEST

START_TEST(class_and_its_probability_are_told)
{
    bench made;
    cameras_scores *scores = NULL;
    bench_open(&made);
    expect_ok(cameras_score(&scores, made.model, made.image, made.map, NULL, made.options));
    ck_assert_uint_eq(cameras_scores_class(scores), 0);
    EXPECT_NEAR(cameras_scores_probability(scores), probability(&made.picture, 0));
    for (int kind = CAMERAS_SCORE_POINTING_HIT; kind <= CAMERAS_SCORE_IOU; kind++)
        ck_assert(isnan(cameras_scores_value(scores, (cameras_score_kind)kind)));
    cameras_scores_free(scores);
    bench_close(&made);
}
END_TEST

START_TEST(black_map_has_no_positive_density_and_a_white_one_no_negative)
{
    bench made;
    bench_open(&made);
    for (int white = 0; white < 2; white++) {
        float values[PIXELS];
        cameras_map_free(made.map);
        for (size_t i = 0; i < PIXELS; i++)
            values[i] = (float)white;
        expect_ok(cameras_map_new(&made.map, values, SIDE, SIDE));
        ck_assert_int_eq(isnan(score_of(&made, CAMERAS_SCORE_POSITIVE_MAP_DENSITY)), !white);
        ck_assert_int_eq(isnan(score_of(&made, CAMERAS_SCORE_NEGATIVE_MAP_DENSITY)), white);
    }
    bench_close(&made);
}
END_TEST

START_TEST(scores_do_not_depend_on_the_batch_beyond_rounding)
{
    bench made;
    bench_open(&made);
    expect_ok(cameras_options_set_score_steps(made.options, 5));
    const double expected = score_of(&made, CAMERAS_SCORE_DELETION_AUC);
    for (size_t batch = 1; batch < 8; batch++) {
        expect_ok(cameras_options_set_batch(made.options, batch));
        EXPECT_NEAR(score_of(&made, CAMERAS_SCORE_DELETION_AUC), expected);
    }
    bench_close(&made);
}
END_TEST

/* ---- curves ----------------------------------------------------------------------------------------------------- */

/* The picture with its count greatest pixels from one place and the others from another. */
static shown mixed(const bench *made, size_t count, const shown *greatest, const shown *others)
{
    shown out;
    for (size_t i = 0; i < PIXELS; i++) {
        size_t rank = 0;
        for (size_t k = 0; k < PIXELS; k++)
            rank += made->values[k] > made->values[i] || (made->values[k] == made->values[i] && k < i);
        for (size_t c = 0; c < CHANNELS; c++)
            out.pixels[c][i] = (rank < count ? greatest : others)->pixels[c][i];
    }
    return out;
}

/* Two steps: 0, 8 and 16 pixels, two trapezoids of width 1/2. */
static double area_of_two_steps(const bench *made, const shown *greatest, const shown *others)
{
    double at[3];
    for (size_t k = 0; k < 3; k++) {
        const shown point = mixed(made, k * PIXELS / 2, greatest, others);
        at[k] = probability(&point, 0);
    }
    return (at[0] + at[1]) / 4.0 + (at[1] + at[2]) / 4.0;
}

/* 11 x 11, deviation 5, borders repeated; written as the two-dimensional sum. */
static shown blurred(const shown *input)
{
    shown out;
    for (size_t c = 0; c < CHANNELS; c++)
        for (int at = 0; at < PIXELS; at++) {
            double sum = 0.0, all = 0.0;
            for (int dy = -5; dy <= 5; dy++)
                for (int dx = -5; dx <= 5; dx++) {
                    const int x = at % SIDE + dx, y = at / SIDE + dy;
                    const int inside_x = x < 0 ? 0 : x >= SIDE ? SIDE - 1 : x;
                    const int inside_y = y < 0 ? 0 : y >= SIDE ? SIDE - 1 : y;
                    const double weight = exp(-(dx * dx + dy * dy) / 50.0);
                    sum += weight * input->pixels[c][inside_y * SIDE + inside_x];
                    all += weight;
                }
            out.pixels[c][at] = sum / all;
        }
    return out;
}

START_TEST(insertion_and_deletion_of_two_steps_are_two_trapezoids)
{
    bench made;
    shown grey;
    bench_open(&made);
    expect_ok(cameras_options_set_score_steps(made.options, 2));
    for (size_t c = 0; c < CHANNELS; c++)
        for (size_t i = 0; i < PIXELS; i++)
            grey.pixels[c][i] = means[c];
    const shown soft = blurred(&made.picture);
    EXPECT_NEAR(score_of(&made, CAMERAS_SCORE_DELETION_AUC), area_of_two_steps(&made, &grey, &made.picture));
    EXPECT_NEAR(score_of(&made, CAMERAS_SCORE_INSERTION_AUC), area_of_two_steps(&made, &made.picture, &soft));
    bench_close(&made);
}
END_TEST

START_TEST(more_steps_than_pixels_change_nothing)
{
    bench made;
    bench_open(&made);
    expect_ok(cameras_options_set_score_steps(made.options, PIXELS));
    const double expected = score_of(&made, CAMERAS_SCORE_INSERTION_AUC);
    expect_ok(cameras_options_set_score_steps(made.options, 4 * PIXELS));
    EXPECT_NEAR(score_of(&made, CAMERAS_SCORE_INSERTION_AUC), expected);
    bench_close(&made);
}
END_TEST

/* ---- ADCC ------------------------------------------------------------------------------------------------------- */

static double pearson(const float *a, const double *b)
{
    double mean_a = 0.0, mean_b = 0.0, both = 0.0, square_a = 0.0, square_b = 0.0;
    for (size_t i = 0; i < PIXELS; i++) {
        mean_a += (double)a[i] / PIXELS;
        mean_b += b[i] / PIXELS;
    }
    for (size_t i = 0; i < PIXELS; i++) {
        both += ((double)a[i] - mean_a) * (b[i] - mean_b);
        square_a += ((double)a[i] - mean_a) * ((double)a[i] - mean_a);
        square_b += (b[i] - mean_b) * (b[i] - mean_b);
    }
    return both / sqrt(square_a * square_b);
}

/* The centred control is the same map whatever the picture: what I M is explained by is then known. */
START_TEST(adcc_is_the_harmonic_mean_of_its_three_parts)
{
    bench made;
    cameras_map *centre = NULL;
    double values[PIXELS];
    bench_open(&made);
    cameras_model *layered = open_network(NETWORK_PLAIN);
    expect_ok(cameras_model_set_base_size(layered, SIDE, SIDE));
    expect_ok(cameras_options_set_method(made.options, CAMERAS_METHOD_CENTRE));
    expect_ok(cameras_explain(&centre, layered, made.image, made.options));
    for (size_t i = 0; i < PIXELS; i++)
        values[i] = (double)cameras_map_values(centre)[i];
    cameras_scores *scores = NULL;
    expect_ok(cameras_score(&scores, layered, made.image, made.map, NULL, made.options));
    const double coherency = (pearson(made.values, values) + 1.0) / 2.0;
    const double drop = cameras_scores_value(scores, CAMERAS_SCORE_AVERAGE_DROP);
    EXPECT_NEAR(cameras_scores_value(scores, CAMERAS_SCORE_ADCC),
                3.0 / (1.0 / coherency + 1.0 / (1.0 - mean_of(made.values)) + 1.0 / (1.0 - drop)));
    cameras_scores_free(scores);
    cameras_map_free(centre);
    cameras_model_close(layered);
    bench_close(&made);
}
END_TEST

START_TEST(map_of_a_network_without_layers_is_scored_but_for_adcc)
{
    bench made;
    bench_open(&made);
    ck_assert(isnan(score_of(&made, CAMERAS_SCORE_ADCC)));
    ck_assert(!isnan(score_of(&made, CAMERAS_SCORE_ROAD)));
    bench_close(&made);
}
END_TEST

START_TEST(correlation_of_a_constant_is_not_a_number)
{
    static const float flat[] = {0.5f, 0.5f, 0.5f}, rising[] = {0.0f, 0.5f, 1.0f}, falling[] = {0.9f, 0.6f, 0.3f};
    ck_assert(isnan(cam_pearson(flat, rising, 3)));
    ck_assert_double_eq_tol(cam_pearson(rising, falling, 3), -1.0, 1e-7);
}
END_TEST

/* ---- names, refusals -------------------------------------------------------------------------------------------- */

START_TEST(scores_have_names_and_there_is_an_end_to_them)
{
    ck_assert_str_eq(cameras_score_name(CAMERAS_SCORE_POSITIVE_MAP_DENSITY), "positive_map_density");
    ck_assert_str_eq(cameras_score_name(CAMERAS_SCORE_IOU), "iou");
    ck_assert_ptr_null(cameras_score_name((cameras_score_kind)(CAMERAS_SCORE_IOU + 1)));
    ck_assert_ptr_null(cameras_score_name((cameras_score_kind)-1));
}
END_TEST

static void expect_score_refused(const bench *made, const cameras_map *map, const cameras_image *object,
                                 cameras_status expected, const char *reason)
{
    cameras_scores *scores = (cameras_scores *)&scores;
    const cameras_status status = cameras_score(&scores, made->model, made->image, map, object, made->options);
    ck_assert_ptr_null(scores);
    expect_failure(status, expected, reason);
}

START_TEST(map_of_another_size_is_refused_with_all_three_sizes)
{
    bench made;
    cameras_map *map = NULL;
    bench_open(&made);
    expect_ok(cameras_map_new(&map, made.values, 3, 5));
    expect_score_refused(&made, map, NULL, CAMERAS_EINVAL,
                         "the map is 3 x 5, neither the base image's 4 x 4 nor the image's 4 x 4");
    cameras_map_free(map);
    bench_close(&made);
}
END_TEST

START_TEST(objects_without_a_pixel_or_of_another_size_are_refused)
{
    static const uint8_t black[PIXELS] = {0};
    bench made;
    bench_open(&made);
    cameras_image *object = new_image(black, SIDE, SIDE, 0, CAMERAS_GRAY8);
    expect_score_refused(&made, made.map, object, CAMERAS_EINVAL, "black throughout");
    cameras_image_free(object);
    object = new_image(black, 5, 3, 0, CAMERAS_GRAY8);
    expect_score_refused(&made, made.map, object, CAMERAS_EINVAL, "5 x 3, the image 4 x 4");
    cameras_image_free(object);
    bench_close(&made);
}
END_TEST

START_TEST(class_that_is_not_there_and_two_classes_are_refused)
{
    bench made;
    bench_open(&made);
    expect_ok(cameras_options_add_class(made.options, 3));
    expect_score_refused(&made, made.map, NULL, CAMERAS_ECLASS, "class 3");
    expect_ok(cameras_options_add_class(made.options, 1));
    expect_score_refused(&made, made.map, NULL, CAMERAS_EINVAL, "one class");
    expect_score_refused(&made, NULL, NULL, CAMERAS_EINVAL, "map are needed");
    bench_close(&made);
}
END_TEST

static int refuse(double done, void *user)
{
    double *last = user;
    *last = done;
    return done > 0.2;
}

START_TEST(scoring_ends_where_progress_says_so)
{
    bench made;
    double last = 0.0;
    bench_open(&made);
    expect_ok(cameras_options_set_progress(made.options, refuse, &last));
    expect_score_refused(&made, made.map, NULL, CAMERAS_ECANCELLED, "cancelled");
    ck_assert(last > 0.2 && last < 0.5);
    bench_close(&made);
}
END_TEST

static Suite *score_suite(void)
{
    Suite *suite = suite_create("score");
    TCase *masking = tcase_create("masking"), *curves = tcase_create("curves"), *adcc = tcase_create("adcc"),
          *refusals = tcase_create("refusals");
    tcase_add_test(masking, densities_are_probabilities_over_the_means_of_what_masks);
    tcase_add_test(masking, drop_gain_and_increase_compare_the_masked_image_with_the_whole);
    tcase_add_test(masking, class_and_its_probability_are_told);
    tcase_add_test(masking, black_map_has_no_positive_density_and_a_white_one_no_negative);
    tcase_add_test(masking, scores_do_not_depend_on_the_batch_beyond_rounding);
    tcase_add_test(curves, insertion_and_deletion_of_two_steps_are_two_trapezoids);
    tcase_add_test(curves, more_steps_than_pixels_change_nothing);
    tcase_add_test(adcc, adcc_is_the_harmonic_mean_of_its_three_parts);
    tcase_add_test(adcc, map_of_a_network_without_layers_is_scored_but_for_adcc);
    tcase_add_test(adcc, correlation_of_a_constant_is_not_a_number);
    tcase_add_test(refusals, scores_have_names_and_there_is_an_end_to_them);
    tcase_add_test(refusals, map_of_another_size_is_refused_with_all_three_sizes);
    tcase_add_test(refusals, objects_without_a_pixel_or_of_another_size_are_refused);
    tcase_add_test(refusals, class_that_is_not_there_and_two_classes_are_refused);
    tcase_add_test(refusals, scoring_ends_where_progress_says_so);
    TCase *const cases[] = {masking, curves, adcc, refusals};
    for (size_t i = 0; i < COUNT(cases); i++) {
        tcase_set_timeout(cases[i], 120);
        suite_add_tcase(suite, cases[i]);
    }
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(score_suite());
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
