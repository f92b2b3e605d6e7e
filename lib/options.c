/*
 * options.c - the setters, and the defaults they start from
 *
 * SPDX-License-Identifier: MIT
 */
#include "options.h"

#include "error.h"
#include "scales.h"

#include <stdlib.h>
#include <string.h>

static const cameras_options defaults = {
    .preset = CAMERAS_PRESET_REFERENCE,
    .interpolation = CAMERAS_BICUBIC,
    .gate = CAMERAS_GATE_AUTO,
    .source = CAMERAS_SOURCE_BASE,
    .map_size = CAMERAS_MAP_SIZE_BASE,
    .precision = CAMERAS_PRECISION_FP32,
    .max_pixels = CAMERAS_DEFAULT_MAX_PIXELS,
    .max_file_bytes = CAMERAS_MAX_FILE_BYTES,
    .max_scales = CAMERAS_MAX_SCALES,
    .max_classes = CAMERAS_MAX_CLASSES,
    .score_steps = 64,
    .batch = 16,
    .sanity_threshold = 0.5,
    .attack_target = CAMERAS_LEAST_LIKELY,
    .attack_steps = 300,
    .attack_confidence = 0.99,
    .attack_epsilon = 12.0 / 255.0,
    .attack_beta = 50.0,
    .attack_rule = CAMERAS_STEP_SIGN,
};

const cameras_options *cam_options_or_default(const cameras_options *options)
{
    return options ? options : &defaults;
}

static cameras_status check_choice(const cameras_options *options, int value, int last, const char *what)
{
    if (!options)
        return cam_fail(CAMERAS_EINVAL, "set %s: options are NULL", what);
    if (value < 0 || value > last)
        return cam_fail(CAMERAS_EINVAL, "set %s: %d is none of 0 to %d", what, value, last);
    return CAMERAS_OK;
}

static cameras_status check_count(const cameras_options *options, size_t value, size_t most, const char *what)
{
    if (!options || !value)
        return cam_fail(CAMERAS_EINVAL, "set %s: options and at least 1 are needed", what);
    if (value > most)
        return cam_fail(CAMERAS_ELIMIT, "set %s: %zu is more than the limit of %zu", what, value, most);
    return CAMERAS_OK;
}

static cameras_status check_scales(const cameras_options *options, size_t count, const char *doing)
{
    if (count <= options->max_scales)
        return CAMERAS_OK;
    return cam_fail(CAMERAS_ELIMIT,
                    "%s: %zu scales are more than the limit of %zu, which cameras_options_set_max_scales sets, to at "
                    "most %d",
                    doing, count, options->max_scales, CAMERAS_MAX_SCALES);
}

static cameras_status check_classes(const cameras_options *options, size_t count, const char *doing)
{
    if (count <= options->max_classes)
        return CAMERAS_OK;
    return cam_fail(CAMERAS_ELIMIT,
                    "%s: %zu classes are more than the limit of %zu, which cameras_options_set_max_classes sets, to at "
                    "most %d",
                    doing, count, options->max_classes, CAMERAS_MAX_CLASSES);
}

cameras_status cam_options_check_counts(const cameras_options *options, size_t classes, const char *doing)
{
    const cameras_status status = check_scales(options, cam_scale_count(options), doing);
    return status == CAMERAS_OK ? check_classes(options, classes, doing) : status;
}

cameras_status cameras_options_new(cameras_options **out)
{
    if (!out)
        return cam_fail(CAMERAS_EINVAL, "make options: out is NULL");
    *out = malloc(sizeof **out);
    if (!*out)
        return cam_fail_memory("make options", sizeof **out);
    **out = defaults;
    return CAMERAS_OK;
}

void cameras_options_free(cameras_options *options)
{
    if (!options)
        return;
    for (size_t i = 0; i < options->layer_count; i++)
        free(options->layers[i]);
    free(options->layers);
    free(options->classes);
    free(options->scales);
    free(options);
}

cameras_status cameras_options_set_preset(cameras_options *options, cameras_preset preset)
{
    const cameras_status status = check_choice(options, (int)preset, CAMERAS_PRESET_FAST, "preset");
    if (status != CAMERAS_OK)
        return status;
    const int paper = preset == CAMERAS_PRESET_PAPER;
    free(options->scales);
    options->scales = NULL;
    options->scale_count = 0;
    options->preset = preset;
    options->interpolation = paper ? CAMERAS_BILINEAR : CAMERAS_BICUBIC;
    options->gate = paper ? CAMERAS_GATE_ON : CAMERAS_GATE_AUTO;
    return CAMERAS_OK;
}

