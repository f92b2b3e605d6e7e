/*
 * check_error.c - the thread's message, and the words for a status
 *
 * SPDX-License-Identifier: MIT
 */
#include "error.h"

#include <check.h>
#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    STATUSES = 14
};

/* ---- the message ------------------------------------------------------------------------------------------------- */

START_TEST(before_the_first_failure_the_message_is_empty)
{
    ck_assert_str_eq(cameras_last_error(), "");
}
END_TEST

START_TEST(failing_sets_the_message_and_returns_the_status)
{
    for (int status = CAMERAS_EINVAL; status < STATUSES; status++) {
        char expected[64];
        snprintf(expected, sizeof expected, "read image %s: reason %d", "a.png", status);
        ck_assert_int_eq((int)cam_fail((cameras_status)status, "read image %s: reason %d", "a.png", status), status);
        ck_assert_str_eq(cameras_last_error(), expected);
    }
}
END_TEST

START_TEST(running_out_of_memory_names_the_work_and_the_bytes)
{
    ck_assert_int_eq(cam_fail_memory("make a map", 12345), CAMERAS_ENOMEM);
    ck_assert_str_eq(cameras_last_error(), "make a map: out of memory (12345 bytes)");
}
END_TEST

START_TEST(a_shorter_message_leaves_nothing_of_a_longer_one)
{
    cam_fail(CAMERAS_EINVAL, "a long message about something");
    cam_fail(CAMERAS_EINVAL, "short");
    ck_assert_str_eq(cameras_last_error(), "short");
}
END_TEST

START_TEST(a_message_may_quote_the_one_before)
{
    cam_fail(CAMERAS_EIO, "no such file");
    cam_fail(CAMERAS_EMODEL, "open model m.pt: %s", cameras_last_error());
    ck_assert_str_eq(cameras_last_error(), "open model m.pt: no such file");
}
END_TEST

START_TEST(a_long_message_is_cut_at_its_end)
{
    static char name[100001];
    for (size_t i = 0; i < sizeof name - 1; i++)
        name[i] = (char)('a' + i % 26);
    cam_fail(CAMERAS_EIO, "open model %s: gone", name);
    const size_t length = strlen(cameras_last_error());
    ck_assert_uint_ge(length, 500);
    ck_assert_uint_lt(length, sizeof name);
    ck_assert_mem_eq(cameras_last_error(), "open model ", 11);
    ck_assert_mem_eq(cameras_last_error() + 11, name, length - 11);
}
END_TEST

/* The euro sign takes three bytes, so that two of three such names are cut inside one; the clef takes four. */
START_TEST(a_long_message_is_cut_between_characters)
{
    static const char *const characters[] = {"\xc3\xa9", "\xe2\x82\xac", "\xf0\x9d\x84\x9e"};
    for (size_t i = 0; i < sizeof characters / sizeof *characters; i++)
        for (size_t shift = 0; shift < 4; shift++) {
            const size_t size = strlen(characters[i]);
            char name[4001] = "aaa";
            for (size_t at = shift; at + size < sizeof name; at += size)
                memcpy(name + at, characters[i], size + 1);
            cam_fail(CAMERAS_EIO, "%s: gone", name);
            const size_t length = strlen(cameras_last_error());
            ck_assert_uint_ge(length, 500);
            ck_assert_uint_lt(length, sizeof name - 1);
            ck_assert_uint_eq((length - shift) % size, 0);
            ck_assert_mem_eq(cameras_last_error(), name, length);
        }
}
END_TEST

START_TEST(a_message_that_fits_keeps_every_byte_of_its_subject)
{
    static const char *const names[] = {"caf\xe9", "\xff\xfe", "a\xe2\x82", "\x80\x80\x80\x80\x80"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        cam_fail(CAMERAS_EIO, "%s", names[i]);
        ck_assert_str_eq(cameras_last_error(), names[i]);
    }
}
END_TEST

