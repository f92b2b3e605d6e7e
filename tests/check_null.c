/*
 * check_null.c - every public function given NULL: refused, or nothing, but never a crash
 *
 * SPDX-License-Identifier: MIT
 */
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>

#define CALL(expression)                                                                                               \
    {                                                                                                                  \
#expression, expression                                                                                        \
    }

typedef struct refused_call {
    const char *text;
    cameras_status status;
} refused_call;

static void expect_invalid(const refused_call *calls, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(calls[i].status == CAMERAS_EINVAL, "%s gave %d", calls[i].text, (int)calls[i].status);
    expect_failure(calls[count - 1].status, CAMERAS_EINVAL, "");
}

static int forget(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count)
{
    (void)user;
    (void)index;
    (void)status;
    for (size_t i = 0; i < count; i++)
        cameras_map_free(maps[i]);
    return 0;
}

START_TEST(fallible_calls_refuse_null)
{
    cameras_model *model = NULL;
    cameras_image *image = NULL;
    cameras_map *map = NULL;
    uint8_t byte = 0;
    size_t number = 1;
    const char *path = NULL;
    const float one = 1.0f;
    double value = 0.0;
    cameras_scores *scores = NULL;
    cameras_sanity *sanity = NULL;
    cameras_attack *attack = NULL;
    const refused_call calls[] = {
        CALL(cameras_options_new(NULL)),
        CALL(cameras_model_open(NULL, "model.pt")),
        CALL(cameras_model_open(&model, NULL)),
        CALL(cameras_model_open_memory(NULL, &byte, 1)),
        CALL(cameras_model_open_memory(&model, NULL, 1)),
        CALL(cameras_model_open_memory(&model, &byte, 0)),
        CALL(cameras_model_auto_layer(NULL, NULL)),
        CALL(cameras_model_auto_layer(&path, NULL)),
        CALL(cameras_model_class_count(NULL, NULL)),
        CALL(cameras_model_class_count(&number, NULL)),
        CALL(cameras_model_read_labels(NULL, "labels.txt")),
        CALL(cameras_model_set_labels(NULL, "a", 1)),
        CALL(cameras_model_find_class(&number, NULL, "0")),
        CALL(cameras_model_find_class(NULL, NULL, NULL)),
        CALL(cameras_model_set_normalisation(NULL, &one, &one, 1)),
        CALL(cameras_model_set_channel_order(NULL, CAMERAS_ORDER_RGB)),
        CALL(cameras_model_set_base_size(NULL, 224, 224)),
        CALL(cameras_model_set_base_side(NULL, 224)),
        CALL(cameras_image_read(NULL, "a.png", NULL)),
        CALL(cameras_image_read(&image, NULL, NULL)),
        CALL(cameras_image_read_memory(NULL, &byte, 1, NULL)),
        CALL(cameras_image_read_memory(&image, NULL, 1, NULL)),
        CALL(cameras_image_new(NULL, &byte, 1, 1, 0, CAMERAS_GRAY8)),
        CALL(cameras_image_new(&image, NULL, 1, 1, 0, CAMERAS_GRAY8)),
        CALL(cameras_image_pixels(NULL, 0, NULL)),
        CALL(cameras_image_pixels(&byte, 0, NULL)),
        CALL(cameras_image_write(NULL, "a.png")),
        CALL(cameras_image_sheet(NULL, NULL, 0, 1, 0)),
        CALL(cameras_image_sheet(&image, NULL, 1, 1, 0)),
        CALL(cameras_classify(NULL, NULL, 5, NULL, NULL, NULL)),
        CALL(cameras_explain(NULL, NULL, NULL, NULL)),
        CALL(cameras_explain(&map, NULL, NULL, NULL)),
        CALL(cameras_explain_several(NULL, 1, NULL, NULL, NULL)),
        CALL(cameras_explain_several(&map, 1, NULL, NULL, NULL)),
        CALL(cameras_explain_memory(NULL, NULL, 1, 1, NULL)),
        CALL(cameras_explain_memory(&number, NULL, 1, 1, NULL)),
        CALL(cameras_explain_many(NULL, NULL, NULL, 0, NULL, NULL, NULL)),
        CALL(cameras_explain_many(&number, NULL, NULL, 0, NULL, forget, NULL)),
        CALL(cameras_explain_files(NULL, NULL, NULL, 0, NULL, NULL, NULL)),
        CALL(cameras_explain_files(&number, NULL, NULL, 0, NULL, forget, NULL)),
        CALL(cameras_map_new(NULL, &one, 1, 1)),
        CALL(cameras_map_new(&map, NULL, 1, 1)),
        CALL(cameras_map_read(NULL, "a.npy")),
        CALL(cameras_map_read(&map, NULL)),
        CALL(cameras_map_write(NULL, "a.npy")),
        CALL(cameras_map_overlay(NULL, NULL, NULL, CAMERAS_VIRIDIS, 0.5f)),
        CALL(cameras_map_overlay(&image, NULL, NULL, CAMERAS_VIRIDIS, 0.5f)),
        CALL(cameras_map_difference(NULL, NULL, NULL)),
        CALL(cameras_map_difference(&image, NULL, NULL)),
        CALL(cameras_image_caption(NULL, NULL, NULL, 1)),
        CALL(cameras_image_caption(&image, NULL, "a", 1)),
        CALL(cameras_map_spearman(NULL, NULL, NULL)),
        CALL(cameras_map_ssim(NULL, NULL, NULL)),
        CALL(cameras_map_overlap(NULL, NULL, NULL, 0.05)),
        CALL(cameras_map_spearman(&value, NULL, NULL)),
        CALL(cameras_map_ssim(&value, NULL, NULL)),
        CALL(cameras_map_overlap(&value, NULL, NULL, 0.05)),
        CALL(cameras_image_new_box(NULL, 2, 2, 0, 0, 1, 1)),
        CALL(cameras_score(NULL, NULL, NULL, NULL, NULL, NULL)),
        CALL(cameras_score(&scores, NULL, NULL, NULL, NULL, NULL)),
        CALL(cameras_grid_score(NULL, NULL, NULL, NULL, NULL, NULL)),
        CALL(cameras_model_randomise(NULL, NULL, NULL, 0, 0)),
        CALL(cameras_model_randomise(&model, NULL, &path, 1, 0)),
        CALL(cameras_sanity_check(NULL, NULL, NULL, 0, NULL)),
        CALL(cameras_sanity_check(&sanity, NULL, NULL, 0, NULL)),
        CALL(cameras_attack_run(NULL, NULL, NULL, NULL, NULL)),
        CALL(cameras_attack_run(&attack, NULL, NULL, NULL, NULL)),
        CALL(cameras_attack_image(NULL, NULL, CAMERAS_ATTACK_GUIDED)),
        CALL(cameras_attack_image(&image, NULL, CAMERAS_ATTACK_GUIDED)),
        CALL(cameras_attack_picture(&image, NULL, CAMERAS_ATTACK_PLAIN)),
        CALL(cameras_attack_write(NULL, CAMERAS_ATTACK_GUIDED, "a.npy")),
    };
    expect_invalid(calls, sizeof calls / sizeof *calls);
    ck_assert_ptr_null(scores);
    ck_assert_ptr_null(sanity);
    ck_assert_ptr_null(attack);
    ck_assert_ptr_null(model);
    ck_assert_ptr_null(image);
    ck_assert_ptr_null(map);
}
END_TEST

