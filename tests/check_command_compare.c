/*
 * check_command_compare.c - cameras compare and cameras sanity, run as a person would run them
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

#define HOW     " --base 32x32 --scales 32,40"
#define TWO     "compare ../picture.png -m ../plain.pt -m ../rectified.pt" HOW
#define CLASSES "compare ../picture.png -m ../plain.pt -c 1 -c 3" HOW
#define SANITY  "sanity ../picture.png -m ../rectified.pt --stages 2" HOW
#define LABELS  " --labels ../labels.txt"

enum {
    PICTURE_WIDTH = 96,
    PICTURE_HEIGHT = 64,
    GAP = 8,
    CAPTION_HEIGHT = 3 * 13
};

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static json_t *parsed(const char *text)
{
    json_error_t error;
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(document != NULL, "line %d: %s", error.line, error.text);
    return document;
}

/* A picture of so many captioned pictures across and down. */
static void expect_panel(const char *name, size_t across, size_t down)
{
    cameras_image *image = NULL;
    ck_assert_msg(cameras_image_read(&image, command_path(name), NULL) == CAMERAS_OK, "%s", cameras_last_error());
    ck_assert_uint_eq(cameras_image_width(image), across * (PICTURE_WIDTH + GAP) - GAP);
    ck_assert_uint_eq(cameras_image_height(image), down * (PICTURE_HEIGHT + CAPTION_HEIGHT + GAP) - GAP);
    cameras_image_free(image);
}

static const char *text_of(const json_t *object, const char *key)
{
    return json_string_value(json_object_get(object, key));
}

static json_int_t number_of(const json_t *object, const char *key)
{
    return json_integer_value(json_object_get(object, key));
}

static void expect_within(const json_t *object, const char *key, double least, double most)
{
    const double value = json_number_value(json_object_get(object, key));
    ck_assert_msg(json_is_number(json_object_get(object, key)) && value >= least && value <= most, "%s: %g", key,
                  value);
}

/* ---- compare ---------------------------------------------------------------------------------------------------- */

START_TEST(models_are_compared_pair_by_pair)
{
    outcome done;
    command_run(&done, TWO " -m ../plain.pt --json" LABELS);
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    const json_t *maps = json_object_get(document, "maps"), *pairs = json_object_get(document, "pairs");
    ck_assert_str_eq(text_of(document, "compared"), "models");
    ck_assert_uint_eq(json_array_size(maps), 3);
    ck_assert_uint_eq(json_array_size(pairs), 3);
    ck_assert_str_eq(text_of(json_array_get(maps, 1), "model"), "../rectified.pt");
    ck_assert(json_is_string(json_object_get(json_array_get(maps, 2), "label")));
    for (size_t i = 0; i < 3; i++) {
        expect_within(json_array_get(maps, i), "probability", 0.0, 1.0);
        expect_within(json_array_get(pairs, i), "spearman", -1.0, 1.0);
        expect_within(json_array_get(pairs, i), "overlap", 0.0, 1.0);
    }
    /* The first and the last are one model. */
    const json_t *same = json_array_get(pairs, 1);
    ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(same, "maps"), 1)), 2);
    expect_within(same, "spearman", 1.0 - 1e-12, 1.0);
    expect_within(same, "overlap", 1.0, 1.0);
    ck_assert(json_is_null(json_object_get(document, "panel")));
    json_decref(document);
}
END_TEST

START_TEST(panel_goes_to_the_current_folder_where_no_output_is_named)
{
    outcome done;
    command_run(&done, TWO);
    expect_success(&done, "picture.compare.png ");
    expect_panel("picture.compare.png", 3, 1);
    ck_assert_ptr_nonnull(strstr(done.out, "0 and 1: Spearman "));
    ck_assert_ptr_nonnull(strstr(done.out, "panel picture.compare.png"));
}
END_TEST

START_TEST(two_classes_get_their_difference_too)
{
    outcome done;
    command_run(&done, CLASSES " -o panel.png --json" LABELS);
    expect_success(&done, "panel.png ");
    expect_panel("panel.png", 2, 2);
    json_t *document = parsed(done.out);
    const json_t *maps = json_object_get(document, "maps");
    ck_assert_str_eq(text_of(document, "compared"), "classes");
    ck_assert_str_eq(text_of(document, "panel"), "panel.png");
    ck_assert_uint_eq(json_array_size(maps), 2);
    ck_assert_int_eq(number_of(json_array_get(maps, 0), "class"), 1);
    ck_assert_str_eq(text_of(json_array_get(maps, 1), "label"), "lemon");
    ck_assert_uint_eq(json_array_size(json_object_get(document, "pairs")), 1);
    json_decref(document);
}
END_TEST

