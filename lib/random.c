/*
 * random.c - chance that repeats
 *
 * SPDX-License-Identifier: MIT
 *
 * SplitMix64 (Steele, Lea and Flood, Fast splittable pseudorandom number generators, OOPSLA 2014; the constants are
 * Vigna's): a counter and a mixer, so that any 64 bits are a good seed, and streams begin anywhere on one cycle of
 * 2^64. Normal values by Box and Muller (A note on the generation of random normal deviates, 1958).
 */
#include "random.h"

#include <math.h>

static uint64_t mix(uint64_t bits)
{
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
    return bits ^ bits >> 31;
}

cam_random cam_random_begin(uint64_t seed, uint64_t stream)
{
    return (cam_random){seed ^ mix(stream)}; /* mix(0) is 0 */
}

uint64_t cam_random_bits(cam_random *from)
{
    from->state += 0x9e3779b97f4a7c15u; /* 2^64 over the golden ratio */
    return mix(from->state);
}

double cam_random_uniform(cam_random *from)
{
    return (double)(cam_random_bits(from) >> 11) * 0x1p-53;
}

/* Of the pair that Box and Muller make only one is given: a second kept back would be state that nobody sees. */
double cam_random_normal(cam_random *from)
{
    static const double turn = 6.283185307179586;
    const double radius = sqrt(-2.0 * log(1.0 - cam_random_uniform(from))); /* 1 - u is never 0 */
    return radius * cos(turn * cam_random_uniform(from));
}
