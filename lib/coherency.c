/*
 * coherency.c - the coherency of ADCC (Poppi, Cornia, Baraldi, Cucchiara; CVPR Workshops 2021, section 3.2)
 *
 * SPDX-License-Identifier: MIT
 */
#include "coherency.h"

#include "error.h"
#include "image.h"
#include "map.h"
#include "options.h"

#include <math.h>
#include <stdlib.h>

double cam_pearson(const float *a, const float *b, size_t count)
{
    double mean_a = 0.0, mean_b = 0.0, both = 0.0, square_a = 0.0, square_b = 0.0;
    for (size_t i = 0; i < count; i++) {
        mean_a += (double)a[i] / (double)count;
        mean_b += (double)b[i] / (double)count;
    }
    for (size_t i = 0; i < count; i++) {
        const double from_a = (double)a[i] - mean_a, from_b = (double)b[i] - mean_b;
        both += from_a * from_b;
        square_a += from_a * from_a;
        square_b += from_b * from_b;
    }
    /* What rounding leaves of a constant is no variance. */
    const double least = 1e-12 * (double)count;
    return square_a > least && square_b > least ? both / sqrt(square_a * square_b) : NAN;
}

/* ---- the masked picture ----------------------------------------------------------------------------------------- */

/* A normalised input as the picture that it would come from: its channels in the picture's order, and no clipping. */
static cameras_status picture_of(cameras_image **out, const float *input, const cam_trial *trial)
{
    const cam_preprocessing *how = &trial->model->preprocessing;
    const cam_size size = trial->base.size;
    const size_t pixels = size.width * size.height, channels = trial->base.channels;
    const cameras_status status = cam_image_new_planes(out, size.width, size.height, channels, "score map");
    for (size_t c = 0; c < channels && status == CAMERAS_OK; c++) {
        float *plane = (*out)->planes + (how->order == CAMERAS_ORDER_BGR ? channels - 1 - c : c) * pixels;
        for (size_t i = 0; i < pixels; i++)
            plane[i] = input[c * pixels + i] * how->std[c] + how->mean[c];
    }
    return status;
}

static cameras_status masked_picture(cameras_image **out, const cam_trial *trial)
{
    const size_t bytes = trial->base.channels * cam_trial_pixels(trial) * sizeof(float);
    float *input = malloc(bytes);
    *out = NULL;
    if (!input)
        return cam_fail_memory("score map", bytes);
    cam_trial_mask(input, trial, 0);
    const cameras_status status = picture_of(out, input, trial);
    free(input);
    return status;
}

/* ---- explaining again ------------------------------------------------------------------------------------------- */

static int pass_progress_on(double done, void *user)
{
    const cameras_options *asked = user;
    return asked->progress(0.5 + 0.5 * done, asked->progress_user);
}

/* The network rests meanwhile; the base image, the masked one, its picture, the map and the ranks are there. */
static size_t memory_left(const cam_trial *trial)
{
    const size_t limit = trial->options->memory_limit, channels = trial->base.channels;
    const size_t held = 3 * channels + 8;
    return limit ? limit - held * cam_trial_pixels(trial) * sizeof(float) : 0;
}

/* A map made by this library knows its method and layer; one from a file is taken for what the options would make. */
static void explain_as_before(cameras_options *again, const cam_trial *trial, char **layer, size_t *class_index)
{
    const int ours = trial->map->class_index != SIZE_MAX;
    *again = *trial->options;
    *class_index = trial->network.class_index;
    again->classes = class_index;
    again->class_count = 1;
    again->source = CAMERAS_SOURCE_BASE;
    again->map_size = CAMERAS_MAP_SIZE_BASE;
    again->keep_flat = 1;
    again->memory_limit = memory_left(trial);
    if (ours)
        again->method = trial->map->method;
    *layer = trial->map->layer;
    if (ours || again->layer_count > 1) {
        again->layers = ours ? layer : again->layers;
        again->layer_count = 1;
    }
    if (again->progress) {
        again->progress = pass_progress_on;
        again->progress_user = (void *)trial->options;
    }
}

static cameras_status explain_masked(cameras_map **out, cam_trial *trial)
{
    cameras_options again;
    cameras_image *picture = NULL;
    char *layer = NULL;
    size_t class_index = 0;
    *out = NULL;
    cameras_status status = masked_picture(&picture, trial);
    if (status == CAMERAS_OK) {
        cam_predictor_rest(&trial->network);
        explain_as_before(&again, trial, &layer, &class_index);
        status = cameras_explain(out, trial->model, picture, &again);
        if (status == CAMERAS_ELIMIT)
            status = cam_fail(status, "score map: explain the masked image with what a memory limit of %zu leaves: %s",
                              trial->options->memory_limit, cameras_last_error());
    }
    cameras_image_free(picture);
    return status;
}

/* The gate dropped every scale; or the map was made elsewhere, of a network without a layer that we could explain. */
static int cannot_be_told(cameras_status status, const cam_trial *trial)
{
    const int elsewhere = trial->map->class_index == SIZE_MAX && !trial->options->layer_count;
    return status == CAMERAS_ESCALE || (status == CAMERAS_ELAYER && elsewhere);
}

cameras_status cam_coherency(double *out, cam_trial *trial)
{
    cameras_map *map = NULL;
    *out = NAN;
    const cameras_status status = explain_masked(&map, trial);
    if (status == CAMERAS_OK)
        *out = (cam_pearson(trial->values, map->values, cam_trial_pixels(trial)) + 1.0) / 2.0;
    cameras_map_free(map);
    return cannot_be_told(status, trial) ? CAMERAS_OK : status;
}
