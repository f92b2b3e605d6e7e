/*
 * score_rows.c - maps made and scored, a row each
 *
 * SPDX-License-Identifier: MIT
 */
#include "score_rows.h"

#include "interrupt.h"
#include "model_source.h"
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- the run ---------------------------------------------------------------------------------------------------- */

/* A cameras_progress callback: the share of the whole run. */
static int show_share(double done, void *user)
{
    const score_run *run = user;
    const double share = ((double)(run->begun - 1) + done) / (double)run->length;
    return run->shows_progress ? progress_show(share, NULL) : progress_silent(share, NULL);
}

cameras_status score_run_open(score_run *run, const score_request *asked, cameras_options *options, size_t steps)
{
    *run = (score_run){.asked = asked, .options = options, .length = steps};
    run->shows_progress = explain_request_shows_progress(&asked->explain);
    cameras_status status = open_model(&run->model, &run->load_seconds, &asked->explain.model);
    if (status == CAMERAS_OK)
        status = explain_request_add_classes(options, &asked->explain, run->model);
    if (status == CAMERAS_OK)
        status = cameras_options_set_progress(options, show_share, run);
    interrupt_defer();
    return status;
}

void score_run_close(score_run *run)
{
    for (size_t i = 0; i < run->failure_count; i++)
        free(run->failures[i].reason);
    free(run->failures);
    free(run->rows);
    cameras_model_close(run->model);
}

void score_run_step(score_run *run)
{
    run->begun++;
}

/* ---- rows ------------------------------------------------------------------------------------------------------- */

static void fill_row(score_row *row, const score_run *run, const cameras_scores *scores)
{
    row->class_index = cameras_scores_class(scores);
    row->label = cameras_model_label(run->model, row->class_index);
    row->probability = cameras_scores_probability(scores);
    for (int kind = 0; kind < SCORE_KINDS; kind++)
        row->values[kind] = cameras_scores_value(scores, (cameras_score_kind)kind);
}

/* Another row, of which only the subject is known; NULL when memory ran out. */
static score_row *new_row(score_run *run)
{
    score_row *grown = realloc(run->rows, (run->row_count + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    run->rows = grown;
    return &run->rows[run->row_count++];
}

static cameras_status score_map(score_run *run, const char *path, const cameras_image *image, const cameras_map *map,
                                const char *file, const cameras_image *object)
{
    cameras_scores *scores = NULL;
    score_run_step(run);
    const cameras_status status = cameras_score(&scores, run->model, image, map, object, run->options);
    score_row *row = status == CAMERAS_OK ? new_row(run) : NULL;
    if (row) {
        *row = (score_row){.image = path, .map = file};
        fill_row(row, run, scores);
    }
    cameras_scores_free(scores);
    return status == CAMERAS_OK && !row ? CAMERAS_ENOMEM : status;
}

cameras_status score_run_add(score_run *run, const char *path, const cameras_image *image, cameras_method method,
                             const cameras_map *map, const cameras_image *object)
{
    cameras_map *made = NULL;
    cameras_status status = cameras_options_set_method(run->options, method);
    score_run_step(run);
    if (status == CAMERAS_OK && !map)
        status = cameras_explain(&made, run->model, image, run->options);
    if (status == CAMERAS_OK)
        status = score_map(run, path, image, map ? map : made, map ? run->asked->explain.map : NULL, object);
    if (status == CAMERAS_OK)
        run->rows[run->row_count - 1].method = cameras_method_name(method);
    cameras_map_free(made);
    return status;
}

/* ---- failures --------------------------------------------------------------------------------------------------- */

int score_run_fail(score_run *run, const char *path, cameras_status status)
{
    if (interrupt_asked())
        return 0;
    score_failure *grown = realloc(run->failures, (run->failure_count + 1) * sizeof *grown);
    char *reason = strdup(status == CAMERAS_ENOMEM ? cameras_status_text(status) : cameras_last_error());
    if (grown)
        run->failures = grown;
    if (!grown || !reason) {
        free(reason);
        return 0;
    }
    score_failure *one = &run->failures[run->failure_count++];
    one->image = path;
    one->reason = reason;
    one->status = status;
    return 1;
}

int score_run_report_stop(const score_run *run)
{
    if (interrupt_asked())
        return report_failure();
    fprintf(stderr, "cameras: score %s: out of memory\n", run->asked->subject);
    return EXIT_FAILED;
}

/* Messages about reading name the picture already. */
int score_run_report_failures(const score_run *run)
{
    for (size_t i = 0; i < run->failure_count; i++) {
        const score_failure *one = &run->failures[i];
        if (strstr(one->reason, one->image))
            fprintf(stderr, "cameras: %s\n", one->reason);
        else
            fprintf(stderr, "cameras: %s: %s\n", one->image, one->reason);
    }
    return run->failure_count ? EXIT_FAILED : EXIT_OK;
}
