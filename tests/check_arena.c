/*
 * check_arena.c - the memory that passes work in: what it counts, what it refuses, whom it leaves alone
 *
 * SPDX-License-Identifier: MIT
 */
#include "inside.h"
#include "networks.h"
#include "process.h"

#include <check.h>
#include <math.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const size_t kib = 1024, mib = 1024 * 1024;

static shim_arena *open_arena(size_t limit)
{
    shim_arena *arena = NULL;
    ck_assert_int_eq(shim_arena_open(&arena, limit), CAMERAS_OK);
    ck_assert_ptr_nonnull(arena);
    return arena;
}

/* ---- blocks ----------------------------------------------------------------------------------------------------- */

START_TEST(peak_is_the_most_in_use_at_a_time)
{
    shim_arena *arena = open_arena(0);
    ck_assert_uint_eq(shim_arena_peak(arena), 0);
    void *one = inside_take(arena, mib), *two = inside_take(arena, 2 * mib);
    ck_assert_uint_eq(shim_arena_peak(arena), 3 * mib);
    inside_give_back(arena, two);
    void *three = inside_take(arena, mib + mib / 2);
    ck_assert_uint_eq(shim_arena_peak(arena), 3 * mib);
    void *four = inside_take(arena, mib);
    ck_assert_uint_eq(shim_arena_peak(arena), 3 * mib + mib / 2);
    inside_give_back(arena, one);
    inside_give_back(arena, three);
    inside_give_back(arena, four);
    ck_assert_uint_eq(shim_arena_peak(arena), 3 * mib + mib / 2);
    shim_arena_close(arena);
}
END_TEST

START_TEST(limit_is_kept_to_the_page_and_a_refusal_takes_nothing)
{
    shim_arena *arena = open_arena(4 * mib);
    void *one = inside_take(arena, 3 * mib);
    ck_assert_ptr_nonnull(one);
    ck_assert_ptr_null(inside_take(arena, mib + 1));
    ck_assert_uint_eq(shim_arena_peak(arena), 3 * mib);
    void *two = inside_take(arena, mib);
    ck_assert_ptr_nonnull(two);
    ck_assert_ptr_null(inside_take(arena, 4 * kib));
    inside_give_back(arena, one);
    inside_give_back(arena, two);
    void *whole = inside_take(arena, 4 * mib);
    ck_assert_ptr_nonnull(whole);
    inside_give_back(arena, whole);
    shim_arena_close(arena);
}
END_TEST

enum {
    LIVE = 24,
    STEPS = 3000
};

typedef struct block {
    unsigned char *at;
    size_t size;
    unsigned char mark;
} block;

static void free_block(shim_arena *arena, block *own, size_t *used)
{
    ck_assert_uint_eq(own->at[0], own->mark);
    ck_assert_uint_eq(own->at[own->size - 1], own->mark);
    inside_give_back(arena, own->at);
    *used -= own->size;
    *own = (block){0};
}

/* From 64 KiB to 8 MiB, small ones as often as large ones, in whole pages. */
static size_t random_size(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    return (size_t)(64.0 * exp2((double)(*state >> 8) / (double)(1 << 24) * 7.0)) * kib / 4096 * 4096;
}

static void make_block(shim_arena *arena, block *own, uint32_t *state, size_t *used)
{
    own->size = random_size(state);
    own->at = inside_take(arena, own->size);
    ck_assert_ptr_nonnull(own->at);
    ck_assert_uint_eq((uintptr_t)own->at % 64, 0);
    own->mark = (unsigned char)(*state >> 24);
    own->at[0] = own->at[own->size - 1] = own->mark;
    *used += own->size;
}

