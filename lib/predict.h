/*
 * predict.h - a network asked for the probability of one class, again and again
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_PREDICT_H
#define CAM_PREDICT_H

#include "model.h"
#include "preprocess.h"

/* What is asked, of inputs of one shape. All zeros after it is closed. */
typedef struct cam_predictor {
    /* Set by the caller before it is opened, and outlived by what they point to. */
    const char *doing; /* for messages */
    cameras_model *model;
    const cameras_options *options;
    size_t channels;
    cam_size size;
    size_t batch;  /* inputs at once at most; a memory limit may lower it */
    size_t beside; /* floats a pixel that the caller holds meanwhile, which count towards a memory limit */

    cam_shared_cut *cut;
    shim_arena *arena;
    float *inputs;  /* a batch, made when the first is asked for */
    size_t charged; /* inputs that the arena's share of a memory limit was reckoned with */
    size_t threads, class_index;
    size_t shown, expected; /* inputs so far, and in all: for the progress callback */
} cam_predictor;

/* On failure everything is freed again. CAMERAS_ELIMIT: the limit leaves nothing to the network. */
cameras_status cam_predictor_open(cam_predictor *own);
void cam_predictor_close(cam_predictor *own);

/* Gives back what its batches took until the next is asked for. */
void cam_predictor_rest(cam_predictor *own);

/* The logits of one input, which are finite; freed by free. */
cameras_status cam_predictor_logits(float **logits, size_t *classes, const cam_predictor *own, const float *input);

/*
 * The probability of a target for one input, and the gradient of its cross entropy with respect to that, an array of
 * the input's shape.
 */
cameras_status cam_predictor_gradient(double *probability, float *gradient, const cam_predictor *own,
                                      const float *input, size_t target);

/* Settles the class: wanted or, where that is SIZE_MAX, the top-1 of an input, whose *probability is told too. */
cameras_status cam_predictor_choose(double *probability, cam_predictor *own, const float *input, size_t wanted);

/* Writes input number index: channels x height x width normalised floats. */
typedef void (*cam_input_maker)(float *input, size_t index, const void *user);

/*
 * The probability of the class for each of count inputs, which are made and shown batch by batch. The progress callback
 * of the options is told after each: CAMERAS_ECANCELLED.
 */
cameras_status cam_predict(double *probabilities, size_t count, cam_predictor *own, cam_input_maker make,
                           const void *user);

#endif
