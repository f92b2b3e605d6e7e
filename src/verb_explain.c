/*
 * verb_explain.c - cameras explain IMAGE
 *
 * SPDX-License-Identifier: MIT
 */
#include "model_source.h"
#include "outputs.h"
#include "progress.h"
#include "report.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MAX_NAMED = 256
};

/* What the command line asked for. */
typedef struct request {
    model_arguments model;
    const char *image, *overlay, *map;
    const char *classes[MAX_NAMED], *layers[MAX_NAMED];
    size_t class_count, layer_count;
    size_t scales[CAMERAS_MAX_SCALES], scale_count, threads, max_pixels;
    int preset, gate, source, map_size, colormap; /* gate -1: the preset's */
    float opacity;
    int json, quiet;
} request;

static const struct option long_options[] = {
    MODEL_OPTIONS,
    {"class", required_argument, NULL, 'c'},
    {"layer", required_argument, NULL, 'l'},
    {"output", required_argument, NULL, 'o'},
    {"map", required_argument, NULL, OPTION_MAP},
    {"preset", required_argument, NULL, OPTION_PRESET},
    {"scales", required_argument, NULL, OPTION_SCALES},
    {"gate", required_argument, NULL, OPTION_GATE},
    {"source", required_argument, NULL, OPTION_SOURCE},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"max-pixels", required_argument, NULL, OPTION_MAX_PIXELS},
    {"colormap", required_argument, NULL, OPTION_COLORMAP},
    {"opacity", required_argument, NULL, OPTION_OPACITY},
    {"map-size", required_argument, NULL, OPTION_MAP_SIZE},
    {"json", no_argument, NULL, OPTION_JSON},
    {"quiet", no_argument, NULL, 'q'},
    {NULL, 0, NULL, 0},
};

/* ---- the command line ------------------------------------------------------------------------------------------- */

/* Adds a name; one that was given before is not given twice. */
static int add_name(const char **names, size_t *count, const char *name, const char *option)
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

static int take_colormap(request *asked, const char *name)
{
    const char *names[CAMERAS_GRAY + 2] = {NULL};
    for (int i = 0; i <= CAMERAS_GRAY; i++)
        names[i] = cameras_colormap_name((cameras_colormap)i);
    return parse_word(&asked->colormap, name, names, "--colormap");
}

static int take_opacity(request *asked, const char *text)
{
    size_t count = 0;
    if (!parse_floats(&asked->opacity, &count, 1, text, "--opacity"))
        return 0;
    if (asked->opacity >= 0.0f && asked->opacity <= 1.0f)
        return 1;
    fprintf(stderr, "cameras: --opacity %s: a number from 0 to 1 is needed\n", text);
    return 0;
}

static int take_option(void *user, int option, const char *value)
{
    request *asked = user;
    static const char *const presets[] = {"reference", "paper", "fast", NULL};
    static const char *const gates[] = {"auto", "on", "off", NULL};
    static const char *const sources[] = {"base", "original", NULL};
    static const char *const sizes[] = {"base", "image", NULL};
    switch (option) {
    case 'c': return add_name(asked->classes, &asked->class_count, value, "--class");
    case 'l': return add_name(asked->layers, &asked->layer_count, value, "--layer");
    case 'o': asked->overlay = value; return 1;
    case 'q': asked->quiet = 1; return 1;
    case OPTION_MAP: asked->map = value; return 1;
    case OPTION_JSON: asked->json = 1; return 1;
    case OPTION_PRESET: return parse_word(&asked->preset, value, presets, "--preset");
    case OPTION_GATE: return parse_word(&asked->gate, value, gates, "--gate");
    case OPTION_SOURCE: return parse_word(&asked->source, value, sources, "--source");
    case OPTION_MAP_SIZE: return parse_word(&asked->map_size, value, sizes, "--map-size");
    case OPTION_COLORMAP: return take_colormap(asked, value);
    case OPTION_OPACITY: return take_opacity(asked, value);
    case OPTION_THREADS: return parse_count(&asked->threads, value, "--threads");
    case OPTION_MAX_PIXELS: return parse_count(&asked->max_pixels, value, "--max-pixels");
    case OPTION_SCALES: return parse_counts(asked->scales, &asked->scale_count, CAMERAS_MAX_SCALES, value, "--scales");
    default: return -1;
    }
}

