/*
 * curves.c - insertion and deletion (RISE: Petsiuk, Das, Saenko; BMVC 2018, section 4.1)
 *
 * SPDX-License-Identifier: MIT
 *
 * Each point of a curve is made from the base image and the pixels' rank alone, not from the point before it, so that
 * points can be shown to the network in batches.
 */
#include "curves.h"

#include "error.h"
#include "options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    RADIUS = 5,
    TAPS = 2 * RADIUS + 1
};
static const double deviation = 5.0;

/* ---- blur ------------------------------------------------------------------------------------------------------- */

static void make_taps(float taps[TAPS])
{
    double weights[TAPS], sum = 0.0;
    for (int i = 0; i < TAPS; i++) {
        const double distance = (i - RADIUS) / deviation;
        weights[i] = exp(-0.5 * distance * distance);
        sum += weights[i];
    }
    for (int i = 0; i < TAPS; i++)
        taps[i] = (float)(weights[i] / sum);
}

/* Blurs a line of samples stride apart; a Gaussian in two dimensions is one along each axis. */
static void blur_line(float *out, const float *in, size_t length, size_t stride, const float taps[TAPS])
{
    const ptrdiff_t last = (ptrdiff_t)length - 1;
    for (ptrdiff_t i = 0; i <= last; i++) {
        float sum = 0.0f;
        for (ptrdiff_t k = 0; k < TAPS; k++) {
            const ptrdiff_t at = i + k - RADIUS;
            sum += taps[k] * in[(size_t)(at < 0 ? 0 : at > last ? last : at) * stride];
        }
        out[(size_t)i * stride] = sum;
    }
}

cameras_status cam_blur(float *out, const float *in, cam_size size)
{
    float taps[TAPS];
    float *across = malloc(size.width * size.height * sizeof *across);
    if (!across)
        return cam_fail_memory("blur an image", size.width * size.height * sizeof *across);
    make_taps(taps);
    for (size_t y = 0; y < size.height; y++)
        blur_line(across + y * size.width, in + y * size.width, size.width, 1, taps);
    for (size_t x = 0; x < size.width; x++)
        blur_line(out + x, across + x, size.height, size.width, taps);
    free(across);
    return CAMERAS_OK;
}

/* ---- curves ----------------------------------------------------------------------------------------------------- */

/* At each step the greatest pixels come from one image, the others from another; NULL is the mean colour. */
typedef struct curve {
    const cam_trial *trial;
    const float *greatest, *others;
} curve;

static size_t pixels_at(const cam_trial *trial, size_t step)
{
    return step * cam_trial_pixels(trial) / trial->options->score_steps;
}

/* The mean colour is 0 once normalised. A cam_input_maker. */
static void make_point(float *input, size_t step, const void *user)
{
    const curve *own = user;
    const size_t pixels = cam_trial_pixels(own->trial), changed = pixels_at(own->trial, step);
    for (size_t c = 0; c < own->trial->base.channels; c++)
        for (size_t i = 0; i < pixels; i++) {
            const float *from = own->trial->rank[i] < changed ? own->greatest : own->others;
            input[c * pixels + i] = from ? from[c * pixels + i] : 0.0f;
        }
}

/* By trapezoids; the abscissa is the share of pixels changed, which whole pixels keep from being even. */
static double area_under(const double *points, const cam_trial *trial)
{
    double area = 0.0;
    for (size_t step = 0; step < trial->options->score_steps; step++)
        area += 0.5 * (points[step] + points[step + 1]) * (double)(pixels_at(trial, step + 1) - pixels_at(trial, step));
    return area / (double)cam_trial_pixels(trial);
}

static cameras_status measure(double *area, cam_trial *trial, const curve *own)
{
    const size_t count = trial->options->score_steps + 1;
    double *points = malloc(count * sizeof *points);
    if (!points)
        return cam_fail_memory("score map", count * sizeof *points);
    const cameras_status status = cam_predict(points, count, &trial->network, make_point, own);
    if (status == CAMERAS_OK)
        *area = area_under(points, trial);
    free(points);
    return status;
}

cameras_status cam_curve_insertion(double *area, cam_trial *trial)
{
    const size_t pixels = cam_trial_pixels(trial), bytes = trial->base.channels * pixels * sizeof(float);
    float *blurred = malloc(bytes);
    cameras_status status = blurred ? CAMERAS_OK : cam_fail_memory("score map", bytes);
    for (size_t c = 0; c < trial->base.channels && status == CAMERAS_OK; c++)
        status = cam_blur(blurred + c * pixels, trial->base.data + c * pixels, trial->base.size);
    if (status == CAMERAS_OK)
        status = measure(area, trial, &(curve){trial, trial->base.data, blurred});
    free(blurred);
    return status;
}

cameras_status cam_curve_deletion(double *area, cam_trial *trial)
{
    return measure(area, trial, &(curve){trial, NULL, trial->base.data});
}
