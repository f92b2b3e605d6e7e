/*
 * check_attack.c - the guided attack and the plain one, on small networks
 *
 * SPDX-License-Identifier: MIT
 */
#include "attack.h"
#include "descent.h"
#include "map.h"
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    WIDTH = 40,
    HEIGHT = 30,
    PIXELS = WIDTH * HEIGHT
};

static scene made;
static cameras_map *map;
static float probabilities[NETWORK_CLASSES];

/* Whether a pixel is of the fifth where the map is 1. */
static int is_inside(size_t pixel)
{
    return pixel % WIDTH >= 16 && pixel % WIDTH < 24;
}

static void open_scene(network which)
{
    scene_open(&made, which, WIDTH, HEIGHT);
    expect_ok(cam_map_new(&map, (cam_size){WIDTH, HEIGHT}, "conv", 0));
    for (size_t i = 0; i < PIXELS; i++)
        map->values[i] = is_inside(i) ? 1.0f : 0.0f;
    expect_ok(cameras_classify(NULL, probabilities, NETWORK_CLASSES, made.model, made.image, NULL));
}

static void set_up(void)
{
    open_scene(NETWORK_RECTIFIED);
}

static void tear_down(void)
{
    cameras_map_free(map);
    scene_close(&made);
}

static size_t least_likely(void)
{
    size_t least = 0;
    for (size_t i = 1; i < NETWORK_CLASSES; i++)
        if (probabilities[i] < probabilities[least])
            least = i;
    return least;
}

static size_t likeliest(void)
{
    size_t most = 0;
    for (size_t i = 1; i < NETWORK_CLASSES; i++)
        if (probabilities[i] > probabilities[most])
            most = i;
    return most;
}

/* These networks are sure of nothing: a little more than the clean image's is all that can be asked for. */
static void ask_for(double times, double epsilon)
{
    expect_ok(cameras_options_set_attack_confidence(made.options, times * (double)probabilities[least_likely()]));
    expect_ok(cameras_options_set_attack_epsilon(made.options, epsilon));
    expect_ok(cameras_options_set_attack_steps(made.options, 60));
}

static cameras_attack *attack(void)
{
    cameras_attack *attacked = NULL;
    expect_ok(cameras_attack_run(&attacked, made.model, made.image, map, made.options));
    return attacked;
}

static double change(const cameras_attack *attacked, cameras_attack_kind kind, size_t channel, size_t pixel)
{
    return (double)cameras_attack_perturbation(attacked, kind)[channel * PIXELS + pixel];
}

/* ---- constraints ------------------------------------------------------------------------------------------------ */

START_TEST(changes_stay_within_epsilon_and_colours_within_range)
{
    ask_for(1.5, 0.03);
    expect_ok(cameras_options_set_attack_rule(made.options, (cameras_step_rule)_i));
    cameras_attack *attacked = attack();
    for (int kind = 0; kind < CAM_ATTACK_KINDS; kind++)
        for (size_t i = 0; i < 3 * PIXELS; i++) {
            ck_assert_double_le(fabs((double)attacked->kinds[kind].perturbation[i]), 0.03 + 1e-6);
            ck_assert_float_ge(attacked->kinds[kind].image[i], 0.0f);
            ck_assert_float_le(attacked->kinds[kind].image[i], 1.0f);
        }
    cameras_attack_free(attacked);
}
END_TEST

START_TEST(huge_beta_keeps_the_change_inside_the_map)
{
    double inside = 0.0;
    ask_for(1.5, 0.1);
    expect_ok(cameras_options_set_attack_beta(made.options, 1e6));
    cameras_attack *attacked = attack();
    for (size_t i = 0; i < 3 * PIXELS; i++) {
        const double size = fabs(change(attacked, CAMERAS_ATTACK_GUIDED, i / PIXELS, i % PIXELS));
        if (is_inside(i % PIXELS))
            inside += size;
        else
            ck_assert_double_eq(size, 0.0);
    }
    ck_assert_double_gt(inside, 0.0);
    cameras_attack_free(attacked);
}
END_TEST

