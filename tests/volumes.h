/*
 * volumes.h - the small networks (networks.h) in plain C and double precision: what their layers should give
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef VOLUMES_H
#define VOLUMES_H

#include "networks.h"

#include <stddef.h>

enum {
    MOST = 3 * 48 * 48
};

typedef struct volume {
    size_t channels, height, width;
    double at[MOST];
} volume;

size_t volume_samples(const volume *of);

/* A 3 x 3 convolution to NETWORK_CHANNELS channels, zeros around the picture. */
void volume_convolve(volume *out, const volume *in, network_tensor weight, network_tensor bias, long stride);

void volume_rectify(volume *in_place);

/* ReLU of the stem: what every network begins with. */
void volume_begin(volume *out, const volume *input);
void volume_run_conv(volume *out, const volume *in);

/* The logit that the mean over space and fc make of a layer. */
double volume_logit(const volume *layer, size_t class_index);

/* An input of three channels, always the same for a size. */
void volume_make_input(volume *input, size_t height, size_t width);

/* Rounded to floats, borrowed until the next call. */
const float *volume_floats(const volume *input);

#endif
