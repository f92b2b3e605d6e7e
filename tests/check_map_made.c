/*
 * check_map_made.c - maps made elsewhere: values taken as they are, files read, and files that lie refused
 *
 * SPDX-License-Identifier: MIT
 */
#include "cameras.h"

#include <check.h>
#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/check_map_made.XXXXXX";

static void make_folder(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
    DIR *open_folder = opendir(folder);
    for (const struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
        unlinkat(dirfd(open_folder), entry->d_name, 0);
    closedir(open_folder);
    rmdir(folder);
}

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void expect_refusal(cameras_status status, cameras_status expected, const cameras_map *map, const char *part)
{
    const char *message = cameras_last_error();
    ck_assert_msg(status == expected, "status %d in place of %d: %s", (int)status, (int)expected, message);
    ck_assert_msg(strstr(message, part) != NULL, "\"%s\" does not say \"%s\"", message, part);
    ck_assert_ptr_null(strchr(message, '\n'));
    ck_assert_ptr_null(map);
}

static cameras_map *made_of(const float *values, size_t width, size_t height)
{
    cameras_map *map = NULL;
    ck_assert_int_eq(cameras_map_new(&map, values, width, height), CAMERAS_OK);
    ck_assert_ptr_nonnull(map);
    return map;
}

static const float six[] = {0.25f, 0.0f, 0.5f, 0.875f, 0.125f, 0.75f};

static void expect_six(const cameras_map *map, float tolerance)
{
    ck_assert_uint_eq(cameras_map_width(map), 3);
    ck_assert_uint_eq(cameras_map_height(map), 2);
    for (size_t i = 0; i < 6; i++) {
        ck_assert_float_le(fabsf(cameras_map_values(map)[i] - six[i]), tolerance);
        ck_assert_float_eq(cameras_map_raw(map)[i], cameras_map_values(map)[i]);
    }
}

/* ---- from values ------------------------------------------------------------------------------------------------- */

START_TEST(values_are_copied_and_not_stretched)
{
    float values[6];
    memcpy(values, six, sizeof values);
    cameras_map *map = made_of(values, 3, 2);
    memset(values, 0, sizeof values);
    expect_six(map, 0.0f);
    ck_assert_int_eq(cameras_map_is_flat(map), 0);
    cameras_map_free(map);
}
END_TEST

START_TEST(it_is_of_no_class_no_layer_and_no_scale)
{
    cameras_map *map = made_of(six, 3, 2);
    ck_assert_uint_eq(cameras_map_class(map), SIZE_MAX);
    ck_assert_str_eq(cameras_map_layer(map), "");
    ck_assert_uint_eq(cameras_map_scale_count(map), 0);
    ck_assert_ptr_null(cameras_map_scale_reason(map, 0));
    ck_assert_float_eq(cameras_map_probability(map), 0.0f);
    ck_assert_float_eq(cameras_map_logit(map), 0.0f);
    ck_assert_double_eq(cameras_map_seconds(map, CAMERAS_STAGE_TOTAL), 0.0);
    cameras_map_free(map);
}
END_TEST

START_TEST(a_map_that_is_the_same_everywhere_keeps_its_value_and_is_flat)
{
    static const float levels[] = {0.0f, 0.25f, 1.0f};
    for (size_t i = 0; i < 3; i++) {
        const float values[] = {levels[i], levels[i]};
        cameras_map *map = made_of(values, 1, 2);
        ck_assert_int_ne(cameras_map_is_flat(map), 0);
        ck_assert_float_eq(cameras_map_values(map)[1], levels[i]);
        cameras_map_free(map);
    }
}
END_TEST

START_TEST(values_outside_the_unit_interval_are_refused_with_their_place)
{
    const float bad[] = {-0.001f, 1.001f, NAN, INFINITY, -INFINITY};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        float values[6] = {0.0f};
        cameras_map *map = (cameras_map *)&map;
        values[4] = bad[i];
        const cameras_status status = cameras_map_new(&map, values, 3, 2);
        expect_refusal(status, CAMERAS_EINVAL, map, "column 1 of row 1");
    }
}
END_TEST

