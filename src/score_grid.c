/*
 * score_grid.c - cameras score --grid DIR: the grid pointing game on a folder of labelled pictures
 *
 * SPDX-License-Identifier: MIT
 *
 * Every picture is classified first: one that the network does not know alone says nothing of maps. Those that remain
 * are dealt out, in sorted order, to grids of four different classes.
 */
#include "folder.h"
#include "interrupt.h"
#include "model_source.h"
#include "progress.h"
#include "report.h"
#include "score_report.h"
#include "score_subjects.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    CELLS = 4
};

typedef struct candidate {
    const char *path;
    size_t class_index, top1;
    int read, fit, used; /* read: and classified; fit: its top-1 is its class; used: it has a place in a grid */
} candidate;

typedef struct grid {
    const candidate *cells[CELLS];
    double *shares; /* CELLS a method; NaN where a map has no sum, or the grid failed */
} grid;

typedef struct game {
    score_run run;
    candidate *candidates;
    size_t count;
    grid *grids;
    size_t grid_count;
} game;

/* ---- the pictures ----------------------------------------------------------------------------------------------- */

/* A class by its label; a number is none, it could be the number of a photo. */
static int class_of(size_t *out, const cameras_model *model, const char *name)
{
    return name[strspn(name, "0123456789")] && cameras_model_find_class(out, model, name) == CAMERAS_OK;
}

/* "n01580077_jay" is "jay", or for that matter a label as a whole. */
static int class_of_name(size_t *out, const cameras_model *model, const char *name)
{
    const char *gap = strchr(name, '_');
    return (gap && class_of(out, model, gap + 1)) || class_of(out, model, name);
}

/* From the name of the subfolder that it lies in, or from its own without the ending. */
static int label_candidate(candidate *one, const game *own)
{
    char name[512];
    const char *below = one->path + strlen(own->run.asked->subject), *file = base_name(one->path);
    while (*below == '/')
        below++;
    if (file > below) {
        snprintf(name, sizeof name, "%.*s", (int)(file - below - 1), below);
        if (class_of_name(&one->class_index, own->run.model, name))
            return 1;
    }
    snprintf(name, sizeof name, "%.*s", (int)(strrchr(file, '.') - file), file);
    return strchr(name, '_') && class_of(&one->class_index, own->run.model, strchr(name, '_') + 1);
}

static cameras_status find_top1(size_t *out, const score_run *run, const cameras_image *image, float *logits,
                                size_t classes)
{
    const cameras_status status = cameras_classify(logits, NULL, classes, run->model, image, run->options);
    *out = 0;
    for (size_t i = 1; i < classes && status == CAMERAS_OK; i++)
        if (logits[i] > logits[*out])
            *out = i;
    return status;
}

/* What the network sees, or a failure that is noted; 0 when memory ran out. */
static int look_at(candidate *one, game *own, float *logits, size_t classes)
{
    cameras_image *image = NULL;
    cameras_status status = cameras_image_read(&image, one->path, own->run.options);
    if (status == CAMERAS_OK)
        status = find_top1(&one->top1, &own->run, image, logits, classes);
    cameras_image_free(image);
    one->read = status == CAMERAS_OK;
    return one->read || score_run_fail(&own->run, one->path, status);
}

static int examine_all(game *own, float *logits, size_t classes)
{
    for (size_t i = 0; i < own->count; i++) {
        if (interrupt_asked())
            return 0;
        candidate *one = &own->candidates[i];
        if (!look_at(one, own, logits, classes))
            return 0;
        if (!label_candidate(one, own))
            one->class_index = one->top1;
        one->fit = one->read && one->class_index == one->top1;
    }
    return 1;
}

/* ---- the grids -------------------------------------------------------------------------------------------------- */

static int has_class(const grid *made, size_t cells, size_t class_index)
{
    for (size_t i = 0; i < cells; i++)
        if (made->cells[i]->class_index == class_index)
            return 1;
    return 0;
}

/* The first four that are left and differ in class; 0 where there are no such four. */
static int deal_grid(grid *out, game *own)
{
    size_t cells = 0;
    for (size_t i = 0; i < own->count && cells < CELLS; i++) {
        candidate *one = &own->candidates[i];
        if (one->fit && !one->used && !has_class(out, cells, one->class_index))
            out->cells[cells++] = one;
    }
    for (size_t i = 0; i < CELLS && cells == CELLS; i++)
        own->candidates[out->cells[i] - own->candidates].used = 1;
    return cells == CELLS;
}

