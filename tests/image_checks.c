/*
 * image_checks.c - what the suites of pictures share: pictures that are easy to foretell, and looking at what was read
 *
 * SPDX-License-Identifier: MIT
 */
#include "image_checks.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* ---- what was read ---------------------------------------------------------------------------------------------- */

cameras_image *read_whole(picture *made)
{
    cameras_image *image = NULL;
    cameras_status status = cameras_image_read_memory(&image, made->bytes, made->size, NULL);
    picture_free(made);
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
    ck_assert_ptr_nonnull(image);
    ck_assert_int_ne(image->bytes != NULL, image->planes != NULL);
    return image;
}

void expect_refusal(const uint8_t *bytes, size_t size, const cameras_options *options, cameras_status expected)
{
    cameras_image sentinel, *image = &sentinel;
    ck_assert_int_eq(cameras_image_read_memory(&image, bytes, size, options), expected);
    ck_assert_ptr_null(image);
    ck_assert_int_eq(strncmp(cameras_last_error(), "read image from memory: ", 24), 0);
    ck_assert_uint_gt(strlen(cameras_last_error()), 24);
}

void expect_shape(const cameras_image *image, size_t width, size_t height, size_t channels)
{
    ck_assert_uint_eq(cameras_image_width(image), width);
    ck_assert_uint_eq(cameras_image_height(image), height);
    ck_assert_uint_eq(cameras_image_channels(image), channels);
}

float value_at(const cameras_image *image, size_t channel, size_t x, size_t y)
{
    float *row = malloc(image->width * sizeof *row);
    ck_assert_ptr_nonnull(row);
    cam_image_row(row, image, channel, y);
    float value = row[x];
    free(row);
    return value;
}

void expect_value(const cameras_image *image, size_t channel, size_t x, size_t y, double expected)
{
    double found = (double)value_at(image, channel, x, y);
    if (!(fabs(found - expected) < 1e-7))
        ck_abort_msg("channel %zu of (%zu, %zu) is %.9g, not %.9g", channel, x, y, found, expected);
}

unsigned byte_at(const cameras_image *image, size_t channel, size_t x, size_t y)
{
    return (unsigned)lrintf(value_at(image, channel, x, y) * 255.0f);
}

double over_white(double sample, double alpha)
{
    return sample * alpha + 1.0 - alpha;
}

double rounded(double value)
{
    return floor(value * 255.0 + 0.5) / 255.0;
}

/* ---- refusals --------------------------------------------------------------------------------------------------- */

/* The address sanitizer has no room for itself under such a limit. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

/* Bounds the data that this process may have, so that what should not be allocated cannot be; gives the old bound. */
static struct rlimit bound_memory(void)
{
    struct rlimit before;
    ck_assert_int_eq(getrlimit(RLIMIT_DATA, &before), 0);
#ifndef SANITIZED
    struct rlimit little = before;
    little.rlim_cur = (rlim_t)256 << 20;
    ck_assert_int_eq(setrlimit(RLIMIT_DATA, &little), 0);
#endif
    return before;
}

void expect_refusal_before_allocation(picture *made, const char *width_and_height)
{
    struct rlimit before = bound_memory();
    expect_refusal(made->bytes, made->size, NULL, CAMERAS_ELIMIT);
    ck_assert_int_eq(setrlimit(RLIMIT_DATA, &before), 0);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), width_and_height));
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "100000000"));
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "cameras_options_set_max_pixels"));
    picture_free(made);
}

/* ---- noise ------------------------------------------------------------------------------------------------------ */

const picture_kind picture_kinds[PICTURE_KINDS] = {
    {GREY, 1, 1}, {GREY, 2, 1},       {GREY, 4, 1},        {GREY, 8, 1},      {GREY, 16, 1},     {RGB, 8, 3},
    {RGB, 16, 3}, {GREY_ALPHA, 8, 2}, {GREY_ALPHA, 16, 2}, {RGB_ALPHA, 8, 4}, {RGB_ALPHA, 16, 4}};

unsigned noise(size_t index)
{
    uint32_t bits = (uint32_t)index * 2654435761u + 12345u;
    bits = (bits ^ bits >> 15) * 2246822519u;
    return bits ^ bits >> 13;
}

unsigned sample(size_t index, int depth)
{
    return noise(index) & ((1u << depth) - 1u);
}

