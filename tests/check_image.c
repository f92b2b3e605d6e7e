/*
 * check_image.c - a caller's pixels in, and the samples out
 *
 * SPDX-License-Identifier: MIT
 */
#include "image_checks.h"

#include <check.h>
#include <float.h>
#include <math.h>
#include <string.h>

static void expect_new_refused(const void *pixels, size_t width, size_t height, size_t stride,
                               cameras_pixel_format format, cameras_status expected)
{
    cameras_image sentinel, *image = &sentinel;
    ck_assert_int_eq(cameras_image_new(&image, pixels, width, height, stride, format), expected);
    ck_assert_ptr_null(image);
    ck_assert_int_eq(strncmp(cameras_last_error(), "new image: ", 11), 0);
}

START_TEST(strides_are_followed_and_the_gaps_left_alone)
{
    static const uint8_t pixels[] = {1, 2, 3, 4, 5, 6, 99, 99, 7, 8, 9, 10, 11, 12};
    static const uint8_t close_rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    cameras_image *spaced = new_image(pixels, 2, 2, 8, CAMERAS_RGB8);
    cameras_image *packed = new_image(close_rows, 2, 2, 0, CAMERAS_RGB8);
    cameras_image *grey = new_image(pixels, 6, 2, 8, CAMERAS_GRAY8);
    expect_shape(spaced, 2, 2, 3);
    expect_shape(grey, 6, 2, 1);
    ck_assert_mem_eq(spaced->bytes, close_rows, 12);
    ck_assert_mem_eq(packed->bytes, close_rows, 12);
    ck_assert_mem_eq(grey->bytes, close_rows, 12);
    cameras_image_free(grey);
    cameras_image_free(packed);
    cameras_image_free(spaced);
}
END_TEST

START_TEST(bgr_is_turned_to_rgb)
{
    static const uint8_t pixels[] = {1, 2, 3, 4, 5, 6}, expected[] = {3, 2, 1, 6, 5, 4};
    cameras_image *image = new_image(pixels, 1, 2, 0, CAMERAS_BGR8);
    ck_assert_mem_eq(image->bytes, expected, 6);
    cameras_image_free(image);
}
END_TEST

START_TEST(every_alpha_of_every_sample_is_laid_over_white)
{
    static uint8_t pixels[256 * 256 * 4];
    for (size_t i = 0; i < 65536; i++) {
        pixels[4 * i] = (uint8_t)(i % 256);
        pixels[4 * i + 3] = (uint8_t)(i / 256);
    }
    cameras_image *image = new_image(pixels, 256, 256, 0, CAMERAS_RGBA8);
    expect_shape(image, 256, 256, 3);
    for (size_t i = 0; i < 65536; i++) {
        double exact = 255.0 * over_white((double)(i % 256) / 255.0, (double)(i / 256) / 255.0);
        if (image->bytes[3 * i] != (unsigned)floor(exact + 0.5) || image->bytes[3 * i + 1] != 255 - i / 256)
            ck_abort_msg("sample %zu at alpha %zu", i % 256, i / 256);
    }
    cameras_image_free(image);
}
END_TEST

START_TEST(planes_of_floats_are_taken_plane_after_plane)
{
    /* Two rows of two floats in strides of three, so planes are six floats apart; -9 stands in the gaps. */
    static const float pixels[] = {.1f, .2f, -9, .3f, .4f, -9, .5f, .6f, -9, .7f, .8f, -9, .9f, 1, -9, 0, .05f, -9};
    static const float expected[] = {.1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f, .9f, 1, 0, .05f};
    cameras_image *image = new_image(pixels, 2, 2, 3 * sizeof(float), CAMERAS_RGBF);
    expect_shape(image, 2, 2, 3);
    ck_assert_ptr_nonnull(image->planes);
    ck_assert_mem_eq(image->planes, expected, sizeof expected);
    ck_assert(value_at(image, 2, 1, 1) == .05f);
    cameras_image_free(image);
}
END_TEST

