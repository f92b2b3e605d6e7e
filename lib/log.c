/*
 * log.c - the host's log
 *
 * SPDX-License-Identifier: MIT
 *
 * One for the process: what is said belongs to no handle. The turn is held during the callback, so that after
 * cameras_set_log the earlier callback neither runs nor will; a thread that is inside the callback cannot take it
 * again. No lock that a call may want is held then: the callback may use the library.
 */
#include "log.h"

#include "error.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* What a thread has said and not yet told. */
typedef struct saying {
    struct saying *next;
    cameras_log_kind kind;
    char text[];
} saying;

static pthread_mutex_t turn = PTHREAD_MUTEX_INITIALIZER; /* to change or call what follows */
static _Atomic(cameras_log) log_call;
static void *log_user;

static _Thread_local int inside;
static _Thread_local size_t holds;
static _Thread_local saying *first, *last;

/* A thread cancelled inside the callback would never give back the turn. */
static void tell(cameras_log_kind kind, const char *text)
{
    char message[CAM_MESSAGE_BYTES];
    int cancelling = 0;
    memcpy(message, cameras_last_error(), sizeof message);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelling);
    pthread_mutex_lock(&turn);
    inside = 1;
    const cameras_log call = atomic_load(&log_call);
    if (call)
        call(kind, text, log_user);
    inside = 0;
    pthread_mutex_unlock(&turn);
    pthread_setcancelstate(cancelling, NULL);
    cam_fail(CAMERAS_OK, "%s", message);
}

/* Without memory for it, it is lost. */
static void keep(cameras_log_kind kind, const char *text)
{
    const size_t bytes = strlen(text) + 1;
    saying *one = malloc(sizeof *one + bytes);
    if (!one)
        return;
    one->next = NULL;
    one->kind = kind;
    memcpy(one->text, text, bytes);
    if (first)
        last->next = one;
    else
        first = one;
    last = one;
}

void cam_log(cameras_log_kind kind, const char *text)
{
    if (inside || !atomic_load(&log_call))
        return;
    if (holds)
        keep(kind, text);
    else
        tell(kind, text);
}

void cam_log_hold(void)
{
    holds++;
}

void cam_log_release(void)
{
    holds--;
    while (first && !holds && !inside) {
        saying *one = first;
        first = one->next;
        tell(one->kind, one->text);
        free(one);
    }
}

int cam_log_inside(void)
{
    return inside;
}

void cam_log_set_inside(int is_inside)
{
    inside = is_inside;
}

/* The thread whose turn it was is not in a child of fork, unless it is the very one that forked. */
static void renew_turn(void)
{
    if (!inside)
        turn = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, renew_turn);
}

cameras_status cameras_set_log(cameras_log call, void *user)
{
    static pthread_once_t watched = PTHREAD_ONCE_INIT;
    if (inside)
        return cam_fail(CAMERAS_EINVAL, "set the log: not from inside its own callback");
    pthread_once(&watched, watch_forks);
    pthread_mutex_lock(&turn);
    atomic_store(&log_call, NULL); /* a child of fork finds both as they were, or no log */
    log_user = user;
    atomic_store(&log_call, call);
    pthread_mutex_unlock(&turn);
    return CAMERAS_OK;
}
