/*
 * explain_request.h - what the command line of cameras explain, and of verbs that explain besides, asks for
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef EXPLAIN_REQUEST_H
#define EXPLAIN_REQUEST_H

#include "arguments.h"
#include "cameras.h"

enum {
    MAX_NAMED = 256
};

typedef struct explain_request {
    const char *verb; /* whose help is recommended */
    model_arguments model;
    const char *const *images;
    size_t image_count;
    const char *overlay, *map; /* files, or with several pictures folders; NULL: not asked for */
    const char *classes[MAX_NAMED], *layers[MAX_NAMED];
    size_t class_count, layer_count;
    size_t scales[CAMERAS_MAX_SCALES], scale_count, threads, max_pixels, max_file_bytes, memory_limit;
    size_t seed;
    int method, preset, gate, source, map_size, precision, colormap; /* gate -1: the preset's */
    float opacity;
    int json, quiet;
} explain_request;

/* The long options that say how to explain and how to report; goes into the table of every verb that makes maps. */
#define EXPLAIN_OPTIONS                                                                                                \
    {"class", required_argument, NULL, 'c'}, {"layer", required_argument, NULL, 'l'},                                  \
        {"method", required_argument, NULL, OPTION_METHOD}, {"seed", required_argument, NULL, OPTION_SEED},            \
        {"preset", required_argument, NULL, OPTION_PRESET}, {"scales", required_argument, NULL, OPTION_SCALES},        \
        {"gate", required_argument, NULL, OPTION_GATE}, {"source", required_argument, NULL, OPTION_SOURCE},            \
        {"threads", required_argument, NULL, OPTION_THREADS},                                                          \
        {"max-pixels", required_argument, NULL, OPTION_MAX_PIXELS},                                                    \
        {"max-file-bytes", required_argument, NULL, OPTION_MAX_FILE_BYTES},                                            \
        {"precision", required_argument, NULL, OPTION_PRECISION},                                                      \
        {"memory-limit", required_argument, NULL, OPTION_MEMORY_LIMIT}, {"json", no_argument, NULL, OPTION_JSON},      \
    {                                                                                                                  \
        "quiet", no_argument, NULL, 'q'                                                                                \
    }

/* Those of verbs that colour maps. */
#define DRAWING_OPTIONS                                                                                                \
    {"output", required_argument, NULL, 'o'}, {"colormap", required_argument, NULL, OPTION_COLORMAP},                  \
    {                                                                                                                  \
        "opacity", required_argument, NULL, OPTION_OPACITY                                                             \
    }

/* What is asked for before any option is read. */
explain_request explain_request_defaults(const char *verb);

/* An option_taker for both, and for --map and --map-size. */
int explain_request_take(void *asked, int option, const char *value);

/* Adds a name that is not there yet to a list of MAX_NAMED; 0 after a message where there is no room. */
int add_name(const char **names, size_t *count, const char *name, const char *option);

/* EXIT_OK, EXIT_USAGE after a message, or HELP_GIVEN. */
int explain_request_read(explain_request *asked, int argc, char **argv);

/* Options for all that can be said before the model is open; EXIT_OK, or EXIT_USAGE after a message. */
int explain_request_options(cameras_options **out, const explain_request *asked);

/* Adds the classes, which the model's labels may name. */
cameras_status explain_request_add_classes(cameras_options *options, const explain_request *asked,
                                           const cameras_model *model);

/* Whether a bar is to be shown. */
int explain_request_shows_progress(const explain_request *asked);

#endif