START_TEST(stride_of_floats_need_not_be_a_multiple_of_their_size)
{
    static const float values[] = {.25f, .75f};
    uint8_t pixels[11] = {0};
    memcpy(pixels, &values[0], sizeof(float));
    memcpy(pixels + 7, &values[1], sizeof(float));
    cameras_image *image = new_image(pixels, 1, 2, 7, CAMERAS_GRAYF);
    expect_shape(image, 1, 2, 1);
    ck_assert_mem_eq(image->planes, values, sizeof values);
    cameras_image_free(image);
}
END_TEST

START_TEST(floats_outside_0_to_1_are_clipped)
{
    static const float pixels[] = {-1, 2, -0.0f, FLT_MAX, -FLT_MAX, 0.5f};
    cameras_image *image = new_image(pixels, 6, 1, 0, CAMERAS_GRAYF);
    static const double expected[] = {0, 1, 0, 1, 0, .5};
    for (size_t x = 0; x < 6; x++)
        expect_value(image, 0, x, 0, expected[x]);
    cameras_image_free(image);
}
END_TEST

START_TEST(float_that_is_not_finite_is_refused_and_located)
{
    const float bad[] = {NAN, INFINITY, -INFINITY};
    float pixels[12] = {0};
    pixels[11] = bad[_i]; /* channel 2 of two columns, two rows */
    expect_new_refused(pixels, 2, 2, 0, CAMERAS_RGBF, CAMERAS_EINVAL);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "channel 2 at column 1, row 1"));
}
END_TEST

START_TEST(bad_arguments_of_a_new_image_are_refused)
{
    static const uint8_t pixels[64];
    expect_new_refused(NULL, 2, 2, 0, CAMERAS_RGB8, CAMERAS_EINVAL);
    expect_new_refused(pixels, 0, 2, 0, CAMERAS_RGB8, CAMERAS_EINVAL);
    expect_new_refused(pixels, 2, 0, 0, CAMERAS_RGB8, CAMERAS_EINVAL);
    expect_new_refused(pixels, 2, 2, 0, (cameras_pixel_format)6, CAMERAS_EINVAL);
    expect_new_refused(pixels, 2, 2, 0, (cameras_pixel_format)-1, CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_new(NULL, pixels, 2, 2, 0, CAMERAS_RGB8), CAMERAS_EINVAL);
}
END_TEST

START_TEST(stride_shorter_than_a_row_is_refused)
{
    static const size_t pixel_bytes[] = {1, 3, 4, 3, 4, 4};
    static const uint8_t pixels[256];
    size_t row = 3 * pixel_bytes[_i];
    expect_new_refused(pixels, 3, 2, row - 1, (cameras_pixel_format)_i, CAMERAS_EINVAL);
    cameras_image_free(new_image(pixels, 3, 2, row, (cameras_pixel_format)_i));
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
    static const uint8_t pixels[64];
    static const size_t half = (size_t)1 << (sizeof(size_t) * 4), most = SIZE_MAX;
    cameras_pixel_format format = (cameras_pixel_format)_i;
    expect_new_refused(pixels, half, half, 0, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, most, most, 0, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, most / 2 + 1, 2, 0, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, most / 3 + 1, 3, 0, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, most / 4 + 1, 4, 0, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, 1, most, 0, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, 1, 3, most / 2, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, 1, most / 8, 16, format, CAMERAS_ELIMIT);
}
END_TEST

START_TEST(getters_of_no_image_give_nothing)
{
    expect_shape(NULL, 0, 0, 0);
    cameras_image_free(NULL);
}
END_TEST

/* ---- samples out ----------------------------------------------------------------------------------------------- */

