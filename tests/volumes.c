/*
 * volumes.c - the networks of networks.h worked out in double precision, without the library
 *
 * SPDX-License-Identifier: MIT
 */
#include "volumes.h"

#include <check.h>
#include <math.h>

size_t volume_pixels(const volume *of)
{
    return of->height * of->width;
}

size_t volume_count(const volume *of)
{
    return of->channels * volume_pixels(of);
}

void make_input(volume *input, size_t height, size_t width, double phase)
{
    input->channels = 3;
    input->height = height;
    input->width = width;
    ck_assert_uint_le(volume_count(input), VOLUME_MOST);
    for (size_t i = 0; i < volume_count(input); i++)
        input->at[i] = sin(0.37 * (double)i + phase) + 0.3 * cos(0.011 * (double)(i * i % 997)) + 0.2;
}

const float *as_floats(const volume *input)
{
    static float floats[VOLUME_MOST];
    for (size_t i = 0; i < volume_count(input); i++)
        floats[i] = (float)input->at[i];
    return floats;
}

/* ---- convolutions ----------------------------------------------------------------------------------------------- */

static double sample(const volume *from, size_t channel, long y, long x)
{
    if (y < 0 || x < 0 || y >= (long)from->height || x >= (long)from->width)
        return 0.0;
    return from->at[(channel * from->height + (size_t)y) * from->width + (size_t)x];
}

static double tap_weight(const volume *in, network_tensor weight, size_t channel, size_t c, int tap)
{
    return (double)network_weight(weight, (channel * in->channels + c) * 9 + (size_t)tap);
}

static double filtered(const volume *in, network_tensor weight, size_t channel, long top, long left)
{
    double sum = 0.0;
    for (size_t c = 0; c < in->channels; c++)
        for (int tap = 0; tap < 9; tap++)
            sum += tap_weight(in, weight, channel, c, tap) * sample(in, c, top + tap / 3, left + tap % 3);
    return sum;
}

static void shape_convolved(volume *out, const volume *in, long stride)
{
    out->channels = NETWORK_CHANNELS;
    out->height = (in->height - 1) / (size_t)stride + 1;
    out->width = (in->width - 1) / (size_t)stride + 1;
}

void convolve(volume *out, const volume *in, network_tensor weight, network_tensor bias, long stride)
{
    size_t i = 0;
    shape_convolved(out, in, stride);
    for (size_t channel = 0; channel < out->channels; channel++)
        for (size_t y = 0; y < out->height; y++)
            for (size_t x = 0; x < out->width; x++)
                out->at[i++] = (double)network_weight(bias, channel) +
                               filtered(in, weight, channel, stride * (long)y - 1, stride * (long)x - 1);
}

/* |w (1 + s) (a + e) - w a| summed over the taps, e being at most the error of a. */
static double filtered_error(const volume *in, const volume *errors, network_tensor weight, size_t channel, long top,
                             long left, double share)
{
    double sum = 0.0;
    for (size_t c = 0; c < in->channels; c++)
        for (int tap = 0; tap < 9; tap++) {
            const long y = top + tap / 3, x = left + tap % 3;
            sum += fabs(tap_weight(in, weight, channel, c, tap)) *
                   (share * fabs(sample(in, c, y, x)) + (1.0 + share) * sample(errors, c, y, x));
        }
    return sum;
}

void convolve_errors(volume *errors, const volume *in, const volume *in_errors, network_tensor weight,
                     network_tensor bias, long stride, double share)
{
    size_t i = 0;
    shape_convolved(errors, in, stride);
    for (size_t channel = 0; channel < errors->channels; channel++)
        for (size_t y = 0; y < errors->height; y++)
            for (size_t x = 0; x < errors->width; x++)
                errors->at[i++] =
                    share * fabs((double)network_weight(bias, channel)) +
                    filtered_error(in, in_errors, weight, channel, stride * (long)y - 1, stride * (long)x - 1, share);
}

void rectify(volume *in_place)
{
    for (size_t i = 0; i < volume_count(in_place); i++)
        in_place->at[i] = fmax(in_place->at[i], 0.0);
}

void begin(volume *out, const volume *input)
{
    convolve(out, input, STEM_WEIGHT, STEM_BIAS, 2);
    rectify(out);
}

void run_conv(volume *out, const volume *in)
{
    convolve(out, in, CONV_WEIGHT, CONV_BIAS, 1);
}

/* ---- heads ------------------------------------------------------------------------------------------------------ */

double volume_mean(const volume *of, size_t channel)
{
    const size_t pixels = volume_pixels(of);
    double sum = 0.0;
    for (size_t i = 0; i < pixels; i++)
        sum += of->at[channel * pixels + i];
    return sum / (double)pixels;
}

double pooled_logit(const volume *layer, size_t class_index)
{
    double logit = (double)network_weight(FC_BIAS, class_index);
    for (size_t k = 0; k < layer->channels; k++)
        logit += (double)network_weight(FC_WEIGHT, class_index * NETWORK_CHANNELS + k) * volume_mean(layer, k);
    return logit;
}

/* ---- norms ------------------------------------------------------------------------------------------------------ */

static double scaled_and_shifted(double normal, size_t channel)
{
    return normal * (1.0 + (double)network_weight(SECOND_WEIGHT, channel)) +
           (double)network_weight(SECOND_BIAS, channel);
}

void batch_normalise(volume *in_place)
{
    const size_t pixels = volume_pixels(in_place);
    for (size_t i = 0; i < volume_count(in_place); i++) {
        const size_t channel = i / pixels;
        const double mean = (double)network_weight(SECOND_WEIGHT, 100 + channel);
        const double variance = 1.0 + (double)network_weight(SECOND_WEIGHT, 200 + channel);
        in_place->at[i] = scaled_and_shifted((in_place->at[i] - mean) / sqrt(variance + NETWORK_NORM_EPSILON), channel);
    }
}

/* Normalises count samples, every step-th from the first on, pixels of them a channel. */
static void normalise(volume *in_place, size_t first, size_t step, size_t count)
{
    const size_t pixels = volume_pixels(in_place);
    double sum = 0.0, squares = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += in_place->at[first + i * step];
    const double mean = sum / (double)count;
    for (size_t i = 0; i < count; i++)
        squares += pow(in_place->at[first + i * step] - mean, 2.0);
    const double deviation = sqrt(squares / (double)count + NETWORK_NORM_EPSILON);
    for (size_t i = first; i < first + count * step; i += step)
        in_place->at[i] = scaled_and_shifted((in_place->at[i] - mean) / deviation, i / pixels);
}

void layer_normalise(volume *in_place)
{
    for (size_t pixel = 0; pixel < volume_pixels(in_place); pixel++)
        normalise(in_place, pixel, volume_pixels(in_place), in_place->channels);
}

void group_normalise(volume *in_place)
{
    const size_t group = volume_count(in_place) / 2;
    normalise(in_place, 0, 1, group);
    normalise(in_place, group, 1, group);
}
