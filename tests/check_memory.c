/*
 * check_memory.c - the memory of an explanation: the estimate is a bound, and a limit is kept
 *
 * SPDX-License-Identifier: MIT
 *
 * What a call really takes is added up here from the arena, from what the scales left, and from the sizes of inputs and
 * maps; or it is what the process grew by.
 */
#include "job.h"
#include "options.h"
#include "process.h"
#include "scene.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = 64
};

typedef struct plan {
    network which;
    const char *layers[3];
    size_t classes, sides[4], scales;
    size_t picture_width, picture_height;
    cameras_source source;
    cameras_map_size map_size;
} plan;

static void open_plan(scene *made, const plan *how)
{
    scene_open(made, how->which, SIDE, SIDE);
    cameras_image_free(made->image);
    made->image = wavy_picture(how->picture_width, how->picture_height);
    scene_set_scales(made, how->sides, how->scales);
    for (size_t i = 0; i < 3 && how->layers[i]; i++)
        expect_ok(cameras_options_add_layer(made->options, how->layers[i]));
    for (size_t c = 0; c < how->classes; c++)
        expect_ok(cameras_options_add_class(made->options, c));
    expect_ok(cameras_options_set_source(made->options, how->source));
    expect_ok(cameras_options_set_map_size(made->options, how->map_size));
    expect_ok(cameras_options_set_keep_flat(made->options, 1));
}

static size_t estimate(scene *made)
{
    size_t bytes = 0;
    const size_t width = cameras_image_width(made->image), height = cameras_image_height(made->image);
    expect_ok(cameras_explain_memory(&bytes, made->model, width, height, made->options));
    return bytes;
}

static cameras_status explain(scene *made, cameras_map **maps)
{
    return cameras_explain_several(maps, cameras_options_map_count(made->options), made->model, made->image,
                                   made->options);
}

static void free_maps(cameras_map **maps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cameras_map_free(maps[i]);
}

/* ---- the bound -------------------------------------------------------------------------------------------------- */

static size_t planes_held(const cam_planes *planes, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        if (planes[i].data)
            bytes += cam_planes_bytes(planes[i].channels, planes[i].height, planes[i].width);
    return bytes;
}

static size_t kept_bytes(const cam_kept *kept)
{
    const size_t row = kept->scale_count + 1;
    return planes_held(kept->activations, kept->layer_count * row) +
           planes_held(kept->gradients, kept->layer_count * kept->class_count * row);
}

static size_t input_bytes(const cam_job *job)
{
    size_t most = 0;
    for (size_t t = 0; t < job->scale_count; t++) {
        const size_t pixels = job->records[t].size.width * job->records[t].size.height;
        most = pixels > most ? pixels : most;
    }
    return 3 * sizeof(float) * (job->base.size.width * job->base.size.height + most);
}

static size_t map_bytes(const cam_job *job)
{
    const cam_size size = job->options->map_size == CAMERAS_MAP_SIZE_IMAGE ? job->picture : job->base.size;
    return job->layer_count * job->class_count * 2 * sizeof(float) * size.width * size.height;
}

/* Runs the steps of an explanation and adds up what they took. */
static size_t measure(const scene *made)
{
    cam_job job;
    expect_ok(cam_job_open(&job, made->model, made->image, made->options));
    expect_ok(cam_job_look_at_base(&job));
    for (size_t t = 0; t < job.scale_count; t++)
        if (!job.ran[t])
            expect_ok(cam_job_run_scale(&job, t));
    const size_t bytes =
        shim_arena_peak(job.arena) + kept_bytes(&job.gather.kept) + input_bytes(&job) + map_bytes(&job);
    cam_job_close(&job);
    return bytes;
}

