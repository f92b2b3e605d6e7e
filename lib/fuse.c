/*
 * fuse.c - the sum over channels of averaged gradients times averaged activations
 *
 * SPDX-License-Identifier: MIT
 *
 * Bilinear resizing is linear and works on each channel alone, so channels x height x width is never needed: the result
 * is made band by band of a few rows, and in each band channel by channel, from tiles that stay in the nearest cache.
 * A band belongs to one thread and channels are added in their order, so the threads' number does not show.
 *
 * Where gradients are constant over space, as before global average pooling and one linear layer, resizing them changes
 * nothing, and sum_k W*_k A*_k = mean_t resize(sum_k W*_k A_k,t): one weighted sum of channels and one resized plane a
 * scale. This is found from the data, never from the network's name.
 */
#include "fuse.h"

#include "error.h"
#include "resize.h"

#ifdef _OPENMP
#include <omp.h>
#endif
#include <stdlib.h>
#include <string.h>

enum {
    BAND = 16
};

static const char doing[] = "fuse the scales";

/* ---- planes ----------------------------------------------------------------------------------------------------- */

static int is_constant(shim_array array)
{
    const size_t pixels = array.height * array.width;
    for (size_t c = 0; c < array.channels; c++) {
        const float *plane = array.data + c * pixels;
        for (size_t i = 1; i < pixels; i++)
            if (plane[i] != plane[0])
                return 0;
    }
    return 1;
}

cameras_status cam_planes_copy(cam_planes *out, shim_array from, int compress)
{
    const int constant = compress && is_constant(from);
    const size_t stride = from.height * from.width;
    const size_t pixels = constant ? 1 : stride;
    *out = (cam_planes){.channels = from.channels,
                        .height = constant ? 1 : from.height,
                        .width = constant ? 1 : from.width,
                        .data = malloc(from.channels * pixels * sizeof(float))};
    if (!out->data)
        return cam_fail_memory("keep a layer's planes", from.channels * pixels * sizeof(float));
    for (size_t c = 0; c < from.channels; c++)
        memcpy(out->data + c * pixels, from.data + c * stride, pixels * sizeof(float));
    return CAMERAS_OK;
}

void cam_planes_free(cam_planes *planes)
{
    free(planes->data);
    *planes = (cam_planes){0};
}

/* ---- constant gradients ----------------------------------------------------------------------------------------- */

static void mean_weights(float *weights, const cam_planes *gradients, size_t scales)
{
    for (size_t k = 0; k < gradients[0].channels; k++) {
        double sum = 0.0;
        for (size_t t = 0; t < scales; t++)
            sum += (double)gradients[t].data[k];
        weights[k] = (float)(sum / (double)scales);
    }
}

static void weighted_sum(float *restrict sum, const cam_planes *planes, const float *weights)
{
    const size_t pixels = planes->height * planes->width;
    memset(sum, 0, pixels * sizeof *sum);
    for (size_t k = 0; k < planes->channels; k++) {
        const float *restrict plane = planes->data + k * pixels;
        for (size_t i = 0; i < pixels; i++)
            sum[i] += weights[k] * plane[i];
    }
}

static cameras_status add_scale(float *out, float *resized, cam_size size, const cam_planes *activation,
                                const float *weights, size_t scales)
{
    float *sum = malloc(activation->height * activation->width * sizeof *sum);
    if (!sum)
        return cam_fail_memory(doing, activation->height * activation->width * sizeof *sum);
    weighted_sum(sum, activation, weights);
    const cameras_status status =
        cam_resize_plane(resized, size.width, size.height, sum, activation->width, activation->height, CAM_BILINEAR);
    for (size_t i = 0; status == CAMERAS_OK && i < size.width * size.height; i++)
        out[i] += resized[i] / (float)scales;
    free(sum);
    return status;
}

cameras_status cam_fuse_constant(float *out, cam_size size, const cam_planes *activations, const cam_planes *gradients,
                                 size_t scales, size_t threads)
{
    (void)threads; /* too little work to share */
    const size_t pixels = size.width * size.height;
    float *resized = malloc(pixels * sizeof *resized);
    float *weights = malloc(gradients[0].channels * sizeof *weights);
    cameras_status status = CAMERAS_OK;
    if (!resized || !weights)
        status = cam_fail_memory(doing, (pixels + gradients[0].channels) * sizeof *resized);
    else {
        mean_weights(weights, gradients, scales);
        memset(out, 0, pixels * sizeof *out);
    }
    for (size_t t = 0; t < scales && status == CAMERAS_OK; t++)
        status = add_scale(out, resized, size, &activations[t], weights, scales);
    free(weights);
    free(resized);
    return status;
}

/* ---- any gradients ---------------------------------------------------------------------------------------------- */

/* The tables of both axes from one scale's planes to the map. */
typedef struct axes {
    cam_taps across, down;
} axes;

typedef struct fusion {
    cam_size size;
    const cam_planes *activations, *gradients;
    axes *activation_axes, *gradient_axes;
    size_t scales;
} fusion;

/* A thread's own tiles: BAND rows of a resized channel, and one source row resized across. */
typedef struct tiles {
    float *activation, *gradient, *row;
} tiles;

