/*
 * job.c - the steps of one explanation
 *
 * SPDX-License-Identifier: MIT
 *
 * A step that fails leaves the job to be closed. Passes through the network are closed as soon as a scale's planes have
 * been copied: they hold the head's whole autograd graph.
 */
#include "job.h"

#include "clock.h"
#include "error.h"
#include "image.h"
#include "logits.h"
#include "memory.h"
#include "options.h"
#include "processor.h"
#include "threads.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char doing[] = "explain";

/* ---- opening ---------------------------------------------------------------------------------------------------- */

static cameras_status resolve_layers(cam_job *job)
{
    const size_t asked = job->options->layer_count;
    job->layer_count = asked ? asked : 1;
    job->layers = calloc(job->layer_count, sizeof *job->layers);
    if (!job->layers)
        return cam_fail_memory(doing, job->layer_count * sizeof *job->layers);
    for (size_t i = 0; i < job->layer_count; i++) {
        const char *name = asked ? job->options->layers[i] : "auto";
        const cameras_status status = cam_model_resolve_layer(&job->layers[i], job->model, name, job->threads);
        if (status != CAMERAS_OK)
            return status;
    }
    return CAMERAS_OK;
}

/* All sizes are known, and refused if need be, before the network runs. */
static cameras_status plan_scales(cam_job *job)
{
    job->class_count = job->options->class_count ? job->options->class_count : 1;
    job->scale_count = cam_scale_count(job->options);
    job->classes = calloc(job->class_count, sizeof *job->classes);
    const size_t records = job->scale_count ? job->scale_count : 1; /* calloc(0) may give NULL */
    job->records = calloc(records, sizeof *job->records);
    job->ran = calloc(records, sizeof *job->ran);
    job->probabilities = calloc(records * job->class_count, sizeof *job->probabilities);
    if (!job->classes || !job->records || !job->ran || !job->probabilities)
        return cam_fail_memory(doing, records * sizeof *job->records);
    cameras_status status = CAMERAS_OK;
    for (size_t t = 0; t < job->scale_count && status == CAMERAS_OK; t++)
        status = cam_scale_size(&job->records[t].size, job->options, t, job->base.size);
    return status;
}

static cameras_status cut_network(cam_job *job)
{
    return cam_model_acquire_cut(&job->cut, job->model, job->layers, job->layer_count, job->precision);
}

/* Whether bf16 was our choice, not the caller's, and so ours to take back when the network refuses it. */
static int may_take_bf16_back(const cam_job *job, cameras_status refusal)
{
    return job->options->precision == CAMERAS_PRECISION_AUTO && job->precision == CAMERAS_PRECISION_BF16 &&
           (refusal == CAMERAS_EMODEL || refusal == CAMERAS_ELAYER);
}

static cameras_status take_bf16_back(cam_job *job)
{
    cam_model_note_bf16_refused(job->model);
    cam_model_release_cut(job->model, job->cut);
    job->cut = NULL;
    job->precision = CAMERAS_PRECISION_FP32;
    return cut_network(job);
}

static cameras_status settle_precision(cam_job *job)
{
    const cameras_status status = cam_precision_settle(&job->precision, job->options->precision);
    if (job->options->precision == CAMERAS_PRECISION_AUTO && cam_model_refused_bf16(job->model))
        job->precision = CAMERAS_PRECISION_FP32;
    return status;
}

/* A refusal of bf16 can only come from the cut: a layer that is not there is no fault of the precision. */
static cameras_status cut_network_as_it_allows(cam_job *job)
{
    const cameras_status status = cut_network(job);
    return may_take_bf16_back(job, status) ? take_bf16_back(job) : status;
}

