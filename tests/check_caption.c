/*
 * check_caption.c - text below images, and the signed difference of maps
 *
 * SPDX-License-Identifier: MIT
 */
#include "image_checks.h"
#include "map.h"

#include <check.h>
#include <string.h>

enum {
    GLYPH_WIDTH = 7,
    GLYPH_HEIGHT = 13
};

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static cameras_image *grey_image(size_t width, size_t height)
{
    static uint8_t pixels[4096];
    memset(pixels, 90, sizeof pixels);
    return new_image(pixels, width, height, 0, CAMERAS_GRAY8);
}

static cameras_image *captioned(const cameras_image *image, const char *text, size_t scale)
{
    cameras_image *drawn = NULL;
    ck_assert_msg(cameras_image_caption(&drawn, image, text, scale) == CAMERAS_OK, "%s", cameras_last_error());
    return drawn;
}

/* Both images have the same size and the same bytes. */
static void expect_same(const cameras_image *found, const cameras_image *expected)
{
    expect_shape(found, expected->width, expected->height, expected->channels);
    ck_assert_mem_eq(found->bytes, expected->bytes, expected->width * expected->height * expected->channels);
}

static void expect_same_captions(const char *text, const char *like)
{
    cameras_image *image = grey_image(40, 3), *found = captioned(image, text, 1), *expected = captioned(image, like, 1);
    expect_same(found, expected);
    cameras_image_free(expected);
    cameras_image_free(found);
    cameras_image_free(image);
}

/* ---- captions --------------------------------------------------------------------------------------------------- */

START_TEST(text_stands_below_the_image_in_black_on_white)
{
    /* T and its neighbour L, as X11 draws them. */
    static const char *const expected[GLYPH_HEIGHT] = {
        "              ", "              ", " ##### #      ", "   #   #      ", "   #   #      ",
        "   #   #      ", "   #   #      ", "   #   #      ", "   #   #      ", "   #   #      ",
        "   #   ###### ", "              ", "              "};
    cameras_image *image = grey_image(2 * GLYPH_WIDTH, 4), *drawn = captioned(image, "TL", 1);
    expect_shape(drawn, 2 * GLYPH_WIDTH, 4 + GLYPH_HEIGHT, 3);
    for (size_t y = 0; y < 4; y++)
        for (size_t x = 0; x < drawn->width; x++)
            ck_assert_uint_eq(byte_at(drawn, 1, x, y), 90);
    for (size_t y = 0; y < GLYPH_HEIGHT; y++)
        for (size_t x = 0; x < drawn->width; x++)
            for (size_t c = 0; c < 3; c++)
                ck_assert_msg(byte_at(drawn, c, x, 4 + y) == (expected[y][x] == '#' ? 0 : 255), "%zu, %zu", x, y);
    cameras_image_free(drawn);
    cameras_image_free(image);
}
END_TEST

START_TEST(scale_makes_every_dot_a_square)
{
    cameras_image *image = grey_image(60, 2), *once = captioned(image, "Ag%", 1), *thrice = captioned(image, "Ag%", 3);
    expect_shape(thrice, 60, 2 + 3 * GLYPH_HEIGHT, 3);
    for (size_t y = 0; y < 3 * GLYPH_HEIGHT; y++)
        for (size_t x = 0; x < 60; x++)
            ck_assert_uint_eq(byte_at(thrice, 0, x, 2 + y), byte_at(once, 0, x / 3, 2 + y / 3));
    cameras_image_free(thrice);
    cameras_image_free(once);
    cameras_image_free(image);
}
END_TEST

START_TEST(lines_stand_below_each_other)
{
    cameras_image *image = grey_image(30, 2), *drawn = captioned(image, "ab\n\nc", 1);
    cameras_image *first = captioned(image, "ab", 1), *last = captioned(image, "c", 1);
    expect_shape(drawn, 30, 2 + 3 * GLYPH_HEIGHT, 3);
    for (size_t y = 0; y < GLYPH_HEIGHT; y++)
        for (size_t x = 0; x < 30; x++) {
            ck_assert_uint_eq(byte_at(drawn, 0, x, 2 + y), byte_at(first, 0, x, 2 + y));
            ck_assert_uint_eq(byte_at(drawn, 0, x, 2 + GLYPH_HEIGHT + y), 255);
            ck_assert_uint_eq(byte_at(drawn, 0, x, 2 + 2 * GLYPH_HEIGHT + y), byte_at(last, 0, x, 2 + y));
        }
    cameras_image_free(last);
    cameras_image_free(first);
    cameras_image_free(drawn);
    cameras_image_free(image);
}
END_TEST

START_TEST(what_the_font_lacks_shows_as_one_question_mark)
{
    expect_same_captions("a\xc3\xa9z", "a?z");                      /* e with an accent */
    expect_same_captions("\xe7\x8c\xab!", "?!");                    /* a cat in Chinese */
    expect_same_captions("\xf0\x9f\x90\x88\xf0\x9f\x90\x88", "??"); /* two cats */
    expect_same_captions("a\tb\x7f", "a?b?");
    expect_same_captions("a\xc3", "a?"); /* cut in the middle */
    expect_same_captions("\x80\xff", "??");
}
END_TEST

