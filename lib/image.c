/*
 * image.c - the picture in memory: from files and callers, and back to them
 *
 * SPDX-License-Identifier: MIT
 *
 * Pictures of 8 bits stay bytes, a quarter of what floats would take; finer ones become planes of floats. Sizes come
 * from hostile files and careless callers, so every product that an address depends on is checked.
 */
#include "image.h"

#include "error.h"
#include "file.h"
#include "jpeg.h"
#include "options.h"
#include "png.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* ---- shared ---------------------------------------------------------------------------------------------------- */

/* An image with room for its samples at *samples, which the caller hangs up where they belong. */
static cameras_status allocate(cameras_image **out, void **samples, size_t width, size_t height, size_t channels,
                               size_t sample_bytes, const char *doing)
{
    size_t bytes = 0;
    *out = NULL;
    if (width == 0 || height == 0)
        return cam_fail(CAMERAS_EINVAL, "%s: an image of %zu x %zu pixels", doing, width, height);
    if (__builtin_mul_overflow(width, height, &bytes) || __builtin_mul_overflow(bytes, channels, &bytes) ||
        __builtin_mul_overflow(bytes, sample_bytes, &bytes) || bytes > PTRDIFF_MAX)
        return cam_fail(CAMERAS_ELIMIT, "%s: %zu x %zu pixels are more than memory can address", doing, width, height);

    cameras_image *image = calloc(1, sizeof *image);
    *samples = malloc(bytes);
    if (!image || !*samples) {
        free(*samples);
        free(image);
        return cam_fail_memory(doing, bytes);
    }
    image->width = width;
    image->height = height;
    image->channels = channels;
    *out = image;
    return CAMERAS_OK;
}

size_t cam_image_bytes(const cameras_image *image)
{
    return image->width * image->height * image->channels *
           (image->bytes ? sizeof *image->bytes : sizeof *image->planes);
}

cameras_status cam_image_new_bytes(cameras_image **out, size_t width, size_t height, size_t channels, const char *doing)
{
    void *samples = NULL;
    cameras_status status = allocate(out, &samples, width, height, channels, sizeof(uint8_t), doing);
    if (status == CAMERAS_OK)
        (*out)->bytes = samples;
    return status;
}

cameras_status cam_image_new_planes(cameras_image **out, size_t width, size_t height, size_t channels,
                                    const char *doing)
{
    void *samples = NULL;
    cameras_status status = allocate(out, &samples, width, height, channels, sizeof(float), doing);
    if (status == CAMERAS_OK)
        (*out)->planes = samples;
    return status;
}

static const float *plane_row(const cameras_image *image, size_t channel, size_t y)
{
    return image->planes + (channel * image->height + y) * image->width;
}

void cam_image_row(float *row, const cameras_image *image, size_t channel, size_t y)
{
    size_t width = image->width, channels = image->channels;
    size_t source = channels == 1 ? 0 : channel;
    if (image->planes) {
        memcpy(row, plane_row(image, source, y), width * sizeof *row);
        return;
    }
    const uint8_t *from = image->bytes + y * width * channels + source;
    for (size_t x = 0; x < width; x++)
        row[x] = (float)from[x * channels] / 255.0f;
}

cameras_status cam_image_check_size(size_t width, size_t height, size_t max_pixels, const char *subject)
{
    if (height == 0 || width <= max_pixels / height)
        return CAMERAS_OK;
    return cam_fail(CAMERAS_ELIMIT,
                    "read image %s: %zu x %zu pixels are more than the limit of %zu; raise it with "
                    "cameras_options_set_max_pixels or --max-pixels",
                    subject, width, height, max_pixels);
}

/* ---- reading --------------------------------------------------------------------------------------------------- */