START_TEST(map_of_ones_leaves_nothing_to_penalise)
{
    ask_for(1.2, 0.1);
    for (size_t i = 0; i < PIXELS; i++)
        map->values[i] = 1.0f;
    cameras_attack *attacked = attack();
    ck_assert_mem_eq(cameras_attack_perturbation(attacked, CAMERAS_ATTACK_GUIDED),
                     cameras_attack_perturbation(attacked, CAMERAS_ATTACK_PLAIN), 3 * PIXELS * sizeof(float));
    cameras_attack_free(attacked);
}
END_TEST

START_TEST(plain_attack_asks_neither_beta_nor_the_map)
{
    ask_for(1.2, 0.1);
    cameras_attack *first = attack();
    expect_ok(cameras_options_set_attack_beta(made.options, 3.0));
    for (size_t i = 0; i < PIXELS; i++)
        map->values[i] = 1.0f - map->values[i];
    cameras_attack *second = attack();
    ck_assert_mem_eq(cameras_attack_perturbation(first, CAMERAS_ATTACK_PLAIN),
                     cameras_attack_perturbation(second, CAMERAS_ATTACK_PLAIN), 3 * PIXELS * sizeof(float));
    cameras_attack_free(second);
    cameras_attack_free(first);
}
END_TEST

/* Each sample moves by a sixth of epsilon, or all of them do in the root mean square: none is near 0 or 1 here. */
START_TEST(first_step_of_either_rule_is_a_sixth_of_epsilon_long)
{
    ask_for(3.0, 0.012);
    expect_ok(cameras_options_set_attack_steps(made.options, 1));
    expect_ok(cameras_options_set_attack_rule(made.options, (cameras_step_rule)_i));
    float grey[PIXELS];
    for (size_t i = 0; i < PIXELS; i++)
        grey[i] = 0.5f + 0.2f * (float)sin(0.3 * (double)i);
    cameras_image_free(made.image);
    expect_ok(cameras_image_new(&made.image, grey, WIDTH, HEIGHT, 0, CAMERAS_GRAYF));
    expect_ok(cameras_classify(NULL, probabilities, NETWORK_CLASSES, made.model, made.image, NULL));
    cameras_attack *attacked = attack();
    const double length = cameras_attack_norm(attacked, CAMERAS_ATTACK_PLAIN, CAMERAS_NORM_L2, CAMERAS_PART_ALL);
    ck_assert_uint_eq(cameras_attack_steps(attacked, CAMERAS_ATTACK_PLAIN), 1);
    ck_assert_double_eq_tol(length, 0.002 * sqrt(3.0 * PIXELS), 0.01 * length);
    cameras_attack_free(attacked);
}
END_TEST

/* ---- what is reported ------------------------------------------------------------------------------------------- */

static double measured(const cameras_attack *attacked, cameras_norm norm, cameras_part part)
{
    double found = 0.0;
    for (size_t i = 0; i < PIXELS; i++) {
        int seen = 0;
        if (part != CAMERAS_PART_ALL && is_inside(i) != (part == CAMERAS_PART_INSIDE))
            continue;
        for (size_t c = 0; c < 3; c++) {
            const double size = fabs(change(attacked, CAMERAS_ATTACK_GUIDED, c, i));
            seen = seen || size > 1.0 / 510.0;
            if (norm == CAMERAS_NORM_L1)
                found += size;
            if (norm == CAMERAS_NORM_L2)
                found += size * size;
            if (norm == CAMERAS_NORM_LINF && size > found)
                found = size;
        }
        if (norm == CAMERAS_NORM_L0)
            found += seen;
    }
    return norm == CAMERAS_NORM_L2 ? sqrt(found) : found;
}

START_TEST(norms_are_those_of_the_perturbation)
{
    ask_for(1.2, 0.1);
    cameras_attack *attacked = attack();
    for (cameras_norm norm = CAMERAS_NORM_L0; norm <= CAMERAS_NORM_LINF; norm++)
        for (cameras_part part = CAMERAS_PART_ALL; part <= CAMERAS_PART_OUTSIDE; part++) {
            const double expected = measured(attacked, norm, part);
            ck_assert_double_eq_tol(cameras_attack_norm(attacked, CAMERAS_ATTACK_GUIDED, norm, part), expected,
                                    1e-9 * (1.0 + expected));
        }
    ck_assert_double_gt(cameras_attack_norm(attacked, CAMERAS_ATTACK_GUIDED, CAMERAS_NORM_L0, CAMERAS_PART_ALL), 0.0);
    cameras_attack_free(attacked);
}
END_TEST

