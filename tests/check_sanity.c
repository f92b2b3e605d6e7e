/*
 * check_sanity.c - whether a map depends on the model: the cascade, the adversarial check, the verdict
 *
 * SPDX-License-Identifier: MIT
 *
 * The demo network, which has learnt something, shows the verdicts; small networks the mechanics.
 */
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    STAGES = 3,
    SIDE = 32
};

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static cameras_sanity *checked(scene *made, size_t stages)
{
    cameras_sanity *sanity = NULL;
    expect_ok(cameras_sanity_check(&sanity, made->model, made->image, stages, made->options));
    ck_assert_ptr_nonnull(sanity);
    return sanity;
}

static void open_small(scene *made, network which)
{
    static const size_t sides[] = {SIDE, SIDE + 8};
    scene_open(made, which, SIDE, SIDE);
    scene_set_scales(made, sides, 2);
    expect_ok(cameras_options_set_threads(made->options, 1));
    expect_ok(cameras_options_set_attack_steps(made->options, 10));
}

/* The demo network and its scene, shown at one scale. */
static void open_demo(scene *made)
{
    static const size_t sides[] = {224};
    *made = (scene){.width = 224, .height = 224};
    expect_ok(cameras_model_open(&made->model, "src/demo/demo.pt"));
    expect_ok(cameras_image_read(&made->image, "src/demo/scene.png", NULL));
    expect_ok(cameras_options_new(&made->options));
    scene_set_scales(made, sides, 1);
    expect_ok(cameras_options_set_attack_steps(made->options, 20));
}

static void expect_why(const cameras_sanity *sanity, int passed, const char *part)
{
    ck_assert_msg(cameras_sanity_passed(sanity) == passed, "%s", cameras_sanity_why(sanity));
    ck_assert_msg(strstr(cameras_sanity_why(sanity), part) != NULL, "\"%s\" does not say \"%s\"",
                  cameras_sanity_why(sanity), part);
}

/* ---- verdicts --------------------------------------------------------------------------------------------------- */

START_TEST(cameras_passes_on_a_network_that_has_learnt)
{
    scene made;
    open_demo(&made);
    cameras_sanity *sanity = checked(&made, STAGES);
    expect_why(sanity, 1, "depends on the model and on the class");
    ck_assert_double_lt(cameras_sanity_class_overlap(sanity), 0.5);
    /* The perturbation does more where the map is greatest, and chance does neither. */
    ck_assert_double_gt(cameras_sanity_adversarial_score(sanity), 0.05);
    ck_assert_double_lt(fabs(cameras_sanity_adversarial_chance(sanity)), 0.05);
    cameras_sanity_free(sanity);
    scene_close(&made);
}
END_TEST

START_TEST(a_map_that_ignores_the_model_fails_and_says_so)
{
    static const struct {
        cameras_method method;
        const char *says;
    } controls[] = {{CAMERAS_METHOD_CENTRE, "does not depend on what the model has learnt"},
                    {CAMERAS_METHOD_RANDOM, "mean |Spearman| with the original is 1.000, above 0.5"},
                    {CAMERAS_METHOD_CONSTANT, "the map is flat"}};
    scene made;
    open_small(&made, NETWORK_RECTIFIED);
    expect_ok(cameras_options_set_method(made.options, controls[_i].method));
    cameras_sanity *sanity = checked(&made, STAGES);
    expect_why(sanity, 0, controls[_i].says);
    cameras_sanity_free(sanity);
    scene_close(&made);
}
END_TEST

START_TEST(the_threshold_decides)
{
    scene made;
    open_small(&made, NETWORK_RECTIFIED);
    expect_ok(cameras_options_set_method(made.options, CAMERAS_METHOD_CENTRE));
    expect_ok(cameras_options_set_sanity_threshold(made.options, 1.0));
    cameras_sanity *sanity = checked(&made, STAGES);
    expect_why(sanity, 0, "does not depend on the class"); /* the cascade has no say left */
    ck_assert_double_eq(cameras_sanity_class_overlap(sanity), 1.0);
    cameras_sanity_free(sanity);
    scene_close(&made);
}
END_TEST

/* ---- the cascade ------------------------------------------------------------------------------------------------ */

START_TEST(cascade_begins_at_the_logits_and_ends_with_every_layer)
{
    scene made;
    open_small(&made, NETWORK_RECTIFIED);
    const size_t layers = cameras_model_parametrised_count(made.model);
    cameras_sanity *each = checked(&made, 0), *two = checked(&made, 2), *many = checked(&made, 100);
    ck_assert_uint_eq(cameras_sanity_stage_count(each), layers);
    ck_assert_uint_eq(cameras_sanity_stage_count(many), layers);
    for (size_t i = 0; i < layers; i++)
        ck_assert_str_eq(cameras_sanity_stage_layer(each, i), cameras_model_parametrised_path(made.model, i));
    ck_assert_str_eq(cameras_sanity_stage_layer(each, 0), "fc");
    ck_assert_uint_eq(cameras_sanity_stage_count(two), 2);
    ck_assert_str_eq(cameras_sanity_stage_layer(two, 0), cameras_model_parametrised_path(made.model, layers / 2 - 1));
    ck_assert_str_eq(cameras_sanity_stage_layer(two, 1), cameras_model_parametrised_path(made.model, layers - 1));
    cameras_sanity_free(many);
    cameras_sanity_free(two);
    cameras_sanity_free(each);
    scene_close(&made);
}
END_TEST

