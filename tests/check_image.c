/*
 * check_image.c - pictures from files and callers, back to both, and on sheets
 *
 * SPDX-License-Identifier: MIT
 *
 * Expected values come from arithmetic on what the test put into the file. JPEG is lossy, so its pictures are blocks of
 * flat colour at quality 100, which leaves rounding only.
 */
#include "image.h"

#include "exif.h"
#include "jpeg.h"
#include "options.h"
#include "pictures.h"
#include "png.h"

#include <check.h>
#include <fcntl.h>
#include <float.h>
#include <jpeglib.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* ---- helpers --------------------------------------------------------------------------------------------------- */

static cameras_image *read_whole(picture *made)
{
    cameras_image *image = NULL;
    cameras_status status = cameras_image_read_memory(&image, made->bytes, made->size, NULL);
    picture_free(made);
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
    ck_assert_ptr_nonnull(image);
    ck_assert_int_ne(image->bytes != NULL, image->planes != NULL);
    return image;
}

static void expect_refusal(const uint8_t *bytes, size_t size, const cameras_options *options, cameras_status expected)
{
    cameras_image sentinel, *image = &sentinel;
    ck_assert_int_eq(cameras_image_read_memory(&image, bytes, size, options), expected);
    ck_assert_ptr_null(image);
    ck_assert_int_eq(strncmp(cameras_last_error(), "read image from memory: ", 24), 0);
    ck_assert_uint_gt(strlen(cameras_last_error()), 24);
}

static void expect_shape(const cameras_image *image, size_t width, size_t height, size_t channels)
{
    ck_assert_uint_eq(cameras_image_width(image), width);
    ck_assert_uint_eq(cameras_image_height(image), height);
    ck_assert_uint_eq(cameras_image_channels(image), channels);
}

static float value_at(const cameras_image *image, size_t channel, size_t x, size_t y)
{
    float *row = malloc(image->width * sizeof *row);
    ck_assert_ptr_nonnull(row);
    cam_image_row(row, image, channel, y);
    float value = row[x];
    free(row);
    return value;
}

static void expect_value(const cameras_image *image, size_t channel, size_t x, size_t y, double expected)
{
    double found = (double)value_at(image, channel, x, y);
    if (!(fabs(found - expected) < 1e-7))
        ck_abort_msg("channel %zu of (%zu, %zu) is %.9g, not %.9g", channel, x, y, found, expected);
}

static unsigned byte_at(const cameras_image *image, size_t channel, size_t x, size_t y)
{
    return (unsigned)lrintf(value_at(image, channel, x, y) * 255.0f);
}

static double over_white(double sample, double alpha)
{
    return sample * alpha + 1.0 - alpha;
}

/* What is stored in 8 bits can only come near. */
static double rounded(double value)
{
    return floor(value * 255.0 + 0.5) / 255.0;
}

/* Samples without a pattern, the same in every run. */
static unsigned noise(size_t index)
{
    uint32_t bits = (uint32_t)index * 2654435761u + 12345u;
    bits = (bits ^ bits >> 15) * 2246822519u;
    return bits ^ bits >> 13;
}

static unsigned sample(size_t index, int depth)
{
    return noise(index) & ((1u << depth) - 1u);
}

/* A picture of WIDTH x HEIGHT samples of noise. */
static picture noise_png(int colours, size_t channels, int depth, int interlaced, const uint16_t *key)
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

/* ---- PNG ------------------------------------------------------------------------------------------------------- */

static const struct kind {
    int colours, depth;
    size_t channels; /* with alpha */
} kinds[] = {{GREY, 1, 1}, {GREY, 2, 1},       {GREY, 4, 1},        {GREY, 8, 1},      {GREY, 16, 1},     {RGB, 8, 3},
             {RGB, 16, 3}, {GREY_ALPHA, 8, 2}, {GREY_ALPHA, 16, 2}, {RGB_ALPHA, 8, 4}, {RGB_ALPHA, 16, 4}};

static void expect_noise(const cameras_image *image, const struct kind *kind)
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

START_TEST(png_of_every_kind_and_depth_is_read_exactly)
{
    const struct kind *kind = &kinds[(size_t)_i / 2];
    picture made = noise_png(kind->colours, kind->channels, kind->depth, _i % 2, NULL);
    cameras_image *image = read_whole(&made);
    ck_assert_int_eq(image->planes != NULL, kind->depth == 16);
    expect_noise(image, kind);
    cameras_image_free(image);
}
END_TEST

START_TEST(interlaced_png_of_every_small_size_is_read_exactly)
{
    size_t width = (size_t)_i % 9 + 1, height = (size_t)_i / 9 + 1;
    uint8_t rows[9 * 9 * 3];
    for (size_t i = 0; i < width * height * 3; i++)
        rows[i] = (uint8_t)noise(i);
    picture made = picture_png(
        &(png_recipe){.width = width, .height = height, .depth = 8, .colours = RGB, .interlaced = 1, .rows = rows});
    cameras_image *image = read_whole(&made);
    expect_shape(image, width, height, 3);
    ck_assert_mem_eq(image->bytes, rows, width * height * 3);
    cameras_image_free(image);
}
END_TEST

/* Four colours, of which the first two are not opaque. */
static picture palette_png(int depth, const uint8_t *palette, const uint8_t *alphas)
{
    uint8_t rows[HEIGHT * WIDTH] = {0};
    size_t row_bytes = picture_row_bytes(WIDTH, 1, depth);
    size_t colours = depth == 1 ? 2 : 4;
    for (size_t i = 0; i < AREA; i++)
        picture_put(rows + i / WIDTH * row_bytes, i % WIDTH, depth, (unsigned)(i % colours));
    return picture_png(&(png_recipe){.width = WIDTH,
                                     .height = HEIGHT,
                                     .depth = depth,
                                     .colours = PALETTE,
                                     .rows = rows,
                                     .palette = palette,
                                     .palette_count = colours,
                                     .alphas = alphas,
                                     .alpha_count = alphas ? 2 : 0});
}

START_TEST(palette_becomes_rgb_and_its_transparency_is_laid_over_white)
{
    static const uint8_t palette[] = {200, 10, 0, 1, 2, 3, 255, 255, 255, 7, 77, 177}, alphas[] = {128, 0};
    static const int depths[] = {1, 2, 4, 8};
    int depth = depths[_i / 2], transparent = _i % 2;
    picture made = palette_png(depth, palette, transparent ? alphas : NULL);
    cameras_image *image = read_whole(&made);
    expect_shape(image, WIDTH, HEIGHT, 3);
    for (size_t i = 0; i < AREA; i++)
        for (size_t c = 0; c < 3; c++) {
            size_t colour = i % (depth == 1 ? 2 : 4);
            double alpha = transparent && colour < 2 ? alphas[colour] / 255.0 : 1.0;
            expect_value(image, c, i % WIDTH, i / WIDTH, rounded(over_white(palette[3 * colour + c] / 255.0, alpha)));
        }
    cameras_image_free(image);
}
END_TEST

START_TEST(colour_key_of_a_png_becomes_white)
{
    static const struct kind keyed[] = {{GREY, 2, 1}, {GREY, 8, 1}, {GREY, 16, 1}, {RGB, 8, 3}, {RGB, 16, 3}};
    const struct kind *kind = &keyed[_i];
    size_t chosen = 7; /* the pixel whose colour is the key */
    uint16_t key[3] = {0};
    for (size_t c = 0; c < kind->channels; c++)
        key[c] = (uint16_t)sample(chosen * kind->channels + c, kind->depth);
    picture made = noise_png(kind->colours, kind->channels, kind->depth, 0, key);
    cameras_image *image = read_whole(&made);
    expect_shape(image, WIDTH, HEIGHT, kind->channels);
    for (size_t i = 0; i < AREA; i++) {
        int is_key = 1;
        for (size_t c = 0; c < kind->channels; c++)
            is_key &= sample(i * kind->channels + c, kind->depth) == key[c];
        for (size_t c = 0; c < kind->channels; c++)
            expect_value(image, c, i % WIDTH, i / WIDTH,
                         is_key ? 1.0
                                : sample(i * kind->channels + c, kind->depth) / (double)((1u << kind->depth) - 1u));
    }
    cameras_image_free(image);
}
END_TEST

