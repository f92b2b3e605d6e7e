/*
 * check_file.c - reading files whole, and writing them so that they appear only when whole
 *
 * SPDX-License-Identifier: MIT
 */
#include "file.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/check_file.XXXXXX";
static char path[128];

static void make_folder(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
}

static size_t entry_count(void)
{
    size_t count = 0;
    DIR *open_folder = opendir(folder);
    ck_assert_ptr_nonnull(open_folder);
    for (const struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
        count += entry->d_name[0] != '.';
    closedir(open_folder);
    return count;
}

static void remove_folder(void)
{
    DIR *open_folder = opendir(folder);
    chmod(folder, 0700);
    for (const struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
        unlinkat(dirfd(open_folder), entry->d_name, 0);
    closedir(open_folder);
    rmdir(folder);
}

static void put_file(const char *text, size_t size)
{
    FILE *stream = fopen(path, "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(text, 1, size, stream), size);
    ck_assert_int_eq(fclose(stream), 0);
}

static void expect_text(const char *text)
{
    char found[64] = "";
    FILE *stream = fopen(path, "rb");
    ck_assert_ptr_nonnull(stream);
    size_t size = fread(found, 1, sizeof found - 1, stream);
    fclose(stream);
    found[size] = '\0';
    ck_assert_str_eq(found, text);
}

static void expect_refusal(const char *name, size_t limit, cameras_status expected, const char *reason)
{
    uint8_t sentinel = 0, *bytes = &sentinel;
    size_t size = 1;
    char beginning[256];
    ck_assert_int_eq(cam_file_read(&bytes, &size, name, limit, "read image"), expected);
    ck_assert_ptr_null(bytes);
    ck_assert_uint_eq(size, 0);
    snprintf(beginning, sizeof beginning, "read image %s: ", name);
    ck_assert_int_eq(strncmp(cameras_last_error(), beginning, strlen(beginning)), 0);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), reason));
}

START_TEST(file_is_read_whole_and_closed_by_a_nul)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    put_file("one\0two", 7);
    ck_assert_int_eq(cam_file_read(&bytes, &size, path, 100, "read image"), CAMERAS_OK);
    ck_assert_uint_eq(size, 7);
    ck_assert_mem_eq(bytes, "one\0two", 8);
    free(bytes);
}
END_TEST

START_TEST(missing_file_is_refused_and_named)
{
    expect_refusal(path, 100, CAMERAS_EIO, strerror(ENOENT));
}
END_TEST

START_TEST(folder_is_refused_as_a_folder)
{
    expect_refusal(folder, 100, CAMERAS_EIO, strerror(EISDIR));
    expect_refusal(folder, 0, CAMERAS_EIO, strerror(EISDIR));
}
END_TEST

START_TEST(empty_file_is_a_format_error)
{
    put_file("", 0);
    expect_refusal(path, 100, CAMERAS_EFORMAT, "empty");
}
END_TEST

START_TEST(file_of_exactly_the_limit_is_read)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    put_file("12345", 5);
    ck_assert_int_eq(cam_file_read(&bytes, &size, path, 5, "read image"), CAMERAS_OK);
    ck_assert_uint_eq(size, 5);
    free(bytes);
}
END_TEST

START_TEST(file_of_one_byte_more_than_the_limit_is_refused)
{
    put_file("12345", 5);
    expect_refusal(path, 4, CAMERAS_ELIMIT, "5 bytes or more are beyond the limit of 4");
}
END_TEST

START_TEST(file_of_a_terabyte_is_refused_without_reading_it)
{
    put_file("x", 1);
    if (truncate(path, (off_t)1 << 40) != 0)
        return; /* a file system without such files */
    expect_refusal(path, CAMERAS_MAX_FILE_BYTES, CAMERAS_ELIMIT, "4294967295");
}
END_TEST

START_TEST(limit_of_all_memory_does_not_overflow)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    put_file("12345", 5);
    ck_assert_int_eq(cam_file_read(&bytes, &size, path, SIZE_MAX, "read image"), CAMERAS_OK);
    ck_assert_uint_eq(size, 5);
    free(bytes);
}
END_TEST