static axes *axes_new(const cam_planes *planes, size_t scales, cam_size size)
{
    axes *all = calloc(scales, sizeof *all);
    for (size_t t = 0; all && t < scales; t++)
        if (cam_taps_make(&all[t].across, size.width, planes[t].width, CAM_BILINEAR) != CAMERAS_OK ||
            cam_taps_make(&all[t].down, size.height, planes[t].height, CAM_BILINEAR) != CAMERAS_OK)
            break;
    return all;
}

static int axes_complete(const axes *all, size_t scales)
{
    return all && all[scales - 1].down.weights;
}

static void axes_free(axes *all, size_t scales)
{
    for (size_t t = 0; all && t < scales; t++) {
        cam_taps_free(&all[t].across);
        cam_taps_free(&all[t].down);
    }
    free(all);
}

/* Adds rows first to last of one resized plane to tile, each source row being resized across once. */
static void add_rows(float *tile, float *row, const axes *axis, const float *plane, size_t plane_width, size_t first,
                     size_t last)
{
    const cam_taps *down = &axis->down;
    const size_t width = axis->across.length;
    const size_t top = down->first[first], bottom = down->first[last - 1] + down->width;
    for (size_t source = top; source < bottom; source++) {
        cam_taps_row(row, &axis->across, plane + source * plane_width);
        for (size_t y = first; y < last; y++) {
            if (source < down->first[y] || source >= down->first[y] + down->width)
                continue;
            const float weight = down->weights[y * down->width + source - down->first[y]];
            float *restrict to = tile + (y - first) * width;
            const float *restrict from = row;
            for (size_t x = 0; x < width; x++)
                to[x] += weight * from[x];
        }
    }
}

/* tile = the sum over the scales of rows first to last of channel k. */
static void sum_scales(float *tile, float *row, const axes *all, const cam_planes *planes, size_t scales, size_t k,
                       size_t first, size_t last)
{
    memset(tile, 0, (last - first) * all[0].across.length * sizeof *tile);
    for (size_t t = 0; t < scales; t++)
        add_rows(tile, row, &all[t], planes[t].data + k * planes[t].height * planes[t].width, planes[t].width, first,
                 last);
}

static void fuse_band(float *out, const fusion *work, const tiles *own, size_t first)
{
    const size_t last = first + BAND < work->size.height ? first + BAND : work->size.height;
    const size_t samples = (last - first) * work->size.width;
    const float share = 1.0f / (float)(work->scales * work->scales);
    float *restrict band = out + first * work->size.width;
    memset(band, 0, samples * sizeof *band);
    for (size_t k = 0; k < work->activations[0].channels; k++) {
        sum_scales(own->activation, own->row, work->activation_axes, work->activations, work->scales, k, first, last);
        sum_scales(own->gradient, own->row, work->gradient_axes, work->gradients, work->scales, k, first, last);
        for (size_t i = 0; i < samples; i++)
            band[i] += own->activation[i] * own->gradient[i];
    }
    for (size_t i = 0; i < samples; i++)
        band[i] *= share;
}

static void fuse_bands(float *out, const fusion *work, float *spare, size_t threads)
{
    const size_t width = work->size.width, own = (2 * BAND + 1) * width;
#pragma omp parallel num_threads((int)threads)
    {
#ifdef _OPENMP
        float *mine = spare + (size_t)omp_get_thread_num() * own;
#else
        float *mine = spare;
#endif
        const tiles tile = {mine, mine + BAND * width, mine + 2 * BAND * width};
#pragma omp for schedule(dynamic)
        for (size_t first = 0; first < work->size.height; first += BAND)
            fuse_band(out, work, &tile, first);
    }
}

cameras_status cam_fuse_general(float *out, cam_size size, const cam_planes *activations, const cam_planes *gradients,
                                size_t scales, size_t threads)
{
    fusion work = {.size = size, .activations = activations, .gradients = gradients, .scales = scales};
    work.activation_axes = axes_new(activations, scales, size);
    work.gradient_axes = axes_new(gradients, scales, size);
    const size_t bytes = threads * (2 * BAND + 1) * size.width * sizeof(float);
    float *spare = malloc(bytes);
    cameras_status status = CAMERAS_OK;
    if (!spare || !axes_complete(work.activation_axes, scales) || !axes_complete(work.gradient_axes, scales))
        status = cam_fail_memory(doing, bytes);
    else
        fuse_bands(out, &work, spare, threads);
    free(spare);
    axes_free(work.gradient_axes, scales);
    axes_free(work.activation_axes, scales);
    return status;
}

/* ---- the choice ------------------------------------------------------------------------------------------------- */

cameras_status cam_fuse(float *out, cam_size size, const cam_planes *activations, const cam_planes *gradients,
                        size_t scales, size_t threads)
{
    for (size_t t = 0; t < scales; t++)
        if (gradients[t].height != 1 || gradients[t].width != 1)
            return cam_fuse_general(out, size, activations, gradients, scales, threads);
    return cam_fuse_constant(out, size, activations, gradients, scales, threads);
}
