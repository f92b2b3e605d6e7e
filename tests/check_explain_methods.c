/*
 * check_explain_methods.c - the methods and controls end to end, against their formulas and against each other
 *
 * SPDX-License-Identifier: MIT
 *
 * What a map should be is worked out here from what the shim recorded of the layer at each scale (recording.h) and from
 * the papers' formulas in double precision (formulas.h).
 */
#include "formulas.h"
#include "plain.h"
#include "recording.h"
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_PIXELS = 64 * 64
};

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static cameras_map *explain_by(scene *made, cameras_method method)
{
    expect_ok(cameras_options_set_method(made->options, method));
    return scene_explain(made);
}

/* A layer's own map of a scale, sampled where pixel i of the base image is. */
static double own_sample(const float *own, shim_array like, const scene *of, size_t i)
{
    const shim_array plane = {own, 1, like.height, like.width};
    return plain_sample(plane, 0, (cam_size){of->width, of->height}, i % of->width, i / of->width);
}

/* The mean over the scales of their own maps, each resized to the base image. */
static void define(double *raw, cameras_method method, const recording *from, const scene *of)
{
    memset(raw, 0, of->width * of->height * sizeof *raw);
    for (size_t t = 0; t < from->scales; t++) {
        float own[MOST_PIXELS];
        const shim_array like = from->activations[t];
        ck_assert_uint_le(like.height * like.width, MOST_PIXELS);
        for (size_t i = 0; i < like.height * like.width; i++)
            own[i] = (float)formula_map(method, like, from->gradients[t], i);
        for (size_t i = 0; i < of->width * of->height; i++)
            raw[i] += own_sample(own, like, of, i) / (double)from->scales;
    }
}

static void find_range(double *least, double *most, const double *raw, size_t pixels)
{
    *least = INFINITY;
    *most = 0.0;
    for (size_t i = 0; i < pixels; i++) {
        *least = fmin(*least, raw[i]);
        *most = fmax(*most, raw[i]);
    }
}

static void expect_map(const cameras_map *map, const double *raw, const scene *of)
{
    double least, most;
    find_range(&least, &most, raw, of->width * of->height);
    ck_assert_double_gt(most, 0.0);
    ck_assert_uint_eq(cameras_map_width(map), of->width);
    ck_assert_uint_eq(cameras_map_height(map), of->height);
    for (size_t i = 0; i < of->width * of->height; i++) {
        ck_assert_double_eq_tol((double)cameras_map_raw(map)[i], raw[i], 2e-5 * most);
        ck_assert_double_eq_tol((double)cameras_map_values(map)[i], (raw[i] - least) / (most - least),
                                2e-5 * most / (most - least));
    }
}

/* ---- the formulas ------------------------------------------------------------------------------------------------ */

/* Heads with gradients constant over space and others; layers smaller and larger than the map; other shapes. */
static const struct {
    network which;
    const char *layer;
    size_t width, height, sides[RECORDING_SCALES], scales;
} defined[] = {
    {NETWORK_PLAIN, "conv", 32, 32, {32}, 1},          {NETWORK_PLAIN, "conv", 32, 32, {32, 41, 100}, 3},
    {NETWORK_RECTIFIED, "conv", 32, 32, {32}, 1},      {NETWORK_RECTIFIED, "conv", 48, 24, {24, 40, 64}, 3},
    {NETWORK_RESIDUAL, "block", 32, 32, {32, 100}, 2}, {NETWORK_FLATTEN, "conv", 32, 32, {32}, 1},
    {NETWORK_RECTIFIED, "stem", 21, 47, {60, 21}, 2},
};
enum {
    DEFINED = sizeof defined / sizeof *defined
};

static void expect_method(scene *made, cameras_method method, const recording *recorded)
{
    double raw[MOST_PIXELS];
    cameras_map *map = explain_by(made, method);
    define(raw, method, recorded, made);
    expect_map(map, raw, made);
    ck_assert_int_eq((int)cameras_map_method(map), (int)method);
    ck_assert_uint_eq(cameras_map_scale_count(map), recorded->scales);
    cameras_map_free(map);
}

