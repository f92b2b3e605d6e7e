/*
 * check_kept.c - what the scales leave behind: fused as the definition says, whatever was kept and whatever summed
 *
 * SPDX-License-Identifier: MIT
 */
#include "kept.h"

#include "plain.h"
#include "scarce.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_PIXELS = 32 * 32
};

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

/* One layer and one class, all scales taken in their order. */
static cameras_status keep_all(cam_kept *kept, const plain_stack *plain, cam_size size, size_t threads)
{
    cameras_status status = cam_kept_make(kept, 1, 1, plain->scales, size, threads);
    for (size_t t = 0; t < plain->scales && status == CAMERAS_OK; t++) {
        status = cam_kept_activation(kept, 0, t, plain->activations[t]);
        if (status == CAMERAS_OK)
            status = cam_kept_gradient(kept, 0, 0, t, plain->gradients[t]);
    }
    return status;
}

static void fuse_plain(float *out, const plain_stack *plain, cam_size size, size_t threads)
{
    cam_kept kept;
    ck_assert_uint_le(size.width * size.height, MOST_PIXELS);
    ck_assert_int_eq(keep_all(&kept, plain, size, threads), CAMERAS_OK);
    ck_assert_int_eq(cam_kept_fuse(out, &kept, 0, 0, plain->scales), CAMERAS_OK);
    cam_kept_free(&kept);
}

static void expect_definition(const plain_stack *plain, cam_size size)
{
    float out[MOST_PIXELS];
    fuse_plain(out, plain, size, 2);
    plain_expect(out, plain, size, 1e-5);
}

static size_t held(const cam_planes *planes, size_t count)
{
    size_t bytes = 0;
    for (size_t i = 0; i < count; i++)
        bytes += planes[i].data ? cam_planes_bytes(planes[i].channels, planes[i].height, planes[i].width) : 0;
    return bytes;
}

/* Of one layer and one class. */
static size_t held_by(const cam_kept *kept)
{
    return held(kept->activations, kept->scale_count + 1) + held(kept->gradients, kept->scale_count + 1);
}

/* ---- cases ------------------------------------------------------------------------------------------------------- */

/* Scales below, at and above the map's pixels, alone and together. */
static const struct {
    size_t channels, scales;
    cam_size map, planes[PLAIN_SCALES];
} cases[] = {
    {20, 3, {16, 12}, {{4, 3}, {8, 6}, {16, 12}}},
    {20, 3, {16, 12}, {{17, 12}, {32, 24}, {40, 30}}},
    {17, 5, {10, 10}, {{5, 5}, {9, 9}, {10, 10}, {20, 20}, {35, 35}}},
    {33, 4, {9, 21}, {{60, 70}, {3, 5}, {30, 8}, {8, 30}}},
    {5, 2, {1, 1}, {{3, 4}, {1, 1}}},
};
enum {
    CASES = sizeof cases / sizeof *cases
};

static plain_stack case_stack(int number)
{
    return plain_stack_new(cases[number].channels, cases[number].planes, cases[number].scales);
}

/* ---- what is fused ----------------------------------------------------------------------------------------------- */

START_TEST(scales_kept_and_summed_fuse_to_the_definition)
{
    plain_stack plain = case_stack(_i);
    expect_definition(&plain, cases[_i].map);
    plain_stack_free(&plain);
}
END_TEST

START_TEST(any_scales_may_have_constant_gradients)
{
    for (unsigned which = 1; which < 1u << cases[_i].scales; which++) {
        plain_stack plain = case_stack(_i);
        for (size_t t = 0; t < plain.scales; t++)
            if (which >> t & 1u)
                plain_flatten(plain.gradients[t]);
        expect_definition(&plain, cases[_i].map);
        plain_stack_free(&plain);
    }
}
END_TEST

START_TEST(number_of_threads_does_not_show)
{
    static const size_t threads[] = {2, 3, 7};
    float alone[MOST_PIXELS], together[MOST_PIXELS];
    plain_stack plain = case_stack(_i);
    fuse_plain(alone, &plain, cases[_i].map, 1);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        fuse_plain(together, &plain, cases[_i].map, threads[i]);
        ck_assert_mem_eq(together, alone, cases[_i].map.width * cases[_i].map.height * sizeof *alone);
    }
    plain_stack_free(&plain);
}
END_TEST

