/*
 * rank.c - the order of a map's pixels: descending, and always the same where values are equal
 *
 * SPDX-License-Identifier: MIT
 */
#include "rank.h"

#include "error.h"

#include <stdlib.h>

typedef struct pixel {
    float value;
    size_t position;
} pixel;

static int by_value(const void *a, const void *b)
{
    const pixel *first = a, *second = b;
    if (first->value != second->value)
        return first->value > second->value ? -1 : 1;
    return first->position < second->position ? -1 : 1;
}

cameras_status cam_rank_make(size_t **out, const float *values, size_t count)
{
    *out = malloc(count * sizeof **out);
    pixel *pixels = malloc(count * sizeof *pixels);
    if (!*out || !pixels) {
        free(pixels);
        free(*out);
        *out = NULL;
        return cam_fail_memory("rank a map's pixels", count * (sizeof *pixels + sizeof **out));
    }
    for (size_t i = 0; i < count; i++)
        pixels[i] = (pixel){values[i], i};
    qsort(pixels, count, sizeof *pixels, by_value);
    for (size_t i = 0; i < count; i++)
        (*out)[pixels[i].position] = i;
    free(pixels);
    return CAMERAS_OK;
}
