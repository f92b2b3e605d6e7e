/*
 * plain.h - made-up scales as a network would give them, and the fusion read plainly from its definition
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PLAIN_H
#define PLAIN_H

#include "scales.h"
#include "shim.h"

#include <stddef.h>

enum {
    PLAIN_SCALES = 5
};

/* Some scales of one layer, activations and gradients alike in size, one channel's plane after the other. */
typedef struct plain_stack {
    size_t scales;
    shim_array activations[PLAIN_SCALES], gradients[PLAIN_SCALES];
} plain_stack;

/* In [-1, 1), always the same sequence. */
float plain_random(void);

shim_array plain_planes(size_t channels, cam_size size);
plain_stack plain_stack_new(size_t channels, const cam_size *sizes, size_t scales);
void plain_stack_free(plain_stack *stack);

/* Makes every plane repeat its first value. */
void plain_flatten(shim_array planes);

/* Channel k resized bilinearly to size, at pixel (x, y): half-pixel centres, borders repeated. */
double plain_sample(shim_array planes, size_t k, cam_size size, size_t x, size_t y);

/* The fusion at a pixel, by equations 2 and 3 in double precision. */
double plain_fused(const plain_stack *stack, cam_size size, size_t x, size_t y);

/* Fails the test where out strays from the definition by more than tolerance times its largest magnitude, or 1. */
void plain_expect(const float *out, const plain_stack *stack, cam_size size, double tolerance);

#endif
