/*
 * check_image_exif.c - pictures that were stored turned, and what says so
 *
 * SPDX-License-Identifier: MIT
 */
#include "image_checks.h"

#include "exif.h"
#include "process.h"

#include <check.h>
#include <stdio.h>
#include <jpeglib.h>
#include <stdlib.h>
#include <string.h>

/*
 * How the upright picture ABC/DEF is stored, by what Exif says of row 0 and column 0: 1 top, left; 2 top, right;
 * 3 bottom, right; 4 bottom, left; 5 left, top; 6 right, top; 7 right, bottom; 8 left, bottom.
 */
static const struct {
    const char *letters;
    size_t width, height;
} stored_as[9] = {{"ABCDEF", 3, 2}, {"ABCDEF", 3, 2}, {"CBAFED", 3, 2}, {"FEDCBA", 3, 2}, {"DEFABC", 3, 2},
                  {"ADBECF", 2, 3}, {"CFBEAD", 2, 3}, {"FCEBDA", 2, 3}, {"DAEBFC", 2, 3}};

static const char upright[] = "ABCDEF";

static uint8_t shade(char letter, size_t channel)
{
    return (uint8_t)((letter - 'A') * 40 + (int)channel * 10);
}

static picture turned_jpeg(unsigned orientation, const uint8_t *app1, size_t app1_size, size_t components)
{
    uint8_t colours[18], samples[ACROSS * DOWN * BLOCK * BLOCK * 3];
    size_t across = stored_as[orientation].width, down = stored_as[orientation].height;
    for (size_t i = 0; i < 6 * components; i++)
        colours[i] = shade(stored_as[orientation].letters[i / components], i % components);
    fill_blocks(samples, colours, across, down, components);
    return picture_jpeg(&(jpeg_recipe){.width = across * BLOCK,
                                       .height = down * BLOCK,
                                       .components = (int)components,
                                       .given = components == 1 ? JCS_GRAYSCALE : JCS_RGB,
                                       .stored = components == 1 ? JCS_GRAYSCALE : JCS_YCbCr,
                                       .samples = samples,
                                       .app1 = app1,
                                       .app1_size = app1_size});
}

START_TEST(jpeg_is_turned_upright_from_every_orientation_in_both_byte_orders)
{
    unsigned orientation = (unsigned)_i % 8 + 1;
    size_t components = _i / 16 ? 1 : 3;
    uint8_t app1[PICTURE_EXIF_BYTES];
    picture_exif(app1, orientation, _i / 8 % 2);
    picture made = turned_jpeg(orientation, app1, sizeof app1, components);
    cameras_image *image = read_whole(&made);
    expect_shape(image, 24, 16, components);
    for (size_t y = 0; y < 16; y++)
        for (size_t x = 0; x < 24; x++)
            for (size_t c = 0; c < components; c++)
                expect_near(image, c, x, y, shade(upright[y / 8 * 3 + x / 8], c));
    cameras_image_free(image);
}
END_TEST

START_TEST(png_is_turned_upright_by_its_exif_chunk)
{
    unsigned orientation = (unsigned)_i % 8 + 1;
    int depth = _i / 8 ? 16 : 8;
    uint8_t exif[PICTURE_EXIF_BYTES], rows[6 * 3 * 2] = {0};
    picture_exif(exif, orientation, 1);
    for (size_t i = 0; i < 18; i++)
        picture_put(rows, i, depth, shade(stored_as[orientation].letters[i / 3], i % 3) * (depth == 16 ? 257u : 1u));
    picture made = picture_png(&(png_recipe){.width = stored_as[orientation].width,
                                             .height = stored_as[orientation].height,
                                             .depth = depth,
                                             .colours = RGB,
                                             .rows = rows,
                                             .exif = exif + PICTURE_EXIF_PREFIX,
                                             .exif_size = sizeof exif - PICTURE_EXIF_PREFIX});
    cameras_image *image = read_whole(&made);
    expect_shape(image, 3, 2, 3);
    for (size_t i = 0; i < 18; i++)
        expect_value(image, i % 3, i / 3 % 3, i / 9, shade(upright[i / 3], i % 3) / 255.0);
    cameras_image_free(image);
}
END_TEST