static int deal(game *own)
{
    const size_t methods = own->run.asked->method_count;
    own->grids = calloc(own->count / CELLS + 1, sizeof *own->grids);
    if (!own->grids)
        return 0;
    while (deal_grid(&own->grids[own->grid_count], own)) {
        grid *one = &own->grids[own->grid_count++];
        one->shares = malloc(methods * CELLS * sizeof *one->shares);
        if (!one->shares)
            return 0;
        for (size_t i = 0; i < methods * CELLS; i++)
            one->shares[i] = NAN;
    }
    return 1;
}

static cameras_status play_methods(game *own, grid *one, const cameras_image *const images[CELLS])
{
    const score_request *asked = own->run.asked;
    size_t classes[CELLS];
    cameras_status status = CAMERAS_OK;
    for (size_t i = 0; i < CELLS; i++)
        classes[i] = one->cells[i]->class_index;
    for (size_t m = 0; m < asked->method_count && status == CAMERAS_OK; m++) {
        score_run_step(&own->run);
        status = cameras_options_set_method(own->run.options, asked->methods[m]);
        if (status == CAMERAS_OK)
            status =
                cameras_grid_score(one->shares + CELLS * m, NULL, own->run.model, images, classes, own->run.options);
    }
    return status;
}

static int play_grid(game *own, size_t index)
{
    grid *one = &own->grids[index];
    cameras_image *images[CELLS] = {NULL};
    cameras_status status = CAMERAS_OK;
    own->run.begun = index * own->run.asked->method_count;
    for (size_t i = 0; i < CELLS && status == CAMERAS_OK; i++)
        status = cameras_image_read(&images[i], one->cells[i]->path, own->run.options);
    if (status == CAMERAS_OK)
        status = play_methods(own, one, (const cameras_image *const *)images);
    for (size_t i = 0; i < CELLS; i++)
        cameras_image_free(images[i]);
    return status == CAMERAS_OK || score_run_fail(&own->run, one->cells[0]->path, status);
}

/* ---- the report ------------------------------------------------------------------------------------------------- */

/* What is resampled is grids: the four maps of one are not independent. */
static double mean_share(const double shares[CELLS])
{
    double sum = 0.0;
    size_t count = 0;
    for (size_t i = 0; i < CELLS; i++)
        if (!isnan(shares[i])) {
            sum += shares[i];
            count++;
        }
    return count ? sum / (double)count : NAN;
}

static int summarise(interval *out, const game *own, size_t method)
{
    double *means = malloc((own->grid_count + 1) * sizeof *means);
    if (!means)
        return 0;
    for (size_t g = 0; g < own->grid_count; g++)
        means[g] = mean_share(own->grids[g].shares + CELLS * method);
    const int fine = interval_of(out, means, own->grid_count, own->run.asked->explain.seed);
    free(means);
    return fine;
}

static const char *label_of(const game *own, size_t class_index)
{
    const char *label = cameras_model_label(own->run.model, class_index);
    return label ? label : "";
}

static json_t *left_out_json(const game *own)
{
    json_t *list = json_array();
    for (size_t i = 0; i < own->count; i++) {
        const candidate *one = &own->candidates[i];
        if (one->read && !one->fit)
            list = append_json(list, json_pack("{s:s, s:I, s:I}", "image", one->path, "class",
                                               (json_int_t)one->class_index, "top1", (json_int_t)one->top1));
    }
    return list;
}

static json_t *unused_json(const game *own)
{
    json_t *list = json_array();
    for (size_t i = 0; i < own->count; i++)
        if (own->candidates[i].fit && !own->candidates[i].used)
            list = append_json(list, json_string(own->candidates[i].path));
    return list;
}

static json_t *result_json(const game *own, const grid *one, size_t method)
{
    json_t *images = json_array(), *classes = json_array(), *shares = json_array();
    for (size_t i = 0; i < CELLS; i++) {
        images = append_json(images, json_string(one->cells[i]->path));
        classes = append_json(classes, json_integer((json_int_t)one->cells[i]->class_index));
        shares = append_json(shares, number_json(one->shares[CELLS * method + i]));
    }
    return json_pack("{s:s, s:o, s:o, s:o}", "method", cameras_method_name(own->run.asked->methods[method]), "images",
                     images, "classes", classes, "shares", shares);
}

static json_t *results_json(const game *own)
{
    json_t *results = json_array();
    for (size_t g = 0; g < own->grid_count; g++)
        for (size_t m = 0; m < own->run.asked->method_count; m++)
            results = append_json(results, result_json(own, &own->grids[g], m));
    return results;
}

static json_t *methods_json(const game *own)
{
    json_t *methods = json_array();
    for (size_t m = 0; m < own->run.asked->method_count; m++) {
        interval share;
        json_t *one = summarise(&share, own, m)
                          ? json_pack("{s:s, s:o}", "method", cameras_method_name(own->run.asked->methods[m]), "share",
                                      interval_json(&share))
                          : NULL;
        methods = append_json(methods, one);
    }
    return methods;
}

