/*
 * check_model.c - opening networks, and naming their layers and classes
 *
 * SPDX-License-Identifier: MIT
 */
#include "scene.h"

#include <check.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

/* Bytes of a file; *size is their number. The caller frees them. */
static uint8_t *read_bytes(size_t *size, const char *path)
{
    struct stat about;
    ck_assert_int_eq(stat(path, &about), 0);
    uint8_t *bytes = malloc((size_t)about.st_size);
    FILE *stream = fopen(path, "rb");
    ck_assert_ptr_nonnull(bytes);
    ck_assert_ptr_nonnull(stream);
    *size = fread(bytes, 1, (size_t)about.st_size, stream);
    ck_assert_uint_eq(*size, (size_t)about.st_size);
    fclose(stream);
    return bytes;
}

/* Writes a file of that name among the networks and returns its path. */
static const char *put_bytes(const char *name, const void *bytes, size_t size)
{
    const char *path = networks_path(name);
    FILE *stream = fopen(path, "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(bytes, 1, size, stream), size);
    ck_assert_int_eq(fclose(stream), 0);
    return path;
}

static const char *put_text(const char *name, const char *text)
{
    return put_bytes(name, text, strlen(text));
}

static uint32_t noise(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return *state >> 8;
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */

START_TEST(network_opens_from_memory_as_from_its_file)
{
    size_t size = 0;
    float one[NETWORK_CLASSES], two[NETWORK_CLASSES];
    uint8_t *bytes = read_bytes(&size, network_file(NETWORK_PLAIN));
    cameras_model *filed = open_network(NETWORK_PLAIN), *remembered = NULL;
    cameras_image *image = wavy_picture(8, 6);
    expect_ok(cameras_model_open_memory(&remembered, bytes, size));
    memset(bytes, 0xa5, size); /* they may go once the call has returned */
    free(bytes);
    ck_assert_uint_eq(cameras_model_layer_count(remembered), cameras_model_layer_count(filed));
    expect_ok(cameras_classify(one, NULL, NETWORK_CLASSES, filed, image, NULL));
    expect_ok(cameras_classify(two, NULL, NETWORK_CLASSES, remembered, image, NULL));
    ck_assert_mem_eq(one, two, sizeof one);
    cameras_image_free(image);
    cameras_model_close(remembered);
    cameras_model_close(filed);
}
END_TEST

static void expect_refused(const char *path, cameras_status expected, const char *reason)
{
    cameras_model *model = (cameras_model *)&model;
    const cameras_status status = cameras_model_open(&model, path);
    ck_assert_ptr_null(model);
    expect_failure(status, expected, reason);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "open model "));
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), path));
}

static void expect_bytes_refused(const void *bytes, size_t size)
{
    cameras_model *model = (cameras_model *)&model;
    const cameras_status status = cameras_model_open_memory(&model, bytes, size);
    ck_assert_ptr_null(model);
    expect_failure(status, CAMERAS_EFORMAT, "open model");
}

START_TEST(missing_file_is_refused)
{
    expect_refused(networks_path("none.pt"), CAMERAS_EIO, "No such file");
}
END_TEST

START_TEST(folder_is_refused_as_a_model)
{
    expect_refused("/tmp", CAMERAS_EIO, "directory");
}
END_TEST

START_TEST(unreadable_file_is_refused)
{
    if (geteuid() == 0)
        return; /* permissions do not stop root */
    const char *path = put_text("unreadable.pt", "PK");
    ck_assert_int_eq(chmod(path, 0), 0);
    expect_refused(path, CAMERAS_EIO, "Permission denied");
}
END_TEST

static const struct {
    const char *text, *reason;
} not_models[] = {
    {"", "empty"},
    {"P", "not a TorchScript archive"},
    {"import torch\nprint('a model')\n", "not a TorchScript archive"},
    {"PK", "not a TorchScript model"},
    {"PK\003\004 and nothing that follows from it", "not a TorchScript model"},
};

START_TEST(file_that_is_no_torchscript_is_refused)
{
    const char *text = not_models[_i].text;
    expect_refused(put_text("text.pt", text), CAMERAS_EFORMAT, not_models[_i].reason);
    if (*text)
        expect_bytes_refused(text, strlen(text));
}
END_TEST

START_TEST(random_bytes_are_refused)
{
    uint8_t bytes[5000];
    uint32_t state = 1;
    for (size_t length = 1; length <= sizeof bytes; length = 3 * length + 1) {
        for (size_t i = 0; i < length; i++)
            bytes[i] = (uint8_t)noise(&state);
        expect_refused(put_bytes("random.pt", bytes, length), CAMERAS_EFORMAT, "TorchScript");
        expect_bytes_refused(bytes, length);
    }
}
END_TEST

