/*
 * scales.h - the schedule: which sizes the network is shown
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_SCALES_H
#define CAM_SCALES_H

#include "cameras.h"

typedef struct cam_size {
    size_t width, height;
} cam_size;

static inline int cam_size_equal(cam_size a, cam_size b)
{
    return a.width == b.width && a.height == b.height;
}

static inline size_t cam_size_pixels(cam_size size)
{
    return size.width * size.height;
}

/* How many scales options ask for: none for a control. */
size_t cam_scale_count(const cameras_options *options);

/*
 * The size of copy index of a base image: its shorter side is the scale's, the longer follows the base's shape, rounded
 * to a pixel. CAMERAS_ELIMIT where a side would pass CAMERAS_MAX_SIDE.
 */
cameras_status cam_scale_size(cam_size *size, const cameras_options *options, size_t index, cam_size base);

/* A size whose shorter side is side and whose shape is that of like. */
cam_size cam_size_with_shorter(size_t side, cam_size like);

#endif
