/*
 * volumes.h - the networks of networks.h worked out in double precision, without the library
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef VOLUMES_H
#define VOLUMES_H

#include "networks.h"

enum {
    VOLUME_MOST = 3 * 48 * 48
};

/* One channel's plane after the other. */
typedef struct volume {
    size_t channels, height, width;
    double at[VOLUME_MOST];
} volume;

size_t volume_count(const volume *of);
size_t volume_pixels(const volume *of);

/* A picture of waves with three channels, another one for another phase; values are not limited to [0, 1]. */
void make_input(volume *input, size_t height, size_t width, double phase);

/* The same as floats, as long as nobody asks for others. */
const float *as_floats(const volume *input);

/* A 3 x 3 convolution to NETWORK_CHANNELS channels, zeros around the picture. */
void convolve(volume *out, const volume *in, network_tensor weight, network_tensor bias, long stride);

/* At most how far the result is from the exact one where input and weights, in magnitude, stray by those shares. */
void convolve_errors(volume *errors, const volume *in, const volume *in_errors, network_tensor weight,
                     network_tensor bias, long stride, double share);

void rectify(volume *in_place);

/* ReLU of the stem: what every network begins with. */
void begin(volume *out, const volume *input);
void run_conv(volume *out, const volume *in);

/* The mean of a channel. */
double volume_mean(const volume *of, size_t channel);

/* The logit that the mean over space and fc make of a layer. */
double pooled_logit(const volume *layer, size_t class_index);

/* What the three norms of networks.h make of a volume. */
void batch_normalise(volume *in_place);
void layer_normalise(volume *in_place);
void group_normalise(volume *in_place);

#endif
