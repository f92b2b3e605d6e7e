/*
 * check_drawing.c - colours, maps laid over pictures, and contact sheets
 *
 * SPDX-License-Identifier: MIT
 */
#include "colormap.h"
#include "map.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_BYTES = 4096
};

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static cameras_map *map_of(size_t width, size_t height, const float *values)
{
    cameras_map *map;
    ck_assert_int_eq(cam_map_new(&map, (cam_size){width, height}, "layer4", 1), CAMERAS_OK);
    memcpy(map->values, values, width * height * sizeof *values);
    return map;
}

static cameras_image *rgb_image(size_t width, size_t height, const uint8_t *pixels)
{
    cameras_image *image;
    ck_assert_int_eq(cameras_image_new(&image, pixels, width, height, 0, CAMERAS_RGB8), CAMERAS_OK);
    return image;
}

/* A grey picture, all of one value. */
static cameras_image *plain_image(size_t width, size_t height, int value)
{
    uint8_t pixels[MOST_BYTES];
    cameras_image *image;
    memset(pixels, value, width * height);
    ck_assert_int_eq(cameras_image_new(&image, pixels, width, height, 0, CAMERAS_GRAY8), CAMERAS_OK);
    return image;
}

static void expect_picture(const cameras_image *image, size_t width, size_t height, const uint8_t *expected)
{
    uint8_t pixels[MOST_BYTES];
    ck_assert_uint_eq(cameras_image_width(image), width);
    ck_assert_uint_eq(cameras_image_height(image), height);
    ck_assert_uint_eq(cameras_image_channels(image), 3);
    ck_assert_int_eq(cameras_image_pixels(pixels, 0, image), CAMERAS_OK);
    ck_assert_mem_eq(pixels, expected, 3 * width * height);
}

static void expect_overlay(const cameras_map *map, const cameras_image *image, cameras_colormap colormap, float opacity,
                           const uint8_t *expected)
{
    cameras_image *drawn;
    ck_assert_int_eq(cameras_map_overlay(&drawn, map, image, colormap, opacity), CAMERAS_OK);
    const size_t width = image ? cameras_image_width(image) : cameras_map_width(map);
    const size_t height = image ? cameras_image_height(image) : cameras_map_height(map);
    expect_picture(drawn, width, height, expected);
    cameras_image_free(drawn);
}

static void expect_color(cameras_colormap colormap, float value, double red, double green, double blue)
{
    float rgb[3];
    cam_colormap_color(rgb, colormap, value);
    ck_assert_double_eq_tol((double)rgb[0], red, 1e-3);
    ck_assert_double_eq_tol((double)rgb[1], green, 1e-3);
    ck_assert_double_eq_tol((double)rgb[2], blue, 1e-3);
}

/* ---- colours ---------------------------------------------------------------------------------------------------- */

START_TEST(tables_begin_and_end_as_published)
{
    static const struct {
        cameras_colormap colormap;
        double first[3], last[3];
    } cases[] = {{CAMERAS_VIRIDIS, {68, 1, 84}, {253, 231, 37}},
                 {CAMERAS_INFERNO, {0, 0, 4}, {252, 255, 164}},
                 {CAMERAS_MAGMA, {0, 0, 4}, {252, 253, 191}}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        expect_color(cases[i].colormap, 0, cases[i].first[0], cases[i].first[1], cases[i].first[2]);
        expect_color(cases[i].colormap, 1, cases[i].last[0], cases[i].last[1], cases[i].last[2]);
    }
}
END_TEST

START_TEST(between_two_entries_colours_are_mixed)
{
    /* viridis begins (68, 1, 84), (68, 2, 86) and ends (251, 231, 35), (253, 231, 37); entry 128 is (33, 145, 140). */
    expect_color(CAMERAS_VIRIDIS, 0.5f / 255, 68, 1.5, 85);
    expect_color(CAMERAS_VIRIDIS, 254.5f / 255, 252, 231, 36);
    expect_color(CAMERAS_VIRIDIS, 128.0f / 255, 33, 145, 140);
}
END_TEST

static double luma(cameras_colormap colormap, float value)
{
    float rgb[3];
    cam_colormap_color(rgb, colormap, value);
    return 0.299 * (double)rgb[0] + 0.587 * (double)rgb[1] + 0.114 * (double)rgb[2];
}