static const plan plans[] = {
    {NETWORK_PLAIN, {"conv"}, 1, {64}, 1, 64, 64, 0, 0},
    {NETWORK_PLAIN, {"conv"}, 1, {64, 160, 300}, 3, 64, 64, 0, 0},
    {NETWORK_PLAIN, {"stem"}, 1, {64, 160, 300}, 3, 64, 64, 0, 0},
    {NETWORK_PLAIN, {"stem", "conv"}, 5, {64, 300}, 2, 64, 64, 0, 0},
    {NETWORK_RECTIFIED, {"conv"}, 1, {64, 100, 160, 300}, 4, 64, 64, 0, 0},
    {NETWORK_RECTIFIED, {"conv"}, 5, {64, 100, 160, 300}, 4, 200, 150, 0, 0},
    {NETWORK_RECTIFIED, {"conv"}, 5, {64, 101, 163, 299}, 4, 300, 200, CAMERAS_SOURCE_ORIGINAL, CAMERAS_MAP_SIZE_IMAGE},
    {NETWORK_DEEP, {"conv"}, 2, {64, 300}, 2, 64, 64, 0, 0},
    {NETWORK_DEEP, {"conv", "spare", "stem"}, 3, {64, 130, 300}, 3, 500, 400, 0, CAMERAS_MAP_SIZE_IMAGE},
    {NETWORK_RESIDUAL, {"block.conv", "block"}, 2, {64, 301}, 2, 64, 64, CAMERAS_SOURCE_ORIGINAL, 0},
    {NETWORK_TWO_READERS, {"conv"}, 2, {32, 48}, 2, 64, 64, 0, 0},
    {NETWORK_VIEW, {"conv"}, 2, {64, 300}, 2, 64, 64, 0, 0},
    {NETWORK_SHALLOW, {"stem"}, 5, {64, 90, 120}, 3, 64, 64, 0, 0},
    {NETWORK_WRITES_PASSED, {"conv"}, 2, {64, 300}, 2, 64, 64, 0, 0},
};

START_TEST(estimate_is_at_least_what_is_taken_and_at_most_thrice_that)
{
    scene made;
    open_plan(&made, &plans[_i]);
    const size_t told = estimate(&made), taken = measure(&made);
    ck_assert_msg(told >= taken && told <= 3 * taken, "told %zu, taken %zu", told, taken);
    scene_close(&made);
}
END_TEST

static const plan big_plans[] = {
    {NETWORK_PLAIN, {"conv"}, 1, {64, 700, 1000}, 3, 64, 64, 0, 0},
    {NETWORK_RECTIFIED, {"conv"}, 5, {64, 600, 800, 1000}, 4, 64, 64, 0, 0},
    {NETWORK_DEEP, {"stem"}, 2, {64, 1000}, 2, 1200, 900, CAMERAS_SOURCE_ORIGINAL, CAMERAS_MAP_SIZE_IMAGE},
};

START_TEST(process_grows_by_no_more_than_the_estimate)
{
    static const size_t small[] = {64, 200};
    const size_t slack = 4u << 20; /* of oneDNN and of the C library */
    scene made;
    cameras_map *maps[15];
    open_plan(&made, &big_plans[_i]);
    const size_t count = cameras_options_map_count(made.options), told = estimate(&made);
    scene_set_scales(&made, small, 2);
    expect_ok(explain(&made, maps)); /* cuts, starts threads */
    free_maps(maps, count);
    scene_set_scales(&made, big_plans[_i].sides, big_plans[_i].scales);
    if (!process_is_measurable()) {
        expect_ok(explain(&made, maps));
        free_maps(maps, count);
    } else if (process_forget_most()) {
        const size_t before = process_resident();
        expect_ok(explain(&made, maps));
        const size_t grown = process_most_resident() - before;
        free_maps(maps, count);
        ck_assert_msg(grown <= told + slack && told <= 3 * grown, "told %zu, grown by %zu", told, grown);
    } else {
        puts("SKIPPED: the system does not tell the most that was resident");
    }
    scene_close(&made);
}
END_TEST

