/*
 * memory.c - how much memory an explanation takes, told before it runs
 *
 * SPDX-License-Identifier: MIT
 *
 * What a network's tensors take is measured, not guessed: a blank image of twice the base size, or of the largest scale
 * where that is less, runs through trunk, head and gradient, and the arena tells the most that was in use. Each tensor
 * grows at most as the pixels do, so P(s) <= P(p) pixels(s) / pixels(p) for a scale s larger than the probe p: what is
 * told is a bound, and the closer the larger the probe. All else is arithmetic. docs/performance.md has the formula.
 */
#include "memory.h"

#include "error.h"
#include "options.h"
#include "planes.h"

#include <stdlib.h>

static const char doing[] = "estimate the memory of an explanation";

static size_t pixels(cam_size size)
{
    return size.width * size.height;
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t larger(size_t a, size_t b)
{
    return a > b ? a : b;
}

static cam_size largest_scale(const cam_job *job)
{
    cam_size largest = job->base.size;
    for (size_t t = 0; t < job->scale_count; t++)
        if (pixels(job->records[t].size) > pixels(largest))
            largest = job->records[t].size;
    return largest;
}

/* ---- the probe -------------------------------------------------------------------------------------------------- */

static cam_size probe_size(const cam_job *job)
{
    const cam_size largest = largest_scale(job), base = job->base.size;
    const cam_size twice = {2 * base.width, 2 * base.height};
    return pixels(twice) < pixels(largest) ? twice : largest;
}

static cameras_status read_footprint(cam_footprint *found, const cam_job *job, shim_pass *pass)
{
    const cameras_status status = shim_pass_differentiate(pass, 0);
    for (size_t i = 0; i < job->layer_count && status == CAMERAS_OK; i++) {
        const shim_array planes = shim_pass_activation(pass, i);
        found->layers[i].channels = planes.channels;
        found->layers[i].size = (cam_size){planes.width, planes.height};
        found->layers[i].constant = cam_planes_constant(shim_pass_gradient(pass, i), job->threads);
    }
    return status;
}

static cameras_status probe(cam_footprint *found, const cam_job *job, shim_arena *arena)
{
    const size_t channels = job->model->preprocessing.channels;
    shim_pass *pass = NULL;
    float *blank = calloc(channels * pixels(found->shown), sizeof *blank);
    if (!blank)
        return cam_fail_memory(doing, channels * pixels(found->shown) * sizeof *blank);
    cameras_status status = shim_pass_open(&pass, cam_shared_cut_get(job->cut), arena, blank, channels,
                                           found->shown.height, found->shown.width, job->threads);
    free(blank);
    if (status == CAMERAS_OK)
        status = read_footprint(found, job, pass);
    shim_pass_close(pass);
    found->pass_bytes = shim_arena_peak(arena);
    return status;
}

/* What the cut's passes take, remembered with the cut. */
static cameras_status find_footprint(cam_footprint *found, const cam_job *job)
{
    const cam_size shown = probe_size(job);
    cam_model_get_footprint(found, job->model, job->cut);
    if (found->shown.width == shown.width && found->shown.height == shown.height)
        return CAMERAS_OK;
    *found = (cam_footprint){.shown = shown};
    shim_arena *arena = NULL;
    cameras_status status = shim_arena_open(&arena, job->options->memory_limit);
    if (status == CAMERAS_OK)
        status = probe(found, job, arena);
    shim_arena_close(arena);
    if (status == CAMERAS_OK)
        cam_model_set_footprint(job->model, job->cut, found);
    return status;
}

/* ---- the sum ---------------------------------------------------------------------------------------------------- */

static size_t scaled(size_t length, size_t to, size_t from)
{
    return (length * to + from - 1) / from;
}

static size_t pass_bytes(const cam_footprint *found, const cam_job *job)
{
    const size_t most = pixels(largest_scale(job)), shown = pixels(found->shown);
    return most > shown ? (size_t)((double)found->pass_bytes * (double)most / (double)shown) : found->pass_bytes;
}

/* Resizing holds the smaller of the two half-resized planes. */
static size_t resizing_bytes(cam_size to, cam_size from)
{
    return smaller(to.width * from.height, from.width * to.height) * sizeof(float);
}

static size_t input_bytes(const cam_job *job)
{
    const cam_size largest = largest_scale(job), base = job->base.size;
    const cam_size from = job->options->source == CAMERAS_SOURCE_BASE ? base : job->picture;
    const size_t copy = job->scale_count ? pixels(largest) : 0;
    const size_t planes = job->model->preprocessing.channels * (pixels(base) + copy) * sizeof(float);
    return planes + larger(resizing_bytes(base, job->picture), resizing_bytes(largest, from));
}

static size_t layer_bytes(const cam_footprint *found, const cam_job *job, size_t layer)
{
    cam_size sizes[CAMERAS_MAX_SCALES];
    for (size_t t = 0; t < job->scale_count; t++)
        sizes[t] =
            (cam_size){scaled(found->layers[layer].size.width, job->records[t].size.width, found->shown.width),
                       scaled(found->layers[layer].size.height, job->records[t].size.height, found->shown.height)};
    return cam_gather_bytes(job->options->method, found->layers[layer].channels, sizes, job->scale_count,
                            job->base.size, job->class_count, found->layers[layer].constant);
}

static size_t map_bytes(const cam_job *job)
{
    const int enlarged = job->options->map_size == CAMERAS_MAP_SIZE_IMAGE;
    const size_t each = 2 * sizeof(float) * pixels(enlarged ? job->picture : job->base.size);
    const size_t spare = 2 * sizeof(float) * pixels(job->base.size); /* while one is fused */
    return job->layer_count * job->class_count * each + spare;
}

size_t cam_memory_total(const cam_memory *memory)
{
    return memory->inputs + memory->passes + memory->kept + memory->maps;
}

cameras_status cam_memory_estimate(cam_memory *memory, const cam_job *job)
{
    cam_footprint found;
    const cameras_status status = find_footprint(&found, job);
    if (status != CAMERAS_OK)
        return status;
    *memory = (cam_memory){.inputs = input_bytes(job), .passes = pass_bytes(&found, job), .maps = map_bytes(job)};
    for (size_t i = 0; i < job->layer_count; i++)
        memory->kept += layer_bytes(&found, job, i);
    return CAMERAS_OK;
}

cameras_status cam_memory_check(const cam_memory *memory, const cameras_options *options)
{
    if (!options->memory_limit || cam_memory_total(memory) <= options->memory_limit)
        return CAMERAS_OK;
    return cam_fail(CAMERAS_ELIMIT,
                    "explain: it would need up to %zu bytes of working memory, beyond the limit of %zu; smaller or "
                    "fewer scales, classes or layers need less",
                    cam_memory_total(memory), options->memory_limit);
}

cameras_status cameras_explain_memory(size_t *bytes, cameras_model *model, size_t width, size_t height,
                                      const cameras_options *options)
{
    if (bytes)
        *bytes = 0;
    if (!bytes || !model || !width || !height)
        return cam_fail(CAMERAS_EINVAL, "%s: bytes, model and a size of at least 1 x 1 are needed", doing);
    cam_job job;
    cam_memory memory;
    cameras_status status = cam_job_plan(&job, model, (cam_size){width, height}, cam_options_or_default(options));
    if (status != CAMERAS_OK)
        return status;
    status = cam_memory_estimate(&memory, &job);
    if (status == CAMERAS_OK)
        *bytes = cam_memory_total(&memory);
    cam_job_close(&job);
    return status;
}
