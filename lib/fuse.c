/*
 * fuse.c - the sum over channels of averaged gradients times averaged activations
 *
 * SPDX-License-Identifier: MIT
 *
 * Bilinear resizing is linear and works on each channel alone, so channels x height x width is never needed: the result
 * is made tile by tile, and in each tile by groups of sixteen channels, row by row, from rows that stay in the nearest
 * cache. A row is resized down first, on the few columns that the planes have, and then across. A tile belongs to one
 * thread and channels are added in their order, so the threads' number does not show.
 *
 * Where gradients are constant over space, as before global average pooling and one linear layer, resizing them changes
 * nothing, and sum_k W*_k A*_k = mean_t resize(sum_k W*_k A_k,t): one weighted sum of channels and one resized plane a
 * scale. This is found from the data, never from the network's name.
 */
#include "fuse.h"

#include "error.h"
#include "lanes.h"
#include "threads.h"

#include <stdlib.h>
#include <string.h>

/* Pixels whose sums, a value for each lane, stay in a cache: the second-nearest for a tile, the nearest for a chunk. */
enum {
    TILE_WIDTH = 256,
    TILE_HEIGHT = 8,
    CHUNK = 64
};

static const char doing[] = "fuse the scales";

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static float sum_lanes(const float *lanes)
{
    float sum = 0.0f;
    for (size_t lane = 0; lane < CAM_LANES; lane++)
        sum += lanes[lane];
    return sum;
}

static size_t channel_count(const cam_fusion *fusion)
{
    size_t t = 0;
    while (!fusion->activations[t].data)
        t++;
    return fusion->activations[t].channels;
}

/* ---- constant gradients ----------------------------------------------------------------------------------------- */

/* The mean gradients, filled up with zeros as planes are; NULL where there is no memory. */
static float *mean_weights(const cam_fusion *fusion)
{
    const size_t filled = cam_lanes_groups(channel_count(fusion)) * CAM_LANES;
    float *weights = malloc(filled * sizeof *weights);
    for (size_t k = 0; weights && k < filled; k++) {
        double sum = 0.0;
        for (size_t t = 0; t < fusion->stacks; t++)
            sum += fusion->gradients[t].data ? (double)fusion->gradients[t].data[k] : 0.0;
        weights[k] = (float)(sum / (double)fusion->scales);
    }
    return weights;
}

/* Pixels first to last - 1 of the weighted sum of the channels, at most CHUNK of them. */
static void weigh_chunk(float *sum, const cam_planes *planes, const float *weights, size_t first, size_t last)
{
    float lanes[CHUNK * CAM_LANES] = {0};
    const size_t pixels = planes->height * planes->width;
    for (size_t group = 0; group < cam_lanes_groups(planes->channels); group++) {
        const float *weight = weights + group * CAM_LANES;
        const float *from = planes->data + (group * pixels + first) * CAM_LANES;
        for (size_t i = 0; i < (last - first) * CAM_LANES; i += CAM_LANES)
#pragma omp simd
            for (size_t lane = 0; lane < CAM_LANES; lane++)
                lanes[i + lane] += weight[lane] * from[i + lane];
    }
    for (size_t i = first; i < last; i++)
        sum[i] = sum_lanes(lanes + (i - first) * CAM_LANES);
}

static void weigh(float *sum, const cam_planes *planes, const float *weights, size_t threads)
{
    const size_t pixels = planes->height * planes->width;
#pragma omp parallel for num_threads((int)threads)
    for (size_t first = 0; first < pixels; first += CHUNK)
        weigh_chunk(sum, planes, weights, first, smaller(first + CHUNK, pixels));
}

static cameras_status add_stack(float *out, float *resized, const cam_fusion *fusion, const cam_planes *activation,
                                const float *weights)
{
    const cam_size size = fusion->size;
    float *sum = malloc(activation->height * activation->width * sizeof *sum);
    if (!sum)
        return cam_fail_memory(doing, activation->height * activation->width * sizeof *sum);
    weigh(sum, activation, weights, fusion->threads);
    const cameras_status status =
        cam_resize_plane(resized, size.width, size.height, sum, activation->width, activation->height, CAM_BILINEAR);
    for (size_t i = 0; status == CAMERAS_OK && i < size.width * size.height; i++)
        out[i] += resized[i] / (float)fusion->scales;
    free(sum);
    return status;
}

cameras_status cam_fuse_constant(float *out, const cam_fusion *fusion)
{
    const size_t pixels = fusion->size.width * fusion->size.height;
    float *resized = malloc(pixels * sizeof *resized);
    float *weights = mean_weights(fusion);
    cameras_status status = CAMERAS_OK;
    if (!resized || !weights)
        status = cam_fail_memory(doing, (pixels + channel_count(fusion)) * sizeof *resized);
    else
        memset(out, 0, pixels * sizeof *out);
    for (size_t t = 0; t < fusion->stacks && status == CAMERAS_OK; t++)
        if (fusion->activations[t].data)
            status = add_stack(out, resized, fusion, &fusion->activations[t], weights);
    free(weights);
    free(resized);
    return status;
}

/* ---- any gradients ---------------------------------------------------------------------------------------------- */

/* One factor of the product: stacks whose resized sum is wanted, and their tables. */
typedef struct side {
    const cam_planes *planes;
    cam_axes *axes;
    size_t stacks;
} side;

typedef struct work {
    const cam_fusion *fusion;
    side activations, gradients;
    size_t groups;
    size_t spare; /* of a thread, in pixels of CAM_LANES floats */
} work;

typedef struct tile {
    size_t left, right, top, bottom;
} tile;

/* A thread's own memory: a tile's sums, one row of it from either side, and a row of planes resized down. */
typedef struct scratch {
    float *sums, *activations, *gradients, *columns;
} scratch;

