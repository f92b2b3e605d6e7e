/*
 * listen.c - what LibTorch and models say beside their results, on standard error
 *
 * SPDX-License-Identifier: MIT
 */
#include "listen.h"

#include "cameras.h"

#include <stdio.h>

static void say(cameras_log_kind kind, const char *text, void *user)
{
    (void)user;
    fprintf(stderr, "cameras: %s: %s\n", kind == CAMERAS_LOG_PRINT ? "the model prints" : "LibTorch warns", text);
}

void listen_to_library(void)
{
    cameras_set_log(say, NULL);
}
