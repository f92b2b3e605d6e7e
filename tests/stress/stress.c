/*
 * stress.c - many threads on one model give, bit for bit, what one thread gives
 *
 * SPDX-License-Identifier: MIT
 *
 * stress THREADS RUNS [MOST]: THREADS threads do RUNS tasks each on one model handle. A task explains (one of hundreds
 * of mixtures of layers, classes, scales and methods), classifies, scores, explains several pictures at once, reads
 * labels and layers, or fails in one of several ways. All that a task gave, maps, records, statuses and messages, is
 * written down and compared with what the same task gave alone beforehand. Layers change from task to task, so the cut
 * that the model keeps is replaced while others use it. Calls take one thread each, or, where results do not depend on
 * it (the plain shim), 1 to MOST.
 */
#include "cameras.h"
#include "networks.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = 32,
    PICTURES = 2,
    LAYERS = 4,
    CLASSES = 4,
    SCHEDULES = 3,
    METHODS = CAMERAS_METHOD_CONSTANT + 1,
    MIXTURES = LAYERS * CLASSES * SCHEDULES * METHODS,
    TASKS = MIXTURES + 90,
    MOST_MAPS = 4
};

static const char *const layers[LAYERS][2] = {{NULL, NULL}, {"stem", NULL}, {"conv", NULL}, {"stem", "conv"}};
static const size_t classes[CLASSES][2] = {{SIZE_MAX, SIZE_MAX}, {0, SIZE_MAX}, {3, SIZE_MAX}, {1, 4}};
static const size_t schedules[SCHEDULES][3] = {{32, 0, 0}, {32, 48, 0}, {32, 40, 56}};
static const char labels[] = "car\nhouse\nroad sign\nballoon\nball\n";

static cameras_model *model;
static cameras_image *pictures[PICTURES];

static void stop(const char *why)
{
    fprintf(stderr, "stress: %s: %s\n", why, cameras_last_error());
    exit(EXIT_FAILURE);
}

static void need(cameras_status status, const char *why)
{
    if (status != CAMERAS_OK)
        stop(why);
}

/* ---- what a task gave ------------------------------------------------------------------------------------------- */

typedef struct record {
    unsigned char *bytes;
    size_t size, room;
} record;

static void put(record *out, const void *bytes, size_t size)
{
    if (out->size + size > out->room) {
        out->room = 2 * out->room + size;
        out->bytes = realloc(out->bytes, out->room);
        if (!out->bytes)
            stop("out of memory");
    }
    memcpy(out->bytes + out->size, bytes, size);
    out->size += size;
}

static void put_text(record *out, const char *text)
{
    put(out, text ? text : "(none)", text ? strlen(text) + 1 : 7);
}

static void put_size(record *out, size_t value)
{
    put(out, &value, sizeof value);
}

static void put_float(record *out, float value)
{
    put(out, &value, sizeof value);
}

/* The status, and after a failure the message; but that of a memory limit says more once the network was measured. */
static int put_status(record *out, cameras_status status)
{
    put_size(out, (size_t)status);
    if (status != CAMERAS_OK && status != CAMERAS_ELIMIT)
        put_text(out, cameras_last_error());
    return status == CAMERAS_OK;
}

static void put_map(record *out, const cameras_map *map)
{
    const size_t pixels = cameras_map_width(map) * cameras_map_height(map);
    put(out, cameras_map_raw(map), pixels * sizeof(float));
    put(out, cameras_map_values(map), pixels * sizeof(float));
    put_text(out, cameras_map_layer(map));
    put_size(out, cameras_map_class(map));
    put_float(out, cameras_map_logit(map));
    put_float(out, cameras_map_probability(map));
    for (size_t t = 0; t < cameras_map_scale_count(map); t++) {
        put_size(out, (size_t)cameras_map_scale_used(map, t));
        put_float(out, cameras_map_scale_probability(map, t));
        put_text(out, cameras_map_scale_reason(map, t));
    }
}

/* ---- tasks that explain ----------------------------------------------------------------------------------------- */

/* Between scales another thread's turn comes, or else few processors would run one short task after the other. */
static int give_way(double done, void *user)
{
    (void)done, (void)user;
    sched_yield();
    return 0;
}

