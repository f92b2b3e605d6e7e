/*
 * localisation.h - whether a map lies where the object does
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_LOCALISATION_H
#define CAM_LOCALISATION_H

#include "cameras.h"
#include "scales.h"

/* The pixels of an object, one byte each, 1 or 0. */
typedef struct cam_object {
    unsigned char *pixels;
    cam_size size;
    size_t count; /* of the pixels that are 1; at least 1 */
} cam_object;

/* CAMERAS_EINVAL: the picture is not of that size, or black throughout. On failure *out holds nothing. */
cameras_status cam_object_make(cam_object *out, const cameras_image *picture, cam_size size);
void cam_object_free(cam_object *object);

/* Of the values of a map of the object's size: the three scores of the header. */
double cam_object_hit(const cam_object *object, const float *values);
double cam_object_energy(const cam_object *object, const float *values);
cameras_status cam_object_iou(double *out, const cam_object *object, const float *values);

#endif
