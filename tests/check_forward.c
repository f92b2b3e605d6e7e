/*
 * check_forward.c - many inputs at once give what each gives alone
 *
 * SPDX-License-Identifier: MIT
 */
#include "shim.h"
#include "volumes.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = NETWORK_FLATTEN_SIDE,
    IMAGES = 5,
    PIXELS = 3 * SIDE * SIDE
};

static float inputs[IMAGES * PIXELS];

/* Unlike one another, and of both signs: every second sums to less than 0. */
static void set_up(void)
{
    static volume one;
    make_input(&one, SIDE, SIDE, 0.0);
    for (size_t image = 0; image < IMAGES; image++)
        for (size_t i = 0; i < PIXELS; i++)
            inputs[image * PIXELS + i] = (float)(one.at[(i * (image + 1)) % PIXELS] - (image % 2 ? 0.9 : 0.0));
}

typedef struct subject {
    shim_model *model;
    shim_cut *cut;
} subject;

static subject open_subject(network which, const char *layer)
{
    subject opened;
    ck_assert_int_eq(shim_model_open(&opened.model, network_file(which)), CAMERAS_OK);
    ck_assert_int_eq(shim_cut_open(&opened.cut, opened.model, &layer, layer ? 1 : 0, CAMERAS_PRECISION_FP32),
                     CAMERAS_OK);
    return opened;
}

static void close_subject(subject *opened)
{
    shim_cut_close(opened->cut);
    shim_model_close(opened->model);
}

static float *forward(const subject *opened, const float *from, size_t count, size_t *classes)
{
    float *logits = NULL;
    const cameras_status status = shim_forward(&logits, classes, opened->cut, NULL, from, count, 3, SIDE, SIDE, 1);
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
    return logits;
}

/* Compared with another cut's runs, which know nothing of batches. */
static void expect_rows_of_single_runs(const float *logits, size_t classes, network which)
{
    subject single = open_subject(which, NULL);
    for (size_t image = 0; image < IMAGES; image++) {
        size_t count = 0;
        shim_pass *pass = NULL;
        ck_assert_int_eq(shim_pass_open(&pass, single.cut, NULL, inputs + image * PIXELS, 3, SIDE, SIDE, 1),
                         CAMERAS_OK);
        const float *expected = shim_pass_logits(&count, pass);
        ck_assert_uint_eq(count, classes);
        for (size_t i = 0; i < count; i++)
            ck_assert_float_eq_tol(logits[image * classes + i], expected[i], 2e-6f);
        shim_pass_close(pass);
    }
    close_subject(&single);
}

static const network takers[] = {NETWORK_PLAIN,   NETWORK_IN_PLACE,     NETWORK_TUPLE,  NETWORK_DICT,
                                 NETWORK_FLATTEN, NETWORK_LOOP,         NETWORK_BARE,   NETWORK_TRAINING,
                                 NETWORK_DOUBLE,  NETWORK_WRITES_INPUT, NETWORK_BRANCH, NETWORK_ONE_ROW,
                                 NETWORK_MIXING,  NETWORK_VIEW,         NETWORK_STRIDED};

/* What the head writes to, views, or is passed in a list, among them. */
static const network cut_at_conv[] = {
    NETWORK_PLAIN,       NETWORK_VIEW,          NETWORK_STRIDED,       NETWORK_HEAD_VIEW,    NETWORK_HEAD_VIEW_AS,
    NETWORK_PASSES_LIST, NETWORK_WRITES_PASSED, NETWORK_WRITES_VIEWED, NETWORK_POOL_KEEPDIM, NETWORK_IN_PLACE};

START_TEST(rows_equal_single_runs_at_the_first_call_and_later)
{
    subject opened = open_subject(takers[_i], NULL);
    for (int call = 0; call < 3; call++) {
        size_t classes = 0;
        float *logits = forward(&opened, inputs, IMAGES, &classes);
        expect_rows_of_single_runs(logits, classes, takers[_i]);
        free(logits);
    }
    close_subject(&opened);
}
END_TEST

