/*
 * check_image_png.c - PNG files of every kind
 *
 * SPDX-License-Identifier: MIT
 */
#include "image_checks.h"

#include "options.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

START_TEST(png_of_every_kind_and_depth_is_read_exactly)
{
    const picture_kind *kind = &picture_kinds[(size_t)_i / 2];
    picture made = noise_png(kind->colours, kind->channels, kind->depth, _i % 2, NULL);
    cameras_image *image = read_whole(&made);
    ck_assert_int_eq(image->planes != NULL, kind->depth == 16);
    expect_noise(image, kind);
    cameras_image_free(image);
}
END_TEST

START_TEST(interlaced_png_of_every_small_size_is_read_exactly)
{
    size_t width = (size_t)_i % 9 + 1, height = (size_t)_i / 9 + 1;
    uint8_t rows[9 * 9 * 3];
    for (size_t i = 0; i < width * height * 3; i++)
        rows[i] = (uint8_t)noise(i);
    picture made = picture_png(
        &(png_recipe){.width = width, .height = height, .depth = 8, .colours = RGB, .interlaced = 1, .rows = rows});
    cameras_image *image = read_whole(&made);
    expect_shape(image, width, height, 3);
    ck_assert_mem_eq(image->bytes, rows, width * height * 3);
    cameras_image_free(image);
}
END_TEST

/* Four colours, of which the first two are not opaque. */
static picture palette_png(int depth, const uint8_t *palette, const uint8_t *alphas)
{
    uint8_t rows[HEIGHT * WIDTH] = {0};
    size_t row_bytes = picture_row_bytes(WIDTH, 1, depth);
    size_t colours = depth == 1 ? 2 : 4;
    for (size_t i = 0; i < AREA; i++)
        picture_put(rows + i / WIDTH * row_bytes, i % WIDTH, depth, (unsigned)(i % colours));
    return picture_png(&(png_recipe){.width = WIDTH,
                                     .height = HEIGHT,
                                     .depth = depth,
                                     .colours = PALETTE,
                                     .rows = rows,
                                     .palette = palette,
                                     .palette_count = colours,
                                     .alphas = alphas,
                                     .alpha_count = alphas ? 2 : 0});
}

START_TEST(palette_becomes_rgb_and_its_transparency_is_laid_over_white)
{
    static const uint8_t palette[] = {200, 10, 0, 1, 2, 3, 255, 255, 255, 7, 77, 177}, alphas[] = {128, 0};
    static const int depths[] = {1, 2, 4, 8};
    int depth = depths[_i / 2], transparent = _i % 2;
    picture made = palette_png(depth, palette, transparent ? alphas : NULL);
    cameras_image *image = read_whole(&made);
    expect_shape(image, WIDTH, HEIGHT, 3);
    for (size_t i = 0; i < AREA; i++)
        for (size_t c = 0; c < 3; c++) {
            size_t colour = i % (depth == 1 ? 2 : 4);
            double alpha = transparent && colour < 2 ? alphas[colour] / 255.0 : 1.0;
            expect_value(image, c, i % WIDTH, i / WIDTH, rounded(over_white(palette[3 * colour + c] / 255.0, alpha)));
        }
    cameras_image_free(image);
}
END_TEST

START_TEST(colour_key_of_a_png_becomes_white)
{
    static const picture_kind keyed[] = {{GREY, 2, 1}, {GREY, 8, 1}, {GREY, 16, 1}, {RGB, 8, 3}, {RGB, 16, 3}};
    const picture_kind *kind = &keyed[_i];
    size_t chosen = 7; /* the pixel whose colour is the key */
    uint16_t key[3] = {0};
    for (size_t c = 0; c < kind->channels; c++)
        key[c] = (uint16_t)sample(chosen * kind->channels + c, kind->depth);
    picture made = noise_png(kind->colours, kind->channels, kind->depth, 0, key);
    cameras_image *image = read_whole(&made);
    expect_shape(image, WIDTH, HEIGHT, kind->channels);
    for (size_t i = 0; i < AREA; i++) {
        int is_key = 1;
        for (size_t c = 0; c < kind->channels; c++)
            is_key &= sample(i * kind->channels + c, kind->depth) == key[c];
        for (size_t c = 0; c < kind->channels; c++)
            expect_value(image, c, i % WIDTH, i / WIDTH,
                         is_key ? 1.0
                                : sample(i * kind->channels + c, kind->depth) / (double)((1u << kind->depth) - 1u));
    }
    cameras_image_free(image);
}
END_TEST

