/*
 * check_explain.c - the maps: the definition, its identities, the gate, several maps at once
 *
 * SPDX-License-Identifier: MIT
 *
 * What a map should be is worked out here in double precision from what the shim recorded at each scale: equations 2
 * and 3 of the paper (CVPR 2021) word by word, with a bilinear resize of our own.
 */
#include "recording.h"
#include "scene.h"

#include <check.h>
#include <math.h>
#include <omp.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_PIXELS = 48 * 48
};

/* ---- the definition --------------------------------------------------------------------------------------------- */

/* Sample (y, x) of a plane resized to height x width: bilinear, half-pixel centres, borders repeated. */
static double resized(const float *plane, size_t in_height, size_t in_width, size_t height, size_t width, size_t y,
                      size_t x)
{
    const double down = fmax(((double)y + 0.5) * (double)in_height / (double)height - 0.5, 0.0);
    const double across = fmax(((double)x + 0.5) * (double)in_width / (double)width - 0.5, 0.0);
    const size_t top = (size_t)down, left = (size_t)across;
    const size_t bottom = top + 1 < in_height ? top + 1 : top, right = left + 1 < in_width ? left + 1 : left;
    const double dy = down - (double)top, dx = across - (double)left;
    const double upper = (1.0 - dx) * (double)plane[top * in_width + left] + dx * (double)plane[top * in_width + right];
    const double lower =
        (1.0 - dx) * (double)plane[bottom * in_width + left] + dx * (double)plane[bottom * in_width + right];
    return (1.0 - dy) * upper + dy * lower;
}

/* The mean over the scales of channel k, resized to width x height, at one pixel. */
static double mean_resized(const shim_array *arrays, size_t scales, size_t k, const scene *of, size_t pixel)
{
    double sum = 0.0;
    for (size_t t = 0; t < scales; t++)
        sum += resized(arrays[t].data + k * arrays[t].height * arrays[t].width, arrays[t].height, arrays[t].width,
                       of->height, of->width, pixel / of->width, pixel % of->width);
    return sum / (double)scales;
}

/* sum_k W*_k A*_k at every pixel, before ReLU. */
static void define(double *sum, const recording *from, size_t first, size_t scales, const scene *of)
{
    for (size_t pixel = 0; pixel < of->width * of->height; pixel++) {
        sum[pixel] = 0.0;
        for (size_t k = 0; k < from->activations[0].channels; k++)
            sum[pixel] += mean_resized(from->activations + first, scales, k, of, pixel) *
                          mean_resized(from->gradients + first, scales, k, of, pixel);
    }
}

/* The map of a sum: raw is what ReLU leaves of it, the values are stretched to [0, 1]. */
static void expect_map(const cameras_map *map, const double *sum, const scene *of)
{
    const size_t pixels = of->width * of->height;
    double least = INFINITY, most = 0.0;
    for (size_t i = 0; i < pixels; i++) {
        least = fmin(least, fmax(sum[i], 0.0));
        most = fmax(most, fmax(sum[i], 0.0));
    }
    ck_assert_double_gt(most, 0.0);
    ck_assert_uint_eq(cameras_map_width(map), of->width);
    ck_assert_uint_eq(cameras_map_height(map), of->height);
    for (size_t i = 0; i < pixels; i++) {
        const double raw = fmax(sum[i], 0.0);
        ck_assert_double_eq_tol((double)cameras_map_raw(map)[i], raw, 1e-5 * most);
        ck_assert_double_eq_tol((double)cameras_map_values(map)[i], (raw - least) / (most - least), 1e-5);
    }
}

static const struct {
    network which;
    const char *layer;
    size_t width, height, sides[RECORDING_SCALES], scales;
} defined[] = {
    {NETWORK_PLAIN, "conv", 32, 32, {32}, 1},
    {NETWORK_PLAIN, "conv", 32, 32, {32, 41, 64}, 3},
    {NETWORK_PLAIN, "stem", 32, 32, {32, 48}, 2},
    {NETWORK_RECTIFIED, "conv", 32, 32, {32}, 1},
    {NETWORK_RECTIFIED, "conv", 32, 32, {32, 41, 64}, 3},
    {NETWORK_RECTIFIED, "conv", 48, 24, {24, 40}, 2},
    {NETWORK_RECTIFIED, "conv", 21, 47, {60, 21, 16}, 3},
    {NETWORK_IN_PLACE, "conv", 32, 32, {32, 50}, 2},
    {NETWORK_RESIDUAL, "block.conv", 32, 32, {32, 45}, 2},
    {NETWORK_TWICE, "conv", 40, 32, {32, 45}, 2},
    {NETWORK_TWINS, "first", 32, 32, {32, 45}, 2},
    {NETWORK_FLATTEN, "conv", 32, 32, {32}, 1},
};

