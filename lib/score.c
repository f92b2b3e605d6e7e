/*
 * score.c - what a map is worth: the base image is masked by it, and the network asked
 *
 * SPDX-License-Identifier: MIT
 *
 * docs/evaluation.md has every formula with its source. Scores of what the network says are taken at the base image's
 * size, which is what it is shown; those of where the object is at the image's own, in whose pixels objects are given.
 */
#include "coherency.h"
#include "curves.h"
#include "error.h"
#include "image.h"
#include "localisation.h"
#include "map.h"
#include "options.h"
#include "rank.h"
#include "road.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    SCORES = CAMERAS_SCORE_IOU + 1,
    ROAD_IMAGES = 8
};

struct cameras_scores {
    size_t class_index;
    double probability, values[SCORES];
};

/* ---- opening a trial -------------------------------------------------------------------------------------------- */

static cameras_status check_size(const cam_trial *trial, const cameras_image *image)
{
    const cam_size map = trial->map->size, base = trial->base.size, picture = {image->width, image->height};
    if (cam_size_equal(map, base) || cam_size_equal(map, picture))
        return CAMERAS_OK;
    return cam_fail(CAMERAS_EINVAL,
                    "score map: the map is %zu x %zu, neither the base image's %zu x %zu nor the image's %zu x %zu",
                    map.width, map.height, base.width, base.height, picture.width, picture.height);
}

static size_t wanted_class(const cam_trial *trial)
{
    return trial->options->class_count ? trial->options->classes[0] : trial->map->class_index;
}

/* Explaining again counts as much as all the inputs together, and comes after them. */
static size_t progress_length(const cam_trial *trial)
{
    return 2 * (2 + 2 * (trial->options->score_steps + 1) + ROAD_IMAGES);
}

static void close_trial(cam_trial *trial)
{
    cam_predictor_close(&trial->network);
    cam_input_free(&trial->base);
    free(trial->rank);
    free(trial->values);
}

/* Beside its batches: the base image, ROAD's images and its system of equations, the map and the ranks. */
static cameras_status open_network(cam_trial *trial)
{
    const size_t channels = trial->base.channels;
    trial->network = (cam_predictor){.doing = "score map",
                                     .model = trial->model,
                                     .options = trial->options,
                                     .channels = channels,
                                     .size = trial->base.size,
                                     .batch = trial->options->batch,
                                     .beside = (1 + ROAD_IMAGES) * channels + 12};
    return cam_predictor_open(&trial->network);
}

static cameras_status open_trial(cam_trial *trial, const cameras_image *image)
{
    cameras_status status = cam_base_input(&trial->base, &trial->model->preprocessing, image, trial->options);
    if (status == CAMERAS_OK)
        status = check_size(trial, image);
    if (status == CAMERAS_OK)
        status = cam_map_values_at(&trial->values, trial->map, trial->base.size, "score map");
    if (status == CAMERAS_OK)
        status = cam_rank_make(&trial->rank, trial->values, cam_trial_pixels(trial));
    if (status == CAMERAS_OK)
        status = open_network(trial);
    if (status == CAMERAS_OK)
        status = cam_predictor_choose(&trial->probability, &trial->network, trial->base.data, wanted_class(trial));
    trial->network.expected = progress_length(trial);
    return status;
}

/* ---- masking ---------------------------------------------------------------------------------------------------- */

/* Black is -mean / std once normalised: M (x + mean / std) - mean / std is the product in pixels. */
void cam_trial_mask(float *input, const cam_trial *trial, int inverted)
{
    const cam_preprocessing *how = &trial->model->preprocessing;
    const size_t pixels = cam_trial_pixels(trial);
    for (size_t c = 0; c < trial->base.channels; c++) {
        const float black = trial->options->masking == CAMERAS_MASKING_PIXELS ? -how->mean[c] / how->std[c] : 0.0f;
        const float *from = trial->base.data + c * pixels;
        for (size_t i = 0; i < pixels; i++) {
            const float share = inverted ? 1.0f - trial->values[i] : trial->values[i];
            input[c * pixels + i] = share * (from[i] - black) + black;
        }
    }
}

/* A cam_input_maker: I M, then I (1 - M). */
static void make_masked(float *input, size_t index, const void *user)
{
    cam_trial_mask(input, user, index == 1);
}

static double mean_value(const cam_trial *trial)
{
    double sum = 0.0;
    for (size_t i = 0; i < cam_trial_pixels(trial); i++)
        sum += (double)trial->values[i];
    return sum / (double)cam_trial_pixels(trial);
}

/* A quotient without a denominator was not measured. */
static double quotient(double numerator, double denominator)
{
    return denominator > 0.0 ? numerator / denominator : NAN;
}

static cameras_status measure_masked(double values[SCORES], cam_trial *trial)
{
    double shown[2];
    const double p = trial->probability, mean = mean_value(trial);
    const cameras_status status = cam_predict(shown, 2, &trial->network, make_masked, trial);
    if (status != CAMERAS_OK)
        return status;
    values[CAMERAS_SCORE_POSITIVE_MAP_DENSITY] = quotient(shown[0], mean);
    values[CAMERAS_SCORE_NEGATIVE_MAP_DENSITY] = quotient(shown[1], 1.0 - mean);
    values[CAMERAS_SCORE_AVERAGE_DROP] = quotient(fmax(0.0, p - shown[0]), p);
    values[CAMERAS_SCORE_INCREASE] = shown[0] > p;
    values[CAMERAS_SCORE_AVERAGE_GAIN] = quotient(fmax(0.0, shown[0] - p), 1.0 - p);
    return CAMERAS_OK;
}

