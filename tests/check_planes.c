/*
 * check_planes.c - how planes are kept: laid side by side, as single values, or resized and summed
 *
 * SPDX-License-Identifier: MIT
 */
#include "planes.h"

#include "lanes.h"
#include "plain.h"
#include "resize.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

/* Channel k of a stack at pixel (x, y), as planes.h says where it lies. */
static float at(const cam_planes *planes, size_t k, size_t x, size_t y)
{
    const size_t group = k / CAM_LANES, lane = k % CAM_LANES;
    return planes->data[((group * planes->height + y) * planes->width + x) * CAM_LANES + lane];
}

static void expect_size(const cam_planes *planes, size_t channels, size_t height, size_t width)
{
    ck_assert_ptr_nonnull(planes->data);
    ck_assert_uint_eq(planes->channels, channels);
    ck_assert_uint_eq(planes->height, height);
    ck_assert_uint_eq(planes->width, width);
}

static void expect_nothing(const cam_planes *planes)
{
    ck_assert_ptr_null(planes->data);
    ck_assert_uint_eq(planes->channels + planes->height + planes->width, 0);
}

static void expect_filled_with_zeros(const cam_planes *planes)
{
    for (size_t k = planes->channels; k % CAM_LANES != 0; k++)
        for (size_t y = 0; y < planes->height; y++)
            for (size_t x = 0; x < planes->width; x++)
                ck_assert_float_eq(at(planes, k, x, y), 0.0f);
}

/* ---- copies ------------------------------------------------------------------------------------------------------ */

static const size_t channel_counts[] = {1, 15, 16, 17, 40};
enum {
    CHANNEL_COUNTS = sizeof channel_counts / sizeof *channel_counts
};

START_TEST(channels_lie_side_by_side_and_the_last_sixteen_are_filled_up)
{
    cam_planes kept;
    const shim_array plain = plain_planes(channel_counts[_i], (cam_size){5, 3});
    ck_assert_int_eq(cam_planes_copy(&kept, plain, 3), CAMERAS_OK);
    expect_size(&kept, channel_counts[_i], 3, 5);
    for (size_t k = 0; k < channel_counts[_i]; k++)
        for (size_t i = 0; i < 15; i++)
            ck_assert_float_eq(at(&kept, k, i % 5, i / 5), plain.data[k * 15 + i]);
    expect_filled_with_zeros(&kept);
    cam_planes_free(&kept);
    expect_nothing(&kept);
    cam_planes_free(&kept);
    free((void *)plain.data);
}
END_TEST

START_TEST(rows_begin_on_a_vectors_boundary)
{
    cam_planes kept;
    const shim_array plain = plain_planes(3, (cam_size){7, 2});
    ck_assert_int_eq(cam_planes_copy(&kept, plain, 1), CAMERAS_OK);
    ck_assert_uint_eq((uintptr_t)kept.data % (CAM_LANES * sizeof(float)), 0);
    cam_planes_free(&kept);
    free((void *)plain.data);
}
END_TEST

/* ---- constant planes --------------------------------------------------------------------------------------------- */

START_TEST(planes_that_are_constant_each_are_kept_as_their_values)
{
    cam_planes kept;
    const size_t channels = channel_counts[_i];
    const shim_array plain = plain_planes(channels, (cam_size){3, 2});
    plain_flatten(plain);
    for (size_t threads = 1; threads <= 3; threads++)
        ck_assert(cam_planes_constant(plain, threads));
    ck_assert_int_eq(cam_planes_copy_constant(&kept, plain), CAMERAS_OK);
    expect_size(&kept, channels, 1, 1);
    for (size_t k = 0; k < channels; k++)
        ck_assert_float_eq(kept.data[k], plain.data[k * 6]);
    expect_filled_with_zeros(&kept);
    cam_planes_free(&kept);
    free((void *)plain.data);
}
END_TEST

START_TEST(a_single_other_value_anywhere_is_not_constant)
{
    for (size_t odd = 0; odd < 33 * 7; odd++) {
        float data[33 * 7];
        for (size_t i = 0; i < 33 * 7; i++)
            data[i] = (float)(i / 7);
        data[odd] = nextafterf(data[odd], 99.0f);
        ck_assert(!cam_planes_constant((shim_array){data, 33, 1, 7}, 2));
    }
}
END_TEST

START_TEST(a_nan_is_not_constant)
{
    float data[12];
    for (size_t i = 0; i < 12; i++)
        data[i] = NAN;
    ck_assert(!cam_planes_constant((shim_array){data, 2, 2, 3}, 2));
}
END_TEST

START_TEST(single_pixels_are_constant)
{
    static const float data[3] = {1, 2, 3};
    ck_assert(cam_planes_constant((shim_array){data, 3, 1, 1}, 2));
}
END_TEST

/* ---- sums -------------------------------------------------------------------------------------------------------- */

static const struct {
    size_t channels;
    cam_size from, to;
} resizes[] = {
    {1, {5, 5}, {5, 5}}, {17, {13, 11}, {7, 5}}, {16, {60, 40}, {9, 7}}, {33, {3, 2}, {8, 9}},  {5, {1, 9}, {4, 3}},
    {5, {9, 1}, {3, 4}}, {2, {31, 17}, {1, 1}},  {18, {1, 1}, {6, 5}},   {20, {40, 6}, {7, 8}},
};
enum {
    RESIZES = sizeof resizes / sizeof *resizes
};

