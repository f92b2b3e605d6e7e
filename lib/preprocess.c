/*
 * preprocess.c - a picture becomes a network's input: resize, order the channels, normalise
 *
 * SPDX-License-Identifier: MIT
 */
#include "preprocess.h"

#include "error.h"
#include "image.h"
#include "options.h"

#include <stdlib.h>

static cameras_status input_new(cam_input *out, size_t channels, cam_size size)
{
    const size_t bytes = channels * size.width * size.height * sizeof *out->data;
    *out = (cam_input){.data = malloc(bytes), .channels = channels, .size = size};
    return out->data ? CAMERAS_OK : cam_fail_memory("prepare the network's input", bytes);
}

void cam_input_free(cam_input *input)
{
    free(input->data);
    *input = (cam_input){0};
}

cameras_status cam_base_size(cam_size *size, const cam_preprocessing *how, cam_size picture)
{
    *size = how->side ? cam_size_with_shorter(how->side, picture) : how->size;
    if (size->width > CAMERAS_MAX_SIDE || size->height > CAMERAS_MAX_SIDE)
        return cam_fail(CAMERAS_ELIMIT,
                        "prepare the base image: %zu x %zu at a shorter side of %zu is %zu x %zu, beyond the limit of "
                        "%d; give a width and a height",
                        picture.width, picture.height, how->side, size->width, size->height, CAMERAS_MAX_SIDE);
    return CAMERAS_OK;
}

struct channel {
    const cameras_image *image;
    size_t index;
};

static void channel_row(float *row, size_t y, const void *user)
{
    const struct channel *channel = user;
    cam_image_row(row, channel->image, channel->index, y);
}

static cameras_status resize_channel(float *out, const cameras_image *image, size_t index, cam_size size,
                                     cam_filter filter)
{
    const struct channel channel = {image, index};
    return cam_resize_rows(out, size.width, size.height, channel_row, &channel, image->width, image->height,
                           cam_filter_for(size, (cam_size){image->width, image->height}, filter));
}

/* Adds weight times a channel of the picture to a plane that is zero or a sum so far; spare is as large as plane. */
static cameras_status add_channel(float *plane, float *spare, const cameras_image *image, size_t index, float weight,
                                  cam_size size, cam_filter filter)
{
    const cameras_status status = resize_channel(spare, image, index, size, filter);
    for (size_t i = 0; status == CAMERAS_OK && i < size.width * size.height; i++)
        plane[i] += weight * spare[i];
    return status;
}

/* Colour for a network that takes grey: ITU-R BT.601 luma, as PIL's. Resizing is linear, so it may come first. */
static cameras_status resize_to_luma(float *plane, const cameras_image *image, cam_size size, cam_filter filter)
{
    static const float weights[3] = {0.299f, 0.587f, 0.114f};
    const size_t pixels = size.width * size.height;
    float *spare = malloc(pixels * sizeof *spare);
    if (!spare)
        return cam_fail_memory("prepare the network's input", pixels * sizeof *spare);
    for (size_t i = 0; i < pixels; i++)
        plane[i] = 0.0f;
    cameras_status status = CAMERAS_OK;
    for (size_t c = 0; c < 3 && status == CAMERAS_OK; c++)
        status = add_channel(plane, spare, image, c, weights[c], size, filter);
    free(spare);
    return status;
}

static void normalise(float *plane, size_t pixels, float mean, float std)
{
    for (size_t i = 0; i < pixels; i++)
        plane[i] = (plane[i] - mean) / std;
}

cameras_status cam_input_from_image(cam_input *out, const cam_preprocessing *how, const cameras_image *image,
                                    cam_size size, cam_filter filter)
{
    *out = (cam_input){0};
    if (how->channels != 1 && how->channels != 3)
        return cam_fail(CAMERAS_EMODEL, "prepare the network's input: it takes %zu channels, a picture has 1 or 3",
                        how->channels);
    cameras_status status = input_new(out, how->channels, size);
    const size_t pixels = size.width * size.height;
    for (size_t c = 0; c < how->channels && status == CAMERAS_OK; c++) {
        float *plane = out->data + c * pixels;
        const size_t from = how->order == CAMERAS_ORDER_BGR ? how->channels - 1 - c : c;
        if (how->channels == 1 && image->channels == 3)
            status = resize_to_luma(plane, image, size, filter);
        else
            status = resize_channel(plane, image, from, size, filter);
        normalise(plane, pixels, how->mean[c], how->std[c]);
    }
    if (status != CAMERAS_OK)
        cam_input_free(out);
    return status;
}

cam_filter cam_enlarging_filter(const cameras_options *options)
{
    return options->interpolation == CAMERAS_BILINEAR ? CAM_BILINEAR : CAM_BICUBIC;
}

cameras_status cam_base_input(cam_input *out, const cam_preprocessing *how, const cameras_image *image,
                              const cameras_options *options)
{
    cam_size size;
    *out = (cam_input){0};
    const cameras_status status = cam_base_size(&size, how, (cam_size){image->width, image->height});
    if (status != CAMERAS_OK)
        return status;
    return cam_input_from_image(out, how, image, size, cam_enlarging_filter(options));
}

cameras_status cam_input_resize(cam_input *out, const cam_input *base, cam_size size, cam_filter filter)
{
    cameras_status status = input_new(out, base->channels, size);
    for (size_t c = 0; c < base->channels && status == CAMERAS_OK; c++)
        status = cam_resize_plane(out->data + c * size.width * size.height, size.width, size.height,
                                  base->data + c * base->size.width * base->size.height, base->size.width,
                                  base->size.height, filter);
    if (status != CAMERAS_OK)
        cam_input_free(out);
    return status;
}
