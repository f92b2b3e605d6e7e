/*
 * check_options.c - defaults, the bounds of every setter, presets, and how many threads are meant
 *
 * SPDX-License-Identifier: MIT
 */
#include "options.h"
#include "threads.h"

#include <check.h>
#include <sched.h>
#include <stdio.h>
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

/* Enumerations take any number a caller forces into them. */
static cameras_status set_choice(int which, int value)
{
    switch (which) {
    case 0: return cameras_options_set_preset(options, (cameras_preset)value);
    case 1: return cameras_options_set_interpolation(options, (cameras_interpolation)value);
    case 2: return cameras_options_set_gate(options, (cameras_gate)value);
    case 3: return cameras_options_set_source(options, (cameras_source)value);
    case 4: return cameras_options_set_precision(options, (cameras_precision)value);
    default: return cameras_options_set_map_size(options, (cameras_map_size)value);
    }
}

static int choice(int which)
{
    const int values[] = {(int)options->preset, (int)options->interpolation, (int)options->gate,
                          (int)options->source, (int)options->precision,     (int)options->map_size};
    return values[which];
}

static const struct {
    const char *name;
    int last;
} choices[] = {
    {"preset", CAMERAS_PRESET_FAST},     {"interpolation", CAMERAS_BICUBIC},    {"gate", CAMERAS_GATE_OFF},
    {"source", CAMERAS_SOURCE_ORIGINAL}, {"precision", CAMERAS_PRECISION_AUTO}, {"map size", CAMERAS_MAP_SIZE_IMAGE}};
enum {
    CHOICES = sizeof choices / sizeof *choices
};

/* ---- making ------------------------------------------------------------------------------------------------------ */

static void expect_defaults(const cameras_options *found)
{
    ck_assert_int_eq((int)found->preset, CAMERAS_PRESET_REFERENCE);
    ck_assert_ptr_null(found->scales);
    ck_assert_int_eq((int)found->interpolation, CAMERAS_BICUBIC);
    ck_assert_int_eq((int)found->gate, CAMERAS_GATE_AUTO);
    ck_assert_int_eq((int)found->source, CAMERAS_SOURCE_BASE);
    ck_assert_int_eq((int)found->map_size, CAMERAS_MAP_SIZE_BASE);
    ck_assert_int_eq((int)found->precision, CAMERAS_PRECISION_FP32);
    ck_assert_uint_eq(found->memory_limit, 0);
    ck_assert_uint_eq(found->class_count, 0);
    ck_assert_uint_eq(found->layer_count, 0);
    ck_assert_uint_eq(found->threads, 0);
    ck_assert_int_eq(found->keep_flat, 0);
    ck_assert_uint_eq(found->max_pixels, 100000000);
    ck_assert_uint_eq(found->max_file_bytes, 4294967295);
    ck_assert_uint_eq(found->max_scales, 64);
    ck_assert_uint_eq(found->max_classes, 4096);
    ck_assert(found->progress == NULL);
}

START_TEST(new_options_and_null_mean_the_defaults_of_the_header)
{
    expect_defaults(options);
    expect_defaults(cam_options_or_default(NULL));
    ck_assert_ptr_eq(cam_options_or_default(options), options);
}
END_TEST

START_TEST(options_need_somewhere_to_go_and_null_is_freed_without_harm)
{
    ck_assert_int_eq(cameras_options_new(NULL), CAMERAS_EINVAL);
    cameras_options_free(NULL);
}
END_TEST

START_TEST(changed_options_leave_the_defaults_alone)
{
    cameras_options_set_preset(options, CAMERAS_PRESET_PAPER);
    cameras_options_set_threads(options, 3);
    cameras_options_add_class(options, 1);
    expect_defaults(cam_options_or_default(NULL));
}
END_TEST

