/*
 * sanity.h - whether a map depends on the model: what is checked, and what came of it
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_SANITY_H
#define CAM_SANITY_H

#include "cameras.h"
#include "options.h"

enum {
    CAM_WHY_BYTES = 320,
    CAM_SANITY_STEPS = 100,   /* of the perturbation, at most */
    CAM_SANITY_FRACTIONS = 16 /* of the pixels, at which the probability is read while the perturbation is applied */
};

/* How much of their greatest 5 % the maps of the class and of an unlikely class may share. */
#define CAM_SANITY_SHARE   0.05
#define CAM_SANITY_OVERLAP 0.5

/* After one more step of the cascade. */
typedef struct cam_sanity_stage {
    char *layer; /* the last that was drawn anew: those after it in the network are too */
    cameras_map *map;
    double spearman, ssim;
} cam_sanity_stage;

struct cameras_sanity {
    cameras_map *original, *unlikely;
    cam_sanity_stage *stages;
    size_t stage_count;
    double adversarial_score, adversarial_chance, adversarial_spearman;
    double class_overlap;
    int passed;
    char why[CAM_WHY_BYTES];
};

/* What a check works on: every map is made by these options, of one class, at one layer, and kept when it is flat. */
typedef struct cam_sanity_task {
    cameras_model *model;
    const cameras_image *image;
    const cameras_options *asked; /* the caller's */
    cameras_options how;
    size_t class_index, unlikely; /* unlikely: the least likely of the others */
    char *layer;                  /* what how.layers points to, once the original map tells which it is */
    size_t stage_count;
} cam_sanity_task;

/* The original map drawn again in ever more randomised copies of the model. */
cameras_status cam_sanity_cascade(cameras_sanity *sanity, cam_sanity_task *task);

/* The perturbation, and what its pixels do in the order of the map. */
cameras_status cam_sanity_adversary(cameras_sanity *sanity, const cam_sanity_task *task);

/* Passed or not, and why. */
void cam_sanity_judge(cameras_sanity *sanity, const cam_sanity_task *task);

/* Tells the caller how much is done; CAMERAS_ECANCELLED where the caller has had enough. */
cameras_status cam_sanity_progress(const cam_sanity_task *task, double done);

#endif
