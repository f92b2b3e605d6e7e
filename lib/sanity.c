/*
 * sanity.c - whether a map depends on the model: the checks in turn, and reading what came of them
 *
 * SPDX-License-Identifier: MIT
 */
#include "sanity.h"

#include "error.h"
#include "logits.h"
#include "map.h"
#include "model.h"
#include "shim.h"

#include <stdlib.h>

static const char doing[] = "check sanity";

cameras_status cam_sanity_progress(const cam_sanity_task *task, double done)
{
    if (task->asked->progress && task->asked->progress(done, task->asked->progress_user) != 0)
        return cam_fail(CAMERAS_ECANCELLED, "%s: cancelled by the progress callback with %.0f %% done", doing,
                        100.0 * done);
    return CAMERAS_OK;
}

/* ---- the task --------------------------------------------------------------------------------------------------- */

static cameras_status check_arguments(cameras_sanity *const *out, const cameras_model *model,
                                      const cameras_image *image, const cameras_options *options)
{
    if (!out || !model || !image)
        return cam_fail(CAMERAS_EINVAL, "%s: out, model and image are needed", doing);
    if (options->class_count > 1 || options->layer_count > 1)
        return cam_fail(CAMERAS_EINVAL, "%s: the options ask for %zu maps; one class and one layer can be checked",
                        doing, cameras_options_map_count(options));
    size_t layers = 0;
    const cameras_status status = shim_model_parametrised_count(&layers, model->network);
    if (status != CAMERAS_OK)
        return status;
    if (layers < 2)
        return cam_fail(CAMERAS_EMODEL, "%s: a cascade needs two layers with parameters or more, the model has %zu",
                        doing, layers);
    return cam_options_check_counts(options, options->class_count, doing);
}

static cameras_status choose_classes(cam_sanity_task *task, const float *logits, size_t count)
{
    if (count < 2)
        return cam_fail(CAMERAS_EMODEL, "%s: the network has one class, and a second one is needed", doing);
    task->class_index = task->asked->class_count ? task->asked->classes[0] : cam_logits_top1(logits, count);
    if (task->class_index >= count)
        return cam_fail(CAMERAS_ECLASS, "%s: class %zu is none of 0 to %zu", doing, task->class_index, count - 1);
    task->unlikely = cam_logits_least(logits, count, task->class_index);
    return CAMERAS_OK;
}

static cameras_status look_at_base(cam_sanity_task *task)
{
    size_t count = 0;
    cameras_status status = cameras_model_class_count(&count, task->model);
    if (status != CAMERAS_OK)
        return status;
    float *logits = malloc(count * sizeof *logits);
    if (!logits)
        return cam_fail_memory(doing, count * sizeof *logits);
    status = cameras_classify(logits, NULL, count, task->model, task->image, task->asked);
    if (status == CAMERAS_OK)
        status = choose_classes(task, logits, count);
    free(logits);
    return status;
}

/*
 * How maps are made: as asked, but of the one class, at the base size, flat ones included, and without the gate: what a
 * network of chance predicts at a scale is no reason to drop it.
 */
static void settle(cam_sanity_task *task, size_t stages)
{
    const size_t layers = cameras_model_parametrised_count(task->model);
    task->how = *task->asked;
    task->how.classes = &task->class_index;
    task->how.class_count = 1;
    task->how.gate = CAMERAS_GATE_OFF;
    task->how.map_size = CAMERAS_MAP_SIZE_BASE;
    task->how.keep_flat = 1;
    task->how.progress = NULL;
    task->stage_count = stages && stages < layers ? stages : layers;
}

/* ---- the checks ------------------------------------------------------------------------------------------------- */

/* The map, and from now on its layer by name: "auto" is looked for once. A control has no layer. */
static cameras_status make_original(cameras_sanity *sanity, cam_sanity_task *task)
{
    const cameras_status status = cameras_explain(&sanity->original, task->model, task->image, &task->how);
    if (status == CAMERAS_OK && *sanity->original->layer) {
        task->layer = sanity->original->layer;
        task->how.layers = &task->layer;
        task->how.layer_count = 1;
    }
    return status;
}

