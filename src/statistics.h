/*
 * statistics.h - a mean, and how far to trust it
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef STATISTICS_H
#define STATISTICS_H

#include <stddef.h>
#include <stdint.h>

enum {
    RESAMPLES = 1000
};

/* NaN where there was nothing to take the mean of. */
typedef struct interval {
    double mean, low, high; /* 95 % of the means of RESAMPLES resamples lie between low and high */
    size_t count;           /* of the values that were numbers */
} interval;

/*
 * The mean of those values that are numbers and its 95 % percentile bootstrap interval (Efron and Tibshirani, An
 * Introduction to the Bootstrap, 1993, chapter 13). Equal seeds give equal intervals. 0 when memory ran out.
 */
int interval_of(interval *out, const double *values, size_t count, uint64_t seed);

#endif
