/*
 * check_preprocess.c - from a picture to a network's input: size, channels, normalisation
 *
 * SPDX-License-Identifier: MIT
 */
#include "preprocess.h"

#include "image.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

/* Values are left as they are. */
static cam_preprocessing plain(size_t channels)
{
    cam_preprocessing how = {.channels = channels, .size = {224, 224}};
    for (size_t c = 0; c < CAM_MAX_CHANNELS; c++)
        how.std[c] = 1.0f;
    return how;
}

static cameras_image *image_of(const void *pixels, size_t width, size_t height, cameras_pixel_format format)
{
    cameras_image *image;
    ck_assert_int_eq(cameras_image_new(&image, pixels, width, height, 0, format), CAMERAS_OK);
    return image;
}

/* The input made from a picture, which is freed. */
static cam_input input_from(cameras_image *image, cam_preprocessing how, cam_size size, cam_filter filter)
{
    cam_input input;
    ck_assert_int_eq(cam_input_from_image(&input, &how, image, size, filter), CAMERAS_OK);
    ck_assert_uint_eq(input.channels, how.channels);
    ck_assert_uint_eq(input.size.width, size.width);
    ck_assert_uint_eq(input.size.height, size.height);
    cameras_image_free(image);
    return input;
}

/* Compares and frees. */
static void expect_input(cam_input input, const double *expected)
{
    for (size_t i = 0; i < input.channels * input.size.width * input.size.height; i++)
        ck_assert_double_eq_tol((double)input.data[i], expected[i], 1e-6);
    cam_input_free(&input);
    ck_assert_ptr_null(input.data);
}

/* ---- the base image's size --------------------------------------------------------------------------------------- */

static const uint8_t blank[3 * 4000];

START_TEST(base_has_the_width_and_height_given_whatever_the_picture)
{
    static const cam_size pictures[] = {{4, 3}, {3, 4}, {1, 1000}, {1000, 1}};
    cam_preprocessing how = plain(3);
    how.size = (cam_size){299, 180};
    for (size_t i = 0; i < sizeof pictures / sizeof *pictures; i++) {
        cameras_image *image = image_of(blank, pictures[i].width, pictures[i].height, CAMERAS_RGB8);
        cam_size size;
        ck_assert_int_eq(cam_base_size(&size, &how, (cam_size){image->width, image->height}), CAMERAS_OK);
        ck_assert_uint_eq(size.width, 299);
        ck_assert_uint_eq(size.height, 180);
        cameras_image_free(image);
    }
}
END_TEST

START_TEST(shorter_side_given_keeps_the_shape_of_the_picture)
{
    static const struct {
        cam_size picture;
        size_t side;
        cam_size expected;
    } cases[] = {
        {{40, 30}, 224, {299, 224}}, /* 298.67 */
        {{30, 40}, 224, {224, 299}}, {{50, 50}, 8192, {8192, 8192}}, {{1, 30}, 5, {5, 150}}, {{60, 40}, 20, {30, 20}},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        cam_preprocessing how = plain(3);
        how.side = cases[i].side;
        cameras_image *image = image_of(blank, cases[i].picture.width, cases[i].picture.height, CAMERAS_GRAY8);
        cam_size size;
        ck_assert_int_eq(cam_base_size(&size, &how, (cam_size){image->width, image->height}), CAMERAS_OK);
        ck_assert_uint_eq(size.width, cases[i].expected.width);
        ck_assert_uint_eq(size.height, cases[i].expected.height);
        cameras_image_free(image);
    }
}
END_TEST

START_TEST(picture_too_thin_for_a_shorter_side_is_refused)
{
    static const cam_size pictures[] = {{2, 2049}, {2049, 2}};
    cam_preprocessing how = plain(3);
    how.side = 8;
    for (size_t i = 0; i < 2; i++) {
        cameras_image *image = image_of(blank, pictures[i].width, pictures[i].height, CAMERAS_GRAY8);
        cam_size size;
        ck_assert_int_eq(cam_base_size(&size, &how, (cam_size){image->width, image->height}), CAMERAS_ELIMIT);
        ck_assert_ptr_nonnull(strstr(cameras_last_error(), "8196"));
        cameras_image_free(image);
    }
}
END_TEST