START_TEST(neighbouring_16_bit_values_stay_apart)
{
    uint8_t rows[] = {0x80, 0x00, 0x80, 0x01, 0xff, 0xfe, 0xff, 0xff};
    picture made = picture_png(&(png_recipe){.width = 4, .height = 1, .depth = 16, .colours = GREY, .rows = rows});
    cameras_image *image = read_whole(&made);
    expect_value(image, 0, 0, 0, 32768 / 65535.0);
    expect_value(image, 0, 1, 0, 32769 / 65535.0);
    expect_value(image, 0, 2, 0, 65534 / 65535.0);
    ck_assert(value_at(image, 0, 3, 0) == 1.0f);
    cameras_image_free(image);
}
END_TEST

START_TEST(png_cut_short_anywhere_is_refused)
{
    const struct kind *kind = &kinds[_i];
    picture made = noise_png(kind->colours, kind->channels, kind->depth, _i % 2, NULL);
    for (size_t size = 0; size < made.size; size++)
        expect_refusal(made.bytes, size, NULL, CAMERAS_EFORMAT);
    picture_free(&made);
}
END_TEST

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

static void expect_refusal_before_allocation(picture *made, const char *width_and_height)
{
    struct rlimit before = bound_memory();
    expect_refusal(made->bytes, made->size, NULL, CAMERAS_ELIMIT);
    ck_assert_int_eq(setrlimit(RLIMIT_DATA, &before), 0);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), width_and_height));
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "100000000"));
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "cameras_options_set_max_pixels"));
    picture_free(made);
}

START_TEST(png_header_of_60000_squared_is_refused_before_allocation)
{
    picture made = picture_png_header(60000, 60000);
    expect_refusal_before_allocation(&made, "60000 x 60000");
}
END_TEST

START_TEST(png_header_of_the_largest_size_is_refused_before_allocation)
{
    picture made = picture_png_header(0x7fffffff, 0x7fffffff);
    expect_refusal_before_allocation(&made, "2147483647 x 2147483647");
}
END_TEST

START_TEST(png_header_of_no_size_is_refused)
{
    picture made = picture_png_header(0, 7);
    expect_refusal(made.bytes, made.size, NULL, CAMERAS_EFORMAT);
    picture_free(&made);
}
END_TEST

START_TEST(png_without_pixels_is_refused)
{
    picture made = picture_png_header(9, 7);
    expect_refusal(made.bytes, made.size, NULL, CAMERAS_EFORMAT);
    picture_free(&made);
}
END_TEST

START_TEST(picture_of_exactly_max_pixels_is_read_and_of_one_more_is_not)
{
    const cameras_options enough = {.max_pixels = AREA}, too_few = {.max_pixels = AREA - 1};
    cameras_image *image = NULL;
    picture made = noise_png(RGB, 3, 8, 0, NULL);
    expect_refusal(made.bytes, made.size, &too_few, CAMERAS_ELIMIT);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "5 x 3"));
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "14"));
    ck_assert_int_eq(cameras_image_read_memory(&image, made.bytes, made.size, &enough), CAMERAS_OK);
    cameras_image_free(image);
    picture_free(&made);
}
END_TEST

START_TEST(size_check_does_not_overflow)
{
    ck_assert_int_eq(cam_image_check_size(SIZE_MAX, SIZE_MAX, SIZE_MAX, "x"), CAMERAS_ELIMIT);
    ck_assert_int_eq(cam_image_check_size((size_t)1 << 32, (size_t)1 << 32, 100, "x"), CAMERAS_ELIMIT);
    ck_assert_int_eq(cam_image_check_size(SIZE_MAX, 1, SIZE_MAX, "x"), CAMERAS_OK);
    ck_assert_int_eq(cam_image_check_size(10, 10, 99, "x"), CAMERAS_ELIMIT);
    ck_assert_int_eq(cam_image_check_size(10, 10, 100, "x"), CAMERAS_OK);
}
END_TEST

/* ---- JPEG ------------------------------------------------------------------------------------------------------ */

enum {
    BLOCK = 8,
    ACROSS = 3,
    DOWN = 2
};

/* Blocks of flat colour, block (i, j) having the components at colours[(j * across + i) * components]. */
static void fill_blocks(uint8_t *samples, const uint8_t *colours, size_t across, size_t down, size_t components)
{
    for (size_t y = 0; y < down * BLOCK; y++)
        for (size_t x = 0; x < across * BLOCK; x++)
            memcpy(samples + (y * across * BLOCK + x) * components,
                   colours + (y / BLOCK * across + x / BLOCK) * components, components);
}

static picture block_jpeg(const uint8_t *colours, jpeg_recipe recipe)
{
    uint8_t samples[ACROSS * DOWN * BLOCK * BLOCK * 4];
    fill_blocks(samples, colours, ACROSS, DOWN, (size_t)recipe.components);
    recipe.width = ACROSS * BLOCK;
    recipe.height = DOWN * BLOCK;
    recipe.samples = samples;
    return picture_jpeg(&recipe);
}

static void expect_near(const cameras_image *image, size_t channel, size_t x, size_t y, double expected)
{
    double found = 255.0 * (double)value_at(image, channel, x, y);
    if (!(fabs(found - expected) <= JPEG_TOLERANCE))
        ck_abort_msg("channel %zu of (%zu, %zu) is %g, not about %g", channel, x, y, found, expected);
}

static const uint8_t six_greys[] = {0, 50, 100, 150, 200, 255};
static const uint8_t six_colours[] = {255, 0, 0, 0, 255, 0, 0, 0, 255, 200, 100, 50, 128, 128, 128, 255, 255, 255};

START_TEST(grey_jpeg_stays_grey)
{
    picture made = block_jpeg(
        six_greys, (jpeg_recipe){.components = 1, .given = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE, .progressive = _i});
    cameras_image *image = read_whole(&made);
    expect_shape(image, 24, 16, 1);
    for (size_t y = 0; y < 16; y++)
        for (size_t x = 0; x < 24; x++)
            expect_near(image, 0, x, y, six_greys[y / 8 * 3 + x / 8]);
    cameras_image_free(image);
}
END_TEST

START_TEST(colour_jpeg_is_read_as_rgb)
{
    static const int stored[] = {JCS_YCbCr, JCS_RGB};
    picture made = block_jpeg(
        six_colours, (jpeg_recipe){.components = 3, .given = JCS_RGB, .stored = stored[_i / 2], .progressive = _i % 2});
    cameras_image *image = read_whole(&made);
    expect_shape(image, 24, 16, 3);
    for (size_t y = 0; y < 16; y++)
        for (size_t x = 0; x < 24; x++)
            for (size_t c = 0; c < 3; c++)
                expect_near(image, c, x, y, six_colours[(y / 8 * 3 + x / 8) * 3 + c]);
    cameras_image_free(image);
}
END_TEST

/* Ink from 0 to 255 in cyan, magenta, yellow, black. */
static const uint8_t six_inks[] = {0,   0, 0, 0, 255, 0,  0,   0, 0,   255, 0,   0,
                                   100, 0, 0, 0, 0,   80, 160, 0, 255, 255, 255, 255};

