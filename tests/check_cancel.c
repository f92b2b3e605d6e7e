/*
 * check_cancel.c - calls that are broken off, from the callback itself and from other threads
 *
 * SPDX-License-Identifier: MIT
 */
#include "process.h"
#include "scene.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    SIDE = 32,
    SCALES = 5
};

static const size_t sides[SCALES] = {32, 36, 40, 44, 48};

typedef struct tally {
    size_t calls, stop_at; /* 0: never */
} tally;

static int stop_at_call(double done, void *user)
{
    tally *own = user;
    (void)done;
    return ++own->calls == own->stop_at;
}

static void open_watched(scene *made, cameras_progress call, void *user)
{
    scene_open(made, NETWORK_RECTIFIED, SIDE, SIDE);
    scene_set_scales(made, sides, SCALES);
    expect_ok(cameras_options_set_progress(made->options, call, user));
}

static void expect_cancelled(scene *made)
{
    cameras_map *map = (cameras_map *)&map;
    expect_failure(cameras_explain(&map, made->model, made->image, made->options), CAMERAS_ECANCELLED, "cancelled");
    ck_assert_ptr_null(map);
}

/* ---- from the callback ------------------------------------------------------------------------------------------ */

/* The base image is the first scale, so that every call is a scale's. */
START_TEST(no_scale_runs_after_the_callback_asked_to_stop_and_the_model_gives_the_same_map_again)
{
    for (size_t stop = 1; stop <= SCALES; stop++) {
        scene made;
        tally own = {.stop_at = 0};
        open_watched(&made, stop_at_call, &own);
        cameras_map *expected = scene_explain(&made);
        ck_assert_uint_eq(own.calls, SCALES);
        own = (tally){.stop_at = stop};
        expect_cancelled(&made);
        ck_assert_uint_eq(own.calls, stop);
        own = (tally){.stop_at = 0};
        cameras_map *found = scene_explain(&made);
        expect_equal_maps(found, expected);
        cameras_map_free(found);
        cameras_map_free(expected);
        scene_close(&made);
    }
}
END_TEST

START_TEST(many_calls_that_are_broken_off_leave_no_memory_behind)
{
    scene made;
    tally own = {0};
    size_t before = 0;
    open_watched(&made, stop_at_call, &own);
    for (size_t i = 0; i < 400; i++) {
        own = (tally){.stop_at = 1 + i % SCALES};
        expect_cancelled(&made);
        if (i == 99)
            before = process_resident();
    }
    const size_t after = process_resident();
    if (process_is_measurable())
        ck_assert_msg(after < before + ((size_t)2 << 20), "%zu bytes more", after - before);
    scene_close(&made);
}
END_TEST

/* ---- from another thread ---------------------------------------------------------------------------------------- */

typedef struct switched {
    atomic_int begun, off;
    size_t calls, calls_after;
} switched;

static int look_at_switch(double done, void *user)
{
    switched *own = user;
    (void)done;
    own->calls++;
    atomic_store(&own->begun, 1);
    const int off = atomic_load(&own->off);
    own->calls_after += off != 0;
    return off;
}

static void *switch_off(void *user)
{
    switched *own = user;
    while (!atomic_load(&own->begun))
        usleep(50);
    atomic_store(&own->off, 1);
    return NULL;
}

START_TEST(switch_that_another_thread_turns_is_heeded_within_a_scale)
{
    static const size_t long_sides[] = {32,  400, 400, 400, 400, 400, 400, 400, 400, 400, 400,
                                        400, 400, 400, 400, 400, 400, 400, 400, 400, 400};
    for (int i = 0; i < 5; i++) {
        scene made;
        switched own = {0};
        pthread_t thread;
        open_watched(&made, look_at_switch, &own);
        scene_set_scales(&made, long_sides, 21);
        ck_assert_int_eq(pthread_create(&thread, NULL, switch_off, &own), 0);
        expect_cancelled(&made);
        pthread_join(thread, NULL);
        ck_assert_uint_eq(own.calls_after, 1);
        ck_assert_uint_lt(own.calls, 21);
        scene_close(&made);
    }
}
END_TEST

/* ---- the other calls -------------------------------------------------------------------------------------------- */

typedef cameras_status (*long_call)(scene *made, const cameras_map *map, int *made_something);

static cameras_status try_score(scene *made, const cameras_map *map, int *made_something)
{
    cameras_scores *scores = (cameras_scores *)made;
    const cameras_status status = cameras_score(&scores, made->model, made->image, map, NULL, made->options);
    *made_something = scores != NULL;
    return status;
}

static cameras_status try_attack(scene *made, const cameras_map *map, int *made_something)
{
    cameras_attack *attack = (cameras_attack *)made;
    const cameras_status status = cameras_attack_run(&attack, made->model, made->image, map, made->options);
    *made_something = attack != NULL;
    return status;
}

static cameras_status try_sanity(scene *made, const cameras_map *map, int *made_something)
{
    cameras_sanity *sanity = (cameras_sanity *)made;
    (void)map;
    const cameras_status status = cameras_sanity_check(&sanity, made->model, made->image, 2, made->options);
    *made_something = sanity != NULL;
    return status;
}

static const long_call long_calls[] = {try_score, try_attack, try_sanity};

START_TEST(score_attack_and_sanity_end_at_the_call_that_asks_to_stop)
{
    for (size_t stop = 1; stop <= 3; stop++) {
        scene made;
        tally own = {0};
        int made_something = 1;
        open_watched(&made, stop_at_call, &own);
        cameras_map *map = scene_explain(&made);
        own = (tally){.stop_at = stop};
        ck_assert_int_eq(long_calls[_i](&made, map, &made_something), CAMERAS_ECANCELLED);
        ck_assert_int_eq(made_something, 0);
        ck_assert_uint_eq(own.calls, stop);
        own = (tally){0};
        cameras_map *again = scene_explain(&made);
        expect_equal_maps(again, map);
        cameras_map_free(again);
        cameras_map_free(map);
        scene_close(&made);
    }
}
END_TEST

static Suite *cancel_suite(void)
{
    Suite *suite = suite_create("cancel");
    TCase *cases = tcase_create("cancel");
    tcase_set_timeout(cases, 240);
    tcase_add_test(cases, many_calls_that_are_broken_off_leave_no_memory_behind);
    tcase_add_test(cases, no_scale_runs_after_the_callback_asked_to_stop_and_the_model_gives_the_same_map_again);
    tcase_add_test(cases, switch_that_another_thread_turns_is_heeded_within_a_scale);
    tcase_add_loop_test(cases, score_attack_and_sanity_end_at_the_call_that_asks_to_stop, 0, 3);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(cancel_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
