/*
 * interrupt.c - signals: the work is broken off, and nothing half-made stays
 *
 * SPDX-License-Identifier: MIT
 *
 * A signal is noticed where the library reports progress, after a scale at most; the verb then fails as for any other
 * reason, and takes back what it has written. Where the work was done before that, it is delivered, and counts. A
 * verb that waits for an input has nothing to take back, and ends at once: reading would go on after the signal.
 *
 * SIGXFSZ and SIGPIPE end a program before it can take back anything; ignored, they are errors of writing like a full
 * disk. SIGPIPE is ignored only where there may be something: "cameras help | head -1" is to end without a word.
 */
#include "interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <unistd.h>

static volatile sig_atomic_t asked, deferred;

static void on_signal(int number)
{
    if (!deferred || asked)
        _exit(128 + number);
    asked = number;
}

void interrupt_watch(void)
{
    static const int watched[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof watched / sizeof *watched; i++) {
        struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART}, earlier;
        sigemptyset(&action.sa_mask);
        if (sigaction(watched[i], NULL, &earlier) == 0 && earlier.sa_handler != SIG_IGN)
            sigaction(watched[i], &action, NULL);
    }
    signal(SIGXFSZ, SIG_IGN);
}

void interrupt_defer(void)
{
    signal(SIGPIPE, SIG_IGN);
    deferred = 1;
}

int interrupt_asked(void)
{
    return asked != 0;
}

int interrupt_status(int result)
{
    return asked ? 128 + asked : result;
}
