/*
 * check_archive.c - whether damage to a zip archive is seen
 *
 * SPDX-License-Identifier: MIT
 */
#include "archive.h"
#include "zip.h"

#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    LONG = 300000,     /* longer than any buffer of the reader, and, packed, long enough to claim all that is allowed */
    CHUNK = 65536,     /* what the reader takes at a time */
    MOST_RATIO = 1032, /* of deflate, which takes two bits at least for a match of at most 258 bytes */
    FOLDER = 0x10,     /* of the external attributes, as MS-DOS has them */
    LONGEST = 65535    /* a name, an extra field, a comment */
};

static const size_t limit = CAM_ARCHIVE_UNPACKED_BYTES;

static uint8_t noise[LONG], nibbles[LONG]; /* of which half is left when it is packed */

static const zip_record both[] = {{.name = "m/data/0", .bytes = "weights", .size = 7},
                                  {.name = "m/code.py", .bytes = "def def def def def", .size = 19, .deflated = 1}};

static void fill_noise(void)
{
    uint32_t state = 1;
    for (size_t i = 0; i < LONG; i++)
        nibbles[i] = (noise[i] = (uint8_t)((state = state * 1664525u + 1013904223u) >> 24)) >> 4;
}

static cameras_status check(const picture *made)
{
    return cam_archive_check_memory(made->bytes, made->size, "it");
}

static void expect_taken(const picture *made)
{
    ck_assert_msg(check(made) == CAMERAS_OK, "%s", cameras_last_error());
}

/* A refusal gives its reason, and says what to do. */
static void expect_refused(const picture *made, cameras_status status, const char *reason)
{
    ck_assert_int_eq(check(made), status);
    ck_assert_int_eq(strncmp(cameras_last_error(), "open model it: ", 15), 0);
    ck_assert_msg(strstr(cameras_last_error(), reason) != NULL, "%s", cameras_last_error());
    ck_assert_msg(strstr(cameras_last_error(), "torch.jit.") != NULL, "%s", cameras_last_error());
}

static void expect_record_taken(zip_record record)
{
    picture made = zip_archive(&record, 1, ZIP_64);
    expect_taken(&made);
    picture_free(&made);
}

static void expect_record_refused(zip_record record, cameras_status status, const char *reason)
{
    picture made = zip_archive(&record, 1, ZIP_64);
    expect_refused(&made, status, reason);
    picture_free(&made);
}

/* ---- what is whole ---------------------------------------------------------------------------------------------- */

START_TEST(whole_archive_is_taken_with_either_ending)
{
    const zip_record records[] = {both[0],
                                  both[1],
                                  {.name = "m/long", .bytes = noise, .size = LONG},
                                  {.name = "m/packed", .bytes = noise, .size = LONG, .deflated = 1},
                                  {.name = "m/half", .bytes = nibbles, .size = LONG, .deflated = 1},
                                  {.name = "m/whole part", .bytes = noise, .size = CHUNK, .deflated = 1},
                                  {.name = "m/empty", .bytes = ""},
                                  {.name = "m/none", .bytes = "", .deflated = 1}};
    picture made = zip_archive(records, 8, _i ? ZIP_64 : ZIP_32);
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
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), strerror(ENOENT)));
    ck_assert_int_eq(cam_archive_check_file("/"), CAMERAS_EIO);
    ck_assert_int_eq(dup(STDERR_FILENO), file); /* nothing was left open */
    close(file);
    picture_free(&made);
}
END_TEST

START_TEST(number_of_64_bits_is_read_where_that_of_32_is_all_ones)
{
    zip_record records[] = {both[0], both[1]};
    records[0].wide = records[1].wide = (unsigned)_i;
    records[1].extra = "FB\2\0ZZ";
    records[1].extra_size = 6;
    picture made = zip_archive(records, 2, ZIP_64);
    expect_taken(&made);
    picture_free(&made);
}
END_TEST