START_TEST(archive_cut_short_anywhere_is_refused)
{
    size_t size = 0;
    uint8_t *bytes = read_bytes(&size, network_file(NETWORK_PLAIN));
    const size_t lengths[] = {2, 3, 4, 29, 64, 1000, size / 4, size / 2, size - 1000, size - 23, size - 22, size - 1};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        expect_refused(put_bytes("short.pt", bytes, lengths[i]), CAMERAS_EFORMAT, "not a TorchScript model");
        expect_bytes_refused(bytes, lengths[i]);
    }
    free(bytes);
}
END_TEST

START_TEST(module_without_forward_is_refused)
{
    expect_refused(network_file(NETWORK_WITHOUT_FORWARD), CAMERAS_EFORMAT, "forward");
}
END_TEST

START_TEST(network_of_more_channels_than_any_picture_is_refused)
{
    cameras_model *model = (cameras_model *)&model;
    const cameras_status status = cameras_model_open(&model, network_file(NETWORK_MANY_CHANNELS));
    ck_assert_ptr_null(model);
    expect_failure(status, CAMERAS_EMODEL, "17 channels");
}
END_TEST

/* ---- layers ----------------------------------------------------------------------------------------------------- */

START_TEST(layers_are_listed_in_tree_order_with_their_types)
{
    static const char *const expected[][2] = {
        {"stem", "Stem"}, {"block", "Block"}, {"block.conv", "Conv2d"}, {"fc", "Linear"}};
    cameras_model *model = open_network(NETWORK_RESIDUAL);
    ck_assert_uint_eq(cameras_model_layer_count(model), 4);
    for (size_t i = 0; i < 4; i++) {
        ck_assert_str_eq(cameras_model_layer_path(model, i), expected[i][0]);
        ck_assert_str_eq(cameras_model_layer_type(model, i), expected[i][1]);
    }
    ck_assert_ptr_null(cameras_model_layer_path(model, 4));
    ck_assert_ptr_null(cameras_model_layer_type(model, SIZE_MAX));
    cameras_model_close(model);
}
END_TEST

START_TEST(network_without_submodules_has_no_layers)
{
    const char *path = "";
    cameras_model *model = open_network(NETWORK_BARE);
    ck_assert_uint_eq(cameras_model_layer_count(model), 0);
    ck_assert_ptr_null(cameras_model_layer_path(model, 0));
    expect_failure(cameras_model_auto_layer(&path, model), CAMERAS_ELAYER, "no submodules");
    ck_assert_ptr_null(path);
    cameras_model_close(model);
}
END_TEST

static const struct {
    network which;
    const char *asked, *near;
} misspelt[] = {
    {NETWORK_PLAIN, "cnov", "near ones are conv"},
    {NETWORK_PLAIN, "STEM", "near ones are stem"},
    {NETWORK_PLAIN, "par", "near ones are spare"},
    {NETWORK_RESIDUAL, "block.con", "near ones are block.conv"},
    {NETWORK_RESIDUAL, "block.", "near ones are block.conv"},
    {NETWORK_BARE, "conv", "near ones are none"},
};

START_TEST(unknown_layer_is_refused_with_near_names)
{
    cameras_model *model = open_network(misspelt[_i].which);
    cameras_image *image = wavy_picture(8, 6);
    cameras_options *options = NULL;
    cameras_map *map = (cameras_map *)&map;
    expect_ok(cameras_options_new(&options));
    expect_ok(cameras_options_add_layer(options, misspelt[_i].asked));
    const cameras_status status = cameras_explain(&map, model, image, options);
    ck_assert_ptr_null(map);
    expect_failure(status, CAMERAS_ELAYER, misspelt[_i].near);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), misspelt[_i].asked));
    cameras_options_free(options);
    cameras_image_free(image);
    cameras_model_close(model);
}
END_TEST

START_TEST(auto_layer_stays_the_same_until_the_base_changes)
{
    const char *path = NULL, *again = NULL;
    cameras_model *model = open_network(NETWORK_FLATTEN);
    expect_failure(cameras_model_auto_layer(&path, model), CAMERAS_EMODEL, "");
    ck_assert_ptr_null(path);
    expect_ok(cameras_model_set_base_size(model, NETWORK_FLATTEN_SIDE, NETWORK_FLATTEN_SIDE));
    expect_ok(cameras_model_auto_layer(&path, model));
    ck_assert_str_eq(path, "conv");
    expect_ok(cameras_model_auto_layer(&again, model));
    ck_assert_ptr_eq(path, again);
    cameras_model_close(model);
}
END_TEST