static void expect_what_classify_says(const cameras_attack *attacked, cameras_attack_kind kind, double wanted)
{
    cameras_image *image = NULL;
    float said[NETWORK_CLASSES];
    expect_ok(cameras_attack_image(&image, attacked, kind));
    expect_ok(cameras_classify(NULL, said, NETWORK_CLASSES, made.model, image, made.options));
    const double found = (double)said[cameras_attack_target(attacked)];
    ck_assert_double_eq_tol(cameras_attack_confidence(attacked, kind), found, 1e-6);
    ck_assert_int_eq(cameras_attack_succeeded(attacked, kind), cameras_attack_confidence(attacked, kind) >= wanted);
    cameras_image_free(image);
}

/* The order of channels and the normalisation go both ways. */
START_TEST(confidence_is_what_the_network_says_of_the_attacked_image)
{
    static const float mean[] = {0.1f, 0.4f, 0.7f}, deviation[] = {0.2f, 0.5f, 0.9f};
    expect_ok(cameras_model_set_normalisation(made.model, mean, deviation, 3));
    if (_i)
        expect_ok(cameras_model_set_channel_order(made.model, CAMERAS_ORDER_BGR));
    expect_ok(cameras_classify(NULL, probabilities, NETWORK_CLASSES, made.model, made.image, NULL));
    ask_for(1.1, 0.2);
    cameras_attack *attacked = attack();
    const double wanted = 1.1 * (double)probabilities[least_likely()];
    expect_what_classify_says(attacked, CAMERAS_ATTACK_GUIDED, wanted);
    expect_what_classify_says(attacked, CAMERAS_ATTACK_PLAIN, wanted);
    ck_assert_int_eq(cameras_attack_succeeded(attacked, CAMERAS_ATTACK_PLAIN), 1);
    cameras_attack_free(attacked);
}
END_TEST

START_TEST(target_is_the_least_likely_class_unless_another_is_named)
{
    ask_for(1.05, 0.1);
    cameras_attack *attacked = attack();
    ck_assert_uint_eq(cameras_attack_target(attacked), least_likely());
    cameras_attack_free(attacked);
    const size_t other = (likeliest() + 1) % NETWORK_CLASSES;
    expect_ok(cameras_options_set_attack_target(made.options, other));
    attacked = attack();
    ck_assert_uint_eq(cameras_attack_target(attacked), other);
    cameras_attack_free(attacked);
}
END_TEST

START_TEST(reduction_is_that_of_the_l2_norm_and_nothing_where_one_failed)
{
    ask_for(1.02, 0.2);
    cameras_attack *attacked = attack();
    ck_assert_double_eq_tol(
        cameras_attack_reduction(attacked),
        1.0 - cameras_attack_norm(attacked, CAMERAS_ATTACK_GUIDED, CAMERAS_NORM_L2, CAMERAS_PART_ALL) /
                  cameras_attack_norm(attacked, CAMERAS_ATTACK_PLAIN, CAMERAS_NORM_L2, CAMERAS_PART_ALL),
        1e-12);
    cameras_attack_free(attacked);
    expect_ok(cameras_options_set_attack_confidence(made.options, 1.0));
    expect_ok(cameras_options_set_attack_steps(made.options, 2));
    attacked = attack();
    ck_assert_int_eq(cameras_attack_succeeded(attacked, CAMERAS_ATTACK_PLAIN), 0);
    ck_assert_uint_eq(cameras_attack_steps(attacked, CAMERAS_ATTACK_PLAIN), 2);
    ck_assert_double_nan(cameras_attack_reduction(attacked));
    cameras_attack_free(attacked);
}
END_TEST

