/*
 * attack.h - what the two attacks on an image came to
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_ATTACK_H
#define CAM_ATTACK_H

#include "cameras.h"
#include "scales.h"

enum {
    CAM_ATTACK_KINDS = CAMERAS_ATTACK_PLAIN + 1,
    CAM_NORMS = CAMERAS_NORM_LINF + 1,
    CAM_PARTS = CAMERAS_PART_OUTSIDE + 1
};

/* The planes have the picture's order of channels, red first. */
typedef struct cam_attacked {
    float *image, *perturbation;
    double probability;
    size_t steps;
    int succeeded;
    double norms[CAM_NORMS][CAM_PARTS];
} cam_attacked;

struct cameras_attack {
    size_t target, channels;
    cam_size size;
    cam_attacked kinds[CAM_ATTACK_KINDS];
};

/* Measures a perturbation all over and on the inside, one byte a pixel, and outside of it. */
void cam_attack_measure(cam_attacked *kind, const unsigned char *inside, size_t channels, size_t pixels);

#endif