START_TEST(long_lines_are_cut_at_the_edge)
{
    cameras_image *narrow = grey_image(10, 2), *wide = grey_image(40, 2);
    cameras_image *cut = captioned(narrow, "WWWWW\ni", 1), *whole = captioned(wide, "WWWWW\ni", 1);
    expect_shape(cut, 10, 2 + 2 * GLYPH_HEIGHT, 3);
    for (size_t y = 0; y < 2 + 2 * GLYPH_HEIGHT; y++)
        for (size_t x = 0; x < 10; x++)
            ck_assert_uint_eq(byte_at(cut, 2, x, y), byte_at(whole, 2, x, y));
    cameras_image_free(whole);
    cameras_image_free(cut);
    cameras_image_free(wide);
    cameras_image_free(narrow);
}
END_TEST

START_TEST(bad_arguments_of_a_caption_are_refused)
{
    cameras_image *image = grey_image(5, 5), sentinel, *drawn = &sentinel;
    ck_assert_int_eq(cameras_image_caption(NULL, image, "a", 1), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_caption(&drawn, NULL, "a", 1), CAMERAS_EINVAL);
    ck_assert_ptr_null(drawn);
    ck_assert_int_eq(cameras_image_caption(&drawn, image, NULL, 1), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_caption(&drawn, image, "a", 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_caption(&drawn, image, "a", SIZE_MAX / 4), CAMERAS_ELIMIT);
    ck_assert_ptr_null(drawn);
    cameras_image_free(image);
}
END_TEST

/* ---- differences ------------------------------------------------------------------------------------------------ */

static cameras_map *map_of(size_t width, size_t height, const float *values)
{
    cameras_map *map;
    ck_assert_int_eq(cam_map_new(&map, (cam_size){width, height}, "layer4", 1), CAMERAS_OK);
    memcpy(map->values, values, width * height * sizeof *values);
    return map;
}

static void expect_color(const cameras_image *image, size_t x, unsigned red, unsigned green, unsigned blue)
{
    ck_assert_uint_eq(byte_at(image, 0, x, 0), red);
    ck_assert_uint_eq(byte_at(image, 1, x, 0), green);
    ck_assert_uint_eq(byte_at(image, 2, x, 0), blue);
}

START_TEST(the_greater_side_gives_the_colour)
{
    const float a[] = {0.5f, 0.75f, 0.25f, 0.625f}, b[] = {0.5f, 0.25f, 0.75f, 0.375f};
    cameras_map *first = map_of(4, 1, a), *second = map_of(4, 1, b);
    cameras_image *drawn = NULL;
    ck_assert_int_eq(cameras_map_difference(&drawn, first, second), CAMERAS_OK);
    expect_shape(drawn, 4, 1, 3);
    expect_color(drawn, 0, 255, 255, 255);
    expect_color(drawn, 1, 190, 20, 40);
    expect_color(drawn, 2, 20, 80, 190);
    expect_color(drawn, 3, 222, 138, 148); /* half of the way: 222.5, 137.5 and 147.5, to even */
    cameras_image_free(drawn);
    cameras_map_free(second);
    cameras_map_free(first);
}
END_TEST

START_TEST(equal_maps_differ_nowhere)
{
    const float a[] = {0.0f, 1.0f, 0.5f};
    cameras_map *map = map_of(3, 1, a);
    cameras_image *drawn = NULL;
    ck_assert_int_eq(cameras_map_difference(&drawn, map, map), CAMERAS_OK);
    for (size_t x = 0; x < 3; x++)
        expect_color(drawn, x, 255, 255, 255);
    cameras_image_free(drawn);
    cameras_map_free(map);
}
END_TEST

START_TEST(bad_arguments_of_a_difference_are_refused)
{
    const float a[] = {0.0f, 1.0f, 0.5f};
    cameras_map *map = map_of(3, 1, a), *other = map_of(1, 3, a);
    cameras_image sentinel, *drawn = &sentinel;
    ck_assert_int_eq(cameras_map_difference(NULL, map, map), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_map_difference(&drawn, NULL, map), CAMERAS_EINVAL);
    ck_assert_ptr_null(drawn);
    ck_assert_int_eq(cameras_map_difference(&drawn, map, NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_map_difference(&drawn, map, other), CAMERAS_EINVAL);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "3 x 1 and 1 x 3"));
    cameras_map_free(other);
    cameras_map_free(map);
}
END_TEST

static TCase *caption_case(void)
{
    TCase *cases = tcase_create("caption");
    tcase_add_test(cases, text_stands_below_the_image_in_black_on_white);
    tcase_add_test(cases, scale_makes_every_dot_a_square);
    tcase_add_test(cases, lines_stand_below_each_other);
    tcase_add_test(cases, what_the_font_lacks_shows_as_one_question_mark);
    tcase_add_test(cases, long_lines_are_cut_at_the_edge);
    tcase_add_test(cases, bad_arguments_of_a_caption_are_refused);
    return cases;
}

static TCase *difference_case(void)
{
    TCase *cases = tcase_create("difference");
    tcase_add_test(cases, the_greater_side_gives_the_colour);
    tcase_add_test(cases, equal_maps_differ_nowhere);
    tcase_add_test(cases, bad_arguments_of_a_difference_are_refused);
    return cases;
}

int main(void)
{
    TCase *const cases[] = {caption_case(), difference_case()};
    return run_picture_suite("caption", cases, COUNT(cases));
}