/* The sixteenth run of one size is the first with packed weights. */
START_TEST(rows_stay_the_same_when_weights_are_packed_for_the_batch)
{
    subject opened = open_subject(NETWORK_RECTIFIED, NULL);
    for (int call = 0; call < 20; call++) {
        size_t classes = 0;
        float *logits = forward(&opened, inputs, IMAGES, &classes);
        if (call > 13)
            expect_rows_of_single_runs(logits, classes, NETWORK_RECTIFIED);
        free(logits);
    }
    close_subject(&opened);
}
END_TEST

START_TEST(a_cut_at_a_layer_gives_the_same_logits)
{
    size_t classes = 0;
    subject opened = open_subject(cut_at_conv[_i], "conv");
    float *logits = forward(&opened, inputs, IMAGES, &classes);
    expect_rows_of_single_runs(logits, classes, cut_at_conv[_i]);
    free(logits);
    close_subject(&opened);
}
END_TEST

START_TEST(inputs_are_left_as_they_are)
{
    static float before[IMAGES * PIXELS];
    size_t classes = 0;
    subject opened = open_subject(NETWORK_WRITES_INPUT, NULL);
    memcpy(before, inputs, sizeof before);
    free(forward(&opened, inputs, IMAGES, &classes));
    ck_assert_mem_eq(before, inputs, sizeof before);
    close_subject(&opened);
}
END_TEST

/* One in a batch that runs one by one after it was found out must not be seen by the others. */
START_TEST(a_batch_of_one_after_a_batch_of_many_works)
{
    size_t classes = 0;
    subject opened = open_subject(NETWORK_ONE_ROW, NULL);
    float *many = forward(&opened, inputs, IMAGES, &classes);
    float *one = forward(&opened, inputs + PIXELS, 1, &classes);
    ck_assert_mem_eq(one, many + classes, classes * sizeof *one);
    free(one);
    free(many);
    close_subject(&opened);
}
END_TEST

START_TEST(more_memory_than_the_arena_may_hold_is_refused_as_a_limit)
{
    enum {
        LARGE = 200
    };
    static float blank[IMAGES * 3 * LARGE * LARGE];
    float *logits = (float *)&logits;
    size_t classes = 1;
    shim_arena *arena = NULL;
    subject opened = open_subject(NETWORK_PLAIN, NULL);
    ck_assert_int_eq(shim_arena_open(&arena, sizeof blank), CAMERAS_OK);
    ck_assert_int_eq(shim_forward(&logits, &classes, opened.cut, arena, blank, IMAGES, 3, LARGE, LARGE, 1),
                     CAMERAS_ELIMIT);
    ck_assert_ptr_null(logits);
    ck_assert_uint_eq(classes, 0);
    shim_arena_close(arena);
    close_subject(&opened);
}
END_TEST

START_TEST(what_gives_no_row_an_image_is_refused)
{
    static const network refused[] = {NETWORK_TWO_ROWS, NETWORK_ONE_DIMENSION, NETWORK_INTEGER, NETWORK_NO_CLASSES};
    float *logits = (float *)&logits;
    size_t classes = 1;
    subject opened = open_subject(refused[_i], NULL);
    ck_assert_int_eq(shim_forward(&logits, &classes, opened.cut, NULL, inputs, IMAGES, 3, SIDE, SIDE, 1),
                     CAMERAS_EMODEL);
    ck_assert_ptr_null(logits);
    close_subject(&opened);
}
END_TEST

static Suite *forward_suite(void)
{
    Suite *suite = suite_create("forward");
    TCase *cases = tcase_create("forward");
    tcase_add_checked_fixture(cases, set_up, NULL);
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, rows_equal_single_runs_at_the_first_call_and_later, 0, sizeof takers / sizeof *takers);
    tcase_add_test(cases, rows_stay_the_same_when_weights_are_packed_for_the_batch);
    tcase_add_loop_test(cases, a_cut_at_a_layer_gives_the_same_logits, 0, sizeof cut_at_conv / sizeof *cut_at_conv);
    tcase_add_test(cases, inputs_are_left_as_they_are);
    tcase_add_test(cases, a_batch_of_one_after_a_batch_of_many_works);
    tcase_add_test(cases, more_memory_than_the_arena_may_hold_is_refused_as_a_limit);
    tcase_add_loop_test(cases, what_gives_no_row_an_image_is_refused, 0, 4);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(forward_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
