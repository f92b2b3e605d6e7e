/*
 * method.c - the methods: their names, and the map that each makes of one scale
 *
 * SPDX-License-Identifier: MIT
 *
 * Grad-CAM, Grad-CAM++ and XGrad-CAM differ in one weight a channel only; those weights are then gradients that are
 * constant over space, and HiResCAM's sum of products serves all of them. Sums are taken in double precision, each by
 * one thread in one order.
 */
#include "method.h"

#include "error.h"

#include <math.h>
#include <stdlib.h>

enum {
    CHUNK = 256 /* pixels whose sums stay in the nearest cache while all channels pass by */
};

static const char doing[] = "make the map of a scale";

/* What a scale gave. */
typedef struct factors {
    const float *activations, *gradients;
    size_t channels, pixels;
    size_t step; /* from one pixel's gradient to the next: 0 where one stands for all */
} factors;

static factors factors_of(shim_array activation, shim_array gradient)
{
    const size_t pixels = activation.height * activation.width;
    return (factors){activation.data, gradient.data, activation.channels, pixels,
                     gradient.height * gradient.width == pixels};
}

static const float *activation_plane(const factors *from, size_t k)
{
    return from->activations + k * from->pixels;
}

static const float *gradient_plane(const factors *from, size_t k)
{
    return from->gradients + k * (from->step ? from->pixels : 1);
}

/* NaN stays NaN. */
static double rectified(double value)
{
    return value < 0.0 ? 0.0 : value;
}

/* ---- one weight a channel ---------------------------------------------------------------------------------------- */

static double plane_sum(const float *plane, size_t pixels)
{
    double sum = 0.0;
    for (size_t i = 0; i < pixels; i++)
        sum += (double)plane[i];
    return sum;
}

typedef double (*weigher)(const float *activation, const float *gradient, size_t step, size_t pixels);

/* Grad-CAM, eq. 1. */
static double mean_gradient(const float *activation, const float *gradient, size_t step, size_t pixels)
{
    (void)activation;
    double sum = 0.0;
    for (size_t i = 0; i < pixels; i++)
        sum += (double)gradient[i * step];
    return sum / (double)pixels;
}

/*
 * Grad-CAM++, eq. 19 times ReLU(W) summed over space. W^2 / (2 W^2 + W^3 S) is 1 / (2 + W S), which small gradients do
 * not underflow; where W is 0 the term is 0 whatever the share. Activations before a ReLU can make 2 + W S zero: such a
 * pixel, for which the paper has no answer, counts for nothing.
 */
static double positive_shares(const float *activation, const float *gradient, size_t step, size_t pixels)
{
    const double all = plane_sum(activation, pixels);
    double sum = 0.0;
    for (size_t i = 0; i < pixels; i++) {
        const double positive = rectified((double)gradient[i * step]), below = 2.0 + positive * all;
        sum += below != 0.0 ? positive / below : 0.0;
    }
    return sum;
}

/* XGrad-CAM: the gradients' mean, weighted by the activations. Without activations there is nothing to weigh. */
static double weighted_gradient(const float *activation, const float *gradient, size_t step, size_t pixels)
{
    const double all = plane_sum(activation, pixels);
    double sum = 0.0;
    for (size_t i = 0; i < pixels; i++)
        sum += (double)gradient[i * step] * (double)activation[i];
    return all != 0.0 ? sum / all : 0.0;
}

/* ---- a run of pixels --------------------------------------------------------------------------------------------- */

typedef void (*filler)(float *out, const factors *from, size_t first, size_t last);

/* ReLU; minus infinity stays, as NaN does. */
static float finish(double sum)
{
    return sum < 0.0 && isfinite(sum) ? 0.0f : (float)sum;
}

/* HiResCAM: sum_k W_k A_k. */
static void fill_products(float *out, const factors *from, size_t first, size_t last)
{
    double sums[CHUNK] = {0.0};
    for (size_t k = 0; k < from->channels; k++) {
        const float *a = activation_plane(from, k) + first, *w = gradient_plane(from, k) + first * from->step;
        for (size_t i = 0; i < last - first; i++)
            sums[i] += (double)a[i] * (double)w[i * from->step];
    }
    for (size_t i = first; i < last; i++)
        out[i] = finish(sums[i - first]);
}

