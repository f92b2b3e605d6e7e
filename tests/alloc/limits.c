/*
 * limits.c - every limit is kept: what is at it is taken, one past it is refused, and nothing is allocated for it first
 *
 * SPDX-License-Identifier: MIT
 */
#include "cases.h"
#include "failing.h"
#include "networks.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    WIDTH = 24, /* of rgb.png */
    HEIGHT = 20,
    SIDE = 32,
    FEW = 100000, /* bytes: what decoders and file names take, and no picture does that is refused here */
    EVERYONE = OF_LIBRARY | OF_SHIM | OF_FORMATS | OF_LIBC | OF_LIBTORCH | OF_LIBC_FOR_TORCH
};

static size_t passed, failed;
static const char *claimed;
static cameras_options *options;
static cameras_model *model;
static cameras_image *image;

static void fail_claim(const char *why)
{
    printf("FAILED: limits: %s: %s\n", claimed, why);
    failed++;
}

static void begin(const char *claim)
{
    claimed = claim;
    passed++;
    cameras_options_free(options);
    options = NULL;
    if (cameras_options_new(&options) != CAMERAS_OK || cameras_options_set_threads(options, 1) != CAMERAS_OK ||
        cameras_options_set_keep_flat(options, 1) != CAMERAS_OK)
        abort();
    failing_begin(EVERYONE, SIZE_MAX, 0);
}

static void taken(cameras_status status)
{
    if (status != CAMERAS_OK)
        fail_claim(cameras_last_error());
    failing_begin(EVERYONE, SIZE_MAX, 0);
}

/* Refused, by a message that says all the parts, before more than most bytes were asked for at once. */
static void refused(cameras_status status, size_t most, const char *const *parts)
{
    char why[1200];
    const char *message = cameras_last_error();
    failing_end();
    if (status != CAMERAS_ELIMIT) {
        snprintf(why, sizeof why, "status %d: %s", (int)status, message);
        fail_claim(why);
    }
    for (; *parts; parts++)
        if (!strstr(message, *parts)) {
            snprintf(why, sizeof why, "\"%s\" does not say \"%s\"", message, *parts);
            fail_claim(why);
        }
    if (failing_largest() > most) {
        snprintf(why, sizeof why, "%zu bytes were asked for first", failing_largest());
        fail_claim(why);
    }
    failing_begin(EVERYONE, SIZE_MAX, 0);
}

#define SAYS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* ---- pictures ---------------------------------------------------------------------------------------------------- */

static cameras_status read_with(const char *path)
{
    cameras_image *read = NULL;
    const cameras_status status = made(cameras_image_read(&read, path, options), &read);
    cameras_image_free(read);
    return status;
}

static void write_file(const char *name, const void *bytes, size_t size)
{
    FILE *file = fopen(in_folder(name), "wb");
    if (!file || fwrite(bytes, 1, size, file) != size || fclose(file) != 0)
        abort();
}

