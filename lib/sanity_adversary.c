/*
 * sanity_adversary.c - whether an adversarial perturbation matters most where the map is greatest
 *
 * SPDX-License-Identifier: MIT
 *
 * The check of the paper (CAMERAS, CVPR 2021, section 6.1), whose protocol is in a supplement that was not at hand:
 * this is a reconstruction, and docs/evaluation.md says so. The perturbation descends the cross entropy of the unlikely
 * class, without any mask. Steps follow the gradient itself, normalised to one length: by their sign every pixel would
 * change by about as much, and |p| would have no ranks to compare.
 */
#include "sanity.h"

#include "error.h"
#include "map.h"
#include "predict.h"
#include "random.h"
#include "similarity.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char doing[] = "check sanity";

/* Pixel i of channel c is at c * pixels + i. */
struct attack {
    const cam_sanity_task *task;
    cam_predictor network;
    cam_input base;
    size_t pixels, samples;
    float *input;        /* base + perturbation */
    float *perturbation; /* in the input's own, normalised units */
    float *gradient;
    size_t *order; /* of the pixels */
};

/* ---- the perturbation ------------------------------------------------------------------------------------------- */

static const cam_preprocessing *preprocessing_of(const struct attack *attack)
{
    return &attack->task->model->preprocessing;
}

/* Adds a step to a channel of p, then holds p within the most that a pixel may change and the picture in [0, 1]. */
static void step_channel(struct attack *attack, size_t channel, double factor)
{
    const cam_preprocessing *how = preprocessing_of(attack);
    const float std = how->std[channel], most = (float)attack->task->asked->attack_epsilon / std;
    const float black = -how->mean[channel] / std, white = (1.0f - how->mean[channel]) / std;
    for (size_t i = channel * attack->pixels; i < (channel + 1) * attack->pixels; i++) {
        const float base = attack->base.data[i];
        float change = attack->perturbation[i] - (float)factor * attack->gradient[i] / std;
        change = fminf(fmaxf(change, -most), most);
        attack->input[i] = fminf(fmaxf(base + change, fminf(black, base)), fmaxf(white, base));
        attack->perturbation[i] = attack->input[i] - base;
    }
}

/* The gradient comes by normalised values; by pixels it is that over std. Returns its length. */
static double pixel_gradient(struct attack *attack)
{
    double squares = 0.0;
    for (size_t c = 0; c < attack->base.channels; c++)
        for (size_t i = c * attack->pixels; i < (c + 1) * attack->pixels; i++) {
            attack->gradient[i] /= preprocessing_of(attack)->std[c];
            squares += (double)attack->gradient[i] * (double)attack->gradient[i];
        }
    return sqrt(squares);
}

/* Fifty steps would lead from the picture to the corner of what is allowed. */
static double step_length(const struct attack *attack)
{
    return attack->task->asked->attack_epsilon * sqrt((double)attack->samples) / 50.0;
}

/* The gradient at the picture as perturbed so far; *reached where the unlikely class is as sure as asked. */
static cameras_status look(int *reached, struct attack *attack)
{
    const cam_sanity_task *task = attack->task;
    double probability = 0.0;
    const cameras_status status =
        cam_predictor_gradient(&probability, attack->gradient, &attack->network, attack->input, task->unlikely);
    *reached = status == CAMERAS_OK && probability >= task->asked->attack_confidence;
    return status;
}

static cameras_status perturb(struct attack *attack)
{
    const size_t asked = attack->task->asked->attack_steps;
    const size_t steps = asked < CAM_SANITY_STEPS ? asked : CAM_SANITY_STEPS;
    memcpy(attack->input, attack->base.data, attack->samples * sizeof *attack->input);
    for (size_t step = 0; step < steps; step++) {
        int reached = 0;
        const cameras_status status = look(&reached, attack);
        const double length = status == CAMERAS_OK ? pixel_gradient(attack) : 0.0;
        if (status != CAMERAS_OK || reached || !(length > 0.0) || !isfinite(length))
            return status;
        for (size_t c = 0; c < attack->base.channels; c++)
            step_channel(attack, c, step_length(attack) / length);
    }
    return CAMERAS_OK;
}

/* ---- the order of pixels ---------------------------------------------------------------------------------------- */

struct ordered {
    float value;
    size_t chance, place;
};

static int greatest_first(const void *left, const void *right)
{
    const struct ordered *a = left, *b = right;
    if (a->value != b->value)
        return a->value < b->value ? 1 : -1;
    return (a->chance > b->chance) - (a->chance < b->chance);
}

/* The pixels by descending value, equal ones by chance, which no corner of the picture gains by; NULL: all equal. */
static cameras_status order_pixels(struct attack *attack, const float *values)
{
    struct ordered *sorted = malloc(attack->pixels * sizeof *sorted);
    if (!sorted)
        return cam_fail_memory(doing, attack->pixels * sizeof *sorted);
    cam_random chance = cam_random_begin(attack->task->asked->seed, 1);
    for (size_t i = 0; i < attack->pixels; i++)
        sorted[i] = (struct ordered){values ? values[i] : 0.0f, (size_t)cam_random_bits(&chance), i};
    qsort(sorted, attack->pixels, sizeof *sorted, greatest_first);
    for (size_t i = 0; i < attack->pixels; i++)
        attack->order[i] = sorted[i].place;
    free(sorted);
    return CAMERAS_OK;
}

