/*
 * panel.c - captioned pictures side by side, in one file
 *
 * SPDX-License-Identifier: MIT
 */
#include "panel.h"

#include <stdlib.h>

enum {
    GAP = 8,
    ONE_ROW = 3,
    LETTER_WIDTH = 7, /* at a scale of 1 */
    LETTERS = 32      /* that fit into a caption at least, where the picture is no smaller than the usual 224 pixels */
};

int panel_begin(panel *own, size_t room)
{
    *own = (panel){.cells = calloc(room, sizeof *own->cells)};
    return own->cells != NULL;
}

static size_t letter_scale(const cameras_image *picture)
{
    const size_t scale = cameras_image_width(picture) / (LETTER_WIDTH * LETTERS);
    return scale ? scale : 1;
}

cameras_status panel_add(panel *own, const cameras_image *picture, const char *caption)
{
    const cameras_status status =
        cameras_image_caption(&own->cells[own->count], picture, caption, letter_scale(picture));
    own->count += status == CAMERAS_OK;
    return status;
}

cameras_status panel_add_overlay(panel *own, const cameras_map *map, const cameras_image *image,
                                 cameras_colormap colormap, float opacity, const char *caption)
{
    cameras_image *overlay = NULL;
    cameras_status status = cameras_map_overlay(&overlay, map, image, colormap, opacity);
    if (status == CAMERAS_OK)
        status = panel_add(own, overlay, caption);
    cameras_image_free(overlay);
    return status;
}

static size_t column_count(size_t cells)
{
    size_t columns = cells < ONE_ROW ? cells : ONE_ROW;
    while (cells > ONE_ROW && columns * columns < cells)
        columns++;
    return cells == ONE_ROW + 1 ? 2 : columns;
}

cameras_status panel_write(const panel *own, const char *path)
{
    cameras_image *sheet = NULL;
    cameras_status status = cameras_image_sheet(&sheet, (const cameras_image *const *)own->cells, own->count,
                                                column_count(own->count), GAP);
    if (status == CAMERAS_OK)
        status = cameras_image_write(sheet, path);
    cameras_image_free(sheet);
    return status;
}

void panel_free(panel *own)
{
    for (size_t i = 0; i < own->count; i++)
        cameras_image_free(own->cells[i]);
    free(own->cells);
    *own = (panel){0};
}
