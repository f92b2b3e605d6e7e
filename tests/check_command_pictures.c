/*
 * check_command_pictures.c - cameras explain with several pictures: where each goes, and what becomes of a bad one
 *
 * SPDX-License-Identifier: MIT
 *
 * As in check_command.c each run starts in an empty folder beside its inputs.
 */
#include "command.h"
#include "scene.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define NETWORK " -m ../plain.pt --base 32x32 --scales 32,40"
#define EXPLAIN "explain ../first.png ../second.png ../third.png" NETWORK
#define ONE_BAD "explain ../first.png ../damaged.png ../third.png" NETWORK

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

/* The bytes of a file among the inputs, or in the working folder as work/NAME. The caller frees them. */
static char *read_input(size_t *size, const char *name)
{
    struct stat about;
    const char *path = networks_path(name);
    ck_assert_msg(stat(path, &about) == 0, "%s is not there", path);
    char *bytes = malloc((size_t)about.st_size + 1);
    FILE *stream = fopen(path, "rb");
    ck_assert_ptr_nonnull(bytes);
    ck_assert_ptr_nonnull(stream);
    *size = fread(bytes, 1, (size_t)about.st_size, stream);
    fclose(stream);
    return bytes;
}

/* Moves what a run left out of the way of the next, to kept/NAME among the inputs. */
static void keep(const char *name)
{
    char from[4096], to[64];
    snprintf(from, sizeof from, "%s", command_path(name));
    snprintf(to, sizeof to, "kept/%s", name);
    ck_assert_int_eq(rename(from, networks_path(to)), 0);
}

/* A file of the working folder is one that was kept. */
static void expect_kept(const char *kept, const char *name)
{
    char first[64], second[64];
    size_t size = 0, other_size = 0;
    snprintf(first, sizeof first, "kept/%s", kept);
    snprintf(second, sizeof second, "work/%s", name);
    char *bytes = read_input(&size, first), *other_bytes = read_input(&other_size, second);
    ck_assert_uint_eq(size, other_size);
    ck_assert_mem_eq(bytes, other_bytes, size);
    free(other_bytes);
    free(bytes);
}