START_TEST(cmyk_and_ycck_jpegs_become_rgb)
{
    static const struct {
        int stored, without_adobe;
    } cases[] = {{JCS_CMYK, 0}, {JCS_YCCK, 0}, {JCS_CMYK, 1}};
    uint8_t stored_inks[sizeof six_inks];
    for (size_t i = 0; i < sizeof six_inks; i++)
        stored_inks[i] = cases[_i].without_adobe ? six_inks[i] : (uint8_t)(255 - six_inks[i]);
    picture made = block_jpeg(stored_inks, (jpeg_recipe){.components = 4,
                                                         .given = JCS_CMYK,
                                                         .stored = cases[_i].stored,
                                                         .without_adobe = cases[_i].without_adobe});
    cameras_image *image = read_whole(&made);
    expect_shape(image, 24, 16, 3);
    for (size_t y = 0; y < 16; y++)
        for (size_t x = 0; x < 24; x++)
            for (size_t c = 0; c < 3; c++) {
                const uint8_t *ink = six_inks + (y / 8 * 3 + x / 8) * 4;
                expect_near(image, c, x, y, (255 - ink[c]) * (255 - ink[3]) / 255.0);
            }
    cameras_image_free(image);
}
END_TEST

START_TEST(jpeg_cut_short_anywhere_is_refused)
{
    picture made = block_jpeg(six_colours,
                              (jpeg_recipe){.components = 3, .given = JCS_RGB, .stored = JCS_YCbCr, .progressive = _i});
    for (size_t size = 0; size < made.size; size++)
        expect_refusal(made.bytes, size, NULL, CAMERAS_EFORMAT);
    picture_free(&made);
}
END_TEST

/* The place of the first marker of this kind. */
static size_t find_marker(const picture *made, uint8_t kind)
{
    for (size_t at = 0; at + 1 < made->size; at++)
        if (made->bytes[at] == 0xff && made->bytes[at + 1] == kind)
            return at;
    ck_abort_msg("no marker %x", (unsigned)kind);
    return 0;
}

START_TEST(jpeg_header_of_60000_squared_is_refused_before_allocation)
{
    picture made = block_jpeg(six_colours,
                              (jpeg_recipe){.components = 3, .given = JCS_RGB, .stored = JCS_YCbCr, .progressive = _i});
    uint8_t *sizes = made.bytes + find_marker(&made, _i ? 0xc2 : 0xc0) + 5;
    sizes[0] = sizes[2] = 60000 / 256;
    sizes[1] = sizes[3] = 60000 % 256;
    expect_refusal_before_allocation(&made, "60000 x 60000");
}
END_TEST

START_TEST(bytes_after_the_end_of_a_jpeg_are_ignored)
{
    picture made =
        block_jpeg(six_greys, (jpeg_recipe){.components = 1, .given = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE});
    made.bytes = realloc(made.bytes, made.size + 100);
    ck_assert_ptr_nonnull(made.bytes);
    memset(made.bytes + made.size, 0xaa, 100);
    made.size += 100;
    cameras_image *image = read_whole(&made);
    expect_shape(image, 24, 16, 1);
    cameras_image_free(image);
}
END_TEST

/* A progressive picture whose last scan, of one component, comes again and again. */
static picture many_scans(size_t count)
{
    picture made = block_jpeg(
        six_greys, (jpeg_recipe){.components = 1, .given = JCS_GRAYSCALE, .stored = JCS_GRAYSCALE, .progressive = 1});
    size_t start = 0;
    for (size_t at = 0; at + 1 < made.size; at++)
        if (made.bytes[at] == 0xff && made.bytes[at + 1] == 0xda)
            start = at;
    size_t scan = made.size - 2 - start;
    picture all = {malloc(made.size + count * scan), made.size + count * scan};
    ck_assert_ptr_nonnull(all.bytes);
    memcpy(all.bytes, made.bytes, made.size - 2);
    for (size_t i = 0; i < count; i++)
        memcpy(all.bytes + made.size - 2 + i * scan, made.bytes + start, scan);
    memcpy(all.bytes + all.size - 2, "\xff\xd9", 2);
    picture_free(&made);
    return all;
}

START_TEST(jpeg_of_a_thousand_scans_is_refused)
{
    picture few = many_scans(100), many = many_scans(1000);
    cameras_image *image = read_whole(&few);
    cameras_image_free(image);
    expect_refusal(many.bytes, many.size, NULL, CAMERAS_EFORMAT);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "500 scans"));
    picture_free(&many);
}
END_TEST

START_TEST(jpeg_of_two_components_is_refused)
{
    uint8_t samples[8 * 8 * 2] = {0};
    picture made = picture_jpeg(&(jpeg_recipe){
        .width = 8, .height = 8, .components = 2, .given = JCS_UNKNOWN, .stored = JCS_UNKNOWN, .samples = samples});
    expect_refusal(made.bytes, made.size, NULL, CAMERAS_EFORMAT);
    picture_free(&made);
}
END_TEST

/* ---- orientation ----------------------------------------------------------------------------------------------- */

/*
 * How the upright picture ABC/DEF is stored, by what Exif says of row 0 and column 0: 1 top, left; 2 top, right;
 * 3 bottom, right; 4 bottom, left; 5 left, top; 6 right, top; 7 right, bottom; 8 left, bottom.
 */
static const struct {
    const char *letters;
    size_t width, height;
} stored_as[9] = {{"ABCDEF", 3, 2}, {"ABCDEF", 3, 2}, {"CBAFED", 3, 2}, {"FEDCBA", 3, 2}, {"DEFABC", 3, 2},
                  {"ADBECF", 2, 3}, {"CFBEAD", 2, 3}, {"FCEBDA", 2, 3}, {"DAEBFC", 2, 3}};

static const char upright[] = "ABCDEF";

static uint8_t shade(char letter, size_t channel)
{
    return (uint8_t)((letter - 'A') * 40 + (int)channel * 10);
}

static picture turned_jpeg(unsigned orientation, const uint8_t *app1, size_t app1_size, size_t components)
{
    uint8_t colours[18], samples[ACROSS * DOWN * BLOCK * BLOCK * 3];
    size_t across = stored_as[orientation].width, down = stored_as[orientation].height;
    for (size_t i = 0; i < 6 * components; i++)
        colours[i] = shade(stored_as[orientation].letters[i / components], i % components);
    fill_blocks(samples, colours, across, down, components);
    return picture_jpeg(&(jpeg_recipe){.width = across * BLOCK,
                                       .height = down * BLOCK,
                                       .components = (int)components,
                                       .given = components == 1 ? JCS_GRAYSCALE : JCS_RGB,
                                       .stored = components == 1 ? JCS_GRAYSCALE : JCS_YCbCr,
                                       .samples = samples,
                                       .app1 = app1,
                                       .app1_size = app1_size});
}

START_TEST(jpeg_is_turned_upright_from_every_orientation_in_both_byte_orders)
{
    unsigned orientation = (unsigned)_i % 8 + 1;
    size_t components = _i / 16 ? 1 : 3;
    uint8_t app1[PICTURE_EXIF_BYTES];
    picture_exif(app1, orientation, _i / 8 % 2);
    picture made = turned_jpeg(orientation, app1, sizeof app1, components);
    cameras_image *image = read_whole(&made);
    expect_shape(image, 24, 16, components);
    for (size_t y = 0; y < 16; y++)
        for (size_t x = 0; x < 24; x++)
            for (size_t c = 0; c < components; c++)
                expect_near(image, c, x, y, shade(upright[y / 8 * 3 + x / 8], c));
    cameras_image_free(image);
}
END_TEST

