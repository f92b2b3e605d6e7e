/*
 * check_golden.c - a real network's maps against those of the authors' released code
 *
 * SPDX-License-Identifier: MIT
 *
 * Needs the optional data in ../shared, or in the folder that CAMERAS_TEST_DATA names; skipped where it is absent.
 */
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum {
    GOLDEN_SIDE = 224,
    GOLDEN_HEADER = 128
};

static const char *data_folder(void)
{
    const char *named = getenv("CAMERAS_TEST_DATA");
    return named ? named : "../shared";
}

/* A file of the optional data, or NULL where it is not there. Borrowed until the next call. */
static const char *data_file(const char *name)
{
    static char path[1024];
    snprintf(path, sizeof path, "%s/%s", data_folder(), name);
    return access(path, R_OK) == 0 ? path : NULL;
}

/* The floats at the end of a .npy file. */
static void read_golden(float *values, const char *name)
{
    FILE *stream = fopen(data_file(name), "rb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_int_eq(fseek(stream, -(long)(GOLDEN_SIDE * GOLDEN_SIDE * sizeof(float)), SEEK_END), 0);
    ck_assert_uint_eq(fread(values, sizeof(float), GOLDEN_SIDE * GOLDEN_SIDE, stream), GOLDEN_SIDE * GOLDEN_SIDE);
    fclose(stream);
}

static void expect_golden(const cameras_map *map, const char *name)
{
    static float golden[GOLDEN_SIDE * GOLDEN_SIDE];
    float apart = 0.0f;
    read_golden(golden, name);
    ck_assert_uint_eq(cameras_map_width(map), GOLDEN_SIDE);
    ck_assert_uint_eq(cameras_map_height(map), GOLDEN_SIDE);
    for (size_t i = 0; i < GOLDEN_SIDE * GOLDEN_SIDE; i++)
        apart = fmaxf(apart, fabsf(cameras_map_values(map)[i] - golden[i]));
    ck_assert_msg(apart <= 1e-3f, "%s: %g apart at most", name, (double)apart);
}

/* Network and picture of the optional data; 0, with a notice, where they are absent. */
static int golden_open(scene *made)
{
    *made = (scene){0};
    if (!data_file("models/resnet50.pt")) {
        fprintf(stderr, "SKIPPED: %s/models/resnet50.pt is not there\n", data_folder());
        return 0;
    }
    expect_ok(cameras_model_open(&made->model, data_file("models/resnet50.pt")));
    expect_ok(cameras_image_read(&made->image, data_file("images/cat_dog.png"), NULL));
    expect_ok(cameras_options_new(&made->options));
    expect_ok(cameras_options_add_layer(made->options, "layer4"));
    return 1;
}

START_TEST(golden_maps_of_the_released_code_are_met_to_a_thousandth)
{
    scene made;
    if (!golden_open(&made))
        return;
    expect_ok(cameras_options_add_class(made.options, 243));
    cameras_map *map = scene_explain(&made);
    for (size_t t = 0; t < 8; t++)
        ck_assert_int_eq(cameras_map_scale_used(map, t), 1);
    expect_golden(map, "golden/cat_dog.resnet50.layer4.243.npy");
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

START_TEST(golden_map_of_the_gated_scales_is_met_to_a_thousandth)
{
    static const size_t dropped[] = {163, 163, 163, 163, 811};
    scene made;
    if (!golden_open(&made))
        return;
    cameras_map *map = scene_explain(&made);
    for (size_t t = 0; t < 8; t++) {
        ck_assert_int_eq(cameras_map_scale_used(map, t), t < 3);
        ck_assert_uint_eq(cameras_map_scale_top1(map, t), t < 3 ? cameras_map_class(map) : dropped[t - 3]);
    }
    expect_golden(map, "golden/cat_dog.resnet50.layer4.top1.npy");
    cameras_map_free(map);
    scene_close(&made);
}
END_TEST

static Suite *golden_suite(void)
{
    Suite *suite = suite_create("golden");
    TCase *cases = tcase_create("golden");
    tcase_set_timeout(cases, 0); /* sixteen passes of a ResNet-50 take as long as they take */
    tcase_add_test(cases, golden_maps_of_the_released_code_are_met_to_a_thousandth);
    tcase_add_test(cases, golden_map_of_the_gated_scales_is_met_to_a_thousandth);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(golden_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
