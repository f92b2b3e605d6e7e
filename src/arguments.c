/*
 * arguments.c - reading the command line
 *
 * SPDX-License-Identifier: MIT
 */
#include "arguments.h"

#include "cameras.h"
#include "listen.h"
#include "verbs.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int usage_error(const char *verb, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("cameras: ", stderr);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fprintf(stderr, "\n         try: cameras help%s%s\n", verb ? " " : "", verb ? verb : "");
    return EXIT_USAGE;
}

static int bad_value(const char *option, const char *text, const char *wanted)
{
    fprintf(stderr, "cameras: %s %s: %s\n", option, text, wanted);
    return 0;
}

/* Reads digits up to end; strtoull alone would take signs and spaces. */
static int read_count(size_t *out, const char *text, const char **end)
{
    if (*text < '0' || *text > '9')
        return 0;
    char *stop = NULL;
    errno = 0;
    const unsigned long long value = strtoull(text, &stop, 10);
    *end = stop;
    *out = (size_t)value;
    return !errno && value <= SIZE_MAX;
}

int parse_count(size_t *out, const char *text, const char *option)
{
    const char *end = text;
    if (!read_count(out, text, &end) || *end)
        return bad_value(option, text, "a whole number is needed");
    return 1;
}

int parse_positive(size_t *out, const char *text, const char *option)
{
    if (!parse_count(out, text, option))
        return 0;
    return *out ? 1 : bad_value(option, text, "at least 1 is needed");
}

/* Reads a number up to end; strtod alone would take signs and spaces. */
static int read_number(double *out, const char *text, const char **end)
{
    if ((*text < '0' || *text > '9') && *text != '.')
        return 0;
    char *stop = NULL;
    *out = strtod(text, &stop);
    *end = stop;
    return stop != text && isfinite(*out);
}

int parse_fraction(double *out, const char *text, const char *option)
{
    static const char wanted[] = "a number from 0 or a fraction such as 12/255 is needed";
    const char *end = text;
    double below = 1.0;
    if (!read_number(out, text, &end) || (*end && *end != '/'))
        return bad_value(option, text, wanted);
    if (*end && (!read_number(&below, end + 1, &end) || *end || below == 0.0))
        return bad_value(option, text, wanted);
    *out /= below;
    return isfinite(*out) ? 1 : bad_value(option, text, wanted);
}

int parse_bytes(size_t *out, const char *text, const char *option)
{
    static const char units[] = "KMG";
    const char *end = text;
    if (!read_count(out, text, &end))
        return bad_value(option, text, "a number of bytes is needed, such as 800M");
    const char *unit = *end ? strchr(units, toupper((unsigned char)*end)) : NULL;
    const int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    if (*end && (!unit || end[1]))
        return bad_value(option, text, "a number of bytes is needed, with K, M or G if need be");
    if (*out > SIZE_MAX >> shift)
        return bad_value(option, text, "more bytes than there can be");
    *out <<= shift;
    return 1;
}

int parse_counts(size_t *out, size_t *count, size_t limit, const char *text, const char *option)
{
    const char *at = text;
    for (*count = 0; *count < limit;) {
        const char *end = at;
        if (!read_count(&out[(*count)++], at, &end) || (*end && *end != ','))
            return bad_value(option, text, "whole numbers separated by commas are needed");
        if (!*end)
            return 1;
        at = end + 1;
    }
    return bad_value(option, text, "too many numbers");
}

int parse_floats(float *out, size_t *count, size_t limit, const char *text, const char *option)
{
    const char *at = text;
    for (*count = 0; *count < limit;) {
        char *end = NULL;
        const float value = strtof(at, &end);
        if (end == at || !isfinite(value) || (*end && *end != ','))
            return bad_value(option, text, "numbers separated by commas are needed");
        out[(*count)++] = value;
        if (!*end)
            return 1;
        at = end + 1;
    }
    return bad_value(option, text, "too many numbers");
}

int parse_word(int *out, const char *text, const char *const *words, const char *option)
{
    for (int i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0) {
            *out = i;
            return 1;
        }
    fprintf(stderr, "cameras: %s %s: not one of", option, text);
    for (int i = 0; words[i]; i++)
        fprintf(stderr, "%s %s", i ? "," : "", words[i]);
    fputc('\n', stderr);
    return 0;
}

int parse_base(model_arguments *arguments, const char *text)
{
    const char *end = text;
    size_t first = 0, second = 0;
    if (!read_count(&first, text, &end) || (*end && *end != 'x'))
        return bad_value("--base", text, "a shorter side such as 224, or a size such as 224x224, is needed");
    if (*end && (!read_count(&second, end + 1, &end) || *end || !second))
        return bad_value("--base", text, "a size such as 224x224 is needed, width before height");
    if (!first)
        return bad_value("--base", text, "a side of at least 1 pixel is needed");
    if (first > CAMERAS_MAX_SIDE || second > CAMERAS_MAX_SIDE)
        return bad_value("--base", text, "a side is longer than the library takes");
    arguments->base_side = second ? 0 : first;
    arguments->base_width = first;
    arguments->base_height = second;
    return 1;
}

/* The same as an option_taker, for the options that verbs share. */
static int take_model_option(model_arguments *arguments, int option, const char *value)
{
    switch (option) {
    case 'm': arguments->path = value; return 1;
    case OPTION_LABELS: arguments->labels = value; return 1;
    case OPTION_BASE: return parse_base(arguments, value);
    case OPTION_MEAN: return parse_floats(arguments->mean, &arguments->mean_count, MAX_CHANNELS, value, "--mean");
    case OPTION_STD: return parse_floats(arguments->std, &arguments->std_count, MAX_CHANNELS, value, "--std");
    case OPTION_BGR: arguments->bgr = 1; return 1;
    case OPTION_VERBOSE: listen_to_library(); return 1;
    default: return -1;
    }
}

/* With opterr 0 and letters that begin with ':', getopt leaves the words to us. */
static int refuse_option(const verb_options *known, int option, char **argv)
{
    const char *given = argv[optind - 1];
    return usage_error(known->verb, option == ':' ? "option %s needs a value" : "option %s is not known", given);
}

int read_options(void *asked, model_arguments *model, const verb_options *known, int argc, char **argv)
{
    int option;
    opterr = 0;
    while ((option = getopt_long(argc, argv, known->letters, known->names, NULL)) != -1) {
        if (option == 'h')
            return verb_help(2, (char *[]){(char *)"help", (char *)known->verb}) == EXIT_OK ? HELP_GIVEN : EXIT_FAILED;
        if (option == '?' || option == ':')
            return refuse_option(known, option, argv);
        int taken = known->take(asked, option, optarg);
        if (taken == -1)
            taken = take_model_option(model, option, optarg);
        if (taken != 1)
            return EXIT_USAGE;
    }
    if (model->mean_count && model->std_count && model->mean_count != model->std_count)
        return usage_error(known->verb, "--mean has %zu values, --std %zu", model->mean_count, model->std_count);
    return EXIT_OK;
}
