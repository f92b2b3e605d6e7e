/*
 * explain_many.c - many images at once, each with its share of the threads
 *
 * SPDX-License-Identifier: MIT
 *
 * One image keeps many threads busy only in its larger layers; several images at once keep them busy throughout. The
 * calling thread is one of the workers, so that with one thread none is made. What the caller is told goes out one call
 * at a time from the worker's own thread, so that cameras_last_error has that image's message; no lock of the model is
 * held then, and the batch's own belongs to this call, so a callback may use the library freely, this call included.
 */
#include "error.h"
#include "model.h"
#include "options.h"
#include "threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* One call, as its workers share it. */
typedef struct batch {
    cameras_model *model;
    const cameras_options *options;
    const cameras_image *const *images; /* these, */
    const char *const *paths;           /* or these */
    size_t count, map_count;
    cameras_explained call;
    void *user;
    size_t share, spare;  /* threads of each image, and how many of the first images have one more */
    char *put_off;        /* one an image: it needs more memory than a worker's share, and is explained alone, last */
    atomic_size_t next;   /* the first image that no worker has taken */
    atomic_int stopped;   /* a callback asked for it */
    pthread_mutex_t turn; /* to tell the caller; guards what follows */
    size_t told, explained;
} batch;

typedef struct worker {
    batch *all;
    cameras_options options; /* the caller's, with this worker's share of threads and memory; owns nothing itself */
    pthread_t thread;
} worker;

/* ---- one image -------------------------------------------------------------------------------------------------- */

static void tell(batch *all, size_t index, cameras_status status, cameras_map **maps)
{
    const cameras_options *options = all->options;
    const int good = status == CAMERAS_OK;
    pthread_mutex_lock(&all->turn);
    all->told++;
    all->explained += good ? 1 : 0;
    int stop = all->call(all->user, index, status, good ? maps : NULL, good ? all->map_count : 0) != 0;
    if (options->progress)
        stop |= options->progress((double)all->told / (double)all->count, options->progress_user) != 0;
    if (stop)
        atomic_store(&all->stopped, 1);
    pthread_mutex_unlock(&all->turn);
}

static cameras_status explain_image(cameras_map **maps, const worker *own, const cameras_image *image, size_t index)
{
    if (!image)
        return cam_fail(CAMERAS_EINVAL, "explain images: image %zu is NULL", index);
    return cameras_explain_several(maps, own->all->map_count, own->all->model, image, &own->options);
}

static cameras_status explain_file(cameras_map **maps, const worker *own, const char *path, size_t index)
{
    cameras_image *image = NULL;
    if (!path)
        return cam_fail(CAMERAS_EINVAL, "explain files: path %zu is NULL", index);
    cameras_status status = cameras_image_read(&image, path, &own->options);
    if (status == CAMERAS_OK)
        status = explain_image(maps, own, image, index);
    cameras_image_free(image);
    return status;
}

static void explain_one(worker *own, size_t index)
{
    batch *all = own->all;
    /* By the image, not by the worker, which is whoever comes: the last bits of a map depend on the threads. */
    own->options.threads = all->share + (index < all->spare ? 1 : 0);
    cameras_map **maps = calloc(all->map_count, sizeof(cameras_map *));
    cameras_status status = CAMERAS_OK;
    if (!maps)
        status = cam_fail_memory("explain images", all->map_count * sizeof(cameras_map *));
    else if (all->images)
        status = explain_image(maps, own, all->images[index], index);
    else
        status = explain_file(maps, own, all->paths[index], index);
    if (status == CAMERAS_ELIMIT && own->options.memory_limit < all->options->memory_limit)
        all->put_off[index] = 1;
    else
        tell(all, index, status, maps);
    free(maps);
}

/* ---- the workers ------------------------------------------------------------------------------------------------ */

static void *work(void *user)
{
    worker *own = user;
    while (!atomic_load(&own->all->stopped)) {
        const size_t index = atomic_fetch_add(&own->all->next, 1);
        if (index >= own->all->count)
            break;
        explain_one(own, index);
    }
    return NULL;
}

/* A thread that cannot be made is done without. */
static void run_workers(worker *workers, size_t count)
{
    size_t made = 1;
    while (made < count && pthread_create(&workers[made].thread, NULL, work, &workers[made]) == 0)
        made++;
    work(&workers[0]);
    for (size_t i = 1; i < made; i++)
        pthread_join(workers[i].thread, NULL);
}

