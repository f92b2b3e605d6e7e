/*
 * randomise.c - a copy of a model with layers drawn anew
 *
 * SPDX-License-Identifier: MIT
 */
#include "error.h"
#include "model.h"

static cameras_status check_layers(const cameras_model *model, const char *const *layers, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (!layers[i])
            return cam_fail(CAMERAS_EINVAL, "randomise: layer %zu is NULL", i);
        const cameras_status status = cam_model_check_layer(model, layers[i]);
        if (status != CAMERAS_OK)
            return status;
    }
    return CAMERAS_OK;
}

/* What is known of a model besides its network; where the automatic layer lies is the network's own. */
static cameras_status carry_over(cameras_model *copy, const cameras_model *model)
{
    copy->preprocessing = model->preprocessing;
    return cam_labels_copy(&copy->labels, &model->labels);
}

cameras_status cameras_model_randomise(cameras_model **out, const cameras_model *model, const char *const *layers,
                                       size_t count, uint64_t seed)
{
    if (out)
        *out = NULL;
    if (!out || !model || (!layers && count))
        return cam_fail(CAMERAS_EINVAL, "randomise: out, model and layers are needed");
    shim_model *network = NULL;
    cameras_model *copy = NULL;
    cameras_status status = check_layers(model, layers, count);
    if (status == CAMERAS_OK)
        status = shim_model_randomise(&network, model->network, layers, count, seed);
    if (status == CAMERAS_OK)
        status = cam_model_adopt(&copy, network);
    if (status == CAMERAS_OK)
        status = carry_over(copy, model);
    if (status != CAMERAS_OK)
        cameras_model_close(copy);
    else
        *out = copy;
    return status;
}

size_t cameras_model_parametrised_count(const cameras_model *model)
{
    size_t count = 0;
    if (model)
        shim_model_parametrised_count(&count, model->network);
    return count;
}

const char *cameras_model_parametrised_path(const cameras_model *model, size_t index)
{
    return index < cameras_model_parametrised_count(model) ? shim_model_parametrised_path(model->network, index) : NULL;
}