/* ---- channels and normalisation ---------------------------------------------------------------------------------- */

static const float rgb_planes[6] = {0.5f, 1, 0.25f, 0.75f, 0, 0.125f}; /* two pixels */
static const uint8_t rgb_bytes[6] = {255, 0, 51, 102, 204, 153};       /* fifths of 255 */

START_TEST(each_channel_is_normalised_by_its_own_mean_and_deviation)
{
    cam_preprocessing how = plain(3);
    memcpy(how.mean, (const float[]){0.5f, 0.25f, 0}, 3 * sizeof(float));
    memcpy(how.std, (const float[]){0.25f, 0.5f, 2}, 3 * sizeof(float));
    const double expected[6] = {0, 2, 0, 1, 0, 0.0625};
    expect_input(input_from(image_of(rgb_planes, 2, 1, CAMERAS_RGBF), how, (cam_size){2, 1}, CAM_BICUBIC), expected);
}
END_TEST

START_TEST(bytes_count_from_zero_to_one_in_planes)
{
    const double expected[6] = {1, 0.4, 0, 0.8, 0.2, 0.6};
    expect_input(input_from(image_of(rgb_bytes, 2, 1, CAMERAS_RGB8), plain(3), (cam_size){2, 1}, CAM_BILINEAR),
                 expected);
}
END_TEST

START_TEST(bgr_turns_the_channels_and_keeps_the_networks_order_of_means)
{
    cam_preprocessing how = plain(3);
    how.order = CAMERAS_ORDER_BGR;
    memcpy(how.mean, (const float[]){0.2f, 0, 1}, 3 * sizeof(float));
    const double expected[6] = {0, 0.4, 0, 0.8, 0, -0.6}; /* blue first, less the first mean */
    expect_input(input_from(image_of(rgb_bytes, 2, 1, CAMERAS_RGB8), how, (cam_size){2, 1}, CAM_BILINEAR), expected);
}
END_TEST

START_TEST(grey_picture_fills_all_three_channels)
{
    static const uint8_t grey[2] = {51, 255};
    static const cameras_channel_order orders[] = {CAMERAS_ORDER_RGB, CAMERAS_ORDER_BGR};
    const double expected[6] = {0.2, 1, 0.2, 1, 0.2, 1};
    for (size_t i = 0; i < 2; i++) {
        cam_preprocessing how = plain(3);
        how.order = orders[i];
        expect_input(input_from(image_of(grey, 2, 1, CAMERAS_GRAY8), how, (cam_size){2, 1}, CAM_BILINEAR), expected);
    }
}
END_TEST

START_TEST(colour_becomes_one_channel_by_bt_601)
{
    static const cameras_channel_order orders[] = {CAMERAS_ORDER_RGB, CAMERAS_ORDER_BGR};
    const double expected[4] = {0.299, 0.587, 0.114, 1};
    static const uint8_t primaries[12] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255};
    for (size_t i = 0; i < 2; i++) {
        cam_preprocessing how = plain(1);
        how.order = orders[i];
        expect_input(input_from(image_of(primaries, 2, 2, CAMERAS_RGB8), how, (cam_size){2, 2}, CAM_BILINEAR),
                     expected);
    }
}
END_TEST

START_TEST(one_channel_is_normalised_after_the_luma)
{
    static const uint8_t white[3] = {255, 255, 255};
    cam_preprocessing how = plain(1);
    how.mean[0] = 0.5f;
    how.std[0] = 0.25f;
    const double expected[1] = {2};
    expect_input(input_from(image_of(white, 1, 1, CAMERAS_RGB8), how, (cam_size){1, 1}, CAM_BILINEAR), expected);
}
END_TEST

