/*
 * model.c - opening a network, what is known about it, and the cut kept for the next call
 *
 * SPDX-License-Identifier: MIT
 *
 * Cutting takes a noticeable fraction of a second and holds a folded copy of the weights, so one cut is kept: the next
 * call for the same layers shares it, another replaces it once nobody uses it any more.
 */
#include "model.h"

#include "archive.h"
#include "error.h"
#include "file.h"
#include "log.h"
#include "suggest.h"
#include "threads.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct cam_shared_cut {
    shim_cut *cut;
    size_t references; /* under the model's lock */
    char **layers;
    size_t count;
    cameras_precision precision;
    int runs;                /* under the model's lock: a pass came to its end */
    cam_footprint footprint; /* the same */
};

/* ---- one thread at a time --------------------------------------------------------------------------------------- */

static int is_here(const cameras_model *model)
{
    return model->process == getpid();
}

static cameras_status refuse_elsewhere(const cameras_model *model, const char *doing)
{
    return is_here(model) ? CAMERAS_OK : cam_fail(CAMERAS_EINVAL, "%s: " CAM_IN_CHILD_OF_FORK, doing);
}

/* Not in a child of fork, where the thread that held it may be missing, but no other is there. */
static void lock(cameras_model *model)
{
    cam_log_hold();
    if (is_here(model))
        pthread_mutex_lock(&model->lock);
}

static void unlock(cameras_model *model)
{
    if (is_here(model))
        pthread_mutex_unlock(&model->lock);
    cam_log_release();
}

/* ---- opening ---------------------------------------------------------------------------------------------------- */

static const cam_preprocessing imagenet = {
    .mean = {0.485f, 0.456f, 0.406f},
    .std = {0.229f, 0.224f, 0.225f},
    .size = {224, 224},
};

static cam_preprocessing default_preprocessing(size_t channels)
{
    cam_preprocessing how = imagenet;
    how.channels = channels;
    for (size_t c = 0; channels != 3 && c < CAM_MAX_CHANNELS; c++) {
        how.mean[c] = channels == 1 ? 0.449f : 0.0f;
        how.std[c] = channels == 1 ? 0.226f : 1.0f;
    }
    return how;
}

static cameras_status check_model_file(const char *path)
{
    struct stat about;
    if (stat(path, &about) != 0)
        return cam_fail_errno("open model", path);
    if (!S_ISREG(about.st_mode))
        return cam_fail(CAMERAS_EIO, "open model %s: %s", path,
                        S_ISDIR(about.st_mode) ? "it is a directory" : "it is not a regular file");
    if (about.st_size == 0)
        return cam_fail(CAMERAS_EFORMAT, "open model %s: the file is empty", path);
    return CAMERAS_OK;
}

cameras_status cam_model_adopt(cameras_model **out, shim_model *network)
{
    const size_t channels = shim_model_channels(network);
    cameras_model *model = calloc(1, sizeof *model);
    if (!model || channels > CAM_MAX_CHANNELS) {
        free(model);
        shim_model_close(network);
        return channels > CAM_MAX_CHANNELS
                   ? cam_fail(CAMERAS_EMODEL, "open model: it takes %zu channels, more than a picture has", channels)
                   : cam_fail_memory("open model", sizeof *model);
    }
    model->network = network;
    model->process = getpid();
    model->preprocessing = default_preprocessing(channels);
    pthread_mutex_init(&model->lock, NULL);
    *out = model;
    return CAMERAS_OK;
}

/* The archive is whole by then: what is left to LibTorch is what the archive holds. */
static cameras_status fail_open(cameras_status status, const char *subject)
{
    return cam_fail(status, "open model %s: %s%s", subject,
                    status == CAMERAS_EFORMAT ? "not a TorchScript model: " : "", cameras_last_error());
}

cameras_status cameras_model_open(cameras_model **out, const char *path)
{
    if (out)
        *out = NULL;
    if (!out || !path)
        return cam_fail(CAMERAS_EINVAL, "open model: out and path are needed");
    cameras_status status = check_model_file(path);
    if (status == CAMERAS_OK)
        status = cam_archive_check_file(path);
    if (status != CAMERAS_OK)
        return status;
    shim_model *network = NULL;
    status = shim_model_open(&network, path);
    if (status != CAMERAS_OK)
        return fail_open(status, path);
    return cam_model_adopt(out, network);
}

cameras_status cameras_model_open_memory(cameras_model **out, const void *bytes, size_t size)
{
    if (out)
        *out = NULL;
    if (!out || !bytes || !size)
        return cam_fail(CAMERAS_EINVAL, "open model from memory: out and at least one byte are needed");
    shim_model *network = NULL;
    cameras_status status = cam_archive_check_memory(bytes, size, "from memory");
    if (status != CAMERAS_OK)
        return status;
    status = shim_model_open_memory(&network, bytes, size);
    if (status != CAMERAS_OK)
        return fail_open(status, "from memory");
    return cam_model_adopt(out, network);
}

