/*
 * jpeg.c - JPEG pictures through libjpeg-turbo
 *
 * SPDX-License-Identifier: MIT
 *
 * libjpeg reports errors by a callback that must not return; the longjmp out of it never leaves this file, and whatever
 * it must not lose is kept in a struct of the function outside the setjmp. libjpeg only warns when a file ends early
 * and makes the rest up in grey, so that one warning is an error here. The coefficients that progressive decoding keeps
 * are two bytes a sample, so the limit on pixels bounds them; the number of scans, and with it the time, has its own,
 * which is the lower the larger the picture is.
 */
#include "jpeg.h"

#include "error.h"
#include "exif.h"
#include "image.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <jpeglib.h>
#include <jerror.h>
#include <setjmp.h>

enum {
    QUALITY = 92,
    SCANS_LIMIT = 500,           /* of however small a picture */
    SCANS_ALWAYS = 32,           /* of however large a one; encoders make about ten */
    PIXELS_VISITED = 2000000000, /* by all scans together beyond those: a second or two */
    APP1_BYTES_LIMIT = 0xffff,
    EXIF_PREFIX_BYTES = 6
};

/* The manager comes first: libjpeg hands back its address, which is the whole struct's. */
struct trouble {
    struct jpeg_error_mgr manager;
    jmp_buf escape;
    const char *doing;
    const char *subject;
    cameras_status status;
};

struct reader {
    struct trouble trouble;
    struct jpeg_decompress_struct jpeg;
    struct jpeg_progress_mgr progress;
    const uint8_t *bytes;
    size_t size;
    size_t max_pixels;
    cameras_image *image;
};

struct writer {
    struct trouble trouble;
    struct jpeg_compress_struct jpeg;
    FILE *stream;
    const uint8_t *samples;
    size_t width, height, channels;
};

static cameras_status status_of(int code)
{
    switch (code) {
    case JERR_OUT_OF_MEMORY: return CAMERAS_ENOMEM;
    case JERR_FILE_WRITE: return CAMERAS_EIO;
    default: return CAMERAS_EFORMAT;
    }
}

static void on_error(j_common_ptr jpeg)
{
    struct trouble *trouble = (struct trouble *)jpeg->err;
    int code = jpeg->err->msg_code;
    char reason[JMSG_LENGTH_MAX] = "";
    if (code == JERR_FILE_WRITE)
        snprintf(reason, sizeof reason, "%s", strerror(errno));
    else
        jpeg->err->format_message(jpeg, reason);
    trouble->status = cam_fail(status_of(code), "%s %s: %s", trouble->doing, trouble->subject, reason);
    longjmp(trouble->escape, 1);
}

static void on_message(j_common_ptr jpeg, int level)
{
    if (level < 0 && (jpeg->err->msg_code == JWRN_JPEG_EOF || jpeg->err->msg_code == JWRN_HIT_MARKER))
        on_error(jpeg);
}

static void print_nothing(j_common_ptr jpeg)
{
    (void)jpeg;
}