START_TEST(png_is_turned_upright_by_its_exif_chunk)
{
    unsigned orientation = (unsigned)_i % 8 + 1;
    int depth = _i / 8 ? 16 : 8;
    uint8_t exif[PICTURE_EXIF_BYTES], rows[6 * 3 * 2] = {0};
    picture_exif(exif, orientation, 1);
    for (size_t i = 0; i < 18; i++)
        picture_put(rows, i, depth, shade(stored_as[orientation].letters[i / 3], i % 3) * (depth == 16 ? 257u : 1u));
    picture made = picture_png(&(png_recipe){.width = stored_as[orientation].width,
                                             .height = stored_as[orientation].height,
                                             .depth = depth,
                                             .colours = RGB,
                                             .rows = rows,
                                             .exif = exif + PICTURE_EXIF_PREFIX,
                                             .exif_size = sizeof exif - PICTURE_EXIF_PREFIX});
    cameras_image *image = read_whole(&made);
    expect_shape(image, 3, 2, 3);
    for (size_t i = 0; i < 18; i++)
        expect_value(image, i % 3, i / 3 % 3, i / 9, shade(upright[i / 3], i % 3) / 255.0);
    cameras_image_free(image);
}
END_TEST

START_TEST(orientations_out_of_range_say_nothing)
{
    uint8_t exif[PICTURE_EXIF_BYTES];
    static const unsigned others[] = {0, 9, 255, 256, 65535};
    for (size_t i = 0; i < COUNT(others); i++) {
        picture_exif(exif, others[i], (int)i % 2);
        ck_assert_uint_eq(cam_exif_orientation(exif + PICTURE_EXIF_PREFIX, sizeof exif - PICTURE_EXIF_PREFIX), 1);
    }
}
END_TEST

START_TEST(orientation_is_found_only_in_whole_entries)
{
    uint8_t exif[PICTURE_EXIF_BYTES];
    picture_exif(exif, 6, 0);
    /* Header 8, count 2, two entries of 12: 34 bytes; each size has its own allocation, so overreading shows. */
    for (size_t size = 0; size <= sizeof exif - PICTURE_EXIF_PREFIX; size++) {
        uint8_t *tiff = malloc(size + !size);
        ck_assert_ptr_nonnull(tiff);
        memcpy(tiff, exif + PICTURE_EXIF_PREFIX, size);
        ck_assert_uint_eq(cam_exif_orientation(tiff, size), size >= 34 ? 6 : 1);
        free(tiff);
    }
}
END_TEST

START_TEST(directory_offsets_outside_say_nothing)
{
    uint8_t exif[PICTURE_EXIF_BYTES], *tiff = exif + PICTURE_EXIF_PREFIX;
    static const uint8_t offsets[][4] = {
        {0xff, 0xff, 0xff, 0xff}, {0xfe, 0xff, 0xff, 0x7f}, {36, 0, 0, 0}, {37, 0, 0, 0}, {38, 0, 0, 0}, {39, 0, 0, 0}};
    for (size_t i = 0; i < COUNT(offsets); i++) {
        uint8_t *exact = malloc(38);
        ck_assert_ptr_nonnull(exact);
        picture_exif(exif, 6, 0);
        memcpy(tiff + 4, offsets[i], 4);
        memcpy(exact, tiff, 38);
        ck_assert_uint_eq(cam_exif_orientation(exact, 38), 1);
        free(exact);
    }
}
END_TEST

START_TEST(garbage_exif_leaves_the_picture_as_stored)
{
    uint8_t app1[200];
    for (size_t i = 0; i < sizeof app1; i++)
        app1[i] = (uint8_t)noise(i + 1000 * (size_t)_i);
    if (_i % 3 > 0)
        memcpy(app1, "Exif\0", PICTURE_EXIF_PREFIX);
    if (_i % 3 > 1)
        memcpy(app1 + PICTURE_EXIF_PREFIX, "MM\0*\0\0\0\x08\xff\xff", 10);
    picture made = turned_jpeg(1, app1, (size_t)_i % 3 ? sizeof app1 - (size_t)_i : 1 + (size_t)_i, 3);
    cameras_image *image = read_whole(&made);
    expect_shape(image, 24, 16, 3);
    expect_near(image, 0, 4, 4, shade('A', 0));
    cameras_image_free(image);
}
END_TEST

START_TEST(turning_back_gives_the_first_picture)
{
    static const unsigned inverse[] = {0, 1, 2, 3, 4, 5, 8, 7, 6};
    unsigned orientation = (unsigned)_i % 8 + 1;
    float values[3 * AREA];
    for (size_t i = 0; i < 3 * AREA; i++)
        values[i] = (float)(noise(i) % 1000) / 1000.0f;
    cameras_image *image = NULL;
    ck_assert_int_eq(cameras_image_new(&image, values, WIDTH, HEIGHT, 0, CAMERAS_RGBF), CAMERAS_OK);
    ck_assert_int_eq(cam_exif_apply(&image, orientation, "turn"), CAMERAS_OK);
    ck_assert_uint_eq(image->width, orientation < 5 ? WIDTH : HEIGHT);
    ck_assert_int_eq(cam_exif_apply(&image, inverse[orientation], "turn"), CAMERAS_OK);
    expect_shape(image, WIDTH, HEIGHT, 3);
    ck_assert_mem_eq(image->planes, values, sizeof values);
    cameras_image_free(image);
}
END_TEST

/* ---- hostile bytes --------------------------------------------------------------------------------------------- */

START_TEST(what_is_neither_png_nor_jpeg_is_refused_by_name)
{
    static const struct {
        const char *bytes, *said;
        size_t size;
    } cases[] = {{"GIF89a......", "GIF", 12},
                 {"RIFF....WEBPVP8 ", "WebP", 16},
                 {"II*\0........", "TIFF", 12},
                 {"....ftypheic....", "HEIF", 16},
                 {"<!DOCTYPE html>", "markup", 15},
                 {"hello there", "neither", 11},
                 {"PK\3\4........", "model", 12},
                 {"PK", "neither", 2},
                 {"\x89PNG\r\n", "neither PNG", 6},
                 {"\xff\xd8", "neither", 2},
                 {"x", "neither", 1},
                 {"\x89PNG\n\x1a\n........", "neither", 14},
                 {"", "neither", 0}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        expect_refusal((const uint8_t *)cases[i].bytes, cases[i].size, NULL, CAMERAS_EFORMAT);
        ck_assert_ptr_nonnull(strstr(cameras_last_error(), cases[i].said));
    }
}
END_TEST

/* Either a whole picture or a refusal; that nothing else happens is for the sanitizers to see. */
static void expect_either(const uint8_t *bytes, size_t size)
{
    const cameras_options options = {.max_pixels = 1000000};
    cameras_image sentinel, *image = &sentinel;
    cameras_status status = cameras_image_read_memory(&image, bytes, size, &options);
    if (status != CAMERAS_OK) {
        ck_assert(status == CAMERAS_EFORMAT || status == CAMERAS_ELIMIT);
        ck_assert_ptr_null(image);
        return;
    }
    int all_inside = 1; /* one assertion a picture: each costs a system call */
    float *row = malloc(image->width * sizeof *row);
    ck_assert_ptr_nonnull(row);
    for (size_t y = 0; y < image->height; y++)
        for (size_t c = 0; c < image->channels; c++) {
            cam_image_row(row, image, c, y);
            for (size_t x = 0; x < image->width; x++)
                all_inside &= row[x] >= 0.0f && row[x] <= 1.0f;
        }
    free(row);
    cameras_image_free(image);
    ck_assert(all_inside);
}

START_TEST(random_bytes_never_do_harm)
{
    static const char *const openings[] = {"", "\x89PNG\r\n\x1a\n", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "\xff\xd8\xff",
                                           "\xff\xd8\xff\xe1"};
    static const size_t sizes[] = {0, 8, 16, 3, 4};
    uint8_t bytes[600];
    for (size_t round = 0; round < 100; round++) {
        for (size_t i = 0; i < sizeof bytes; i++)
            bytes[i] = (uint8_t)noise(i + 10000 * round + 1000000 * (size_t)_i);
        memcpy(bytes, openings[_i], sizes[_i]);
        expect_either(bytes, sizeof bytes - round);
    }
}
END_TEST

