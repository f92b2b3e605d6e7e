/*
 * explain_request.c - what the command line of cameras explain asks for
 *
 * SPDX-License-Identifier: MIT
 */
#include "explain_request.h"

#include "folder.h"
#include "progress.h"

#include <stdio.h>
#include <string.h>

static const struct option long_options[] = {
    MODEL_OPTIONS,
    EXPLAIN_OPTIONS,
    DRAWING_OPTIONS,
    {"map", required_argument, NULL, OPTION_MAP},
    {"map-size", required_argument, NULL, OPTION_MAP_SIZE},
    {NULL, 0, NULL, 0},
};

/* ---- one option ------------------------------------------------------------------------------------------- */

int add_name(const char **names, size_t *count, const char *name, const char *option)
{
    for (size_t i = 0; i < *count; i++)
        if (strcmp(names[i], name) == 0)
            return 1;
    if (*count == MAX_NAMED) {
        fprintf(stderr, "cameras: %s: given more than %d times\n", option, MAX_NAMED);
        return 0;
    }
    names[(*count)++] = name;
    return 1;
}

static int take_method(explain_request *asked, const char *name)
{
    const char *names[CAMERAS_METHOD_CONSTANT + 2] = {NULL};
    for (int i = 0; i <= CAMERAS_METHOD_CONSTANT; i++)
        names[i] = cameras_method_name((cameras_method)i);
    return parse_word(&asked->method, name, names, "--method");
}

static int take_colormap(explain_request *asked, const char *name)
{
    const char *names[CAMERAS_GRAY + 2] = {NULL};
    for (int i = 0; i <= CAMERAS_GRAY; i++)
        names[i] = cameras_colormap_name((cameras_colormap)i);
    return parse_word(&asked->colormap, name, names, "--colormap");
}

static int take_opacity(explain_request *asked, const char *text)
{
    size_t count = 0;
    if (!parse_floats(&asked->opacity, &count, 1, text, "--opacity"))
        return 0;
    if (asked->opacity >= 0.0f && asked->opacity <= 1.0f)
        return 1;
    fprintf(stderr, "cameras: --opacity %s: a number from 0 to 1 is needed\n", text);
    return 0;
}

int explain_request_take(void *user, int option, const char *value)
{
    explain_request *asked = user;
    static const char *const presets[] = {"reference", "paper", "fast", NULL};
    static const char *const gates[] = {"auto", "on", "off", NULL};
    static const char *const sources[] = {"base", "original", NULL};
    static const char *const sizes[] = {"base", "image", NULL};
    static const char *const precisions[] = {"fp32", "bf16", "auto", NULL};
    switch (option) {
    case 'c': return add_name(asked->classes, &asked->class_count, value, "--class");
    case 'l': return add_name(asked->layers, &asked->layer_count, value, "--layer");
    case 'o': asked->overlay = value; return 1;
    case 'q': asked->quiet = 1; return 1;
    case OPTION_MAP: asked->map = value; return 1;
    case OPTION_JSON: asked->json = 1; return 1;
    case OPTION_METHOD: return take_method(asked, value);
    case OPTION_SEED: return parse_count(&asked->seed, value, "--seed");
    case OPTION_PRESET: return parse_word(&asked->preset, value, presets, "--preset");
    case OPTION_GATE: return parse_word(&asked->gate, value, gates, "--gate");
    case OPTION_SOURCE: return parse_word(&asked->source, value, sources, "--source");
    case OPTION_MAP_SIZE: return parse_word(&asked->map_size, value, sizes, "--map-size");
    case OPTION_COLORMAP: return take_colormap(asked, value);
    case OPTION_OPACITY: return take_opacity(asked, value);
    case OPTION_THREADS: return parse_count(&asked->threads, value, "--threads");
    case OPTION_MAX_PIXELS: return parse_count(&asked->max_pixels, value, "--max-pixels");
    case OPTION_MAX_FILE_BYTES: return parse_bytes(&asked->max_file_bytes, value, "--max-file-bytes");
    case OPTION_PRECISION: return parse_word(&asked->precision, value, precisions, "--precision");
    case OPTION_MEMORY_LIMIT: return parse_bytes(&asked->memory_limit, value, "--memory-limit");
    case OPTION_SCALES: return parse_counts(asked->scales, &asked->scale_count, CAMERAS_MAX_SCALES, value, "--scales");
    default: return -1;
    }
}

/* ---- the whole line --------------------------------------------------------------------------------------------- */

