/*
 * rank.h - the order of a map's pixels
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_RANK_H
#define CAM_RANK_H

#include "cameras.h"

/* The place of each value in descending order, from 0; equal values by position. The caller frees it. */
cameras_status cam_rank_make(size_t **out, const float *values, size_t count);

#endif
