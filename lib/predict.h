/*
 * predict.h - a network asked for the probability of one class, again and again
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_PREDICT_H
#define CAM_PREDICT_H

#include "model.h"
#include "preprocess.h"

/* What is asked, of inputs of one shape. All zeros before it is opened and after it is closed. */
typedef struct cam_predictor {
    const char *doing; /* for messages */
    cameras_model *model;
    const cameras_options *options;
    cam_shared_cut *cut;
    shim_arena *arena;
    float *inputs; /* a batch, made when the first is asked for */
    size_t channels, batch, threads, class_index;
    cam_size size;
    size_t shown, expected; /* inputs so far, and in all: for the progress callback */
} cam_predictor;

/* On failure everything is freed again. doing, options and model must outlive it. */
cameras_status cam_predictor_open(cam_predictor *own, const char *doing, cameras_model *model, size_t channels,
                                  cam_size size, const cameras_options *options);
void cam_predictor_close(cam_predictor *own);

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