/* LayerCAM: sum_k ReLU(W_k) A_k. */
static void fill_positive_products(float *out, const factors *from, size_t first, size_t last)
{
    double sums[CHUNK] = {0.0};
    for (size_t k = 0; k < from->channels; k++) {
        const float *a = activation_plane(from, k) + first, *w = gradient_plane(from, k) + first * from->step;
        for (size_t i = 0; i < last - first; i++)
            sums[i] += (double)a[i] * rectified((double)w[i * from->step]);
    }
    for (size_t i = first; i < last; i++)
        out[i] = finish(sums[i - first]);
}

/* NormGrad: |W| |A|, the norms over channels. */
static void fill_norms(float *out, const factors *from, size_t first, size_t last)
{
    double activations[CHUNK] = {0.0}, gradients[CHUNK] = {0.0};
    for (size_t k = 0; k < from->channels; k++) {
        const float *a = activation_plane(from, k) + first, *w = gradient_plane(from, k) + first * from->step;
        for (size_t i = 0; i < last - first; i++) {
            activations[i] += (double)a[i] * (double)a[i];
            gradients[i] += (double)w[i * from->step] * (double)w[i * from->step];
        }
    }
    for (size_t i = first; i < last; i++)
        out[i] = finish(sqrt(activations[i - first]) * sqrt(gradients[i - first]));
}

/* ---- the methods ------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name;
    weigher weigh; /* NULL: pixels have their own gradients */
    filler fill;   /* NULL: no map of a scale's own */
} methods[] = {
    [CAMERAS_METHOD_CAMERAS] = {"cameras", NULL, NULL},
    [CAMERAS_METHOD_GRADCAM] = {"gradcam", mean_gradient, fill_products},
    [CAMERAS_METHOD_GRADCAMPP] = {"gradcam++", positive_shares, fill_products},
    [CAMERAS_METHOD_HIRESCAM] = {"hirescam", NULL, fill_products},
    [CAMERAS_METHOD_LAYERCAM] = {"layercam", NULL, fill_positive_products},
    [CAMERAS_METHOD_XGRADCAM] = {"xgradcam", weighted_gradient, fill_products},
    [CAMERAS_METHOD_NORMGRAD] = {"normgrad", NULL, fill_norms},
    [CAMERAS_METHOD_RANDOM] = {"random", NULL, NULL},
    [CAMERAS_METHOD_CENTRE] = {"centre", NULL, NULL},
    [CAMERAS_METHOD_CONSTANT] = {"constant", NULL, NULL},
};

const char *cameras_method_name(cameras_method method)
{
    return (int)method >= 0 && (int)method <= CAMERAS_METHOD_CONSTANT ? methods[method].name : NULL;
}

int cam_method_is_control(cameras_method method)
{
    return method == CAMERAS_METHOD_RANDOM || method == CAMERAS_METHOD_CENTRE || method == CAMERAS_METHOD_CONSTANT;
}

/* Puts a weight in the place of each channel's gradients. */
static void weigh_channels(float *weights, const factors *from, weigher weigh, size_t threads)
{
#pragma omp parallel for num_threads((int)threads)
    for (size_t k = 0; k < from->channels; k++)
        weights[k] = (float)weigh(activation_plane(from, k), gradient_plane(from, k), from->step, from->pixels);
}

static void fill_chunks(float *out, const factors *from, filler fill, size_t threads)
{
#pragma omp parallel for num_threads((int)threads)
    for (size_t first = 0; first < from->pixels; first += CHUNK)
        fill(out, from, first, first + CHUNK < from->pixels ? first + CHUNK : from->pixels);
}

cameras_status cam_method_map(float *out, cameras_method method, shim_array activation, shim_array gradient,
                              size_t threads)
{
    factors from = factors_of(activation, gradient);
    float *weights = NULL;
    if (methods[method].weigh) {
        weights = malloc(from.channels * sizeof *weights);
        if (!weights)
            return cam_fail_memory(doing, from.channels * sizeof *weights);
        weigh_channels(weights, &from, methods[method].weigh, threads);
        from.gradients = weights;
        from.step = 0;
    }
    fill_chunks(out, &from, methods[method].fill, threads);
    free(weights);
    return CAMERAS_OK;
}
