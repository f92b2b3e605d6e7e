/*
 * world.c - files to read, and telling what came out
 *
 * SPDX-License-Identifier: MIT
 */
#include "cases.h"
#include "pictures.h"

#include <dirent.h>
#include <fcntl.h>
#include <png.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jpeglib.h>

static char folder[64];

enum {
    WIDTH = 24,
    HEIGHT = 20,
    MOST_FILES = 64
};

/* ---- digests ----------------------------------------------------------------------------------------------------- */

/* FNV-1a. */
void digest_add(digest *sum, const void *bytes, size_t count)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < count; i++)
        *sum = (*sum ^ at[i]) * 0x100000001b3u;
}

void digest_map(digest *sum, const cameras_map *map)
{
    const size_t count = cameras_map_width(map) * cameras_map_height(map) * sizeof(float);
    digest_add(sum, cameras_map_values(map), count);
    digest_add(sum, cameras_map_raw(map), count);
}

void digest_image(digest *sum, const cameras_image *image)
{
    static uint8_t pixels[3 << 20];
    const size_t count = 3 * cameras_image_width(image) * cameras_image_height(image);
    if (count > sizeof pixels)
        abort();
    cameras_image_pixels(pixels, 0, image);
    digest_add(sum, pixels, count);
}

void digest_file(digest *sum, const char *path)
{
    static char bytes[1 << 20];
    const int file = open(path, O_RDONLY);
    const ssize_t got = file < 0 ? -1 : read(file, bytes, sizeof bytes);
    if (got <= 0)
        wrong("a file that was written is not there");
    else
        digest_add(sum, bytes, (size_t)got);
    close(file);
}

cameras_status made(cameras_status status, const void *out)
{
    const void *found = NULL;
    memcpy(&found, out, sizeof found);
    if (status != CAMERAS_OK && found)
        wrong("a failed call left something in its out parameter");
    if (status == CAMERAS_OK && !found)
        wrong("a call that went well left nothing in its out parameter");
    return status;
}

/* ---- files ------------------------------------------------------------------------------------------------------- */

const char *in_folder(const char *name)
{
    static char paths[4][512];
    static unsigned turn;
    char *path = paths[turn++ % 4];
    snprintf(path, sizeof *paths, "%.63s/%.255s", folder, name);
    return path;
}

static char names[MOST_FILES][64];
static size_t name_count;

static void note_files(void)
{
    DIR *directory = opendir(folder);
    if (!directory)
        abort();
    name_count = 0;
    for (struct dirent *entry; (entry = readdir(directory)) && name_count < MOST_FILES;)
        snprintf(names[name_count++], sizeof *names, "%.63s", entry->d_name);
    closedir(directory);
}

const char *stray_file(void)
{
    static char found[300];
    DIR *directory = opendir(folder);
    found[0] = '\0';
    for (struct dirent *entry; directory && (entry = readdir(directory));) {
        size_t i = 0;
        while (i < name_count && strcmp(names[i], entry->d_name) != 0)
            i++;
        if (i == name_count)
            snprintf(found, sizeof found, "%s", entry->d_name);
    }
    closedir(directory);
    if (*found)
        unlink(in_folder(found));
    return found;
}

