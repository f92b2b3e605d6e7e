/*
 * explain.c - fuzz target: cameras_explain_several and its kin on small networks, with options from the bytes
 *
 * SPDX-License-Identifier: MIT
 *
 * Sizes stay small, or are beyond a limit: what lies between is slow and not different.
 */
#include "fuzz.h"

#include "networks.h"

#include <math.h>
#include <stdlib.h>

enum {
    MOST_SIDE = 48,
    MOST_MAPS = 16,
    MOST_PIXELS_BYTES = 3 * sizeof(float) * MOST_SIDE * (MOST_SIDE + 1)
};

static const network kinds[] = {NETWORK_PLAIN,         NETWORK_RECTIFIED, NETWORK_TUPLE,      NETWORK_GREY,
                                NETWORK_TWINS,         NETWORK_FICKLE,    NETWORK_NAN,        NETWORK_STEEP,
                                NETWORK_SILENT,        NETWORK_HALF,      NETWORK_CLASS_MAPS, NETWORK_FLATTEN,
                                NETWORK_FIVE_CHANNELS, NETWORK_EMPTY,     NETWORK_QUADRANTS,  NETWORK_BARE};
enum {
    KINDS = sizeof kinds / sizeof *kinds
};

/* Opened when first asked for and kept: opening is slow, and a handle must outlive whatever is asked of it. */
static cameras_model *models[KINDS];

static cameras_model *model_of(size_t kind)
{
    if (!models[kind])
        demand(cameras_model_open(&models[kind], network_file(kinds[kind])) == CAMERAS_OK, "the network opens");
    return models[kind];
}

/* ---- what is asked for ------------------------------------------------------------------------------------------ */

/* A setter's status is its own affair: what it refuses leaves the options as they were. */
static void set_scales(cameras_options *options, supply *from)
{
    static const size_t extremes[] = {0, CAMERAS_MAX_SIDE + 1, SIZE_MAX, 1};
    size_t sides[4];
    const size_t count = 1 + next_of(from, 4);
    for (size_t i = 0; i < count; i++) {
        const size_t drawn = next_byte(from);
        sides[i] = drawn < 4 ? extremes[drawn] : 1 + drawn % (2 * MOST_SIDE);
    }
    cameras_options_set_scales(options, sides, count);
}

static void add_classes_and_layers(cameras_options *options, supply *from)
{
    static const char *const layers[] = {"auto",  "conv",   "stem", "fc",     "spare",
                                         "first", "second", "maps", "absent", ""};
    for (size_t left = next_of(from, 4); left; left--)
        cameras_options_add_class(options, next_of(from, 5) ? next_of(from, NETWORK_CLASSES + 1) : SIZE_MAX);
    for (size_t left = next_of(from, 3); left; left--)
        cameras_options_add_layer(options, layers[next_of(from, sizeof layers / sizeof *layers)]);
}

static cameras_options *options_of(supply *from)
{
    cameras_options *options = NULL;
    demand(cameras_options_new(&options) == CAMERAS_OK, "options are made");
    cameras_options_set_preset(options, (cameras_preset)next_of(from, 4));
    set_scales(options, from); /* always: a preset's scales are large */
    if (next_byte(from) & 1)
        cameras_options_set_interpolation(options, (cameras_interpolation)next_of(from, 3));
    cameras_options_set_gate(options, (cameras_gate)next_of(from, 4));
    cameras_options_set_method(options, (cameras_method)next_of(from, CAMERAS_METHOD_CONSTANT + 2));
    cameras_options_set_source(options, (cameras_source)next_of(from, 3));
    cameras_options_set_map_size(options, (cameras_map_size)next_of(from, 3));
    cameras_options_set_precision(options, (cameras_precision)next_of(from, 4));
    cameras_options_set_keep_flat(options, next_byte(from) & 1);
    cameras_options_set_threads(options, next_of(from, 3));
    cameras_options_set_seed(options, next_number(from, 8));
    if (next_of(from, 4) == 3)
        cameras_options_set_memory_limit(options, next_number(from, 3));
    add_classes_and_layers(options, from);
    return options;
}

/* Bytes, or floats that are mostly in [0, 1] and now and then not even finite. */
static void fill_pixels(void *pixels, supply *from, cameras_pixel_format format)
{
    static const float odd[] = {NAN, INFINITY, -1.0f, 2.0f};
    const uint8_t base = next_byte(from), step = next_byte(from), strange = next_byte(from);
    for (size_t i = 0; i < MOST_PIXELS_BYTES; i++)
        ((uint8_t *)pixels)[i] = (uint8_t)(base + i * step + (i >> 6) * strange);
    if (format != CAMERAS_GRAYF && format != CAMERAS_RGBF)
        return;
    for (size_t i = 0; i < MOST_PIXELS_BYTES / sizeof(float); i++)
        ((float *)pixels)[i] = (float)(uint8_t)(base + i * step) / 255.0f;
    if (strange < 4)
        *(float *)pixels = odd[strange];
}

static cameras_image *image_of(supply *from)
{
    static const size_t samples[] = {1, 3, 4, 3, 4, 4}; /* bytes from one pixel of a row to the next */
    static float pixels[MOST_PIXELS_BYTES / sizeof(float)];
    cameras_image *image = NULL;
    const cameras_pixel_format format = (cameras_pixel_format)next_of(from, 6);
    const size_t width = next_of(from, MOST_SIDE + 1), height = next_of(from, MOST_SIDE + 1), extra = next_of(from, 5);
    const size_t stride = extra == 0 ? 0 : width * samples[format] + extra - 2; /* one too short, or up to two more */
    fill_pixels(pixels, from, format);
    const cameras_status status = cameras_image_new(&image, pixels, width, height, stride, format);
    demand((status == CAMERAS_OK) == (image != NULL), "there is an image or a refusal");
    return image;
}

