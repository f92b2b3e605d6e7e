/*
 * means.c - the mean of the maps that the scales make each by itself
 *
 * SPDX-License-Identifier: MIT
 */
#include "means.h"

#include "error.h"
#include "method.h"
#include "resize.h"

#include <stdlib.h>

static const char doing[] = "average the maps of the scales";

static float *sum_of(const cam_means *means, size_t layer, size_t class_place)
{
    return means->sums + (layer * means->class_count + class_place) * cam_size_pixels(means->size);
}

cameras_status cam_means_make(cam_means *means, cameras_method method, size_t layer_count, size_t class_count,
                              cam_size size, size_t threads)
{
    *means = (cam_means){method, size, layer_count, class_count, threads, NULL};
    const size_t maps = layer_count * class_count;
    means->sums = calloc(maps, cam_size_pixels(size) * sizeof *means->sums);
    if (means->sums)
        return CAMERAS_OK;
    cam_means_free(means);
    return cam_fail_memory(doing, maps * cam_size_pixels(size) * sizeof *means->sums);
}

void cam_means_free(cam_means *means)
{
    free(means->sums);
    *means = (cam_means){0};
}

cameras_status cam_means_add(cam_means *means, size_t layer, size_t class_place, shim_array activation,
                             shim_array gradient)
{
    const cam_size size = means->size, own_size = {activation.width, activation.height};
    float *own = malloc(cam_size_pixels(own_size) * sizeof *own);
    float *resized = malloc(cam_size_pixels(size) * sizeof *resized);
    cameras_status status = CAMERAS_OK;
    if (!own || !resized)
        status = cam_fail_memory(doing, (cam_size_pixels(own_size) + cam_size_pixels(size)) * sizeof *own);
    if (status == CAMERAS_OK)
        status = cam_method_map(own, means->method, activation, gradient, means->threads);
    if (status == CAMERAS_OK)
        status = cam_resize_plane(resized, size.width, size.height, own, own_size.width, own_size.height, CAM_BILINEAR);
    float *sum = sum_of(means, layer, class_place);
    for (size_t i = 0; status == CAMERAS_OK && i < cam_size_pixels(size); i++)
        sum[i] += resized[i];
    free(resized);
    free(own);
    return status;
}

void cam_means_read(float *out, const cam_means *means, size_t layer, size_t class_place, size_t scales)
{
    const float *sum = sum_of(means, layer, class_place);
    for (size_t i = 0; i < cam_size_pixels(means->size); i++)
        out[i] = sum[i] / (float)scales;
}

/* A map at the layer's size, the same at the map's, and in between half of either. */
static size_t adding_bytes(cam_size own, cam_size map)
{
    const size_t across = map.width * own.height, down = own.width * map.height;
    return (cam_size_pixels(own) + cam_size_pixels(map) + (across < down ? across : down)) * sizeof(float);
}

size_t cam_means_bytes(size_t channels, const cam_size *sizes, size_t scale_count, cam_size map, size_t class_count)
{
    size_t adding = 0;
    for (size_t t = 0; t < scale_count; t++) {
        const size_t bytes = adding_bytes(sizes[t], map);
        adding = bytes > adding ? bytes : adding;
    }
    return class_count * cam_size_pixels(map) * sizeof(float) + adding + channels * sizeof(float);
}
