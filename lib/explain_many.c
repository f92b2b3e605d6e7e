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
#include "image.h"
#include "log.h"
#include "model.h"
#include "options.h"
#include "threads.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

typedef struct worker worker;

/* One call, as its workers share it. */
typedef struct batch {
    cameras_model *model;
    const cameras_options *options;
    const cameras_image *const *images; /* these, */
    const char *const *paths;           /* or these */
    size_t count, map_count;
    cameras_explained call;
    void *user;
    int inside_log;       /* whether the caller is inside the log's callback, and so the workers */
    size_t share, spare;  /* threads of each image, and how many of the first images have one more */
    char *put_off;        /* one an image: it needs more memory than a worker's share, and is explained alone, last */
    atomic_size_t next;   /* the first image that no worker has taken */
    atomic_int stopped;   /* a callback asked for it: no further image is begun */
    atomic_int cancelled; /* the progress callback did: those at work end too */
    worker *workers;
    size_t worker_count;
    pthread_mutex_t turn; /* to tell the caller; guards what follows, and the workers' shares */
    size_t told, finished, explained;
    double shown; /* the progress last told */
} batch;

struct worker {
    batch *all;
    cameras_options options; /* the caller's, with this worker's share of threads and memory; owns nothing itself */
    pthread_t thread;
    double done; /* of the image at work */
};

/* ---- one image -------------------------------------------------------------------------------------------------- */

/* What has been told and what is at work, of all. An image that was put off begins anew, but nothing is told of that.
 */
static void show_progress(batch *all)
{
    double done = (double)all->told;
    for (size_t i = 0; i < all->worker_count; i++)
        done += all->workers[i].done;
    const double share = done / (double)all->count;
    if (!all->options->progress || share <= all->shown || atomic_load(&all->cancelled))
        return;
    all->shown = share;
    if (all->options->progress(share, all->options->progress_user) != 0) {
        atomic_store(&all->cancelled, 1);
        atomic_store(&all->stopped, 1);
    }
}

/* A worker's own cameras_progress. The end of an image is told once its maps are there. */
static int look(double done, void *user)
{
    worker *own = user;
    batch *all = own->all;
    if (done < 1.0) {
        pthread_mutex_lock(&all->turn);
        own->done = done;
        show_progress(all);
        pthread_mutex_unlock(&all->turn);
    }
    return atomic_load(&all->cancelled);
}

static void tell(worker *own, size_t index, cameras_status status, cameras_map **maps)
{
    batch *all = own->all;
    const int good = status == CAMERAS_OK;
    pthread_mutex_lock(&all->turn);
    own->done = 0.0;
    all->told++;
    all->finished += status != CAMERAS_ECANCELLED;
    all->explained += good ? 1 : 0;
    if (all->call(all->user, index, status, good ? maps : NULL, good ? all->map_count : 0) != 0)
        atomic_store(&all->stopped, 1);
    show_progress(all);
    pthread_mutex_unlock(&all->turn);
}

static void put_off(worker *own, size_t index)
{
    pthread_mutex_lock(&own->all->turn);
    own->done = 0.0;
    pthread_mutex_unlock(&own->all->turn);
    own->all->put_off[index] = 1;
}

static cameras_status explain_image(cameras_map **maps, const worker *own, const cameras_image *image, size_t index)
{
    if (!image)
        return cam_fail(CAMERAS_EINVAL, "explain images: image %zu is NULL", index);
    return cameras_explain_several(maps, own->all->map_count, own->all->model, image, &own->options);
}

/* A picture that was read here counts towards the memory limit. */
static cameras_status charge(size_t *limit, const cameras_image *image)
{
    const size_t bytes = cam_image_bytes(image);
    if (!*limit)
        return CAMERAS_OK;
    if (bytes >= *limit)
        return cam_fail(CAMERAS_ELIMIT, "explain files: the picture takes %zu bytes, beyond the memory limit of %zu",
                        bytes, *limit);
    *limit -= bytes;
    return CAMERAS_OK;
}