START_TEST(what_is_mapped_is_never_more_than_was_in_use_at_a_time)
{
    block blocks[LIVE] = {{0}};
    uint32_t state = 11;
    size_t used = 0, most = 0, most_mapped = 0;
    const int measurable = process_is_measurable();
    shim_arena *arena = open_arena(0);
    const size_t before = process_mapped();
    for (size_t step = 0; step < STEPS; step++) {
        block *own = &blocks[(state >> 10) % (1 + step * LIVE / STEPS)];
        if (own->at)
            free_block(arena, own, &used);
        else
            make_block(arena, own, &state, &used);
        most = used > most ? used : most;
        most_mapped = process_mapped() - before > most_mapped ? process_mapped() - before : most_mapped;
        ck_assert_uint_eq(shim_arena_peak(arena), most);
        if (measurable) /* a huge page, and the bookkeeping */
            ck_assert_uint_le(process_mapped(), before + most + 2 * mib + mib / 2);
        state = state * 1664525u + 1013904223u;
    }
    if (measurable)
        ck_assert_uint_ge(most_mapped, most);
    for (size_t i = 0; i < LIVE; i++)
        if (blocks[i].at)
            free_block(arena, &blocks[i], &used);
    shim_arena_close(arena);
    if (measurable)
        ck_assert_uint_le(process_mapped(), before + mib / 2);
}
END_TEST

/* ---- tensors ---------------------------------------------------------------------------------------------------- */

START_TEST(tensors_of_a_scope_come_from_its_arena_and_others_do_not)
{
    shim_arena *arena = open_arena(0);
    inside_tensor *outside = inside_tensor_new(NULL, 4 * mib, 1);
    inside_tensor *elsewhere = inside_tensor_new_elsewhere(arena, 4 * mib, 2);
    ck_assert_uint_eq(shim_arena_peak(arena), 0);
    inside_tensor *within = inside_tensor_new(arena, mib, 3);
    ck_assert_uint_ge(shim_arena_peak(arena), mib);
    ck_assert_uint_lt(shim_arena_peak(arena), mib + 64 * kib);
    inside_tensor *after = inside_tensor_new(NULL, 4 * mib, 4);
    ck_assert_uint_lt(shim_arena_peak(arena), mib + 64 * kib);
    inside_tensor *const all[] = {outside, elsewhere, within, after};
    for (size_t i = 0; i < 4; i++)
        ck_assert_int_eq(inside_tensor_free(all[i]), 1);
    shim_arena_close(arena);
}
END_TEST

START_TEST(tensors_live_on_after_their_arena_and_are_given_back_with_the_last)
{
    inside_tensor *tensors[3];
    shim_arena *arena = open_arena(0);
    const size_t before = process_mapped();
    for (int i = 0; i < 3; i++)
        ck_assert_ptr_nonnull(tensors[i] = inside_tensor_new(arena, 8 * mib, 10 + i));
    shim_arena_close(arena);
    inside_tensor *later = inside_tensor_new(NULL, 8 * mib, 20);
    ck_assert_int_eq(inside_tensor_free(tensors[1]), 1);
    ck_assert_int_eq(inside_tensor_free(tensors[0]), 1);
    ck_assert_int_eq(inside_tensor_free(tensors[2]), 1);
    ck_assert_int_eq(inside_tensor_free(later), 1);
    if (process_is_measurable())
        ck_assert_uint_le(process_mapped(), before + mib);
}
END_TEST

START_TEST(tensors_may_be_freed_by_another_thread_and_their_memory_serves_again)
{
    shim_arena *arena = open_arena(0);
    for (int i = 0; i < 20; i++) {
        inside_tensor *made = inside_tensor_new(arena, 2 * mib, i);
        ck_assert_ptr_nonnull(made);
        ck_assert_int_eq(inside_tensor_free_elsewhere(made), 1);
    }
    ck_assert_uint_lt(shim_arena_peak(arena), 2 * mib + 64 * kib);
    inside_tensor *last = inside_tensor_new(arena, 2 * mib, 1);
    shim_arena_close(arena);
    ck_assert_int_eq(inside_tensor_free_elsewhere(last), 1);
}
END_TEST

typedef struct worker {
    pthread_t thread;
    shim_arena *arena;
    size_t bytes;
    int whole;
} worker;

