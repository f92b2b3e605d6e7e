/*
 * map.h - a saliency map with the record of how it came about
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_MAP_H
#define CAM_MAP_H

#include "cameras.h"
#include "scales.h"

enum {
    CAM_REASON_BYTES = 96,
    CAM_STAGES = CAMERAS_STAGE_PREPARE + 1
};

/* What happened at one scale. */
typedef struct cam_scale_record {
    cam_size size;
    size_t top1;
    float top1_probability, probability;
    int used;
    char reason[CAM_REASON_BYTES];
} cam_scale_record;

struct cameras_map {
    cam_size size;
    float *raw, *values;
    int flat;
    size_t class_index;
    float logit, probability;
    char *layer;
    cameras_source source;
    cameras_method method;
    cameras_precision precision;
    cam_scale_record *scales;
    size_t scale_count;
    double seconds[CAM_STAGES];
};

/* A map of zeros with room for scale_count records, of a layer whose path is copied. */
cameras_status cam_map_new(cameras_map **out, cam_size size, const char *layer, size_t scale_count);

/* Brings the raw values of a map to another size. */
cameras_status cam_map_resize(cameras_map *map, cam_size size);

/* The values at another size, a new array that the caller frees; doing names the work in the message. */
cameras_status cam_map_values_at(float **out, const cameras_map *map, cam_size size, const char *doing);

/* ReLU on the raw values (CAMERAS, CVPR 2021, eq. 3). CAMERAS_ENUMERIC where one is NaN or infinite. */
cameras_status cam_map_rectify(cameras_map *map);

/*
 * Makes the values: the raw ones stretched to [0, 1] (f of eq. 3). CAMERAS_EFLAT where there is nothing to stretch;
 * with keep_flat a map of zeros then.
 */
cameras_status cam_map_stretch(cameras_map *map, int keep_flat);

/* Makes the values the raw ones as they are, for maps that are not to be stretched; flat or not is noted. */
void cam_map_take_raw(cameras_map *map);

#endif
