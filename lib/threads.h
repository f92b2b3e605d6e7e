/*
 * threads.h - how many threads a call may use
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_THREADS_H
#define CAM_THREADS_H

#include <stddef.h>

/* asked, or where it is 0 CAMERAS_NUM_THREADS, or else the processors this process may run on. At least 1. */
size_t cam_thread_count(size_t asked);

/* The calling thread's place in its OpenMP team, from 0: 0 outside of one. */
size_t cam_thread_place(void);

#endif
