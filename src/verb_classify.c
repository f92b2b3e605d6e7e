/*
 * verb_classify.c - cameras classify IMAGE
 *
 * SPDX-License-Identifier: MIT
 */
#include "model_source.h"
#include "report.h"
#include "verbs.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct request {
    model_arguments model;
    const char *image;
    size_t top, threads, max_pixels, max_file_bytes;
    int json;
} request;

/* What the network said of the picture. */
typedef struct answer {
    const cameras_model *model;
    float *logits, *probabilities;
    size_t classes, *ranking;
} answer;

static const struct option long_options[] = {
    MODEL_OPTIONS,
    {"top", required_argument, NULL, OPTION_TOP},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"max-pixels", required_argument, NULL, OPTION_MAX_PIXELS},
    {"max-file-bytes", required_argument, NULL, OPTION_MAX_FILE_BYTES},
    {"json", no_argument, NULL, OPTION_JSON},
    {NULL, 0, NULL, 0},
};

static int take_option(void *user, int option, const char *value)
{
    request *asked = user;
    switch (option) {
    case OPTION_TOP: return parse_count(&asked->top, value, "--top");
    case OPTION_THREADS: return parse_count(&asked->threads, value, "--threads");
    case OPTION_MAX_PIXELS: return parse_count(&asked->max_pixels, value, "--max-pixels");
    case OPTION_MAX_FILE_BYTES: return parse_bytes(&asked->max_file_bytes, value, "--max-file-bytes");
    case OPTION_JSON: asked->json = 1; return 1;
    default: return -1;
    }
}

static int read_arguments(request *asked, int argc, char **argv)
{
    static const verb_options known = {"classify", ":m:h", long_options, take_option};
    const int result = read_options(asked, &asked->model, &known, argc, argv);
    if (result != EXIT_OK)
        return result;
    if (argc - optind != 1)
        return usage_error("classify", argc == optind ? "no image given" : "more than one image given");
    asked->image = argv[optind];
    return EXIT_OK;
}

static int by_probability(const void *a, const void *b, void *probabilities)
{
    const float first = ((const float *)probabilities)[*(const size_t *)a];
    const float second = ((const float *)probabilities)[*(const size_t *)b];
    return first < second ? 1 : first > second ? -1 : 0;
}

static void rank(answer *said)
{
    for (size_t i = 0; i < said->classes; i++)
        said->ranking[i] = i;
    qsort_r(said->ranking, said->classes, sizeof *said->ranking, by_probability, said->probabilities);
}

static json_t *class_json(const answer *said, size_t index)
{
    const char *label = cameras_model_label(said->model, index);
    return json_pack("{s:I, s:s?, s:f, s:f}", "class", (json_int_t)index, "label", label, "logit",
                     (double)said->logits[index], "probability", (double)said->probabilities[index]);
}

static int show(const request *asked, const answer *said)
{
    const size_t shown = asked->top < said->classes ? asked->top : said->classes;
    json_t *classes = json_array();
    for (size_t i = 0; i < shown; i++) {
        const size_t index = said->ranking[i];
        const char *label = cameras_model_label(said->model, index);
        if (asked->json)
            classes = append_json(classes, class_json(said, index));
        else
            printf("%.4f  %zu%s%s\n", (double)said->probabilities[index], index, label ? "  " : "", label ? label : "");
    }
    if (!asked->json) {
        json_decref(classes);
        return EXIT_OK;
    }
    return print_json(
        json_pack("{s:s, s:s, s:o}", "model", model_name(&asked->model), "image", asked->image, "classes", classes));
}

static int ask_network(const request *asked, cameras_model *model, const cameras_image *image,
                       const cameras_options *options)
{
    answer said = {.model = model};
    cameras_status status = cameras_model_class_count(&said.classes, model);
    if (status != CAMERAS_OK)
        return report_failure();
    said.logits = calloc(said.classes, sizeof *said.logits);
    said.probabilities = calloc(said.classes, sizeof *said.probabilities);
    said.ranking = calloc(said.classes, sizeof *said.ranking);
    int result = EXIT_FAILED;
    if (said.logits && said.probabilities && said.ranking) {
        status = cameras_classify(said.logits, said.probabilities, said.classes, model, image, options);
        if (status == CAMERAS_OK)
            rank(&said);
        result = status == CAMERAS_OK ? show(asked, &said) : report_failure();
    }
    free(said.ranking);
    free(said.probabilities);
    free(said.logits);
    return result;
}

static int make_options(cameras_options **options, const request *asked)
{
    cameras_status status = cameras_options_new(options);
    if (status == CAMERAS_OK)
        status = cameras_options_set_threads(*options, asked->threads);
    if (status == CAMERAS_OK)
        status = cameras_options_set_max_pixels(*options, asked->max_pixels);
    if (status == CAMERAS_OK)
        status = cameras_options_set_max_file_bytes(*options, asked->max_file_bytes);
    return status == CAMERAS_OK ? EXIT_OK : usage_error("classify", "%s", cameras_last_error());
}

static int classify(const request *asked, const cameras_options *options)
{
    cameras_image *image = NULL;
    cameras_model *model = NULL;
    double seconds = 0;
    if (check_name(asked->image, asked->json) != EXIT_OK)
        return EXIT_FAILED;
    cameras_status status = cameras_image_read(&image, asked->image, options);
    if (status == CAMERAS_OK)
        status = open_model(&model, &seconds, &asked->model);
    const int result = status == CAMERAS_OK ? ask_network(asked, model, image, options) : report_failure();
    cameras_model_close(model);
    cameras_image_free(image);
    return result;
}

int verb_classify(int argc, char **argv)
{
    request asked = {.top = 5, .max_pixels = CAMERAS_DEFAULT_MAX_PIXELS, .max_file_bytes = CAMERAS_MAX_FILE_BYTES};
    cameras_options *options = NULL;
    int result = read_arguments(&asked, argc, argv);
    if (result != EXIT_OK)
        return result == HELP_GIVEN ? EXIT_OK : result;
    result = make_options(&options, &asked);
    if (result == EXIT_OK)
        result = classify(&asked, options);
    cameras_options_free(options);
    return result;
}
