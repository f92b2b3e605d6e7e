/*
 * check_command.c - the cameras command, run as a person would run it
 *
 * SPDX-License-Identifier: MIT
 *
 * Each run starts in an empty folder, beside the folder of its inputs: so ../picture.png is the picture, and whatever
 * a run leaves behind shows. The command is build/cameras, or what CAMERAS_COMMAND names.
 */
#include "command.h"
#include "processor.h"
#include "scene.h"

#include <check.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What most lines share: a network that takes any size, shown small pictures only. */
#define NETWORK " -m ../plain.pt --base 32x32"
#define SCALES  " --scales 32,40"
#define EXPLAIN "explain ../picture.png" NETWORK SCALES

enum {
    PICTURE_WIDTH = 96,
    PICTURE_HEIGHT = 64
};

/* ---- help and version ------------------------------------------------------------------------------------------- */

static const struct {
    const char *line, *says;
} spoken[] = {
    {"help", "usage: cameras VERB"},
    {"--help", "usage: cameras VERB"},
    {"-h", "usage: cameras VERB"},
    {"help explain", "--scales"},
    {"explain --help", "usage: cameras explain IMAGE..."},
    {"explain -h", "usage: cameras explain IMAGE..."},
    {"help classify", "--top"},
    {"classify --help", "usage: cameras classify IMAGE"},
    {"help layers", "usage: cameras layers"},
    {"layers --help", "usage: cameras layers"},
    {"version", "cameras " CAMERAS_VERSION_STRING},
    {"--version", "LibTorch"},
    {"-V", "libcameras " CAMERAS_VERSION_STRING},
};

START_TEST(help_and_version_go_to_standard_output)
{
    outcome done;
    command_run(&done, spoken[_i].line);
    expect_success(&done, "");
    ck_assert_msg(strstr(done.out, spoken[_i].says) != NULL, "%s", done.out);
}
END_TEST

/* ---- explain ---------------------------------------------------------------------------------------------------- */

static void expect_picture(const char *name, size_t width, size_t height)
{
    cameras_image *image = NULL;
    expect_ok(cameras_image_read(&image, command_path(name), NULL));
    ck_assert_uint_eq(cameras_image_width(image), width);
    ck_assert_uint_eq(cameras_image_height(image), height);
    cameras_image_free(image);
}

/* Whether the first bytes of a file, as a text, hold part. */
static int begins_with(const char *name, const char *part)
{
    char text[200] = "";
    FILE *stream = fopen(command_path(name), "rb");
    ck_assert_ptr_nonnull(stream);
    const size_t size = fread(text, 1, sizeof text - 1, stream);
    fclose(stream);
    return memmem(text, size, part, strlen(part)) != NULL;
}

START_TEST(overlay_has_the_pictures_size)
{
    outcome done;
    command_run(&done, EXPLAIN " -o out.png");
    expect_success(&done, "out.png ");
    expect_picture("out.png", PICTURE_WIDTH, PICTURE_HEIGHT);
    ck_assert_ptr_nonnull(strstr(done.out, "layer conv"));
    ck_assert_ptr_nonnull(strstr(done.out, "out.png"));
}
END_TEST

START_TEST(overlay_goes_to_the_current_folder_where_no_output_is_named)
{
    outcome done;
    command_run(&done, EXPLAIN);
    expect_success(&done, "picture.cameras.png ");
    expect_picture("picture.cameras.png", PICTURE_WIDTH, PICTURE_HEIGHT);
}
END_TEST

START_TEST(overlay_may_be_a_jpeg)
{
    outcome done;
    command_run(&done, EXPLAIN " -o out.jpg -q --colormap jet --opacity 1");
    expect_success(&done, "out.jpg ");
    ck_assert(begins_with("out.jpg", "\xff\xd8\xff"));
    expect_picture("out.jpg", PICTURE_WIDTH, PICTURE_HEIGHT);
    ck_assert_str_eq(done.out, "");
}
END_TEST

START_TEST(map_is_written_as_npy_or_png_of_the_base_size)
{
    outcome done;
    command_run(&done, EXPLAIN " --map map.npy");
    expect_success(&done, "map.npy ");
    ck_assert(begins_with("map.npy", "'shape': (32, 32)"));
    command_run(&done, EXPLAIN " --map map.png");
    expect_success(&done, "map.png ");
    expect_picture("map.png", 32, 32);
}
END_TEST

