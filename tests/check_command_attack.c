/*
 * check_command_attack.c - cameras attack, run as a person would run it
 *
 * SPDX-License-Identifier: MIT
 */
#include "command.h"
#include "scene.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The small network is sure of nothing: it is asked for little, in few steps. */
#define ATTACK "attack ../picture.png -m ../rectified.pt --base 32x32 --scales 32,40 --labels ../labels.txt"
#define SHORT  ATTACK " --steps 4"

enum {
    SIDE = 32,
    GAP = 8,
    NPY_HEADER = 128
};

static void put_inputs(void)
{
    static const char labels[] = "tabby cat\ntoaster\ncrane\nlemon\nviolin\n";
    cameras_image *image = wavy_picture(SIDE, SIDE);
    command_open();
    network_file(NETWORK_RECTIFIED);
    expect_ok(cameras_image_write(image, networks_path("picture.png")));
    cameras_image_free(image);
    FILE *stream = fopen(networks_path("labels.txt"), "wb");
    ck_assert_ptr_nonnull(stream);
    fputs(labels, stream);
    fclose(stream);
}

static json_t *run_json(const char *line)
{
    static outcome done;
    command_run(&done, line);
    expect_success(&done, "");
    json_t *document = json_loads(done.out, 0, NULL);
    ck_assert_msg(document != NULL, "%s", done.out);
    return document;
}

static double number(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    ck_assert_msg(json_is_number(value), "no number %s", key);
    return json_number_value(value);
}

static void expect_parts_to_add_up(const json_t *kind)
{
    const json_t *inside = json_object_get(kind, "inside"), *outside = json_object_get(kind, "outside");
    ck_assert_double_eq(number(inside, "l0") + number(outside, "l0"), number(kind, "l0"));
    ck_assert_double_eq_tol(number(inside, "l1") + number(outside, "l1"), number(kind, "l1"), 1e-6);
    ck_assert_double_eq_tol(hypot(number(inside, "l2"), number(outside, "l2")), number(kind, "l2"), 1e-6);
    ck_assert_double_eq(fmax(number(inside, "linf"), number(outside, "linf")), number(kind, "linf"));
}

/* ---- what it reports -------------------------------------------------------------------------------------------- */

START_TEST(document_has_both_attacks_and_their_norms)
{
    static const char *const kinds[] = {"guided", "plain"};
    json_t *document = run_json(SHORT " --json");
    const json_t *target = json_object_get(document, "target");
    ck_assert(json_is_integer(target) && json_integer_value(target) != (json_int_t)number(document, "class"));
    ck_assert(json_is_string(json_object_get(document, "target_label")));
    ck_assert(json_is_null(json_object_get(document, "reduction")));
    for (size_t i = 0; i < 2; i++) {
        const json_t *kind = json_object_get(document, kinds[i]);
        ck_assert(json_is_false(json_object_get(kind, "succeeded")));
        ck_assert_double_eq(number(kind, "steps"), 4.0);
        ck_assert_double_le(number(kind, "linf"), 12.0 / 255.0 + 1e-6);
        expect_parts_to_add_up(kind);
    }
    json_decref(document);
}
END_TEST

START_TEST(epsilon_may_be_a_fraction_or_a_number)
{
    json_t *fraction = run_json(SHORT " --epsilon 3/12 --json"), *decimal = run_json(SHORT " --epsilon .25 --json");
    ck_assert(json_equal(fraction, decimal));
    ck_assert_double_gt(number(json_object_get(decimal, "plain"), "linf"), 12.0 / 255.0);
    json_decref(decimal);
    json_decref(fraction);
}
END_TEST

START_TEST(target_may_be_named_by_its_label)
{
    json_t *first = run_json(SHORT " --json");
    const char *name = json_string_value(json_object_get(first, "target_label"));
    char line[512];
    snprintf(line, sizeof line, SHORT " --json --target %s", strcmp(name, "tabby cat") ? name : "tabby_cat");
    json_t *second = run_json(line);
    ck_assert(json_equal(first, second));
    json_decref(second);
    json_decref(first);
}
END_TEST

START_TEST(summary_has_a_row_for_each_attack)
{
    outcome done;
    command_run(&done, SHORT);
    expect_success(&done, "");
    ck_assert_ptr_nonnull(strstr(done.out, "\nguided  no"));
    ck_assert_ptr_nonnull(strstr(done.out, "\nplain   no"));
    ck_assert_ptr_nonnull(strstr(done.out, " to be seen as "));
    command_run(&done, SHORT " -q");
    expect_success(&done, "");
    ck_assert_str_eq(done.out, "");
}
END_TEST

/* ---- what it writes --------------------------------------------------------------------------------------------- */

