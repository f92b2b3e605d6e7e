/*
 * compare_request.c - what the command line of cameras compare asks for
 *
 * SPDX-License-Identifier: MIT
 */
#include "compare_request.h"

#include <stdio.h>

static const struct option long_options[] = {
    MODEL_OPTIONS,
    EXPLAIN_OPTIONS,
    DRAWING_OPTIONS,
    {NULL, 0, NULL, 0},
};

/* A file may be named twice: two sets of labels for two models may well be one. */
static int add_file(const char **files, size_t *count, const char *file, const char *option)
{
    if (*count == MOST_MODELS) {
        fprintf(stderr, "cameras: %s: given more than %d times\n", option, MOST_MODELS);
        return 0;
    }
    files[(*count)++] = file;
    return 1;
}

static int take_option(void *user, int option, const char *value)
{
    compare_request *asked = user;
    model_arguments unused;
    switch (option) {
    case 'm': return add_file(asked->paths, &asked->path_count, value, "--model");
    case OPTION_LABELS: return add_file(asked->labels, &asked->label_count, value, "--labels");
    case OPTION_BASE: return parse_base(&unused, value) && add_file(asked->bases, &asked->base_count, value, "--base");
    default: return explain_request_take(&asked->how, option, value);
    }
}

/* One for all, or one a model. */
static int fits(size_t given, size_t models)
{
    return given <= 1 || given == models;
}

static int check(const compare_request *asked)
{
    if (asked->model_count == 1 && asked->how.class_count != 2)
        return usage_error("compare", "give two models or more (-m), or two classes of one model (-c)");
    if (asked->model_count > 1 && asked->how.class_count > 1)
        return usage_error("compare", "of several models one class can be compared, not %zu", asked->how.class_count);
    if (asked->how.layer_count > 1)
        return usage_error("compare", "one layer can be compared, not %zu", asked->how.layer_count);
    if (!fits(asked->label_count, asked->model_count))
        return usage_error("compare", "--labels given %zu times for %zu models: once for all, or once a model",
                           asked->label_count, asked->model_count);
    if (!fits(asked->base_count, asked->model_count))
        return usage_error("compare", "--base given %zu times for %zu models: once for all, or once a model",
                           asked->base_count, asked->model_count);
    return EXIT_OK;
}

int compare_request_read(compare_request *asked, int argc, char **argv)
{
    static const verb_options known = {"compare", ":m:c:l:o:qh", long_options, take_option};
    *asked = (compare_request){.how = explain_request_defaults("compare")};
    const int result = read_options(asked, &asked->how.model, &known, argc, argv);
    if (result != EXIT_OK)
        return result;
    if (argc - optind != 1)
        return usage_error("compare", argc == optind ? "no image given" : "one image can be compared at a time");
    asked->image = argv[optind];
    asked->model_count = asked->path_count ? asked->path_count : 1;
    return check(asked);
}

/* The one of a list that is meant for a model. */
static const char *pick(const char *const *list, size_t count, size_t model)
{
    return count == 0 ? NULL : list[count == 1 ? 0 : model];
}

model_arguments compare_request_model(const compare_request *asked, size_t index)
{
    model_arguments model = asked->how.model;
    const char *base = pick(asked->bases, asked->base_count, index);
    model.path = pick(asked->paths, asked->path_count, index);
    model.labels = pick(asked->labels, asked->label_count, index);
    if (base)
        parse_base(&model, base);
    return model;
}
