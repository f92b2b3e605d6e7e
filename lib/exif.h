/*
 * exif.h - the orientation that a camera noted, and turning a picture upright by it
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_EXIF_H
#define CAM_EXIF_H

#include "cameras.h"

/* What an orientation is when nothing usable is said: the picture is upright as it is stored. */
#define CAM_EXIF_UPRIGHT 1u

/*
 * The orientation, 1 to 8, that the Exif data tell (a TIFF header and what follows it: what comes after "Exif\0\0" in a
 * JPEG's APP1, or the whole of a PNG's eXIf). CAM_EXIF_UPRIGHT where there is none or the data are damaged.
 */
unsigned cam_exif_orientation(const uint8_t *tiff, size_t size);

/* Turns *image upright, replacing it; on failure *image stays as it was. doing names the work in the message. */
cameras_status cam_exif_apply(cameras_image **image, unsigned orientation, const char *doing);

#endif