/* ---- the others ------------------------------------------------------------------------------------------------- */

/* The harmonic mean is 0 where one of the three is. */
static cameras_status measure_adcc(double values[SCORES], cam_trial *trial)
{
    double coherency = NAN;
    const cameras_status status = cam_coherency(&coherency, trial);
    const double drop = values[CAMERAS_SCORE_AVERAGE_DROP];
    values[CAMERAS_SCORE_ADCC] = 3.0 / (1.0 / coherency + 1.0 / (1.0 - mean_value(trial)) + 1.0 / (1.0 - drop));
    return status;
}

static cameras_status measure_object(double values[SCORES], const cam_trial *trial, const cam_object *object)
{
    float *large = NULL;
    cameras_status status = cam_map_values_at(&large, trial->map, object->size, "score map");
    if (status == CAMERAS_OK) {
        values[CAMERAS_SCORE_POINTING_HIT] = cam_object_hit(object, large);
        values[CAMERAS_SCORE_ENERGY] = cam_object_energy(object, large);
        status = cam_object_iou(&values[CAMERAS_SCORE_IOU], object, large);
    }
    free(large);
    return status;
}

static cameras_status measure(cameras_scores *out, cam_trial *trial, const cam_object *object)
{
    out->class_index = trial->network.class_index;
    out->probability = trial->probability;
    cameras_status status = measure_masked(out->values, trial);
    if (status == CAMERAS_OK)
        status = cam_curve_insertion(&out->values[CAMERAS_SCORE_INSERTION_AUC], trial);
    if (status == CAMERAS_OK)
        status = cam_curve_deletion(&out->values[CAMERAS_SCORE_DELETION_AUC], trial);
    if (status == CAMERAS_OK)
        status = cam_road_measure(&out->values[CAMERAS_SCORE_ROAD], trial);
    if (status == CAMERAS_OK)
        status = measure_adcc(out->values, trial);
    if (status == CAMERAS_OK && object->count)
        status = measure_object(out->values, trial, object);
    return status;
}

/* ---- public ----------------------------------------------------------------------------------------------------- */

static cameras_status scores_new(cameras_scores **out)
{
    *out = malloc(sizeof **out);
    if (!*out)
        return cam_fail_memory("score map", sizeof **out);
    for (size_t i = 0; i < SCORES; i++)
        (*out)->values[i] = NAN;
    return CAMERAS_OK;
}

static cameras_status check_arguments(const cameras_model *model, const cameras_image *image, const cameras_map *map,
                                      const cameras_options *options)
{
    if (!model || !image || !map)
        return cam_fail(CAMERAS_EINVAL, "score map: model, image and map are needed");
    if (options->class_count > 1)
        return cam_fail(CAMERAS_EINVAL, "score map: a map is scored for one class, the options name %zu",
                        options->class_count);
    return cam_options_check_counts(options, options->class_count, "score map");
}

cameras_status cameras_score(cameras_scores **out, cameras_model *model, const cameras_image *image,
                             const cameras_map *map, const cameras_image *object, const cameras_options *options)
{
    if (!out)
        return cam_fail(CAMERAS_EINVAL, "score map: out is NULL");
    *out = NULL;
    options = cam_options_or_default(options);
    cam_trial trial = {.model = model, .map = map, .options = options};
    cam_object where = {0};
    cameras_scores *scores = NULL;
    cameras_status status = check_arguments(model, image, map, options);
    if (status == CAMERAS_OK && object)
        status = cam_object_make(&where, object, (cam_size){image->width, image->height});
    if (status == CAMERAS_OK)
        status = open_trial(&trial, image);
    if (status == CAMERAS_OK)
        status = scores_new(&scores);
    if (status == CAMERAS_OK)
        status = measure(scores, &trial, &where);
    close_trial(&trial);
    cam_object_free(&where);
    if (status == CAMERAS_OK)
        *out = scores;
    else
        free(scores);
    return status;
}

void cameras_scores_free(cameras_scores *scores)
{
    free(scores);
}

double cameras_scores_value(const cameras_scores *scores, cameras_score_kind kind)
{
    return scores && (int)kind >= 0 && (int)kind < SCORES ? scores->values[kind] : NAN;
}

size_t cameras_scores_class(const cameras_scores *scores)
{
    return scores ? scores->class_index : 0;
}

double cameras_scores_probability(const cameras_scores *scores)
{
    return scores ? scores->probability : 0.0;
}

const char *cameras_score_name(cameras_score_kind kind)
{
    static const char *const names[SCORES] = {"positive_map_density",
                                              "negative_map_density",
                                              "insertion_auc",
                                              "deletion_auc",
                                              "average_drop",
                                              "increase",
                                              "average_gain",
                                              "adcc",
                                              "road",
                                              "pointing_hit",
                                              "energy",
                                              "iou"};
    return (int)kind >= 0 && (int)kind < SCORES ? names[kind] : NULL;
}
