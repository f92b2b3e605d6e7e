/*
 * verb_attack.c - cameras attack IMAGE
 *
 * SPDX-License-Identifier: MIT
 */
#include "attack_request.h"
#include "interrupt.h"
#include "model_source.h"
#include "outputs.h"
#include "progress.h"
#include "report.h"
#include "verbs.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* One run of the verb. */
typedef struct run {
    const attack_request *asked;
    cameras_options *options;
    cameras_model *model;
    cameras_image *image;
    cameras_map *map;
    cameras_attack *attack;
    outputs written;
} run;

static const char *const kind_names[] = {"guided", "plain"};

/* ---- report ----------------------------------------------------------------------------------------------------- */

static json_t *norms_json(const cameras_attack *attack, cameras_attack_kind kind, cameras_part part)
{
    return json_pack("{s:I, s:f, s:f, s:f}", "l0", (json_int_t)cameras_attack_norm(attack, kind, CAMERAS_NORM_L0, part),
                     "l1", cameras_attack_norm(attack, kind, CAMERAS_NORM_L1, part), "l2",
                     cameras_attack_norm(attack, kind, CAMERAS_NORM_L2, part), "linf",
                     cameras_attack_norm(attack, kind, CAMERAS_NORM_LINF, part));
}

static json_t *kind_json(const cameras_attack *attack, cameras_attack_kind kind)
{
    json_t *all =
        json_pack("{s:b, s:f, s:I}", "succeeded", cameras_attack_succeeded(attack, kind), "confidence",
                  cameras_attack_confidence(attack, kind), "steps", (json_int_t)cameras_attack_steps(attack, kind));
    json_t *norms = norms_json(attack, kind, CAMERAS_PART_ALL);
    const int whole = all && norms && json_object_update(all, norms) == 0 &&
                      json_object_set_new(all, "inside", norms_json(attack, kind, CAMERAS_PART_INSIDE)) == 0 &&
                      json_object_set_new(all, "outside", norms_json(attack, kind, CAMERAS_PART_OUTSIDE)) == 0;
    json_decref(norms);
    if (whole)
        return all;
    json_decref(all);
    return NULL;
}

static int print_document(const run *now)
{
    const size_t target = cameras_attack_target(now->attack), seen = cameras_map_class(now->map);
    const double reduction = cameras_attack_reduction(now->attack);
    return print_json(
        json_pack("{s:s, s:s, s:I, s:s?, s:s, s:I, s:s?, s:o, s:o, s:o}", "model", model_name(&now->asked->map.model),
                  "image", now->asked->map.images[0], "class", (json_int_t)seen, "label",
                  cameras_model_label(now->model, seen), "layer", cameras_map_layer(now->map), "target",
                  (json_int_t)target, "target_label", cameras_model_label(now->model, target), "guided",
                  kind_json(now->attack, CAMERAS_ATTACK_GUIDED), "plain", kind_json(now->attack, CAMERAS_ATTACK_PLAIN),
                  "reduction", isfinite(reduction) ? json_real(reduction) : json_null()));
}

static void print_class(const char *before, const cameras_model *model, size_t index)
{
    const char *label = cameras_model_label(model, index);
    printf("%s%zu%s%s%s", before, index, label ? " (" : "", label ? label : "", label ? ")" : "");
}

static void print_row(const cameras_attack *attack, cameras_attack_kind kind)
{
    printf("%-7s %-8s %11.4f %6zu", kind_names[kind], cameras_attack_succeeded(attack, kind) ? "yes" : "no",
           cameras_attack_confidence(attack, kind), cameras_attack_steps(attack, kind));
    printf(" %7.0f %9.2f %8.3f %8.4f", cameras_attack_norm(attack, kind, CAMERAS_NORM_L0, CAMERAS_PART_ALL),
           cameras_attack_norm(attack, kind, CAMERAS_NORM_L1, CAMERAS_PART_ALL),
           cameras_attack_norm(attack, kind, CAMERAS_NORM_L2, CAMERAS_PART_ALL),
           cameras_attack_norm(attack, kind, CAMERAS_NORM_LINF, CAMERAS_PART_ALL));
    printf(" %9.3f %10.3f\n", cameras_attack_norm(attack, kind, CAMERAS_NORM_L2, CAMERAS_PART_INSIDE),
           cameras_attack_norm(attack, kind, CAMERAS_NORM_L2, CAMERAS_PART_OUTSIDE));
}

