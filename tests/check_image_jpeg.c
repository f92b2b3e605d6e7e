/*
 * check_image_jpeg.c - JPEG files of every kind
 *
 * SPDX-License-Identifier: MIT
 */
#include "image_checks.h"

#include <check.h>
#include <stdio.h>
#include <jpeglib.h>
#include <stdlib.h>
#include <string.h>

START_TEST(grey_jpeg_stays_grey)
{
    picture made = block_jpeg(
        six_greys, (jpeg_recipe){.components = 1, .given = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE, .progressive = _i});
    cameras_image *image = read_whole(&made);
    expect_shape(image, 24, 16, 1);
    for (size_t y = 0; y < 16; y++)
        for (size_t x = 0; x < 24; x++)
            expect_near(image, 0, x, y, six_greys[y / 8 * 3 + x / 8]);
    cameras_image_free(image);
}
END_TEST

START_TEST(colour_jpeg_is_read_as_rgb)
{
    static const int stored[] = {JCS_YCbCr, JCS_RGB};
    picture made = block_jpeg(
        six_colours, (jpeg_recipe){.components = 3, .given = JCS_RGB, .stored = stored[_i / 2], .progressive = _i % 2});
    cameras_image *image = read_whole(&made);
    expect_shape(image, 24, 16, 3);
    for (size_t y = 0; y < 16; y++)
        for (size_t x = 0; x < 24; x++)
            for (size_t c = 0; c < 3; c++)
                expect_near(image, c, x, y, six_colours[(y / 8 * 3 + x / 8) * 3 + c]);
    cameras_image_free(image);
}
END_TEST

/* Ink from 0 to 255 in cyan, magenta, yellow, black. */
START_TEST(cmyk_and_ycck_jpegs_become_rgb)
{
    static const struct {
        int stored, without_adobe;
    } cases[] = {{JCS_CMYK, 0}, {JCS_YCCK, 0}, {JCS_CMYK, 1}};
    uint8_t stored_inks[sizeof six_inks];
    for (size_t i = 0; i < sizeof six_inks; i++)
        stored_inks[i] = cases[_i].without_adobe ? six_inks[i] : (uint8_t)(255 - six_inks[i]);
    picture made = block_jpeg(stored_inks, (jpeg_recipe){.components = 4,
                                                         .given = JCS_CMYK,
                                                         .stored = cases[_i].stored,
                                                         .without_adobe = cases[_i].without_adobe});
    cameras_image *image = read_whole(&made);
    expect_shape(image, 24, 16, 3);
    for (size_t y = 0; y < 16; y++)
        for (size_t x = 0; x < 24; x++)
            for (size_t c = 0; c < 3; c++) {
                const uint8_t *ink = six_inks + (y / 8 * 3 + x / 8) * 4;
                expect_near(image, c, x, y, (255 - ink[c]) * (255 - ink[3]) / 255.0);
            }
    cameras_image_free(image);
}
END_TEST

START_TEST(jpeg_cut_short_anywhere_is_refused)
{
    picture made = block_jpeg(six_colours,
                              (jpeg_recipe){.components = 3, .given = JCS_RGB, .stored = JCS_YCbCr, .progressive = _i});
    for (size_t size = 0; size < made.size; size++)
        expect_refusal(made.bytes, size, NULL, CAMERAS_EFORMAT);
    picture_free(&made);
}
END_TEST

START_TEST(jpeg_header_of_60000_squared_is_refused_before_allocation)
{
    picture made = block_jpeg(six_colours,
                              (jpeg_recipe){.components = 3, .given = JCS_RGB, .stored = JCS_YCbCr, .progressive = _i});
    uint8_t *sizes = made.bytes + find_marker(&made, _i ? 0xc2 : 0xc0) + 5;
    sizes[0] = sizes[2] = 60000 / 256;
    sizes[1] = sizes[3] = 60000 % 256;
    expect_refusal_before_allocation(&made, "60000 x 60000");
}
END_TEST

START_TEST(bytes_after_the_end_of_a_jpeg_are_ignored)
{
    picture made =
        block_jpeg(six_greys, (jpeg_recipe){.components = 1, .given = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE});
    made.bytes = realloc(made.bytes, made.size + 100);
    ck_assert_ptr_nonnull(made.bytes);
    memset(made.bytes + made.size, 0xaa, 100);
    made.size += 100;
    cameras_image *image = read_whole(&made);
    expect_shape(image, 24, 16, 1);
    cameras_image_free(image);
}
END_TEST

/* A progressive picture whose last scan, of one component, comes again and again. */
static picture many_scans(size_t count)
{
    picture made = block_jpeg(
        six_greys, (jpeg_recipe){.components = 1, .given = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE, .progressive = 1});
    size_t start = 0;
    for (size_t at = 0; at + 1 < made.size; at++)
        if (made.bytes[at] == 0xff && made.bytes[at + 1] == 0xda)
            start = at;
    size_t scan = made.size - 2 - start;
    picture all = {malloc(made.size + count * scan), made.size + count * scan};
    ck_assert_ptr_nonnull(all.bytes);
    memcpy(all.bytes, made.bytes, made.size - 2);
    for (size_t i = 0; i < count; i++)
        memcpy(all.bytes + made.size - 2 + i * scan, made.bytes + start, scan);
    memcpy(all.bytes + all.size - 2, "\xff\xd9", 2);
    picture_free(&made);
    return all;
}

START_TEST(jpeg_of_a_thousand_scans_is_refused)
{
    picture few = many_scans(100), many = many_scans(1000);
    cameras_image *image = read_whole(&few);
    cameras_image_free(image);
    expect_refusal(many.bytes, many.size, NULL, CAMERAS_EFORMAT);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "500 scans"));
    picture_free(&many);
}
END_TEST

START_TEST(jpeg_of_two_components_is_refused)
{
    uint8_t samples[8 * 8 * 2] = {0};
    picture made = picture_jpeg(&(jpeg_recipe){
        .width = 8, .height = 8, .components = 2, .given = JCS_UNKNOWN, .stored = JCS_UNKNOWN, .samples = samples});
    expect_refusal(made.bytes, made.size, NULL, CAMERAS_EFORMAT);
    picture_free(&made);
}
END_TEST

static TCase *jpeg_case(void)
{
    TCase *cases = tcase_create("jpeg");
    tcase_add_loop_test(cases, grey_jpeg_stays_grey, 0, 2);
    tcase_add_loop_test(cases, colour_jpeg_is_read_as_rgb, 0, 4);
    tcase_add_loop_test(cases, cmyk_and_ycck_jpegs_become_rgb, 0, 3);
    tcase_add_loop_test(cases, jpeg_cut_short_anywhere_is_refused, 0, 2);
    tcase_add_loop_test(cases, jpeg_header_of_60000_squared_is_refused_before_allocation, 0, 2);
    tcase_add_test(cases, bytes_after_the_end_of_a_jpeg_are_ignored);
    tcase_add_test(cases, jpeg_of_a_thousand_scans_is_refused);
    tcase_add_test(cases, jpeg_of_two_components_is_refused);
    return cases;
}

int main(void)
{
    TCase *const cases[] = {jpeg_case()};
    return run_picture_suite("image jpeg", cases, COUNT(cases));
}
