/*
 * gather.c - from what the passes give to the raw map
 *
 * SPDX-License-Identifier: MIT
 */
#include "gather.h"

#include "control.h"
#include "method.h"
#include "options.h"

cameras_status cam_gather_make(cam_gather *gather, const cameras_options *options, const cam_gather_counts *counts,
                               cam_size size)
{
    *gather = (cam_gather){.method = options->method, .seed = options->seed, .size = size};
    if (cam_method_is_control(options->method))
        return CAMERAS_OK;
    if (options->method == CAMERAS_METHOD_CAMERAS)
        return cam_kept_make(&gather->kept, counts->layers, counts->classes, counts->scales, size, counts->threads);
    return cam_means_make(&gather->means, options->method, counts->layers, counts->classes, size, counts->threads);
}

void cam_gather_free(cam_gather *gather)
{
    cam_kept_free(&gather->kept);
    cam_means_free(&gather->means);
}

cameras_status cam_gather_take(cam_gather *gather, size_t layer, size_t class_place, size_t scale,
                               shim_array activation, shim_array gradient)
{
    if (gather->method != CAMERAS_METHOD_CAMERAS)
        return cam_means_add(&gather->means, layer, class_place, activation, gradient);
    cameras_status status = CAMERAS_OK;
    if (class_place == 0) /* the classes share them */
        status = cam_kept_activation(&gather->kept, layer, scale, activation);
    if (status == CAMERAS_OK)
        status = cam_kept_gradient(&gather->kept, layer, class_place, scale, gradient);
    return status;
}

cameras_status cam_gather_map(float *out, const cam_gather *gather, size_t layer, size_t class_place,
                              size_t class_index, size_t taken)
{
    if (gather->method == CAMERAS_METHOD_CAMERAS)
        return cam_kept_fuse(out, &gather->kept, layer, class_place, taken);
    if (cam_method_is_control(gather->method))
        cam_control_fill(out, gather->size, gather->method, gather->seed, class_index);
    else
        cam_means_read(out, &gather->means, layer, class_place, taken);
    return CAMERAS_OK;
}

size_t cam_gather_bytes(cameras_method method, size_t channels, const cam_size *sizes, size_t scale_count, cam_size map,
                        size_t class_count, int constant_gradients)
{
    if (cam_method_is_control(method))
        return 0;
    if (method == CAMERAS_METHOD_CAMERAS)
        return cam_kept_bytes(channels, sizes, scale_count, map, class_count, constant_gradients);
    return cam_means_bytes(channels, sizes, scale_count, map, class_count);
}