static void *work(void *user)
{
    worker *own = user;
    own->whole = 1;
    for (int i = 0; i < 200; i++) {
        inside_tensor *one = inside_tensor_new(own->arena, own->bytes, i % 100);
        inside_tensor *two = inside_tensor_new(own->arena, own->bytes / 2, 100 + i % 100);
        own->whole &= one && two && inside_tensor_free(one) && inside_tensor_free(two);
    }
    return NULL;
}

START_TEST(arenas_of_two_threads_know_nothing_of_each_other)
{
    worker workers[2];
    for (size_t i = 0; i < 2; i++) {
        workers[i] = (worker){.arena = open_arena(0), .bytes = (1 + i) * 512 * kib};
        ck_assert_int_eq(pthread_create(&workers[i].thread, NULL, work, &workers[i]), 0);
    }
    for (size_t i = 0; i < 2; i++) {
        pthread_join(workers[i].thread, NULL);
        ck_assert_int_eq(workers[i].whole, 1);
        ck_assert_uint_ge(shim_arena_peak(workers[i].arena), workers[i].bytes / 2 * 3);
        ck_assert_uint_lt(shim_arena_peak(workers[i].arena), workers[i].bytes / 2 * 3 + 64 * kib);
        shim_arena_close(workers[i].arena);
    }
}
END_TEST

/* ---- passes ----------------------------------------------------------------------------------------------------- */

enum {
    SMALL = 96,
    LARGE = 256
};

static shim_model *model;
static shim_cut *cut;
static float *pixels;

static void open_cut(void)
{
    static const char *const layer = "conv";
    ck_assert_int_eq(shim_model_open(&model, network_file(NETWORK_RECTIFIED)), CAMERAS_OK);
    ck_assert_int_eq(shim_cut_open(&cut, model, &layer, 1, CAMERAS_PRECISION_FP32), CAMERAS_OK);
    pixels = malloc(3 * LARGE * LARGE * sizeof *pixels);
    ck_assert_ptr_nonnull(pixels);
    for (size_t i = 0; i < 3 * LARGE * LARGE; i++)
        pixels[i] = sinf(0.37f * (float)i);
}

static void close_cut(void)
{
    free(pixels);
    shim_cut_close(cut);
    shim_model_close(model);
}

static cameras_status show(shim_pass **pass, shim_arena *arena, size_t side)
{
    return shim_pass_open(pass, cut, arena, pixels, 3, side, side, 2);
}

/* What a pass and one of its gradients take. */
static size_t peak_of(size_t side)
{
    shim_pass *pass = NULL;
    shim_arena *arena = open_arena(0);
    ck_assert_int_eq(show(&pass, arena, side), CAMERAS_OK);
    ck_assert_int_eq(shim_pass_differentiate(pass, 0), CAMERAS_OK);
    shim_pass_close(pass);
    const size_t peak = shim_arena_peak(arena);
    shim_arena_close(arena);
    return peak;
}

START_TEST(peak_of_a_pass_holds_at_least_its_input_and_what_the_layer_gave)
{
    const size_t input = 3 * LARGE * LARGE * sizeof(float), layer = 8 * LARGE / 2 * LARGE / 2 * sizeof(float);
    ck_assert_uint_ge(peak_of(LARGE), input + layer);
    ck_assert_uint_le(peak_of(LARGE), 2 * input + 12 * layer);
}
END_TEST

START_TEST(pass_beyond_the_limit_is_refused_and_leaves_room_for_a_smaller_one)
{
    const size_t most = peak_of(LARGE), limit = most - 1;
    shim_pass *pass = NULL;
    ck_assert_uint_lt(peak_of(SMALL), limit);
    shim_arena *arena = open_arena(peak_of(SMALL));
    for (size_t i = 0; i < 3; i++) {
        ck_assert_int_eq(show(&pass, arena, LARGE), CAMERAS_ELIMIT);
        ck_assert_ptr_null(pass);
        ck_assert_ptr_nonnull(strstr(cameras_last_error(), "256 x 256"));
        ck_assert_ptr_nonnull(strstr(cameras_last_error(), "limit"));
        ck_assert_int_eq(show(&pass, arena, SMALL), CAMERAS_OK);
        ck_assert_int_eq(shim_pass_differentiate(pass, 1), CAMERAS_OK);
        shim_pass_close(pass);
    }
    ck_assert_uint_eq(shim_arena_peak(arena), peak_of(SMALL));
    shim_arena_close(arena);
}
END_TEST