START_TEST(png_is_turned_by_an_exif_chunk_after_its_pixels)
{
    uint8_t exif[PICTURE_EXIF_BYTES];
    picture_exif(exif, 6, 0);
    /* Two rows of one pixel, each without a filter; upright the lower one stands at the left. */
    picture data = picture_deflated((const uint8_t[]){0, 10, 0, 200}, 4);
    const png_chunk chunks[] = {{"IDAT", data.bytes, data.size},
                                {"eXIf", exif + PICTURE_EXIF_PREFIX, sizeof exif - PICTURE_EXIF_PREFIX}};
    picture made = picture_png_of_chunks(&(png_recipe){.width = 1, .height = 2, .depth = 8}, chunks, 2);
    picture_free(&data);
    cameras_image *image = read_whole(&made);
    expect_shape(image, 2, 1, 1);
    expect_value(image, 0, 0, 0, 200 / 255.0);
    expect_value(image, 0, 1, 0, 10 / 255.0);
    cameras_image_free(image);
}
END_TEST

/*
 * Two images of three planes of four bytes at once; rows as they are stored, eight bytes, would be a third more. They
 * are large enough for the allocator to give each back to the system.
 */
START_TEST(turning_a_16_bit_png_takes_24_bytes_a_pixel_at_most)
{
    enum {
        ACROSS_16 = 2400,
        DOWN_16 = 1800,
        PIXELS_16 = ACROSS_16 * DOWN_16
    };
    uint8_t exif[PICTURE_EXIF_BYTES], *rows = calloc(PIXELS_16, 8);
    ck_assert_ptr_nonnull(rows);
    picture_exif(exif, 6, 1);
    picture made = picture_png(&(png_recipe){.width = ACROSS_16,
                                             .height = DOWN_16,
                                             .depth = 16,
                                             .colours = RGB_ALPHA,
                                             .interlaced = 1,
                                             .rows = rows,
                                             .exif = exif + PICTURE_EXIF_PREFIX,
                                             .exif_size = sizeof exif - PICTURE_EXIF_PREFIX});
    free(rows);
    if (!process_is_measurable() || !process_forget_most()) {
        picture_free(&made);
        return;
    }
    const size_t before = process_resident();
    cameras_image *image = read_whole(&made);
    const size_t taken = process_most_resident() - before;
    expect_shape(image, DOWN_16, ACROSS_16, 3);
    cameras_image_free(image);
    ck_assert_msg(taken <= 25 * (size_t)PIXELS_16, "%.1f bytes a pixel", (double)taken / PIXELS_16);
    ck_assert_uint_ge(taken, 20 * (size_t)PIXELS_16); /* otherwise this measures nothing */
}
END_TEST

START_TEST(orientations_out_of_range_say_nothing)
{
    uint8_t exif[PICTURE_EXIF_BYTES];
    static const unsigned others[] = {0, 9, 255, 256, 65535};
    for (size_t i = 0; i < COUNT(others); i++) {
        picture_exif(exif, others[i], (int)i % 2);
        ck_assert_uint_eq(cam_exif_orientation(exif + PICTURE_EXIF_PREFIX, sizeof exif - PICTURE_EXIF_PREFIX), 1);
    }
}
END_TEST

START_TEST(orientation_is_found_only_in_whole_entries)
{
    uint8_t exif[PICTURE_EXIF_BYTES];
    picture_exif(exif, 6, 0);
    /* Header 8, count 2, two entries of 12: 34 bytes; each size has its own allocation, so overreading shows. */
    for (size_t size = 0; size <= sizeof exif - PICTURE_EXIF_PREFIX; size++) {
        uint8_t *tiff = malloc(size + !size);
        ck_assert_ptr_nonnull(tiff);
        memcpy(tiff, exif + PICTURE_EXIF_PREFIX, size);
        ck_assert_uint_eq(cam_exif_orientation(tiff, size), size >= 34 ? 6 : 1);
        free(tiff);
    }
}
END_TEST

