/*
 * runs.c - a network cut and run through the shim, and what is expected of it
 *
 * SPDX-License-Identifier: MIT
 */
#include "runs.h"

#include <check.h>
#include <string.h>

cameras_status try_run(run *out, network which, const char *const *layers, size_t count, cameras_precision precision,
                       const volume *input)
{
    *out = (run){0};
    ck_assert_int_eq(shim_model_open(&out->model, network_file(which)), CAMERAS_OK);
    const cameras_status status = shim_cut_open(&out->cut, out->model, layers, count, precision);
    if (status != CAMERAS_OK)
        return status;
    return shim_pass_open(&out->pass, out->cut, NULL, as_floats(input), input->channels, input->height, input->width,
                          RUN_THREADS);
}

void run_layers(run *out, network which, const char *const *layers, size_t count, const volume *input)
{
    const cameras_status status = try_run(out, which, layers, count, CAMERAS_PRECISION_FP32, input);
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
}

void run_layer(run *out, network which, const char *layer, const volume *input)
{
    run_layers(out, which, &layer, 1, input);
}

void run_layer_in(run *out, network which, const char *layer, cameras_precision precision, const volume *input)
{
    const cameras_status status = try_run(out, which, &layer, 1, precision, input);
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
}

void run_again(run *again, const volume *input)
{
    shim_pass_close(again->pass);
    const cameras_status status = shim_pass_open(&again->pass, again->cut, NULL, as_floats(input), input->channels,
                                                 input->height, input->width, RUN_THREADS);
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
}

void run_end(run *done)
{
    shim_pass_close(done->pass);
    shim_cut_close(done->cut);
    shim_model_close(done->model);
    *done = (run){0};
}

shim_array gradient_of(const run *done, size_t layer, size_t class_index)
{
    const cameras_status status = shim_pass_differentiate(done->pass, class_index);
    ck_assert_msg(status == CAMERAS_OK, "%s", cameras_last_error());
    return shim_pass_gradient(done->pass, layer);
}

static size_t pixels_of(shim_array planes)
{
    return planes.height * planes.width;
}

float gradient_at(shim_array planes, size_t channel, size_t pixel)
{
    const size_t pixels = pixels_of(planes);
    return planes.data[channel * pixels + (pixels == 1 ? 0 : pixel)];
}

/* ---- expectations ----------------------------------------------------------------------------------------------- */

void expect_values(shim_array found, const volume *expected)
{
    ck_assert_uint_eq(found.channels, expected->channels);
    ck_assert_uint_eq(found.height, expected->height);
    ck_assert_uint_eq(found.width, expected->width);
    for (size_t i = 0; i < volume_count(expected); i++)
        ck_assert_double_eq_tol((double)found.data[i], expected->at[i], 1e-5);
}

/* The planes' own size is the expected one, or 1 x 1. */
static void expect_size(shim_array found, size_t height, size_t width)
{
    if (pixels_of(found) != 1) {
        ck_assert_uint_eq(found.height, height);
        ck_assert_uint_eq(found.width, width);
    }
}

void expect_same(shim_array found, shim_array expected)
{
    ck_assert_uint_eq(found.channels, expected.channels);
    ck_assert_uint_eq(found.height, expected.height);
    ck_assert_uint_eq(found.width, expected.width);
    for (size_t i = 0; i < found.channels * pixels_of(found); i++)
        ck_assert_double_eq_tol((double)found.data[i], (double)expected.data[i], 1e-6);
}

void expect_same_gradient(shim_array found, shim_array expected)
{
    const size_t pixels = pixels_of(found) > pixels_of(expected) ? pixels_of(found) : pixels_of(expected);
    ck_assert_uint_eq(found.channels, expected.channels);
    if (pixels_of(expected) != 1)
        expect_size(found, expected.height, expected.width);
    for (size_t i = 0; i < found.channels * pixels; i++)
        ck_assert_double_eq_tol((double)gradient_at(found, i / pixels, i % pixels),
                                (double)gradient_at(expected, i / pixels, i % pixels), 1e-6);
}

void expect_gradient(shim_array found, const volume *expected, double tolerance)
{
    const size_t pixels = volume_pixels(expected);
    ck_assert_uint_eq(found.channels, expected->channels);
    expect_size(found, expected->height, expected->width);
    for (size_t i = 0; i < volume_count(expected); i++)
        ck_assert_double_eq_tol((double)gradient_at(found, i / pixels, i % pixels), expected->at[i], tolerance);
}

void expect_logits(const run *done, const volume *pooled)
{
    size_t count = 0;
    const float *logits = shim_pass_logits(&count, done->pass);
    ck_assert_uint_eq(count, NETWORK_CLASSES);
    for (size_t i = 0; i < count; i++)
        ck_assert_double_eq_tol((double)logits[i], pooled_logit(pooled, i), 1e-5);
}

void expect_pooling_gradient(const run *done, const volume *layer, const volume *open)
{
    static volume expected;
    const size_t pixels = volume_pixels(layer);
    expected = *layer;
    for (size_t c = 0; c < NETWORK_CLASSES; c++) {
        for (size_t i = 0; i < volume_count(layer); i++) {
            const double share = (double)network_weight(FC_WEIGHT, c * NETWORK_CHANNELS + i / pixels) / (double)pixels;
            expected.at[i] = !open || open->at[i] > 0.0 ? share : 0.0;
        }
        expect_gradient(gradient_of(done, 0, c), &expected, 1e-8);
    }
}

void expect_sentence(const char *part)
{
    const char *message = cameras_last_error();
    const size_t length = strlen(message);
    ck_assert_msg(strstr(message, part) != NULL, "\"%s\" does not say \"%s\"", message, part);
    ck_assert_ptr_null(strchr(message, '\n'));
    ck_assert_msg(length > 20 && message[length - 1] != '.', "\"%s\"", message);
}