cameras_status cameras_options_set_scales(cameras_options *options, const size_t *sides, size_t count)
{
    if (!options || !sides || !count)
        return cam_fail(CAMERAS_EINVAL, "set scales: options and at least one scale are needed");
    const cameras_status status = check_scales(options, count, "set scales");
    if (status != CAMERAS_OK)
        return status;
    for (size_t i = 0; i < count; i++) {
        if (sides[i] == 0)
            return cam_fail(CAMERAS_EINVAL, "set scales: a side of 0 pixels");
        if (sides[i] > CAMERAS_MAX_SIDE)
            return cam_fail(CAMERAS_ELIMIT, "set scales: a side of %zu pixels is beyond the limit of %d", sides[i],
                            CAMERAS_MAX_SIDE);
    }
    size_t *copy = malloc(count * sizeof *copy);
    if (!copy)
        return cam_fail_memory("set scales", count * sizeof *copy);
    memcpy(copy, sides, count * sizeof *copy);
    free(options->scales);
    options->scales = copy;
    options->scale_count = count;
    return CAMERAS_OK;
}

cameras_status cameras_options_set_interpolation(cameras_options *options, cameras_interpolation kind)
{
    const cameras_status status = check_choice(options, (int)kind, CAMERAS_BICUBIC, "interpolation");
    if (status == CAMERAS_OK)
        options->interpolation = kind;
    return status;
}

cameras_status cameras_options_set_gate(cameras_options *options, cameras_gate gate)
{
    const cameras_status status = check_choice(options, (int)gate, CAMERAS_GATE_OFF, "gate");
    if (status == CAMERAS_OK)
        options->gate = gate;
    return status;
}

cameras_status cameras_options_set_source(cameras_options *options, cameras_source source)
{
    const cameras_status status = check_choice(options, (int)source, CAMERAS_SOURCE_ORIGINAL, "source");
    if (status == CAMERAS_OK)
        options->source = source;
    return status;
}

cameras_status cameras_options_set_method(cameras_options *options, cameras_method method)
{
    const cameras_status status = check_choice(options, (int)method, CAMERAS_METHOD_CONSTANT, "method");
    if (status == CAMERAS_OK)
        options->method = method;
    return status;
}

cameras_status cameras_options_set_seed(cameras_options *options, uint64_t seed)
{
    if (!options)
        return cam_fail(CAMERAS_EINVAL, "set seed: options are NULL");
    options->seed = seed;
    return CAMERAS_OK;
}

cameras_status cameras_options_set_map_size(cameras_options *options, cameras_map_size size)
{
    const cameras_status status = check_choice(options, (int)size, CAMERAS_MAP_SIZE_IMAGE, "map size");
    if (status == CAMERAS_OK)
        options->map_size = size;
    return status;
}

cameras_status cameras_options_add_class(cameras_options *options, size_t index)
{
    if (!options)
        return cam_fail(CAMERAS_EINVAL, "add class: options are NULL");
    const cameras_status status = check_classes(options, options->class_count + 1, "add class");
    if (status != CAMERAS_OK)
        return status;
    size_t *grown = realloc(options->classes, (options->class_count + 1) * sizeof *grown);
    if (!grown)
        return cam_fail_memory("add class", (options->class_count + 1) * sizeof *grown);
    options->classes = grown;
    options->classes[options->class_count++] = index;
    return CAMERAS_OK;
}

cameras_status cameras_options_add_layer(cameras_options *options, const char *path)
{
    if (!options || !path || !*path)
        return cam_fail(CAMERAS_EINVAL, "add layer: options and a path are needed");
    if (options->layer_count == CAMERAS_MAX_LAYERS)
        return cam_fail(CAMERAS_ELIMIT, "add layer: more than the limit of %d layers", CAMERAS_MAX_LAYERS);
    char **grown = realloc(options->layers, (options->layer_count + 1) * sizeof *grown);
    if (!grown)
        return cam_fail_memory("add layer", (options->layer_count + 1) * sizeof *grown);
    options->layers = grown;
    char *copy = strdup(path);
    if (!copy)
        return cam_fail_memory("add layer", strlen(path) + 1);
    options->layers[options->layer_count++] = copy;
    return CAMERAS_OK;
}

cameras_status cameras_options_set_threads(cameras_options *options, size_t threads)
{
    if (!options)
        return cam_fail(CAMERAS_EINVAL, "set threads: options are NULL");
    if (threads > CAMERAS_MAX_THREADS)
        return cam_fail(CAMERAS_ELIMIT, "set threads: %zu are more than the limit of %d", threads, CAMERAS_MAX_THREADS);
    options->threads = threads;
    return CAMERAS_OK;
}

cameras_status cameras_options_set_precision(cameras_options *options, cameras_precision precision)
{
    const cameras_status status = check_choice(options, (int)precision, CAMERAS_PRECISION_AUTO, "precision");
    if (status == CAMERAS_OK)
        options->precision = precision;
    return status;
}

cameras_status cameras_options_set_memory_limit(cameras_options *options, size_t bytes)
{
    if (!options)
        return cam_fail(CAMERAS_EINVAL, "set memory limit: options are NULL");
    options->memory_limit = bytes;
    return CAMERAS_OK;
}

cameras_status cameras_options_set_keep_flat(cameras_options *options, int keep)
{
    if (!options)
        return cam_fail(CAMERAS_EINVAL, "set keep flat: options are NULL");
    options->keep_flat = keep != 0;
    return CAMERAS_OK;
}

