/*
 * comparison.h - maps that are compared, each with the model it is of, and how alike they are
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef COMPARISON_H
#define COMPARISON_H

#include "compare_request.h"

#include <jansson.h>

#define COMPARED_SHARE 0.05 /* of the pixels: the greatest, whose overlap is told */

/* One map; the model is shared by the two of one model. */
typedef struct compared {
    cameras_model *model;
    cameras_map *map;
    const char *model_name;
    double load_seconds;
} compared;

typedef struct comparison {
    const compare_request *asked;
    const cameras_image *image;
    const char *panel; /* NULL: not written */
    compared items[MOST_MODELS];
    size_t count;
    double spearman[MOST_MODELS][MOST_MODELS]; /* NaN where a map is flat */
    double overlap[MOST_MODELS][MOST_MODELS];
} comparison;

/* How alike every pair is. */
cameras_status comparison_measure(comparison *own);

/* Draws the maps, and of two classes the difference, to own->panel; an exit status. */
int comparison_draw(const comparison *own);

/* Reports, as JSON or for a person; an exit status. */
int comparison_report(const comparison *own);

#endif