static void flip_everywhere(picture *made)
{
    for (size_t at = 0; at < made->size; at++) {
        uint8_t kept = made->bytes[at];
        static const uint8_t flips[] = {0x01, 0x80, 0xff};
        for (size_t i = 0; i < COUNT(flips); i++) {
            made->bytes[at] = kept ^ flips[i];
            expect_either(made->bytes, made->size);
        }
        made->bytes[at] = kept;
    }
    picture_free(made);
}

START_TEST(png_with_a_flipped_byte_does_no_harm)
{
    const struct kind *kind = &kinds[_i];
    picture made = noise_png(kind->colours, kind->channels, kind->depth, _i % 2, NULL);
    flip_everywhere(&made);
}
END_TEST

START_TEST(jpeg_with_a_flipped_byte_does_no_harm)
{
    uint8_t app1[PICTURE_EXIF_BYTES];
    picture_exif(app1, 6, 1);
    picture made = block_jpeg(_i < 2 ? six_colours : six_inks, (jpeg_recipe){.components = _i < 2 ? 3 : 4,
                                                                             .given = _i < 2 ? JCS_RGB : JCS_CMYK,
                                                                             .stored = _i < 2 ? JCS_YCbCr : JCS_YCCK,
                                                                             .progressive = _i == 1,
                                                                             .app1 = app1,
                                                                             .app1_size = sizeof app1});
    flip_everywhere(&made);
}
END_TEST

START_TEST(damaged_pictures_print_nothing)
{
    FILE *caught = tmpfile();
    ck_assert_ptr_nonnull(caught);
    fflush(NULL);
    int out = dup(1), err = dup(2);
    dup2(fileno(caught), 1);
    dup2(fileno(caught), 2);
    picture jpeg = block_jpeg(six_colours, (jpeg_recipe){.components = 3, .given = JCS_RGB, .stored = JCS_YCbCr});
    picture png = noise_png(RGB, 3, 8, 0, NULL);
    flip_everywhere(&jpeg);
    flip_everywhere(&png);
    fflush(NULL);
    dup2(out, 1);
    dup2(err, 2);
    close(out);
    close(err);
    ck_assert_int_eq(lseek(fileno(caught), 0, SEEK_END), 0);
    fclose(caught);
}
END_TEST

