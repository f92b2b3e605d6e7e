/*
 * score_report.c - scores as a table, as JSON and as CSV
 *
 * SPDX-License-Identifier: MIT
 */
#include "score_report.h"

#include "model_source.h"
#include "report.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- summaries -------------------------------------------------------------------------------------------------- */

static int summarise(score_summary *out, const score_run *run, double *values)
{
    int fine = 1;
    for (int kind = 0; kind < SCORE_KINDS && fine; kind++) {
        size_t count = 0;
        for (size_t i = 0; i < run->row_count; i++)
            if (strcmp(run->rows[i].method, out->method) == 0)
                values[count++] = run->rows[i].values[kind];
        fine = interval_of(&out->scores[kind], values, count, run->asked->explain.seed);
    }
    return fine;
}

score_summary *score_summarise(const score_run *run)
{
    const size_t count = run->asked->method_count;
    score_summary *summaries = calloc(count, sizeof *summaries);
    double *values = malloc((run->row_count + 1) * sizeof *values);
    int fine = summaries && values;
    for (size_t m = 0; m < count && fine; m++) {
        summaries[m].method = cameras_method_name(run->asked->methods[m]);
        fine = summarise(&summaries[m], run, values);
    }
    free(values);
    if (fine)
        return summaries;
    free(summaries);
    return NULL;
}

/* ---- tables ----------------------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *better;
} columns[SCORE_KINDS] = {
    {"density+", "more"}, {"density-", "less"}, {"insertion", "more"}, {"deletion", "less"},
    {"drop", "less"},     {"increase", "more"}, {"gain", "more"},      {"adcc", "more"},
    {"road", "more"},     {"pointing", "more"}, {"energy", "more"},    {"iou", "more"},
};

/* The last three belong to an object. */
static int columns_shown(const score_run *run)
{
    return run->asked->box_count || run->asked->mask ? SCORE_KINDS : CAMERAS_SCORE_POINTING_HIT;
}

static void print_heading(const score_run *run)
{
    printf("\n%-10s", "method");
    for (int kind = 0; kind < columns_shown(run); kind++)
        printf(" %9s", columns[kind].name);
    printf("\n%-10s", "better");
    for (int kind = 0; kind < columns_shown(run); kind++)
        printf(" %9s", columns[kind].better);
    putchar('\n');
}

static void print_number(double value)
{
    if (isnan(value))
        printf(" %9s", "-");
    else
        printf(" %9.4f", value);
}

static void print_settings(const score_run *run)
{
    printf("masking in %s values, %zu steps\n", run->asked->masking ? "normalised" : "pixel", run->asked->steps);
}

void score_print_rows(const score_run *run)
{
    const score_row *first = &run->rows[0];
    printf("%s: class %zu%s%s%s, probability %.4f; ", first->image, first->class_index, first->label ? " (" : "",
           first->label ? first->label : "", first->label ? ")" : "", first->probability);
    print_settings(run);
    print_heading(run);
    for (size_t i = 0; i < run->row_count; i++) {
        printf("%-10s", run->rows[i].map ? "map" : run->rows[i].method);
        for (int kind = 0; kind < columns_shown(run); kind++)
            print_number(run->rows[i].values[kind]);
        putchar('\n');
    }
}

/* Three lines a method: mean, and both ends of the interval. */
static void print_summary(const score_run *run, const score_summary *one)
{
    static const char *const ends[] = {"   2.5 %", "  97.5 %"};
    printf("%-10s", one->method);
    for (int kind = 0; kind < columns_shown(run); kind++)
        print_number(one->scores[kind].mean);
    for (int end = 0; end < 2; end++) {
        printf("\n%-10s", ends[end]);
        for (int kind = 0; kind < columns_shown(run); kind++)
            print_number(end ? one->scores[kind].high : one->scores[kind].low);
    }
    putchar('\n');
}

void score_print_summaries(const score_run *run, const score_summary *summaries)
{
    printf("%s: %zu maps scored, ", run->asked->subject, run->row_count);
    print_settings(run);
    printf("means, with 95 %% bootstrap intervals\n");
    print_heading(run);
    for (size_t m = 0; m < run->asked->method_count; m++)
        print_summary(run, &summaries[m]);
}

/* ---- JSON ------------------------------------------------------------------------------------------------------- */

json_t *number_json(double value)
{
    return isfinite(value) ? json_real(value) : json_null();
}

json_t *interval_json(const interval *found)
{
    return json_pack("{s:o, s:o, s:o, s:I}", "mean", number_json(found->mean), "low", number_json(found->low), "high",
                     number_json(found->high), "count", (json_int_t)found->count);
}

/* Takes a value over; where it is NULL or memory ran out, frees both and gives NULL. */
static json_t *with_member(json_t *object, const char *key, json_t *value)
{
    if (object && json_object_set_new(object, key, value) == 0)
        return object;
    json_decref(object);
    return NULL;
}

static json_t *with_scores(json_t *object, const score_run *run, const score_row *row)
{
    for (int kind = 0; kind < columns_shown(run); kind++)
        object = with_member(object, cameras_score_name((cameras_score_kind)kind), number_json(row->values[kind]));
    return object;
}

