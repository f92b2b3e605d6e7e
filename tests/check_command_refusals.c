/*
 * check_command_refusals.c - what the cameras command refuses: the exit status, the message, and nothing left behind
 *
 * SPDX-License-Identifier: MIT
 *
 * As in check_command.c each run starts in an empty folder beside its inputs.
 */
#include "command.h"
#include "pictures.h"
#include "scene.h"

#include <check.h>
#include <stdint.h>
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
    {"classify ../bad\xff.png --json -m ../missing.pt", 1, "UTF-8"},
    {"compare ../bad\xff.png --json -m ../missing.pt -c 0 -c 1", 1, "UTF-8"},
    {"sanity ../bad\xff.png --json -m ../missing.pt", 1, "UTF-8"},
    {"attack ../bad\xff.png --json -m ../missing.pt", 1, "UTF-8"},
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

/* ---- the suite -------------------------------------------------------------------------------------------------- */

/* The first half of a file under another name. */
static void put_half(const char *name, const char *whole)
{
    static uint8_t bytes[1 << 20];
    FILE *stream = fopen(networks_path(whole), "rb");
    if (!stream)
        abort();
    const size_t size = fread(bytes, 1, sizeof bytes, stream);
    fclose(stream);
    command_put(name, bytes, size / 2);
}

static void put_pictures(void)
{
    cameras_image *image = wavy_picture(PICTURE_WIDTH, PICTURE_HEIGHT);
    picture huge = picture_png_header(60000, 60000);
    command_put("huge.png", huge.bytes, huge.size);
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
    uint8_t noise[4000];
    static uint32_t state = 0;
    if (state++)
        return;
    command_open();
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        network_file(needed[i]);
    for (size_t i = 0; i < sizeof noise; i++)
        noise[i] = (uint8_t)((state = state * 1664525u + 1013904223u) >> 24);
    command_put("empty", "", 0);
    command_put_text("text", "import torch\nprint(\"not a model, nor a picture\")\n");
    command_put_text("labels.txt", "tabby cat\ntoaster\ncrane\nlemon\nviolin\n");
    command_put("random", noise, sizeof noise);
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

static Suite *command_refusals_suite(void)
{
    Suite *suite = suite_create("command_refusals");
    TCase *cases = refusal_cases();
    tcase_add_unchecked_fixture(cases, put_inputs, NULL);
    tcase_add_checked_fixture(cases, command_clear, command_clear);
    tcase_set_timeout(cases, 300);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(command_refusals_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
