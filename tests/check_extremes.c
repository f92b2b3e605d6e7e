/*
 * check_extremes.c - pictures and networks that are odd but valid, through the whole path: each has a defined answer
 *
 * SPDX-License-Identifier: MIT
 *
 * docs/models.md and docs/embedding.md tell of these answers.
 */
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = 32
};

/* Bilinear copies stay within the picture's range; bicubic ones overshoot, which a constant has no occasion to. */
static void open_scene(scene *made, network which)
{
    static const size_t sides[] = {32, 48};
    scene_open(made, which, SIDE, SIDE);
    scene_set_scales(made, sides, 2);
    expect_ok(cameras_options_set_keep_flat(made->options, 1));
}

static void show(scene *made, cameras_image *picture)
{
    cameras_image_free(made->image);
    made->image = picture;
}

/* A map of values in 0 to 1, stretched or flat. */
static void expect_map(scene *made)
{
    cameras_map *map = scene_explain(made);
    const float *values = cameras_map_values(map);
    const size_t count = cameras_map_width(map) * cameras_map_height(map);
    float most = 0.0f;
    for (size_t i = 0; i < count; i++) {
        ck_assert(values[i] >= 0.0f && values[i] <= 1.0f);
        most = values[i] > most ? values[i] : most;
    }
    ck_assert_float_eq(most, cameras_map_is_flat(map) ? 0.0f : 1.0f);
    cameras_map_free(map);
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

static cameras_image *even_picture(size_t width, size_t height, uint8_t value)
{
    cameras_image *image = NULL;
    uint8_t *pixels = malloc(3 * width * height);
    ck_assert_ptr_nonnull(pixels);
    memset(pixels, value, 3 * width * height);
    expect_ok(cameras_image_new(&image, pixels, width, height, 0, CAMERAS_RGB8));
    free(pixels);
    return image;
}

static const uint8_t even_values[] = {0, 127, 255};

START_TEST(even_pictures_are_explained)
{
    scene made;
    open_scene(&made, NETWORK_RECTIFIED);
    show(&made, even_picture(SIDE, SIDE, even_values[_i]));
    expect_map(&made);
    scene_close(&made);
}
END_TEST

/* However an even picture is resized, it is the same even picture. */
START_TEST(even_pictures_of_any_size_give_one_map)
{
    static const size_t shapes[][2] = {{1, 1}, {1, 4000}, {4000, 1}, {3, 5}, {100, 90}};
    scene made;
    open_scene(&made, NETWORK_RECTIFIED);
    show(&made, even_picture(SIDE, SIDE, even_values[_i]));
    cameras_map *expected = scene_explain(&made);
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        show(&made, even_picture(shapes[i][0], shapes[i][1], even_values[_i]));
        cameras_map *found = scene_explain(&made);
        for (size_t at = 0; at < SIDE * SIDE; at++)
            ck_assert_float_eq_tol(cameras_map_raw(found)[at], cameras_map_raw(expected)[at], 1e-5f);
        cameras_map_free(found);
    }
    cameras_map_free(expected);
    scene_close(&made);
}
END_TEST

static const size_t strips[][2] = {{1, 4000}, {4000, 1}, {1, 1}};

START_TEST(strips_and_single_pixels_are_explained_at_the_base_and_at_their_own_size)
{
    scene made;
    open_scene(&made, NETWORK_RECTIFIED);
    show(&made, wavy_picture(strips[_i][0], strips[_i][1]));
    expect_map(&made);
    expect_ok(cameras_options_set_source(made.options, CAMERAS_SOURCE_ORIGINAL));
    expect_map(&made);
    expect_ok(cameras_options_set_map_size(made.options, CAMERAS_MAP_SIZE_IMAGE));
    expect_map(&made);
    scene_close(&made);
}
END_TEST