/* The order that explain.c runs scales in: the base's first, then from the largest down. */
START_TEST(scales_may_come_in_any_order)
{
    float out[MOST_PIXELS];
    cam_kept kept;
    const cam_size map = cases[_i].map;
    plain_stack plain = case_stack(_i);
    ck_assert_int_eq(cam_kept_make(&kept, 1, 1, plain.scales, map, 2), CAMERAS_OK);
    for (size_t t = plain.scales; t-- > 0;) {
        ck_assert_int_eq(cam_kept_activation(&kept, 0, t, plain.activations[t]), CAMERAS_OK);
        ck_assert_int_eq(cam_kept_gradient(&kept, 0, 0, t, plain.gradients[t]), CAMERAS_OK);
    }
    ck_assert_int_eq(cam_kept_fuse(out, &kept, 0, 0, plain.scales), CAMERAS_OK);
    plain_expect(out, &plain, map, 1e-5);
    cam_kept_free(&kept);
    plain_stack_free(&plain);
}
END_TEST

START_TEST(scales_that_the_gate_drops_count_for_nothing)
{
    float out[MOST_PIXELS];
    cam_kept kept;
    const cam_size map = {10, 10}, sizes[] = {{5, 5}, {30, 30}};
    plain_stack plain = plain_stack_new(18, sizes, 2);
    ck_assert_int_eq(cam_kept_make(&kept, 1, 1, 5, map, 2), CAMERAS_OK);
    for (size_t t = 0; t < 2; t++) {
        ck_assert_int_eq(cam_kept_activation(&kept, 0, 3 - 2 * t, plain.activations[t]), CAMERAS_OK);
        ck_assert_int_eq(cam_kept_gradient(&kept, 0, 0, 3 - 2 * t, plain.gradients[t]), CAMERAS_OK);
    }
    ck_assert_int_eq(cam_kept_fuse(out, &kept, 0, 0, 2), CAMERAS_OK);
    plain_expect(out, &plain, map, 1e-5);
    cam_kept_free(&kept);
    plain_stack_free(&plain);
}
END_TEST

/* Layers and classes of their own planes each: a class shares its layer's activations, and nothing else. */
START_TEST(layers_and_classes_do_not_mix)
{
    cam_kept kept;
    plain_stack plain[2][3];
    const cam_size map = {9, 8}, sizes[2][2] = {{{4, 4}, {20, 20}}, {{3, 2}, {5, 4}}};
    ck_assert_int_eq(cam_kept_make(&kept, 2, 3, 2, map, 2), CAMERAS_OK);
    for (size_t layer = 0; layer < 2; layer++)
        for (size_t c = 0; c < 3; c++) {
            plain[layer][c] = plain_stack_new(layer ? 6 : 19, sizes[layer], 2);
            for (size_t t = 0; t < 2; t++) {
                shim_array *first = &plain[layer][0].activations[t], *own = &plain[layer][c].activations[t];
                if (c == 0)
                    ck_assert_int_eq(cam_kept_activation(&kept, layer, t, *first), CAMERAS_OK);
                else
                    memcpy((void *)own->data, first->data,
                           own->channels * own->height * own->width * sizeof *own->data);
                ck_assert_int_eq(cam_kept_gradient(&kept, layer, c, t, plain[layer][c].gradients[t]), CAMERAS_OK);
            }
        }
    for (size_t layer = 0; layer < 2; layer++)
        for (size_t c = 0; c < 3; c++) {
            float out[MOST_PIXELS];
            ck_assert_int_eq(cam_kept_fuse(out, &kept, layer, c, 2), CAMERAS_OK);
            plain_expect(out, &plain[layer][c], map, 1e-5);
            plain_stack_free(&plain[layer][c]);
        }
    cam_kept_free(&kept);
}
END_TEST

/* ---- memory ------------------------------------------------------------------------------------------------------ */

START_TEST(bytes_told_beforehand_are_those_that_are_held)
{
    for (int constant = 0; constant <= 1; constant++) {
        cam_kept kept;
        plain_stack plain = case_stack(_i);
        for (size_t t = 0; constant && t < plain.scales; t++)
            plain_flatten(plain.gradients[t]);
        ck_assert_int_eq(keep_all(&kept, &plain, cases[_i].map, 2), CAMERAS_OK);
        const size_t told =
            cam_kept_bytes(cases[_i].channels, cases[_i].planes, cases[_i].scales, cases[_i].map, 1, constant);
        if (_i != CASES - 1) /* a single pixel is constant whatever it is told */
            ck_assert_uint_eq(held_by(&kept), told);
        cam_kept_free(&kept);
        plain_stack_free(&plain);
    }
}
END_TEST

