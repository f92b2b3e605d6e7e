/*
 * score_rows.h - maps made and scored, a row each; pictures that failed
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCORE_ROWS_H
#define SCORE_ROWS_H

#include "score_request.h"

enum {
    SCORE_KINDS = CAMERAS_SCORE_IOU + 1
};

/* Texts are borrowed. */
typedef struct score_row {
    const char *image, *method, *map, *label; /* map: the file that it came from, or NULL */
    size_t class_index;
    double probability, values[SCORE_KINDS];
} score_row;

typedef struct score_failure {
    const char *image;
    char *reason;
    cameras_status status;
} score_failure;

/* A run of the verb: what it works with, and what it has so far. */
typedef struct score_run {
    const score_request *asked;
    cameras_model *model;
    cameras_options *options;
    double load_seconds;
    size_t begun, length; /* steps of work: explaining is one, scoring another */
    int shows_progress;
    score_row *rows;
    size_t row_count;
    score_failure *failures;
    size_t failure_count;
} score_run;

/* Opens the model and settles the options for so many steps of work. Messages are left to cameras_last_error. */
cameras_status score_run_open(score_run *run, const score_request *asked, cameras_options *options, size_t steps);
void score_run_close(score_run *run);

/* Says that another step of work begins. */
void score_run_step(score_run *run);

/*
 * Explains an image by a method, or takes the map given, and scores it: another row, whose image is path. object may be
 * NULL.
 */
cameras_status score_run_add(score_run *run, const char *path, const cameras_image *image, cameras_method method,
                             const cameras_map *map, const cameras_image *object);

/* Notes that a picture failed, and why: the library's message. 0 when memory ran out, or the program is interrupted. */
int score_run_fail(score_run *run, const char *path, cameras_status status);

/* Says which of the two it was; EXIT_FAILED. */
int score_run_report_stop(const score_run *run);

/* Lists the failures on standard error; EXIT_FAILED where there are any. */
int score_run_report_failures(const score_run *run);

#endif
