/*
 * verb_sanity.c - cameras sanity IMAGE: whether a method's map depends on the model
 *
 * SPDX-License-Identifier: MIT
 */
#include "interrupt.h"
#include "model_source.h"
#include "outputs.h"
#include "progress.h"
#include "report.h"
#include "sanity_report.h"
#include "verbs.h"

#include <stdio.h>

static const struct option long_options[] = {
    MODEL_OPTIONS,
    EXPLAIN_OPTIONS,
    DRAWING_OPTIONS,
    {"stages", required_argument, NULL, OPTION_STAGES},
    {"threshold", required_argument, NULL, OPTION_THRESHOLD},
    {NULL, 0, NULL, 0},
};

/* ---- what is asked ---------------------------------------------------------------------------------------------- */

static int take_option(void *user, int option, const char *value)
{
    sanity_request *asked = user;
    size_t count = 0;
    switch (option) {
    case OPTION_STAGES: return parse_count(&asked->stages, value, "--stages");
    case OPTION_THRESHOLD: return parse_floats(&asked->threshold, &count, 1, value, "--threshold");
    default: return explain_request_take(&asked->how, option, value);
    }
}

/* Ten maps are made, and three scales do for asking whether they depend on the model at all. */
static int read_request(sanity_request *asked, int argc, char **argv)
{
    static const verb_options known = {"sanity", ":m:c:l:o:qh", long_options, take_option};
    *asked = (sanity_request){.how = explain_request_defaults("sanity"), .stages = 8, .threshold = 0.5f};
    asked->how.preset = CAMERAS_PRESET_FAST;
    const int result = read_options(asked, &asked->how.model, &known, argc, argv);
    if (result != EXIT_OK)
        return result;
    if (argc - optind != 1)
        return usage_error("sanity", argc == optind ? "no image given" : "one image can be checked at a time");
    if (asked->how.class_count > 1 || asked->how.layer_count > 1)
        return usage_error("sanity", "one class and one layer can be checked at a time");
    asked->image = argv[optind];
    return EXIT_OK;
}

static int make_options(cameras_options **options, const sanity_request *asked)
{
    const int result = explain_request_options(options, &asked->how);
    if (result != EXIT_OK)
        return result;
    if (cameras_options_set_sanity_threshold(*options, (double)asked->threshold) != CAMERAS_OK)
        return usage_error("sanity", "%s", cameras_last_error());
    return EXIT_OK;
}

/* ---- what is done ----------------------------------------------------------------------------------------------- */

/* Draws and tells; what was drawn is taken back where it cannot be told of. */
static int finish(const sanity_report *own)
{
    outputs written = {0};
    int result = EXIT_OK;
    if (own->asked->how.overlay)
        result = outputs_add(&written, own->asked->how.overlay) ? sanity_draw(own) : fail_memory("draw the maps");
    if (result == EXIT_OK)
        result = sanity_tell(own);
    if (result != EXIT_OK)
        outputs_remove(&written);
    outputs_free(&written);
    if (result == EXIT_OK && !cameras_sanity_passed(own->sanity))
        return EXIT_VERDICT;
    return result;
}

static int check(sanity_report *own, cameras_model *model, const cameras_options *options)
{
    cameras_sanity *sanity = NULL;
    interrupt_defer();
    const cameras_status status = cameras_sanity_check(&sanity, model, own->image, own->asked->stages, options);
    if (explain_request_shows_progress(&own->asked->how))
        progress_clear();
    own->sanity = sanity;
    const int result = status == CAMERAS_OK ? finish(own) : report_failure();
    cameras_sanity_free(sanity);
    return result;
}

static int open_and_check(const sanity_request *asked, cameras_options *options)
{
    sanity_report own = {.asked = asked};
    cameras_model *model = NULL;
    cameras_image *image = NULL;
    double seconds = 0.0;
    cameras_status status = cameras_image_read(&image, asked->image, options);
    if (status == CAMERAS_OK)
        status = open_model(&model, &seconds, &asked->how.model);
    if (status == CAMERAS_OK)
        status = explain_request_add_classes(options, &asked->how, model);
    own.image = image;
    own.model = model;
    const int result = status == CAMERAS_OK ? check(&own, model, options) : report_failure();
    cameras_image_free(image);
    cameras_model_close(model);
    return result;
}

int verb_sanity(int argc, char **argv)
{
    sanity_request asked;
    inputs pictures = {0};
    cameras_options *options = NULL;
    int result = read_request(&asked, argc, argv);
    if (result != EXIT_OK)
        return result == HELP_GIVEN ? EXIT_OK : result;
    result = check_name(asked.image, asked.how.json);
    if (result == EXIT_OK)
        result = make_options(&options, &asked);
    if (result == EXIT_OK)
        result = inputs_find(&pictures, &asked.image, 1) && output_is_possible(asked.how.overlay, &pictures)
                     ? open_and_check(&asked, options)
                     : EXIT_FAILED;
    inputs_free(&pictures);
    cameras_options_free(options);
    return result;
}
