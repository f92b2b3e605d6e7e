/*
 * check_labels.c - class names from text, finding one, and suggesting near ones
 *
 * SPDX-License-Identifier: MIT
 */
#include "labels.h"
#include "suggest.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum {
    NAMES = 5,
    SENTINEL = 77
};

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static cam_labels parsed(const char *text)
{
    cam_labels labels;
    ck_assert_int_eq(cam_labels_parse(&labels, text, strlen(text), "names.txt"), CAMERAS_OK);
    return labels;
}

static void expect_lines(const char *text, size_t size, const char *const *expected, size_t count)
{
    cam_labels labels;
    ck_assert_int_eq(cam_labels_parse(&labels, text, size, "names.txt"), CAMERAS_OK);
    ck_assert_uint_eq(labels.count, count);
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(labels.lines[i], expected[i]);
    cam_labels_free(&labels);
}

static void expect_parse_refused(const char *text, size_t size)
{
    cam_labels labels;
    ck_assert_int_eq(cam_labels_parse(&labels, text, size, "names.txt"), CAMERAS_EFORMAT);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "read labels names.txt: "));
    ck_assert_uint_eq(labels.count, 0);
    ck_assert_ptr_null(labels.lines);
    ck_assert_ptr_null(labels.text);
}

static void expect_found(const cam_labels *labels, const char *text, size_t expected)
{
    size_t index = SENTINEL;
    ck_assert_int_eq(cam_labels_find(&index, labels, text), CAMERAS_OK);
    ck_assert_uint_eq(index, expected);
}

static void expect_missing(const cam_labels *labels, const char *text, const char *reason)
{
    size_t index = SENTINEL;
    ck_assert_int_eq(cam_labels_find(&index, labels, text), CAMERAS_ECLASS);
    ck_assert_uint_eq(index, SENTINEL);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), text));
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), reason));
}

/* ---- parsing ---------------------------------------------------------------------------------------------------- */

