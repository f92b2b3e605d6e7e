/*
 * logits.c - reading a network's answer: top-1 and softmax
 *
 * SPDX-License-Identifier: MIT
 */
#include "logits.h"

#include "error.h"

#include <math.h>

cameras_status cam_logits_check(const float *logits, size_t count, cam_size shown)
{
    for (size_t i = 0; i < count; i++)
        if (!isfinite(logits[i]))
            return cam_fail(CAMERAS_ENUMERIC, "run the network on %zu x %zu: the logit of class %zu is not finite",
                            shown.width, shown.height, i);
    return CAMERAS_OK;
}

size_t cam_logits_top1(const float *logits, size_t count)
{
    size_t best = 0;
    for (size_t i = 1; i < count; i++)
        if (logits[i] > logits[best])
            best = i;
    return best;
}

size_t cam_logits_least(const float *logits, size_t count, size_t but)
{
    size_t least = but == 0 ? 1 : 0;
    for (size_t i = 0; i < count; i++)
        if (i != but && logits[i] < logits[least])
            least = i;
    return least;
}

/* Shifted by the greatest logit, so that no exponential overflows. */
static double exponential_sum(const float *logits, size_t count, double most)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += exp((double)logits[i] - most);
    return sum;
}

void cam_logits_softmax(float *probabilities, const float *logits, size_t count)
{
    const double most = (double)logits[cam_logits_top1(logits, count)];
    const double sum = exponential_sum(logits, count, most);
    for (size_t i = 0; i < count; i++)
        probabilities[i] = (float)(exp((double)logits[i] - most) / sum);
}

float cam_logits_probability(const float *logits, size_t count, size_t class_index)
{
    const double most = (double)logits[cam_logits_top1(logits, count)];
    return (float)(exp((double)logits[class_index] - most) / exponential_sum(logits, count, most));
}
