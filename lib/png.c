/*
 * png.c - PNG pictures through libpng
 *
 * SPDX-License-Identifier: MIT
 *
 * libpng reports errors by longjmp, which never leaves this file: whatever a jump must not lose is kept in a struct of
 * the function outside the setjmp, so there is nothing to be volatile. Gamma and colour profiles are not applied, as
 * the networks were not trained with them applied; every ancillary chunk but tRNS and eXIf is skipped unread.
 *
 * After the last row libpng unpacks what is left of the picture data, only to see them end: 2 MB of them can be 2 GB.
 * They cannot be turned off, but they can be counted where they are read. Some encoders leave a few bytes there.
 */
#include "png.h"

#include "error.h"
#include "exif.h"
#include "image.h"

#include <errno.h>
#include <png.h>
#include <setjmp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIGNATURE_BYTES = 8,
    CHUNK_BYTES_LIMIT = 1 << 20,
    CHUNK_COUNT_LIMIT = 128,
    SURPLUS_BYTES_LIMIT = 1 << 16, /* as they are packed; libpng has read up to 8 KiB more by then */
    CHUNK_IDAT = 0x49444154
};

/* What libpng's callbacks need to say what went wrong. */
struct trouble {
    const char *doing;
    const char *subject;
    cameras_status status; /* what an error comes to */
};

struct reader {
    struct trouble trouble;
    png_structp png;
    png_infop info;
    const uint8_t *bytes;
    size_t size;
    size_t position;
    size_t surplus; /* bytes of picture data read after the last row */
    size_t max_pixels;
    int passes;
    size_t channels; /* with alpha */
    size_t row_bytes;
    uint8_t *rows; /* one, or all of them when interlaced */
    cameras_image *image;
};

struct writer {
    struct trouble trouble;
    png_structp png;
    png_infop info;
    FILE *stream;
    const void *samples;
    size_t width, height, channels, sample_bytes;
};

static void on_error(png_structp png, png_const_charp reason)
{
    struct trouble *trouble = png_get_error_ptr(png);
    trouble->status = cam_fail(trouble->status, "%s %s: %s", trouble->doing, trouble->subject, reason);
    png_longjmp(png, 1);
}

static void on_warning(png_structp png, png_const_charp reason)
{
    (void)png;
    (void)reason;
}

static png_voidp on_allocate(png_structp png, png_alloc_size_t size)
{
    struct trouble *trouble = png_get_mem_ptr(png);
    void *memory = malloc(size);
    if (!memory)
        trouble->status = CAMERAS_ENOMEM;
    return memory;
}

static void on_free(png_structp png, png_voidp memory)
{
    (void)png;
    free(memory);
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

static int is_after_rows(const struct reader *reader)
{
    if (reader->passes > 1)
        return png_get_current_pass_number(reader->png) >= reader->passes;
    return png_get_current_row_number(reader->png) >= png_get_image_height(reader->png, reader->info);
}

static int is_surplus(const struct reader *reader)
{
    return png_get_io_chunk_type(reader->png) == CHUNK_IDAT &&
           (png_get_io_state(reader->png) & PNG_IO_MASK_LOC) == PNG_IO_CHUNK_DATA && is_after_rows(reader);
}

static void count_surplus(struct reader *reader, size_t count)
{
    char reason[96];
    reader->surplus += count;
    if (reader->surplus <= SURPLUS_BYTES_LIMIT)
        return;
    snprintf(reason, sizeof reason, "more than %d bytes of picture data after the last row; save it anew",
             (int)SURPLUS_BYTES_LIMIT);
    png_error(reader->png, reason);
}

static void on_read(png_structp png, png_bytep to, size_t count)
{
    struct reader *reader = png_get_io_ptr(png);
    if (count > reader->size - reader->position)
        png_error(png, "the picture is cut short");
    if (is_surplus(reader))
        count_surplus(reader, count);
    memcpy(to, reader->bytes + reader->position, count);
    reader->position += count;
}

static void limit_chunks(png_structp png)
{
    png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX); /* max_pixels is the limit */
    png_set_chunk_cache_max(png, CHUNK_COUNT_LIMIT);
    png_set_chunk_malloc_max(png, CHUNK_BYTES_LIMIT);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, NULL, -1);
    png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_AS_DEFAULT, (png_const_bytep) "eXIf", 1);
}

