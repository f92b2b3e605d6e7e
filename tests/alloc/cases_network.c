/*
 * cases_network.c - models, explanations, scores, sanity and attacks: all that reaches LibTorch
 *
 * SPDX-License-Identifier: MIT
 *
 * The models of the world stay open from case to case and failure to failure, so that a handle harmed by one is noticed
 * by what it gives afterwards.
 */
#include "cases.h"
#include "networks.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    SIDE = 32
};

static cameras_model *model;
static cameras_image *image;
static cameras_options *options, *several, *original, *limited, *two_threads, *gated;
static cameras_map *map;
static uint8_t archive[1 << 18];
static size_t archive_size;

/* ---- the world --------------------------------------------------------------------------------------------------- */

static void need(cameras_status status)
{
    if (status != CAMERAS_OK) {
        wrong(cameras_last_error());
        abort();
    }
}

static cameras_options *make_options(void)
{
    static const size_t sides[] = {32, 48};
    cameras_options *new = NULL;
    need(cameras_options_new(&new));
    need(cameras_options_set_scales(new, sides, 2));
    need(cameras_options_set_threads(new, 1));
    need(cameras_options_set_keep_flat(new, 1));
    need(cameras_options_set_score_steps(new, 3));
    need(cameras_options_set_attack_steps(new, 3));
    return new;
}

static void open_options(void)
{
    options = make_options();
    several = make_options();
    original = make_options();
    limited = make_options();
    two_threads = make_options();
    gated = make_options();
    for (size_t i = 0; i < 3; i++)
        need(cameras_options_add_class(several, i));
    need(cameras_options_add_layer(several, "stem"));
    need(cameras_options_add_layer(several, "conv"));
    need(cameras_options_set_source(original, CAMERAS_SOURCE_ORIGINAL));
    need(cameras_options_set_map_size(original, CAMERAS_MAP_SIZE_IMAGE));
    need(cameras_options_set_memory_limit(limited, (size_t)1 << 30));
    need(cameras_options_set_threads(two_threads, 2));
    need(cameras_options_set_gate(gated, CAMERAS_GATE_ON));
    need(cameras_options_set_precision(gated, CAMERAS_PRECISION_AUTO));
}

static void read_archive(void)
{
    const int file = open(network_file(NETWORK_RECTIFIED), O_RDONLY);
    const ssize_t got = read(file, archive, sizeof archive);
    close(file);
    if (got <= 0 || got == sizeof archive)
        abort();
    archive_size = (size_t)got;
}

void network_world_open(void)
{
    networks_open();
    read_archive();
    open_options();
    need(cameras_model_open(&model, network_file(NETWORK_RECTIFIED)));
    need(cameras_model_set_base_size(model, SIDE, SIDE));
    need(cameras_model_read_labels(model, in_folder("labels.txt")));
    need(cameras_image_read(&image, in_folder("rgb.png"), NULL));
    need(cameras_explain(&map, model, image, options));
}

void network_world_close(void)
{
    cameras_options *const all[] = {options, several, original, limited, two_threads, gated};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        cameras_options_free(all[i]);
    cameras_map_free(map);
    cameras_image_free(image);
    cameras_model_close(model);
    networks_close();
}

/* ---- models ------------------------------------------------------------------------------------------------------ */

static cameras_status use_model(digest *sum, cameras_model *opened)
{
    size_t count = 0;
    const char *layer = NULL;
    cameras_status status = cameras_model_set_base_size(opened, SIDE, SIDE);
    if (status == CAMERAS_OK)
        status = cameras_model_class_count(&count, opened);
    if (status == CAMERAS_OK)
        status = made(cameras_model_auto_layer(&layer, opened), &layer);
    if (status == CAMERAS_OK) {
        digest_add(sum, &count, sizeof count);
        digest_add(sum, layer, strlen(layer));
    }
    return status;
}

static cameras_status model_from_file(digest *sum)
{
    cameras_model *opened = NULL;
    cameras_status status = made(cameras_model_open(&opened, network_file(NETWORK_RECTIFIED)), &opened);
    if (status == CAMERAS_OK)
        status = use_model(sum, opened);
    cameras_model_close(opened);
    return status;
}

static cameras_status model_from_memory(digest *sum)
{
    cameras_model *opened = NULL;
    cameras_status status = made(cameras_model_open_memory(&opened, archive, archive_size), &opened);
    if (status == CAMERAS_OK)
        status = use_model(sum, opened);
    cameras_model_close(opened);
    return status;
}

/* Labels that cannot be read leave the earlier ones. */
static cameras_status labels(digest *sum)
{
    size_t index = 0;
    cameras_status status = cameras_model_read_labels(model, in_folder("labels.txt"));
    if (status == CAMERAS_OK)
        status = cameras_model_set_labels(model, "cat\ndog\nbird\nfish\nfrog", 22);
    if (cameras_model_find_class(&index, model, "frog") != CAMERAS_OK || index != 4)
        wrong("the labels are lost");
    digest_add(sum, &index, sizeof index);
    return status;
}

