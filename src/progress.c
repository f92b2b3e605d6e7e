/*
 * progress.c - a bar on standard error
 *
 * SPDX-License-Identifier: MIT
 */
#include "progress.h"

#include <stdio.h>
#include <unistd.h>

enum {
    BAR_WIDTH = 40
};

int progress_wanted(void)
{
    return isatty(STDERR_FILENO);
}

int progress_show(double done, void *user)
{
    (void)user;
    static const char marks[] = "########################################";
    fprintf(stderr, "\r[%-*.*s] %3.0f %%", BAR_WIDTH, (int)(done * BAR_WIDTH), marks, 100.0 * done);
    fflush(stderr);
    return 0;
}

void progress_clear(void)
{
    fprintf(stderr, "\r%*s\r", BAR_WIDTH + 8, "");
}
