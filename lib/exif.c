/*
 * exif.c - the orientation that a camera noted, and turning a picture upright by it
 *
 * SPDX-License-Identifier: MIT
 *
 * Exif 2.32, section 4.6.4: tag 0x0112 of the first image file directory says which side of the scene the stored row 0
 * and column 0 are. The data are hostile: no offset is followed before it is known to lie inside. Damaged Exif data do
 * not make a picture unreadable; they only say nothing.
 */
#include "exif.h"

#include "image.h"

#include <string.h>

enum {
    TIFF_HEADER_BYTES = 8,
    TIFF_ENTRY_BYTES = 12,
    TIFF_MAGIC = 42,
    TIFF_TAG_ORIENTATION = 0x0112,
    TIFF_TYPE_SHORT = 3
};

struct tiff {
    const uint8_t *bytes;
    size_t size;
    int big_endian;
};

/* An unsigned number of length bytes, which must lie inside. */
static uint32_t number(const struct tiff *tiff, size_t at, size_t length)
{
    uint32_t value = 0;
    for (size_t i = 0; i < length; i++)
        value = value << 8 | tiff->bytes[tiff->big_endian ? at + i : at + length - 1 - i];
    return value;
}

static unsigned entry_orientation(const struct tiff *tiff, size_t at)
{
    if (number(tiff, at, 2) != TIFF_TAG_ORIENTATION || number(tiff, at + 2, 2) != TIFF_TYPE_SHORT ||
        number(tiff, at + 4, 4) != 1)
        return 0;
    uint32_t value = number(tiff, at + 8, 2);
    return value >= 1 && value <= 8 ? (unsigned)value : 0;
}

static unsigned directory_orientation(const struct tiff *tiff, size_t at)
{
    size_t told = number(tiff, at, 2);
    size_t inside = (tiff->size - at - 2) / TIFF_ENTRY_BYTES;
    for (size_t i = 0; i < told && i < inside; i++) {
        unsigned orientation = entry_orientation(tiff, at + 2 + i * TIFF_ENTRY_BYTES);
        if (orientation)
            return orientation;
    }
    return CAM_EXIF_UPRIGHT;
}

unsigned cam_exif_orientation(const uint8_t *bytes, size_t size)
{
    struct tiff tiff = {.bytes = bytes, .size = size};
    if (size < TIFF_HEADER_BYTES + 2)
        return CAM_EXIF_UPRIGHT;
    tiff.big_endian = memcmp(bytes, "MM", 2) == 0;
    if ((!tiff.big_endian && memcmp(bytes, "II", 2) != 0) || number(&tiff, 2, 2) != TIFF_MAGIC)
        return CAM_EXIF_UPRIGHT;
    uint32_t directory = number(&tiff, 4, 4);
    return directory <= size - 2 ? directory_orientation(&tiff, directory) : CAM_EXIF_UPRIGHT;
}

/* How to walk the stored pixels so that they come in upright order. */
struct walk {
    size_t width, height; /* upright */
    size_t first;         /* the stored index of the upright top left pixel */
    ptrdiff_t right, down;
};

static struct walk plan(size_t width, size_t height, unsigned orientation)
{
    int columns_back = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    int rows_back = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    ptrdiff_t column = columns_back ? -1 : 1;
    ptrdiff_t row = rows_back ? -(ptrdiff_t)width : (ptrdiff_t)width;
    struct walk walk = {.width = width, .height = height, .right = column, .down = row};
    walk.first = (columns_back ? width - 1 : 0) + (rows_back ? (height - 1) * width : 0);
    if (orientation >= 5)
        walk = (struct walk){.width = height, .height = width, .first = walk.first, .right = row, .down = column};
    return walk;
}

/* One plane of pixels of pixel_bytes bytes each. */
static void turn(uint8_t *to, const uint8_t *from, size_t pixel_bytes, const struct walk *walk)
{
    ptrdiff_t step = walk->right * (ptrdiff_t)pixel_bytes;
    for (size_t y = 0; y < walk->height; y++) {
        ptrdiff_t start = (ptrdiff_t)walk->first + (ptrdiff_t)y * walk->down;
        const uint8_t *pixel = from + start * (ptrdiff_t)pixel_bytes;
        for (size_t x = 0; x < walk->width; x++, to += pixel_bytes)
            for (size_t i = 0; i < pixel_bytes; i++)
                to[i] = pixel[(ptrdiff_t)x * step + (ptrdiff_t)i];
    }
}

cameras_status cam_exif_apply(cameras_image **image, unsigned orientation, const char *doing)
{
    if (orientation <= CAM_EXIF_UPRIGHT || orientation > 8)
        return CAMERAS_OK;
    const cameras_image *stored = *image;
    struct walk walk = plan(stored->width, stored->height, orientation);
    cameras_image *upright = NULL;
    cameras_status status = stored->bytes
                                ? cam_image_new_bytes(&upright, walk.width, walk.height, stored->channels, doing)
                                : cam_image_new_planes(&upright, walk.width, walk.height, stored->channels, doing);
    if (status != CAMERAS_OK)
        return status;

    size_t area = stored->width * stored->height;
    if (stored->bytes)
        turn(upright->bytes, stored->bytes, stored->channels, &walk);
    for (size_t c = 0; stored->planes && c < stored->channels; c++)
        turn((uint8_t *)(upright->planes + c * area), (const uint8_t *)(stored->planes + c * area), sizeof(float),
             &walk);
    cameras_image_free(*image);
    *image = upright;
    return CAMERAS_OK;
}
