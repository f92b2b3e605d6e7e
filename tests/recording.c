/*
 * recording.c - what one layer of a network gives at each scale, taken straight from the shim
 *
 * SPDX-License-Identifier: MIT
 */
#include "recording.h"

#include "model.h"
#include "preprocess.h"

static void record_scale(recording *made, const cam_input *base, size_t side, size_t class_index)
{
    cam_input copy;
    const size_t t = made->scales++;
    const cam_size size = cam_size_with_shorter(side, base->size);
    expect_ok(cam_input_resize(&copy, base, size, CAM_BICUBIC));
    expect_ok(shim_pass_open(&made->passes[t], made->cut, NULL, copy.data, 3, size.height, size.width, 2));
    expect_ok(shim_pass_differentiate(made->passes[t], class_index));
    made->activations[t] = shim_pass_activation(made->passes[t], 0);
    made->gradients[t] = shim_pass_gradient(made->passes[t], 0);
    cam_input_free(&copy);
}

void recording_make(recording *made, const scene *from, const char *layer, size_t class_index, const size_t *sides,
                    size_t count)
{
    cam_input base;
    *made = (recording){0};
    expect_ok(shim_cut_open(&made->cut, from->model->network, &layer, 1, CAMERAS_PRECISION_FP32));
    expect_ok(cam_input_from_image(&base, &from->model->preprocessing, from->image,
                                   (cam_size){from->width, from->height}, CAM_BICUBIC));
    for (size_t t = 0; t < count; t++)
        record_scale(made, &base, sides[t], class_index);
    cam_input_free(&base);
}

void recording_free(recording *made)
{
    for (size_t t = 0; t < made->scales; t++)
        shim_pass_close(made->passes[t]);
    shim_cut_close(made->cut);
}
