/*
 * jpeg.h - JPEG pictures through libjpeg-turbo
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_JPEG_H
#define CAM_JPEG_H

#include "file.h"

/* Whether the bytes begin as every JPEG file does. */
int cam_jpeg_recognise(const uint8_t *bytes, size_t size);

/*
 * Decodes a JPEG picture of at most max_pixels pixels and turns it upright. Messages read "read image <subject>:
 * <reason>". CAMERAS_EFORMAT: damaged or cut short. CAMERAS_ELIMIT: too large, known from the header.
 */
cameras_status cam_jpeg_read(cameras_image **out, const uint8_t *bytes, size_t size, size_t max_pixels,
                             const char *subject);

/*
 * Writes rows of 8-bit samples without gaps, channels (1: grey, 3: RGB) to a pixel, at quality 92. The caller commits
 * the output. CAMERAS_ELIMIT: a side longer than JPEG holds.
 */
cameras_status cam_jpeg_write(cam_output *output, const uint8_t *samples, size_t width, size_t height, size_t channels);

#endif
