/*
 * score_request.h - what the command line of cameras score asks for
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCORE_REQUEST_H
#define SCORE_REQUEST_H

#include "explain_request.h"

enum {
    MAX_METHODS = CAMERAS_METHOD_CONSTANT + 1
};

typedef struct score_request {
    explain_request explain; /* how maps are made, of what model; its map is the one to be scored, NULL: none */
    const char *subject;     /* a picture or a folder */
    const char *mask, *csv;  /* NULL: none */
    size_t box[4], box_count;
    cameras_method methods[MAX_METHODS]; /* with a map: only the one that ADCC explains again by */
    size_t method_count;
    int controls, grid, masking;
    size_t steps, batch;
} score_request;

/* EXIT_OK, EXIT_USAGE after a message, or HELP_GIVEN. */
int score_request_read(score_request *asked, int argc, char **argv);

/* Options for all that can be said before the model is open, the method apart; EXIT_OK or EXIT_USAGE after a message.
 */
int score_request_options(cameras_options **out, const score_request *asked);

#endif
