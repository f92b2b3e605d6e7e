/*
 * check_image_hostile.c - bytes that are no picture, or no longer
 *
 * SPDX-License-Identifier: MIT
 */
#include "image_checks.h"

#include "options.h"

#include <check.h>
#include <stdio.h>
#include <jpeglib.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

START_TEST(what_is_neither_png_nor_jpeg_is_refused_by_name)
{
    static const struct {
        const char *bytes, *said;
        size_t size;
    } cases[] = {{"GIF89a......", "GIF", 12},
                 {"RIFF....WEBPVP8 ", "WebP", 16},
                 {"II*\0........", "TIFF", 12},
                 {"....ftypheic....", "HEIF", 16},
                 {"<!DOCTYPE html>", "markup", 15},
                 {"hello there", "neither", 11},
                 {"PK\3\4........", "model", 12},
                 {"PK", "neither", 2},
                 {"\x89PNG\r\n", "neither PNG", 6},
                 {"\xff\xd8", "neither", 2},
                 {"x", "neither", 1},
                 {"\x89PNG\n\x1a\n........", "neither", 14},
                 {"", "neither", 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_refusal((const uint8_t *)cases[i].bytes, cases[i].size, NULL, CAMERAS_EFORMAT);
        ck_assert_ptr_nonnull(strstr(cameras_last_error(), cases[i].said));
    }
}
END_TEST

/* Either a whole picture or a refusal; that nothing else happens is for the sanitizers to see. */
static void expect_either(const uint8_t *bytes, size_t size)
{
    const cameras_options options = {.max_pixels = 1000000};
    cameras_image sentinel, *image = &sentinel;
    cameras_status status = cameras_image_read_memory(&image, bytes, size, &options);
    if (status != CAMERAS_OK) {
        ck_assert(status == CAMERAS_EFORMAT || status == CAMERAS_ELIMIT);
        ck_assert_ptr_null(image);
        return;
    }
    int all_inside = 1; /* one assertion a picture: each costs a system call */
    float *row = malloc(image->width * sizeof *row);
    ck_assert_ptr_nonnull(row);
    for (size_t y = 0; y < image->height; y++)
        for (size_t c = 0; c < image->channels; c++) {
            cam_image_row(row, image, c, y);
            for (size_t x = 0; x < image->width; x++)
                all_inside &= row[x] >= 0.0f && row[x] <= 1.0f;
        }
    free(row);
    cameras_image_free(image);
    ck_assert(all_inside);
}

START_TEST(random_bytes_never_do_harm)
{
    static const char *const openings[] = {"", "\x89PNG\r\n\x1a\n", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "\xff\xd8\xff",
                                           "\xff\xd8\xff\xe1"};
    static const size_t sizes[] = {0, 8, 16, 3, 4};
    uint8_t bytes[600];
    for (size_t round = 0; round < 100; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)noise(i + 10000 * round + 1000000 * (size_t)_i);
        memcpy(bytes, openings[_i], sizes[_i]);
        expect_either(bytes, sizeof bytes - round);
    }
}
END_TEST

static void flip_everywhere(picture *made)
{
    for (size_t at = 0; at < made->size; at++) {
        uint8_t kept = made->bytes[at];
        static const uint8_t flips[] = {0x01, 0x80, 0xff};
        for (size_t i = 0; i < COUNT(flips); i++) {
            made->bytes[at] = kept ^ flips[i];
            expect_either(made->bytes, made->size);
        }
        made->bytes[at] = kept;
    }
    picture_free(made);
}

START_TEST(png_with_a_flipped_byte_does_no_harm)
{
    const picture_kind *kind = &picture_kinds[_i];
    picture made = noise_png(kind->colours, kind->channels, kind->depth, _i % 2, NULL);
    flip_everywhere(&made);
}
END_TEST

START_TEST(jpeg_with_a_flipped_byte_does_no_harm)
{
    uint8_t app1[PICTURE_EXIF_BYTES];
    picture_exif(app1, 6, 1);
    picture made = block_jpeg(_i < 2 ? six_colours : six_inks, (jpeg_recipe){.components = _i < 2 ? 3 : 4,
                                                                             .given = _i < 2 ? JCS_RGB : JCS_CMYK,
                                                                             .stored = _i < 2 ? JCS_YCbCr : JCS_YCCK,
                                                                             .progressive = _i == 1,
                                                                             .app1 = app1,
                                                                             .app1_size = sizeof app1});
    flip_everywhere(&made);
}
END_TEST

START_TEST(damaged_pictures_print_nothing)
{
    FILE *caught = tmpfile();
    ck_assert_ptr_nonnull(caught);
    fflush(NULL);
    int out = dup(1), err = dup(2);
    dup2(fileno(caught), 1);
    dup2(fileno(caught), 2);
    picture jpeg = block_jpeg(six_colours, (jpeg_recipe){.components = 3, .given = JCS_RGB, .stored = JCS_YCbCr});
    picture png = noise_png(RGB, 3, 8, 0, NULL);
    flip_everywhere(&jpeg);
    flip_everywhere(&png);
    fflush(NULL);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    ck_assert_int_eq(lseek(fileno(caught), 0, SEEK_END), 0);
    fclose(caught);
}
END_TEST

START_TEST(read_memory_without_arguments_is_refused)
{
    cameras_image sentinel, *image = &sentinel;
    ck_assert_int_eq(cameras_image_read_memory(NULL, "x", 1, NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_read_memory(&image, NULL, 1, NULL), CAMERAS_EINVAL);
    ck_assert_ptr_null(image);
    image = &sentinel;
    ck_assert_int_eq(cameras_image_read(NULL, "x", NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_read(&image, NULL, NULL), CAMERAS_EINVAL);
    ck_assert_ptr_null(image);
}
END_TEST

static TCase *hostile_case(void)
{
    TCase *cases = tcase_create("hostile");
    tcase_add_test(cases, what_is_neither_png_nor_jpeg_is_refused_by_name);
    tcase_add_loop_test(cases, random_bytes_never_do_harm, 0, 5);
    tcase_add_loop_test(cases, png_with_a_flipped_byte_does_no_harm, 0, PICTURE_KINDS);
    tcase_add_loop_test(cases, jpeg_with_a_flipped_byte_does_no_harm, 0, 3);
    tcase_add_test(cases, damaged_pictures_print_nothing);
    tcase_add_test(cases, read_memory_without_arguments_is_refused);
    return cases;
}

int main(void)
{
    TCase *const cases[] = {hostile_case()};
    return run_picture_suite("image hostile", cases, COUNT(cases));
}