static cameras_status read_header(struct reader *reader)
{
    png_set_read_fn(reader->png, reader, on_read);
    limit_chunks(reader->png);
    png_read_info(reader->png, reader->info);
    return cam_image_check_size(png_get_image_width(reader->png, reader->info),
                                png_get_image_height(reader->png, reader->info), reader->max_pixels,
                                reader->trouble.subject);
}

static cameras_status allocate_rows(struct reader *reader)
{
    size_t rows = reader->passes > 1 ? reader->image->height : 1, bytes = 0;
    if (__builtin_mul_overflow(rows, reader->row_bytes, &bytes))
        return cam_fail_memory(reader->trouble.doing, SIZE_MAX);
    reader->rows = calloc(bytes, 1);
    return reader->rows ? CAMERAS_OK : cam_fail_memory(reader->trouble.doing, bytes);
}

static cameras_status prepare(struct reader *reader)
{
    png_set_expand(reader->png); /* palettes to RGB, grey to 8 bits at least, tRNS to alpha */
    reader->passes = png_set_interlace_handling(reader->png);
    png_read_update_info(reader->png, reader->info);
    reader->channels = png_get_channels(reader->png, reader->info);
    reader->row_bytes = png_get_rowbytes(reader->png, reader->info);

    size_t width = png_get_image_width(reader->png, reader->info);
    size_t height = png_get_image_height(reader->png, reader->info);
    size_t colours = reader->channels < 3 ? 1 : 3;
    cameras_status status = png_get_bit_depth(reader->png, reader->info) == 16
                                ? cam_image_new_planes(&reader->image, width, height, colours, reader->trouble.doing)
                                : cam_image_new_bytes(&reader->image, width, height, colours, reader->trouble.doing);
    return status == CAMERAS_OK ? allocate_rows(reader) : status;
}

/* Exact up to the last rounding: both products together are at most 65535 squared, which 32 bits hold. */
static float over_white16(uint32_t sample, uint32_t alpha)
{
    return (float)((sample * alpha + 65535u * (65535u - alpha)) / (65535.0 * 65535.0));
}