START_TEST(directory_offsets_outside_say_nothing)
{
    uint8_t exif[PICTURE_EXIF_BYTES], *tiff = exif + PICTURE_EXIF_PREFIX;
    static const uint8_t offsets[][4] = {
        {0xff, 0xff, 0xff, 0xff}, {0xfe, 0xff, 0xff, 0x7f}, {36, 0, 0, 0}, {37, 0, 0, 0}, {38, 0, 0, 0}, {39, 0, 0, 0}};
    for (size_t i = 0; i < COUNT(offsets); i++) {
        uint8_t *exact = malloc(38);
        ck_assert_ptr_nonnull(exact);
        picture_exif(exif, 6, 0);
        memcpy(tiff + 4, offsets[i], 4);
        memcpy(exact, tiff, 38);
        ck_assert_uint_eq(cam_exif_orientation(exact, 38), 1);
        free(exact);
    }
}
END_TEST

START_TEST(garbage_exif_leaves_the_picture_as_stored)
{
    uint8_t app1[200];
    for (size_t i = 0; i < sizeof app1; i++)
        app1[i] = (uint8_t)noise(i + 1000 * (size_t)_i);
    if (_i % 3 > 0)
        memcpy(app1, "Exif\0", PICTURE_EXIF_PREFIX);
    if (_i % 3 > 1)
        memcpy(app1 + PICTURE_EXIF_PREFIX, "MM\0*\0\0\0\x08\xff\xff", 10);
    picture made = turned_jpeg(1, app1, (size_t)_i % 3 ? sizeof app1 - (size_t)_i : 1 + (size_t)_i, 3);
    cameras_image *image = read_whole(&made);
    expect_shape(image, 24, 16, 3);
    expect_near(image, 0, 4, 4, shade('A', 0));
    cameras_image_free(image);
}
END_TEST

START_TEST(turning_back_gives_the_first_picture)
{
    static const unsigned inverse[] = {0, 1, 2, 3, 4, 5, 8, 7, 6};
    unsigned orientation = (unsigned)_i % 8 + 1;
    float values[3 * AREA];
    for (size_t i = 0; i < 3 * AREA; i++)
        values[i] = (float)(noise(i) % 1000) / 1000.0f;
    cameras_image *image = NULL;
    ck_assert_int_eq(cameras_image_new(&image, values, WIDTH, HEIGHT, 0, CAMERAS_RGBF), CAMERAS_OK);
    ck_assert_int_eq(cam_exif_apply(&image, orientation, "turn"), CAMERAS_OK);
    ck_assert_uint_eq(image->width, orientation < 5 ? WIDTH : HEIGHT);
    ck_assert_int_eq(cam_exif_apply(&image, inverse[orientation], "turn"), CAMERAS_OK);
    expect_shape(image, WIDTH, HEIGHT, 3);
    ck_assert_mem_eq(image->planes, values, sizeof values);
    cameras_image_free(image);
}
END_TEST

static TCase *orientation_case(void)
{
    TCase *cases = tcase_create("orientation");
    tcase_add_loop_test(cases, jpeg_is_turned_upright_from_every_orientation_in_both_byte_orders, 0, 32);
    tcase_add_loop_test(cases, png_is_turned_upright_by_its_exif_chunk, 0, 16);
    tcase_add_test(cases, png_is_turned_by_an_exif_chunk_after_its_pixels);
    tcase_add_test(cases, turning_a_16_bit_png_takes_24_bytes_a_pixel_at_most);
    tcase_add_test(cases, orientations_out_of_range_say_nothing);
    tcase_add_test(cases, orientation_is_found_only_in_whole_entries);
    tcase_add_test(cases, directory_offsets_outside_say_nothing);
    tcase_add_loop_test(cases, garbage_exif_leaves_the_picture_as_stored, 0, 60);
    tcase_add_loop_test(cases, turning_back_gives_the_first_picture, 0, 8);
    return cases;
}

int main(void)
{
    TCase *const cases[] = {orientation_case()};
    return run_picture_suite("image exif", cases, COUNT(cases));
}
