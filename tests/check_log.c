/*
 * check_log.c - what LibTorch and networks say goes to the log and nowhere else
 *
 * SPDX-License-Identifier: MIT
 */
#include "log.h"
#include "scene.h"

#include <check.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SIDE = 32
};

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

/* What was heard, and whether anything else was. */
typedef struct ear {
    size_t prints, warnings, others;
} ear;

static void hear(cameras_log_kind kind, const char *text, void *user)
{
    ear *own = user;
    if (kind == CAMERAS_LOG_PRINT && strcmp(text, "seen") == 0)
        own->prints++;
    else if (kind == CAMERAS_LOG_WARNING && strcmp(text, "odd") == 0)
        own->warnings++;
    else
        own->others++;
}

/* Standard output and error, gone to a file. */
typedef struct streams {
    int out, err, file;
} streams;

static void streams_take(streams *own)
{
    fflush(NULL);
    own->file = open(networks_path("said"), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    ck_assert_int_ge(own->file, 0);
    own->out = dup(STDOUT_FILENO);
    own->err = dup(STDERR_FILENO);
    dup2(own->file, STDOUT_FILENO);
    dup2(own->file, STDERR_FILENO);
}

/* Gives them back; how many bytes went to them, the first of which are in said. */
static size_t streams_give_back(streams *own, char said[256])
{
    fflush(NULL);
    dup2(own->out, STDOUT_FILENO);
    dup2(own->err, STDERR_FILENO);
    close(own->out);
    close(own->err);
    const ssize_t got = pread(own->file, said, 255, 0);
    said[got > 0 ? got : 0] = '\0';
    const off_t size = lseek(own->file, 0, SEEK_END);
    close(own->file);
    return (size_t)size;
}

static void use_every_way(scene *made)
{
    cameras_scores *scores = NULL;
    cameras_model *other = NULL;
    float logits[NETWORK_CLASSES];
    const char *layer = NULL;
    static const char *const drawn[] = {"fc"};
    expect_ok(cameras_model_auto_layer(&layer, made->model));
    expect_ok(cameras_classify(logits, NULL, NETWORK_CLASSES, made->model, made->image, made->options));
    cameras_map *map = scene_explain(made);
    expect_ok(cameras_score(&scores, made->model, made->image, map, NULL, made->options));
    expect_ok(cameras_model_randomise(&other, made->model, drawn, 1, 1));
    cameras_model_close(other);
    cameras_scores_free(scores);
    cameras_map_free(map);
}

static const network speakers[] = {NETWORK_TALKING, NETWORK_FORKING};

static void open_speaker(scene *made, network which)
{
    static const size_t sides[] = {32, 40};
    scene_open(made, which, SIDE, SIDE);
    scene_set_scales(made, sides, 2);
    expect_ok(cameras_options_set_keep_flat(made->options, 1));
    if (which == NETWORK_FORKING)
        expect_ok(cameras_options_add_layer(made->options, "stem"));
}

/* ---- the log ---------------------------------------------------------------------------------------------------- */

START_TEST(what_a_network_prints_and_warns_goes_to_the_log_alone)
{
    scene made;
    streams own;
    ear heard = {0};
    char said[256];
    open_speaker(&made, speakers[_i]);
    expect_ok(cameras_set_log(hear, &heard));
    streams_take(&own);
    cameras_map *map = scene_explain(&made);
    const size_t bytes = streams_give_back(&own, said);
    expect_ok(cameras_set_log(NULL, NULL));
    ck_assert_msg(bytes == 0, "%s", said);
    ck_assert_uint_ge(heard.prints, 2); /* once a scale, and what cutting the network runs besides */
    ck_assert_uint_eq(heard.warnings, heard.prints);
    ck_assert_uint_eq(heard.others, 0);
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

START_TEST(without_a_log_every_call_is_silent)
{
    scene made;
    streams own;
    char said[256];
    open_speaker(&made, speakers[_i]);
    streams_take(&own);
    use_every_way(&made);
    const size_t bytes = streams_give_back(&own, said);
    ck_assert_msg(bytes == 0, "%s", said);
    scene_close(&made);
}
END_TEST

START_TEST(log_that_was_taken_back_is_told_nothing)
{
    scene made;
    ear first = {0}, second = {0};
    open_speaker(&made, NETWORK_TALKING);
    expect_ok(cameras_set_log(hear, &first));
    expect_ok(cameras_set_log(hear, &second));
    cameras_map_free(scene_explain(&made));
    expect_ok(cameras_set_log(NULL, NULL));
    const size_t heard = second.prints;
    cameras_map_free(scene_explain(&made));
    ck_assert_uint_eq(first.prints, 0);
    ck_assert_uint_gt(heard, 0);
    ck_assert_uint_eq(second.prints, heard);
    scene_close(&made);
}
END_TEST

/* ---- the library from inside the callback ----------------------------------------------------------------------- */

enum {
    PATIENCE = 120 /* seconds after which a call hangs, and the program is ended */
};

typedef struct nested {
    scene *made;
    size_t calls;
} nested;

/* By the signal's own way: check's would end the suite's whole process group. */
static void begin_patience(void)
{
    signal(SIGALRM, SIG_DFL);
    alarm(PATIENCE);
}

static int drop(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count)
{
    size_t *explained = user;
    (void)index;
    *explained += status == CAMERAS_OK;
    for (size_t i = 0; i < count; i++)
        cameras_map_free(maps[i]);
    return 0;
}

/* With the very model that speaks, which other layers cut anew. */
static void explain_in_two_threads(scene *made)
{
    const cameras_image *const twice[] = {made->image, made->image};
    cameras_options *options = NULL;
    size_t explained = 0;
    expect_ok(cameras_options_new(&options));
    expect_ok(cameras_options_set_threads(options, 2));
    expect_ok(cameras_options_set_keep_flat(options, 1));
    expect_ok(cameras_options_add_layer(options, "conv"));
    expect_ok(cameras_explain_many(NULL, made->model, twice, 2, options, drop, &explained));
    ck_assert_uint_eq(explained, 2);
    cameras_options_free(options);
}

static void speak_again(cameras_log_kind kind, const char *text, void *user)
{
    nested *own = user;
    size_t classes = 0;
    (void)kind;
    (void)text;
    own->calls++;
    if (own->calls != 1)
        return;
    expect_failure(cameras_set_log(NULL, NULL), CAMERAS_EINVAL, "inside its own callback");
    expect_ok(cameras_model_class_count(&classes, own->made->model));
    ck_assert_uint_eq(classes, NETWORK_CLASSES);
    ck_assert_uint_gt(cameras_model_parametrised_count(own->made->model), 0);
    use_every_way(own->made);
    explain_in_two_threads(own->made);
}

static void ask_for_auto(scene *made)
{
    const char *layer = NULL;
    expect_ok(cameras_model_auto_layer(&layer, made->model));
    ck_assert_ptr_nonnull(layer);
}

static void count_classes(scene *made)
{
    size_t classes = 0;
    expect_ok(cameras_model_class_count(&classes, made->model));
    ck_assert_uint_eq(classes, NETWORK_CLASSES);
}

static void classify(scene *made)
{
    float logits[NETWORK_CLASSES];
    expect_ok(cameras_classify(logits, NULL, NETWORK_CLASSES, made->model, made->image, made->options));
}

static void explain(scene *made)
{
    cameras_map_free(scene_explain(made));
}

static void (*const ways_to_speak[])(scene *) = {ask_for_auto, count_classes, classify, explain,
                                                 explain_in_two_threads};

START_TEST(callback_may_use_the_model_that_speaks_but_not_set_another_log)
{
    scene made;
    open_speaker(&made, NETWORK_TALKING);
    nested own = {.made = &made};
    expect_ok(cameras_set_log(speak_again, &own));
    begin_patience();
    ways_to_speak[_i](&made);
    alarm(0);
    expect_ok(cameras_set_log(NULL, NULL));
    ck_assert_uint_ge(own.calls, 2);
    scene_close(&made);
}
END_TEST

START_TEST(what_is_said_because_of_the_callback_is_lost)
{
    scene made;
    open_speaker(&made, NETWORK_TALKING);
    nested own = {.made = &made};
    expect_ok(cameras_set_log(speak_again, &own));
    begin_patience();
    classify(&made);
    alarm(0);
    expect_ok(cameras_set_log(NULL, NULL));
    ck_assert_uint_eq(own.calls, 2); /* print and warning of one run; what the callback's calls say is not told */
    scene_close(&made);
}
END_TEST

/* Prints and warnings in their order: "seen" and "odd" by turns. */
static void hear_turns(cameras_log_kind kind, const char *text, void *user)
{
    ear *own = user;
    hear(kind, text, user);
    if (own->prints != own->warnings + (kind == CAMERAS_LOG_PRINT))
        own->others++;
}

START_TEST(what_is_said_is_told_in_its_order)
{
    scene made;
    ear heard = {0};
    open_speaker(&made, NETWORK_TALKING);
    expect_ok(cameras_set_log(hear_turns, &heard));
    use_every_way(&made);
    expect_ok(cameras_set_log(NULL, NULL));
    ck_assert_uint_gt(heard.prints, 4);
    ck_assert_uint_eq(heard.warnings, heard.prints);
    ck_assert_uint_eq(heard.others, 0);
    scene_close(&made);
}
END_TEST

static void fail_otherwise(cameras_log_kind kind, const char *text, void *user)
{
    ear *own = user;
    hear(kind, text, user);
    own->others += cameras_options_new(NULL) != CAMERAS_EINVAL;
}

/* 1 x 1 pixels have no maps with space, which is known once the network has run and spoken. */
START_TEST(failure_of_the_callback_does_not_replace_the_message_of_the_call)
{
    scene made;
    ear heard = {0};
    const char *layer = NULL;
    open_speaker(&made, NETWORK_TALKING);
    expect_ok(cameras_model_set_base_size(made.model, 1, 1));
    expect_ok(cameras_set_log(fail_otherwise, &heard));
    const cameras_status status = cameras_model_auto_layer(&layer, made.model);
    expect_ok(cameras_set_log(NULL, NULL));
    ck_assert_uint_gt(heard.prints, 0);
    ck_assert_uint_eq(heard.others, 0);
    expect_failure(status, CAMERAS_ELAYER, "no submodule gives a spatial output");
    scene_close(&made);
}
END_TEST

/* ---- threads ---------------------------------------------------------------------------------------------------- */

typedef struct crowd {
    atomic_int inside, overlaps, calls, after, ended;
} crowd;

static void count_overlaps(cameras_log_kind kind, const char *text, void *user)
{
    crowd *own = user;
    (void)kind;
    (void)text;
    if (atomic_fetch_add(&own->inside, 1) != 0)
        atomic_fetch_add(&own->overlaps, 1);
    atomic_fetch_add(&own->calls, 1);
    usleep(10);
    atomic_fetch_add(&own->after, atomic_load(&own->ended));
    atomic_fetch_sub(&own->inside, 1);
}

static void *speak(void *unused)
{
    for (int i = 0; i < 2000; i++)
        cam_log(CAMERAS_LOG_PRINT, "seen");
    return unused;
}

START_TEST(callback_runs_once_at_a_time_and_never_after_it_was_replaced)
{
    static crowd own;
    pthread_t threads[4];
    own = (crowd){0};
    expect_ok(cameras_set_log(count_overlaps, &own));
    for (int i = 0; i < 4; i++)
        ck_assert_int_eq(pthread_create(&threads[i], NULL, speak, NULL), 0);
    while (atomic_load(&own.calls) < 100)
        usleep(100);
    expect_ok(cameras_set_log(NULL, NULL));
    atomic_store(&own.ended, 1);
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    ck_assert_int_eq(atomic_load(&own.overlaps), 0);
    ck_assert_int_eq(atomic_load(&own.after), 0);
    ck_assert_int_lt(atomic_load(&own.calls), 8000);
}
END_TEST

static Suite *log_suite(void)
{
    Suite *suite = suite_create("log");
    TCase *cases = tcase_create("log");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, what_a_network_prints_and_warns_goes_to_the_log_alone, 0, 2);
    tcase_add_loop_test(cases, without_a_log_every_call_is_silent, 0, 2);
    tcase_add_test(cases, log_that_was_taken_back_is_told_nothing);
    tcase_add_loop_test(cases, callback_may_use_the_model_that_speaks_but_not_set_another_log, 0,
                        sizeof ways_to_speak / sizeof *ways_to_speak);
    tcase_add_test(cases, what_is_said_because_of_the_callback_is_lost);
    tcase_add_test(cases, what_is_said_is_told_in_its_order);
    tcase_add_test(cases, failure_of_the_callback_does_not_replace_the_message_of_the_call);
    tcase_add_test(cases, callback_runs_once_at_a_time_and_never_after_it_was_replaced);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(log_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