START_TEST(uniform_maps_grow_brighter_all_the_way)
{
    static const cameras_colormap uniform[] = {CAMERAS_VIRIDIS, CAMERAS_INFERNO, CAMERAS_MAGMA, CAMERAS_GRAY};
    for (int i = 4; i <= 255; i++)
        ck_assert_double_gt(luma(uniform[_i], (float)i / 255), luma(uniform[_i], (float)(i - 4) / 255));
}
END_TEST

START_TEST(jet_is_three_tents_and_gray_a_ramp)
{
    for (int i = 0; i <= 100; i++) {
        const double value = i / 100.0;
        double expected[3];
        for (int c = 0; c < 3; c++)
            expected[c] = 255.0 * fmin(fmax(1.5 - fabs(4.0 * value - (3 - c)), 0.0), 1.0);
        expect_color(CAMERAS_JET, (float)value, expected[0], expected[1], expected[2]);
        expect_color(CAMERAS_GRAY, (float)value, 255 * value, 255 * value, 255 * value);
    }
}
END_TEST

START_TEST(names_are_listed_from_zero_up)
{
    static const char *const names[] = {"viridis", "inferno", "magma", "jet", "gray"};
    for (int i = 0; i < 5; i++)
        ck_assert_str_eq(cameras_colormap_name((cameras_colormap)i), names[i]);
    ck_assert_ptr_null(cameras_colormap_name((cameras_colormap)5));
    ck_assert_ptr_null(cameras_colormap_name((cameras_colormap)-1));
    ck_assert_ptr_null(cameras_colormap_name(CAMERAS_COLORMAP_FORCE_INT));
}
END_TEST

/* ---- overlays --------------------------------------------------------------------------------------------------- */

START_TEST(opacity_zero_is_the_picture_and_one_the_colours)
{
    static const float values[2] = {0, 1};
    static const uint8_t pixels[6] = {1, 127, 255, 254, 128, 3}, colours[6] = {68, 1, 84, 253, 231, 37};
    cameras_map *map = map_of(2, 1, values);
    cameras_image *image = rgb_image(2, 1, pixels);
    expect_overlay(map, image, CAMERAS_VIRIDIS, 0.0f, pixels);
    expect_overlay(map, image, CAMERAS_VIRIDIS, 1.0f, colours);
    cameras_image_free(image);
    cameras_map_free(map);
}
END_TEST

START_TEST(every_byte_survives_opacity_zero)
{
    static const float values[2] = {0, 1};
    uint8_t pixels[3 * 256];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i % 256);
    cameras_map *map = map_of(2, 1, values);
    cameras_image *image = rgb_image(16, 16, pixels);
    expect_overlay(map, image, CAMERAS_JET, 0.0f, pixels);
    cameras_image_free(image);
    cameras_map_free(map);
}
END_TEST

START_TEST(opacity_between_mixes_colour_and_picture)
{
    static const float values[2] = {0, 1};
    static const uint8_t pixels[6] = {0, 100, 200, 255, 40, 80};
    static const uint8_t expected[6] = {0, 75, 150, 255, 94, 124}; /* 3/4 picture, 1/4 black or white */
    cameras_map *map = map_of(2, 1, values);
    cameras_image *image = rgb_image(2, 1, pixels);
    expect_overlay(map, image, CAMERAS_GRAY, 0.25f, expected);
    cameras_image_free(image);
    cameras_map_free(map);
}
END_TEST

START_TEST(map_is_enlarged_bilinearly_to_the_picture)
{
    static const float values[2] = {0, 1};
    static const uint8_t row[12] = {0, 0, 0, 64, 64, 64, 191, 191, 191, 255, 255, 255}; /* 63.75 and 191.25 */
    uint8_t expected[36];
    for (size_t y = 0; y < 3; y++)
        memcpy(expected + 12 * y, row, 12);
    cameras_map *map = map_of(2, 1, values);
    cameras_image *image = plain_image(4, 3, 9);
    expect_overlay(map, image, CAMERAS_GRAY, 1.0f, expected);
    cameras_image_free(image);
    cameras_map_free(map);
}
END_TEST

