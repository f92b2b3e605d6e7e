/*
 * control.c - maps that know nothing of the picture, to hold the others against
 *
 * SPDX-License-Identifier: MIT
 */
#include "control.h"

#include "random.h"

#include <math.h>

static void fill_random(float *raw, cam_size size, uint64_t seed, size_t class_index)
{
    cam_random chance = cam_random_begin(seed, class_index);
    for (size_t i = 0; i < size.width * size.height; i++)
        raw[i] = (float)cam_random_uniform(&chance);
}

/* Half the squared distance of sample i from the middle of a side, in deviations of a quarter of the side. */
static double exponent(size_t i, size_t side)
{
    const double away = ((double)i + 0.5 - (double)side / 2.0) / ((double)side / 4.0);
    return away * away / 2.0;
}

static void fill_centre(float *raw, cam_size size)
{
    for (size_t y = 0; y < size.height; y++)
        for (size_t x = 0; x < size.width; x++)
            raw[y * size.width + x] = (float)exp(-exponent(x, size.width) - exponent(y, size.height));
}

static void fill_constant(float *raw, cam_size size)
{
    for (size_t i = 0; i < size.width * size.height; i++)
        raw[i] = CAM_CONTROL_CONSTANT;
}

void cam_control_fill(float *raw, cam_size size, cameras_method control, uint64_t seed, size_t class_index)
{
    if (control == CAMERAS_METHOD_RANDOM)
        fill_random(raw, size, seed, class_index);
    else if (control == CAMERAS_METHOD_CENTRE)
        fill_centre(raw, size);
    else
        fill_constant(raw, size);
}