START_TEST(every_setter_refuses_null_options)
{
    static const size_t side = 224;
    ck_assert_int_eq(cameras_options_set_preset(NULL, CAMERAS_PRESET_FAST), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_scales(NULL, &side, 1), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_interpolation(NULL, CAMERAS_BILINEAR), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_gate(NULL, CAMERAS_GATE_ON), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_source(NULL, CAMERAS_SOURCE_BASE), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_map_size(NULL, CAMERAS_MAP_SIZE_BASE), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_add_class(NULL, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_add_layer(NULL, "auto"), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_threads(NULL, 1), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_precision(NULL, CAMERAS_PRECISION_FP32), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_memory_limit(NULL, 1), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_keep_flat(NULL, 1), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_max_pixels(NULL, 1), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_max_file_bytes(NULL, 1), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_max_scales(NULL, 1), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_max_classes(NULL, 1), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_set_progress(NULL, NULL, NULL), CAMERAS_EINVAL);
}
END_TEST

/* ---- choices ----------------------------------------------------------------------------------------------------- */

START_TEST(choice_takes_each_of_its_values)
{
    for (int value = 0; value <= choices[_i].last; value++) {
        ck_assert_int_eq(set_choice(_i, value), CAMERAS_OK);
        ck_assert_int_eq(choice(_i), value);
    }
}
END_TEST

START_TEST(choice_refuses_every_other_value_and_changes_nothing)
{
    const int others[] = {-1, choices[_i].last + 1, CAMERAS_GATE_FORCE_INT};
    ck_assert_int_eq(set_choice(_i, choices[_i].last), CAMERAS_OK);
    const cameras_options before = *options;
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        ck_assert_int_eq(set_choice(_i, others[i]), CAMERAS_EINVAL);
        ck_assert_mem_eq(options, &before, sizeof before);
        ck_assert_ptr_nonnull(strstr(cameras_last_error(), choices[_i].name));
    }
}
END_TEST

/* ---- presets ----------------------------------------------------------------------------------------------------- */

static const struct {
    cameras_preset preset;
    cameras_interpolation interpolation;
    cameras_gate gate;
} presets[] = {
    {CAMERAS_PRESET_REFERENCE, CAMERAS_BICUBIC, CAMERAS_GATE_AUTO},
    {CAMERAS_PRESET_PAPER, CAMERAS_BILINEAR, CAMERAS_GATE_ON},
    {CAMERAS_PRESET_FAST, CAMERAS_BICUBIC, CAMERAS_GATE_AUTO},
};
enum {
    PRESETS = sizeof presets / sizeof *presets
};

START_TEST(preset_sets_scales_interpolation_and_gate_together)
{
    static const size_t sides[] = {10, 20};
    ck_assert_int_eq(cameras_options_set_scales(options, sides, 2), CAMERAS_OK);
    cameras_options_set_interpolation(options, presets[_i].interpolation ? CAMERAS_BILINEAR : CAMERAS_BICUBIC);
    cameras_options_set_gate(options, CAMERAS_GATE_OFF);
    ck_assert_int_eq(cameras_options_set_preset(options, presets[_i].preset), CAMERAS_OK);
    ck_assert_ptr_null(options->scales);
    ck_assert_int_eq((int)options->preset, (int)presets[_i].preset);
    ck_assert_int_eq((int)options->interpolation, (int)presets[_i].interpolation);
    ck_assert_int_eq((int)options->gate, (int)presets[_i].gate);
}
END_TEST

START_TEST(preset_leaves_everything_else_alone)
{
    cameras_options_set_source(options, CAMERAS_SOURCE_ORIGINAL);
    cameras_options_set_map_size(options, CAMERAS_MAP_SIZE_IMAGE);
    cameras_options_set_threads(options, 5);
    cameras_options_set_precision(options, CAMERAS_PRECISION_AUTO);
    cameras_options_set_memory_limit(options, 7);
    cameras_options_set_keep_flat(options, 1);
    cameras_options_set_max_pixels(options, 9);
    cameras_options_add_class(options, 4);
    cameras_options_add_layer(options, "layer4");
    ck_assert_int_eq(cameras_options_set_preset(options, presets[_i].preset), CAMERAS_OK);
    ck_assert_int_eq((int)options->source, CAMERAS_SOURCE_ORIGINAL);
    ck_assert_int_eq((int)options->map_size, CAMERAS_MAP_SIZE_IMAGE);
    ck_assert_uint_eq(options->threads, 5);
    ck_assert_int_eq((int)options->precision, CAMERAS_PRECISION_AUTO);
    ck_assert_uint_eq(options->memory_limit, 7);
    ck_assert_int_eq(options->keep_flat, 1);
    ck_assert_uint_eq(options->max_pixels, 9);
    ck_assert_uint_eq(options->classes[0], 4);
    ck_assert_str_eq(options->layers[0], "layer4");
}
END_TEST

