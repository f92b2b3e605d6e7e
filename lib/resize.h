/*
 * resize.h - separable resampling by PyTorch's and PIL's rules
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_RESIZE_H
#define CAM_RESIZE_H

#include "scales.h"

typedef enum cam_filter {
    CAM_BILINEAR,  /* torch interpolate, align_corners = false, antialias = false */
    CAM_BICUBIC,   /* the same, a = -0.75 */
    CAM_ANTIALIAS, /* PIL's BILINEAR: a triangle as wide as the shrinking asks for, as torchvision on PIL images */
} cam_filter;

/* The filter for bringing a plane from one size to another: antialiasing where either side shrinks, else enlarging. */
cam_filter cam_filter_for(cam_size to, cam_size from, cam_filter enlarging);

/*
 * How one axis is resampled: sample i of the result is the sum over k < width of weights[i * width + k] times sample
 * first[i] + k of the source. Made once for a pair of lengths; freed by cam_taps_free.
 */
typedef struct cam_taps {
    size_t length, width;
    size_t *first;
    float *weights;
} cam_taps;

cameras_status cam_taps_make(cam_taps *taps, size_t out_length, size_t in_length, cam_filter filter);
void cam_taps_free(cam_taps *taps);

/* Resamples one row of floats. */
void cam_taps_row(float *out, const cam_taps *taps, const float *in);

/* Gives row y of the source plane to row, for sources that are not floats in memory. */
typedef void (*cam_row_source)(float *row, size_t y, const void *user);

/*
 * Resizes a plane that comes row by row. Besides the result, the smaller of out_width x in_height and in_width x
 * out_height floats are held.
 */
cameras_status cam_resize_rows(float *out, size_t out_width, size_t out_height, cam_row_source source, const void *user,
                               size_t in_width, size_t in_height, cam_filter filter);

/* Resizes a plane of floats. Equal sizes give an exact copy. */
cameras_status cam_resize_plane(float *out, size_t out_width, size_t out_height, const float *in, size_t in_width,
                                size_t in_height, cam_filter filter);

#endif