/* What is no character has no end to be cut before: at most the three bytes of one that was begun go. */
START_TEST(a_long_message_of_no_characters_loses_three_bytes_at_most)
{
    static const char bytes[] = {'\x80', '\xe9', '\xf0', '\xff'};
    char name[4001] = "";
    for (size_t i = 0; i < sizeof bytes; i++) {
        memset(name, 'a', sizeof name - 1);
        cam_fail(CAMERAS_EIO, "%s", name);
        const size_t whole = strlen(cameras_last_error());
        memset(name, bytes[i], sizeof name - 1);
        cam_fail(CAMERAS_EIO, "%s", name);
        ck_assert_uint_ge(strlen(cameras_last_error()), whole - 3);
    }
}
END_TEST

START_TEST(percent_signs_of_a_subject_are_only_text)
{
    cam_fail(CAMERAS_EIO, "read image %s: gone", "100%s%n.png");
    ck_assert_str_eq(cameras_last_error(), "read image 100%s%n.png: gone");
}
END_TEST

START_TEST(successful_calls_leave_the_message_alone)
{
    cameras_options *options;
    cam_fail(CAMERAS_EIO, "read image a.png: gone");
    ck_assert_int_eq(cameras_options_new(&options), CAMERAS_OK);
    ck_assert_int_eq(cameras_options_set_threads(options, 2), CAMERAS_OK);
    ck_assert_ptr_nonnull(cameras_status_text(CAMERAS_OK));
    cameras_options_free(options);
    ck_assert_str_eq(cameras_last_error(), "read image a.png: gone");
}
END_TEST

static void *fail_elsewhere(void *found)
{
    snprintf(found, 64, "%s", cameras_last_error());
    cam_fail(CAMERAS_EIO, "the other thread's");
    return NULL;
}

START_TEST(each_thread_has_its_own_message)
{
    char found[64] = "untouched";
    pthread_t thread;
    cam_fail(CAMERAS_EIO, "this thread's");
    ck_assert_int_eq(pthread_create(&thread, NULL, fail_elsewhere, found), 0);
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    ck_assert_str_eq(found, "");
    ck_assert_str_eq(cameras_last_error(), "this thread's");
}
END_TEST

/* ---- the words for a status -------------------------------------------------------------------------------------- */

START_TEST(values_of_the_statuses_never_change)
{
    static const cameras_status statuses[STATUSES] = {
        CAMERAS_OK,     CAMERAS_EINVAL,   CAMERAS_ENOMEM,     CAMERAS_EIO,      CAMERAS_EFORMAT,
        CAMERAS_ELIMIT, CAMERAS_EMODEL,   CAMERAS_ELAYER,     CAMERAS_ECLASS,   CAMERAS_EFLAT,
        CAMERAS_ESCALE, CAMERAS_ENUMERIC, CAMERAS_ECANCELLED, CAMERAS_EINTERNAL};
    for (int i = 0; i < STATUSES; i++)
        ck_assert_int_eq((int)statuses[i], i);
}
END_TEST

START_TEST(every_status_has_words_of_its_own)
{
    for (int i = 0; i < STATUSES; i++)
        for (int other = 0; other < i; other++)
            ck_assert_str_ne(cameras_status_text((cameras_status)i), cameras_status_text((cameras_status)other));
    ck_assert_str_eq(cameras_status_text(CAMERAS_ENOMEM), "out of memory");
}
END_TEST

static void expect_words(const char *text)
{
    ck_assert_ptr_nonnull(text);
    ck_assert_uint_gt(strlen(text), 0);
    ck_assert_int_ne(text[strlen(text) - 1], '.');
    for (const char *letter = text; *letter; letter++)
        ck_assert(islower((unsigned char)*letter) || *letter == ' ');
}

START_TEST(words_are_lower_case_without_a_full_stop)
{
    for (int i = 0; i < STATUSES; i++)
        expect_words(cameras_status_text((cameras_status)i));
}
END_TEST

