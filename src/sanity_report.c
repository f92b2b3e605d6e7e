/*
 * sanity_report.c - what a sanity check came to, drawn and told
 *
 * SPDX-License-Identifier: MIT
 */
#include "sanity_report.h"

#include "model_source.h"
#include "panel.h"
#include "report.h"

#include <math.h>
#include <stdio.h>

enum {
    CAPTION_BYTES = 512
};

/* ---- the contact sheet ------------------------------------------------------------------------------------------ */

static cameras_status add(panel *sheet, const sanity_report *own, const cameras_map *map, const char *caption)
{
    const explain_request *how = &own->asked->how;
    return panel_add_overlay(sheet, map, own->image, (cameras_colormap)how->colormap, how->opacity, caption);
}

static cameras_status add_class(panel *sheet, const sanity_report *own, const cameras_map *map, const char *title,
                                const char *last)
{
    char caption[CAPTION_BYTES];
    const char *label = cameras_model_label(own->model, cameras_map_class(map));
    snprintf(caption, sizeof caption, "%s\n%zu %.200s\n%.100s", title, cameras_map_class(map), label ? label : "",
             last);
    return add(sheet, own, map, caption);
}

static cameras_status add_stage(panel *sheet, const sanity_report *own, size_t index)
{
    char caption[CAPTION_BYTES];
    const cameras_map *map = cameras_sanity_stage_map(own->sanity, index);
    snprintf(caption, sizeof caption, "to %.200s\nSpearman %.3f\nSSIM %.3f%s",
             cameras_sanity_stage_layer(own->sanity, index), cameras_sanity_stage_spearman(own->sanity, index),
             cameras_sanity_stage_ssim(own->sanity, index), cameras_map_is_flat(map) ? ", flat map" : "");
    return add(sheet, own, map, caption);
}

static cameras_status fill(panel *sheet, const sanity_report *own)
{
    const cameras_map *original = cameras_sanity_original(own->sanity);
    char overlap[64];
    snprintf(overlap, sizeof overlap, "top 5 %% overlap %.3f", cameras_sanity_class_overlap(own->sanity));
    cameras_status status =
        add_class(sheet, own, original, "original", cameras_method_name(cameras_map_method(original)));
    if (status == CAMERAS_OK)
        status = add_class(sheet, own, cameras_sanity_unlikely(own->sanity), "least likely class", overlap);
    for (size_t i = 0; i < cameras_sanity_stage_count(own->sanity) && status == CAMERAS_OK; i++)
        status = add_stage(sheet, own, i);
    return status;
}

int sanity_draw(const sanity_report *own)
{
    panel sheet;
    if (!panel_begin(&sheet, cameras_sanity_stage_count(own->sanity) + 2))
        return fail_memory("draw the maps");
    cameras_status status = fill(&sheet, own);
    if (status == CAMERAS_OK)
        status = panel_write(&sheet, own->asked->how.overlay);
    panel_free(&sheet);
    return status == CAMERAS_OK ? EXIT_OK : report_failure();
}

/* ---- the report ------------------------------------------------------------------------------------------------- */

static json_t *stage_json(const cameras_sanity *sanity, size_t index)
{
    const double ssim = cameras_sanity_stage_ssim(sanity, index);
    return json_pack("{s:s, s:f, s:o, s:b}", "layer", cameras_sanity_stage_layer(sanity, index), "spearman",
                     cameras_sanity_stage_spearman(sanity, index), "ssim", isnan(ssim) ? json_null() : json_real(ssim),
                     "flat", cameras_map_is_flat(cameras_sanity_stage_map(sanity, index)));
}

static json_t *map_json(const sanity_report *own, const cameras_map *map)
{
    return json_pack("{s:I, s:o, s:f, s:s, s:s}", "class", (json_int_t)cameras_map_class(map), "label",
                     text_or_null(cameras_model_label(own->model, cameras_map_class(map))), "probability",
                     (double)cameras_map_probability(map), "layer", cameras_map_layer(map), "method",
                     cameras_method_name(cameras_map_method(map)));
}

static json_t *adversarial_json(const cameras_sanity *sanity)
{
    return json_pack("{s:f, s:f, s:f}", "score", cameras_sanity_adversarial_score(sanity), "chance",
                     cameras_sanity_adversarial_chance(sanity), "spearman",
                     cameras_sanity_adversarial_spearman(sanity));
}

static json_t *sanity_json(const sanity_report *own)
{
    const cameras_sanity *sanity = own->sanity;
    json_t *cascade = json_array();
    for (size_t i = 0; i < cameras_sanity_stage_count(sanity); i++)
        cascade = append_json(cascade, stage_json(sanity, i));
    return json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:f, s:f, s:I, s:s, s:s, s:o, s:I}", "model",
                     model_name(&own->asked->how.model), "image", own->asked->image, "original",
                     map_json(own, cameras_sanity_original(sanity)), "unlikely",
                     map_json(own, cameras_sanity_unlikely(sanity)), "cascade", cascade, "adversarial",
                     adversarial_json(sanity), "class_sensitivity", cameras_sanity_class_overlap(sanity), "threshold",
                     (double)own->asked->threshold, "seed", (json_int_t)own->asked->how.seed, "verdict",
                     cameras_sanity_passed(sanity) ? "pass" : "fail", "why", cameras_sanity_why(sanity), "sheet",
                     text_or_null(own->asked->how.overlay), "peak_memory_bytes", peak_memory_bytes());
}

static int name_width(const cameras_sanity *sanity)
{
    int widest = (int)sizeof "drawn anew to" - 1;
    for (size_t i = 0; i < cameras_sanity_stage_count(sanity); i++) {
        const int width = snprintf(NULL, 0, "%s", cameras_sanity_stage_layer(sanity, i));
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void print_cascade(const cameras_sanity *sanity)
{
    const int width = name_width(sanity);
    printf("%-*s  Spearman    SSIM\n", width, "drawn anew to");
    for (size_t i = 0; i < cameras_sanity_stage_count(sanity); i++)
        printf("%-*s  %8.3f %7.3f%s\n", width, cameras_sanity_stage_layer(sanity, i),
               cameras_sanity_stage_spearman(sanity, i), cameras_sanity_stage_ssim(sanity, i),
               cameras_map_is_flat(cameras_sanity_stage_map(sanity, i)) ? "  flat" : "");
}

int sanity_tell(const sanity_report *own)
{
    const cameras_sanity *sanity = own->sanity;
    if (own->asked->how.json)
        return print_json(sanity_json(own));
    if (own->asked->how.quiet)
        return EXIT_OK;
    print_cascade(sanity);
    printf("adversarial: score %.3f (chance %.3f), Spearman %.3f\n", cameras_sanity_adversarial_score(sanity),
           cameras_sanity_adversarial_chance(sanity), cameras_sanity_adversarial_spearman(sanity));
    printf("overlap with class %zu: %.3f\n", cameras_map_class(cameras_sanity_unlikely(sanity)),
           cameras_sanity_class_overlap(sanity));
    if (own->asked->how.overlay)
        printf("sheet: %s\n", own->asked->how.overlay);
    printf("%s: %s\n", cameras_sanity_passed(sanity) ? "pass" : "fail", cameras_sanity_why(sanity));
    return flush_output();
}
