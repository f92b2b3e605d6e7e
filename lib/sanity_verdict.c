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

/* The last half of the cascade, where little is left of what the model had learnt. */
struct depths {
    size_t first, count, flat;
    double mean; /* of |Spearman| */
};

static struct depths depths_of(const cameras_sanity *sanity)
{
    struct depths found = {.first = sanity->stage_count / 2};
    found.count = sanity->stage_count - found.first;
    for (size_t i = found.first; i < sanity->stage_count; i++) {
        found.mean += fabs(sanity->stages[i].spearman) / (double)found.count;
        found.flat += sanity->stages[i].map->flat != 0;
    }
    return found;
}

static void explain_failure(cameras_sanity *sanity, const cam_sanity_task *task, const struct depths *depths)
{
    if (sanity->original->flat)
        snprintf(sanity->why, sizeof sanity->why,
                 "the map is flat, so there is nothing that could depend on the model");
    else if (depths->mean > task->asked->sanity_threshold)
        snprintf(sanity->why, sizeof sanity->why,
                 "the map does not depend on what the model has learnt: over the last %zu of %zu stages of the cascade "
                 "its mean |Spearman| with the original is %.3f, above %.3g",
                 depths->count, sanity->stage_count, depths->mean, task->asked->sanity_threshold);
    else
        snprintf(sanity->why, sizeof sanity->why,
                 "the map does not depend on the class: that of the unlikely class %zu shares %.3f of its greatest "
                 "5 %%, above %.3g",
                 task->unlikely, sanity->class_overlap, CAM_SANITY_OVERLAP);
}

static void explain_success(cameras_sanity *sanity, const cam_sanity_task *task, const struct depths *depths)
{
    char flat[48] = "";
    if (depths->flat)
        snprintf(flat, sizeof flat, " (%zu of them flat)", depths->flat);
    snprintf(
        sanity->why, sizeof sanity->why,
        "the map depends on the model and on the class: mean |Spearman| %.3f over the last %zu of %zu stages%s, at "
        "most %.3g; overlap with the unlikely class %zu %.3f, at most %.3g",
        depths->mean, depths->count, sanity->stage_count, flat, task->asked->sanity_threshold, task->unlikely,
        sanity->class_overlap, CAM_SANITY_OVERLAP);
}

void cam_sanity_judge(cameras_sanity *sanity, const cam_sanity_task *task)
{
    const struct depths depths = depths_of(sanity);
    sanity->passed = !sanity->original->flat && depths.mean <= task->asked->sanity_threshold &&
                     sanity->class_overlap <= CAM_SANITY_OVERLAP;
    if (sanity->passed)
        explain_success(sanity, task, &depths);
    else
        explain_failure(sanity, task, &depths);
}