START_TEST(map_may_have_the_pictures_size)
{
    outcome done;
    command_run(&done, EXPLAIN " --map map.npy --map-size image");
    expect_success(&done, "map.npy ");
    ck_assert(begins_with("map.npy", "'shape': (64, 96)"));
}
END_TEST

START_TEST(several_classes_and_layers_go_to_files_of_their_own)
{
    outcome done;
    command_run(&done, EXPLAIN " -c 1 -c Tabby_Cat --labels ../labels.txt -o out.png --map map.npy");
    expect_success(&done, "map.0.npy map.1.npy out.0.png out.1.png ");
    command_run(&done, EXPLAIN " -l stem -l conv --map map.npy");
    expect_success(&done, "map.conv.npy map.stem.npy ");
}
END_TEST

START_TEST(every_way_to_explain_is_understood)
{
    outcome done;
    command_run(&done, "explain ../picture.png -m ../fickle.pt --base 32 --scales 32,48 --gate on --source original "
                       "--threads 1 --precision fp32 --memory-limit 2G --mean 0.5,0.5,0.5 --std 0.5,0.5,0.5 --bgr "
                       "--max-pixels 6144 --max-file-bytes 1M --map map.npy");
    expect_success(&done, "map.npy ");
    ck_assert(begins_with("map.npy", "'shape': (32, 48)"));
    ck_assert_ptr_nonnull(strstr(done.out, "1 of 2 scales"));
    ck_assert_ptr_nonnull(strstr(done.out, "dropped: top-1 is 1"));
    command_run(&done, "explain ../picture.png --preset fast -m ../plain.pt --base 32x32 --map map.npy");
    expect_success(&done, "map.npy ");
    ck_assert_ptr_nonnull(strstr(done.out, "of 3 scales"));
}
END_TEST

START_TEST(other_methods_and_controls_can_be_asked_for)
{
    outcome done;
    command_run(&done, EXPLAIN " --method gradcam++ --map map.npy");
    expect_success(&done, "map.npy ");
    ck_assert_ptr_nonnull(strstr(done.out, "gradcam++, layer conv"));
    command_run(&done, EXPLAIN " --method random --seed 18446744073709551615 --map map.npy");
    expect_success(&done, "map.npy ");
    ck_assert_ptr_nonnull(strstr(done.out, "random control"));
    ck_assert_ptr_null(strstr(done.out, "scales"));
    command_run(&done, EXPLAIN " --method constant -o out.png");
    expect_success(&done, "out.png ");
}
END_TEST

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

/* The only document that a run printed. */
static json_t *parsed(const char *text)
{
    json_error_t error;
    json_t *document = json_loads(text, JSON_REJECT_DUPLICATES, &error);
    ck_assert_msg(document != NULL, "line %d: %s", error.line, error.text);
    return document;
}

static void expect_scale(const json_t *scale, json_int_t side)
{
    ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(scale, "size"), 0)), side);
    ck_assert_int_eq(json_integer_value(json_array_get(json_object_get(scale, "size"), 1)), side);
    ck_assert(json_is_integer(json_object_get(scale, "top1")));
    ck_assert(json_is_real(json_object_get(scale, "top1_probability")));
    ck_assert(json_is_real(json_object_get(scale, "probability")));
    ck_assert(json_is_true(json_object_get(scale, "used")));
    ck_assert_int_eq(strncmp(json_string_value(json_object_get(scale, "reason")), "used", 4), 0);
}

static void expect_json_map(const json_t *map, json_int_t class_index, const char *label, const char *overlay,
                            const char *file)
{
    ck_assert_int_eq(json_integer_value(json_object_get(map, "class")), class_index);
    ck_assert_str_eq(json_string_value(json_object_get(map, "label")), label);
    ck_assert_str_eq(json_string_value(json_object_get(map, "layer")), "conv");
    ck_assert_str_eq(json_string_value(json_object_get(map, "overlay")), overlay);
    ck_assert_str_eq(json_string_value(json_object_get(map, "map")), file);
    ck_assert_str_eq(json_string_value(json_object_get(map, "precision")), "fp32");
    ck_assert_str_eq(json_string_value(json_object_get(map, "method")), "cameras");
    ck_assert(json_is_real(json_object_get(map, "logit")));
    const double probability = json_real_value(json_object_get(map, "probability"));
    ck_assert(probability > 0.0 && probability < 1.0);
    const json_t *scales = json_object_get(map, "scales");
    ck_assert_uint_eq(json_array_size(scales), 2);
    expect_scale(json_array_get(scales, 0), 32);
    expect_scale(json_array_get(scales, 1), 40);
}