/* What a file looks like that is neither PNG nor JPEG; for the message only. */
static const char *other_kind(const uint8_t *bytes, size_t size)
{
    static const struct {
        const char *name, *magic;
        size_t at, length;
    } kinds[] = {{"GIF", "GIF8", 0, 4},   {"WebP", "WEBP", 8, 4},      {"HEIF or AVIF", "ftyp", 4, 4},
                 {"TIFF", "II*\0", 0, 4}, {"TIFF", "MM\0*", 0, 4},     {"BMP", "BM", 0, 2},
                 {"PDF", "%PDF", 0, 4},   {"JPEG XL", "\xff\n", 0, 2}, {"NumPy", "\x93NUMPY", 0, 6},
                 {"PGM", "P5", 0, 2},     {"PPM", "P6", 0, 2},         {"a zip archive, as models are", "PK\3\4", 0, 4},
                 {"markup", "<", 0, 1}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (size >= kinds[i].at + kinds[i].length && memcmp(bytes + kinds[i].at, kinds[i].magic, kinds[i].length) == 0)
            return kinds[i].name;
    return NULL;
}

static cameras_status fail_unknown(const uint8_t *bytes, size_t size, const char *subject)
{
    const char *kind = other_kind(bytes, size);
    return cam_fail(CAMERAS_EFORMAT, "read image %s: neither PNG nor JPEG by its first bytes%s%s", subject,
                    kind ? ", which look like " : "", kind ? kind : "");
}

static cameras_status decode(cameras_image **out, const uint8_t *bytes, size_t size, const char *subject,
                             const cameras_options *options)
{
    size_t max_pixels = cam_options_or_default(options)->max_pixels;
    if (cam_png_recognise(bytes, size))
        return cam_png_read(out, bytes, size, max_pixels, subject);
    if (cam_jpeg_recognise(bytes, size))
        return cam_jpeg_read(out, bytes, size, max_pixels, subject);
    return fail_unknown(bytes, size, subject);
}

cameras_status cameras_image_read(cameras_image **out, const char *path, const cameras_options *options)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (!out)
        return cam_fail(CAMERAS_EINVAL, "read image: out is NULL");
    *out = NULL;
    if (!path)
        return cam_fail(CAMERAS_EINVAL, "read image: path is NULL");
    const size_t limit = cam_options_or_default(options)->max_file_bytes;
    cameras_status status = cam_file_read(&bytes, &size, path, limit, "read image");
    if (status == CAMERAS_ELIMIT)
        status =
            cam_fail(status, "%s, which cameras_options_set_max_file_bytes or --max-file-bytes sets, to at most %u",
                     cameras_last_error(), CAMERAS_MAX_FILE_BYTES);
    if (status == CAMERAS_OK)
        status = decode(out, bytes, size, path, options);
    free(bytes);
    return status;
}

cameras_status cameras_image_read_memory(cameras_image **out, const void *bytes, size_t size,
                                         const cameras_options *options)
{
    if (!out)
        return cam_fail(CAMERAS_EINVAL, "read image from memory: out is NULL");
    *out = NULL;
    if (!bytes)
        return cam_fail(CAMERAS_EINVAL, "read image from memory: bytes is NULL");
    return decode(out, bytes, size, "from memory", options);
}

/* ---- a caller's pixels ----------------------------------------------------------------------------------------- */

static const struct layout {
    size_t pixel_bytes; /* within a plane */
    size_t planes;
    size_t channels; /* of the image made from it */
    int is_float;
} layouts[] = {
    [CAMERAS_GRAY8] = {1, 1, 1, 0},
    [CAMERAS_RGB8] = {3, 1, 3, 0},
    [CAMERAS_RGBA8] = {4, 1, 3, 0},
    [CAMERAS_BGR8] = {3, 1, 3, 0},
    [CAMERAS_GRAYF] = {sizeof(float), 1, 1, 1},
    [CAMERAS_RGBF] = {sizeof(float), 3, 3, 1},
};

static void take_rgba(uint8_t *to, const uint8_t *from, size_t width)
{
    for (size_t x = 0; x < width; x++, from += 4)
        for (size_t c = 0; c < 3; c++)
            *to++ = cam_over_white(from[c], from[3]);
}

static void take_bgr(uint8_t *to, const uint8_t *from, size_t width)
{
    for (size_t x = 0; x < width; x++, from += 3)
        for (size_t c = 0; c < 3; c++)
            *to++ = from[2 - c];
}

