/*
 * log.h - what LibTorch and networks say beside their results, on its way to the host's log
 *
 * SPDX-License-Identifier: MIT
 *
 * Included by the shim too, so it is C and C++ alike.
 */
#ifndef CAM_LOG_H
#define CAM_LOG_H

#include "cameras.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Hands text to the callback of cameras_set_log; without one, or from inside it, it goes nowhere. */
void cam_log(cameras_log_kind kind, const char *text);

/*
 * Between the two, which may be nested, what the thread says is kept. The last release tells it, and leaves the
 * thread's message as it was. Whoever holds a lock while LibTorch works takes it in between, for the callback may want
 * it too.
 */
void cam_log_hold(void);
void cam_log_release(void);

/* Whether the thread is inside the callback, and for threads that work for such a one: they are so, too. */
int cam_log_inside(void);
void cam_log_set_inside(int is_inside);

#ifdef __cplusplus
}
#endif

#endif
