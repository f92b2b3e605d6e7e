/*
 * check_command.c - the cameras command, run as a person would run it
 *
 * SPDX-License-Identifier: MIT
 *
 * Each run starts in an empty folder, beside the folder of its inputs: so ../picture.png is the picture, and whatever
 * a run leaves behind shows. The command is build/cameras, or what CAMERAS_COMMAND names.
 */
#include "command.h"
#include "pictures.h"
#include "processor.h"
#include "scene.h"

#include <check.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What most lines share: a network that takes any size, shown small pictures only. */
#define NETWORK " -m ../plain.pt --base 32x32"
#define SCALES  " --scales 32,40"
#define EXPLAIN "explain ../picture.png" NETWORK SCALES

enum {
    PICTURE_WIDTH = 96,
    PICTURE_HEIGHT = 64
};

/* ---- refusals --------------------------------------------------------------------------------------------------- */

static const refusal bad_pictures[] = {
    {"explain ../missing.png -o out.png" NETWORK, 1, "read image ../missing.png: No such file"},
    {"explain ../empty -o out.png" NETWORK, 1, "../empty"},
    {"explain ../short.png -o out.png" NETWORK, 1, "../short.png"},
    {"explain ../random -o out.png" NETWORK, 1, "../random"},
    {"explain ../text -o out.png" NETWORK, 1, "../text"},
    {"explain .. -o out.png" NETWORK, 1, "irectory"},
    {"explain ../huge.png -o out.png" NETWORK, 1, "60000 x 60000"},
    {"explain ../huge.png -o out.png --max-pixels 4000000000" NETWORK, 1, "../huge.png"},
    {"explain ../picture.png -o out.png --max-pixels 6143" NETWORK, 1, "96 x 64"},
    {"explain ../picture.png -o out.png --max-file-bytes 40" NETWORK, 1, "the limit of 40, which"},
    {"explain ../picture.png ../huge.png --max-file-bytes 40" NETWORK, 1, "--max-file-bytes"},
    {"classify ../picture.png --max-file-bytes 40" NETWORK, 1, "--max-file-bytes"},
    {"explain ../plain.pt -o out.png" NETWORK, 1, "../plain.pt"},
    {"classify ../missing.png" NETWORK, 1, "No such file"},
    {"classify ../short.png" NETWORK, 1, "../short.png"},
    {"classify ../huge.png" NETWORK, 1, "60000 x 60000"},
};

static const refusal bad_models[] = {
    {"explain ../picture.png -o out.png -m ../missing.pt", 1, "open model ../missing.pt: No such file"},
    {"explain ../picture.png -o out.png -m ../empty", 1, "../empty: the file is empty"},
    {"explain ../picture.png -o out.png -m ../short.pt", 1, "../short.pt"},
    {"explain ../picture.png -o out.png -m ../random", 1, "../random"},
    {"explain ../picture.png -o out.png -m ../text", 1, "../text: not a TorchScript"},
    {"explain ../picture.png -o out.png -m ..", 1, "directory"},
    {"explain ../picture.png -o out.png -m ../picture.png", 1, "not a TorchScript"},
    {"explain ../picture.png -o out.png -m ../without_forward.pt", 1, "forward"},
    {"classify ../picture.png -m ../text", 1, "not a TorchScript"},
    {"layers -m ../missing.pt", 1, "No such file"},
    {"layers -m ../short.pt --json", 1, "../short.pt"},
};

static const refusal bad_networks[] = {
    {"explain ../picture.png -o out.png --base 32x32 -m ../nan.pt", 1, "not finite"},
    {"explain ../picture.png -o out.png --base 32x32 -m ../silent.pt --json", 1, "flat"},
    {"explain ../picture.png -o out.png --base 32x32 -m ../flatten.pt --scales 32,48", 1, "48 x 48"},
    {"explain ../picture.png -o out.png -l conv -m ../flatten.pt", 1, "224 x 224"},
    {"explain ../picture.png -o out.png --base 32x32 -m ../fickle.pt --scales 48,64", 1, "dropped every scale"},
    {"explain ../picture.png -o out.png --base 32x32 -m ../one_dimension.pt", 1, "1 x classes"},
    {"explain ../picture.png -o out.png --base 32x32 -m ../bare.pt", 1, "no submodules"},
    {"classify ../picture.png --base 32x32 -m ../nan.pt --json", 1, "not finite"},
};

