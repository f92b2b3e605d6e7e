/*
 * colormap.h - from a value to a colour
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_COLORMAP_H
#define CAM_COLORMAP_H

#include "cameras.h"

/* The RGB colour, 0 to 255, of a value in [0, 1]; between two entries of a table it is interpolated. */
void cam_colormap_color(float rgb[3], cameras_colormap colormap, float value);

int cam_colormap_is_known(cameras_colormap colormap);

#endif
