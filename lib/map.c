/*
 * map.c - a saliency map: stretching, and reading its record
 *
 * SPDX-License-Identifier: MIT
 */
#include "map.h"

#include "error.h"
#include "file.h"
#include "npy.h"
#include "png.h"
#include "resize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- making ----------------------------------------------------------------------------------------------------- */

cameras_status cam_map_new(cameras_map **out, cam_size size, const char *layer, size_t scale_count)
{
    *out = NULL;
    const size_t pixels = size.width * size.height;
    cameras_map *map = calloc(1, sizeof *map);
    if (map) {
        map->size = size;
        map->raw = calloc(pixels, sizeof *map->raw);
        map->values = calloc(pixels, sizeof *map->values);
        map->layer = strdup(layer);
        map->scales = calloc(scale_count ? scale_count : 1, sizeof *map->scales);
        map->scale_count = scale_count;
    }
    if (!map || !map->raw || !map->values || !map->layer || !map->scales) {
        cameras_map_free(map);
        return cam_fail_memory("make a map", 2 * pixels * sizeof(float));
    }
    *out = map;
    return CAMERAS_OK;
}

void cameras_map_free(cameras_map *map)
{
    if (!map)
        return;
    free(map->scales);
    free(map->layer);
    free(map->values);
    free(map->raw);
    free(map);
}

cameras_status cam_map_resize(cameras_map *map, cam_size size)
{
    const size_t pixels = size.width * size.height;
    float *raw = malloc(pixels * sizeof *raw);
    float *values = calloc(pixels, sizeof *values);
    cameras_status status = CAMERAS_OK;
    if (!raw || !values)
        status = cam_fail_memory("resize a map", 2 * pixels * sizeof *raw);
    else
        status = cam_resize_plane(raw, size.width, size.height, map->raw, map->size.width, map->size.height,
                                  cam_filter_for(size, map->size, CAM_BILINEAR));
    if (status != CAMERAS_OK) {
        free(values);
        free(raw);
        return status;
    }
    free(map->raw);
    free(map->values);
    map->raw = raw;
    map->values = values;
    map->size = size;
    return CAMERAS_OK;
}

cameras_status cam_map_values_at(float **out, const cameras_map *map, cam_size size, const char *doing)
{
    *out = malloc(cam_size_pixels(size) * sizeof **out);
    if (!*out)
        return cam_fail_memory(doing, cam_size_pixels(size) * sizeof **out);
    const cameras_status status = cam_resize_plane(*out, size.width, size.height, map->values, map->size.width,
                                                   map->size.height, cam_filter_for(size, map->size, CAM_BILINEAR));
    if (status != CAMERAS_OK) {
        free(*out);
        *out = NULL;
    }
    return status;
}

cameras_status cam_map_rectify(cameras_map *map)
{
    for (size_t i = 0; i < map->size.width * map->size.height; i++) {
        if (!isfinite(map->raw[i]))
            return cam_fail(CAMERAS_ENUMERIC, "explain class %zu at layer %s: the map has a value that is not finite",
                            map->class_index, map->layer);
        map->raw[i] = fmaxf(map->raw[i], 0.0f);
    }
    return CAMERAS_OK;
}

/* Differences within float rounding are no contrast: stretched, they would be noise that looks like a map. */
static int has_contrast(float least, float most)
{
    return most - least > 1e-6f * most;
}

static void find_range(float *least, float *most, const cameras_map *map)
{
    *least = INFINITY;
    *most = 0.0f;
    for (size_t i = 0; i < map->size.width * map->size.height; i++) {
        *least = fminf(*least, map->raw[i]);
        *most = fmaxf(*most, map->raw[i]);
    }
}

cameras_status cam_map_stretch(cameras_map *map, int keep_flat)
{
    float least, most;
    find_range(&least, &most, map);
    map->flat = !has_contrast(least, most);
    if (map->flat && !keep_flat)
        return cam_fail(CAMERAS_EFLAT, "explain class %zu at layer %s: the map is flat, %s; try another class or layer",
                        map->class_index, map->layer,
                        most > 0.0f ? "the same everywhere" : "nothing in the picture speaks for the class");
    for (size_t i = 0; i < map->size.width * map->size.height && !map->flat; i++)
        map->values[i] = (map->raw[i] - least) / (most - least);
    return CAMERAS_OK;
}

