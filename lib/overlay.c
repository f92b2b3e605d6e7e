/*
 * overlay.c - a map in colour, alone or laid over its picture
 *
 * SPDX-License-Identifier: MIT
 */
#include "colormap.h"
#include "error.h"
#include "image.h"
#include "map.h"
#include "resize.h"

#include <math.h>
#include <stdlib.h>

static const char doing[] = "draw a map";

/* rows holds the picture's three channels in turn, or nothing to lay over. */
static void draw_row(uint8_t *to, const float *values, const float *rows, size_t width, cameras_colormap colormap,
                     float opacity)
{
    for (size_t x = 0; x < width; x++) {
        float rgb[3];
        cam_colormap_color(rgb, colormap, fminf(fmaxf(values[x], 0.0f), 1.0f));
        for (size_t c = 0; c < 3; c++) {
            const float under = rows ? 255.0f * rows[c * width + x] : 0.0f;
            to[3 * x + c] = (uint8_t)lrintf(opacity * rgb[c] + (1.0f - opacity) * under);
        }
    }
}

static cameras_status draw(cameras_image *picture, const float *values, const cameras_image *image,
                           cameras_colormap colormap, float opacity)
{
    const size_t width = picture->width;
    float *rows = malloc(3 * width * sizeof *rows);
    if (!rows)
        return cam_fail_memory(doing, 3 * width * sizeof *rows);
    for (size_t y = 0; y < picture->height; y++) {
        for (size_t c = 0; image && c < 3; c++)
            cam_image_row(rows + c * width, image, c, y);
        draw_row(picture->bytes + 3 * y * width, values + y * width, image ? rows : NULL, width, colormap,
                 image ? opacity : 1.0f);
    }
    free(rows);
    return CAMERAS_OK;
}

cameras_status cameras_map_overlay(cameras_image **out, const cameras_map *map, const cameras_image *image,
                                   cameras_colormap colormap, float opacity)
{
    if (out)
        *out = NULL;
    if (!out || !map)
        return cam_fail(CAMERAS_EINVAL, "%s: out and map are needed", doing);
    if (!cam_colormap_is_known(colormap))
        return cam_fail(CAMERAS_EINVAL, "%s: no colour map has the number %d", doing, (int)colormap);
    if (!(opacity >= 0.0f && opacity <= 1.0f))
        return cam_fail(CAMERAS_EINVAL, "%s: opacity %g is not in 0 to 1", doing, (double)opacity);
    const cam_size size = image ? (cam_size){image->width, image->height} : map->size;
    float *values = NULL;
    cameras_image *picture = NULL;
    cameras_status status = cam_map_values_at(&values, map, size, doing);
    if (status == CAMERAS_OK)
        status = cam_image_new_bytes(&picture, size.width, size.height, 3, doing);
    if (status == CAMERAS_OK)
        status = draw(picture, values, image, colormap, opacity);
    free(values);
    if (status != CAMERAS_OK)
        cameras_image_free(picture);
    else
        *out = picture;
    return status;
}