/* The shape kept, the longer side would be 32 x 4000 = 128000. */
START_TEST(strip_whose_shape_is_kept_is_refused_with_the_size_it_would_have)
{
    scene made;
    cameras_map *map = NULL;
    open_scene(&made, NETWORK_RECTIFIED);
    expect_ok(cameras_model_set_base_side(made.model, SIDE));
    show(&made, wavy_picture(1, 4000));
    expect_failure(cameras_explain(&map, made.model, made.image, made.options), CAMERAS_ELIMIT, "32 x 128000");
    ck_assert_ptr_null(map);
    scene_close(&made);
}
END_TEST

/* A picture of noise that is seen through is white, whatever its colours. */
START_TEST(picture_that_is_all_transparent_is_the_white_one)
{
    scene made;
    uint8_t pixels[4 * SIDE * SIDE];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = i % 4 == 3 ? 0 : (uint8_t)(i * 37);
    open_scene(&made, NETWORK_RECTIFIED);
    show(&made, even_picture(SIDE, SIDE, 255));
    cameras_map *expected = scene_explain(&made);
    cameras_image *clear = NULL;
    expect_ok(cameras_image_new(&clear, pixels, SIDE, SIDE, 0, CAMERAS_RGBA8));
    show(&made, clear);
    cameras_map *found = scene_explain(&made);
    expect_equal_maps(found, expected);
    cameras_map_free(found);
    cameras_map_free(expected);
    scene_close(&made);
}
END_TEST

/* Blue for red and red for blue: a network with its channels turned about sees the picture that was meant. */
START_TEST(bgr_passed_as_rgb_is_another_picture_and_no_failure)
{
    scene made;
    uint8_t pixels[3 * SIDE * SIDE];
    cameras_image *mistaken = NULL, *meant = NULL;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)(i * i * 31);
    expect_ok(cameras_image_new(&mistaken, pixels, SIDE, SIDE, 0, CAMERAS_RGB8));
    expect_ok(cameras_image_new(&meant, pixels, SIDE, SIDE, 0, CAMERAS_BGR8));
    open_scene(&made, NETWORK_RECTIFIED);
    expect_ok(cameras_options_add_class(made.options, 0));
    expect_ok(cameras_model_set_normalisation(made.model, (const float[]){0.5f, 0.5f, 0.5f},
                                              (const float[]){0.5f, 0.5f, 0.5f}, 3));
    show(&made, meant);
    cameras_map *right = scene_explain(&made);
    show(&made, mistaken);
    cameras_map *wrong = scene_explain(&made);
    expect_ok(cameras_model_set_channel_order(made.model, CAMERAS_ORDER_BGR));
    cameras_map *turned = scene_explain(&made);
    expect_equal_maps(turned, right);
    ck_assert_float_ne(cameras_map_logit(wrong), cameras_map_logit(right));
    cameras_map_free(turned);
    cameras_map_free(wrong);
    cameras_map_free(right);
    scene_close(&made);
}
END_TEST

/* ---- networks --------------------------------------------------------------------------------------------------- */

static const network broken_beyond[] = {NETWORK_NAN_LARGE, NETWORK_INFINITE_LARGE};

START_TEST(output_that_is_not_finite_at_a_larger_scale_names_that_scale)
{
    scene made;
    cameras_map *map = NULL;
    open_scene(&made, broken_beyond[_i]);
    expect_failure(cameras_explain(&map, made.model, made.image, made.options), CAMERAS_ENUMERIC,
                   "48 x 48: the logit of class 0 is not finite");
    ck_assert_ptr_null(map);
    static const size_t small[] = {32, 40};
    scene_set_scales(&made, small, 2);
    expect_map(&made);
    scene_close(&made);
}
END_TEST

START_TEST(activations_that_are_not_finite_are_refused_though_the_logits_are)
{
    scene made;
    cameras_map *map = NULL;
    float logits[NETWORK_CLASSES];
    open_scene(&made, NETWORK_NAN_WITHIN);
    expect_ok(cameras_classify(logits, NULL, NETWORK_CLASSES, made.model, made.image, NULL));
    ck_assert(isfinite(logits[0]));
    expect_ok(cameras_options_add_layer(made.options, "spare"));
    expect_failure(cameras_explain(&map, made.model, made.image, made.options), CAMERAS_ENUMERIC,
                   "at layer spare: the map has a value that is not finite");
    ck_assert_ptr_null(map);
    scene_close(&made);
}
END_TEST

