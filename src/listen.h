/*
 * listen.h - what LibTorch and models say beside their results, on standard error
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef LISTEN_H
#define LISTEN_H

/* From now on; without it nothing is said. */
void listen_to_library(void);

#endif