START_TEST(setters_refuse_options_of_null)
{
    const size_t number = 1;
    const refused_call calls[] = {
        CALL(cameras_options_set_preset(NULL, CAMERAS_PRESET_FAST)),
        CALL(cameras_options_set_scales(NULL, &number, 1)),
        CALL(cameras_options_set_interpolation(NULL, CAMERAS_BICUBIC)),
        CALL(cameras_options_set_gate(NULL, CAMERAS_GATE_ON)),
        CALL(cameras_options_set_method(NULL, CAMERAS_METHOD_CAMERAS)),
        CALL(cameras_options_set_seed(NULL, 0)),
        CALL(cameras_options_set_source(NULL, CAMERAS_SOURCE_BASE)),
        CALL(cameras_options_set_map_size(NULL, CAMERAS_MAP_SIZE_BASE)),
        CALL(cameras_options_set_threads(NULL, 1)),
        CALL(cameras_options_set_precision(NULL, CAMERAS_PRECISION_FP32)),
        CALL(cameras_options_set_memory_limit(NULL, 0)),
        CALL(cameras_options_set_keep_flat(NULL, 1)),
        CALL(cameras_options_set_max_pixels(NULL, 1)),
        CALL(cameras_options_set_max_file_bytes(NULL, 1)),
        CALL(cameras_options_set_max_scales(NULL, 1)),
        CALL(cameras_options_set_max_classes(NULL, 1)),
        CALL(cameras_options_set_progress(NULL, NULL, NULL)),
        CALL(cameras_options_set_masking(NULL, CAMERAS_MASKING_PIXELS)),
        CALL(cameras_options_set_score_steps(NULL, 1)),
        CALL(cameras_options_set_batch(NULL, 1)),
        CALL(cameras_options_set_sanity_threshold(NULL, 0.5)),
        CALL(cameras_options_set_attack_target(NULL, 0)),
        CALL(cameras_options_set_attack_confidence(NULL, 0.9)),
        CALL(cameras_options_set_attack_epsilon(NULL, 0.1)),
        CALL(cameras_options_set_attack_beta(NULL, 1)),
        CALL(cameras_options_set_attack_steps(NULL, 1)),
        CALL(cameras_options_set_attack_rule(NULL, CAMERAS_STEP_SIGN)),
        CALL(cameras_options_add_class(NULL, 0)),
        CALL(cameras_options_add_layer(NULL, "conv")),
    };
    expect_invalid(calls, sizeof calls / sizeof *calls);
}
END_TEST

