/*
 * verb_layers.c - cameras layers
 *
 * SPDX-License-Identifier: MIT
 */
#include "model_source.h"
#include "report.h"
#include "verbs.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const struct option long_options[] = {
    {"model", required_argument, NULL, 'm'},
    {"labels", required_argument, NULL, OPTION_LABELS},
    {"base", required_argument, NULL, OPTION_BASE},
    {"mean", required_argument, NULL, OPTION_MEAN},
    {"std", required_argument, NULL, OPTION_STD},
    {"bgr", no_argument, NULL, OPTION_BGR},
    {"json", no_argument, NULL, OPTION_JSON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static int read_arguments(model_arguments *arguments, int *json, int argc, char **argv)
{
    int option;
    while ((option = getopt_long(argc, argv, "m:h", long_options, NULL)) != -1) {
        if (option == 'h')
            return verb_help(2, (char *[]){"help", "layers"}) == EXIT_OK ? -1 : EXIT_FAILED;
        if (option == OPTION_JSON)
            *json = 1;
        else if (option == '?' || take_model_option(arguments, option, optarg) != 1)
            return usage_error("layers", "the command line was not understood");
    }
    return argc == optind ? EXIT_OK : usage_error("layers", "%s is too much; the model goes with -m", argv[optind]);
}

static int print_document(const char *name, const cameras_model *model, const char *automatic)
{
    json_t *layers = json_array();
    for (size_t i = 0; i < cameras_model_layer_count(model); i++)
        json_array_append_new(layers, json_pack("{s:s, s:s}", "path", cameras_model_layer_path(model, i), "type",
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

int verb_layers(int argc, char **argv)
{
    model_arguments arguments = {0};
    cameras_model *model = NULL;
    const char *automatic = NULL;
    double seconds = 0;
    int json = 0;
    int result = read_arguments(&arguments, &json, argc, argv);
    if (result != EXIT_OK)
        return result == -1 ? EXIT_OK : result;
    if (open_model(&model, &seconds, &arguments) != CAMERAS_OK)
        return report_failure();
    /* A network that cannot be run at this base size still has layers to list. */
    if (cameras_model_auto_layer(&automatic, model) != CAMERAS_OK)
        fprintf(stderr, "cameras: no layer is marked: %s\n", cameras_last_error());
    if (json)
        result = print_document(model_name(&arguments), model, automatic);
    else
        print_list(model, automatic);
    cameras_model_close(model);
    return result;
}
