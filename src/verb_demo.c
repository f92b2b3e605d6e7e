/*
 * verb_demo.c - cameras demo [FOLDER]: the embedded network explains the embedded scene
 *
 * SPDX-License-Identifier: MIT
 */
#include "demo_files.h"
#include "interrupt.h"
#include "model_source.h"
#include "progress.h"
#include "verbs.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

/* What stands in the scene (src/demo/scene.py). */
static const char *const objects[] = {"car", "house", "road-sign", "balloon"};
enum {
    OBJECTS = sizeof objects / sizeof *objects,
    SHEET_COLUMNS = 3,
    SHEET_GAP = 8
};

/* The scene itself, then one overlay an object. */
typedef struct gallery {
    cameras_image *pictures[1 + OBJECTS];
} gallery;

static cameras_status write_picture(const cameras_image *picture, const char *folder, const char *name)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s.png", folder, name);
    return cameras_image_write(picture, path);
}

static cameras_status explain_objects(gallery *shown, cameras_model *model, cameras_options *options)
{
    cameras_map *maps[OBJECTS] = {NULL};
    cameras_status status = CAMERAS_OK;
    for (size_t i = 0; i < OBJECTS && status == CAMERAS_OK; i++) {
        size_t index = 0;
        status = cameras_model_find_class(&index, model, objects[i]);
        if (status == CAMERAS_OK)
            status = cameras_options_add_class(options, index);
    }
    if (status == CAMERAS_OK)
        status = progress_set(options, progress_wanted());
    interrupt_defer();
    if (status == CAMERAS_OK)
        status = cameras_explain_several(maps, OBJECTS, model, shown->pictures[0], options);
    if (progress_wanted())
        progress_clear();
    for (size_t i = 0; i < OBJECTS && status == CAMERAS_OK; i++)
        status = cameras_map_overlay(&shown->pictures[1 + i], maps[i], shown->pictures[0], CAMERAS_VIRIDIS, 0.6f);
    for (size_t i = 0; i < OBJECTS; i++)
        cameras_map_free(maps[i]);
    return status;
}

static cameras_status write_gallery(const gallery *shown, const char *folder)
{
    cameras_image *sheet = NULL;
    cameras_status status = write_picture(shown->pictures[0], folder, "scene");
    for (size_t i = 0; i < OBJECTS && status == CAMERAS_OK; i++)
        status = write_picture(shown->pictures[1 + i], folder, objects[i]);
    if (status == CAMERAS_OK)
        status = cameras_image_sheet(&sheet, (const cameras_image *const *)shown->pictures, 1 + OBJECTS, SHEET_COLUMNS,
                                     SHEET_GAP);
    if (status == CAMERAS_OK)
        status = write_picture(sheet, folder, "sheet");
    cameras_image_free(sheet);
    return status;
}

static void print_what_to_look_at(const char *folder)
{
    printf("look at %s/sheet.png: the scene, then where the network sees", folder);
    for (size_t i = 0; i < OBJECTS; i++)
        printf("%s %s", i ? "," : "", objects[i]);
    printf("\nyellow is what the answer rests on: each map should light up its own object and no other\n"
           "your own: cameras explain photo.jpg -m model.pt --labels names.txt -o overlay.png  (docs/models.md)\n");
}

static int show(const char *folder)
{
    const model_arguments embedded = {0};
    gallery shown = {0};
    cameras_model *model = NULL;
    cameras_options *options = NULL;
    double seconds = 0;
    cameras_status status = cameras_options_new(&options);
    if (status == CAMERAS_OK)
        status = open_model(&model, &seconds, &embedded);
    if (status == CAMERAS_OK)
        status = cameras_image_read_memory(&shown.pictures[0], demo_scene, demo_scene_size, NULL);
    if (status == CAMERAS_OK)
        status = explain_objects(&shown, model, options);
    if (status == CAMERAS_OK)
        status = write_gallery(&shown, folder);
    for (size_t i = 0; i < 1 + OBJECTS; i++)
        cameras_image_free(shown.pictures[i]);
    cameras_model_close(model);
    cameras_options_free(options);
    if (status != CAMERAS_OK)
        return report_failure();
    print_what_to_look_at(folder);
    return EXIT_OK;
}

int verb_demo(int argc, char **argv)
{
    const char *folder = argc > 1 ? argv[1] : "cameras-demo";
    if (argc > 2 || folder[0] == '-')
        return usage_error("demo", "a folder and nothing else may be given");
    if (strlen(folder) > PATH_MAX / 2 || (mkdir(folder, 0777) != 0 && errno != EEXIST)) {
        fprintf(stderr, "cameras: make folder %s: %s\n", folder, strerror(errno));
        return EXIT_FAILED;
    }
    return show(folder);
}
