/*
 * image.h - the picture in memory, shared by reading, resizing, drawing and writing
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_IMAGE_H
#define CAM_IMAGE_H

#include "cameras.h"

/* Exactly one of bytes and planes is set. channels is 1 or 3. */
struct cameras_image {
    size_t width, height, channels;
    uint8_t *bytes; /* rows of interleaved channels, without gaps */
    float *planes;  /* channels planes of height x width floats in [0, 1] */
};

/* An image of 8 bits a channel, or of floats, whose samples are not yet set. doing names the work in the message. */
cameras_status cam_image_new_bytes(cameras_image **out, size_t width, size_t height, size_t channels,
                                   const char *doing);
cameras_status cam_image_new_planes(cameras_image **out, size_t width, size_t height, size_t channels,
                                    const char *doing);

/* What its samples take. */
size_t cam_image_bytes(const cameras_image *image);

/* One row of one channel as floats in [0, 1]; a grey image gives its only channel for any. */
void cam_image_row(float *row, const cameras_image *image, size_t channel, size_t y);

/* A sample of alpha, both 0 to 255 and not premultiplied, laid over white. */
static inline uint8_t cam_over_white(unsigned sample, unsigned alpha)
{
    return (uint8_t)((sample * alpha + 255u * (255u - alpha) + 127u) / 255u);
}

/* CAMERAS_ELIMIT, naming both numbers, when width x height is more than max_pixels; subject names the picture. */
cameras_status cam_image_check_size(size_t width, size_t height, size_t max_pixels, const char *subject);

#endif
