/*
 * compare_request.h - what the command line of cameras compare asks for
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef COMPARE_REQUEST_H
#define COMPARE_REQUEST_H

#include "explain_request.h"

enum {
    MOST_MODELS = 16
};

typedef struct compare_request {
    explain_request how; /* -o is the panel; the model of it has what all models share */
    const char *image;
    const char *paths[MOST_MODELS], *labels[MOST_MODELS], *bases[MOST_MODELS];
    size_t path_count, label_count, base_count; /* of labels and bases: none, one for all, or one a model */
    size_t model_count;                         /* 1: two classes of one model are compared */
} compare_request;

/* EXIT_OK, EXIT_USAGE after a message, or HELP_GIVEN. */
int compare_request_read(compare_request *asked, int argc, char **argv);

/* What is asked of a model. */
model_arguments compare_request_model(const compare_request *asked, size_t index);

#endif