static void take_bytes(cameras_image *image, const uint8_t *from, size_t stride, cameras_pixel_format format)
{
    size_t row_bytes = image->width * image->channels;
    uint8_t *to = image->bytes;
    for (size_t y = 0; y < image->height; y++, to += row_bytes, from += stride) {
        if (format == CAMERAS_RGBA8)
            take_rgba(to, from, image->width);
        else if (format == CAMERAS_BGR8)
            take_bgr(to, from, image->width);
        else
            memcpy(to, from, row_bytes);
    }
}

/* Clips count samples; the index of the first that is not finite, or count. */
static size_t clip(float *samples, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(samples[i]))
            return i;
        samples[i] = fminf(fmaxf(samples[i], 0.0f), 1.0f);
    }
    return count;
}

static cameras_status take_planes(cameras_image *image, const uint8_t *from, size_t stride)
{
    size_t width = image->width, rows = image->channels * image->height;
    for (size_t row = 0; row < rows; row++) {
        /* By bytes, since the stride need not be a multiple of a float's size. */
        float *to = image->planes + row * width;
        memcpy(to, from + row * stride, width * sizeof *to);
        size_t x = clip(to, width);
        if (x < width)
            return cam_fail(CAMERAS_EINVAL, "new image: the value of channel %zu at column %zu, row %zu is not finite",
                            row / image->height, x, row % image->height);
    }
    return CAMERAS_OK;
}

/* Settles the stride where it is 0 and refuses pixels that no address could reach. */
static cameras_status check_extent(size_t *stride, size_t width, size_t height, const struct layout *layout)
{
    size_t row_bytes = 0, extent = 0;
    if (width == 0 || height == 0)
        return cam_fail(CAMERAS_EINVAL, "new image: %zu x %zu pixels", width, height);
    if (__builtin_mul_overflow(width, layout->pixel_bytes, &row_bytes))
        return cam_fail(CAMERAS_ELIMIT, "new image: %zu x %zu pixels are more than memory can address", width, height);
    if (*stride == 0)
        *stride = row_bytes;
    if (*stride < row_bytes)
        return cam_fail(CAMERAS_EINVAL, "new image: a stride of %zu bytes, but a row takes %zu", *stride, row_bytes);
    if (__builtin_mul_overflow(*stride, height, &extent) || __builtin_mul_overflow(extent, layout->planes, &extent) ||
        extent > PTRDIFF_MAX)
        return cam_fail(CAMERAS_ELIMIT, "new image: %zu rows of %zu bytes are more than memory can address", height,
                        *stride);
    return CAMERAS_OK;
}

cameras_status cameras_image_new(cameras_image **out, const void *pixels, size_t width, size_t height, size_t stride,
                                 cameras_pixel_format format)
{
    cameras_image *image = NULL;
    if (!out)
        return cam_fail(CAMERAS_EINVAL, "new image: out is NULL");
    *out = NULL;
    if (!pixels)
        return cam_fail(CAMERAS_EINVAL, "new image: pixels is NULL");
    if ((size_t)format >= sizeof layouts / sizeof *layouts)
        return cam_fail(CAMERAS_EINVAL, "new image: no pixel format %d", (int)format);
    const struct layout *layout = &layouts[format];
    cameras_status status = check_extent(&stride, width, height, layout);
    if (status != CAMERAS_OK)
        return status;

    status = layout->is_float ? cam_image_new_planes(&image, width, height, layout->channels, "new image")
                              : cam_image_new_bytes(&image, width, height, layout->channels, "new image");
    if (status == CAMERAS_OK && layout->is_float)
        status = take_planes(image, pixels, stride);
    else if (status == CAMERAS_OK)
        take_bytes(image, pixels, stride, format);
    if (status == CAMERAS_OK)
        *out = image;
    else
        cameras_image_free(image);
    return status;
}

void cameras_image_free(cameras_image *image)
{
    if (!image)
        return;
    free(image->planes);
    free(image->bytes);
    free(image);
}

/* ---- getters --------------------------------------------------------------------------------------------------- */