static int print_table(const run *now)
{
    const double reduction = cameras_attack_reduction(now->attack);
    print_class("class ", now->model, cameras_map_class(now->map));
    print_class(" to be seen as ", now->model, cameras_attack_target(now->attack));
    printf("\n%-7s %-8s %11s %6s %7s %9s %8s %8s %9s %10s\n", "attack", "reached", "probability", "steps", "l0", "l1",
           "l2", "linf", "l2 inside", "l2 outside");
    print_row(now->attack, CAMERAS_ATTACK_GUIDED);
    print_row(now->attack, CAMERAS_ATTACK_PLAIN);
    if (isfinite(reduction))
        printf("guided by the map the change is %.1f %% %s\n", 100.0 * (reduction < 0.0 ? -reduction : reduction),
               reduction < 0.0 ? "larger" : "smaller");
    return flush_output();
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

/* The attacked image less what was changed. */
static cameras_status clean_image(cameras_image **out, const cameras_attack *attack, const cameras_image *attacked)
{
    const size_t width = cameras_attack_width(attack), pixels = width * cameras_attack_height(attack);
    const float *change = cameras_attack_perturbation(attack, CAMERAS_ATTACK_GUIDED);
    uint8_t *bytes = malloc(3 * pixels);
    *out = NULL;
    cameras_status status = bytes ? cameras_image_pixels(bytes, 0, attacked) : CAMERAS_ENOMEM;
    for (size_t i = 0; i < 3 * pixels && status == CAMERAS_OK; i++) {
        const size_t channel = cameras_attack_channels(attack) == 3 ? i % 3 : 0;
        const float value = (float)bytes[i] - 255.0f * change[channel * pixels + i / 3] + 0.5f;
        bytes[i] = (uint8_t)(value < 0.0f ? 0.0f : value > 255.0f ? 255.0f : value);
    }
    if (status == CAMERAS_OK)
        status = cameras_image_new(out, bytes, width, cameras_attack_height(attack), 0, CAMERAS_RGB8);
    free(bytes);
    return status;
}

static cameras_status write_sheet(const char *path, const cameras_attack *attack)
{
    enum {
        CELLS = 3,
        GAP = 8
    };
    cameras_image *cells[CELLS] = {NULL, NULL, NULL}, *sheet = NULL;
    cameras_status status = cameras_attack_image(&cells[2], attack, CAMERAS_ATTACK_GUIDED);
    if (status == CAMERAS_OK)
        status = cameras_attack_picture(&cells[1], attack, CAMERAS_ATTACK_GUIDED);
    if (status == CAMERAS_OK)
        status = clean_image(&cells[0], attack, cells[2]);
    if (status == CAMERAS_OK)
        status = cameras_image_sheet(&sheet, (const cameras_image *const *)cells, CELLS, CELLS, GAP);
    if (status == CAMERAS_OK)
        status = cameras_image_write(sheet, path);
    cameras_image_free(sheet);
    for (size_t i = 0; i < CELLS; i++)
        cameras_image_free(cells[i]);
    return status;
}

static int write_files(run *now)
{
    const char *picture = now->asked->map.overlay, *file = now->asked->perturbation;
    cameras_status status = CAMERAS_OK;
    if (picture && outputs_add(&now->written, picture))
        status = write_sheet(picture, now->attack);
    if (file && status == CAMERAS_OK && outputs_add(&now->written, file))
        status = cameras_attack_write(now->attack, CAMERAS_ATTACK_GUIDED, file);
    return status == CAMERAS_OK ? EXIT_OK : report_failure();
}

/* ---- the run ---------------------------------------------------------------------------------------------------- */

static int deliver(run *now)
{
    int result = write_files(now);
    if (result == EXIT_OK && now->asked->map.json)
        result = print_document(now);
    else if (result == EXIT_OK && !now->asked->map.quiet)
        result = print_table(now);
    if (result != EXIT_OK)
        outputs_remove(&now->written);
    return result;
}

static cameras_status open_subjects(run *now)
{
    double seconds = 0;
    cameras_status status = cameras_image_read(&now->image, now->asked->map.images[0], now->options);
    if (status == CAMERAS_OK)
        status = open_model(&now->model, &seconds, &now->asked->map.model);
    if (status == CAMERAS_OK)
        status = explain_request_add_classes(now->options, &now->asked->map, now->model);
    if (status == CAMERAS_OK)
        status = attack_request_set_target(now->options, now->asked, now->model);
    return status;
}

static int attack(run *now)
{
    cameras_status status = open_subjects(now);
    interrupt_defer();
    if (status == CAMERAS_OK)
        status = cameras_explain(&now->map, now->model, now->image, now->options);
    if (status == CAMERAS_OK)
        status = cameras_attack_run(&now->attack, now->model, now->image, now->map, now->options);
    if (explain_request_shows_progress(&now->asked->map))
        progress_clear();
    return status == CAMERAS_OK ? deliver(now) : report_failure();
}

static void run_end(run *now)
{
    outputs_free(&now->written);
    cameras_attack_free(now->attack);
    cameras_map_free(now->map);
    cameras_image_free(now->image);
    cameras_model_close(now->model);
    cameras_options_free(now->options);
}

static int attack_to_files(const attack_request *asked)
{
    run now = {.asked = asked};
    inputs pictures = {0};
    int result = check_name(asked->map.images[0], asked->map.json);
    if (result == EXIT_OK)
        result = attack_request_options(&now.options, asked);
    if (result == EXIT_OK &&
        !(inputs_find(&pictures, asked->map.images, 1) && output_is_possible(asked->map.overlay, &pictures) &&
          output_is_possible(asked->perturbation, &pictures)))
        result = EXIT_FAILED;
    if (result == EXIT_OK)
        result = attack(&now);
    run_end(&now);
    inputs_free(&pictures);
    return result;
}

int verb_attack(int argc, char **argv)
{
    attack_request asked;
    const int result = attack_request_read(&asked, argc, argv);
    if (result != EXIT_OK)
        return result == HELP_GIVEN ? EXIT_OK : result;
    return attack_to_files(&asked);
}
