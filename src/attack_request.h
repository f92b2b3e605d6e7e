/*
 * attack_request.h - what the command line of cameras attack asks for
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef ATTACK_REQUEST_H
#define ATTACK_REQUEST_H

#include "explain_request.h"

typedef struct attack_request {
    explain_request map; /* how the map is made; its overlay is the picture to draw */
    const char *target, *perturbation;
    double epsilon, beta, confidence; /* below 0: the library's defaults */
    size_t steps;                     /* 0: the library's default */
    int rule;                         /* -1: the library's default */
} attack_request;

/* EXIT_OK, EXIT_USAGE after a message, or HELP_GIVEN. */
int attack_request_read(attack_request *asked, int argc, char **argv);

/* Options for all that can be said before the model is open; EXIT_OK, or EXIT_USAGE after a message. */
int attack_request_options(cameras_options **out, const attack_request *asked);

/* Sets the target, which the model's labels may name. */
cameras_status attack_request_set_target(cameras_options *options, const attack_request *asked,
                                         const cameras_model *model);

#endif
