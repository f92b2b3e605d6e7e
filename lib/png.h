/*
 * png.h - PNG pictures through libpng
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_PNG_H
#define CAM_PNG_H

#include "file.h"

/* Whether the bytes begin as every PNG file does. */
int cam_png_recognise(const uint8_t *bytes, size_t size);

/*
 * Decodes a PNG picture of at most max_pixels pixels. Messages read "read image <subject>: <reason>".
 * CAMERAS_EFORMAT: damaged or cut short. CAMERAS_ELIMIT: too large, known from the header.
 */
cameras_status cam_png_read(cameras_image **out, const uint8_t *bytes, size_t size, size_t max_pixels,
                            const char *subject);

/* Writes rows of 8-bit samples without gaps, channels (1: grey, 3: RGB) to a pixel. The caller commits the output. */
cameras_status cam_png_write(cam_output *output, const uint8_t *samples, size_t width, size_t height, size_t channels);

/* Writes grey rows of 16-bit samples in the machine's byte order, without gaps. The caller commits the output. */
cameras_status cam_png_write_gray16(cam_output *output, const uint16_t *samples, size_t width, size_t height);

#endif
