/*
 * model_source.h - opening the model that the command line names, or the embedded one
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef MODEL_SOURCE_H
#define MODEL_SOURCE_H

#include "arguments.h"
#include "cameras.h"

/* Opens, labels and sets up the model; *seconds is how long that took. Messages are left to cameras_last_error. */
cameras_status open_model(cameras_model **out, double *seconds, const model_arguments *arguments);

/* What to call the model in reports: its path, or "demo (embedded)". */
const char *model_name(const model_arguments *arguments);

/* Seconds of wall-clock time since some fixed moment. */
double wall_clock(void);

/* Prints the library's message, and returns EXIT_FAILED. */
int report_failure(void);

/* Says that memory ran out for something, such as "write the maps", and returns EXIT_FAILED. */
int fail_memory(const char *doing);

#endif
