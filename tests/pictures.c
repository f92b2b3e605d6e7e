/*
 * pictures.c - PNG and JPEG files made in memory for the tests, straight through libpng and libjpeg
 *
 * SPDX-License-Identifier: MIT
 */
#include "pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <png.h>
#include <zlib.h>

static void die(const char *reason)
{
    fprintf(stderr, "pictures: %s\n", reason);
    abort();
}

static void append(picture *to, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    to->bytes = realloc(to->bytes, to->size + size);
    if (!to->bytes)
        die("out of memory");
    memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
}

void picture_free(picture *made)
{
    free(made->bytes);
    *made = (picture){0};
}

/* ---- PNG ------------------------------------------------------------------------------------------------------- */

static void on_png_error(png_structp png, png_const_charp reason)
{
    (void)png;
    die(reason);
}

static void on_png_write(png_structp png, png_bytep bytes, size_t size)
{
    append(png_get_io_ptr(png), bytes, size);
}

static void on_png_flush(png_structp png)
{
    (void)png;
}

static void put_palette(png_structp png, png_infop info, const png_recipe *recipe)
{
    png_color palette[256] = {{0}};
    for (size_t i = 0; i < recipe->palette_count; i++)
        palette[i] = (png_color){recipe->palette[3 * i], recipe->palette[3 * i + 1], recipe->palette[3 * i + 2]};
    if (recipe->palette)
        png_set_PLTE(png, info, palette, (int)recipe->palette_count);
    if (recipe->alphas)
        png_set_tRNS(png, info, recipe->alphas, (int)recipe->alpha_count, NULL);
}

static void put_key(png_structp png, png_infop info, const png_recipe *recipe)
{
    png_color_16 key = {0};
    if (!recipe->key)
        return;
    key.gray = recipe->key[0];
    if (recipe->colours == PNG_COLOR_TYPE_RGB) {
        key.red = recipe->key[0];
        key.green = recipe->key[1];
        key.blue = recipe->key[2];
    }
    png_set_tRNS(png, info, NULL, 0, &key);
}

static size_t channels_of(int colours)
{
    switch (colours) {
    case PNG_COLOR_TYPE_GRAY_ALPHA: return 2;
    case PNG_COLOR_TYPE_RGB: return 3;
    case PNG_COLOR_TYPE_RGB_ALPHA: return 4;
    default: return 1;
    }
}

static void put_rows(png_structp png, const png_recipe *recipe)
{
    size_t row_bytes = picture_row_bytes(recipe->width, channels_of(recipe->colours), recipe->depth);
    int passes = png_set_interlace_handling(png);
    for (int pass = 0; pass < passes; pass++)
        for (size_t y = 0; y < recipe->height; y++)
            png_write_row(png, recipe->rows + y * row_bytes);
}

picture picture_png(const png_recipe *recipe)
{
    picture made = {0};
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, on_png_error, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    if (!info)
        die("libpng cannot start");
    png_set_write_fn(png, &made, on_png_write, on_png_flush);
    png_set_IHDR(png, info, (png_uint_32)recipe->width, (png_uint_32)recipe->height, recipe->depth, recipe->colours,
                 recipe->interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    put_palette(png, info, recipe);
    put_key(png, info, recipe);
    if (recipe->exif)
        png_set_eXIf_1(png, info, (png_uint_32)recipe->exif_size, (png_bytep)recipe->exif);
    png_write_info(png, info);
    put_rows(png, recipe);
    png_write_end(png, info);
    png_destroy_write_struct(&png, &info);
    return made;
}

/* The CRC of the PNG specification, annex D, a bit at a time. */
static uint32_t crc(const uint8_t *bytes, size_t size)
{
    uint32_t sum = 0xffffffffu;
    for (size_t i = 0; i < size; i++) {
        sum ^= bytes[i];
        for (int bit = 0; bit < 8; bit++)
            sum = sum & 1 ? sum >> 1 ^ 0xedb88320u : sum >> 1;
    }
    return ~sum;
}

static void big_endian32(uint8_t to[4], uint32_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (24 - 8 * i));
}

static void append_chunk(picture *to, const char *name, const uint8_t *bytes, size_t size)
{
    uint8_t number[4];
    big_endian32(number, (uint32_t)size);
    append(to, number, 4);
    size_t start = to->size;
    append(to, name, 4);
    append(to, bytes, size);
    big_endian32(number, crc(to->bytes + start, to->size - start));
    append(to, number, 4);
}

picture picture_png_of_chunks(const png_recipe *recipe, const png_chunk *chunks, size_t count)
{
    picture made = {0};
    uint8_t header[13] = {[8] = (uint8_t)recipe->depth, [9] = (uint8_t)recipe->colours};
    big_endian32(header, (uint32_t)recipe->width);
    big_endian32(header + 4, (uint32_t)recipe->height);
    header[12] = recipe->interlaced ? 1 : 0;
    append(&made, "\x89PNG\r\n\x1a\n", 8);
    append_chunk(&made, "IHDR", header, sizeof header);
    for (size_t i = 0; i < count; i++)
        append_chunk(&made, chunks[i].name, chunks[i].bytes, chunks[i].size);
    append_chunk(&made, "IEND", NULL, 0);
    return made;
}