START_TEST(calls_on_a_real_model_and_image_refuse_null)
{
    cameras_model *model = open_network(NETWORK_BARE);
    cameras_image *image = wavy_picture(8, 6);
    const float three[] = {1.0f, 1.0f, 1.0f};
    size_t number = 0;
    cameras_map *map = NULL;
    const refused_call calls[] = {
        CALL(cameras_model_auto_layer(NULL, model)),
        CALL(cameras_model_class_count(NULL, model)),
        CALL(cameras_model_read_labels(model, NULL)),
        CALL(cameras_model_set_labels(model, NULL, 1)),
        CALL(cameras_model_find_class(NULL, model, "0")),
        CALL(cameras_model_find_class(&number, model, NULL)),
        CALL(cameras_model_set_normalisation(model, NULL, three, 3)),
        CALL(cameras_model_set_normalisation(model, three, NULL, 3)),
        CALL(cameras_image_pixels(NULL, 0, image)),
        CALL(cameras_image_write(image, NULL)),
        CALL(cameras_classify(NULL, NULL, 3, model, NULL, NULL)),
        CALL(cameras_classify(NULL, NULL, 3, NULL, image, NULL)),
        CALL(cameras_explain(NULL, model, image, NULL)),
        CALL(cameras_explain(&map, NULL, image, NULL)),
        CALL(cameras_explain(&map, model, NULL, NULL)),
        CALL(cameras_explain_several(NULL, 1, model, image, NULL)),
        CALL(cameras_explain_memory(NULL, model, 8, 6, NULL)),
        CALL(cameras_explain_many(NULL, model, NULL, 1, NULL, forget, NULL)),
        CALL(cameras_explain_many(NULL, model, (const cameras_image *const[]){image}, 1, NULL, NULL, NULL)),
        CALL(cameras_explain_files(NULL, model, NULL, 1, NULL, forget, NULL)),
        CALL(cameras_explain_files(NULL, model, (const char *const[]){"a.png"}, 1, NULL, NULL, NULL)),
    };
    expect_invalid(calls, sizeof calls / sizeof *calls);
    cameras_image_free(image);
    cameras_model_close(model);
}
END_TEST

START_TEST(getters_of_null_give_nothing)
{
    ck_assert_uint_eq(cameras_model_layer_count(NULL), 0);
    ck_assert_ptr_null(cameras_model_layer_path(NULL, 0));
    ck_assert_ptr_null(cameras_model_layer_type(NULL, 0));
    ck_assert_uint_eq(cameras_model_channels(NULL), 0);
    ck_assert_ptr_null(cameras_model_label(NULL, 0));
    ck_assert_uint_eq(cameras_image_width(NULL), 0);
    ck_assert_uint_eq(cameras_image_height(NULL), 0);
    ck_assert_uint_eq(cameras_image_channels(NULL), 0);
    ck_assert_uint_eq(cameras_options_map_count(NULL), 1);
    ck_assert_uint_eq(cameras_map_width(NULL), 0);
    ck_assert_uint_eq(cameras_map_height(NULL), 0);
    ck_assert_ptr_null(cameras_map_values(NULL));
    ck_assert_ptr_null(cameras_map_raw(NULL));
    ck_assert_int_eq(cameras_map_is_flat(NULL), 0);
    ck_assert_uint_eq(cameras_map_class(NULL), 0);
    ck_assert_float_eq(cameras_map_logit(NULL), 0.0f);
    ck_assert_float_eq(cameras_map_probability(NULL), 0.0f);
    ck_assert_ptr_null(cameras_map_layer(NULL));
    ck_assert_int_eq(cameras_map_source(NULL), CAMERAS_SOURCE_BASE);
    ck_assert_int_eq(cameras_map_precision(NULL), CAMERAS_PRECISION_FP32);
    ck_assert_uint_eq(cameras_map_scale_count(NULL), 0);
    ck_assert_uint_eq(cameras_map_scale_width(NULL, 0), 0);
    ck_assert_uint_eq(cameras_map_scale_height(NULL, 0), 0);
    ck_assert_uint_eq(cameras_map_scale_top1(NULL, 0), 0);
    ck_assert_float_eq(cameras_map_scale_top1_probability(NULL, 0), 0.0f);
    ck_assert_float_eq(cameras_map_scale_probability(NULL, 0), 0.0f);
    ck_assert_int_eq(cameras_map_scale_used(NULL, 0), 0);
    ck_assert_ptr_null(cameras_map_scale_reason(NULL, 0));
    ck_assert_double_eq(cameras_map_seconds(NULL, CAMERAS_STAGE_TOTAL), 0.0);
    ck_assert_int_eq(cameras_map_method(NULL), CAMERAS_METHOD_CAMERAS);
    ck_assert_ptr_null(cameras_colormap_name((cameras_colormap)-1));
    ck_assert_ptr_null(cameras_colormap_name((cameras_colormap)99));
}
END_TEST

