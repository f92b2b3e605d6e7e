/*
 * check_command_score.c - cameras score: a picture, a folder, grids, and what is refused
 *
 * SPDX-License-Identifier: MIT
 *
 * As in check_command.c each run starts in an empty folder beside its inputs.
 */
#include "command.h"
#include "scene.h"

#include <check.h>
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define HOW   " -m ../plain.pt --labels ../labels.txt --base 32x32 --scales 32 --steps 4 --batch 3"
#define GRID  "score --grid ../grid -m ../flatten.pt --labels ../labels.txt --base 32x32 --scales 32 --mean 0.5,0.5,0.5"
#define SCORE "score ../first.png" HOW

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static json_t *parsed(const char *text)
{
    json_error_t error;
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(document != NULL, "line %d: %s", error.line, error.text);
    return document;
}

static const json_t *at(const json_t *object, const char *key)
{
    const json_t *found = json_object_get(object, key);
    ck_assert_msg(found != NULL, "no \"%s\"", key);
    return found;
}

static const char *text_at(const json_t *object, const char *key)
{
    return json_string_value(at(object, key));
}

static void write_file(const char *name, const char *text)
{
    FILE *stream = fopen(networks_path(name), "w");
    ck_assert_ptr_nonnull(stream);
    fputs(text, stream);
    fclose(stream);
}

static void write_picture(const char *name, size_t side)
{
    cameras_image *image = wavy_picture(side, side);
    expect_ok(cameras_image_write(image, networks_path(name)));
    cameras_image_free(image);
}

/* ---- one picture ------------------------------------------------------------------------------------------------ */

START_TEST(picture_is_scored_with_every_default_reported)
{
    static const char *const keys[] = {"positive_map_density", "negative_map_density",
                                       "insertion_auc",        "deletion_auc",
                                       "average_drop",         "increase",
                                       "average_gain",         "road"};
    outcome done;
    command_run(&done, SCORE " --json");
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        ck_assert_msg(json_is_number(at(document, keys[i])), "%s is no number", keys[i]);
    ck_assert_ptr_nonnull(at(document, "adcc"));
    ck_assert_str_eq(text_at(document, "masking"), "pixels");
    ck_assert_str_eq(text_at(document, "method"), "cameras");
    ck_assert_int_eq(json_integer_value(at(document, "steps")), 4);
    ck_assert(json_is_string(at(document, "label")) && json_is_integer(at(document, "class")));
    ck_assert(json_is_real(at(document, "probability")));
    ck_assert_ptr_null(json_object_get(document, "iou"));
    ck_assert_uint_eq(json_array_size(at(document, "results")), 1);
    json_decref(document);
}
END_TEST

START_TEST(object_adds_three_scores_and_controls_add_three_rows)
{
    outcome done;
    command_run(&done, SCORE " --json --controls --box 2,3,10,10");
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    const json_t *results = at(document, "results");
    ck_assert(json_is_number(at(document, "pointing_hit")) && json_is_number(at(document, "energy")));
    ck_assert(json_is_number(at(document, "iou")));
    ck_assert_uint_eq(json_array_size(results), 4);
    ck_assert_str_eq(text_at(json_array_get(results, 1), "method"), "random");
    ck_assert_str_eq(text_at(json_array_get(results, 3), "method"), "constant");
    ck_assert(json_is_null(at(json_array_get(results, 3), "adcc")));
    json_decref(document);
}
END_TEST

/* What explain wrote is scored as what score would make: ADCC too, the method being the same. */
START_TEST(map_from_a_file_scores_as_the_one_made_here)
{
    outcome done;
    command_run(&done, SCORE " --json");
    json_t *made = parsed(done.out);
    command_run(&done, "explain ../first.png -q --map ../made.npy -m ../plain.pt --base 32x32 --scales 32");
    expect_exit(&done, 0);
    command_run(&done, SCORE " --json --map ../made.npy");
    json_t *read = parsed(done.out);
    ck_assert_str_eq(text_at(read, "map"), "../made.npy");
    for (int kind = 0; kind <= CAMERAS_SCORE_ROAD; kind++) {
        const char *key = cameras_score_name((cameras_score_kind)kind);
        ck_assert_double_eq_tol(json_number_value(at(read, key)), json_number_value(at(made, key)), 1e-6);
    }
    json_decref(read);
    json_decref(made);
}
END_TEST

