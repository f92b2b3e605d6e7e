/*
 * cases_pure.c - options, pictures, maps and drawing: all that never reaches LibTorch
 *
 * SPDX-License-Identifier: MIT
 */
#include "cases.h"

#include <fcntl.h>
#include <unistd.h>

/* ---- options ----------------------------------------------------------------------------------------------------- */

static cameras_status options_of_every_kind(digest *sum)
{
    static const size_t sides[] = {32, 48, 64};
    cameras_options *options = NULL;
    cameras_status status = made(cameras_options_new(&options), &options);
    if (status == CAMERAS_OK)
        status = cameras_options_set_scales(options, sides, 3);
    for (size_t i = 0; i < 5 && status == CAMERAS_OK; i++)
        status = cameras_options_add_class(options, i);
    if (status == CAMERAS_OK)
        status = cameras_options_add_layer(options, "auto");
    if (status == CAMERAS_OK)
        status = cameras_options_add_layer(options, "conv");
    if (status == CAMERAS_OK)
        status = cameras_options_set_scales(options, sides, 2);
    const size_t count = cameras_options_map_count(options);
    digest_add(sum, &count, sizeof count);
    cameras_options_free(options);
    return status;
}

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

static cameras_status read_picture(digest *sum, const char *name)
{
    cameras_image *image = NULL;
    const cameras_status status = made(cameras_image_read(&image, in_folder(name), NULL), &image);
    if (status == CAMERAS_OK)
        digest_image(sum, image);
    cameras_image_free(image);
    return status;
}

static cameras_status read_picture_from_memory(digest *sum, const char *name)
{
    static uint8_t bytes[1 << 16];
    const int file = open(in_folder(name), O_RDONLY);
    const ssize_t size = read(file, bytes, sizeof bytes);
    close(file);
    cameras_image *image = NULL;
    const cameras_status status = made(cameras_image_read_memory(&image, bytes, (size_t)size, NULL), &image);
    if (status == CAMERAS_OK)
        digest_image(sum, image);
    cameras_image_free(image);
    return status;
}

static cameras_status every_file(digest *sum, const char *const *names,
                                 cameras_status (*read_one)(digest *sum, const char *name))
{
    cameras_status status = CAMERAS_OK;
    for (; *names && status == CAMERAS_OK; names++)
        status = read_one(sum, *names);
    return status;
}

static const char *const pngs[] = {"rgb.png", "turned.png", "deep.png", "palette.png", "map.png", NULL};
static const char *const jpegs[] = {"plain.jpg", "progressive.jpg", "cmyk.jpg", "grey.jpg", NULL};

static cameras_status png_files(digest *sum)
{
    return every_file(sum, pngs, read_picture);
}
static cameras_status png_memory(digest *sum)
{
    return every_file(sum, pngs, read_picture_from_memory);
}
static cameras_status jpeg_files(digest *sum)
{
    return every_file(sum, jpegs, read_picture);
}
static cameras_status jpeg_memory(digest *sum)
{
    return every_file(sum, jpegs, read_picture_from_memory);
}

static float samples[3 * 32 * 30];

static const float *waves(void)
{
    for (size_t i = 0; i < sizeof samples / sizeof *samples; i++)
        samples[i] = (float)(i * 31 % 97) / 96.0f;
    return samples;
}

static cameras_status pixels_of_every_format(digest *sum)
{
    cameras_status status = CAMERAS_OK;
    for (int format = CAMERAS_GRAY8; format <= CAMERAS_RGBF && status == CAMERAS_OK; format++) {
        cameras_image *image = NULL;
        status = made(cameras_image_new(&image, waves(), 16, 12, 0, (cameras_pixel_format)format), &image);
        if (status == CAMERAS_OK)
            digest_image(sum, image);
        cameras_image_free(image);
    }
    return status;
}

static cameras_status box(digest *sum)
{
    cameras_image *image = NULL;
    const cameras_status status = made(cameras_image_new_box(&image, 20, 10, 3, 4, 5, 6), &image);
    if (status == CAMERAS_OK)
        digest_image(sum, image);
    cameras_image_free(image);
    return status;
}

/* ---- files that are written -------------------------------------------------------------------------------------- */

/* A file that was written is looked at and removed; one that was not must not be there. */
static cameras_status wrote(digest *sum, cameras_status status, const char *name)
{
    if (status == CAMERAS_OK) {
        digest_file(sum, in_folder(name));
        unlink(in_folder(name));
    } else if (access(in_folder(name), F_OK) == 0)
        wrong("a file is there that was not written whole");
    return status;
}

static cameras_status write_pictures(digest *sum, cameras_pixel_format format)
{
    static const char *const names[] = {"new.png", "new.jpg"};
    cameras_image *image = NULL;
    cameras_status status = made(cameras_image_new(&image, waves(), 32, 30, 0, format), &image);
    for (size_t i = 0; i < 2 && status == CAMERAS_OK; i++)
        status = wrote(sum, cameras_image_write(image, in_folder(names[i])), names[i]);
    cameras_image_free(image);
    return status;
}

