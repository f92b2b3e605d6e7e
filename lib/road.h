/*
 * road.h - remove and debias: pixels are taken away so that nothing shows where they were
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_ROAD_H
#define CAM_ROAD_H

#include "trial.h"

/* (LeRF - MoRF) / 2, the mean over 20, 40, 60 and 80 % of the pixels removed. */
cameras_status cam_road_measure(double *out, cam_trial *trial);

/*
 * Gives every removed pixel of a plane (removed[i] not 0) the weighted mean of its neighbours, in place: 1/6 for those
 * at a side, 1/12 for those at a corner, what lies outside left out. Where every pixel is removed they become 0.
 * CAMERAS_ENOMEM without a message, so that threads may call it.
 */
cameras_status cam_road_impute(float *plane, const unsigned char *removed, cam_size size);

#endif
