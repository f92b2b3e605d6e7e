/*
 * verb_compare.c - cameras compare IMAGE: one picture through several models, or two classes of one
 *
 * SPDX-License-Identifier: MIT
 *
 * Every map is made at the picture's own size: so maps of networks with different base images have one size, and the
 * difference lies on the picture like the overlays.
 */
#include "comparison.h"
#include "interrupt.h"
#include "model_source.h"
#include "outputs.h"
#include "progress.h"
#include "report.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>

/* Options for one model: its labels may give a class another number than another's. */
static int options_for(cameras_options **out, const compare_request *asked, const cameras_model *model)
{
    const int result = explain_request_options(out, &asked->how);
    if (result != EXIT_OK)
        return result;
    cameras_status status = cameras_options_set_map_size(*out, CAMERAS_MAP_SIZE_IMAGE);
    if (status == CAMERAS_OK)
        status = cameras_options_set_keep_flat(*out, 1);
    if (status == CAMERAS_OK)
        status = explain_request_add_classes(*out, &asked->how, model);
    return status == CAMERAS_OK ? EXIT_OK : report_failure();
}

/* Explains by a model that was opened into the next item, and adds its one map or two. */
static int add_maps(comparison *own, const cameras_options *options)
{
    compared *first = &own->items[own->count];
    cameras_map *maps[2] = {NULL};
    const size_t count = cameras_options_map_count(options), wanted = own->asked->model_count == 1 ? 2 : 1;
    if (count != wanted)
        return usage_error("compare", "both classes are %s", own->asked->how.classes[0]);
    interrupt_defer();
    const cameras_status status = cameras_explain_several(maps, count, first->model, own->image, options);
    if (explain_request_shows_progress(&own->asked->how))
        progress_clear();
    if (status != CAMERAS_OK)
        return report_failure();
    for (size_t i = 0; i < count; i++) {
        first[i] = *first;
        first[i].map = maps[i];
        own->count++;
    }
    return EXIT_OK;
}

/* What is opened here is freed by whoever frees the comparison, in success and failure. */
static int compare_model(comparison *own, size_t index)
{
    const model_arguments arguments = compare_request_model(own->asked, index);
    compared *item = &own->items[own->count];
    cameras_options *options = NULL;
    item->model_name = model_name(&arguments);
    if (open_model(&item->model, &item->load_seconds, &arguments) != CAMERAS_OK)
        return report_failure();
    int result = options_for(&options, own->asked, item->model);
    if (result == EXIT_OK)
        result = add_maps(own, options);
    cameras_options_free(options);
    return result;
}

/* Draws and tells; what was drawn is taken back where it cannot be told of. */
static int finish(comparison *own)
{
    outputs written = {0};
    if (comparison_measure(own) != CAMERAS_OK)
        return report_failure();
    int result = EXIT_OK;
    if (own->panel)
        result = outputs_add(&written, own->panel) ? comparison_draw(own) : fail_memory("draw the panel");
    if (result == EXIT_OK)
        result = comparison_report(own);
    if (result != EXIT_OK)
        outputs_remove(&written);
    outputs_free(&written);
    return result;
}

static int compare_picture(comparison *own)
{
    int result = EXIT_OK;
    for (size_t i = 0; i < own->asked->model_count && result == EXIT_OK; i++)
        result = compare_model(own, i);
    if (result == EXIT_OK)
        result = finish(own);
    for (size_t i = 0; i < MOST_MODELS; i++)
        cameras_map_free(own->items[i].map);
    for (size_t i = 0; i < own->asked->model_count; i++)
        cameras_model_close(own->items[i].model);
    return result;
}

static int compare_to(const compare_request *asked, const char *path)
{
    comparison own = {.asked = asked, .panel = path};
    cameras_options *options = NULL;
    cameras_image *image = NULL;
    int result = explain_request_options(&options, &asked->how);
    if (result == EXIT_OK && cameras_image_read(&image, asked->image, options) != CAMERAS_OK)
        result = report_failure();
    own.image = image;
    if (result == EXIT_OK)
        result = compare_picture(&own);
    cameras_image_free(image);
    cameras_options_free(options);
    return result;
}

int verb_compare(int argc, char **argv)
{
    compare_request asked;
    inputs pictures = {0};
    int result = compare_request_read(&asked, argc, argv);
    if (result != EXIT_OK)
        return result == HELP_GIVEN ? EXIT_OK : result;
    if (check_name(asked.image, asked.how.json) != EXIT_OK)
        return EXIT_FAILED;
    char *beside = NULL;
    if (!asked.how.overlay && !asked.how.json)
        beside = output_name_in(NULL, asked.image, ".compare.png");
    const char *path = asked.how.overlay ? asked.how.overlay : beside;
    result = inputs_find(&pictures, &asked.image, 1) && output_is_possible(path, &pictures) ? compare_to(&asked, path)
                                                                                            : EXIT_FAILED;
    inputs_free(&pictures);
    free(beside);
    return result;
}