static const refusal bad_values[] = {
    {EXPLAIN " -o out.png -l cnov", 1, "near ones are conv"},
    {EXPLAIN " -o out.png -l fc", 1, "layer fc"},
    {EXPLAIN " -o out.png -l spare --json", 1, "layer spare"},
    {EXPLAIN " -o out.png -c 5", 1, "0 to 4"},
    {EXPLAIN " -o out.png -c -1", 1, "count from 0"},
    {EXPLAIN " -o out.png -c 99999999999999999999", 1, "99999999999999999999"},
    {EXPLAIN " -o out.png -c zebra", 1, "no labels were read"},
    {EXPLAIN " -o out.png -c tabby_kat --labels ../labels.txt", 1, "near ones are tabby cat"},
    {EXPLAIN " -o out.png -c 1 -c 9 --json", 1, "0 to 4"},
    {EXPLAIN " -o out.png --labels ../missing.txt", 1, "../missing.txt"},
    {EXPLAIN " -o out.png --labels ../plain.pt", 1, "../plain.pt: not a text file"},
    {"explain ../picture.png -o out.png --scales 0" NETWORK, 2, "0 pixels"},
    {"explain ../picture.png -o out.png --scales 100000000" NETWORK, 2, "100000000"},
    {"explain ../picture.png -o out.png --scales 8193" NETWORK, 2, "8193"},
    {"explain ../picture.png -o out.png --scales 99999999999999999999" NETWORK, 2, "--scales"},
    {"explain ../picture.png -o out.png --scales words" NETWORK, 2, "--scales words"},
    {"explain ../picture.png -o out.png --scales 32,,40" NETWORK, 2, "--scales 32,,40"},
    {"explain ../picture.png -o out.png --scales 32," NETWORK, 2, "--scales 32,"},
    {"explain ../picture.png -o out.png --scales -32" NETWORK, 2, "--scales -32"},
    {"explain ../picture.png -o out.png --scales 32.5" NETWORK, 2, "--scales 32.5"},
    {"explain ../picture.png -o out.png --scales 32,40x" NETWORK, 2, "--scales 32,40x"},
    {EXPLAIN " -o out.png --base 0", 2, "--base 0"},
    {EXPLAIN " -o out.png --base 0x32", 2, "--base 0x32"},
    {EXPLAIN " -o out.png --base 32x", 2, "--base 32x"},
    {EXPLAIN " -o out.png --base words", 2, "--base words"},
    {EXPLAIN " -o out.png --base 100000x100000", 2, "--base 100000x100000"},
    {EXPLAIN " -o out.png --base 8193", 2, "--base 8193"},
    {EXPLAIN " -o out.png --mean 0.5,0.5", 1, "2 values for a network of 3 channels"},
    {EXPLAIN " -o out.png --mean 0,0,0 --std 1,0,1", 1, "std 0"},
    {EXPLAIN " -o out.png --mean 0,0,0 --std 1", 2, "--mean has 3 values, --std 1"},
    {EXPLAIN " -o out.png --std a,b,c", 2, "--std a,b,c"},
    {EXPLAIN " -o out.png --std nan,1,1", 2, "--std nan,1,1"},
    {EXPLAIN " -o out.png --opacity 2", 2, "--opacity 2"},
    {EXPLAIN " -o out.png --opacity nan", 2, "--opacity nan"},
    {EXPLAIN " -o out.png --opacity 0.5,0.5", 2, "--opacity"},
    {EXPLAIN " -o out.png --threads many", 2, "--threads many"},
    {EXPLAIN " -o out.png --threads 99999", 2, "99999"},
    {EXPLAIN " -o out.png --colormap pink", 2, "viridis"},
    {EXPLAIN " -o out.png --gate maybe", 2, "auto"},
    {EXPLAIN " -o out.png --preset best", 2, "reference"},
    {EXPLAIN " -o out.png --source camera", 2, "original"},
    {EXPLAIN " -o out.png --map-size large", 2, "image"},
    {EXPLAIN " -o out.png --max-pixels 0", 2, "at least one pixel"},
    {EXPLAIN " -o out.png --max-file-bytes 0", 2, "at least 1"},
    {EXPLAIN " -o out.png --max-file-bytes 4G", 2, "4294967295"},
    {EXPLAIN " -o out.png --precision half", 2, "not one of fp32, bf16, auto"},
    {EXPLAIN " -o out.png --method grad-cam", 2, "not one of cameras, gradcam, gradcam++"},
    {EXPLAIN " -o out.png --seed -1", 2, "--seed"},
    {EXPLAIN " -o out.png --memory-limit 1K", 1, "memory limit"},
    {EXPLAIN " -o out.png --memory-limit much", 2, "--memory-limit much"},
    {EXPLAIN " -o out.png --memory-limit 1T", 2, "K, M or G"},
    {EXPLAIN " -o out.png --memory-limit 1KB", 2, "K, M or G"},
    {EXPLAIN " -o out.png --memory-limit -1", 2, "--memory-limit -1"},
    {EXPLAIN " -o out.png --memory-limit 18446744073709551615K", 2, "more bytes than there can be"},
    {"classify ../picture.png --top words" NETWORK, 2, "--top words"},
    {"classify ../picture.png --threads 99999" NETWORK, 2, "99999"},
    {"classify ../picture.png --max-pixels 0" NETWORK, 2, "at least one pixel"},
};

