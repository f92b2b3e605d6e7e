/*
 * seeds.c - makes what fuzzing begins with: seeds FOLDER makes FOLDER/TARGET/NAME
 *
 * SPDX-License-Identifier: MIT
 *
 * Small valid inputs of every kind, so that libFuzzer need not find out what a PNG is; nothing here uses the library.
 */
#include "pictures.h"
#include "zip.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <jpeglib.h>
#include <png.h>

enum {
    WIDTH = 7,
    HEIGHT = 5,
    MOST_BYTES = 4096
};

static const char *folder;

static void die(const char *what, const char *name)
{
    fprintf(stderr, "seeds: %s %s: %s\n", what, name, strerror(errno));
    exit(EXIT_FAILURE);
}

static void put(const char *target, const char *name, const void *bytes, size_t size)
{
    char path[MOST_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, target);
    if (mkdir(path, 0777) != 0 && errno != EEXIST)
        die("make", path);
    snprintf(path, sizeof path, "%s/%s/%s", folder, target, name);
    FILE *file = fopen(path, "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        die("write", path);
}

static void put_picture(const char *target, const char *name, picture made)
{
    put(target, name, made.bytes, made.size);
    picture_free(&made);
}

/* Bytes without a pattern, the same in every run. */
static void fill(uint8_t *bytes, size_t size)
{
    uint32_t state = 1;
    for (size_t i = 0; i < size; i++) {
        state = state * 1664525u + 1013904223u;
        bytes[i] = (uint8_t)(state >> 24);
    }
}

/* ---- pictures --------------------------------------------------------------------------------------------------- */

static void make_png(int colours, int depth, int interlaced)
{
    static const uint8_t palette[] = {0, 0, 0, 255, 0, 0, 0, 255, 0, 0, 0, 255}, alphas[] = {255, 128, 0};
    static const uint16_t key[] = {1, 2, 3};
    uint8_t exif[PICTURE_EXIF_BYTES], rows[HEIGHT * WIDTH * 8];
    char name[64];
    fill(rows, sizeof rows);
    for (size_t i = 0; colours == PNG_COLOR_TYPE_PALETTE && i < sizeof rows; i++)
        rows[i] &= depth == 8 ? 0x03 : depth == 4 ? 0x33 : 0xff;
    picture_exif(exif, 6, 0);
    png_recipe recipe = {.width = WIDTH, .height = HEIGHT, .depth = depth, .colours = colours, .rows = rows};
    recipe.interlaced = interlaced;
    if (colours == PNG_COLOR_TYPE_PALETTE) {
        recipe.palette = palette;
        recipe.palette_count = depth == 1 ? 2 : 4;
        recipe.alphas = alphas;
        recipe.alpha_count = depth == 1 ? 2 : 3;
    } else if (interlaced && !(colours & PNG_COLOR_MASK_ALPHA)) {
        recipe.key = key;
    } else {
        recipe.exif = exif + PICTURE_EXIF_PREFIX;
        recipe.exif_size = sizeof exif - PICTURE_EXIF_PREFIX;
    }
    snprintf(name, sizeof name, "colours_%d_depth_%d_%s", colours, depth, interlaced ? "interlaced" : "plain");
    put_picture("png", name, picture_png(&recipe));
}

static void make_pngs(void)
{
    static const struct {
        int colours, depth;
    } kinds[] = {{PNG_COLOR_TYPE_GRAY, 1},        {PNG_COLOR_TYPE_GRAY, 2},      {PNG_COLOR_TYPE_GRAY, 4},
                 {PNG_COLOR_TYPE_GRAY, 8},        {PNG_COLOR_TYPE_GRAY, 16},     {PNG_COLOR_TYPE_RGB, 8},
                 {PNG_COLOR_TYPE_RGB, 16},        {PNG_COLOR_TYPE_PALETTE, 1},   {PNG_COLOR_TYPE_PALETTE, 2},
                 {PNG_COLOR_TYPE_PALETTE, 4},     {PNG_COLOR_TYPE_PALETTE, 8},   {PNG_COLOR_TYPE_GRAY_ALPHA, 8},
                 {PNG_COLOR_TYPE_GRAY_ALPHA, 16}, {PNG_COLOR_TYPE_RGB_ALPHA, 8}, {PNG_COLOR_TYPE_RGB_ALPHA, 16}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        for (int interlaced = 0; interlaced < 2; interlaced++)
            make_png(kinds[i].colours, kinds[i].depth, interlaced);
    put_picture("png", "empty", picture_png_header(WIDTH, HEIGHT));
    put_picture("png", "huge", picture_png_header(0x7fffffff, 0x7fffffff));
}

static void make_jpeg(const char *name, int components, int given, int stored, int progressive)
{
    uint8_t samples[32 * 24 * 4], app1[PICTURE_EXIF_BYTES];
    fill(samples, sizeof samples);
    picture_exif(app1, (unsigned)components + 4, progressive);
    const jpeg_recipe recipe = {.width = 32,
                                .height = 24,
                                .components = components,
                                .given = given,
                                .stored = stored,
                                .progressive = progressive,
                                .samples = samples,
                                .app1 = app1,
                                .app1_size = sizeof app1};
    put_picture("jpeg", name, picture_jpeg(&recipe));
}

static void make_jpegs(void)
{
    make_jpeg("grey", 1, JCS_GRAYSCALE, JCS_GRAYSCALE, 0);
    make_jpeg("grey_progressive", 1, JCS_GRAYSCALE, JCS_GRAYSCALE, 1);
    make_jpeg("colour", 3, JCS_RGB, JCS_YCbCr, 0);
    make_jpeg("colour_progressive", 3, JCS_RGB, JCS_YCbCr, 1);
    make_jpeg("rgb", 3, JCS_RGB, JCS_RGB, 0);
    make_jpeg("cmyk", 4, JCS_CMYK, JCS_CMYK, 0);
    make_jpeg("ycck_progressive", 4, JCS_CMYK, JCS_YCCK, 1);
    for (unsigned orientation = 0; orientation < 10; orientation++) {
        uint8_t app1[PICTURE_EXIF_BYTES];
        char exif[32];
        picture_exif(app1, orientation, orientation % 2);
        snprintf(exif, sizeof exif, "exif_%u", orientation);
        put("jpeg", exif, app1 + PICTURE_EXIF_PREFIX, sizeof app1 - PICTURE_EXIF_PREFIX);
    }
}

/* ---- maps ------------------------------------------------------------------------------------------------------- */

static void make_npy(const char *name, int version, const char *header, size_t value_bytes)
{
    uint8_t bytes[MOST_BYTES] = "\x93NUMPY";
    const size_t length = strlen(header), preamble = version == 1 ? 10 : 12;
    bytes[6] = (uint8_t)version;
    bytes[8] = (uint8_t)length;
    bytes[9] = (uint8_t)(length >> 8);
    memcpy(bytes + preamble, header, length);
    for (size_t i = 0; i < 6; i++) { /* 0.5, in either size */
        uint8_t *end = bytes + preamble + length + (i + 1) * value_bytes;
        end[-1] = 0x3f;
        end[-2] = value_bytes == 8 ? 0xe0 : 0x00;
    }
    put("npy", name, bytes, preamble + length + 6 * value_bytes);
}

static void make_npys(void)
{
    make_npy("float32", 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }\n", 4);
    make_npy("float64", 1, "{'descr': '<f8', 'fortran_order': False, 'shape': (3, 2), }\n", 8);
    make_npy("version_2", 2, "{\"shape\": (6,1,), \"descr\": \"<f4\", \"fortran_order\": False}", 4);
    make_npy("version_3", 3, "{'fortran_order':False,'shape':(1,6),'descr':'<f8'}  \n", 8);
    make_npy("fortran", 1, "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }\n", 4);
    make_npy("big_endian", 1, "{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }\n", 4);
    make_npy("empty", 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (0, 0), }\n", 4);
    make_npy("overflow", 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967297), }\n", 4);
    make_npy("beyond", 1, "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1), }\n", 4);
}

/* ---- texts ------------------------------------------------------------------------------------------------------ */

static void put_text(const char *target, const char *name, const char *text)
{
    put(target, name, text, strlen(text));
}

static void make_labels(void)
{
    put_text("labels", "plain",
             "\x03"
             "dogcat\ndog\nbird\n");
    put_text("labels", "windows",
             "\x03"
             "Cat\xef\xbb\xbf"
             "cat\r\ndog\r\n\r\n");
    put_text("labels", "unicode",
             "\x04"
             "\xc3\xa9l\xc3\xa9l\xc3\xa9phant\n\xf0\x9f\x90\x98\n");
    put_text("labels", "twice",
             "\x05"
             "sharkgreat_white\ngreat white\nshark\nshark\n");
    put_text("labels", "latin", "\x01xel\xe9phant\n");
    put("labels", "binary", "\x01x\0\x01\x02", 5);
}

static void make_arguments(void)
{
    static const char *const texts[] = {
        "0",         "18446744073709551615", "800M",      "224,324,1024", "0.5,-1e3,0x1p3", "224x224",   "12/255",
        "reference", "1e308/1e-308",         "16777216G", "8192",         "1,2,3,4,5",      "nan,inf,-0"};
    char name[64], text[64];
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        for (int kind = 0; kind < 8; kind++) {
            snprintf(name, sizeof name, "text_%zu_kind_%d", i, kind);
            snprintf(text, sizeof text, "%c%s", kind, texts[i]);
            put("arguments", name, text, 1 + strlen(text + 1));
        }
}

static void make_commandlines(void)
{
    static const char explain[] =
        "\0photo.png\n-m\nnet.pt\n-c\n3\n-c\ndog\n--scales\n224,324\n--gate\non\n--opacity\n.5\n"
        "--mean\n.4,.5,.6\n--std=.2,.2,.2\n--base\n64x32\n--memory-limit\n8M\n--json";
    static const char preset[] = "\0--preset=fast\n--method\ngradcam++\n--precision\nauto\n--source=original\n"
                                 "--map-size=image\n--threads\n2\n--max-pixels\n99\n-qh\n--\n-c\nphoto.png";
    static const char score[] = "\1photo.png\n--methods\ncameras,gradcam\n--controls\n--box\n1,2,3,4\n--masking\n"
                                "normalised\n--steps\n8\n--batch\n4\n--csv\nout.csv";
    static const char attack[] = "\2photo.png\n--epsilon\n12/255\n--beta\n50\n--steps\n9\n--step-rule\nsign\n"
                                 "--confidence\n.9\n--target\n3\n--perturbation\np.npy\n-o\nout.png";
    static const char compare[] = "\3photo.png\n-m\na.pt\n-m\nb.pt\n--base\n224\n--base\n299x299\n--labels\nl.txt";
    put("commandline", "explain", explain, sizeof explain - 1);
    put("commandline", "preset", preset, sizeof preset - 1);
    put("commandline", "score", score, sizeof score - 1);
    put("commandline", "attack", attack, sizeof attack - 1);
    put("commandline", "compare", compare, sizeof compare - 1);
}

static void make_archives(void)
{
    static uint8_t zeros[70000];
    const zip_record records[] = {{.name = "m/data/0", .bytes = "weights", .size = 7},
                                  {.name = "m/code.py", .bytes = "def def def def", .size = 15, .deflated = 1},
                                  {.name = "m/zeros", .bytes = zeros, .size = sizeof zeros, .deflated = 1},
                                  {.name = "m/64", .bytes = "bits", .size = 4, .wide = 7, .comment = "note"},
                                  {.name = "m/", .bytes = ""},
                                  {.name = "", .bytes = "", .size = 0}};
    const zip_record bomb = {.name = "m", .bytes = zeros, .size = 99, .deflated = 1, .claimed_size = 0x7fffffff};
    const zip_record follows = {.name = "m", .bytes = "x", .size = 1, .flags = 0x800 | ZIP_SIZES_FOLLOW};
    picture left_out = zip_archive(&follows, 1, ZIP_64);
    zip_set(&left_out, ZIP_LOCAL_SUM, 0, 0);
    zip_set(&left_out, ZIP_LOCAL_PACKED, 0, 0);
    put_picture("archive", "wide", zip_archive(records, 6, ZIP_64));
    put_picture("archive", "narrow", zip_archive(records, 6, ZIP_32));
    put_picture("archive", "bomb", zip_archive(&bomb, 1, ZIP_64));
    put_picture("archive", "follows", left_out);
    put_text("archive", "text", "import torch");
}

/* What explain.c reads its numbers from has no form of its own. */
static void make_explains(void)
{
    uint8_t bytes[256];
    char name[32];
    fill(bytes, sizeof bytes);
    for (size_t i = 0; i < 24; i++) {
        bytes[0] = (uint8_t)i;
        snprintf(name, sizeof name, "options_%zu", i);
        put("explain", name, bytes + i % 2, 32 + 8 * i);
    }
    put("explain", "zeros", "\0\0\0\0", 4);
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        fprintf(stderr, "usage: seeds FOLDER\n");
        return EXIT_FAILURE;
    }
    folder = argv[1];
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        die("make", folder);
    make_pngs();
    make_jpegs();
    make_npys();
    make_labels();
    make_arguments();
    make_commandlines();
    make_archives();
    make_explains();
    return EXIT_SUCCESS;
}
