/*
 * suggest.h - the names nearest to one that was not found
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_SUGGEST_H
#define CAM_SUGGEST_H

#include <stddef.h>

/* Writes up to three of names nearest to name, separated by commas, to text of size bytes; "none" if there are none. */
void cam_suggest(char *text, size_t size, const char *name, const char *const *names, size_t count);

#endif
