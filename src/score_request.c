/*
 * score_request.c - what the command line of cameras score asks for
 *
 * SPDX-License-Identifier: MIT
 */
#include "score_request.h"

#include "folder.h"

#include <stdio.h>
#include <string.h>

static const struct option long_options[] = {
    MODEL_OPTIONS,
    EXPLAIN_OPTIONS,
    {"map", required_argument, NULL, OPTION_MAP},
    {"methods", required_argument, NULL, OPTION_METHODS},
    {"controls", no_argument, NULL, OPTION_CONTROLS},
    {"grid", no_argument, NULL, OPTION_GRID},
    {"box", required_argument, NULL, OPTION_BOX},
    {"mask", required_argument, NULL, OPTION_MASK},
    {"masking", required_argument, NULL, OPTION_MASKING},
    {"steps", required_argument, NULL, OPTION_STEPS},
    {"batch", required_argument, NULL, OPTION_BATCH},
    {"csv", required_argument, NULL, OPTION_CSV},
    {NULL, 0, NULL, 0},
};

/* ---- one option ------------------------------------------------------------------------------------------------- */

static void add_method(score_request *asked, cameras_method method)
{
    for (size_t i = 0; i < asked->method_count; i++)
        if (asked->methods[i] == method)
            return;
    asked->methods[asked->method_count++] = method;
}

static int take_method(score_request *asked, const char *name)
{
    const char *names[MAX_METHODS + 1] = {NULL};
    int place = 0;
    for (int i = 0; i < MAX_METHODS; i++)
        names[i] = cameras_method_name((cameras_method)i);
    if (!parse_word(&place, name, names, "--methods"))
        return 0;
    add_method(asked, (cameras_method)place);
    return 1;
}

/* Names separated by commas. */
static int take_methods(score_request *asked, const char *text)
{
    char name[64];
    for (const char *at = text;; at++) {
        const size_t length = strcspn(at, ",");
        snprintf(name, sizeof name, "%.*s", (int)length, at);
        if (!take_method(asked, name))
            return 0;
        at += length;
        if (!*at)
            return 1;
    }
}

static int take_box(score_request *asked, const char *text)
{
    if (!parse_counts(asked->box, &asked->box_count, 4, text, "--box"))
        return 0;
    if (asked->box_count == 4)
        return 1;
    fprintf(stderr, "cameras: --box %s: four numbers are needed, x,y,width,height in pixels\n", text);
    return 0;
}

/* An option_taker. */
static int take_option(void *user, int option, const char *value)
{
    score_request *asked = user;
    static const char *const maskings[] = {"pixels", "normalised", NULL};
    switch (option) {
    case OPTION_METHOD:
    case OPTION_METHODS: return take_methods(asked, value);
    case OPTION_CONTROLS: asked->controls = 1; return 1;
    case OPTION_GRID: asked->grid = 1; return 1;
    case OPTION_BOX: return take_box(asked, value);
    case OPTION_MASK: asked->mask = value; return 1;
    case OPTION_MASKING: return parse_word(&asked->masking, value, maskings, "--masking");
    case OPTION_STEPS: return parse_count(&asked->steps, value, "--steps");
    case OPTION_BATCH: return parse_count(&asked->batch, value, "--batch");
    case OPTION_CSV: asked->csv = value; return 1;
    default: return explain_request_take(&asked->explain, option, value);
    }
}

/* ---- the whole line --------------------------------------------------------------------------------------------- */

static int check_folder(const score_request *asked)
{
    if (asked->grid && !is_folder(asked->subject))
        return usage_error("score", "--grid takes a folder, and %s is none", asked->subject);
    if (asked->grid && asked->explain.class_count)
        return usage_error("score", "--grid takes its classes from the pictures; -c has no place there");
    if (asked->grid && asked->csv)
        return usage_error("score", "--csv lists scores of single pictures, and --grid has none; use --json");
    if (is_folder(asked->subject) && (asked->explain.map || asked->box_count || asked->mask))
        return usage_error("score", "--map, --box and --mask belong to one picture, and %s is a folder",
                           asked->subject);
    return EXIT_OK;
}

static int check(const score_request *asked)
{
    if (asked->explain.class_count > 1)
        return usage_error("score", "a map is scored for one class; -c was given %zu times",
                           asked->explain.class_count);
    if (asked->explain.layer_count > 1)
        return usage_error("score", "maps of one layer are scored; -l was given %zu times", asked->explain.layer_count);
    if (asked->box_count && asked->mask)
        return usage_error("score", "--box and --mask both say where the object is");
    if (asked->explain.map && asked->method_count > 1)
        return usage_error("score", "with --map one --method can be named, by which ADCC explains again");
    return check_folder(asked);
}

/* CAMERAS where nothing was said; the controls come last, once each. */
static void complete_methods(score_request *asked)
{
    if (!asked->method_count)
        add_method(asked, CAMERAS_METHOD_CAMERAS);
    for (int i = CAMERAS_METHOD_RANDOM; i <= CAMERAS_METHOD_CONSTANT && asked->controls; i++)
        add_method(asked, (cameras_method)i);
}

int score_request_read(score_request *asked, int argc, char **argv)
{
    static const verb_options known = {"score", ":m:c:l:qh", long_options, take_option};
    *asked = (score_request){.explain = explain_request_defaults("score"), .steps = 64, .batch = 16};
    int result = read_options(asked, &asked->explain.model, &known, argc, argv);
    if (result != EXIT_OK)
        return result;
    if (argc - optind != 1)
        return usage_error("score",
                           argc == optind ? "no picture or folder given" : "one picture or one folder is scored");
    asked->subject = argv[optind];
    result = check(asked);
    complete_methods(asked);
    return result;
}

int score_request_options(cameras_options **out, const score_request *asked)
{
    const int result = explain_request_options(out, &asked->explain);
    if (result != EXIT_OK)
        return result;
    cameras_status status = cameras_options_set_masking(*out, (cameras_masking)asked->masking);
    if (status == CAMERAS_OK)
        status = cameras_options_set_score_steps(*out, asked->steps);
    if (status == CAMERAS_OK)
        status = cameras_options_set_batch(*out, asked->batch);
    return status == CAMERAS_OK ? EXIT_OK : usage_error("score", "%s", cameras_last_error());
}