START_TEST(map_is_the_papers_equations_worked_out)
{
    scene made;
    recording recorded;
    double sum[MOST_PIXELS];
    scene_open(&made, defined[_i].which, defined[_i].width, defined[_i].height);
    scene_set_scales(&made, defined[_i].sides, defined[_i].scales);
    expect_ok(cameras_options_add_class(made.options, 3));
    expect_ok(cameras_options_add_layer(made.options, defined[_i].layer));
    recording_make(&recorded, &made, defined[_i].layer, 3, defined[_i].sides, defined[_i].scales);
    define(sum, &recorded, 0, recorded.scales, &made);
    cameras_map *map = scene_explain(&made);
    expect_map(map, sum, &made);
    cameras_map_free(map);
    recording_free(&recorded);
    scene_close(&made);
}
END_TEST

/* ---- identities ------------------------------------------------------------------------------------------------- */

/* sum_k weights[k] A_k, the class activation map of Zhou et al. (2016) where the weights are fc's. */
static void weigh(float *sum, shim_array activation, const double *weights)
{
    const size_t pixels = activation.height * activation.width;
    for (size_t i = 0; i < pixels; i++) {
        double total = 0.0;
        for (size_t k = 0; k < activation.channels; k++)
            total += weights[k] * (double)activation.data[k * pixels + i];
        sum[i] = (float)total;
    }
}

/* Adds a share of a plane, enlarged to the base image, to sum. */
static void add_enlarged(double *sum, const float *plane, shim_array like, double share, const scene *of)
{
    for (size_t i = 0; i < of->width * of->height; i++)
        sum[i] += share * resized(plane, like.height, like.width, of->height, of->width, i / of->width, i % of->width);
}

START_TEST(one_scale_before_a_linear_head_gives_the_class_activation_map)
{
    const size_t side = 32;
    scene made;
    recording recorded;
    float plane[MOST_PIXELS];
    double weights[NETWORK_CHANNELS], sum[MOST_PIXELS] = {0.0};
    scene_open(&made, NETWORK_PLAIN, side, side);
    scene_set_scales(&made, &side, 1);
    expect_ok(cameras_options_add_class(made.options, 1));
    recording_make(&recorded, &made, "conv", 1, &side, 1);
    const shim_array activation = recorded.activations[0];
    for (size_t k = 0; k < NETWORK_CHANNELS; k++)
        weights[k] =
            (double)network_weight(FC_WEIGHT, NETWORK_CHANNELS + k) / (double)(activation.height * activation.width);
    weigh(plane, activation, weights);
    add_enlarged(sum, plane, activation, 1.0, &made);
    cameras_map *map = scene_explain(&made);
    expect_map(map, sum, &made);
    cameras_map_free(map);
    recording_free(&recorded);
    scene_close(&made);
}
END_TEST

START_TEST(scales_before_a_linear_head_give_the_mean_of_their_weighted_sums)
{
    static const size_t sides[] = {32, 44, 60};
    scene made;
    recording recorded;
    float plane[MOST_PIXELS];
    double weights[NETWORK_CHANNELS] = {0.0}, sum[MOST_PIXELS] = {0.0};
    scene_open(&made, NETWORK_PLAIN, 32, 32);
    scene_set_scales(&made, sides, 3);
    expect_ok(cameras_options_add_class(made.options, 4));
    recording_make(&recorded, &made, "conv", 4, sides, 3);
    for (size_t t = 0; t < 3; t++)
        for (size_t k = 0; k < NETWORK_CHANNELS; k++)
            weights[k] += (double)network_weight(FC_WEIGHT, 4 * NETWORK_CHANNELS + k) /
                          (double)(recorded.activations[t].height * recorded.activations[t].width) / 3.0;
    for (size_t t = 0; t < 3; t++) {
        weigh(plane, recorded.activations[t], weights);
        add_enlarged(sum, plane, recorded.activations[t], 1.0 / 3.0, &made);
    }
    cameras_map *map = scene_explain(&made);
    expect_map(map, sum, &made);
    cameras_map_free(map);
    recording_free(&recorded);
    scene_close(&made);
}
END_TEST