size_t cameras_image_width(const cameras_image *image)
{
    return image ? image->width : 0;
}

size_t cameras_image_height(const cameras_image *image)
{
    return image ? image->height : 0;
}

size_t cameras_image_channels(const cameras_image *image)
{
    return image ? image->channels : 0;
}

/* One row of one channel as bytes, to every step-th byte from to on. */
static void give_row(uint8_t *to, size_t step, const cameras_image *image, size_t channel, size_t y)
{
    size_t width = image->width, channels = image->channels;
    if (image->planes) {
        const float *from = plane_row(image, channel, y);
        for (size_t x = 0; x < width; x++)
            to[x * step] = (uint8_t)(from[x] * 255.0f + 0.5f);
        return;
    }
    const uint8_t *from = image->bytes + y * width * channels + channel;
    for (size_t x = 0; x < width; x++)
        to[x * step] = from[x * channels];
}

cameras_status cameras_image_pixels(uint8_t *pixels, size_t stride, const cameras_image *image)
{
    size_t row_bytes = 0;
    if (!pixels || !image)
        return cam_fail(CAMERAS_EINVAL, "copy pixels: %s is NULL", image ? "pixels" : "image");
    if (__builtin_mul_overflow(image->width, 3, &row_bytes))
        return cam_fail(CAMERAS_ELIMIT, "copy pixels: rows of %zu pixels are more than memory can address",
                        image->width);
    if (stride == 0)
        stride = row_bytes;
    if (stride < row_bytes)
        return cam_fail(CAMERAS_EINVAL, "copy pixels: a stride of %zu bytes, but a row takes %zu", stride, row_bytes);
    for (size_t y = 0; y < image->height; y++)
        for (size_t c = 0; c < 3; c++)
            give_row(pixels + y * stride + c, 3, image, image->channels == 1 ? 0 : c, y);
    return CAMERAS_OK;
}

/* ---- writing --------------------------------------------------------------------------------------------------- */

typedef cameras_status encoder(cam_output *output, const uint8_t *samples, size_t width, size_t height,
                               size_t channels);

static encoder *find_encoder(const char *path)
{
    static const struct {
        const char *ending;
        encoder *encode;
    } endings[] = {{".png", cam_png_write}, {".jpg", cam_jpeg_write}, {".jpeg", cam_jpeg_write}};
    const char *dot = strrchr(path, '.');
    for (size_t i = 0; dot && i < sizeof endings / sizeof *endings; i++)
        if (strcasecmp(dot, endings[i].ending) == 0)
            return endings[i].encode;
    return NULL;
}

/* The image's samples rounded to bytes, in *out for the caller to free. */
static cameras_status round_samples(uint8_t **out, const cameras_image *image)
{
    size_t channels = image->channels, row_bytes = image->width * channels;
    uint8_t *samples = malloc(row_bytes * image->height);
    if (!samples)
        return cam_fail_memory("write image", row_bytes * image->height);
    for (size_t y = 0; y < image->height; y++)
        for (size_t c = 0; c < channels; c++)
            give_row(samples + y * row_bytes + c, channels, image, c, y);
    *out = samples;
    return CAMERAS_OK;
}

cameras_status cameras_image_write(const cameras_image *image, const char *path)
{
    cam_output output = {0};
    uint8_t *rounded = NULL;
    if (!image || !path)
        return cam_fail(CAMERAS_EINVAL, "write image: %s is NULL", image ? "path" : "image");
    encoder *encode = find_encoder(path);
    if (!encode)
        return cam_fail(CAMERAS_EINVAL, "write image %s: the name must end in .png, .jpg or .jpeg", path);

    cameras_status status = image->bytes ? CAMERAS_OK : round_samples(&rounded, image);
    if (status == CAMERAS_OK)
        status = cam_output_open(&output, path, "write image");
    if (status == CAMERAS_OK)
        status = encode(&output, rounded ? rounded : image->bytes, image->width, image->height, image->channels);
    if (status == CAMERAS_OK)
        status = cam_output_commit(&output);
    cam_output_abandon(&output);
    free(rounded);
    return status;
}