static void side_free(side *own)
{
    for (size_t t = 0; own->axes && t < own->stacks; t++)
        cam_axes_free(&own->axes[t]);
    free(own->axes);
}

/* Without axes where there is no memory; a stack that holds nothing has no tables. */
static side side_new(const cam_planes *planes, const cam_fusion *fusion)
{
    side made = {planes, calloc(fusion->stacks, sizeof *made.axes), fusion->stacks};
    cameras_status status = CAMERAS_OK;
    for (size_t t = 0; made.axes && t < made.stacks && status == CAMERAS_OK; t++)
        if (planes[t].data)
            status = cam_axes_make(&made.axes[t], fusion->size, planes[t].width, planes[t].height);
    if (status != CAMERAS_OK) {
        side_free(&made);
        made.axes = NULL;
    }
    return made;
}

/* out = row y of the tile, for the channels of a group: the sum of all stacks, resized. */
static void sum_row(float *out, float *columns, const side *from, const tile *at, size_t group, size_t y)
{
    memset(out, 0, (at->right - at->left) * CAM_LANES * sizeof *out);
    for (size_t t = 0; t < from->stacks; t++) {
        const cam_planes *planes = &from->planes[t];
        if (!planes->data)
            continue;
        const cam_taps *across = &from->axes[t].across, *down = &from->axes[t].down;
        const size_t row = group * planes->height + down->first[y];
        const float *rows = planes->data + (row * planes->width + across->first[at->left]) * CAM_LANES;
        const size_t reach = cam_lanes_reach(across, at->left, at->right);
        cam_lanes_down(columns, down, y, rows, planes->width * CAM_LANES, reach);
        cam_lanes_across(out, across, at->left, at->right, columns);
    }
}

static void add_products(float *restrict sums, const float *restrict a, const float *restrict b, size_t count)
{
#pragma omp simd
    for (size_t i = 0; i < count; i++)
        sums[i] += a[i] * b[i];
}

static void add_group(const scratch *own, const work *all, const tile *at, size_t group)
{
    const size_t row = (at->right - at->left) * CAM_LANES;
    for (size_t y = at->top; y < at->bottom; y++) {
        sum_row(own->activations, own->columns, &all->activations, at, group, y);
        sum_row(own->gradients, own->columns, &all->gradients, at, group, y);
        add_products(own->sums + (y - at->top) * row, own->activations, own->gradients, row);
    }
}

static void fuse_tile(float *out, const scratch *own, const work *all, const tile *at)
{
    const float share = 1.0f / (float)(all->fusion->scales * all->fusion->scales);
    const size_t width = at->right - at->left, height = at->bottom - at->top;
    memset(own->sums, 0, width * height * CAM_LANES * sizeof *own->sums);
    for (size_t group = 0; group < all->groups; group++)
        add_group(own, all, at, group);
    for (size_t y = 0; y < height; y++)
        for (size_t x = 0; x < width; x++)
            out[(at->top + y) * all->fusion->size.width + at->left + x] =
                sum_lanes(own->sums + (y * width + x) * CAM_LANES) * share;
}

/* The calling thread's part of the memory of all. */
static scratch own_scratch(float *spare, const work *all)
{
    float *mine = spare + cam_thread_place() * all->spare * CAM_LANES;
    const size_t row = TILE_WIDTH * CAM_LANES;
    return (scratch){mine, mine + TILE_HEIGHT * row, mine + (TILE_HEIGHT + 1) * row, mine + (TILE_HEIGHT + 2) * row};
}

static void fuse_tiles(float *out, float *spare, const work *all)
{
    const cam_size size = all->fusion->size;
#pragma omp parallel for num_threads((int)all->fusion->threads) collapse(2) schedule(dynamic)
    for (size_t top = 0; top < size.height; top += TILE_HEIGHT)
        for (size_t left = 0; left < size.width; left += TILE_WIDTH) {
            const scratch own = own_scratch(spare, all);
            const tile at = {left, smaller(left + TILE_WIDTH, size.width), top,
                             smaller(top + TILE_HEIGHT, size.height)};
            fuse_tile(out, &own, all, &at);
        }
}

static size_t widest(const cam_fusion *fusion)
{
    size_t width = 0;
    for (size_t t = 0; t < fusion->stacks; t++) {
        width = width < fusion->activations[t].width ? fusion->activations[t].width : width;
        width = width < fusion->gradients[t].width ? fusion->gradients[t].width : width;
    }
    return width;
}

cameras_status cam_fuse_general(float *out, const cam_fusion *fusion)
{
    work all = {.fusion = fusion,
                .activations = side_new(fusion->activations, fusion),
                .gradients = side_new(fusion->gradients, fusion),
                .groups = cam_lanes_groups(channel_count(fusion)),
                .spare = (TILE_HEIGHT + 2) * TILE_WIDTH + widest(fusion)};
    float *spare = cam_lanes_new(fusion->threads * all.spare);
    cameras_status status = CAMERAS_OK;
    if (!spare || !all.activations.axes || !all.gradients.axes)
        status = cam_fail_memory(doing, fusion->threads * all.spare * CAM_LANES * sizeof *spare);
    else
        fuse_tiles(out, spare, &all);
    free(spare);
    side_free(&all.gradients);
    side_free(&all.activations);
    return status;
}

/* ---- the choice ------------------------------------------------------------------------------------------------- */

cameras_status cam_fuse(float *out, const cam_fusion *fusion)
{
    for (size_t t = 0; t < fusion->stacks; t++)
        if (fusion->gradients[t].height > 1 || fusion->gradients[t].width > 1)
            return cam_fuse_general(out, fusion);
    return cam_fuse_constant(out, fusion);
}
