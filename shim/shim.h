/*
 * shim.h - LibTorch in a dozen verbs, without a tensor or an exception in sight
 *
 * SPDX-License-Identifier: MIT
 *
 * A model is opened, cut at layers, and run: a pass holds what one input gave (logits, activations) and is asked for
 * gradients, class by class. Every verb that can fail returns a status and leaves the thread's message (lib/error.h).
 * A model and its cuts may be used by many threads at once; a pass belongs to one.
 */
#ifndef SHIM_H
#define SHIM_H

#include "cameras.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct shim_model shim_model;
typedef struct shim_cut shim_cut;
typedef struct shim_pass shim_pass;
typedef struct shim_arena shim_arena;

/* A borrowed array of channels x height x width floats, valid as long as the pass (a gradient: until the next one). */
typedef struct shim_array {
    const float *data;
    size_t channels, height, width;
} shim_array;

const char *shim_libtorch_version(void);

/* Opens TorchScript from a file or from memory, on the CPU, in evaluation mode. */
cameras_status shim_model_open(shim_model **out, const char *path);
cameras_status shim_model_open_memory(shim_model **out, const void *bytes, size_t size);
void shim_model_close(shim_model *model);

/* Named modules below the root, in tree order. */
size_t shim_model_layer_count(const shim_model *model);
const char *shim_model_layer_path(const shim_model *model, size_t index);
const char *shim_model_layer_type(const shim_model *model, size_t index);

/* Input channels of the first convolution among the parameters, 3 where there is none. */
size_t shim_model_channels(const shim_model *model);

/*
 * Runs the network once on a blank input of channels x height x width to choose the layer that "auto" stands for.
 * *path is the model's own copy of its path (see shim_model_layer_path).
 */
cameras_status shim_model_auto_layer(const char **path, const shim_model *model, size_t channels, size_t height,
                                     size_t width, size_t threads);

/*
 * Cuts a copy of the network at layers: what comes before (the trunk) will run without autograd, what comes after (the
 * head) with it. CAMERAS_ELAYER: a layer is never called, called inside an if or loop, does not reach the output.
 * With count 0 everything is trunk: for classification only. precision is FP32 or BF16 and holds for the trunk. The
 * model must outlive the cut.
 */
cameras_status shim_cut_open(shim_cut **out, const shim_model *model, const char *const *layers, size_t count,
                             cameras_precision precision);
void shim_cut_close(shim_cut *cut);

/*
 * The memory that passes work in, one after the other: kept from one to the next, for one thread at a time. limit is
 * the most bytes of tensors at a time, 0 for none.
 */
cameras_status shim_arena_open(shim_arena **out, size_t limit);

/* The same for measuring: the smallest tensors count too, which costs time. */
cameras_status shim_arena_open_counting(shim_arena **out, size_t limit);
void shim_arena_close(shim_arena *arena);

/* Gives the memory of an arena that is not in use back to the system. */
void shim_arena_trim(shim_arena *arena);

/* The most bytes that were in use at a time. */
size_t shim_arena_peak(const shim_arena *arena);

/*
 * Runs trunk and head on one input, channels x height x width floats, with so many threads, in an arena or, where that
 * is NULL, in LibTorch's own memory. CAMERAS_ELIMIT: more memory than the arena's limit.
 */
cameras_status shim_pass_open(shim_pass **out, const shim_cut *cut, shim_arena *arena, const float *input,
                              size_t channels, size_t height, size_t width, size_t threads);
void shim_pass_close(shim_pass *pass);

/* The logits, *count of them. */
const float *shim_pass_logits(size_t *count, const shim_pass *pass);

/* What a layer gave, layer being an index into those of the cut. */
shim_array shim_pass_activation(const shim_pass *pass, size_t layer);

/*
 * The gradients of a class logit with respect to what every layer gave; shim_pass_gradient then reads them. Where a
 * gradient is known to be constant over space, its planes are 1 x 1 and stand for all of it.
 */
cameras_status shim_pass_differentiate(shim_pass *pass, size_t class_index);
shim_array shim_pass_gradient(const shim_pass *pass, size_t layer);

/*
 * The logits of count inputs of one size, count x classes in *logits (freed by free), from as few runs of the network
 * as it allows: all at once, or one by one where it takes no batches. The cut is one with count 0 (classification).
 */
cameras_status shim_forward(float **logits, size_t *classes, const shim_cut *cut, shim_arena *arena,
                            const float *inputs, size_t count, size_t channels, size_t height, size_t width,
                            size_t threads);

/*
 * The logits of one input (*logits, freed by free) and the gradient of the cross entropy of target, -log
 * softmax(logits) [target], with respect to the input: channels x height x width floats written to gradient.
 */
cameras_status shim_input_gradient(float **logits, size_t *classes, float *gradient, const shim_cut *cut,
                                   shim_arena *arena, const float *input, size_t channels, size_t height, size_t width,
                                   size_t target, size_t threads);

/* A copy of the model in which the parameters of these layers are drawn anew, by the seed. See cameras_model_randomise.
 */
cameras_status shim_model_randomise(shim_model **out, const shim_model *model, const char *const *layers, size_t count,
                                    uint64_t seed);

/* The layers that own parameters, the last that is used first; they can be named once they have been counted. */
cameras_status shim_model_parametrised_count(size_t *count, const shim_model *model);
const char *shim_model_parametrised_path(const shim_model *model, size_t index);

/* Wall-clock seconds spent so far in the trunk and in the head, gradients included. */
double shim_pass_trunk_seconds(const shim_pass *pass);
double shim_pass_head_seconds(const shim_pass *pass);

#ifdef __cplusplus
}
#endif

#endif
