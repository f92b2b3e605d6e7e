/*
 * check_command_files.c - the files that the cameras command reads and writes: whose they are, and what becomes of them
 *
 * SPDX-License-Identifier: MIT
 *
 * As in check_command.c each run starts in an empty folder beside its inputs. Outputs that must meet files of earlier
 * runs go to ../kept.
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

#define NETWORK " -m ../plain.pt --base 32x32"
#define SCALES  " --scales 32,40"
#define EXPLAIN "explain ../picture.png" NETWORK SCALES
#define LABELS  " --labels ../labels.txt"

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

/* The bytes of a file among the inputs; *size is their number. The caller frees them. */
static char *read_input(size_t *size, const char *name)
{
    struct stat about;
    const char *path = networks_path(name);
    ck_assert_int_eq(stat(path, &about), 0);
    char *bytes = malloc((size_t)about.st_size + 1);
    FILE *stream = fopen(path, "rb");
    ck_assert_ptr_nonnull(bytes);
    ck_assert_ptr_nonnull(stream);
    *size = fread(bytes, 1, (size_t)about.st_size, stream);
    ck_assert_uint_eq(*size, (size_t)about.st_size);
    fclose(stream);
    return bytes;
}

static int input_exists(const char *name)
{
    return access(networks_path(name), F_OK) == 0;
}