START_TEST(read_memory_without_arguments_is_refused)
{
    cameras_image sentinel, *image = &sentinel;
    ck_assert_int_eq(cameras_image_read_memory(NULL, "x", 1, NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_read_memory(&image, NULL, 1, NULL), CAMERAS_EINVAL);
    ck_assert_ptr_null(image);
    image = &sentinel;
    ck_assert_int_eq(cameras_image_read(NULL, "x", NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_read(&image, NULL, NULL), CAMERAS_EINVAL);
    ck_assert_ptr_null(image);
}
END_TEST

/* ---- a caller's pixels ----------------------------------------------------------------------------------------- */

static cameras_image *new_image(const void *pixels, size_t width, size_t height, size_t stride,
                                cameras_pixel_format format)
{
    cameras_image *image = NULL;
    cameras_status status = cameras_image_new(&image, pixels, width, height, stride, format);
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
    return image;
}

static void expect_new_refused(const void *pixels, size_t width, size_t height, size_t stride,
                               cameras_pixel_format format, cameras_status expected)
{
    cameras_image sentinel, *image = &sentinel;
    ck_assert_int_eq(cameras_image_new(&image, pixels, width, height, stride, format), expected);
    ck_assert_ptr_null(image);
    ck_assert_int_eq(strncmp(cameras_last_error(), "new image: ", 11), 0);
}

START_TEST(strides_are_followed_and_the_gaps_left_alone)
{
    static const uint8_t pixels[] = {1, 2, 3, 4, 5, 6, 99, 99, 7, 8, 9, 10, 11, 12};
    static const uint8_t close_rows[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    cameras_image *spaced = new_image(pixels, 2, 2, 8, CAMERAS_RGB8);
    cameras_image *packed = new_image(close_rows, 2, 2, 0, CAMERAS_RGB8);
    cameras_image *grey = new_image(pixels, 6, 2, 8, CAMERAS_GRAY8);
    expect_shape(spaced, 2, 2, 3);
    expect_shape(grey, 6, 2, 1);
    ck_assert_mem_eq(spaced->bytes, close_rows, 12);
    ck_assert_mem_eq(packed->bytes, close_rows, 12);
    ck_assert_mem_eq(grey->bytes, close_rows, 12);
    cameras_image_free(grey);
    cameras_image_free(packed);
    cameras_image_free(spaced);
}
END_TEST

START_TEST(bgr_is_turned_to_rgb)
{
    static const uint8_t pixels[] = {1, 2, 3, 4, 5, 6}, expected[] = {3, 2, 1, 6, 5, 4};
    cameras_image *image = new_image(pixels, 1, 2, 0, CAMERAS_BGR8);
    ck_assert_mem_eq(image->bytes, expected, 6);
    cameras_image_free(image);
}
END_TEST

START_TEST(every_alpha_of_every_sample_is_laid_over_white)
{
    static uint8_t pixels[256 * 256 * 4];
    for (size_t i = 0; i < 65536; i++) {
        pixels[4 * i] = (uint8_t)(i % 256);
        pixels[4 * i + 3] = (uint8_t)(i / 256);
    }
    cameras_image *image = new_image(pixels, 256, 256, 0, CAMERAS_RGBA8);
    expect_shape(image, 256, 256, 3);
    for (size_t i = 0; i < 65536; i++) {
        double exact = 255.0 * over_white((double)(i % 256) / 255.0, (double)(i / 256) / 255.0);
        if (image->bytes[3 * i] != (unsigned)floor(exact + 0.5) || image->bytes[3 * i + 1] != 255 - i / 256)
            ck_abort_msg("sample %zu at alpha %zu", i % 256, i / 256);
    }
    cameras_image_free(image);
}
END_TEST

START_TEST(planes_of_floats_are_taken_plane_after_plane)
{
    /* Two rows of two floats in strides of three, so planes are six floats apart; -9 stands in the gaps. */
    static const float pixels[] = {.1f, .2f, -9, .3f, .4f, -9, .5f, .6f, -9, .7f, .8f, -9, .9f, 1, -9, 0, .05f, -9};
    static const float expected[] = {.1f, .2f, .3f, .4f, .5f, .6f, .7f, .8f, .9f, 1, 0, .05f};
    cameras_image *image = new_image(pixels, 2, 2, 3 * sizeof(float), CAMERAS_RGBF);
    expect_shape(image, 2, 2, 3);
    ck_assert_ptr_nonnull(image->planes);
    ck_assert_mem_eq(image->planes, expected, sizeof expected);
    ck_assert(value_at(image, 2, 1, 1) == .05f);
    cameras_image_free(image);
}
END_TEST

START_TEST(stride_of_floats_need_not_be_a_multiple_of_their_size)
{
    static const float values[] = {.25f, .75f};
    uint8_t pixels[11] = {0};
    memcpy(pixels, &values[0], sizeof(float));
    memcpy(pixels + 7, &values[1], sizeof(float));
    cameras_image *image = new_image(pixels, 1, 2, 7, CAMERAS_GRAYF);
    expect_shape(image, 1, 2, 1);
    ck_assert_mem_eq(image->planes, values, sizeof values);
    cameras_image_free(image);
}
END_TEST

START_TEST(floats_outside_0_to_1_are_clipped)
{
    static const float pixels[] = {-1, 2, -0.0f, FLT_MAX, -FLT_MAX, 0.5f};
    cameras_image *image = new_image(pixels, 6, 1, 0, CAMERAS_GRAYF);
    static const double expected[] = {0, 1, 0, 1, 0, .5};
    for (size_t x = 0; x < 6; x++)
        expect_value(image, 0, x, 0, expected[x]);
    cameras_image_free(image);
}
END_TEST

START_TEST(float_that_is_not_finite_is_refused_and_located)
{
    const float bad[] = {NAN, INFINITY, -INFINITY};
    float pixels[12] = {0};
    pixels[11] = bad[_i]; /* channel 2 of two columns, two rows */
    expect_new_refused(pixels, 2, 2, 0, CAMERAS_RGBF, CAMERAS_EINVAL);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "channel 2 at column 1, row 1"));
}
END_TEST

START_TEST(bad_arguments_of_a_new_image_are_refused)
{
    static const uint8_t pixels[64];
    expect_new_refused(NULL, 2, 2, 0, CAMERAS_RGB8, CAMERAS_EINVAL);
    expect_new_refused(pixels, 0, 2, 0, CAMERAS_RGB8, CAMERAS_EINVAL);
    expect_new_refused(pixels, 2, 0, 0, CAMERAS_RGB8, CAMERAS_EINVAL);
    expect_new_refused(pixels, 2, 2, 0, (cameras_pixel_format)6, CAMERAS_EINVAL);
    expect_new_refused(pixels, 2, 2, 0, (cameras_pixel_format)-1, CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_new(NULL, pixels, 2, 2, 0, CAMERAS_RGB8), CAMERAS_EINVAL);
}
END_TEST

START_TEST(stride_shorter_than_a_row_is_refused)
{
    static const size_t pixel_bytes[] = {1, 3, 4, 3, 4, 4};
    static const uint8_t pixels[256];
    size_t row = 3 * pixel_bytes[_i];
    expect_new_refused(pixels, 3, 2, row - 1, (cameras_pixel_format)_i, CAMERAS_EINVAL);
    cameras_image_free(new_image(pixels, 3, 2, row, (cameras_pixel_format)_i));
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
    static const uint8_t pixels[64];
    static const size_t half = (size_t)1 << (sizeof(size_t) * 4), most = SIZE_MAX;
    cameras_pixel_format format = (cameras_pixel_format)_i;
    expect_new_refused(pixels, half, half, 0, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, most, most, 0, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, most / 2 + 1, 2, 0, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, most / 3 + 1, 3, 0, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, most / 4 + 1, 4, 0, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, 1, most, 0, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, 1, 3, most / 2, format, CAMERAS_ELIMIT);
    expect_new_refused(pixels, 1, most / 8, 16, format, CAMERAS_ELIMIT);
}
END_TEST

START_TEST(getters_of_no_image_give_nothing)
{
    expect_shape(NULL, 0, 0, 0);
    cameras_image_free(NULL);
}
END_TEST

/* ---- samples out ----------------------------------------------------------------------------------------------- */

START_TEST(rows_of_bytes_are_parts_of_255)
{
    uint8_t pixels[256];
    for (size_t i = 0; i < 256; i++)
        pixels[i] = (uint8_t)i;
    cameras_image *image = new_image(pixels, 256, 1, 0, CAMERAS_GRAY8);
    for (size_t channel = 0; channel < 3; channel++)
        for (size_t i = 0; i < 256; i++)
            ck_assert(value_at(image, channel, i, 0) == (float)i / 255.0f);
    cameras_image_free(image);
}
END_TEST

START_TEST(pixels_are_copied_out_with_the_stride_and_nothing_beside_them)
{
    static const uint8_t pixels[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    static const uint8_t expected[] = {1, 2, 3, 4, 5, 6, 99, 99, 7, 8, 9, 10, 11, 12, 99, 99};
    uint8_t buffer[16], packed[12];
    cameras_image *image = new_image(pixels, 2, 2, 0, CAMERAS_RGB8);
    memset(buffer, 99, sizeof buffer);
    ck_assert_int_eq(cameras_image_pixels(buffer, 8, image), CAMERAS_OK);
    ck_assert_mem_eq(buffer, expected, sizeof expected);
    ck_assert_int_eq(cameras_image_pixels(packed, 0, image), CAMERAS_OK);
    ck_assert_mem_eq(packed, pixels, sizeof pixels);
    ck_assert_int_eq(cameras_image_pixels(packed, 5, image), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_pixels(NULL, 0, image), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_pixels(packed, 0, NULL), CAMERAS_EINVAL);
    cameras_image_free(image);
}
END_TEST

START_TEST(grey_is_repeated_and_floats_are_rounded)
{
    static const uint8_t grey[] = {7, 250};
    static const float values[] = {0.4f / 255, 0.6f / 255, 1, 0};
    static const uint8_t from_grey[] = {7, 7, 7, 250, 250, 250},
                         from_values[] = {0, 0, 0, 1, 1, 1, 255, 255, 255, 0, 0, 0};
    uint8_t buffer[12];
    cameras_image *image = new_image(grey, 2, 1, 0, CAMERAS_GRAY8);
    ck_assert_int_eq(cameras_image_pixels(buffer, 0, image), CAMERAS_OK);
    ck_assert_mem_eq(buffer, from_grey, 6);
    cameras_image_free(image);
    image = new_image(values, 4, 1, 0, CAMERAS_GRAYF);
    ck_assert_int_eq(cameras_image_pixels(buffer, 0, image), CAMERAS_OK);
    ck_assert_mem_eq(buffer, from_values, 12);
    cameras_image_free(image);
}
END_TEST

/* ---- files ----------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/check_image.XXXXXX";
static char path[128];

static const char *named(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void make_folder(void)
{
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
    static const char *const names[] = {"a.png", "a.PNG", "a.jpg", "a.jpeg", "a.JPG", "grey16.png", "photo.txt"};
    for (size_t i = 0; i < COUNT(names); i++)
        unlink(named(names[i]));
    /* Fails where a test left something else, such as a temporary file. */
    ck_assert_int_eq(rmdir(folder), 0);
}

static cameras_image *noise_image(cameras_pixel_format format)
{
    uint8_t pixels[AREA * 4];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)noise(i);
    return new_image(pixels, WIDTH, HEIGHT, 0, format);
}

START_TEST(written_png_reads_back_exactly)
{
    static const cameras_pixel_format formats[] = {CAMERAS_GRAY8, CAMERAS_RGB8};
    static const char *const names[] = {"a.png", "a.PNG"};
    cameras_image *image = noise_image(formats[_i]), *back = NULL;
    ck_assert_int_eq(cameras_image_write(image, named(names[_i])), CAMERAS_OK);
    ck_assert_int_eq(cameras_image_read(&back, path, NULL), CAMERAS_OK);
    expect_shape(back, WIDTH, HEIGHT, image->channels);
    ck_assert_mem_eq(back->bytes, image->bytes, AREA * image->channels);
    cameras_image_free(back);
    cameras_image_free(image);
}
END_TEST

START_TEST(floats_are_written_rounded_to_bytes)
{
    static const float values[] = {0, 100.4f / 255, 100.6f / 255, 1, .5f, 1, 0, .25f, 0, 0, .75f, 1};
    cameras_image *image = new_image(values, 2, 2, 0, CAMERAS_RGBF), *back = NULL;
    ck_assert_int_eq(cameras_image_write(image, named("a.png")), CAMERAS_OK);
    ck_assert_int_eq(cameras_image_read(&back, path, NULL), CAMERAS_OK);
    expect_shape(back, 2, 2, 3);
    for (size_t i = 0; i < 12; i++)
        ck_assert_uint_eq(byte_at(back, i / 4, i % 2, i / 2 % 2), (unsigned)floor((double)values[i] * 255 + 0.5));
    cameras_image_free(back);
    cameras_image_free(image);
}
END_TEST

static picture slurp(const char *name)
{
    picture file = {malloc(100000), 0};
    FILE *stream = fopen(name, "rb");
    ck_assert_ptr_nonnull(file.bytes);
    ck_assert_ptr_nonnull(stream);
    file.size = fread(file.bytes, 1, 100000, stream);
    fclose(stream);
    return file;
}