static cameras_options *options_of(size_t mixture, size_t threads)
{
    const size_t layer = mixture % LAYERS, class = mixture / LAYERS % CLASSES;
    const size_t schedule = mixture / LAYERS / CLASSES % SCHEDULES, method = mixture / LAYERS / CLASSES / SCHEDULES;
    cameras_options *options = NULL;
    need(cameras_options_new(&options), "options");
    need(cameras_options_set_threads(options, threads), "threads");
    need(cameras_options_set_keep_flat(options, 1), "flat maps");
    need(cameras_options_set_seed(options, mixture), "seed");
    need(cameras_options_set_progress(options, give_way, NULL), "progress");
    if (mixture % 5 == 0) /* far above what is needed, so that it is only estimated */
        need(cameras_options_set_memory_limit(options, (size_t)1 << 30), "limit");
    need(cameras_options_set_method(options, (cameras_method)(method % METHODS)), "method");
    need(cameras_options_set_interpolation(options, (cameras_interpolation)(schedule % 2)), "interpolation");
    need(cameras_options_set_scales(options, schedules[schedule], schedule + 1), "scales");
    for (size_t i = 0; i < 2 && layers[layer][i]; i++)
        need(cameras_options_add_layer(options, layers[layer][i]), "layer");
    for (size_t i = 0; i < 2 && classes[class][i] != SIZE_MAX; i++)
        need(cameras_options_add_class(options, classes[class][i]), "class");
    return options;
}

static void explain(record *out, cameras_model *which, const cameras_options *options, const cameras_image *picture)
{
    cameras_map *maps[MOST_MAPS];
    const size_t count = cameras_options_map_count(options);
    if (put_status(out, cameras_explain_several(maps, count, which, picture, options)))
        for (size_t i = 0; i < count; i++) {
            put_map(out, maps[i]);
            cameras_map_free(maps[i]);
        }
}

/* Pictures finish in any order: each has a record of its own until all are done. */
static int take_maps(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count)
{
    record *own = (record *)user + index;
    put_status(own, status);
    for (size_t i = 0; i < count; i++) {
        put_map(own, maps[i]);
        cameras_map_free(maps[i]);
    }
    return 0;
}

static void explain_many(record *out, size_t mixture)
{
    const cameras_image *const several[3] = {pictures[0], NULL, pictures[1]};
    record parts[3] = {{0}};
    size_t explained = 0;
    cameras_options *options = options_of(mixture, 3);
    put_size(out, (size_t)cameras_explain_many(&explained, model, several, 3, options, take_maps, parts));
    put_size(out, explained);
    for (size_t i = 0; i < 3; i++) {
        put(out, parts[i].bytes, parts[i].size);
        free(parts[i].bytes);
    }
    cameras_options_free(options);
}

static int cancel(double done, void *user)
{
    return ++*(int *)user > 1 + (done > 2.0);
}

static void fail_to_explain(record *out, size_t kind, size_t threads)
{
    int calls = 0;
    cameras_options *options = options_of(kind % MIXTURES, threads);
    if (kind % 5 == 0)
        need(cameras_options_add_class(options, 99), "class");
    else if (kind % 5 == 1)
        need(cameras_options_add_layer(options, "convx"), "layer");
    else if (kind % 5 == 2)
        need(cameras_options_add_layer(options, "fc"), "layer");
    else if (kind % 5 == 3)
        need(cameras_options_set_memory_limit(options, 1), "limit");
    else
        need(cameras_options_set_progress(options, cancel, &calls), "progress");
    cameras_map *maps[2 * MOST_MAPS];
    const size_t count = cameras_options_map_count(options);
    if (put_status(out, cameras_explain_several(maps, count, model, pictures[0], options)))
        for (size_t i = 0; i < count; i++)
            cameras_map_free(maps[i]);
    cameras_options_free(options);
}

/* ---- other tasks ------------------------------------------------------------------------------------------------ */

