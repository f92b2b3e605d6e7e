/*
 * check_archive.c - whether damage to a zip archive is seen
 *
 * SPDX-License-Identifier: MIT
 */
#include "archive.h"
#include "zip.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LONG = 100000, /* longer than any buffer of the reader */
    ENTRY_OFFSET = 42
};

static uint8_t noise[LONG];

static const zip_record both[] = {{.name = "m/data/0", .bytes = "weights", .size = 7},
                                  {.name = "m/code.py", .bytes = "def def def def def", .size = 19, .deflated = 1}};

static void fill_noise(void)
{
    uint32_t state = 1;
    for (size_t i = 0; i < LONG; i++)
        noise[i] = (uint8_t)((state = state * 1664525u + 1013904223u) >> 24);
}

static cameras_status check(const picture *made)
{
    return cam_archive_check_memory(made->bytes, made->size, "it");
}

static void expect_taken(const picture *made)
{
    ck_assert_msg(check(made) == CAMERAS_OK, "%s", cameras_last_error());
}

static void expect_refused(const picture *made, cameras_status status, const char *reason)
{
    ck_assert_int_eq(check(made), status);
    ck_assert_int_eq(strncmp(cameras_last_error(), "open model it: ", 15), 0);
    ck_assert_msg(strstr(cameras_last_error(), reason) != NULL, "%s", cameras_last_error());
}

static void expect_record_refused(zip_record record, cameras_status status, const char *reason)
{
    picture made = zip_archive(&record, 1, ZIP_64);
    expect_refused(&made, status, reason);
    picture_free(&made);
}

/* Where the bytes begin, which must be there. */
static size_t place_of(const picture *made, const void *bytes, size_t size)
{
    const uint8_t *found = memmem(made->bytes, made->size, bytes, size);
    ck_assert_ptr_nonnull(found);
    return (size_t)(found - made->bytes);
}

/* ---- what is whole ---------------------------------------------------------------------------------------------- */

START_TEST(whole_archive_is_taken_with_either_ending)
{
    const zip_record records[] = {both[0],
                                  both[1],
                                  {.name = "m/long", .bytes = noise, .size = LONG},
                                  {.name = "m/packed", .bytes = noise, .size = LONG, .deflated = 1},
                                  {.name = "m/empty", .bytes = "", .size = 0}};
    picture made = zip_archive(records, 5, _i ? ZIP_64 : ZIP_32);
    expect_taken(&made);
    picture_free(&made);
}
END_TEST

START_TEST(file_is_judged_as_memory_is)
{
    char path[] = "/tmp/check_archive.XXXXXX";
    picture made = zip_archive(both, 2, ZIP_64);
    const int file = mkstemp(path);
    ck_assert_int_eq(write(file, made.bytes, made.size), (ssize_t)made.size);
    ck_assert_int_eq(cam_archive_check_file(path), CAMERAS_OK);
    ck_assert_int_eq(ftruncate(file, (off_t)made.size - 1), 0);
    ck_assert_int_eq(cam_archive_check_file(path), CAMERAS_EFORMAT);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), path));
    close(file);
    unlink(path);
    ck_assert_int_eq(cam_archive_check_file(path), CAMERAS_EIO);
    picture_free(&made);
}
END_TEST

/* ---- damage ----------------------------------------------------------------------------------------------------- */

START_TEST(archive_cut_short_anywhere_is_refused)
{
    picture made = zip_archive(both, 2, _i ? ZIP_64 : ZIP_32);
    for (size_t size = 0; size < made.size; size++) {
        uint8_t *tight = malloc(size + 1);
        memcpy(tight, made.bytes, size);
        const picture cut = {tight, size};
        ck_assert_int_eq(check(&cut), CAMERAS_EFORMAT);
        free(tight);
    }
    picture_free(&made);
}
END_TEST

START_TEST(archive_with_something_appended_is_refused)
{
    picture made = zip_archive(both, 2, ZIP_64);
    made.bytes = realloc(made.bytes, made.size + 1);
    made.bytes[made.size++] = 0;
    expect_refused(&made, CAMERAS_EFORMAT, "appended");
    picture_free(&made);
}
END_TEST

static void expect_every_change_refused(picture *made, size_t from, size_t size)
{
    for (size_t at = from; at < from + size; at++)
        for (int bit = 0; bit < 8; bit++) {
            made->bytes[at] ^= (uint8_t)(1 << bit);
            ck_assert_msg(check(made) == CAMERAS_EFORMAT, "bit %d of byte %zu", bit, at);
            made->bytes[at] ^= (uint8_t)(1 << bit);
        }
}