START_TEST(map_is_the_mean_of_the_scales_own_by_the_papers_formula)
{
    scene made;
    recording recorded;
    scene_open(&made, defined[_i].which, defined[_i].width, defined[_i].height);
    scene_set_scales(&made, defined[_i].sides, defined[_i].scales);
    expect_ok(cameras_options_add_class(made.options, 3));
    expect_ok(cameras_options_add_layer(made.options, defined[_i].layer));
    recording_make(&recorded, &made, defined[_i].layer, 3, defined[_i].sides, defined[_i].scales);
    for (int method = FORMULA_FIRST; method <= FORMULA_LAST; method++)
        expect_method(&made, (cameras_method)method, &recorded);
    recording_free(&recorded);
    scene_close(&made);
}
END_TEST

/* ---- identities -------------------------------------------------------------------------------------------------- */

START_TEST(several_scales_give_the_mean_of_what_each_gives_alone)
{
    static const size_t sides[] = {32, 36, 40, 44, 48, 56, 64, 90};
    for (int method = FORMULA_FIRST; method <= FORMULA_LAST; method++) {
        scene made;
        double mean[32 * 32] = {0.0}, least, most;
        scene_open(&made, NETWORK_RECTIFIED, 32, 32);
        expect_ok(cameras_options_add_class(made.options, 3));
        expect_ok(cameras_options_set_keep_flat(made.options, 1));
        for (size_t t = 0; t < 8; t++) {
            scene_set_scales(&made, sides + t, 1);
            cameras_map *one = explain_by(&made, (cameras_method)method);
            for (size_t i = 0; i < 32 * 32; i++)
                mean[i] += (double)cameras_map_raw(one)[i] / 8.0;
            cameras_map_free(one);
        }
        scene_set_scales(&made, sides, 8);
        cameras_map *map = explain_by(&made, (cameras_method)method);
        find_range(&least, &most, mean, 32 * 32);
        for (size_t i = 0; i < 32 * 32; i++)
            ck_assert_double_eq_tol((double)cameras_map_raw(map)[i], mean[i], 1e-6 * most);
        cameras_map_free(map);
        scene_close(&made);
    }
}
END_TEST

/* Shown twice the base's size, the layer is as large as the map: nothing is resized, and ReLU comes where it may. */
START_TEST(one_scale_before_a_linear_head_gives_one_map_but_for_where_relu_stands)
{
    static const size_t sides[] = {64, 32};
    for (size_t one = 0; one < 2; one++) {
        scene made;
        double greatest = 0.0;
        scene_open(&made, NETWORK_PLAIN, 32, 32);
        scene_set_scales(&made, sides + one, 1);
        expect_ok(cameras_options_add_class(made.options, 1));
        cameras_map *cameras = explain_by(&made, CAMERAS_METHOD_CAMERAS);
        cameras_map *gradcam = explain_by(&made, CAMERAS_METHOD_GRADCAM);
        cameras_map *hirescam = explain_by(&made, CAMERAS_METHOD_HIRESCAM);
        for (size_t i = 0; i < 32 * 32; i++)
            greatest = fmax(greatest, (double)cameras_map_raw(gradcam)[i]);
        for (size_t i = 0; i < 32 * 32; i++) {
            const double reference = (double)cameras_map_raw(gradcam)[i], own = (double)cameras_map_raw(cameras)[i];
            ck_assert_double_eq_tol((double)cameras_map_raw(hirescam)[i], reference, 1e-6 * greatest);
            ck_assert_double_le(own, reference + 1e-6 * greatest); /* ReLU is convex */
            if (sides[one] == 64)
                ck_assert_double_eq_tol(own, reference, 1e-6 * greatest);
        }
        cameras_map_free(hirescam);
        cameras_map_free(gradcam);
        cameras_map_free(cameras);
        scene_close(&made);
    }
}
END_TEST