START_TEST(finer_setters_after_a_preset_win)
{
    cameras_options_set_preset(options, CAMERAS_PRESET_PAPER);
    cameras_options_set_interpolation(options, CAMERAS_BICUBIC);
    cameras_options_set_gate(options, CAMERAS_GATE_OFF);
    ck_assert_int_eq((int)options->interpolation, CAMERAS_BICUBIC);
    ck_assert_int_eq((int)options->gate, CAMERAS_GATE_OFF);
}
END_TEST

/* ---- scales ------------------------------------------------------------------------------------------------------ */

static void expect_scales(const size_t *sides, size_t count)
{
    ck_assert_uint_eq(options->scale_count, count);
    ck_assert_mem_eq(options->scales, sides, count * sizeof *sides);
}

START_TEST(scales_are_copied_up_to_the_limits_and_replaced)
{
    size_t sides[CAMERAS_MAX_SCALES], copy[CAMERAS_MAX_SCALES];
    for (size_t i = 0; i < CAMERAS_MAX_SCALES; i++)
        sides[i] = copy[i] = i ? CAMERAS_MAX_SIDE - i + 1 : 1;
    ck_assert_int_eq(cameras_options_set_scales(options, sides, CAMERAS_MAX_SCALES), CAMERAS_OK);
    memset(sides, 0, sizeof sides);
    expect_scales(copy, CAMERAS_MAX_SCALES);
    ck_assert_int_eq(cameras_options_set_scales(options, copy + 1, 1), CAMERAS_OK);
    expect_scales(copy + 1, 1);
}
END_TEST

START_TEST(bad_scales_are_refused_and_the_earlier_stay)
{
    static const struct {
        size_t sides[3], count;
        cameras_status expected;
    } cases[] = {
        {{5, 6, 7}, 0, CAMERAS_EINVAL},        {{5, 0, 7}, 3, CAMERAS_EINVAL},
        {{5, 6, 0}, 3, CAMERAS_EINVAL},        {{5, 6, CAMERAS_MAX_SIDE + 1}, 3, CAMERAS_ELIMIT},
        {{SIZE_MAX, 6, 7}, 3, CAMERAS_ELIMIT},
    };
    static const size_t earlier[] = {11, 12};
    ck_assert_int_eq(cameras_options_set_scales(options, earlier, 2), CAMERAS_OK);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        ck_assert_int_eq(cameras_options_set_scales(options, cases[i].sides, cases[i].count), cases[i].expected);
        expect_scales(earlier, 2);
    }
    ck_assert_int_eq(cameras_options_set_scales(options, NULL, 1), CAMERAS_EINVAL);
    expect_scales(earlier, 2);
}
END_TEST

START_TEST(one_scale_more_than_the_limit_is_refused)
{
    size_t sides[CAMERAS_MAX_SCALES + 1];
    for (size_t i = 0; i <= CAMERAS_MAX_SCALES; i++)
        sides[i] = 224;
    ck_assert_int_eq(cameras_options_set_scales(options, sides, CAMERAS_MAX_SCALES + 1), CAMERAS_ELIMIT);
    ck_assert_ptr_null(options->scales);
}
END_TEST

/* ---- classes, layers, numbers ------------------------------------------------------------------------------------ */

START_TEST(classes_are_added_in_order_up_to_the_limit)
{
    for (size_t i = 0; i < CAMERAS_MAX_CLASSES; i++)
        ck_assert_int_eq(cameras_options_add_class(options, 3 * i), CAMERAS_OK);
    ck_assert_int_eq(cameras_options_add_class(options, 1), CAMERAS_ELIMIT);
    ck_assert_uint_eq(options->class_count, CAMERAS_MAX_CLASSES);
    for (size_t i = 0; i < CAMERAS_MAX_CLASSES; i++)
        ck_assert_uint_eq(options->classes[i], 3 * i);
}
END_TEST

START_TEST(layers_are_copied_in_order_up_to_the_limit)
{
    char path[32];
    for (size_t i = 0; i < CAMERAS_MAX_LAYERS; i++) {
        snprintf(path, sizeof path, "layer%zu.conv", i);
        ck_assert_int_eq(cameras_options_add_layer(options, path), CAMERAS_OK);
    }
    ck_assert_int_eq(cameras_options_add_layer(options, "fc"), CAMERAS_ELIMIT);
    ck_assert_uint_eq(options->layer_count, CAMERAS_MAX_LAYERS);
    for (size_t i = 0; i < CAMERAS_MAX_LAYERS; i++) {
        snprintf(path, sizeof path, "layer%zu.conv", i);
        ck_assert_str_eq(options->layers[i], path);
    }
}
END_TEST

