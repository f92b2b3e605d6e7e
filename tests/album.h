/*
 * album.h - several pictures of a scene, and notes of what is told of each when they are explained in one call
 *
 * SPDX-License-Identifier: MIT
 *
 * The callback runs on the library's threads, where an assertion would jump across stacks: it only takes notes.
 */
#ifndef ALBUM_H
#define ALBUM_H

#include "scene.h"

enum {
    SIDE = 32,
    IMAGES = 5,
    SCALES = 2,
    MOST_IMAGES = 64,
    MOST_MAPS = 4
};

/* What was told of one image. */
typedef struct note {
    size_t times, place, count; /* place: how many calls came before */
    cameras_status status;
    cameras_map *maps[MOST_MAPS];
    char message[256];
} note;

typedef struct notes {
    note images[MOST_IMAGES];
    size_t calls, stop_at; /* 0: never */
    int inside, overlapped;
} notes;

/* A cameras_explained; user is notes. */
int take_note(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count);

void notes_free(notes *own);

void expect_each_told_once(const notes *own, size_t count);
void expect_failed(const notes *own, size_t index, cameras_status status, const char *part);

/* A scene, and pictures of as many shapes, so that each has a map of its own. */
typedef struct album {
    scene made;
    cameras_image *images[IMAGES];
} album;

void album_open(album *own);
void album_close(album *own);
const cameras_image *const *album_pictures(const album *own);

/* Two classes of two layers. */
void ask_for_four_maps(album *own);

int is_equal_map(const cameras_map *a, const cameras_map *b);

/* Whether what was told of an image is bit for bit what one call with so many threads gives. */
int equals_single_call(const note *one, album *own, size_t index, size_t threads);
void expect_single_call(const notes *own, album *shown, size_t index);

#endif
