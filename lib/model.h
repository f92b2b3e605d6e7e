/*
 * model.h - a network with its preprocessing, its labels and the cut it was last run with
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_MODEL_H
#define CAM_MODEL_H

#include "cameras.h"
#include "labels.h"
#include "scales.h"
#include "shim.h"

#include <pthread.h>
#include <sys/types.h>

enum {
    CAM_MAX_CHANNELS = 16
};

/* How a picture becomes a network's input. */
typedef struct cam_preprocessing {
    size_t channels;
    float mean[CAM_MAX_CHANNELS], std[CAM_MAX_CHANNELS];
    cameras_channel_order order;
    cam_size size; /* the base image, where side is 0 */
    size_t side;   /* the base image's shorter side, its shape kept; or 0 */
} cam_preprocessing;

/* What one pass through a cut takes and gives, found by running it; wanted is 0 x 0 before that. */
typedef struct cam_footprint {
    cam_size wanted; /* the size to measure at, */
    cam_size shown;  /* and that measured at */
    size_t pass_bytes;
    struct {
        size_t channels;
        cam_size size;
        int constant; /* whether gradients are constant over space */
    } layers[CAMERAS_MAX_LAYERS];
} cam_footprint;

/* A cut in use by any number of calls; the model itself holds one reference to the latest. */
typedef struct cam_shared_cut cam_shared_cut;

struct cameras_model {
    shim_model *network;
    pid_t process; /* that opened it: in a child of fork it can neither run nor be closed */
    cam_preprocessing preprocessing;
    cam_labels labels;
    pthread_mutex_t lock;   /* guards what follows: found out while running */
    cam_shared_cut *cut;    /* the latest, NULL before the first */
    size_t class_count;     /* 0: not known yet */
    const char *auto_layer; /* NULL: not known yet */
    int refused_bf16;       /* so that auto does not try it again */
};

/* Makes the handle around an opened network, which it takes over whatever comes. */
cameras_status cam_model_adopt(cameras_model **out, shim_model *network);

/* CAMERAS_ELAYER, naming near ones, where a path is none of the model's. */
cameras_status cam_model_check_layer(const cameras_model *model, const char *path);

/* The path that a layer's name stands for: itself, or for "auto" the one found by running the network. */
cameras_status cam_model_resolve_layer(const char **path, cameras_model *model, const char *name, size_t threads);

/*
 * The network cut at layers, its trunk in FP32 or BF16, made or shared; release it after use. With count 0 any cut of
 * that precision will do that has run, as for classification.
 */
cameras_status cam_model_acquire_cut(cam_shared_cut **out, cameras_model *model, const char *const *layers,
                                     size_t count, cameras_precision precision);
const shim_cut *cam_shared_cut_get(const cam_shared_cut *cut);
/* The footprint remembered with a cut, by value. */
void cam_model_get_footprint(cam_footprint *out, cameras_model *model, const cam_shared_cut *cut);
void cam_model_set_footprint(cameras_model *model, cam_shared_cut *cut, const cam_footprint *footprint);

/* Whether the network has refused to run in bf16, as far as is known. */
int cam_model_refused_bf16(cameras_model *model);
void cam_model_note_bf16_refused(cameras_model *model);

/* Only a pass tells whether a layer can be explained: until then a cut serves no call that did not ask for its layers.
 */
void cam_model_note_cut_runs(cameras_model *model, cam_shared_cut *cut);

/* Keeps a cut that could not be run from being shared any further; it is still to be released. */
void cam_model_forget_cut(cameras_model *model, const cam_shared_cut *cut);

/* NULL is accepted. */
void cam_model_release_cut(cameras_model *model, cam_shared_cut *cut);

#endif
