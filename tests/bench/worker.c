/*
 * worker.c - turns, time and memory of a worker
 *
 * SPDX-License-Identifier: MIT
 */
#include "worker.h"

#include <stdio.h>
#include <time.h>

double worker_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

void worker_ready(void)
{
    puts("{\"ready\": true}");
    fflush(stdout);
}

int worker_turn(void)
{
    int c = getchar();
    if (c == EOF)
        return 0;
    while (c != '\n' && c != EOF)
        c = getchar();
    return 1;
}

/* VmHWM and not getrusage's ru_maxrss: that one begins with what the parent held when it started this program. */
long worker_peak_kib(void)
{
    char line[256];
    long peak = 0;
    FILE *stream = fopen("/proc/self/status", "r");
    while (stream && fgets(line, sizeof line, stream))
        if (sscanf(line, "VmHWM: %ld kB", &peak) == 1)
            break;
    if (stream)
        fclose(stream);
    return peak;
}
