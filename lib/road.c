/*
 * road.c - ROAD with noisy linear imputation (Rong, Leemann, Borisov, Kasneci, Kasneci; ICML 2022, sections 4 and 5)
 *
 * SPDX-License-Identifier: MIT
 *
 * Pixels set to one colour leave the map's outline behind, which a network may read. Here each removed pixel is the
 * weighted mean of its neighbours, removed ones included: one linear equation a pixel. The system is symmetric and
 * positive definite, so conjugate gradients solve it without a matrix, on planes with a frame of one pixel: what is
 * outside the picture or not removed is 0 in a direction, and drops out by itself.
 */
#include "road.h"

#include "error.h"
#include "options.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const float side = 1.0f / 6.0f, corner = 1.0f / 12.0f;
static const double tolerance = 1e-5; /* of the residual's 2-norm, as a share of what it is beside a plane of zeros */
static const float noise = 0.01f;     /* deviation, in normalised values */
static const uint64_t noise_stream = 0x524f4144; /* far from the streams of random maps, which classes number */

/* ---- the system ------------------------------------------------------------------------------------------------- */

/* Planes with a frame, stride floats a row. */
typedef struct system_planes {
    cam_size size;
    size_t stride, length;
    float *memory;
    float *value, *residual, *direction, *image; /* image: of the direction under the matrix */
    float *weight;                               /* of a removed pixel's neighbours, in all; 0 where none was removed */
} system_planes;

static int planes_make(system_planes *own, cam_size size)
{
    *own = (system_planes){.size = size, .stride = size.width + 2};
    own->length = own->stride * (size.height + 2);
    own->memory = calloc(5 * own->length, sizeof *own->memory);
    own->value = own->memory;
    own->residual = own->memory + own->length;
    own->direction = own->memory + 2 * own->length;
    own->image = own->memory + 3 * own->length;
    own->weight = own->memory + 4 * own->length;
    return own->memory != NULL;
}

static size_t place(const system_planes *own, size_t x, size_t y)
{
    return (y + 1) * own->stride + x + 1;
}

/* What the neighbours of a pixel weigh where some lie outside. */
static float neighbour_weight(cam_size size, size_t x, size_t y)
{
    const int across = (x > 0) + (x + 1 < size.width), down = (y > 0) + (y + 1 < size.height);
    return side * (float)(across + down) + corner * (float)(across * down);
}

static double mean_known(const float *plane, const unsigned char *removed, size_t pixels)
{
    double sum = 0.0;
    size_t count = 0;
    for (size_t i = 0; i < pixels; i++) {
        sum += removed[i] ? 0.0 : (double)plane[i];
        count += !removed[i];
    }
    return count ? sum / (double)count : 0.0;
}

/* Known pixels are as they were; the others begin from the mean of those. */
static void fill(system_planes *own, const float *plane, const unsigned char *removed)
{
    const float start = (float)mean_known(plane, removed, own->size.width * own->size.height);
    for (size_t y = 0; y < own->size.height; y++)
        for (size_t x = 0; x < own->size.width; x++) {
            const size_t at = place(own, x, y), from = y * own->size.width + x;
            own->value[at] = removed[from] ? start : plane[from];
            own->weight[at] = removed[from] ? neighbour_weight(own->size, x, y) : 0.0f;
        }
}

/* At removed pixels: the weighted sum of the neighbours less the pixel times their weight. Elsewhere 0. */
static void apply(float *out, const system_planes *own, const float *in)
{
    const size_t s = own->stride;
    for (size_t y = 0; y < own->size.height; y++) {
        const size_t first = place(own, 0, y);
        for (size_t i = first; i < first + own->size.width; i++) {
            const float beside = in[i - 1] + in[i + 1] + in[i - s] + in[i + s];
            const float across = in[i - s - 1] + in[i - s + 1] + in[i + s - 1] + in[i + s + 1];
            const float pull = side * beside + corner * across - own->weight[i] * in[i];
            out[i] = own->weight[i] > 0.0f ? pull : 0.0f;
        }
    }
}

static double dot(const float *a, const float *b, size_t length)
{
    double sum = 0.0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < length; i++)
        sum += (double)a[i] * (double)b[i];
    return sum;
}

/* The square of the residual's norm where every removed pixel is 0. */
static double right_hand_side(system_planes *own)
{
    for (size_t i = 0; i < own->length; i++)
        own->direction[i] = own->weight[i] > 0.0f ? 0.0f : own->value[i];
    apply(own->image, own, own->direction);
    return dot(own->image, own->image, own->length);
}

/* ---- conjugate gradients ---------------------------------------------------------------------------------------- */

/* One step; returns the square of the new residual's norm. image is minus the matrix times the direction. */
static double step(system_planes *own, double square)
{
    apply(own->image, own, own->direction);
    const float length = (float)(square / -dot(own->direction, own->image, own->length));
    for (size_t i = 0; i < own->length; i++) {
        own->value[i] += length * own->direction[i];
        own->residual[i] += length * own->image[i];
    }
    const double next = dot(own->residual, own->residual, own->length);
    const float turn = (float)(next / square);
    for (size_t i = 0; i < own->length; i++)
        own->direction[i] = own->residual[i] + turn * own->direction[i];
    return next;
}