static const refusal bad_outputs[] = {
    {EXPLAIN " -o none/out.png", 1, "write none/out.png: No such file"},
    {EXPLAIN " --map none/map.npy", 1, "write none/map.npy: No such file"},
    {EXPLAIN " -o ../folder.png", 1, "../folder.png: Is a directory"},
    {EXPLAIN " --map ../folder.npy", 1, "../folder.npy: Is a directory"},
    {EXPLAIN " -o ../text/out.png", 1, "../text/out.png: Not a directory"},
    {EXPLAIN " -o /proc/out.png", 1, "/proc/out.png"},
    {EXPLAIN " -o out.tiff", 1, "out.tiff"},
    {EXPLAIN " -o out", 1, "write image out"},
    {EXPLAIN " --map map.txt", 1, "map.txt: the name must end in .npy or .png"},
    {EXPLAIN " -o out.png --map map.txt", 1, "map.txt"},
    {EXPLAIN " -o out.png --map none/map.npy --json", 1, "none/map.npy"},
    {"explain ../bad\xff.png -o out.png --json" NETWORK SCALES, 1, "UTF-8"},
};

static const refusal wrong_usage[] = {
    {"frobnicate", 2, "\"frobnicate\" is not a verb"},
    {"help frobnicate", 2, "\"frobnicate\" is not a verb"},
    {"explain", 2, "no image given"},
    {"explain ../picture.png -o out.png --map out.png", 2, "-o and --map both name out.png"},
    {"explain ../picture.png --frob", 2, "--frob"},
    {"explain ../picture.png -z", 2, "z"},
    {"explain ../picture.png -m", 2, "-m"},
    {"explain ../picture.png --scales", 2, "--scales"},
    {"classify", 2, "no image given"},
    {"classify ../picture.png --layer conv", 2, "--layer"},
    {"layers ../plain.pt", 2, "../plain.pt"},
    {"demo one two", 2, "folder"},
    {"demo --frob", 2, "folder"},
};

#define REFUSAL_TEST(claim, table)                                                                                     \
    START_TEST(claim)                                                                                                  \
    {                                                                                                                  \
        expect_run_refused(&table[_i]);                                                                                \
    }                                                                                                                  \
    END_TEST

REFUSAL_TEST(picture_that_cannot_be_read_is_refused_and_nothing_is_left, bad_pictures)
REFUSAL_TEST(model_that_cannot_be_opened_is_refused_and_nothing_is_left, bad_models)
REFUSAL_TEST(network_that_cannot_be_explained_is_refused_and_nothing_is_left, bad_networks)
REFUSAL_TEST(value_out_of_range_is_refused_and_nothing_is_left, bad_values)
REFUSAL_TEST(output_that_cannot_be_written_is_refused_and_nothing_is_left, bad_outputs)
REFUSAL_TEST(wrong_usage_is_refused_with_a_hint_at_help, wrong_usage)

START_TEST(read_only_folder_is_refused_as_output)
{
    static const refusal locked = {EXPLAIN " -o ../locked/out.png", 1, "Permission denied"};
    if (geteuid() != 0)
        expect_run_refused(&locked);
}
END_TEST

START_TEST(first_output_goes_when_the_second_cannot_be_written)
{
    outcome done;
    ck_assert_int_eq(mkdir(command_path("out.3.png"), 0700), 0);
    command_run(&done, EXPLAIN " -c 1 -c 3 -o out.png");
    expect_exit(&done, 1);
    ck_assert_str_eq(done.out, "");
    ck_assert_ptr_nonnull(strstr(done.err, "out.3.png"));
    ck_assert_str_eq(done.left, "out.3.png ");
    rmdir(command_path("out.3.png"));
}
END_TEST

START_TEST(full_standard_output_is_a_failure_and_says_so)
{
    /* The last is longer than a stream's buffer: it fails while it is printed, the others when they are flushed. */
    static const char *const lines[] = {"version", "help", "layers" NETWORK, "classify ../picture.png --json" NETWORK,
                                        "explain ../picture.png --json" NETWORK
                                        " --scales 30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50"};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        outcome done;
        command_run_to(&done, lines[i], "/dev/full");
        expect_exit(&done, 1);
        ck_assert_msg(strstr(done.err, "No space left") != NULL, "%s: \"%s\"", lines[i], done.err);
    }
}
END_TEST