START_TEST(grey_picture_is_the_one_channel_as_it_is)
{
    static const uint8_t grey[2] = {51, 255};
    const double expected[2] = {0.2, 1};
    expect_input(input_from(image_of(grey, 2, 1, CAMERAS_GRAY8), plain(1), (cam_size){2, 1}, CAM_BICUBIC), expected);
}
END_TEST

START_TEST(network_of_other_channel_counts_is_refused_with_the_number)
{
    static const size_t counts[] = {0, 2, 4, CAM_MAX_CHANNELS};
    cameras_image *image = image_of(rgb_bytes, 2, 1, CAMERAS_RGB8);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        cam_input input;
        char number[32];
        const cam_preprocessing how = plain(counts[i]);
        snprintf(number, sizeof number, "%zu channels", counts[i]);
        ck_assert_int_eq(cam_input_from_image(&input, &how, image, (cam_size){2, 1}, CAM_BILINEAR), CAMERAS_EMODEL);
        ck_assert_ptr_null(input.data);
        ck_assert_ptr_nonnull(strstr(cameras_last_error(), number));
    }
    cameras_image_free(image);
}
END_TEST

/* ---- resizing the picture ---------------------------------------------------------------------------------------- */

START_TEST(shrinking_is_antialiased_whatever_the_filter)
{
    /* Four to two: weights 3/7, 3/7, 1/7; without antialiasing it would be the mean of two neighbours. */
    static const float across[4] = {0, 0, 0, 1}, down[4] = {1, 0, 0, 0};
    static const cam_filter filters[] = {CAM_BILINEAR, CAM_BICUBIC};
    const double right[2] = {0, 3.0 / 7}, top[2] = {3.0 / 7, 0};
    for (size_t i = 0; i < 2; i++) {
        expect_input(input_from(image_of(across, 4, 1, CAMERAS_GRAYF), plain(1), (cam_size){2, 1}, filters[i]), right);
        expect_input(input_from(image_of(down, 1, 4, CAMERAS_GRAYF), plain(1), (cam_size){1, 2}, filters[i]), top);
    }
}
END_TEST

START_TEST(every_channel_is_shrunk_alike)
{
    static const float planes[12] = {0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0, 0};
    const double expected[6] = {0, 3.0 / 7, 3.0 / 7, 0, 3.0 / 7, 1.0 / 7};
    expect_input(input_from(image_of(planes, 4, 1, CAMERAS_RGBF), plain(3), (cam_size){2, 1}, CAM_BILINEAR), expected);
}
END_TEST

START_TEST(fine_stripes_shrink_to_their_mean)
{
    uint8_t stripes[64];
    for (size_t i = 0; i < sizeof stripes; i++)
        stripes[i] = i % 2 ? 255 : 0;
    cam_input input = input_from(image_of(stripes, 64, 1, CAMERAS_GRAY8), plain(1), (cam_size){8, 1}, CAM_BILINEAR);
    for (size_t i = 1; i < 7; i++)
        ck_assert_double_eq_tol((double)input.data[i], 0.5, 1e-6);
    cam_input_free(&input);
}
END_TEST

START_TEST(enlarging_follows_the_filter)
{
    static const float edge[2] = {0, 1};
    const double bilinear[4] = {0, 0.25, 0.75, 1};
    const double bicubic[4] = {-27.0 / 256, 58.0 / 256, 198.0 / 256, 283.0 / 256}; /* 67 - 9 and 225 - 27 */
    expect_input(input_from(image_of(edge, 2, 1, CAMERAS_GRAYF), plain(1), (cam_size){4, 1}, CAM_BILINEAR), bilinear);
    expect_input(input_from(image_of(edge, 2, 1, CAMERAS_GRAYF), plain(1), (cam_size){4, 1}, CAM_BICUBIC), bicubic);
}
END_TEST