START_TEST(map_before_another_head_is_not_the_mean_of_the_scales_own)
{
    static const size_t sides[] = {32, 64};
    scene made;
    recording recorded;
    double sum[MOST_PIXELS], one[MOST_PIXELS], two[MOST_PIXELS], most = 0.0, apart = 0.0;
    scene_open(&made, NETWORK_RECTIFIED, 32, 32);
    scene_set_scales(&made, sides, 2);
    expect_ok(cameras_options_add_class(made.options, 3));
    recording_make(&recorded, &made, "conv", 3, sides, 2);
    define(sum, &recorded, 0, 2, &made);
    define(one, &recorded, 0, 1, &made);
    define(two, &recorded, 1, 1, &made);
    cameras_map *map = scene_explain(&made);
    expect_map(map, sum, &made);
    for (size_t i = 0; i < 32 * 32; i++) {
        const double mean = fmax((one[i] + two[i]) / 2.0, 0.0);
        most = fmax(most, mean);
        apart = fmax(apart, fabs(mean - (double)cameras_map_raw(map)[i]));
    }
    ck_assert_double_gt(apart, 0.05 * most);
    cameras_map_free(map);
    recording_free(&recorded);
    scene_close(&made);
}
END_TEST

START_TEST(order_of_the_scales_is_kept_in_the_record_and_does_not_show_in_the_map)
{
    static const size_t rising[] = {32, 40, 64}, falling[] = {64, 40, 32};
    scene made;
    scene_open(&made, NETWORK_RECTIFIED, 32, 32);
    expect_ok(cameras_options_add_class(made.options, 3));
    scene_set_scales(&made, rising, 3);
    cameras_map *one = scene_explain(&made);
    scene_set_scales(&made, falling, 3);
    cameras_map *two = scene_explain(&made);
    for (size_t t = 0; t < 3; t++) {
        ck_assert_uint_eq(cameras_map_scale_width(one, t), rising[t]);
        ck_assert_uint_eq(cameras_map_scale_width(two, t), falling[t]);
    }
    for (size_t i = 0; i < 32 * 32; i++)
        ck_assert_float_eq_tol(cameras_map_values(one)[i], cameras_map_values(two)[i], 1e-5f);
    cameras_map_free(one);
    cameras_map_free(two);
    scene_close(&made);
}
END_TEST

/* ---- several maps and threads ----------------------------------------------------------------------------------- */

START_TEST(several_classes_and_layers_equal_single_calls_bit_for_bit)
{
    static const size_t sides[] = {32, 44}, classes[] = {3, 0};
    static const char *const layers[] = {"conv", "stem"};
    scene made, alone;
    cameras_map *maps[4];
    scene_open(&made, NETWORK_RECTIFIED, 32, 32);
    scene_set_scales(&made, sides, 2);
    for (size_t i = 0; i < 2; i++) {
        expect_ok(cameras_options_add_class(made.options, classes[i]));
        expect_ok(cameras_options_add_layer(made.options, layers[i]));
    }
    ck_assert_uint_eq(cameras_options_map_count(made.options), 4);
    expect_ok(cameras_explain_several(maps, 4, made.model, made.image, made.options));
    for (size_t i = 0; i < 4; i++) {
        scene_open(&alone, NETWORK_RECTIFIED, 32, 32);
        scene_set_scales(&alone, sides, 2);
        expect_ok(cameras_options_add_class(alone.options, classes[i % 2]));
        expect_ok(cameras_options_add_layer(alone.options, layers[i / 2]));
        cameras_map *map = scene_explain(&alone);
        expect_equal_maps(maps[i], map);
        ck_assert_uint_eq(cameras_map_class(maps[i]), classes[i % 2]);
        ck_assert_str_eq(cameras_map_layer(maps[i]), layers[i / 2]);
        ck_assert_float_eq(cameras_map_logit(maps[i]), cameras_map_logit(map));
        ck_assert_float_eq(cameras_map_probability(maps[i]), cameras_map_probability(map));
        ck_assert_float_eq(cameras_map_scale_probability(maps[i], 1), cameras_map_scale_probability(map, 1));
        cameras_map_free(map);
        cameras_map_free(maps[i]);
        scene_close(&alone);
    }
    scene_close(&made);
}
END_TEST

