/*
 * check_explain_many.c - many images in one call: what is told of each, and that it is what single calls give
 *
 * SPDX-License-Identifier: MIT
 */
#include "album.h"
#include "process.h"

#include <check.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- maps ------------------------------------------------------------------------------------------------------- */

static const size_t thread_counts[] = {1, 2, 3, 5, 8};

START_TEST(maps_are_those_of_single_calls_bit_for_bit)
{
    album shown;
    notes own = {0};
    size_t explained = 99;
    const size_t threads = thread_counts[_i];
    album_open(&shown);
    ask_for_four_maps(&shown);
    expect_ok(cameras_options_set_threads(shown.made.options, threads));
    expect_ok(cameras_explain_many(&explained, shown.made.model, album_pictures(&shown), IMAGES, shown.made.options,
                                   take_note, &own));
    ck_assert_uint_eq(explained, IMAGES);
    expect_each_told_once(&own, IMAGES);
    for (size_t i = 0; i < IMAGES; i++) /* each has a thread, and what is left goes to the first */
        ck_assert(equals_single_call(&own.images[i], &shown, i,
                                     threads > IMAGES ? threads / IMAGES + (i < threads % IMAGES) : 1));
    notes_free(&own);
    album_close(&shown);
}
END_TEST

START_TEST(more_images_than_threads_are_each_told_once)
{
    album shown;
    notes own = {0};
    const cameras_image *images[MOST_IMAGES];
    size_t explained = 0;
    album_open(&shown);
    for (size_t i = 0; i < MOST_IMAGES; i++)
        images[i] = shown.images[i % IMAGES];
    expect_ok(cameras_options_set_threads(shown.made.options, 4));
    expect_ok(
        cameras_explain_many(&explained, shown.made.model, images, MOST_IMAGES, shown.made.options, take_note, &own));
    ck_assert_uint_eq(explained, MOST_IMAGES);
    expect_each_told_once(&own, MOST_IMAGES);
    for (size_t i = IMAGES; i < MOST_IMAGES; i++)
        ck_assert(is_equal_map(own.images[i].maps[0], own.images[i % IMAGES].maps[0]));
    notes_free(&own);
    album_close(&shown);
}
END_TEST

START_TEST(default_options_do_for_many_as_for_one)
{
    album shown;
    notes own = {0};
    cameras_map *map = NULL;
    album_open(&shown);
    expect_ok(cameras_explain_many(NULL, shown.made.model, album_pictures(&shown), 1, NULL, take_note, &own));
    expect_ok(cameras_explain(&map, shown.made.model, shown.images[0], NULL));
    expect_each_told_once(&own, 1);
    ck_assert(is_equal_map(own.images[0].maps[0], map));
    cameras_map_free(map);
    notes_free(&own);
    album_close(&shown);
}
END_TEST

START_TEST(no_images_are_no_work_and_no_failure)
{
    album shown;
    notes own = {0};
    size_t explained = 99;
    album_open(&shown);
    expect_ok(cameras_explain_many(&explained, shown.made.model, NULL, 0, NULL, take_note, &own));
    ck_assert_uint_eq(explained, 0);
    explained = 99;
    expect_ok(cameras_explain_files(&explained, shown.made.model, NULL, 0, NULL, take_note, &own));
    ck_assert_uint_eq(explained, 0);
    ck_assert_uint_eq(own.calls, 0);
    album_close(&shown);
}
END_TEST

/* ---- failures --------------------------------------------------------------------------------------------------- */

START_TEST(image_that_fails_is_told_and_the_others_are_right)
{
    album shown;
    notes own = {0};
    size_t explained = 0;
    album_open(&shown);
    cameras_image_free(shown.images[1]);
    cameras_image_free(shown.images[3]);
    shown.images[1] = wavy_picture(1000, 1); /* with its shape kept, beyond CAMERAS_MAX_SIDE */
    shown.images[3] = NULL;
    expect_ok(cameras_model_set_base_side(shown.made.model, SIDE));
    expect_ok(cameras_options_set_threads(shown.made.options, thread_counts[_i]));
    expect_ok(cameras_explain_many(&explained, shown.made.model, album_pictures(&shown), IMAGES, shown.made.options,
                                   take_note, &own));
    ck_assert_uint_eq(explained, IMAGES - 2);
    expect_each_told_once(&own, IMAGES);
    expect_failed(&own, 1, CAMERAS_ELIMIT, "32000 x 32");
    expect_failed(&own, 3, CAMERAS_EINVAL, "image 3 is NULL");
    for (size_t i = 0; i < IMAGES; i += 2)
        expect_single_call(&own, &shown, i);
    notes_free(&own);
    album_close(&shown);
}
END_TEST

START_TEST(network_that_cannot_be_explained_is_told_of_every_image)
{
    album shown;
    notes own = {0};
    size_t explained = 99;
    album_open(&shown);
    expect_ok(cameras_options_add_layer(shown.made.options, "comv"));
    expect_ok(cameras_explain_many(&explained, shown.made.model, album_pictures(&shown), IMAGES, shown.made.options,
                                   take_note, &own));
    ck_assert_uint_eq(explained, 0);
    for (size_t i = 0; i < IMAGES; i++)
        expect_failed(&own, i, CAMERAS_ELAYER, "near ones are conv");
    album_close(&shown);
}
END_TEST

