/*
 * sanity_report.h - what a sanity check came to, drawn and told
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SANITY_REPORT_H
#define SANITY_REPORT_H

#include "explain_request.h"

typedef struct sanity_request {
    explain_request how; /* -o is the contact sheet */
    const char *image;
    size_t stages; /* 0: one a layer */
    float threshold;
} sanity_request;

typedef struct sanity_report {
    const sanity_request *asked;
    const cameras_model *model;
    const cameras_image *image;
    const cameras_sanity *sanity;
} sanity_report;

/* Draws the maps to the file that was asked for; an exit status. */
int sanity_draw(const sanity_report *own);

/* Reports, as JSON or for a person; an exit status. */
int sanity_tell(const sanity_report *own);

#endif
