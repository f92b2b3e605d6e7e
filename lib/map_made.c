/*
 * map_made.c - maps made elsewhere: from a caller's values, or from a file
 *
 * SPDX-License-Identifier: MIT
 *
 * They are taken as they are: stretching them would change what they are scored for.
 */
#include "error.h"
#include "file.h"
#include "image.h"
#include "map.h"
#include "npy.h"
#include "png.h"

#include <stdlib.h>
#include <string.h>

/* Also refuses NaN, which is in no range. */
static cameras_status check_values(const float *values, cam_size size, const char *doing)
{
    for (size_t i = 0; i < size.width * size.height; i++)
        if (!(values[i] >= 0.0f && values[i] <= 1.0f))
            return cam_fail(CAMERAS_EINVAL, "%s: the value %g at column %zu of row %zu is not in 0 to 1", doing,
                            (double)values[i], i % size.width, i / size.width);
    return CAMERAS_OK;
}

static cameras_status make_map(cameras_map **out, const float *values, cam_size size, const char *doing)
{
    cameras_map *map = NULL;
    cameras_status status = check_values(values, size, doing);
    if (status == CAMERAS_OK)
        status = cam_map_new(&map, size, "", 0);
    if (status != CAMERAS_OK)
        return status;
    map->class_index = SIZE_MAX;
    memcpy(map->raw, values, size.width * size.height * sizeof *values);
    cam_map_take_raw(map);
    *out = map;
    return CAMERAS_OK;
}

cameras_status cameras_map_new(cameras_map **out, const float *values, size_t width, size_t height)
{
    size_t bytes = 0;
    if (out)
        *out = NULL;
    if (!out || !values)
        return cam_fail(CAMERAS_EINVAL, "make a map: out and values are needed");
    if (!width || !height)
        return cam_fail(CAMERAS_EINVAL, "make a map: a size of %zu x %zu", width, height);
    if (__builtin_mul_overflow(width, height, &bytes) || __builtin_mul_overflow(bytes, 2 * sizeof *values, &bytes) ||
        bytes > PTRDIFF_MAX)
        return cam_fail(CAMERAS_ELIMIT, "make a map: %zu x %zu values are more than memory can address", width, height);
    return make_map(out, values, (cam_size){width, height}, "make a map");
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

static cameras_status read_npy(float **values, cam_size *size, const uint8_t *bytes, size_t count, const char *path)
{
    return cam_npy_read(values, &size->height, &size->width, bytes, count, path);
}

static cameras_status grey_values(float **values, const cameras_image *picture, const char *path)
{
    if (picture->channels != 1)
        return cam_fail(CAMERAS_EFORMAT, "read map %s: a picture in colour; a map is grey", path);
    *values = malloc(picture->width * picture->height * sizeof **values);
    if (!*values)
        return cam_fail_memory("read map", picture->width * picture->height * sizeof **values);
    for (size_t y = 0; y < picture->height; y++)
        cam_image_row(*values + y * picture->width, picture, 0, y);
    return CAMERAS_OK;
}

static cameras_status read_png(float **values, cam_size *size, const uint8_t *bytes, size_t count, const char *path)
{
    cameras_image *picture = NULL;
    cameras_status status = cam_png_read(&picture, bytes, count, CAMERAS_DEFAULT_MAX_PIXELS, path);
    if (status != CAMERAS_OK)
        return status;
    *size = (cam_size){picture->width, picture->height};
    status = grey_values(values, picture, path);
    cameras_image_free(picture);
    return status;
}

static cameras_status read_values(float **values, cam_size *size, const uint8_t *bytes, size_t count, const char *path)
{
    if (cam_npy_recognise(bytes, count))
        return read_npy(values, size, bytes, count, path);
    if (cam_png_recognise(bytes, count))
        return read_png(values, size, bytes, count, path);
    return cam_fail(CAMERAS_EFORMAT, "read map %s: neither NumPy's .npy nor PNG by its first bytes", path);
}

/* "read map" with the file's name, for messages of what does not know the file. */
static char *name_work(const char *path)
{
    static const char work[] = "read map ";
    char *name = malloc(sizeof work + strlen(path));
    return name ? strcat(strcpy(name, work), path) : NULL;
}

cameras_status cameras_map_read(cameras_map **out, const char *path)
{
    if (out)
        *out = NULL;
    if (!out || !path)
        return cam_fail(CAMERAS_EINVAL, "read map: out and path are needed");
    uint8_t *bytes = NULL;
    size_t count = 0;
    float *values = NULL;
    cam_size size = {0, 0};
    char *work = name_work(path);
    cameras_status status = work ? CAMERAS_OK : cam_fail_memory("read map", strlen(path));
    if (status == CAMERAS_OK)
        status = cam_file_read(&bytes, &count, path, CAMERAS_MAX_FILE_BYTES, "read map");
    if (status == CAMERAS_OK)
        status = read_values(&values, &size, bytes, count, path);
    if (status == CAMERAS_OK)
        status = make_map(out, values, size, work);
    free(values);
    free(bytes);
    free(work);
    return status;
}
