/*
 * report.h - what an explanation came to, as JSON or for reading
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef REPORT_H
#define REPORT_H

#include "cameras.h"

#include <jansson.h>

/* A map and the files it was written to; NULL where it was not. */
typedef struct reported_map {
    const cameras_map *map;
    const char *overlay, *file;
} reported_map;

typedef struct report {
    const cameras_model *model;
    const char *model_name, *image;
    int among_others; /* several pictures are reported: the text names this one */
    const reported_map *maps;
    size_t count;
    double load_seconds;
} report;

/* The document described in the manual, or NULL when memory ran out. */
json_t *report_json(const report *all);

/* What the document says of one map. */
json_t *report_map_json(const report *all, const reported_map *one);

/* The document of one picture without what belongs to the run and not to the picture: model and peak_memory_bytes. */
json_t *report_picture_json(const report *all);

/* What the document has in the place of a picture's maps where there are none. */
json_t *report_failure_json(const char *image, cameras_status status, const char *reason);

/*
 * Whether the document, where one is asked for (json), can name a picture, which is better known before hours of work
 * than after: an exit status, after a message where the name is not UTF-8.
 */
int check_name(const char *image, int json);

/* The document of several pictures. results is taken over: an array of the two above. */
json_t *report_several_json(const char *model, json_t *results);

/* A few lines a map for a person; returns an exit status. */
int report_text(const report *all);

/* Ends a line of text with a map's method, layer and scales; a control owes nothing to a layer or scale. */
void print_method(const cameras_map *map);

/* EXIT_FAILED, after a message, where what was printed cannot arrive: a full disk behind a redirection, say. */
int flush_output(void);

/* The most resident memory this process has had. */
json_int_t peak_memory_bytes(void);

/* A string, or null for NULL. */
json_t *text_or_null(const char *text);

/* Appends an element that it takes over; where either is NULL or memory ran out, frees both and gives NULL. */
json_t *append_json(json_t *array, json_t *element);

/* Prints a document that it takes over, NULL included; returns an exit status. */
int print_json(json_t *document);

#endif
