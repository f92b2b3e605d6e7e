/*
 * formulas.h - the methods that make a map of each scale, read plainly from their papers, in double precision
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef FORMULAS_H
#define FORMULAS_H

#include "cameras.h"
#include "shim.h"

/* Those with a map of a scale's own: CAMERAS_METHOD_GRADCAM to CAMERAS_METHOD_NORMGRAD. */
enum {
    FORMULA_FIRST = CAMERAS_METHOD_GRADCAM,
    FORMULA_LAST = CAMERAS_METHOD_NORMGRAD
};

/* A method's map at pixel i of a layer, after ReLU; a gradient of 1 x 1 stands for all of its plane. */
double formula_map(cameras_method method, shim_array activation, shim_array gradient, size_t i);

#endif
