/*
 * progress.h - a bar on standard error while it is a terminal
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PROGRESS_H
#define PROGRESS_H

/* A cameras_progress callback; user is not used. */
int progress_show(double done, void *user);

/* Whether a bar makes sense: standard error is a terminal. */
int progress_wanted(void);

/* Wipes the bar. */
void progress_clear(void);

#endif
