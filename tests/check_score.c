/*
 * check_score.c - scores against arithmetic done here, in double precision
 *
 * SPDX-License-Identifier: MIT
 *
 * NETWORK_BARE gives the mean of each channel as its logit, so that the probability of any input is known in closed
 * form. Maps and pictures have 4 x 4 pixels or so.
 */
#include "cameras.h"
#include "coherency.h"
#include "curves.h"
#include "image_checks.h"
#include "localisation.h"
#include "scene.h"

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum {
    SIDE = 4,
    PIXELS = SIDE * SIDE,
    CHANNELS = 3
};
static const double means[CHANNELS] = {0.485, 0.456, 0.406}, deviations[CHANNELS] = {0.229, 0.224, 0.225};

/* ---- what to expect --------------------------------------------------------------------------------------------- */

/* An input in pixel values, one plane a channel. */
typedef struct shown {
    double pixels[CHANNELS][PIXELS];
} shown;

/* Softmax of the channels' normalised means. */
static double probability(const shown *input, size_t class_index)
{
    double exponentials[CHANNELS], sum = 0.0;
    for (size_t c = 0; c < CHANNELS; c++) {
        double mean = 0.0;
        for (size_t i = 0; i < PIXELS; i++)
            mean += (input->pixels[c][i] - means[c]) / deviations[c] / PIXELS;
        exponentials[c] = exp(mean);
        sum += exponentials[c];
    }
    return exponentials[class_index] / sum;
}

/* Each picture times a map: black is 0, or in normalised values the mean colour. */
static shown masked(const shown *input, const float *map, int inverted, int normalised)
{
    shown made;
    for (size_t c = 0; c < CHANNELS; c++)
        for (size_t i = 0; i < PIXELS; i++) {
            const double share = inverted ? 1.0 - (double)map[i] : (double)map[i], black = normalised ? means[c] : 0.0;
            made.pixels[c][i] = black + share * (input->pixels[c][i] - black);
        }
    return made;
}

static double mean_of(const float *values)
{
    double sum = 0.0;
    for (size_t i = 0; i < PIXELS; i++)
        sum += (double)values[i] / PIXELS;
    return sum;
}

/* ---- a trial ---------------------------------------------------------------------------------------------------- */

typedef struct bench {
    cameras_model *model;
    cameras_image *image;
    cameras_options *options;
    cameras_map *map;
    shown picture;
    float values[PIXELS];
} bench;

/* A red square on a dark picture; the map is greatest there, and no two of its values are equal. */
static void bench_open(bench *made)
{
    float planes[CHANNELS * PIXELS];
    made->model = open_network(NETWORK_BARE);
    expect_ok(cameras_model_set_base_size(made->model, SIDE, SIDE));
    expect_ok(cameras_options_new(&made->options));
    for (size_t i = 0; i < PIXELS; i++) {
        const int inside = i % SIDE < 2 && i / SIDE < 2;
        for (size_t c = 0; c < CHANNELS; c++) {
            planes[c * PIXELS + i] = (inside && c == 0 ? 0.9f : 0.2f) + 0.01f * (float)((5 * i + c) % 7);
            made->picture.pixels[c][i] = (double)planes[c * PIXELS + i];
        }
        made->values[i] = (inside ? 0.8f : 0.1f) + 0.01f * (float)((3 * i) % 16);
    }
    made->values[0] = 1.0f;
    made->values[PIXELS - 1] = 0.0f;
    expect_ok(cameras_image_new(&made->image, planes, SIDE, SIDE, 0, CAMERAS_RGBF));
    expect_ok(cameras_map_new(&made->map, made->values, SIDE, SIDE));
}

static void bench_close(bench *made)
{
    cameras_map_free(made->map);
    cameras_options_free(made->options);
    cameras_image_free(made->image);
    cameras_model_close(made->model);
}

static double score_of(const bench *made, cameras_score_kind kind)
{
    cameras_scores *scores = NULL;
    expect_ok(cameras_score(&scores, made->model, made->image, made->map, NULL, made->options));
    const double value = cameras_scores_value(scores, kind);
    cameras_scores_free(scores);
    return value;
}

#define EXPECT_NEAR(found, expected) ck_assert_double_eq_tol(found, expected, 2e-6)

/* NETWORK_BARE has no layer to explain, which ADCC needs. */
