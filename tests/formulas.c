/*
 * formulas.c - the methods that make a map of each scale, read plainly from their papers, in double precision
 *
 * SPDX-License-Identifier: MIT
 *
 * Channel by channel and pixel by pixel, everything anew each time: slow, and nothing to go wrong.
 */
#include "formulas.h"

#include <math.h>

static size_t pixels(shim_array planes)
{
    return planes.height * planes.width;
}

static double at(shim_array planes, size_t k, size_t i)
{
    return (double)planes.data[k * pixels(planes) + (pixels(planes) == 1 ? 0 : i)];
}

static double activation_sum(shim_array activation, size_t k)
{
    double sum = 0.0;
    for (size_t i = 0; i < pixels(activation); i++)
        sum += at(activation, k, i);
    return sum;
}

/* Grad-CAM's alpha_k. */
static double mean_weight(shim_array activation, shim_array gradient, size_t k)
{
    double sum = 0.0;
    for (size_t i = 0; i < pixels(activation); i++)
        sum += at(gradient, k, i);
    return sum / (double)pixels(activation);
}

/* Grad-CAM++: sum of alpha ReLU(W), alpha = W^2 / (2 W^2 + W^3 sum A). */
static double share_weight(shim_array activation, shim_array gradient, size_t k)
{
    const double all = activation_sum(activation, k);
    double sum = 0.0;
    for (size_t i = 0; i < pixels(activation); i++) {
        const double w = at(gradient, k, i);
        if (w > 0.0)
            sum += w * w / (2.0 * w * w + w * w * w * all) * w;
    }
    return sum;
}

/* XGrad-CAM: sum(W A) / sum(A). */
static double weighted_mean(shim_array activation, shim_array gradient, size_t k)
{
    double sum = 0.0;
    for (size_t i = 0; i < pixels(activation); i++)
        sum += at(gradient, k, i) * at(activation, k, i);
    return sum / activation_sum(activation, k);
}

/* What channel k gives its activation at pixel i. */
static double factor(cameras_method method, shim_array activation, shim_array gradient, size_t k, size_t i)
{
    switch (method) {
    case CAMERAS_METHOD_GRADCAM: return mean_weight(activation, gradient, k);
    case CAMERAS_METHOD_GRADCAMPP: return share_weight(activation, gradient, k);
    case CAMERAS_METHOD_XGRADCAM: return weighted_mean(activation, gradient, k);
    case CAMERAS_METHOD_LAYERCAM: return fmax(at(gradient, k, i), 0.0);
    default: return at(gradient, k, i);
    }
}

/* The length of the vector of all channels at a pixel. */
static double norm(shim_array planes, size_t channels, size_t i)
{
    double sum = 0.0;
    for (size_t k = 0; k < channels; k++)
        sum += at(planes, k, i) * at(planes, k, i);
    return sqrt(sum);
}

double formula_map(cameras_method method, shim_array activation, shim_array gradient, size_t i)
{
    if (method == CAMERAS_METHOD_NORMGRAD)
        return norm(activation, activation.channels, i) * norm(gradient, activation.channels, i);
    double sum = 0.0;
    for (size_t k = 0; k < activation.channels; k++)
        sum += factor(method, activation, gradient, k, i) * at(activation, k, i);
    return fmax(sum, 0.0);
}