static int read_arguments(request *asked, int argc, char **argv)
{
    static const verb_options known = {"explain", ":m:c:l:o:qh", long_options, take_option};
    const int result = read_options(asked, &asked->model, &known, argc, argv);
    if (result != EXIT_OK)
        return result;
    if (argc - optind != 1)
        return usage_error("explain", argc == optind ? "no image given" : "more than one image given");
    asked->image = argv[optind];
    if (asked->overlay && asked->map && strcmp(asked->overlay, asked->map) == 0)
        return usage_error("explain", "-o and --map both name %s", asked->map);
    return EXIT_OK;
}

/* ---- options and files ------------------------------------------------------------------------------------------ */

static int contains(const size_t *numbers, size_t count, size_t number)
{
    for (size_t i = 0; i < count; i++)
        if (numbers[i] == number)
            return 1;
    return 0;
}

/* A class named by its index and by its label is one class. */
static cameras_status add_classes(cameras_options *options, const request *asked, const cameras_model *model)
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

static cameras_status make_options(cameras_options *options, const request *asked, const cameras_model *model)
{
    cameras_status status = cameras_options_set_preset(options, (cameras_preset)asked->preset);
    if (status == CAMERAS_OK && asked->scale_count)
        status = cameras_options_set_scales(options, asked->scales, asked->scale_count);
    if (status == CAMERAS_OK && asked->gate >= 0)
        status = cameras_options_set_gate(options, (cameras_gate)asked->gate);
    if (status == CAMERAS_OK)
        status = cameras_options_set_source(options, (cameras_source)asked->source);
    if (status == CAMERAS_OK)
        status = cameras_options_set_map_size(options, (cameras_map_size)asked->map_size);
    if (status == CAMERAS_OK)
        status = cameras_options_set_threads(options, asked->threads);
    for (size_t i = 0; i < asked->layer_count && status == CAMERAS_OK; i++)
        status = cameras_options_add_layer(options, asked->layers[i]);
    if (status == CAMERAS_OK)
        status = add_classes(options, asked, model);
    if (status == CAMERAS_OK && !asked->quiet && progress_wanted())
        status = cameras_options_set_progress(options, progress_show, NULL);
    return status;
}

static int write_overlay(const char *path, const cameras_map *map, const cameras_image *image, const request *asked)
{
    cameras_image *picture = NULL;
    cameras_status status =
        cameras_map_overlay(&picture, map, image, (cameras_colormap)asked->colormap, asked->opacity);
    if (status == CAMERAS_OK)
        status = cameras_image_write(picture, path);
    cameras_image_free(picture);
    return status == CAMERAS_OK ? EXIT_OK : report_failure();
}

/* The name under which a map goes to path, with what tells it from the others; NULL where that cannot be. */
static char *tagged_name(const char *path, const cameras_map *map, const request *asked, size_t map_count)
{
    const size_t class_index = cameras_map_class(map), layers = asked->layer_count ? asked->layer_count : 1;
    char *name =
        output_name(path, layers > 1 ? cameras_map_layer(map) : NULL, map_count > layers ? &class_index : NULL);
    if (output_is_possible(name, asked->image))
        return name;
    free(name);
    return NULL;
}