/* A layer that is not there is a failure of its own, whose message takes memory. */
static cameras_status unknown_layer(digest *sum)
{
    cameras_options *own = NULL;
    cameras_map *none = NULL;
    cameras_status status = made(cameras_options_new(&own), &own);
    if (status == CAMERAS_OK)
        status = cameras_options_add_layer(own, "comv");
    if (status == CAMERAS_OK)
        status = made(cameras_explain(&none, model, image, own), &none);
    if (status == CAMERAS_ELAYER) {
        digest_add(sum, cameras_last_error(), strlen(cameras_last_error()));
        status = CAMERAS_OK;
    }
    cameras_options_free(own);
    return status;
}

static cameras_status classification(digest *sum)
{
    float said[2][NETWORK_CLASSES] = {{0}};
    const cameras_status status = cameras_classify(said[0], said[1], NETWORK_CLASSES, model, image, options);
    if (status == CAMERAS_OK)
        digest_add(sum, said, sizeof said);
    return status;
}

/* ---- explanations ------------------------------------------------------------------------------------------------ */

static cameras_status explain_by(digest *sum, const cameras_options *how)
{
    cameras_map *maps[8] = {NULL};
    const size_t count = cameras_options_map_count(how);
    const cameras_status status = cameras_explain_several(maps, count, model, image, how);
    for (size_t i = 0; i < count; i++) {
        if (made(status, &maps[i]) == CAMERAS_OK)
            digest_map(sum, maps[i]);
        cameras_map_free(maps[i]);
    }
    return status;
}

static cameras_status methods(digest *sum)
{
    cameras_status status = CAMERAS_OK;
    for (int method = 0; cameras_method_name((cameras_method)method) && status == CAMERAS_OK; method++) {
        status = cameras_options_set_method(options, (cameras_method)method);
        if (status == CAMERAS_OK)
            status = explain_by(sum, options);
    }
    cameras_options_set_method(options, CAMERAS_METHOD_CAMERAS);
    return status;
}

/* Other layers each time: the cut is made anew. */
static cameras_status several_maps(digest *sum)
{
    const cameras_status status = explain_by(sum, several);
    return status == CAMERAS_OK ? explain_by(sum, options) : status;
}
static cameras_status original_pixels(digest *sum)
{
    return explain_by(sum, original);
}
static cameras_status limited_memory(digest *sum)
{
    return explain_by(sum, limited);
}
static cameras_status gate_and_precision(digest *sum)
{
    return explain_by(sum, gated);
}

static cameras_status estimate(digest *sum)
{
    size_t bytes = 0;
    const cameras_status status = cameras_explain_memory(&bytes, model, 100, 80, several);
    const cameras_status after = status == CAMERAS_OK ? explain_by(sum, options) : status;
    digest_add(sum, &bytes, sizeof bytes);
    return after;
}

typedef struct told {
    digest sum; /* whatever the order */
    cameras_status status;
} told;

static int take(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count)
{
    told *all = user;
    digest one = 0xcbf29ce484222325u + index;
    for (size_t i = 0; i < count; i++) {
        digest_map(&one, maps[i]);
        cameras_map_free(maps[i]);
    }
    all->sum += one;
    if (status == CAMERAS_OK)
        return 0;
    if (maps || count)
        wrong("a failed image has maps");
    all->status = status;
    strncpy(told_message, cameras_last_error(), sizeof told_message - 1);
    return 0;
}

static cameras_status explain_images(digest *sum, const cameras_options *how)
{
    const cameras_image *const images[] = {image, image, image};
    told all = {0, CAMERAS_OK};
    size_t explained = 0;
    const cameras_status status = cameras_explain_many(&explained, model, images, 3, how, take, &all);
    digest_add(sum, &all.sum, sizeof all.sum);
    return status == CAMERAS_OK ? all.status : status;
}

static cameras_status explain_named(digest *sum, const cameras_options *how)
{
    char first[512], second[512];
    const char *const paths[] = {first, second};
    strcpy(first, in_folder("rgb.png"));
    strcpy(second, in_folder("plain.jpg"));
    told all = {0, CAMERAS_OK};
    const cameras_status status = cameras_explain_files(NULL, model, paths, 2, how, take, &all);
    digest_add(sum, &all.sum, sizeof all.sum);
    return status == CAMERAS_OK ? all.status : status;
}

static cameras_status many(digest *sum)
{
    return explain_images(sum, options);
}
static cameras_status many_by_two(digest *sum)
{
    return explain_images(sum, two_threads);
}
static cameras_status many_limited(digest *sum)
{
    return explain_images(sum, limited);
}
static cameras_status files(digest *sum)
{
    return explain_named(sum, options);
}