START_TEST(getters_of_no_results_give_nothing)
{
    ck_assert_uint_eq(cameras_model_parametrised_count(NULL), 0);
    ck_assert_ptr_null(cameras_model_parametrised_path(NULL, 0));
    ck_assert(isnan(cameras_scores_value(NULL, CAMERAS_SCORE_ADCC)));
    ck_assert_uint_eq(cameras_scores_class(NULL), 0);
    ck_assert_double_eq(cameras_scores_probability(NULL), 0.0);
    ck_assert_uint_eq(cameras_sanity_stage_count(NULL), 0);
    ck_assert_ptr_null(cameras_sanity_stage_layer(NULL, 0));
    ck_assert_double_eq(cameras_sanity_stage_spearman(NULL, 0), 0.0);
    ck_assert_double_eq(cameras_sanity_stage_ssim(NULL, 0), 0.0);
    ck_assert_ptr_null(cameras_sanity_stage_map(NULL, 0));
    ck_assert_ptr_null(cameras_sanity_original(NULL));
    ck_assert_ptr_null(cameras_sanity_unlikely(NULL));
    ck_assert_double_eq(cameras_sanity_adversarial_score(NULL), 0.0);
    ck_assert_double_eq(cameras_sanity_adversarial_chance(NULL), 0.0);
    ck_assert_double_eq(cameras_sanity_adversarial_spearman(NULL), 0.0);
    ck_assert_double_eq(cameras_sanity_class_overlap(NULL), 0.0);
    ck_assert_int_eq(cameras_sanity_passed(NULL), 0);
    ck_assert_ptr_null(cameras_sanity_why(NULL));
    ck_assert_uint_eq(cameras_attack_target(NULL), 0);
    ck_assert_double_eq(cameras_attack_norm(NULL, CAMERAS_ATTACK_GUIDED, CAMERAS_NORM_L2, CAMERAS_PART_ALL), 0.0);
    ck_assert_int_eq(cameras_attack_succeeded(NULL, CAMERAS_ATTACK_GUIDED), 0);
    ck_assert_double_eq(cameras_attack_confidence(NULL, CAMERAS_ATTACK_GUIDED), 0.0);
    ck_assert_uint_eq(cameras_attack_steps(NULL, CAMERAS_ATTACK_GUIDED), 0);
    ck_assert(isnan(cameras_attack_reduction(NULL)));
    ck_assert_ptr_null(cameras_attack_perturbation(NULL, CAMERAS_ATTACK_GUIDED));
    ck_assert_uint_eq(cameras_attack_width(NULL), 0);
    ck_assert_uint_eq(cameras_attack_height(NULL), 0);
    ck_assert_uint_eq(cameras_attack_channels(NULL), 0);
}
END_TEST

START_TEST(names_past_the_last_are_null)
{
    ck_assert_ptr_null(cameras_method_name((cameras_method)-1));
    ck_assert_ptr_null(cameras_method_name((cameras_method)99));
    ck_assert_ptr_null(cameras_score_name((cameras_score_kind)-1));
    ck_assert_ptr_null(cameras_score_name((cameras_score_kind)99));
    ck_assert_ptr_nonnull(cameras_status_text((cameras_status)99));
}
END_TEST

START_TEST(every_close_and_free_accepts_null)
{
    cameras_model_close(NULL);
    cameras_image_free(NULL);
    cameras_map_free(NULL);
    cameras_options_free(NULL);
    cameras_scores_free(NULL);
    cameras_sanity_free(NULL);
    cameras_attack_free(NULL);
}
END_TEST

static Suite *null_suite(void)
{
    Suite *suite = suite_create("null");
    TCase *cases = tcase_create("null");
    tcase_set_timeout(cases, 60);
    tcase_add_test(cases, fallible_calls_refuse_null);
    tcase_add_test(cases, setters_refuse_options_of_null);
    tcase_add_test(cases, calls_on_a_real_model_and_image_refuse_null);
    tcase_add_test(cases, getters_of_null_give_nothing);
    tcase_add_test(cases, getters_of_no_results_give_nothing);
    tcase_add_test(cases, names_past_the_last_are_null);
    tcase_add_test(cases, every_close_and_free_accepts_null);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(null_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
