/*
 * check_scales.c - the schedules: counts, sizes, shapes and limits
 *
 * SPDX-License-Identifier: MIT
 */
#include "scales.h"

#include "options.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static cameras_options *options;

static void make_options(void)
{
    ck_assert_int_eq(cameras_options_new(&options), CAMERAS_OK);
}

static void free_options(void)
{
    cameras_options_free(options);
}

static void expect_size(size_t index, cam_size base, size_t width, size_t height)
{
    cam_size size;
    ck_assert_int_eq(cam_scale_size(&size, options, index, base), CAMERAS_OK);
    ck_assert_uint_eq(size.width, width);
    ck_assert_uint_eq(size.height, height);
}

static void expect_refusal(size_t index, cam_size base)
{
    cam_size size;
    ck_assert_int_eq(cam_scale_size(&size, options, index, base), CAMERAS_ELIMIT);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "8192"));
}

static void use_one_scale(size_t side)
{
    ck_assert_int_eq(cameras_options_set_scales(options, &side, 1), CAMERAS_OK);
}

/* ---- presets ---------------------------------------------------------------------------------------------------- */

static const struct {
    cameras_preset preset;
    size_t count, sides[8];
} presets[] = {
    {CAMERAS_PRESET_REFERENCE, 8, {224, 324, 424, 524, 624, 724, 824, 924}},
    {CAMERAS_PRESET_PAPER, 7, {224, 366, 508, 650, 792, 934, 1076}},
    {CAMERAS_PRESET_FAST, 3, {224, 424, 624}},
};
enum {
    PRESETS = sizeof presets / sizeof *presets
};

START_TEST(preset_gives_its_sides_for_a_base_of_224)
{
    ck_assert_int_eq(cameras_options_set_preset(options, presets[_i].preset), CAMERAS_OK);
    ck_assert_uint_eq(cam_scale_count(options), presets[_i].count);
    for (size_t t = 0; t < presets[_i].count; t++)
        expect_size(t, (cam_size){224, 224}, presets[_i].sides[t], presets[_i].sides[t]);
}
END_TEST

START_TEST(preset_begins_at_the_side_of_the_base)
{
    static const size_t sides[] = {1, 96, 299, 448};
    ck_assert_int_eq(cameras_options_set_preset(options, presets[_i].preset), CAMERAS_OK);
    for (size_t i = 0; i < sizeof sides / sizeof *sides; i++)
        for (size_t t = 0; t < presets[_i].count; t++) {
            const size_t side = sides[i] + presets[_i].sides[t] - 224;
            expect_size(t, (cam_size){sides[i], sides[i]}, side, side);
        }
}
END_TEST

START_TEST(first_copy_of_a_preset_is_the_base_itself_whatever_its_shape)
{
    ck_assert_int_eq(cameras_options_set_preset(options, presets[_i].preset), CAMERAS_OK);
    for (size_t width = 1; width < 60; width++)
        for (size_t height = 1; height < 60; height += 3)
            expect_size(0, (cam_size){width, height}, width, height);
}
END_TEST

START_TEST(defaults_are_the_reference)
{
    const cameras_options *defaults = cam_options_or_default(NULL);
    cam_size size;
    ck_assert_uint_eq(cam_scale_count(defaults), 8);
    ck_assert_int_eq(cam_scale_size(&size, defaults, 7, (cam_size){224, 224}), CAMERAS_OK);
    ck_assert_uint_eq(size.width, 924);
    ck_assert_uint_eq(size.height, 924);
}
END_TEST

/* ---- own schedules ---------------------------------------------------------------------------------------------- */

START_TEST(own_scales_are_taken_in_their_order_and_do_not_follow_the_base)
{
    static const size_t sides[] = {500, 1, 224, 224};
    ck_assert_int_eq(cameras_options_set_scales(options, sides, 4), CAMERAS_OK);
    ck_assert_uint_eq(cam_scale_count(options), 4);
    for (size_t t = 0; t < 4; t++)
        expect_size(t, (cam_size){299, 299}, sides[t], sides[t]);
}
END_TEST

START_TEST(a_preset_takes_own_scales_away)
{
    use_one_scale(10);
    ck_assert_int_eq(cameras_options_set_preset(options, CAMERAS_PRESET_FAST), CAMERAS_OK);
    ck_assert_uint_eq(cam_scale_count(options), 3);
    expect_size(1, (cam_size){224, 224}, 424, 424);
}
END_TEST

