/*
 * explain.c - the method of the paper, step by step
 *
 * SPDX-License-Identifier: MIT
 *
 * CAMERAS: Enhanced Resolution And Sanity preserving Class Activation Mapping (Jalwana, Akhtar, Bennamoun, Mian;
 * CVPR 2021; arXiv 2106.10649), algorithm 1 and equations 2 and 3. What a step does is in job.c; the other methods go
 * the same way and part from it in gather.c.
 */
#include "clock.h"
#include "error.h"
#include "job.h"
#include "options.h"

#include <stdlib.h>

static double pixels(const cam_scale_record *scale)
{
    return (double)scale->size.width * (double)scale->size.height;
}

/*
 * Tells the caller how much of the pixels has been shown, all of them where the base image alone is (a control);
 * CAMERAS_ECANCELLED where the caller has had enough.
 */
static cameras_status report_progress(const cam_job *job)
{
    double done = 0.0, all = 0.0;
    for (size_t t = 0; t < job->scale_count; t++) {
        all += pixels(&job->records[t]);
        done += job->ran[t] ? pixels(&job->records[t]) : 0.0;
    }
    const double share = job->scale_count ? done / all : 1.0;
    if (job->options->progress && job->options->progress(share, job->options->progress_user) != 0)
        return cam_fail(CAMERAS_ECANCELLED, "explain: cancelled by the progress callback with %.0f %% done",
                        100.0 * share);
    return CAMERAS_OK;
}

/* The largest scale that has not run, or scale_count. Memory freed by a large one serves the smaller ones after it. */
static size_t next_scale(const cam_job *job)
{
    size_t next = job->scale_count;
    for (size_t t = 0; t < job->scale_count; t++)
        if (!job->ran[t] && (next == job->scale_count || pixels(&job->records[t]) > pixels(&job->records[next])))
            next = t;
    return next;
}

static cameras_status run_scales(cam_job *job)
{
    cameras_status status = cam_job_look_at_base(job);
    if (status == CAMERAS_OK)
        status = report_progress(job);
    for (size_t t = next_scale(job); t < job->scale_count && status == CAMERAS_OK; t = next_scale(job)) {
        status = cam_job_run_scale(job, t);
        if (status == CAMERAS_OK)
            status = report_progress(job);
    }
    if (status == CAMERAS_OK && job->scale_count && cam_job_accepted(job) == 0)
        return cam_fail(CAMERAS_ESCALE,
                        "explain: the gate dropped every scale, top-1 being %zu on the base image alone; add its size "
                        "to the scales, or switch the gate off",
                        job->base_top1);
    return status;
}

static cameras_status fuse_maps(cameras_map **maps, cam_job *job)
{
    for (size_t layer = 0; layer < job->layer_count; layer++)
        for (size_t c = 0; c < job->class_count; c++) {
            const cameras_status status = cam_job_fuse(&maps[layer * job->class_count + c], job, layer, c);
            if (status != CAMERAS_OK)
                return status;
        }
    return CAMERAS_OK;
}

static void stamp_seconds(cameras_map **maps, size_t count, const cam_job *job, double start)
{
    for (size_t i = 0; i < count; i++) {
        for (int stage = 0; stage < CAM_STAGES; stage++)
            maps[i]->seconds[stage] = job->seconds[stage];
        maps[i]->seconds[CAMERAS_STAGE_TOTAL] = cam_clock() - start;
    }
}

static cameras_status explain(cameras_map **maps, size_t count, cameras_model *model, const cameras_image *image,
                              const cameras_options *options)
{
    const double start = cam_clock();
    cam_job job;
    cameras_status status = cam_job_open(&job, model, image, options);
    if (status != CAMERAS_OK)
        return status;
    status = run_scales(&job);
    if (status == CAMERAS_OK)
        status = fuse_maps(maps, &job);
    if (status == CAMERAS_OK)
        stamp_seconds(maps, count, &job, start);
    cam_job_close(&job);
    return status;
}

cameras_status cameras_explain_several(cameras_map **maps, size_t count, cameras_model *model,
                                       const cameras_image *image, const cameras_options *options)
{
    for (size_t i = 0; maps && i < count; i++)
        maps[i] = NULL;
    if (!maps || !model || !image)
        return cam_fail(CAMERAS_EINVAL, "explain: maps, model and image are needed");
    if (count != cameras_options_map_count(options))
        return cam_fail(CAMERAS_EINVAL, "explain: room for %zu maps, the options ask for %zu", count,
                        cameras_options_map_count(options));
    const cameras_status status = explain(maps, count, model, image, cam_options_or_default(options));
    for (size_t i = 0; status != CAMERAS_OK && i < count; i++) {
        cameras_map_free(maps[i]);
        maps[i] = NULL;
    }
    return status;
}

cameras_status cameras_explain(cameras_map **out, cameras_model *model, const cameras_image *image,
                               const cameras_options *options)
{
    if (out)
        *out = NULL;
    if (cameras_options_map_count(options) != 1)
        return cam_fail(CAMERAS_EINVAL, "explain: the options ask for %zu maps; use cameras_explain_several",
                        cameras_options_map_count(options));
    return cameras_explain_several(out, out ? 1 : 0, model, image, options);
}
