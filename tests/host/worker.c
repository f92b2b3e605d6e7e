/*
 * worker.c - a thread that explains the demo's scene again and again
 *
 * SPDX-License-Identifier: MIT
 */
#include "worker.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

cameras_model *worker_model;
cameras_image *worker_image;
static pthread_t thread;
static atomic_int begun, stop;

static int look(double done, void *user)
{
    (void)done;
    (void)user;
    atomic_store(&begun, 1);
    return atomic_load(&stop);
}

static void *explain(void *unused)
{
    cameras_options *options = NULL;
    if (cameras_options_new(&options) != CAMERAS_OK || cameras_options_set_progress(options, look, NULL) != CAMERAS_OK)
        abort();
    while (!atomic_load(&stop)) {
        cameras_map *map = NULL;
        cameras_explain(&map, worker_model, worker_image, options);
        cameras_map_free(map);
    }
    cameras_options_free(options);
    return unused;
}

int worker_begin(const char *folder)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/demo.pt", folder);
    if (cameras_model_open(&worker_model, path) != CAMERAS_OK)
        return 3;
    snprintf(path, sizeof path, "%s/scene.png", folder);
    if (cameras_image_read(&worker_image, path, NULL) != CAMERAS_OK ||
        pthread_create(&thread, NULL, explain, NULL) != 0)
        return 3;
    while (!atomic_load(&begun))
        usleep(1000);
    return 0;
}

void worker_stop(void)
{
    atomic_store(&stop, 1);
    pthread_join(thread, NULL);
}

void worker_free(void)
{
    cameras_image_free(worker_image);
    cameras_model_close(worker_model);
}
