/*
 * sanity_cascade.c - the map again and again while the model loses what it has learnt
 *
 * SPDX-License-Identifier: MIT
 *
 * Adebayo et al., Sanity checks for saliency maps, NeurIPS 2018: layers are drawn anew one after the other from the
 * logits down. A layer is drawn alike in every stage, so each keeps what the one before had lost.
 */
#include "sanity.h"

#include "error.h"
#include "map.h"
#include "similarity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* How many layers are drawn anew at a stage: equal shares, all of them at the last. */
static size_t depth_at(size_t stage, size_t stages, size_t layers)
{
    return (stage + 1) * layers / stages;
}

/* A map of zeros: what a network that gives no finite number has to say. */
static cameras_status empty_map(cameras_map **out, const cameras_map *like, size_t class_index)
{
    const cameras_status status = cam_map_new(out, like->size, like->layer, 0);
    if (status != CAMERAS_OK)
        return status;
    (*out)->class_index = class_index;
    (*out)->method = like->method;
    return cam_map_stretch(*out, 1);
}

/* A flat map is like nothing: its rank correlation counts as 0. */
static cameras_status compare(cam_sanity_stage *stage, const cameras_map *original)
{
    const size_t pixels = original->size.width * original->size.height;
    int constant = 0;
    cameras_status status =
        cam_rank_correlation(&stage->spearman, &constant, original->values, stage->map->values, pixels);
    if (status == CAMERAS_OK && cameras_map_ssim(&stage->ssim, original, stage->map) != CAMERAS_OK)
        stage->ssim = NAN; /* smaller than its window */
    return status;
}

static cameras_status run_stage(cam_sanity_stage *stage, const cam_sanity_task *task, const char *const *layers,
                                size_t depth, const cameras_map *original)
{
    cameras_model *copy = NULL;
    cameras_status status = cameras_model_randomise(&copy, task->model, layers, depth, task->asked->seed);
    if (status == CAMERAS_OK)
        status = cameras_explain(&stage->map, copy, task->image, &task->how);
    cameras_model_close(copy);
    if (status == CAMERAS_ENUMERIC)
        status = empty_map(&stage->map, original, task->class_index);
    if (status == CAMERAS_OK)
        status = compare(stage, original);
    if (status != CAMERAS_OK)
        return status;
    stage->layer = strdup(layers[depth - 1]);
    return stage->layer ? CAMERAS_OK : cam_fail_memory("check sanity", strlen(layers[depth - 1]) + 1);
}

cameras_status cam_sanity_cascade(cameras_sanity *sanity, cam_sanity_task *task)
{
    const size_t count = cameras_model_parametrised_count(task->model);
    const char **layers = malloc(count * sizeof *layers);
    sanity->stages = calloc(task->stage_count, sizeof *sanity->stages);
    cameras_status status = CAMERAS_OK;
    if (!layers || !sanity->stages)
        status = cam_fail_memory("check sanity", count * sizeof *layers + task->stage_count * sizeof *sanity->stages);
    for (size_t i = 0; layers && i < count; i++)
        layers[i] = cameras_model_parametrised_path(task->model, i);
    for (size_t i = 0; i < task->stage_count && status == CAMERAS_OK; i++) {
        const size_t depth = depth_at(i, task->stage_count, count);
        sanity->stage_count = i + 1;
        status = run_stage(&sanity->stages[i], task, layers, depth, sanity->original);
        if (status == CAMERAS_OK)
            status = cam_sanity_progress(task, (double)(i + 3) / (double)(task->stage_count + 3));
    }
    free(layers);
    return status;
}