static cameras_status check_classes(cameras_sanity *sanity, cam_sanity_task *task)
{
    task->how.classes = &task->unlikely;
    cameras_status status = cameras_explain(&sanity->unlikely, task->model, task->image, &task->how);
    task->how.classes = &task->class_index;
    if (status == CAMERAS_OK)
        status = cameras_map_overlap(&sanity->class_overlap, sanity->original, sanity->unlikely, CAM_SANITY_SHARE);
    return status == CAMERAS_OK ? cam_sanity_progress(task, 2.0 / (double)(task->stage_count + 3)) : status;
}

static cameras_status run_checks(cameras_sanity *sanity, cam_sanity_task *task)
{
    cameras_status status = make_original(sanity, task);
    if (status == CAMERAS_OK)
        status = cam_sanity_progress(task, 1.0 / (double)(task->stage_count + 3));
    if (status == CAMERAS_OK)
        status = check_classes(sanity, task);
    if (status == CAMERAS_OK)
        status = cam_sanity_cascade(sanity, task);
    if (status == CAMERAS_OK)
        status = cam_sanity_adversary(sanity, task);
    if (status == CAMERAS_OK)
        cam_sanity_judge(sanity, task);
    return status == CAMERAS_OK ? cam_sanity_progress(task, 1.0) : status;
}

cameras_status cameras_sanity_check(cameras_sanity **out, cameras_model *model, const cameras_image *image,
                                    size_t stages, const cameras_options *options)
{
    cam_sanity_task task = {.model = model, .image = image, .asked = cam_options_or_default(options)};
    if (out)
        *out = NULL;
    cameras_status status = check_arguments(out, model, image, task.asked);
    if (status == CAMERAS_OK)
        status = look_at_base(&task);
    if (status != CAMERAS_OK)
        return status;
    cameras_sanity *sanity = calloc(1, sizeof *sanity);
    if (!sanity)
        return cam_fail_memory(doing, sizeof *sanity);
    settle(&task, stages);
    status = run_checks(sanity, &task);
    if (status == CAMERAS_OK)
        *out = sanity;
    else
        cameras_sanity_free(sanity);
    return status;
}

void cameras_sanity_free(cameras_sanity *sanity)
{
    if (!sanity)
        return;
    for (size_t i = 0; i < sanity->stage_count; i++) {
        cameras_map_free(sanity->stages[i].map);
        free(sanity->stages[i].layer);
    }
    free(sanity->stages);
    cameras_map_free(sanity->unlikely);
    cameras_map_free(sanity->original);
    free(sanity);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

/* The record of a stage, or one of nothing where there is none. */
static const cam_sanity_stage *stage(const cameras_sanity *sanity, size_t index)
{
    static const cam_sanity_stage none = {0};
    return index < cameras_sanity_stage_count(sanity) ? &sanity->stages[index] : &none;
}

size_t cameras_sanity_stage_count(const cameras_sanity *sanity)
{
    return sanity ? sanity->stage_count : 0;
}

const char *cameras_sanity_stage_layer(const cameras_sanity *sanity, size_t index)
{
    return stage(sanity, index)->layer;
}

double cameras_sanity_stage_spearman(const cameras_sanity *sanity, size_t index)
{
    return stage(sanity, index)->spearman;
}

double cameras_sanity_stage_ssim(const cameras_sanity *sanity, size_t index)
{
    return stage(sanity, index)->ssim;
}

const cameras_map *cameras_sanity_stage_map(const cameras_sanity *sanity, size_t index)
{
    return stage(sanity, index)->map;
}

const cameras_map *cameras_sanity_original(const cameras_sanity *sanity)
{
    return sanity ? sanity->original : NULL;
}

const cameras_map *cameras_sanity_unlikely(const cameras_sanity *sanity)
{
    return sanity ? sanity->unlikely : NULL;
}

double cameras_sanity_adversarial_score(const cameras_sanity *sanity)
{
    return sanity ? sanity->adversarial_score : 0.0;
}

double cameras_sanity_adversarial_chance(const cameras_sanity *sanity)
{
    return sanity ? sanity->adversarial_chance : 0.0;
}

double cameras_sanity_adversarial_spearman(const cameras_sanity *sanity)
{
    return sanity ? sanity->adversarial_spearman : 0.0;
}

double cameras_sanity_class_overlap(const cameras_sanity *sanity)
{
    return sanity ? sanity->class_overlap : 0.0;
}

int cameras_sanity_passed(const cameras_sanity *sanity)
{
    return sanity ? sanity->passed : 0;
}

const char *cameras_sanity_why(const cameras_sanity *sanity)
{
    return sanity ? sanity->why : NULL;
}