cameras_status cam_job_plan(cam_job *job, cameras_model *model, cam_size picture, const cameras_options *options)
{
    *job = (cam_job){.model = model, .picture = picture, .options = options};
    job->threads = cam_thread_count(options->threads);
    job->gated = options->gate == CAMERAS_GATE_ON || (options->gate == CAMERAS_GATE_AUTO && !options->class_count);
    const double start = cam_clock();
    cameras_status status = cam_options_check_counts(options, options->class_count, doing);
    if (status == CAMERAS_OK)
        status = settle_precision(job);
    if (status == CAMERAS_OK)
        status = cam_base_size(&job->base.size, &model->preprocessing, picture);
    if (status == CAMERAS_OK)
        status = plan_scales(job);
    if (status == CAMERAS_OK)
        status = resolve_layers(job);
    if (status == CAMERAS_OK)
        status = cut_network_as_it_allows(job);
    if (status != CAMERAS_OK)
        cam_job_close(job);
    else
        job->seconds[CAMERAS_STAGE_PREPARE] = cam_clock() - start;
    return status;
}

cameras_status cam_job_estimate(cam_memory *memory, cam_job *job, size_t limit)
{
    cameras_status status = cam_memory_estimate(memory, job, limit);
    if (may_take_bf16_back(job, status)) {
        status = take_bf16_back(job);
        if (status == CAMERAS_OK)
            status = cam_memory_estimate(memory, job, limit);
    }
    return status;
}

/* What the limit leaves for LibTorch's tensors; 0 where there is no limit. */
static cameras_status share_limit(size_t *share, cam_job *job)
{
    cam_memory memory;
    *share = 0;
    if (!job->options->memory_limit)
        return CAMERAS_OK;
    cameras_status status = cam_job_estimate(&memory, job, job->options->memory_limit);
    if (status == CAMERAS_OK)
        status = cam_memory_check(&memory, job->options);
    if (status == CAMERAS_OK)
        *share = job->options->memory_limit - (cam_memory_total(&memory) - memory.passes);
    return status;
}

static cameras_status make_gather(cam_job *job)
{
    const cam_gather_counts counts = {job->layer_count, job->class_count, job->scale_count, job->threads};
    return cam_gather_make(&job->gather, job->options, &counts, job->base.size);
}

cameras_status cam_job_open(cam_job *job, cameras_model *model, const cameras_image *image,
                            const cameras_options *options)
{
    size_t share = 0;
    cameras_status status = cam_job_plan(job, model, (cam_size){image->width, image->height}, options);
    if (status != CAMERAS_OK)
        return status;
    job->image = image;
    status = share_limit(&share, job);
    if (status == CAMERAS_OK)
        status = cam_base_input(&job->base, &model->preprocessing, image, options);
    if (status == CAMERAS_OK)
        status = make_gather(job);
    if (status == CAMERAS_OK)
        status = shim_arena_open(&job->arena, share);
    if (status != CAMERAS_OK)
        cam_job_close(job);
    return status;
}

void cam_job_close(cam_job *job)
{
    cam_gather_free(&job->gather);
    free(job->ran);
    free(job->probabilities);
    free(job->records);
    free(job->base_logits);
    free(job->classes);
    cam_input_free(&job->base);
    shim_arena_close(job->arena);
    cam_model_release_cut(job->model, job->cut);
    free(job->layers);
}

/* ---- showing the network a picture ------------------------------------------------------------------------------ */

/* LibTorch says what failed; what to do about it depends on whether another size went well before. */
static cameras_status explain_refusal(cameras_status status, const cam_job *job)
{
    if (status != CAMERAS_EMODEL)
        return status;
    const cam_size base = job->base.size;
    return cam_fail(status,
                    job->base_logits
                        ? "%s; it did run on %zu x %zu: name only scales that the network takes"
                        : "%s; if the network was made for another size than %zu x %zu, set that as the base",
                    cameras_last_error(), base.width, base.height);
}

static cameras_status run_network(shim_pass **pass, cam_job *job, const cam_input *input)
{
    cameras_status status = shim_pass_open(pass, cam_shared_cut_get(job->cut), job->arena, input->data, input->channels,
                                           input->size.height, input->size.width, job->threads);
    if (status != CAMERAS_OK) {
        if (status == CAMERAS_EMODEL || status == CAMERAS_ELAYER)
            cam_model_forget_cut(job->model, job->cut);
        return explain_refusal(status, job);
    }
    cam_model_note_cut_runs(job->model, job->cut);
    size_t count = 0;
    const float *logits = shim_pass_logits(&count, *pass);
    if (job->base_logits && count != job->logit_count)
        status = cam_fail(CAMERAS_EMODEL, "run the network on %zu x %zu: %zu logits, but %zu on the base image",
                          input->size.width, input->size.height, count, job->logit_count);
    else
        status = cam_logits_check(logits, count, input->size);
    if (status != CAMERAS_OK) {
        shim_pass_close(*pass);
        *pass = NULL;
    }
    return status;
}

