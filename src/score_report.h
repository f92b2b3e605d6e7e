/*
 * score_report.h - scores as a table, as JSON and as CSV
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCORE_REPORT_H
#define SCORE_REPORT_H

#include "score_rows.h"
#include "statistics.h"

#include <jansson.h>

/* The scores of one method over all pictures. */
typedef struct score_summary {
    const char *method;
    interval scores[SCORE_KINDS];
} score_summary;

/* One summary a method that was asked for; the caller frees it. NULL when memory ran out. */
score_summary *score_summarise(const score_run *run);

/* A table, and the documents of the manual (NULL when memory ran out). */
void score_print_rows(const score_run *run);
void score_print_summaries(const score_run *run, const score_summary *summaries);
json_t *score_rows_json(const score_run *run);
json_t *score_summaries_json(const score_run *run, const score_summary *summaries);

/* What every document of the verb begins with, besides the name and value of its subject; and its failures. */
json_t *score_document_json(const score_run *run, const char *kind);
json_t *score_failures_json(const score_run *run);
json_t *interval_json(const interval *found);

/* NaN becomes null. */
json_t *number_json(double value);

/* Writes the rows; the file appears under its name only when it is whole. An exit status, after a message. */
int score_write_csv(const score_run *run);

#endif