START_TEST(grey_picture_is_laid_under_all_three_channels)
{
    static const float values[1] = {0};
    static const uint8_t expected[3] = {92, 75, 96}; /* 75 of 100, and a quarter of (68, 1, 84) */
    cameras_map *map = map_of(1, 1, values);
    cameras_image *image = plain_image(1, 1, 100);
    expect_overlay(map, image, CAMERAS_VIRIDIS, 0.25f, expected);
    cameras_image_free(image);
    cameras_map_free(map);
}
END_TEST

START_TEST(without_a_picture_the_map_is_drawn_alone_at_its_own_size)
{
    static const float values[6] = {0, 1, 0, 1, 1, 0};
    static const uint8_t expected[18] = {0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 255, 255, 255, 255, 255, 0, 0, 0};
    cameras_map *map = map_of(3, 2, values);
    expect_overlay(map, NULL, CAMERAS_GRAY, 1.0f, expected);
    expect_overlay(map, NULL, CAMERAS_GRAY, 0.25f, expected);
    cameras_map_free(map);
}
END_TEST

static void expect_overlay_refused(const cameras_map *map, const cameras_image *image, cameras_colormap colormap,
                                   float opacity)
{
    cameras_image *drawn = (cameras_image *)1;
    ck_assert_int_eq(cameras_map_overlay(&drawn, map, image, colormap, opacity), CAMERAS_EINVAL);
    ck_assert_ptr_null(drawn);
}

START_TEST(bad_opacity_colour_map_or_map_is_refused)
{
    static const float values[1] = {0};
    const float opacities[] = {NAN, 2.0f, -0.1f, INFINITY, -INFINITY, 1.0000002f};
    cameras_map *map = map_of(1, 1, values);
    cameras_image *image = plain_image(1, 1, 0);
    for (size_t i = 0; i < sizeof opacities / sizeof *opacities; i++) {
        expect_overlay_refused(map, image, CAMERAS_VIRIDIS, opacities[i]);
        expect_overlay_refused(map, NULL, CAMERAS_VIRIDIS, opacities[i]);
    }
    expect_overlay_refused(map, image, (cameras_colormap)5, 0.5f);
    expect_overlay_refused(map, image, (cameras_colormap)-1, 0.5f);
    expect_overlay_refused(NULL, image, CAMERAS_VIRIDIS, 0.5f);
    ck_assert_int_eq(cameras_map_overlay(NULL, map, image, CAMERAS_VIRIDIS, 0.5f), CAMERAS_EINVAL);
    cameras_image_free(image);
    cameras_map_free(map);
}
END_TEST

/* ---- sheets ----------------------------------------------------------------------------------------------------- */

START_TEST(sheet_has_the_size_that_cells_and_gaps_add_up_to)
{
    /* Cells are 4 wide (of the first) and 5 tall (of the second). */
    static const struct {
        size_t count, columns, gap, width, height;
    } cases[] = {
        {1, 1, 9, 4, 3},  {2, 2, 0, 8, 5},   {2, 2, 3, 11, 5}, {2, 1, 3, 4, 13},   {3, 2, 1, 9, 11},
        {5, 2, 1, 9, 17}, {5, 3, 2, 16, 12}, {3, 7, 1, 14, 5}, {4, 2, 10, 18, 20}, {3, SIZE_MAX, 0, 12, 5},
    };
    cameras_image *wide = plain_image(4, 3, 10), *tall = plain_image(2, 5, 20), *small = plain_image(1, 1, 30);
    const cameras_image *const images[] = {wide, tall, small, small, wide};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cameras_image *sheet;
        ck_assert_int_eq(cameras_image_sheet(&sheet, images, cases[i].count, cases[i].columns, cases[i].gap),
                         CAMERAS_OK);
        ck_assert_uint_eq(cameras_image_width(sheet), cases[i].width);
        ck_assert_uint_eq(cameras_image_height(sheet), cases[i].height);
        cameras_image_free(sheet);
    }
    cameras_image_free(small);
    cameras_image_free(tall);
    cameras_image_free(wide);
}
END_TEST