START_TEST(picture_of_the_change_is_grey_at_zero_and_full_at_the_greatest)
{
    cameras_image *picture = NULL;
    ask_for(1.5, 0.1);
    expect_ok(cameras_options_set_attack_beta(made.options, 1e6));
    cameras_attack *attacked = attack();
    static uint8_t pixels[3 * PIXELS];
    size_t full = 0;
    expect_ok(cameras_attack_picture(&picture, attacked, CAMERAS_ATTACK_GUIDED));
    expect_ok(cameras_image_pixels(pixels, 0, picture));
    for (size_t i = 0; i < 3 * PIXELS; i++) {
        full += pixels[i] == 0 || pixels[i] == 255;
        if (!is_inside(i / 3))
            ck_assert_int_eq(pixels[i], 128);
    }
    ck_assert_uint_gt(full, 0);
    cameras_image_free(picture);
    cameras_attack_free(attacked);
}
END_TEST

static int count_calls(double done, void *user)
{
    size_t *left = user;
    ck_assert(done > 0.0 && done <= 1.0);
    return --*left == 0;
}

START_TEST(progress_may_stop_the_attack)
{
    size_t left = 3;
    cameras_attack *attacked = (cameras_attack *)&left;
    ask_for(3.0, 0.001);
    expect_ok(cameras_options_set_progress(made.options, count_calls, &left));
    expect_failure(cameras_attack_run(&attacked, made.model, made.image, map, made.options), CAMERAS_ECANCELLED,
                   "stop");
    ck_assert_ptr_null(attacked);
    ck_assert_uint_eq(left, 0);
}
END_TEST

/* ---- refusals --------------------------------------------------------------------------------------------------- */

static void expect_refused(cameras_status status, const char *part)
{
    cameras_attack *attacked = (cameras_attack *)&attacked;
    expect_failure(cameras_attack_run(&attacked, made.model, made.image, map, made.options), status, part);
    ck_assert_ptr_null(attacked);
}

START_TEST(target_that_the_network_sees_already_is_refused)
{
    expect_ok(cameras_options_set_attack_target(made.options, likeliest()));
    expect_refused(CAMERAS_EINVAL, "already");
}
END_TEST

START_TEST(class_that_there_is_not_is_refused)
{
    expect_ok(cameras_options_set_attack_target(made.options, NETWORK_CLASSES));
    expect_refused(CAMERAS_ECLASS, "no class 5");
}
END_TEST

START_TEST(map_of_another_size_is_refused)
{
    cameras_map_free(map);
    expect_ok(cam_map_new(&map, (cam_size){HEIGHT, WIDTH}, "conv", 0));
    expect_refused(CAMERAS_EINVAL, "the map is 30 x 40, the base image 40 x 30");
}
END_TEST

START_TEST(network_without_a_gradient_is_refused)
{
    tear_down();
    open_scene(NETWORK_STEPS);
    expect_refused(CAMERAS_EMODEL, "differentiabl");
}
END_TEST

START_TEST(logits_that_are_not_numbers_are_refused)
{
    scene other;
    cameras_attack *attacked = (cameras_attack *)&other;
    scene_open(&other, NETWORK_NAN, WIDTH, HEIGHT);
    expect_failure(cameras_attack_run(&attacked, other.model, other.image, map, other.options), CAMERAS_ENUMERIC,
                   "not finite");
    ck_assert_ptr_null(attacked);
    scene_close(&other);
}
END_TEST