static void explain_put_off(batch *all, size_t threads)
{
    worker alone = {.all = all, .options = *all->options};
    alone.options.progress = NULL;
    all->share = threads;
    all->spare = 0;
    for (size_t i = 0; i < all->count && !atomic_load(&all->stopped); i++)
        if (all->put_off[i])
            explain_one(&alone, i);
}

/* Threads that do not divide go to images only where each worker has one: otherwise which images is chance. */
static void share_out(worker *workers, size_t count, batch *all, size_t threads)
{
    all->share = threads / count;
    all->spare = count == all->count ? threads % count : 0;
    for (size_t i = 0; i < count; i++) {
        workers[i] = (worker){.all = all, .options = *all->options};
        workers[i].options.memory_limit = all->options->memory_limit / count;
        workers[i].options.progress = NULL;
    }
}

/* ---- how many at once ------------------------------------------------------------------------------------------- */

/* The size to estimate by: the largest image's, or the base image's of files, whose sizes are not known yet. */
static cam_size typical_size(const batch *all)
{
    const cam_preprocessing *how = &all->model->preprocessing;
    cam_size size = {0, 0};
    if (all->paths)
        return how->side ? (cam_size){how->side, how->side} : how->size;
    for (size_t i = 0; i < all->count; i++) {
        const size_t width = cameras_image_width(all->images[i]), height = cameras_image_height(all->images[i]);
        if (width * height > size.width * size.height)
            size = (cam_size){width, height};
    }
    return size;
}

/* How many images the memory limit lets work at once. Where that cannot be told, one by one shows why. */
static size_t fitting(const batch *all)
{
    size_t bytes = 0;
    const cam_size size = typical_size(all);
    if (!all->options->memory_limit)
        return all->count;
    if (!size.width ||
        cameras_explain_memory(&bytes, all->model, size.width, size.height, all->options) != CAMERAS_OK || !bytes)
        return 1;
    return all->options->memory_limit > bytes ? all->options->memory_limit / bytes : 1;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static cameras_status run(batch *all)
{
    const size_t threads = cam_thread_count(all->options->threads);
    const size_t count = least(least(threads, all->count), fitting(all));
    worker *workers = calloc(count, sizeof *workers);
    all->put_off = calloc(all->count, sizeof *all->put_off);
    cameras_status status = CAMERAS_OK;
    if (workers && all->put_off) {
        share_out(workers, count, all, threads);
        run_workers(workers, count);
        explain_put_off(all, threads);
    } else
        status = cam_fail_memory("explain images", count * sizeof *workers + all->count);
    free(all->put_off);
    free(workers);
    if (atomic_load(&all->stopped))
        return cam_fail(CAMERAS_ECANCELLED, "explain images: cancelled by a callback with %zu of %zu done", all->told,
                        all->count);
    return status;
}

static cameras_status explain_batch(size_t *explained, batch *all)
{
    if (all->count == 0)
        return CAMERAS_OK;
    const cameras_status allowed = cam_options_check_counts(all->options, all->options->class_count, "explain images");
    if (allowed != CAMERAS_OK)
        return allowed;
    all->map_count = cameras_options_map_count(all->options);
    pthread_mutex_init(&all->turn, NULL);
    const cameras_status status = run(all);
    pthread_mutex_destroy(&all->turn);
    if (explained)
        *explained = all->explained;
    return status;
}

cameras_status cameras_explain_many(size_t *explained, cameras_model *model, const cameras_image *const *images,
                                    size_t count, const cameras_options *options, cameras_explained call, void *user)
{
    if (explained)
        *explained = 0;
    if (!model || (!images && count) || !call)
        return cam_fail(CAMERAS_EINVAL, "explain images: model, images and a callback are needed");
    batch all = {.model = model,
                 .options = cam_options_or_default(options),
                 .images = images,
                 .count = count,
                 .call = call,
                 .user = user};
    return explain_batch(explained, &all);
}

cameras_status cameras_explain_files(size_t *explained, cameras_model *model, const char *const *paths, size_t count,
                                     const cameras_options *options, cameras_explained call, void *user)
{
    if (explained)
        *explained = 0;
    if (!model || (!paths && count) || !call)
        return cam_fail(CAMERAS_EINVAL, "explain files: model, paths and a callback are needed");
    batch all = {.model = model,
                 .options = cam_options_or_default(options),
                 .paths = paths,
                 .count = count,
                 .call = call,
                 .user = user};
    return explain_batch(explained, &all);
}
