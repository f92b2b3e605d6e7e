/*
 * localisation.c - pointing game, energy and intersection over union
 *
 * SPDX-License-Identifier: MIT
 *
 * The pointing game is that of Zhang et al. (IJCV 2018) as TorchRay plays it, in pixels of the picture: an object
 * pixel must be nearer than 15 to the map's maximum. Energy: Wang et al. (Score-CAM, CVPR Workshops 2020).
 */
#include "localisation.h"

#include "error.h"
#include "image.h"
#include "rank.h"

#include <math.h>
#include <stdlib.h>

enum {
    POINTING_TOLERANCE = 15
};

/* ---- objects ---------------------------------------------------------------------------------------------------- */

static void mark_row(cam_object *object, const float *row, size_t y)
{
    unsigned char *pixels = object->pixels + y * object->size.width;
    for (size_t x = 0; x < object->size.width; x++)
        if (row[x] > 0.0f && !pixels[x]) {
            pixels[x] = 1;
            object->count++;
        }
}

cameras_status cam_object_make(cam_object *out, const cameras_image *picture, cam_size size)
{
    *out = (cam_object){.size = size};
    if (picture->width != size.width || picture->height != size.height)
        return cam_fail(CAMERAS_EINVAL, "score map: the object's picture is %zu x %zu, the image %zu x %zu",
                        picture->width, picture->height, size.width, size.height);
    float *row = malloc(size.width * sizeof *row);
    out->pixels = calloc(size.width, size.height);
    for (size_t c = 0; row && out->pixels && c < picture->channels; c++)
        for (size_t y = 0; y < size.height; y++) {
            cam_image_row(row, picture, c, y);
            mark_row(out, row, y);
        }
    free(row);
    if (out->count)
        return CAMERAS_OK;
    const int black = row && out->pixels;
    cam_object_free(out);
    return black ? cam_fail(CAMERAS_EINVAL, "score map: the object's picture is black throughout")
                 : cam_fail_memory("score map", size.width * size.height);
}

void cam_object_free(cam_object *object)
{
    free(object->pixels);
    *object = (cam_object){0};
}

/* Where the part of a box from start on ends, in a picture of so many pixels. */
static size_t end_inside(size_t start, size_t length, size_t pixels)
{
    return length < pixels - start ? start + length : pixels;
}

cameras_status cameras_image_new_box(cameras_image **out, size_t width, size_t height, size_t x, size_t y,
                                     size_t box_width, size_t box_height)
{
    if (!out)
        return cam_fail(CAMERAS_EINVAL, "make a box: out is NULL");
    *out = NULL;
    if (x >= width || y >= height || !box_width || !box_height)
        return cam_fail(CAMERAS_EINVAL, "make a box: %zu x %zu pixels at %zu, %zu have none in a picture of %zu x %zu",
                        box_width, box_height, x, y, width, height);
    const cameras_status status = cam_image_new_bytes(out, width, height, 1, "make a box");
    if (status != CAMERAS_OK)
        return status;
    const size_t right = end_inside(x, box_width, width), bottom = end_inside(y, box_height, height);
    for (size_t row = 0; row < height; row++)
        for (size_t column = 0; column < width; column++)
            (*out)->bytes[row * width + column] = row >= y && row < bottom && column >= x && column < right ? 255 : 0;
    return CAMERAS_OK;
}

/* ---- scores ----------------------------------------------------------------------------------------------------- */

/* The first of equals. */
static size_t maximum(const float *values, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (values[i] > values[best])
            best = i;
    return best;
}

double cam_object_hit(const cam_object *object, const float *values)
{
    const size_t width = object->size.width, pixels = width * object->size.height;
    const size_t best = maximum(values, pixels);
    const double best_x = (double)(best % width), best_y = (double)(best / width);
    for (size_t i = 0; i < pixels; i++) {
        const double x = (double)(i % width) - best_x, y = (double)(i / width) - best_y;
        if (object->pixels[i] && x * x + y * y < POINTING_TOLERANCE * POINTING_TOLERANCE)
            return 1.0;
    }
    return 0.0;
}

double cam_object_energy(const cam_object *object, const float *values)
{
    double inside = 0.0, all = 0.0;
    for (size_t i = 0; i < object->size.width * object->size.height; i++) {
        all += (double)values[i];
        inside += object->pixels[i] ? (double)values[i] : 0.0;
    }
    return all > 0.0 ? inside / all : NAN;
}

/* Of two sets of one size n that share s, the union has 2 n - s. */
cameras_status cam_object_iou(double *out, const cam_object *object, const float *values)
{
    const size_t pixels = object->size.width * object->size.height;
    size_t *rank = NULL, shared = 0;
    const cameras_status status = cam_rank_make(&rank, values, pixels);
    for (size_t i = 0; i < pixels && status == CAMERAS_OK; i++)
        shared += object->pixels[i] && rank[i] < object->count;
    free(rank);
    *out = (double)shared / (double)(2 * object->count - shared);
    return status;
}
