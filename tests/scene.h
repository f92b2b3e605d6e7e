/*
 * scene.h - a network, a picture and options, ready to explain; and what is expected of any call
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCENE_H
#define SCENE_H

#include "cameras.h"
#include "networks.h"

/* Shows the library's message where a call failed. */
void expect_ok(cameras_status status);

/* A failure whose message says part, in one line of one sentence without a full stop. */
void expect_failure(cameras_status status, cameras_status expected, const char *part);

cameras_model *open_network(network which);

/* A picture of noise over slow waves, the same at every call. The caller frees it. */
cameras_image *wavy_picture(size_t width, size_t height);

typedef struct scene {
    cameras_model *model;
    cameras_image *image;
    cameras_options *options;
    size_t width, height; /* of the base image and of the picture */
} scene;

/* A network with a base image of width x height, a picture of that very size, and options for two threads. */
void scene_open(scene *made, network which, size_t width, size_t height);
void scene_close(scene *made);

void scene_set_scales(scene *made, const size_t *sides, size_t count);

/* The only map that the options ask for; the caller frees it. */
cameras_map *scene_explain(scene *made);

/* Both maps have the same sizes, and the same values and raw values bit for bit. */
void expect_equal_maps(const cameras_map *found, const cameras_map *expected);

#endif
