/*
 * check_threads.c - how many threads LibTorch takes is the host program's affair, and calls do not disturb each other
 *
 * SPDX-License-Identifier: MIT
 */
#include "inside.h"
#include "model.h"
#include "runs.h"
#include "scene.h"

#include <check.h>
#include <omp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum {
    HOST_THREADS = 3,
    FRESH = 200
};

static volume input;

static void set_up(void)
{
    network_set_torch_threads(HOST_THREADS);
    make_input(&input, 48, 48, 0.0);
}

/* Passes through a network, one after the other, until told to stop. */
typedef struct explainer {
    pthread_t thread;
    const shim_cut *cut;
    const float *input;
    size_t threads;
    atomic_int stop;
    atomic_size_t passes;
    int failed, kept; /* kept: what LibTorch's number was afterwards */
} explainer;

static void *explain_on(void *user)
{
    explainer *own = user;
    while (!atomic_load(&own->stop) && !own->failed) {
        shim_pass *pass = NULL;
        own->failed = shim_pass_open(&pass, own->cut, NULL, own->input, 3, 48, 48, own->threads) != CAMERAS_OK ||
                      shim_pass_differentiate(pass, 0) != CAMERAS_OK;
        shim_pass_close(pass);
        atomic_fetch_add(&own->passes, 1);
    }
    own->kept = network_torch_threads();
    return NULL;
}

static void start(explainer *own, const run *of, size_t threads)
{
    *own = (explainer){.cut = of->cut, .input = as_floats(&input), .threads = threads};
    ck_assert_int_eq(pthread_create(&own->thread, NULL, explain_on, own), 0);
}

static void finish(explainer *own)
{
    atomic_store(&own->stop, 1);
    pthread_join(own->thread, NULL);
    ck_assert_int_eq(own->failed, 0);
}

START_TEST(threads_that_are_new_to_libtorch_begin_with_the_hosts_count)
{
    run done;
    explainer one;
    run_layer(&done, NETWORK_RECTIFIED, "conv", &input);
    start(&one, &done, (size_t)(1 + _i));
    while (!atomic_load(&one.passes))
        continue;
    for (size_t i = 0; i < FRESH; i++)
        ck_assert_int_eq(inside_fresh_thread_count(), HOST_THREADS);
    ck_assert_uint_gt(atomic_load(&one.passes), 1);
    finish(&one);
    ck_assert_int_eq(one.kept, HOST_THREADS);
    ck_assert_int_eq(inside_fresh_thread_count(), HOST_THREADS);
    ck_assert_int_eq(network_torch_threads(), HOST_THREADS);
    run_end(&done);
}
END_TEST

/* A thread of the host that comes to LibTorch while an explanation runs and looks again once that is over. */
typedef struct guest {
    pthread_t thread;
    pthread_barrier_t *barrier;
    int during, after;
} guest;

static void *look_twice(void *user)
{
    guest *own = user;
    own->during = network_torch_threads();
    pthread_barrier_wait(own->barrier);
    pthread_barrier_wait(own->barrier);
    own->after = network_torch_threads();
    return NULL;
}

START_TEST(guests_keep_the_hosts_count_once_the_explanation_is_over)
{
    enum {
        GUESTS = 24
    };
    run done;
    explainer one;
    guest guests[GUESTS];
    pthread_barrier_t barrier;
    pthread_barrier_init(&barrier, NULL, GUESTS + 1);
    run_layer(&done, NETWORK_RECTIFIED, "conv", &input);
    start(&one, &done, 1);
    while (!atomic_load(&one.passes))
        continue;
    for (size_t i = 0; i < GUESTS; i++) {
        guests[i] = (guest){.barrier = &barrier};
        ck_assert_int_eq(pthread_create(&guests[i].thread, NULL, look_twice, &guests[i]), 0);
    }
    pthread_barrier_wait(&barrier);
    finish(&one);
    pthread_barrier_wait(&barrier);
    for (size_t i = 0; i < GUESTS; i++) {
        pthread_join(guests[i].thread, NULL);
        ck_assert_int_eq(guests[i].during, HOST_THREADS);
        ck_assert_int_eq(guests[i].after, HOST_THREADS);
    }
    pthread_barrier_destroy(&barrier);
    run_end(&done);
}
END_TEST

