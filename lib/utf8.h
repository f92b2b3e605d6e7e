/*
 * utf8.h - where characters end in UTF-8
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_UTF8_H
#define CAM_UTF8_H

#include <stddef.h>

/* How many bytes the character at text takes (Unicode, table 3-7), 0 where there is none. */
size_t cam_utf8_length(const char *text);

/* Takes a character that is only begun off the end of a text that was cut. Bytes that are no UTF-8 stay as they are. */
void cam_utf8_trim(char *text);

#endif