static cameras_map *explain_with_threads(size_t threads)
{
    static const size_t sides[] = {32, 100};
    scene made;
    scene_open(&made, NETWORK_RECTIFIED, 32, 32);
    scene_set_scales(&made, sides, 2);
    expect_ok(cameras_options_set_threads(made.options, threads));
    expect_ok(cameras_options_add_class(made.options, 3));
    cameras_map *map = scene_explain(&made);
    scene_close(&made);
    return map;
}

START_TEST(number_of_threads_does_not_show)
{
    cameras_map *one = explain_with_threads(1);
    for (size_t threads = 2; threads <= 8; threads *= 2) {
        cameras_map *more = explain_with_threads(threads);
        for (size_t i = 0; i < 32 * 32; i++)
            ck_assert_float_eq_tol(cameras_map_values(one)[i], cameras_map_values(more)[i], 1e-5f);
        cameras_map_free(more);
    }
    cameras_map_free(one);
}
END_TEST

START_TEST(host_keeps_its_threads)
{
    const int omp_threads = omp_get_max_threads(), torch_threads = network_torch_threads();
    for (int host = 1; host <= 3; host++) {
        omp_set_num_threads(host);
        network_set_torch_threads(host);
        cameras_map_free(explain_with_threads(2));
        ck_assert_int_eq(network_torch_threads(), host);
        ck_assert_int_eq(omp_get_max_threads(), host);
    }
    network_set_torch_threads(torch_threads);
    omp_set_num_threads(omp_threads);
}
END_TEST

enum {
    HOST_THREADS = 4,
    ROUNDS = 5
};

/* What one of the host's threads does: the same explanation again and again, on a layer of its own choice. */
typedef struct worker {
    pthread_t thread;
    const scene *shared;
    const cameras_map *expected[2];
    size_t number, equal;
} worker;

static cameras_options *worker_options(size_t layer)
{
    static const char *const layers[] = {"conv", "stem"};
    static const size_t sides[] = {32, 40};
    cameras_options *options = NULL;
    expect_ok(cameras_options_new(&options));
    expect_ok(cameras_options_set_scales(options, sides, 2));
    expect_ok(cameras_options_set_threads(options, 1));
    expect_ok(cameras_options_add_class(options, 3));
    expect_ok(cameras_options_add_layer(options, layers[layer]));
    return options;
}

static void *work(void *user)
{
    worker *self = user;
    for (size_t round = 0; round < ROUNDS; round++) {
        const size_t layer = (self->number + round) % 2;
        cameras_options *options = worker_options(layer);
        cameras_map *map = NULL;
        cameras_explain(&map, self->shared->model, self->shared->image, options);
        self->equal +=
            map && memcmp(cameras_map_raw(map), cameras_map_raw(self->expected[layer]), 32 * 32 * sizeof(float)) == 0;
        cameras_map_free(map);
        cameras_options_free(options);
    }
    return NULL;
}

START_TEST(many_threads_may_use_one_model_at_once)
{
    scene made;
    worker workers[HOST_THREADS];
    cameras_map *expected[2] = {NULL};
    scene_open(&made, NETWORK_RECTIFIED, 32, 32);
    for (size_t layer = 0; layer < 2; layer++) {
        cameras_options *options = worker_options(layer);
        expect_ok(cameras_explain(&expected[layer], made.model, made.image, options));
        cameras_options_free(options);
    }
    for (size_t i = 0; i < HOST_THREADS; i++) {
        workers[i] = (worker){.shared = &made, .expected = {expected[0], expected[1]}, .number = i};
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < HOST_THREADS; i++) {
        pthread_join(workers[i].thread, NULL);
        ck_assert_uint_eq(workers[i].equal, ROUNDS);
    }
    cameras_map_free(expected[0]);
    cameras_map_free(expected[1]);
    scene_close(&made);
}
END_TEST

/* ---- the gate --------------------------------------------------------------------------------------------------- */

/* NETWORK_FICKLE says class 0 below 40 pixels of height and class 1 above. */
static const size_t fickle_sides[] = {32, 36, 48};

