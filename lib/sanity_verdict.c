/*
 * sanity_verdict.c - passed or not, and why
 *
 * SPDX-License-Identifier: MIT
 *
 * The adversarial check has no say: how great its score must be depends on the network and the picture, and nobody has
 * measured where the line is.
 */
#include "sanity.h"

#include "map.h"

#include <math.h>
#include <stdio.h>

static double mean_correlation(const cameras_sanity *sanity, size_t first)
{
    double sum = 0.0;
    for (size_t i = first; i < sanity->stage_count; i++)
        sum += fabs(sanity->stages[i].spearman);
    return sum / (double)(sanity->stage_count - first);
}

void cam_sanity_judge(cameras_sanity *sanity, const cam_sanity_task *task)
{
    const size_t first = sanity->stage_count / 2, last = sanity->stage_count - first;
    const double mean = mean_correlation(sanity, first), most = task->asked->sanity_threshold;
    const double overlap = sanity->class_overlap;
    if (sanity->original->flat)
        snprintf(sanity->why, sizeof sanity->why,
                 "the map is flat, so there is nothing that could depend on the model");
    else if (mean > most)
        snprintf(sanity->why, sizeof sanity->why,
                 "the map does not depend on what the model has learnt: over the last %zu of %zu stages of the cascade "
                 "its mean |Spearman| with the original is %.3f, above %.3g",
                 last, sanity->stage_count, mean, most);
    else if (overlap > CAM_SANITY_OVERLAP)
        snprintf(sanity->why, sizeof sanity->why,
                 "the map does not depend on the class: that of the unlikely class %zu shares %.3f of its greatest "
                 "5 %%, above %.3g",
                 task->unlikely, overlap, CAM_SANITY_OVERLAP);
    else
        snprintf(sanity->why, sizeof sanity->why,
                 "the map depends on the model and on the class: mean |Spearman| %.3f over the last %zu of %zu stages, "
                 "at most %.3g; overlap with the unlikely class %zu %.3f, at most %.3g",
                 mean, last, sanity->stage_count, most, task->unlikely, overlap, CAM_SANITY_OVERLAP);
    sanity->passed = !sanity->original->flat && mean <= most && overlap <= CAM_SANITY_OVERLAP;
}
