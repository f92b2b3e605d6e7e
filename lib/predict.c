/*
 * predict.c - probabilities of one class for many inputs, in batches
 *
 * SPDX-License-Identifier: MIT
 *
 * The inputs of an evaluation differ from one image by what a map hides. They are made just before they are shown, so
 * that memory is that of one batch, however many there are.
 */
#include "predict.h"

#include "error.h"
#include "logits.h"
#include "options.h"
#include "threads.h"

#include <stdlib.h>

static size_t input_length(const cam_predictor *own)
{
    return own->channels * own->size.width * own->size.height;
}

static size_t planes_bytes(const cam_predictor *own)
{
    return own->beside * cam_size_pixels(own->size) * sizeof(float);
}

/* For the network's tensors, which have what the caller's planes and so many inputs leave them. */
static cameras_status open_arena(cam_predictor *own, size_t inputs)
{
    const size_t limit = own->options->memory_limit;
    const size_t taken = planes_bytes(own) + inputs * input_length(own) * sizeof *own->inputs;
    shim_arena_close(own->arena);
    own->arena = NULL;
    own->charged = inputs;
    if (limit && taken >= limit)
        return cam_fail(CAMERAS_ELIMIT,
                        "%s: its pictures alone take %zu bytes, beyond the memory limit of %zu; a smaller base size "
                        "needs less, and cameras_options_set_memory_limit or --memory-limit allows more",
                        own->doing, taken, limit);
    return shim_arena_open(&own->arena, limit ? limit - taken : 0);
}

/* Inputs for a batch of so many; of fewer under a memory limit, a quarter of which is for them. */
static cameras_status make_room(cam_predictor *own, size_t batch)
{
    const size_t limit = own->options->memory_limit, each = input_length(own) * sizeof *own->inputs;
    cameras_status status = CAMERAS_OK;
    while (limit && batch > 1 && (batch * each > limit / 4 || planes_bytes(own) + batch * each >= limit))
        batch--;
    if (limit && own->charged != batch)
        status = open_arena(own, batch);
    free(own->inputs);
    own->batch = batch;
    own->inputs = status == CAMERAS_OK ? malloc(batch * each) : NULL;
    return status == CAMERAS_OK && !own->inputs ? cam_fail_memory(own->doing, batch * each) : status;
}

cameras_status cam_predictor_open(cam_predictor *own)
{
    own->threads = cam_thread_count(own->options->threads);
    cameras_status status = open_arena(own, 1);
    if (status == CAMERAS_OK)
        status = cam_model_acquire_cut(&own->cut, own->model, NULL, 0, CAMERAS_PRECISION_FP32);
    if (status != CAMERAS_OK)
        cam_predictor_close(own);
    return status;
}

void cam_predictor_close(cam_predictor *own)
{
    shim_arena_close(own->arena);
    if (own->model)
        cam_model_release_cut(own->model, own->cut);
    free(own->inputs);
    *own = (cam_predictor){0};
}

void cam_predictor_rest(cam_predictor *own)
{
    free(own->inputs);
    own->inputs = NULL;
    shim_arena_trim(own->arena);
}

/* The logits of count inputs, which are checked; freed by free. */
static cameras_status forward(float **logits, size_t *classes, const cam_predictor *own, const float *inputs,
                              size_t count)
{
    *logits = NULL;
    cameras_status status = shim_forward(logits, classes, cam_shared_cut_get(own->cut), own->arena, inputs, count,
                                         own->channels, own->size.height, own->size.width, own->threads);
    for (size_t i = 0; i < count && status == CAMERAS_OK; i++)
        status = cam_logits_check(*logits + i * *classes, *classes, own->size);
    if (status != CAMERAS_OK) {
        free(*logits);
        *logits = NULL;
    }
    return status;
}

cameras_status cam_predictor_logits(float **logits, size_t *classes, const cam_predictor *own, const float *input)
{
    return forward(logits, classes, own, input, 1);
}

cameras_status cam_predictor_gradient(double *probability, float *gradient, const cam_predictor *own,
                                      const float *input, size_t target)
{
    float *logits = NULL;
    size_t classes = 0;
    cameras_status status =
        shim_input_gradient(&logits, &classes, gradient, cam_shared_cut_get(own->cut), own->arena, input, own->channels,
                            own->size.height, own->size.width, target, own->threads);
    if (status == CAMERAS_OK)
        status = cam_logits_check(logits, classes, own->size);
    if (status == CAMERAS_OK)
        *probability = (double)cam_logits_probability(logits, classes, target);
    free(logits);
    return status;
}

cameras_status cam_predictor_choose(double *probability, cam_predictor *own, const float *input, size_t wanted)
{
    float *logits = NULL;
    size_t classes = 0;
    cameras_status status = forward(&logits, &classes, own, input, 1);
    if (status != CAMERAS_OK)
        return status;
    own->class_index = wanted == SIZE_MAX ? cam_logits_top1(logits, classes) : wanted;
    if (own->class_index < classes)
        *probability = (double)cam_logits_probability(logits, classes, own->class_index);
    else
        status = cam_fail(CAMERAS_ECLASS, "%s of class %zu: the network has %zu classes, 0 to %zu", own->doing, wanted,
                          classes, classes - 1);
    free(logits);
    return status;
}

static cameras_status report_progress(const cam_predictor *own)
{
    const double done = own->expected ? (double)own->shown / (double)own->expected : 0.0;
    if (own->options->progress && own->options->progress(done, own->options->progress_user) != 0)
        return cam_fail(CAMERAS_ECANCELLED, "%s: cancelled by the progress callback with %.0f %% done", own->doing,
                        100.0 * done);
    return CAMERAS_OK;
}

static cameras_status predict_batch(double *probabilities, size_t count, cam_predictor *own)
{
    float *logits = NULL;
    size_t classes = 0;
    const cameras_status status = forward(&logits, &classes, own, own->inputs, count);
    if (status != CAMERAS_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        probabilities[i] = (double)cam_logits_probability(logits + i * classes, classes, own->class_index);
    free(logits);
    own->shown += count;
    return report_progress(own);
}

cameras_status cam_predict(double *probabilities, size_t count, cam_predictor *own, cam_input_maker make,
                           const void *user)
{
    cameras_status status = own->inputs ? CAMERAS_OK : make_room(own, own->batch);
    for (size_t begin = 0, now = 0; begin < count && status == CAMERAS_OK; begin += now) {
        const size_t rest = count - begin;
        now = rest < own->batch ? rest : own->batch;
        for (size_t i = 0; i < now; i++)
            make(own->inputs + i * input_length(own), begin + i, user);
        status = predict_batch(probabilities + begin, now, own);
        if (status == CAMERAS_ELIMIT && now > 1) {
            status = make_room(own, now / 2); /* which may keep the limit */
            now = 0;
        }
    }
    return status;
}
