/*
 * logits.h - reading a network's answer
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_LOGITS_H
#define CAM_LOGITS_H

#include "cameras.h"
#include "scales.h"

/* CAMERAS_ENUMERIC, naming the size shown, where a logit is NaN or infinite. */
cameras_status cam_logits_check(const float *logits, size_t count, cam_size shown);

/* The class of the greatest logit, the first of equals. */
size_t cam_logits_top1(const float *logits, size_t count);

/* The class of the least logit but one class, SIZE_MAX for none; the first of equals. */
size_t cam_logits_least(const float *logits, size_t count, size_t but);

/* Softmax of the logits. */
void cam_logits_softmax(float *probabilities, const float *logits, size_t count);

/* The same at one class. */
float cam_logits_probability(const float *logits, size_t count, size_t class_index);

#endif