START_TEST(scale_that_the_gate_drops_leaves_no_trace)
{
    static const size_t sides[] = {32, 36, 48}; /* NETWORK_FICKLE changes its mind at 40 */
    for (int method = FORMULA_FIRST; method <= FORMULA_LAST; method++) {
        scene made;
        scene_open(&made, NETWORK_FICKLE, 32, 32);
        scene_set_scales(&made, sides, 3);
        cameras_map *gated = explain_by(&made, (cameras_method)method);
        scene_set_scales(&made, sides, 2);
        cameras_map *without = scene_explain(&made);
        expect_equal_maps(gated, without);
        ck_assert_int_eq(cameras_map_scale_used(gated, 2), 0);
        cameras_map_free(without);
        cameras_map_free(gated);
        scene_close(&made);
    }
}
END_TEST

START_TEST(several_classes_and_layers_equal_single_calls)
{
    static const size_t sides[] = {32, 44}, classes[] = {3, 0};
    static const char *const layers[] = {"conv", "stem"};
    scene made;
    cameras_map *maps[4];
    scene_open(&made, NETWORK_RECTIFIED, 32, 32);
    scene_set_scales(&made, sides, 2);
    expect_ok(cameras_options_set_method(made.options, CAMERAS_METHOD_LAYERCAM));
    for (size_t i = 0; i < 2; i++) {
        expect_ok(cameras_options_add_class(made.options, classes[i]));
        expect_ok(cameras_options_add_layer(made.options, layers[i]));
    }
    expect_ok(cameras_explain_several(maps, 4, made.model, made.image, made.options));
    for (size_t i = 0; i < 4; i++) {
        scene alone;
        scene_open(&alone, NETWORK_RECTIFIED, 32, 32);
        scene_set_scales(&alone, sides, 2);
        expect_ok(cameras_options_add_class(alone.options, classes[i % 2]));
        expect_ok(cameras_options_add_layer(alone.options, layers[i / 2]));
        cameras_map *map = explain_by(&alone, CAMERAS_METHOD_LAYERCAM);
        expect_equal_maps(maps[i], map);
        cameras_map_free(map);
        cameras_map_free(maps[i]);
        scene_close(&alone);
    }
    scene_close(&made);
}
END_TEST

/* NETWORK_SILENT has nothing to say for any class; NETWORK_STEEP gives gradients that are NaN. */
START_TEST(flat_and_broken_maps_fail_as_those_of_cameras_do)
{
    static const struct {
        network which;
        cameras_method method;
        cameras_status status;
    } cases[] = {
        {NETWORK_SILENT, CAMERAS_METHOD_GRADCAM, CAMERAS_EFLAT},
        {NETWORK_SILENT, CAMERAS_METHOD_LAYERCAM, CAMERAS_EFLAT},
        {NETWORK_STEEP, CAMERAS_METHOD_GRADCAM, CAMERAS_ENUMERIC},
        {NETWORK_STEEP, CAMERAS_METHOD_GRADCAMPP, CAMERAS_ENUMERIC},
        {NETWORK_STEEP, CAMERAS_METHOD_HIRESCAM, CAMERAS_ENUMERIC},
        {NETWORK_STEEP, CAMERAS_METHOD_LAYERCAM, CAMERAS_ENUMERIC},
        {NETWORK_STEEP, CAMERAS_METHOD_XGRADCAM, CAMERAS_ENUMERIC},
        {NETWORK_STEEP, CAMERAS_METHOD_NORMGRAD, CAMERAS_ENUMERIC},
    };
    const size_t side = 32;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        scene made;
        cameras_map *map = NULL;
        scene_open(&made, cases[i].which, 32, 32);
        scene_set_scales(&made, &side, 1);
        expect_ok(cameras_options_set_method(made.options, cases[i].method));
        if (cases[i].which == NETWORK_SILENT)
            expect_ok(cameras_options_add_layer(made.options, "act"));
        expect_ok(cameras_options_add_class(made.options, 0));
        expect_failure(cameras_explain(&map, made.model, made.image, made.options), cases[i].status, "explain class 0");
        ck_assert_ptr_null(map);
        scene_close(&made);
    }
}
END_TEST

/* ---- controls ---------------------------------------------------------------------------------------------------- */

static int count_calls(double done, void *user)
{
    size_t *calls = user;
    ck_assert_double_eq(done, 1.0);
    ++*calls;
    return 0;
}

