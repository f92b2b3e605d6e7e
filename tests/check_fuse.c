/*
 * check_fuse.c - the fusion against its definition, and the identities that the short cut rests on
 *
 * SPDX-License-Identifier: MIT
 */
#include "fuse.h"

#include "plain.h"
#include "resize.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_PIXELS = 64 * 64,
    MOST_STACKS = PLAIN_SCALES + 2
};

typedef cameras_status (*fuser)(float *out, const cam_fusion *fusion);

/* Stacks as the library keeps them, of the scales that plain holds as the network gave them. */
typedef struct stack {
    plain_stack plain;
    cam_planes activations[MOST_STACKS], gradients[MOST_STACKS];
    size_t stacks;
} stack;

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static void keep(cam_planes *out, shim_array from, int compress)
{
    ck_assert_int_eq(compress ? cam_planes_copy_constant(out, from) : cam_planes_copy(out, from, 2), CAMERAS_OK);
}

static stack keep_stack(plain_stack plain, int compress_gradients)
{
    stack made = {.plain = plain, .stacks = plain.scales};
    for (size_t t = 0; t < plain.scales; t++) {
        keep(&made.activations[t], plain.activations[t], 0);
        keep(&made.gradients[t], plain.gradients[t], compress_gradients);
    }
    return made;
}

static void free_stack(stack *made)
{
    for (size_t t = 0; t < made->stacks; t++) {
        cam_planes_free(&made->gradients[t]);
        cam_planes_free(&made->activations[t]);
    }
    plain_stack_free(&made->plain);
}

static void fuse_with(fuser fuse, float *out, cam_size size, const stack *from, size_t threads)
{
    const cam_fusion fusion = {size, from->activations, from->gradients, from->stacks, from->plain.scales, threads};
    ck_assert_uint_le(size.width * size.height, MOST_PIXELS);
    ck_assert_int_eq(fuse(out, &fusion), CAMERAS_OK);
}

static void expect_definition(fuser fuse, const stack *from, cam_size size)
{
    float out[MOST_PIXELS];
    fuse_with(fuse, out, size, from, 2);
    plain_expect(out, &from->plain, size, 2e-5);
}

/* ---- cases ------------------------------------------------------------------------------------------------------- */

/*
 * Maps on both sides of a tile's 256 x 8 pixels, channels on both sides of a group's sixteen; wide, tall, shrunk and
 * single-pixel planes.
 */
static const struct {
    size_t channels, scales;
    cam_size map, planes[PLAIN_SCALES];
} cases[] = {
    {1, 1, {5, 5}, {{5, 5}}},
    {7, 3, {20, 15}, {{3, 2}, {5, 4}, {7, 6}}},
    {16, 2, {31, 16}, {{7, 7}, {10, 10}}},
    {17, 3, {9, 17}, {{2, 5}, {3, 8}, {4, 11}}},
    {3, 2, {8, 33}, {{1, 4}, {4, 1}}},
    {4, 2, {6, 50}, {{9, 70}, {3, 25}}},
    {2, 3, {1, 40}, {{1, 1}, {2, 2}, {3, 3}}},
    {2, 2, {40, 1}, {{6, 3}, {40, 1}}},
    {30, 3, {64, 63}, {{7, 7}, {13, 13}, {29, 29}}},
    {33, 5, {257, 9}, {{9, 1}, {11, 3}, {20, 5}, {300, 10}, {256, 8}}},
    {20, 1, {1, 1}, {{3, 5}}},
    {5, 2, {513, 7}, {{1, 1}, {1026, 2}}},
    {18, 2, {4, 3}, {{20, 17}, {2, 2}}},
};
enum {
    CASES = sizeof cases / sizeof *cases
};

static stack case_stack(int number)
{
    return keep_stack(plain_stack_new(cases[number].channels, cases[number].planes, cases[number].scales), 0);
}

static stack flat_gradient_stack(int number, int compress)
{
    plain_stack plain = plain_stack_new(cases[number].channels, cases[number].planes, cases[number].scales);
    for (size_t t = 0; t < plain.scales; t++)
        plain_flatten(plain.gradients[t]);
    return keep_stack(plain, compress);
}

static size_t case_pixels(int number)
{
    return cases[number].map.width * cases[number].map.height;
}

/* ---- agreement --------------------------------------------------------------------------------------------------- */

START_TEST(any_gradients_fuse_to_the_definition)
{
    stack made = case_stack(_i);
    expect_definition(cam_fuse_general, &made, cases[_i].map);
    expect_definition(cam_fuse, &made, cases[_i].map);
    free_stack(&made);
}
END_TEST

