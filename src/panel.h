/*
 * panel.h - captioned pictures side by side, in one file
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PANEL_H
#define PANEL_H

#include "cameras.h"

typedef struct panel {
    cameras_image **cells;
    size_t count;
} panel;

/* Begins with room for so many pictures, and no more are added; 0 when memory ran out. */
int panel_begin(panel *own, size_t room);

/* Adds a copy of a picture with a caption. All captions of a panel have equally many lines, so that pictures align. */
cameras_status panel_add(panel *own, const cameras_image *picture, const char *caption);

/* The same with a map laid over an image. */
cameras_status panel_add_overlay(panel *own, const cameras_map *map, const cameras_image *image,
                                 cameras_colormap colormap, float opacity, const char *caption);

/* Writes what was added: up to three in a row, more in about a square. */
cameras_status panel_write(const panel *own, const char *path);
void panel_free(panel *own);

#endif
