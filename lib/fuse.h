/*
 * fuse.h - the sum over channels of averaged gradients times averaged activations
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_FUSE_H
#define CAM_FUSE_H

#include "cameras.h"
#include "scales.h"
#include "shim.h"

/* A stack of channel planes kept from one scale. height and width 1 stand for planes that are constant over space. */
typedef struct cam_planes {
    float *data;
    size_t channels, height, width;
} cam_planes;

/* Copies what a pass gave. With compress, planes that are all constant over space are kept as one value a channel. */
cameras_status cam_planes_copy(cam_planes *out, shim_array from, int compress);
void cam_planes_free(cam_planes *planes);

/*
 * out (size.height rows of size.width) = sum_k W*_k A*_k, A*_k and W*_k being the means over the scales of the k-th
 * planes, each resized bilinearly to size (CAMERAS, CVPR 2021, eq. 2 and 3, before ReLU). Never holds more than a few
 * rows of a resized channel. The result does not depend on the number of threads.
 */
cameras_status cam_fuse(float *out, cam_size size, const cam_planes *activations, const cam_planes *gradients,
                        size_t scales, size_t threads);

/* The two ways that cam_fuse chooses between: the definition, and the short cut for gradients kept as 1 x 1 planes. */
cameras_status cam_fuse_general(float *out, cam_size size, const cam_planes *activations, const cam_planes *gradients,
                                size_t scales, size_t threads);
cameras_status cam_fuse_constant(float *out, cam_size size, const cam_planes *activations, const cam_planes *gradients,
                                 size_t scales, size_t threads);

#endif