START_TEST(picture_shows_image_change_and_attacked_image_in_a_row)
{
    outcome done;
    static uint8_t sheet[3 * SIDE * (3 * SIDE + 2 * GAP)], clean[3 * SIDE * SIDE];
    cameras_image *picture = NULL, *image = NULL;
    command_run(&done, SHORT " -q -o out.png");
    expect_success(&done, "out.png ");
    expect_ok(cameras_image_read(&picture, command_path("out.png"), NULL));
    expect_ok(cameras_image_read(&image, networks_path("picture.png"), NULL));
    ck_assert_uint_eq(cameras_image_width(picture), 3 * SIDE + 2 * GAP);
    ck_assert_uint_eq(cameras_image_height(picture), SIDE);
    expect_ok(cameras_image_pixels(sheet, 0, picture));
    expect_ok(cameras_image_pixels(clean, 0, image));
    for (size_t y = 0; y < SIDE; y++)
        for (size_t x = 0; x < 3 * SIDE; x++)
            ck_assert_int_le(abs(sheet[y * 3 * (3 * SIDE + 2 * GAP) + x] - clean[y * 3 * SIDE + x]), 1);
    cameras_image_free(image);
    cameras_image_free(picture);
}
END_TEST

START_TEST(perturbation_is_written_as_planes_of_floats)
{
    outcome done;
    static unsigned char bytes[NPY_HEADER + 3 * SIDE * SIDE * sizeof(float) + 1];
    command_run(&done, SHORT " -q --perturbation p.npy");
    expect_success(&done, "p.npy ");
    FILE *stream = fopen(command_path("p.npy"), "rb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fread(bytes, 1, sizeof bytes, stream), sizeof bytes - 1);
    fclose(stream);
    ck_assert_mem_eq(bytes, "\x93NUMPY\x01\x00\x76\x00", 10);
    ck_assert_ptr_nonnull(strstr((const char *)bytes + 10, "'shape': (3, 32, 32)"));
}
END_TEST

/* ---- refusals --------------------------------------------------------------------------------------------------- */

static const refusal refusals[] = {
    {"attack", 2, "no image given"},
    {"attack a.png b.png", 2, "more than one image"},
    {ATTACK " -c 1 -c 2", 2, "more than one class"},
    {ATTACK " --epsilon 0", 2, "attack epsilon"},
    {ATTACK " --epsilon 300/255", 2, "attack epsilon"},
    {ATTACK " --epsilon 12/0", 2, "--epsilon 12/0"},
    {ATTACK " --epsilon -1", 2, "--epsilon -1"},
    {ATTACK " --epsilon 12/", 2, "--epsilon 12/"},
    {ATTACK " --epsilon 1e308/1e-308", 2, "--epsilon 1e308/1e-308: a number"},
    {ATTACK " --beta words", 2, "--beta words"},
    {ATTACK " --beta 1e9", 2, "attack beta"},
    {ATTACK " --steps 0", 2, "--steps 0"},
    {ATTACK " --steps 100001", 2, "100001"},
    {ATTACK " --confidence 1.5", 2, "attack confidence"},
    {ATTACK " --step-rule newton", 2, "newton"},
    {ATTACK " --map m.npy", 2, "--map"},
    {ATTACK " -o out.png --perturbation out.png", 2, "both name"},
    {ATTACK " -o missing/out.png", 1, "missing/out.png"},
    {ATTACK " -o ../picture.png", 1, "picture.png"},
    {ATTACK " -o out.gif", 1, "out.gif"},
    {ATTACK " --target 5", 1, "no class 5"},
    {ATTACK " --target lemmon", 1, "lemmon"},
    {ATTACK " --preset slow", 2, "slow"},
    {"attack ../missing.png -m ../rectified.pt", 1, "../missing.png"},
};

START_TEST(what_cannot_be_done_is_refused_and_nothing_is_left)
{
    expect_run_refused(&refusals[_i]);
}
END_TEST

START_TEST(class_that_is_seen_already_is_refused_as_a_target)
{
    char line[512];
    json_t *document = run_json(SHORT " --json");
    snprintf(line, sizeof line, SHORT " --target %d", (int)number(document, "class"));
    json_decref(document);
    expect_run_refused(&(refusal){line, 1, "already"});
}
END_TEST

START_TEST(help_tells_of_it)
{
    outcome done;
    command_run(&done, "help attack");
    expect_success(&done, "");
    ck_assert_ptr_nonnull(strstr(done.out, "usage: cameras attack IMAGE"));
    command_run(&done, "attack --help");
    expect_success(&done, "");
    ck_assert_ptr_nonnull(strstr(done.out, "least-likely"));
}
END_TEST

static Suite *attack_suite(void)
{
    Suite *suite = suite_create("command attack");
    TCase *cases = tcase_create("attack");
    tcase_add_unchecked_fixture(cases, put_inputs, NULL);
    tcase_set_timeout(cases, 300);
    tcase_add_test(cases, document_has_both_attacks_and_their_norms);
    tcase_add_test(cases, epsilon_may_be_a_fraction_or_a_number);
    tcase_add_test(cases, target_may_be_named_by_its_label);
    tcase_add_test(cases, summary_has_a_row_for_each_attack);
    tcase_add_test(cases, picture_shows_image_change_and_attacked_image_in_a_row);
    tcase_add_test(cases, perturbation_is_written_as_planes_of_floats);
    tcase_add_loop_test(cases, what_cannot_be_done_is_refused_and_nothing_is_left, 0,
                        sizeof refusals / sizeof *refusals);
    tcase_add_test(cases, class_that_is_seen_already_is_refused_as_a_target);
    tcase_add_test(cases, help_tells_of_it);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(attack_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