START_TEST(a_stage_is_the_map_of_the_randomised_model)
{
    scene made;
    open_small(&made, NETWORK_RECTIFIED);
    expect_ok(cameras_options_set_seed(made.options, 11));
    cameras_sanity *sanity = checked(&made, 0);
    const cameras_map *original = cameras_sanity_original(sanity), *stage = cameras_sanity_stage_map(sanity, 0);
    const char *logits[] = {cameras_model_parametrised_path(made.model, 0)};
    cameras_model *copy = NULL;
    cameras_map *map = NULL;
    expect_ok(cameras_model_randomise(&copy, made.model, logits, 1, 11));
    expect_ok(cameras_options_add_class(made.options, cameras_map_class(original)));
    expect_ok(cameras_options_set_keep_flat(made.options, 1));
    expect_ok(cameras_explain(&map, copy, made.image, made.options));
    expect_equal_maps(stage, map);
    double spearman = 0.0, ssim = 0.0;
    expect_ok(cameras_map_ssim(&ssim, original, map));
    ck_assert_double_eq(cameras_sanity_stage_ssim(sanity, 0), ssim);
    if (!cameras_map_is_flat(map))
        expect_ok(cameras_map_spearman(&spearman, original, map));
    ck_assert_double_eq(cameras_sanity_stage_spearman(sanity, 0), spearman);
    cameras_map_free(map);
    cameras_model_close(copy);
    cameras_sanity_free(sanity);
    scene_close(&made);
}
END_TEST

START_TEST(the_model_stays_as_it_was)
{
    scene made;
    open_small(&made, NETWORK_RECTIFIED);
    cameras_map *before = scene_explain(&made);
    cameras_sanity_free(checked(&made, STAGES));
    cameras_map *after = scene_explain(&made);
    expect_equal_maps(after, before);
    cameras_map_free(after);
    cameras_map_free(before);
    scene_close(&made);
}
END_TEST

START_TEST(equal_seeds_give_equal_results_and_others_do_not)
{
    scene made;
    open_small(&made, NETWORK_RECTIFIED);
    cameras_sanity *first = checked(&made, STAGES), *second = checked(&made, STAGES);
    expect_ok(cameras_options_set_seed(made.options, 1));
    cameras_sanity *other = checked(&made, STAGES);
    int differs = 0;
    for (size_t i = 0; i < STAGES; i++) {
        expect_equal_maps(cameras_sanity_stage_map(first, i), cameras_sanity_stage_map(second, i));
        ck_assert_double_eq(cameras_sanity_stage_spearman(first, i), cameras_sanity_stage_spearman(second, i));
        ck_assert_double_eq(cameras_sanity_stage_ssim(first, i), cameras_sanity_stage_ssim(second, i));
        differs |= memcmp(cameras_map_raw(cameras_sanity_stage_map(first, i)),
                          cameras_map_raw(cameras_sanity_stage_map(other, i)), SIDE * SIDE * sizeof(float)) != 0;
    }
    ck_assert(differs);
    ck_assert_double_eq(cameras_sanity_adversarial_score(first), cameras_sanity_adversarial_score(second));
    ck_assert_double_eq(cameras_sanity_adversarial_spearman(first), cameras_sanity_adversarial_spearman(second));
    cameras_sanity_free(other);
    cameras_sanity_free(second);
    cameras_sanity_free(first);
    scene_close(&made);
}
END_TEST

/* ---- classes and refusals --------------------------------------------------------------------------------------- */

START_TEST(the_unlikely_class_is_the_least_likely_of_the_others)
{
    float logits[NETWORK_CLASSES];
    scene made;
    open_small(&made, NETWORK_RECTIFIED);
    expect_ok(cameras_classify(logits, NULL, NETWORK_CLASSES, made.model, made.image, made.options));
    size_t least = 0, second = NETWORK_CLASSES;
    for (size_t i = 1; i < NETWORK_CLASSES; i++)
        least = logits[i] < logits[least] ? i : least;
    for (size_t i = 0; i < NETWORK_CLASSES; i++)
        if (i != least && (second == NETWORK_CLASSES || logits[i] < logits[second]))
            second = i;
    cameras_sanity *of_top1 = checked(&made, 1);
    ck_assert_uint_eq(cameras_map_class(cameras_sanity_unlikely(of_top1)), least);
    expect_ok(cameras_options_add_class(made.options, least));
    cameras_sanity *of_least = checked(&made, 1);
    ck_assert_uint_eq(cameras_map_class(cameras_sanity_original(of_least)), least);
    ck_assert_uint_eq(cameras_map_class(cameras_sanity_unlikely(of_least)), second);
    cameras_sanity_free(of_least);
    cameras_sanity_free(of_top1);
    scene_close(&made);
}
END_TEST