START_TEST(number_of_64_bits_is_not_read_where_that_of_32_is_not_all_ones)
{
    zip_record record = both[0];
    record.extra = "\1\0\10\0anything";
    record.extra_size = 12;
    expect_record_taken(record);
}
END_TEST

START_TEST(sizes_before_a_record_may_be_all_ones_but_not_its_sum)
{
    static const zip_field sizes[] = {ZIP_LOCAL_PACKED, ZIP_LOCAL_UNPACKED};
    picture made = zip_archive(both, 2, ZIP_64);
    for (size_t i = 0; i < 2; i++) {
        zip_set(&made, sizes[i], (size_t)_i, UINT32_MAX);
        expect_taken(&made);
    }
    zip_set(&made, ZIP_LOCAL_SUM, (size_t)_i, UINT32_MAX);
    expect_refused(&made, CAMERAS_EFORMAT, "does not agree");
    picture_free(&made);
}
END_TEST

/* Info-ZIP leaves out the sum alone, or it and the packed size; LibTorch's writer leaves out all three. */
START_TEST(sum_and_sizes_may_each_be_left_out_before_a_record_that_has_them_follow)
{
    static const zip_field numbers[] = {ZIP_LOCAL_SUM, ZIP_LOCAL_PACKED, ZIP_LOCAL_UNPACKED};
    for (unsigned flags = 0; flags <= ZIP_SIZES_FOLLOW; flags += ZIP_SIZES_FOLLOW) {
        zip_record record = both[1];
        record.flags = flags;
        picture made = zip_archive(&record, 1, ZIP_64);
        for (int i = 0; i < 3; i++)
            if (_i >> i & 1)
                zip_set(&made, numbers[i], 0, 0);
        if (flags || !_i)
            expect_taken(&made);
        else
            expect_refused(&made, CAMERAS_EFORMAT, "does not agree");
        picture_free(&made);
    }
}
END_TEST

START_TEST(numbers_of_the_end_may_be_all_ones_where_there_are_others_of_64_bits)
{
    static const zip_field fields[][2] = {
        {ZIP_END_COUNT_HERE, ZIP_END_COUNT}, {ZIP_END_BYTES, ZIP_END_BYTES}, {ZIP_END_OFFSET, ZIP_END_OFFSET}};
    picture wide = zip_archive(both, 2, ZIP_64), narrow = zip_archive(both, 2, ZIP_32);
    for (size_t i = 0; i < 2; i++) {
        zip_set(&wide, fields[_i][i], 0, UINT64_MAX);
        zip_set(&narrow, fields[_i][i], 0, UINT64_MAX);
    }
    expect_taken(&wide);
    expect_refused(&narrow, CAMERAS_EFORMAT, "its directory");
    for (size_t i = 0; i < 2; i++)
        zip_set(&wide, fields[_i][i], 0, 1);
    expect_refused(&wide, CAMERAS_EFORMAT, "disagree");
    picture_free(&wide);
    picture_free(&narrow);
}
END_TEST

START_TEST(longest_name_extra_field_and_comment_are_taken)
{
    static char name[LONGEST + 1], extra[LONGEST];
    memset(name, 'n', LONGEST);
    memcpy(extra, "FB\373\377", 4); /* and 65531 bytes behind */
    zip_record record = {.name = name, .bytes = noise, .size = LONG, .deflated = 1};
    record.extra = extra;
    record.extra_size = LONGEST;
    record.comment = name;
    expect_record_taken(record);
}
END_TEST

START_TEST(bytes_too_few_for_an_extra_field_are_passed_over)
{
    zip_record record = both[1];
    record.extra = "\1\0\0";
    record.extra_size = (size_t)_i;
    expect_record_taken(record);
}
END_TEST

START_TEST(record_that_is_packed_as_tightly_as_can_be_is_taken)
{
    const size_t size = 10 << 20;
    const zip_record record = {.name = "m", .bytes = calloc(1, size), .size = size, .deflated = 1};
    picture made = zip_archive(&record, 1, ZIP_64);
    ck_assert_uint_ge(size / zip_get(&made, ZIP_ENTRY_PACKED, 0), MOST_RATIO - 8);
    expect_taken(&made);
    picture_free(&made);
    free((void *)(uintptr_t)record.bytes);
}
END_TEST

