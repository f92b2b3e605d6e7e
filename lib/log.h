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

#ifdef __cplusplus
}
#endif

#endif