START_TEST(controls_show_the_base_image_alone_and_tell_what_the_network_said_of_it)
{
    float logits[NETWORK_CLASSES], probabilities[NETWORK_CLASSES];
    size_t calls = 0;
    scene made;
    scene_open(&made, NETWORK_FICKLE, 32, 32);
    const size_t side = 48; /* at which the gate would drop the only scale */
    scene_set_scales(&made, &side, 1);
    expect_ok(cameras_options_set_progress(made.options, count_calls, &calls));
    expect_ok(cameras_classify(logits, probabilities, NETWORK_CLASSES, made.model, made.image, made.options));
    for (int method = CAMERAS_METHOD_RANDOM; method <= CAMERAS_METHOD_CONSTANT; method++) {
        cameras_map *map = explain_by(&made, (cameras_method)method);
        ck_assert_int_eq((int)cameras_map_method(map), method);
        ck_assert_uint_eq(cameras_map_scale_count(map), 0);
        ck_assert_uint_eq(cameras_map_class(map), 0);
        ck_assert_float_eq_tol(cameras_map_logit(map), logits[0], 1e-4f);
        ck_assert_float_eq_tol(cameras_map_probability(map), probabilities[0], 1e-5f);
        cameras_map_free(map);
    }
    ck_assert_uint_eq(calls, 3);
    scene_close(&made);
}
END_TEST

START_TEST(constant_control_is_flat_and_no_failure)
{
    scene made;
    scene_open(&made, NETWORK_PLAIN, 20, 12);
    for (int size = CAMERAS_MAP_SIZE_BASE; size <= CAMERAS_MAP_SIZE_IMAGE; size++) {
        expect_ok(cameras_options_set_map_size(made.options, (cameras_map_size)size));
        cameras_map *map = explain_by(&made, CAMERAS_METHOD_CONSTANT);
        ck_assert_int_ne(cameras_map_is_flat(map), 0);
        for (size_t i = 0; i < 20 * 12; i++) {
            ck_assert_float_eq(cameras_map_values(map)[i], 0.5f);
            ck_assert_float_eq(cameras_map_raw(map)[i], 0.5f);
        }
        cameras_map_free(map);
    }
    scene_close(&made);
}
END_TEST