START_TEST(constant_gradients_fuse_to_the_definition_either_way)
{
    stack whole = flat_gradient_stack(_i, 0), compressed = flat_gradient_stack(_i, 1);
    expect_definition(cam_fuse_general, &whole, cases[_i].map);
    expect_definition(cam_fuse_general, &compressed, cases[_i].map);
    expect_definition(cam_fuse_constant, &compressed, cases[_i].map);
    expect_definition(cam_fuse, &compressed, cases[_i].map);
    free_stack(&compressed);
    free_stack(&whole);
}
END_TEST

START_TEST(short_cut_equals_the_general_way_where_gradients_are_constant)
{
    float general[MOST_PIXELS], constant[MOST_PIXELS];
    stack made = flat_gradient_stack(_i, 1);
    fuse_with(cam_fuse_general, general, cases[_i].map, &made, 1);
    fuse_with(cam_fuse_constant, constant, cases[_i].map, &made, 1);
    for (size_t i = 0; i < case_pixels(_i); i++)
        ck_assert_double_eq_tol((double)general[i], (double)constant[i], 2e-5);
    free_stack(&made);
}
END_TEST

START_TEST(one_scale_that_is_not_constant_takes_the_general_way)
{
    stack made = case_stack(_i);
    plain_flatten(made.plain.gradients[0]);
    cam_planes_free(&made.gradients[0]);
    keep(&made.gradients[0], made.plain.gradients[0], 1);
    expect_definition(cam_fuse, &made, cases[_i].map);
    free_stack(&made);
}
END_TEST

static void expect_threads_not_to_show(const stack *made, cam_size size)
{
    static const size_t threads[] = {2, 3, 7, 8};
    float alone[MOST_PIXELS], together[MOST_PIXELS];
    fuse_with(cam_fuse, alone, size, made, 1);
    for (size_t i = 0; i < sizeof threads / sizeof *threads; i++) {
        fuse_with(cam_fuse, together, size, made, threads[i]);
        ck_assert_mem_eq(together, alone, size.width * size.height * sizeof *alone);
    }
}

START_TEST(number_of_threads_does_not_show)
{
    stack general = case_stack(_i), constant = flat_gradient_stack(_i, 1);
    expect_threads_not_to_show(&general, cases[_i].map);
    expect_threads_not_to_show(&constant, cases[_i].map);
    free_stack(&constant);
    free_stack(&general);
}
END_TEST

static void expect_soil_not_to_show(const stack *made, cam_size size)
{
    float clean[MOST_PIXELS] = {0}, soiled[MOST_PIXELS];
    for (size_t i = 0; i < MOST_PIXELS; i++)
        soiled[i] = NAN;
    fuse_with(cam_fuse, clean, size, made, 2);
    fuse_with(cam_fuse, soiled, size, made, 2);
    ck_assert_mem_eq(soiled, clean, size.width * size.height * sizeof *clean);
}

START_TEST(what_the_result_held_before_does_not_show)
{
    stack general = case_stack(_i), constant = flat_gradient_stack(_i, 1);
    expect_soil_not_to_show(&general, cases[_i].map);
    expect_soil_not_to_show(&constant, cases[_i].map);
    free_stack(&constant);
    free_stack(&general);
}
END_TEST

/* ---- stacks that are not a scale each ---------------------------------------------------------------------------- */

/* Moves the scales one place up, so that the first holds nothing, and the place after the last neither. */
static void make_gaps(stack *made)
{
    memmove(&made->activations[1], &made->activations[0], made->stacks * sizeof *made->activations);
    memmove(&made->gradients[1], &made->gradients[0], made->stacks * sizeof *made->gradients);
    made->activations[0] = made->gradients[0] = (cam_planes){0};
    made->stacks += 2;
}

static void expect_gaps_not_to_show(stack *made, cam_size size)
{
    float dense[MOST_PIXELS], gapped[MOST_PIXELS];
    fuse_with(cam_fuse, dense, size, made, 2);
    make_gaps(made);
    fuse_with(cam_fuse, gapped, size, made, 2);
    ck_assert_mem_eq(gapped, dense, size.width * size.height * sizeof *dense);
}

START_TEST(stacks_that_hold_nothing_count_for_nothing)
{
    stack general = case_stack(_i), constant = flat_gradient_stack(_i, 1);
    expect_gaps_not_to_show(&general, cases[_i].map);
    expect_gaps_not_to_show(&constant, cases[_i].map);
    free_stack(&constant);
    free_stack(&general);
}
END_TEST