/* ---- cuts ------------------------------------------------------------------------------------------------------- */

static void cut_free(cam_shared_cut *cut)
{
    if (!cut)
        return;
    for (size_t i = 0; cut->layers && i < cut->count; i++)
        free(cut->layers[i]);
    free(cut->layers);
    shim_cut_close(cut->cut);
    free(cut);
}

static cameras_status cut_new(cam_shared_cut **out, const cameras_model *model, const char *const *layers, size_t count,
                              cameras_precision precision)
{
    *out = NULL;
    cam_shared_cut *cut = calloc(1, sizeof *cut);
    if (!cut || !(cut->layers = calloc(count + 1, sizeof *cut->layers))) {
        free(cut);
        return cam_fail_memory("cut the network", sizeof *cut);
    }
    cut->count = count;
    cut->precision = precision;
    cameras_status status = CAMERAS_OK;
    for (size_t i = 0; i < count && status == CAMERAS_OK; i++)
        if (!(cut->layers[i] = strdup(layers[i])))
            status = cam_fail_memory("cut the network", strlen(layers[i]) + 1);
    if (status == CAMERAS_OK)
        status = shim_cut_open(&cut->cut, model->network, layers, count, precision);
    if (status != CAMERAS_OK)
        cut_free(cut);
    else
        *out = cut;
    return status;
}

static int cut_is_at(const cam_shared_cut *cut, const char *const *layers, size_t count, cameras_precision precision)
{
    if (cut->precision != precision || (count ? count != cut->count : cut->count && !cut->runs))
        return 0;
    for (size_t i = 0; i < count; i++)
        if (strcmp(cut->layers[i], layers[i]) != 0)
            return 0;
    return 1;
}

const shim_cut *cam_shared_cut_get(const cam_shared_cut *cut)
{
    return cut->cut;
}

static void release_locked(cam_shared_cut *cut)
{
    if (cut && --cut->references == 0)
        cut_free(cut);
}

cameras_status cam_model_acquire_cut(cam_shared_cut **out, cameras_model *model, const char *const *layers,
                                     size_t count, cameras_precision precision)
{
    *out = NULL;
    cameras_status status = refuse_elsewhere(model, "cut the network");
    if (status != CAMERAS_OK)
        return status;
    /* Held while cutting: of many threads that begin at once, one cuts and the others share what it made. */
    lock(model);
    if (!model->cut || !cut_is_at(model->cut, layers, count, precision)) {
        cam_shared_cut *made = NULL;
        release_locked(model->cut);
        model->cut = NULL;
        status = cut_new(&made, model, layers, count, precision);
        model->cut = made;
        if (made)
            made->references = 1;
    }
    *out = model->cut;
    if (model->cut)
        model->cut->references++;
    unlock(model);
    return status;
}

void cam_model_get_footprint(cam_footprint *out, cameras_model *model, const cam_shared_cut *cut)
{
    lock(model);
    *out = cut->footprint;
    unlock(model);
}

void cam_model_set_footprint(cameras_model *model, cam_shared_cut *cut, const cam_footprint *footprint)
{
    lock(model);
    cut->footprint = *footprint;
    unlock(model);
}

int cam_model_refused_bf16(cameras_model *model)
{
    lock(model);
    const int refused = model->refused_bf16;
    unlock(model);
    return refused;
}

void cam_model_note_bf16_refused(cameras_model *model)
{
    lock(model);
    model->refused_bf16 = 1;
    unlock(model);
}

void cam_model_note_cut_runs(cameras_model *model, cam_shared_cut *cut)
{
    lock(model);
    cut->runs = 1;
    unlock(model);
}

void cam_model_forget_cut(cameras_model *model, const cam_shared_cut *cut)
{
    lock(model);
    if (model->cut == cut) {
        release_locked(model->cut);
        model->cut = NULL;
    }
    unlock(model);
}

void cam_model_release_cut(cameras_model *model, cam_shared_cut *cut)
{
    lock(model);
    release_locked(cut);
    unlock(model);
}

void cameras_model_close(cameras_model *model)
{
    if (!model || !is_here(model))
        return;
    release_locked(model->cut);
    cam_labels_free(&model->labels);
    shim_model_close(model->network);
    pthread_mutex_destroy(&model->lock);
    free(model);
}

/* ---- layers ----------------------------------------------------------------------------------------------------- */

size_t cameras_model_layer_count(const cameras_model *model)
{
    return model ? shim_model_layer_count(model->network) : 0;
}