START_TEST(bytes_follow_from_arithmetic)
{
    const cam_size map = {10, 10}, sizes[] = {{5, 5}, {10, 10}, {11, 10}, {99, 99}};
    /* 20 channels fill 32 places: two scales kept, of 25 and 100 pixels, and a sum of 100. */
    ck_assert_uint_eq(cam_kept_bytes(20, sizes, 4, map, 1, 0), 2 * (25 + 100 + 100) * 32 * 4);
    ck_assert_uint_eq(cam_kept_bytes(20, sizes, 4, map, 3, 0), 4 * (25 + 100 + 100) * 32 * 4);
    ck_assert_uint_eq(cam_kept_bytes(20, sizes, 4, map, 3, 1), (225 + 3 * 4) * 32 * 4);
    ck_assert_uint_eq(cam_kept_bytes(20, sizes, 2, map, 1, 0), 2 * (25 + 100) * 32 * 4);
}
END_TEST

START_TEST(large_scales_beyond_the_first_take_no_more_memory)
{
    const cam_size map = {10, 10}, sizes[] = {{20, 20}, {30, 30}, {40, 40}, {50, 50}};
    size_t bytes[2];
    for (size_t i = 0; i < 2; i++) {
        cam_kept kept;
        plain_stack plain = plain_stack_new(16, sizes, i ? 4 : 1);
        ck_assert_int_eq(keep_all(&kept, &plain, map, 2), CAMERAS_OK);
        bytes[i] = held_by(&kept);
        cam_kept_free(&kept);
        plain_stack_free(&plain);
    }
    ck_assert_uint_eq(bytes[0], 2 * 16 * 100 * sizeof(float));
    ck_assert_uint_eq(bytes[1], bytes[0]);
}
END_TEST

/* Everything that a call does between its first scale and its map. */
static cameras_status whole_way(cam_kept *kept, const plain_stack *plain, cam_size size)
{
    float out[MOST_PIXELS];
    cameras_status status = keep_all(kept, plain, size, 1);
    if (status == CAMERAS_OK)
        status = cam_kept_fuse(out, kept, 0, 0, plain->scales);
    cam_kept_free(kept);
    return status;
}

static void expect_every_shortage_to_be_told(const plain_stack *plain, cam_size size)
{
    static const cam_kept none;
    cameras_status status = CAMERAS_ENOMEM;
    size_t grants = 0;
    for (; status != CAMERAS_OK; grants++) {
        cam_kept kept;
        scarce_begin(grants);
        status = whole_way(&kept, plain, size);
        ck_assert_int_eq(scarce_end(), 0);
        ck_assert_mem_eq(&kept, &none, sizeof kept);
        ck_assert(status == CAMERAS_OK || status == CAMERAS_ENOMEM);
        ck_assert_uint_lt(grants, 1000);
    }
    ck_assert_uint_gt(grants, 10);
}

START_TEST(shortage_of_memory_at_any_point_is_told_and_leaves_nothing)
{
    if (!scarce_works()) {
        puts("SKIPPED: memory cannot be made scarce in this build");
        return;
    }
    plain_stack general = case_stack(_i), constant = case_stack(_i);
    for (size_t t = 0; t < constant.scales; t++)
        plain_flatten(constant.gradients[t]);
    expect_every_shortage_to_be_told(&general, cases[_i].map);
    expect_every_shortage_to_be_told(&constant, cases[_i].map);
    plain_stack_free(&constant);
    plain_stack_free(&general);
}
END_TEST

static Suite *kept_suite(void)
{
    Suite *suite = suite_create("kept");
    TCase *fused = tcase_create("fused"), *memory = tcase_create("memory");
    tcase_set_timeout(fused, 60);
    tcase_set_timeout(memory, 60);
    tcase_add_loop_test(fused, scales_kept_and_summed_fuse_to_the_definition, 0, CASES);
    tcase_add_loop_test(fused, any_scales_may_have_constant_gradients, 0, CASES);
    tcase_add_loop_test(fused, number_of_threads_does_not_show, 0, CASES);
    tcase_add_loop_test(fused, scales_may_come_in_any_order, 0, CASES);
    tcase_add_test(fused, scales_that_the_gate_drops_count_for_nothing);
    tcase_add_test(fused, layers_and_classes_do_not_mix);
    tcase_add_loop_test(memory, bytes_told_beforehand_are_those_that_are_held, 0, CASES);
    tcase_add_test(memory, bytes_follow_from_arithmetic);
    tcase_add_test(memory, large_scales_beyond_the_first_take_no_more_memory);
    tcase_add_loop_test(memory, shortage_of_memory_at_any_point_is_told_and_leaves_nothing, 0, CASES);
    suite_add_tcase(suite, fused);
    suite_add_tcase(suite, memory);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(kept_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