static const struct {
    cameras_gate gate;
    int class_given, last_used;
} gates[] = {
    {CAMERAS_GATE_AUTO, 0, 0}, {CAMERAS_GATE_AUTO, 1, 1}, {CAMERAS_GATE_ON, 0, 0},
    {CAMERAS_GATE_ON, 1, 0},   {CAMERAS_GATE_OFF, 0, 1},  {CAMERAS_GATE_OFF, 1, 1},
};

START_TEST(gate_drops_scales_whose_top1_differs)
{
    scene made;
    scene_open(&made, NETWORK_FICKLE, 32, 32);
    scene_set_scales(&made, fickle_sides, 3);
    expect_ok(cameras_options_set_gate(made.options, gates[_i].gate));
    if (gates[_i].class_given)
        expect_ok(cameras_options_add_class(made.options, 0));
    cameras_map *map = scene_explain(&made);
    ck_assert_uint_eq(cameras_map_class(map), 0);
    ck_assert_uint_eq(cameras_map_scale_count(map), 3);
    for (size_t t = 0; t < 3; t++) {
        ck_assert_uint_eq(cameras_map_scale_top1(map, t), t == 2);
        ck_assert_int_eq(cameras_map_scale_used(map, t), t < 2 || gates[_i].last_used);
        const char *word = cameras_map_scale_used(map, t) ? "used" : "dropped: top-1 is 1, not 0";
        ck_assert_int_eq(strncmp(cameras_map_scale_reason(map, t), word, strlen(word)), 0);
    }
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

START_TEST(dropped_scale_leaves_no_trace_in_the_map)
{
    scene made;
    scene_open(&made, NETWORK_FICKLE, 32, 32);
    scene_set_scales(&made, fickle_sides, 3);
    cameras_map *gated = scene_explain(&made);
    expect_ok(cameras_options_set_gate(made.options, CAMERAS_GATE_OFF));
    cameras_map *all = scene_explain(&made);
    scene_set_scales(&made, fickle_sides, 2);
    cameras_map *without = scene_explain(&made);
    expect_equal_maps(gated, without);
    ck_assert_int_ne(memcmp(cameras_map_raw(gated), cameras_map_raw(all), 32 * 32 * sizeof(float)), 0);
    cameras_map_free(gated);
    cameras_map_free(all);
    cameras_map_free(without);
    scene_close(&made);
}
END_TEST

START_TEST(gate_compares_with_the_base_image_even_where_that_is_no_scale)
{
    static const size_t sides[] = {48, 36};
    scene made;
    scene_open(&made, NETWORK_FICKLE, 32, 32);
    scene_set_scales(&made, sides, 2);
    cameras_map *map = scene_explain(&made);
    ck_assert_uint_eq(cameras_map_class(map), 0);
    ck_assert_int_eq(cameras_map_scale_used(map, 0), 0);
    ck_assert_int_eq(cameras_map_scale_used(map, 1), 1);
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

START_TEST(call_fails_where_the_gate_drops_every_scale)
{
    static const size_t sides[] = {48, 60};
    scene made;
    cameras_map *map = (cameras_map *)&map;
    scene_open(&made, NETWORK_FICKLE, 32, 32);
    scene_set_scales(&made, sides, 2);
    const cameras_status status = cameras_explain(&map, made.model, made.image, made.options);
    ck_assert_ptr_null(map);
    expect_failure(status, CAMERAS_ESCALE, "dropped every scale");
    expect_ok(cameras_options_set_gate(made.options, CAMERAS_GATE_OFF));
    cameras_map_free(scene_explain(&made));
    scene_close(&made);
}
END_TEST

/* ---- the record ------------------------------------------------------------------------------------------------- */

START_TEST(map_tells_what_the_network_said_of_the_base_image)
{
    static const size_t side = 32;
    float logits[NETWORK_CLASSES], probabilities[NETWORK_CLASSES];
    scene made;
    scene_open(&made, NETWORK_PLAIN, 32, 32);
    scene_set_scales(&made, &side, 1);
    expect_ok(cameras_classify(logits, probabilities, NETWORK_CLASSES, made.model, made.image, made.options));
    cameras_map *map = scene_explain(&made);
    const size_t top = cameras_map_class(map);
    for (size_t i = 0; i < NETWORK_CLASSES; i++)
        ck_assert_float_le(logits[i], logits[top]);
    ck_assert_float_eq_tol(cameras_map_logit(map), logits[top], 1e-5f);
    ck_assert_float_eq_tol(cameras_map_probability(map), probabilities[top], 1e-5f);
    ck_assert_float_eq_tol(cameras_map_scale_probability(map, 0), probabilities[top], 1e-5f);
    ck_assert_float_eq_tol(cameras_map_scale_top1_probability(map, 0), probabilities[top], 1e-5f);
    ck_assert_uint_eq(cameras_map_scale_top1(map, 0), top);
    ck_assert_str_eq(cameras_map_layer(map), "conv");
    ck_assert_ptr_null(cameras_map_scale_reason(map, 1));
    ck_assert_uint_eq(cameras_map_scale_width(map, 1), 0);
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

START_TEST(stages_take_no_longer_than_the_whole)
{
    scene made;
    double sum = 0.0;
    scene_open(&made, NETWORK_PLAIN, 32, 32);
    cameras_map *map = scene_explain(&made);
    for (int stage = CAMERAS_STAGE_TRUNK; stage <= CAMERAS_STAGE_PREPARE; stage++) {
        ck_assert_double_gt(cameras_map_seconds(map, (cameras_stage)stage), 0.0);
        sum += cameras_map_seconds(map, (cameras_stage)stage);
    }
    ck_assert_double_le(sum, cameras_map_seconds(map, CAMERAS_STAGE_TOTAL));
    ck_assert_double_eq(cameras_map_seconds(map, (cameras_stage)5), 0.0);
    ck_assert_double_eq(cameras_map_seconds(map, (cameras_stage)-1), 0.0);
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

START_TEST(reference_schedule_begins_at_the_base_and_climbs_by_a_hundred)
{
    scene made;
    scene_open(&made, NETWORK_PLAIN, 48, 32);
    cameras_map *map = NULL;
    expect_ok(cameras_explain(&map, made.model, made.image, NULL));
    ck_assert_uint_eq(cameras_map_scale_count(map), 8);
    for (size_t t = 0; t < 8; t++) {
        ck_assert_uint_eq(cameras_map_scale_height(map, t), 32 + 100 * t);
        ck_assert_uint_eq(cameras_map_scale_width(map, t), 48 + 150 * t);
    }
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

static TCase *value_cases(void)
{
    TCase *cases = tcase_create("values");
    tcase_add_loop_test(cases, map_is_the_papers_equations_worked_out, 0, sizeof defined / sizeof *defined);
    tcase_add_test(cases, one_scale_before_a_linear_head_gives_the_class_activation_map);
    tcase_add_test(cases, scales_before_a_linear_head_give_the_mean_of_their_weighted_sums);
    tcase_add_test(cases, map_before_another_head_is_not_the_mean_of_the_scales_own);
    tcase_add_test(cases, order_of_the_scales_is_kept_in_the_record_and_does_not_show_in_the_map);
    tcase_add_test(cases, several_classes_and_layers_equal_single_calls_bit_for_bit);
    tcase_add_test(cases, number_of_threads_does_not_show);
    tcase_add_test(cases, host_keeps_its_threads);
    tcase_add_test(cases, many_threads_may_use_one_model_at_once);
    return cases;
}

static TCase *record_cases(void)
{
    TCase *cases = tcase_create("record");
    tcase_add_loop_test(cases, gate_drops_scales_whose_top1_differs, 0, sizeof gates / sizeof *gates);
    tcase_add_test(cases, dropped_scale_leaves_no_trace_in_the_map);
    tcase_add_test(cases, gate_compares_with_the_base_image_even_where_that_is_no_scale);
    tcase_add_test(cases, call_fails_where_the_gate_drops_every_scale);
    tcase_add_test(cases, map_tells_what_the_network_said_of_the_base_image);
    tcase_add_test(cases, stages_take_no_longer_than_the_whole);
    tcase_add_test(cases, reference_schedule_begins_at_the_base_and_climbs_by_a_hundred);
    return cases;
}

static Suite *explain_suite(void)
{
    Suite *suite = suite_create("explain");
    TCase *all[] = {value_cases(), record_cases()};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        tcase_set_timeout(all[i], 300);
        suite_add_tcase(suite, all[i]);
    }
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(explain_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