START_TEST(written_jpeg_has_the_tables_of_quality_92)
{
    /* The standard luminance table (T.81, annex K) as it begins in zigzag order; 92 scales it by 200 - 2 * 92 = 16 %.
     */
    static const unsigned standard[] = {16, 11, 12, 14, 12, 10, 16, 14};
    static const char *const names[] = {"a.jpg", "a.jpeg", "a.JPG"};
    cameras_image *image = noise_image(_i == 1 ? CAMERAS_GRAY8 : CAMERAS_RGB8);
    ck_assert_int_eq(cameras_image_write(image, named(names[_i])), CAMERAS_OK);
    picture file = slurp(path);
    const uint8_t *table = file.bytes + find_marker(&file, 0xdb) + 5;
    for (size_t i = 0; i < COUNT(standard); i++)
        ck_assert_uint_eq(table[i], (standard[i] * 16 + 50) / 100);
    picture_free(&file);
    cameras_image_free(image);
}
END_TEST

START_TEST(written_jpeg_reads_back_nearly)
{
    uint8_t samples[ACROSS * DOWN * BLOCK * BLOCK * 3];
    size_t components = _i ? 1 : 3;
    /* One colour, since colour is stored at half size and edges of it would be smoothed. */
    static const uint8_t one_colour[] = {40, 90, 140, 40, 90, 140, 40, 90, 140, 40, 90, 140, 40, 90, 140, 40, 90, 140};
    fill_blocks(samples, _i ? six_greys : one_colour, ACROSS, DOWN, components);
    cameras_image *image = new_image(samples, 24, 16, 0, _i ? CAMERAS_GRAY8 : CAMERAS_RGB8), *back = NULL;
    ck_assert_int_eq(cameras_image_write(image, named("a.jpg")), CAMERAS_OK);
    ck_assert_int_eq(cameras_image_read(&back, path, NULL), CAMERAS_OK);
    expect_shape(back, 24, 16, components);
    for (size_t i = 0; i < 24 * 16; i++)
        for (size_t c = 0; c < components; c++)
            expect_near(back, c, i % 24, i / 24, samples[i * components + c]);
    cameras_image_free(back);
    cameras_image_free(image);
}
END_TEST

START_TEST(grey_of_16_bits_is_written_exactly)
{
    uint16_t samples[7 * 300];
    cam_output output;
    cameras_image *back = NULL;
    for (size_t i = 0; i < COUNT(samples); i++)
        samples[i] = (uint16_t)(i < 3 ? 65535 - i : noise(i));
    ck_assert_int_eq(cam_output_open(&output, named("grey16.png"), "write map"), CAMERAS_OK);
    ck_assert_int_eq(cam_png_write_gray16(&output, samples, 300, 7), CAMERAS_OK);
    ck_assert_int_eq(cam_output_commit(&output), CAMERAS_OK);
    ck_assert_int_eq(cameras_image_read(&back, path, NULL), CAMERAS_OK);
    expect_shape(back, 300, 7, 1);
    for (size_t i = 0; i < COUNT(samples); i++)
        ck_assert(fabs((double)back->planes[i] - samples[i] / 65535.0) < 1e-7);
    cameras_image_free(back);
}
END_TEST

START_TEST(name_of_another_ending_is_refused)
{
    static const char *const names[] = {"a.gif", "png", "a", "a.png.txt", "", "a.", "a.jpgx", "/tmp.png/a"};
    cameras_image *image = noise_image(CAMERAS_RGB8);
    for (size_t i = 0; i < COUNT(names); i++)
        ck_assert_int_eq(cameras_image_write(image, names[i]), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_write(image, NULL), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_write(NULL, "a.png"), CAMERAS_EINVAL);
    cameras_image_free(image);
}
END_TEST

START_TEST(picture_too_long_for_jpeg_is_refused_and_leaves_nothing)
{
    static const uint8_t pixels[65501];
    cameras_image *image = new_image(pixels, 65501, 1, 0, CAMERAS_GRAY8);
    ck_assert_int_eq(cameras_image_write(image, named("a.jpg")), CAMERAS_ELIMIT);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), "65500"));
    cameras_image_free(image);
}
END_TEST

START_TEST(write_to_a_missing_folder_is_an_io_error)
{
    cameras_image *image = noise_image(CAMERAS_RGB8);
    ck_assert_int_eq(cameras_image_write(image, named("none/a.png")), CAMERAS_EIO);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), path));
    cameras_image_free(image);
}
END_TEST

START_TEST(write_to_a_full_device_is_an_io_error)
{
    static uint8_t pixels[300 * 300];
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)noise(i);
    cam_output full = {.stream = fopen("/dev/full", "wb"), .path = "/dev/full", .doing = "write image"};
    ck_assert_ptr_nonnull(full.stream);
    ck_assert_int_eq(_i ? cam_jpeg_write(&full, pixels, 300, 300, 1) : cam_png_write(&full, pixels, 300, 300, 1),
                     CAMERAS_EIO);
    ck_assert_str_eq(cameras_last_error(), "write image /dev/full: No space left on device");
    cam_output_abandon(&full);
}
END_TEST

START_TEST(file_is_known_by_its_bytes_and_not_by_its_name)
{
    cameras_image *image = NULL;
    picture made = noise_png(RGB, 3, 8, 0, NULL);
    FILE *stream = fopen(named("photo.txt"), "wb");
    ck_assert_ptr_nonnull(stream);
    ck_assert_uint_eq(fwrite(made.bytes, 1, made.size, stream), made.size);
    fclose(stream);
    picture_free(&made);
    ck_assert_int_eq(cameras_image_read(&image, path, NULL), CAMERAS_OK);
    expect_noise(image, &kinds[5]);
    cameras_image_free(image);
}
END_TEST

START_TEST(missing_picture_is_an_io_error_that_names_it)
{
    cameras_image sentinel, *image = &sentinel;
    ck_assert_int_eq(cameras_image_read(&image, named("none.png"), NULL), CAMERAS_EIO);
    ck_assert_ptr_null(image);
    ck_assert_ptr_nonnull(strstr(cameras_last_error(), path));
}
END_TEST

/* ---- sheets ---------------------------------------------------------------------------------------------------- */

static cameras_image *flat_image(size_t width, size_t height, uint8_t shade_of_grey)
{
    uint8_t pixels[64];
    memset(pixels, shade_of_grey, sizeof pixels);
    return new_image(pixels, width, height, 0, CAMERAS_GRAY8);
}

START_TEST(sheet_tiles_in_rows_with_gaps_and_centres_the_smaller)
{
    cameras_image *images[] = {flat_image(4, 2, 10), flat_image(2, 4, 20), flat_image(4, 4, 30)}, *sheet = NULL;
    /* Cells of 4 x 4, two to a row, a pixel between. */
    static const char *const expected[] = {"....  bb ", "aaaa  bb ", "aaaa  bb ", "....  bb ", "         ",
                                           "cccc     ", "cccc     ", "cccc     ", "cccc     "};
    ck_assert_int_eq(cameras_image_sheet(&sheet, (const cameras_image *const *)images, 3, 2, 1), CAMERAS_OK);
    expect_shape(sheet, 9, 9, 3);
    for (size_t y = 0; y < 9; y++)
        for (size_t x = 0; x < 9; x++)
            for (size_t c = 0; c < 3; c++) {
                char letter = expected[y][x];
                unsigned shade_of_grey = letter >= 'a' ? (unsigned)(letter - 'a' + 1) * 10 : 255;
                ck_assert_uint_eq(byte_at(sheet, c, x, y), shade_of_grey);
            }
    cameras_image_free(sheet);
    for (size_t i = 0; i < 3; i++)
        cameras_image_free(images[i]);
}
END_TEST

START_TEST(sheet_is_no_wider_than_its_images)
{
    cameras_image *image = noise_image(CAMERAS_RGB8), *sheet = NULL;
    const cameras_image *images[] = {image, image};
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 2, 100, 3), CAMERAS_OK);
    expect_shape(sheet, 2 * WIDTH + 3, HEIGHT, 3);
    cameras_image_free(sheet);
    cameras_image_free(image);
}
END_TEST