static uint32_t big_endian16(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static void store_bytes(uint8_t *to, const uint8_t *from, size_t width, size_t colours, size_t channels)
{
    if (channels == colours) {
        memcpy(to, from, width * colours);
        return;
    }
    for (size_t x = 0; x < width; x++, from += channels)
        for (size_t c = 0; c < colours; c++)
            *to++ = cam_over_white(from[c], from[colours]);
}

static void store_plane(float *to, const uint8_t *from, size_t width, size_t channel, size_t channels)
{
    int has_alpha = channels % 2 == 0;
    for (size_t x = 0; x < width; x++, from += 2 * channels)
        to[x] =
            over_white16(big_endian16(from + 2 * channel), has_alpha ? big_endian16(from + 2 * channels - 2) : 65535);
}

static void store_row(struct reader *reader, const uint8_t *row, size_t y)
{
    cameras_image *image = reader->image;
    size_t width = image->width, colours = image->channels;
    if (image->bytes)
        store_bytes(image->bytes + y * width * colours, row, width, colours, reader->channels);
    for (size_t c = 0; image->planes && c < colours; c++)
        store_plane(image->planes + (c * image->height + y) * width, row, width, c, reader->channels);
}

static void read_rows(struct reader *reader)
{
    size_t step = reader->passes > 1 ? reader->row_bytes : 0;
    for (int pass = 1; pass <= reader->passes; pass++)
        for (size_t y = 0; y < reader->image->height; y++) {
            png_read_row(reader->png, reader->rows + y * step, NULL);
            if (pass == reader->passes)
                store_row(reader, reader->rows + y * step, y);
        }
}

static unsigned orientation(const struct reader *reader)
{
    png_bytep exif = NULL;
    png_uint_32 size = 0;
    if (!png_get_eXIf_1(reader->png, reader->info, &size, &exif) || !exif)
        return CAM_EXIF_UPRIGHT;
    return cam_exif_orientation(exif, size);
}

static cameras_status read_guarded(struct reader *reader)
{
    if (setjmp(png_jmpbuf(reader->png)))
        return reader->trouble.status;
    cameras_status status = read_header(reader);
    if (status == CAMERAS_OK)
        status = prepare(reader);
    if (status != CAMERAS_OK)
        return status;
    read_rows(reader);
    png_read_end(reader->png, reader->info);
    free(reader->rows); /* turning takes memory of its own */
    reader->rows = NULL;
    return cam_exif_apply(&reader->image, orientation(reader), reader->trouble.doing);
}

int cam_png_recognise(const uint8_t *bytes, size_t size)
{
    return size >= SIGNATURE_BYTES && png_sig_cmp(bytes, 0, SIGNATURE_BYTES) == 0;
}

cameras_status cam_png_read(cameras_image **out, const uint8_t *bytes, size_t size, size_t max_pixels,
                            const char *subject)
{
    struct reader reader = {.trouble = {.doing = "read image", .subject = subject, .status = CAMERAS_EFORMAT},
                            .bytes = bytes,
                            .size = size,
                            .max_pixels = max_pixels};
    *out = NULL;
    reader.png = png_create_read_struct_2(PNG_LIBPNG_VER_STRING, &reader.trouble, on_error, on_warning, &reader.trouble,
                                          on_allocate, on_free);
    if (reader.png)
        reader.info = png_create_info_struct(reader.png);
    cameras_status status =
        reader.info ? read_guarded(&reader) : cam_fail(CAMERAS_ENOMEM, "read image %s: libpng cannot start", subject);
    if (status == CAMERAS_OK) {
        *out = reader.image;
        reader.image = NULL;
    }
    cameras_image_free(reader.image);
    free(reader.rows);
    png_destroy_read_struct(&reader.png, &reader.info, NULL);
    return status;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static void on_write(png_structp png, png_bytep from, size_t count)
{
    const struct writer *writer = png_get_io_ptr(png);
    if (fwrite(from, 1, count, writer->stream) != count)
        png_error(png, strerror(errno));
}

/* The output is flushed when it is committed. */
static void on_flush(png_structp png)
{
    (void)png;
}

static void write_header(struct writer *writer)
{
    int depth = (int)writer->sample_bytes * 8;
    int colours = writer->channels == 1 ? PNG_COLOR_TYPE_GRAY : PNG_COLOR_TYPE_RGB;
    png_set_write_fn(writer->png, writer, on_write, on_flush);
    png_set_user_limits(writer->png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
    png_set_IHDR(writer->png, writer->info, (png_uint_32)writer->width, (png_uint_32)writer->height, depth, colours,
                 PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT, PNG_FILTER_TYPE_DEFAULT);
    png_write_info(writer->png, writer->info);
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (depth == 16)
        png_set_swap(writer->png);
#endif
}

static cameras_status write_guarded(struct writer *writer)
{
    if (setjmp(png_jmpbuf(writer->png)))
        return writer->trouble.status;
    write_header(writer);
    const uint8_t *row = writer->samples;
    for (size_t y = 0; y < writer->height; y++, row += writer->width * writer->channels * writer->sample_bytes)
        png_write_row(writer->png, row);
    png_write_end(writer->png, writer->info);
    return CAMERAS_OK;
}

static cameras_status write_samples(struct writer *writer, const cam_output *output)
{
    if (writer->width > PNG_UINT_31_MAX || writer->height > PNG_UINT_31_MAX)
        return cam_fail(CAMERAS_ELIMIT, "%s %s: %zu x %zu pixels are more than PNG holds", output->doing, output->path,
                        writer->width, writer->height);
    writer->trouble = (struct trouble){.doing = output->doing, .subject = output->path, .status = CAMERAS_EIO};
    writer->stream = output->stream;
    writer->png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, &writer->trouble, on_error, on_warning,
                                            &writer->trouble, on_allocate, on_free);
    if (writer->png)
        writer->info = png_create_info_struct(writer->png);
    cameras_status status = writer->info
                                ? write_guarded(writer)
                                : cam_fail(CAMERAS_ENOMEM, "%s %s: libpng cannot start", output->doing, output->path);
    png_destroy_write_struct(&writer->png, &writer->info);
    return status;
}

cameras_status cam_png_write(cam_output *output, const uint8_t *samples, size_t width, size_t height, size_t channels)
{
    struct writer writer = {
        .samples = samples, .width = width, .height = height, .channels = channels, .sample_bytes = 1};
    return write_samples(&writer, output);
}

cameras_status cam_png_write_gray16(cam_output *output, const uint16_t *samples, size_t width, size_t height)
{
    struct writer writer = {.samples = samples, .width = width, .height = height, .channels = 1, .sample_bytes = 2};
    return write_samples(&writer, output);
}
