/*
 * check_networks.c - networks of odd shapes and precisions: what is explained all the same, and what is refused
 *
 * SPDX-License-Identifier: MIT
 */
#include "scene.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = 32
};

static void expect_classified(float logits[NETWORK_CLASSES], scene *made)
{
    expect_ok(cameras_classify(logits, NULL, NETWORK_CLASSES, made->model, made->image, made->options));
}

static void expect_explain_refused(scene *made, cameras_status expected, const char *reason)
{
    cameras_map *map = (cameras_map *)&map;
    const cameras_status status = cameras_explain(&map, made->model, made->image, made->options);
    ck_assert_ptr_null(map);
    expect_failure(status, expected, reason);
}

/* ---- layers ----------------------------------------------------------------------------------------------------- */

static const struct {
    network which;
    const char *layer, *reason;
} not_spatial[] = {
    {NETWORK_PLAIN, "fc", "layer fc gives 1 x 5"},
    {NETWORK_EMPTY, "crop", "layer crop gives 1 x 8 x 16 x 0"},
};

START_TEST(layer_that_is_not_spatial_is_refused_with_its_shape_and_the_model_stays_usable)
{
    scene made;
    size_t count = 0;
    float before[NETWORK_CLASSES], after[NETWORK_CLASSES];
    scene_open(&made, not_spatial[_i].which, SIDE, SIDE);
    expect_classified(before, &made);
    expect_ok(cameras_options_add_layer(made.options, not_spatial[_i].layer));
    for (int again = 0; again < 2; again++)
        expect_explain_refused(&made, CAMERAS_ELAYER, not_spatial[_i].reason);
    expect_classified(after, &made);
    ck_assert_mem_eq(after, before, sizeof before);
    expect_ok(cameras_model_class_count(&count, made.model));
    ck_assert_uint_eq(count, NETWORK_CLASSES);
    scene_close(&made);
}
END_TEST

START_TEST(model_whose_first_call_was_refused_classifies_and_counts)
{
    scene made;
    size_t count = 0;
    float logits[NETWORK_CLASSES];
    scene_open(&made, not_spatial[_i].which, SIDE, SIDE);
    expect_ok(cameras_options_add_layer(made.options, not_spatial[_i].layer));
    expect_explain_refused(&made, CAMERAS_ELAYER, not_spatial[_i].reason);
    expect_ok(cameras_model_class_count(&count, made.model));
    ck_assert_uint_eq(count, NETWORK_CLASSES);
    expect_classified(logits, &made);
    scene_close(&made);
}
END_TEST

START_TEST(empty_layer_is_not_the_automatic_one)
{
    const char *path = NULL;
    scene made;
    scene_open(&made, NETWORK_EMPTY, SIDE, SIDE);
    expect_ok(cameras_model_auto_layer(&path, made.model));
    ck_assert_str_eq(path, "conv");
    cameras_map_free(scene_explain(&made));
    scene_close(&made);
}
END_TEST

