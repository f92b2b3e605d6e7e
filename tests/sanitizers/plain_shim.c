/*
 * plain_shim.c - the shim without LibTorch: one tiny network in plain C
 *
 * SPDX-License-Identifier: MIT
 *
 * Sanitizers and valgrind see only what they instrument, or else report LibTorch's own threads and memory. Linked with
 * this in place of shim/, the whole of lib/ runs, explanations included, with nothing foreign but libpng and libjpeg.
 *
 * The network: mean over 2 x 2 pixels, stem (1x1 convolution to 8 channels), ReLU, conv (1x1, 8 to 8), ReLU where the
 * file says rectified, mean over space, fc (linear, 5 classes). The weights are those of tests/networks.h's kind:
 * small, and the same at every run.
 */
#include "shim.h"

#include "error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COLOURS = 3,
    CHANNELS = 8,
    CLASSES = 5,
    STEM = 0,
    CONV = 1,
    FC = 2,
    LAYERS = 3,
    NAME_AT = 30 /* in an archive, where its first record is named: "plain" or "rectified" */
};

static const char *const paths[LAYERS] = {"stem", "conv", "fc"};
static const char *const types[LAYERS] = {"Conv2d", "Conv2d", "Linear"};

struct shim_model {
    int rectified;
    float stem[CHANNELS][COLOURS], conv[CHANNELS][CHANNELS], fc[CLASSES][CHANNELS];
};

struct shim_cut {
    const shim_model *model;
    int layers[LAYERS];
    size_t count;
};

struct shim_arena {
    size_t limit, peak;
};

struct shim_pass {
    const shim_cut *cut;
    size_t height, width;                 /* of both layers */
    float *pooled, *values[2], *slope[2]; /* COLOURS and CHANNELS planes: the pooled input, layers and gradients */
    float logits[CLASSES];
    int constant[2]; /* whether the gradient is one number a channel */
};

const char *shim_libtorch_version(void)
{
    return "none";
}

/* ---- model ------------------------------------------------------------------------------------------------------ */

/* In [-0.25, 0.25], by a linear congruence. */
static void draw(float *weights, size_t count, uint64_t seed)
{
    uint32_t state = (uint32_t)seed * 2654435761u + 12345u;
    for (size_t i = 0; i < count; i++) {
        state = state * 1664525u + 1013904223u;
        weights[i] = (float)(state >> 8) / 33554432.0f - 0.25f;
    }
}

static void draw_layer(shim_model *model, int layer, uint64_t seed)
{
    if (layer == STEM)
        draw(model->stem[0], sizeof model->stem / sizeof(float), seed);
    else if (layer == CONV)
        draw(model->conv[0], sizeof model->conv / sizeof(float), seed);
    else
        draw(model->fc[0], sizeof model->fc / sizeof(float), seed);
}

cameras_status shim_model_open_memory(shim_model **out, const void *bytes, size_t size)
{
    *out = NULL;
    if (size < NAME_AT + 1 || memcmp(bytes, "PK", 2) != 0)
        return cam_fail(CAMERAS_EFORMAT, "the archive cannot be read");
    shim_model *model = calloc(1, sizeof *model);
    if (!model)
        return cam_fail_memory("open model", sizeof *model);
    model->rectified = ((const char *)bytes)[NAME_AT] == 'r';
    for (int layer = 0; layer < LAYERS; layer++)
        draw_layer(model, layer, (uint64_t)layer + 1);
    *out = model;
    return CAMERAS_OK;
}

cameras_status shim_model_open(shim_model **out, const char *path)
{
    char start[NAME_AT + 1] = "";
    FILE *file = fopen(path, "rb");
    *out = NULL;
    if (!file)
        return cam_fail(CAMERAS_EIO, "the file cannot be opened");
    const size_t got = fread(start, 1, sizeof start, file);
    fclose(file);
    return shim_model_open_memory(out, start, got);
}

void shim_model_close(shim_model *model)
{
    free(model);
}

size_t shim_model_layer_count(const shim_model *model)
{
    return model ? LAYERS : 0;
}

const char *shim_model_layer_path(const shim_model *model, size_t index)
{
    (void)model;
    return paths[index];
}

const char *shim_model_layer_type(const shim_model *model, size_t index)
{
    (void)model;
    return types[index];
}

size_t shim_model_channels(const shim_model *model)
{
    return model ? COLOURS : 0;
}

cameras_status shim_model_auto_layer(const char **path, const shim_model *model, size_t channels, size_t height,
                                     size_t width, size_t threads)
{
    (void)model, (void)channels, (void)height, (void)width, (void)threads;
    *path = paths[CONV];
    return CAMERAS_OK;
}

