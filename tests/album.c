/*
 * album.c - several pictures of a scene, and notes of what is told of each when they are explained in one call
 *
 * SPDX-License-Identifier: MIT
 */
#include "album.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/* ---- taking notes ----------------------------------------------------------------------------------------------- */

int take_note(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count)
{
    notes *own = user;
    note *one = &own->images[index];
    own->overlapped |= own->inside++;
    one->times++;
    one->place = own->calls;
    one->status = status;
    one->count = count;
    snprintf(one->message, sizeof one->message, "%s", status == CAMERAS_OK ? "" : cameras_last_error());
    if ((maps == NULL) != (status != CAMERAS_OK))
        one->times = 99;
    for (size_t i = 0; i < count && i < MOST_MAPS; i++)
        one->maps[i] = maps[i];
    own->inside--;
    return ++own->calls == own->stop_at;
}

void notes_free(notes *own)
{
    for (size_t i = 0; i < MOST_IMAGES; i++)
        for (size_t k = 0; k < own->images[i].count; k++)
            cameras_map_free(own->images[i].maps[k]);
    *own = (notes){0};
}

void expect_each_told_once(const notes *own, size_t count)
{
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(own->images[i].times == 1, "image %zu told %zu times", i, own->images[i].times);
    ck_assert_uint_eq(own->calls, count);
    ck_assert_int_eq(own->overlapped, 0);
}

void expect_failed(const notes *own, size_t index, cameras_status status, const char *part)
{
    const note *one = &own->images[index];
    ck_assert_uint_eq(one->times, 1);
    ck_assert_msg(one->status == status, "image %zu: status %d, \"%s\"", index, (int)one->status, one->message);
    ck_assert_msg(strstr(one->message, part) != NULL, "image %zu: \"%s\"", index, one->message);
    ck_assert_uint_eq(one->count, 0);
}

/* ---- what is explained ------------------------------------------------------------------------------------------ */

const cameras_image *const *album_pictures(const album *own)
{
    return (const cameras_image *const *)own->images;
}

void album_open(album *own)
{
    static const size_t sides[SCALES] = {32, 40};
    static const size_t shapes[IMAGES][2] = {{32, 32}, {60, 40}, {33, 70}, {24, 24}, {50, 50}};
    scene_open(&own->made, NETWORK_RECTIFIED, SIDE, SIDE);
    scene_set_scales(&own->made, sides, SCALES);
    for (size_t i = 0; i < IMAGES; i++)
        own->images[i] = wavy_picture(shapes[i][0], shapes[i][1]);
}

void album_close(album *own)
{
    for (size_t i = 0; i < IMAGES; i++)
        cameras_image_free(own->images[i]);
    scene_close(&own->made);
}

void ask_for_four_maps(album *own)
{
    expect_ok(cameras_options_add_class(own->made.options, 3));
    expect_ok(cameras_options_add_class(own->made.options, 0));
    expect_ok(cameras_options_add_layer(own->made.options, "conv"));
    expect_ok(cameras_options_add_layer(own->made.options, "stem"));
}

int is_equal_map(const cameras_map *a, const cameras_map *b)
{
    const size_t bytes = cameras_map_width(b) * cameras_map_height(b) * sizeof(float);
    return cameras_map_width(a) == cameras_map_width(b) && cameras_map_height(a) == cameras_map_height(b) &&
           cameras_map_class(a) == cameras_map_class(b) && strcmp(cameras_map_layer(a), cameras_map_layer(b)) == 0 &&
           memcmp(cameras_map_raw(a), cameras_map_raw(b), bytes) == 0 &&
           memcmp(cameras_map_values(a), cameras_map_values(b), bytes) == 0;
}

int equals_single_call(const note *one, album *own, size_t index, size_t threads)
{
    cameras_map *maps[MOST_MAPS] = {NULL};
    const size_t count = cameras_options_map_count(own->made.options);
    expect_ok(cameras_options_set_threads(own->made.options, threads));
    expect_ok(cameras_explain_several(maps, count, own->made.model, own->images[index], own->made.options));
    int equal = one->status == CAMERAS_OK && one->count == count;
    for (size_t i = 0; i < count; i++) {
        equal = equal && is_equal_map(one->maps[i], maps[i]);
        cameras_map_free(maps[i]);
    }
    return equal;
}

void expect_single_call(const notes *own, album *shown, size_t index)
{
    ck_assert_msg(equals_single_call(&own->images[index], shown, index, 1), "image %zu: \"%s\"", index,
                  own->images[index].message);
}