START_TEST(models_may_have_labels_and_base_images_of_their_own)
{
    outcome done;
    command_run(&done, "compare ../picture.png -m ../plain.pt -m ../rectified.pt --base 32x32 --base 48 --scales 48 "
                       "--labels ../labels.txt --labels ../others.txt -c lemon --json");
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    const json_t *maps = json_object_get(document, "maps");
    ck_assert_int_eq(number_of(json_array_get(maps, 0), "class"), 3);
    ck_assert_int_eq(number_of(json_array_get(maps, 1), "class"), 0);
    for (size_t i = 0; i < 2; i++)
        ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(json_array_get(maps, i), "size"), 0)),
                         PICTURE_WIDTH);
    json_decref(document);
}
END_TEST

START_TEST(a_flat_map_is_compared_all_the_same)
{
    outcome done;
    command_run(&done, "compare ../picture.png -m ../plain.pt -m ../silent.pt --json" HOW);
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    const json_t *pair = json_array_get(json_object_get(document, "pairs"), 0);
    ck_assert(json_is_null(json_object_get(pair, "spearman")));
    expect_within(pair, "overlap", 0.0, 0.0);
    json_decref(document);
}
END_TEST

static const refusal bad_comparisons[] = {
    {"compare", 2, "no image"},
    {"compare ../picture.png", 2, "two models or more"},
    {"compare ../picture.png -m ../plain.pt -c 1", 2, "two classes of one model"},
    {"compare ../picture.png -m ../plain.pt -c 1 -c 2 -c 3", 2, "two classes of one model"},
    {"compare ../picture.png ../picture.png -c 1 -c 2", 2, "one image"},
    {TWO " -c 1 -c 2", 2, "one class can be compared, not 2"},
    {TWO " -l conv -l stem", 2, "one layer"},
    {TWO " -m ../plain.pt" LABELS LABELS, 2, "--labels given 2 times for 3 models"},
    {TWO " -m ../plain.pt --base 32", 2, "--base given 2 times for 3 models"},
    {TWO " --base none", 2, "--base none"},
    {TWO " --map map.npy", 2, "--map"},
    {TWO " --frob", 2, "--frob is not known"},
    {TWO " -m ../missing.pt", 1, "No such file"},
    {TWO " -o none/panel.png", 1, "No such file"},
    {TWO " -o panel.tiff", 1, "panel.tiff"},
    {TWO " -o ../picture.png", 1, "it is a picture to explain"},
    {TWO " -c 5", 1, "0 to 4"},
    {CLASSES " -c 1 -c 1 -c 9", 2, "two classes of one model"},
    {"compare ../picture.png -m ../plain.pt -c 3 -c lemon" LABELS HOW, 2, "both classes are 3"},
    {"compare ../missing.png -c 1 -c 2", 1, "No such file"},
};

START_TEST(bad_comparison_is_refused_and_nothing_is_left)
{
    expect_run_refused(&bad_comparisons[_i]);
}
END_TEST

/* ---- sanity ----------------------------------------------------------------------------------------------------- */

START_TEST(a_failing_verdict_has_an_exit_status_of_its_own)
{
    outcome done;
    command_run(&done, SANITY " --method centre");
    expect_exit(&done, 3);
    ck_assert_str_eq(done.err, "");
    ck_assert_str_eq(done.left, "");
    ck_assert_ptr_nonnull(strstr(done.out, "\nfail: the map does not depend on what the model has learnt"));
    command_run(&done, SANITY " --method centre -q");
    expect_exit(&done, 3);
    ck_assert_str_eq(done.out, "");
}
END_TEST

START_TEST(sanity_is_one_document_with_everything_in_it)
{
    outcome done;
    command_run(&done, SANITY " --method random --seed 5 --json -o sheet.png" LABELS);
    expect_exit(&done, 3);
    ck_assert_str_eq(done.left, "sheet.png ");
    expect_panel("sheet.png", 2, 2);
    json_t *document = parsed(done.out);
    const json_t *cascade = json_object_get(document, "cascade");
    ck_assert_uint_eq(json_array_size(cascade), 2);
    ck_assert_str_eq(text_of(json_array_get(cascade, 1), "layer"), "stem");
    expect_within(json_array_get(cascade, 0), "spearman", 1.0 - 1e-12, 1.0);
    expect_within(json_array_get(cascade, 0), "ssim", 1.0 - 1e-12, 1.0);
    expect_within(json_object_get(document, "adversarial"), "score", -1.0, 1.0);
    expect_within(json_object_get(document, "adversarial"), "chance", -1.0, 1.0);
    expect_within(json_object_get(document, "adversarial"), "spearman", -1.0, 1.0);
    expect_within(document, "class_sensitivity", 0.0, 1.0);
    expect_within(document, "threshold", 0.5, 0.5);
    ck_assert_int_eq(number_of(document, "seed"), 5);
    ck_assert_str_eq(text_of(document, "verdict"), "fail");
    ck_assert_ptr_nonnull(strstr(text_of(document, "why"), "1.000, above 0.5"));
    ck_assert_str_eq(text_of(json_object_get(document, "original"), "method"), "random");
    json_decref(document);
}
END_TEST