START_TEST(json_is_one_document_with_everything_in_it)
{
    static const char *const stages[] = {"load", "trunk", "head", "fuse", "total"};
    outcome done;
    command_run(&done, EXPLAIN " --labels ../labels.txt -c 0 -c crane -o out.png --map map.npy --json");
    expect_success(&done, "map.0.npy map.2.npy out.0.png out.2.png ");
    json_t *document = parsed(done.out);
    ck_assert_str_eq(json_string_value(json_object_get(document, "model")), "../plain.pt");
    ck_assert_str_eq(json_string_value(json_object_get(document, "image")), "../picture.png");
    ck_assert_str_eq(json_string_value(json_object_get(document, "layer")), "conv");
    const json_t *maps = json_object_get(document, "maps");
    ck_assert_uint_eq(json_array_size(maps), 2);
    expect_json_map(json_array_get(maps, 0), 0, "tabby cat", "out.0.png", "map.0.npy");
    expect_json_map(json_array_get(maps, 1), 2, "crane", "out.2.png", "map.2.npy");
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++) {
        const json_t *seconds = json_object_get(json_object_get(document, "seconds"), stages[i]);
        ck_assert(json_is_real(seconds) && json_real_value(seconds) >= 0.0);
    }
    ck_assert_int_gt(json_integer_value(json_object_get(document, "peak_memory_bytes")), 10 << 20);
    json_decref(document);
}
END_TEST

START_TEST(json_alone_writes_no_file_and_says_null)
{
    outcome done;
    command_run(&done, EXPLAIN " --json");
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    const json_t *map = json_array_get(json_object_get(document, "maps"), 0);
    ck_assert(json_is_null(json_object_get(map, "overlay")));
    ck_assert(json_is_null(json_object_get(map, "map")));
    ck_assert(json_is_null(json_object_get(map, "label")));
    json_decref(document);
}
END_TEST

START_TEST(json_says_which_scales_were_dropped_and_why)
{
    outcome done;
    command_run(&done, "explain ../picture.png -m ../fickle.pt --base 32x32 --scales 32,48 --json");
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    const json_t *map = json_array_get(json_object_get(document, "maps"), 0);
    const json_t *dropped = json_array_get(json_object_get(map, "scales"), 1);
    ck_assert(json_is_false(json_object_get(dropped, "used")));
    ck_assert_int_eq(json_integer_value(json_object_get(dropped, "top1")), 1);
    ck_assert_ptr_nonnull(strstr(json_string_value(json_object_get(dropped, "reason")), "dropped"));
    json_decref(document);
}
END_TEST

/* What the processor can do is asked of check_processor.c's subject, whose claims are tested there. */
START_TEST(bf16_is_reported_where_it_can_be_and_refused_where_it_cannot)
{
    static const refusal refused = {EXPLAIN " --json --precision bf16", 1, "bf16"};
    outcome done;
    if (cam_processor_bf16() == CAM_BF16_NONE) {
        expect_run_refused(&refused);
        return;
    }
    command_run(&done, refused.line);
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    const json_t *map = json_array_get(json_object_get(document, "maps"), 0);
    ck_assert_str_eq(json_string_value(json_object_get(map, "precision")), "bf16");
    json_decref(document);
}
END_TEST

/* ---- classify and layers ---------------------------------------------------------------------------------------- */

static size_t line_count(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += *text == '\n';
    return count;
}

START_TEST(classify_lists_the_likeliest_classes_first)
{
    outcome done;
    double earlier = 1.0, sum = 0.0;
    command_run(&done, "classify ../picture.png" NETWORK " --labels ../labels.txt --json");
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    const json_t *classes = json_object_get(document, "classes");
    ck_assert_uint_eq(json_array_size(classes), NETWORK_CLASSES);
    for (size_t i = 0; i < NETWORK_CLASSES; i++) {
        const double probability = json_real_value(json_object_get(json_array_get(classes, i), "probability"));
        ck_assert_double_le(probability, earlier);
        sum += earlier = probability;
    }
    ck_assert_double_eq_tol(sum, 1.0, 1e-5);
    json_decref(document);
    command_run(&done, "classify ../picture.png --top 2" NETWORK);
    expect_success(&done, "");
    ck_assert_uint_eq(line_count(done.out), 2);
}
END_TEST

