/*
 * fuse.h - the sum over channels of averaged gradients times averaged activations
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_FUSE_H
#define CAM_FUSE_H

#include "planes.h"

/*
 * What is to be fused. A stack is a scale's planes, or the sum of several scales' (cam_planes_add), or holds nothing
 * and counts for nothing. Gradients and activations need not be summed alike.
 */
typedef struct cam_fusion {
    cam_size size; /* of the map */
    const cam_planes *activations, *gradients;
    size_t stacks;  /* of activations, and of gradients */
    size_t scales;  /* that the stacks hold together: sums become means by it */
    size_t threads; /* their number does not show in the result */
} cam_fusion;

/*
 * out (size.height rows of size.width) = sum_k W*_k A*_k, A*_k and W*_k being the means over the scales of the k-th
 * planes, each resized bilinearly to size (CAMERAS, CVPR 2021, eq. 2 and 3, before ReLU). Never holds more than a few
 * rows of sixteen resized channels a thread.
 */
cameras_status cam_fuse(float *out, const cam_fusion *fusion);

/* The two ways that cam_fuse chooses between: the definition, and the short cut for gradients that are all 1 x 1. */
cameras_status cam_fuse_general(float *out, const cam_fusion *fusion);
cameras_status cam_fuse_constant(float *out, const cam_fusion *fusion);

#endif