static json_t *row_json(const score_run *run, const score_row *row)
{
    json_t *made =
        json_pack("{s:s, s:s, s:s?, s:I, s:s?, s:f}", "image", row->image, "method", row->method, "map", row->map,
                  "class", (json_int_t)row->class_index, "label", row->label, "probability", row->probability);
    return with_scores(made, run, row);
}

static json_t *all_rows_json(const score_run *run)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < run->row_count; i++)
        rows = append_json(rows, row_json(run, &run->rows[i]));
    return rows;
}

json_t *score_failures_json(const score_run *run)
{
    json_t *failures = json_array();
    for (size_t i = 0; i < run->failure_count; i++)
        failures = append_json(
            failures, report_failure_json(run->failures[i].image, run->failures[i].status, run->failures[i].reason));
    return failures;
}

json_t *score_document_json(const score_run *run, const char *kind)
{
    const score_request *asked = run->asked;
    const char *layer = asked->explain.layer_count ? asked->explain.layers[0] : "auto";
    return json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I}", "model", model_name(&asked->explain.model), kind,
                     asked->subject, "layer", layer, "masking", asked->masking ? "normalised" : "pixels", "steps",
                     (json_int_t)asked->steps, "batch", (json_int_t)asked->batch, "seed",
                     (json_int_t)asked->explain.seed);
}

/* The first row stands at the top, and all of them in results. */
json_t *score_rows_json(const score_run *run)
{
    json_t *document = score_document_json(run, "image"), *first = row_json(run, &run->rows[0]);
    if (!document || !first || json_object_update(document, first) != 0) {
        json_decref(document);
        document = NULL;
    }
    json_decref(first);
    return with_member(document, "results", all_rows_json(run));
}

static json_t *summary_json(const score_run *run, const score_summary *one)
{
    json_t *made = json_pack("{s:s}", "method", one->method);
    for (int kind = 0; kind < columns_shown(run); kind++)
        made = with_member(made, cameras_score_name((cameras_score_kind)kind), interval_json(&one->scores[kind]));
    return made;
}

json_t *score_summaries_json(const score_run *run, const score_summary *summaries)
{
    json_t *document = score_document_json(run, "folder"), *methods = json_array();
    for (size_t m = 0; m < run->asked->method_count; m++)
        methods = append_json(methods, summary_json(run, &summaries[m]));
    document = with_member(document, "resamples", json_integer(RESAMPLES));
    document = with_member(document, "methods", methods);
    document = with_member(document, "results", all_rows_json(run));
    return with_member(document, "failures", score_failures_json(run));
}

/* ---- CSV -------------------------------------------------------------------------------------------------------- */

/* Quoted as RFC 4180 has it. */
static void write_text(FILE *stream, const char *text)
{
    putc('"', stream);
    for (; text && *text; text++) {
        if (*text == '"')
            putc('"', stream);
        putc(*text, stream);
    }
    putc('"', stream);
}

static void write_row(FILE *stream, const score_run *run, const score_row *row)
{
    write_text(stream, row->image);
    fprintf(stream, ",%s,%zu,", row->method, row->class_index);
    write_text(stream, row->label);
    fprintf(stream, ",%.9g", row->probability);
    for (int kind = 0; kind < columns_shown(run); kind++)
        if (isnan(row->values[kind]))
            putc(',', stream);
        else
            fprintf(stream, ",%.9g", row->values[kind]);
    putc('\n', stream);
}

static void write_rows(FILE *stream, const score_run *run)
{
    fputs("image,method,class,label,probability", stream);
    for (int kind = 0; kind < columns_shown(run); kind++)
        fprintf(stream, ",%s", cameras_score_name((cameras_score_kind)kind));
    putc('\n', stream);
    for (size_t i = 0; i < run->row_count; i++)
        write_row(stream, run, &run->rows[i]);
}

/* A new file beside the one asked for, <csv>.<pid>-<n>.part as the library's own outputs; NULL, with errno, without. */
static FILE *open_partial(char **partial, const char *csv)
{
    FILE *stream = NULL;
    for (int n = 0; !stream && n < 100; n++) {
        if (asprintf(partial, "%s.%ld-%d.part", csv, (long)getpid(), n) < 0) {
            *partial = NULL;
            return NULL;
        }
        stream = fopen(*partial, "wx");
        if (stream || errno != EEXIST)
            return stream;
        free(*partial);
        *partial = NULL;
    }
    return stream;
}

static int fail_csv(const score_run *run, const char *partial)
{
    fprintf(stderr, "cameras: write %s: %s\n", run->asked->csv, strerror(errno));
    if (partial)
        unlink(partial);
    return EXIT_FAILED;
}

int score_write_csv(const score_run *run)
{
    char *partial = NULL;
    FILE *stream = open_partial(&partial, run->asked->csv);
    int result = EXIT_OK;
    if (!stream)
        result = fail_csv(run, NULL);
    else {
        write_rows(stream, run);
        const int whole = !ferror(stream);
        if (fclose(stream) != 0 || !whole || rename(partial, run->asked->csv) != 0)
            result = fail_csv(run, partial);
    }
    free(partial);
    return result;
}
