/*
 * planes.c - the planes that a pass gave of a layer
 *
 * SPDX-License-Identifier: MIT
 *
 * A pass gives one channel's plane after the other; laying channels side by side here, once, is what lets every later
 * step run along memory (lanes.h). Work is shared out by groups of channels, each written by one thread in one order.
 */
#include "planes.h"

#include "error.h"
#include "lanes.h"
#include "threads.h"

#include <stdlib.h>
#include <string.h>

static const char doing[] = "keep a layer's planes";

static cameras_status planes_new(cam_planes *out, size_t channels, size_t height, size_t width)
{
    float *data = cam_lanes_new(cam_lanes_groups(channels) * height * width);
    if (!data)
        return cam_fail_memory(doing, cam_planes_bytes(channels, height, width));
    *out = (cam_planes){data, channels, height, width};
    return CAMERAS_OK;
}

void cam_planes_free(cam_planes *planes)
{
    free(planes->data);
    *planes = (cam_planes){0};
}

size_t cam_planes_bytes(size_t channels, size_t height, size_t width)
{
    return cam_lanes_groups(channels) * CAM_LANES * height * width * sizeof(float);
}

/* How many channels group has: the last may be short. */
static size_t group_lanes(size_t channels, size_t group)
{
    const size_t left = channels - group * CAM_LANES;
    return left < CAM_LANES ? left : CAM_LANES;
}

/* ---- copies ----------------------------------------------------------------------------------------------------- */

static void copy_full_group(float *restrict out, const float *restrict planes, size_t pixels)
{
    for (size_t i = 0; i < pixels; i++)
        for (size_t lane = 0; lane < CAM_LANES; lane++)
            out[i * CAM_LANES + lane] = planes[lane * pixels + i];
}

static void copy_short_group(float *restrict out, const float *restrict planes, size_t pixels, size_t lanes)
{
    for (size_t i = 0; i < pixels; i++)
        for (size_t lane = 0; lane < CAM_LANES; lane++)
            out[i * CAM_LANES + lane] = lane < lanes ? planes[lane * pixels + i] : 0.0f;
}

cameras_status cam_planes_copy(cam_planes *out, shim_array from, size_t threads)
{
    *out = (cam_planes){0};
    const cameras_status status = planes_new(out, from.channels, from.height, from.width);
    if (status != CAMERAS_OK)
        return status;
    const size_t pixels = from.height * from.width, group_size = pixels * CAM_LANES;
#pragma omp parallel for num_threads((int)threads)
    for (size_t group = 0; group < cam_lanes_groups(from.channels); group++) {
        const size_t lanes = group_lanes(from.channels, group);
        if (lanes == CAM_LANES)
            copy_full_group(out->data + group * group_size, from.data + group * group_size, pixels);
        else
            copy_short_group(out->data + group * group_size, from.data + group * group_size, pixels, lanes);
    }
    return CAMERAS_OK;
}

/* ---- constant planes -------------------------------------------------------------------------------------------- */

/* No way out of the loop before its end: so it is taken several pixels at once. */
static int is_constant(const float *plane, size_t pixels)
{
    int different = 0;
#pragma omp simd reduction(| : different)
    for (size_t i = 1; i < pixels; i++)
        different |= plane[i] != plane[0];
    return !different;
}

int cam_planes_constant(shim_array from, size_t threads)
{
    const size_t pixels = from.height * from.width;
    if (!is_constant(from.data, pixels)) /* most often so, where they are not all constant */
        return 0;
    int constant = 1;
#pragma omp parallel for num_threads((int)threads) reduction(&& : constant)
    for (size_t k = 1; k < from.channels; k++)
        constant = constant && is_constant(from.data + k * pixels, pixels);
    return constant;
}

cameras_status cam_planes_copy_constant(cam_planes *out, shim_array from)
{
    *out = (cam_planes){0};
    const cameras_status status = planes_new(out, from.channels, 1, 1);
    for (size_t k = 0; status == CAMERAS_OK && k < cam_lanes_groups(from.channels) * CAM_LANES; k++)
        out->data[k] = k < from.channels ? from.data[k * from.height * from.width] : 0.0f;
    return status;
}

/* ---- sums ------------------------------------------------------------------------------------------------------- */

/* Row y of a group's planes resized down, its channels laid side by side. */
static void lay_row(float *columns, const cam_taps *down, size_t y, shim_array from, size_t group)
{
    const float *weights = down->weights + y * down->width;
    const size_t lanes = group_lanes(from.channels, group);
    if (lanes < CAM_LANES)
        memset(columns, 0, from.width * CAM_LANES * sizeof *columns);
    for (size_t lane = 0; lane < lanes; lane++) {
        const float *row = from.data + ((group * CAM_LANES + lane) * from.height + down->first[y]) * from.width;
        const float *next = down->width == 2 ? row + from.width : row;
        const float second = down->width == 2 ? weights[1] : 0.0f;
        for (size_t x = 0; x < from.width; x++)
            columns[x * CAM_LANES + lane] = weights[0] * row[x] + second * next[x];
    }
}

static void add_rows(cam_planes *sum, float *spare, const cam_axes *axes, shim_array from, size_t threads)
{
    const size_t groups = cam_lanes_groups(sum->channels), row = sum->width * CAM_LANES;
#pragma omp parallel for num_threads((int)threads) collapse(2)
    for (size_t group = 0; group < groups; group++)
        for (size_t y = 0; y < sum->height; y++) {
            float *columns = spare + cam_thread_place() * from.width * CAM_LANES;
            lay_row(columns, &axes->down, y, from, group);
            cam_lanes_across(sum->data + (group * sum->height + y) * row, &axes->across, 0, sum->width,
                             columns + axes->across.first[0] * CAM_LANES);
        }
}

static cameras_status sum_new(cam_planes *out, size_t channels, cam_size size)
{
    const cameras_status status = planes_new(out, channels, size.height, size.width);
    if (status == CAMERAS_OK)
        memset(out->data, 0, cam_planes_bytes(channels, size.height, size.width));
    return status;
}

cameras_status cam_planes_add(cam_planes *sum, shim_array from, cam_size size, size_t threads)
{
    cam_axes axes = {0};
    float *spare = cam_lanes_new(threads * from.width);
    cameras_status status = spare ? CAMERAS_OK : cam_fail_memory(doing, threads * cam_planes_bytes(1, 1, from.width));
    if (status == CAMERAS_OK)
        status = cam_axes_make(&axes, size, from.width, from.height);
    if (status == CAMERAS_OK && !sum->data)
        status = sum_new(sum, from.channels, size);
    if (status == CAMERAS_OK)
        add_rows(sum, spare, &axes, from, threads);
    cam_axes_free(&axes);
    free(spare);
    return status;
}
