/*
 * glue.h - how the library's callbacks reach Go
 *
 * SPDX-License-Identifier: MIT
 *
 * A Go callback is known to C by the number of its cgo.Handle. It travels as an integer and becomes the library's user
 * pointer only here, so that Go code never holds a pointer that points nowhere.
 */
#ifndef CAMERAS_GO_GLUE_H
#define CAMERAS_GO_GLUE_H

#include <cameras.h>

/* Go has its own place for the log, so all that C must know is whether there is one. */
cameras_status glue_set_log(int wanted);

cameras_status glue_set_progress(cameras_options *options, uintptr_t handle);

cameras_status glue_explain_many(size_t *explained, cameras_model *model, const cameras_image *const *images,
                                 size_t count, const cameras_options *options, uintptr_t handle);

cameras_status glue_explain_files(size_t *explained, cameras_model *model, const char *const *paths, size_t count,
                                  const cameras_options *options, uintptr_t handle);

#endif