static void end_pass(cam_job *job, shim_pass *pass)
{
    job->seconds[CAMERAS_STAGE_TRUNK] += shim_pass_trunk_seconds(pass);
    job->seconds[CAMERAS_STAGE_HEAD] += shim_pass_head_seconds(pass);
    shim_pass_close(pass);
}

static cameras_status choose_classes(cam_job *job)
{
    if (!job->options->class_count)
        job->classes[0] = job->base_top1;
    for (size_t i = 0; i < job->options->class_count; i++) {
        job->classes[i] = job->options->classes[i];
        if (job->classes[i] >= job->logit_count)
            return cam_fail(CAMERAS_ECLASS, "explain class %zu: the network has %zu classes, 0 to %zu", job->classes[i],
                            job->logit_count, job->logit_count - 1);
    }
    return CAMERAS_OK;
}

static cameras_status note_base(cam_job *job, const shim_pass *pass)
{
    const float *logits = shim_pass_logits(&job->logit_count, pass);
    job->base_logits = malloc(job->logit_count * sizeof *logits);
    if (!job->base_logits)
        return cam_fail_memory(doing, job->logit_count * sizeof *logits);
    memcpy(job->base_logits, logits, job->logit_count * sizeof *logits);
    job->base_top1 = cam_logits_top1(logits, job->logit_count);
    return choose_classes(job);
}

/* ---- one scale -------------------------------------------------------------------------------------------------- */

/* Algorithm 1, line 6: a scale counts only if the prediction is still the base image's. */
static void apply_gate(cam_scale_record *record, const cam_job *job)
{
    const int same = record->top1 == job->base_top1;
    record->used = same || !job->gated;
    if (!job->gated)
        snprintf(record->reason, sizeof record->reason, "used: the gate is off");
    else if (same)
        snprintf(record->reason, sizeof record->reason, "used: top-1 is %zu, as on the base image", record->top1);
    else
        snprintf(record->reason, sizeof record->reason, "dropped: top-1 is %zu, not %zu as on the base image",
                 record->top1, job->base_top1);
}

static void note_scale(cam_job *job, size_t index, const shim_pass *pass)
{
    size_t count = 0;
    const float *logits = shim_pass_logits(&count, pass);
    cam_scale_record *record = &job->records[index];
    record->top1 = cam_logits_top1(logits, count);
    record->top1_probability = cam_logits_probability(logits, count, record->top1);
    for (size_t c = 0; c < job->class_count; c++)
        job->probabilities[index * job->class_count + c] = cam_logits_probability(logits, count, job->classes[c]);
    apply_gate(record, job);
}

/* One class's share of a scale, once its gradients are there. */
static cameras_status gather_class(cam_job *job, size_t index, size_t class_place, const shim_pass *pass)
{
    const double start = cam_clock();
    cameras_status status = CAMERAS_OK;
    for (size_t i = 0; i < job->layer_count && status == CAMERAS_OK; i++)
        status = cam_gather_take(&job->gather, i, class_place, index, shim_pass_activation(pass, i),
                                 shim_pass_gradient(pass, i));
    job->seconds[CAMERAS_STAGE_FUSE] += cam_clock() - start;
    return status;
}

static cameras_status gather_scale(cam_job *job, size_t index, shim_pass *pass)
{
    cameras_status status = CAMERAS_OK;
    for (size_t c = 0; c < job->class_count && status == CAMERAS_OK; c++) {
        status = shim_pass_differentiate(pass, job->classes[c]);
        if (status == CAMERAS_OK)
            status = gather_class(job, index, c, pass);
    }
    return status;
}