static size_t line_count(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

/* The maps of the document that a run printed. */
static size_t map_count(const outcome *done)
{
    json_error_t error;
    json_t *document = json_loads(done->out, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(document != NULL, "line %d: %s", error.line, error.text);
    const size_t count = json_array_size(json_object_get(document, "maps"));
    json_decref(document);
    return count;
}

/* ---- the input picture ------------------------------------------------------------------------------------------ */

/* The model is missing, which would be said if the work had begun. */
static const char *const over_the_input[] = {
    "explain ../picture.png -o ../picture.png -m ../missing.pt",
    "explain ../picture.png -o ./../picture.png -m ../missing.pt",
    "explain ./../picture.png -o ../work/../picture.png -m ../missing.pt",
    "explain ../picture.png -o ../link.png -m ../missing.pt",
    "explain ../link.png -o ../picture.png -m ../missing.pt",
    "explain ../link.png -o ../link.png -m ../missing.pt",
    "explain ../picture.png --map ../picture.png -m ../missing.pt",
    "explain ../picture.png -o out.png --map ../link.png -m ../missing.pt --json",
};

START_TEST(output_that_is_the_input_picture_is_refused_before_the_work)
{
    outcome done;
    size_t size = 0, size_after = 0;
    char *before = read_input(&size, "picture.png");
    command_run(&done, over_the_input[_i]);
    ck_assert_msg(done.status == 1 || done.status == 2, "exit status %d: %s", done.status, done.err);
    ck_assert_ptr_null(strstr(done.err, "missing.pt"));
    ck_assert_msg(strstr(done.err, "picture.png") || strstr(done.err, "link.png"), "\"%s\"", done.err);
    ck_assert_str_eq(done.out, "");
    ck_assert_str_eq(done.left, "");
    char *after = read_input(&size_after, "picture.png");
    ck_assert_uint_eq(size_after, size);
    ck_assert_mem_eq(after, before, size);
    free(after);
    free(before);
}
END_TEST

START_TEST(picture_is_untouched_where_an_output_with_its_class_would_be_it)
{
    outcome done;
    size_t size = 0, size_after = 0;
    char *before = read_input(&size, "picture.3.png");
    command_run(&done, "explain ../picture.3.png -o ../picture.png -c 1 -c 3" NETWORK SCALES);
    expect_exit(&done, 1);
    ck_assert_ptr_nonnull(strstr(done.err, "picture.3.png"));
    char *after = read_input(&size_after, "picture.3.png");
    ck_assert_uint_eq(size_after, size);
    ck_assert_mem_eq(after, before, size);
    ck_assert(!input_exists("picture.1.png"));
    free(after);
    free(before);
}
END_TEST

START_TEST(output_over_another_file_is_written)
{
    outcome done;
    cameras_image *image = NULL;
    command_put_text("kept/out.png", "of an earlier run");
    command_run(&done, EXPLAIN " -o ../kept/out.png");
    expect_success(&done, "");
    expect_ok(cameras_image_read(&image, networks_path("kept/out.png"), NULL));
    cameras_image_free(image);
    unlink(networks_path("kept/out.png"));
}
END_TEST

/* ---- files of earlier runs -------------------------------------------------------------------------------------- */

START_TEST(file_of_an_earlier_run_stays_when_a_later_output_fails)
{
    outcome done;
    command_put_text("kept/out.1.png", "of an earlier run");
    ck_assert_int_eq(mkdir(networks_path("kept/out.3.png"), 0700), 0);
    command_run(&done, EXPLAIN " -c 1 -c 3 -o ../kept/out.png");
    expect_exit(&done, 1);
    ck_assert_ptr_nonnull(strstr(done.err, "out.3.png"));
    ck_assert(input_exists("kept/out.1.png"));
    rmdir(networks_path("kept/out.3.png"));
    unlink(networks_path("kept/out.1.png"));
}
END_TEST

START_TEST(file_of_an_earlier_run_stays_when_the_document_did_not_arrive)
{
    outcome done;
    command_put_text("kept/out.png", "of an earlier run");
    command_run_to(&done, EXPLAIN " -o ../kept/out.png --map ../kept/map.npy --json", "/dev/full");
    expect_exit(&done, 1);
    ck_assert(input_exists("kept/out.png"));
    ck_assert(!input_exists("kept/map.npy")); /* that one is the run's own */
    unlink(networks_path("kept/out.png"));
}
END_TEST

/* ---- labels ----------------------------------------------------------------------------------------------------- */

START_TEST(labels_that_are_not_utf8_are_refused_in_one_plain_line)
{
    static const char *const lines[] = {
        EXPLAIN " -o out.png --labels ../latin1.txt --json",
        EXPLAIN " -o out.png --labels ../latin1.txt",
        "classify ../picture.png --labels ../latin1.txt --json" NETWORK,
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        outcome done;
        command_run(&done, lines[i]);
        expect_exit(&done, 1);
        ck_assert_msg(strstr(done.err, "../latin1.txt") && strstr(done.err, "line 2"), "\"%s\"", done.err);
        ck_assert_uint_eq(line_count(done.err), 1);
        for (const char *at = done.err; *at; at++)
            ck_assert_int_lt((unsigned char)*at, 0x80);
        ck_assert_str_eq(done.out, "");
        ck_assert_str_eq(done.left, "");
    }
}
END_TEST

/* ---- the same thing twice --------------------------------------------------------------------------------------- */

static const char *const repeated[] = {
    " -c 2 -c 2",
    " -c 2 -c crane" LABELS,
    " -c crane -c 2 -c Crane -c 002" LABELS,
    " -l conv -l conv",
    " -l stem -l stem -l stem -c 1 -c 1",
};

START_TEST(what_is_named_twice_is_explained_once)
{
    outcome done;
    char line[300];
    snprintf(line, sizeof line, EXPLAIN "%s -o out.png --json", repeated[_i]);
    command_run(&done, line);
    expect_success(&done, "out.png ");
    ck_assert_uint_eq(map_count(&done), 1);
}
END_TEST

START_TEST(what_is_named_twice_among_others_is_explained_once)
{
    outcome done;
    command_run(&done, EXPLAIN " -c 1 -c 2 -c 1 -c crane" LABELS " -o out.png --json");
    expect_success(&done, "out.1.png out.2.png ");
    ck_assert_uint_eq(map_count(&done), 2);
    command_run(&done, EXPLAIN " -l stem -l conv -l stem -o out.png --json");
    expect_success(&done, "out.conv.png out.stem.png ");
    ck_assert_uint_eq(map_count(&done), 2);
}
END_TEST

/* ---- models ----------------------------------------------------------------------------------------------------- */

static const refusal not_regular[] = {
    {"explain ../picture.png -o out.png -m ../fifo", 1, "../fifo: it is not a regular file"},
    {"explain ../picture.png -o out.png -m /dev/null", 1, "/dev/null: it is not a regular file"},
    {"classify ../picture.png -m /dev/zero", 1, "/dev/zero: it is not a regular file"},
    {"layers -m ../fifo", 1, "../fifo: it is not a regular file"},
};

START_TEST(model_that_is_no_regular_file_is_refused)
{
    expect_run_refused(&not_regular[_i]);
}
END_TEST

/* ---- the suite -------------------------------------------------------------------------------------------------- */

/* Once for all tests. */
static void put_inputs(void)
{
    static int done = 0;
    if (done++)
        return;
    command_open();
    network_file(NETWORK_PLAIN);
    command_put_text("labels.txt", "tabby cat\ntoaster\ncrane\nlemon\nviolin\n");
    command_put_text("latin1.txt", "cat\ncaf\xe9\ncrane\nlemon\nviolin\n");
    cameras_image *image = wavy_picture(96, 64);
    if (cameras_image_write(image, networks_path("picture.png")) != CAMERAS_OK ||
        cameras_image_write(image, networks_path("picture.3.png")) != CAMERAS_OK ||
        symlink("picture.png", networks_path("link.png")) != 0 || mkfifo(networks_path("fifo"), 0600) != 0 ||
        mkdir(networks_path("kept"), 0700) != 0)
        abort();
    cameras_image_free(image);
}

#define LENGTH(table) (int)(sizeof(table) / sizeof *(table))

static Suite *files_suite(void)
{
    Suite *suite = suite_create("command files");
    TCase *cases = tcase_create("files");
    tcase_add_unchecked_fixture(cases, put_inputs, NULL);
    tcase_add_checked_fixture(cases, command_clear, command_clear);
    tcase_set_timeout(cases, 300);
    tcase_add_loop_test(cases, output_that_is_the_input_picture_is_refused_before_the_work, 0, LENGTH(over_the_input));
    tcase_add_test(cases, picture_is_untouched_where_an_output_with_its_class_would_be_it);
    tcase_add_test(cases, output_over_another_file_is_written);
    tcase_add_test(cases, file_of_an_earlier_run_stays_when_a_later_output_fails);
    tcase_add_test(cases, file_of_an_earlier_run_stays_when_the_document_did_not_arrive);
    tcase_add_test(cases, labels_that_are_not_utf8_are_refused_in_one_plain_line);
    tcase_add_loop_test(cases, what_is_named_twice_is_explained_once, 0, LENGTH(repeated));
    tcase_add_test(cases, what_is_named_twice_among_others_is_explained_once);
    tcase_add_loop_test(cases, model_that_is_no_regular_file_is_refused, 0, LENGTH(not_regular));
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
