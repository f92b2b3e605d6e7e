/*
 * check_map.c - rectifying, stretching and enlarging a map, its getters, and the files it is written to
 *
 * SPDX-License-Identifier: MIT
 */
#include "map.h"

#include <check.h>
#include <dirent.h>
#include <float.h>
#include <math.h>
#include <png.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/check_map.XXXXXX";

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

static size_t entry_count(void)
{
    size_t count = 0;
    DIR *open_folder = opendir(folder);
    ck_assert_ptr_nonnull(open_folder);
    for (const struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
        count += entry->d_name[0] != '.';
    closedir(open_folder);
    return count;
}

static const char *in_folder(const char *name)
{
    static char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static cameras_map *map_of(size_t width, size_t height, const float *raw)
{
    cameras_map *map;
    ck_assert_int_eq(cam_map_new(&map, (cam_size){width, height}, "layer4", 2), CAMERAS_OK);
    memcpy(map->raw, raw, width * height * sizeof *raw);
    map->class_index = 281;
    return map;
}

/* A map whose values are those given, ready to be written. */
static cameras_map *finished_map(size_t width, size_t height, const float *values)
{
    cameras_map *map = map_of(width, height, values);
    memcpy(map->values, values, width * height * sizeof *values);
    return map;
}

static void expect_message(const char *part)
{
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), part));
}

/* ---- rectifying -------------------------------------------------------------------------------------------------- */

START_TEST(rectifying_zeroes_what_is_negative_and_nothing_else)
{
    static const float raw[6] = {-1, 0, 2.5f, -FLT_MIN, FLT_MAX, -FLT_MAX};
    static const float expected[6] = {0, 0, 2.5f, 0, FLT_MAX, 0};
    cameras_map *map = map_of(3, 2, raw);
    ck_assert_int_eq(cam_map_rectify(map), CAMERAS_OK);
    for (size_t i = 0; i < 6; i++)
        ck_assert_float_eq(cameras_map_raw(map)[i], expected[i]);
    cameras_map_free(map);
}
END_TEST

START_TEST(a_value_that_is_not_finite_anywhere_is_refused_with_class_and_layer)
{
    const float bad[] = {NAN, INFINITY, -INFINITY};
    for (size_t place = 0; place < 6; place++)
        for (size_t i = 0; i < 3; i++) {
            float raw[6] = {-1, 0, 1, 2, 3, 4};
            raw[place] = bad[i];
            cameras_map *map = map_of(3, 2, raw);
            ck_assert_int_eq(cam_map_rectify(map), CAMERAS_ENUMERIC);
            expect_message("281");
            expect_message("layer4");
            cameras_map_free(map);
        }
}
END_TEST

/* ---- stretching -------------------------------------------------------------------------------------------------- */

