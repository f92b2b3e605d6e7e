/*
 * check_explain_calls.c - explaining as the caller sees it: progress, refusals, sizes, sources, files
 *
 * SPDX-License-Identifier: MIT
 */
#include "scene.h"

#include <check.h>
#include <math.h>
#include <png.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = 32
};

/* ---- progress --------------------------------------------------------------------------------------------------- */

typedef struct tally {
    double last;
    size_t calls, stop_at; /* 0: never */
    int fell;
} tally;

static int count_progress(double done, void *user)
{
    tally *own = user;
    own->fell |= done < own->last || done < 0.0 || done > 1.0;
    own->last = done;
    return ++own->calls == own->stop_at;
}

START_TEST(progress_rises_to_one)
{
    static const size_t sides[] = {32, 64, 40, 48};
    scene made;
    tally own = {0};
    scene_open(&made, NETWORK_PLAIN, SIDE, SIDE);
    scene_set_scales(&made, sides, 4);
    expect_ok(cameras_options_set_progress(made.options, count_progress, &own));
    cameras_map_free(scene_explain(&made));
    ck_assert_uint_ge(own.calls, 4);
    ck_assert_int_eq(own.fell, 0);
    ck_assert_double_eq(own.last, 1.0);
    scene_close(&made);
}
END_TEST

START_TEST(progress_reaches_one_whatever_the_gate_drops)
{
    static const size_t sides[] = {48, 36, 60};
    scene made;
    tally own = {0};
    scene_open(&made, NETWORK_FICKLE, SIDE, SIDE);
    scene_set_scales(&made, sides, 3);
    expect_ok(cameras_options_set_progress(made.options, count_progress, &own));
    cameras_map_free(scene_explain(&made));
    ck_assert_int_eq(own.fell, 0);
    ck_assert_double_eq(own.last, 1.0);
    scene_close(&made);
}
END_TEST

START_TEST(call_ends_where_progress_says_so_and_the_model_stays_usable)
{
    static const size_t sides[] = {32, 40, 48};
    scene made;
    scene_open(&made, NETWORK_RECTIFIED, SIDE, SIDE);
    scene_set_scales(&made, sides, 3);
    cameras_map *before = scene_explain(&made);
    for (size_t stop = 1; stop <= 3; stop++) {
        tally own = {.stop_at = stop};
        cameras_map *map = (cameras_map *)&map;
        expect_ok(cameras_options_set_progress(made.options, count_progress, &own));
        const cameras_status status = cameras_explain(&map, made.model, made.image, made.options);
        ck_assert_ptr_null(map);
        expect_failure(status, CAMERAS_ECANCELLED, "cancelled");
        ck_assert_uint_eq(own.calls, stop);
    }
    expect_ok(cameras_options_set_progress(made.options, NULL, NULL));
    cameras_map *after = scene_explain(&made);
    expect_equal_maps(after, before);
    cameras_map_free(after);
    cameras_map_free(before);
    scene_close(&made);
}
END_TEST

/* ---- refusals --------------------------------------------------------------------------------------------------- */

static void expect_explain_refused(scene *made, cameras_status expected, const char *reason)
{
    cameras_map *map = (cameras_map *)&map;
    const cameras_status status = cameras_explain(&map, made->model, made->image, made->options);
    ck_assert_ptr_null(map);
    expect_failure(status, expected, reason);
}

static const struct {
    network which;
    size_t sides[2];
    cameras_status status;
    const char *reason;
} unexplained[] = {
    {NETWORK_SILENT, {32, 40}, CAMERAS_EFLAT, "flat"},
    {NETWORK_NAN, {32, 40}, CAMERAS_ENUMERIC, "32 x 32: the logit of class 0 is not finite"},
    {NETWORK_INFINITE, {32, 40}, CAMERAS_ENUMERIC, "not finite"},
    {NETWORK_STEEP, {32, 40}, CAMERAS_ENUMERIC, "not finite"},
    {NETWORK_STEPS, {32, 40}, CAMERAS_ELAYER, "differentiabl"},
    {NETWORK_ONE_DIMENSION, {32, 40}, CAMERAS_EMODEL, "1 x classes"},
    {NETWORK_INTEGER, {32, 40}, CAMERAS_EMODEL, "1 x classes"},
    {NETWORK_TWO_ROWS, {32, 40}, CAMERAS_EMODEL, "2 x 5"},
    {NETWORK_FIVE_CHANNELS, {32, 40}, CAMERAS_EMODEL, "5 channels"},
    {NETWORK_BARE, {32, 40}, CAMERAS_ELAYER, "no submodules"},
    {NETWORK_NO_CLASSES, {32, 40}, CAMERAS_EMODEL, "class"},
};

