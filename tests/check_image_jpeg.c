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

static void append(picture *to, const void *bytes, size_t size)
{
    to->bytes = realloc(to->bytes, to->size + size);
    ck_assert_ptr_nonnull(to->bytes);
    memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
}

static void append_segment(picture *to, uint8_t kind, const uint8_t *bytes, size_t size)
{
    append(to, (const uint8_t[]){0xff, kind, (uint8_t)((size + 2) / 256), (uint8_t)((size + 2) % 256)}, 4);
    append(to, bytes, size);
}

/* A header of its five numbers and a body of so many zero bits. */
static void append_scan(picture *to, const uint8_t header[6], size_t bits)
{
    uint8_t *body = calloc(bits / 8 + 1, 1);
    ck_assert_ptr_nonnull(body);
    append_segment(to, 0xda, header, 6);
    append(to, body, (bits + 7) / 8);
    free(body);
}

/*
 * A progressive picture of middle grey whose scans are a few bytes each, but for the first, and visit every block all
 * the same. The one code of each table is a zero bit: of a block of no difference from the one before, and of a run of
 * 16384 blocks without coefficients, the length of which follows in 14 zero bits.
 */
static picture short_scans(size_t width, size_t height, size_t scans)
{
    enum {
        RUN = 16384,
        RUN_BITS = 15
    };
    static const uint8_t direct[] = {1, 1, 0, 0, 0, 0}, first[] = {1, 1, 0, 1, 1, 1}, further[] = {1, 1, 0, 1, 1, 0x10};
    static const uint8_t direct_table[18] = {[1] = 1}, run_table[18] = {0x10, [1] = 1, [17] = 0xe0};
    const uint8_t frame[] = {
        8, (uint8_t)(height / 256), (uint8_t)height, (uint8_t)(width / 256), (uint8_t)width, 1, 1, 0x11, 0};
    const size_t blocks = ((width + 7) / 8) * ((height + 7) / 8);
    uint8_t steps[65] = {0};
    memset(steps + 1, 1, 64);
    picture made = {0};
    append(&made, "\xff\xd8", 2);
    append_segment(&made, 0xdb, steps, sizeof steps);
    append_segment(&made, 0xc2, frame, sizeof frame);
    append_segment(&made, 0xc4, direct_table, sizeof direct_table);
    append_segment(&made, 0xc4, run_table, sizeof run_table);
    append_scan(&made, direct, blocks);
    for (size_t i = 1; i < scans; i++)
        append_scan(&made, i == 1 ? first : further, (blocks / RUN + 1) * RUN_BITS);
    append(&made, "\xff\xd9", 2);
    return made;
}

/* 10 million pixels 200 times are 2,000 million; of 64 million 32 scans are read all the same. */
START_TEST(scans_of_a_large_jpeg_are_bounded_by_the_pixels_they_visit)
{
    static const struct {
        size_t width, height, scans;
        const char *said;
    } cases[] = {{4000, 2500, 200, "more than 200 scans, the most that are read of 4000 x 2500 pixels"},
                 {8000, 8000, 32, "more than 32 scans, the most that are read of 8000 x 8000 pixels"}};
    const size_t width = cases[_i].width, height = cases[_i].height;
    picture most = short_scans(width, height, cases[_i].scans), over = short_scans(width, height, cases[_i].scans + 1);
    cameras_image *image = read_whole(&most);
    expect_shape(image, width, height, 1);
    ck_assert_uint_eq(byte_at(image, 0, width - 1, height - 1), 128);
    cameras_image_free(image);
    expect_refusal(over.bytes, over.size, NULL, CAMERAS_EFORMAT);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), cases[_i].said));
    picture_free(&over);
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
    tcase_add_loop_test(cases, scans_of_a_large_jpeg_are_bounded_by_the_pixels_they_visit, 0, 2);
    tcase_add_test(cases, jpeg_of_two_components_is_refused);
    return cases;
}

int main(void)
{
    TCase *const cases[] = {jpeg_case()};
    return run_picture_suite("image jpeg", cases, COUNT(cases));
}