static struct jpeg_error_mgr *prepare_trouble(struct trouble *trouble, const char *doing, const char *subject)
{
    jpeg_std_error(&trouble->manager);
    trouble->manager.error_exit = on_error;
    trouble->manager.emit_message = on_message;
    trouble->manager.output_message = print_nothing;
    trouble->doing = doing;
    trouble->subject = subject;
    return &trouble->manager;
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

/* A scan may be a few bytes long, and still takes the time of a whole picture. */
static int most_scans(const struct jpeg_decompress_struct *jpeg)
{
    const uint64_t fitting = PIXELS_VISITED / ((uint64_t)jpeg->image_width * jpeg->image_height);
    return fitting < SCANS_ALWAYS ? SCANS_ALWAYS : fitting > SCANS_LIMIT ? SCANS_LIMIT : (int)fitting;
}

static void on_progress(j_common_ptr common)
{
    const struct jpeg_decompress_struct *jpeg = (j_decompress_ptr)common;
    struct trouble *trouble = (struct trouble *)common->err;
    const int most = most_scans(jpeg);
    if (jpeg->input_scan_number <= most)
        return;
    trouble->status =
        cam_fail(CAMERAS_EFORMAT, "%s %s: more than %d scans, the most that are read of %u x %u pixels; save it anew",
                 trouble->doing, trouble->subject, most, jpeg->image_width, jpeg->image_height);
    longjmp(trouble->escape, 1);
}

static cameras_status read_header(struct reader *reader)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    jpeg_create_decompress(jpeg);
    reader->progress.progress_monitor = on_progress;
    jpeg->progress = &reader->progress;
    jpeg_mem_src(jpeg, reader->bytes, reader->size);
    jpeg_save_markers(jpeg, JPEG_APP0 + 1, APP1_BYTES_LIMIT);
    jpeg_read_header(jpeg, TRUE);
    return cam_image_check_size(jpeg->image_width, jpeg->image_height, reader->max_pixels, reader->trouble.subject);
}

static cameras_status choose_colours(struct reader *reader)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    switch (jpeg->num_components) {
    case 1: jpeg->out_color_space = JCS_GRAYSCALE; return CAMERAS_OK;
    case 3: jpeg->out_color_space = JCS_RGB; return CAMERAS_OK;
    case 4: jpeg->out_color_space = JCS_CMYK; return CAMERAS_OK;
    default:
        return cam_fail(CAMERAS_EFORMAT, "read image %s: %d colour components, which are neither grey, RGB nor CMYK",
                        reader->trouble.subject, jpeg->num_components);
    }
}

static uint8_t product(unsigned a, unsigned b)
{
    return (uint8_t)((a * b + 127u) / 255u);
}

/* Without a profile ink is taken for a plain filter of light. Adobe stores what the ink lets through, not the ink. */
static void store_cmyk(uint8_t *to, const uint8_t *from, size_t width, int adobe)
{
    unsigned flip = adobe ? 0 : 255;
    for (size_t x = 0; x < width; x++, from += 4)
        for (size_t c = 0; c < 3; c++)
            *to++ = product(from[c] ^ flip, from[3] ^ flip);
}

static void read_cmyk_rows(struct reader *reader)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    size_t width = reader->image->width;
    JSAMPARRAY row = jpeg->mem->alloc_sarray((j_common_ptr)jpeg, JPOOL_IMAGE, jpeg->output_width * 4, 1);
    while (jpeg->output_scanline < jpeg->output_height) {
        uint8_t *to = reader->image->bytes + jpeg->output_scanline * width * 3;
        jpeg_read_scanlines(jpeg, row, 1);
        store_cmyk(to, row[0], width, jpeg->saw_Adobe_marker);
    }
}

static void read_rows(struct reader *reader)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    size_t row_bytes = reader->image->width * reader->image->channels;
    while (jpeg->output_scanline < jpeg->output_height) {
        JSAMPROW row = reader->image->bytes + jpeg->output_scanline * row_bytes;
        jpeg_read_scanlines(jpeg, &row, 1);
    }
}

static unsigned orientation(const struct reader *reader)
{
    for (jpeg_saved_marker_ptr marker = reader->jpeg.marker_list; marker; marker = marker->next)
        if (marker->data_length > EXIF_PREFIX_BYTES && memcmp(marker->data, "Exif\0", EXIF_PREFIX_BYTES) == 0)
            return cam_exif_orientation(marker->data + EXIF_PREFIX_BYTES, marker->data_length - EXIF_PREFIX_BYTES);
    return CAM_EXIF_UPRIGHT;
}