static int layer_of(const char *path)
{
    int layer = 0;
    while (layer < LAYERS && strcmp(paths[layer], path) != 0)
        layer++;
    return layer;
}

cameras_status shim_model_randomise(shim_model **out, const shim_model *model, const char *const *layers, size_t count,
                                    uint64_t seed)
{
    shim_model *made = malloc(sizeof *made);
    *out = made;
    if (!made)
        return cam_fail_memory("randomise", sizeof *made);
    *made = *model;
    for (size_t i = 0; i < count; i++)
        draw_layer(made, layer_of(layers[i]), seed + 100 + (uint64_t)layer_of(layers[i]));
    return CAMERAS_OK;
}

cameras_status shim_model_parametrised_count(size_t *count, const shim_model *model)
{
    (void)model;
    *count = LAYERS;
    return CAMERAS_OK;
}

const char *shim_model_parametrised_path(const shim_model *model, size_t index)
{
    (void)model;
    return paths[LAYERS - 1 - index];
}

/* ---- cut and arena ---------------------------------------------------------------------------------------------- */

cameras_status shim_cut_open(shim_cut **out, const shim_model *model, const char *const *layers, size_t count,
                             cameras_precision precision)
{
    *out = NULL;
    if (precision != CAMERAS_PRECISION_FP32)
        return cam_fail(CAMERAS_EMODEL, "cut the network: plain C has no bf16");
    for (size_t i = 0; i < count; i++)
        if (layer_of(layers[i]) >= FC)
            return cam_fail(CAMERAS_ELAYER, "cut at layer \"%s\": its output is not spatial", layers[i]);
    shim_cut *cut = calloc(1, sizeof *cut);
    if (!cut)
        return cam_fail_memory("cut the network", sizeof *cut);
    cut->model = model;
    cut->count = count < LAYERS ? count : LAYERS;
    for (size_t i = 0; i < cut->count; i++)
        cut->layers[i] = layer_of(layers[i]);
    *out = cut;
    return CAMERAS_OK;
}

void shim_cut_close(shim_cut *cut)
{
    free(cut);
}

cameras_status shim_arena_open(shim_arena **out, size_t limit)
{
    *out = calloc(1, sizeof **out);
    if (!*out)
        return cam_fail_memory("open arena", sizeof **out);
    (*out)->limit = limit;
    return CAMERAS_OK;
}

cameras_status shim_arena_open_counting(shim_arena **out, size_t limit)
{
    return shim_arena_open(out, limit);
}

void shim_arena_close(shim_arena *arena)
{
    free(arena);
}

void shim_arena_trim(shim_arena *arena)
{
    (void)arena;
}

size_t shim_arena_peak(const shim_arena *arena)
{
    return arena->peak;
}

static cameras_status arena_take(shim_arena *arena, size_t bytes)
{
    if (!arena)
        return CAMERAS_OK;
    if (arena->limit && bytes > arena->limit)
        return cam_fail(CAMERAS_ELIMIT, "run the network: %zu bytes are needed, the limit is %zu", bytes, arena->limit);
    arena->peak = bytes > arena->peak ? bytes : arena->peak;
    return CAMERAS_OK;
}

/* ---- running ---------------------------------------------------------------------------------------------------- */

static float relu(float value)
{
    return value > 0.0f ? value : 0.0f;
}

/* The pixels of row or column i of a halved side: two, the last of an odd side twice. */
static size_t pixel_of(size_t i, size_t which, size_t side)
{
    return 2 * i + which < side ? 2 * i + which : side - 1;
}

static void pool(float *out, const float *input, size_t height, size_t width)
{
    const size_t rows = (height + 1) / 2, columns = (width + 1) / 2;
    for (size_t c = 0; c < COLOURS; c++, input += height * width)
        for (size_t y = 0; y < rows; y++)
            for (size_t x = 0; x < columns; x++, out++)
                *out = 0.25f * (input[pixel_of(y, 0, height) * width + pixel_of(x, 0, width)] +
                                input[pixel_of(y, 0, height) * width + pixel_of(x, 1, width)] +
                                input[pixel_of(y, 1, height) * width + pixel_of(x, 0, width)] +
                                input[pixel_of(y, 1, height) * width + pixel_of(x, 1, width)]);
}

