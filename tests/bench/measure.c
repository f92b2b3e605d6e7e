/*
 * measure.c - one configuration of the library, timed by its public interface
 *
 * SPDX-License-Identifier: MIT
 *
 *     measure [-l LAYER] [-c CLASS,...] [-s SIDE,...] [-b SIDE] [-p fp32|bf16] [-t THREADS] [-m] [-o MAP.npy]
 *             MODEL PICTURE...
 *
 * -b: side of the base image; -s: scales, the reference preset's otherwise; -c: classes, the first picture's top-1
 * otherwise, found in single precision whatever -p; -m: cameras_explain_many instead of one call for each picture;
 * -o: writes the first map of each turn.
 *
 * A worker (worker.h): each turn explains all pictures, which were read before. A line has "seconds", the stages
 * "total", "trunk", "head", "fuse" and "prepare" summed over the pictures, "class" and "peak_kib".
 */
#include "worker.h"

#include "cameras.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    STAGES = CAMERAS_STAGE_PREPARE + 1
};

typedef struct bench {
    cameras_model *model;
    cameras_options *options;
    cameras_image **images;
    size_t image_count;
    size_t class_index; /* the first one explained */
    int many;
    const char *map_path; /* or NULL */
} bench;

static void need(cameras_status status)
{
    if (status == CAMERAS_OK)
        return;
    fprintf(stderr, "measure: %s\n", cameras_last_error());
    exit(EXIT_FAILURE);
}

/* ---- what is asked for ------------------------------------------------------------------------------------------ */

/* Reads numbers with commas between them; returns how many. */
static size_t read_numbers(size_t *numbers, size_t room, const char *text)
{
    size_t count = 0;
    char *end = NULL;
    for (; count < room; text = end + 1) {
        numbers[count++] = strtoul(text, &end, 10);
        if (end == text || *end != ',')
            break;
    }
    return count;
}

static void set_classes(bench *made, const char *text)
{
    size_t classes[CAMERAS_MAX_CLASSES];
    const size_t count = read_numbers(classes, CAMERAS_MAX_CLASSES, text);
    for (size_t i = 0; i < count; i++)
        need(cameras_options_add_class(made->options, classes[i]));
    made->class_index = classes[0];
}

static void set_scales(bench *made, const char *text)
{
    size_t sides[CAMERAS_MAX_SCALES];
    const size_t count = read_numbers(sides, CAMERAS_MAX_SCALES, text);
    need(cameras_options_set_scales(made->options, sides, count));
}

static void set_precision(bench *made, const char *text)
{
    need(cameras_options_set_precision(made->options,
                                       strcmp(text, "bf16") == 0 ? CAMERAS_PRECISION_BF16 : CAMERAS_PRECISION_FP32));
}

static void set_option(bench *made, int letter, const char *value, size_t *base_side)
{
    switch (letter) {
    case 'l': need(cameras_options_add_layer(made->options, value)); break;
    case 'c': set_classes(made, value); break;
    case 's': set_scales(made, value); break;
    case 'b': *base_side = strtoul(value, NULL, 10); break;
    case 'p': set_precision(made, value); break;
    case 't': need(cameras_options_set_threads(made->options, strtoul(value, NULL, 10))); break;
    case 'm': made->many = 1; break;
    case 'o': made->map_path = value; break;
    default: exit(EXIT_FAILURE);
    }
}

static void choose_top1(bench *made)
{
    size_t classes = 0;
    need(cameras_model_class_count(&classes, made->model));
    float *logits = malloc(classes * sizeof *logits);
    if (!logits)
        exit(EXIT_FAILURE);
    need(cameras_classify(logits, NULL, classes, made->model, made->images[0], NULL));
    for (size_t i = 1; i < classes; i++)
        if (logits[i] > logits[made->class_index])
            made->class_index = i;
    free(logits);
    need(cameras_options_add_class(made->options, made->class_index));
}

static void open_bench(bench *made, int argc, char **argv)
{
    size_t base_side = 0;
    int letter = 0, classes_given = 0;
    *made = (bench){0};
    need(cameras_options_new(&made->options));
    need(cameras_options_set_keep_flat(made->options, 1));
    while ((letter = getopt(argc, argv, "l:c:s:b:p:t:mo:")) != -1) {
        classes_given |= letter == 'c';
        set_option(made, letter, optarg, &base_side);
    }
    if (argc - optind < 2) {
        fprintf(stderr, "usage: measure [options] MODEL PICTURE...\n");
        exit(EXIT_FAILURE);
    }
    need(cameras_model_open(&made->model, argv[optind]));
    if (base_side)
        need(cameras_model_set_base_size(made->model, base_side, base_side));
    made->image_count = (size_t)(argc - optind - 1);
    made->images = calloc(made->image_count, sizeof *made->images);
    for (size_t i = 0; made->images && i < made->image_count; i++)
        need(cameras_image_read(&made->images[i], argv[(size_t)optind + 1 + i], NULL));
    if (!classes_given)
        choose_top1(made);
}

static void close_bench(bench *made)
{
    for (size_t i = 0; i < made->image_count; i++)
        cameras_image_free(made->images[i]);
    free(made->images);
    cameras_options_free(made->options);
    cameras_model_close(made->model);
}

/* ---- a turn ----------------------------------------------------------------------------------------------------- */

typedef struct turn {
    const bench *made;
    double stages[STAGES];
    size_t explained;
} turn;

/* Takes over the maps of one picture; as a cameras_explained, and called like one. */
static int take_maps(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count)
{
    turn *now = user;
    (void)index;
    need(status);
    for (int stage = 0; stage < STAGES; stage++)
        now->stages[stage] += cameras_map_seconds(maps[0], (cameras_stage)stage);
    if (now->made->map_path && now->explained++ == 0)
        need(cameras_map_write(maps[0], now->made->map_path));
    for (size_t i = 0; i < count; i++)
        cameras_map_free(maps[i]);
    return 0;
}

static void explain_one(turn *now, size_t index)
{
    cameras_map *maps[CAMERAS_MAX_CLASSES];
    const bench *made = now->made;
    const size_t count = cameras_options_map_count(made->options);
    const cameras_status status = cameras_explain_several(maps, count, made->model, made->images[index], made->options);
    take_maps(now, index, status, maps, count);
}

static void explain_many(turn *now)
{
    const bench *made = now->made;
    need(cameras_explain_many(NULL, made->model, (const cameras_image *const *)made->images, made->image_count,
                              made->options, take_maps, now));
}

static void take_turn(const bench *made)
{
    turn now = {.made = made};
    const double start = worker_clock();
    if (made->many)
        explain_many(&now);
    for (size_t i = 0; !made->many && i < made->image_count; i++)
        explain_one(&now, i);
    printf("{\"seconds\": %.6f, \"total\": %.6f, \"trunk\": %.6f, \"head\": %.6f, \"fuse\": %.6f, \"prepare\": %.6f, ",
           worker_clock() - start, now.stages[CAMERAS_STAGE_TOTAL], now.stages[CAMERAS_STAGE_TRUNK],
           now.stages[CAMERAS_STAGE_HEAD], now.stages[CAMERAS_STAGE_FUSE], now.stages[CAMERAS_STAGE_PREPARE]);
    printf("\"class\": %zu, \"peak_kib\": %ld}\n", made->class_index, worker_peak_kib());
    fflush(stdout);
}

int main(int argc, char **argv)
{
    bench made;
    open_bench(&made, argc, argv);
    worker_ready();
    while (worker_turn())
        take_turn(&made);
    close_bench(&made);
    return EXIT_SUCCESS;
}