picture noise_png(int colours, size_t channels, int depth, int interlaced, const uint16_t *key)
{
    uint8_t rows[HEIGHT * WIDTH * 8] = {0};
    size_t row_bytes = picture_row_bytes(WIDTH, channels, depth);
    for (size_t y = 0; y < HEIGHT; y++)
        for (size_t i = 0; i < WIDTH * channels; i++)
            picture_put(rows + y * row_bytes, i, depth, sample(y * WIDTH * channels + i, depth));
    return picture_png(&(png_recipe){.width = WIDTH,
                                     .height = HEIGHT,
                                     .depth = depth,
                                     .colours = colours,
                                     .interlaced = interlaced,
                                     .rows = rows,
                                     .key = key});
}

void expect_noise(const cameras_image *image, const picture_kind *kind)
{
    double most = (double)((1u << kind->depth) - 1u);
    int has_alpha = kind->channels % 2 == 0;
    size_t colours = kind->channels - (size_t)has_alpha;
    expect_shape(image, WIDTH, HEIGHT, colours);
    for (size_t i = 0; i < AREA; i++)
        for (size_t c = 0; c < colours; c++) {
            double alpha = has_alpha ? sample((i + 1) * kind->channels - 1, kind->depth) / most : 1.0;
            double value = over_white(sample(i * kind->channels + c, kind->depth) / most, alpha);
            expect_value(image, c, i % WIDTH, i / WIDTH, kind->depth == 16 ? value : rounded(value));
        }
}

/* ---- blocks ----------------------------------------------------------------------------------------------------- */

const uint8_t six_greys[6] = {0, 50, 100, 150, 200, 255};
const uint8_t six_colours[18] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 200, 100, 50, 128, 128, 128, 255, 255, 255};
const uint8_t six_inks[24] = {0, 0, 0, 0, 255, 0, 0, 0, 0, 255, 0, 0, 100, 0, 0, 0, 0, 80, 160, 0, 255, 255, 255, 255};

void fill_blocks(uint8_t *samples, const uint8_t *colours, size_t across, size_t down, size_t components)
{
    for (size_t y = 0; y < down * BLOCK; y++)
        for (size_t x = 0; x < across * BLOCK; x++)
            memcpy(samples + (y * across * BLOCK + x) * components,
                   colours + (y / BLOCK * across + x / BLOCK) * components, components);
}

picture block_jpeg(const uint8_t *colours, jpeg_recipe recipe)
{
    uint8_t samples[ACROSS * DOWN * BLOCK * BLOCK * 4];
    fill_blocks(samples, colours, ACROSS, DOWN, (size_t)recipe.components);
    recipe.width = ACROSS * BLOCK;
    recipe.height = DOWN * BLOCK;
    recipe.samples = samples;
    return picture_jpeg(&recipe);
}

void expect_near(const cameras_image *image, size_t channel, size_t x, size_t y, double expected)
{
    double found = 255.0 * (double)value_at(image, channel, x, y);
    if (!(fabs(found - expected) <= JPEG_TOLERANCE))
        ck_abort_msg("channel %zu of (%zu, %zu) is %g, not about %g", channel, x, y, found, expected);
}

/* ---- the rest --------------------------------------------------------------------------------------------------- */

cameras_image *new_image(const void *pixels, size_t width, size_t height, size_t stride, cameras_pixel_format format)
{
    cameras_image *image = NULL;
    cameras_status status = cameras_image_new(&image, pixels, width, height, stride, format);
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
    return image;
}

cameras_image *noise_image(cameras_pixel_format format)
{
    uint8_t pixels[AREA * 4];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)noise(i);
    return new_image(pixels, WIDTH, HEIGHT, 0, format);
}

size_t find_marker(const picture *made, uint8_t kind)
{
    for (size_t at = 0; at + 1 < made->size; at++)
        if (made->bytes[at] == 0xff && made->bytes[at + 1] == kind)
            return at;
    ck_abort_msg("no marker %x", (unsigned)kind);
    return 0;
}

int run_picture_suite(const char *name, TCase *const *cases, size_t count)
{
    Suite *suite = suite_create(name);
    for (size_t i = 0; i < count; i++) {
        tcase_set_timeout(cases[i], 300); /* for the sake of valgrind */
        suite_add_tcase(suite, cases[i]);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
