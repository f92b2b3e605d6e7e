/*
 * resize.c - separable resampling: a table of weights for each axis, one axis after the other
 *
 * SPDX-License-Identifier: MIT
 *
 * Coordinates are computed exactly as torch.nn.functional.interpolate does, because at large sizes one that is rounded
 * otherwise already moves the result by more than 1e-5. Samples beyond a border repeat it: their weights are added to
 * the border's own, so that every window lies inside the source.
 */
#include "resize.h"

#include "error.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char doing[] = "resize";

/* Adds weight for source sample position, which may lie beyond a border, to window i. */
static void add_tap(cam_taps *taps, size_t i, ptrdiff_t position, size_t in_length, float weight)
{
    const ptrdiff_t last = (ptrdiff_t)in_length - 1;
    const size_t inside = (size_t)(position < 0 ? 0 : position > last ? last : position);
    taps->weights[i * taps->width + (inside - taps->first[i])] += weight;
}

/* The first sample of a window of taps->width samples that would begin at position, kept inside the source. */
static size_t clamp_first(const cam_taps *taps, ptrdiff_t position, size_t in_length)
{
    const ptrdiff_t last = (ptrdiff_t)(in_length - taps->width);
    return (size_t)(position < 0 ? 0 : position > last ? last : position);
}

/*
 * Half-pixel centres (torch: area_pixel_compute_source_index). PyTorch rounds the scale to single precision, and its
 * kernels, compiled with fused multiplication and addition, lose nothing after that; so neither do we.
 */
static double source_coordinate(size_t i, size_t out_length, size_t in_length)
{
    const float scale = (float)in_length / (float)out_length;
    return (double)scale * ((double)i + 0.5) - 0.5;
}

static void fill_bilinear(cam_taps *taps, size_t in_length)
{
    for (size_t i = 0; i < taps->length; i++) {
        const double at = fmax(source_coordinate(i, taps->length, in_length), 0.0);
        const ptrdiff_t low = (ptrdiff_t)at;
        const float share = (float)(at - (double)low);
        taps->first[i] = clamp_first(taps, low, in_length);
        add_tap(taps, i, low, in_length, 1.0f - share);
        add_tap(taps, i, low + 1, in_length, share);
    }
}

/* Keys' cubic convolution (1981) for a distance in [0, 1] and in (1, 2]. */
static float cubic_near(float x)
{
    const float a = -0.75f;
    return ((a + 2.0f) * x - (a + 3.0f)) * x * x + 1.0f;
}

static float cubic_far(float x)
{
    const float a = -0.75f;
    return ((a * x - 5.0f * a) * x + 8.0f * a) * x - 4.0f * a;
}

static void fill_bicubic(cam_taps *taps, size_t in_length)
{
    for (size_t i = 0; i < taps->length; i++) {
        const double at = source_coordinate(i, taps->length, in_length);
        const ptrdiff_t position = (ptrdiff_t)floor(at);
        const float share = (float)(at - (double)position);
        taps->first[i] = clamp_first(taps, position - 1, in_length);
        add_tap(taps, i, position - 1, in_length, cubic_far(share + 1.0f));
        add_tap(taps, i, position, in_length, cubic_near(share));
        add_tap(taps, i, position + 1, in_length, cubic_near(1.0f - share));
        add_tap(taps, i, position + 2, in_length, cubic_far(2.0f - share));
    }
}

/* How far PIL's triangle reaches to either side, in source samples: wider than 1 when shrinking. */
static double antialias_reach(size_t out_length, size_t in_length)
{
    const double scale = (double)in_length / (double)out_length;
    return scale > 1.0 ? scale : 1.0;
}

static void fill_antialias(cam_taps *taps, size_t in_length)
{
    const double scale = (double)in_length / (double)taps->length;
    const double reach = antialias_reach(taps->length, in_length);
    for (size_t i = 0; i < taps->length; i++) {
        const double centre = ((double)i + 0.5) * scale;
        const double from = centre - reach + 0.5, to = centre + reach + 0.5;
        const size_t low = from > 0.0 ? (size_t)from : 0;
        const size_t high = (size_t)fmin(to, (double)in_length);
        taps->first[i] = clamp_first(taps, (ptrdiff_t)low, in_length);
        double total = 0.0;
        for (size_t k = low; k < high; k++)
            total += fmax(1.0 - fabs(((double)k + 0.5 - centre) / reach), 0.0);
        for (size_t k = low; k < high; k++) {
            const double weight = fmax(1.0 - fabs(((double)k + 0.5 - centre) / reach), 0.0);
            add_tap(taps, i, (ptrdiff_t)k, in_length, (float)(weight / total));
        }
    }
}

static size_t window_width(size_t out_length, size_t in_length, cam_filter filter)
{
    const size_t width = filter == CAM_BILINEAR  ? 2
                         : filter == CAM_BICUBIC ? 4
                                                 : (size_t)(2.0 * antialias_reach(out_length, in_length)) + 2;
    return width < in_length ? width : in_length;
}

cam_filter cam_filter_for(cam_size to, cam_size from, cam_filter enlarging)
{
    return to.width < from.width || to.height < from.height ? CAM_ANTIALIAS : enlarging;
}

