/*
 * planes.h - the planes that a pass gave of a layer: kept, kept as single values, or added to a sum of the map's size
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_PLANES_H
#define CAM_PLANES_H

#include "cameras.h"
#include "scales.h"
#include "shim.h"

/*
 * A stack of channel planes, CAM_LANES channels side by side: data[((group * height + y) * width + x) * CAM_LANES +
 * lane]. height and width 1 stand for planes that are constant over space too: then data[k] is channel k's value. A
 * stack of zeros holds nothing: data is NULL.
 */
typedef struct cam_planes {
    float *data;
    size_t channels, height, width;
} cam_planes;

/* The functions below use up to threads threads, whose number does not show. On failure *out holds nothing. */
cameras_status cam_planes_copy(cam_planes *out, shim_array from, size_t threads);
void cam_planes_free(cam_planes *planes);

/* Whether every plane is constant over space, and a copy of such planes as 1 x 1. */
int cam_planes_constant(shim_array from, size_t threads);
cameras_status cam_planes_copy_constant(cam_planes *out, shim_array from);

/* Adds the planes, each resized bilinearly to size, to *sum; one that holds nothing is made first. */
cameras_status cam_planes_add(cam_planes *sum, shim_array from, cam_size size, size_t threads);

/* The bytes that a stack holds. */
size_t cam_planes_bytes(size_t channels, size_t height, size_t width);

#endif
