/*
 * scene.c - a network, a picture and options, ready to explain; and what is expected of any call
 *
 * SPDX-License-Identifier: MIT
 */
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void expect_ok(cameras_status status)
{
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
}

void expect_failure(cameras_status status, cameras_status expected, const char *part)
{
    const char *message = cameras_last_error();
    ck_assert_msg(status == expected, "status %d in place of %d: %s", (int)status, (int)expected, message);
    ck_assert_msg(strstr(message, part) != NULL, "\"%s\" does not say \"%s\"", message, part);
    ck_assert_ptr_null(strchr(message, '\n'));
    ck_assert_msg(message[0] && message[strlen(message) - 1] != '.', "\"%s\"", message);
}

cameras_model *open_network(network which)
{
    cameras_model *model = NULL;
    expect_ok(cameras_model_open(&model, network_file(which)));
    ck_assert_ptr_nonnull(model);
    return model;
}

cameras_image *wavy_picture(size_t width, size_t height)
{
    cameras_image *image = NULL;
    uint8_t *pixels = malloc(3 * width * height);
    uint32_t state = 7;
    ck_assert_ptr_nonnull(pixels);
    for (size_t i = 0; i < 3 * width * height; i++) {
        state = state * 1664525u + 1013904223u;
        const double x = (double)(i / 3 % width), y = (double)(i / 3 / width), c = (double)(i % 3);
        const double wave = sin(0.31 * x + c) * cos(0.23 * y - c);
        pixels[i] = (uint8_t)(128.0 + 80.0 * wave + (double)(state >> 24) / 6.0);
    }
    expect_ok(cameras_image_new(&image, pixels, width, height, 0, CAMERAS_RGB8));
    free(pixels);
    return image;
}

void scene_open(scene *made, network which, size_t width, size_t height)
{
    *made = (scene){.width = width, .height = height};
    made->model = open_network(which);
    made->image = wavy_picture(width, height);
    expect_ok(cameras_model_set_base_size(made->model, width, height));
    expect_ok(cameras_options_new(&made->options));
    expect_ok(cameras_options_set_threads(made->options, 2));
}

void scene_close(scene *made)
{
    cameras_options_free(made->options);
    cameras_image_free(made->image);
    cameras_model_close(made->model);
    *made = (scene){0};
}

void scene_set_scales(scene *made, const size_t *sides, size_t count)
{
    expect_ok(cameras_options_set_scales(made->options, sides, count));
}

cameras_map *scene_explain(scene *made)
{
    cameras_map *map = NULL;
    expect_ok(cameras_explain(&map, made->model, made->image, made->options));
    ck_assert_ptr_nonnull(map);
    return map;
}

void expect_equal_maps(const cameras_map *found, const cameras_map *expected)
{
    const size_t bytes = cameras_map_width(expected) * cameras_map_height(expected) * sizeof(float);
    ck_assert_uint_eq(cameras_map_width(found), cameras_map_width(expected));
    ck_assert_uint_eq(cameras_map_height(found), cameras_map_height(expected));
    ck_assert_int_eq(memcmp(cameras_map_raw(found), cameras_map_raw(expected), bytes), 0);
    ck_assert_int_eq(memcmp(cameras_map_values(found), cameras_map_values(expected), bytes), 0);
}