static void set_base(cameras_model *model, supply *from)
{
    const size_t width = next_of(from, MOST_SIDE + 1), height = next_of(from, MOST_SIDE + 1);
    cameras_status status = CAMERAS_OK;
    if (next_byte(from) & 1)
        status = cameras_model_set_base_side(model, width);
    else
        status = cameras_model_set_base_size(model, width, height);
    if (status != CAMERAS_OK)
        cameras_model_set_base_size(model, NETWORK_FLATTEN_SIDE, NETWORK_FLATTEN_SIDE);
}

/* ---- what comes of it ------------------------------------------------------------------------------------------- */

static void demand_known(cameras_status status)
{
    static const cameras_status allowed[] = {CAMERAS_EINVAL, CAMERAS_ELIMIT, CAMERAS_EMODEL, CAMERAS_ELAYER,
                                             CAMERAS_ECLASS, CAMERAS_EFLAT,  CAMERAS_ESCALE, CAMERAS_ENUMERIC};
    if (status != CAMERAS_OK)
        demand_refusal(status, allowed, sizeof allowed / sizeof *allowed, "");
}

static void demand_map(const cameras_map *map)
{
    const size_t count = cameras_map_width(map) * cameras_map_height(map);
    const float *values = cameras_map_values(map);
    int inside = count > 0;
    for (size_t i = 0; i < count; i++)
        inside &= values[i] >= 0.0f && values[i] <= 1.0f;
    demand(inside, "a map has values, all in [0, 1]");
    for (size_t i = 0; i < cameras_map_scale_count(map); i++)
        demand(cameras_map_scale_reason(map, i) != NULL, "every scale has its reason");
}

static void draw(const cameras_map *map, const cameras_image *image, supply *from)
{
    cameras_image *picture = NULL;
    const cameras_status status = cameras_map_overlay(&picture, map, next_byte(from) & 1 ? image : NULL,
                                                      (cameras_colormap)next_of(from, CAMERAS_GRAY + 2), 0.5f);
    demand((status == CAMERAS_OK) == (picture != NULL), "there is a picture or a refusal");
    cameras_image_free(picture);
}

static void score(cameras_model *model, const cameras_image *image, const cameras_map *map, cameras_options *options)
{
    cameras_scores *scores = NULL;
    cameras_options_set_score_steps(options, 3);
    cameras_options_set_batch(options, 2);
    const cameras_status status = cameras_score(&scores, model, image, map, NULL, options);
    demand_known(status);
    demand((status == CAMERAS_OK) == (scores != NULL), "there are scores or a refusal");
    cameras_scores_free(scores);
}

static void explain(cameras_model *model, const cameras_image *image, cameras_options *options, supply *from)
{
    cameras_map *maps[MOST_MAPS] = {NULL};
    const size_t count = cameras_options_map_count(options);
    demand(count <= MOST_MAPS, "as many maps as classes times layers");
    const cameras_status status = cameras_explain_several(maps, count, model, image, options);
    demand_known(status);
    for (size_t i = 0; i < count; i++) {
        demand((status == CAMERAS_OK) == (maps[i] != NULL), "all maps or none");
        if (maps[i])
            demand_map(maps[i]);
    }
    if (status == CAMERAS_OK && next_of(from, 4) == 1)
        draw(maps[0], image, from);
    if (status == CAMERAS_OK && next_of(from, 8) == 1)
        score(model, image, maps[0], options);
    for (size_t i = 0; i < count; i++)
        cameras_map_free(maps[i]);
}

static void classify(cameras_model *model, const cameras_image *image, const cameras_options *options, supply *from)
{
    float logits[NETWORK_CLASSES + 1] = {0};
    logits[NETWORK_CLASSES] = 0.5f;
    demand_known(cameras_classify(logits, NULL, next_of(from, NETWORK_CLASSES + 1), model, image, options));
    demand(logits[NETWORK_CLASSES] == 0.5f, "no more logits than there is room for");
}

static void estimate(cameras_model *model, const cameras_options *options, supply *from)
{
    static const size_t extremes[] = {0, 1, SIZE_MAX, (size_t)1 << 32};
    size_t bytes = 0;
    const size_t width = next_byte(from), height = next_byte(from);
    demand_known(cameras_explain_memory(&bytes, model, width < 4 ? extremes[width] : width,
                                        height < 4 ? extremes[height] : height, options));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    supply from = {bytes, bytes + size};
    cameras_model *model = model_of(next_of(&from, KINDS));
    const uint8_t doing = next_byte(&from);
    set_base(model, &from);
    cameras_options *options = options_of(&from);
    cameras_image *image = image_of(&from);
    if (doing % 8 == 1)
        classify(model, image, options, &from);
    if (doing % 16 == 2)
        estimate(model, options, &from);
    explain(model, image, options, &from);
    cameras_image_free(image);
    cameras_options_free(options);
    return 0;
}

static void close_models(void)
{
    for (size_t i = 0; i < KINDS; i++)
        cameras_model_close(models[i]);
    networks_close();
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    networks_open();
    atexit(close_models);
    return 0;
}