cameras_status cam_taps_make(cam_taps *taps, size_t out_length, size_t in_length, cam_filter filter)
{
    const size_t width = window_width(out_length, in_length, filter);
    *taps = (cam_taps){.length = out_length, .width = width};
    taps->first = calloc(out_length, sizeof *taps->first);
    taps->weights = calloc(out_length * width, sizeof *taps->weights);
    if (!taps->first || !taps->weights) {
        cam_taps_free(taps);
        return cam_fail_memory(doing, out_length * (width * sizeof(float) + sizeof(size_t)));
    }
    if (filter == CAM_BILINEAR)
        fill_bilinear(taps, in_length);
    else if (filter == CAM_BICUBIC)
        fill_bicubic(taps, in_length);
    else
        fill_antialias(taps, in_length);
    return CAMERAS_OK;
}

void cam_taps_free(cam_taps *taps)
{
    free(taps->first);
    free(taps->weights);
    *taps = (cam_taps){0};
}

void cam_taps_row(float *out, const cam_taps *taps, const float *in)
{
    for (size_t i = 0; i < taps->length; i++) {
        const float *window = in + taps->first[i];
        const float *weights = taps->weights + i * taps->width;
        float sum = 0.0f;
        for (size_t k = 0; k < taps->width; k++)
            sum += weights[k] * window[k];
        out[i] = sum;
    }
}

/* The second axis: whole rows at a time, so that the inner loop runs along memory. */
static void resample_columns(float *out, const cam_taps *taps, const float *in, size_t width)
{
    for (size_t y = 0; y < taps->length; y++) {
        float *restrict row = out + y * width;
        memset(row, 0, width * sizeof *row);
        for (size_t k = 0; k < taps->width; k++) {
            const float weight = taps->weights[y * taps->width + k];
            const float *restrict source = in + (taps->first[y] + k) * width;
            for (size_t x = 0; x < width; x++)
                row[x] += weight * source[x];
        }
    }
}

/* Each source row is resampled across as it comes, then all of them down: holds out_width x in_height floats. */
static cameras_status across_first(float *out, const cam_taps *across, const cam_taps *down, cam_row_source source,
                                   const void *user, size_t in_width, size_t in_height)
{
    const size_t out_width = across->length;
    float *row = malloc(in_width * sizeof *row);
    float *middle = malloc(out_width * in_height * sizeof *middle);
    for (size_t y = 0; row && middle && y < in_height; y++) {
        source(row, y, user);
        cam_taps_row(middle + y * out_width, across, row);
    }
    const int complete = row && middle;
    if (complete)
        resample_columns(out, down, middle, out_width);
    free(middle);
    free(row);
    return complete ? CAMERAS_OK : cam_fail_memory(doing, (in_width + out_width * in_height) * sizeof *row);
}

/* Adds a source row to every row of the result whose window holds it; *lowest is the first of those so far. */
static void spread_row(float *middle, size_t *lowest, const cam_taps *down, const float *row, size_t y, size_t width)
{
    while (*lowest < down->length && down->first[*lowest] + down->width <= y)
        ++*lowest;
    for (size_t i = *lowest; i < down->length && down->first[i] <= y; i++) {
        const float weight = down->weights[i * down->width + y - down->first[i]];
        for (size_t x = 0; x < width; x++)
            middle[i * width + x] += weight * row[x];
    }
}

/* The other order, for high and narrow sources: holds in_width x out_height floats. */
static cameras_status down_first(float *out, const cam_taps *across, const cam_taps *down, cam_row_source source,
                                 const void *user, size_t in_width, size_t in_height)
{
    size_t lowest = 0;
    float *row = malloc(in_width * sizeof *row);
    float *middle = calloc(in_width * down->length, sizeof *middle);
    for (size_t y = 0; row && middle && y < in_height; y++) {
        source(row, y, user);
        spread_row(middle, &lowest, down, row, y, in_width);
    }
    const int complete = row && middle;
    for (size_t y = 0; complete && y < down->length; y++)
        cam_taps_row(out + y * across->length, across, middle + y * in_width);
    free(middle);
    free(row);
    return complete ? CAMERAS_OK : cam_fail_memory(doing, in_width * (1 + down->length) * sizeof *row);
}

cameras_status cam_resize_rows(float *out, size_t out_width, size_t out_height, cam_row_source source, const void *user,
                               size_t in_width, size_t in_height, cam_filter filter)
{
    cam_taps across = {0}, down = {0};
    cameras_status status = cam_taps_make(&across, out_width, in_width, filter);
    if (status == CAMERAS_OK)
        status = cam_taps_make(&down, out_height, in_height, filter);
    if (status == CAMERAS_OK) {
        const int narrow = in_width * out_height < out_width * in_height;
        status = (narrow ? down_first : across_first)(out, &across, &down, source, user, in_width, in_height);
    }
    cam_taps_free(&down);
    cam_taps_free(&across);
    return status;
}

struct plane {
    const float *data;
    size_t width;
};

static void plane_row(float *row, size_t y, const void *user)
{
    const struct plane *plane = user;
    memcpy(row, plane->data + y * plane->width, plane->width * sizeof *row);
}

cameras_status cam_resize_plane(float *out, size_t out_width, size_t out_height, const float *in, size_t in_width,
                                size_t in_height, cam_filter filter)
{
    const struct plane plane = {in, in_width};
    return cam_resize_rows(out, out_width, out_height, plane_row, &plane, in_width, in_height, filter);
}