static void expect_number(size_t number)
{
    char text[32];
    snprintf(text, sizeof text, "%zu", number);
    ck_assert_msg(strstr(cameras_last_error(), text) != NULL, "\"%s\" does not say %s", cameras_last_error(), text);
}

START_TEST(refusal_tells_what_it_would_take_and_what_the_limit_is)
{
    const size_t limit = peak_of(SMALL) + 1;
    shim_pass *pass = NULL;
    shim_arena *arena = open_arena(limit);
    ck_assert_int_eq(show(&pass, arena, LARGE), CAMERAS_ELIMIT);
    expect_number(limit);
    shim_arena_close(arena);
}
END_TEST

/* What a pass takes before any gradient. */
static size_t peak_before_gradients(size_t side)
{
    shim_pass *pass = NULL;
    shim_arena *arena = open_arena(0);
    ck_assert_int_eq(show(&pass, arena, side), CAMERAS_OK);
    const size_t peak = shim_arena_peak(arena);
    shim_pass_close(pass);
    shim_arena_close(arena);
    return peak;
}

START_TEST(gradient_beyond_the_limit_is_refused_as_a_pass_is)
{
    const size_t limit = peak_before_gradients(LARGE);
    shim_pass *pass = NULL;
    ck_assert_uint_lt(limit, peak_of(LARGE));
    shim_arena *arena = open_arena(limit);
    ck_assert_int_eq(show(&pass, arena, LARGE), CAMERAS_OK);
    ck_assert_int_eq(shim_pass_differentiate(pass, 0), CAMERAS_ELIMIT);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "limit"));
    shim_pass_close(pass);
    shim_arena_close(arena);
}
END_TEST

START_TEST(gradients_of_more_classes_take_no_more_than_one)
{
    shim_pass *pass = NULL;
    shim_arena *arena = open_arena(peak_of(LARGE));
    ck_assert_int_eq(show(&pass, arena, LARGE), CAMERAS_OK);
    for (size_t c = 0; c < NETWORK_CLASSES; c++)
        ck_assert_msg(shim_pass_differentiate(pass, c) == CAMERAS_OK, "class %zu: %s", c, cameras_last_error());
    shim_pass_close(pass);
    shim_arena_close(arena);
}
END_TEST

START_TEST(refusal_is_not_the_reason_of_what_fails_later)
{
    shim_pass *pass = NULL;
    shim_arena *arena = open_arena(peak_of(SMALL));
    ck_assert_int_eq(show(&pass, arena, LARGE), CAMERAS_ELIMIT);
    ck_assert_int_eq(shim_pass_open(&pass, cut, arena, pixels, 2, 32, 32, 2), CAMERAS_EMODEL); /* two channels */
    ck_assert_ptr_null(strstr(cameras_last_error(), "limit"));
    shim_arena_close(arena);
}
END_TEST

START_TEST(pass_within_the_limit_runs)
{
    shim_pass *pass = NULL;
    shim_arena *arena = open_arena(peak_of(LARGE));
    ck_assert_int_eq(show(&pass, arena, LARGE), CAMERAS_OK);
    ck_assert_int_eq(shim_pass_differentiate(pass, 0), CAMERAS_OK);
    shim_pass_close(pass);
    shim_arena_close(arena);
}
END_TEST

static void expect_same_bits(shim_array found, shim_array expected)
{
    ck_assert_uint_eq(found.channels, expected.channels);
    ck_assert_uint_eq(found.height, expected.height);
    ck_assert_uint_eq(found.width, expected.width);
    ck_assert_int_eq(
        memcmp(found.data, expected.data, found.channels * found.height * found.width * sizeof *found.data), 0);
}