START_TEST(sizes_that_cannot_be_are_refused)
{
    cameras_map *map = NULL;
    expect_refusal(cameras_map_new(&map, six, 0, 2), CAMERAS_EINVAL, map, "0 x 2");
    expect_refusal(cameras_map_new(&map, six, 2, 0), CAMERAS_EINVAL, map, "2 x 0");
    expect_refusal(cameras_map_new(&map, six, SIZE_MAX / 2, 3), CAMERAS_ELIMIT, map, "more than memory");
    expect_refusal(cameras_map_new(&map, six, SIZE_MAX / 8, 1), CAMERAS_ELIMIT, map, "more than memory");
    expect_refusal(cameras_map_new(&map, NULL, 2, 2), CAMERAS_EINVAL, map, "needed");
    ck_assert_int_eq(cameras_map_new(NULL, six, 3, 2), CAMERAS_EINVAL);
}
END_TEST

START_TEST(it_can_be_drawn_and_written)
{
    cameras_image *picture = NULL;
    cameras_map *map = made_of(six, 3, 2);
    ck_assert_int_eq(cameras_map_overlay(&picture, map, NULL, CAMERAS_GRAY, 1.0f), CAMERAS_OK);
    uint8_t pixels[18];
    ck_assert_int_eq(cameras_image_pixels(pixels, 0, picture), CAMERAS_OK);
    for (size_t i = 0; i < 6; i++)
        ck_assert_int_le(abs((int)pixels[3 * i] - (int)lrintf(255.0f * six[i])), 1);
    ck_assert_int_eq(cameras_map_write(map, in_folder("map.npy")), CAMERAS_OK);
    cameras_image_free(picture);
    cameras_map_free(map);
}
END_TEST

/* ---- files that are right ---------------------------------------------------------------------------------------- */

static void expect_round_trip(const char *name, float tolerance)
{
    cameras_map *map = made_of(six, 3, 2), *read = NULL;
    ck_assert_int_eq(cameras_map_write(map, in_folder(name)), CAMERAS_OK);
    ck_assert_int_eq(cameras_map_read(&read, in_folder(name)), CAMERAS_OK);
    expect_six(read, tolerance);
    ck_assert_uint_eq(cameras_map_class(read), SIZE_MAX);
    cameras_map_free(read);
    cameras_map_free(map);
}

START_TEST(what_is_written_can_be_read)
{
    expect_round_trip("map.npy", 0.0f);
    expect_round_trip("map.png", 0.5f / 65535.0f);
}
END_TEST

START_TEST(kind_is_known_by_the_bytes_whatever_the_name)
{
    cameras_map *map = NULL;
    expect_round_trip("map.npy", 0.0f);
    char from[128];
    strcpy(from, in_folder("map.npy"));
    ck_assert_int_eq(rename(from, in_folder("map.png")), 0);
    ck_assert_int_eq(cameras_map_read(&map, in_folder("map.png")), CAMERAS_OK);
    expect_six(map, 0.0f);
    cameras_map_free(map);
}
END_TEST

START_TEST(grey_pictures_of_8_bits_are_maps_and_colour_is_not)
{
    static const uint8_t grey[] = {0, 51, 255, 102}, colour[] = {1, 2, 3};
    cameras_image *image = NULL;
    cameras_map *map = NULL;
    ck_assert_int_eq(cameras_image_new(&image, grey, 2, 2, 0, CAMERAS_GRAY8), CAMERAS_OK);
    ck_assert_int_eq(cameras_image_write(image, in_folder("grey.png")), CAMERAS_OK);
    cameras_image_free(image);
    ck_assert_int_eq(cameras_map_read(&map, in_folder("grey.png")), CAMERAS_OK);
    for (size_t i = 0; i < 4; i++)
        ck_assert_float_eq_tol(cameras_map_values(map)[i], (float)grey[i] / 255.0f, 1e-7f);
    cameras_map_free(map);
    map = NULL;
    ck_assert_int_eq(cameras_image_new(&image, colour, 1, 1, 0, CAMERAS_RGB8), CAMERAS_OK);
    ck_assert_int_eq(cameras_image_write(image, in_folder("colour.png")), CAMERAS_OK);
    cameras_image_free(image);
    expect_refusal(cameras_map_read(&map, in_folder("colour.png")), CAMERAS_EFORMAT, map, "in colour");
}
END_TEST

/* ---- arrays of every kind ---------------------------------------------------------------------------------------- */