START_TEST(table_has_a_row_a_map)
{
    outcome done;
    command_run(&done, SCORE " --controls");
    expect_success(&done, "");
    ck_assert_ptr_nonnull(strstr(done.out, "density+"));
    ck_assert_ptr_nonnull(strstr(done.out, "\ncameras "));
    ck_assert_ptr_nonnull(strstr(done.out, "\nrandom "));
    ck_assert_ptr_nonnull(strstr(done.out, "\nconstant "));
    ck_assert_ptr_null(strstr(done.out, "iou"));
}
END_TEST

/* ---- folders ---------------------------------------------------------------------------------------------------- */

START_TEST(folder_has_a_mean_with_an_interval_for_each_method)
{
    outcome done;
    command_run(&done, "score ../photos --methods cameras,gradcam --json --csv ../rows.csv" HOW);
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    const json_t *methods = at(document, "methods");
    ck_assert_uint_eq(json_array_size(methods), 2);
    ck_assert_uint_eq(json_array_size(at(document, "results")), 4);
    ck_assert_uint_eq(json_array_size(at(document, "failures")), 0);
    for (size_t m = 0; m < 2; m++) {
        const json_t *density = at(json_array_get(methods, m), "positive_map_density");
        const double low = json_real_value(at(density, "low")), high = json_real_value(at(density, "high"));
        const double mean = json_real_value(at(density, "mean"));
        double sum = 0.0;
        for (size_t i = 0; i < 2; i++)
            sum += json_real_value(at(json_array_get(at(document, "results"), 2 * i + m), "positive_map_density"));
        ck_assert_double_eq_tol(mean, sum / 2.0, 1e-6);
        ck_assert(low <= mean && mean <= high);
        ck_assert_int_eq(json_integer_value(at(density, "count")), 2);
    }
    json_decref(document);
}
END_TEST

START_TEST(csv_has_a_heading_and_a_row_a_picture_and_method)
{
    outcome done;
    char line[1024];
    size_t lines = 0;
    command_run(&done, "score ../photos --methods cameras,gradcam -q --csv ../rows.csv" HOW);
    expect_success(&done, "");
    FILE *stream = fopen(networks_path("rows.csv"), "r");
    ck_assert_ptr_nonnull(stream);
    for (; fgets(line, sizeof line, stream); lines++)
        if (lines == 0)
            ck_assert_msg(strncmp(line, "image,method,class,label,probability,positive_map_density,", 57) == 0, "%s",
                          line);
        else
            ck_assert_ptr_nonnull(strstr(line, lines % 2 ? "\",cameras," : "\",gradcam,"));
    fclose(stream);
    ck_assert_uint_eq(lines, 5);
}
END_TEST

START_TEST(csv_spares_files_of_similar_names)
{
    outcome done;
    char line[16] = "";
    FILE *stream = fopen(networks_path("spared.csv.partial"), "w");
    ck_assert_ptr_nonnull(stream);
    fputs("mine", stream);
    fclose(stream);
    command_run(&done, "score ../photos --methods centre -q --csv ../spared.csv" HOW);
    expect_success(&done, "");
    stream = fopen(networks_path("spared.csv.partial"), "r");
    ck_assert_ptr_nonnull(stream);
    ck_assert_ptr_nonnull(fgets(line, sizeof line, stream));
    fclose(stream);
    ck_assert_str_eq(line, "mine");
}
END_TEST

START_TEST(bad_picture_among_good_ones_is_told_and_the_others_are_scored)
{
    outcome done;
    command_run(&done, "score ../mixed --json" HOW);
    expect_exit(&done, 1);
    ck_assert_ptr_nonnull(strstr(done.err, "b_damaged.png"));
    json_t *document = parsed(done.out);
    ck_assert_uint_eq(json_array_size(at(document, "results")), 2);
    const json_t *failure = json_array_get(at(document, "failures"), 0);
    ck_assert_str_eq(text_at(failure, "image"), "../mixed/b_damaged.png");
    json_decref(document);
}
END_TEST