/* Starts a child that writes size bytes, byte i being i modulo 251, into a pipe named path. */
static void feed_pipe(size_t size)
{
    ck_assert_int_eq(mkfifo(path, 0600), 0);
    if (fork() != 0)
        return;
    int pipe_end = open(path, O_WRONLY);
    uint8_t block[1000];
    for (size_t at = 0; at < size;) {
        size_t count = size - at < sizeof block ? size - at : sizeof block;
        for (size_t i = 0; i < count; i++)
            block[i] = (uint8_t)((at + i) % 251);
        if (write(pipe_end, block, count) != (ssize_t)count)
            break;
        at += count;
    }
    _exit(0);
}

START_TEST(pipe_longer_than_the_first_guess_is_read_whole)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    feed_pipe(300000);
    ck_assert_int_eq(cam_file_read(&bytes, &size, path, 1000000, "read image"), CAMERAS_OK);
    ck_assert_uint_eq(size, 300000);
    for (size_t i = 0; i < size; i++)
        ck_assert_uint_eq(bytes[i], i % 251);
    free(bytes);
}
END_TEST

START_TEST(pipe_that_passes_the_limit_is_refused)
{
    feed_pipe(300000);
    expect_refusal(path, 200000, CAMERAS_ELIMIT, "beyond the limit of 200000");
}
END_TEST

START_TEST(output_appears_under_its_name_only_when_committed)
{
    cam_output output;
    ck_assert_int_eq(cam_output_open(&output, path, "write map"), CAMERAS_OK);
    fputs("whole", output.stream);
    fflush(output.stream);
    ck_assert_int_ne(access(path, F_OK), 0);
    ck_assert_uint_eq(entry_count(), 1);
    ck_assert_int_eq(cam_output_commit(&output), CAMERAS_OK);
    expect_text("whole");
    ck_assert_uint_eq(entry_count(), 1);
    cam_output_abandon(&output);
    expect_text("whole");
}
END_TEST

START_TEST(temporary_name_is_beside_the_name_and_ends_in_part)
{
    cam_output output;
    char expected[160];
    ck_assert_int_eq(cam_output_open(&output, path, "write map"), CAMERAS_OK);
    snprintf(expected, sizeof expected, "%s.%ld-0.part", path, (long)getpid());
    ck_assert_str_eq(output.temporary, expected);
    ck_assert_int_eq(access(expected, F_OK), 0);
    cam_output_abandon(&output);
}
END_TEST

START_TEST(abandoned_output_leaves_nothing)
{
    cam_output output;
    ck_assert_int_eq(cam_output_open(&output, path, "write map"), CAMERAS_OK);
    fputs("half", output.stream);
    cam_output_abandon(&output);
    ck_assert_uint_eq(entry_count(), 0);
    cam_output_abandon(&output);
}
END_TEST

START_TEST(abandoned_output_leaves_the_earlier_file)
{
    cam_output output;
    put_file("earlier", 7);
    ck_assert_int_eq(cam_output_open(&output, path, "write map"), CAMERAS_OK);
    fputs("half", output.stream);
    cam_output_abandon(&output);
    expect_text("earlier");
}
END_TEST

START_TEST(committed_output_replaces_the_earlier_file)
{
    cam_output output;
    put_file("earlier and longer", 18);
    ck_assert_int_eq(cam_output_open(&output, path, "write map"), CAMERAS_OK);
    fputs("later", output.stream);
    ck_assert_int_eq(cam_output_commit(&output), CAMERAS_OK);
    expect_text("later");
}
END_TEST

START_TEST(two_outputs_of_one_name_do_not_meet)
{
    cam_output first, second;
    ck_assert_int_eq(cam_output_open(&first, path, "write map"), CAMERAS_OK);
    ck_assert_int_eq(cam_output_open(&second, path, "write map"), CAMERAS_OK);
    ck_assert_str_ne(first.temporary, second.temporary);
    fputs("first", first.stream);
    fputs("second", second.stream);
    ck_assert_int_eq(cam_output_commit(&second), CAMERAS_OK);
    expect_text("second");
    ck_assert_int_eq(cam_output_commit(&first), CAMERAS_OK);
    expect_text("first");
}
END_TEST

