/*
 * attack.c - the saliency-guided attack beside the plain one
 *
 * SPDX-License-Identifier: MIT
 *
 * Both descend from the same image to the same class by the same steps (descent.c); the guided one pays for what it
 * changes where the map is low. Neither is shortened once it has succeeded: that would have to be done to both, and
 * would measure the search for the nearest success rather than the descent.
 */
#include "attack.h"

#include "descent.h"
#include "error.h"
#include "logits.h"
#include "map.h"
#include "predict.h"
#include "rank.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What a run needs besides its result. */
typedef struct run {
    cameras_model *model;
    const cameras_options *options;
    cam_input image; /* in pixel units, in the network's order of channels */
    cam_predictor network;
    float *quiet;          /* 1 - M */
    unsigned char *inside; /* whether a pixel is of the map's greatest */
} run;

/* ---- the image and the map -------------------------------------------------------------------------------------- */

/* The base image as it is before it is normalised. Bicubic enlarging overshoots: colours are brought back to [0, 1]. */
static cameras_status prepare_image(run *now, const cameras_image *picture)
{
    cam_preprocessing plain = now->model->preprocessing;
    for (size_t c = 0; c < plain.channels; c++) {
        plain.mean[c] = 0.0f;
        plain.std[c] = 1.0f;
    }
    const cameras_status status = cam_base_input(&now->image, &plain, picture, now->options);
    const size_t samples = now->image.channels * now->image.size.width * now->image.size.height;
    for (size_t i = 0; status == CAMERAS_OK && i < samples; i++)
        now->image.data[i] = fminf(fmaxf(now->image.data[i], 0.0f), 1.0f);
    return status;
}

/* A fifth of the pixels, those of the greatest values; of equal ones the first. */
static cameras_status mark_inside(unsigned char *inside, const float *values, size_t pixels)
{
    size_t *rank = NULL;
    const cameras_status status = cam_rank_make(&rank, values, pixels);
    for (size_t i = 0; status == CAMERAS_OK && i < pixels; i++)
        inside[i] = rank[i] < (pixels + 2) / 5;
    free(rank);
    return status;
}

static cameras_status prepare_map(run *now, const cameras_map *map)
{
    const cam_size size = now->image.size;
    const size_t pixels = size.width * size.height;
    if (!cam_size_equal(map->size, size))
        return cam_fail(CAMERAS_EINVAL, "attack: the map is %zu x %zu, the base image %zu x %zu", map->size.width,
                        map->size.height, size.width, size.height);
    now->quiet = malloc(pixels * sizeof *now->quiet);
    now->inside = calloc(pixels, 1);
    if (!now->quiet || !now->inside)
        return cam_fail_memory("attack", pixels * (1 + sizeof *now->quiet));
    for (size_t i = 0; i < pixels; i++)
        now->quiet[i] = 1.0f - map->values[i];
    return mark_inside(now->inside, map->values, pixels);
}

/* ---- the target ------------------------------------------------------------------------------------------------- */

static cameras_status choose_target(size_t *target, const run *now, const float *logits, size_t classes)
{
    const size_t asked = now->options->attack_target;
    *target = asked == CAMERAS_LEAST_LIKELY ? cam_logits_least(logits, classes, SIZE_MAX) : asked;
    if (*target >= classes)
        return cam_fail(CAMERAS_ECLASS, "attack: there is no class %zu; the network has %zu", *target, classes);
    if (*target == cam_logits_top1(logits, classes))
        return cam_fail(CAMERAS_EINVAL, "attack: the network sees class %zu already; choose another target", *target);
    return CAMERAS_OK;
}

/* From what the network says of the clean image. */
static cameras_status find_target(size_t *target, const run *now)
{
    const cam_preprocessing *how = &now->model->preprocessing;
    const size_t pixels = now->image.size.width * now->image.size.height;
    float *logits = NULL;
    size_t classes = 0;
    float *input = malloc(now->image.channels * pixels * sizeof *input);
    if (!input)
        return cam_fail_memory("attack", now->image.channels * pixels * sizeof *input);
    for (size_t i = 0; i < now->image.channels * pixels; i++)
        input[i] = (now->image.data[i] - how->mean[i / pixels]) / how->std[i / pixels];
    cameras_status status = cam_predictor_logits(&logits, &classes, &now->network, input);
    if (status == CAMERAS_OK)
        status = choose_target(target, now, logits, classes);
    free(logits);
    free(input);
    return status;
}

