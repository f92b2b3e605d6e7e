/*
 * scales.c - the schedules of the released code and of the paper, and any other
 *
 * SPDX-License-Identifier: MIT
 *
 * Released: range(224, 1000, 100). Paper: at most 1000, N = 7; its printed recurrence overshoots, and read linearly it
 * is 224 + 142 (t - 1) with 142 = floor(1000 / 7), which is our inference. Both begin at the base's own shorter side,
 * so that a network trained at 299 gets 299, 399, ...
 */
#include "scales.h"

#include "error.h"
#include "method.h"
#include "options.h"

static const struct {
    size_t count, step;
} schedules[] = {
    [CAMERAS_PRESET_REFERENCE] = {8, 100},
    [CAMERAS_PRESET_PAPER] = {7, 142},
    [CAMERAS_PRESET_FAST] = {3, 200},
};

size_t cam_scale_count(const cameras_options *options)
{
    if (cam_method_is_control(options->method))
        return 0;
    return options->scales ? options->scale_count : schedules[options->preset].count;
}

cam_size cam_size_with_shorter(size_t side, cam_size like)
{
    const size_t shorter = like.width < like.height ? like.width : like.height;
    const size_t longer = like.width < like.height ? like.height : like.width;
    const size_t other = (2 * side * longer + shorter) / (2 * shorter);
    return like.width < like.height ? (cam_size){side, other} : (cam_size){other, side};
}

cameras_status cam_scale_size(cam_size *size, const cameras_options *options, size_t index, cam_size base)
{
    const size_t shorter = base.width < base.height ? base.width : base.height;
    const size_t side = options->scales ? options->scales[index] : shorter + index * schedules[options->preset].step;
    *size = cam_size_with_shorter(side, base);
    if (size->width > CAMERAS_MAX_SIDE || size->height > CAMERAS_MAX_SIDE)
        return cam_fail(CAMERAS_ELIMIT, "explain: scale %zu of a %zu x %zu image is %zu x %zu, beyond the limit of %d",
                        side, base.width, base.height, size->width, size->height, CAMERAS_MAX_SIDE);
    return CAMERAS_OK;
}