const char *cameras_model_layer_path(const cameras_model *model, size_t index)
{
    return index < cameras_model_layer_count(model) ? shim_model_layer_path(model->network, index) : NULL;
}

const char *cameras_model_layer_type(const cameras_model *model, size_t index)
{
    return index < cameras_model_layer_count(model) ? shim_model_layer_type(model->network, index) : NULL;
}

/* The model's own copy of a path, or NULL. */
static const char *find_layer(const cameras_model *model, const char *path)
{
    for (size_t i = 0; i < cameras_model_layer_count(model); i++)
        if (strcmp(cameras_model_layer_path(model, i), path) == 0)
            return cameras_model_layer_path(model, i);
    return NULL;
}

static cameras_status fail_layer(const cameras_model *model, const char *name)
{
    const size_t count = cameras_model_layer_count(model);
    const char **paths = malloc((count + 1) * sizeof *paths);
    if (!paths)
        return cam_fail_memory("find layer", (count + 1) * sizeof *paths);
    for (size_t i = 0; i < count; i++)
        paths[i] = cameras_model_layer_path(model, i);
    char near[256];
    cam_suggest(near, sizeof near, name, paths, count);
    free(paths);
    return cam_fail(CAMERAS_ELAYER, "find layer \"%s\": the model has none of this path; near ones are %s", name, near);
}

/* The base size of a square picture: what a network is probed with. */
static cam_size probe_size(const cam_preprocessing *how)
{
    return how->side ? (cam_size){how->side, how->side} : how->size;
}

static cameras_status find_auto_layer(const char **path, cameras_model *model, size_t threads)
{
    const cam_size size = probe_size(&model->preprocessing);
    cameras_status status = refuse_elsewhere(model, "choose a layer");
    if (status != CAMERAS_OK)
        return status;
    lock(model);
    if (!model->auto_layer)
        status = shim_model_auto_layer(&model->auto_layer, model->network, model->preprocessing.channels, size.height,
                                       size.width, threads);
    *path = model->auto_layer;
    unlock(model);
    return status;
}

cameras_status cam_model_resolve_layer(const char **path, cameras_model *model, const char *name, size_t threads)
{
    *path = NULL;
    if (strcmp(name, "auto") == 0)
        return find_auto_layer(path, model, threads);
    *path = find_layer(model, name);
    return *path ? CAMERAS_OK : fail_layer(model, name);
}

cameras_status cam_model_check_layer(const cameras_model *model, const char *path)
{
    return find_layer(model, path) ? CAMERAS_OK : fail_layer(model, path);
}

cameras_status cameras_model_auto_layer(const char **out, cameras_model *model)
{
    if (out)
        *out = NULL;
    if (!out || !model)
        return cam_fail(CAMERAS_EINVAL, "choose a layer: out and model are needed");
    return find_auto_layer(out, model, cam_thread_count(0));
}

/* ---- classes ---------------------------------------------------------------------------------------------------- */

/* The length of the logits that a blank input of the base size gives. */
static cameras_status count_classes(size_t *count, cameras_model *model)
{
    const size_t channels = model->preprocessing.channels;
    const cam_size size = probe_size(&model->preprocessing);
    cam_shared_cut *cut = NULL;
    shim_pass *pass = NULL;
    float *blank = calloc(channels * size.width * size.height, sizeof *blank);
    cameras_status status = CAMERAS_OK;
    if (!blank)
        status = cam_fail_memory("count classes", channels * size.width * size.height * sizeof *blank);
    if (status == CAMERAS_OK)
        status = cam_model_acquire_cut(&cut, model, NULL, 0, CAMERAS_PRECISION_FP32);
    if (status == CAMERAS_OK)
        status = shim_pass_open(&pass, cut->cut, NULL, blank, channels, size.height, size.width, cam_thread_count(0));
    if (status == CAMERAS_OK)
        shim_pass_logits(count, pass);
    shim_pass_close(pass);
    cam_model_release_cut(model, cut);
    free(blank);
    return status;
}

cameras_status cameras_model_class_count(size_t *out, cameras_model *model)
{
    if (out)
        *out = 0;
    if (!out || !model)
        return cam_fail(CAMERAS_EINVAL, "count classes: out and model are needed");
    cameras_status status = refuse_elsewhere(model, "count classes");
    if (status != CAMERAS_OK)
        return status;
    lock(model);
    size_t count = model->class_count;
    unlock(model);
    if (!count)
        status = count_classes(&count, model);
    if (status != CAMERAS_OK)
        return status;
    lock(model);
    model->class_count = count;
    unlock(model);
    *out = count;
    return CAMERAS_OK;
}

/* ---- labels ----------------------------------------------------------------------------------------------------- */