static const network chancy[] = {NETWORK_DROPPING, NETWORK_NOISY};

START_TEST(network_that_rolls_dice_is_explained_and_repeats_by_the_hosts_seed)
{
    scene made;
    open_scene(&made, chancy[_i]);
    expect_ok(cameras_options_set_threads(made.options, 1));
    expect_ok(cameras_options_add_class(made.options, 1));
    cameras_map_free(scene_explain(&made)); /* cut the network: that runs it too */
    network_seed_torch(5);
    cameras_map *first = scene_explain(&made), *other = scene_explain(&made);
    network_seed_torch(5);
    cameras_map *again = scene_explain(&made);
    expect_equal_maps(again, first);
    ck_assert_float_ne(cameras_map_logit(other), cameras_map_logit(first));
    cameras_map_free(again);
    cameras_map_free(other);
    cameras_map_free(first);
    scene_close(&made);
}
END_TEST

/* Its batch norm would divide by the deviation of this very input, and its dropout drop, were it left in training. */
START_TEST(network_saved_in_training_mode_is_that_of_evaluation)
{
    scene trained, plain;
    open_scene(&trained, NETWORK_TRAINING);
    open_scene(&plain, NETWORK_PLAIN);
    cameras_map *found = scene_explain(&trained), *expected = scene_explain(&plain);
    ck_assert_float_eq_tol(cameras_map_logit(found), cameras_map_logit(expected), 1e-4f);
    cameras_map *again = scene_explain(&trained);
    expect_equal_maps(again, found);
    cameras_map_free(again);
    cameras_map_free(expected);
    cameras_map_free(found);
    scene_close(&plain);
    scene_close(&trained);
}
END_TEST

START_TEST(network_that_writes_to_its_input_gives_one_map_again_and_again_and_leaves_the_picture)
{
    scene made;
    uint8_t before[3 * SIDE * SIDE], after[3 * SIDE * SIDE];
    open_scene(&made, NETWORK_WRITES_INPUT);
    expect_ok(cameras_image_pixels(before, 0, made.image));
    cameras_map *first = scene_explain(&made), *again = scene_explain(&made);
    expect_equal_maps(again, first);
    expect_ok(cameras_image_pixels(after, 0, made.image));
    ck_assert_mem_eq(after, before, sizeof before);
    cameras_map_free(again);
    cameras_map_free(first);
    scene_close(&made);
}
END_TEST

static Suite *extremes_suite(void)
{
    Suite *suite = suite_create("extremes");
    TCase *cases = tcase_create("extremes");
    tcase_set_timeout(cases, 120);
    tcase_add_loop_test(cases, even_pictures_are_explained, 0, 3);
    tcase_add_loop_test(cases, even_pictures_of_any_size_give_one_map, 0, 3);
    tcase_add_loop_test(cases, strips_and_single_pixels_are_explained_at_the_base_and_at_their_own_size, 0, 3);
    tcase_add_test(cases, strip_whose_shape_is_kept_is_refused_with_the_size_it_would_have);
    tcase_add_test(cases, picture_that_is_all_transparent_is_the_white_one);
    tcase_add_test(cases, bgr_passed_as_rgb_is_another_picture_and_no_failure);
    tcase_add_loop_test(cases, output_that_is_not_finite_at_a_larger_scale_names_that_scale, 0, 2);
    tcase_add_test(cases, activations_that_are_not_finite_are_refused_though_the_logits_are);
    tcase_add_loop_test(cases, network_that_rolls_dice_is_explained_and_repeats_by_the_hosts_seed, 0, 2);
    tcase_add_test(cases, network_saved_in_training_mode_is_that_of_evaluation);
    tcase_add_test(cases, network_that_writes_to_its_input_gives_one_map_again_and_again_and_leaves_the_picture);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(extremes_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
