/*
 * descent.c - projected gradient descent on an image until the network sees another class in it
 *
 * SPDX-License-Identifier: MIT
 *
 * The paper minimises CE(I + p, target) + beta ||p (1 - M)|| by projected gradient descent (CAMERAS, CVPR 2021, section
 * 6.2) and tells neither steps nor step length. What is inferred here:
 *
 * A step is epsilon / 6 long, 2 / 255 by default: by the sign of the gradient of CE each sample moves by that, by the
 * gradient itself all of them move by it in the root mean square. Plain and guided descent step alike.
 *
 * The norm has no gradient at p = 0, where descent begins, and elsewhere one of a constant length: subgradient steps of
 * it would throw the quiet pixels from one side of 0 to the other. So the step is a proximal one (Beck and Teboulle,
 * SIAM J. Imaging Sci. 2009): first along CE alone, then to the p that is near and of small penalty, exactly.
 *
 * Steps of one length make up for a gradient of CE that falls to a hundredth as the target is approached, which is to
 * say that CE's weight grows. The penalty's is set against the geometric mean of the first gradient's length and the
 * latest's: against the first alone it is too weak where that is long, against the latest alone it holds descent back
 * at the end. And it is lowered by a fiftieth from step to step: with a weight that stays, descent ends where the two
 * balance, short of the target on maps that are nearly 0 almost everywhere; the confidence is a demand, the penalty a
 * wish. docs/evaluation.md has what was measured.
 */
#include "descent.h"

#include "error.h"
#include "options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double steps_to_epsilon = 6.0;
static const double penalty_kept = 0.98; /* from one step to the next */

typedef struct state {
    const cam_descent *how;
    size_t pixels, samples;
    float *attacked; /* the image where it is now */
    float *input;    /* the same normalised; between two looks anything */
    float *gradient; /* of CE, in pixel units */
    double probability, first_length;
    double penalty; /* what is left of beta's weight */
} state;

/* ---- the penalty's proximal map --------------------------------------------------------------------------------- */

/* sum of (q v)^2 / (s + t q^2)^2: falls as s grows, and is 1 at s = ||p quiet|| where that is not 0. */
static double excess(const float *energy, const float *quiet, size_t pixels, double s, double threshold)
{
    double sum = 0.0;
    for (size_t i = 0; i < pixels; i++) {
        const double weight = (double)quiet[i] * (double)quiet[i], below = s + threshold * weight;
        if (weight > 0.0)
            sum += weight * (double)energy[i] / (below * below);
    }
    return sum;
}

