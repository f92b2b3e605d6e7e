/*
 * check_sheet.c - many images on one
 *
 * SPDX-License-Identifier: MIT
 */
#include "image_checks.h"

#include <check.h>
#include <string.h>

static cameras_image *flat_image(size_t width, size_t height, uint8_t shade_of_grey)
{
    uint8_t pixels[64];
    memset(pixels, shade_of_grey, sizeof pixels);
    return new_image(pixels, width, height, 0, CAMERAS_GRAY8);
}

START_TEST(sheet_tiles_in_rows_with_gaps_and_centres_the_smaller)
{
    cameras_image *images[] = {flat_image(4, 2, 10), flat_image(2, 4, 20), flat_image(4, 4, 30)}, *sheet = NULL;
    /* Cells of 4 x 4, two to a row, a pixel between. */
    static const char *const expected[] = {"....  bb ", "aaaa  bb ", "aaaa  bb ", "....  bb ", "         ",
                                           "cccc     ", "cccc     ", "cccc     ", "cccc     "};
    ck_assert_int_eq(cameras_image_sheet(&sheet, (const cameras_image *const *)images, 3, 2, 1), CAMERAS_OK);
    expect_shape(sheet, 9, 9, 3);
    for (size_t y = 0; y < 9; y++)
        for (size_t x = 0; x < 9; x++)
            for (size_t c = 0; c < 3; c++) {
                char letter = expected[y][x];
                unsigned shade_of_grey = letter >= 'a' ? (unsigned)(letter - 'a' + 1) * 10 : 255;
                ck_assert_uint_eq(byte_at(sheet, c, x, y), shade_of_grey);
            }
    cameras_image_free(sheet);
    for (size_t i = 0; i < 3; i++)
        cameras_image_free(images[i]);
}
END_TEST

START_TEST(sheet_is_no_wider_than_its_images)
{
    cameras_image *image = noise_image(CAMERAS_RGB8), *sheet = NULL;
    const cameras_image *images[] = {image, image};
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 2, 100, 3), CAMERAS_OK);
    expect_shape(sheet, 2 * WIDTH + 3, HEIGHT, 3);
    cameras_image_free(sheet);
    cameras_image_free(image);
}
END_TEST

START_TEST(bad_arguments_of_a_sheet_are_refused)
{
    cameras_image *image = noise_image(CAMERAS_RGB8), sentinel, *sheet = &sentinel;
    const cameras_image *images[] = {image, image, NULL};
    ck_assert_int_eq(cameras_image_sheet(NULL, images, 2, 1, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_sheet(&sheet, NULL, 2, 1, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 0, 1, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 2, 0, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 3, 1, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 2, 2, SIZE_MAX), CAMERAS_ELIMIT);
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 2, 2, SIZE_MAX / 2), CAMERAS_ELIMIT);
    ck_assert_ptr_null(sheet);
    cameras_image_free(image);
}
END_TEST

static TCase *sheet_case(void)
{
    TCase *cases = tcase_create("sheet");
    tcase_add_test(cases, sheet_tiles_in_rows_with_gaps_and_centres_the_smaller);
    tcase_add_test(cases, sheet_is_no_wider_than_its_images);
    tcase_add_test(cases, bad_arguments_of_a_sheet_are_refused);
    return cases;
}

int main(void)
{
    TCase *const cases[] = {sheet_case()};
    return run_picture_suite("sheet", cases, COUNT(cases));
}