/* ---- grids ------------------------------------------------------------------------------------------------------ */

/* One network, four noises that it may or may not tell apart: without four classes the message says so. */
START_TEST(grid_needs_four_classes)
{
    outcome done;
    command_run(&done, "score --grid ../photos" HOW);
    expect_exit(&done, 1);
    ck_assert_ptr_nonnull(strstr(done.err, "no four are of different classes"));
}
END_TEST

/* Four colours of four classes, named after them, and a fifth picture whose name is wrong. */
START_TEST(grid_deals_labelled_pictures_and_says_which_it_left_out)
{
    outcome done;
    command_run(&done, GRID " --std 0.1,0.1,0.1 --methods constant,gradcam --json");
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    ck_assert_int_eq(json_integer_value(at(document, "grids")), 1);
    ck_assert_uint_eq(json_array_size(at(document, "results")), 2);
    const json_t *left_out = json_array_get(at(document, "left_out"), 0);
    ck_assert_str_eq(text_at(left_out, "image"), "../grid/four/z.png");
    const json_t *share = at(json_array_get(at(document, "methods"), 0), "share");
    ck_assert_double_eq_tol(json_real_value(at(share, "mean")), 0.25, 1e-6);
    json_decref(document);
}
END_TEST

/* ---- refusals --------------------------------------------------------------------------------------------------- */

static const refusal refusals[] = {
    {"score", 2, "no picture or folder given"},
    {"score ../first.png ../second.png", 2, "one picture or one folder"},
    {SCORE " --map ../small.npy", 1, "neither the base image's 32 x 32 nor the image's 40 x 40"},
    {SCORE " --map ../missing.npy", 1, "missing.npy"},
    {"score ../odd --json -m ../missing.pt", 1, "UTF-8"},
    {"score ../odd/bad\xff.png --json -m ../missing.pt", 1, "UTF-8"},
    {"score --grid ../odd --json -m ../missing.pt", 1, "UTF-8"},
    {SCORE " --mask ../black.png", 1, "black throughout"},
    {SCORE " --mask ../photos/x_one.png", 1, "36 x 36, the image 40 x 40"},
    {SCORE " --box 40,0,3,3", 1, "none in a picture of 40 x 40"},
    {SCORE " --box 1,2,3", 2, "four numbers"},
    {SCORE " --box 1,2,3,4 --mask ../black.png", 2, "both say where the object is"},
    {SCORE " --methods cameras,magic", 2, "magic"},
    {SCORE " --steps 0", 2, "at least 1"},
    {SCORE " --masking black", 2, "not one of pixels, normalised"},
    {SCORE " -c 0 -c 1", 2, "one class"},
    {SCORE " -c 77", 1, "77"},
    {SCORE " --grid", 2, "--grid takes a folder"},
    {SCORE " --csv ../none/rows.csv", 1, "rows.csv"},
    {"score ../photos --box 1,2,3,4" HOW, 2, "belong to one picture"},
    {"score ../bare" HOW, 1, "no picture in it"},
    {"score ../nowhere" HOW, 1, "nowhere"},
};

START_TEST(bad_line_is_refused)
{
    expect_run_refused(&refusals[_i]);
}
END_TEST

/* ---- running ---------------------------------------------------------------------------------------------------- */

static void make_maps(void)
{
    static const float values[9] = {0.0f, 1.0f, 0.5f};
    static const uint8_t black[40 * 40] = {0};
    cameras_map *map = NULL;
    cameras_image *image = NULL;
    expect_ok(cameras_map_new(&map, values, 3, 3));
    expect_ok(cameras_map_write(map, networks_path("small.npy")));
    expect_ok(cameras_image_new(&image, black, 40, 40, 0, CAMERAS_GRAY8));
    expect_ok(cameras_image_write(image, networks_path("black.png")));
    cameras_image_free(image);
    cameras_map_free(map);
}

