/*
 * memory.h - how much memory an explanation takes, told before it runs
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_MEMORY_H
#define CAM_MEMORY_H

#include "job.h"

size_t cam_memory_total(const cam_memory *memory);

/* What a planned job will take. See cam_job_estimate, which lets go of bf16 where it must. */
cameras_status cam_memory_estimate(cam_memory *memory, const cam_job *job, size_t limit);

/* CAMERAS_ELIMIT, with both numbers, where that is more than the options allow. */
cameras_status cam_memory_check(const cam_memory *memory, const cameras_options *options);

#endif