/* A 1x1 convolution of in planes to out planes; what it reads is rectified first where asked. */
static void convolve(float *out, const float *input, const float *weights, size_t in, size_t planes, size_t pixels,
                     int rectify)
{
    for (size_t k = 0; k < planes; k++)
        for (size_t i = 0; i < pixels; i++) {
            float sum = 0.05f;
            for (size_t j = 0; j < in; j++) {
                const float value = input[j * pixels + i];
                sum += weights[k * in + j] * (rectify ? relu(value) : value);
            }
            out[k * pixels + i] = sum;
        }
}

static void finish(shim_pass *pass)
{
    const shim_model *model = pass->cut->model;
    const size_t pixels = pass->height * pass->width;
    memset(pass->logits, 0, sizeof pass->logits);
    for (size_t k = 0; k < CHANNELS; k++) {
        double sum = 0.0;
        for (size_t i = 0; i < pixels; i++) {
            const float value = pass->values[CONV][k * pixels + i];
            sum += (double)(model->rectified ? relu(value) : value);
        }
        for (size_t c = 0; c < CLASSES; c++)
            pass->logits[c] += model->fc[c][k] * (float)(sum / (double)pixels);
    }
}

cameras_status shim_pass_open(shim_pass **out, const shim_cut *cut, shim_arena *arena, const float *input,
                              size_t channels, size_t height, size_t width, size_t threads)
{
    const size_t pixels = ((height + 1) / 2) * ((width + 1) / 2);
    (void)threads;
    *out = NULL;
    if (channels != COLOURS || !pixels)
        return cam_fail(CAMERAS_EMODEL, "run the network: it takes %d channels, not %zu", COLOURS, channels);
    cameras_status status = arena_take(arena, (COLOURS + 4 * CHANNELS) * pixels * sizeof(float));
    if (status != CAMERAS_OK)
        return status;
    shim_pass *pass = calloc(1, sizeof *pass);
    float *planes = malloc((COLOURS + 4 * CHANNELS) * pixels * sizeof *planes);
    if (!pass || !planes) {
        free(planes);
        free(pass);
        return cam_fail_memory("run the network", (COLOURS + 4 * CHANNELS) * pixels * sizeof *planes);
    }
    *pass = (shim_pass){.cut = cut, .height = (height + 1) / 2, .width = (width + 1) / 2, .pooled = planes};
    for (int i = 0; i < 2; i++) {
        pass->values[i] = planes + (COLOURS + (size_t)i * CHANNELS) * pixels;
        pass->slope[i] = planes + (COLOURS + (size_t)(i + 2) * CHANNELS) * pixels;
    }
    pool(pass->pooled, input, height, width);
    convolve(pass->values[STEM], pass->pooled, cut->model->stem[0], COLOURS, CHANNELS, pixels, 0);
    convolve(pass->values[CONV], pass->values[STEM], cut->model->conv[0], CHANNELS, CHANNELS, pixels, 1);
    finish(pass);
    *out = pass;
    return CAMERAS_OK;
}

void shim_pass_close(shim_pass *pass)
{
    if (pass)
        free(pass->pooled);
    free(pass);
}

const float *shim_pass_logits(size_t *count, const shim_pass *pass)
{
    *count = CLASSES;
    return pass->logits;
}

shim_array shim_pass_activation(const shim_pass *pass, size_t layer)
{
    return (shim_array){pass->values[pass->cut->layers[layer]], CHANNELS, pass->height, pass->width};
}

/* ---- gradients -------------------------------------------------------------------------------------------------- */

/* Of the logits' sum, each weighted. */
static void differentiate(shim_pass *pass, const float weights[CLASSES])
{
    const shim_model *model = pass->cut->model;
    const size_t pixels = pass->height * pass->width;
    for (size_t k = 0; k < CHANNELS; k++) {
        float share = 0.0f;
        for (size_t c = 0; c < CLASSES; c++)
            share += weights[c] * model->fc[c][k] / (float)pixels;
        for (size_t i = 0; i < pixels; i++) {
            const int open = !model->rectified || pass->values[CONV][k * pixels + i] > 0.0f;
            pass->slope[CONV][k * pixels + i] = open ? share : 0.0f;
        }
    }
    for (size_t j = 0; j < CHANNELS; j++)
        for (size_t i = 0; i < pixels; i++) {
            float sum = 0.0f;
            for (size_t k = 0; k < CHANNELS; k++)
                sum += model->conv[k][j] * pass->slope[CONV][k * pixels + i];
            pass->slope[STEM][j * pixels + i] = pass->values[STEM][j * pixels + i] > 0.0f ? sum : 0.0f;
        }
}

