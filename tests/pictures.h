/*
 * pictures.h - PNG and JPEG files made in memory for the tests, straight through libpng and libjpeg
 *
 * SPDX-License-Identifier: MIT
 *
 * Nothing here uses the library under test. Whatever fails here ends the program: it is the test that is wrong.
 */
#ifndef PICTURES_H
#define PICTURES_H

#include <stddef.h>
#include <stdint.h>

typedef struct picture {
    uint8_t *bytes;
    size_t size;
} picture;

void picture_free(picture *made);

/* What a PNG file is to hold. rows are packed as in the file: depth bits a sample, 16-bit samples high byte first. */
typedef struct png_recipe {
    size_t width, height;
    int depth;
    int colours; /* PNG_COLOR_TYPE_* */
    int interlaced;
    const uint8_t *rows;
    const uint8_t *palette; /* RGB triples */
    size_t palette_count;
    const uint8_t *alphas; /* tRNS of a palette */
    size_t alpha_count;
    const uint16_t *key; /* tRNS of grey (one number) or RGB (three); NULL: none */
    const uint8_t *exif; /* a TIFF header and what follows it; NULL: none */
    size_t exif_size;
} png_recipe;

picture picture_png(const png_recipe *recipe);

/* A file that is right but for its pixels, of which there are none: signature, IHDR of 8-bit RGBA, empty IDAT, IEND. */
picture picture_png_header(uint32_t width, uint32_t height);

/* A chunk as it is to stand in a file. */
typedef struct png_chunk {
    const char *name;
    const uint8_t *bytes;
    size_t size;
} png_chunk;

/* Signature, an IHDR of the recipe's size, depth, colours and interlacing, the chunks as they are, IEND. */
picture picture_png_of_chunks(const png_recipe *recipe, const png_chunk *chunks, size_t count);

/* What an IDAT holds: bytes, noise or whatever, as zlib compresses them. */
picture picture_deflated(const uint8_t *bytes, size_t size);

/* The bytes that a row of width samples-per-pixel groups takes in a PNG file. */
size_t picture_row_bytes(size_t width, size_t channels, int depth);

/* Puts sample number index, of depth bits, into a packed row. */
void picture_put(uint8_t *row, size_t index, int depth, unsigned value);

/* What a JPEG file is to hold. No colour subsampling. */
typedef struct jpeg_recipe {
    size_t width, height;
    int components;
    int given;  /* JCS_* of the samples */
    int stored; /* JCS_* in the file */
    int progressive;
    int without_adobe; /* leave the Adobe marker out */
    const uint8_t *samples;
    const uint8_t *app1;
    size_t app1_size;
} jpeg_recipe;

picture picture_jpeg(const jpeg_recipe *recipe);

enum {
    PICTURE_EXIF_PREFIX = 6,
    PICTURE_EXIF_BYTES = 44
};

/* "Exif\0\0" and a TIFF directory of two entries, the second being the orientation. */
void picture_exif(uint8_t to[PICTURE_EXIF_BYTES], unsigned orientation, int big_endian);

#endif
