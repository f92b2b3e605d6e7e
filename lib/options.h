/*
 * options.h - what the caller asked for, and its defaults
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_OPTIONS_H
#define CAM_OPTIONS_H

#include "cameras.h"

struct cameras_options {
    cameras_preset preset;
    size_t *scales; /* NULL: the preset's own */
    size_t scale_count;
    cameras_interpolation interpolation;
    cameras_gate gate;
    cameras_source source;
    cameras_method method;
    uint64_t seed;
    cameras_map_size map_size;
    size_t *classes;
    size_t class_count;
    char **layers; /* "auto" or a path */
    size_t layer_count;
    size_t threads; /* 0: automatic */
    cameras_precision precision;
    size_t memory_limit; /* 0: none */
    int keep_flat;
    cameras_masking masking;
    size_t score_steps, batch;
    double sanity_threshold;
    size_t attack_target, attack_steps;
    double attack_confidence, attack_epsilon, attack_beta;
    cameras_step_rule attack_rule;
    size_t max_pixels, max_file_bytes, max_scales, max_classes;
    cameras_progress progress;
    void *progress_user;
};

/*
 * CAMERAS_ELIMIT where the options ask for more scales, or a call for more classes, than they allow: the limits may
 * have been set last. Comes before a call allocates; doing is such as "explain".
 */
cameras_status cam_options_check_counts(const cameras_options *options, size_t classes, const char *doing);

/* options, or the defaults where it is NULL; never fails, never freed. */
const cameras_options *cam_options_or_default(const cameras_options *options);

#endif