/* Replaces the scales whose bit is set by their sum, one place after the others. */
static void sum_up(cam_planes *stacks, const shim_array *plain, size_t scales, unsigned which, cam_size size)
{
    for (size_t t = 0; t < scales; t++) {
        if (!(which >> t & 1u))
            continue;
        cam_planes_free(&stacks[t]);
        ck_assert_int_eq(cam_planes_add(&stacks[scales], plain[t], size, 2), CAMERAS_OK);
    }
}

START_TEST(a_sum_of_scales_stands_for_its_scales)
{
    const cam_size size = cases[_i].map;
    const unsigned all = 1u << cases[_i].scales;
    for (unsigned which = 0; which < all; which++) {
        stack made = case_stack(_i);
        made.stacks++;
        sum_up(made.activations, made.plain.activations, made.plain.scales, which, size);
        sum_up(made.gradients, made.plain.gradients, made.plain.scales, which, size);
        expect_definition(cam_fuse, &made, size);
        free_stack(&made);
    }
}
END_TEST

START_TEST(activations_and_gradients_may_be_summed_differently)
{
    const cam_size size = cases[_i].map;
    const unsigned all = (1u << cases[_i].scales) - 1u;
    stack first = case_stack(_i), second = flat_gradient_stack(_i, 1);
    first.stacks = ++second.stacks;
    sum_up(first.activations, first.plain.activations, first.plain.scales, all & 5u, size);
    sum_up(first.gradients, first.plain.gradients, first.plain.scales, all & 6u, size);
    expect_definition(cam_fuse, &first, size);
    sum_up(second.activations, second.plain.activations, second.plain.scales, all, size);
    expect_definition(cam_fuse_constant, &second, size);
    free_stack(&second);
    free_stack(&first);
}
END_TEST

/* ---- memory ------------------------------------------------------------------------------------------------------ */

START_TEST(map_that_no_memory_holds_is_refused)
{
    const cam_size endless = {(size_t)1 << 46, 1};
    stack general = case_stack(1), constant = flat_gradient_stack(1, 1);
    cam_fusion fusion = {endless, general.activations, general.gradients, 3, 3, 2};
    ck_assert_int_eq(cam_fuse(NULL, &fusion), CAMERAS_ENOMEM);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "fuse the scales: out of memory"));
    fusion.gradients = constant.gradients;
    ck_assert_int_eq(cam_fuse(NULL, &fusion), CAMERAS_ENOMEM);
    free_stack(&constant);
    free_stack(&general);
}
END_TEST

/* ---- identities -------------------------------------------------------------------------------------------------- */

START_TEST(one_scale_with_constant_gradients_is_the_weighted_sum_resized)
{
    float out[24 * 18], sum[4 * 3] = {0}, expected[24 * 18];
    plain_stack plain = plain_stack_new(6, (const cam_size[]){{4, 3}}, 1);
    plain_flatten(plain.gradients[0]);
    for (size_t k = 0; k < 6; k++)
        for (size_t i = 0; i < 4 * 3; i++)
            sum[i] += plain.gradients[0].data[k * 12] * plain.activations[0].data[k * 12 + i];
    ck_assert_int_eq(cam_resize_plane(expected, 24, 18, sum, 4, 3, CAM_BILINEAR), CAMERAS_OK);
    stack made = keep_stack(plain, 1);
    fuse_with(cam_fuse, out, (cam_size){24, 18}, &made, 1);
    for (size_t i = 0; i < 24 * 18; i++)
        ck_assert_double_eq_tol((double)out[i], (double)expected[i], 1e-6);
    free_stack(&made);
}
END_TEST

/* One channel, two scales of one row of two pixels, or of one pixel where w_width is 1. */
static void fuse_two_pixels(fuser fuse, float out[2], const float a[2][2], const float w[2][2], size_t w_width)
{
    cam_planes activations[2], gradients[2];
    for (size_t t = 0; t < 2; t++) {
        keep(&activations[t], (shim_array){a[t], 1, 1, 2}, 0);
        keep(&gradients[t], (shim_array){w[t], 1, 1, w_width}, 0);
    }
    ck_assert_int_eq(fuse(out, &(cam_fusion){{2, 1}, activations, gradients, 2, 2, 1}), CAMERAS_OK);
    for (size_t t = 0; t < 2; t++) {
        cam_planes_free(&gradients[t]);
        cam_planes_free(&activations[t]);
    }
}