static void classify(record *out, size_t which, size_t threads)
{
    float logits[NETWORK_CLASSES], probabilities[NETWORK_CLASSES];
    cameras_options *options = options_of(which % MIXTURES, threads);
    if (put_status(out, cameras_classify(logits, probabilities, NETWORK_CLASSES, model, pictures[which % PICTURES],
                                         options))) {
        put(out, logits, sizeof logits);
        put(out, probabilities, sizeof probabilities);
    }
    cameras_options_free(options);
}

/* A map, and what it is worth. */
static void score(record *out, size_t which, size_t threads)
{
    cameras_map *map = NULL;
    cameras_scores *scores = NULL;
    cameras_options *options = NULL;
    need(cameras_options_new(&options), "options");
    need(cameras_options_set_threads(options, threads), "threads");
    need(cameras_options_set_scales(options, schedules[2], 2), "scales");
    need(cameras_options_set_score_steps(options, 8), "steps");
    need(cameras_options_add_layer(options, which % 2 ? "conv" : "stem"), "layer");
    const cameras_image *picture = pictures[which % PICTURES];
    if (put_status(out, cameras_explain(&map, model, picture, options)) &&
        put_status(out, cameras_score(&scores, model, picture, map, NULL, options)))
        for (int kind = 0; cameras_score_name((cameras_score_kind)kind); kind++) {
            const double value = cameras_scores_value(scores, (cameras_score_kind)kind);
            put(out, &value, sizeof value);
        }
    cameras_scores_free(scores);
    cameras_map_free(map);
    cameras_options_free(options);
}

/* A copy with a layer drawn anew, and its own map. */
static void randomise(record *out, size_t which, size_t threads)
{
    const char *layer = which % 2 ? "conv" : "stem";
    cameras_model *copy = NULL;
    cameras_options *options = options_of(which * 53 % MIXTURES, threads);
    if (put_status(out, cameras_model_randomise(&copy, model, &layer, 1, which)))
        explain(out, copy, options, pictures[which % PICTURES]);
    cameras_model_close(copy);
    cameras_options_free(options);
}

static void look_up(record *out, size_t which)
{
    static const char *const names[] = {"house", "ROAD_SIGN", "2", "horse", "99", "balloon"};
    const char *path = NULL;
    size_t count = 0, found = 0;
    sched_yield();
    put_status(out, cameras_model_class_count(&count, model));
    put_size(out, count);
    put_status(out, cameras_model_auto_layer(&path, model));
    put_text(out, path);
    put_status(out, cameras_model_find_class(&found, model, names[which % 6]));
    put_size(out, found);
    for (size_t i = 0; i <= NETWORK_CLASSES; i++)
        put_text(out, cameras_model_label(model, i));
    for (size_t i = 0; i < cameras_model_layer_count(model); i++)
        put_text(out, cameras_model_layer_path(model, i));
}

/* Everything that task number index gave. */
static record run_task(size_t index, size_t threads)
{
    record out = {0};
    put_size(&out, index);
    if (index < MIXTURES) {
        cameras_options *options = options_of(index, threads);
        explain(&out, model, options, pictures[index % PICTURES]);
        cameras_options_free(options);
        return out;
    }
    const size_t which = index - MIXTURES;
    switch (which % 6) {
    case 0: fail_to_explain(&out, which / 6, threads); break;
    case 1: classify(&out, which / 6, threads); break;
    case 2: explain_many(&out, which * 37 % MIXTURES); break;
    case 3: score(&out, which / 6, threads); break;
    case 4: randomise(&out, which / 6, threads); break;
    default: look_up(&out, which / 6); break;
    }
    return out;
}

/* ---- one thread, and many --------------------------------------------------------------------------------------- */

static record alone[TASKS];

typedef struct worker {
    pthread_t thread;
    pthread_barrier_t *start;
    size_t runs, most, different, explained, first; /* first: a task that differed */
    uint32_t state;
} worker;

/* Two in three tasks explain; the rest are the others. */
static size_t choose(uint32_t *state)
{
    *state = *state * 1664525u + 1013904223u;
    const size_t drawn = *state >> 8;
    return drawn % 3 ? drawn / 3 % MIXTURES : MIXTURES + drawn / 3 % (TASKS - MIXTURES);
}