START_TEST(network_that_cannot_be_explained_is_refused_and_says_why)
{
    scene made;
    scene_open(&made, unexplained[_i].which, SIDE, SIDE);
    scene_set_scales(&made, unexplained[_i].sides, 2);
    expect_explain_refused(&made, unexplained[_i].status, unexplained[_i].reason);
    scene_close(&made);
}
END_TEST

static const struct {
    const char *layer, *reason;
} unusable_layers[] = {
    {"fc", "1 x 5"},
    {"spare", "never called"},
    {"comv", "near ones are conv"},
};

START_TEST(layer_that_cannot_be_explained_is_refused_by_name)
{
    scene made;
    scene_open(&made, NETWORK_PLAIN, SIDE, SIDE);
    expect_ok(cameras_options_add_layer(made.options, unusable_layers[_i].layer));
    expect_explain_refused(&made, CAMERAS_ELAYER, unusable_layers[_i].reason);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), unusable_layers[_i].layer));
    scene_close(&made);
}
END_TEST

START_TEST(class_that_the_network_has_not_is_refused)
{
    static const size_t classes[] = {5, 6, 1000, SIZE_MAX};
    for (size_t i = 0; i < sizeof classes / sizeof *classes; i++) {
        scene made;
        scene_open(&made, NETWORK_PLAIN, SIDE, SIDE);
        expect_ok(cameras_options_add_class(made.options, classes[i]));
        expect_explain_refused(&made, CAMERAS_ECLASS, "the network has 5 classes, 0 to 4");
        scene_close(&made);
    }
}
END_TEST

START_TEST(network_of_one_input_size_is_refused_at_others_naming_the_sizes)
{
    static const size_t sides[] = {32, 48};
    scene made;
    scene_open(&made, NETWORK_FLATTEN, SIDE, SIDE);
    scene_set_scales(&made, sides, 2);
    expect_explain_refused(&made, CAMERAS_EMODEL, "48 x 48");
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "32 x 32"));
    scene_set_scales(&made, sides, 1);
    cameras_map_free(scene_explain(&made));
    scene_close(&made);
}
END_TEST

START_TEST(network_that_refuses_the_base_size_is_refused_naming_it)
{
    scene made;
    scene_open(&made, NETWORK_FLATTEN, 40, SIDE);
    expect_ok(cameras_options_add_layer(made.options, "conv"));
    expect_explain_refused(&made, CAMERAS_EMODEL, "40 x 32");
    scene_close(&made);
}
END_TEST

START_TEST(sizes_beyond_the_limit_are_refused_before_the_network_runs)
{
    static const size_t side = CAMERAS_MAX_SIDE;
    scene made;
    tally own = {0};
    scene_open(&made, NETWORK_PLAIN, 64, SIDE);
    scene_set_scales(&made, &side, 1);
    expect_ok(cameras_options_set_progress(made.options, count_progress, &own));
    expect_explain_refused(&made, CAMERAS_ELIMIT, "16384 x 8192");
    ck_assert_uint_eq(own.calls, 0);
    cameras_image_free(made.image);
    made.image = wavy_picture(1000, 1);
    expect_ok(cameras_model_set_base_side(made.model, 224));
    expect_explain_refused(&made, CAMERAS_ELIMIT, "224000 x 224");
    scene_close(&made);
}
END_TEST