START_TEST(estimate_rises_with_scales_classes_and_layers)
{
    plan how = {NETWORK_DEEP, {"conv"}, 1, {64, 100, 160, 300}, 1, 64, 64, 0, 0};
    size_t earlier = 0;
    for (int step = 0; step < 8; step++) {
        scene made;
        how.scales += step > 0 && step < 4;
        how.classes += step >= 4 && step < 6;
        if (step >= 6)
            how.layers[step - 5] = step == 6 ? "spare" : "stem";
        open_plan(&made, &how);
        const size_t told = estimate(&made);
        ck_assert_msg(told > earlier, "step %d: %zu after %zu", step, told, earlier);
        earlier = told;
        scene_close(&made);
    }
}
END_TEST

START_TEST(estimate_is_the_same_every_time_and_does_not_show_in_the_maps)
{
    scene made;
    open_plan(&made, &plans[4]);
    cameras_map *before = scene_explain(&made);
    const size_t told = estimate(&made);
    cameras_map *after = scene_explain(&made);
    expect_equal_maps(after, before);
    ck_assert_uint_eq(estimate(&made), told);
    cameras_map_free(after);
    cameras_map_free(before);
    scene_close(&made);
}
END_TEST

START_TEST(estimate_needs_its_arguments)
{
    scene made;
    size_t bytes = 7;
    open_plan(&made, &plans[0]);
    expect_failure(cameras_explain_memory(NULL, made.model, 8, 8, NULL), CAMERAS_EINVAL, "needed");
    expect_failure(cameras_explain_memory(&bytes, NULL, 8, 8, NULL), CAMERAS_EINVAL, "needed");
    ck_assert_uint_eq(bytes, 0);
    bytes = 7;
    expect_failure(cameras_explain_memory(&bytes, made.model, 0, 8, NULL), CAMERAS_EINVAL, "1 x 1");
    ck_assert_uint_eq(bytes, 0);
    bytes = 7;
    expect_failure(cameras_explain_memory(&bytes, made.model, 8, 0, NULL), CAMERAS_EINVAL, "1 x 1");
    ck_assert_uint_eq(bytes, 0);
    expect_ok(cameras_explain_memory(&bytes, made.model, 8, 8, NULL));
    ck_assert_uint_gt(bytes, 3 * SIDE * SIDE * sizeof(float));
    scene_close(&made);
}
END_TEST

/* The sides' product, their sum, and what the base image's longer side comes to pass beyond what size_t holds. */
START_TEST(estimate_of_more_pixels_than_can_be_counted_is_refused)
{
    static const size_t sides[][2] = {{(size_t)1 << 63, (size_t)1 << 63},
                                      {(size_t)1 << 62, (size_t)1 << 62},
                                      {(size_t)1 << 32, (size_t)1 << 32},
                                      {(size_t)1 << 31, (size_t)1 << 31},
                                      {SIZE_MAX, 1},
                                      {1, SIZE_MAX},
                                      {65536, 65536}};
    scene made;
    size_t bytes = 7;
    open_plan(&made, &plans[0]);
    expect_ok(cameras_options_set_map_size(made.options, CAMERAS_MAP_SIZE_IMAGE));
    for (size_t i = 0; i < 2 * sizeof sides / sizeof *sides; i++) {
        if (i % 2)
            expect_ok(cameras_model_set_base_side(made.model, SIDE));
        else
            expect_ok(cameras_model_set_base_size(made.model, SIDE, SIDE));
        expect_failure(cameras_explain_memory(&bytes, made.model, sides[i / 2][0], sides[i / 2][1], made.options),
                       CAMERAS_ELIMIT, "pixels");
        ck_assert_uint_eq(bytes, 0);
    }
    expect_ok(cameras_model_set_base_size(made.model, SIDE, SIDE));
    expect_ok(cameras_explain_memory(&bytes, made.model, 65535, 65537, made.options));
    ck_assert_uint_gt(bytes, (size_t)65535 * 65537 * 2 * sizeof(float));
    scene_close(&made);
}
END_TEST

