/*
 * gather.h - from what the passes give to the raw map: here the method is chosen, and nowhere else
 *
 * SPDX-License-Identifier: MIT
 *
 * CAMERAS multiplies once, when all scales are in, and so keeps their planes; the methods that multiply at each scale
 * keep a sum of maps; the controls keep nothing.
 */
#ifndef CAM_GATHER_H
#define CAM_GATHER_H

#include "kept.h"
#include "means.h"

typedef struct cam_gather {
    cameras_method method;
    uint64_t seed; /* of a random control */
    cam_size size; /* of the maps */
    cam_kept kept; /* what CAMERAS keeps */
    cam_means means;
} cam_gather;

/* What is gathered, in numbers; scale_count is the schedule's. */
typedef struct cam_gather_counts {
    size_t layers, classes, scales, threads;
} cam_gather_counts;

/* On failure, and after cam_gather_free, there is nothing to free. */
cameras_status cam_gather_make(cam_gather *gather, const cameras_options *options, const cam_gather_counts *counts,
                               cam_size size);
void cam_gather_free(cam_gather *gather);

/* Takes what a scale gave of a layer for a class; for the first class before any other. */
cameras_status cam_gather_take(cam_gather *gather, size_t layer, size_t class_place, size_t scale,
                               shim_array activation, shim_array gradient);

/* The raw map of a layer and class, before ReLU, of as many scales as have been taken. */
cameras_status cam_gather_map(float *out, const cam_gather *gather, size_t layer, size_t class_place,
                              size_t class_index, size_t taken);

/* The bytes that one layer takes, its planes being channels x sizes[t]; see cam_kept_bytes and cam_means_bytes. */
size_t cam_gather_bytes(cameras_method method, size_t channels, const cam_size *sizes, size_t scale_count, cam_size map,
                        size_t class_count, int constant_gradients);

#endif
