/*
 * statistics.c - a mean, and how far to trust it
 *
 * SPDX-License-Identifier: MIT
 */
#include "statistics.h"

#include <math.h>
#include <stdlib.h>

/* SplitMix64 (Steele, Lea, Flood; OOPSLA 2014). */
static uint64_t next_number(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static double mean(const double *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return count ? sum / (double)count : NAN;
}

static double resampled_mean(const double *values, size_t count, uint64_t *state)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += values[next_number(state) % count];
    return sum / (double)count;
}

static int by_size(const void *a, const void *b)
{
    const double first = *(const double *)a, second = *(const double *)b;
    return first < second ? -1 : first > second;
}

/* Between two neighbours of a sorted list, linearly. */
static double percentile(const double *sorted, size_t count, double share)
{
    const double at = share * (double)(count - 1);
    const size_t below = (size_t)at, above = below + 1 < count ? below + 1 : below;
    return sorted[below] + (at - (double)below) * (sorted[above] - sorted[below]);
}

static void find_interval(interval *out, const double *values, uint64_t seed)
{
    double means[RESAMPLES];
    for (size_t i = 0; i < RESAMPLES; i++)
        means[i] = resampled_mean(values, out->count, &seed);
    qsort(means, RESAMPLES, sizeof *means, by_size);
    out->low = percentile(means, RESAMPLES, 0.025);
    out->high = percentile(means, RESAMPLES, 0.975);
}

int interval_of(interval *out, const double *values, size_t count, uint64_t seed)
{
    double *numbers = malloc((count + 1) * sizeof *numbers);
    *out = (interval){NAN, NAN, NAN, 0};
    if (!numbers)
        return 0;
    for (size_t i = 0; i < count; i++)
        if (!isnan(values[i]))
            numbers[out->count++] = values[i];
    out->mean = mean(numbers, out->count);
    if (out->count)
        find_interval(out, numbers, seed);
    free(numbers);
    return 1;
}