START_TEST(layer_without_a_path_is_refused)
{
    ck_assert_int_eq(cameras_options_add_layer(options, NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_options_add_layer(options, ""), CAMERAS_EINVAL);
    ck_assert_uint_eq(options->layer_count, 0);
}
END_TEST

START_TEST(map_count_is_layers_times_classes_each_at_least_one)
{
    static const char *const paths[] = {"a", "b", "auto"};
    ck_assert_uint_eq(cameras_options_map_count(NULL), 1);
    ck_assert_uint_eq(cameras_options_map_count(options), 1);
    for (size_t layers = 1; layers <= 3; layers++) {
        cameras_options_add_layer(options, paths[layers - 1]);
        ck_assert_uint_eq(cameras_options_map_count(options), layers);
    }
    for (size_t classes = 1; classes <= 5; classes++) {
        cameras_options_add_class(options, 0);
        ck_assert_uint_eq(cameras_options_map_count(options), 3 * classes);
    }
}
END_TEST

START_TEST(threads_are_taken_up_to_the_limit)
{
    ck_assert_int_eq(cameras_options_set_threads(options, CAMERAS_MAX_THREADS), CAMERAS_OK);
    ck_assert_int_eq(cameras_options_set_threads(options, CAMERAS_MAX_THREADS + 1), CAMERAS_ELIMIT);
    ck_assert_int_eq(cameras_options_set_threads(options, SIZE_MAX), CAMERAS_ELIMIT);
    ck_assert_uint_eq(options->threads, CAMERAS_MAX_THREADS);
    ck_assert_int_eq(cameras_options_set_threads(options, 0), CAMERAS_OK);
    ck_assert_uint_eq(options->threads, 0);
}
END_TEST

START_TEST(max_pixels_are_at_least_one_and_otherwise_any_number)
{
    ck_assert_int_eq(cameras_options_set_max_pixels(options, SIZE_MAX), CAMERAS_OK);
    ck_assert_uint_eq(options->max_pixels, SIZE_MAX);
    ck_assert_int_eq(cameras_options_set_max_pixels(options, 1), CAMERAS_OK);
    ck_assert_int_eq(cameras_options_set_max_pixels(options, 0), CAMERAS_EINVAL);
    ck_assert_uint_eq(options->max_pixels, 1);
}
END_TEST

START_TEST(memory_limit_is_any_number_and_zero_takes_it_away)
{
    static const size_t limits[] = {1, 1 << 20, SIZE_MAX, 0};
    for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
        ck_assert_int_eq(cameras_options_set_memory_limit(options, limits[i]), CAMERAS_OK);
        ck_assert_uint_eq(options->memory_limit, limits[i]);
    }
}
END_TEST

START_TEST(any_number_but_zero_keeps_flat_maps)
{
    static const int kept[] = {1, -1, 256, INT32_MIN};
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
        ck_assert_int_eq(cameras_options_set_keep_flat(options, kept[i]), CAMERAS_OK);
        ck_assert_int_ne(options->keep_flat, 0);
    }
    ck_assert_int_eq(cameras_options_set_keep_flat(options, 0), CAMERAS_OK);
    ck_assert_int_eq(options->keep_flat, 0);
}
END_TEST

static int go_on(double done, void *user)
{
    (void)done;
    (void)user;
    return 0;
}

START_TEST(progress_is_set_with_its_user_and_taken_away)
{
    int user = 0;
    ck_assert_int_eq(cameras_options_set_progress(options, go_on, &user), CAMERAS_OK);
    ck_assert(options->progress == go_on);
    ck_assert_ptr_eq(options->progress_user, &user);
    ck_assert_int_eq(cameras_options_set_progress(options, NULL, NULL), CAMERAS_OK);
    ck_assert(options->progress == NULL);
}
END_TEST

/* ---- how many threads -------------------------------------------------------------------------------------------- */

static size_t allowed_processors(void)
{
    cpu_set_t allowed;
    ck_assert_int_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    return (size_t)CPU_COUNT(&allowed);
}

