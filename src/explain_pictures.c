/*
 * explain_pictures.c - cameras explain IMAGE IMAGE ...
 *
 * SPDX-License-Identifier: MIT
 *
 * The library hands a picture's maps over as soon as they are made, and they are written and freed then and there, so
 * that any number of pictures may be named. For an overlay the picture is read again, which costs little beside
 * explaining it; keeping them all would cost memory without bound.
 */
#include "explain_pictures.h"

#include "delivery.h"
#include "interrupt.h"
#include "model_source.h"
#include "progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct picture {
    const char *image;
    char *overlay, *map; /* where they go; NULL: not written */
    outputs written;     /* to be taken back where the document does not arrive */
    json_t *result;      /* its place in the document, NULL before */
} picture;

typedef struct run {
    const explain_request *asked;
    cameras_model *model;
    cameras_options *reading; /* as the library reads the pictures; its own options are its own while it runs */
    inputs files;
    picture *pictures;
    double load_seconds;
    int failed;
} run;

/* ---- before the work -------------------------------------------------------------------------------------------- */

static int name_outputs(picture *one, const explain_request *asked)
{
    const int beside = !asked->overlay && !asked->map && !asked->json;
    if (asked->overlay || beside)
        one->overlay = output_name_in(asked->overlay, one->image, ".cameras.png");
    if (asked->map)
        one->map = output_name_in(asked->map, one->image, ".npy");
    if ((!one->overlay && (asked->overlay || beside)) || (!one->map && asked->map))
        return fail_memory("explain pictures");
    return EXIT_OK;
}

/* One name tells all: overlay and map of a picture have the same stem, and each kind goes to one folder. */
static const char *destination(const picture *one)
{
    return one->overlay ? one->overlay : one->map;
}

static int by_destination(const void *a, const void *b)
{
    return strcmp(destination(*(const picture *const *)a), destination(*(const picture *const *)b));
}

static int refuse_collisions(const picture *const *sorted, size_t count)
{
    for (size_t i = 1; i < count; i++)
        if (by_destination(&sorted[i - 1], &sorted[i]) == 0)
            return usage_error("explain", "%s and %s would both go to %s", sorted[i - 1]->image, sorted[i]->image,
                               destination(sorted[i]));
    return EXIT_OK;
}

static int check_collisions(const run *all)
{
    const size_t count = all->asked->image_count;
    if (!destination(&all->pictures[0]))
        return EXIT_OK;
    const picture **sorted = malloc(count * sizeof *sorted);
    if (!sorted)
        return fail_memory("explain pictures");
    for (size_t i = 0; i < count; i++)
        sorted[i] = &all->pictures[i];
    qsort(sorted, count, sizeof *sorted, by_destination);
    const int result = refuse_collisions(sorted, count);
    free(sorted);
    return result;
}

/* Where everything goes, and whether it can: known before the model is opened. */
static int plan(run *all)
{
    const explain_request *asked = all->asked;
    all->pictures = calloc(asked->image_count, sizeof *all->pictures);
    if (!all->pictures || !inputs_find(&all->files, asked->images, asked->image_count))
        return fail_memory("explain pictures");
    int result = EXIT_OK;
    for (size_t i = 0; i < asked->image_count && result == EXIT_OK; i++) {
        picture *one = &all->pictures[i];
        one->image = asked->images[i];
        result = check_name(one->image, asked->json);
        if (result == EXIT_OK)
            result = name_outputs(one, asked);
        if (result == EXIT_OK &&
            !(output_is_possible(one->overlay, &all->files) && output_is_possible(one->map, &all->files)))
            result = EXIT_FAILED;
    }
    return result == EXIT_OK ? check_collisions(all) : result;
}

/* ---- as each is finished ---------------------------------------------------------------------------------------- */

/* Messages about reading name the picture already. */
static int refuse_picture(picture *one, cameras_status status)
{
    if (status == CAMERAS_ECANCELLED)
        return EXIT_FAILED; /* nothing is wrong with it */
    const char *reason = cameras_last_error();
    if (strstr(reason, one->image))
        fprintf(stderr, "cameras: %s\n", reason);
    else
        fprintf(stderr, "cameras: %s: %s\n", one->image, reason);
    one->result = report_failure_json(one->image, status, reason);
    return EXIT_FAILED;
}