static void write_bytes(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(in_folder(name), "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        abort();
}

static void write_picture(const char *name, picture given)
{
    write_bytes(name, given.bytes, given.size);
    picture_free(&given);
}

static void make_pngs(void)
{
    static uint8_t rows[WIDTH * HEIGHT * 8], palette[3 * 4] = {1, 2, 3, 40, 50, 60, 200, 9, 90, 255, 255, 0};
    static const uint8_t alphas[2] = {10, 200};
    uint8_t exif[PICTURE_EXIF_BYTES];
    for (size_t i = 0; i < sizeof rows; i++)
        rows[i] = (uint8_t)(i * 37 + i / 11);
    picture_exif(exif, 6, 1);
    png_recipe recipe = {.width = WIDTH, .height = HEIGHT, .depth = 8, .colours = PNG_COLOR_TYPE_RGB, .rows = rows};
    write_picture("rgb.png", picture_png(&recipe));
    recipe.exif = exif + PICTURE_EXIF_PREFIX;
    recipe.exif_size = PICTURE_EXIF_BYTES - PICTURE_EXIF_PREFIX;
    write_picture("turned.png", picture_png(&recipe));
    recipe.depth = 16;
    recipe.colours = PNG_COLOR_TYPE_RGB_ALPHA;
    recipe.interlaced = 1;
    write_picture("deep.png", picture_png(&recipe));
    recipe = (png_recipe){.width = WIDTH,
                          .height = HEIGHT,
                          .depth = 2,
                          .colours = PNG_COLOR_TYPE_PALETTE,
                          .rows = rows,
                          .palette = palette,
                          .palette_count = 4,
                          .alphas = alphas,
                          .alpha_count = 2};
    write_picture("palette.png", picture_png(&recipe));
    recipe = (png_recipe){.width = WIDTH, .height = HEIGHT, .depth = 16, .colours = PNG_COLOR_TYPE_GRAY, .rows = rows};
    write_picture("map.png", picture_png(&recipe));
}

static void make_jpegs(void)
{
    static uint8_t samples[WIDTH * HEIGHT * 4];
    uint8_t exif[PICTURE_EXIF_BYTES];
    for (size_t i = 0; i < sizeof samples; i++)
        samples[i] = (uint8_t)(i * 29 + i / 7);
    picture_exif(exif, 8, 0);
    jpeg_recipe recipe = {
        .width = WIDTH, .height = HEIGHT, .components = 3, .given = JCS_RGB, .stored = JCS_YCbCr, .samples = samples};
    write_picture("plain.jpg", picture_jpeg(&recipe));
    recipe.progressive = 1;
    recipe.app1 = exif;
    recipe.app1_size = sizeof exif;
    write_picture("progressive.jpg", picture_jpeg(&recipe));
    recipe.progressive = 0;
    recipe.components = 4;
    recipe.given = JCS_CMYK;
    recipe.stored = JCS_CMYK;
    write_picture("cmyk.jpg", picture_jpeg(&recipe));
    recipe.components = 1;
    recipe.given = recipe.stored = JCS_GRAYSCALE;
    write_picture("grey.jpg", picture_jpeg(&recipe));
}

static void make_npys(void)
{
    static const char single[] = "{'descr': '<f4', 'fortran_order': False, 'shape': (20, 24), }";
    static const char twice[] = "{'descr': '<f8', 'fortran_order': False, 'shape': (20, 24), }";
    static char file[128 + WIDTH * HEIGHT * sizeof(double)];
    memset(file, ' ', 128);
    memcpy(file, "\x93NUMPY\x01\x00\x76\x00", 10);
    file[127] = '\n';
    for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
        const float value = (float)(i * 7 % 101) / 101.0f;
        memcpy(file + 128 + i * sizeof value, &value, sizeof value);
    }
    memcpy(file + 10, single, sizeof single - 1);
    write_bytes("single.npy", file, 128 + WIDTH * HEIGHT * sizeof(float));
    for (size_t i = 0; i < WIDTH * HEIGHT; i++) {
        const double value = (double)(i * 7 % 101) / 101.0;
        memcpy(file + 128 + i * sizeof value, &value, sizeof value);
    }
    memcpy(file + 10, twice, sizeof twice - 1);
    write_bytes("double.npy", file, sizeof file);
}

void world_open(void)
{
    char name[] = "/tmp/alloc.XXXXXX";
    if (!mkdtemp(name))
        abort();
    snprintf(folder, sizeof folder, "%s", name);
    make_pngs();
    make_jpegs();
    make_npys();
    write_bytes("labels.txt", "cat\ndog\nbird\nfish\nfrog\n", 23);
    write_bytes("bad.txt", "not a picture", 13);
    note_files();
}

void world_close(void)
{
    for (size_t i = 0; i < name_count; i++)
        unlink(in_folder(names[i]));
    rmdir(folder);
}
