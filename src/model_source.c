/*
 * model_source.c - opening the model that the command line names, or the embedded one
 *
 * SPDX-License-Identifier: MIT
 */
#include "model_source.h"

#include "demo_files.h"
#include "interrupt.h"

#include <stdio.h>
#include <time.h>

double wall_clock(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

int report_failure(void)
{
    fprintf(stderr, "cameras: %s\n", interrupt_asked() ? "interrupted" : cameras_last_error());
    return EXIT_FAILED;
}

int fail_memory(const char *doing)
{
    fprintf(stderr, "cameras: %s: out of memory\n", doing);
    return EXIT_FAILED;
}

const char *model_name(const model_arguments *arguments)
{
    return arguments->path ? arguments->path : "demo (embedded)";
}

static cameras_status open_demo(cameras_model **out)
{
    const cameras_status status = cameras_model_open_memory(out, demo_model, demo_model_size);
    if (status != CAMERAS_OK)
        return status;
    return cameras_model_set_labels(*out, demo_labels, demo_labels_size);
}

/* A mean without a std means a std of 1, a std without a mean a mean of 0. */
static cameras_status set_normalisation(cameras_model *model, const model_arguments *arguments)
{
    static const float mean[MAX_CHANNELS] = {0.0f}, std[MAX_CHANNELS] = {1.0f, 1.0f, 1.0f, 1.0f};
    if (!arguments->mean_count && !arguments->std_count)
        return CAMERAS_OK;
    return cameras_model_set_normalisation(model, arguments->mean_count ? arguments->mean : mean,
                                           arguments->std_count ? arguments->std : std,
                                           arguments->mean_count ? arguments->mean_count : arguments->std_count);
}

static cameras_status set_base(cameras_model *model, const model_arguments *arguments)
{
    if (arguments->base_side)
        return cameras_model_set_base_side(model, arguments->base_side);
    if (arguments->base_width)
        return cameras_model_set_base_size(model, arguments->base_width, arguments->base_height);
    return CAMERAS_OK;
}

cameras_status open_model(cameras_model **out, double *seconds, const model_arguments *arguments)
{
    const double start = wall_clock();
    cameras_status status = arguments->path ? cameras_model_open(out, arguments->path) : open_demo(out);
    if (status == CAMERAS_OK && arguments->labels)
        status = cameras_model_read_labels(*out, arguments->labels);
    if (status == CAMERAS_OK)
        status = set_normalisation(*out, arguments);
    if (status == CAMERAS_OK && arguments->bgr)
        status = cameras_model_set_channel_order(*out, CAMERAS_ORDER_BGR);
    if (status == CAMERAS_OK)
        status = set_base(*out, arguments);
    if (status != CAMERAS_OK) {
        cameras_model_close(*out);
        *out = NULL;
    }
    *seconds = wall_clock() - start;
    return status;
}