START_TEST(count_of_maps_must_be_that_of_the_options)
{
    scene made;
    cameras_map *maps[3];
    scene_open(&made, NETWORK_PLAIN, SIDE, SIDE);
    expect_ok(cameras_options_add_class(made.options, 0));
    expect_ok(cameras_options_add_class(made.options, 1));
    for (size_t count = 0; count <= 3; count++) {
        if (count == 2)
            continue;
        memset(maps, 0xff, sizeof maps);
        expect_failure(cameras_explain_several(maps, count, made.model, made.image, made.options), CAMERAS_EINVAL,
                       "the options ask for 2");
        for (size_t i = 0; i < count; i++)
            ck_assert_ptr_null(maps[i]);
    }
    expect_explain_refused(&made, CAMERAS_EINVAL, "cameras_explain_several");
    scene_close(&made);
}
END_TEST

START_TEST(one_bad_class_among_several_leaves_no_map)
{
    static const size_t side = SIDE;
    scene made;
    cameras_map *maps[3];
    scene_open(&made, NETWORK_PLAIN, SIDE, SIDE);
    scene_set_scales(&made, &side, 1);
    expect_ok(cameras_options_add_class(made.options, 0));
    expect_ok(cameras_options_add_class(made.options, 1));
    expect_ok(cameras_options_add_class(made.options, 77));
    memset(maps, 0xff, sizeof maps);
    expect_failure(cameras_explain_several(maps, 3, made.model, made.image, made.options), CAMERAS_ECLASS, "77");
    for (size_t i = 0; i < 3; i++)
        ck_assert_ptr_null(maps[i]);
    scene_close(&made);
}
END_TEST

START_TEST(earlier_maps_go_when_a_later_one_fails)
{
    static const size_t side = SIDE;
    scene made;
    cameras_map *maps[2];
    scene_open(&made, NETWORK_SILENT, SIDE, SIDE);
    scene_set_scales(&made, &side, 1);
    expect_ok(cameras_options_add_layer(made.options, "conv")); /* has negative values: a map that is not flat */
    cameras_map_free(scene_explain(&made));
    expect_ok(cameras_options_add_layer(made.options, "act"));
    memset(maps, 0xff, sizeof maps);
    expect_failure(cameras_explain_several(maps, 2, made.model, made.image, made.options), CAMERAS_EFLAT, "layer act");
    ck_assert_ptr_null(maps[0]);
    ck_assert_ptr_null(maps[1]);
    scene_close(&made);
}
END_TEST

