/*
 * runs.h - a network cut and run through the shim, and what is expected of it
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef RUNS_H
#define RUNS_H

#include "shim.h"
#include "volumes.h"

enum {
    RUN_THREADS = 2
};

/* A network cut, and the latest pass through it. */
typedef struct run {
    shim_model *model;
    shim_cut *cut;
    shim_pass *pass;
} run;

cameras_status try_run(run *out, network which, const char *const *layers, size_t count, cameras_precision precision,
                       const volume *input);
void run_layers(run *out, network which, const char *const *layers, size_t count, const volume *input);
void run_layer(run *out, network which, const char *layer, const volume *input);
void run_layer_in(run *out, network which, const char *layer, cameras_precision precision, const volume *input);

/* Another input through the same cut, in place of the earlier pass. */
void run_again(run *again, const volume *input);
void run_end(run *done);

shim_array gradient_of(const run *done, size_t layer, size_t class_index);

/* A gradient at a pixel; planes of 1 x 1 stand for every pixel. */
float gradient_at(shim_array planes, size_t channel, size_t pixel);

void expect_values(shim_array found, const volume *expected);

void expect_same(shim_array found, shim_array expected);

/* Every pixel of a gradient, whose planes are of the layer's size or else 1 x 1. */
void expect_same_gradient(shim_array found, shim_array expected);
void expect_gradient(shim_array found, const volume *expected, double tolerance);

/* The logits that the mean over space and fc make of a layer. */
void expect_logits(const run *done, const volume *pooled);

/* fc's weight over the number of pixels, where open is positive, and 0 where it is not; NULL: everywhere. */
void expect_pooling_gradient(const run *done, const volume *layer, const volume *open);

/* The thread's message is one sentence, without a full stop, that says part. */
void expect_sentence(const char *part);

#endif