START_TEST(missing_arguments_are_refused_before_anything_runs)
{
    album shown;
    notes own = {0};
    size_t explained = 99;
    static const char *const paths[] = {"a.png"};
    album_open(&shown);
    cameras_model *model = shown.made.model;
    expect_failure(cameras_explain_many(&explained, NULL, album_pictures(&shown), 1, NULL, take_note, &own),
                   CAMERAS_EINVAL, "explain images");
    ck_assert_uint_eq(explained, 0);
    expect_failure(cameras_explain_many(NULL, model, NULL, 1, NULL, take_note, &own), CAMERAS_EINVAL, "images");
    expect_failure(cameras_explain_many(NULL, model, album_pictures(&shown), 1, NULL, NULL, &own), CAMERAS_EINVAL,
                   "callback");
    expect_failure(cameras_explain_many(NULL, model, NULL, 0, NULL, NULL, &own), CAMERAS_EINVAL, "callback");
    explained = 99;
    expect_failure(cameras_explain_files(&explained, NULL, paths, 1, NULL, take_note, &own), CAMERAS_EINVAL, "files");
    ck_assert_uint_eq(explained, 0);
    expect_failure(cameras_explain_files(NULL, model, NULL, 1, NULL, take_note, &own), CAMERAS_EINVAL, "paths");
    expect_failure(cameras_explain_files(NULL, model, paths, 1, NULL, NULL, &own), CAMERAS_EINVAL, "callback");
    ck_assert_uint_eq(own.calls, 0);
    album_close(&shown);
}
END_TEST

/* ---- stopping and progress -------------------------------------------------------------------------------------- */

START_TEST(callback_that_asks_to_stop_begins_no_further_image)
{
    const size_t threads = thread_counts[_i], workers = threads < IMAGES ? threads : IMAGES;
    for (size_t stop = 1; stop <= IMAGES; stop++) {
        album shown;
        notes own = {.stop_at = stop};
        size_t explained = 0, told = 0;
        album_open(&shown);
        expect_ok(cameras_options_set_threads(shown.made.options, threads));
        const cameras_status status = cameras_explain_many(&explained, shown.made.model, album_pictures(&shown), IMAGES,
                                                           shown.made.options, take_note, &own);
        expect_failure(status, CAMERAS_ECANCELLED, "cancelled");
        ck_assert_uint_ge(own.calls, stop);
        ck_assert_uint_le(own.calls, stop + workers - 1);
        ck_assert_uint_eq(explained, own.calls);
        for (size_t i = 0; i < IMAGES; i++)
            told += own.images[i].times;
        ck_assert_uint_eq(told, own.calls);
        notes_free(&own);
        album_close(&shown);
    }
}
END_TEST

typedef struct tally {
    double last;
    size_t calls, stop_at;
    int fell;
} tally;

static int count_progress(double done, void *user)
{
    tally *own = user;
    own->fell |= done <= own->last || done > 1.0;
    own->last = done;
    return ++own->calls == own->stop_at;
}

START_TEST(progress_is_told_after_each_scale_and_reaches_one)
{
    album shown;
    notes own = {0};
    tally bar = {0};
    album_open(&shown);
    expect_ok(cameras_options_set_threads(shown.made.options, thread_counts[_i]));
    expect_ok(cameras_options_set_progress(shown.made.options, count_progress, &bar));
    expect_ok(cameras_explain_many(NULL, shown.made.model, album_pictures(&shown), IMAGES, shown.made.options,
                                   take_note, &own));
    ck_assert_uint_eq(bar.calls, IMAGES * SCALES);
    ck_assert_int_eq(bar.fell, 0);
    ck_assert_double_eq(bar.last, 1.0);
    notes_free(&own);
    album_close(&shown);
}
END_TEST

START_TEST(progress_that_asks_to_stop_ends_the_image_at_work_after_its_scale)
{
    album shown;
    notes own = {0};
    tally bar = {.stop_at = SCALES + 1};
    album_open(&shown);
    expect_ok(cameras_options_set_threads(shown.made.options, 1));
    expect_ok(cameras_options_set_progress(shown.made.options, count_progress, &bar));
    const cameras_status status = cameras_explain_many(NULL, shown.made.model, album_pictures(&shown), IMAGES,
                                                       shown.made.options, take_note, &own);
    expect_failure(status, CAMERAS_ECANCELLED, "1 of 5");
    ck_assert_uint_eq(own.calls, 2);
    ck_assert_uint_eq(bar.calls, SCALES + 1);
    ck_assert_int_eq(own.images[0].status, CAMERAS_OK);
    expect_failed(&own, 1, CAMERAS_ECANCELLED, "cancelled");
    notes_free(&own);
    album_close(&shown);
}
END_TEST

/* ---- the callback's freedom ------------------------------------------------------------------------------------- */