picture picture_png_header(uint32_t width, uint32_t height)
{
    return picture_png_of_chunks(
        &(png_recipe){.width = width, .height = height, .depth = 8, .colours = PNG_COLOR_TYPE_RGB_ALPHA},
        &(png_chunk){.name = "IDAT"}, 1);
}

picture picture_deflated(const uint8_t *bytes, size_t size)
{
    uLongf room = compressBound(size);
    picture made = {malloc(room), 0};
    if (!made.bytes || compress(made.bytes, &room, bytes, size) != Z_OK)
        die("zlib cannot compress");
    made.size = room;
    return made;
}

size_t picture_row_bytes(size_t width, size_t channels, int depth)
{
    return (width * channels * (size_t)depth + 7) / 8;
}

void picture_put(uint8_t *row, size_t index, int depth, unsigned value)
{
    size_t bits = (size_t)depth, at = index * bits;
    if (depth == 16) {
        row[2 * index] = (uint8_t)(value >> 8);
        row[2 * index + 1] = (uint8_t)value;
        return;
    }
    size_t shift = 8 - bits - at % 8;
    unsigned mask = ((1u << bits) - 1u) << shift;
    row[at / 8] = (uint8_t)((row[at / 8] & ~mask) | (value << shift & mask));
}

/* ---- JPEG ------------------------------------------------------------------------------------------------------ */

static void on_jpeg_error(j_common_ptr jpeg)
{
    char reason[JMSG_LENGTH_MAX];
    jpeg->err->format_message(jpeg, reason);
    die(reason);
}

static void begin_jpeg(struct jpeg_compress_struct *jpeg, const jpeg_recipe *recipe)
{
    jpeg->image_width = (JDIMENSION)recipe->width;
    jpeg->image_height = (JDIMENSION)recipe->height;
    jpeg->input_components = recipe->components;
    jpeg->in_color_space = (J_COLOR_SPACE)recipe->given;
    jpeg_set_defaults(jpeg);
    jpeg_set_colorspace(jpeg, (J_COLOR_SPACE)recipe->stored);
    jpeg_set_quality(jpeg, 100, TRUE);
    for (int i = 0; i < jpeg->num_components; i++)
        jpeg->comp_info[i].h_samp_factor = jpeg->comp_info[i].v_samp_factor = 1;
    if (recipe->progressive)
        jpeg_simple_progression(jpeg);
    if (recipe->without_adobe)
        jpeg->write_Adobe_marker = FALSE;
    jpeg_start_compress(jpeg, TRUE);
    if (recipe->app1)
        jpeg_write_marker(jpeg, JPEG_APP0 + 1, recipe->app1, (unsigned)recipe->app1_size);
}

picture picture_jpeg(const jpeg_recipe *recipe)
{
    struct jpeg_error_mgr manager;
    struct jpeg_compress_struct jpeg = {0};
    unsigned char *bytes = NULL;
    unsigned long size = 0;
    picture made = {0};
    jpeg.err = jpeg_std_error(&manager);
    manager.error_exit = on_jpeg_error;
    jpeg_create_compress(&jpeg);
    jpeg_mem_dest(&jpeg, &bytes, &size);
    begin_jpeg(&jpeg, recipe);
    while (jpeg.next_scanline < jpeg.image_height) {
        size_t row_bytes = recipe->width * (size_t)recipe->components;
        JSAMPROW row = (JSAMPROW)(recipe->samples + jpeg.next_scanline * row_bytes);
        jpeg_write_scanlines(&jpeg, &row, 1);
    }
    jpeg_finish_compress(&jpeg);
    jpeg_destroy_compress(&jpeg);
    append(&made, bytes, size);
    free(bytes);
    return made;
}

static void put_number(uint8_t *to, uint32_t value, int length, int big_endian)
{
    for (int i = 0; i < length; i++)
        to[i] = (uint8_t)(value >> 8 * (big_endian ? length - 1 - i : i));
}

static void put_entry(uint8_t *to, uint32_t tag, uint32_t value, int big_endian)
{
    put_number(to, tag, 2, big_endian);
    put_number(to + 2, 3, 2, big_endian); /* SHORT */
    put_number(to + 4, 1, 4, big_endian);
    put_number(to + 8, value, 2, big_endian);
}

void picture_exif(uint8_t to[PICTURE_EXIF_BYTES], unsigned orientation, int big_endian)
{
    uint8_t *tiff = to + PICTURE_EXIF_PREFIX;
    memset(to, 0, PICTURE_EXIF_BYTES);
    memcpy(to, "Exif", 4);
    memcpy(tiff, big_endian ? "MM" : "II", 2);
    put_number(tiff + 2, 42, 2, big_endian);
    put_number(tiff + 4, 8, 4, big_endian);
    put_number(tiff + 8, 2, 2, big_endian);
    put_entry(tiff + 10, 0x0103, 6, big_endian); /* compression, as a decoy */
    put_entry(tiff + 22, 0x0112, orientation, big_endian);
}