START_TEST(any_bit_changed_in_a_record_its_name_or_its_sum_is_refused)
{
    picture made = zip_archive(both, 2, ZIP_64);
    const size_t first = place_of(&made, "m/data/0weights", 15), second = place_of(&made, "m/code.py", 9);
    const size_t directory = place_of(&made, "PK\1\2", 4);
    expect_every_change_refused(&made, first, 15);
    expect_every_change_refused(&made, second, directory - second - 1); /* the last byte has bits to spare */
    expect_every_change_refused(&made, directory + 16, 12);             /* sum and sizes in the directory */
    expect_every_change_refused(&made, 14, 12);                         /* and before the record */
    expect_taken(&made);
    picture_free(&made);
}
END_TEST

START_TEST(any_bit_changed_in_where_and_how_long_the_directory_is_is_refused)
{
    picture made = zip_archive(both, 2, ZIP_64);
    const size_t wide = place_of(&made, "PK\6\6", 4), narrow = place_of(&made, "PK\5\6", 4);
    expect_every_change_refused(&made, wide + 24, 32);
    expect_every_change_refused(&made, narrow + 8, 14);
    picture_free(&made);
}
END_TEST

START_TEST(records_that_share_bytes_are_refused)
{
    const zip_record same[] = {both[0], both[0]};
    picture made = zip_archive(same, 2, ZIP_32);
    const size_t entry = place_of(&made, "PK\1\2", 4) + 46 + 8;
    ck_assert_mem_eq(made.bytes + entry, "PK\1\2", 4);
    memset(made.bytes + entry + ENTRY_OFFSET, 0, 4); /* where the first one is */
    expect_refused(&made, CAMERAS_EFORMAT, "overlap");
    picture_free(&made);
}
END_TEST

/* ---- what is not believed ---------------------------------------------------------------------------------------- */

START_TEST(record_that_unpacks_to_another_size_than_it_says_is_refused)
{
    zip_record record = {.name = "m", .bytes = noise, .size = LONG, .deflated = 1};
    static const size_t claims[] = {1, LONG - 1, LONG + 1, 3 * LONG};
    record.claimed_size = claims[_i];
    expect_record_refused(record, CAMERAS_EFORMAT, "cannot be unpacked");
}
END_TEST

START_TEST(one_byte_past_the_limit_of_unpacked_bytes_is_refused_before_unpacking)
{
    zip_record record = {.name = "m", .bytes = "x", .size = 1, .deflated = 1};
    record.claimed_size = CAM_ARCHIVE_UNPACKED_BYTES;
    expect_record_refused(record, CAMERAS_EFORMAT, "cannot be unpacked");
    record.claimed_size = (size_t)CAM_ARCHIVE_UNPACKED_BYTES + 1;
    expect_record_refused(record, CAMERAS_ELIMIT, "268435456");
}
END_TEST

START_TEST(encrypted_record_is_refused)
{
    zip_record record = both[0];
    record.flags = 1;
    expect_record_refused(record, CAMERAS_EFORMAT, "encrypted");
}
END_TEST

START_TEST(what_is_no_archive_is_refused_and_says_how_to_make_one)
{
    static const char *const texts[] = {"", "P", "import torch", "\x80\x02}q"};
    const picture text = {(uint8_t *)(uintptr_t)texts[_i], strlen(texts[_i])};
    expect_refused(&text, CAMERAS_EFORMAT, "make one with torch.jit");
}
END_TEST

static Suite *archive_suite(void)
{
    Suite *suite = suite_create("archive");
    TCase *cases = tcase_create("archive");
    tcase_add_loop_test(cases, whole_archive_is_taken_with_either_ending, 0, 2);
    tcase_add_test(cases, file_is_judged_as_memory_is);
    tcase_add_loop_test(cases, archive_cut_short_anywhere_is_refused, 0, 2);
    tcase_add_test(cases, archive_with_something_appended_is_refused);
    tcase_add_test(cases, any_bit_changed_in_a_record_its_name_or_its_sum_is_refused);
    tcase_add_test(cases, any_bit_changed_in_where_and_how_long_the_directory_is_is_refused);
    tcase_add_test(cases, records_that_share_bytes_are_refused);
    tcase_add_loop_test(cases, record_that_unpacks_to_another_size_than_it_says_is_refused, 0, 4);
    tcase_add_test(cases, one_byte_past_the_limit_of_unpacked_bytes_is_refused_before_unpacking);
    tcase_add_test(cases, encrypted_record_is_refused);
    tcase_add_loop_test(cases, what_is_no_archive_is_refused_and_says_how_to_make_one, 0, 4);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    fill_noise();
    SRunner *runner = srunner_create(archive_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