/* ---- classes ---------------------------------------------------------------------------------------------------- */

START_TEST(classes_are_counted_by_running_the_network)
{
    static const struct {
        network which;
        size_t classes, channels;
    } cases[] = {{NETWORK_PLAIN, 5, 3},
                 {NETWORK_BARE, 3, 3},
                 {NETWORK_GREY, 5, 1},
                 {NETWORK_TUPLE, 5, 3},
                 {NETWORK_FIVE_CHANNELS, 5, 5}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t count = 0;
        cameras_model *model = open_network(cases[i].which);
        ck_assert_uint_eq(cameras_model_channels(model), cases[i].channels);
        expect_ok(cameras_model_class_count(&count, model));
        ck_assert_uint_eq(count, cases[i].classes);
        expect_ok(cameras_model_class_count(&count, model));
        ck_assert_uint_eq(count, cases[i].classes);
        cameras_model_close(model);
    }
}
END_TEST

START_TEST(network_that_refuses_the_base_size_has_no_class_count_until_that_is_set)
{
    size_t count = 7;
    cameras_model *model = open_network(NETWORK_FLATTEN);
    expect_failure(cameras_model_class_count(&count, model), CAMERAS_EMODEL, "224 x 224");
    ck_assert_uint_eq(count, 0);
    expect_ok(cameras_model_set_base_side(model, NETWORK_FLATTEN_SIDE));
    expect_ok(cameras_model_class_count(&count, model));
    ck_assert_uint_eq(count, NETWORK_CLASSES);
    cameras_model_close(model);
}
END_TEST

static const struct {
    const char *text;
    cameras_status status;
    size_t index;
    const char *reason;
} class_names[] = {
    {"0", CAMERAS_OK, 0, ""},
    {"4", CAMERAS_OK, 4, ""},
    {"007", CAMERAS_OK, 7, ""},
    {"999999", CAMERAS_OK, 999999, ""}, /* how many there are is known when the network runs */
    {"18446744073709551615", CAMERAS_OK, SIZE_MAX, ""},
    {"18446744073709551616", CAMERAS_ECLASS, 0, "18446744073709551616"},
    {"99999999999999999999999999", CAMERAS_ECLASS, 0, "99999999999999999999999999"},
    {"-1", CAMERAS_ECLASS, 0, "count from 0"},
    {"tabby cat", CAMERAS_OK, 1, ""},
    {"Tabby_Cat", CAMERAS_OK, 1, ""},
    {"TABBY CAT", CAMERAS_OK, 1, ""},
    {"golden retriever", CAMERAS_OK, 3, ""},
    {"crane", CAMERAS_ECLASS, 0, "2 classes bear this label, the first is 2"},
    {"CRANE", CAMERAS_ECLASS, 0, "2 classes bear this label"},
    {"tabby", CAMERAS_ECLASS, 0, "near ones are tabby cat"},
    {"golden retreiver", CAMERAS_ECLASS, 0, "golden_retriever"},
    {"1.5", CAMERAS_ECLASS, 0, "1.5"},
    {"+1", CAMERAS_ECLASS, 0, "+1"},
    {"", CAMERAS_EINVAL, 0, ""},
};

static const char labels[] = "toaster\ntabby cat\ncrane\ngolden_retriever\ncrane\n";

START_TEST(class_is_found_by_index_or_label)
{
    size_t found = 12345;
    cameras_model *model = open_network(NETWORK_PLAIN);
    expect_ok(cameras_model_set_labels(model, labels, strlen(labels)));
    const cameras_status status = cameras_model_find_class(&found, model, class_names[_i].text);
    if (class_names[_i].status == CAMERAS_OK)
        expect_ok(status);
    else
        expect_failure(status, class_names[_i].status, class_names[_i].reason);
    ck_assert_uint_eq(found, class_names[_i].index);
    cameras_model_close(model);
}
END_TEST

START_TEST(label_is_unknown_where_none_were_read)
{
    size_t found = 0;
    cameras_model *model = open_network(NETWORK_PLAIN);
    ck_assert_ptr_null(cameras_model_label(model, 0));
    expect_failure(cameras_model_find_class(&found, model, "tabby cat"), CAMERAS_ECLASS, "no labels");
    expect_ok(cameras_model_find_class(&found, model, "3"));
    ck_assert_uint_eq(found, 3);
    cameras_model_close(model);
}
END_TEST

