/*
 * job.h - one call of cameras_explain_several while it runs: what was asked, what the scales gave
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_JOB_H
#define CAM_JOB_H

#include "cameras.h"
#include "gather.h"
#include "map.h"
#include "model.h"
#include "preprocess.h"

typedef struct cam_job {
    cameras_model *model;
    const cameras_image *image; /* NULL while there is only a plan */
    cam_size picture;           /* the image's size */
    const cameras_options *options;
    size_t threads;
    const char **layers; /* paths, "auto" resolved; the strings are the model's */
    size_t layer_count;
    size_t *classes;
    size_t class_count;
    int gated;
    cameras_precision precision; /* settled: FP32 or BF16 */
    cam_shared_cut *cut;
    shim_arena *arena;
    cam_input base;
    float *base_logits;
    size_t logit_count, base_top1;
    size_t scale_count;        /* 0 for a control */
    cam_scale_record *records; /* one a scale; their probability is that of the first class */
    float *probabilities;      /* scale_count x class_count */
    cam_gather gather;         /* what the scales that count have left so far */
    int *ran;                  /* one a scale */
    double seconds[CAM_STAGES];
} cam_job;

/*
 * What can be settled knowing a picture's size alone: precision, scales, layers, and the cut network. On failure
 * everything is freed again.
 */
cameras_status cam_job_plan(cam_job *job, cameras_model *model, cam_size picture, const cameras_options *options);

/* The same with the picture at hand: its base image is made too. */
cameras_status cam_job_open(cam_job *job, cameras_model *model, const cameras_image *image,
                            const cameras_options *options);
void cam_job_close(cam_job *job);

/*
 * Shows the network the base image: its logits and top-1, and so the classes to explain. Where the schedule has a copy
 * of the base's size, that scale has run then.
 */
cameras_status cam_job_look_at_base(cam_job *job);

/* Shows the network copy index, notes what it said, and gathers activations and gradients unless the gate drops it. */
cameras_status cam_job_run_scale(cam_job *job, size_t index);

/* How many scales count so far. */
size_t cam_job_accepted(const cam_job *job);

/* The map of one layer and class from what the scales left. */
cameras_status cam_job_fuse(cameras_map **out, cam_job *job, size_t layer, size_t class_place);

#endif
