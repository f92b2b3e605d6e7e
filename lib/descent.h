/*
 * descent.h - projected gradient descent on an image until the network sees another class in it
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_DESCENT_H
#define CAM_DESCENT_H

#include "predict.h"
#include "options.h"

/* What is attacked, and how. */
typedef struct cam_descent {
    const cam_predictor *network; /* its options say epsilon, beta, steps, confidence, rule, progress */
    const float *image;           /* channels x height x width, in [0, 1], in the network's order of channels */
    const float *quiet;           /* height x width, 1 - M: where changes are penalised; NULL for plain descent */
    size_t target;
    double begun, share; /* of the work that progress tells of: done before, and done by this */
} cam_descent;

/* Where it ended. */
typedef struct cam_descended {
    float *attacked; /* as image; freed by the caller */
    double probability;
    size_t steps;
    int succeeded;
} cam_descended;

/* On failure *out holds nothing. CAMERAS_ECANCELLED, CAMERAS_ENUMERIC, and whatever running the network gives. */
cameras_status cam_descend(cam_descended *out, const cam_descent *how);

/*
 * Replaces v, channels planes, by the p that minimises ||p - v||^2 / 2 + threshold ||p quiet||, quiet being one plane
 * of non-negative weights. spare is a plane to work in.
 */
void cam_shrink(float *v, float *spare, const float *quiet, size_t channels, size_t pixels, double threshold);

#endif