static void *work(void *user)
{
    worker *own = user;
    pthread_barrier_wait(own->start);
    while (own->explained < own->runs) {
        const size_t index = choose(&own->state);
        record found = run_task(index, 1 + own->state % 7 % own->most);
        if (found.size != alone[index].size || memcmp(found.bytes, alone[index].bytes, found.size) != 0) {
            own->different++;
            own->first = index;
        }
        own->explained += index < MIXTURES;
        free(found.bytes);
    }
    return NULL;
}

static void open_model(void)
{
    need(cameras_model_open(&model, network_file(NETWORK_RECTIFIED)), "model");
    need(cameras_model_set_base_size(model, SIDE, SIDE), "base size");
    need(cameras_model_set_labels(model, labels, sizeof labels - 1), "labels");
}

static void open_all(void)
{
    networks_open();
    open_model();
    for (size_t p = 0; p < PICTURES; p++) {
        uint8_t pixels[3 * SIDE * SIDE];
        uint32_t state = (uint32_t)p + 7;
        for (size_t i = 0; i < sizeof pixels; i++)
            pixels[i] = (uint8_t)((state = state * 1664525u + 1013904223u) >> 24);
        need(cameras_image_new(&pictures[p], pixels, SIDE, SIDE, 0, CAMERAS_RGB8), "picture");
    }
}

/* Twice, the second time backwards: what a task gives must not depend on those before it, threads or no threads. */
static size_t run_alone(void)
{
    size_t different = 0;
    for (size_t i = 0; i < TASKS; i++)
        alone[i] = run_task(i, 1);
    for (size_t i = TASKS; i-- > 0;) {
        record again = run_task(i, 1);
        if (again.size != alone[i].size || memcmp(again.bytes, alone[i].bytes, again.size) != 0) {
            fprintf(stderr, "stress: task %zu alone gave something else the second time\n", i);
            different++;
        }
        free(again.bytes);
    }
    return different;
}

/* On a handle that knows nothing yet, so that what it finds out once is found out by many at once. */
static size_t run_together(size_t count, size_t runs, size_t most)
{
    pthread_barrier_t start;
    worker *workers = calloc(count, sizeof *workers);
    size_t different = 0;
    if (!workers)
        stop("out of memory");
    cameras_model_close(model);
    open_model();
    pthread_barrier_init(&start, NULL, (unsigned)count);
    for (size_t i = 0; i < count; i++) {
        workers[i] = (worker){.start = &start, .runs = runs, .most = most, .state = (uint32_t)i + 1};
        if (pthread_create(&workers[i].thread, NULL, work, &workers[i]) != 0)
            stop("a thread cannot be made");
    }
    for (size_t i = 0; i < count; i++) {
        pthread_join(workers[i].thread, NULL);
        different += workers[i].different;
        if (workers[i].different)
            fprintf(stderr, "stress: thread %zu: %zu tasks differ, such as %zu\n", i, workers[i].different,
                    workers[i].first);
    }
    pthread_barrier_destroy(&start);
    free(workers);
    return different;
}

static void close_all(void)
{
    for (size_t i = 0; i < TASKS; i++)
        free(alone[i].bytes);
    for (size_t p = 0; p < PICTURES; p++)
        cameras_image_free(pictures[p]);
    cameras_model_close(model);
    networks_close();
}

static size_t number(int count, char **words, int index, size_t otherwise)
{
    const long value = index < count ? strtol(words[index], NULL, 10) : 0;
    return value > 0 ? (size_t)value : otherwise;
}

int main(int count, char **words)
{
    const size_t threads = number(count, words, 1, 8), runs = number(count, words, 2, 200);
    open_all();
    const size_t order = run_alone();
    const size_t different = run_together(threads, runs, number(count, words, 3, 1));
    close_all();
    if (order + different)
        fprintf(stderr, "stress: %zu tasks depend on their order, %zu differ among threads\n", order, different);
    printf("stress: %zu threads x %zu explanations on one model: %s\n", threads, runs,
           order + different ? "not what one thread gives" : "the same bits as one thread gives");
    return order + different ? EXIT_FAILURE : EXIT_SUCCESS;
}