/* Copy index of the picture: from the base image, as released, or from the picture's own pixels. */
static cameras_status make_copy(cam_input *copy, const cam_job *job, size_t index)
{
    const cam_size size = job->records[index].size;
    const cam_filter filter = cam_enlarging_filter(job->options);
    if (job->options->source == CAMERAS_SOURCE_ORIGINAL)
        return cam_input_from_image(copy, &job->model->preprocessing, job->image, size, filter);
    return cam_input_resize(copy, &job->base, size, filter);
}

static cameras_status run_copy(cam_job *job, size_t index, const cam_input *copy)
{
    shim_pass *pass = NULL;
    cameras_status status = run_network(&pass, job, copy);
    if (status != CAMERAS_OK)
        return status;
    if (!job->base_logits)
        status = note_base(job, pass);
    if (status == CAMERAS_OK) {
        note_scale(job, index, pass);
        job->ran[index] = 1;
        if (job->records[index].used)
            status = gather_scale(job, index, pass);
    }
    end_pass(job, pass);
    return status;
}

cameras_status cam_job_run_scale(cam_job *job, size_t index)
{
    cam_input copy;
    cameras_status status = make_copy(&copy, job, index);
    if (status != CAMERAS_OK)
        return status;
    status = run_copy(job, index, &copy);
    cam_input_free(&copy);
    return status;
}

static cameras_status look_at_base(cam_job *job)
{
    for (size_t t = 0; t < job->scale_count; t++)
        if (cam_size_equal(job->records[t].size, job->base.size))
            return cam_job_run_scale(job, t);
    shim_pass *pass = NULL;
    cameras_status status = run_network(&pass, job, &job->base);
    if (status != CAMERAS_OK)
        return status;
    status = note_base(job, pass);
    end_pass(job, pass);
    return status;
}

cameras_status cam_job_look_at_base(cam_job *job)
{
    cameras_status status = look_at_base(job);
    if (!job->base_logits && may_take_bf16_back(job, status)) {
        status = take_bf16_back(job);
        if (status == CAMERAS_OK)
            status = look_at_base(job);
    }
    return status;
}

size_t cam_job_accepted(const cam_job *job)
{
    size_t accepted = 0;
    for (size_t t = 0; t < job->scale_count; t++)
        accepted += job->ran[t] && job->records[t].used;
    return accepted;
}

/* ---- fusing ----------------------------------------------------------------------------------------------------- */

static void copy_record(cameras_map *map, const cam_job *job, size_t class_place)
{
    map->class_index = job->classes[class_place];
    map->logit = job->base_logits[map->class_index];
    map->probability = cam_logits_probability(job->base_logits, job->logit_count, map->class_index);
    map->source = job->options->source;
    map->method = job->options->method;
    map->precision = job->precision;
    memcpy(map->scales, job->records, job->scale_count * sizeof *map->scales);
    for (size_t t = 0; t < job->scale_count; t++)
        map->scales[t].probability = job->probabilities[t * job->class_count + class_place];
}

/* The constant control is flat by intent: there is nothing to stretch and nothing wrong. */
static cameras_status finish_values(cameras_map *map, const cameras_options *options)
{
    if (map->method != CAMERAS_METHOD_CONSTANT)
        return cam_map_stretch(map, options->keep_flat);
    cam_map_take_raw(map);
    return CAMERAS_OK;
}

cameras_status cam_job_fuse(cameras_map **out, cam_job *job, size_t layer, size_t class_place)
{
    const double start = cam_clock();
    cameras_map *map = NULL;
    cameras_status status = cam_map_new(&map, job->base.size, job->layers[layer], job->scale_count);
    if (status != CAMERAS_OK)
        return status;
    copy_record(map, job, class_place);
    status = cam_gather_map(map->raw, &job->gather, layer, class_place, map->class_index, cam_job_accepted(job));
    if (status == CAMERAS_OK)
        status = cam_map_rectify(map);
    if (status == CAMERAS_OK && job->options->map_size == CAMERAS_MAP_SIZE_IMAGE)
        status = cam_map_resize(map, job->picture);
    if (status == CAMERAS_OK)
        status = finish_values(map, job->options);
    job->seconds[CAMERAS_STAGE_FUSE] += cam_clock() - start;
    if (status != CAMERAS_OK)
        cameras_map_free(map);
    else
        *out = map;
    return status;
}
