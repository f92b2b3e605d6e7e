/*
 * sheet.c - several images on one white sheet
 *
 * SPDX-License-Identifier: MIT
 *
 * An image smaller than its cell stands in the middle of it.
 */
#include "image.h"

#include "error.h"

#include <string.h>

struct grid {
    size_t columns, rows, gap;
    size_t cell_width, cell_height;
    size_t width, height; /* of the sheet */
};

/* count cells of a size with gaps between them; 0 when that overflows. */
static size_t extent(size_t count, size_t size, size_t gap)
{
    size_t cells = 0, gaps = 0, sum = 0;
    if (__builtin_mul_overflow(count, size, &cells) || __builtin_mul_overflow(count - 1, gap, &gaps) ||
        __builtin_add_overflow(cells, gaps, &sum))
        return 0;
    return sum;
}

static cameras_status plan(struct grid *grid, const cameras_image *const *images, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!images[i])
            return cam_fail(CAMERAS_EINVAL, "make sheet: image %zu of %zu is missing", i, count);
        if (images[i]->width > grid->cell_width)
            grid->cell_width = images[i]->width;
        if (images[i]->height > grid->cell_height)
            grid->cell_height = images[i]->height;
    }
    if (grid->columns > count)
        grid->columns = count;
    grid->rows = (count - 1) / grid->columns + 1;
    grid->width = extent(grid->columns, grid->cell_width, grid->gap);
    grid->height = extent(grid->rows, grid->cell_height, grid->gap);
    if (grid->width == 0 || grid->height == 0)
        return cam_fail(CAMERAS_ELIMIT, "make sheet: %zu x %zu cells with gaps of %zu are more than memory can address",
                        grid->columns, grid->rows, grid->gap);
    return CAMERAS_OK;
}

static cameras_status place(cameras_image *sheet, const cameras_image *image, size_t index, const struct grid *grid)
{
    size_t left = index % grid->columns * (grid->cell_width + grid->gap) + (grid->cell_width - image->width) / 2;
    size_t top = index / grid->columns * (grid->cell_height + grid->gap) + (grid->cell_height - image->height) / 2;
    return cameras_image_pixels(sheet->bytes + (top * sheet->width + left) * 3, sheet->width * 3, image);
}

cameras_status cameras_image_sheet(cameras_image **out, const cameras_image *const *images, size_t count,
                                   size_t columns, size_t gap)
{
    struct grid grid = {.columns = columns, .gap = gap};
    cameras_image *sheet = NULL;
    if (!out)
        return cam_fail(CAMERAS_EINVAL, "make sheet: out is NULL");
    *out = NULL;
    if (!images || count == 0 || columns == 0)
        return cam_fail(CAMERAS_EINVAL, "make sheet: no %s given", columns == 0 ? "columns" : "images");

    cameras_status status = plan(&grid, images, count);
    if (status == CAMERAS_OK)
        status = cam_image_new_bytes(&sheet, grid.width, grid.height, 3, "make sheet");
    if (status != CAMERAS_OK)
        return status;
    memset(sheet->bytes, 255, grid.width * grid.height * 3);
    for (size_t i = 0; i < count && status == CAMERAS_OK; i++)
        status = place(sheet, images[i], i, &grid);
    if (status == CAMERAS_OK)
        *out = sheet;
    else
        cameras_image_free(sheet);
    return status;
}
