/*
 * clock.h - seconds of wall-clock time
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_CLOCK_H
#define CAM_CLOCK_H

#include <time.h>

/* Seconds since some fixed moment, never running backwards. */
static inline double cam_clock(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

#endif
