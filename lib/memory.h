/*
 * memory.h - how much memory an explanation takes, told before it runs
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_MEMORY_H
#define CAM_MEMORY_H

#include "job.h"

/* Working memory in bytes, by what it is for. */
typedef struct cam_memory {
    size_t inputs; /* the base image, the largest copy, and what resizing to them holds */
    size_t passes; /* LibTorch's tensors at the largest scale */
    size_t kept;   /* what the scales leave behind */
    size_t maps;
} cam_memory;

size_t cam_memory_total(const cam_memory *memory);

/* What a planned job will take at most. May run the network once, on a blank image. */
cameras_status cam_memory_estimate(cam_memory *memory, const cam_job *job);

/* CAMERAS_ELIMIT, with both numbers, where that is more than the options allow. */
cameras_status cam_memory_check(const cam_memory *memory, const cameras_options *options);

#endif