static void expect_labels(const cameras_model *model, const char *const *expected, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_str_eq(cameras_model_label(model, i), expected[i]);
    ck_assert_ptr_null(cameras_model_label(model, count));
    ck_assert_ptr_null(cameras_model_label(model, SIZE_MAX));
}

START_TEST(label_files_of_any_line_ends_read_alike)
{
    static const char *const expected[] = {"one", "two words", "", "four"};
    static const char *const texts[] = {"one\ntwo words\n\nfour", "one\ntwo words\n\nfour\n",
                                        "one\r\ntwo words\r\n\r\nfour\r\n", "one\ntwo words\n\nfour\n\n\r\n\n"};
    cameras_model *model = open_network(NETWORK_PLAIN);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        expect_ok(cameras_model_read_labels(model, put_text("labels.txt", texts[i])));
        expect_labels(model, expected, 4);
        expect_ok(cameras_model_set_labels(model, texts[i], strlen(texts[i])));
        expect_labels(model, expected, 4);
    }
    cameras_model_close(model);
}
END_TEST

START_TEST(bad_label_file_is_refused_and_the_earlier_labels_stay)
{
    static const char *const expected[] = {"kept"};
    cameras_model *model = open_network(NETWORK_PLAIN);
    expect_ok(cameras_model_set_labels(model, "kept", 4));
    expect_failure(cameras_model_read_labels(model, networks_path("none.txt")), CAMERAS_EIO, "No such file");
    expect_failure(cameras_model_read_labels(model, "/tmp"), CAMERAS_EIO, "read labels /tmp");
    expect_failure(cameras_model_read_labels(model, put_text("empty.txt", "")), CAMERAS_EFORMAT, "empty.txt");
    expect_failure(cameras_model_read_labels(model, put_text("blank.txt", "\n\n\n")), CAMERAS_EFORMAT, "blank.txt");
    expect_failure(cameras_model_read_labels(model, network_file(NETWORK_PLAIN)), CAMERAS_EFORMAT, "not a text");
    expect_failure(cameras_model_set_labels(model, "a\0b", 3), CAMERAS_EFORMAT, "not a text");
    expect_labels(model, expected, 1);
    cameras_model_close(model);
}
END_TEST

static TCase *opening_cases(void)
{
    TCase *cases = tcase_create("opening");
    tcase_add_test(cases, network_opens_from_memory_as_from_its_file);
    tcase_add_test(cases, missing_file_is_refused);
    tcase_add_test(cases, folder_is_refused_as_a_model);
    tcase_add_test(cases, unreadable_file_is_refused);
    tcase_add_loop_test(cases, file_that_is_no_torchscript_is_refused, 0, sizeof not_models / sizeof *not_models);
    tcase_add_test(cases, random_bytes_are_refused);
    tcase_add_test(cases, archive_cut_short_anywhere_is_refused);
    tcase_add_test(cases, module_without_forward_is_refused);
    tcase_add_test(cases, network_of_more_channels_than_any_picture_is_refused);
    return cases;
}

static TCase *naming_cases(void)
{
    TCase *cases = tcase_create("naming");
    tcase_add_test(cases, layers_are_listed_in_tree_order_with_their_types);
    tcase_add_test(cases, network_without_submodules_has_no_layers);
    tcase_add_loop_test(cases, unknown_layer_is_refused_with_near_names, 0, sizeof misspelt / sizeof *misspelt);
    tcase_add_test(cases, auto_layer_stays_the_same_until_the_base_changes);
    tcase_add_test(cases, classes_are_counted_by_running_the_network);
    tcase_add_test(cases, network_that_refuses_the_base_size_has_no_class_count_until_that_is_set);
    tcase_add_loop_test(cases, class_is_found_by_index_or_label, 0, sizeof class_names / sizeof *class_names);
    tcase_add_test(cases, label_is_unknown_where_none_were_read);
    tcase_add_test(cases, label_files_of_any_line_ends_read_alike);
    tcase_add_test(cases, bad_label_file_is_refused_and_the_earlier_labels_stay);
    return cases;
}

static Suite *model_suite(void)
{
    Suite *suite = suite_create("model");
    TCase *all[] = {opening_cases(), naming_cases()};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        tcase_set_timeout(all[i], 120);
        suite_add_tcase(suite, all[i]);
    }
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(model_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