START_TEST(estimate_fails_as_the_explanation_would)
{
    scene made;
    size_t bytes = 7;
    open_plan(&made, &plans[0]);
    expect_ok(cameras_options_add_layer(made.options, "fc"));
    expect_failure(cameras_explain_memory(&bytes, made.model, SIDE, SIDE, made.options), CAMERAS_ELAYER, "fc");
    ck_assert_uint_eq(bytes, 0);
    scene_close(&made);
}
END_TEST

/* ---- the limit -------------------------------------------------------------------------------------------------- */

static int count_call(double done, void *user)
{
    (void)done;
    ++*(size_t *)user;
    return 0;
}

static void expect_number(size_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", number);
    ck_assert_msg(strstr(cameras_last_error(), text) != NULL, "\"%s\" does not say %s", cameras_last_error(), text);
}

/* Refused with these options before anything was shown to the network. */
static void expect_refused(scene *made, size_t limit)
{
    cameras_map *maps[15];
    size_t calls = 0;
    const size_t count = cameras_options_map_count(made->options);
    memset(maps, 0xff, sizeof maps);
    expect_ok(cameras_options_set_progress(made->options, count_call, &calls));
    expect_ok(cameras_options_set_memory_limit(made->options, limit));
    expect_failure(explain(made, maps), CAMERAS_ELIMIT, "limit");
    expect_number(limit);
    ck_assert_uint_eq(calls, 0);
    expect_ok(cameras_options_set_progress(made->options, NULL, NULL));
    for (size_t i = 0; i < count; i++)
        ck_assert_ptr_null(maps[i]);
}

START_TEST(limit_below_the_estimate_is_refused_with_both_numbers_and_one_of_it_is_kept)
{
    scene made;
    cameras_map *free_of_limit[15], *limited[15];
    open_plan(&made, &plans[_i]);
    const size_t told = estimate(&made), count = cameras_options_map_count(made.options);
    expect_ok(explain(&made, free_of_limit));
    expect_refused(&made, told - 1);
    expect_number(told);
    expect_ok(cameras_options_set_memory_limit(made.options, told));
    expect_ok(explain(&made, limited));
    for (size_t i = 0; i < count; i++)
        expect_equal_maps(limited[i], free_of_limit[i]);
    free_maps(limited, count);
    free_maps(free_of_limit, count);
    scene_close(&made);
}
END_TEST

START_TEST(limit_below_anything_is_refused_naming_it)
{
    scene made;
    open_plan(&made, &plans[4]);
    for (size_t limit = 1; limit < 300000; limit = 10 * limit + 7)
        expect_refused(&made, limit);
    expect_ok(cameras_options_set_memory_limit(made.options, 0));
    cameras_map_free(scene_explain(&made));
    scene_close(&made);
}
END_TEST

START_TEST(limit_refuses_larger_scales_alone)
{
    static const size_t more[] = {64, 160, 400}, fewer[] = {64, 160};
    scene made;
    open_plan(&made, &plans[4]);
    scene_set_scales(&made, fewer, 2);
    const size_t enough = estimate(&made);
    scene_set_scales(&made, more, 3);
    expect_refused(&made, enough);
    scene_set_scales(&made, fewer, 2);
    cameras_map_free(scene_explain(&made));
    scene_close(&made);
}
END_TEST