static json_t *document_json(const game *own)
{
    const score_request *asked = own->run.asked;
    const char *layer = asked->explain.layer_count ? asked->explain.layers[0] : "auto";
    return json_pack("{s:s, s:s, s:s, s:I, s:f, s:I, s:I, s:o, s:o, s:o, s:o, s:o}", "model",
                     model_name(&asked->explain.model), "folder", asked->subject, "layer", layer, "seed",
                     (json_int_t)asked->explain.seed, "chance", 1.0 / CELLS, "grids", (json_int_t)own->grid_count,
                     "resamples", (json_int_t)RESAMPLES, "methods", methods_json(own), "results", results_json(own),
                     "left_out", left_out_json(own), "unused", unused_json(own), "failures",
                     score_failures_json(&own->run));
}

static void print_left_out(const game *own)
{
    size_t unused = 0;
    for (size_t i = 0; i < own->count; i++) {
        const candidate *one = &own->candidates[i];
        unused += one->fit && !one->used;
        if (one->read && !one->fit)
            printf("left out: %s, class %zu (%s), is seen as %zu (%s)\n", one->path, one->class_index,
                   label_of(own, one->class_index), one->top1, label_of(own, one->top1));
    }
    if (unused)
        printf("left over: %zu that no grid of four different classes needed\n", unused);
}

static void print_table(const game *own)
{
    printf("%s: %zu grids of four; share of each map in its class's cell, chance 0.25; 95 %% bootstrap intervals\n",
           own->run.asked->subject, own->grid_count);
    print_left_out(own);
    printf("\n%-10s %9s %9s %9s\n", "method", "share", "2.5 %", "97.5 %");
    for (size_t m = 0; m < own->run.asked->method_count; m++) {
        interval share;
        if (summarise(&share, own, m))
            printf("%-10s %9.4f %9.4f %9.4f\n", cameras_method_name(own->run.asked->methods[m]), share.mean, share.low,
                   share.high);
    }
}

static int report_game(const game *own)
{
    int result = EXIT_OK;
    if (own->run.asked->explain.json)
        result = print_json(document_json(own));
    else if (!own->run.asked->explain.quiet) {
        print_table(own);
        result = flush_output();
    }
    const int failures = score_run_report_failures(&own->run);
    return result == EXIT_OK ? failures : result;
}

/* ---- the game --------------------------------------------------------------------------------------------------- */

static int classify_all(game *own)
{
    size_t classes = 0;
    if (cameras_model_class_count(&classes, own->run.model) != CAMERAS_OK)
        return report_failure();
    float *logits = malloc(classes * sizeof *logits);
    const int fine = logits && examine_all(own, logits, classes);
    free(logits);
    return fine ? EXIT_OK : score_run_report_stop(&own->run);
}

static int play(game *own)
{
    int result = classify_all(own);
    if (result != EXIT_OK)
        return result;
    if (!deal(own))
        return fail_memory("score --grid");
    own->run.length = own->grid_count * own->run.asked->method_count;
    if (!own->grid_count) {
        score_run_report_failures(&own->run);
        fprintf(stderr,
                "cameras: score --grid %s: of its %zu pictures no four are of different classes and seen as such\n",
                own->run.asked->subject, own->count);
        return EXIT_FAILED;
    }
    int fine = 1;
    for (size_t g = 0; g < own->grid_count && fine; g++)
        fine = play_grid(own, g);
    if (own->run.shows_progress)
        progress_clear();
    return fine ? report_game(own) : score_run_report_stop(&own->run);
}

static void game_free(game *own)
{
    for (size_t g = 0; g < own->grid_count; g++)
        free(own->grids[g].shares);
    free(own->grids);
    free(own->candidates);
    score_run_close(&own->run);
}

int score_grid(const score_request *asked, cameras_options *options)
{
    folder pictures;
    game own = {.run.asked = asked};
    int result = score_list(&pictures, asked, 1, "score --grid");
    if (result != EXIT_OK)
        return result;
    own.count = pictures.count;
    own.candidates = calloc(pictures.count, sizeof *own.candidates);
    for (size_t i = 0; own.candidates && i < pictures.count; i++)
        own.candidates[i].path = pictures.paths[i];
    if (!own.candidates)
        result = fail_memory("score --grid");
    else
        result = score_run_open(&own.run, asked, options, 1) == CAMERAS_OK ? play(&own) : report_failure();
    game_free(&own);
    folder_free(&pictures);
    return result;
}
