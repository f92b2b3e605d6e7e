/*
 * check_explain_files.c - many images in one call: those that are read on the way, and the memory that all take
 *
 * SPDX-License-Identifier: MIT
 */
#include "album.h"
#include "process.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const size_t thread_counts[] = {1, 2, 3, 5, 8};

/* ---- files ------------------------------------------------------------------------------------------------------ */

enum {
    FILES = 6
};

/* Three good pictures, and one that is missing, damaged, not named at all. */
static void put_files(char paths[FILES][256], const album *shown)
{
    static const char *const names[FILES] = {"first.png",   "missing.png", "second.png",
                                             "damaged.png", NULL,          "third.png"};
    for (size_t i = 0; i < FILES; i++) {
        snprintf(paths[i], 256, "%s", networks_path(names[i] ? names[i] : "none"));
        if (i % 2 == 0 && i < 4)
            expect_ok(cameras_image_write(shown->images[i / 2], paths[i]));
    }
    expect_ok(cameras_image_write(shown->images[2], paths[5]));
    expect_ok(cameras_image_write(shown->images[3], paths[3]));
    ck_assert_int_eq(truncate(paths[3], 400), 0);
}

START_TEST(bad_files_are_told_and_the_others_are_right)
{
    album shown;
    notes own = {0};
    size_t explained = 0;
    char paths[FILES][256];
    const char *named[FILES];
    album_open(&shown);
    put_files(paths, &shown);
    for (size_t i = 0; i < FILES; i++)
        named[i] = i == 4 ? NULL : paths[i];
    expect_ok(cameras_options_set_threads(shown.made.options, thread_counts[_i]));
    expect_ok(cameras_explain_files(&explained, shown.made.model, named, FILES, shown.made.options, take_note, &own));
    ck_assert_uint_eq(explained, 3);
    expect_each_told_once(&own, FILES);
    expect_failed(&own, 1, CAMERAS_EIO, "missing.png: No such file");
    expect_failed(&own, 3, CAMERAS_EFORMAT, "damaged.png");
    expect_failed(&own, 4, CAMERAS_EINVAL, "path 4 is NULL");
    ck_assert(equals_single_call(&own.images[0], &shown, 0, 1));
    ck_assert(equals_single_call(&own.images[2], &shown, 1, 1));
    ck_assert(equals_single_call(&own.images[5], &shown, 2, 1));
    notes_free(&own);
    album_close(&shown);
}
END_TEST

START_TEST(largest_picture_of_the_options_holds_for_files)
{
    album shown;
    notes own = {0};
    char path[256];
    album_open(&shown);
    snprintf(path, sizeof path, "%s", networks_path("large.png"));
    expect_ok(cameras_image_write(shown.images[1], path)); /* 60 x 40 */
    expect_ok(cameras_options_set_max_pixels(shown.made.options, 60 * 40 - 1));
    expect_ok(cameras_explain_files(NULL, shown.made.model, (const char *const[]){path}, 1, shown.made.options,
                                    take_note, &own));
    expect_failed(&own, 0, CAMERAS_ELIMIT, "large.png");
    album_close(&shown);
}
END_TEST

/* ---- memory ----------------------------------------------------------------------------------------------------- */

/* Room for the largest image alone, but not for a share of it: it comes later, and comes. */
START_TEST(memory_limit_costs_no_image)
{
    album shown;
    notes own = {0};
    size_t bytes = 0, explained = 0;
    album_open(&shown);
    cameras_image_free(shown.images[2]);
    shown.images[2] = wavy_picture(640, 480);
    expect_ok(cameras_options_set_map_size(shown.made.options, CAMERAS_MAP_SIZE_IMAGE));
    expect_ok(cameras_explain_memory(&bytes, shown.made.model, 640, 480, shown.made.options));
    expect_ok(cameras_options_set_memory_limit(shown.made.options, bytes + bytes / 2));
    expect_ok(cameras_options_set_threads(shown.made.options, 4));
    expect_ok(cameras_explain_many(&explained, shown.made.model, album_pictures(&shown), IMAGES, shown.made.options,
                                   take_note, &own));
    ck_assert_uint_eq(explained, IMAGES);
    expect_each_told_once(&own, IMAGES);
    notes_free(&own);
    album_close(&shown);
}
END_TEST

START_TEST(memory_limit_that_no_image_keeps_is_told_of_each)
{
    album shown;
    notes own = {0};
    size_t explained = 99;
    album_open(&shown);
    expect_ok(cameras_options_set_memory_limit(shown.made.options, 1000));
    expect_ok(cameras_explain_many(&explained, shown.made.model, album_pictures(&shown), IMAGES, shown.made.options,
                                   take_note, &own));
    ck_assert_uint_eq(explained, 0);
    expect_each_told_once(&own, IMAGES);
    for (size_t i = 0; i < IMAGES; i++)
        expect_failed(&own, i, CAMERAS_ELIMIT, "");
    album_close(&shown);
}
END_TEST

/* The least limit that an image is explained under, to a hundredth. */
static size_t memory_needed(scene *made, const cameras_image *image)
{
    size_t least = 0, most = 1u << 28;
    while (most - least > most / 100) {
        const size_t limit = least + (most - least) / 2;
        cameras_map *map = NULL;
        expect_ok(cameras_options_set_memory_limit(made->options, limit));
        if (cameras_explain(&map, made->model, image, made->options) == CAMERAS_OK)
            most = limit;
        else
            least = limit;
        cameras_map_free(map);
    }
    return most;
}

