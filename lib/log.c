/*
 * log.c - the host's log
 *
 * SPDX-License-Identifier: MIT
 *
 * One for the process: what is said belongs to no handle. The lock is held during the callback, so that after
 * cameras_set_log the earlier callback neither runs nor will; a thread that is inside the callback cannot take it
 * again.
 */
#include "log.h"

#include "error.h"

#include <pthread.h>
#include <stddef.h>

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER; /* guards the two that follow */
static cameras_log log_call;
static void *log_user;

static _Thread_local int inside;

void cam_log(cameras_log_kind kind, const char *text)
{
    if (inside)
        return;
    pthread_mutex_lock(&turn);
    inside = 1;
    if (log_call)
        log_call(kind, text, log_user);
    inside = 0;
    pthread_mutex_unlock(&turn);
}

cameras_status cameras_set_log(cameras_log call, void *user)
{
    if (inside)
        return cam_fail(CAMERAS_EINVAL, "set the log: not from inside its own callback");
    pthread_mutex_lock(&turn);
    log_call = call;
    log_user = user;
    pthread_mutex_unlock(&turn);
    return CAMERAS_OK;
}