START_TEST(each_line_is_a_label)
{
    static const struct {
        const char *text;
        size_t count;
        const char *lines[4];
    } cases[] = {
        {"cat\ndog\n", 2, {"cat", "dog"}},
        {"cat\ndog", 2, {"cat", "dog"}},
        {"cat", 1, {"cat"}},
        {"cat\r\ndog\r\n", 2, {"cat", "dog"}},
        {"cat\ndog\n\n\n", 2, {"cat", "dog"}},
        {"cat\n\r\n \t\n", 1, {"cat"}},
        {"\ncat\n\ndog\n", 4, {"", "cat", "", "dog"}},
        {"great white shark  \ndog\t\n", 2, {"great white shark", "dog"}},
        {"tench, Tinca tinca\n\xc3\xa9l\xc3\xa9phant\n", 2, {"tench, Tinca tinca", "\xc3\xa9l\xc3\xa9phant"}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_lines(cases[i].text, strlen(cases[i].text), cases[i].lines, cases[i].count);
}
END_TEST

START_TEST(text_ends_at_its_size_and_needs_no_terminator)
{
    static const char text[7] = {'c', 'a', 't', '\n', 'd', 'o', 'g'};
    static const char *const all[] = {"cat", "dog"}, *const some[] = {"cat", "d"};
    expect_lines(text, 7, all, 2);
    expect_lines(text, 5, some, 2);
}
END_TEST

START_TEST(labels_outlive_the_text_they_were_read_from)
{
    char text[] = "cat\ndog";
    cam_labels labels = parsed(text);
    memset(text, 'x', sizeof text - 1);
    ck_assert_str_eq(labels.lines[0], "cat");
    ck_assert_str_eq(labels.lines[1], "dog");
    cam_labels_free(&labels);
}
END_TEST

START_TEST(text_without_a_label_is_refused)
{
    expect_parse_refused("", 0);
    expect_parse_refused("\n\n\n", 3);
    expect_parse_refused(" \r\n\t", 4);
}
END_TEST

START_TEST(bytes_with_a_nul_are_not_text)
{
    expect_parse_refused("cat\0dog\n", 8);
    expect_parse_refused("PK\3\4\0\0", 6);
}
END_TEST

/* RFC 3629, sections 3 and 4. */
START_TEST(label_that_is_not_utf8_is_refused_with_its_line)
{
    static const struct {
        const char *text, *line;
    } cases[] = {
        {"caf\xe9\n", "line 1"},                   /* Latin-1 */
        {"cat\ncaf\xe9 au lait\n", "line 2"},      /* the same, a text behind it */
        {"cat\r\ndog\r\n\r\n\xe9t\xe9", "line 4"}, /* empty lines count too */
        {"cat\ndog\n\xc3", "line 3"},              /* cut short by the end */
        {"\xe2\x82\ncat\n", "line 1"},             /* by the end of the line */
        {"cat\n\xf0\x9f\x90", "line 2"},           /* four bytes without the last */
        {"cat\n\x80", "line 2"},                   /* a byte that only continues */
        {"cat\n\xc0\xaf", "line 2"},               /* a slash in two bytes */
        {"cat\n\xc1\xbf", "line 2"},               /* the last that one byte can hold, in two */
        {"cat\n\xe0\x9f\xbf", "line 2"},           /* the last that two bytes can hold, in three */
        {"cat\n\xf0\x8f\xbf\xbf", "line 2"},       /* the last that three bytes can hold, in four */
        {"cat\n\xed\xa0\x80", "line 2"},           /* the first surrogate */
        {"cat\n\xed\xbf\xbf", "line 2"},           /* the last one */
        {"cat\n\xf4\x90\x80\x80", "line 2"},       /* U+110000 */
        {"cat\n\xf8\x88\x80\x80\x80", "line 2"},   /* five bytes, as before RFC 3629 */
        {"cat\n\xff\xfe", "line 2"},               /* never in any text */
        {"\xef\xbb\xbfpig\ncaf\xe9\n", "line 2"},  /* behind a byte order mark */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_parse_refused(cases[i].text, strlen(cases[i].text));
        ck_assert_msg(strstr(cameras_last_error(), cases[i].line) != NULL, "case %zu: %s", i, cameras_last_error());
        for (const char *at = cameras_last_error(); *at; at++)
            ck_assert_int_lt((unsigned char)*at, 0x80);
    }
}
END_TEST

/* The first and the last of each length, and those around the surrogates. */
START_TEST(utf8_of_every_length_is_taken_as_it_is)
{
    static const char *const words[] = {"!",
                                        "~",
                                        "\xc2\xa1",
                                        "\xdf\xbf",
                                        "\xe0\xa0\x80.",
                                        "\xe7\x8c\xab",
                                        "\xed\x9f\xbf",
                                        "\xee\x80\x80",
                                        "\xef\xbf\xbf",
                                        "\xf0\x90\x80\x80",
                                        "\xf0\x9f\x90\xb1",
                                        "\xf4\x8f\xbf\xbf"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        expect_lines(words[i], strlen(words[i]), &words[i], 1);
}
END_TEST

START_TEST(sequence_that_goes_on_past_the_size_is_refused)
{
    static const char *const cafe[] = {"caf\xc3\xa9"};
    expect_lines(cafe[0], 5, cafe, 1);
    expect_parse_refused(cafe[0], 4);
}
END_TEST

START_TEST(byte_order_mark_is_no_part_of_the_first_label)
{
    static const char marked[] = "\xef\xbb\xbfpig\ndog\n";
    static const char *const expected[] = {"pig", "dog"};
    expect_lines(marked, strlen(marked), expected, 2);
    cam_labels labels = parsed(marked);
    expect_found(&labels, "pig", 0);
    cam_labels_free(&labels);
    expect_parse_refused("\xef\xbb\xbf\n", 4);
}
END_TEST

START_TEST(freed_labels_are_empty_and_may_be_freed_again)
{
    cam_labels labels = parsed("cat\n");
    cam_labels_free(&labels);
    ck_assert_uint_eq(labels.count, 0);
    ck_assert_ptr_null(labels.lines);
    cam_labels_free(&labels);
}
END_TEST

/* ---- finding ---------------------------------------------------------------------------------------------------- */

START_TEST(label_is_found_whatever_its_case_and_underscores)
{
    static const struct {
        const char *asked;
        size_t index;
    } cases[] = {
        {"tabby cat", 0},        {"TABBY CAT", 0},        {"tabby_cat", 0}, {"Tabby_Cat", 0}, {"golden_Retriever", 1},
        {"Golden retriever", 1}, {"golden RETRIEVER", 1}, {"404", 2},       {"dog", 3},       {"hot dog", 4}};
    cam_labels labels = parsed("Tabby cat\nGolden_Retriever\n404\ndog\nhot dog\n");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        expect_found(&labels, cases[i].asked, cases[i].index);
    cam_labels_free(&labels);
}
END_TEST

START_TEST(part_of_a_label_or_more_than_it_is_not_that_label)
{
    static const char *const asked[] = {"tabb", "tabby ca", "tabby cats", "tabbycat", " tabby cat", "tabby-cat"};
    cam_labels labels = parsed("tabby cat\ndog\n");
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        expect_missing(&labels, asked[i], "tabby cat");
    cam_labels_free(&labels);
}
END_TEST

START_TEST(label_of_several_classes_is_refused_with_their_number_and_the_first)
{
    cam_labels labels = parsed("dog\ncrane\ncat\nCrane\ncrane\n");
    expect_missing(&labels, "crane", "3 classes");
    expect_missing(&labels, "crane", "first is 1");
    expect_found(&labels, "cat", 2);
    cam_labels_free(&labels);
}
END_TEST

START_TEST(unknown_label_is_refused_with_near_ones_nearest_first)
{
    cam_labels labels = parsed("zebra\nbeagle\neagle\nregal\ndog\n");
    expect_missing(&labels, "eagel", "eagle, "); /* two changes; the others take three and more */
    cam_labels_free(&labels);
}
END_TEST

START_TEST(without_labels_the_message_says_so)
{
    const cam_labels none = {0};
    expect_missing(&none, "cat", "no labels");
}
END_TEST

/* ---- suggesting ------------------------------------------------------------------------------------------------- */

START_TEST(nearest_names_come_first)
{
    /* Edit distances are counted by hand; a name that contains the asked one comes before all others. */
    static const struct {
        const char *asked;
        const char *names[NAMES];
        const char *expected;
    } cases[] = {
        {"kitten",
         {"sitting", "mitten", "kitchen", "zzzzzzzzz", "yyyyyyyyy"},
         "mitten, kitchen, sitting"}, /* 1, 2, 3 */
        {"conv", {"layer4", "layer1.conv1", "stem", "conv", "cone"}, "layer1.conv1, conv, cone"},
        {"LAYER4", {"fc", "features", "layer3", "layer", "layer4"}, "layer4, layer3, layer"}, /* 0, 1, 1 */
        {"ab", {"ax", "ay", "az", "aw", "ab"}, "ab, ax, ay"},                     /* equals keep their order */
        {"abcd", {"bcd", "abXcd", "aXcd", "zzzzzz", "abdc"}, "bcd, abXcd, aXcd"}, /* each one change */
        {"", {"one", "two", "three", "four", "five"}, "one, two, three"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[100];
        cam_suggest(text, sizeof text, cases[i].asked, cases[i].names, NAMES);
        ck_assert_str_eq(text, cases[i].expected);
    }
}
END_TEST

START_TEST(fewer_than_three_names_are_all_given_and_none_is_said)
{
    static const char *const names[] = {"far away", "near"};
    char text[100];
    cam_suggest(text, sizeof text, "neat", names, 2);
    ck_assert_str_eq(text, "near, far away");
    cam_suggest(text, sizeof text, "neat", names, 1);
    ck_assert_str_eq(text, "far away");
    cam_suggest(text, sizeof text, "neat", NULL, 0);
    ck_assert_str_eq(text, "none");
}
END_TEST

START_TEST(suggestions_are_cut_to_the_room_there_is)
{
    static const char *const names[] = {"alpha", "beta", "gamma"};
    static const char whole[] = "alpha, beta, gamma";
    for (size_t size = 1; size <= sizeof whole; size++) {
        char text[sizeof whole + 1];
        memset(text, '#', sizeof text);
        cam_suggest(text, size, "", names, 3);
        ck_assert_uint_eq(strlen(text), size - 1);
        ck_assert_mem_eq(text, whole, size - 1);
        for (size_t beyond = size; beyond < sizeof text; beyond++)
            ck_assert_int_eq(text[beyond], '#');
    }
}
END_TEST

START_TEST(suggestions_are_cut_between_characters)
{
    static const char *const names[] = {"na\xc3\xafve", "\xe2\x82\xac"};
    static const char whole[] = "na\xc3\xafve, \xe2\x82\xac";
    /* The most of it that so many bytes hold, the closing NUL among them. */
    static const size_t lengths[] = {0, 0, 1, 2, 2, 4, 5, 6, 7, 8, 8, 8, 11};
    for (size_t size = 1; size < sizeof lengths / sizeof *lengths; size++) {
        char text[sizeof whole];
        cam_suggest(text, size, "", names, 2);
        ck_assert_uint_eq(strlen(text), lengths[size]);
        ck_assert_mem_eq(text, whole, lengths[size]);
    }
}
END_TEST

START_TEST(names_of_any_length_are_compared)
{
    char asked[1000], longest[1000], text[2100];
    memset(asked, 'a', sizeof asked - 1);
    memset(longest, 'b', sizeof longest - 1);
    asked[sizeof asked - 1] = longest[sizeof longest - 1] = '\0';
    const char *const names[] = {longest, "c", asked};
    cam_suggest(text, sizeof text, asked, names, 3);
    ck_assert_mem_eq(text, asked, sizeof asked - 1);
    ck_assert_ptr_nonnull(strstr(text, longest));
}
END_TEST

static Suite *labels_suite(void)
{
    Suite *suite = suite_create("labels");
    TCase *parsing = tcase_create("parsing"), *finding = tcase_create("finding");
    TCase *suggesting = tcase_create("suggesting");
    tcase_add_test(parsing, each_line_is_a_label);
    tcase_add_test(parsing, text_ends_at_its_size_and_needs_no_terminator);
    tcase_add_test(parsing, labels_outlive_the_text_they_were_read_from);
    tcase_add_test(parsing, text_without_a_label_is_refused);
    tcase_add_test(parsing, bytes_with_a_nul_are_not_text);
    tcase_add_test(parsing, label_that_is_not_utf8_is_refused_with_its_line);
    tcase_add_test(parsing, utf8_of_every_length_is_taken_as_it_is);
    tcase_add_test(parsing, sequence_that_goes_on_past_the_size_is_refused);
    tcase_add_test(parsing, byte_order_mark_is_no_part_of_the_first_label);
    tcase_add_test(parsing, freed_labels_are_empty_and_may_be_freed_again);
    tcase_add_test(finding, label_is_found_whatever_its_case_and_underscores);
    tcase_add_test(finding, part_of_a_label_or_more_than_it_is_not_that_label);
    tcase_add_test(finding, label_of_several_classes_is_refused_with_their_number_and_the_first);
    tcase_add_test(finding, unknown_label_is_refused_with_near_ones_nearest_first);
    tcase_add_test(finding, without_labels_the_message_says_so);
    tcase_add_test(suggesting, nearest_names_come_first);
    tcase_add_test(suggesting, fewer_than_three_names_are_all_given_and_none_is_said);
    tcase_add_test(suggesting, suggestions_are_cut_to_the_room_there_is);
    tcase_add_test(suggesting, suggestions_are_cut_between_characters);
    tcase_add_test(suggesting, names_of_any_length_are_compared);
    suite_add_tcase(suite, parsing);
    suite_add_tcase(suite, finding);
    suite_add_tcase(suite, suggesting);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(labels_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