START_TEST(a_status_of_no_meaning_has_words_too)
{
    static const int others[] = {-1, STATUSES, 1000, CAMERAS_STATUS_FORCE_INT};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        expect_words(cameras_status_text((cameras_status)others[i]));
        for (int known = 0; known < STATUSES; known++)
            ck_assert_str_ne(cameras_status_text((cameras_status)others[i]),
                             cameras_status_text((cameras_status)known));
    }
}
END_TEST

/* ---- the manner of messages -------------------------------------------------------------------------------------- */

/* "<operation>[ <subject>]: <reason>": begins in lower case, has a colon, ends without a full stop or a new line. */
static void expect_manner(cameras_status status)
{
    const char *text = cameras_last_error();
    ck_assert_int_ne((int)status, CAMERAS_OK);
    ck_assert(islower((unsigned char)text[0]));
    ck_assert_ptr_nonnull(strstr(text, ": "));
    ck_assert(!strchr(".\n ", text[strlen(text) - 1]));
    cam_fail(CAMERAS_EINVAL, "STALE");
}

START_TEST(messages_say_operation_and_reason)
{
    cameras_image *image;
    cameras_model *model;
    cameras_map *map;
    expect_manner(cameras_options_new(NULL));
    expect_manner(cameras_options_set_threads(NULL, 1));
    expect_manner(cameras_options_set_preset(NULL, CAMERAS_PRESET_FAST));
    expect_manner(cameras_options_add_layer(NULL, "a"));
    expect_manner(cameras_image_read(&image, NULL, NULL));
    expect_manner(cameras_image_read(&image, "/nonexistent/a.png", NULL));
    expect_manner(cameras_image_new(&image, NULL, 1, 1, 0, CAMERAS_GRAY8));
    expect_manner(cameras_image_pixels(NULL, 0, NULL));
    expect_manner(cameras_image_write(NULL, "a.png"));
    expect_manner(cameras_image_sheet(&image, NULL, 1, 1, 0));
    expect_manner(cameras_map_overlay(&image, NULL, NULL, CAMERAS_VIRIDIS, 0));
    expect_manner(cameras_map_write(NULL, "a.npy"));
    expect_manner(cameras_model_open(&model, NULL));
    expect_manner(cameras_model_open(&model, "/nonexistent/a.pt"));
    expect_manner(cameras_model_open_memory(&model, NULL, 3));
    expect_manner(cameras_model_set_base_size(NULL, 1, 1));
    expect_manner(cameras_model_read_labels(NULL, "a.txt"));
    expect_manner(cameras_classify(NULL, NULL, 0, NULL, NULL, NULL));
    expect_manner(cameras_explain(&map, NULL, NULL, NULL));
}
END_TEST

static Suite *error_suite(void)
{
    Suite *suite = suite_create("error");
    TCase *message = tcase_create("message"), *words = tcase_create("words");
    tcase_add_test(message, before_the_first_failure_the_message_is_empty);
    tcase_add_test(message, failing_sets_the_message_and_returns_the_status);
    tcase_add_test(message, running_out_of_memory_names_the_work_and_the_bytes);
    tcase_add_test(message, a_shorter_message_leaves_nothing_of_a_longer_one);
    tcase_add_test(message, a_message_may_quote_the_one_before);
    tcase_add_test(message, a_long_message_is_cut_at_its_end);
    tcase_add_test(message, a_long_message_is_cut_between_characters);
    tcase_add_test(message, a_message_that_fits_keeps_every_byte_of_its_subject);
    tcase_add_test(message, a_long_message_of_no_characters_loses_three_bytes_at_most);
    tcase_add_test(message, percent_signs_of_a_subject_are_only_text);
    tcase_add_test(message, successful_calls_leave_the_message_alone);
    tcase_add_test(message, each_thread_has_its_own_message);
    tcase_add_test(message, messages_say_operation_and_reason);
    tcase_add_test(words, values_of_the_statuses_never_change);
    tcase_add_test(words, every_status_has_words_of_its_own);
    tcase_add_test(words, words_are_lower_case_without_a_full_stop);
    tcase_add_test(words, a_status_of_no_meaning_has_words_too);
    suite_add_tcase(suite, message);
    suite_add_tcase(suite, words);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(error_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