START_TEST(centre_control_is_stretched_and_greatest_in_the_middle)
{
    scene made;
    scene_open(&made, NETWORK_PLAIN, 21, 13);
    cameras_map *map = explain_by(&made, CAMERAS_METHOD_CENTRE);
    ck_assert_float_eq(cameras_map_values(map)[6 * 21 + 10], 1.0f);
    ck_assert_float_eq(cameras_map_raw(map)[6 * 21 + 10], 1.0f);
    ck_assert_float_eq(cameras_map_values(map)[0], 0.0f);
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

static cameras_map *random_map(uint64_t seed, size_t class_index, size_t threads)
{
    scene made;
    scene_open(&made, NETWORK_PLAIN, 32, 32);
    expect_ok(cameras_options_set_seed(made.options, seed));
    expect_ok(cameras_options_set_threads(made.options, threads));
    expect_ok(cameras_options_add_class(made.options, class_index));
    cameras_map *map = explain_by(&made, CAMERAS_METHOD_RANDOM);
    scene_close(&made);
    return map;
}

START_TEST(random_control_repeats_by_seed_whatever_the_threads)
{
    cameras_map *one = random_map(11, 2, 1), *same = random_map(11, 2, 3), *other = random_map(12, 2, 1);
    cameras_map *of_class = random_map(11, 3, 1);
    expect_equal_maps(same, one);
    ck_assert_mem_ne(cameras_map_values(one), cameras_map_values(other), 32 * 32 * sizeof(float));
    ck_assert_mem_ne(cameras_map_values(one), cameras_map_values(of_class), 32 * 32 * sizeof(float));
    cameras_map_free(of_class);
    cameras_map_free(other);
    cameras_map_free(same);
    cameras_map_free(one);
}
END_TEST

/* ---- memory ------------------------------------------------------------------------------------------------------ */

START_TEST(what_memory_is_told_is_enough)
{
    static const size_t sides[] = {32, 64, 128};
    for (int method = CAMERAS_METHOD_CAMERAS; method <= CAMERAS_METHOD_CONSTANT; method++) {
        scene made;
        size_t bytes = 0;
        cameras_map *map = NULL;
        scene_open(&made, NETWORK_RECTIFIED, 32, 32);
        scene_set_scales(&made, sides, 3);
        expect_ok(cameras_options_set_method(made.options, (cameras_method)method));
        expect_ok(cameras_options_add_class(made.options, 3));
        expect_ok(cameras_explain_memory(&bytes, made.model, 32, 32, made.options));
        expect_ok(cameras_options_set_memory_limit(made.options, bytes));
        cameras_map_free(scene_explain(&made));
        expect_ok(cameras_options_set_memory_limit(made.options, bytes - 1));
        expect_failure(cameras_explain(&map, made.model, made.image, made.options), CAMERAS_ELIMIT, "beyond the limit");
        scene_close(&made);
    }
}
END_TEST

static size_t told(scene *made, cameras_method method, size_t scales)
{
    static const size_t sides[] = {128, 128, 128, 128};
    size_t bytes = 0;
    scene_set_scales(made, sides, scales);
    expect_ok(cameras_options_set_method(made->options, method));
    expect_ok(cameras_explain_memory(&bytes, made->model, 32, 32, made->options));
    return bytes;
}

/* 8 channels of 64 x 64 are larger than the map: CAMERAS keeps two sums of 16 lanes, the others one map. */
START_TEST(methods_that_keep_no_planes_are_told_to_take_less)
{
    scene made;
    scene_open(&made, NETWORK_RECTIFIED, 32, 32);
    const size_t cameras = told(&made, CAMERAS_METHOD_CAMERAS, 1), gradcam = told(&made, CAMERAS_METHOD_GRADCAM, 1);
    const size_t planes = 2 * 16 * 32 * 32 * sizeof(float);
    const size_t sum = 32 * 32 * sizeof(float), adding = (64 * 64 + 32 * 32 + 32 * 64 + 8) * sizeof(float);
    ck_assert_uint_eq(cameras - gradcam, planes - sum - adding);
    ck_assert_uint_eq(told(&made, CAMERAS_METHOD_GRADCAM, 4), gradcam);
    ck_assert_uint_lt(told(&made, CAMERAS_METHOD_RANDOM, 4), gradcam - sum - adding);
    scene_close(&made);
}
END_TEST

static Suite *methods_suite(void)
{
    Suite *suite = suite_create("explain_methods");
    TCase *values = tcase_create("values"), *controls = tcase_create("controls"), *memory = tcase_create("memory");
    tcase_set_timeout(values, 300);
    tcase_set_timeout(controls, 60);
    tcase_set_timeout(memory, 60);
    tcase_add_loop_test(values, map_is_the_mean_of_the_scales_own_by_the_papers_formula, 0, DEFINED);
    tcase_add_test(values, several_scales_give_the_mean_of_what_each_gives_alone);
    tcase_add_test(values, one_scale_before_a_linear_head_gives_one_map_but_for_where_relu_stands);
    tcase_add_test(values, scale_that_the_gate_drops_leaves_no_trace);
    tcase_add_test(values, several_classes_and_layers_equal_single_calls);
    tcase_add_test(values, flat_and_broken_maps_fail_as_those_of_cameras_do);
    tcase_add_test(controls, controls_show_the_base_image_alone_and_tell_what_the_network_said_of_it);
    tcase_add_test(controls, constant_control_is_flat_and_no_failure);
    tcase_add_test(controls, centre_control_is_stretched_and_greatest_in_the_middle);
    tcase_add_test(controls, random_control_repeats_by_seed_whatever_the_threads);
    tcase_add_test(memory, what_memory_is_told_is_enough);
    tcase_add_test(memory, methods_that_keep_no_planes_are_told_to_take_less);
    suite_add_tcase(suite, values);
    suite_add_tcase(suite, controls);
    suite_add_tcase(suite, memory);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(methods_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
