/*
 * caption.c - lines of text below an image
 *
 * SPDX-License-Identifier: MIT
 *
 * The font is a table of bits in this file's neighbour: no font file to find at run time, and the same pixels
 * everywhere.
 */
#include "image.h"

#include "error.h"
#include "font_7x13.h"

#include <string.h>

static const char doing[] = "caption an image";

/* Where black pixels go: a picture of RGB bytes. A dot of the font is scale x scale of them. */
struct page {
    cameras_image *picture;
    size_t scale;
};

static size_t line_count(const char *text)
{
    size_t count = 1;
    for (const char *at = strchr(text, '\n'); at; at = strchr(at + 1, '\n'))
        count++;
    return count;
}

/* One character from text, '?' for any that the font lacks; returns where the next begins. */
static const char *read_character(unsigned char *out, const char *text)
{
    const unsigned char first = (unsigned char)*text++;
    *out = first >= CAM_FONT_FIRST && first <= CAM_FONT_LAST ? first : '?';
    while (first >= 0x80 && ((unsigned char)*text & 0xC0) == 0x80)
        text++;
    return text;
}

static void draw_dot(const struct page *page, size_t left, size_t top)
{
    const size_t width = page->picture->width;
    if (left >= width)
        return;
    const size_t across = width - left < page->scale ? width - left : page->scale;
    for (size_t y = top; y < top + page->scale; y++)
        memset(page->picture->bytes + 3 * (y * width + left), 0, 3 * across);
}

static void draw_glyph(const struct page *page, size_t left, size_t top, unsigned char character)
{
    const uint8_t *rows = font_7x13[character - CAM_FONT_FIRST];
    for (size_t y = 0; y < CAM_FONT_HEIGHT; y++)
        for (size_t x = 0; x < CAM_FONT_WIDTH; x++)
            if (rows[y] >> (7 - x) & 1)
                draw_dot(page, left + x * page->scale, top + y * page->scale);
}

/* Draws up to the end of the line or of the picture's width; returns the beginning of the next line. */
static const char *draw_line(const struct page *page, size_t top, const char *text)
{
    unsigned char character;
    for (size_t left = 0; *text && *text != '\n' && left < page->picture->width; left += CAM_FONT_WIDTH * page->scale) {
        text = read_character(&character, text);
        draw_glyph(page, left, top, character);
    }
    const char *end = strchr(text, '\n');
    return end ? end + 1 : text + strlen(text);
}

/* The height with lines of text below; CAMERAS_ELIMIT where that overflows. */
static cameras_status captioned_height(size_t *height, const cameras_image *image, size_t lines, size_t scale)
{
    size_t text = 0;
    if (__builtin_mul_overflow(CAM_FONT_HEIGHT * lines, scale, &text) ||
        __builtin_add_overflow(image->height, text, height))
        return cam_fail(CAMERAS_ELIMIT, "%s: text at a scale of %zu is more than memory can address", doing, scale);
    return CAMERAS_OK;
}

cameras_status cameras_image_caption(cameras_image **out, const cameras_image *image, const char *text, size_t scale)
{
    if (out)
        *out = NULL;
    if (!out || !image || !text || scale == 0)
        return cam_fail(CAMERAS_EINVAL, "%s: out, image, text and a scale of at least 1 are needed", doing);
    const size_t lines = line_count(text);
    size_t height = 0;
    cameras_image *picture = NULL;
    cameras_status status = captioned_height(&height, image, lines, scale);
    if (status == CAMERAS_OK)
        status = cam_image_new_bytes(&picture, image->width, height, 3, doing);
    if (status == CAMERAS_OK)
        status = cameras_image_pixels(picture->bytes, 0, image);
    if (status != CAMERAS_OK) {
        cameras_image_free(picture);
        return status;
    }
    const struct page page = {picture, scale};
    memset(picture->bytes + 3 * image->width * image->height, 255, 3 * image->width * (height - image->height));
    for (size_t line = 0; line < lines; line++)
        text = draw_line(&page, image->height + line * CAM_FONT_HEIGHT * scale, text);
    *out = picture;
    return CAMERAS_OK;
}