static void expect_open_refused(const char *name)
{
    cam_output output;
    ck_assert_int_eq(cam_output_open(&output, name, "write map"), CAMERAS_EIO);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "write map "));
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), name));
    cam_output_abandon(&output);
}

START_TEST(output_in_a_missing_folder_is_refused)
{
    char name[160];
    snprintf(name, sizeof name, "%s/none/file", folder);
    expect_open_refused(name);
}
END_TEST

START_TEST(output_in_an_unwritable_folder_is_refused)
{
    /* /proc refuses root too, whom permissions would not stop. */
    expect_open_refused("/proc/file");
    ck_assert_int_eq(chmod(folder, 0500), 0);
    if (geteuid() != 0)
        expect_open_refused(path);
}
END_TEST

START_TEST(output_whose_name_is_a_folder_fails_and_leaves_nothing)
{
    cam_output output;
    ck_assert_int_eq(mkdir(path, 0700), 0);
    ck_assert_int_eq(cam_output_open(&output, path, "write map"), CAMERAS_OK);
    ck_assert_int_eq(cam_output_commit(&output), CAMERAS_EIO);
    ck_assert_uint_eq(entry_count(), 1);
    rmdir(path);
}
END_TEST

START_TEST(output_on_a_full_device_fails_and_leaves_nothing)
{
    cam_output output;
    put_file("earlier", 7);
    ck_assert_int_eq(cam_output_open(&output, path, "write map"), CAMERAS_OK);
    int full = open("/dev/full", O_WRONLY);
    ck_assert_int_ge(full, 0);
    ck_assert_int_ge(dup2(full, fileno(output.stream)), 0);
    close(full);
    fputs("later", output.stream);
    ck_assert_int_eq(cam_output_commit(&output), CAMERAS_EIO);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), strerror(ENOSPC)));
    ck_assert_uint_eq(entry_count(), 1);
    expect_text("earlier");
}
END_TEST

static Suite *file_suite(void)
{
    Suite *suite = suite_create("file");
    TCase *reading = tcase_create("reading"), *writing = tcase_create("writing");
    tcase_add_checked_fixture(reading, make_folder, remove_folder);
    tcase_add_checked_fixture(writing, make_folder, remove_folder);
    tcase_set_timeout(reading, 60);
    tcase_add_test(reading, file_is_read_whole_and_closed_by_a_nul);
    tcase_add_test(reading, missing_file_is_refused_and_named);
    tcase_add_test(reading, folder_is_refused_as_a_folder);
    tcase_add_test(reading, empty_file_is_a_format_error);
    tcase_add_test(reading, file_of_exactly_the_limit_is_read);
    tcase_add_test(reading, file_of_one_byte_more_than_the_limit_is_refused);
    tcase_add_test(reading, file_of_a_terabyte_is_refused_without_reading_it);
    tcase_add_test(reading, limit_of_all_memory_does_not_overflow);
    tcase_add_test(reading, pipe_longer_than_the_first_guess_is_read_whole);
    tcase_add_test(reading, pipe_that_passes_the_limit_is_refused);
    tcase_add_test(writing, output_appears_under_its_name_only_when_committed);
    tcase_add_test(writing, temporary_name_is_beside_the_name_and_ends_in_part);
    tcase_add_test(writing, abandoned_output_leaves_nothing);
    tcase_add_test(writing, abandoned_output_leaves_the_earlier_file);
    tcase_add_test(writing, committed_output_replaces_the_earlier_file);
    tcase_add_test(writing, two_outputs_of_one_name_do_not_meet);
    tcase_add_test(writing, output_in_a_missing_folder_is_refused);
    tcase_add_test(writing, output_in_an_unwritable_folder_is_refused);
    tcase_add_test(writing, output_whose_name_is_a_folder_fails_and_leaves_nothing);
    tcase_add_test(writing, output_on_a_full_device_fails_and_leaves_nothing);
    suite_add_tcase(suite, reading);
    suite_add_tcase(suite, writing);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(file_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