START_TEST(flat_map_is_kept_as_zeros_where_asked)
{
    static const size_t sides[] = {32, 40};
    scene made;
    scene_open(&made, NETWORK_SILENT, SIDE, SIDE);
    scene_set_scales(&made, sides, 2);
    expect_ok(cameras_options_set_keep_flat(made.options, 1));
    cameras_map *map = scene_explain(&made);
    ck_assert_int_ne(cameras_map_is_flat(map), 0);
    for (size_t i = 0; i < SIDE * SIDE; i++) {
        ck_assert_float_eq(cameras_map_values(map)[i], 0.0f);
        ck_assert_float_eq(cameras_map_raw(map)[i], 0.0f);
    }
    ck_assert_uint_eq(cameras_map_scale_count(map), 2);
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

START_TEST(map_with_contrast_is_not_called_flat)
{
    scene made;
    scene_open(&made, NETWORK_PLAIN, SIDE, SIDE);
    expect_ok(cameras_options_set_keep_flat(made.options, 1));
    cameras_map *map = scene_explain(&made);
    ck_assert_int_eq(cameras_map_is_flat(map), 0);
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

/* ---- sizes and sources ------------------------------------------------------------------------------------------ */

static void set_picture(scene *made, size_t width, size_t height)
{
    cameras_image_free(made->image);
    made->image = wavy_picture(width, height);
}

static void expect_stretched(const cameras_map *map)
{
    float least = 2.0f, most = -1.0f;
    for (size_t i = 0; i < cameras_map_width(map) * cameras_map_height(map); i++) {
        least = fminf(least, cameras_map_values(map)[i]);
        most = fmaxf(most, cameras_map_values(map)[i]);
    }
    ck_assert_float_eq(least, 0.0f);
    ck_assert_float_eq(most, 1.0f);
}

START_TEST(base_side_keeps_the_pictures_shape)
{
    static const size_t sides[] = {32, 40};
    scene made;
    scene_open(&made, NETWORK_PLAIN, SIDE, SIDE);
    scene_set_scales(&made, sides, 2);
    set_picture(&made, 96, 64);
    expect_ok(cameras_model_set_base_side(made.model, 32));
    cameras_map *map = scene_explain(&made);
    ck_assert_uint_eq(cameras_map_width(map), 48);
    ck_assert_uint_eq(cameras_map_height(map), 32);
    ck_assert_uint_eq(cameras_map_scale_width(map, 1), 60);
    ck_assert_uint_eq(cameras_map_scale_height(map, 1), 40);
    expect_stretched(map);
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

/* Sample (y, x) of a square map enlarged to width x height: bilinear, half-pixel centres. */
static double enlarged(const float *plane, size_t width, size_t height, size_t y, size_t x)
{
    const double down = fmin(fmax(((double)y + 0.5) * SIDE / (double)height - 0.5, 0.0), SIDE - 1);
    const double across = fmin(fmax(((double)x + 0.5) * SIDE / (double)width - 0.5, 0.0), SIDE - 1);
    const size_t top = (size_t)down, left = (size_t)across;
    const size_t bottom = top < SIDE - 1 ? top + 1 : top, right = left < SIDE - 1 ? left + 1 : left;
    const double dy = down - (double)top, dx = across - (double)left;
    return (1 - dy) * ((1 - dx) * (double)plane[top * SIDE + left] + dx * (double)plane[top * SIDE + right]) +
           dy * ((1 - dx) * (double)plane[bottom * SIDE + left] + dx * (double)plane[bottom * SIDE + right]);
}

START_TEST(map_of_the_pictures_size_is_the_base_map_enlarged)
{
    static const size_t sides[] = {32, 40};
    scene made;
    scene_open(&made, NETWORK_RECTIFIED, SIDE, SIDE);
    scene_set_scales(&made, sides, 2);
    expect_ok(cameras_options_add_class(made.options, 3));
    set_picture(&made, 70, 50);
    cameras_map *base = scene_explain(&made);
    expect_ok(cameras_options_set_map_size(made.options, CAMERAS_MAP_SIZE_IMAGE));
    cameras_map *large = scene_explain(&made);
    ck_assert_uint_eq(cameras_map_width(large), 70);
    ck_assert_uint_eq(cameras_map_height(large), 50);
    expect_stretched(large);
    for (size_t i = 0; i < 70 * 50; i++)
        ck_assert_double_eq_tol((double)cameras_map_raw(large)[i],
                                enlarged(cameras_map_raw(base), 70, 50, i / 70, i % 70), 1e-7);
    cameras_map_free(large);
    cameras_map_free(base);
    scene_close(&made);
}
END_TEST

START_TEST(source_is_recorded_and_shows_where_the_picture_is_larger)
{
    static const size_t sides[] = {32, 64};
    scene made;
    float apart = 0.0f;
    scene_open(&made, NETWORK_RECTIFIED, SIDE, SIDE);
    scene_set_scales(&made, sides, 2);
    expect_ok(cameras_options_add_class(made.options, 3));
    set_picture(&made, 64, 64);
    cameras_map *base = scene_explain(&made);
    expect_ok(cameras_options_set_source(made.options, CAMERAS_SOURCE_ORIGINAL));
    cameras_map *original = scene_explain(&made);
    ck_assert_int_eq(cameras_map_source(base), CAMERAS_SOURCE_BASE);
    ck_assert_int_eq(cameras_map_source(original), CAMERAS_SOURCE_ORIGINAL);
    for (size_t i = 0; i < SIDE * SIDE; i++)
        apart = fmaxf(apart, fabsf(cameras_map_values(base)[i] - cameras_map_values(original)[i]));
    ck_assert_float_gt(apart, 0.01f);
    cameras_map_free(original);
    cameras_map_free(base);
    scene_close(&made);
}
END_TEST

START_TEST(source_does_not_show_where_the_picture_is_the_base)
{
    static const size_t sides[] = {32, 64};
    scene made;
    scene_open(&made, NETWORK_RECTIFIED, SIDE, SIDE);
    scene_set_scales(&made, sides, 2);
    expect_ok(cameras_options_add_class(made.options, 3));
    cameras_map *base = scene_explain(&made);
    expect_ok(cameras_options_set_source(made.options, CAMERAS_SOURCE_ORIGINAL));
    cameras_map *original = scene_explain(&made);
    for (size_t i = 0; i < SIDE * SIDE; i++)
        ck_assert_float_eq_tol(cameras_map_values(base)[i], cameras_map_values(original)[i], 1e-3f);
    cameras_map_free(original);
    cameras_map_free(base);
    scene_close(&made);
}
END_TEST

START_TEST(grey_networks_take_colour_and_colour_networks_take_grey)
{
    static const size_t side = SIDE;
    static const uint8_t rows[4] = {0, 255, 90, 30};
    scene made;
    scene_open(&made, NETWORK_GREY, SIDE, SIDE);
    scene_set_scales(&made, &side, 1);
    cameras_map_free(scene_explain(&made));
    scene_close(&made);
    scene_open(&made, NETWORK_PLAIN, SIDE, SIDE);
    scene_set_scales(&made, &side, 1);
    cameras_image_free(made.image);
    expect_ok(cameras_image_new(&made.image, rows, 2, 2, 0, CAMERAS_GRAY8));
    cameras_map_free(scene_explain(&made));
    scene_close(&made);
}
END_TEST

/* ---- files ------------------------------------------------------------------------------------------------------ */

static cameras_map *small_map(void)
{
    static const size_t sides[] = {24, 40};
    scene made;
    scene_open(&made, NETWORK_RECTIFIED, 36, 24);
    scene_set_scales(&made, sides, 2);
    cameras_map *map = scene_explain(&made);
    scene_close(&made);
    return map;
}

START_TEST(written_npy_holds_the_values)
{
    char header[129] = "";
    float values[36 * 24];
    cameras_map *map = small_map();
    const char *path = networks_path("map.npy");
    expect_ok(cameras_map_write(map, path));
    FILE *stream = fopen(path, "rb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fread(header, 1, 10, stream), 10);
    ck_assert_mem_eq(header, "\x93NUMPY\x01\x00", 8);
    const size_t length = (uint8_t)header[8] + 256u * (uint8_t)header[9];
    ck_assert_uint_eq((10 + length) % 64, 0);
    ck_assert_uint_lt(length, sizeof header);
    ck_assert_uint_eq(fread(header, 1, length, stream), length);
    header[length] = '\0';
    ck_assert_ptr_nonnull(strstr(header, "'descr': '<f4'"));
    ck_assert_ptr_nonnull(strstr(header, "'fortran_order': False"));
    ck_assert_ptr_nonnull(strstr(header, "'shape': (24, 36)"));
    ck_assert_int_eq(header[length - 1], '\n');
    ck_assert_uint_eq(fread(values, sizeof *values, 36 * 24, stream), 36 * 24);
    ck_assert_int_eq(fgetc(stream), EOF);
    fclose(stream);
    ck_assert_mem_eq(values, cameras_map_values(map), sizeof values);
    cameras_map_free(map);
}
END_TEST

/* The 16-bit grey samples of a PNG file of 36 x 24. */
static void read_grey16(uint8_t samples[24][72], const char *path)
{
    FILE *stream = fopen(path, "rb");
    png_struct *png = png_create_read_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_info *info = png_create_info_struct(png);
    ck_assert_ptr_nonnull(stream);
    png_init_io(png, stream);
    png_read_info(png, info);
    ck_assert_uint_eq(png_get_image_width(png, info), 36);
    ck_assert_uint_eq(png_get_image_height(png, info), 24);
    ck_assert_int_eq(png_get_bit_depth(png, info), 16);
    ck_assert_int_eq(png_get_color_type(png, info), PNG_COLOR_TYPE_GRAY);
    for (size_t y = 0; y < 24; y++)
        png_read_row(png, samples[y], NULL);
    png_destroy_read_struct(&png, &info, NULL);
    fclose(stream);
}

START_TEST(written_png_holds_the_values_in_sixteen_bits)
{
    uint8_t samples[24][72];
    cameras_map *map = small_map();
    const char *path = networks_path("map.png");
    expect_ok(cameras_map_write(map, path));
    read_grey16(samples, path);
    for (size_t i = 0; i < 36 * 24; i++) {
        const uint8_t *sample = &samples[i / 36][2 * (i % 36)];
        const double expected = 65535.0 * (double)cameras_map_values(map)[i];
        ck_assert_double_eq_tol(256.0 * sample[0] + sample[1], expected, 0.51);
    }
    cameras_map_free(map);
}
END_TEST

START_TEST(map_is_not_written_under_other_endings_or_in_missing_folders)
{
    cameras_map *map = small_map();
    expect_failure(cameras_map_write(map, networks_path("map.tiff")), CAMERAS_EINVAL, ".npy or .png");
    expect_failure(cameras_map_write(map, networks_path("none/map.npy")), CAMERAS_EIO, "none/map.npy");
    cameras_map_free(map);
}
END_TEST

static TCase *progress_cases(void)
{
    TCase *cases = tcase_create("progress");
    tcase_add_test(cases, progress_rises_to_one);
    tcase_add_test(cases, progress_reaches_one_whatever_the_gate_drops);
    tcase_add_test(cases, call_ends_where_progress_says_so_and_the_model_stays_usable);
    return cases;
}

static TCase *refusal_cases(void)
{
    TCase *cases = tcase_create("refusals");
    tcase_add_loop_test(cases, network_that_cannot_be_explained_is_refused_and_says_why, 0,
                        sizeof unexplained / sizeof *unexplained);
    tcase_add_loop_test(cases, layer_that_cannot_be_explained_is_refused_by_name, 0,
                        sizeof unusable_layers / sizeof *unusable_layers);
    tcase_add_test(cases, class_that_the_network_has_not_is_refused);
    tcase_add_test(cases, network_of_one_input_size_is_refused_at_others_naming_the_sizes);
    tcase_add_test(cases, network_that_refuses_the_base_size_is_refused_naming_it);
    tcase_add_test(cases, sizes_beyond_the_limit_are_refused_before_the_network_runs);
    tcase_add_test(cases, count_of_maps_must_be_that_of_the_options);
    tcase_add_test(cases, one_bad_class_among_several_leaves_no_map);
    tcase_add_test(cases, earlier_maps_go_when_a_later_one_fails);
    tcase_add_test(cases, flat_map_is_kept_as_zeros_where_asked);
    tcase_add_test(cases, map_with_contrast_is_not_called_flat);
    return cases;
}

static TCase *size_cases(void)
{
    TCase *cases = tcase_create("sizes");
    tcase_add_test(cases, base_side_keeps_the_pictures_shape);
    tcase_add_test(cases, map_of_the_pictures_size_is_the_base_map_enlarged);
    tcase_add_test(cases, source_is_recorded_and_shows_where_the_picture_is_larger);
    tcase_add_test(cases, source_does_not_show_where_the_picture_is_the_base);
    tcase_add_test(cases, grey_networks_take_colour_and_colour_networks_take_grey);
    return cases;
}

static TCase *file_cases(void)
{
    TCase *cases = tcase_create("files");
    tcase_add_test(cases, written_npy_holds_the_values);
    tcase_add_test(cases, written_png_holds_the_values_in_sixteen_bits);
    tcase_add_test(cases, map_is_not_written_under_other_endings_or_in_missing_folders);
    return cases;
}

static Suite *calls_suite(void)
{
    Suite *suite = suite_create("explain calls");
    TCase *all[] = {progress_cases(), refusal_cases(), size_cases(), file_cases()};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        tcase_set_timeout(all[i], 120);
        suite_add_tcase(suite, all[i]);
    }
    return suite;
}

int main(void)
{
    networks_open();
    SRunner *runner = srunner_create(calls_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    networks_close();
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