START_TEST(product_of_means_is_taken_and_not_the_mean_of_products)
{
    /* Pixel 0: (1 + 3)/2 times (1 + 5)/2 = 6, where the mean of products is (1 + 15)/2 = 8. */
    const float a[2][2] = {{1, 2}, {3, 0}}, w[2][2] = {{1, 4}, {5, 8}};
    float out[2];
    fuse_two_pixels(cam_fuse_general, out, a, w, 2);
    ck_assert_float_eq(out[0], 6.0f);
    ck_assert_float_eq(out[1], 6.0f); /* (2 + 0)/2 times (4 + 8)/2; the mean of products is 4 */
}
END_TEST

START_TEST(cross_scale_terms_count_with_constant_gradients_too)
{
    /* Gradients 1 and 5 average 3; activations average {2, 1}. The mean of products would be {8, 1}. */
    const float a[2][2] = {{1, 2}, {3, 0}}, w[2][2] = {{1}, {5}};
    float out[2];
    fuse_two_pixels(cam_fuse, out, a, w, 1);
    ck_assert_float_eq(out[0], 6.0f);
    ck_assert_float_eq(out[1], 3.0f);
}
END_TEST

START_TEST(negative_sums_are_left_for_the_map_to_rectify)
{
    const float a[2][2] = {{1, -1}, {1, -1}}, w[2][2] = {{-2, 3}, {-2, 3}};
    float out[2];
    fuse_two_pixels(cam_fuse, out, a, w, 2);
    ck_assert_float_eq(out[0], -2.0f);
    ck_assert_float_eq(out[1], -3.0f);
}
END_TEST

START_TEST(doubled_gradients_double_the_result_exactly)
{
    float once[MOST_PIXELS], twice[MOST_PIXELS];
    stack made = case_stack(_i);
    fuse_with(cam_fuse, once, cases[_i].map, &made, 2);
    for (size_t t = 0; t < made.stacks; t++) {
        const cam_planes *planes = &made.gradients[t];
        for (size_t i = 0; i < cam_planes_bytes(planes->channels, planes->height, planes->width) / sizeof(float); i++)
            planes->data[i] *= 2.0f;
    }
    fuse_with(cam_fuse, twice, cases[_i].map, &made, 2);
    for (size_t i = 0; i < case_pixels(_i); i++)
        ck_assert_float_eq(twice[i], 2.0f * once[i]);
    free_stack(&made);
}
END_TEST

static Suite *fuse_suite(void)
{
    Suite *suite = suite_create("fuse");
    TCase *agreement = tcase_create("agreement"), *identities = tcase_create("identities");
    TCase *stacks = tcase_create("stacks"), *memory = tcase_create("memory");
    tcase_set_timeout(agreement, 60);
    tcase_set_timeout(identities, 60);
    tcase_set_timeout(stacks, 60);
    tcase_add_loop_test(agreement, any_gradients_fuse_to_the_definition, 0, CASES);
    tcase_add_loop_test(agreement, constant_gradients_fuse_to_the_definition_either_way, 0, CASES);
    tcase_add_loop_test(agreement, short_cut_equals_the_general_way_where_gradients_are_constant, 0, CASES);
    tcase_add_loop_test(agreement, one_scale_that_is_not_constant_takes_the_general_way, 0, CASES);
    tcase_add_loop_test(agreement, number_of_threads_does_not_show, 0, CASES);
    tcase_add_loop_test(agreement, what_the_result_held_before_does_not_show, 0, CASES);
    tcase_add_test(identities, one_scale_with_constant_gradients_is_the_weighted_sum_resized);
    tcase_add_test(identities, product_of_means_is_taken_and_not_the_mean_of_products);
    tcase_add_test(identities, cross_scale_terms_count_with_constant_gradients_too);
    tcase_add_test(identities, negative_sums_are_left_for_the_map_to_rectify);
    tcase_add_loop_test(identities, doubled_gradients_double_the_result_exactly, 0, CASES);
    tcase_add_loop_test(stacks, stacks_that_hold_nothing_count_for_nothing, 0, CASES);
    tcase_add_loop_test(stacks, a_sum_of_scales_stands_for_its_scales, 0, CASES);
    tcase_add_loop_test(stacks, activations_and_gradients_may_be_summed_differently, 0, CASES);
    tcase_add_test(memory, map_that_no_memory_holds_is_refused);
    suite_add_tcase(suite, agreement);
    suite_add_tcase(suite, identities);
    suite_add_tcase(suite, stacks);
    suite_add_tcase(suite, memory);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(fuse_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