START_TEST(stretching_takes_the_least_to_zero_and_the_greatest_to_one)
{
    static const struct {
        float raw[4], expected[4];
    } cases[] = {
        {{0, 1, 2, 4}, {0, 0.25f, 0.5f, 1}}, {{3, 1, 2, 5}, {0.5f, 0, 0.25f, 1}},
        {{0, 0, 0, 1e-30f}, {0, 0, 0, 1}},   {{0, FLT_MAX, FLT_MAX, FLT_MAX}, {0, 1, 1, 1}},
        {{7, 0, 0, 0}, {1, 0, 0, 0}},        {{1, 1.25f, 1.5f, 2}, {0, 0.25f, 0.5f, 1}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cameras_map *map = map_of(2, 2, cases[i].raw);
        ck_assert_int_eq(cam_map_stretch(map, 0), CAMERAS_OK);
        ck_assert_int_eq(cameras_map_is_flat(map), 0);
        for (size_t k = 0; k < 4; k++)
            ck_assert_float_eq(cameras_map_values(map)[k], cases[i].expected[k]);
        ck_assert_mem_eq(cameras_map_raw(map), cases[i].raw, sizeof cases[i].raw);
        cameras_map_free(map);
    }
}
END_TEST

START_TEST(ends_are_exact_whatever_the_values)
{
    srand(1);
    for (int round = 0; round < 200; round++) {
        float raw[35], least = 1, most = 0;
        for (size_t i = 0; i < 35; i++)
            raw[i] = (float)rand() * 1e-7f;
        cameras_map *map = map_of(7, 5, raw);
        ck_assert_int_eq(cam_map_stretch(map, round % 2), CAMERAS_OK);
        for (size_t i = 0; i < 35; i++) {
            least = fminf(least, cameras_map_values(map)[i]);
            most = fmaxf(most, cameras_map_values(map)[i]);
        }
        ck_assert_float_eq(least, 0.0f);
        ck_assert_float_eq(most, 1.0f);
        cameras_map_free(map);
    }
}
END_TEST

/* What is left of a map that is everywhere the same, or was everywhere negative, is no contrast. */
static const struct {
    float raw[4];
    const char *why;
} flats[] = {
    {{0, 0, 0, 0}, "nothing in the picture speaks for the class"},
    {{-1, -2, -3, -4}, "nothing in the picture speaks for the class"},
    {{2, 2, 2, 2}, "the same everywhere"},
    {{1, 1, 1, 1.0000001f}, "the same everywhere"},
    {{1000, 1000, 1000.00006f, 1000}, "the same everywhere"},
    {{1e-20f, 1e-20f, 1e-20f, 1e-20f}, "the same everywhere"},
};
enum {
    FLATS = sizeof flats / sizeof *flats
};

START_TEST(flat_map_is_refused_with_class_layer_and_reason)
{
    cameras_map *map = map_of(2, 2, flats[_i].raw);
    ck_assert_int_eq(cam_map_rectify(map), CAMERAS_OK);
    ck_assert_int_eq(cam_map_stretch(map, 0), CAMERAS_EFLAT);
    expect_message("281");
    expect_message("layer4");
    expect_message(flats[_i].why);
    cameras_map_free(map);
}
END_TEST

START_TEST(flat_map_that_is_kept_is_all_zeros_and_says_so)
{
    cameras_map *map = map_of(2, 2, flats[_i].raw);
    ck_assert_int_eq(cam_map_rectify(map), CAMERAS_OK);
    ck_assert_int_eq(cam_map_stretch(map, 1), CAMERAS_OK);
    ck_assert_int_ne(cameras_map_is_flat(map), 0);
    for (size_t i = 0; i < 4; i++)
        ck_assert_float_eq(cameras_map_values(map)[i], 0.0f);
    cameras_map_free(map);
}
END_TEST

START_TEST(small_but_real_contrast_is_stretched)
{
    static const float raws[][4] = {
        {1, 1, 1, 1.00001f}, {1e-20f, 2e-20f, 1e-20f, 1e-20f}, {1e6f, 1e6f, 1e6f, 1e6f + 8}};
    for (size_t i = 0; i < sizeof raws / sizeof *raws; i++) {
        cameras_map *map = map_of(2, 2, raws[i]);
        ck_assert_int_eq(cam_map_stretch(map, 0), CAMERAS_OK);
        cameras_map_free(map);
    }
}
END_TEST

START_TEST(a_map_of_one_pixel_is_flat)
{
    static const float raw = 3;
    cameras_map *map = map_of(1, 1, &raw);
    ck_assert_int_eq(cam_map_stretch(map, 0), CAMERAS_EFLAT);
    cameras_map_free(map);
}
END_TEST

/* ---- enlarging --------------------------------------------------------------------------------------------------- */

START_TEST(enlarging_is_bilinear_on_the_raw_values)
{
    static const float raw[2] = {1, 5};
    static const float expected[4] = {1, 2, 4, 5};
    cameras_map *map = map_of(2, 1, raw);
    ck_assert_int_eq(cam_map_resize(map, (cam_size){4, 3}), CAMERAS_OK);
    ck_assert_uint_eq(cameras_map_width(map), 4);
    ck_assert_uint_eq(cameras_map_height(map), 3);
    for (size_t i = 0; i < 12; i++)
        ck_assert_float_eq_tol(cameras_map_raw(map)[i], expected[i % 4], 1e-6f);
    ck_assert_int_eq(cam_map_stretch(map, 0), CAMERAS_OK);
    for (size_t i = 0; i < 12; i++)
        ck_assert_float_eq_tol(cameras_map_values(map)[i], (expected[i % 4] - 1) / 4, 1e-6f);
    cameras_map_free(map);
}
END_TEST

START_TEST(shrinking_is_antialiased_on_the_raw_values)
{
    /* PIL's triangle for 4 to 2: 0.5, 1.5, 2.5 from the centre 1 are 3/4, 3/4 and 1/4 high, brought to a sum of 1. */
    static const double weights[2][4] = {{3.0 / 7, 3.0 / 7, 1.0 / 7, 0}, {0, 1.0 / 7, 3.0 / 7, 3.0 / 7}};
    static const float raw[16] = {0, 7, 0, 49, 3, 1, 4, 1, 5, 9, 2, 6, 49, 0, 7, 0};
    cameras_map *map = map_of(4, 4, raw);
    ck_assert_int_eq(cam_map_resize(map, (cam_size){2, 2}), CAMERAS_OK);
    for (size_t i = 0; i < 4; i++) {
        double expected = 0.0;
        for (size_t k = 0; k < 16; k++)
            expected += weights[i / 2][k / 4] * weights[i % 2][k % 4] * (double)raw[k];
        ck_assert_double_eq_tol((double)cameras_map_raw(map)[i], expected, 1e-5);
    }
    cameras_map_free(map);
}
END_TEST

START_TEST(map_that_shrinks_one_way_only_is_antialiased_that_way)
{
    static const float stripes[8] = {0, 8, 0, 8, 0, 8, 0, 8};
    cameras_map *map = map_of(8, 1, stripes);
    ck_assert_int_eq(cam_map_resize(map, (cam_size){4, 3}), CAMERAS_OK);
    for (size_t y = 0; y < 3; y++)
        for (size_t x = 1; x < 3; x++) /* inside, where the stripes cancel out */
            ck_assert_float_eq_tol(cameras_map_raw(map)[y * 4 + x], 4.0f, 1e-5f);
    cameras_map_free(map);
}
END_TEST

/* ---- reading ----------------------------------------------------------------------------------------------------- */

static void expect_no_scale(const cameras_map *map, size_t index)
{
    ck_assert_uint_eq(cameras_map_scale_width(map, index), 0);
    ck_assert_uint_eq(cameras_map_scale_height(map, index), 0);
    ck_assert_uint_eq(cameras_map_scale_top1(map, index), 0);
    ck_assert_float_eq(cameras_map_scale_top1_probability(map, index), 0.0f);
    ck_assert_float_eq(cameras_map_scale_probability(map, index), 0.0f);
    ck_assert_int_eq(cameras_map_scale_used(map, index), 0);
    ck_assert_ptr_null(cameras_map_scale_reason(map, index));
}

START_TEST(getters_of_no_map_give_nothing)
{
    ck_assert_uint_eq(cameras_map_width(NULL), 0);
    ck_assert_uint_eq(cameras_map_height(NULL), 0);
    ck_assert_ptr_null(cameras_map_values(NULL));
    ck_assert_ptr_null(cameras_map_raw(NULL));
    ck_assert_int_eq(cameras_map_is_flat(NULL), 0);
    ck_assert_uint_eq(cameras_map_class(NULL), 0);
    ck_assert_float_eq(cameras_map_logit(NULL), 0.0f);
    ck_assert_float_eq(cameras_map_probability(NULL), 0.0f);
    ck_assert_ptr_null(cameras_map_layer(NULL));
    ck_assert_int_eq((int)cameras_map_source(NULL), 0);
    ck_assert_uint_eq(cameras_map_scale_count(NULL), 0);
    ck_assert_double_eq(cameras_map_seconds(NULL, CAMERAS_STAGE_TOTAL), 0.0);
    expect_no_scale(NULL, 0);
    cameras_map_free(NULL);
}
END_TEST

START_TEST(scales_out_of_range_give_nothing)
{
    static const float raw[2] = {1, 5};
    cameras_map *map = map_of(2, 1, raw);
    map->scale_count = 1; /* of two: what lies beyond is ours and not zero */
    map->scales[1] = (cam_scale_record){{640, 480}, 7, 0.5f, 0.25f, 1, "beyond"};
    expect_no_scale(map, 1);
    expect_no_scale(map, SIZE_MAX);
    cameras_map_free(map);
}
END_TEST

START_TEST(stages_out_of_range_took_no_time)
{
    static const int stages[] = {-1, CAM_STAGES, CAM_STAGES + 1, CAMERAS_STAGE_FORCE_INT};
    struct {
        cameras_map map;
        double beyond[2];
    } fenced = {.beyond = {1, 1}};
    for (size_t i = 0; i < CAM_STAGES; i++)
        fenced.map.seconds[i] = 1.0;
    for (size_t i = 0; i < sizeof stages / sizeof *stages; i++)
        ck_assert_double_eq(cameras_map_seconds(&fenced.map, (cameras_stage)stages[i]), 0.0);
}
END_TEST

START_TEST(getters_give_what_the_record_holds)
{
    static const float raw[2] = {1, 5};
    cameras_map *map = map_of(2, 1, raw);
    map->logit = 9.5f;
    map->probability = 0.75f;
    map->source = CAMERAS_SOURCE_ORIGINAL;
    map->seconds[CAMERAS_STAGE_FUSE] = 0.125;
    map->scales[1] = (cam_scale_record){{640, 480}, 7, 0.5f, 0.25f, 1, "kept"};
    ck_assert_uint_eq(cameras_map_class(map), 281);
    ck_assert_str_eq(cameras_map_layer(map), "layer4");
    ck_assert_float_eq(cameras_map_logit(map), 9.5f);
    ck_assert_float_eq(cameras_map_probability(map), 0.75f);
    ck_assert_int_eq((int)cameras_map_source(map), CAMERAS_SOURCE_ORIGINAL);
    ck_assert_double_eq(cameras_map_seconds(map, CAMERAS_STAGE_FUSE), 0.125);
    ck_assert_uint_eq(cameras_map_scale_count(map), 2);
    ck_assert_uint_eq(cameras_map_scale_width(map, 1), 640);
    ck_assert_uint_eq(cameras_map_scale_height(map, 1), 480);
    ck_assert_uint_eq(cameras_map_scale_top1(map, 1), 7);
    ck_assert_float_eq(cameras_map_scale_top1_probability(map, 1), 0.5f);
    ck_assert_float_eq(cameras_map_scale_probability(map, 1), 0.25f);
    ck_assert_int_eq(cameras_map_scale_used(map, 1), 1);
    ck_assert_str_eq(cameras_map_scale_reason(map, 1), "kept");
    cameras_map_free(map);
}
END_TEST

START_TEST(the_path_of_the_layer_is_copied)
{
    char path[] = "layer4";
    cameras_map *map;
    ck_assert_int_eq(cam_map_new(&map, (cam_size){1, 1}, path, 1), CAMERAS_OK);
    path[0] = 'x';
    ck_assert_str_eq(cameras_map_layer(map), "layer4");
    cameras_map_free(map);
}
END_TEST

/* ---- writing ----------------------------------------------------------------------------------------------------- */

static uint8_t file_bytes[4096];

static size_t read_bytes(const char *path)
{
    FILE *stream = fopen(path, "rb");
    ck_assert_ptr_nonnull(stream);
    const size_t size = fread(file_bytes, 1, sizeof file_bytes, stream);
    fclose(stream);
    return size;
}

/* The header's text, by the letter of NumPy's format 1.0; *data is where the values begin. */
static const char *npy_header(size_t *data)
{
    static char header[256];
    ck_assert_mem_eq(file_bytes, "\x93NUMPY\x01\x00", 8);
    const size_t length = file_bytes[8] + 256u * file_bytes[9];
    ck_assert_uint_lt(length, sizeof header);
    ck_assert_uint_eq((10 + length) % 64, 0);
    memcpy(header, file_bytes + 10, length);
    header[length] = '\0';
    ck_assert_int_eq(header[length - 1], '\n');
    ck_assert_ptr_eq(strchr(header, '\n'), header + length - 1);
    *data = 10 + length;
    return header;
}

static float little_endian_float(const uint8_t *bytes)
{
    const uint32_t bits = bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 | (uint32_t)bytes[3] << 24;
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

START_TEST(npy_is_format_1_0_height_before_width_in_little_endian_floats)
{
    static const float values[6] = {0, 0.125f, 1.0f / 3, 0.5f, 0.75f, 1};
    cameras_map *map = finished_map(3, 2, values);
    ck_assert_int_eq(cameras_map_write(map, in_folder("map.npy")), CAMERAS_OK);
    size_t data;
    const size_t size = read_bytes(in_folder("map.npy"));
    const char *header = npy_header(&data);
    ck_assert_ptr_nonnull(strstr(header, "'descr': '<f4'"));
    ck_assert_ptr_nonnull(strstr(header, "'fortran_order': False"));
    ck_assert_ptr_nonnull(strstr(header, "'shape': (2, 3)"));
    ck_assert_int_eq(header[0], '{');
    ck_assert_uint_eq(size, data + sizeof values);
    for (size_t i = 0; i < 6; i++)
        ck_assert_float_eq(little_endian_float(file_bytes + data + 4 * i), values[i]);
    cameras_map_free(map);
}
END_TEST

/* A grey PNG of 16 bits a sample, read through libpng alone. */
static void expect_png(const char *path, size_t width, size_t height, const unsigned *expected)
{
    FILE *stream = fopen(path, "rb");
    ck_assert_ptr_nonnull(stream);
    png_structp png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png_create_info_struct(png);
    png_init_io(png, stream);
    png_read_png(png, info, PNG_TRANSFORM_IDENTITY, NULL);
    ck_assert_uint_eq(png_get_image_width(png, info), width);
    ck_assert_uint_eq(png_get_image_height(png, info), height);
    ck_assert_int_eq(png_get_bit_depth(png, info), 16);
    ck_assert_int_eq(png_get_color_type(png, info), PNG_COLOR_TYPE_GRAY);
    png_bytepp rows = png_get_rows(png, info);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            ck_assert_uint_eq(256u * rows[y][2 * x] + rows[y][2 * x + 1], expected[y * width + x]);
    png_destroy_read_struct(&png, &info, NULL);
    fclose(stream);
}

START_TEST(png_is_grey_of_16_bits_and_65535_for_one)
{
    static const float values[6] = {0, 1, 0.25f, 1.0f / 65535, 0.75f, 258.0f / 65535};
    static const unsigned expected[6] = {0, 65535, 16384, 1, 49151, 258};
    cameras_map *map = finished_map(2, 3, values);
    ck_assert_int_eq(cameras_map_write(map, in_folder("map.png")), CAMERAS_OK);
    expect_png(in_folder("map.png"), 2, 3, expected);
    cameras_map_free(map);
}
END_TEST

START_TEST(endings_are_known_whatever_their_case)
{
    static const float values[2] = {0, 1};
    static const char *const names[] = {"a.npy", "a.NPY", "a.Png", "a.b.png", "a.png.npy"};
    cameras_map *map = finished_map(2, 1, values);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_assert_int_eq(cameras_map_write(map, in_folder(names[i])), CAMERAS_OK);
        ck_assert_int_eq(access(in_folder(names[i]), F_OK), 0);
        ck_assert_uint_eq(entry_count(), i + 1);
    }
    ck_assert_uint_gt(read_bytes(in_folder("a.png.npy")), 0);
    ck_assert_int_eq(file_bytes[1], 'N');
    cameras_map_free(map);
}
END_TEST

START_TEST(other_endings_are_refused_and_leave_nothing)
{
    static const float values[2] = {0, 1};
    static const char *const names[] = {"map", "map.jpg", "map.npz", "map.npy.gz", "npy", "map.", "map.npy~", "map.np"};
    cameras_map *map = finished_map(2, 1, values);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        ck_assert_int_eq(cameras_map_write(map, in_folder(names[i])), CAMERAS_EINVAL);
        expect_message(names[i]);
        expect_message(".npy or .png");
        ck_assert_uint_eq(entry_count(), 0);
    }
    cameras_map_free(map);
}
END_TEST

