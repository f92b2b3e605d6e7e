/*
 * progress.h - a bar on standard error while it is a terminal, and stopping where the program is interrupted
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PROGRESS_H
#define PROGRESS_H

#include "cameras.h"

/* cameras_progress callbacks that stop the call where the program is interrupted; user is not used. */
int progress_show(double done, void *user);
int progress_silent(double done, void *user);

/* Sets one or the other: an interrupt that is only noted (interrupt_defer) is heeded where progress is. */
cameras_status progress_set(cameras_options *options, int shown);

/* Whether a bar makes sense: standard error is a terminal. */
int progress_wanted(void);

/* Wipes the bar. */
void progress_clear(void);

#endif
