/*
 * recording.h - what one layer of a network gives at each scale, taken straight from the shim
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef RECORDING_H
#define RECORDING_H

#include "scene.h"
#include "shim.h"

enum {
    RECORDING_SCALES = 4
};

/* What one layer gave at each scale, and the gradients of one class's logit there; the passes own the arrays. */
typedef struct recording {
    shim_cut *cut;
    shim_pass *passes[RECORDING_SCALES];
    shim_array activations[RECORDING_SCALES], gradients[RECORDING_SCALES];
    size_t scales;
} recording;

/* Shows the scene's network copies of its picture, count of them with these shorter sides. */
void recording_make(recording *made, const scene *from, const char *layer, size_t class_index, const size_t *sides,
                    size_t count);
void recording_free(recording *made);

#endif