START_TEST(flags_of_how_it_was_packed_and_of_names_are_taken_and_no_others)
{
    zip_record record = both[0];
    record.flags = 1u << _i;
    if (_i == 1 || _i == 2 || _i == 3 || _i == 11)
        expect_record_taken(record);
    else
        expect_record_refused(record, CAMERAS_EFORMAT, "encrypted, or of an unknown kind");
}
END_TEST

/* ---- folders ---------------------------------------------------------------------------------------------------- */

START_TEST(empty_folder_is_taken)
{
    const zip_record records[] = {{.name = "m/", .bytes = ""}, both[0], {.name = "", .bytes = ""}};
    picture made = zip_archive(records, 3, ZIP_64);
    expect_taken(&made);
    zip_set(&made, ZIP_ENTRY_EXTERNAL, 0, FOLDER);
    zip_set(&made, ZIP_ENTRY_EXTERNAL, 2, FOLDER);
    expect_taken(&made);
    picture_free(&made);
}
END_TEST

/* LibTorch would unpack nothing, call that success, and go on with memory that nothing was written to. */
START_TEST(folder_that_holds_something_is_refused)
{
    picture marked = zip_archive(both, 2, ZIP_64);
    zip_set(&marked, ZIP_ENTRY_EXTERNAL, (size_t)_i, FOLDER);
    expect_refused(&marked, CAMERAS_EFORMAT, "a folder that holds something");
    picture_free(&marked);
    zip_record named = both[_i];
    named.name = "m/data/";
    expect_record_refused(named, CAMERAS_EFORMAT, "a folder that holds something");
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

START_TEST(archive_with_something_before_it_or_behind_it_is_refused)
{
    picture made = zip_archive(both, 2, _i ? ZIP_64 : ZIP_32), before = {NULL, 0};
    zip_append(&before, "PK", 2);
    zip_append(&before, made.bytes, made.size);
    expect_refused(&before, CAMERAS_EFORMAT, "not where");
    zip_append(&made, "", 1);
    expect_refused(&made, CAMERAS_EFORMAT, "appended");
    picture_free(&before);
    picture_free(&made);
}
END_TEST

START_TEST(comment_of_the_archive_is_refused)
{
    picture made = zip_archive(both, 2, _i ? ZIP_64 : ZIP_32);
    zip_set(&made, ZIP_END_COMMENT_LENGTH, 0, 5);
    zip_append(&made, "hello", 5);
    expect_refused(&made, CAMERAS_EFORMAT, "comment");
    picture_free(&made);
}
END_TEST

/* Ones where a bit may change unseen, since nothing is read from there. */
static picture unread_bits(const picture *made, const zip_record *records, size_t count)
{
    picture ones = {calloc(1, made->size), made->size};
    for (size_t i = 0; i < count; i++) {
        const size_t name = strlen(records[i].name), extra = records[i].extra_size;
        uint8_t *const packed = ones.bytes + zip_place(made, ZIP_LOCAL_NAME, i) + name + extra;
        uint8_t *const fields = ones.bytes + zip_place(made, ZIP_ENTRY_NAME, i) + name;
        memset(ones.bytes + zip_place(made, ZIP_LOCAL_VERSION, i), 0xff, 2);
        memset(ones.bytes + zip_place(made, ZIP_LOCAL_TIME, i), 0xff, 4);
        memset(packed - extra, 0xff, extra);
        if (records[i].flags & ZIP_SIZES_FOLLOW)
            memset(packed + records[i].size, 0xff, 16);
        memset(ones.bytes + zip_place(made, ZIP_ENTRY_VERSIONS, i), 0xff, 4);
        memset(ones.bytes + zip_place(made, ZIP_ENTRY_TIME, i), 0xff, 4);
        memset(ones.bytes + zip_place(made, ZIP_ENTRY_INTERNAL, i), 0xff, 2);
        memset(ones.bytes + zip_place(made, ZIP_ENTRY_EXTERNAL, i), 0xff, 4);
        ones.bytes[zip_place(made, ZIP_ENTRY_EXTERNAL, i)] = records[i].size ? 0xff - FOLDER : 0xff;
        if (extra) { /* which it is, and what it holds */
            memset(fields, 0xff, 2);
            memset(fields + 4, 0xff, extra - 4);
        }
        if (records[i].comment)
            memset(fields + extra + (records[i].wide ? 28 : 0), 0xff, strlen(records[i].comment));
    }
    return ones;
}

/* In its last byte a compressed record may have bits to spare. */
static int ends_compressed(const picture *made, const zip_record *records, size_t count, size_t at)
{
    for (size_t i = 0; i < count; i++)
        if (records[i].deflated &&
            at + 1 == zip_place(made, ZIP_LOCAL_NAME, i) + strlen(records[i].name) + zip_get(made, ZIP_LOCAL_PACKED, i))
            return 1;
    return 0;
}

static void expect_changes_seen(picture *made, const picture *unread, size_t at)
{
    for (int bit = 0; bit < 8; bit++) {
        const cameras_status wanted = unread->bytes[at] >> bit & 1 ? CAMERAS_OK : CAMERAS_EFORMAT;
        made->bytes[at] ^= (uint8_t)(1 << bit);
        ck_assert_msg(check(made) == wanted, "bit %d of byte %zu of %zu", bit, at, made->size);
        made->bytes[at] ^= (uint8_t)(1 << bit);
    }
}

START_TEST(any_bit_changed_is_seen_but_where_nothing_is_read)
{
    enum {
        COUNT = 6
    };
    zip_record records[COUNT] = {both[0], both[1], both[0], both[1], both[0], {.name = "m/", .bytes = ""}};
    records[2].flags = ZIP_SIZES_FOLLOW;
    records[3].wide = records[4].wide = ZIP_WIDE_UNPACKED | ZIP_WIDE_PACKED | ZIP_WIDE_OFFSET;
    records[4].extra = "FB\2\0ZZ";
    records[4].extra_size = 6;
    records[1].comment = records[4].comment = "note";
    picture made = zip_archive(records, COUNT, _i ? ZIP_64 : ZIP_32), unread = unread_bits(&made, records, COUNT);
    if (_i)
        memset(unread.bytes + zip_place(&made, ZIP_END64_VERSIONS, 0), 0xff, 4);
    zip_set(&made, ZIP_LOCAL_SUM, 2, 0);
    zip_set(&made, ZIP_LOCAL_UNPACKED, 2, 0);
    expect_taken(&made);
    for (size_t at = 0; at < made.size; at++)
        if (!ends_compressed(&made, records, COUNT, at))
            expect_changes_seen(&made, &unread, at);
    picture_free(&unread);
    picture_free(&made);
}
END_TEST

START_TEST(records_that_share_bytes_are_refused)
{
    const zip_record same[] = {both[0], both[0]};
    picture made = zip_archive(same, 2, ZIP_32);
    zip_set(&made, ZIP_ENTRY_OFFSET, 1, zip_get(&made, ZIP_ENTRY_OFFSET, 0));
    expect_refused(&made, CAMERAS_EFORMAT, "overlap");
    zip_set(&made, ZIP_ENTRY_OFFSET, 1, zip_place(&made, ZIP_LOCAL_NAME, 1) - 30 - 1); /* its last byte */
    expect_refused(&made, CAMERAS_EFORMAT, "overlap");
    picture_free(&made);
}
END_TEST

START_TEST(directory_in_another_order_than_its_records_is_refused)
{
    enum {
        ENTRY = 46 + 3
    };
    const zip_record records[] = {{.name = "m/a", .bytes = "a", .size = 1}, {.name = "m/b", .bytes = "b", .size = 1}};
    picture made = zip_archive(records, 2, _i ? ZIP_64 : ZIP_32);
    uint8_t *const first = made.bytes + zip_place(&made, ZIP_ENTRY_NAME, 0) - 46, kept[ENTRY];
    memcpy(kept, first, ENTRY);
    memmove(first, first + ENTRY, ENTRY);
    memcpy(first + ENTRY, kept, ENTRY);
    expect_refused(&made, CAMERAS_EFORMAT, "not in the directory's order");
    picture_free(&made);
}
END_TEST

/* ---- what is not believed ---------------------------------------------------------------------------------------- */

START_TEST(directory_of_fewer_or_more_entries_than_it_says_or_of_none_is_refused)
{
    static const zip_field fields[] = {ZIP_END_COUNT_HERE, ZIP_END_COUNT, ZIP_END64_COUNT_HERE, ZIP_END64_COUNT};
    static const struct {
        size_t records;
        uint64_t count;
        const char *reason;
    } cases[] = {{0, 0, "does not hold what it should"},
                 {2, 0, "does not hold what it should"},
                 {2, 1, "longer or shorter than it should be"},
                 {3, 4, "damaged"},
                 {2, UINT16_MAX, "does not hold what it should"}};
    const zip_record records[] = {both[0], both[1], {.name = "m/as long as what an entry takes beside its name is"}};
    picture made = zip_archive(records, cases[_i / 2].records, _i % 2 ? ZIP_64 : ZIP_32);
    for (int i = 0; i < (_i % 2 ? 4 : 2); i++)
        zip_set(&made, fields[i], 0, cases[_i / 2].count);
    expect_refused(&made, CAMERAS_EFORMAT, cases[_i / 2].reason);
    picture_free(&made);
}
END_TEST

/* The sum of both wraps round to where the directory does end. */
START_TEST(directory_that_begins_behind_its_end_is_refused)
{
    picture made = zip_archive(both, 2, ZIP_64);
    const uint64_t end = zip_get(&made, ZIP_LOCATOR_OFFSET, 0);
    zip_set(&made, ZIP_END_OFFSET, 0, UINT32_MAX);
    zip_set(&made, ZIP_END_BYTES, 0, UINT32_MAX);
    zip_set(&made, ZIP_END64_OFFSET, 0, end + 1);
    zip_set(&made, ZIP_END64_BYTES, 0, UINT64_MAX);
    expect_refused(&made, CAMERAS_EFORMAT, "not where it should be");
    picture_free(&made);
}
END_TEST

START_TEST(record_that_would_reach_into_the_directory_is_refused)
{
    static const uint64_t sizes[] = {8, UINT32_MAX - 1};
    picture made = zip_archive(both, 1, ZIP_64);
    static const zip_field fields[] = {ZIP_LOCAL_PACKED, ZIP_LOCAL_UNPACKED, ZIP_ENTRY_PACKED, ZIP_ENTRY_UNPACKED};
    for (size_t i = 0; i < 4; i++)
        zip_set(&made, fields[i], 0, sizes[_i]);
    expect_refused(&made, CAMERAS_EFORMAT, "longer than the archive");
    picture_free(&made);
}
END_TEST

START_TEST(extra_field_of_numbers_or_others_that_is_cut_off_is_refused)
{
    static const char *const fields[] = {"FB\1\0", "FB\2\0Z", "FB\0\0AB\1\0", "FB\377\377ZZ", "\1\0\7\0\7\0\0\0\0\0\0"};
    static const size_t sizes[] = {4, 5, 8, 6, 11};
    zip_record record = both[0];
    record.extra = fields[_i];
    record.extra_size = sizes[_i];
    picture made = zip_archive(&record, 1, ZIP_64);
    zip_set(&made, ZIP_ENTRY_UNPACKED, 0, UINT32_MAX);
    expect_refused(&made, CAMERAS_EFORMAT, "its directory is broken");
    picture_free(&made);
}
END_TEST

START_TEST(stored_record_of_two_sizes_is_refused)
{
    zip_record record = both[0];
    record.claimed_size = record.size + (_i ? 1 : (size_t)-1);
    expect_record_refused(record, CAMERAS_EFORMAT, "neither stored as it is");
}
END_TEST

START_TEST(record_that_is_neither_stored_nor_deflated_is_refused)
{
    picture made = zip_archive(both, 2, ZIP_64);
    zip_set(&made, ZIP_LOCAL_METHOD, (size_t)_i, 12);
    zip_set(&made, ZIP_ENTRY_METHOD, (size_t)_i, 12);
    expect_refused(&made, CAMERAS_EFORMAT, "neither stored as it is");
    picture_free(&made);
}
END_TEST

START_TEST(record_that_unpacks_to_another_size_than_it_says_is_refused)
{
    zip_record record = {.name = "m", .bytes = noise, .size = LONG, .deflated = 1};
    static const size_t claims[] = {1, LONG - 1, LONG + 1, 3 * LONG};
    record.claimed_size = claims[_i];
    expect_record_refused(record, CAMERAS_EFORMAT, "cannot be unpacked");
}
END_TEST

START_TEST(bytes_left_over_behind_a_compressed_record_are_refused)
{
    zip_record record = both[1];
    record.spare = _i ? CHUNK : 1;
    expect_record_refused(record, CAMERAS_EFORMAT, "cannot be unpacked");
}
END_TEST

/* What is left over is then in a part of its own. */
START_TEST(bytes_left_over_where_the_reader_would_read_on_are_refused)
{
    zip_record record = {.name = "m", .bytes = noise, .size = CHUNK - 1024, .deflated = 1};
    picture made = zip_archive(&record, 1, ZIP_64);
    record.size += CHUNK - zip_get(&made, ZIP_ENTRY_PACKED, 0); /* noise is not compressed, but has the same heads */
    picture_free(&made);
    made = zip_archive(&record, 1, ZIP_64);
    ck_assert_uint_eq(zip_get(&made, ZIP_ENTRY_PACKED, 0), CHUNK);
    expect_taken(&made);
    picture_free(&made);
    record.spare = 1;
    expect_record_refused(record, CAMERAS_EFORMAT, "cannot be unpacked");
}
END_TEST

START_TEST(one_byte_past_the_limit_of_all_unpacked_bytes_together_is_refused_before_unpacking)
{
    zip_record records[] = {{.name = "m/0", .bytes = noise, .size = LONG},
                            {.name = "m/1", .bytes = noise, .size = LONG, .deflated = _i / 2},
                            {.name = "m/2", .bytes = noise, .size = LONG, .deflated = 1}};
    records[2].claimed_size = limit - (records[1].deflated ? LONG : 0) + (size_t)(_i % 2);
    picture made = zip_archive(records, 3, ZIP_64);
    expect_refused(&made, _i % 2 ? CAMERAS_ELIMIT : CAMERAS_EFORMAT, _i % 2 ? "268435456" : "cannot be unpacked");
    picture_free(&made);
}
END_TEST

/* So damage to a size is not taken for an archive that is too large. */
START_TEST(size_that_nothing_could_unpack_to_is_damage_and_no_matter_of_limits)
{
    zip_record record = {.name = "m", .bytes = noise, .size = limit / MOST_RATIO + 1};
    record.claimed_size = MOST_RATIO * record.size + (size_t)_i;
    ck_assert_uint_gt(record.claimed_size, limit);
    picture made = zip_archive(&record, 1, ZIP_64);
    zip_set(&made, ZIP_LOCAL_METHOD, 0, 8);
    zip_set(&made, ZIP_ENTRY_METHOD, 0, 8);
    expect_refused(&made, _i ? CAMERAS_EFORMAT : CAMERAS_ELIMIT, _i ? "cannot be unpacked" : "268435456");
    picture_free(&made);
}
END_TEST

START_TEST(what_is_no_archive_is_refused_and_says_how_to_make_one)
{
    static const char *const texts[] = {"", "P", "import torch", "\x80\x02}q"};
    const picture text = {(uint8_t *)(uintptr_t)texts[_i], strlen(texts[_i])};
    expect_refused(&text, CAMERAS_EFORMAT, "make one with torch.jit");
}
END_TEST

static TCase *whole_cases(void)
{
    TCase *cases = tcase_create("whole");
    tcase_add_loop_test(cases, whole_archive_is_taken_with_either_ending, 0, 2);
    tcase_add_test(cases, file_is_judged_as_memory_is);
    tcase_add_loop_test(cases, number_of_64_bits_is_read_where_that_of_32_is_all_ones, 0, 8);
    tcase_add_test(cases, number_of_64_bits_is_not_read_where_that_of_32_is_not_all_ones);
    tcase_add_loop_test(cases, sizes_before_a_record_may_be_all_ones_but_not_its_sum, 0, 2);
    tcase_add_loop_test(cases, sum_and_sizes_may_each_be_left_out_before_a_record_that_has_them_follow, 0, 8);
    tcase_add_loop_test(cases, numbers_of_the_end_may_be_all_ones_where_there_are_others_of_64_bits, 0, 3);
    tcase_add_test(cases, longest_name_extra_field_and_comment_are_taken);
    tcase_add_loop_test(cases, bytes_too_few_for_an_extra_field_are_passed_over, 0, 4);
    tcase_add_test(cases, record_that_is_packed_as_tightly_as_can_be_is_taken);
    tcase_add_loop_test(cases, flags_of_how_it_was_packed_and_of_names_are_taken_and_no_others, 0, 16);
    tcase_add_test(cases, empty_folder_is_taken);
    return cases;
}

static TCase *damaged_cases(void)
{
    TCase *cases = tcase_create("damaged");
    tcase_add_loop_test(cases, folder_that_holds_something_is_refused, 0, 2);
    tcase_add_loop_test(cases, archive_cut_short_anywhere_is_refused, 0, 2);
    tcase_add_loop_test(cases, archive_with_something_before_it_or_behind_it_is_refused, 0, 2);
    tcase_add_loop_test(cases, comment_of_the_archive_is_refused, 0, 2);
    tcase_add_loop_test(cases, any_bit_changed_is_seen_but_where_nothing_is_read, 0, 2);
    tcase_add_test(cases, records_that_share_bytes_are_refused);
    tcase_add_loop_test(cases, directory_in_another_order_than_its_records_is_refused, 0, 2);
    tcase_add_loop_test(cases, directory_of_fewer_or_more_entries_than_it_says_or_of_none_is_refused, 0, 10);
    tcase_add_test(cases, directory_that_begins_behind_its_end_is_refused);
    tcase_add_loop_test(cases, record_that_would_reach_into_the_directory_is_refused, 0, 2);
    tcase_add_loop_test(cases, extra_field_of_numbers_or_others_that_is_cut_off_is_refused, 0, 5);
    tcase_add_loop_test(cases, stored_record_of_two_sizes_is_refused, 0, 2);
    tcase_add_loop_test(cases, record_that_is_neither_stored_nor_deflated_is_refused, 0, 2);
    tcase_add_loop_test(cases, record_that_unpacks_to_another_size_than_it_says_is_refused, 0, 4);
    tcase_add_loop_test(cases, bytes_left_over_behind_a_compressed_record_are_refused, 0, 2);
    tcase_add_test(cases, bytes_left_over_where_the_reader_would_read_on_are_refused);
    tcase_add_loop_test(cases, one_byte_past_the_limit_of_all_unpacked_bytes_together_is_refused_before_unpacking, 0,
                        4);
    tcase_add_loop_test(cases, size_that_nothing_could_unpack_to_is_damage_and_no_matter_of_limits, 0, 2);
    tcase_add_loop_test(cases, what_is_no_archive_is_refused_and_says_how_to_make_one, 0, 4);
    return cases;
}

static Suite *archive_suite(void)
{
    Suite *suite = suite_create("archive");
    suite_add_tcase(suite, whole_cases());
    suite_add_tcase(suite, damaged_cases());
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
