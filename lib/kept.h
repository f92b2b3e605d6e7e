/*
 * kept.h - what the scales of a call leave behind until they are fused
 *
 * SPDX-License-Identifier: MIT
 *
 * The fusion needs every scale's planes resized to the map, and summed. Planes smaller than the map are kept as they
 * are, being cheaper so; larger ones are resized and added at once, so that what is kept does not grow with the scales.
 */
#ifndef CAM_KEPT_H
#define CAM_KEPT_H

#include "fuse.h"
#include "planes.h"

typedef struct cam_kept {
    cam_size size; /* of the map */
    size_t layer_count, class_count, scale_count, threads;
    cam_planes *activations; /* of each layer: one stack a scale, then the sum of the large ones; many hold nothing */
    cam_planes *gradients;   /* of each layer and class the same, the classes of the first layer first */
} cam_kept;

/* On failure, and after cam_kept_free, *kept is all zeros. */
cameras_status cam_kept_make(cam_kept *kept, size_t layer_count, size_t class_count, size_t scale_count, cam_size size,
                             size_t threads);
void cam_kept_free(cam_kept *kept);

/* Takes what a scale gave of a layer. A sum depends, to rounding, on the order in which scales come. */
cameras_status cam_kept_activation(cam_kept *kept, size_t layer, size_t scale, shim_array planes);
cameras_status cam_kept_gradient(cam_kept *kept, size_t layer, size_t class_place, size_t scale, shim_array planes);

/* Fuses a layer's activations with its gradients of a class; accepted is how many scales have been taken. */
cameras_status cam_kept_fuse(float *out, const cam_kept *kept, size_t layer, size_t class_place, size_t accepted);

/*
 * The bytes that one layer's planes take once every scale is in, its planes being channels x sizes[t]. Gradients that
 * are constant over space take next to nothing; only the data tells whether they are.
 */
size_t cam_kept_bytes(size_t channels, const cam_size *sizes, size_t scale_count, cam_size map, size_t class_count,
                      int constant_gradients);

#endif