START_TEST(layers_are_listed_with_the_automatic_one_marked)
{
    outcome done;
    command_run(&done, "layers" NETWORK);
    expect_success(&done, "");
    ck_assert_uint_eq(line_count(done.out), 4);
    ck_assert_ptr_nonnull(strstr(done.out, "* conv"));
    command_run(&done, "layers --json" NETWORK);
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    ck_assert_str_eq(json_string_value(json_object_get(document, "auto")), "conv");
    ck_assert_uint_eq(json_array_size(json_object_get(document, "layers")), 4);
    json_decref(document);
}
END_TEST

START_TEST(layers_of_a_network_that_does_not_run_are_listed_still)
{
    outcome done;
    command_run(&done, "layers -m ../flatten.pt --json");
    expect_exit(&done, 0);
    ck_assert_ptr_nonnull(strstr(done.err, "no layer is marked"));
    json_t *document = parsed(done.out);
    ck_assert(json_is_null(json_object_get(document, "auto")));
    ck_assert_uint_eq(json_array_size(json_object_get(document, "layers")), 3);
    json_decref(document);
}
END_TEST

START_TEST(embedded_network_needs_no_files)
{
    outcome done;
    command_run(&done, "classify ../picture.png");
    expect_success(&done, "");
    ck_assert_uint_eq(line_count(done.out), 5);
    command_run(&done, "explain ../picture.png --scales 224 --json");
    expect_success(&done, "");
    json_t *document = parsed(done.out);
    ck_assert_str_eq(json_string_value(json_object_get(document, "model")), "demo (embedded)");
    json_decref(document);
}
END_TEST

/* ---- the suite -------------------------------------------------------------------------------------------------- */

/* Once for all tests. */
static void put_inputs(void)
{
    static int put;
    if (put++)
        return;
    command_open();
    network_file(NETWORK_PLAIN);
    network_file(NETWORK_FLATTEN);
    network_file(NETWORK_FICKLE);
    command_put_text("labels.txt", "tabby cat\ntoaster\ncrane\nlemon\nviolin\n");
    cameras_image *image = wavy_picture(PICTURE_WIDTH, PICTURE_HEIGHT);
    if (cameras_image_write(image, networks_path("picture.png")) != CAMERAS_OK)
        abort();
    cameras_image_free(image);
}

static TCase *success_cases(void)
{
    TCase *cases = tcase_create("successes");
    tcase_add_loop_test(cases, help_and_version_go_to_standard_output, 0, sizeof spoken / sizeof *spoken);
    tcase_add_test(cases, overlay_has_the_pictures_size);
    tcase_add_test(cases, overlay_goes_to_the_current_folder_where_no_output_is_named);
    tcase_add_test(cases, overlay_may_be_a_jpeg);
    tcase_add_test(cases, map_is_written_as_npy_or_png_of_the_base_size);
    tcase_add_test(cases, map_may_have_the_pictures_size);
    tcase_add_test(cases, several_classes_and_layers_go_to_files_of_their_own);
    tcase_add_test(cases, every_way_to_explain_is_understood);
    tcase_add_test(cases, other_methods_and_controls_can_be_asked_for);
    tcase_add_test(cases, json_is_one_document_with_everything_in_it);
    tcase_add_test(cases, json_alone_writes_no_file_and_says_null);
    tcase_add_test(cases, json_says_which_scales_were_dropped_and_why);
    tcase_add_test(cases, bf16_is_reported_where_it_can_be_and_refused_where_it_cannot);
    tcase_add_test(cases, classify_lists_the_likeliest_classes_first);
    tcase_add_test(cases, layers_are_listed_with_the_automatic_one_marked);
    tcase_add_test(cases, layers_of_a_network_that_does_not_run_are_listed_still);
    tcase_add_test(cases, embedded_network_needs_no_files);
    return cases;
}

static Suite *command_suite(void)
{
    Suite *suite = suite_create("command");
    TCase *cases = success_cases();
    tcase_add_unchecked_fixture(cases, put_inputs, NULL);
    tcase_add_checked_fixture(cases, command_clear, command_clear);
    tcase_set_timeout(cases, 300);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(command_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