/* One picture goes to files, several go to folders. */
static int check_outputs(const explain_request *asked)
{
    if (asked->image_count == 1) {
        if (asked->overlay && asked->map && strcmp(asked->overlay, asked->map) == 0)
            return usage_error("explain", "-o and --map both name %s", asked->map);
        return EXIT_OK;
    }
    if (asked->overlay && !is_folder(asked->overlay))
        return usage_error("explain", "with several pictures -o names a folder that is there, and %s is none",
                           asked->overlay);
    if (asked->map && !is_folder(asked->map))
        return usage_error("explain", "with several pictures --map names a folder that is there, and %s is none",
                           asked->map);
    return EXIT_OK;
}

explain_request explain_request_defaults(const char *verb)
{
    return (explain_request){.verb = verb,
                             .gate = -1,
                             .opacity = 0.5f,
                             .max_pixels = CAMERAS_DEFAULT_MAX_PIXELS,
                             .max_file_bytes = CAMERAS_MAX_FILE_BYTES};
}

int explain_request_read(explain_request *asked, int argc, char **argv)
{
    static const verb_options known = {"explain", ":m:c:l:o:qh", long_options, explain_request_take};
    *asked = explain_request_defaults("explain");
    const int result = read_options(asked, &asked->model, &known, argc, argv);
    if (result != EXIT_OK)
        return result;
    if (argc == optind)
        return usage_error("explain", "no image given");
    asked->images = (const char *const *)(argv + optind);
    asked->image_count = (size_t)(argc - optind);
    return check_outputs(asked);
}

/* ---- options ---------------------------------------------------------------------------------------------------- */

static cameras_status set_method(cameras_options *options, const explain_request *asked)
{
    cameras_status status = cameras_options_set_preset(options, (cameras_preset)asked->preset);
    if (status == CAMERAS_OK && asked->scale_count)
        status = cameras_options_set_scales(options, asked->scales, asked->scale_count);
    if (status == CAMERAS_OK && asked->gate >= 0)
        status = cameras_options_set_gate(options, (cameras_gate)asked->gate);
    if (status == CAMERAS_OK)
        status = cameras_options_set_method(options, (cameras_method)asked->method);
    if (status == CAMERAS_OK)
        status = cameras_options_set_seed(options, asked->seed);
    if (status == CAMERAS_OK)
        status = cameras_options_set_source(options, (cameras_source)asked->source);
    if (status == CAMERAS_OK)
        status = cameras_options_set_map_size(options, (cameras_map_size)asked->map_size);
    for (size_t i = 0; i < asked->layer_count && status == CAMERAS_OK; i++)
        status = cameras_options_add_layer(options, asked->layers[i]);
    return status;
}

static cameras_status set_means(cameras_options *options, const explain_request *asked)
{
    cameras_status status = cameras_options_set_threads(options, asked->threads);
    if (status == CAMERAS_OK)
        status = cameras_options_set_precision(options, (cameras_precision)asked->precision);
    if (status == CAMERAS_OK)
        status = cameras_options_set_memory_limit(options, asked->memory_limit);
    if (status == CAMERAS_OK)
        status = cameras_options_set_max_pixels(options, asked->max_pixels);
    if (status == CAMERAS_OK)
        status = cameras_options_set_max_file_bytes(options, asked->max_file_bytes);
    if (status == CAMERAS_OK)
        status = progress_set(options, explain_request_shows_progress(asked));
    return status;
}

int explain_request_options(cameras_options **out, const explain_request *asked)
{
    cameras_status status = cameras_options_new(out);
    if (status == CAMERAS_OK)
        status = set_method(*out, asked);
    if (status == CAMERAS_OK)
        status = set_means(*out, asked);
    return status == CAMERAS_OK ? EXIT_OK : usage_error(asked->verb, "%s", cameras_last_error());
}

static int contains(const size_t *numbers, size_t count, size_t number)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return 1;
    return 0;
}

/* A class named by its index and by its label is one class. */
cameras_status explain_request_add_classes(cameras_options *options, const explain_request *asked,
                                           const cameras_model *model)
{
    size_t added[MAX_NAMED], count = 0;
    cameras_status status = CAMERAS_OK;
    for (size_t i = 0; i < asked->class_count && status == CAMERAS_OK; i++) {
        status = cameras_model_find_class(&added[count], model, asked->classes[i]);
        if (status == CAMERAS_OK && !contains(added, count, added[count]))
            status = cameras_options_add_class(options, added[count++]);
    }
    return status;
}

int explain_request_shows_progress(const explain_request *asked)
{
    return !asked->quiet && progress_wanted();
}