static cameras_image *colour_picture(unsigned number)
{
    const uint8_t pixel[3] = {(uint8_t)(85 * (number % 4)), (uint8_t)(85 * (number / 4 % 4)),
                              (uint8_t)(85 * (number / 16))};
    cameras_image *image = NULL;
    expect_ok(cameras_image_new(&image, pixel, 1, 1, 0, CAMERAS_RGB8));
    return image;
}

static size_t top1(cameras_model *model, const cameras_image *image)
{
    float logits[NETWORK_CLASSES];
    size_t best = 0;
    expect_ok(cameras_classify(logits, NULL, NETWORK_CLASSES, model, image, NULL));
    for (size_t i = 1; i < NETWORK_CLASSES; i++)
        best = logits[i] > logits[best] ? i : best;
    return best;
}

/* Four colours that the network tells apart; which they are is found by asking it. */
static void make_grid_pictures(void)
{
    static const char *const labels[NETWORK_CLASSES] = {"zero", "one", "two", "three, or so", "four"};
    static const float mean[3] = {0.5f, 0.5f, 0.5f}, std[3] = {0.1f, 0.1f, 0.1f};
    int seen[NETWORK_CLASSES] = {0};
    char name[64];
    size_t found = 0;
    cameras_model *model = open_network(NETWORK_FLATTEN);
    expect_ok(cameras_model_set_base_size(model, 32, 32));
    expect_ok(cameras_model_set_normalisation(model, mean, std, 3));
    for (unsigned i = 0; i < 64 && found < 4; i++) {
        cameras_image *image = colour_picture(i);
        const size_t class_index = top1(model, image);
        snprintf(name, sizeof name, "grid/n0%u_%s.png", i, labels[class_index]);
        if (!seen[class_index]++) {
            expect_ok(cameras_image_write(image, networks_path(name)));
            found++;
        }
        snprintf(name, sizeof name, "grid/four/z.png");
        if (found == 1 && class_index != 4)
            expect_ok(cameras_image_write(image, networks_path(name)));
        cameras_image_free(image);
    }
    if (found < 4) {
        fprintf(stderr, "only %zu classes among 64 colours\n", found);
        abort();
    }
    cameras_model_close(model);
}

static void make_inputs(void)
{
    static const char *const folders[] = {"photos", "mixed", "bare", "grid", "grid/four", "odd"};
    network_file(NETWORK_PLAIN);
    write_file("labels.txt", "zero\none\ntwo\nthree, or so\nfour\n");
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++)
        mkdir(networks_path(folders[i]), 0700);
    write_picture("first.png", 40);
    write_picture("second.png", 48);
    write_picture("photos/x_one.png", 36);
    write_picture("photos/y_two.png", 44);
    write_picture("mixed/a.png", 36);
    write_file("mixed/b_damaged.png", "not a picture");
    write_picture("mixed/c.png", 44);
    write_file("bare/notes.txt", "nothing to see");
    write_picture("odd/bad\xff.png", 36);
    make_maps();
    make_grid_pictures();
}

static void open_inputs(void)
{
    networks_open();
    command_open();
    make_inputs();
}

int main(void)
{
    Suite *suite = suite_create("command score");
    TCase *cases = tcase_create("score");
    tcase_set_timeout(cases, 300);
    tcase_add_unchecked_fixture(cases, open_inputs, networks_close);
    tcase_add_test(cases, picture_is_scored_with_every_default_reported);
    tcase_add_test(cases, object_adds_three_scores_and_controls_add_three_rows);
    tcase_add_test(cases, map_from_a_file_scores_as_the_one_made_here);
    tcase_add_test(cases, table_has_a_row_a_map);
    tcase_add_test(cases, folder_has_a_mean_with_an_interval_for_each_method);
    tcase_add_test(cases, csv_has_a_heading_and_a_row_a_picture_and_method);
    tcase_add_test(cases, csv_spares_files_of_similar_names);
    tcase_add_test(cases, bad_picture_among_good_ones_is_told_and_the_others_are_scored);
    tcase_add_test(cases, grid_needs_four_classes);
    tcase_add_test(cases, grid_deals_labelled_pictures_and_says_which_it_left_out);
    tcase_add_loop_test(cases, bad_line_is_refused, 0, (int)(sizeof refusals / sizeof *refusals));
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