static cameras_status written_pictures(digest *sum)
{
    const cameras_status status = write_pictures(sum, CAMERAS_RGB8);
    return status == CAMERAS_OK ? write_pictures(sum, CAMERAS_RGBF) : status;
}

static cameras_status written_maps(digest *sum)
{
    static const char *const names[] = {"new.npy", "new.png"};
    cameras_map *map = NULL;
    cameras_status status = made(cameras_map_new(&map, waves(), 32, 30), &map);
    for (size_t i = 0; i < 2 && status == CAMERAS_OK; i++)
        status = wrote(sum, cameras_map_write(map, in_folder(names[i])), names[i]);
    cameras_map_free(map);
    return status;
}

/* ---- maps -------------------------------------------------------------------------------------------------------- */

static cameras_status read_map(digest *sum, const char *name)
{
    cameras_map *map = NULL;
    const cameras_status status = made(cameras_map_read(&map, in_folder(name)), &map);
    if (status == CAMERAS_OK)
        digest_map(sum, map);
    cameras_map_free(map);
    return status;
}

static cameras_status map_files(digest *sum)
{
    static const char *const names[] = {"single.npy", "double.npy", "map.png", NULL};
    return every_file(sum, names, read_map);
}

static cameras_status compare(digest *sum, const cameras_map *a, const cameras_map *b)
{
    double found[3] = {0};
    cameras_status status = cameras_map_spearman(&found[0], a, b);
    if (status == CAMERAS_OK)
        status = cameras_map_ssim(&found[1], a, b);
    if (status == CAMERAS_OK)
        status = cameras_map_overlap(&found[2], a, b, 0.1);
    if (status == CAMERAS_OK)
        digest_add(sum, found, sizeof found);
    return status;
}

static cameras_status comparisons(digest *sum)
{
    cameras_map *a = NULL, *b = NULL;
    cameras_status status = made(cameras_map_new(&a, waves(), 32, 30), &a);
    if (status == CAMERAS_OK)
        status = made(cameras_map_new(&b, waves() + 32 * 30, 32, 30), &b);
    if (status == CAMERAS_OK)
        status = compare(sum, a, b);
    cameras_map_free(b);
    cameras_map_free(a);
    return status;
}

/* ---- drawing ----------------------------------------------------------------------------------------------------- */

enum drawing {
    OVERLAY,
    COLOURS,
    SHEET,
    DIFFERENCE,
    CAPTION,
    DRAWINGS
};

static cameras_status draw(cameras_image **drawn, int what, const cameras_map *a, const cameras_map *b,
                           const cameras_image *image)
{
    const cameras_image *const tiles[] = {image, image, image};
    switch (what) {
    case OVERLAY: return cameras_map_overlay(drawn, a, image, CAMERAS_VIRIDIS, 0.5f);
    case COLOURS: return cameras_map_overlay(drawn, a, NULL, CAMERAS_JET, 0.5f);
    case SHEET: return cameras_image_sheet(drawn, tiles, 3, 2, 1);
    case DIFFERENCE: return cameras_map_difference(drawn, a, b);
    default: return cameras_image_caption(drawn, image, "two\nlines", 1);
    }
}

static cameras_status draw_all(digest *sum, const cameras_map *a, const cameras_map *b, const cameras_image *image)
{
    cameras_status status = CAMERAS_OK;
    for (int what = 0; what < DRAWINGS && status == CAMERAS_OK; what++) {
        cameras_image *drawn = NULL;
        status = draw(&drawn, what, a, b, image);
        if (made(status, &drawn) == CAMERAS_OK)
            digest_image(sum, drawn);
        cameras_image_free(drawn);
    }
    return status;
}

static cameras_status drawings(digest *sum)
{
    cameras_map *a = NULL, *b = NULL;
    cameras_image *image = NULL;
    cameras_status status = made(cameras_map_new(&a, waves(), 16, 15), &a);
    if (status == CAMERAS_OK)
        status = made(cameras_map_new(&b, waves() + 200, 16, 15), &b);
    if (status == CAMERAS_OK)
        status = made(cameras_image_new(&image, waves(), 32, 30, 0, CAMERAS_RGBF), &image);
    if (status == CAMERAS_OK)
        status = draw_all(sum, a, b, image);
    cameras_image_free(image);
    cameras_map_free(b);
    cameras_map_free(a);
    return status;
}

const alloc_case pure_cases[] = {
    {"options", options_of_every_kind},
    {"PNG files", png_files},
    {"PNG in memory", png_memory},
    {"JPEG files", jpeg_files},
    {"JPEG in memory", jpeg_memory},
    {"pixels", pixels_of_every_format},
    {"box", box},
    {"pictures written", written_pictures},
    {"maps written", written_maps},
    {"maps read", map_files},
    {"comparisons", comparisons},
    {"drawings", drawings},
    {NULL, NULL},
};
