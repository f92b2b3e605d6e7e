/*
 * interrupt.h - SIGINT, SIGTERM and SIGHUP: the work is broken off, and nothing half-made stays
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef INTERRUPT_H
#define INTERRUPT_H

/* Takes the signals over, but for those that are ignored (nohup). Until interrupt_defer they end the program at once.
 */
void interrupt_watch(void);

/* From now on there may be files to take back: a signal is only noted, and a second one ends the program at once. */
void interrupt_defer(void);

/* Whether a signal came. */
int interrupt_asked(void);

/* The exit status of a program that was broken off, 128 and the signal's number; result where no signal came. */
int interrupt_status(int result);

#endif