static int report_picture(const run *all, picture *one, const delivery *out)
{
    const report said = {.model = all->model,
                         .image = one->image,
                         .among_others = 1,
                         .maps = out->maps,
                         .count = out->count,
                         .load_seconds = all->load_seconds};
    if (!all->asked->json)
        return all->asked->quiet ? EXIT_OK : report_text(&said);
    one->result = report_picture_json(&said);
    return EXIT_OK;
}

static int deliver_picture(run *all, picture *one, cameras_map *const *maps, size_t count)
{
    cameras_image *image = NULL;
    cameras_status status = CAMERAS_OK;
    if (one->overlay)
        status = cameras_image_read(&image, one->image, all->reading);
    if (status != CAMERAS_OK)
        return refuse_picture(one, status);
    delivery out = {
        .asked = all->asked, .pictures = &all->files, .image = image, .overlay = one->overlay, .map = one->map};
    int result = delivery_write(&out, maps, count);
    if (result != EXIT_OK)
        one->result = report_failure_json(one->image, CAMERAS_EIO, "its files could not be written");
    else
        result = report_picture(all, one, &out);
    if (result != EXIT_OK)
        outputs_remove(&out.written);
    one->written = out.written;
    out.written = (outputs){0};
    delivery_free(&out);
    cameras_image_free(image);
    return result;
}

/* A cameras_explained callback. Where standard output takes no more, nothing that follows could be reported. */
static int take_maps(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count)
{
    run *all = user;
    picture *one = &all->pictures[index];
    interrupt_defer(); /* nothing has been written before the first picture */
    if (explain_request_shows_progress(all->asked))
        progress_clear();
    const int result = status == CAMERAS_OK ? deliver_picture(all, one, maps, count) : refuse_picture(one, status);
    all->failed |= result != EXIT_OK;
    for (size_t i = 0; i < count; i++)
        cameras_map_free(maps[i]);
    return ferror(stdout) != 0;
}

/* ---- the run ---------------------------------------------------------------------------------------------------- */

static void take_back(const run *all)
{
    for (size_t i = 0; i < all->asked->image_count; i++)
        outputs_remove(&all->pictures[i].written);
}

/* What is whole stays, unless a document was to tell of it. */
static int give_up(const run *all)
{
    const int result = report_failure();
    if (all->asked->json)
        take_back(all);
    return result;
}

static int print_document(run *all)
{
    json_t *results = json_array();
    for (size_t i = 0; i < all->asked->image_count; i++) {
        results = append_json(results, all->pictures[i].result);
        all->pictures[i].result = NULL;
    }
    const int result = print_json(report_several_json(model_name(&all->asked->model), results));
    if (result != EXIT_OK)
        take_back(all);
    return result;
}

static cameras_status explain_files(run *all, const cameras_options *options)
{
    const explain_request *asked = all->asked;
    const cameras_status status =
        cameras_explain_files(NULL, all->model, asked->images, asked->image_count, options, take_maps, all);
    if (explain_request_shows_progress(asked))
        progress_clear();
    return status;
}

static int explain_all(run *all, cameras_options *options)
{
    const explain_request *asked = all->asked;
    cameras_status status = cameras_options_new(&all->reading);
    if (status == CAMERAS_OK)
        status = cameras_options_set_max_pixels(all->reading, asked->max_pixels);
    if (status == CAMERAS_OK)
        status = cameras_options_set_max_file_bytes(all->reading, asked->max_file_bytes);
    if (status == CAMERAS_OK)
        status = open_model(&all->model, &all->load_seconds, &asked->model);
    if (status == CAMERAS_OK)
        status = explain_request_add_classes(options, asked, all->model);
    if (status == CAMERAS_OK)
        status = explain_files(all, options);
    if (status != CAMERAS_OK)
        return give_up(all);
    if (asked->json && print_document(all) != EXIT_OK)
        return EXIT_FAILED;
    return all->failed ? EXIT_FAILED : EXIT_OK;
}

static void run_free(run *all)
{
    for (size_t i = 0; all->pictures && i < all->asked->image_count; i++) {
        picture *one = &all->pictures[i];
        json_decref(one->result);
        outputs_free(&one->written);
        free(one->overlay);
        free(one->map);
    }
    free(all->pictures);
    inputs_free(&all->files);
    cameras_options_free(all->reading);
    cameras_model_close(all->model);
}

int explain_pictures(const explain_request *asked, cameras_options *options)
{
    run all = {.asked = asked};
    int result = plan(&all);
    if (result == EXIT_OK)
        result = explain_all(&all, options);
    run_free(&all);
    return result;
}
