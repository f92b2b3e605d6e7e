/*
 * arguments.h - reading the command line: numbers, sizes, lists, and the options that several verbs share
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef ARGUMENTS_H
#define ARGUMENTS_H

#include <getopt.h>
#include <stddef.h>

enum {
    EXIT_OK = 0,
    EXIT_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_VERDICT = 3, /* the run went well, and its verdict is that something is wrong */
    HELP_GIVEN = -1,
    MAX_CHANNELS = 4
};

/* Values of the long options that have no letter. */
enum {
    OPTION_MAP = 256,
    OPTION_PRESET,
    OPTION_SCALES,
    OPTION_GATE,
    OPTION_METHOD,
    OPTION_SEED,
    OPTION_BASE,
    OPTION_LABELS,
    OPTION_SOURCE,
    OPTION_THREADS,
    OPTION_COLORMAP,
    OPTION_OPACITY,
    OPTION_MAP_SIZE,
    OPTION_MAX_PIXELS,
    OPTION_MAX_FILE_BYTES,
    OPTION_PRECISION,
    OPTION_MEMORY_LIMIT,
    OPTION_MEAN,
    OPTION_STD,
    OPTION_BGR,
    OPTION_TOP,
    OPTION_STAGES,
    OPTION_THRESHOLD,
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_VERBOSE,
    OPTION_METHODS,
    OPTION_CONTROLS,
    OPTION_GRID,
    OPTION_BOX,
    OPTION_MASK,
    OPTION_MASKING,
    OPTION_STEPS,
    OPTION_BATCH,
    OPTION_CSV,
    OPTION_TARGET,
    OPTION_EPSILON,
    OPTION_BETA,
    OPTION_STEP_RULE,
    OPTION_CONFIDENCE,
    OPTION_PERTURBATION
};

/* What every verb that opens a model understands. */
typedef struct model_arguments {
    const char *path; /* NULL: the embedded demo network */
    const char *labels;
    size_t base_width, base_height; /* 0: the default */
    size_t base_side;               /* 0: the shape is not kept */
    float mean[MAX_CHANNELS], std[MAX_CHANNELS];
    size_t mean_count, std_count;
    int bgr;
} model_arguments;

/* A whole number from 0; 0 for failure, after a message that names the option. */
int parse_count(size_t *out, const char *text, const char *option);

/* The same from 1. */
int parse_positive(size_t *out, const char *text, const char *option);

/* A number from 0, or one divided by another: 12/255. */
int parse_fraction(double *out, const char *text, const char *option);

/* A number of bytes, with K, M or G for so many times 1024, 1024^2 or 1024^3 of them. */
int parse_bytes(size_t *out, const char *text, const char *option);

/* A number of floats separated by commas, at most limit of them. */
int parse_floats(float *out, size_t *count, size_t limit, const char *text, const char *option);

/* Whole numbers separated by commas, at most limit of them. */
int parse_counts(size_t *out, size_t *count, size_t limit, const char *text, const char *option);

/* The place of text in a list of words that ends in NULL. */
int parse_word(int *out, const char *text, const char *const *words, const char *option);

/* The base image's size or shorter side, as --base has it. */
int parse_base(model_arguments *arguments, const char *text);

/* Takes one option of a verb into asked. 1: taken, 0: bad (a message was given), -1: not one of this verb's. */
typedef int (*option_taker)(void *asked, int option, const char *value);

/* A verb's own options; those of the model are understood by every verb that has a model_arguments. */
typedef struct verb_options {
    const char *verb, *letters; /* letters as getopt wants them */
    const struct option *names;
    option_taker take;
} verb_options;

/*
 * Reads a verb's command line up to its operands, which begin at optind then. EXIT_OK, EXIT_USAGE after a message, or
 * HELP_GIVEN after printing the verb's help.
 */
int read_options(void *asked, model_arguments *model, const verb_options *known, int argc, char **argv);

/* The long options that every verb with a model has; goes into its table. */
#define MODEL_OPTIONS                                                                                                  \
    {"model", required_argument, NULL, 'm'}, {"labels", required_argument, NULL, OPTION_LABELS},                       \
        {"base", required_argument, NULL, OPTION_BASE}, {"mean", required_argument, NULL, OPTION_MEAN},                \
        {"std", required_argument, NULL, OPTION_STD}, {"bgr", no_argument, NULL, OPTION_BGR},                          \
        {"verbose", no_argument, NULL, OPTION_VERBOSE},                                                                \
    {                                                                                                                  \
        "help", no_argument, NULL, 'h'                                                                                 \
    }

/* Writes "cameras: ..." and a hint at the help of verb to stderr; returns EXIT_USAGE. */
int usage_error(const char *verb, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