static cameras_status read_pixels(struct reader *reader)
{
    struct jpeg_decompress_struct *jpeg = &reader->jpeg;
    size_t channels = jpeg->num_components == 1 ? 1 : 3;
    cameras_status status =
        cam_image_new_bytes(&reader->image, jpeg->image_width, jpeg->image_height, channels, reader->trouble.doing);
    if (status != CAMERAS_OK)
        return status;
    jpeg_start_decompress(jpeg);
    if (jpeg->out_color_space == JCS_CMYK)
        read_cmyk_rows(reader);
    else
        read_rows(reader);
    /* Before the end of decompression, which lets the saved markers go. */
    unsigned turned = orientation(reader);
    jpeg_finish_decompress(jpeg);
    return cam_exif_apply(&reader->image, turned, reader->trouble.doing);
}

static cameras_status read_guarded(struct reader *reader)
{
    if (setjmp(reader->trouble.escape))
        return reader->trouble.status;
    cameras_status status = read_header(reader);
    if (status == CAMERAS_OK)
        status = choose_colours(reader);
    return status == CAMERAS_OK ? read_pixels(reader) : status;
}

int cam_jpeg_recognise(const uint8_t *bytes, size_t size)
{
    return size >= 3 && memcmp(bytes, "\xff\xd8\xff", 3) == 0;
}

cameras_status cam_jpeg_read(cameras_image **out, const uint8_t *bytes, size_t size, size_t max_pixels,
                             const char *subject)
{
    struct reader reader = {.bytes = bytes, .size = size, .max_pixels = max_pixels};
    *out = NULL;
    reader.jpeg.err = prepare_trouble(&reader.trouble, "read image", subject);
    cameras_status status = read_guarded(&reader);
    if (status == CAMERAS_OK) {
        *out = reader.image;
        reader.image = NULL;
    }
    cameras_image_free(reader.image);
    jpeg_destroy_decompress(&reader.jpeg);
    return status;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

static void write_header(struct writer *writer)
{
    struct jpeg_compress_struct *jpeg = &writer->jpeg;
    jpeg_create_compress(jpeg);
    jpeg_stdio_dest(jpeg, writer->stream);
    jpeg->image_width = (JDIMENSION)writer->width;
    jpeg->image_height = (JDIMENSION)writer->height;
    jpeg->input_components = (int)writer->channels;
    jpeg->in_color_space = writer->channels == 1 ? JCS_GRAYSCALE : JCS_RGB;
    jpeg_set_defaults(jpeg);
    jpeg_set_quality(jpeg, QUALITY, TRUE);
    jpeg_start_compress(jpeg, TRUE);
}

static cameras_status write_guarded(struct writer *writer)
{
    if (setjmp(writer->trouble.escape))
        return writer->trouble.status;
    struct jpeg_compress_struct *jpeg = &writer->jpeg;
    write_header(writer);
    while (jpeg->next_scanline < jpeg->image_height) {
        /* libjpeg's rows are not const, but compression only reads them. */
        JSAMPROW row = (JSAMPROW)(writer->samples + jpeg->next_scanline * writer->width * writer->channels);
        jpeg_write_scanlines(jpeg, &row, 1);
    }
    jpeg_finish_compress(jpeg);
    return CAMERAS_OK;
}

cameras_status cam_jpeg_write(cam_output *output, const uint8_t *samples, size_t width, size_t height, size_t channels)
{
    if (width > JPEG_MAX_DIMENSION || height > JPEG_MAX_DIMENSION)
        return cam_fail(CAMERAS_ELIMIT, "%s %s: %zu x %zu pixels, but JPEG holds no side longer than %ld",
                        output->doing, output->path, width, height, (long)JPEG_MAX_DIMENSION);
    struct writer writer = {
        .stream = output->stream, .samples = samples, .width = width, .height = height, .channels = channels};
    writer.jpeg.err = prepare_trouble(&writer.trouble, output->doing, output->path);
    cameras_status status = write_guarded(&writer);
    jpeg_destroy_compress(&writer.jpeg);
    return status;
}
