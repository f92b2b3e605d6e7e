/*
 * check_method.c - the methods on made-up planes, and the controls, against their definitions
 *
 * SPDX-License-Identifier: MIT
 */
#include "method.h"

#include "control.h"
#include "formulas.h"
#include "gather.h"
#include "means.h"
#include "options.h"
#include "plain.h"
#include "scarce.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_PIXELS = 64 * 64
};

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static size_t pixels(shim_array planes)
{
    return planes.height * planes.width;
}

static void planes_free(shim_array planes)
{
    free((void *)planes.data);
}

/* As ReLU leaves activations: XGrad-CAM and Grad-CAM++ divide by their sum, which must not pass through 0. */
static shim_array positive_planes(size_t channels, cam_size size)
{
    shim_array made = plain_planes(channels, size);
    for (size_t i = 0; i < channels * pixels(made); i++)
        ((float *)made.data)[i] = fabsf(made.data[i]);
    return made;
}

static int divides_by_activations(cameras_method method)
{
    return method == CAMERAS_METHOD_GRADCAMPP || method == CAMERAS_METHOD_XGRADCAM;
}

static void expect_formula(const float *out, cameras_method method, shim_array activation, shim_array gradient)
{
    double most = 0.0;
    for (size_t i = 0; i < pixels(activation); i++)
        most = fmax(most, formula_map(method, activation, gradient, i));
    for (size_t i = 0; i < pixels(activation); i++)
        ck_assert_double_eq_tol((double)out[i], formula_map(method, activation, gradient, i), 1e-6 * fmax(most, 1.0));
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

START_TEST(methods_have_names_and_end_in_null)
{
    static const char *const names[] = {"cameras",  "gradcam",  "gradcam++", "hirescam", "layercam",
                                        "xgradcam", "normgrad", "random",    "centre",   "constant"};
    for (int i = 0; i < 10; i++) {
        ck_assert_str_eq(cameras_method_name((cameras_method)i), names[i]);
        ck_assert_int_eq(cam_method_is_control((cameras_method)i), i >= 7);
    }
    ck_assert_ptr_null(cameras_method_name((cameras_method)10));
    ck_assert_ptr_null(cameras_method_name((cameras_method)-1));
    ck_assert_ptr_null(cameras_method_name(CAMERAS_METHOD_FORCE_INT));
}
END_TEST

/* ---- one scale --------------------------------------------------------------------------------------------------- */

/* Around the runs of 256 pixels in which maps are made, and the smallest there are. */
static const struct {
    size_t channels;
    cam_size size;
} shapes[] = {{1, {1, 1}}, {5, {1, 1}}, {3, {4, 3}}, {17, {7, 9}}, {8, {16, 16}}, {2, {257, 1}}, {6, {23, 31}}};
enum {
    SHAPES = sizeof shapes / sizeof *shapes
};

START_TEST(each_method_is_its_papers_formula)
{
    float out[MOST_PIXELS];
    for (int method = FORMULA_FIRST; method <= FORMULA_LAST; method++)
        for (int positive = divides_by_activations((cameras_method)method); positive <= 1; positive++) {
            shim_array (*const make)(size_t, cam_size) = positive ? positive_planes : plain_planes;
            const shim_array activation = make(shapes[_i].channels, shapes[_i].size);
            const shim_array gradient = plain_planes(shapes[_i].channels, shapes[_i].size);
            ck_assert_int_eq(cam_method_map(out, (cameras_method)method, activation, gradient, 2), CAMERAS_OK);
            expect_formula(out, (cameras_method)method, activation, gradient);
            planes_free(gradient);
            planes_free(activation);
        }
}
END_TEST

START_TEST(gradient_of_one_pixel_stands_for_its_whole_plane)
{
    float expanded[MOST_PIXELS], single[MOST_PIXELS];
    const size_t channels = shapes[_i].channels;
    const shim_array activation = positive_planes(channels, shapes[_i].size);
    const shim_array one = plain_planes(channels, (cam_size){1, 1}), all = plain_planes(channels, shapes[_i].size);
    for (size_t i = 0; i < channels * pixels(all); i++)
        ((float *)all.data)[i] = one.data[i / pixels(all)];
    for (int method = FORMULA_FIRST; method <= FORMULA_LAST; method++) {
        ck_assert_int_eq(cam_method_map(single, (cameras_method)method, activation, one, 2), CAMERAS_OK);
        ck_assert_int_eq(cam_method_map(expanded, (cameras_method)method, activation, all, 2), CAMERAS_OK);
        expect_formula(single, (cameras_method)method, activation, one);
        ck_assert_mem_eq(single, expanded, pixels(activation) * sizeof *single);
    }
    planes_free(all);
    planes_free(one);
    planes_free(activation);
}
END_TEST

START_TEST(number_of_threads_does_not_show)
{
    float alone[MOST_PIXELS], together[MOST_PIXELS];
    const shim_array activation = positive_planes(shapes[_i].channels, shapes[_i].size);
    const shim_array gradient = plain_planes(shapes[_i].channels, shapes[_i].size);
    for (int method = FORMULA_FIRST; method <= FORMULA_LAST; method++)
        for (size_t threads = 2; threads <= 7; threads += 5) {
            ck_assert_int_eq(cam_method_map(alone, (cameras_method)method, activation, gradient, 1), CAMERAS_OK);
            ck_assert_int_eq(cam_method_map(together, (cameras_method)method, activation, gradient, threads),
                             CAMERAS_OK);
            ck_assert_mem_eq(alone, together, pixels(activation) * sizeof *alone);
        }
    planes_free(gradient);
    planes_free(activation);
}
END_TEST

/* By hand: A = (1 3), W = (2 -1) in one channel. */
START_TEST(two_pixels_by_hand)
{
    static const float a[] = {1, 3}, w[] = {2, -1};
    static const struct {
        cameras_method method;
        double expected[2];
    } cases[] = {
        {CAMERAS_METHOD_GRADCAM, {0.5, 1.5}},                   /* weight (2 - 1) / 2 */
        {CAMERAS_METHOD_GRADCAMPP, {2.0 / 10.0, 2.0 / 10 * 3}}, /* 4 / (8 + 8 * 4) * 2 */
        {CAMERAS_METHOD_HIRESCAM, {2.0, 0.0}},
        {CAMERAS_METHOD_LAYERCAM, {2.0, 0.0}},
        {CAMERAS_METHOD_XGRADCAM, {0.0, 0.0}}, /* weight (2 - 3) / 4 */
        {CAMERAS_METHOD_NORMGRAD, {2.0, 3.0}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        float out[2];
        ck_assert_int_eq(cam_method_map(out, cases[i].method, (shim_array){a, 1, 1, 2}, (shim_array){w, 1, 1, 2}, 1),
                         CAMERAS_OK);
        for (size_t k = 0; k < 2; k++)
            ck_assert_double_eq_tol((double)out[k], cases[i].expected[k], 1e-6);
    }
}
END_TEST

START_TEST(channels_without_activations_or_gradients_count_for_nothing)
{
    static const float a[] = {0, 0, 1, 2, 1, 1}, w[] = {5, -3, 0, 0, 1, 1};
    for (int method = FORMULA_FIRST; method <= FORMULA_LAST; method++) {
        float out[2], alone[2];
        const shim_array last[] = {{a + 4, 1, 1, 2}, {w + 4, 1, 1, 2}};
        ck_assert_int_eq(
            cam_method_map(out, (cameras_method)method, (shim_array){a, 3, 1, 2}, (shim_array){w, 3, 1, 2}, 1),
            CAMERAS_OK);
        ck_assert_int_eq(cam_method_map(alone, (cameras_method)method, last[0], last[1], 1), CAMERAS_OK);
        for (size_t i = 0; i < 2 && method != CAMERAS_METHOD_NORMGRAD; i++) /* whose norms take each channel alone */
            ck_assert_float_eq(out[i], alone[i]);
        ck_assert(isfinite(out[0]) && isfinite(out[1]));
    }
}
END_TEST

START_TEST(tiny_gradients_do_not_underflow)
{
    static const float a[] = {1, 2}, w[] = {1e-30f, 1e-30f};
    float out[2];
    ck_assert_int_eq(
        cam_method_map(out, CAMERAS_METHOD_GRADCAMPP, (shim_array){a, 1, 1, 2}, (shim_array){w, 1, 1, 2}, 1),
        CAMERAS_OK);
    ck_assert_float_eq_tol(out[0] * 1e30f, 1.0f, 1e-5f); /* two pixels, half of W each */
    ck_assert_float_eq_tol(out[1] * 1e30f, 2.0f, 1e-5f);
}
END_TEST

START_TEST(what_is_not_finite_stays_so)
{
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (int method = FORMULA_FIRST; method <= FORMULA_LAST; method++)
        for (size_t i = 0; i < 3; i++) {
            const float a[] = {1, bad[i]}, w[] = {1, 1};
            float out[2];
            ck_assert_int_eq(
                cam_method_map(out, (cameras_method)method, (shim_array){a, 1, 1, 2}, (shim_array){w, 1, 1, 2}, 1),
                CAMERAS_OK);
            ck_assert(!isfinite(out[1]));
        }
}
END_TEST

/* ---- several scales ---------------------------------------------------------------------------------------------- */

static const cam_size scale_sizes[] = {{5, 4}, {9, 12}, {40, 30}};

/* A stack whose activations are as ReLU leaves them. */
static plain_stack positive_stack(size_t channels, const cam_size *sizes, size_t scales)
{
    plain_stack made = plain_stack_new(channels, sizes, scales);
    for (size_t t = 0; t < scales; t++)
        for (size_t i = 0; i < channels * pixels(made.activations[t]); i++)
            ((float *)made.activations[t].data)[i] = fabsf(made.activations[t].data[i]);
    return made;
}

static cameras_status add_all(cam_means *means, const plain_stack *plain)
{
    cameras_status status = CAMERAS_OK;
    for (size_t t = 0; t < plain->scales && status == CAMERAS_OK; t++)
        status = cam_means_add(means, 0, 0, plain->activations[t], plain->gradients[t]);
    return status;
}

/* The mean over the scales of their own maps, each resized to size. */
static void expect_mean(const float *out, cameras_method method, const plain_stack *plain, cam_size size)
{
    double expected[MOST_PIXELS] = {0.0}, most = 1.0;
    for (size_t t = 0; t < plain->scales; t++) {
        float own[MOST_PIXELS];
        const shim_array like = plain->activations[t];
        for (size_t i = 0; i < pixels(like); i++)
            own[i] = (float)formula_map(method, like, plain->gradients[t], i);
        for (size_t i = 0; i < size.width * size.height; i++)
            expected[i] +=
                plain_sample((shim_array){own, 1, like.height, like.width}, 0, size, i % size.width, i / size.width) /
                (double)plain->scales;
    }
    for (size_t i = 0; i < size.width * size.height; i++)
        most = fmax(most, expected[i]);
    for (size_t i = 0; i < size.width * size.height; i++)
        ck_assert_double_eq_tol((double)out[i], expected[i], 1e-5 * most);
}

START_TEST(scales_are_rectified_alone_then_resized_then_averaged)
{
    const cam_size size = {16, 12};
    for (int method = FORMULA_FIRST; method <= FORMULA_LAST; method++) {
        float out[MOST_PIXELS];
        cam_means means;
        plain_stack plain = positive_stack(7, scale_sizes, 3);
        ck_assert_int_eq(cam_means_make(&means, (cameras_method)method, 1, 1, size, 2), CAMERAS_OK);
        ck_assert_int_eq(add_all(&means, &plain), CAMERAS_OK);
        cam_means_read(out, &means, 0, 0, 3);
        expect_mean(out, (cameras_method)method, &plain, size);
        cam_means_free(&means);
        plain_stack_free(&plain);
    }
}
END_TEST

START_TEST(layers_and_classes_do_not_mix)
{
    const cam_size size = {6, 5};
    cam_means means;
    plain_stack plain[2][3];
    ck_assert_int_eq(cam_means_make(&means, CAMERAS_METHOD_HIRESCAM, 2, 3, size, 1), CAMERAS_OK);
    for (size_t layer = 0; layer < 2; layer++)
        for (size_t c = 0; c < 3; c++) {
            plain[layer][c] = positive_stack(3, scale_sizes + layer, 1);
            ck_assert_int_eq(
                cam_means_add(&means, layer, c, plain[layer][c].activations[0], plain[layer][c].gradients[0]),
                CAMERAS_OK);
        }
    for (size_t layer = 0; layer < 2; layer++)
        for (size_t c = 0; c < 3; c++) {
            float out[MOST_PIXELS];
            cam_means_read(out, &means, layer, c, 1);
            expect_mean(out, CAMERAS_METHOD_HIRESCAM, &plain[layer][c], size);
            plain_stack_free(&plain[layer][c]);
        }
    cam_means_free(&means);
}
END_TEST

/* Everything between the first scale and the raw map, by way of the choice of the method. */
static cameras_status whole_way(cam_gather *gather, cameras_method method, const plain_stack *plain, cam_size size)
{
    float out[MOST_PIXELS];
    const cameras_options options = {.method = method};
    const cam_gather_counts counts = {1, 1, plain->scales, 1};
    cameras_status status = cam_gather_make(gather, &options, &counts, size);
    for (size_t t = 0; t < plain->scales && status == CAMERAS_OK; t++)
        status = cam_gather_take(gather, 0, 0, t, plain->activations[t], plain->gradients[t]);
    if (status == CAMERAS_OK)
        status = cam_gather_map(out, gather, 0, 0, 0, plain->scales);
    cam_gather_free(gather);
    return status;
}

START_TEST(shortage_of_memory_at_any_point_is_told_and_leaves_nothing)
{
    if (!scarce_works()) {
        puts("SKIPPED: memory cannot be made scarce in this build");
        return;
    }
    plain_stack plain = positive_stack(7, scale_sizes, 3);
    for (int method = CAMERAS_METHOD_CAMERAS; method <= FORMULA_LAST; method++) {
        cameras_status status = CAMERAS_ENOMEM;
        size_t grants = 0;
        for (; status != CAMERAS_OK; grants++) {
            cam_gather gather;
            scarce_begin(grants);
            status = whole_way(&gather, (cameras_method)method, &plain, (cam_size){16, 12});
            ck_assert_int_eq(scarce_end(), 0);
            ck_assert(status == CAMERAS_OK || status == CAMERAS_ENOMEM);
            ck_assert_uint_lt(grants, 1000);
        }
        ck_assert_uint_gt(grants, 10);
    }
    plain_stack_free(&plain);
}
END_TEST

START_TEST(bytes_follow_from_arithmetic)
{
    const cam_size map = {10, 10}, sizes[] = {{5, 5}, {20, 20}};
    const size_t adding = (400 + 100 + 200) * 4 + 32 * 4; /* a map at the layer's size, resized, half-way; weights */
    ck_assert_uint_eq(cam_gather_bytes(CAMERAS_METHOD_GRADCAM, 32, sizes, 2, map, 1, 0), 100 * 4 + adding);
    ck_assert_uint_eq(cam_gather_bytes(CAMERAS_METHOD_NORMGRAD, 32, sizes, 2, map, 3, 1), 3 * 100 * 4 + adding);
    ck_assert_uint_eq(cam_gather_bytes(CAMERAS_METHOD_CAMERAS, 32, sizes, 2, map, 3, 0),
                      cam_kept_bytes(32, sizes, 2, map, 3, 0));
    for (int control = CAMERAS_METHOD_RANDOM; control <= CAMERAS_METHOD_CONSTANT; control++)
        ck_assert_uint_eq(cam_gather_bytes((cameras_method)control, 32, sizes, 2, map, 3, 0), 0);
}
END_TEST

/* ---- controls ---------------------------------------------------------------------------------------------------- */

START_TEST(constant_control_is_a_half_everywhere)
{
    float raw[6];
    cam_control_fill(raw, (cam_size){3, 2}, CAMERAS_METHOD_CONSTANT, 5, 1);
    for (size_t i = 0; i < 6; i++)
        ck_assert_float_eq(raw[i], 0.5f);
}
END_TEST

START_TEST(centre_control_is_a_gaussian_of_a_quarter_of_either_side)
{
    float raw[8 * 5];
    cam_control_fill(raw, (cam_size){8, 5}, CAMERAS_METHOD_CENTRE, 5, 1);
    /* Deviations 2 and 1.25, the middle at (4, 2.5): the middle of pixel (x, y) is at (x + 0.5, y + 0.5). */
    ck_assert_double_eq_tol((double)raw[2 * 8 + 4], exp(-0.5 * 0.0625), 1e-6);
    ck_assert_double_eq_tol((double)raw[2 * 8 + 6], exp(-0.5 * 1.5625), 1e-6);
    ck_assert_double_eq_tol((double)raw[0], exp(-0.5 * (3.0625 + 2.56)), 1e-6);
    for (size_t i = 0; i < 40; i++)
        ck_assert_float_eq(raw[i], raw[39 - i]);
}
END_TEST

START_TEST(random_control_is_uniform)
{
    enum {
        SIDE = 64,
        BINS = 16
    };
    float raw[SIDE * SIDE];
    size_t counts[BINS] = {0};
    double chi = 0.0, together = 0.0;
    cam_control_fill(raw, (cam_size){SIDE, SIDE}, CAMERAS_METHOD_RANDOM, (uint64_t)_i, 3);
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        ck_assert(raw[i] >= 0.0f && raw[i] <= 1.0f);
        counts[raw[i] < 1.0f ? (size_t)(raw[i] * BINS) : BINS - 1]++;
        together += i ? ((double)raw[i] - 0.5) * ((double)raw[i - 1] - 0.5) : 0.0;
    }
    for (size_t i = 0; i < BINS; i++)
        chi += pow((double)counts[i] - SIDE * SIDE / BINS, 2.0) / (SIDE * SIDE / BINS);
    ck_assert_double_lt(chi, 15.0 + 5.0 * sqrt(30.0)); /* of 15 degrees: mean 15, variance 30 */
    /* Neighbours are independent: their mean product has a deviation of 1 / 12 over the root of the pixels. */
    ck_assert_double_lt(fabs(together) / (SIDE * SIDE), 5.0 / 12.0 / SIDE);
}
END_TEST

START_TEST(random_control_hangs_on_seed_and_class_alone)
{
    float one[64], same[64], seed[64], other[64];
    const cam_size size = {8, 8};
    cam_control_fill(one, size, CAMERAS_METHOD_RANDOM, 1, 2);
    cam_control_fill(same, size, CAMERAS_METHOD_RANDOM, 1, 2);
    cam_control_fill(seed, size, CAMERAS_METHOD_RANDOM, 2, 2);
    cam_control_fill(other, size, CAMERAS_METHOD_RANDOM, 1, 3);
    ck_assert_mem_eq(one, same, sizeof one);
    ck_assert_mem_ne(one, seed, sizeof one);
    ck_assert_mem_ne(one, other, sizeof one);
}
END_TEST

static Suite *method_suite(void)
{
    Suite *suite = suite_create("method");
    TCase *one = tcase_create("one scale"), *several = tcase_create("several"), *controls = tcase_create("controls");
    tcase_set_timeout(several, 60);
    tcase_add_test(one, methods_have_names_and_end_in_null);
    tcase_add_loop_test(one, each_method_is_its_papers_formula, 0, SHAPES);
    tcase_add_loop_test(one, gradient_of_one_pixel_stands_for_its_whole_plane, 0, SHAPES);
    tcase_add_loop_test(one, number_of_threads_does_not_show, 0, SHAPES);
    tcase_add_test(one, two_pixels_by_hand);
    tcase_add_test(one, channels_without_activations_or_gradients_count_for_nothing);
    tcase_add_test(one, tiny_gradients_do_not_underflow);
    tcase_add_test(one, what_is_not_finite_stays_so);
    tcase_add_test(several, scales_are_rectified_alone_then_resized_then_averaged);
    tcase_add_test(several, layers_and_classes_do_not_mix);
    tcase_add_test(several, shortage_of_memory_at_any_point_is_told_and_leaves_nothing);
    tcase_add_test(several, bytes_follow_from_arithmetic);
    tcase_add_test(controls, constant_control_is_a_half_everywhere);
    tcase_add_test(controls, centre_control_is_a_gaussian_of_a_quarter_of_either_side);
    tcase_add_loop_test(controls, random_control_is_uniform, 0, 4);
    tcase_add_test(controls, random_control_hangs_on_seed_and_class_alone);
    suite_add_tcase(suite, one);
    suite_add_tcase(suite, several);
    suite_add_tcase(suite, controls);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(method_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
