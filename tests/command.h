/*
 * command.h - running the cameras command and seeing what came of it
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef COMMAND_H
#define COMMAND_H

#include <stddef.h>

/* What a run came to. */
typedef struct outcome {
    int status; /* the exit status, or -1 where a signal ended it */
    int signal;
    char out[16384], err[4096];
    char left[1024]; /* the names in the working folder afterwards, sorted, a space after each */
} outcome;

/* A line that must be refused. */
typedef struct refusal {
    const char *line;
    int status;
    const char *says;
} refusal;

/* Finds the command (CAMERAS_COMMAND, or build/cameras) and makes the working folder among the networks. */
void command_open(void);

/* Writes a file among the inputs, ../name for a run. */
void command_put(const char *name, const void *bytes, size_t size);
void command_put_text(const char *name, const char *text);

/* Empties the working folder. */
void command_clear(void);

/* The path of a file in the working folder. Borrowed until the next call. */
const char *command_path(const char *name);

/* Clears the working folder of files and runs the command there on the words of a line. */
void command_run(outcome *done, const char *line);

/* The same, standard output being another file. */
void command_run_to(outcome *done, const char *line, const char *standard_output);

void expect_exit(const outcome *done, int status);

/* Exit status 0, nothing on standard error, and exactly those names left. */
void expect_success(const outcome *done, const char *left);

/* The status asked for, one or two lines of message, nothing on standard output, no file left. */
void expect_run_refused(const refusal *expected);

#endif
