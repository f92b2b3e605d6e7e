/*
 * verb_score.c - cameras score: what maps are worth
 *
 * SPDX-License-Identifier: MIT
 */
#include "folder.h"
#include "model_source.h"
#include "outputs.h"
#include "progress.h"
#include "report.h"
#include "score_report.h"
#include "score_subjects.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>

/* ---- one picture ------------------------------------------------------------------------------------------------ */

typedef struct subject {
    cameras_image *image, *object; /* object: NULL where none was named */
    cameras_map *map;              /* NULL: to be made */
} subject;

static cameras_status open_object(subject *out, const score_request *asked, const cameras_options *options)
{
    if (asked->mask)
        return cameras_image_read(&out->object, asked->mask, options);
    if (asked->box_count)
        return cameras_image_new_box(&out->object, cameras_image_width(out->image), cameras_image_height(out->image),
                                     asked->box[0], asked->box[1], asked->box[2], asked->box[3]);
    return CAMERAS_OK;
}

static cameras_status open_subject(subject *out, const score_request *asked, const cameras_options *options)
{
    cameras_status status = cameras_image_read(&out->image, asked->subject, options);
    if (status == CAMERAS_OK && asked->explain.map)
        status = cameras_map_read(&out->map, asked->explain.map);
    return status == CAMERAS_OK ? open_object(out, asked, options) : status;
}

static void close_subject(subject *own)
{
    cameras_map_free(own->map);
    cameras_image_free(own->object);
    cameras_image_free(own->image);
}

/* A map that was given stands in the first method's place. */
static cameras_status add_rows(score_run *run, const subject *of)
{
    const score_request *asked = run->asked;
    cameras_status status = CAMERAS_OK;
    for (size_t m = 0; m < asked->method_count && status == CAMERAS_OK; m++)
        status = score_run_add(run, asked->subject, of->image, asked->methods[m], m == 0 ? of->map : NULL, of->object);
    if (run->shows_progress)
        progress_clear();
    return status;
}

static int report_rows(const score_run *run)
{
    if (run->asked->csv && score_write_csv(run) != EXIT_OK)
        return EXIT_FAILED;
    if (run->asked->explain.json)
        return print_json(score_rows_json(run));
    if (!run->asked->explain.quiet)
        score_print_rows(run);
    return flush_output();
}

int score_picture(const score_request *asked, cameras_options *options)
{
    subject of = {0};
    score_run run = {0};
    if (check_name(asked->subject, asked->explain.json) != EXIT_OK)
        return EXIT_FAILED;
    cameras_status status = open_subject(&of, asked, options);
    if (status == CAMERAS_OK)
        status = score_run_open(&run, asked, options, 2 * asked->method_count);
    if (status == CAMERAS_OK)
        status = add_rows(&run, &of);
    const int result = status == CAMERAS_OK ? report_rows(&run) : report_failure();
    score_run_close(&run);
    close_subject(&of);
    return result;
}

/* ---- a folder --------------------------------------------------------------------------------------------------- */

int score_list(folder *out, const score_request *asked, int deep, const char *doing)
{
    int result = folder_list(out, asked->subject, deep, doing);
    if (result != EXIT_OK)
        return result;
    for (size_t i = 0; i < out->count && result == EXIT_OK; i++)
        result = check_name(out->paths[i], asked->explain.json);
    if (result != EXIT_OK)
        folder_free(out);
    return result;
}

static cameras_status add_methods(score_run *run, const char *path, const cameras_image *image)
{
    cameras_status status = CAMERAS_OK;
    for (size_t m = 0; m < run->asked->method_count && status == CAMERAS_OK; m++)
        status = score_run_add(run, path, image, run->asked->methods[m], NULL, NULL);
    return status;
}

/* A picture counts with every method or with none: otherwise methods would be compared on different pictures. */
static int add_picture(score_run *run, const char *path, size_t index)
{
    const size_t before = run->row_count;
    cameras_image *image = NULL;
    run->begun = 2 * index * run->asked->method_count;
    cameras_status status = cameras_image_read(&image, path, run->options);
    if (status == CAMERAS_OK)
        status = add_methods(run, path, image);
    cameras_image_free(image);
    if (status == CAMERAS_OK)
        return 1;
    run->row_count = before;
    return score_run_fail(run, path, status);
}

static int report_folder(const score_run *run)
{
    score_summary *summaries = score_summarise(run);
    int result = summaries ? EXIT_OK : EXIT_FAILED;
    if (!summaries)
        fprintf(stderr, "cameras: score %s: out of memory\n", run->asked->subject);
    if (result == EXIT_OK && run->asked->csv)
        result = score_write_csv(run);
    if (result == EXIT_OK && run->asked->explain.json)
        result = print_json(score_summaries_json(run, summaries));
    else if (result == EXIT_OK && !run->asked->explain.quiet) {
        score_print_summaries(run, summaries);
        result = flush_output();
    }
    free(summaries);
    return result;
}

static int score_pictures(score_run *run, const folder *pictures)
{
    int fine = 1;
    for (size_t i = 0; i < pictures->count && fine; i++)
        fine = add_picture(run, pictures->paths[i], i);
    if (run->shows_progress)
        progress_clear();
    if (!fine)
        return score_run_report_stop(run);
    const int result = report_folder(run), failures = score_run_report_failures(run);
    return result == EXIT_OK ? failures : result;
}

int score_folder(const score_request *asked, cameras_options *options)
{
    folder pictures;
    score_run run = {0};
    int result = score_list(&pictures, asked, 0, "score");
    if (result != EXIT_OK)
        return result;
    if (score_run_open(&run, asked, options, 2 * asked->method_count * pictures.count) == CAMERAS_OK)
        result = score_pictures(&run, &pictures);
    else
        result = report_failure();
    score_run_close(&run);
    folder_free(&pictures);
    return result;
}

/* ---- the verb --------------------------------------------------------------------------------------------------- */

/* Known before hours of work rather than after them. */
static int csv_is_possible(const score_request *asked)
{
    inputs pictures = {0};
    const int possible =
        !asked->csv || (inputs_find(&pictures, &asked->subject, 1) && output_is_possible(asked->csv, &pictures));
    inputs_free(&pictures);
    return possible;
}

static int score_subject(const score_request *asked, cameras_options *options)
{
    if (asked->grid)
        return score_grid(asked, options);
    return is_folder(asked->subject) ? score_folder(asked, options) : score_picture(asked, options);
}

int verb_score(int argc, char **argv)
{
    score_request asked;
    cameras_options *options = NULL;
    int result = score_request_read(&asked, argc, argv);
    if (result != EXIT_OK)
        return result == HELP_GIVEN ? EXIT_OK : result;
    result = score_request_options(&options, &asked);
    if (result == EXIT_OK)
        result = csv_is_possible(&asked) ? score_subject(&asked, options) : EXIT_FAILED;
    cameras_options_free(options);
    return result;
}