START_TEST(rows_of_bytes_are_parts_of_255)
{
    uint8_t pixels[256];
    for (size_t i = 0; i < 256; i++)
        pixels[i] = (uint8_t)i;
    cameras_image *image = new_image(pixels, 256, 1, 0, CAMERAS_GRAY8);
    for (size_t channel = 0; channel < 3; channel++)
        for (size_t i = 0; i < 256; i++)
            ck_assert(value_at(image, channel, i, 0) == (float)i / 255.0f);
    cameras_image_free(image);
}
END_TEST

START_TEST(pixels_are_copied_out_with_the_stride_and_nothing_beside_them)
{
    static const uint8_t pixels[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const uint8_t expected[] = {1, 2, 3, 4, 5, 6, 99, 99, 7, 8, 9, 10, 11, 12, 99, 99};
    uint8_t buffer[16], packed[12];
    cameras_image *image = new_image(pixels, 2, 2, 0, CAMERAS_RGB8);
    memset(buffer, 99, sizeof buffer);
    ck_assert_int_eq(cameras_image_pixels(buffer, 8, image), CAMERAS_OK);
    ck_assert_mem_eq(buffer, expected, sizeof expected);
    ck_assert_int_eq(cameras_image_pixels(packed, 0, image), CAMERAS_OK);
    ck_assert_mem_eq(packed, pixels, sizeof pixels);
    ck_assert_int_eq(cameras_image_pixels(packed, 5, image), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_pixels(NULL, 0, image), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_pixels(packed, 0, NULL), CAMERAS_EINVAL);
    cameras_image_free(image);
}
END_TEST

START_TEST(grey_is_repeated_and_floats_are_rounded)
{
    static const uint8_t grey[] = {7, 250};
    static const float values[] = {0.4f / 255, 0.6f / 255, 1, 0};
    static const uint8_t from_grey[] = {7, 7, 7, 250, 250, 250},
                         from_values[] = {0, 0, 0, 1, 1, 1, 255, 255, 255, 0, 0, 0};
    uint8_t buffer[12];
    cameras_image *image = new_image(grey, 2, 1, 0, CAMERAS_GRAY8);
    ck_assert_int_eq(cameras_image_pixels(buffer, 0, image), CAMERAS_OK);
    ck_assert_mem_eq(buffer, from_grey, 6);
    cameras_image_free(image);
    image = new_image(values, 4, 1, 0, CAMERAS_GRAYF);
    ck_assert_int_eq(cameras_image_pixels(buffer, 0, image), CAMERAS_OK);
    ck_assert_mem_eq(buffer, from_values, 12);
    cameras_image_free(image);
}
END_TEST

static TCase *memory_case(void)
{
    TCase *cases = tcase_create("memory");
    tcase_add_test(cases, strides_are_followed_and_the_gaps_left_alone);
    tcase_add_test(cases, bgr_is_turned_to_rgb);
    tcase_add_test(cases, every_alpha_of_every_sample_is_laid_over_white);
    tcase_add_test(cases, planes_of_floats_are_taken_plane_after_plane);
    tcase_add_test(cases, stride_of_floats_need_not_be_a_multiple_of_their_size);
    tcase_add_test(cases, floats_outside_0_to_1_are_clipped);
    tcase_add_loop_test(cases, float_that_is_not_finite_is_refused_and_located, 0, 3);
    tcase_add_test(cases, bad_arguments_of_a_new_image_are_refused);
    tcase_add_loop_test(cases, stride_shorter_than_a_row_is_refused, 0, 6);
    tcase_add_loop_test(cases, sizes_that_overflow_are_refused, 0, 6);
    tcase_add_test(cases, getters_of_no_image_give_nothing);
    tcase_add_test(cases, rows_of_bytes_are_parts_of_255);
    tcase_add_test(cases, pixels_are_copied_out_with_the_stride_and_nothing_beside_them);
    tcase_add_test(cases, grey_is_repeated_and_floats_are_rounded);
    return cases;
}

int main(void)
{
    TCase *const cases[] = {memory_case()};
    return run_picture_suite("image", cases, COUNT(cases));
}
