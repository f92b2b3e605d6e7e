/*
 * grid.c - the grid pointing game: four pictures in one, and which of them each map points at
 *
 * SPDX-License-Identifier: MIT
 *
 * Bohle, Fritz, Schiele (CVPR 2021, section 4.1): where pictures of known classes are set side by side, it is known
 * where the evidence for each class is, without anybody drawing boxes.
 */
#include "error.h"
#include "image.h"
#include "map.h"
#include "model.h"
#include "options.h"
#include "preprocess.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CELLS = 4
};
static const char doing[] = "score grid";

/* ---- the picture ------------------------------------------------------------------------------------------------ */

/* A cell has the base image's size; where that follows the picture's shape, it is square, for all to fit together. */
static cam_size cell_size(const cameras_model *model)
{
    const cam_preprocessing *how = &model->preprocessing;
    return how->side ? (cam_size){how->side, how->side} : how->size;
}

/* An image of a cell's size as three planes in [0, 1]: resized as any base image is, without normalisation. */
static cameras_status shrink(cam_input *out, const cameras_image *image, cam_size cell, const cameras_options *options)
{
    static const cam_preprocessing plain = {.channels = 3, .std = {1.0f, 1.0f, 1.0f}, .order = CAMERAS_ORDER_RGB};
    return cam_input_from_image(out, &plain, image, cell, cam_enlarging_filter(options));
}

/* Bicubic enlargement passes 0 and 1 a little; a picture does not. */
static void place_cell(cameras_image *picture, const cam_input *cell, size_t index)
{
    const size_t left = index % 2 * cell->size.width, top = index / 2 * cell->size.height;
    for (size_t c = 0; c < 3; c++)
        for (size_t y = 0; y < cell->size.height; y++) {
            const float *from = cell->data + (c * cell->size.height + y) * cell->size.width;
            float *to = picture->planes + (c * picture->height + top + y) * picture->width + left;
            for (size_t x = 0; x < cell->size.width; x++)
                to[x] = fminf(fmaxf(from[x], 0.0f), 1.0f);
        }
}

static cameras_status tile(cameras_image **out, const cameras_model *model, const cameras_image *const images[CELLS],
                           const cameras_options *options)
{
    const cam_size cell = cell_size(model);
    cameras_status status = cam_image_new_planes(out, 2 * cell.width, 2 * cell.height, 3, doing);
    for (size_t i = 0; i < CELLS && status == CAMERAS_OK; i++) {
        cam_input shrunk;
        status = shrink(&shrunk, images[i], cell, options);
        if (status == CAMERAS_OK)
            place_cell(*out, &shrunk, i);
        cam_input_free(&shrunk);
    }
    if (status != CAMERAS_OK) {
        cameras_image_free(*out);
        *out = NULL;
    }
    return status;
}

/* ---- the shares ------------------------------------------------------------------------------------------------- */

/* How much of pixel at lies in a half of length pixels; the middle one of an odd length belongs to both. */
static double part_in_half(size_t at, size_t length, size_t half)
{
    const double first = fmin(fmax((double)length / 2.0 - (double)at, 0.0), 1.0);
    return half ? 1.0 - first : first;
}

/* NaN for a map of zeros. */
static double share_in_cell(const cameras_map *map, size_t cell)
{
    double inside = 0.0, all = 0.0;
    for (size_t y = 0; y < map->size.height; y++)
        for (size_t x = 0; x < map->size.width; x++) {
            const double value = (double)map->values[y * map->size.width + x];
            all += value;
            inside += value * part_in_half(x, map->size.width, cell % 2) * part_in_half(y, map->size.height, cell / 2);
        }
    return all > 0.0 ? inside / all : NAN;
}

/* ---- public ----------------------------------------------------------------------------------------------------- */

static cameras_status check_arguments(const double *shares, const cameras_model *model,
                                      const cameras_image *const images[CELLS], const size_t classes[CELLS],
                                      const cameras_options *options)
{
    if (!shares || !model || !images || !classes)
        return cam_fail(CAMERAS_EINVAL, "%s: shares, model, images and classes are needed", doing);
    if (options->layer_count > 1)
        return cam_fail(CAMERAS_EINVAL, "%s: one layer is scored, the options name %zu", doing, options->layer_count);
    for (size_t i = 0; i < CELLS; i++) {
        if (!images[i])
            return cam_fail(CAMERAS_EINVAL, "%s: image %zu of the four is NULL", doing, i);
        for (size_t k = 0; k < i; k++)
            if (classes[i] == classes[k])
                return cam_fail(CAMERAS_EINVAL, "%s: images %zu and %zu are both of class %zu", doing, k, i,
                                classes[i]);
    }
    return cam_options_check_counts(options, CELLS, doing);
}

/* What the options say of classes and flat maps gives way to what the game needs. */
static cameras_status explain_cells(cameras_map *maps[CELLS], cameras_model *model, const cameras_image *picture,
                                    const size_t classes[CELLS], const cameras_options *options)
{
    size_t wanted[CELLS];
    cameras_options own = *options;
    memcpy(wanted, classes, sizeof wanted);
    own.classes = wanted;
    own.class_count = CELLS;
    own.keep_flat = 1;
    return cameras_explain_several(maps, CELLS, model, picture, &own);
}

cameras_status cameras_grid_score(double shares[4], cameras_image **picture, cameras_model *model,
                                  const cameras_image *const images[4], const size_t classes[4],
                                  const cameras_options *options)
{
    if (picture)
        *picture = NULL;
    options = cam_options_or_default(options);
    cameras_status status = check_arguments(shares, model, images, classes, options);
    if (status != CAMERAS_OK)
        return status;
    cameras_image *tiled = NULL;
    cameras_map *maps[CELLS] = {NULL};
    status = tile(&tiled, model, images, options);
    if (status == CAMERAS_OK)
        status = explain_cells(maps, model, tiled, classes, options);
    for (size_t i = 0; i < CELLS; i++) {
        if (status == CAMERAS_OK)
            shares[i] = share_in_cell(maps[i], i);
        cameras_map_free(maps[i]);
    }
    if (status == CAMERAS_OK && picture)
        *picture = tiled;
    else
        cameras_image_free(tiled);
    return status;
}