START_TEST(what_cannot_be_checked_is_refused)
{
    cameras_sanity *sanity = NULL;
    scene made;
    open_small(&made, NETWORK_BARE);
    expect_failure(cameras_sanity_check(&sanity, made.model, made.image, 0, made.options), CAMERAS_EMODEL,
                   "two layers with parameters or more, the model has 0");
    ck_assert_ptr_null(sanity);
    scene_close(&made);
    open_small(&made, NETWORK_NAN);
    expect_failure(cameras_sanity_check(&sanity, made.model, made.image, 0, made.options), CAMERAS_ENUMERIC, "finite");
    scene_close(&made);
    open_small(&made, NETWORK_RECTIFIED);
    expect_ok(cameras_options_add_class(made.options, NETWORK_CLASSES));
    expect_failure(cameras_sanity_check(&sanity, made.model, made.image, 0, made.options), CAMERAS_ECLASS, "0 to 4");
    expect_ok(cameras_options_add_class(made.options, 0));
    expect_failure(cameras_sanity_check(&sanity, made.model, made.image, 0, made.options), CAMERAS_EINVAL, "2 maps");
    ck_assert_ptr_null(sanity);
    scene_close(&made);
}
END_TEST

static int stop_after_two(double done, void *user)
{
    (void)done;
    return ++*(int *)user == 2;
}

START_TEST(a_check_can_be_cancelled)
{
    int calls = 0;
    cameras_sanity *sanity = NULL;
    scene made;
    open_small(&made, NETWORK_RECTIFIED);
    expect_ok(cameras_options_set_progress(made.options, stop_after_two, &calls));
    expect_failure(cameras_sanity_check(&sanity, made.model, made.image, 0, made.options), CAMERAS_ECANCELLED,
                   "cancelled");
    ck_assert_int_eq(calls, 2);
    ck_assert_ptr_null(sanity);
    scene_close(&made);
}
END_TEST

START_TEST(null_is_refused_and_getters_give_nothing)
{
    cameras_sanity *sanity = NULL;
    scene made;
    open_small(&made, NETWORK_RECTIFIED);
    ck_assert_int_eq(cameras_sanity_check(NULL, made.model, made.image, 0, NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_sanity_check(&sanity, NULL, made.image, 0, NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_sanity_check(&sanity, made.model, NULL, 0, NULL), CAMERAS_EINVAL);
    scene_close(&made);
    ck_assert_uint_eq(cameras_sanity_stage_count(NULL), 0);
    ck_assert_ptr_null(cameras_sanity_stage_layer(NULL, 0));
    ck_assert_ptr_null(cameras_sanity_stage_map(NULL, 0));
    ck_assert_double_eq(cameras_sanity_stage_spearman(NULL, 0), 0.0);
    ck_assert_double_eq(cameras_sanity_stage_ssim(NULL, 0), 0.0);
    ck_assert_ptr_null(cameras_sanity_original(NULL));
    ck_assert_ptr_null(cameras_sanity_unlikely(NULL));
    ck_assert_double_eq(cameras_sanity_adversarial_score(NULL), 0.0);
    ck_assert_double_eq(cameras_sanity_adversarial_chance(NULL), 0.0);
    ck_assert_double_eq(cameras_sanity_adversarial_spearman(NULL), 0.0);
    ck_assert_double_eq(cameras_sanity_class_overlap(NULL), 0.0);
    ck_assert_int_eq(cameras_sanity_passed(NULL), 0);
    ck_assert_ptr_null(cameras_sanity_why(NULL));
    cameras_sanity_free(NULL);
}
END_TEST

static Suite *sanity_suite(void)
{
    Suite *suite = suite_create("sanity");
    TCase *cases = tcase_create("sanity");
    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, cameras_passes_on_a_network_that_has_learnt);
    tcase_add_loop_test(cases, a_map_that_ignores_the_model_fails_and_says_so, 0, 3);
    tcase_add_test(cases, the_threshold_decides);
    tcase_add_test(cases, cascade_begins_at_the_logits_and_ends_with_every_layer);
    tcase_add_test(cases, a_stage_is_the_map_of_the_randomised_model);
    tcase_add_test(cases, the_model_stays_as_it_was);
    tcase_add_test(cases, equal_seeds_give_equal_results_and_others_do_not);
    tcase_add_test(cases, the_unlikely_class_is_the_least_likely_of_the_others);
    tcase_add_test(cases, what_cannot_be_checked_is_refused);
    tcase_add_test(cases, a_check_can_be_cancelled);
    tcase_add_test(cases, null_is_refused_and_getters_give_nothing);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(sanity_suite());
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