START_TEST(bad_arguments_of_a_sheet_are_refused)
{
    cameras_image *image = noise_image(CAMERAS_RGB8), sentinel, *sheet = &sentinel;
    const cameras_image *images[] = {image, image, NULL};
    ck_assert_int_eq(cameras_image_sheet(NULL, images, 2, 1, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_sheet(&sheet, NULL, 2, 1, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 0, 1, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 2, 0, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 3, 1, 0), CAMERAS_EINVAL);
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 2, 2, SIZE_MAX), CAMERAS_ELIMIT);
    ck_assert_int_eq(cameras_image_sheet(&sheet, images, 2, 2, SIZE_MAX / 2), CAMERAS_ELIMIT);
    ck_assert_ptr_null(sheet);
    cameras_image_free(image);
}
END_TEST

/* ---- suite ----------------------------------------------------------------------------------------------------- */

static TCase *png_case(void)
{
    TCase *cases = tcase_create("png");
    tcase_add_loop_test(cases, png_of_every_kind_and_depth_is_read_exactly, 0, 2 * (int)COUNT(kinds));
    tcase_add_loop_test(cases, interlaced_png_of_every_small_size_is_read_exactly, 0, 81);
    tcase_add_loop_test(cases, palette_becomes_rgb_and_its_transparency_is_laid_over_white, 0, 8);
    tcase_add_loop_test(cases, colour_key_of_a_png_becomes_white, 0, 5);
    tcase_add_test(cases, neighbouring_16_bit_values_stay_apart);
    tcase_add_loop_test(cases, png_cut_short_anywhere_is_refused, 0, (int)COUNT(kinds));
    tcase_add_test(cases, png_header_of_60000_squared_is_refused_before_allocation);
    tcase_add_test(cases, png_header_of_the_largest_size_is_refused_before_allocation);
    tcase_add_test(cases, png_header_of_no_size_is_refused);
    tcase_add_test(cases, png_without_pixels_is_refused);
    tcase_add_test(cases, picture_of_exactly_max_pixels_is_read_and_of_one_more_is_not);
    tcase_add_test(cases, size_check_does_not_overflow);
    return cases;
}

static TCase *jpeg_case(void)
{
    TCase *cases = tcase_create("jpeg");
    tcase_add_loop_test(cases, grey_jpeg_stays_grey, 0, 2);
    tcase_add_loop_test(cases, colour_jpeg_is_read_as_rgb, 0, 4);
    tcase_add_loop_test(cases, cmyk_and_ycck_jpegs_become_rgb, 0, 3);
    tcase_add_loop_test(cases, jpeg_cut_short_anywhere_is_refused, 0, 2);
    tcase_add_loop_test(cases, jpeg_header_of_60000_squared_is_refused_before_allocation, 0, 2);
    tcase_add_test(cases, bytes_after_the_end_of_a_jpeg_are_ignored);
    tcase_add_test(cases, jpeg_of_a_thousand_scans_is_refused);
    tcase_add_test(cases, jpeg_of_two_components_is_refused);
    return cases;
}

static TCase *orientation_case(void)
{
    TCase *cases = tcase_create("orientation");
    tcase_add_loop_test(cases, jpeg_is_turned_upright_from_every_orientation_in_both_byte_orders, 0, 32);
    tcase_add_loop_test(cases, png_is_turned_upright_by_its_exif_chunk, 0, 16);
    tcase_add_test(cases, orientations_out_of_range_say_nothing);
    tcase_add_test(cases, orientation_is_found_only_in_whole_entries);
    tcase_add_test(cases, directory_offsets_outside_say_nothing);
    tcase_add_loop_test(cases, garbage_exif_leaves_the_picture_as_stored, 0, 60);
    tcase_add_loop_test(cases, turning_back_gives_the_first_picture, 0, 8);
    return cases;
}

static TCase *hostile_case(void)
{
    TCase *cases = tcase_create("hostile");
    tcase_add_test(cases, what_is_neither_png_nor_jpeg_is_refused_by_name);
    tcase_add_loop_test(cases, random_bytes_never_do_harm, 0, 5);
    tcase_add_loop_test(cases, png_with_a_flipped_byte_does_no_harm, 0, (int)COUNT(kinds));
    tcase_add_loop_test(cases, jpeg_with_a_flipped_byte_does_no_harm, 0, 3);
    tcase_add_test(cases, damaged_pictures_print_nothing);
    tcase_add_test(cases, read_memory_without_arguments_is_refused);
    return cases;
}

static TCase *memory_case(void)
{
    TCase *cases = tcase_create("memory");
    tcase_add_test(cases, strides_are_followed_and_the_gaps_left_alone);
    tcase_add_test(cases, bgr_is_turned_to_rgb);
    tcase_add_test(cases, every_alpha_of_every_sample_is_laid_over_white);
    tcase_add_test(cases, planes_of_floats_are_taken_plane_after_plane);
    tcase_add_test(cases, stride_of_floats_need_not_be_a_multiple_of_their_size);
    tcase_add_test(cases, floats_outside_0_to_1_are_clipped);
    tcase_add_loop_test(cases, float_that_is_not_finite_is_refused_and_located, 0, 3);
    tcase_add_test(cases, bad_arguments_of_a_new_image_are_refused);
    tcase_add_loop_test(cases, stride_shorter_than_a_row_is_refused, 0, 6);
    tcase_add_loop_test(cases, sizes_that_overflow_are_refused, 0, 6);
    tcase_add_test(cases, getters_of_no_image_give_nothing);
    tcase_add_test(cases, rows_of_bytes_are_parts_of_255);
    tcase_add_test(cases, pixels_are_copied_out_with_the_stride_and_nothing_beside_them);
    tcase_add_test(cases, grey_is_repeated_and_floats_are_rounded);
    return cases;
}

static TCase *files_case(void)
{
    TCase *cases = tcase_create("files");
    tcase_add_checked_fixture(cases, make_folder, remove_folder);
    tcase_add_loop_test(cases, written_png_reads_back_exactly, 0, 2);
    tcase_add_test(cases, floats_are_written_rounded_to_bytes);
    tcase_add_loop_test(cases, written_jpeg_has_the_tables_of_quality_92, 0, 3);
    tcase_add_loop_test(cases, written_jpeg_reads_back_nearly, 0, 2);
    tcase_add_test(cases, grey_of_16_bits_is_written_exactly);
    tcase_add_test(cases, name_of_another_ending_is_refused);
    tcase_add_test(cases, picture_too_long_for_jpeg_is_refused_and_leaves_nothing);
    tcase_add_test(cases, write_to_a_missing_folder_is_an_io_error);
    tcase_add_loop_test(cases, write_to_a_full_device_is_an_io_error, 0, 2);
    tcase_add_test(cases, file_is_known_by_its_bytes_and_not_by_its_name);
    tcase_add_test(cases, missing_picture_is_an_io_error_that_names_it);
    return cases;
}

static TCase *sheet_case(void)
{
    TCase *cases = tcase_create("sheet");
    tcase_add_test(cases, sheet_tiles_in_rows_with_gaps_and_centres_the_smaller);
    tcase_add_test(cases, sheet_is_no_wider_than_its_images);
    tcase_add_test(cases, bad_arguments_of_a_sheet_are_refused);
    return cases;
}

int main(void)
{
    TCase *all[] = {png_case(),    jpeg_case(),  orientation_case(), hostile_case(),
                    memory_case(), files_case(), sheet_case()};
    Suite *suite = suite_create("image");
    for (size_t i = 0; i < COUNT(all); i++) {
        tcase_set_timeout(all[i], 300); /* for the sake of valgrind */
        suite_add_tcase(suite, all[i]);
    }
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