/* Writes an array file of this version, header and data, cut to so many bytes. */
static const char *write_array(unsigned version, const char *header, const void *data, size_t bytes, size_t cut)
{
    uint8_t file[1024] = "\x93NUMPY";
    const size_t length = strlen(header), preamble = version == 1 ? 10 : 12;
    ck_assert_uint_le(preamble + length + bytes, sizeof file);
    file[6] = (uint8_t)version;
    file[8] = (uint8_t)(length & 255);
    file[9] = (uint8_t)(length >> 8);
    memcpy(file + preamble, header, length);
    memcpy(file + preamble + length, data, bytes);
    FILE *stream = fopen(in_folder("array.npy"), "wb");
    ck_assert_ptr_nonnull(stream);
    const size_t whole = preamble + length + bytes, size = cut < whole ? cut : whole;
    ck_assert_uint_eq(fwrite(file, 1, size, stream), size);
    fclose(stream);
    return in_folder("array.npy");
}

static const struct {
    unsigned version;
    const char *header;
} good_headers[] = {
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }       \n"},
    {2, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n"},
    {3, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n"},
    {1, "{'shape': (2, 3), 'fortran_order': False, 'descr': '<f4'}"},
    {1, "  {\"descr\":\"<f4\",\"fortran_order\":False,\"shape\":(2,3,)}"},
};

START_TEST(arrays_are_read_whatever_the_version_and_the_order_of_the_entries)
{
    cameras_map *map = NULL;
    const char *path = write_array(good_headers[_i].version, good_headers[_i].header, six, sizeof six, SIZE_MAX);
    ck_assert_msg(cameras_map_read(&map, path) == CAMERAS_OK, "%s", cameras_last_error());
    expect_six(map, 0.0f);
    cameras_map_free(map);
}
END_TEST

START_TEST(doubles_are_read_as_floats)
{
    double values[6];
    cameras_map *map = NULL;
    for (size_t i = 0; i < 6; i++)
        values[i] = (double)six[i];
    const char *path = write_array(1, "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 3), }\n", values,
                                   sizeof values, SIZE_MAX);
    ck_assert_int_eq(cameras_map_read(&map, path), CAMERAS_OK);
    expect_six(map, 0.0f);
    cameras_map_free(map);
}
END_TEST

static const struct {
    unsigned version;
    const char *header, *says;
} bad_headers[] = {
    {1, "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", "big-endian"},
    {1, "{'descr': '>f8', 'fortran_order': False, 'shape': (2, 3), }", "big-endian"},
    {1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", "Fortran order"},
    {1, "{'descr': '<f2', 'fortran_order': False, 'shape': (2, 3), }", "type <f2"},
    {1, "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3), }", "type |u1"},
    {1, "{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }", "type <i4"},
    {1, "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }", "type |O"},
    {1, "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", "not that of an array of numbers"},
    {1, "{'descr': '<f4\n', 'fortran_order': False, 'shape': (2, 3), }", "not that of an array of numbers"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }", "1 dimensions"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (), }", "0 dimensions"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (1, 2, 3), }", "3 dimensions"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 3), }", "empty"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0), }", "empty"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, -3), }", "not that of an array of numbers"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2 3), }", "not that of an array of numbers"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3", "not that of an array of numbers"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }", "cut short"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", "more bytes"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "cut short"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 3), }", "cut short"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 3), }",
     "not that of an array of numbers"},
    {1, "{'descr': '<f4', 'shape': (2, 3), }", "not that of an array of numbers"},
    {1, "{'fortran_order': False, 'shape': (2, 3), }", "not that of an array of numbers"},
    {1, "{'descr': '<f4', 'fortran_order': False, }", "not that of an array of numbers"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': 1}", "not that of an array of numbers"},
    {1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } x", "not that of an array of numbers"},
    {1, "{'descr': '<f4' 'fortran_order': False, 'shape': (2, 3), }", "not that of an array of numbers"},
    {1, "", "not that of an array of numbers"},
    {0, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", "version"},
    {4, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", "version"},
};

START_TEST(arrays_that_are_no_maps_are_refused_and_it_is_said_why)
{
    cameras_map *map = NULL;
    const char *path = write_array(bad_headers[_i].version, bad_headers[_i].header, six, sizeof six, SIZE_MAX);
    expect_refusal(cameras_map_read(&map, path), CAMERAS_EFORMAT, map, bad_headers[_i].says);
    expect_refusal(CAMERAS_EFORMAT, CAMERAS_EFORMAT, NULL, path);
}
END_TEST

START_TEST(a_file_cut_anywhere_is_refused)
{
    const char *header = good_headers[_i].header;
    const size_t whole = (good_headers[_i].version == 1 ? 10u : 12u) + strlen(header) + sizeof six;
    for (size_t cut = 0; cut < whole; cut++) {
        cameras_map *map = NULL;
        const char *path = write_array(good_headers[_i].version, header, six, sizeof six, cut);
        ck_assert_int_eq(cameras_map_read(&map, path), CAMERAS_EFORMAT);
        ck_assert_ptr_null(map);
    }
}
END_TEST

/* Whatever a single byte becomes: a map or a refusal, and nothing else (the sanitizers watch). */
START_TEST(damaged_headers_never_crash)
{
    char header[128];
    strcpy(header, good_headers[0].header);
    for (size_t place = 0; place < strlen(good_headers[0].header); place++)
        for (int byte = 1; byte < 256; byte += 3) {
            cameras_map *map = NULL;
            header[place] = (char)byte;
            const cameras_status status = cameras_map_read(&map, write_array(1, header, six, sizeof six, SIZE_MAX));
            ck_assert(status == CAMERAS_OK || status == CAMERAS_EFORMAT);
            ck_assert_int_eq(status == CAMERAS_OK, map != NULL);
            cameras_map_free(map);
            header[place] = good_headers[0].header[place];
        }
}
END_TEST

START_TEST(values_of_a_file_outside_the_unit_interval_are_refused_with_file_and_place)
{
    static const float values[] = {0, 0, 0, 0, 0, 1.5f};
    cameras_map *map = NULL;
    const char *path = write_array(1, good_headers[0].header, values, sizeof values, SIZE_MAX);
    const cameras_status status = cameras_map_read(&map, path);
    expect_refusal(status, CAMERAS_EINVAL, map, "array.npy: the value 1.5 at column 2 of row 1");
}
END_TEST

START_TEST(other_files_are_refused)
{
    cameras_map *map = NULL;
    expect_refusal(cameras_map_read(&map, in_folder("none.npy")), CAMERAS_EIO, map, "none.npy");
    FILE *stream = fopen(in_folder("text.npy"), "w");
    fputs("0.5 0.25\n", stream);
    fclose(stream);
    expect_refusal(cameras_map_read(&map, in_folder("text.npy")), CAMERAS_EFORMAT, map, "neither");
    stream = fopen(in_folder("empty.npy"), "w");
    fclose(stream);
    expect_refusal(cameras_map_read(&map, in_folder("empty.npy")), CAMERAS_EFORMAT, map, "empty");
    expect_refusal(cameras_map_read(&map, folder), CAMERAS_EIO, map, folder);
    expect_refusal(cameras_map_read(&map, NULL), CAMERAS_EINVAL, map, "needed");
    ck_assert_int_eq(cameras_map_read(NULL, "map.npy"), CAMERAS_EINVAL);
}
END_TEST

static Suite *made_suite(void)
{
    Suite *suite = suite_create("map_made");
    TCase *values = tcase_create("values"), *files = tcase_create("files");
    tcase_add_checked_fixture(values, make_folder, remove_folder);
    tcase_add_checked_fixture(files, make_folder, remove_folder);
    tcase_set_timeout(files, 60);
    tcase_add_test(values, values_are_copied_and_not_stretched);
    tcase_add_test(values, it_is_of_no_class_no_layer_and_no_scale);
    tcase_add_test(values, a_map_that_is_the_same_everywhere_keeps_its_value_and_is_flat);
    tcase_add_test(values, values_outside_the_unit_interval_are_refused_with_their_place);
    tcase_add_test(values, sizes_that_cannot_be_are_refused);
    tcase_add_test(values, it_can_be_drawn_and_written);
    tcase_add_test(files, what_is_written_can_be_read);
    tcase_add_test(files, kind_is_known_by_the_bytes_whatever_the_name);
    tcase_add_test(files, grey_pictures_of_8_bits_are_maps_and_colour_is_not);
    tcase_add_loop_test(files, arrays_are_read_whatever_the_version_and_the_order_of_the_entries, 0,
                        sizeof good_headers / sizeof *good_headers);
    tcase_add_test(files, doubles_are_read_as_floats);
    tcase_add_loop_test(files, arrays_that_are_no_maps_are_refused_and_it_is_said_why, 0,
                        sizeof bad_headers / sizeof *bad_headers);
    tcase_add_loop_test(files, a_file_cut_anywhere_is_refused, 0, 3);
    tcase_add_test(files, damaged_headers_never_crash);
    tcase_add_test(files, values_of_a_file_outside_the_unit_interval_are_refused_with_file_and_place);
    tcase_add_test(files, other_files_are_refused);
    suite_add_tcase(suite, values);
    suite_add_tcase(suite, files);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(made_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
