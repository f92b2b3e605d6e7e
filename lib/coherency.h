/*
 * coherency.h - whether what a map shows is explained as the whole was
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_COHERENCY_H
#define CAM_COHERENCY_H

#include "trial.h"

/*
 * (Pearson(map, map of I M) + 1) / 2, from 0 to 1. NaN where it cannot be told: one of the maps is flat, the gate drops
 * every scale of I M, or a network that maps made elsewhere belong to has no layer to explain. Explaining takes the
 * second half of the progress callback's way.
 */
cameras_status cam_coherency(double *out, cam_trial *trial);

/* Pearson's correlation of two sets of values; NaN where one is constant. */
double cam_pearson(const float *a, const float *b, size_t count);

#endif
