/*
 * classify.c - what the network says of a picture
 *
 * SPDX-License-Identifier: MIT
 */
#include "error.h"
#include "image.h"
#include "logits.h"
#include "model.h"
#include "options.h"
#include "preprocess.h"
#include "threads.h"

#include <string.h>

static cameras_status copy_out(float *logits, float *probabilities, size_t classes, const shim_pass *pass,
                               cam_size shown)
{
    size_t count = 0;
    const float *values = shim_pass_logits(&count, pass);
    if (count != classes)
        return cam_fail(CAMERAS_EINVAL, "classify: room for %zu classes, the network has %zu", classes, count);
    const cameras_status status = cam_logits_check(values, count, shown);
    if (status != CAMERAS_OK)
        return status;
    if (logits)
        memcpy(logits, values, count * sizeof *logits);
    if (probabilities)
        cam_logits_softmax(probabilities, values, count);
    return CAMERAS_OK;
}

cameras_status cameras_classify(float *logits, float *probabilities, size_t classes, cameras_model *model,
                                const cameras_image *image, const cameras_options *options)
{
    if (!model || !image)
        return cam_fail(CAMERAS_EINVAL, "classify: model and image are needed");
    options = cam_options_or_default(options);
    cam_input base = {0};
    cam_shared_cut *cut = NULL;
    shim_pass *pass = NULL;
    cameras_status status = cam_base_input(&base, &model->preprocessing, image, options);
    if (status == CAMERAS_OK)
        status = cam_model_acquire_cut(&cut, model, NULL, 0, CAMERAS_PRECISION_FP32);
    if (status == CAMERAS_OK)
        status = shim_pass_open(&pass, cam_shared_cut_get(cut), NULL, base.data, base.channels, base.size.height,
                                base.size.width, cam_thread_count(options->threads));
    if (status == CAMERAS_OK)
        status = copy_out(logits, probabilities, classes, pass, base.size);
    shim_pass_close(pass);
    cam_model_release_cut(model, cut);
    cam_input_free(&base);
    return status;
}