/* ---- shapes ----------------------------------------------------------------------------------------------------- */

START_TEST(longer_side_follows_the_shape_in_both_orientations)
{
    static const struct {
        size_t side, shorter, longer, expected;
    } cases[] = {
        {224, 200, 300, 336}, /* exactly */
        {7, 200, 333, 12},    /* 11.655 */
        {10, 300, 334, 11},   /* 11.133 */
        {1, 1000, 1499, 1},   /* 1.499 */
        {1, 1000, 1501, 2},   /* 1.501 */
        {5, 1, 1000, 5000},   /* exactly */
        {324, 224, 398, 576}, /* 575.679 */
        {8192, 64, 64, 8192},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        use_one_scale(cases[i].side);
        expect_size(0, (cam_size){cases[i].longer, cases[i].shorter}, cases[i].expected, cases[i].side);
        expect_size(0, (cam_size){cases[i].shorter, cases[i].longer}, cases[i].side, cases[i].expected);
    }
}
END_TEST

START_TEST(longer_side_is_never_more_than_half_a_pixel_off)
{
    for (size_t side = 1; side < 400; side += 13)
        for (size_t shorter = 1; shorter < 60; shorter += 3)
            for (size_t longer = shorter; longer < 120; longer += 7) {
                const cam_size wide = cam_size_with_shorter(side, (cam_size){longer, shorter});
                ck_assert_uint_eq(wide.height, side);
                const long off = (long)(wide.width * shorter) - (long)(side * longer);
                ck_assert_int_le(2 * labs(off), (long)shorter);
            }
}
END_TEST

/* ---- limits ----------------------------------------------------------------------------------------------------- */

START_TEST(a_side_of_exactly_the_limit_is_allowed_and_one_more_refused)
{
    expect_size(7, (cam_size){7492, 7492}, 8192, 8192);
    expect_size(6, (cam_size){7493, 7493}, 8093, 8093);
    expect_refusal(7, (cam_size){7493, 7493});
}
END_TEST

START_TEST(a_longer_side_beyond_the_limit_is_refused_in_both_orientations)
{
    use_one_scale(4096);
    expect_size(0, (cam_size){100, 200}, 4096, 8192);
    expect_size(0, (cam_size){200, 100}, 8192, 4096);
    expect_refusal(0, (cam_size){100, 201});
    expect_refusal(0, (cam_size){201, 100});
}
END_TEST

START_TEST(a_refusal_names_scale_and_sizes)
{
    use_one_scale(5000);
    expect_refusal(0, (cam_size){300, 100});
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "5000"));
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "300 x 100"));
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "15000"));
}
END_TEST

static Suite *scales_suite(void)
{
    Suite *suite = suite_create("scales");
    TCase *schedules = tcase_create("schedules"), *shapes = tcase_create("shapes and limits");
    tcase_add_checked_fixture(schedules, make_options, free_options);
    tcase_add_checked_fixture(shapes, make_options, free_options);
    tcase_add_loop_test(schedules, preset_gives_its_sides_for_a_base_of_224, 0, PRESETS);
    tcase_add_loop_test(schedules, preset_begins_at_the_side_of_the_base, 0, PRESETS);
    tcase_add_loop_test(schedules, first_copy_of_a_preset_is_the_base_itself_whatever_its_shape, 0, PRESETS);
    tcase_add_test(schedules, defaults_are_the_reference);
    tcase_add_test(schedules, own_scales_are_taken_in_their_order_and_do_not_follow_the_base);
    tcase_add_test(schedules, a_preset_takes_own_scales_away);
    tcase_add_test(shapes, longer_side_follows_the_shape_in_both_orientations);
    tcase_add_test(shapes, longer_side_is_never_more_than_half_a_pixel_off);
    tcase_add_test(shapes, a_side_of_exactly_the_limit_is_allowed_and_one_more_refused);
    tcase_add_test(shapes, a_longer_side_beyond_the_limit_is_refused_in_both_orientations);
    tcase_add_test(shapes, a_refusal_names_scale_and_sizes);
    suite_add_tcase(suite, schedules);
    suite_add_tcase(suite, shapes);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(scales_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