/* Files are not known to be large until they are read. */
START_TEST(file_that_needs_more_than_its_share_of_memory_is_explained_alone_and_last)
{
    album shown;
    notes own = {0};
    char paths[IMAGES][256];
    const char *named[IMAGES];
    size_t explained = 0;
    album_open(&shown);
    cameras_image_free(shown.images[0]);
    shown.images[0] = wavy_picture(640, 32);
    for (size_t i = 0; i < IMAGES; i++) {
        snprintf(paths[i], sizeof paths[i], "%s%zu.png", networks_path("shared"), i);
        expect_ok(cameras_image_write(shown.images[i], named[i] = paths[i]));
    }
    expect_ok(cameras_model_set_base_side(shown.made.model, SIDE));
    const size_t needed = memory_needed(&shown.made, shown.images[0]);
    expect_ok(cameras_options_set_memory_limit(shown.made.options, needed + 640 * 32 * 3));
    expect_ok(cameras_options_set_threads(shown.made.options, 3));
    expect_ok(cameras_explain_files(&explained, shown.made.model, named, IMAGES, shown.made.options, take_note, &own));
    ck_assert_uint_eq(explained, IMAGES);
    expect_each_told_once(&own, IMAGES);
    ck_assert_uint_eq(own.images[0].place, IMAGES - 1);
    notes_free(&own);
    album_close(&shown);
}
END_TEST

/* An image that the caller holds is not what the call takes; one that the call has read is. */
START_TEST(picture_that_was_read_counts_towards_the_memory_limit)
{
    enum {
        WIDTH = 640,
        HEIGHT = 480
    };
    album shown;
    notes own = {0};
    char path[256];
    const char *named[] = {path};
    album_open(&shown);
    cameras_image *image = wavy_picture(WIDTH, HEIGHT);
    snprintf(path, sizeof path, "%s", networks_path("counted.png"));
    expect_ok(cameras_image_write(image, path));
    const size_t needed = memory_needed(&shown.made, image);
    expect_ok(cameras_options_set_memory_limit(shown.made.options, needed));
    expect_ok(cameras_explain_many(NULL, shown.made.model, (const cameras_image *[]){image}, 1, shown.made.options,
                                   take_note, &own));
    ck_assert_int_eq(own.images[0].status, CAMERAS_OK);
    notes_free(&own);
    expect_ok(cameras_options_set_memory_limit(shown.made.options, needed + WIDTH * HEIGHT * 3 - needed / 50));
    expect_ok(cameras_explain_files(NULL, shown.made.model, named, 1, shown.made.options, take_note, &own));
    expect_failed(&own, 0, CAMERAS_ELIMIT, "memory");
    notes_free(&own);
    expect_ok(cameras_options_set_memory_limit(shown.made.options, needed + WIDTH * HEIGHT * 3));
    expect_ok(cameras_explain_files(NULL, shown.made.model, named, 1, shown.made.options, take_note, &own));
    ck_assert_int_eq(own.images[0].status, CAMERAS_OK);
    notes_free(&own);
    expect_ok(cameras_options_set_memory_limit(shown.made.options, WIDTH * HEIGHT * 3));
    expect_ok(cameras_explain_files(NULL, shown.made.model, named, 1, shown.made.options, take_note, &own));
    expect_failed(&own, 0, CAMERAS_ELIMIT, "the picture takes 921600 bytes");
    notes_free(&own);
    cameras_image_free(image);
    album_close(&shown);
}
END_TEST

/* A pipe can be read once. */
START_TEST(picture_beyond_another_limit_is_not_read_again_for_want_of_memory)
{
    album shown;
    notes own = {0};
    char bytes[60000], paths[2][256];
    const char *named[] = {paths[0], paths[1]};
    int ends[2];
    album_open(&shown);
    snprintf(paths[1], sizeof paths[1], "%s", networks_path("piped.png"));
    expect_ok(cameras_image_write(shown.images[1], paths[1])); /* 60 x 40 */
    FILE *stream = fopen(paths[1], "rb");
    const size_t size = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    expect_ok(cameras_image_write(shown.images[0], paths[1])); /* 32 x 32 */
    ck_assert_int_eq(pipe(ends), 0);
    ck_assert_int_eq(write(ends[1], bytes, size), (ssize_t)size);
    close(ends[1]);
    snprintf(paths[0], sizeof paths[0], "/dev/fd/%d", ends[0]);
    expect_ok(cameras_options_set_max_pixels(shown.made.options, 60 * 40 - 1));
    expect_ok(cameras_options_set_memory_limit(shown.made.options, 1u << 28));
    expect_ok(cameras_options_set_threads(shown.made.options, 2));
    expect_ok(cameras_explain_files(NULL, shown.made.model, named, 2, shown.made.options, take_note, &own));
    expect_failed(&own, 0, CAMERAS_ELIMIT, "60 x 40");
    ck_assert_int_eq(own.images[1].status, CAMERAS_OK);
    notes_free(&own);
    close(ends[0]);
    album_close(&shown);
}
END_TEST

/* ---- the suite -------------------------------------------------------------------------------------------------- */

#define LENGTH(table) (int)(sizeof(table) / sizeof *(table))

static Suite *files_suite(void)
{
    Suite *suite = suite_create("explain files");
    TCase *cases = tcase_create("files");
    tcase_set_timeout(cases, 120);
    tcase_add_test(cases, memory_limit_costs_no_image);
    tcase_add_test(cases, memory_limit_that_no_image_keeps_is_told_of_each);
    tcase_add_test(cases, file_that_needs_more_than_its_share_of_memory_is_explained_alone_and_last);
    tcase_add_loop_test(cases, bad_files_are_told_and_the_others_are_right, 0, LENGTH(thread_counts));
    tcase_add_test(cases, largest_picture_of_the_options_holds_for_files);
    tcase_add_test(cases, picture_that_was_read_counts_towards_the_memory_limit);
    tcase_add_test(cases, picture_beyond_another_limit_is_not_read_again_for_want_of_memory);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(files_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