/* ---- the attacks ------------------------------------------------------------------------------------------------ */

/* Where a network takes blue first, its planes are the picture's the other way round. */
static size_t plane_of_picture(const run *now, size_t channel)
{
    const int reversed = now->model->preprocessing.order == CAMERAS_ORDER_BGR;
    return reversed ? now->image.channels - 1 - channel : channel;
}

static cameras_status keep(cam_attacked *kind, const cam_descended *end, const run *now)
{
    const size_t pixels = now->image.size.width * now->image.size.height, samples = now->image.channels * pixels;
    kind->image = malloc(samples * sizeof *kind->image);
    kind->perturbation = malloc(samples * sizeof *kind->perturbation);
    if (!kind->image || !kind->perturbation)
        return cam_fail_memory("attack", 2 * samples * sizeof *kind->image);
    for (size_t i = 0; i < samples; i++) {
        const size_t from = plane_of_picture(now, i / pixels) * pixels + i % pixels;
        kind->image[i] = end->attacked[from];
        kind->perturbation[i] = end->attacked[from] - now->image.data[from];
    }
    kind->probability = end->probability;
    kind->steps = end->steps;
    kind->succeeded = end->succeeded;
    cam_attack_measure(kind, now->inside, now->image.channels, pixels);
    return CAMERAS_OK;
}

static cameras_status attack_by(cameras_attack *attack, cameras_attack_kind kind, const run *now)
{
    const int guided = kind == CAMERAS_ATTACK_GUIDED;
    const cam_descent how = {.network = &now->network,
                             .image = now->image.data,
                             .quiet = guided ? now->quiet : NULL,
                             .target = attack->target,
                             .begun = guided ? 0.0 : 0.5,
                             .share = 0.5};
    cam_descended end;
    cameras_status status = cam_descend(&end, &how);
    if (status == CAMERAS_OK)
        status = keep(&attack->kinds[kind], &end, now);
    free(end.attacked);
    return status;
}

static cameras_status attack_both(cameras_attack *attack, const run *now)
{
    attack->size = now->image.size;
    attack->channels = now->image.channels;
    cameras_status status = find_target(&attack->target, now);
    if (status == CAMERAS_OK)
        status = attack_by(attack, CAMERAS_ATTACK_GUIDED, now);
    if (status == CAMERAS_OK)
        status = attack_by(attack, CAMERAS_ATTACK_PLAIN, now);
    return status;
}

static void run_end(run *now)
{
    free(now->inside);
    free(now->quiet);
    cam_predictor_close(&now->network);
    cam_input_free(&now->image);
}

static cameras_status open_network(run *now)
{
    const size_t channels = now->image.channels;
    now->network =
        (cam_predictor){.doing = "attack",
                        .model = now->model,
                        .options = now->options,
                        .channels = channels,
                        .size = now->image.size,
                        .batch = 1,
                        .beside = 9 * channels + 8}; /* the image, a descent's three, both results; the map's */
    return cam_predictor_open(&now->network);
}

cameras_status cameras_attack_run(cameras_attack **out, cameras_model *model, const cameras_image *image,
                                  const cameras_map *map, const cameras_options *options)
{
    if (out)
        *out = NULL;
    if (!out || !model || !image || !map)
        return cam_fail(CAMERAS_EINVAL, "attack: out, model, image and map are needed");
    run now = {.model = model, .options = cam_options_or_default(options)};
    cameras_attack *attack = calloc(1, sizeof *attack);
    cameras_status status = attack ? CAMERAS_OK : cam_fail_memory("attack", sizeof *attack);
    if (status == CAMERAS_OK)
        status = prepare_image(&now, image);
    if (status == CAMERAS_OK)
        status = prepare_map(&now, map);
    if (status == CAMERAS_OK)
        status = open_network(&now);
    if (status == CAMERAS_OK)
        status = attack_both(attack, &now);
    run_end(&now);
    if (status != CAMERAS_OK)
        cameras_attack_free(attack);
    else
        *out = attack;
    return status;
}

void cameras_attack_free(cameras_attack *attack)
{
    if (!attack)
        return;
    for (size_t i = 0; i < CAM_ATTACK_KINDS; i++) {
        free(attack->kinds[i].image);
        free(attack->kinds[i].perturbation);
    }
    free(attack);
}