static json_t *parsed(const outcome *done)
{
    json_error_t error;
    json_t *document = json_loads(done->out, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(document != NULL, "line %d: %s", error.line, error.text);
    return document;
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

/* ---- where they go ---------------------------------------------------------------------------------------------- */

START_TEST(overlays_go_to_the_current_folder_where_no_output_is_named)
{
    outcome done;
    command_run(&done, EXPLAIN);
    expect_success(&done, "first.cameras.png second.cameras.png third.cameras.png ");
    ck_assert_ptr_nonnull(strstr(done.out, "../first.png: class "));
    ck_assert_ptr_nonnull(strstr(done.out, "../second.png: class "));
    ck_assert_ptr_nonnull(strstr(done.out, "overlay third.cameras.png"));
}
END_TEST

START_TEST(overlays_and_maps_go_to_the_folders_that_are_named)
{
    outcome done;
    command_run(&done, EXPLAIN " -o . --map ./ -q");
    expect_success(&done, "first.cameras.png first.npy second.cameras.png second.npy third.cameras.png third.npy ");
    ck_assert_str_eq(done.out, "");
    command_run(&done, EXPLAIN " --map .");
    expect_success(&done, "first.npy second.npy third.npy ");
}
END_TEST

START_TEST(several_classes_go_to_files_of_their_own_for_each_picture)
{
    outcome done;
    command_run(&done, "explain ../first.png ../second.png -c 1 -c 3 -o . --map ." NETWORK);
    expect_success(&done, "first.1.npy first.3.npy first.cameras.1.png first.cameras.3.png second.1.npy second.3.npy "
                          "second.cameras.1.png second.cameras.3.png ");
}
END_TEST

START_TEST(files_are_those_of_single_runs_byte_for_byte)
{
    outcome done;
    char line[200], map[32], overlay[32];
    const char *const name = ((const char *const[]){"first", "second", "third"})[_i];
    snprintf(map, sizeof map, "%s.npy", name);
    snprintf(overlay, sizeof overlay, "%s.cameras.png", name);
    command_run(&done, EXPLAIN " -o . --map . --threads 3");
    keep(map);
    keep(overlay);
    snprintf(line, sizeof line, "explain ../%s.png -o out.png --map out.npy --threads 1" NETWORK, name);
    command_run(&done, line);
    expect_success(&done, "out.npy out.png ");
    expect_kept(map, "out.npy");
    expect_kept(overlay, "out.png");
}
END_TEST

/* ---- the document ----------------------------------------------------------------------------------------------- */

static void expect_result(const json_t *result, const char *image, const char *overlay)
{
    const json_t *maps = json_object_get(result, "maps"), *map = json_array_get(maps, 0);
    ck_assert_str_eq(text_of(result, "image"), image);
    ck_assert_str_eq(text_of(result, "layer"), "conv");
    ck_assert_uint_eq(json_array_size(maps), 1);
    ck_assert_str_eq(text_of(map, "precision"), "fp32");
    ck_assert_str_eq(text_of(map, "overlay"), overlay);
    ck_assert(json_is_real(json_object_get(json_object_get(result, "seconds"), "total")));
    ck_assert_ptr_null(json_object_get(result, "error"));
}

START_TEST(document_has_a_result_for_each_picture_in_the_order_given)
{
    outcome done;
    command_run(&done, EXPLAIN " --json -o . --threads 3");
    expect_success(&done, "first.cameras.png second.cameras.png third.cameras.png ");
    json_t *document = parsed(&done);
    const json_t *results = json_object_get(document, "results");
    ck_assert_str_eq(text_of(document, "model"), "../plain.pt");
    ck_assert_int_gt(json_integer_value(json_object_get(document, "peak_memory_bytes")), 10 << 20);
    ck_assert_uint_eq(json_array_size(results), 3);
    expect_result(json_array_get(results, 0), "../first.png", "./first.cameras.png");
    expect_result(json_array_get(results, 1), "../second.png", "./second.cameras.png");
    expect_result(json_array_get(results, 2), "../third.png", "./third.cameras.png");
    json_decref(document);
}
END_TEST

START_TEST(document_alone_writes_no_file_and_minds_no_equal_names)
{
    outcome done;
    command_run(&done, "explain ../first.png ../first.png --json" NETWORK);
    expect_success(&done, "");
    json_t *document = parsed(&done);
    ck_assert_uint_eq(json_array_size(json_object_get(document, "results")), 2);
    json_decref(document);
}
END_TEST

START_TEST(files_go_with_a_document_that_did_not_arrive)
{
    outcome done;
    command_run_to(&done, EXPLAIN " -o . --map . --json", "/dev/full");
    expect_exit(&done, 1);
    ck_assert_ptr_nonnull(strstr(done.err, "No space left"));
    ck_assert_str_eq(done.left, "");
}
END_TEST

START_TEST(run_ends_where_standard_output_takes_no_more)
{
    outcome done;
    command_run_to(&done, EXPLAIN " --threads 1", "/dev/full");
    expect_exit(&done, 1);
    ck_assert_ptr_nonnull(strstr(done.err, "No space left"));
    ck_assert_ptr_nonnull(strstr(done.err, "1 of 3"));
    ck_assert_str_eq(done.left, "");
}
END_TEST

/* ---- bad ones --------------------------------------------------------------------------------------------------- */

START_TEST(bad_picture_is_reported_and_the_others_are_delivered)
{
    outcome done;
    command_run(&done, ONE_BAD);
    expect_exit(&done, 1);
    ck_assert_int_eq(strncmp(done.err, "cameras: read image ../damaged.png", 34), 0);
    ck_assert_str_eq(strchr(done.err, '\n'), "\n"); /* one line */
    ck_assert_str_eq(done.left, "first.cameras.png third.cameras.png ");
    ck_assert_ptr_nonnull(strstr(done.out, "../third.png: class "));
}
END_TEST

START_TEST(bad_picture_has_its_reason_and_status_in_the_document)
{
    outcome done;
    command_run(&done, ONE_BAD " --json -o .");
    expect_exit(&done, 1);
    ck_assert_str_eq(done.left, "first.cameras.png third.cameras.png ");
    json_t *document = parsed(&done);
    const json_t *results = json_object_get(document, "results"), *bad = json_array_get(results, 1);
    expect_result(json_array_get(results, 0), "../first.png", "./first.cameras.png");
    expect_result(json_array_get(results, 2), "../third.png", "./third.cameras.png");
    ck_assert_str_eq(text_of(bad, "image"), "../damaged.png");
    ck_assert_ptr_nonnull(strstr(text_of(bad, "error"), "../damaged.png"));
    ck_assert_int_eq(json_integer_value(json_object_get(bad, "status")), CAMERAS_EFORMAT);
    ck_assert_ptr_null(json_object_get(bad, "maps"));
    json_decref(document);
}
END_TEST

/* The second of two pictures has failed so, and the document says why in words that a document can hold. */
static void expect_second_failed(const outcome *done, cameras_status status)
{
    expect_exit(done, 1);
    json_t *document = parsed(done);
    const json_t *bad = json_array_get(json_object_get(document, "results"), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(bad, "status")), (int)status);
    ck_assert_ptr_nonnull(text_of(bad, "error"));
    json_decref(document);
}

START_TEST(message_longer_than_messages_are_leaves_the_document_whole)
{
    char line[3000] = "explain ../first.png ";
    size_t length = strlen(line);
    length += (size_t)_i;
    memset(line + length - (size_t)_i, 'a', (size_t)_i);
    for (size_t i = 0; i < 1200; i++)
        memcpy(line + length + 2 * i, i % 100 == 99 ? "//" : "\xc3\xa9", 3);
    strcat(line, NETWORK " --json");
    outcome done;
    command_run(&done, line);
    expect_second_failed(&done, CAMERAS_EIO);
}
END_TEST

START_TEST(message_of_a_model_that_is_no_utf8_leaves_the_document_whole)
{
    outcome done;
    command_run(&done, "explain ../first.png ../second.png -m ../raising.pt --base 32x32 -l conv --scales 40 --json");
    expect_second_failed(&done, CAMERAS_EMODEL);
}
END_TEST

START_TEST(picture_that_cannot_be_explained_is_named)
{
    outcome done;
    command_run(&done, "explain ../first.png ../sliver.png -m ../plain.pt --base 32 --scales 32 -o .");
    expect_exit(&done, 1);
    ck_assert_int_eq(strncmp(done.err, "cameras: ../sliver.png: ", 24), 0);
    ck_assert_ptr_nonnull(strstr(done.err, "32000 x 32"));
    ck_assert_str_eq(done.left, "first.cameras.png ");
}
END_TEST

START_TEST(output_that_cannot_be_written_is_that_pictures_failure)
{
    outcome done;
    ck_assert_int_eq(mkdir(command_path("second.3.npy"), 0700), 0);
    command_run(&done, EXPLAIN " -c 1 -c 3 --map . --json");
    expect_exit(&done, 1);
    ck_assert_ptr_nonnull(strstr(done.err, "second.3.npy: Is a directory"));
    ck_assert_str_eq(done.left, "first.1.npy first.3.npy second.3.npy third.1.npy third.3.npy ");
    json_t *document = parsed(&done);
    const json_t *bad = json_array_get(json_object_get(document, "results"), 1);
    ck_assert_int_eq(json_integer_value(json_object_get(bad, "status")), CAMERAS_EIO);
    json_decref(document);
    rmdir(command_path("second.3.npy"));
}
END_TEST

/* The model is missing, which would be said if the work had begun. */
static const refusal refused_before_the_work[] = {
    {"explain ../first.png ../second.png -o out.png -m ../missing.pt", 2, "-o names a folder that is there"},
    {"explain ../first.png ../second.png --map out.npy -m ../missing.pt", 2, "--map names a folder that is there"},
    {"explain ../first.png ../second.png -o none -m ../missing.pt", 2, "none is none"},
    {"explain ../first.png ../second.png -o ../first.png -m ../missing.pt", 2, "-o names a folder"},
    {"explain ../first.png ../second.png ../first.png -m ../missing.pt", 2, "both go to first.cameras.png"},
    {"explain ../first.png ../folder/first.jpg --map . -m ../missing.pt", 2, "both go to ./first.npy"},
    {"explain ../first.png ../folder/first.jpg -o . --json -m ../missing.pt", 2, "both go to ./first.cameras.png"},
    {"explain ../first.png ../first.cameras.png -o .. -m ../missing.pt", 1, "it is a picture to explain"},
    {"explain ../first.png ../bad\xff.png --json -m ../missing.pt", 1, "UTF-8"},
    {"explain ../first.png ../second.png --scales 0 -m ../missing.pt", 2, "0 pixels"},
    {"explain ../first.png ../second.png -m ../missing.pt", 1, "open model ../missing.pt"},
};

START_TEST(what_cannot_be_delivered_is_refused_before_the_work)
{
    expect_run_refused(&refused_before_the_work[_i]);
}
END_TEST

/* ---- the suite -------------------------------------------------------------------------------------------------- */

static void put_picture(const char *name, size_t width, size_t height)
{
    cameras_image *image = wavy_picture(width, height);
    if (cameras_image_write(image, networks_path(name)) != CAMERAS_OK)
        abort();
    cameras_image_free(image);
}

/* Once for all tests. */
static void put_inputs(void)
{
    static int done = 0;
    if (done++)
        return;
    command_open();
    network_file(NETWORK_PLAIN);
    network_file(NETWORK_RAISING);
    mkdir(networks_path("folder"), 0700);
    mkdir(networks_path("kept"), 0700);
    put_picture("first.png", 96, 64);
    put_picture("second.png", 40, 70);
    put_picture("third.png", 32, 32);
    put_picture("first.cameras.png", 20, 20);
    put_picture("folder/first.jpg", 20, 20);
    put_picture("bad\xff.png", 20, 20);
    put_picture("sliver.png", 1000, 1);
    put_picture("damaged.png", 64, 64);
    if (truncate(networks_path("damaged.png"), 300) != 0)
        abort();
}

#define LENGTH(table) (int)(sizeof(table) / sizeof *(table))

static Suite *pictures_suite(void)
{
    Suite *suite = suite_create("command pictures");
    TCase *cases = tcase_create("pictures");
    tcase_add_unchecked_fixture(cases, put_inputs, NULL);
    tcase_add_checked_fixture(cases, command_clear, command_clear);
    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, overlays_go_to_the_current_folder_where_no_output_is_named);
    tcase_add_test(cases, overlays_and_maps_go_to_the_folders_that_are_named);
    tcase_add_test(cases, several_classes_go_to_files_of_their_own_for_each_picture);
    tcase_add_loop_test(cases, files_are_those_of_single_runs_byte_for_byte, 0, 3);
    tcase_add_test(cases, document_has_a_result_for_each_picture_in_the_order_given);
    tcase_add_test(cases, document_alone_writes_no_file_and_minds_no_equal_names);
    tcase_add_test(cases, files_go_with_a_document_that_did_not_arrive);
    tcase_add_test(cases, run_ends_where_standard_output_takes_no_more);
    tcase_add_test(cases, bad_picture_is_reported_and_the_others_are_delivered);
    tcase_add_test(cases, bad_picture_has_its_reason_and_status_in_the_document);
    tcase_add_loop_test(cases, message_longer_than_messages_are_leaves_the_document_whole, 0, 2);
    tcase_add_test(cases, message_of_a_model_that_is_no_utf8_leaves_the_document_whole);
    tcase_add_test(cases, picture_that_cannot_be_explained_is_named);
    tcase_add_test(cases, output_that_cannot_be_written_is_that_pictures_failure);
    tcase_add_loop_test(cases, what_cannot_be_delivered_is_refused_before_the_work, 0, LENGTH(refused_before_the_work));
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(pictures_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