cameras_status cameras_options_set_max_pixels(cameras_options *options, size_t pixels)
{
    if (!options || !pixels)
        return cam_fail(CAMERAS_EINVAL, "set max pixels: options and at least one pixel are needed");
    options->max_pixels = pixels;
    return CAMERAS_OK;
}

cameras_status cameras_options_set_max_file_bytes(cameras_options *options, size_t bytes)
{
    const cameras_status status = check_count(options, bytes, CAMERAS_MAX_FILE_BYTES, "max file bytes");
    if (status == CAMERAS_OK)
        options->max_file_bytes = bytes;
    return status;
}

cameras_status cameras_options_set_max_scales(cameras_options *options, size_t count)
{
    const cameras_status status = check_count(options, count, CAMERAS_MAX_SCALES, "max scales");
    if (status == CAMERAS_OK)
        options->max_scales = count;
    return status;
}

cameras_status cameras_options_set_max_classes(cameras_options *options, size_t count)
{
    const cameras_status status = check_count(options, count, CAMERAS_MAX_CLASSES, "max classes");
    if (status == CAMERAS_OK)
        options->max_classes = count;
    return status;
}

cameras_status cameras_options_set_progress(cameras_options *options, cameras_progress call, void *user)
{
    if (!options)
        return cam_fail(CAMERAS_EINVAL, "set progress: options are NULL");
    options->progress = call;
    options->progress_user = user;
    return CAMERAS_OK;
}

/* ---- scores and sanity ------------------------------------------------------------------------------------------ */

/* Above least, at most most; NaN is neither. */
static cameras_status check_range(const cameras_options *options, double value, double least, double most,
                                  const char *what)
{
    if (!options)
        return cam_fail(CAMERAS_EINVAL, "set %s: options are NULL", what);
    if (!(value > least && value <= most))
        return cam_fail(CAMERAS_EINVAL, "set %s: %g is not above %g and at most %g", what, value, least, most);
    return CAMERAS_OK;
}

cameras_status cameras_options_set_masking(cameras_options *options, cameras_masking masking)
{
    const cameras_status status = check_choice(options, (int)masking, CAMERAS_MASKING_NORMALISED, "masking");
    if (status == CAMERAS_OK)
        options->masking = masking;
    return status;
}

cameras_status cameras_options_set_score_steps(cameras_options *options, size_t steps)
{
    const cameras_status status = check_count(options, steps, 4096, "score steps");
    if (status == CAMERAS_OK)
        options->score_steps = steps;
    return status;
}

cameras_status cameras_options_set_batch(cameras_options *options, size_t images)
{
    const cameras_status status = check_count(options, images, 1024, "batch");
    if (status == CAMERAS_OK)
        options->batch = images;
    return status;
}

cameras_status cameras_options_set_sanity_threshold(cameras_options *options, double threshold)
{
    const cameras_status status = check_range(options, threshold, 0.0, 1.0, "sanity threshold");
    if (status == CAMERAS_OK)
        options->sanity_threshold = threshold;
    return status;
}

/* ---- attack ----------------------------------------------------------------------------------------------------- */

cameras_status cameras_options_set_attack_target(cameras_options *options, size_t class_index)
{
    if (!options)
        return cam_fail(CAMERAS_EINVAL, "set attack target: options are NULL");
    options->attack_target = class_index;
    return CAMERAS_OK;
}

cameras_status cameras_options_set_attack_confidence(cameras_options *options, double probability)
{
    const cameras_status status = check_range(options, probability, 0.0, 1.0, "attack confidence");
    if (status == CAMERAS_OK)
        options->attack_confidence = probability;
    return status;
}

cameras_status cameras_options_set_attack_epsilon(cameras_options *options, double epsilon)
{
    const cameras_status status = check_range(options, epsilon, 0.0, 1.0, "attack epsilon");
    if (status == CAMERAS_OK)
        options->attack_epsilon = epsilon;
    return status;
}

cameras_status cameras_options_set_attack_beta(cameras_options *options, double beta)
{
    if (!options || !(beta >= 0.0 && beta <= 1e6))
        return cam_fail(CAMERAS_EINVAL, "set attack beta: options, and a weight from 0 to 1000000, are needed");
    options->attack_beta = beta;
    return CAMERAS_OK;
}

cameras_status cameras_options_set_attack_steps(cameras_options *options, size_t steps)
{
    const cameras_status status = check_count(options, steps, 100000, "attack steps");
    if (status == CAMERAS_OK)
        options->attack_steps = steps;
    return status;
}

cameras_status cameras_options_set_attack_rule(cameras_options *options, cameras_step_rule rule)
{
    const cameras_status status = check_choice(options, (int)rule, CAMERAS_STEP_SIGN, "attack rule");
    if (status == CAMERAS_OK)
        options->attack_rule = rule;
    return status;
}

/* ---- counting --------------------------------------------------------------------------------------------------- */

size_t cameras_options_map_count(const cameras_options *options)
{
    const cameras_options *asked = cam_options_or_default(options);
    const size_t classes = asked->class_count ? asked->class_count : 1;
    const size_t layers = asked->layer_count ? asked->layer_count : 1;
    return classes * layers;
}
