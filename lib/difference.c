/*
 * difference.c - the signed difference of two maps as a picture
 *
 * SPDX-License-Identifier: MIT
 *
 * From white to two colours of about equal lightness, so that neither side looks the stronger; red and blue are told
 * apart by the colour-blind as well.
 */
#include "error.h"
#include "image.h"
#include "map.h"

#include <math.h>

static const float red[3] = {190.0f, 20.0f, 40.0f}, blue[3] = {20.0f, 80.0f, 190.0f};

/* share is in [-1, 1]. */
static void color(uint8_t rgb[3], float share)
{
    const float *end = share > 0.0f ? red : blue;
    for (int c = 0; c < 3; c++)
        rgb[c] = (uint8_t)lrintf(255.0f + fabsf(share) * (end[c] - 255.0f));
}

static float greatest_difference(const cameras_map *a, const cameras_map *b)
{
    float most = 0.0f;
    for (size_t i = 0; i < a->size.width * a->size.height; i++)
        most = fmaxf(most, fabsf(a->values[i] - b->values[i]));
    return most;
}

cameras_status cameras_map_difference(cameras_image **out, const cameras_map *a, const cameras_map *b)
{
    static const char doing[] = "draw the difference of maps";
    if (out)
        *out = NULL;
    if (!out || !a || !b)
        return cam_fail(CAMERAS_EINVAL, "%s: out and two maps are needed", doing);
    if (a->size.width != b->size.width || a->size.height != b->size.height)
        return cam_fail(CAMERAS_EINVAL, "%s: their sizes differ, %zu x %zu and %zu x %zu", doing, a->size.width,
                        a->size.height, b->size.width, b->size.height);
    const cameras_status status = cam_image_new_bytes(out, a->size.width, a->size.height, 3, doing);
    if (status != CAMERAS_OK)
        return status;
    const float most = greatest_difference(a, b);
    for (size_t i = 0; i < a->size.width * a->size.height; i++)
        color((*out)->bytes + 3 * i, most > 0.0f ? (a->values[i] - b->values[i]) / most : 0.0f);
    return CAMERAS_OK;
}