static size_t file_size(const char *name)
{
    FILE *file = fopen(in_folder(name), "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        abort();
    const size_t size = (size_t)ftell(file);
    fclose(file);
    return size;
}

/* rgb.png with a header of 30000 x 30000, and plain.jpg of 65000 x 65000. */
static void write_giants(void)
{
    static const uint8_t header[] = {0x89, 'P', 'N', 'G', '\r', '\n', 26,   '\n', 0,    0, 0,   13,
                                     'I',  'H', 'D', 'R', 0,    0,    117,  48,   0,    0, 117, 48,
                                     8,    2,   0,   0,   0,    0xe9, 0x45, 0x6f, 0xed, 0, 0,   0,
                                     0,    'I', 'D', 'A', 'T',  0x35, 0xaf, 0x06, 0x1e};
    static uint8_t jpeg[1 << 16];
    FILE *file = fopen(in_folder("plain.jpg"), "rb");
    const size_t size = file ? fread(jpeg, 1, sizeof jpeg, file) : 0;
    if (!file || fclose(file) != 0)
        abort();
    for (size_t i = 0; i + 9 < size; i++)
        if (jpeg[i] == 0xff && jpeg[i + 1] == 0xc0) {
            memcpy(jpeg + i + 5, "\xfd\xe8\xfd\xe8", 4);
            break;
        }
    write_file("giant.jpg", jpeg, size);
    write_file("giant.png", header, sizeof header);
}

static void limit_pixels(void)
{
    begin("a picture of as many pixels as the limit is read, and of one more is not");
    taken(cameras_options_set_max_pixels(options, WIDTH * HEIGHT));
    taken(read_with(in_folder("rgb.png")));
    taken(read_with(in_folder("plain.jpg")));
    taken(cameras_options_set_max_pixels(options, WIDTH * HEIGHT - 1));
    refused(read_with(in_folder("rgb.png")), FEW, SAYS("24 x 20", "479", "cameras_options_set_max_pixels"));
    refused(read_with(in_folder("plain.jpg")), FEW, SAYS("24 x 20", "479", "cameras_options_set_max_pixels"));

    begin("a small file that claims a giant picture is refused before memory for it is asked for");
    refused(read_with(in_folder("giant.jpg")), FEW, SAYS("65000 x 65000", "100000000"));
    refused(read_with(in_folder("giant.png")), FEW, SAYS("30000 x 30000", "100000000"));
}

static void limit_file_bytes(void)
{
    const size_t bytes = file_size("rgb.png");
    char there[32], limit[32];
    snprintf(there, sizeof there, "%zu", bytes);
    snprintf(limit, sizeof limit, "%zu", bytes - 1);
    begin("a file of as many bytes as the limit is read, and of one more is not opened for reading");
    taken(cameras_options_set_max_file_bytes(options, bytes));
    taken(read_with(in_folder("rgb.png")));
    taken(cameras_options_set_max_file_bytes(options, bytes - 1));
    refused(read_with(in_folder("rgb.png")), 0, SAYS(there, limit, "cameras_options_set_max_file_bytes"));

    begin("a file that does not tell its size is read no further than the limit");
    taken(cameras_options_set_max_file_bytes(options, 1000));
    refused(read_with("/dev/zero"), 1002, SAYS("1001", "1000", "cameras_options_set_max_file_bytes"));

    begin("the limit of file bytes is 1 to 4294967295");
    taken(cameras_options_set_max_file_bytes(options, CAMERAS_MAX_FILE_BYTES));
    refused(cameras_options_set_max_file_bytes(options, (size_t)CAMERAS_MAX_FILE_BYTES + 1), 0,
            SAYS("4294967296", "4294967295", "max file bytes"));
    if (cameras_options_set_max_file_bytes(options, 0) != CAMERAS_EINVAL)
        fail_claim("0 is taken");
}

/* A file with a hole of its whole length. */
static void limit_fixed_file_bytes(void)
{
    const int file = open(in_folder("hole"), O_CREAT | O_WRONLY, 0600);
    if (file < 0 || ftruncate(file, (off_t)CAMERAS_MAX_FILE_BYTES + 1) != 0)
        abort();
    close(file);
    begin("pictures, labels and maps beyond 4294967295 bytes are refused before they are read");
    cameras_map *map = NULL;
    refused(read_with(in_folder("hole")), 0, SAYS("4294967296", "4294967295"));
    refused(cameras_model_read_labels(model, in_folder("hole")), 0, SAYS("4294967296", "4294967295"));
    refused(made(cameras_map_read(&map, in_folder("hole")), &map), 1000, SAYS("4294967296", "4294967295"));
    unlink(in_folder("hole"));
}

/* ---- scales and classes ------------------------------------------------------------------------------------------ */

static cameras_status explain(void)
{
    cameras_map *maps[8] = {NULL};
    const size_t count = cameras_options_map_count(options);
    const cameras_status status = cameras_explain_several(maps, count, model, image, options);
    for (size_t i = 0; i < count; i++) {
        made(status, &maps[i]);
        cameras_map_free(maps[i]);
    }
    return status;
}

static int never(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count)
{
    (void)user, (void)index, (void)status, (void)maps, (void)count;
    fail_claim("the callback was called");
    return 0;
}

/* Each call that heeds the schedule and the classes. */
static void refused_everywhere(const char *const *parts)
{
    static const size_t classes[4] = {0, 1, 2, 3};
    const cameras_image *const images[] = {image, image, image, image};
    size_t bytes = 0;
    double shares[4];
    cameras_image *picture = NULL;
    refused(explain(), 0, parts);
    refused(cameras_explain_memory(&bytes, model, 50, 50, options), 0, parts);
    refused(cameras_explain_many(NULL, model, images, 2, options, never, NULL), 0, parts);
    refused(made(cameras_grid_score(shares, &picture, model, images, classes, options), &picture), 0, parts);
}

static void limit_scales(void)
{
    static size_t sides[CAMERAS_MAX_SCALES + 1];
    for (size_t i = 0; i <= CAMERAS_MAX_SCALES; i++)
        sides[i] = SIDE + i % 2;
    begin("as many scales as the limit are set, and one more is not");
    taken(cameras_options_set_scales(options, sides, CAMERAS_MAX_SCALES));
    refused(cameras_options_set_scales(options, sides, CAMERAS_MAX_SCALES + 1), 0,
            SAYS("65", "64", "cameras_options_set_max_scales"));
    taken(cameras_options_set_max_scales(options, 2));
    taken(cameras_options_set_scales(options, sides, 2));
    refused(cameras_options_set_scales(options, sides, 3), 0, SAYS("3", "2", "cameras_options_set_max_scales"));
    taken(explain());

    begin("scales that were set before a smaller limit are refused by the call");
    taken(cameras_options_set_scales(options, sides, 3));
    taken(cameras_options_set_max_scales(options, 3));
    taken(explain());
    taken(cameras_options_set_max_scales(options, 2));
    refused_everywhere(SAYS("3 scales", "limit of 2", "cameras_options_set_max_scales"));
    taken(cameras_options_set_max_scales(options, 3));
    taken(explain());

    begin("the scales of a preset count, and controls have none");
    taken(cameras_options_set_preset(options, CAMERAS_PRESET_FAST));
    taken(cameras_options_set_max_scales(options, 3));
    taken(explain());
    taken(cameras_options_set_max_scales(options, 2));
    refused_everywhere(SAYS("3 scales", "limit of 2", "cameras_options_set_max_scales"));
    taken(cameras_options_set_method(options, CAMERAS_METHOD_RANDOM));
    taken(explain());

    begin("the limit of scales is 1 to 64");
    taken(cameras_options_set_max_scales(options, CAMERAS_MAX_SCALES));
    refused(cameras_options_set_max_scales(options, CAMERAS_MAX_SCALES + 1), 0, SAYS("65", "64", "max scales"));
    if (cameras_options_set_max_scales(options, 0) != CAMERAS_EINVAL)
        fail_claim("0 is taken");
}

static void limit_classes(void)
{
    static const size_t side = SIDE;
    begin("as many classes as the limit are added, and one more is not");
    for (size_t i = 0; i < CAMERAS_MAX_CLASSES; i++)
        taken(cameras_options_add_class(options, i));
    refused(cameras_options_add_class(options, 0), 0, SAYS("4097", "4096", "cameras_options_set_max_classes"));

    begin("classes that were added before a smaller limit are refused by the call");
    taken(cameras_options_set_scales(options, &side, 1));
    taken(cameras_options_set_max_classes(options, 2));
    taken(cameras_options_add_class(options, 0));
    taken(cameras_options_add_class(options, 1));
    refused(cameras_options_add_class(options, 2), 0, SAYS("3 classes", "limit of 2"));
    taken(explain());
    taken(cameras_options_set_max_classes(options, 1));
    refused(explain(), 0, SAYS("2 classes", "limit of 1", "cameras_options_set_max_classes"));

    begin("the four classes of the grid count");
    static const size_t classes[4] = {0, 1, 2, 3};
    const cameras_image *const images[] = {image, image, image, image};
    double shares[4];
    taken(cameras_options_set_scales(options, &side, 1));
    taken(cameras_options_set_max_classes(options, 4));
    taken(cameras_grid_score(shares, NULL, model, images, classes, options));
    taken(cameras_options_set_max_classes(options, 3));
    refused(cameras_grid_score(shares, NULL, model, images, classes, options), 0, SAYS("4 classes", "limit of 3"));

    begin("the limit of classes is 1 to 4096");
    taken(cameras_options_set_max_classes(options, CAMERAS_MAX_CLASSES));
    refused(cameras_options_set_max_classes(options, CAMERAS_MAX_CLASSES + 1), 0, SAYS("4097", "4096", "max classes"));
    if (cameras_options_set_max_classes(options, 0) != CAMERAS_EINVAL)
        fail_claim("0 is taken");
}

/* ---- memory ------------------------------------------------------------------------------------------------------ */

static void limit_memory(void)
{
    static const size_t sides[] = {SIDE, 512};
    char needed[32], allowed[32];
    size_t bytes = 0;
    begin("as much working memory as is estimated suffices, and one byte less is refused, the larger scale not run");
    taken(cameras_options_set_scales(options, sides, 2));
    taken(cameras_explain_memory(&bytes, model, WIDTH, HEIGHT, options));
    taken(cameras_options_set_memory_limit(options, bytes));
    taken(explain());
    taken(cameras_options_set_memory_limit(options, bytes - 1));
    snprintf(needed, sizeof needed, "%zu", bytes);
    snprintf(allowed, sizeof allowed, "%zu", bytes - 1);
    refused(explain(), (size_t)512 * 512 * 4, SAYS(needed, allowed, "cameras_options_set_memory_limit"));
}

int limits_run(void)
{
    write_giants();
    if (cameras_model_open(&model, network_file(NETWORK_RECTIFIED)) != CAMERAS_OK ||
        cameras_model_set_base_size(model, SIDE, SIDE) != CAMERAS_OK ||
        cameras_image_read(&image, in_folder("rgb.png"), NULL) != CAMERAS_OK)
        abort();
    begin("");
    passed = 0;
    if (explain() != CAMERAS_OK)
        abort();
    limit_pixels();
    limit_file_bytes();
    limit_fixed_file_bytes();
    limit_scales();
    limit_classes();
    limit_memory();
    failing_end();
    cameras_options_free(options);
    cameras_image_free(image);
    cameras_model_close(model);
    printf("limits: %zu passed, %zu failed\n", failed < passed ? passed - failed : 0, failed);
    return failed ? 1 : 0;
}
