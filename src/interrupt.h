/*
 * interrupt.h - signals: the work is broken off, and nothing half-made stays
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef INTERRUPT_H
#define INTERRUPT_H

/* Takes SIGINT, SIGTERM and SIGHUP over, but for those that are ignored (nohup). Until interrupt_defer they end the
   program at once. A file beyond the limit on sizes (SIGXFSZ) becomes an error of writing. */
void interrupt_watch(void);

/* From now on there may be files to take back: a signal is only noted, and a second one ends the program at once; a
   standard output that nobody reads becomes an error of writing. To be called when the inputs have been read. */
void interrupt_defer(void);

/* Whether a signal came. */
int interrupt_asked(void);

/* The exit status of a program that was broken off, 128 and the signal's number; result where no signal came. */
int interrupt_status(int result);

#endif
