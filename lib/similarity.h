/*
 * similarity.h - how alike two maps are
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_SIMILARITY_H
#define CAM_SIMILARITY_H

#include "cameras.h"

/* Spearman's rank correlation of count values; *constant says that one side has no ranks, and then *out is 0. */
cameras_status cam_rank_correlation(double *out, int *constant, const float *a, const float *b, size_t count);

#endif