/* *memory: that memory is what it lacks, should it fail by a limit, not another limit on what is read. */
static cameras_status explain_file(cameras_map **maps, worker *own, const char *path, size_t index, int *memory)
{
    cameras_image *image = NULL;
    const size_t limit = own->options.memory_limit;
    *memory = 0;
    if (!path)
        return cam_fail(CAMERAS_EINVAL, "explain files: path %zu is NULL", index);
    cameras_status status = cameras_image_read(&image, path, &own->options);
    *memory = status == CAMERAS_OK;
    if (status == CAMERAS_OK)
        status = charge(&own->options.memory_limit, image);
    if (status == CAMERAS_OK)
        status = explain_image(maps, own, image, index);
    own->options.memory_limit = limit;
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
    int memory = 1;
    if (!maps)
        status = cam_fail_memory("explain images", all->map_count * sizeof(cameras_map *));
    else if (all->images)
        status = explain_image(maps, own, all->images[index], index);
    else
        status = explain_file(maps, own, all->paths[index], index, &memory);
    if (status == CAMERAS_ELIMIT && memory && own->options.memory_limit < all->options->memory_limit)
        put_off(own, index);
    else
        tell(own, index, status, maps);
    free(maps);
}

/* ---- the workers ------------------------------------------------------------------------------------------------ */

static void *work(void *user)
{
    worker *own = user;
    cam_log_set_inside(own->all->inside_log);
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

static void equip(worker *own, batch *all, size_t memory_limit)
{
    *own = (worker){.all = all, .options = *all->options};
    own->options.memory_limit = memory_limit;
    own->options.progress = look;
    own->options.progress_user = own;
}

static void explain_put_off(batch *all, size_t threads)
{
    worker *alone = &all->workers[0];
    equip(alone, all, all->options->memory_limit);
    all->share = threads;
    all->spare = 0;
    for (size_t i = 0; i < all->count && !atomic_load(&all->stopped); i++)
        if (all->put_off[i])
            explain_one(alone, i);
}

/* Threads that do not divide go to images only where each worker has one: otherwise which images is chance. */
static void share_out(batch *all, size_t threads)
{
    const size_t count = all->worker_count;
    all->share = threads / count;
    all->spare = count == all->count ? threads % count : 0;
    for (size_t i = 0; i < count; i++)
        equip(&all->workers[i], all, all->options->memory_limit / count);
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
    if (all->paths)
        bytes += cam_size_pixels(size) * all->model->preprocessing.channels;
    return all->options->memory_limit > bytes ? all->options->memory_limit / bytes : 1;
}

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static cameras_status run(batch *all)
{
    const size_t threads = cam_thread_count(all->options->threads);
    all->worker_count = least(least(threads, all->count), fitting(all));
    all->workers = calloc(all->worker_count, sizeof *all->workers);
    all->put_off = calloc(all->count, sizeof *all->put_off);
    cameras_status status = CAMERAS_OK;
    if (all->workers && all->put_off) {
        share_out(all, threads);
        run_workers(all->workers, all->worker_count);
        explain_put_off(all, threads);
    } else
        status = cam_fail_memory("explain images", all->worker_count * sizeof *all->workers + all->count);
    free(all->put_off);
    free(all->workers);
    if (atomic_load(&all->stopped))
        return cam_fail(CAMERAS_ECANCELLED, "explain images: cancelled by a callback with %zu of %zu done",
                        all->finished, all->count);
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
    all->inside_log = cam_log_inside();
    int cancelling = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelling); /* the others work on what is on this thread's stack */
    pthread_mutex_init(&all->turn, NULL);
    const cameras_status status = run(all);
    pthread_mutex_destroy(&all->turn);
    pthread_setcancelstate(cancelling, NULL);
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
