/*
 * error.h - the one way to fail: set the thread's message and return the status together
 *
 * SPDX-License-Identifier: MIT
 *
 * Included by the shim too, so it is C and C++ alike.
 */
#ifndef CAM_ERROR_H
#define CAM_ERROR_H

#include "cameras.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The thread's message, its end included. */
enum {
    CAM_MESSAGE_BYTES = 1024
};

/* Why a call fails where it cannot work at all. */
#define CAM_IN_CHILD_OF_FORK                                                                                           \
    "in a child of fork, where LibTorch's threads are not; use the library in the parent, or after exec"

/* Formats the thread's message (operation, subject, reason; lower case, no full stop), cut to fit, and returns status.
 */
cameras_status cam_fail(cameras_status status, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The same for memory that could not be had: "<doing>: out of memory (<bytes> bytes)". Always CAMERAS_ENOMEM. */
cameras_status cam_fail_memory(const char *doing, size_t bytes);

/* The same for what errno says of a file: "<doing> <path>: <reason>". CAMERAS_ENOMEM or CAMERAS_EIO. */
cameras_status cam_fail_errno(const char *doing, const char *path);

#ifdef __cplusplus
}
#endif

#endif
