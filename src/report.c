/*
 * report.c - what an explanation came to, as JSON or for reading
 *
 * SPDX-License-Identifier: MIT
 */
#include "report.h"

#include "arguments.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

json_int_t peak_memory_bytes(void)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (json_int_t)usage.ru_maxrss * 1024;
}

json_t *text_or_null(const char *text)
{
    return text ? json_string(text) : json_null();
}

static json_t *scale_json(const cameras_map *map, size_t index)
{
    return json_pack("{s:[I,I], s:I, s:f, s:f, s:b, s:s}", "size", (json_int_t)cameras_map_scale_width(map, index),
                     (json_int_t)cameras_map_scale_height(map, index), "top1",
                     (json_int_t)cameras_map_scale_top1(map, index), "top1_probability",
                     (double)cameras_map_scale_top1_probability(map, index), "probability",
                     (double)cameras_map_scale_probability(map, index), "used", cameras_map_scale_used(map, index),
                     "reason", cameras_map_scale_reason(map, index));
}

json_t *append_json(json_t *array, json_t *element)
{
    if (json_array_append_new(array, element) == 0)
        return array;
    json_decref(array);
    return NULL;
}

static json_t *scales_json(const cameras_map *map)
{
    json_t *scales = json_array();
    for (size_t i = 0; i < cameras_map_scale_count(map); i++)
        scales = append_json(scales, scale_json(map, i));
    return scales;
}

json_t *report_map_json(const report *all, const reported_map *one)
{
    const cameras_map *map = one->map;
    return json_pack(
        "{s:I, s:o, s:s, s:s, s:f, s:f, s:o, s:o, s:[I,I], s:s, s:s, s:o}", "class", (json_int_t)cameras_map_class(map),
        "label", text_or_null(cameras_model_label(all->model, cameras_map_class(map))), "layer", cameras_map_layer(map),
        "method", cameras_method_name(cameras_map_method(map)), "logit", (double)cameras_map_logit(map), "probability",
        (double)cameras_map_probability(map), "overlay", text_or_null(one->overlay), "map", text_or_null(one->file),
        "size", (json_int_t)cameras_map_width(map), (json_int_t)cameras_map_height(map), "source",
        cameras_map_source(map) == CAMERAS_SOURCE_BASE ? "base" : "original", "precision",
        cameras_map_precision(map) == CAMERAS_PRECISION_BF16 ? "bf16" : "fp32", "scales", scales_json(map));
}

static json_t *seconds_json(const report *all)
{
    const cameras_map *map = all->maps[0].map;
    return json_pack("{s:f, s:f, s:f, s:f, s:f, s:f}", "load", all->load_seconds, "prepare",
                     cameras_map_seconds(map, CAMERAS_STAGE_PREPARE), "trunk",
                     cameras_map_seconds(map, CAMERAS_STAGE_TRUNK), "head",
                     cameras_map_seconds(map, CAMERAS_STAGE_HEAD), "fuse", cameras_map_seconds(map, CAMERAS_STAGE_FUSE),
                     "total", cameras_map_seconds(map, CAMERAS_STAGE_TOTAL));
}

json_t *report_picture_json(const report *all)
{
    json_t *maps = json_array();
    for (size_t i = 0; i < all->count; i++)
        maps = append_json(maps, report_map_json(all, &all->maps[i]));
    return json_pack("{s:s, s:s, s:o, s:o}", "image", all->image, "layer", cameras_map_layer(all->maps[0].map), "maps",
                     maps, "seconds", seconds_json(all));
}

json_t *report_json(const report *all)
{
    json_t *document = json_pack("{s:s}", "model", all->model_name), *picture = report_picture_json(all);
    const int whole = document && picture && json_object_update(document, picture) == 0 &&
                      json_object_set_new(document, "peak_memory_bytes", json_integer(peak_memory_bytes())) == 0;
    json_decref(picture);
    if (whole)
        return document;
    json_decref(document);
    return NULL;
}

/* A model's own words, and names of files, need not be UTF-8; a document must not be lost for that. */
json_t *report_failure_json(const char *image, cameras_status status, const char *reason)
{
    json_t *error = json_string(reason);
    if (!error)
        error = json_string(cameras_status_text(status));
    return json_pack("{s:s, s:o, s:i}", "image", image, "error", error, "status", (int)status);
}

int check_name(const char *image, int json)
{
    json_t *name = json ? json_string(image) : NULL;
    json_decref(name);
    if (!json || name)
        return EXIT_OK;
    fprintf(stderr, "cameras: name %s in the JSON document: the name is not UTF-8\n", image);
    return EXIT_FAILED;
}

json_t *report_several_json(const char *model, json_t *results)
{
    return json_pack("{s:s, s:o, s:I}", "model", model, "results", results, "peak_memory_bytes", peak_memory_bytes());
}

int flush_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return EXIT_OK;
    fprintf(stderr, "cameras: write to standard output: %s\n", strerror(errno));
    return EXIT_FAILED;
}

int print_json(json_t *document)
{
    if (!document) {
        fprintf(stderr, "cameras: make the JSON document: out of memory, or a name that is not UTF-8\n");
        return EXIT_FAILED;
    }
    json_dumpf(document, stdout, JSON_INDENT(2) | JSON_REAL_PRECISION(9));
    json_decref(document);
    putchar('\n');
    return flush_output();
}

static void print_dropped(const cameras_map *map)
{
    for (size_t i = 0; i < cameras_map_scale_count(map); i++)
        if (!cameras_map_scale_used(map, i))
            printf("  %zu x %zu %s\n", cameras_map_scale_width(map, i), cameras_map_scale_height(map, i),
                   cameras_map_scale_reason(map, i));
}

static size_t scales_used(const cameras_map *map)
{
    size_t used = 0;
    for (size_t i = 0; i < cameras_map_scale_count(map); i++)
        used += cameras_map_scale_used(map, i) != 0;
    return used;
}

void print_method(const cameras_map *map)
{
    const char *method = cameras_method_name(cameras_map_method(map));
    if (!cameras_map_scale_count(map))
        printf("%s control\n", method);
    else
        printf("%s, layer %s, %zu of %zu scales\n", method, cameras_map_layer(map), scales_used(map),
               cameras_map_scale_count(map));
}

static void print_map(const report *all, const reported_map *one)
{
    const cameras_map *map = one->map;
    const char *label = cameras_model_label(all->model, cameras_map_class(map));
    if (all->among_others)
        printf("%s: ", all->image);
    printf("class %zu%s%s%s, probability %.4f, ", cameras_map_class(map), label ? " (" : "", label ? label : "",
           label ? ")" : "", (double)cameras_map_probability(map));
    print_method(map);
    print_dropped(map);
    if (one->overlay)
        printf("  overlay %s\n", one->overlay);
    if (one->file)
        printf("  map %s\n", one->file);
}

int report_text(const report *all)
{
    for (size_t i = 0; i < all->count; i++)
        print_map(all, &all->maps[i]);
    return flush_output();
}