START_TEST(a_passing_verdict_is_success)
{
    outcome done;
    command_run(&done, "sanity ../scene.png --scales 224 --stages 2");
    expect_success(&done, "");
    ck_assert_ptr_nonnull(strstr(done.out, "\npass: the map depends on the model and on the class"));
}
END_TEST

static const refusal bad_checks[] = {
    {"sanity", 2, "no image"},
    {"sanity ../picture.png ../picture.png", 2, "one image"},
    {SANITY " -c 1 -c 2", 2, "one class and one layer"},
    {SANITY " --stages some", 2, "--stages some"},
    {SANITY " --threshold 0", 2, "sanity threshold"},
    {SANITY " --threshold 1.5", 2, "sanity threshold"},
    {SANITY " --threshold x", 2, "--threshold x"},
    {SANITY " --method guess", 2, "not one of cameras"},
    {SANITY " -o none/sheet.png", 1, "No such file"},
    {SANITY " -o sheet.tiff", 1, "sheet.tiff"},
    {SANITY " -o ../picture.png", 1, "it is a picture to explain"},
    {SANITY " -c 5", 1, "0 to 4"},
    {"sanity ../picture.png -m ../bare.pt --base 32", 1, "two layers with parameters"},
    {"sanity ../missing.png", 1, "No such file"},
};

START_TEST(bad_check_is_refused_and_nothing_is_left)
{
    expect_run_refused(&bad_checks[_i]);
}
END_TEST

START_TEST(help_tells_of_both)
{
    outcome done;
    command_run(&done, "help compare");
    expect_success(&done, "");
    ck_assert_ptr_nonnull(strstr(done.out, "usage: cameras compare IMAGE"));
    command_run(&done, "sanity --help");
    expect_success(&done, "");
    ck_assert_ptr_nonnull(strstr(done.out, "usage: cameras sanity IMAGE"));
}
END_TEST

/* ---- suite ------------------------------------------------------------------------------------------------------ */

static void put_picture(cameras_image *image, const char *name)
{
    if (!image || cameras_image_write(image, networks_path(name)) != CAMERAS_OK)
        abort();
    cameras_image_free(image);
}

/* Once for all tests. */
static void put_inputs(void)
{
    static const network needed[] = {NETWORK_PLAIN, NETWORK_RECTIFIED, NETWORK_SILENT, NETWORK_BARE};
    static int done;
    cameras_image *demo = NULL;
    if (done++)
        return;
    command_open();
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        network_file(needed[i]);
    command_put_text("labels.txt", "tabby cat\ntoaster\ncrane\nlemon\nviolin\n");
    command_put_text("others.txt", "lemon\ntoaster\ncrane\ntabby cat\nviolin\n");
    put_picture(wavy_picture(PICTURE_WIDTH, PICTURE_HEIGHT), "picture.png");
    if (cameras_image_read(&demo, "src/demo/scene.png", NULL) == CAMERAS_OK)
        put_picture(demo, "scene.png");
}

#define COUNT(table) ((int)(sizeof(table) / sizeof *(table)))

static Suite *compare_suite(void)
{
    Suite *suite = suite_create("compare");
    TCase *cases = tcase_create("compare");
    tcase_add_unchecked_fixture(cases, put_inputs, NULL);
    tcase_add_checked_fixture(cases, command_clear, command_clear);
    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, models_are_compared_pair_by_pair);
    tcase_add_test(cases, panel_goes_to_the_current_folder_where_no_output_is_named);
    tcase_add_test(cases, two_classes_get_their_difference_too);
    tcase_add_test(cases, models_may_have_labels_and_base_images_of_their_own);
    tcase_add_test(cases, a_flat_map_is_compared_all_the_same);
    tcase_add_loop_test(cases, bad_comparison_is_refused_and_nothing_is_left, 0, COUNT(bad_comparisons));
    tcase_add_test(cases, a_failing_verdict_has_an_exit_status_of_its_own);
    tcase_add_test(cases, sanity_is_one_document_with_everything_in_it);
    tcase_add_test(cases, a_passing_verdict_is_success);
    tcase_add_loop_test(cases, bad_check_is_refused_and_nothing_is_left, 0, COUNT(bad_checks));
    tcase_add_test(cases, help_tells_of_both);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(compare_suite());
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