/* ---- scores, sanity, attacks ------------------------------------------------------------------------------------- */

static cameras_status scores(digest *sum)
{
    cameras_scores *found = NULL;
    const cameras_status status = made(cameras_score(&found, model, image, map, image, options), &found);
    for (int kind = 0; found && cameras_score_name((cameras_score_kind)kind); kind++) {
        const double value = cameras_scores_value(found, (cameras_score_kind)kind);
        digest_add(sum, &value, sizeof value);
    }
    cameras_scores_free(found);
    return status;
}

static cameras_status grid(digest *sum)
{
    static const size_t classes[4] = {0, 1, 2, 3};
    const cameras_image *const images[4] = {image, image, image, image};
    cameras_image *picture = NULL;
    double shares[4] = {0};
    const cameras_status status = cameras_grid_score(shares, &picture, model, images, classes, options);
    if (made(status, &picture) == CAMERAS_OK) {
        digest_image(sum, picture);
        digest_add(sum, shares, sizeof shares);
    }
    cameras_image_free(picture);
    return status;
}

static cameras_status randomised(digest *sum)
{
    static const char *const layers[] = {"fc", "conv"};
    cameras_model *copy = NULL;
    cameras_map *changed = NULL;
    cameras_status status = made(cameras_model_randomise(&copy, model, layers, 2, 7), &copy);
    if (status == CAMERAS_OK)
        status = made(cameras_explain(&changed, copy, image, options), &changed);
    if (status == CAMERAS_OK)
        digest_map(sum, changed);
    cameras_map_free(changed);
    cameras_model_close(copy);
    return status;
}

static cameras_status sanity(digest *sum)
{
    cameras_sanity *found = NULL;
    const cameras_status status = made(cameras_sanity_check(&found, model, image, 2, options), &found);
    for (size_t i = 0; i < cameras_sanity_stage_count(found); i++)
        digest_map(sum, cameras_sanity_stage_map(found, i));
    if (found)
        digest_map(sum, cameras_sanity_unlikely(found));
    cameras_sanity_free(found);
    return status;
}

/* Its layers with parameters have not been looked for. */
static cameras_status sanity_of_a_new_model(digest *sum)
{
    cameras_model *new = NULL;
    cameras_sanity *found = NULL;
    cameras_status status = made(cameras_model_open_memory(&new, archive, archive_size), &new);
    if (status == CAMERAS_OK)
        status = cameras_model_set_base_side(new, SIDE);
    if (status == CAMERAS_OK)
        status = made(cameras_sanity_check(&found, new, image, 1, options), &found);
    if (found)
        digest_map(sum, cameras_sanity_unlikely(found));
    cameras_sanity_free(found);
    cameras_model_close(new);
    return status;
}

static cameras_status look_at_attack(digest *sum, const cameras_attack *found)
{
    cameras_image *seen = NULL;
    cameras_status status = made(cameras_attack_image(&seen, found, CAMERAS_ATTACK_GUIDED), &seen);
    if (status == CAMERAS_OK)
        digest_image(sum, seen);
    cameras_image_free(seen);
    seen = NULL;
    if (status == CAMERAS_OK)
        status = made(cameras_attack_picture(&seen, found, CAMERAS_ATTACK_PLAIN), &seen);
    cameras_image_free(seen);
    if (status == CAMERAS_OK)
        status = cameras_attack_write(found, CAMERAS_ATTACK_GUIDED, in_folder("attack.npy"));
    if (status == CAMERAS_OK) {
        digest_file(sum, in_folder("attack.npy"));
        unlink(in_folder("attack.npy"));
    }
    return status;
}

static cameras_status attack(digest *sum)
{
    cameras_attack *found = NULL;
    cameras_status status = made(cameras_attack_run(&found, model, image, map, options), &found);
    if (status == CAMERAS_OK)
        status = look_at_attack(sum, found);
    cameras_attack_free(found);
    return status;
}

const alloc_case network_cases[] = {
    {"model from a file", model_from_file},
    {"model from memory", model_from_memory},
    {"labels", labels},
    {"unknown layer", unknown_layer},
    {"classification", classification},
    {"every method", methods},
    {"several classes and layers", several_maps},
    {"source and size of the original", original_pixels},
    {"memory limit", limited_memory},
    {"gate and precision", gate_and_precision},
    {"estimate", estimate},
    {"many images", many},
    {"many images, two threads", many_by_two},
    {"many images, memory limit", many_limited},
    {"files", files},
    {"scores", scores},
    {"grid", grid},
    {"randomised", randomised},
    {"sanity", sanity},
    {"sanity of a new model", sanity_of_a_new_model},
    {"attack", attack},
    {NULL, NULL},
};
