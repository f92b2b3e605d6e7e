/*
 * memory.c - how much memory an explanation takes, told before it runs
 *
 * SPDX-License-Identifier: MIT
 *
 * What a network's tensors take is measured, not guessed: noise of twice the base size, or of the largest scale where
 * that is less, runs through trunk, head and gradient, and the arena tells the most that was in use. Tensors of a
 * convolutional network grow with the pixels, so P(s) is about P(p) cam_size_pixels(s) / cam_size_pixels(p) for a scale
 * s larger than the probe p, and less where weights are part of P(p). A sixteenth is added for sides that are rounded
 * up. Attention between all pixels grows faster; there the limit is kept by the arena alone. All else is arithmetic
 * (docs/performance.md).
 */
#include "memory.h"

#include "error.h"
#include "options.h"
#include "planes.h"
#include "random.h"

#include <stdint.h>
#include <stdlib.h>

static const char doing[] = "estimate the memory of an explanation";

/* Sums over all the maps that a call may ask for stay far below what size_t holds; files have fewer pixels. */
static const size_t MOST_PIXELS = UINT32_MAX;

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
        if (cam_size_pixels(job->records[t].size) > cam_size_pixels(largest))
            largest = job->records[t].size;
    return largest;
}

/* ---- the probe -------------------------------------------------------------------------------------------------- */

static cam_size probe_size(const cam_job *job)
{
    const cam_size largest = largest_scale(job), base = job->base.size;
    const cam_size twice = {2 * base.width, 2 * base.height};
    return cam_size_pixels(twice) < cam_size_pixels(largest) ? twice : largest;
}

/* Where gradients come as 1 x 1 planes of a larger layer, the network's structure makes them constant, not chance. */
static cameras_status read_footprint(cam_footprint *found, const cam_job *job, shim_pass *pass)
{
    const cameras_status status = shim_pass_differentiate(pass, 0);
    for (size_t i = 0; i < job->layer_count && status == CAMERAS_OK; i++) {
        const shim_array planes = shim_pass_activation(pass, i), gradients = shim_pass_gradient(pass, i);
        found->layers[i].channels = planes.channels;
        found->layers[i].size = (cam_size){planes.width, planes.height};
        found->layers[i].constant = gradients.height * gradients.width == 1;
    }
    return status;
}

/* Values as an image's normalised ones, none like its neighbour. */
static void fill_with_noise(float *values, size_t count)
{
    cam_random noise = cam_random_begin(0, 0);
    for (size_t i = 0; i < count; i++)
        values[i] = (float)(4.0 * cam_random_uniform(&noise) - 2.0);
}

static cameras_status probe(cam_footprint *found, const cam_job *job, shim_arena *arena)
{
    const size_t channels = job->model->preprocessing.channels, count = channels * cam_size_pixels(found->shown);
    shim_pass *pass = NULL;
    float *noise = malloc(count * sizeof *noise);
    if (!noise)
        return cam_fail_memory(doing, count * sizeof *noise);
    fill_with_noise(noise, count);
    cameras_status status = shim_pass_open(&pass, cam_shared_cut_get(job->cut), arena, noise, channels,
                                           found->shown.height, found->shown.width, job->threads);
    free(noise);
    if (status == CAMERAS_OK)
        status = read_footprint(found, job, pass);
    shim_pass_close(pass);
    found->pass_bytes = shim_arena_peak(arena);
    return status;
}

static cameras_status probe_at(cam_footprint *found, const cam_job *job, cam_size shown, size_t limit)
{
    shim_arena *arena = NULL;
    *found = (cam_footprint){.shown = shown};
    cameras_status status = shim_arena_open_counting(&arena, limit);
    if (status == CAMERAS_OK)
        status = probe(found, job, arena);
    shim_arena_close(arena);
    return status;
}

/* What the cut's passes take, remembered with the cut. Some networks take the base size alone. */
static cameras_status find_footprint(cam_footprint *found, const cam_job *job, size_t limit)
{
    const cam_size wanted = probe_size(job), base = job->base.size;
    cam_model_get_footprint(found, job->model, job->cut);
    if (found->wanted.width == wanted.width && found->wanted.height == wanted.height)
        return CAMERAS_OK;
    cameras_status status = probe_at(found, job, wanted, limit);
    if (status == CAMERAS_EMODEL && cam_size_pixels(wanted) > cam_size_pixels(base))
        status = probe_at(found, job, base, limit);
    found->wanted = wanted;
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
    const double growth = (double)cam_size_pixels(largest_scale(job)) / (double)cam_size_pixels(found->shown);
    const size_t rounding = (size_t)1 << 17; /* tensors take whole pages, and some thirty of them are in use */
    if (growth <= 1.0)
        return found->pass_bytes + rounding;
    return (size_t)(1.0625 * growth * (double)found->pass_bytes) + rounding;
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
    const size_t copy = job->scale_count ? cam_size_pixels(largest) : 0;
    const size_t planes = job->model->preprocessing.channels * (cam_size_pixels(base) + copy) * sizeof(float);
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
    const size_t each = 2 * sizeof(float) * cam_size_pixels(enlarged ? job->picture : job->base.size);
    const size_t spare = 2 * sizeof(float) * cam_size_pixels(job->base.size); /* while one is fused */
    return job->layer_count * job->class_count * each + spare;
}

size_t cam_memory_total(const cam_memory *memory)
{
    return memory->inputs + memory->passes + memory->kept + memory->maps;
}

cameras_status cam_memory_estimate(cam_memory *memory, const cam_job *job, size_t limit)
{
    cam_footprint found;
    const cameras_status status = find_footprint(&found, job, limit);
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
                    "explain: it would need about %zu bytes of working memory, beyond the limit of %zu; smaller or "
                    "fewer scales, classes or layers need less, and cameras_options_set_memory_limit or --memory-limit "
                    "allows more",
                    cam_memory_total(memory), options->memory_limit);
}

cameras_status cameras_explain_memory(size_t *bytes, cameras_model *model, size_t width, size_t height,
                                      const cameras_options *options)
{
    if (bytes)
        *bytes = 0;
    if (!bytes || !model || !width || !height)
        return cam_fail(CAMERAS_EINVAL, "%s: bytes, model and a size of at least 1 x 1 are needed", doing);
    if (width > MOST_PIXELS / height)
        return cam_fail(CAMERAS_ELIMIT, "%s: a picture of %zu x %zu is beyond the %zu pixels that can be estimated",
                        doing, width, height, MOST_PIXELS);
    cam_job job;
    cam_memory memory;
    cameras_status status = cam_job_plan(&job, model, (cam_size){width, height}, cam_options_or_default(options));
    if (status != CAMERAS_OK)
        return status;
    status = cam_job_estimate(&memory, &job, 0);
    if (status == CAMERAS_OK)
        *bytes = cam_memory_total(&memory);
    cam_job_close(&job);
    return status;
}
