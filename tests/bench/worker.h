/*
 * worker.h - a program that does one thing again and again, whenever it is told to, and says how long it took
 *
 * SPDX-License-Identifier: MIT
 *
 * Things to be compared run by turns, each in a process of its own, so that noise falls on all of them alike and peak
 * memory is one thing's alone. A worker loads what it needs, says so with worker_ready, and then, for each line on its
 * standard input, does its work once and prints one line: a JSON object.
 */
#ifndef WORKER_H
#define WORKER_H

#ifdef __cplusplus
extern "C" {
#endif

/* Seconds since some moment. */
double worker_clock(void);

/* Says that loading is done. */
void worker_ready(void);

/* Waits for a turn: 1, or 0 when there will be none. */
int worker_turn(void);

/* The most memory this program has held so far, in KiB, or 0 where the system does not say. */
long worker_peak_kib(void);

#ifdef __cplusplus
}
#endif

#endif
