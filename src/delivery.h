/*
 * delivery.h - the maps of one picture on their way to files
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef DELIVERY_H
#define DELIVERY_H

#include "explain_request.h"
#include "outputs.h"
#include "report.h"

typedef struct delivery {
    const explain_request *asked;
    const inputs *pictures;
    const cameras_image *image; /* needed for overlays */
    const char *overlay, *map;  /* where to; NULL: not written. With several maps a tag tells them apart */
    reported_map *maps;         /* what became of each */
    size_t count;
    outputs written;
} delivery;

/* Writes all files; an exit status, after a message where it is not EXIT_OK. What was written is noted even then. */
int delivery_write(delivery *own, cameras_map *const *maps, size_t count);
void delivery_free(delivery *own);

#endif
