/*
 * plain.c - made-up scales as a network would give them, and the fusion read plainly from its definition
 *
 * SPDX-License-Identifier: MIT
 */
#include "plain.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

float plain_random(void)
{
    static uint64_t seed = 88172645463325252u;
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (float)((double)(seed >> 11) / 4503599627370496.0 - 1.0);
}

shim_array plain_planes(size_t channels, cam_size size)
{
    const size_t samples = channels * size.height * size.width;
    float *data = malloc(samples * sizeof *data);
    ck_assert_ptr_nonnull(data);
    for (size_t i = 0; i < samples; i++)
        data[i] = plain_random();
    return (shim_array){data, channels, size.height, size.width};
}

plain_stack plain_stack_new(size_t channels, const cam_size *sizes, size_t scales)
{
    plain_stack made = {.scales = scales};
    ck_assert_uint_le(scales, PLAIN_SCALES);
    for (size_t t = 0; t < scales; t++) {
        made.activations[t] = plain_planes(channels, sizes[t]);
        made.gradients[t] = plain_planes(channels, sizes[t]);
    }
    return made;
}

void plain_stack_free(plain_stack *stack)
{
    for (size_t t = 0; t < stack->scales; t++) {
        free((void *)stack->gradients[t].data);
        free((void *)stack->activations[t].data);
    }
}

void plain_flatten(shim_array planes)
{
    const size_t pixels = planes.height * planes.width;
    float *data = (float *)planes.data;
    for (size_t i = 0; i < planes.channels * pixels; i++)
        data[i] = data[i / pixels * pixels];
}

/* ---- the definition ---------------------------------------------------------------------------------------------- */

static double clamp(double value, double most)
{
    return fmin(fmax(value, 0.0), most);
}

double plain_sample(shim_array planes, size_t k, cam_size size, size_t x, size_t y)
{
    const double last_x = (double)planes.width - 1.0, last_y = (double)planes.height - 1.0;
    const double at_x = clamp(((double)x + 0.5) * (double)planes.width / (double)size.width - 0.5, last_x);
    const double at_y = clamp(((double)y + 0.5) * (double)planes.height / (double)size.height - 0.5, last_y);
    const double left = floor(at_x), top = floor(at_y);
    double sum = 0.0;
    for (int corner = 0; corner < 4; corner++) {
        const double corner_x = left + (corner & 1), corner_y = top + (corner >> 1);
        const double weight = (1.0 - fabs(corner_x - at_x)) * (1.0 - fabs(corner_y - at_y));
        const size_t column = (size_t)clamp(corner_x, last_x), row = (size_t)clamp(corner_y, last_y);
        sum += weight * (double)planes.data[(k * planes.height + row) * planes.width + column];
    }
    return sum;
}

/* A*_k or W*_k at a pixel. */
static double mean_sample(const shim_array *planes, size_t scales, size_t k, cam_size size, size_t x, size_t y)
{
    double sum = 0.0;
    for (size_t t = 0; t < scales; t++)
        sum += plain_sample(planes[t], k, size, x, y);
    return sum / (double)scales;
}

double plain_fused(const plain_stack *stack, cam_size size, size_t x, size_t y)
{
    double sum = 0.0;
    for (size_t k = 0; k < stack->activations[0].channels; k++)
        sum += mean_sample(stack->activations, stack->scales, k, size, x, y) *
               mean_sample(stack->gradients, stack->scales, k, size, x, y);
    return sum;
}

void plain_expect(const float *out, const plain_stack *stack, cam_size size, double tolerance)
{
    double largest = 1.0;
    for (size_t i = 0; i < size.width * size.height; i++)
        largest = fmax(largest, fabs((double)out[i]));
    for (size_t y = 0; y < size.height; y++)
        for (size_t x = 0; x < size.width; x++)
            ck_assert_double_eq_tol((double)out[y * size.width + x], plain_fused(stack, size, x, y),
                                    tolerance * largest);
}
