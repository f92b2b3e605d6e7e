/*
 * trial.h - a map on trial: the base image, the map at its size, and the network that judges
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_TRIAL_H
#define CAM_TRIAL_H

#include "predict.h"

typedef struct cam_trial {
    cameras_model *model;
    const cameras_map *map; /* as it was given */
    const cameras_options *options;
    cam_predictor network;
    cam_input base;
    float *values; /* of the map, at the base image's size */
    size_t *rank;  /* of each pixel in descending order of the map, from 0; equals by position */
    double probability;
} cam_trial;

/* The pixels of one plane. */
static inline size_t cam_trial_pixels(const cam_trial *trial)
{
    return trial->base.size.width * trial->base.size.height;
}

/* The base image times the map, as a network's input; or, with inverted, times 1 - map. */
void cam_trial_mask(float *input, const cam_trial *trial, int inverted);

#endif