START_TEST(sum_is_that_of_every_channel_resized)
{
    cam_planes sum = {0};
    const cam_size to = resizes[_i].to;
    const shim_array first = plain_planes(resizes[_i].channels, resizes[_i].from);
    const shim_array second = plain_planes(resizes[_i].channels, (cam_size){11, 6});
    ck_assert_int_eq(cam_planes_add(&sum, first, to, 2), CAMERAS_OK);
    ck_assert_int_eq(cam_planes_add(&sum, second, to, 2), CAMERAS_OK);
    expect_size(&sum, resizes[_i].channels, to.height, to.width);
    for (size_t k = 0; k < resizes[_i].channels; k++)
        for (size_t y = 0; y < to.height; y++)
            for (size_t x = 0; x < to.width; x++)
                ck_assert_double_eq_tol((double)at(&sum, k, x, y),
                                        plain_sample(first, k, to, x, y) + plain_sample(second, k, to, x, y), 1e-5);
    expect_filled_with_zeros(&sum);
    cam_planes_free(&sum);
    free((void *)second.data);
    free((void *)first.data);
}
END_TEST

START_TEST(number_of_threads_does_not_show_in_a_sum)
{
    cam_planes alone = {0};
    const cam_size to = resizes[_i].to;
    const shim_array plain = plain_planes(resizes[_i].channels, resizes[_i].from);
    ck_assert_int_eq(cam_planes_add(&alone, plain, to, 1), CAMERAS_OK);
    for (size_t threads = 2; threads <= 7; threads++) {
        cam_planes together = {0};
        ck_assert_int_eq(cam_planes_add(&together, plain, to, threads), CAMERAS_OK);
        ck_assert_mem_eq(together.data, alone.data, cam_planes_bytes(alone.channels, to.height, to.width));
        cam_planes_free(&together);
    }
    cam_planes_free(&alone);
    free((void *)plain.data);
}
END_TEST

/* ---- memory ------------------------------------------------------------------------------------------------------ */

START_TEST(planes_that_no_memory_holds_are_refused_and_leave_nothing)
{
    static const float data[1] = {1};
    const size_t side = (size_t)1 << 24; /* 2^48 pixels of 64 bytes */
    cam_planes kept = {(float *)data, 1, 1, 1}, sum = {0};
    ck_assert_int_eq(cam_planes_copy(&kept, (shim_array){data, 1, side, side}, 2), CAMERAS_ENOMEM);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "keep a layer's planes: out of memory"));
    expect_nothing(&kept);
    ck_assert_int_eq(cam_planes_add(&sum, (shim_array){data, 1, 1, 1}, (cam_size){side, side}, 2), CAMERAS_ENOMEM);
    expect_nothing(&sum);
}
END_TEST

START_TEST(pixels_beyond_all_addresses_are_refused)
{
    ck_assert_ptr_null(cam_lanes_new(SIZE_MAX / 32));
    ck_assert_ptr_null(cam_lanes_new(SIZE_MAX));
}
END_TEST

START_TEST(bytes_are_those_of_whole_groups_of_sixteen)
{
    ck_assert_uint_eq(cam_planes_bytes(1, 1, 1), 64);
    ck_assert_uint_eq(cam_planes_bytes(16, 3, 5), 15 * 64);
    ck_assert_uint_eq(cam_planes_bytes(17, 3, 5), 15 * 128);
    ck_assert_uint_eq(cam_planes_bytes(512, 57, 57), (size_t)512 * 57 * 57 * 4);
}
END_TEST

static Suite *planes_suite(void)
{
    Suite *suite = suite_create("planes");
    TCase *copies = tcase_create("copies"), *constant = tcase_create("constant"), *sums = tcase_create("sums");
    TCase *memory = tcase_create("memory");
    tcase_set_timeout(constant, 60);
    tcase_set_timeout(sums, 60);
    tcase_add_loop_test(copies, channels_lie_side_by_side_and_the_last_sixteen_are_filled_up, 0, CHANNEL_COUNTS);
    tcase_add_test(copies, rows_begin_on_a_vectors_boundary);
    tcase_add_loop_test(constant, planes_that_are_constant_each_are_kept_as_their_values, 0, CHANNEL_COUNTS);
    tcase_add_test(constant, a_single_other_value_anywhere_is_not_constant);
    tcase_add_test(constant, a_nan_is_not_constant);
    tcase_add_test(constant, single_pixels_are_constant);
    tcase_add_loop_test(sums, sum_is_that_of_every_channel_resized, 0, RESIZES);
    tcase_add_loop_test(sums, number_of_threads_does_not_show_in_a_sum, 0, RESIZES);
    tcase_add_test(memory, planes_that_no_memory_holds_are_refused_and_leave_nothing);
    tcase_add_test(memory, pixels_beyond_all_addresses_are_refused);
    tcase_add_test(memory, bytes_are_those_of_whole_groups_of_sixteen);
    suite_add_tcase(suite, copies);
    suite_add_tcase(suite, constant);
    suite_add_tcase(suite, sums);
    suite_add_tcase(suite, memory);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(planes_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
