/*
 * preprocess.h - a picture becomes a network's input
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_PREPROCESS_H
#define CAM_PREPROCESS_H

#include "cameras.h"
#include "model.h"
#include "resize.h"

/* A network's input: channels x height x width normalised floats. */
typedef struct cam_input {
    float *data;
    size_t channels;
    cam_size size;
} cam_input;

/* The size of the base image of a picture of that size. CAMERAS_ELIMIT where a side would pass CAMERAS_MAX_SIDE. */
cameras_status cam_base_size(cam_size *size, const cam_preprocessing *how, cam_size picture);

/* The filter that options ask for where a picture grows. */
cam_filter cam_enlarging_filter(const cameras_options *options);

/* The base image of a picture as the network's input. */
cameras_status cam_base_input(cam_input *out, const cam_preprocessing *how, const cameras_image *image,
                              const cameras_options *options);

/* The picture brought to a size and normalised: antialiased where it shrinks, with filter where it does not. */
cameras_status cam_input_from_image(cam_input *out, const cam_preprocessing *how, const cameras_image *image,
                                    cam_size size, cam_filter filter);

/* A copy of an input at another size, resized as it is, normalised. */
cameras_status cam_input_resize(cam_input *out, const cam_input *base, cam_size size, cam_filter filter);

void cam_input_free(cam_input *input);

#endif
