/*
 * loading.c - a plugin host: loads the library, uses it, unloads it, again and again: loading LIBRARY FOLDER TIMES
 *
 * SPDX-License-Identifier: MIT
 *
 * The program itself is linked with nothing. Each time the map must be the first one's, bit for bit.
 */
#include <cameras.h>

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The functions used, as found by name. */
typedef struct library {
    void *handle;
    cameras_status (*model_open)(cameras_model **, const char *);
    void (*model_close)(cameras_model *);
    cameras_status (*image_read)(cameras_image **, const char *, const cameras_options *);
    void (*image_free)(cameras_image *);
    cameras_status (*options_new)(cameras_options **);
    cameras_status (*options_set_scales)(cameras_options *, const size_t *, size_t);
    void (*options_free)(cameras_options *);
    cameras_status (*explain)(cameras_map **, cameras_model *, const cameras_image *, const cameras_options *);
    const float *(*map_values)(const cameras_map *);
    void (*map_free)(cameras_map *);
} library;

static void find(void *function, const library *own, const char *name)
{
    void *found = dlsym(own->handle, name);
    if (!found) {
        printf("%s\n", dlerror());
        exit(1);
    }
    memcpy(function, &found, sizeof found);
}

static void load(library *own, const char *path)
{
    own->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!own->handle) {
        printf("%s\n", dlerror());
        exit(1);
    }
    find(&own->model_open, own, "cameras_model_open");
    find(&own->model_close, own, "cameras_model_close");
    find(&own->image_read, own, "cameras_image_read");
    find(&own->image_free, own, "cameras_image_free");
    find(&own->options_new, own, "cameras_options_new");
    find(&own->options_set_scales, own, "cameras_options_set_scales");
    find(&own->options_free, own, "cameras_options_free");
    find(&own->explain, own, "cameras_explain");
    find(&own->map_values, own, "cameras_map_values");
    find(&own->map_free, own, "cameras_map_free");
}

enum {
    PIXELS = 224 * 224
};

static void explain(float values[PIXELS], const library *own, const char *folder)
{
    static const size_t side = 224;
    char model_path[4096], image_path[4096];
    cameras_model *model = NULL;
    cameras_image *image = NULL;
    cameras_options *options = NULL;
    cameras_map *map = NULL;
    snprintf(model_path, sizeof model_path, "%s/demo.pt", folder);
    snprintf(image_path, sizeof image_path, "%s/scene.png", folder);
    if (own->model_open(&model, model_path) != CAMERAS_OK || own->image_read(&image, image_path, NULL) != CAMERAS_OK ||
        own->options_new(&options) != CAMERAS_OK || own->options_set_scales(options, &side, 1) != CAMERAS_OK ||
        own->explain(&map, model, image, options) != CAMERAS_OK) {
        puts("a call failed");
        exit(1);
    }
    memcpy(values, own->map_values(map), PIXELS * sizeof *values);
    own->map_free(map);
    own->options_free(options);
    own->image_free(image);
    own->model_close(model);
}

int main(int count, char **arguments)
{
    static float first[PIXELS], again[PIXELS];
    if (count != 4)
        return 2;
    for (long i = 0; i < strtol(arguments[3], NULL, 10); i++) {
        library own;
        load(&own, arguments[1]);
        explain(again, &own, arguments[2]);
        if (i == 0)
            memcpy(first, again, sizeof first);
        if (memcmp(first, again, sizeof first) != 0) {
            printf("the map differs at time %ld\n", i);
            return 1;
        }
        if (dlclose(own.handle) != 0) {
            printf("%s\n", dlerror());
            return 1;
        }
    }
    return 0;
}