START_TEST(neighbouring_16_bit_values_stay_apart)
{
    uint8_t rows[] = {0x80, 0x00, 0x80, 0x01, 0xff, 0xfe, 0xff, 0xff};
    picture made = picture_png(&(png_recipe){.width = 4, .height = 1, .depth = 16, .colours = GREY, .rows = rows});
    cameras_image *image = read_whole(&made);
    expect_value(image, 0, 0, 0, 32768 / 65535.0);
    expect_value(image, 0, 1, 0, 32769 / 65535.0);
    expect_value(image, 0, 2, 0, 65534 / 65535.0);
    ck_assert(value_at(image, 0, 3, 0) == 1.0f);
    cameras_image_free(image);
}
END_TEST

START_TEST(png_cut_short_anywhere_is_refused)
{
    const picture_kind *kind = &picture_kinds[_i];
    picture made = noise_png(kind->colours, kind->channels, kind->depth, _i % 2, NULL);
    for (size_t size = 0; size < made.size; size++)
        expect_refusal(made.bytes, size, NULL, CAMERAS_EFORMAT);
    picture_free(&made);
}
END_TEST

/* ---- what follows the last row ---------------------------------------------------------------------------------- */

/* One grey pixel of 77, so much noise behind it in the same compressed data, and so much in an IDAT of its own. */
static picture pixel_png(int interlaced, size_t within, size_t behind)
{
    uint8_t *rows = malloc(2 + within), *further = malloc(behind + 1);
    ck_assert(rows && further);
    rows[0] = 0; /* no filter */
    rows[1] = 77;
    for (size_t i = 0; i < within; i++)
        rows[2 + i] = (uint8_t)noise(i);
    for (size_t i = 0; i < behind; i++)
        further[i] = (uint8_t)noise(i);
    picture data = picture_deflated(rows, 2 + within);
    const png_chunk chunks[] = {{"IDAT", data.bytes, data.size}, {"IDAT", further, behind}};
    picture made = picture_png_of_chunks(
        &(png_recipe){.width = 1, .height = 1, .depth = 8, .colours = GREY, .interlaced = interlaced}, chunks,
        behind ? 2 : 1);
    picture_free(&data);
    free(rows);
    free(further);
    return made;
}

START_TEST(png_with_a_few_bytes_after_its_last_row_is_read)
{
    static const size_t surplus[] = {0, 1, 100, 10000, 50000};
    for (size_t i = 0; i < COUNT(surplus); i++)
        for (int behind = 0; behind < 2; behind++) {
            picture made = pixel_png(_i, behind ? 0 : surplus[i], behind ? surplus[i] : 0);
            cameras_image *image = read_whole(&made);
            expect_shape(image, 1, 1, 1);
            expect_value(image, 0, 0, 0, 77 / 255.0);
            cameras_image_free(image);
        }
}
END_TEST

START_TEST(png_with_much_data_after_its_last_row_is_refused)
{
    for (int behind = 0; behind < 2; behind++) {
        picture made = pixel_png(_i, behind ? 0 : 100000, behind ? 100000 : 0);
        expect_refusal(made.bytes, made.size, NULL, CAMERAS_EFORMAT);
        ck_assert_ptr_nonnull(strstr(cameras_last_error(), "after the last row"));
        picture_free(&made);
    }
}
END_TEST

/* Noise does not compress: the last row of it, at once the first, is longer than what may follow it. */
START_TEST(png_whose_last_row_is_long_is_read)
{
    enum {
        LONG = 300000
    };
    uint8_t *row = malloc(LONG);
    ck_assert_ptr_nonnull(row);
    for (size_t i = 0; i < LONG; i++)
        row[i] = (uint8_t)noise(i);
    picture made = picture_png(
        &(png_recipe){.width = LONG, .height = 1, .depth = 8, .colours = GREY, .interlaced = _i, .rows = row});
    ck_assert_uint_gt(made.size, LONG);
    cameras_image *image = read_whole(&made);
    expect_shape(image, LONG, 1, 1);
    ck_assert_mem_eq(image->bytes, row, LONG);
    cameras_image_free(image);
    free(row);
}
END_TEST

