/*
 * leaving.c - a program that ends while one of its threads explains: leaving HOW FOLDER
 *
 * SPDX-License-Identifier: MIT
 *
 * HOW is "main", which returns from main regardless; "quick", by quick_exit; "joined", which does as docs/embedding.md
 * says: it asks the thread to stop, by its progress callback, and joins it.
 */
#include <cameras.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static cameras_model *model;
static cameras_image *image;
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
        cameras_explain(&map, model, image, options);
        cameras_map_free(map);
    }
    cameras_options_free(options);
    return unused;
}

int main(int count, char **arguments)
{
    char path[4096];
    pthread_t thread;
    if (count != 3)
        return 2;
    snprintf(path, sizeof path, "%s/demo.pt", arguments[2]);
    if (cameras_model_open(&model, path) != CAMERAS_OK)
        return 3;
    snprintf(path, sizeof path, "%s/scene.png", arguments[2]);
    if (cameras_image_read(&image, path, NULL) != CAMERAS_OK)
        return 3;
    if (pthread_create(&thread, NULL, explain, NULL) != 0)
        return 3;
    while (!atomic_load(&begun))
        ;
    if (strcmp(arguments[1], "quick") == 0)
        quick_exit(0);
    if (strcmp(arguments[1], "main") == 0)
        return 0;
    atomic_store(&stop, 1);
    pthread_join(thread, NULL);
    cameras_image_free(image);
    cameras_model_close(model);
    return 0;
}
