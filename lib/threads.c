/*
 * threads.c - how many threads a call may use
 *
 * SPDX-License-Identifier: MIT
 *
 * LibTorch's own choice is one thread on some machines with two processors, so we never leave it to that.
 */
#include "threads.h"

#include "cameras.h"

#ifdef _OPENMP
#include <omp.h>
#endif
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

static size_t from_environment(void)
{
    const char *text = getenv("CAMERAS_NUM_THREADS");
    char *end = NULL;
    const long count = text ? strtol(text, &end, 10) : 0;
    return count > 0 && count <= CAMERAS_MAX_THREADS && *end == '\0' ? (size_t)count : 0;
}

static size_t from_affinity(void)
{
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed) == 0)
        return (size_t)CPU_COUNT(&allowed);
    const long online = sysconf(_SC_NPROCESSORS_ONLN); /* more processors than a cpu_set_t holds */
    return online > 0 && online < CAMERAS_MAX_THREADS ? (size_t)online : CAMERAS_MAX_THREADS;
}

size_t cam_thread_count(size_t asked)
{
    if (!asked)
        asked = from_environment();
    if (!asked)
        asked = from_affinity();
    return asked;
}

size_t cam_thread_place(void)
{
#ifdef _OPENMP
    return (size_t)omp_get_thread_num();
#else
    return 0;
#endif
}
