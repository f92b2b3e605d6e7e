/*
 * progress.c - a bar on standard error, and stopping where the program is interrupted
 *
 * SPDX-License-Identifier: MIT
 */
#include "progress.h"

#include "interrupt.h"

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
    return interrupt_asked();
}

int progress_silent(double done, void *user)
{
    (void)done;
    (void)user;
    return interrupt_asked();
}

cameras_status progress_set(cameras_options *options, int shown)
{
    return cameras_options_set_progress(options, shown ? progress_show : progress_silent, NULL);
}

void progress_clear(void)
{
    fprintf(stderr, "\r%*s\r", BAR_WIDTH + 8, "");
}
