/*
 * verb_layers.c - cameras layers
 *
 * SPDX-License-Identifier: MIT
 */
#include "model_source.h"
#include "report.h"
#include "verbs.h"

#include <stdio.h>
#include <string.h>

typedef struct request {
    model_arguments model;
    int json;
} request;

static const struct option long_options[] = {
    MODEL_OPTIONS,
    {"json", no_argument, NULL, OPTION_JSON},
    {NULL, 0, NULL, 0},
};

static int take_option(void *user, int option, const char *value)
{
    (void)value;
    if (option != OPTION_JSON)
        return -1;
    ((request *)user)->json = 1;
    return 1;
}

static int read_arguments(request *asked, int argc, char **argv)
{
    static const verb_options known = {"layers", ":m:h", long_options, take_option};
    const int result = read_options(asked, &asked->model, &known, argc, argv);
    if (result != EXIT_OK || argc == optind)
        return result;
    return usage_error("layers", "%s is too much; the model goes with -m", argv[optind]);
}

static int print_document(const char *name, const cameras_model *model, const char *automatic)
{
    json_t *layers = json_array();
    for (size_t i = 0; i < cameras_model_layer_count(model); i++)
        layers = append_json(layers, json_pack("{s:s, s:s}", "path", cameras_model_layer_path(model, i), "type",
                                               cameras_model_layer_type(model, i)));
    return print_json(json_pack("{s:s, s:s?, s:o}", "model", name, "auto", automatic, "layers", layers));
}

static void print_list(const cameras_model *model, const char *automatic)
{
    for (size_t i = 0; i < cameras_model_layer_count(model); i++) {
        const char *path = cameras_model_layer_path(model, i);
        printf("%c %-40s %s\n", automatic && strcmp(path, automatic) == 0 ? '*' : ' ', path,
               cameras_model_layer_type(model, i));
    }
}

static int list(const request *asked)
{
    cameras_model *model = NULL;
    const char *automatic = NULL;
    double seconds = 0;
    if (open_model(&model, &seconds, &asked->model) != CAMERAS_OK)
        return report_failure();
    /* A network that cannot be run at this base size still has layers to list. */
    if (cameras_model_auto_layer(&automatic, model) != CAMERAS_OK)
        fprintf(stderr, "cameras: no layer is marked: %s\n", cameras_last_error());
    int result = EXIT_OK;
    if (asked->json)
        result = print_document(model_name(&asked->model), model, automatic);
    else
        print_list(model, automatic);
    cameras_model_close(model);
    return result;
}

int verb_layers(int argc, char **argv)
{
    request asked = {0};
    const int result = read_arguments(&asked, argc, argv);
    if (result != EXIT_OK)
        return result == HELP_GIVEN ? EXIT_OK : result;
    return list(&asked);
}