START_TEST(writing_needs_a_map_and_a_path)
{
    static const float values[2] = {0, 1};
    cameras_map *map = finished_map(2, 1, values);
    ck_assert_int_eq(cameras_map_write(NULL, in_folder("map.npy")), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_map_write(map, NULL), CAMERAS_EINVAL);
    ck_assert_uint_eq(entry_count(), 0);
    cameras_map_free(map);
}
END_TEST

START_TEST(a_folder_that_is_missing_is_an_io_error)
{
    static const float values[2] = {0, 1};
    cameras_map *map = finished_map(2, 1, values);
    ck_assert_int_eq(cameras_map_write(map, in_folder("none/map.npy")), CAMERAS_EIO);
    ck_assert_int_eq(cameras_map_write(map, in_folder("none/map.png")), CAMERAS_EIO);
    expect_message("none/map.png");
    cameras_map_free(map);
}
END_TEST

static Suite *map_suite(void)
{
    Suite *suite = suite_create("map");
    TCase *making = tcase_create("making"), *reading = tcase_create("reading"), *writing = tcase_create("writing");
    tcase_add_checked_fixture(writing, make_folder, remove_folder);
    tcase_add_test(making, rectifying_zeroes_what_is_negative_and_nothing_else);
    tcase_add_test(making, a_value_that_is_not_finite_anywhere_is_refused_with_class_and_layer);
    tcase_add_test(making, stretching_takes_the_least_to_zero_and_the_greatest_to_one);
    tcase_add_test(making, ends_are_exact_whatever_the_values);
    tcase_add_loop_test(making, flat_map_is_refused_with_class_layer_and_reason, 0, FLATS);
    tcase_add_loop_test(making, flat_map_that_is_kept_is_all_zeros_and_says_so, 0, FLATS);
    tcase_add_test(making, small_but_real_contrast_is_stretched);
    tcase_add_test(making, a_map_of_one_pixel_is_flat);
    tcase_add_test(making, enlarging_is_bilinear_on_the_raw_values);
    tcase_add_test(making, shrinking_is_antialiased_on_the_raw_values);
    tcase_add_test(making, map_that_shrinks_one_way_only_is_antialiased_that_way);
    tcase_add_test(reading, getters_of_no_map_give_nothing);
    tcase_add_test(reading, scales_out_of_range_give_nothing);
    tcase_add_test(reading, stages_out_of_range_took_no_time);
    tcase_add_test(reading, getters_give_what_the_record_holds);
    tcase_add_test(reading, the_path_of_the_layer_is_copied);
    tcase_add_test(writing, npy_is_format_1_0_height_before_width_in_little_endian_floats);
    tcase_add_test(writing, png_is_grey_of_16_bits_and_65535_for_one);
    tcase_add_test(writing, endings_are_known_whatever_their_case);
    tcase_add_test(writing, other_endings_are_refused_and_leave_nothing);
    tcase_add_test(writing, writing_needs_a_map_and_a_path);
    tcase_add_test(writing, a_folder_that_is_missing_is_an_io_error);
    suite_add_tcase(suite, making);
    suite_add_tcase(suite, reading);
    suite_add_tcase(suite, writing);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(map_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