/* ---- applying it ------------------------------------------------------------------------------------------------ */

/* The perturbation comes on by its first pixels of the order, or by its last ones. */
struct curve {
    const struct attack *attack;
    int from_end;
};

/* A cam_input_maker: index counts the fractions. */
static void apply(float *to, size_t index, const void *user)
{
    const struct curve *own = user;
    const struct attack *attack = own->attack;
    const size_t count = attack->pixels * index / CAM_SANITY_FRACTIONS;
    memcpy(to, attack->base.data, attack->samples * sizeof *to);
    for (size_t i = 0; i < count; i++) {
        const size_t place = attack->order[own->from_end ? attack->pixels - 1 - i : i];
        for (size_t c = 0; c < attack->base.channels; c++)
            to[c * attack->pixels + place] = attack->input[c * attack->pixels + place];
    }
}

/* By the trapezoidal rule, of fractions from 0 to 1. */
static double area(const double points[CAM_SANITY_FRACTIONS + 1])
{
    double sum = 0.5 * (points[0] + points[CAM_SANITY_FRACTIONS]);
    for (size_t i = 1; i < CAM_SANITY_FRACTIONS; i++)
        sum += points[i];
    return sum / CAM_SANITY_FRACTIONS;
}

/* AUC(ascending) - AUC(descending) by these values, or by chance where they are NULL. */
static cameras_status score(double *out, struct attack *attack, const float *values)
{
    double descending[CAM_SANITY_FRACTIONS + 1], ascending[CAM_SANITY_FRACTIONS + 1];
    cameras_status status = order_pixels(attack, values);
    if (status == CAMERAS_OK)
        status = cam_predict(descending, CAM_SANITY_FRACTIONS + 1, &attack->network, apply, &(struct curve){attack, 0});
    if (status == CAMERAS_OK)
        status = cam_predict(ascending, CAM_SANITY_FRACTIONS + 1, &attack->network, apply, &(struct curve){attack, 1});
    if (status == CAMERAS_OK)
        *out = area(ascending) - area(descending);
    return status;
}

/* Rank correlation of the map and of how much each pixel changes, over all channels, in pixel units. */
static cameras_status correlate(double *out, const struct attack *attack, const float *values)
{
    int constant = 0;
    float *strength = calloc(attack->pixels, sizeof *strength);
    if (!strength)
        return cam_fail_memory(doing, attack->pixels * sizeof *strength);
    for (size_t c = 0; c < attack->base.channels; c++)
        for (size_t i = 0; i < attack->pixels; i++) {
            const float change = attack->perturbation[c * attack->pixels + i] * preprocessing_of(attack)->std[c];
            strength[i] += change * change;
        }
    const cameras_status status = cam_rank_correlation(out, &constant, strength, values, attack->pixels);
    free(strength);
    return status;
}

/* ---- all of it -------------------------------------------------------------------------------------------------- */

static cameras_status open_network(struct attack *attack)
{
    const cam_sanity_task *task = attack->task;
    const size_t channels = attack->base.channels;
    attack->network = (cam_predictor){.doing = doing,
                                      .model = task->model,
                                      .options = &task->how,
                                      .channels = channels,
                                      .size = attack->base.size,
                                      .batch = task->how.batch,
                                      .beside = 4 * channels + 8}; /* the image, the descent's three; the order */
    return cam_predictor_open(&attack->network);
}

static cameras_status open_attack(struct attack *attack, const cam_sanity_task *task)
{
    *attack = (struct attack){.task = task};
    cameras_status status = cam_base_input(&attack->base, &task->model->preprocessing, task->image, task->asked);
    if (status == CAMERAS_OK)
        status = open_network(attack);
    if (status != CAMERAS_OK)
        return status;
    attack->network.class_index = task->class_index;
    attack->pixels = cam_size_pixels(attack->base.size);
    attack->samples = attack->pixels * attack->base.channels;
    attack->input = malloc(attack->samples * sizeof *attack->input);
    attack->perturbation = calloc(attack->samples, sizeof *attack->perturbation);
    attack->gradient = malloc(attack->samples * sizeof *attack->gradient);
    attack->order = malloc(attack->pixels * sizeof *attack->order);
    return attack->input && attack->perturbation && attack->gradient && attack->order
               ? CAMERAS_OK
               : cam_fail_memory(doing, 3 * attack->samples * sizeof(float) + attack->pixels * sizeof(size_t));
}

static void close_attack(struct attack *attack)
{
    free(attack->order);
    free(attack->gradient);
    free(attack->perturbation);
    free(attack->input);
    cam_predictor_close(&attack->network);
    cam_input_free(&attack->base);
}

cameras_status cam_sanity_adversary(cameras_sanity *sanity, const cam_sanity_task *task)
{
    struct attack attack;
    cameras_status status = open_attack(&attack, task);
    if (status == CAMERAS_OK)
        status = perturb(&attack);
    if (status == CAMERAS_OK)
        status = correlate(&sanity->adversarial_spearman, &attack, sanity->original->values);
    if (status == CAMERAS_OK)
        status = score(&sanity->adversarial_score, &attack, sanity->original->values);
    if (status == CAMERAS_OK)
        status = score(&sanity->adversarial_chance, &attack, NULL);
    close_attack(&attack);
    return status;
}