START_TEST(explanations_of_different_counts_at_once_leave_the_hosts)
{
    run done;
    explainer several[3];
    run_layer(&done, NETWORK_RECTIFIED, "conv", &input);
    for (size_t i = 0; i < 3; i++)
        start(&several[i], &done, 1 + i * 3);
    for (size_t i = 0; i < 3; i++)
        while (atomic_load(&several[i].passes) < 20)
            ck_assert_int_eq(network_torch_threads(), HOST_THREADS);
    for (size_t i = 0; i < 3; i++) {
        finish(&several[i]);
        ck_assert_int_eq(several[i].kept, HOST_THREADS);
    }
    ck_assert_int_eq(inside_fresh_thread_count(), HOST_THREADS);
    run_end(&done);
}
END_TEST

typedef struct observer {
    int fresh, own;
    size_t calls;
} observer;

static int observe(double done, void *user)
{
    observer *own = user;
    (void)done;
    own->fresh += inside_fresh_thread_count() != HOST_THREADS;
    own->own += network_torch_threads() != HOST_THREADS;
    own->calls++;
    return 0;
}

START_TEST(progress_callback_finds_the_hosts_count)
{
    static const size_t sides[] = {32, 40, 48};
    scene made;
    observer own = {0};
    scene_open(&made, NETWORK_RECTIFIED, 32, 32);
    scene_set_scales(&made, sides, 3);
    expect_ok(cameras_options_set_threads(made.options, 1));
    expect_ok(cameras_options_set_progress(made.options, observe, &own));
    cameras_map_free(scene_explain(&made));
    ck_assert_uint_ge(own.calls, 3);
    ck_assert_int_eq(own.fresh, 0);
    ck_assert_int_eq(own.own, 0);
    ck_assert_int_eq(omp_get_max_threads(), HOST_THREADS);
    scene_close(&made);
}
END_TEST

/* ---- cuts that others made --------------------------------------------------------------------------------------- */

static void expect_to_classify(const scene *made)
{
    float logits[NETWORK_CLASSES];
    size_t count = 0;
    expect_ok(cameras_classify(logits, NULL, NETWORK_CLASSES, made->model, made->image, made->options));
    expect_ok(cameras_model_class_count(&count, made->model));
    ck_assert_uint_eq(count, NETWORK_CLASSES);
}

/* Between another call's cut and its first pass, which will fail: fc is not spatial. */
START_TEST(classification_is_not_disturbed_by_another_threads_wrong_layer)
{
    const char *const wrong = "fc";
    cam_shared_cut *cut = NULL;
    scene made;
    scene_open(&made, NETWORK_RECTIFIED, 32, 32);
    expect_ok(cam_model_acquire_cut(&cut, made.model, &wrong, 1, CAMERAS_PRECISION_FP32));
    expect_to_classify(&made);
    cam_model_release_cut(made.model, cut);
    scene_close(&made);
}
END_TEST

START_TEST(classification_is_not_disturbed_by_an_estimate_for_a_wrong_layer)
{
    size_t bytes = 0;
    scene made;
    scene_open(&made, NETWORK_RECTIFIED, 32, 32);
    expect_ok(cameras_options_add_layer(made.options, "fc"));
    expect_failure(cameras_explain_memory(&bytes, made.model, 32, 32, made.options), CAMERAS_ELAYER, "spatial");
    expect_to_classify(&made);
    scene_close(&made);
}
END_TEST

START_TEST(classification_shares_the_cut_of_an_explanation)
{
    const cam_shared_cut *kept = NULL;
    scene made;
    scene_open(&made, NETWORK_RECTIFIED, 32, 32);
    cameras_map_free(scene_explain(&made));
    kept = made.model->cut;
    expect_to_classify(&made);
    ck_assert_ptr_nonnull(kept);
    ck_assert_ptr_eq(made.model->cut, kept);
    scene_close(&made);
}
END_TEST

static Suite *threads_suite(void)
{
    Suite *suite = suite_create("threads");
    TCase *cases = tcase_create("threads");
    tcase_add_checked_fixture(cases, set_up, NULL);
    tcase_set_timeout(cases, 300);
    tcase_add_loop_test(cases, threads_that_are_new_to_libtorch_begin_with_the_hosts_count, 0, 2);
    tcase_add_test(cases, guests_keep_the_hosts_count_once_the_explanation_is_over);
    tcase_add_test(cases, explanations_of_different_counts_at_once_leave_the_hosts);
    tcase_add_test(cases, progress_callback_finds_the_hosts_count);
    tcase_add_test(cases, classification_is_not_disturbed_by_another_threads_wrong_layer);
    tcase_add_test(cases, classification_is_not_disturbed_by_an_estimate_for_a_wrong_layer);
    tcase_add_test(cases, classification_shares_the_cut_of_an_explanation);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(threads_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