/* By bisection: from 0, where excess is at least 1, to ||v quiet||, where it is at most that. */
static double shrunk_norm(const float *energy, const float *quiet, size_t pixels, double threshold)
{
    double low = 0.0, high = 0.0;
    for (size_t i = 0; i < pixels; i++)
        high += (double)quiet[i] * (double)quiet[i] * (double)energy[i];
    high = sqrt(high);
    if (excess(energy, quiet, pixels, 0.0, threshold) <= 1.0)
        return 0.0;
    while (high - low > 1e-9 * high) {
        const double middle = 0.5 * (low + high);
        if (excess(energy, quiet, pixels, middle, threshold) > 1.0)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* Where p = v / (1 + t q^2 / s), s = ||p quiet||: the derivative of what is minimised is 0 there. */
void cam_shrink(float *v, float *spare, const float *quiet, size_t channels, size_t pixels, double threshold)
{
    memset(spare, 0, pixels * sizeof *spare);
    for (size_t i = 0; i < channels * pixels; i++)
        spare[i % pixels] += v[i] * v[i];
    const double norm = shrunk_norm(spare, quiet, pixels, threshold);
    for (size_t i = 0; i < channels * pixels; i++) {
        const double weight = (double)quiet[i % pixels] * (double)quiet[i % pixels];
        if (weight > 0.0)
            v[i] = norm > 0.0 ? (float)((double)v[i] / (1.0 + threshold * weight / norm)) : 0.0f;
    }
}

/* ---- one step --------------------------------------------------------------------------------------------------- */

static void normalise(state *now)
{
    const cam_preprocessing *how = &now->how->network->model->preprocessing;
    for (size_t i = 0; i < now->samples; i++) {
        const size_t c = i / now->pixels;
        now->input[i] = (now->attacked[i] - how->mean[c]) / how->std[c];
    }
}

/* Runs the network on where the image is now: the target's probability, and the gradient in pixel units. */
static cameras_status look(state *now)
{
    const cam_descent *how = now->how;
    normalise(now);
    const cameras_status status =
        cam_predictor_gradient(&now->probability, now->gradient, how->network, now->input, how->target);
    for (size_t i = 0; status == CAMERAS_OK && i < now->samples; i++)
        now->gradient[i] /= how->network->model->preprocessing.std[i / now->pixels];
    return status;
}

static double length_of(const float *values, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += (double)values[i] * (double)values[i];
    return sqrt(sum);
}

static cameras_status check_length(double length, cam_size size)
{
    if (!isfinite(length))
        return cam_fail(CAMERAS_ENUMERIC, "attack: the gradient on %zu x %zu is not finite", size.width, size.height);
    if (length == 0.0)
        return cam_fail(CAMERAS_EMODEL, "attack: the network's answer does not change with small changes of the image");
    return CAMERAS_OK;
}

static float within(double value, double least, double most)
{
    return (float)(value < least ? least : value > most ? most : value);
}

/* The perturbation after a step along CE takes the gradient's place. */
static void step_along(state *now, double step, double length)
{
    const cam_descent *how = now->how;
    const double scale = step * sqrt((double)now->samples) / length;
    for (size_t i = 0; i < now->samples; i++) {
        const double slope = (double)now->gradient[i];
        const double move = how->network->options->attack_rule == CAMERAS_STEP_SIGN
                                ? (slope > 0.0) * step - (slope < 0.0) * step
                                : scale * slope;
        now->gradient[i] = (float)((double)now->attacked[i] - (double)how->image[i] - move);
    }
}

/* To within epsilon of the image and to colours that there are. */
static void project(state *now)
{
    const double epsilon = now->how->network->options->attack_epsilon;
    for (size_t i = 0; i < now->samples; i++) {
        const double clean = (double)now->how->image[i];
        now->attacked[i] = within(clean + (double)within((double)now->gradient[i], -epsilon, epsilon), 0.0, 1.0);
    }
}

static cameras_status take_step(state *now)
{
    const cam_descent *how = now->how;
    const double step = how->network->options->attack_epsilon / steps_to_epsilon;
    const double length = length_of(now->gradient, now->samples);
    const cameras_status status = check_length(length, how->network->size);
    if (status != CAMERAS_OK)
        return status;
    if (now->first_length == 0.0)
        now->first_length = length;
    step_along(now, step, length);
    const double threshold = now->penalty * how->network->options->attack_beta * step *
                             sqrt((double)now->samples / (now->first_length * length));
    if (how->quiet && threshold > 0.0)
        cam_shrink(now->gradient, now->input, how->quiet, how->network->channels, now->pixels, threshold);
    now->penalty *= penalty_kept;
    project(now);
    return CAMERAS_OK;
}

/* ---- the whole way ---------------------------------------------------------------------------------------------- */

static cameras_status tell(const cam_descent *how, size_t steps)
{
    const cameras_options *options = how->network->options;
    const double done = how->begun + how->share * (double)steps / (double)options->attack_steps;
    if (options->progress && options->progress(done, options->progress_user))
        return cam_fail(CAMERAS_ECANCELLED, "attack: the progress callback asked to stop");
    return CAMERAS_OK;
}

static cameras_status walk(cam_descended *out, state *now)
{
    const cameras_options *options = now->how->network->options;
    cameras_status status = look(now);
    while (status == CAMERAS_OK && now->probability < options->attack_confidence &&
           out->steps < options->attack_steps) {
        status = take_step(now);
        if (status == CAMERAS_OK)
            status = look(now);
        if (status == CAMERAS_OK)
            status = tell(now->how, ++out->steps);
    }
    out->probability = now->probability;
    out->succeeded = now->probability >= options->attack_confidence;
    return status;
}

cameras_status cam_descend(cam_descended *out, const cam_descent *how)
{
    const size_t pixels = cam_size_pixels(how->network->size), samples = how->network->channels * pixels;
    const size_t bytes = samples * sizeof(float);
    state now = {.how = how, .pixels = pixels, .samples = samples, .penalty = 1.0};
    *out = (cam_descended){0};
    now.attacked = malloc(bytes);
    now.input = malloc(bytes);
    now.gradient = malloc(bytes);
    cameras_status status = CAMERAS_OK;
    if (!now.attacked || !now.input || !now.gradient)
        status = cam_fail_memory("attack", 3 * bytes);
    if (status == CAMERAS_OK) {
        memcpy(now.attacked, how->image, bytes);
        status = walk(out, &now);
    }
    free(now.gradient);
    free(now.input);
    if (status != CAMERAS_OK)
        free(now.attacked);
    else
        out->attacked = now.attacked;
    return status;
}
