/*
 * kept.c - what the scales of a call leave behind until they are fused
 *
 * SPDX-License-Identifier: MIT
 *
 * Resizing is linear, so that the sum of resized planes is all that the fusion needs of those added up here.
 */
#include "kept.h"

#include "error.h"

#include <stdlib.h>

/* A row of stacks: one a scale, and the sum. */
static size_t row_length(const cam_kept *kept)
{
    return kept->scale_count + 1;
}

static cam_planes *activation_row(const cam_kept *kept, size_t layer)
{
    return kept->activations + layer * row_length(kept);
}

static cam_planes *gradient_row(const cam_kept *kept, size_t layer, size_t class_place)
{
    return kept->gradients + (layer * kept->class_count + class_place) * row_length(kept);
}

cameras_status cam_kept_make(cam_kept *kept, size_t layer_count, size_t class_count, size_t scale_count, cam_size size,
                             size_t threads)
{
    *kept = (cam_kept){.size = size,
                       .layer_count = layer_count,
                       .class_count = class_count,
                       .scale_count = scale_count,
                       .threads = threads};
    kept->activations = calloc(layer_count * row_length(kept), sizeof *kept->activations);
    kept->gradients = calloc(layer_count * class_count * row_length(kept), sizeof *kept->gradients);
    if (kept->activations && kept->gradients)
        return CAMERAS_OK;
    cam_kept_free(kept);
    return cam_fail_memory("explain", layer_count * class_count * (scale_count + 1) * sizeof(cam_planes));
}

void cam_kept_free(cam_kept *kept)
{
    for (size_t i = 0; kept->activations && i < kept->layer_count * row_length(kept); i++)
        cam_planes_free(&kept->activations[i]);
    for (size_t i = 0; kept->gradients && i < kept->layer_count * kept->class_count * row_length(kept); i++)
        cam_planes_free(&kept->gradients[i]);
    free(kept->activations);
    free(kept->gradients);
    *kept = (cam_kept){0};
}

static int is_large(cam_size planes, cam_size map)
{
    return planes.height * planes.width > map.height * map.width;
}

static cameras_status keep_or_add(const cam_kept *kept, cam_planes *row, size_t scale, shim_array planes)
{
    if (is_large((cam_size){planes.width, planes.height}, kept->size))
        return cam_planes_add(&row[kept->scale_count], planes, kept->size, kept->threads);
    return cam_planes_copy(&row[scale], planes, kept->threads);
}

/* A layer that lays its channels out last has as many "channels" as the picture has rows, a new number every time. */
static cameras_status check_channels(const cam_kept *kept, const cam_planes *row, size_t channels)
{
    for (size_t i = 0; i < row_length(kept); i++)
        if (row[i].data && row[i].channels != channels)
            return cam_fail(CAMERAS_ELAYER,
                            "explain: the layer gives %zu channels at one scale and %zu at another; its output is not "
                            "1 x channels x height x width",
                            row[i].channels, channels);
    return CAMERAS_OK;
}

cameras_status cam_kept_activation(cam_kept *kept, size_t layer, size_t scale, shim_array planes)
{
    cam_planes *row = activation_row(kept, layer);
    const cameras_status status = check_channels(kept, row, planes.channels);
    return status == CAMERAS_OK ? keep_or_add(kept, row, scale, planes) : status;
}

cameras_status cam_kept_gradient(cam_kept *kept, size_t layer, size_t class_place, size_t scale, shim_array planes)
{
    cam_planes *row = gradient_row(kept, layer, class_place);
    if (cam_planes_constant(planes, kept->threads))
        return cam_planes_copy_constant(&row[scale], planes);
    return keep_or_add(kept, row, scale, planes);
}

cameras_status cam_kept_fuse(float *out, const cam_kept *kept, size_t layer, size_t class_place, size_t accepted)
{
    return cam_fuse(out, &(cam_fusion){.size = kept->size,
                                       .activations = activation_row(kept, layer),
                                       .gradients = gradient_row(kept, layer, class_place),
                                       .stacks = row_length(kept),
                                       .scales = accepted,
                                       .threads = kept->threads});
}

size_t cam_kept_bytes(size_t channels, const cam_size *sizes, size_t scale_count, cam_size map, size_t class_count,
                      int constant_gradients)
{
    size_t bytes = 0, sum = 0;
    for (size_t t = 0; t < scale_count; t++)
        if (is_large(sizes[t], map))
            sum = cam_planes_bytes(channels, map.height, map.width);
        else
            bytes += cam_planes_bytes(channels, sizes[t].height, sizes[t].width);
    const size_t gradients = constant_gradients ? scale_count * cam_planes_bytes(channels, 1, 1) : bytes + sum;
    return bytes + sum + class_count * gradients;
}
