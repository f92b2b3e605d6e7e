/*
 * utf8.c - where characters end in UTF-8
 *
 * SPDX-License-Identifier: MIT
 */
#include "utf8.h"

#include <string.h>

/* How long a character is by its first byte, 0 where none begins so. */
static size_t told_length(unsigned char lead)
{
    if (lead < 0x80)
        return 1;
    return lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
}

static int is_continuation(char byte)
{
    return ((unsigned char)byte & 0xc0) == 0x80;
}

size_t cam_utf8_length(const char *text)
{
    const unsigned char lead = (unsigned char)text[0], second = (unsigned char)text[1];
    const size_t length = told_length(lead);
    for (size_t i = 1; i < length; i++)
        if (!is_continuation(text[i]))
            return 0;
    const int overlong = (lead == 0xe0 && second < 0xa0) || (lead == 0xf0 && second < 0x90);
    const int beyond = (lead == 0xed && second > 0x9f) || (lead == 0xf4 && second > 0x8f);
    return overlong || beyond ? 0 : length;
}

void cam_utf8_trim(char *text)
{
    const size_t length = strlen(text);
    size_t behind = 1; /* bytes from the last first byte on */
    while (behind <= length && behind < 4 && is_continuation(text[length - behind]))
        behind++;
    if (behind <= length && told_length((unsigned char)text[length - behind]) > behind)
        text[length - behind] = '\0';
}