typedef struct nested {
    const album *shown;
    size_t right, written;
} nested;

static int count_good(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count)
{
    size_t *good = user;
    (void)index;
    for (size_t i = 0; i < count; i++)
        cameras_map_free(maps[i]);
    *good += status == CAMERAS_OK ? 1 : 0;
    return 0;
}

/* Explains again from within, one image and all of them, on the same model. */
static int explain_within(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count)
{
    nested *own = user;
    const scene *made = &own->shown->made;
    cameras_options *options = NULL;
    cameras_map *again = NULL;
    size_t good = 0;
    cameras_options_new(&options);
    cameras_options_set_threads(options, 3);
    cameras_options_set_scales(options, (const size_t[]){32, 40}, 2);
    cameras_explain(&again, made->model, own->shown->images[index], options);
    cameras_explain_many(NULL, made->model, album_pictures(own->shown), IMAGES, options, count_good, &good);
    own->right += status == CAMERAS_OK && count == 1 && again && is_equal_map(maps[0], again) && good == IMAGES;
    own->written += count == 1 && cameras_map_write(maps[0], networks_path("within.npy")) == CAMERAS_OK;
    for (size_t i = 0; i < count; i++)
        cameras_map_free(maps[i]);
    cameras_map_free(again);
    cameras_options_free(options);
    return 0;
}

START_TEST(callback_may_use_the_library_this_call_included)
{
    album shown;
    nested own = {.shown = &shown};
    album_open(&shown);
    expect_ok(cameras_options_set_threads(shown.made.options, thread_counts[_i]));
    expect_ok(cameras_explain_many(NULL, shown.made.model, album_pictures(&shown), IMAGES, shown.made.options,
                                   explain_within, &own));
    ck_assert_uint_eq(own.right, IMAGES);
    ck_assert_uint_eq(own.written, IMAGES);
    album_close(&shown);
}
END_TEST

/* ---- memory ----------------------------------------------------------------------------------------------------- */

enum {
    ROUNDS = 100,
    IMAGES_A_ROUND = 10,
    SLACK = 512 << 10 /* bytes; one map left by each explanation would be a thousand times 16 x 16 x 8, two million */
};

/* Ten explanations of one small image, by single calls or by one for all. */
static void explain_round(const scene *made, int together)
{
    const cameras_image *images[IMAGES_A_ROUND];
    size_t good = 0;
    for (size_t i = 0; i < IMAGES_A_ROUND; i++)
        images[i] = made->image;
    if (together)
        expect_ok(cameras_explain_many(NULL, made->model, images, IMAGES_A_ROUND, made->options, count_good, &good));
    for (; good < IMAGES_A_ROUND; good++) {
        cameras_map *map = NULL;
        expect_ok(cameras_explain(&map, made->model, made->image, made->options));
        cameras_map_free(map);
    }
}

START_TEST(a_thousand_explanations_leave_memory_as_ten_did)
{
    static const size_t sides[] = {16, 24};
    scene made;
    size_t before = 0;
    scene_open(&made, NETWORK_RECTIFIED, 16, 16);
    scene_set_scales(&made, sides, 2);
    expect_ok(
        cameras_options_set_threads(made.options, _i ? 2 : 1)); /* one an image: threads that wait only cost time */
    for (size_t round = 0; round < ROUNDS; round++) {
        explain_round(&made, _i);
        if (round == 0)
            before = process_resident();
    }
    const size_t after = process_resident();
    if (process_is_measurable())
        ck_assert_msg(after < before + SLACK, "%zu bytes more", after - before);
    scene_close(&made);
}
END_TEST

/* ---- the suite -------------------------------------------------------------------------------------------------- */

#define LENGTH(table) (int)(sizeof(table) / sizeof *(table))

static Suite *many_suite(void)
{
    Suite *suite = suite_create("explain many");
    TCase *cases = tcase_create("many");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, a_thousand_explanations_leave_memory_as_ten_did, 0, 2);
    tcase_add_loop_test(cases, maps_are_those_of_single_calls_bit_for_bit, 0, LENGTH(thread_counts));
    tcase_add_test(cases, more_images_than_threads_are_each_told_once);
    tcase_add_test(cases, default_options_do_for_many_as_for_one);
    tcase_add_test(cases, no_images_are_no_work_and_no_failure);
    tcase_add_loop_test(cases, image_that_fails_is_told_and_the_others_are_right, 0, LENGTH(thread_counts));
    tcase_add_test(cases, network_that_cannot_be_explained_is_told_of_every_image);
    tcase_add_test(cases, missing_arguments_are_refused_before_anything_runs);
    tcase_add_loop_test(cases, callback_that_asks_to_stop_begins_no_further_image, 0, LENGTH(thread_counts));
    tcase_add_loop_test(cases, progress_is_told_after_each_scale_and_reaches_one, 0, LENGTH(thread_counts));
    tcase_add_test(cases, progress_that_asks_to_stop_ends_the_image_at_work_after_its_scale);
    tcase_add_loop_test(cases, callback_may_use_the_library_this_call_included, 0, LENGTH(thread_counts));
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(many_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