/* Whatever the batch asked for: 64 base images of 512 x 512 alone are 192 MiB. */
START_TEST(scores_and_attacks_keep_the_limit)
{
    enum {
        LARGE = 512
    };
    const size_t limit = 128u << 20, slack = 4u << 20, scale = LARGE;
    scene made;
    cameras_scores *scores = NULL;
    cameras_attack *attack = NULL;
    scene_open(&made, NETWORK_RECTIFIED, LARGE, LARGE);
    scene_set_scales(&made, &scale, 1);
    expect_ok(cameras_options_set_batch(made.options, 64));
    expect_ok(cameras_options_set_attack_steps(made.options, 2));
    cameras_map *map = scene_explain(&made);
    expect_ok(cameras_options_set_memory_limit(made.options, limit));
    for (int measured = 0; measured < 2; measured++) { /* the first time starts threads */
        const int can = process_is_measurable() && process_forget_most();
        const size_t before = process_resident();
        expect_ok(cameras_score(&scores, made.model, made.image, map, NULL, made.options));
        expect_ok(cameras_attack_run(&attack, made.model, made.image, map, made.options));
        if (measured && can)
            ck_assert_msg(process_most_resident() <= before + limit + slack, "grown by %zu",
                          process_most_resident() - before);
        cameras_scores_free(scores);
        cameras_attack_free(attack);
    }
    expect_ok(cameras_options_set_memory_limit(made.options, (size_t)LARGE * LARGE * 3 * sizeof(float)));
    expect_failure(cameras_score(&scores, made.model, made.image, map, NULL, made.options), CAMERAS_ELIMIT,
                   "its pictures alone take");
    expect_failure(cameras_attack_run(&attack, made.model, made.image, map, made.options), CAMERAS_ELIMIT,
                   "its pictures alone take");
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

/* The least limit, to a hundredth, under which a batch of so many is scored. */
static size_t least_limit(scene *made, const cameras_map *map, size_t batch)
{
    size_t least = 0, most = 1u << 26;
    expect_ok(cameras_options_set_batch(made->options, batch));
    while (most - least > most / 100) {
        const size_t limit = least + (most - least) / 2;
        cameras_scores *scores = NULL;
        expect_ok(cameras_options_set_memory_limit(made->options, limit));
        if (cameras_score(&scores, made->model, made->image, map, NULL, made->options) == CAMERAS_OK)
            most = limit;
        else
            least = limit;
        cameras_scores_free(scores);
    }
    return most;
}

START_TEST(limit_that_one_input_keeps_is_kept_whatever_the_batch)
{
    enum {
        SMALL = 96
    };
    const size_t scale = SMALL;
    scene made;
    scene_open(&made, NETWORK_RECTIFIED, SMALL, SMALL);
    scene_set_scales(&made, &scale, 1);
    cameras_map *map = scene_explain(&made);
    const size_t limit = least_limit(&made, map, 1);
    for (size_t batch = 2; batch <= 64; batch *= 2) {
        cameras_scores *scores = NULL;
        expect_ok(cameras_options_set_batch(made.options, batch));
        expect_ok(cameras_options_set_memory_limit(made.options, limit));
        expect_ok(cameras_score(&scores, made.model, made.image, map, NULL, made.options));
        cameras_scores_free(scores);
    }
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

static Suite *memory_suite(void)
{
    Suite *suite = suite_create("memory");
    TCase *cases = tcase_create("estimate"), *limits = tcase_create("limit");
    const int count = (int)(sizeof plans / sizeof *plans);
    tcase_set_timeout(cases, 300);
    tcase_set_timeout(limits, 300);
    tcase_add_loop_test(cases, estimate_is_at_least_what_is_taken_and_at_most_thrice_that, 0, count);
    tcase_add_loop_test(cases, process_grows_by_no_more_than_the_estimate, 0, sizeof big_plans / sizeof *big_plans);
    tcase_add_test(cases, estimate_rises_with_scales_classes_and_layers);
    tcase_add_test(cases, estimate_is_the_same_every_time_and_does_not_show_in_the_maps);
    tcase_add_test(cases, estimate_needs_its_arguments);
    tcase_add_test(cases, estimate_of_more_pixels_than_can_be_counted_is_refused);
    tcase_add_test(cases, estimate_fails_as_the_explanation_would);
    tcase_add_loop_test(limits, limit_below_the_estimate_is_refused_with_both_numbers_and_one_of_it_is_kept, 0, count);
    tcase_add_test(limits, limit_below_anything_is_refused_naming_it);
    tcase_add_test(limits, limit_refuses_larger_scales_alone);
    tcase_add_test(limits, scores_and_attacks_keep_the_limit);
    tcase_add_test(limits, limit_that_one_input_keeps_is_kept_whatever_the_batch);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, limits);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(memory_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