void cam_map_take_raw(cameras_map *map)
{
    float least, most;
    find_range(&least, &most, map);
    map->flat = !has_contrast(least, most);
    memcpy(map->values, map->raw, map->size.width * map->size.height * sizeof *map->values);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

size_t cameras_map_width(const cameras_map *map)
{
    return map ? map->size.width : 0;
}

size_t cameras_map_height(const cameras_map *map)
{
    return map ? map->size.height : 0;
}

const float *cameras_map_values(const cameras_map *map)
{
    return map ? map->values : NULL;
}

const float *cameras_map_raw(const cameras_map *map)
{
    return map ? map->raw : NULL;
}

int cameras_map_is_flat(const cameras_map *map)
{
    return map ? map->flat : 0;
}

size_t cameras_map_class(const cameras_map *map)
{
    return map ? map->class_index : 0;
}

float cameras_map_logit(const cameras_map *map)
{
    return map ? map->logit : 0.0f;
}

float cameras_map_probability(const cameras_map *map)
{
    return map ? map->probability : 0.0f;
}

const char *cameras_map_layer(const cameras_map *map)
{
    return map ? map->layer : NULL;
}

cameras_method cameras_map_method(const cameras_map *map)
{
    return map ? map->method : CAMERAS_METHOD_CAMERAS;
}

cameras_source cameras_map_source(const cameras_map *map)
{
    return map ? map->source : CAMERAS_SOURCE_BASE;
}

cameras_precision cameras_map_precision(const cameras_map *map)
{
    return map ? map->precision : CAMERAS_PRECISION_FP32;
}

size_t cameras_map_scale_count(const cameras_map *map)
{
    return map ? map->scale_count : 0;
}

/* The record of a scale, or one of zeros where there is none. */
static const cam_scale_record *scale(const cameras_map *map, size_t index)
{
    static const cam_scale_record none = {0};
    return index < cameras_map_scale_count(map) ? &map->scales[index] : &none;
}

size_t cameras_map_scale_width(const cameras_map *map, size_t index)
{
    return scale(map, index)->size.width;
}

size_t cameras_map_scale_height(const cameras_map *map, size_t index)
{
    return scale(map, index)->size.height;
}

size_t cameras_map_scale_top1(const cameras_map *map, size_t index)
{
    return scale(map, index)->top1;
}

float cameras_map_scale_top1_probability(const cameras_map *map, size_t index)
{
    return scale(map, index)->top1_probability;
}

float cameras_map_scale_probability(const cameras_map *map, size_t index)
{
    return scale(map, index)->probability;
}

int cameras_map_scale_used(const cameras_map *map, size_t index)
{
    return scale(map, index)->used;
}

const char *cameras_map_scale_reason(const cameras_map *map, size_t index)
{
    return index < cameras_map_scale_count(map) ? map->scales[index].reason : NULL;
}

double cameras_map_seconds(const cameras_map *map, cameras_stage stage)
{
    return map && (int)stage >= 0 && (int)stage < CAM_STAGES ? map->seconds[stage] : 0.0;
}

/* ---- writing ---------------------------------------------------------------------------------------------------- */

typedef cameras_status (*writer)(cam_output *output, const cameras_map *map);

static cameras_status write_npy(cam_output *output, const cameras_map *map)
{
    return cam_npy_write(output, map->values, map->size.height, map->size.width);
}

static cameras_status write_png(cam_output *output, const cameras_map *map)
{
    const size_t pixels = map->size.width * map->size.height;
    uint16_t *grey = malloc(pixels * sizeof *grey);
    if (!grey)
        return cam_fail_memory("write map", pixels * sizeof *grey);
    for (size_t i = 0; i < pixels; i++)
        grey[i] = (uint16_t)lrintf(map->values[i] * 65535.0f);
    const cameras_status status = cam_png_write_gray16(output, grey, map->size.width, map->size.height);
    free(grey);
    return status;
}

static writer writer_for(const char *path)
{
    const char *ending = strrchr(path, '.');
    if (ending && strcasecmp(ending, ".npy") == 0)
        return write_npy;
    if (ending && strcasecmp(ending, ".png") == 0)
        return write_png;
    return NULL;
}

cameras_status cameras_map_write(const cameras_map *map, const char *path)
{
    if (!map || !path)
        return cam_fail(CAMERAS_EINVAL, "write map: map and path are needed");
    const writer write = writer_for(path);
    if (!write)
        return cam_fail(CAMERAS_EINVAL, "write map %s: the name must end in .npy or .png", path);
    cam_output output;
    cameras_status status = cam_output_open(&output, path, "write map");
    if (status != CAMERAS_OK)
        return status;
    status = write(&output, map);
    if (status == CAMERAS_OK)
        return cam_output_commit(&output);
    cam_output_abandon(&output);
    return status;
}
