/*
 * lanes.h - resizing sixteen channels at a time
 *
 * SPDX-License-Identifier: MIT
 *
 * Sixteen channels' values of a pixel lie side by side, so that each step of a resize is the same for a run of
 * neighbours in memory: compilers make vectors of it on any processor, without gathering and without shuffling.
 */
#ifndef CAM_LANES_H
#define CAM_LANES_H

#include "resize.h"

#include <stddef.h>

enum {
    CAM_LANES = 16
};

/* The bilinear tables of both axes; freed by cam_axes_free. */
typedef struct cam_axes {
    cam_taps across, down;
} cam_axes;

cameras_status cam_axes_make(cam_axes *axes, cam_size to, size_t width, size_t height);
void cam_axes_free(cam_axes *axes);

/* The groups of CAM_LANES channels that hold so many, the last filled up with zeros. */
size_t cam_lanes_groups(size_t channels);

/* Memory for so many pixels of CAM_LANES floats, on a vector's boundary; freed by free. NULL: there is none. */
float *cam_lanes_new(size_t pixels);

/*
 * Row y of a resize down, of so many pixels: rows is where its window begins, stride floats before the next source row.
 */
void cam_lanes_down(float *columns, const cam_taps *down, size_t y, const float *rows, size_t stride, size_t pixels);

/* The samples that pixels left to right - 1 of a resize across rest on, beginning with across->first[left]. */
size_t cam_lanes_reach(const cam_taps *across, size_t left, size_t right);

/* Adds these pixels to out; columns holds these samples. */
void cam_lanes_across(float *out, const cam_taps *across, size_t left, size_t right, const float *columns);

#endif
