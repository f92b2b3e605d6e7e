/*
 * colormap.c - from a value to a colour
 *
 * SPDX-License-Identifier: MIT
 *
 * viridis, inferno and magma are perceptually uniform: equal steps of saliency look equal. Their tables were dedicated
 * to the public domain (CC0) by their authors, Stefan van der Walt and Nathaniel Smith, and are written by
 * colormap_tables.py. jet has steps of its own making and is here to compare with the paper's figures only.
 */
#include "colormap.h"

#include "colormap_tables.h"

#include <math.h>

static void from_table(float rgb[3], const uint8_t table[256][3], float value)
{
    const float at = value * 255.0f;
    const int low = at < 254.0f ? (int)at : 254;
    const float share = at - (float)low;
    for (int c = 0; c < 3; c++)
        rgb[c] = (1.0f - share) * (float)table[low][c] + share * (float)table[low + 1][c];
}

/* A ramp up to 1 and down again, a quarter of the range to each side of centre, 1 for an eighth to each side. */
static float tent(float value, float centre)
{
    return fminf(fmaxf(1.5f - 4.0f * fabsf(value - centre), 0.0f), 1.0f);
}

static void jet(float rgb[3], float value)
{
    rgb[0] = 255.0f * tent(value, 0.75f);
    rgb[1] = 255.0f * tent(value, 0.5f);
    rgb[2] = 255.0f * tent(value, 0.25f);
}

int cam_colormap_is_known(cameras_colormap colormap)
{
    return cameras_colormap_name(colormap) != NULL;
}

void cam_colormap_color(float rgb[3], cameras_colormap colormap, float value)
{
    switch (colormap) {
    case CAMERAS_INFERNO: from_table(rgb, inferno, value); break;
    case CAMERAS_MAGMA: from_table(rgb, magma, value); break;
    case CAMERAS_JET: jet(rgb, value); break;
    case CAMERAS_GRAY: rgb[0] = rgb[1] = rgb[2] = 255.0f * value; break;
    default: from_table(rgb, viridis, value);
    }
}

const char *cameras_colormap_name(cameras_colormap colormap)
{
    switch (colormap) {
    case CAMERAS_VIRIDIS: return "viridis";
    case CAMERAS_INFERNO: return "inferno";
    case CAMERAS_MAGMA: return "magma";
    case CAMERAS_JET: return "jet";
    case CAMERAS_GRAY: return "gray";
    default: return NULL;
    }
}