static cameras_status replace_labels(cameras_model *model, const char *text, size_t size, const char *subject)
{
    cam_labels labels;
    const cameras_status status = cam_labels_parse(&labels, text, size, subject);
    if (status != CAMERAS_OK)
        return status;
    cam_labels_free(&model->labels);
    model->labels = labels;
    return CAMERAS_OK;
}

cameras_status cameras_model_read_labels(cameras_model *model, const char *path)
{
    if (!model || !path)
        return cam_fail(CAMERAS_EINVAL, "read labels: model and path are needed");
    uint8_t *bytes = NULL;
    size_t size = 0;
    cameras_status status = cam_file_read(&bytes, &size, path, CAMERAS_MAX_FILE_BYTES, "read labels");
    if (status == CAMERAS_OK)
        status = replace_labels(model, (const char *)bytes, size, path);
    free(bytes);
    return status;
}

cameras_status cameras_model_set_labels(cameras_model *model, const char *text, size_t size)
{
    if (!model || !text)
        return cam_fail(CAMERAS_EINVAL, "set labels: model and text are needed");
    return replace_labels(model, text, size, "from memory");
}

const char *cameras_model_label(const cameras_model *model, size_t index)
{
    return model && index < model->labels.count ? model->labels.lines[index] : NULL;
}

cameras_status cameras_model_find_class(size_t *out, const cameras_model *model, const char *text)
{
    if (out)
        *out = 0;
    if (!out || !model || !text || !*text)
        return cam_fail(CAMERAS_EINVAL, "find class: out, model and a text are needed");
    const size_t digits = strspn(text, "0123456789");
    if (text[digits] == '\0') {
        errno = 0;
        const unsigned long long index = strtoull(text, NULL, 10);
        if (errno || index > SIZE_MAX)
            return cam_fail(CAMERAS_ECLASS, "find class %s: no network has so many classes", text);
        *out = (size_t)index;
        return CAMERAS_OK;
    }
    if (text[0] == '-' && isdigit((unsigned char)text[1]))
        return cam_fail(CAMERAS_ECLASS, "find class %s: classes count from 0", text);
    return cam_labels_find(out, &model->labels, text);
}

/* ---- preprocessing ---------------------------------------------------------------------------------------------- */

size_t cameras_model_channels(const cameras_model *model)
{
    return model ? model->preprocessing.channels : 0;
}

cameras_status cameras_model_set_normalisation(cameras_model *model, const float *mean, const float *std,
                                               size_t channels)
{
    if (!model || !mean || !std)
        return cam_fail(CAMERAS_EINVAL, "set normalisation: model, mean and std are needed");
    if (channels != model->preprocessing.channels)
        return cam_fail(CAMERAS_EINVAL, "set normalisation: %zu values for a network of %zu channels", channels,
                        model->preprocessing.channels);
    for (size_t c = 0; c < channels; c++)
        if (!isfinite(mean[c]) || !isfinite(std[c]) || std[c] <= 0.0f)
            return cam_fail(CAMERAS_EINVAL, "set normalisation: mean %g, std %g of channel %zu", (double)mean[c],
                            (double)std[c], c);
    memcpy(model->preprocessing.mean, mean, channels * sizeof *mean);
    memcpy(model->preprocessing.std, std, channels * sizeof *std);
    return CAMERAS_OK;
}

cameras_status cameras_model_set_channel_order(cameras_model *model, cameras_channel_order order)
{
    if (!model || (order != CAMERAS_ORDER_RGB && order != CAMERAS_ORDER_BGR))
        return cam_fail(CAMERAS_EINVAL, "set channel order: a model, and RGB or BGR, are needed");
    model->preprocessing.order = order;
    return CAMERAS_OK;
}

static cameras_status set_base(cameras_model *model, cam_size size, size_t side)
{
    const size_t least = side ? side : size.width < size.height ? size.width : size.height;
    const size_t most = side ? side : size.width > size.height ? size.width : size.height;
    if (!model || least == 0)
        return cam_fail(CAMERAS_EINVAL, "set base size: a model and sides of at least 1 pixel are needed");
    if (most > CAMERAS_MAX_SIDE)
        return cam_fail(CAMERAS_ELIMIT, "set base size: a side of %zu pixels is beyond the limit of %d", most,
                        CAMERAS_MAX_SIDE);
    model->preprocessing.size = size;
    model->preprocessing.side = side;
    model->auto_layer = NULL; /* which layers are spatial may depend on the size */
    return CAMERAS_OK;
}

cameras_status cameras_model_set_base_size(cameras_model *model, size_t width, size_t height)
{
    return set_base(model, (cam_size){width, height}, 0);
}

cameras_status cameras_model_set_base_side(cameras_model *model, size_t side)
{
    return set_base(model, (cam_size){0, 0}, side);
}
