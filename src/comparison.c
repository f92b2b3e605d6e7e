/*
 * comparison.c - how alike maps are, drawn and told
 *
 * SPDX-License-Identifier: MIT
 */
#include "comparison.h"

#include "model_source.h"
#include "panel.h"
#include "report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum {
    CAPTION_BYTES = 512
};

static cameras_status measure_pair(comparison *own, size_t i, size_t j)
{
    const cameras_map *a = own->items[i].map, *b = own->items[j].map;
    cameras_status status = cameras_map_spearman(&own->spearman[i][j], a, b);
    if (status == CAMERAS_EFLAT) {
        own->spearman[i][j] = NAN;
        status = CAMERAS_OK;
    }
    return status == CAMERAS_OK ? cameras_map_overlap(&own->overlap[i][j], a, b, COMPARED_SHARE) : status;
}

cameras_status comparison_measure(comparison *own)
{
    cameras_status status = CAMERAS_OK;
    for (size_t i = 0; i < own->count; i++)
        for (size_t j = i + 1; j < own->count && status == CAMERAS_OK; j++)
            status = measure_pair(own, i, j);
    return status;
}

/* ---- the panel -------------------------------------------------------------------------------------------------- */

static const char *without_folder(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* Three lines: the model, the class, its probability. */
static void caption_of(char caption[CAPTION_BYTES], const compared *one)
{
    const size_t class_index = cameras_map_class(one->map);
    const char *label = cameras_model_label(one->model, class_index);
    snprintf(caption, CAPTION_BYTES, "%.150s\n%zu %.200s\nprobability %.4f%s", without_folder(one->model_name),
             class_index, label ? label : "", (double)cameras_map_probability(one->map),
             cameras_map_is_flat(one->map) ? ", flat map" : "");
}

static cameras_status add_difference(panel *sheet, const comparison *own)
{
    char caption[CAPTION_BYTES];
    cameras_image *difference = NULL;
    snprintf(caption, sizeof caption, "red: %zu, blue: %zu\nSpearman %.3f\ntop 5 %% overlap %.3f",
             cameras_map_class(own->items[0].map), cameras_map_class(own->items[1].map), own->spearman[0][1],
             own->overlap[0][1]);
    cameras_status status = cameras_map_difference(&difference, own->items[0].map, own->items[1].map);
    if (status == CAMERAS_OK)
        status = panel_add(sheet, difference, caption);
    cameras_image_free(difference);
    return status;
}

static cameras_status fill(panel *sheet, const comparison *own)
{
    char caption[CAPTION_BYTES];
    snprintf(caption, sizeof caption, "%.200s\n\n", without_folder(own->asked->image));
    cameras_status status = panel_add(sheet, own->image, caption);
    for (size_t i = 0; i < own->count && status == CAMERAS_OK; i++) {
        caption_of(caption, &own->items[i]);
        status = panel_add_overlay(sheet, own->items[i].map, own->image, (cameras_colormap)own->asked->how.colormap,
                                   own->asked->how.opacity, caption);
    }
    if (status == CAMERAS_OK && own->asked->model_count == 1)
        status = add_difference(sheet, own);
    return status;
}

int comparison_draw(const comparison *own)
{
    panel sheet;
    if (!panel_begin(&sheet, own->count + 2))
        return fail_memory("draw the panel");
    cameras_status status = fill(&sheet, own);
    if (status == CAMERAS_OK)
        status = panel_write(&sheet, own->panel);
    panel_free(&sheet);
    return status == CAMERAS_OK ? EXIT_OK : report_failure();
}

/* ---- the report ------------------------------------------------------------------------------------------------- */

static json_t *item_json(const comparison *own, const compared *one)
{
    const report all = {.model = one->model, .model_name = one->model_name, .image = own->asked->image};
    const reported_map map = {.map = one->map};
    json_t *item = json_pack("{s:s}", "model", one->model_name), *rest = report_map_json(&all, &map);
    if (rest) {
        json_object_del(rest, "overlay");
        json_object_del(rest, "map");
    }
    const int whole = item && rest && json_object_update(item, rest) == 0;
    json_decref(rest);
    if (whole)
        return item;
    json_decref(item);
    return NULL;
}

static json_t *pair_json(const comparison *own, size_t i, size_t j)
{
    return json_pack("{s:[I,I], s:o, s:f}", "maps", (json_int_t)i, (json_int_t)j, "spearman",
                     isnan(own->spearman[i][j]) ? json_null() : json_real(own->spearman[i][j]), "overlap",
                     own->overlap[i][j]);
}

static json_t *comparison_json(const comparison *own)
{
    json_t *items = json_array(), *pairs = json_array();
    for (size_t i = 0; i < own->count; i++) {
        items = append_json(items, item_json(own, &own->items[i]));
        for (size_t j = i + 1; j < own->count; j++)
            pairs = append_json(pairs, pair_json(own, i, j));
    }
    return json_pack("{s:s, s:s, s:o, s:f, s:o, s:o, s:I}", "image", own->asked->image, "compared",
                     own->asked->model_count == 1 ? "classes" : "models", "maps", items, "overlap_share",
                     COMPARED_SHARE, "pairs", pairs, "panel", text_or_null(own->panel), "peak_memory_bytes",
                     peak_memory_bytes());
}

static void print_item(size_t index, const compared *one)
{
    const char *label = cameras_model_label(one->model, cameras_map_class(one->map));
    printf("%zu: %s, class %zu%s%s%s, probability %.4f, ", index, one->model_name, cameras_map_class(one->map),
           label ? " (" : "", label ? label : "", label ? ")" : "", (double)cameras_map_probability(one->map));
    if (cameras_map_is_flat(one->map))
        printf("flat map, ");
    print_method(one->map);
}

int comparison_report(const comparison *own)
{
    if (own->asked->how.json)
        return print_json(comparison_json(own));
    if (own->asked->how.quiet)
        return EXIT_OK;
    for (size_t i = 0; i < own->count; i++)
        print_item(i, &own->items[i]);
    for (size_t i = 0; i < own->count; i++)
        for (size_t j = i + 1; j < own->count; j++)
            printf("%zu and %zu: Spearman %.3f, overlap of the greatest 5 %% %.3f\n", i, j, own->spearman[i][j],
                   own->overlap[i][j]);
    if (own->panel)
        printf("  panel %s\n", own->panel);
    return flush_output();
}
