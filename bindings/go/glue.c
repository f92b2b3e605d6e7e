/*
 * glue.c - how the library's callbacks reach Go
 *
 * SPDX-License-Identifier: MIT
 */
#include "glue.h"

#include "_cgo_export.h"

static int on_progress(double done, void *user)
{
    return camerasGoProgress(done, (uintptr_t)user);
}

/* The message is the thread's, so it is taken here, on the thread that the library calls from. */
static int on_explained(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count)
{
    return camerasGoExplained((uintptr_t)user, index, status, (char *)cameras_last_error(), maps, count);
}

static void on_log(cameras_log_kind kind, const char *text, void *user)
{
    (void)user;
    camerasGoLog(kind, (char *)text);
}

cameras_status glue_set_log(int wanted)
{
    return cameras_set_log(wanted ? on_log : NULL, NULL);
}

cameras_status glue_set_progress(cameras_options *options, uintptr_t handle)
{
    return cameras_options_set_progress(options, on_progress, (void *)handle);
}

cameras_status glue_explain_many(size_t *explained, cameras_model *model, const cameras_image *const *images,
                                 size_t count, const cameras_options *options, uintptr_t handle)
{
    return cameras_explain_many(explained, model, images, count, options, on_explained, (void *)handle);
}

cameras_status glue_explain_files(size_t *explained, cameras_model *model, const char *const *paths, size_t count,
                                  const cameras_options *options, uintptr_t handle)
{
    return cameras_explain_files(explained, model, paths, count, options, on_explained, (void *)handle);
}