START_TEST(pictures_go_with_a_document_that_did_not_arrive)
{
    outcome done;
    command_run_to(&done, EXPLAIN " -o out.png --json", "/dev/full");
    expect_exit(&done, 1);
    ck_assert_str_eq(done.left, "");
}
END_TEST

START_TEST(no_arguments_at_all_are_wrong_usage_and_the_overview_goes_to_standard_error)
{
    outcome done;
    command_run(&done, "");
    expect_exit(&done, 2);
    ck_assert_str_eq(done.out, "");
    ck_assert_ptr_nonnull(strstr(done.err, "usage: cameras VERB"));
}
END_TEST

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

static void put_file(const char *name, const void *bytes, size_t size)
{
    FILE *stream = fopen(networks_path(name), "wb");
    if (!stream || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0)
        abort();
}

/* The first half of a file under another name. */
static void put_half(const char *name, const char *whole)
{
    static uint8_t bytes[1 << 20];
    FILE *stream = fopen(networks_path(whole), "rb");
    if (!stream)
        abort();
    const size_t size = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    put_file(name, bytes, size / 2);
}

static void put_pictures(void)
{
    cameras_image *image = wavy_picture(PICTURE_WIDTH, PICTURE_HEIGHT);
    picture huge = picture_png_header(60000, 60000);
    put_file("huge.png", huge.bytes, huge.size);
    if (cameras_image_write(image, networks_path("picture.png")) != CAMERAS_OK ||
        cameras_image_write(image, networks_path("bad\xff.png")) != CAMERAS_OK)
        abort();
    put_half("short.png", "picture.png");
    picture_free(&huge);
    cameras_image_free(image);
}

/* Once for all tests. */
static void put_inputs(void)
{
    static const network needed[] = {NETWORK_PLAIN,  NETWORK_NAN,           NETWORK_SILENT, NETWORK_FLATTEN,
                                     NETWORK_FICKLE, NETWORK_ONE_DIMENSION, NETWORK_BARE,   NETWORK_WITHOUT_FORWARD};
    static const char text[] = "import torch\nprint(\"not a model, nor a picture\")\n";
    static const char labels[] = "tabby cat\ntoaster\ncrane\nlemon\nviolin\n";
    uint8_t noise[4000];
    static uint32_t state = 0;
    if (state++)
        return;
    command_open();
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        network_file(needed[i]);
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)((state = state * 1664525u + 1013904223u) >> 24);
    put_file("empty", "", 0);
    put_file("text", text, strlen(text));
    put_file("labels.txt", labels, strlen(labels));
    put_file("random", noise, sizeof noise);
    put_half("short.pt", "plain.pt");
    put_pictures();
    mkdir(networks_path("folder.png"), 0700);
    mkdir(networks_path("folder.npy"), 0700);
    mkdir(networks_path("locked"), 0500);
}

#define ADD_REFUSALS(cases, claim, table) tcase_add_loop_test(cases, claim, 0, sizeof table / sizeof *table)

static TCase *refusal_cases(void)
{
    TCase *cases = tcase_create("refusals");
    ADD_REFUSALS(cases, picture_that_cannot_be_read_is_refused_and_nothing_is_left, bad_pictures);
    ADD_REFUSALS(cases, model_that_cannot_be_opened_is_refused_and_nothing_is_left, bad_models);
    ADD_REFUSALS(cases, network_that_cannot_be_explained_is_refused_and_nothing_is_left, bad_networks);
    ADD_REFUSALS(cases, value_out_of_range_is_refused_and_nothing_is_left, bad_values);
    ADD_REFUSALS(cases, output_that_cannot_be_written_is_refused_and_nothing_is_left, bad_outputs);
    ADD_REFUSALS(cases, wrong_usage_is_refused_with_a_hint_at_help, wrong_usage);
    tcase_add_test(cases, read_only_folder_is_refused_as_output);
    tcase_add_test(cases, first_output_goes_when_the_second_cannot_be_written);
    tcase_add_test(cases, full_standard_output_is_a_failure_and_says_so);
    tcase_add_test(cases, pictures_go_with_a_document_that_did_not_arrive);
    tcase_add_test(cases, no_arguments_at_all_are_wrong_usage_and_the_overview_goes_to_standard_error);
    return cases;
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
    TCase *all[] = {refusal_cases(), success_cases()};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        tcase_add_unchecked_fixture(all[i], put_inputs, NULL);
        tcase_add_checked_fixture(all[i], command_clear, command_clear);
        tcase_set_timeout(all[i], 300);
        suite_add_tcase(suite, all[i]);
    }
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