/* Rounding keeps single precision from some tolerances, so that there is an end to the steps as well. */
static void solve(system_planes *own)
{
    const double enough = tolerance * tolerance * right_hand_side(own);
    const size_t most = 10 * (own->size.width + own->size.height) + 100;
    apply(own->residual, own, own->value);
    memcpy(own->direction, own->residual, own->length * sizeof *own->direction);
    double square = dot(own->residual, own->residual, own->length);
    for (size_t i = 0; i < most && square > enough && square > 0.0; i++)
        square = step(own, square);
}

cameras_status cam_road_impute(float *plane, const unsigned char *removed, cam_size size)
{
    system_planes planes;
    if (!planes_make(&planes, size))
        return CAMERAS_ENOMEM;
    fill(&planes, plane, removed);
    solve(&planes);
    for (size_t y = 0; y < size.height; y++)
        memcpy(plane + y * size.width, planes.value + place(&planes, 0, y), size.width * sizeof *plane);
    free(planes.memory);
    return CAMERAS_OK;
}

/* ---- the measure ------------------------------------------------------------------------------------------------ */

enum {
    SHARES = 4, /* 20, 40, 60, 80 % */
    IMAGES = 2 * SHARES
};

/* Image 2 k lacks the greatest pixels of the map, 2 k + 1 the least, (k + 1) fifths of them. */
typedef struct road {
    const cam_trial *trial;
    float *images;
    unsigned char *removed; /* a plane an image */
} road;

static void choose_pixels(unsigned char *removed, const cam_trial *trial, size_t image)
{
    const size_t pixels = cam_trial_pixels(trial), count = (image / 2 + 1) * pixels / (SHARES + 1);
    for (size_t i = 0; i < pixels; i++)
        removed[i] = image % 2 ? trial->rank[i] >= pixels - count : trial->rank[i] < count;
}

/* Every image draws a sequence of its own, so that none depends on another. */
static void add_noise(float *input, const road *own, size_t image)
{
    const size_t pixels = cam_trial_pixels(own->trial);
    cam_random chance = cam_random_begin(own->trial->options->seed, noise_stream + image);
    for (size_t c = 0; c < own->trial->base.channels; c++)
        for (size_t i = 0; i < pixels; i++)
            if (own->removed[image * pixels + i])
                input[c * pixels + i] += noise * (float)cam_random_normal(&chance);
}

/* The planes of all images are solved side by side; a lack of memory is told at the end, by the calling thread. */
static cameras_status impute(const road *own)
{
    const cam_trial *trial = own->trial;
    const size_t pixels = cam_trial_pixels(trial), channels = trial->base.channels;
    const size_t threads = trial->network.threads;
    int failed = 0;
#pragma omp parallel for num_threads((int)threads) schedule(dynamic) reduction(| : failed)
    for (size_t k = 0; k < IMAGES * channels; k++)
        failed |= cam_road_impute(own->images + k * pixels, own->removed + k / channels * pixels, trial->base.size) !=
                  CAMERAS_OK;
    return failed ? cam_fail_memory("score map", 5 * pixels * sizeof(float)) : CAMERAS_OK;
}

static cameras_status make_images(const road *own)
{
    const size_t pixels = cam_trial_pixels(own->trial), length = own->trial->base.channels * pixels;
    for (size_t k = 0; k < IMAGES; k++) {
        memcpy(own->images + k * length, own->trial->base.data, length * sizeof *own->images);
        choose_pixels(own->removed + k * pixels, own->trial, k);
    }
    const cameras_status status = impute(own);
    for (size_t k = 0; k < IMAGES && status == CAMERAS_OK; k++)
        add_noise(own->images + k * length, own, k);
    return status;
}

/* A cam_input_maker. */
static void copy_image(float *input, size_t image, const void *user)
{
    const road *own = user;
    const size_t length = own->trial->base.channels * cam_trial_pixels(own->trial);
    memcpy(input, own->images + image * length, length * sizeof *input);
}

static double combine(const double probabilities[IMAGES])
{
    double sum = 0.0;
    for (size_t k = 0; k < SHARES; k++)
        sum += (probabilities[2 * k + 1] - probabilities[2 * k]) / 2.0;
    return sum / SHARES;
}

cameras_status cam_road_measure(double *out, cam_trial *trial)
{
    const size_t pixels = cam_trial_pixels(trial), bytes = IMAGES * trial->base.channels * pixels * sizeof(float);
    road own = {trial, malloc(bytes), malloc(IMAGES * pixels)};
    double probabilities[IMAGES];
    cameras_status status = own.images && own.removed ? make_images(&own) : cam_fail_memory("score map", bytes);
    if (status == CAMERAS_OK)
        status = cam_predict(probabilities, IMAGES, &trial->network, copy_image, &own);
    if (status == CAMERAS_OK)
        *out = combine(probabilities);
    free(own.removed);
    free(own.images);
    return status;
}
