/*
 * random.h - chance that repeats: equal seeds give equal numbers, on any machine and with any number of threads
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_RANDOM_H
#define CAM_RANDOM_H

#include <stdint.h>

/* A sequence of numbers and the place reached in it; belongs to one thread. */
typedef struct cam_random {
    uint64_t state;
} cam_random;

/* The beginning of a sequence. Each stream of a seed is a sequence of its own; stream 0 is SplitMix64 as published. */
cam_random cam_random_begin(uint64_t seed, uint64_t stream);

/* The next 64 bits. */
uint64_t cam_random_bits(cam_random *from);

/* Uniform in [0, 1), a multiple of 2^-53. */
double cam_random_uniform(cam_random *from);

/* Normal, mean 0 and deviation 1. Takes two numbers of the sequence. */
double cam_random_normal(cam_random *from);

#endif
