/*
 * lanes.c - resizing sixteen channels at a time
 *
 * SPDX-License-Identifier: MIT
 *
 * Plain loops, each sum taken in one order and without fused multiplication (C11 contracts nothing unless it is told
 * to), so that results have the same bits on every processor. Loops for AVX-512 took
 * half the time of these built for SSE2, of a fusion that is one in a hundred of a call: not worth a second definition.
 */
#include "lanes.h"

#include <stdlib.h>

cameras_status cam_axes_make(cam_axes *axes, cam_size to, size_t width, size_t height)
{
    *axes = (cam_axes){0};
    cameras_status status = cam_taps_make(&axes->across, to.width, width, CAM_BILINEAR);
    if (status == CAMERAS_OK)
        status = cam_taps_make(&axes->down, to.height, height, CAM_BILINEAR);
    if (status != CAMERAS_OK)
        cam_axes_free(axes);
    return status;
}

void cam_axes_free(cam_axes *axes)
{
    cam_taps_free(&axes->across);
    cam_taps_free(&axes->down);
}

size_t cam_lanes_groups(size_t channels)
{
    return channels / CAM_LANES + (channels % CAM_LANES != 0);
}

float *cam_lanes_new(size_t pixels)
{
    const size_t pixel = CAM_LANES * sizeof(float);
    return pixels <= SIZE_MAX / pixel ? aligned_alloc(pixel, pixels * pixel) : NULL;
}

static void copy_scaled(float *restrict out, float weight, const float *restrict from, size_t count)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        out[i] = weight * from[i];
}

static void blend(float *restrict out, const float weights[2], const float *restrict above, const float *restrict below,
                  size_t count)
{
    const float first = weights[0], second = weights[1];
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        out[i] = first * above[i] + second * below[i];
}

void cam_lanes_down(float *columns, const cam_taps *down, size_t y, const float *rows, size_t stride, size_t pixels)
{
    const float *weights = down->weights + y * down->width;
    if (down->width == 1)
        copy_scaled(columns, weights[0], rows, pixels * CAM_LANES);
    else
        blend(columns, weights, rows, rows + stride, pixels * CAM_LANES);
}

size_t cam_lanes_reach(const cam_taps *across, size_t left, size_t right)
{
    return across->first[right - 1] + across->width - across->first[left];
}

static void add_single(float *restrict out, float weight, const float *restrict from)
{
#pragma omp simd
    for (size_t c = 0; c < CAM_LANES; c++)
        out[c] += weight * from[c];
}

static void add_pair(float *restrict out, const float weights[2], const float *restrict from)
{
    const float first = weights[0], second = weights[1];
#pragma omp simd
    for (size_t c = 0; c < CAM_LANES; c++)
        out[c] += first * from[c] + second * from[CAM_LANES + c];
}

void cam_lanes_across(float *out, const cam_taps *across, size_t left, size_t right, const float *columns)
{
    const size_t origin = across->first[left];
    for (size_t x = left; x < right; x++, out += CAM_LANES) {
        const float *from = columns + (across->first[x] - origin) * CAM_LANES;
        if (across->width == 1)
            add_single(out, across->weights[x], from);
        else
            add_pair(out, across->weights + 2 * x, from);
    }
}