/* Writes one map's files, noting them first; the names stay with one. */
static int write_map(reported_map *one, size_t map_count, outputs *written, const cameras_image *image,
                     const request *asked)
{
    if (asked->overlay) {
        one->overlay = tagged_name(asked->overlay, one->map, asked, map_count);
        if (!one->overlay || !outputs_add(written, one->overlay) ||
            write_overlay(one->overlay, one->map, image, asked) != EXIT_OK)
            return EXIT_FAILED;
    }
    if (asked->map) {
        one->file = tagged_name(asked->map, one->map, asked, map_count);
        if (!one->file || !outputs_add(written, one->file))
            return EXIT_FAILED;
        if (cameras_map_write(one->map, one->file) != CAMERAS_OK)
            return report_failure();
    }
    return EXIT_OK;
}

static int report_maps(const request *asked, const report *all)
{
    if (asked->json)
        return print_json(report_json(all));
    return asked->quiet ? EXIT_OK : report_text(all);
}

static int deliver(const request *asked, cameras_map **maps, size_t count, report *all, const cameras_image *image)
{
    outputs written = {0};
    int result = EXIT_OK;
    reported_map *reported = calloc(count, sizeof *reported);
    if (!reported)
        return EXIT_FAILED;
    for (size_t i = 0; i < count && result == EXIT_OK; i++) {
        reported[i].map = maps[i];
        result = write_map(&reported[i], count, &written, image, asked);
    }
    all->maps = reported;
    all->count = count;
    if (result == EXIT_OK)
        result = report_maps(asked, all);
    if (result != EXIT_OK)
        outputs_remove(&written);
    for (size_t i = 0; i < count; i++) {
        free((char *)reported[i].overlay);
        free((char *)reported[i].file);
    }
    free(reported);
    outputs_free(&written);
    return result;
}

/* ---- the verb --------------------------------------------------------------------------------------------------- */

static int explain_with(const request *asked, cameras_model *model, const cameras_image *image,
                        const cameras_options *options, report *all)
{
    const size_t count = cameras_options_map_count(options);
    cameras_map **maps = calloc(count, sizeof(cameras_map *));
    if (!maps)
        return EXIT_FAILED;
    const cameras_status status = cameras_explain_several(maps, count, model, image, options);
    if (!asked->quiet && progress_wanted())
        progress_clear();
    const int result = status == CAMERAS_OK ? deliver(asked, maps, count, all, image) : report_failure();
    for (size_t i = 0; i < count; i++)
        cameras_map_free(maps[i]);
    free(maps);
    return result;
}

static int explain(const request *asked)
{
    report all = {.model_name = model_name(&asked->model), .image = asked->image};
    cameras_model *model = NULL;
    cameras_image *image = NULL;
    cameras_options *options = NULL;
    cameras_status status = cameras_options_new(&options);
    if (status == CAMERAS_OK)
        status = cameras_options_set_max_pixels(options, asked->max_pixels);
    if (status == CAMERAS_OK)
        status = cameras_image_read(&image, asked->image, options);
    if (status == CAMERAS_OK)
        status = open_model(&model, &all.load_seconds, &asked->model);
    if (status == CAMERAS_OK)
        status = make_options(options, asked, model);
    all.model = model;
    const int result = status == CAMERAS_OK ? explain_with(asked, model, image, options, &all) : report_failure();
    cameras_options_free(options);
    cameras_image_free(image);
    cameras_model_close(model);
    return result;
}

int verb_explain(int argc, char **argv)
{
    request asked = {.gate = -1, .opacity = 0.5f, .max_pixels = CAMERAS_DEFAULT_MAX_PIXELS};
    int result = read_arguments(&asked, argc, argv);
    if (result != EXIT_OK)
        return result == HELP_GIVEN ? EXIT_OK : result;
    char *beside = NULL;
    if (!asked.overlay && !asked.map && !asked.json)
        asked.overlay = beside = output_name_beside(asked.image);
    result = output_is_possible(asked.overlay, asked.image) && output_is_possible(asked.map, asked.image)
                 ? explain(&asked)
                 : EXIT_FAILED;
    free(beside);
    return result;
}
