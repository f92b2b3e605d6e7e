/*
 * jpeg.c - fuzz target: JPEG pictures with their Exif data
 *
 * SPDX-License-Identifier: MIT
 */
#include "fuzz.h"

#include "exif.h"

/* The bytes as a picture; and as the Exif data of one, which few mutated pictures reach. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    const unsigned orientation = cam_exif_orientation(bytes, size);
    demand(orientation >= 1 && orientation <= 8, "an orientation is 1 to 8");
    if (size)
        read_picture(bytes, size);
    return 0;
}