/* Of planes that repeat one value the first column is kept, as one number a channel. */
static void shrink_constant(shim_pass *pass)
{
    const size_t pixels = pass->height * pass->width;
    pass->constant[CONV] = !pass->cut->model->rectified;
    for (size_t k = 0; pass->constant[CONV] && k < CHANNELS; k++)
        pass->slope[CONV][k] = pass->slope[CONV][k * pixels];
}

cameras_status shim_pass_differentiate(shim_pass *pass, size_t class_index)
{
    float weights[CLASSES] = {0.0f};
    if (class_index >= CLASSES)
        return cam_fail(CAMERAS_ECLASS, "differentiate class %zu: the network has %d", class_index, CLASSES);
    weights[class_index] = 1.0f;
    differentiate(pass, weights);
    shrink_constant(pass);
    return CAMERAS_OK;
}

shim_array shim_pass_gradient(const shim_pass *pass, size_t layer)
{
    const int which = pass->cut->layers[layer];
    if (pass->constant[which])
        return (shim_array){pass->slope[which], CHANNELS, 1, 1};
    return (shim_array){pass->slope[which], CHANNELS, pass->height, pass->width};
}

/* The gradient at the pooled input, handed down to the pixels that it is the mean of. */
static void gradient_of_input(float *gradient, const shim_pass *pass, size_t height, size_t width)
{
    const shim_model *model = pass->cut->model;
    const size_t pixels = pass->height * pass->width;
    memset(gradient, 0, COLOURS * height * width * sizeof *gradient);
    for (size_t c = 0; c < COLOURS; c++)
        for (size_t i = 0; i < pixels; i++) {
            float sum = 0.0f;
            for (size_t k = 0; k < CHANNELS; k++)
                sum += model->stem[k][c] * pass->slope[STEM][k * pixels + i];
            for (size_t corner = 0; corner < 4; corner++) {
                const size_t y = pixel_of(i / pass->width, corner / 2, height);
                const size_t x = pixel_of(i % pass->width, corner % 2, width);
                gradient[(c * height + y) * width + x] += 0.25f * sum;
            }
        }
}

static float *copy_logits(const shim_pass *pass)
{
    float *copy = malloc(sizeof pass->logits);
    if (copy)
        memcpy(copy, pass->logits, sizeof pass->logits);
    return copy;
}

cameras_status shim_input_gradient(float **logits, size_t *classes, float *gradient, const shim_cut *cut,
                                   shim_arena *arena, const float *input, size_t channels, size_t height, size_t width,
                                   size_t target, size_t threads)
{
    shim_pass *pass = NULL;
    float weights[CLASSES], sum = 0.0f;
    *logits = NULL;
    if (target >= CLASSES)
        return cam_fail(CAMERAS_ECLASS, "differentiate class %zu: the network has %d", target, CLASSES);
    const cameras_status status = shim_pass_open(&pass, cut, arena, input, channels, height, width, threads);
    if (status != CAMERAS_OK)
        return status;
    for (size_t c = 0; c < CLASSES; c++)
        sum += weights[c] = expf(pass->logits[c]);
    for (size_t c = 0; c < CLASSES; c++)
        weights[c] = weights[c] / sum - (c == target ? 1.0f : 0.0f);
    differentiate(pass, weights);
    gradient_of_input(gradient, pass, height, width);
    *logits = copy_logits(pass);
    *classes = CLASSES;
    shim_pass_close(pass);
    return *logits ? CAMERAS_OK : cam_fail_memory("differentiate", sizeof pass->logits);
}

cameras_status shim_forward(float **logits, size_t *classes, const shim_cut *cut, shim_arena *arena,
                            const float *inputs, size_t count, size_t channels, size_t height, size_t width,
                            size_t threads)
{
    float *rows = calloc(count + 1, CLASSES * sizeof *rows);
    cameras_status status = rows ? CAMERAS_OK : cam_fail_memory("run the network", count * CLASSES * sizeof *rows);
    *logits = NULL;
    for (size_t i = 0; i < count && status == CAMERAS_OK; i++) {
        shim_pass *pass = NULL;
        status =
            shim_pass_open(&pass, cut, arena, inputs + i * channels * height * width, channels, height, width, threads);
        if (status == CAMERAS_OK)
            memcpy(rows + i * CLASSES, pass->logits, sizeof pass->logits);
        shim_pass_close(pass);
    }
    if (status != CAMERAS_OK) {
        free(rows);
        return status;
    }
    *logits = rows;
    *classes = CLASSES;
    return CAMERAS_OK;
}

double shim_pass_trunk_seconds(const shim_pass *pass)
{
    (void)pass;
    return 0.0;
}

double shim_pass_head_seconds(const shim_pass *pass)
{
    (void)pass;
    return 0.0;
}
