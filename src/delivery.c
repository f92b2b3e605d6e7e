/*
 * delivery.c - the maps of one picture on their way to files
 *
 * SPDX-License-Identifier: MIT
 */
#include "delivery.h"

#include "model_source.h"

#include <stdlib.h>

static int write_overlay(const char *path, const cameras_map *map, const delivery *own)
{
    cameras_image *picture = NULL;
    cameras_status status =
        cameras_map_overlay(&picture, map, own->image, (cameras_colormap)own->asked->colormap, own->asked->opacity);
    if (status == CAMERAS_OK)
        status = cameras_image_write(picture, path);
    cameras_image_free(picture);
    return status == CAMERAS_OK ? EXIT_OK : report_failure();
}

/* The name under which a map goes to path, with what tells it from the others, noted; an exit status. */
static int name_output(const char **name, delivery *own, const char *path, const cameras_map *map)
{
    const size_t class_index = cameras_map_class(map), layers = own->asked->layer_count ? own->asked->layer_count : 1;
    *name = output_name(path, layers > 1 ? cameras_map_layer(map) : NULL, own->count > layers ? &class_index : NULL);
    if (!*name)
        return fail_memory("write the maps");
    if (!output_is_possible(*name, own->pictures))
        return EXIT_FAILED;
    return outputs_add(&own->written, *name) ? EXIT_OK : fail_memory("write the maps");
}

static int write_map(delivery *own, reported_map *one)
{
    int result = EXIT_OK;
    if (own->overlay)
        result = name_output(&one->overlay, own, own->overlay, one->map);
    if (own->overlay && result == EXIT_OK)
        result = write_overlay(one->overlay, one->map, own);
    if (own->map && result == EXIT_OK)
        result = name_output(&one->file, own, own->map, one->map);
    if (own->map && result == EXIT_OK && cameras_map_write(one->map, one->file) != CAMERAS_OK)
        result = report_failure();
    return result;
}

int delivery_write(delivery *own, cameras_map *const *maps, size_t count)
{
    int result = EXIT_OK;
    own->maps = calloc(count, sizeof *own->maps);
    if (!own->maps)
        return fail_memory("write the maps");
    own->count = count;
    for (size_t i = 0; i < count && result == EXIT_OK; i++) {
        own->maps[i].map = maps[i];
        result = write_map(own, &own->maps[i]);
    }
    return result;
}

void delivery_free(delivery *own)
{
    for (size_t i = 0; i < own->count; i++) {
        free((char *)own->maps[i].overlay);
        free((char *)own->maps[i].file);
    }
    free(own->maps);
    outputs_free(&own->written);
}