START_TEST(nothing_gives_nothing)
{
    cameras_attack *attacked = NULL;
    cameras_image *image = NULL;
    ck_assert_int_eq(cameras_attack_run(NULL, made.model, made.image, map, NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_attack_run(&attacked, NULL, made.image, map, NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_attack_run(&attacked, made.model, NULL, map, NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_attack_run(&attacked, made.model, made.image, NULL, NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_attack_image(&image, NULL, CAMERAS_ATTACK_PLAIN), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_attack_picture(&image, NULL, CAMERAS_ATTACK_PLAIN), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_attack_write(NULL, CAMERAS_ATTACK_PLAIN, "p.npy"), CAMERAS_EINVAL);
    ck_assert_ptr_null(cameras_attack_perturbation(NULL, CAMERAS_ATTACK_PLAIN));
    ck_assert_uint_eq(cameras_attack_width(NULL) + cameras_attack_height(NULL) + cameras_attack_channels(NULL), 0);
    ck_assert_double_nan(cameras_attack_reduction(NULL));
    cameras_attack_free(NULL);
}
END_TEST

/* ---- the proximal map ------------------------------------------------------------------------------------------- */

enum {
    FEW = 12
};

static double cost(const float *p, const float *v, const float *quiet, double threshold)
{
    double distance = 0.0, penalty = 0.0;
    for (size_t i = 0; i < 3 * FEW; i++) {
        const double off = (double)p[i] - (double)v[i], weighed = (double)quiet[i % FEW] * (double)p[i];
        distance += off * off;
        penalty += weighed * weighed;
    }
    return 0.5 * distance + threshold * sqrt(penalty);
}

static void make_vector(float *v, float *quiet)
{
    for (size_t i = 0; i < 3 * FEW; i++) {
        v[i] = (float)sin(1.7 * (double)i + 0.4);
        quiet[i % FEW] = i % FEW == 4 ? 0.0f : 0.1f + 0.9f * (float)(i % FEW) / FEW;
    }
}

/* No small change of what it gives costs less. */
START_TEST(shrinking_finds_the_least_cost)
{
    static const double thresholds[] = {0.01, 0.3, 1.0, 2.5};
    float v[3 * FEW], quiet[FEW], spare[FEW], p[3 * FEW];
    make_vector(v, quiet);
    memcpy(p, v, sizeof p);
    cam_shrink(p, spare, quiet, 3, FEW, thresholds[_i]);
    const double least = cost(p, v, quiet, thresholds[_i]);
    ck_assert_double_lt(least, cost(v, v, quiet, thresholds[_i]));
    for (size_t i = 0; i < 3 * FEW; i++)
        for (int way = -1; way <= 1; way += 2) {
            const float kept = p[i];
            p[i] += (float)way * 1e-3f;
            ck_assert_double_ge(cost(p, v, quiet, thresholds[_i]), least);
            p[i] = kept;
        }
}
END_TEST

START_TEST(shrinking_beyond_all_weight_leaves_what_costs_nothing)
{
    float v[3 * FEW], quiet[FEW], spare[FEW], p[3 * FEW];
    make_vector(v, quiet);
    memcpy(p, v, sizeof p);
    cam_shrink(p, spare, quiet, 3, FEW, 1e4);
    for (size_t i = 0; i < 3 * FEW; i++)
        ck_assert_float_eq(p[i], i % FEW == 4 ? v[i] : 0.0f);
}
END_TEST

static Suite *attack_suite(void)
{
    Suite *suite = suite_create("attack");
    TCase *cases = tcase_create("attack");
    tcase_add_checked_fixture(cases, set_up, tear_down);
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, changes_stay_within_epsilon_and_colours_within_range, 0, 2);
    tcase_add_test(cases, huge_beta_keeps_the_change_inside_the_map);
    tcase_add_test(cases, map_of_ones_leaves_nothing_to_penalise);
    tcase_add_test(cases, plain_attack_asks_neither_beta_nor_the_map);
    tcase_add_loop_test(cases, first_step_of_either_rule_is_a_sixth_of_epsilon_long, 0, 2);
    tcase_add_test(cases, norms_are_those_of_the_perturbation);
    tcase_add_loop_test(cases, confidence_is_what_the_network_says_of_the_attacked_image, 0, 2);
    tcase_add_test(cases, target_is_the_least_likely_class_unless_another_is_named);
    tcase_add_test(cases, reduction_is_that_of_the_l2_norm_and_nothing_where_one_failed);
    tcase_add_test(cases, picture_of_the_change_is_grey_at_zero_and_full_at_the_greatest);
    tcase_add_test(cases, progress_may_stop_the_attack);
    tcase_add_test(cases, target_that_the_network_sees_already_is_refused);
    tcase_add_test(cases, class_that_there_is_not_is_refused);
    tcase_add_test(cases, map_of_another_size_is_refused);
    tcase_add_test(cases, network_without_a_gradient_is_refused);
    tcase_add_test(cases, logits_that_are_not_numbers_are_refused);
    tcase_add_test(cases, nothing_gives_nothing);
    suite_add_tcase(suite, cases);
    TCase *shrinking = tcase_create("shrinking");
    tcase_add_loop_test(shrinking, shrinking_finds_the_least_cost, 0, 4);
    tcase_add_test(shrinking, shrinking_beyond_all_weight_leaves_what_costs_nothing);
    suite_add_tcase(suite, shrinking);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(attack_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
