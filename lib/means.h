/*
 * means.h - the mean of the maps that the scales make each by itself
 *
 * SPDX-License-Identifier: MIT
 *
 * Of each layer and class one sum of maps is held, however many scales there are.
 */
#ifndef CAM_MEANS_H
#define CAM_MEANS_H

#include "cameras.h"
#include "scales.h"
#include "shim.h"

typedef struct cam_means {
    cameras_method method;
    cam_size size; /* of the maps */
    size_t layer_count, class_count, threads;
    float *sums; /* of each layer and class, the classes of the first layer first */
} cam_means;

/* On failure, and after cam_means_free, *means is all zeros. */
cameras_status cam_means_make(cam_means *means, cameras_method method, size_t layer_count, size_t class_count,
                              cam_size size, size_t threads);
void cam_means_free(cam_means *means);

/* Adds what a scale gave. A sum depends, to rounding, on the order in which scales come. */
cameras_status cam_means_add(cam_means *means, size_t layer, size_t class_place, shim_array activation,
                             shim_array gradient);

/* The mean over so many scales, those that were added. */
void cam_means_read(float *out, const cam_means *means, size_t layer, size_t class_place, size_t scales);

/* The bytes of one layer's sums, and of adding the largest of its scales' planes, channels x sizes[t]. */
size_t cam_means_bytes(size_t channels, const cam_size *sizes, size_t scale_count, cam_size map, size_t class_count);

#endif
