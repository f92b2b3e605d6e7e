/*
 * volumes.c - the small networks in plain C and double precision
 *
 * SPDX-License-Identifier: MIT
 */
#include "volumes.h"

#include <math.h>

static double sample(const volume *from, size_t channel, long y, long x)
{
    if (y < 0 || x < 0 || y >= (long)from->height || x >= (long)from->width)
        return 0.0;
    return from->at[(channel * from->height + (size_t)y) * from->width + (size_t)x];
}

static double filtered(const volume *in, network_tensor weight, size_t channel, long top, long left)
{
    double sum = 0.0;
    for (size_t c = 0; c < in->channels; c++)
        for (int tap = 0; tap < 9; tap++)
            sum += (double)network_weight(weight, (channel * in->channels + c) * 9 + (size_t)tap) *
                   sample(in, c, top + tap / 3, left + tap % 3);
    return sum;
}

/* A 3 x 3 convolution to NETWORK_CHANNELS channels, zeros around the picture. */
void volume_convolve(volume *out, const volume *in, network_tensor weight, network_tensor bias, long stride)
{
    out->channels = NETWORK_CHANNELS;
    out->height = (in->height - 1) / (size_t)stride + 1;
    out->width = (in->width - 1) / (size_t)stride + 1;
    size_t i = 0;
    for (size_t channel = 0; channel < out->channels; channel++)
        for (size_t y = 0; y < out->height; y++)
            for (size_t x = 0; x < out->width; x++)
                out->at[i++] = (double)network_weight(bias, channel) +
                               filtered(in, weight, channel, stride * (long)y - 1, stride * (long)x - 1);
}

size_t volume_samples(const volume *of)
{
    return of->channels * of->height * of->width;
}

void volume_rectify(volume *in_place)
{
    for (size_t i = 0; i < volume_samples(in_place); i++)
        in_place->at[i] = fmax(in_place->at[i], 0.0);
}

/* ReLU of the stem: what every network begins with. */
void volume_begin(volume *out, const volume *input)
{
    volume_convolve(out, input, STEM_WEIGHT, STEM_BIAS, 2);
    volume_rectify(out);
}

void volume_run_conv(volume *out, const volume *in)
{
    volume_convolve(out, in, CONV_WEIGHT, CONV_BIAS, 1);
}

/* The logit that the mean over space and fc make of a layer. */
double volume_logit(const volume *layer, size_t class_index)
{
    double logit = (double)network_weight(FC_BIAS, class_index);
    const size_t pixels = layer->height * layer->width;
    for (size_t i = 0; i < volume_samples(layer); i++)
        logit += (double)network_weight(FC_WEIGHT, class_index * NETWORK_CHANNELS + i / pixels) * layer->at[i] /
                 (double)pixels;
    return logit;
}

void volume_make_input(volume *input, size_t height, size_t width)
{
    input->channels = 3;
    input->height = height;
    input->width = width;
    for (size_t i = 0; i < volume_samples(input); i++)
        input->at[i] = sin(0.37 * (double)i) + 0.3 * cos(0.011 * (double)(i * i % 997)) + 0.2;
}

const float *volume_floats(const volume *input)
{
    static float floats[MOST];
    for (size_t i = 0; i < volume_samples(input); i++)
        floats[i] = (float)input->at[i];
    return floats;
}