START_TEST(convolution_to_as_many_channels_as_classes_is_explained)
{
    scene made;
    scene_open(&made, NETWORK_NARROW, SIDE, SIDE);
    cameras_map *map = scene_explain(&made);
    ck_assert_str_eq(cameras_map_layer(map), "narrow");
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

/* ---- classes ---------------------------------------------------------------------------------------------------- */

START_TEST(network_without_classes_is_refused_by_every_call)
{
    scene made;
    float logits[NETWORK_CLASSES];
    size_t count = 7;
    scene_open(&made, NETWORK_NO_CLASSES, SIDE, SIDE);
    for (int again = 0; again < 2; again++) {
        expect_failure(cameras_model_class_count(&count, made.model), CAMERAS_EMODEL, "class");
        ck_assert_uint_eq(count, 0);
        expect_failure(cameras_classify(logits, NULL, 0, made.model, made.image, NULL), CAMERAS_EMODEL, "class");
        expect_failure(cameras_classify(logits, NULL, 5, made.model, made.image, NULL), CAMERAS_EMODEL, "class");
        expect_explain_refused(&made, CAMERAS_EMODEL, "class");
    }
    expect_ok(cameras_options_add_class(made.options, 0));
    expect_explain_refused(&made, CAMERAS_EMODEL, "class");
    scene_close(&made);
}
END_TEST

/* ---- precision -------------------------------------------------------------------------------------------------- */

static cameras_map *map_of(network which)
{
    static const size_t sides[] = {32, 48};
    scene made;
    scene_open(&made, which, SIDE, SIDE);
    scene_set_scales(&made, sides, 2);
    expect_ok(cameras_options_add_class(made.options, 3));
    cameras_map *map = scene_explain(&made);
    scene_close(&made);
    return map;
}

static const network other_precisions[] = {NETWORK_HALF, NETWORK_DOUBLE};

START_TEST(weights_of_another_precision_give_the_map_of_single_precision)
{
    cameras_map *found = map_of(other_precisions[_i]), *expected = map_of(NETWORK_RECTIFIED);
    ck_assert_str_eq(cameras_map_layer(found), "conv");
    ck_assert_float_eq_tol(cameras_map_logit(found), cameras_map_logit(expected), 1e-3f);
    ck_assert_float_eq_tol(cameras_map_probability(found), cameras_map_probability(expected), 1e-3f);
    for (size_t i = 0; i < SIDE * SIDE; i++)
        ck_assert_float_eq_tol(cameras_map_values(found)[i], cameras_map_values(expected)[i], 1e-3f);
    cameras_map_free(expected);
    cameras_map_free(found);
}
END_TEST

START_TEST(weights_of_another_precision_classify_like_single_precision)
{
    float found[NETWORK_CLASSES], expected[NETWORK_CLASSES];
    scene other, single;
    size_t count = 0;
    scene_open(&other, other_precisions[_i], SIDE, SIDE);
    scene_open(&single, NETWORK_RECTIFIED, SIDE, SIDE);
    expect_classified(found, &other);
    expect_classified(expected, &single);
    for (size_t i = 0; i < NETWORK_CLASSES; i++)
        ck_assert_float_eq_tol(found[i], expected[i], 1e-3f);
    expect_ok(cameras_model_class_count(&count, other.model));
    ck_assert_uint_eq(count, NETWORK_CLASSES);
    scene_close(&single);
    scene_close(&other);
}
END_TEST

/* ---- arguments of forward --------------------------------------------------------------------------------------- */

START_TEST(argument_of_forward_that_has_a_default_takes_it)
{
    float found[NETWORK_CLASSES], expected[NETWORK_CLASSES];
    scene doubled, plain;
    scene_open(&doubled, NETWORK_WITH_DEFAULT, SIDE, SIDE);
    scene_open(&plain, NETWORK_PLAIN, SIDE, SIDE);
    expect_classified(found, &doubled);
    expect_classified(expected, &plain);
    for (size_t i = 0; i < NETWORK_CLASSES; i++)
        ck_assert_float_eq_tol(found[i], 2.0f * expected[i], 1e-6f);
    cameras_map *map = scene_explain(&doubled);
    ck_assert_str_eq(cameras_map_layer(map), "conv");
    cameras_map_free(map);
    scene_close(&plain);
    scene_close(&doubled);
}
END_TEST

START_TEST(forward_that_needs_more_than_the_image_is_refused_by_every_call_and_says_so)
{
    static const char reason[] = "forward needs more than the image";
    float logits[NETWORK_CLASSES];
    const char *path = "";
    size_t count = 7;
    scene made;
    scene_open(&made, NETWORK_REQUIRED, SIDE, SIDE);
    expect_failure(cameras_model_class_count(&count, made.model), CAMERAS_EMODEL, reason);
    expect_failure(cameras_model_auto_layer(&path, made.model), CAMERAS_EMODEL, reason);
    expect_failure(cameras_classify(logits, NULL, NETWORK_CLASSES, made.model, made.image, NULL), CAMERAS_EMODEL,
                   reason);
    expect_explain_refused(&made, CAMERAS_EMODEL, reason);
    expect_ok(cameras_options_add_layer(made.options, "conv"));
    expect_explain_refused(&made, CAMERAS_EMODEL, reason);
    scene_close(&made);
}
END_TEST

static Suite *networks_suite(void)
{
    Suite *suite = suite_create("networks");
    TCase *cases = tcase_create("networks");
    const int shapes = sizeof not_spatial / sizeof *not_spatial;
    const int precisions = sizeof other_precisions / sizeof *other_precisions;
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, layer_that_is_not_spatial_is_refused_with_its_shape_and_the_model_stays_usable, 0,
                        shapes);
    tcase_add_loop_test(cases, model_whose_first_call_was_refused_classifies_and_counts, 0, shapes);
    tcase_add_test(cases, empty_layer_is_not_the_automatic_one);
    tcase_add_test(cases, convolution_to_as_many_channels_as_classes_is_explained);
    tcase_add_test(cases, network_without_classes_is_refused_by_every_call);
    tcase_add_loop_test(cases, weights_of_another_precision_give_the_map_of_single_precision, 0, precisions);
    tcase_add_loop_test(cases, weights_of_another_precision_classify_like_single_precision, 0, precisions);
    tcase_add_test(cases, argument_of_forward_that_has_a_default_takes_it);
    tcase_add_test(cases, forward_that_needs_more_than_the_image_is_refused_by_every_call_and_says_so);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(networks_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
