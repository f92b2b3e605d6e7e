/*
 * image_checks.h - what the suites of pictures share: pictures that are easy to foretell, and looking at what was read
 *
 * SPDX-License-Identifier: MIT
 *
 * Expected values come from arithmetic on what a test put into the file. JPEG is lossy, so its pictures are blocks of
 * flat colour at quality 100, which leaves rounding only.
 */
#ifndef IMAGE_CHECKS_H
#define IMAGE_CHECKS_H

#include "image.h"
#include "pictures.h"

#include <check.h>
#include <stddef.h>
#include <stdint.h>

/* The colour types of the PNG specification. */
enum {
    GREY = 0,
    RGB = 2,
    PALETTE = 3,
    GREY_ALPHA = 4,
    RGB_ALPHA = 6
};

enum {
    WIDTH = 5,
    HEIGHT = 3,
    AREA = WIDTH * HEIGHT,
    JPEG_TOLERANCE = 3
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* ---- what was read ---------------------------------------------------------------------------------------------- */

/* The image that a picture, freed here, is read to. */
cameras_image *read_whole(picture *made);

/* Refused with that status, a message and no image. */
void expect_refusal(const uint8_t *bytes, size_t size, const cameras_options *options, cameras_status expected);

/* Refused as beyond max_pixels, without memory for the pixels; frees the picture. */
void expect_refusal_before_allocation(picture *made, const char *width_and_height);

void expect_shape(const cameras_image *image, size_t width, size_t height, size_t channels);
float value_at(const cameras_image *image, size_t channel, size_t x, size_t y);
void expect_value(const cameras_image *image, size_t channel, size_t x, size_t y, double expected);

/* The same to within what JPEG at its best loses, in parts of 255. */
void expect_near(const cameras_image *image, size_t channel, size_t x, size_t y, double expected);

unsigned byte_at(const cameras_image *image, size_t channel, size_t x, size_t y);

/* ---- what to expect --------------------------------------------------------------------------------------------- */

double over_white(double sample, double alpha);

/* What is stored in 8 bits can only come near. */
double rounded(double value);

/* Samples without a pattern, the same in every run; the second of so many bits. */
unsigned noise(size_t index);
unsigned sample(size_t index, int depth);

/* ---- pictures --------------------------------------------------------------------------------------------------- */

/* The kinds of PNG without a palette. */
typedef struct picture_kind {
    int colours, depth;
    size_t channels; /* with alpha */
} picture_kind;

enum {
    PICTURE_KINDS = 11
};
extern const picture_kind picture_kinds[PICTURE_KINDS];

/* A PNG of WIDTH x HEIGHT samples of noise. */
picture noise_png(int colours, size_t channels, int depth, int interlaced, const uint16_t *key);

/* What was read is that noise, alpha being laid over white. */
void expect_noise(const cameras_image *image, const picture_kind *kind);

enum {
    BLOCK = 8,
    ACROSS = 3,
    DOWN = 2
};

/* Blocks of flat colour, block (i, j) having the components at colours[(j * across + i) * components]. */
void fill_blocks(uint8_t *samples, const uint8_t *colours, size_t across, size_t down, size_t components);

/* A JPEG of ACROSS x DOWN blocks. */
picture block_jpeg(const uint8_t *colours, jpeg_recipe recipe);

extern const uint8_t six_greys[6], six_colours[18], six_inks[24];

/* The place of the first marker of this kind in a JPEG. */
size_t find_marker(const picture *made, uint8_t kind);

/* The image of a caller's pixels, which must do; and one of WIDTH x HEIGHT bytes of noise. */
cameras_image *new_image(const void *pixels, size_t width, size_t height, size_t stride, cameras_pixel_format format);
cameras_image *noise_image(cameras_pixel_format format);

/* ---- running ---------------------------------------------------------------------------------------------------- */

/* What main returns. */
int run_picture_suite(const char *name, TCase *const *cases, size_t count);

#endif