START_TEST(width_and_height_are_not_confused)
{
    static const uint8_t tall[8] = {0, 255, 0, 255, 0, 255, 0, 255};
    cam_input input = input_from(image_of(tall, 2, 4, CAMERAS_GRAY8), plain(1), (cam_size){4, 8}, CAM_BILINEAR);
    static const double row[4] = {0, 0.25, 0.75, 1};
    for (size_t i = 0; i < 32; i++)
        ck_assert_double_eq_tol((double)input.data[i], row[i % 4], 1e-6);
    cam_input_free(&input);
}
END_TEST

/* ---- copies at other scales -------------------------------------------------------------------------------------- */

START_TEST(copy_is_resized_channel_by_channel_as_it_is)
{
    float data[4] = {-2, 2, 10, 10};
    const cam_input base = {data, 2, {2, 1}};
    const double bilinear[8] = {-2, -1, 1, 2, 10, 10, 10, 10};
    const double bicubic[8] = {
        -2 - 4 * 27.0 / 256, -2 + 4 * 58.0 / 256, 2 - 4 * 58.0 / 256, 2 + 4 * 27.0 / 256, 10, 10, 10, 10};
    cam_input copy;
    ck_assert_int_eq(cam_input_resize(&copy, &base, (cam_size){4, 1}, CAM_BILINEAR), CAMERAS_OK);
    ck_assert_uint_eq(copy.channels, 2);
    expect_input(copy, bilinear);
    ck_assert_int_eq(cam_input_resize(&copy, &base, (cam_size){4, 1}, CAM_BICUBIC), CAMERAS_OK);
    expect_input(copy, bicubic);
}
END_TEST

START_TEST(copy_of_the_same_size_is_exact_and_of_its_own)
{
    float data[6] = {-2, 2, 0.3f, -7.7f, 1e6f, 1e-6f};
    const cam_input base = {data, 1, {3, 2}};
    cam_input copy;
    ck_assert_int_eq(cam_input_resize(&copy, &base, (cam_size){3, 2}, CAM_BICUBIC), CAMERAS_OK);
    ck_assert_ptr_ne(copy.data, data);
    ck_assert_mem_eq(copy.data, data, sizeof data);
    cam_input_free(&copy);
}
END_TEST

static Suite *preprocess_suite(void)
{
    Suite *suite = suite_create("preprocess");
    TCase *sizes = tcase_create("sizes"), *channels = tcase_create("channels");
    TCase *resizing = tcase_create("resizing"), *copies = tcase_create("copies");
    tcase_add_test(sizes, base_has_the_width_and_height_given_whatever_the_picture);
    tcase_add_test(sizes, shorter_side_given_keeps_the_shape_of_the_picture);
    tcase_add_test(sizes, picture_too_thin_for_a_shorter_side_is_refused);
    tcase_add_test(channels, each_channel_is_normalised_by_its_own_mean_and_deviation);
    tcase_add_test(channels, bytes_count_from_zero_to_one_in_planes);
    tcase_add_test(channels, bgr_turns_the_channels_and_keeps_the_networks_order_of_means);
    tcase_add_test(channels, grey_picture_fills_all_three_channels);
    tcase_add_test(channels, colour_becomes_one_channel_by_bt_601);
    tcase_add_test(channels, one_channel_is_normalised_after_the_luma);
    tcase_add_test(channels, grey_picture_is_the_one_channel_as_it_is);
    tcase_add_test(channels, network_of_other_channel_counts_is_refused_with_the_number);
    tcase_add_test(resizing, shrinking_is_antialiased_whatever_the_filter);
    tcase_add_test(resizing, every_channel_is_shrunk_alike);
    tcase_add_test(resizing, fine_stripes_shrink_to_their_mean);
    tcase_add_test(resizing, enlarging_follows_the_filter);
    tcase_add_test(resizing, width_and_height_are_not_confused);
    tcase_add_test(copies, copy_is_resized_channel_by_channel_as_it_is);
    tcase_add_test(copies, copy_of_the_same_size_is_exact_and_of_its_own);
    suite_add_tcase(suite, sizes);
    suite_add_tcase(suite, channels);
    suite_add_tcase(suite, resizing);
    suite_add_tcase(suite, copies);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(preprocess_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