/* 'r' and 'g' for the two pictures below, ' ' for white. */
static void paint(uint8_t *pixel, char what)
{
    static const uint8_t red[3] = {200, 10, 20}, grey[3] = {70, 70, 70}, white[3] = {255, 255, 255};
    memcpy(pixel, what == 'r' ? red : what == 'g' ? grey : white, 3);
}

START_TEST(images_stand_in_their_cells_in_reading_order_on_white)
{
    /* Cells of 3 x 3 with a gap of 1; the grey picture is 1 x 1 and stands in the middle. */
    static const char plan[] = "rrr    "
                               "rrr  g "
                               "rrr    "
                               "       "
                               "    rrr"
                               " g  rrr"
                               "    rrr";
    uint8_t red_pixels[27], expected[3 * 49];
    for (size_t i = 0; i < 9; i++)
        paint(red_pixels + 3 * i, 'r');
    for (size_t i = 0; i < 49; i++)
        paint(expected + 3 * i, plan[i]);
    cameras_image *red = rgb_image(3, 3, red_pixels), *grey = plain_image(1, 1, 70), *sheet;
    const cameras_image *const images[] = {red, grey, grey, red};
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 4, 2, 1), CAMERAS_OK);
    expect_picture(sheet, 7, 7, expected);
    cameras_image_free(sheet);
    cameras_image_free(grey);
    cameras_image_free(red);
}
END_TEST

static void expect_sheet_refused(cameras_status expected, const cameras_image *const *images, size_t count,
                                 size_t columns, size_t gap)
{
    cameras_image *sheet = (cameras_image *)1;
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, count, columns, gap), expected);
    ck_assert_ptr_null(sheet);
}

START_TEST(sheet_without_images_or_columns_is_refused)
{
    cameras_image *image = plain_image(2, 2, 0);
    const cameras_image *const images[] = {image, NULL}, *const good[] = {image, image};
    expect_sheet_refused(CAMERAS_EINVAL, NULL, 2, 1, 0);
    expect_sheet_refused(CAMERAS_EINVAL, images, 0, 1, 0);
    expect_sheet_refused(CAMERAS_EINVAL, images, 1, 0, 0);
    expect_sheet_refused(CAMERAS_EINVAL, images, 2, 1, 0);
    ck_assert_int_eq(cameras_image_sheet(NULL, good, 2, 1, 0), CAMERAS_EINVAL);
    expect_sheet_refused(CAMERAS_ELIMIT, good, 2, 2, SIZE_MAX);
    expect_sheet_refused(CAMERAS_ELIMIT, good, 2, 1, SIZE_MAX / 2);
    cameras_image_free(image);
}
END_TEST

static Suite *drawing_suite(void)
{
    Suite *suite = suite_create("drawing");
    TCase *colours = tcase_create("colours"), *overlays = tcase_create("overlays"), *sheets = tcase_create("sheets");
    tcase_add_test(colours, tables_begin_and_end_as_published);
    tcase_add_test(colours, between_two_entries_colours_are_mixed);
    tcase_add_loop_test(colours, uniform_maps_grow_brighter_all_the_way, 0, 4);
    tcase_add_test(colours, jet_is_three_tents_and_gray_a_ramp);
    tcase_add_test(colours, names_are_listed_from_zero_up);
    tcase_add_test(overlays, opacity_zero_is_the_picture_and_one_the_colours);
    tcase_add_test(overlays, every_byte_survives_opacity_zero);
    tcase_add_test(overlays, opacity_between_mixes_colour_and_picture);
    tcase_add_test(overlays, map_is_enlarged_bilinearly_to_the_picture);
    tcase_add_test(overlays, grey_picture_is_laid_under_all_three_channels);
    tcase_add_test(overlays, without_a_picture_the_map_is_drawn_alone_at_its_own_size);
    tcase_add_test(overlays, bad_opacity_colour_map_or_map_is_refused);
    tcase_add_test(sheets, sheet_has_the_size_that_cells_and_gaps_add_up_to);
    tcase_add_test(sheets, images_stand_in_their_cells_in_reading_order_on_white);
    tcase_add_test(sheets, sheet_without_images_or_columns_is_refused);
    suite_add_tcase(suite, colours);
    suite_add_tcase(suite, overlays);
    suite_add_tcase(suite, sheets);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(drawing_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
