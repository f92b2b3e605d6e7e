/*
 * control.h - maps that know nothing of the picture, to hold the others against
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_CONTROL_H
#define CAM_CONTROL_H

#include "cameras.h"
#include "scales.h"

/* The value of the constant control, everywhere. */
#define CAM_CONTROL_CONSTANT 0.5f

/*
 * Fills the raw values of a control, size.height rows of size.width, each in [0, 1]. Random ones hang on the seed and
 * the class alone: two classes must not have one map, or a random map would look as if it ignored the class.
 */
void cam_control_fill(float *raw, cam_size size, cameras_method control, uint64_t seed, size_t class_index);

#endif