START_TEST(threads_asked_for_are_used_whatever_the_environment_says)
{
    setenv("CAMERAS_NUM_THREADS", "7", 1);
    ck_assert_uint_eq(cam_thread_count(3), 3);
    ck_assert_uint_eq(cam_thread_count(CAMERAS_MAX_THREADS), CAMERAS_MAX_THREADS);
}
END_TEST

START_TEST(environment_is_used_where_nothing_is_asked_for)
{
    static const struct {
        const char *text;
        size_t expected;
    } cases[] = {{"1", 1}, {"7", 7}, {"1024", 1024}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        setenv("CAMERAS_NUM_THREADS", cases[i].text, 1);
        ck_assert_uint_eq(cam_thread_count(0), cases[i].expected);
    }
}
END_TEST

START_TEST(environment_that_is_no_number_in_range_is_ignored)
{
    static const char *const texts[] = {
        "", "0", "-1", "many", "1025", "99999999999999999999", "-99999999999999999999", "4x", "4 ", "0x4", "4.0"};
    const size_t allowed = allowed_processors();
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        setenv("CAMERAS_NUM_THREADS", texts[i], 1);
        ck_assert_uint_eq(cam_thread_count(0), allowed);
    }
}
END_TEST

START_TEST(processors_the_process_may_run_on_are_counted)
{
    cpu_set_t allowed, first;
    unsetenv("CAMERAS_NUM_THREADS");
    ck_assert_uint_eq(cam_thread_count(0), allowed_processors());
    ck_assert_int_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    CPU_ZERO(&first);
    for (size_t processor = 0; processor < CPU_SETSIZE && CPU_COUNT(&first) == 0; processor++)
        if (CPU_ISSET(processor, &allowed))
            CPU_SET(processor, &first);
    ck_assert_int_eq(sched_setaffinity(0, sizeof first, &first), 0);
    ck_assert_uint_eq(cam_thread_count(0), 1);
}
END_TEST

static Suite *options_suite(void)
{
    Suite *suite = suite_create("options");
    TCase *setting = tcase_create("setting"), *counting = tcase_create("threads");
    tcase_add_checked_fixture(setting, make_options, free_options);
    tcase_add_test(setting, new_options_and_null_mean_the_defaults_of_the_header);
    tcase_add_test(setting, options_need_somewhere_to_go_and_null_is_freed_without_harm);
    tcase_add_test(setting, changed_options_leave_the_defaults_alone);
    tcase_add_test(setting, every_setter_refuses_null_options);
    tcase_add_loop_test(setting, choice_takes_each_of_its_values, 0, CHOICES);
    tcase_add_loop_test(setting, choice_refuses_every_other_value_and_changes_nothing, 0, CHOICES);
    tcase_add_loop_test(setting, preset_sets_scales_interpolation_and_gate_together, 0, PRESETS);
    tcase_add_loop_test(setting, preset_leaves_everything_else_alone, 0, PRESETS);
    tcase_add_test(setting, finer_setters_after_a_preset_win);
    tcase_add_test(setting, scales_are_copied_up_to_the_limits_and_replaced);
    tcase_add_test(setting, bad_scales_are_refused_and_the_earlier_stay);
    tcase_add_test(setting, one_scale_more_than_the_limit_is_refused);
    tcase_add_test(setting, classes_are_added_in_order_up_to_the_limit);
    tcase_add_test(setting, layers_are_copied_in_order_up_to_the_limit);
    tcase_add_test(setting, layer_without_a_path_is_refused);
    tcase_add_test(setting, map_count_is_layers_times_classes_each_at_least_one);
    tcase_add_test(setting, threads_are_taken_up_to_the_limit);
    tcase_add_test(setting, max_pixels_are_at_least_one_and_otherwise_any_number);
    tcase_add_test(setting, memory_limit_is_any_number_and_zero_takes_it_away);
    tcase_add_test(setting, any_number_but_zero_keeps_flat_maps);
    tcase_add_test(setting, progress_is_set_with_its_user_and_taken_away);
    tcase_add_test(counting, threads_asked_for_are_used_whatever_the_environment_says);
    tcase_add_test(counting, environment_is_used_where_nothing_is_asked_for);
    tcase_add_test(counting, environment_that_is_no_number_in_range_is_ignored);
    tcase_add_test(counting, processors_the_process_may_run_on_are_counted);
    suite_add_tcase(suite, setting);
    suite_add_tcase(suite, counting);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(options_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