START_TEST(pass_gives_the_same_with_and_without_an_arena_and_outlives_it)
{
    shim_pass *within = NULL, *without = NULL, *between = NULL;
    shim_arena *arena = open_arena(0);
    ck_assert_int_eq(show(&between, arena, LARGE), CAMERAS_OK); /* leaves what is not zero in the arena */
    shim_pass_close(between);
    ck_assert_int_eq(show(&within, arena, LARGE), CAMERAS_OK);
    ck_assert_int_eq(show(&without, NULL, LARGE), CAMERAS_OK);
    ck_assert_int_eq(shim_pass_differentiate(within, 2), CAMERAS_OK);
    ck_assert_int_eq(shim_pass_differentiate(without, 2), CAMERAS_OK);
    shim_arena_close(arena);
    expect_same_bits(shim_pass_activation(within, 0), shim_pass_activation(without, 0));
    expect_same_bits(shim_pass_gradient(within, 0), shim_pass_gradient(without, 0));
    shim_pass_close(without);
    shim_pass_close(within);
}
END_TEST

static void show_and_differentiate(shim_arena *arena, size_t side)
{
    shim_pass *pass = NULL;
    ck_assert_int_eq(show(&pass, arena, side), CAMERAS_OK);
    ck_assert_int_eq(shim_pass_differentiate(pass, side % NETWORK_CLASSES), CAMERAS_OK);
    shim_pass_close(pass);
}

START_TEST(memory_of_the_process_does_not_grow_over_hundreds_of_passes)
{
    static const size_t sides[] = {64, 160, 96, 128, 200, 72};
    shim_arena *arena = open_arena(0);
    size_t before = 0;
    for (size_t i = 0; i < 360; i++) {
        if (i == 60)
            before = process_resident();
        show_and_differentiate(arena, sides[i % 6]);
        if (i % 30 == 29) { /* another explanation */
            shim_arena_close(arena);
            arena = open_arena(0);
        }
    }
    if (process_is_measurable())
        ck_assert_uint_le(process_resident(), before + 3 * mib);
    shim_arena_close(arena);
}
END_TEST

static Suite *arena_suite(void)
{
    Suite *suite = suite_create("arena");
    TCase *cases = tcase_create("blocks and tensors"), *passes = tcase_create("passes");
    tcase_add_test(cases, peak_is_the_most_in_use_at_a_time);
    tcase_add_test(cases, limit_is_kept_to_the_page_and_a_refusal_takes_nothing);
    tcase_add_test(cases, what_is_mapped_is_never_more_than_was_in_use_at_a_time);
    tcase_add_test(cases, tensors_of_a_scope_come_from_its_arena_and_others_do_not);
    tcase_add_test(cases, tensors_live_on_after_their_arena_and_are_given_back_with_the_last);
    tcase_add_test(cases, tensors_may_be_freed_by_another_thread_and_their_memory_serves_again);
    tcase_add_test(cases, arenas_of_two_threads_know_nothing_of_each_other);
    tcase_add_checked_fixture(passes, open_cut, close_cut);
    tcase_add_test(passes, peak_of_a_pass_holds_at_least_its_input_and_what_the_layer_gave);
    tcase_add_test(passes, pass_beyond_the_limit_is_refused_and_leaves_room_for_a_smaller_one);
    tcase_add_test(passes, refusal_tells_what_it_would_take_and_what_the_limit_is);
    tcase_add_test(passes, gradient_beyond_the_limit_is_refused_as_a_pass_is);
    tcase_add_test(passes, gradients_of_more_classes_take_no_more_than_one);
    tcase_add_test(passes, refusal_is_not_the_reason_of_what_fails_later);
    tcase_add_test(passes, pass_within_the_limit_runs);
    tcase_add_test(passes, pass_gives_the_same_with_and_without_an_arena_and_outlives_it);
    tcase_add_test(passes, memory_of_the_process_does_not_grow_over_hundreds_of_passes);
    tcase_set_timeout(passes, 300);
    suite_add_tcase(suite, cases);
    suite_add_tcase(suite, passes);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(arena_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