START_TEST(png_header_of_60000_squared_is_refused_before_allocation)
{
    picture made = picture_png_header(60000, 60000);
    expect_refusal_before_allocation(&made, "60000 x 60000");
}
END_TEST

START_TEST(png_header_of_the_largest_size_is_refused_before_allocation)
{
    picture made = picture_png_header(0x7fffffff, 0x7fffffff);
    expect_refusal_before_allocation(&made, "2147483647 x 2147483647");
}
END_TEST

START_TEST(png_header_of_no_size_is_refused)
{
    picture made = picture_png_header(0, 7);
    expect_refusal(made.bytes, made.size, NULL, CAMERAS_EFORMAT);
    picture_free(&made);
}
END_TEST

START_TEST(png_without_pixels_is_refused)
{
    picture made = picture_png_header(9, 7);
    expect_refusal(made.bytes, made.size, NULL, CAMERAS_EFORMAT);
    picture_free(&made);
}
END_TEST

START_TEST(picture_of_exactly_max_pixels_is_read_and_of_one_more_is_not)
{
    const cameras_options enough = {.max_pixels = AREA}, too_few = {.max_pixels = AREA - 1};
    cameras_image *image = NULL;
    picture made = noise_png(RGB, 3, 8, 0, NULL);
    expect_refusal(made.bytes, made.size, &too_few, CAMERAS_ELIMIT);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "5 x 3"));
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "14"));
    ck_assert_int_eq(cameras_image_read_memory(&image, made.bytes, made.size, &enough), CAMERAS_OK);
    cameras_image_free(image);
    picture_free(&made);
}
END_TEST

START_TEST(size_check_does_not_overflow)
{
    ck_assert_int_eq(cam_image_check_size(SIZE_MAX, SIZE_MAX, SIZE_MAX, "x"), CAMERAS_ELIMIT);
    ck_assert_int_eq(cam_image_check_size((size_t)1 << 32, (size_t)1 << 32, 100, "x"), CAMERAS_ELIMIT);
    ck_assert_int_eq(cam_image_check_size(SIZE_MAX, 1, SIZE_MAX, "x"), CAMERAS_OK);
    ck_assert_int_eq(cam_image_check_size(10, 10, 99, "x"), CAMERAS_ELIMIT);
    ck_assert_int_eq(cam_image_check_size(10, 10, 100, "x"), CAMERAS_OK);
}
END_TEST

static TCase *png_case(void)
{
    TCase *cases = tcase_create("png");
    tcase_add_loop_test(cases, png_of_every_kind_and_depth_is_read_exactly, 0, 2 * PICTURE_KINDS);
    tcase_add_loop_test(cases, interlaced_png_of_every_small_size_is_read_exactly, 0, 81);
    tcase_add_loop_test(cases, palette_becomes_rgb_and_its_transparency_is_laid_over_white, 0, 8);
    tcase_add_loop_test(cases, colour_key_of_a_png_becomes_white, 0, 5);
    tcase_add_test(cases, neighbouring_16_bit_values_stay_apart);
    tcase_add_loop_test(cases, png_cut_short_anywhere_is_refused, 0, PICTURE_KINDS);
    tcase_add_loop_test(cases, png_with_a_few_bytes_after_its_last_row_is_read, 0, 2);
    tcase_add_loop_test(cases, png_with_much_data_after_its_last_row_is_refused, 0, 2);
    tcase_add_loop_test(cases, png_whose_last_row_is_long_is_read, 0, 2);
    tcase_add_test(cases, png_header_of_60000_squared_is_refused_before_allocation);
    tcase_add_test(cases, png_header_of_the_largest_size_is_refused_before_allocation);
    tcase_add_test(cases, png_header_of_no_size_is_refused);
    tcase_add_test(cases, png_without_pixels_is_refused);
    tcase_add_test(cases, picture_of_exactly_max_pixels_is_read_and_of_one_more_is_not);
    tcase_add_test(cases, size_check_does_not_overflow);
    return cases;
}

int main(void)
{
    TCase *const cases[] = {png_case()};
    return run_picture_suite("image png", cases, COUNT(cases));
}
