/*
 * suggest.c - the names nearest to one that was not found
 *
 * SPDX-License-Identifier: MIT
 *
 * Nearness is the edit distance (Levenshtein 1966); a name that contains what was asked for comes before all others.
 */
#include "suggest.h"

#include "utf8.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

enum {
    SHOWN = 3,
    LONGEST = 128
};

static size_t least(size_t a, size_t b, size_t c)
{
    const size_t ab = a < b ? a : b;
    return ab < c ? ab : c;
}

static int fold(char c)
{
    return c == '_' ? ' ' : tolower((unsigned char)c);
}

static size_t edit_distance(const char *a, const char *b)
{
    size_t row[LONGEST + 1];
    const size_t length = strnlen(b, LONGEST);
    for (size_t j = 0; j <= length; j++)
        row[j] = j;
    for (size_t i = 0; i < LONGEST && a[i]; i++) {
        size_t diagonal = row[0];
        row[0] = i + 1;
        for (size_t j = 0; j < length; j++) {
            const size_t above = row[j + 1];
            row[j + 1] = least(diagonal + (fold(a[i]) != fold(b[j])), above + 1, row[j] + 1);
            diagonal = above;
        }
    }
    return row[length];
}

static size_t distance(const char *name, const char *candidate)
{
    return strcasestr(candidate, name) ? 0 : 1 + edit_distance(name, candidate);
}

/* Insertion into the few best so far, the earlier of equals first. */
static void consider(size_t *best, size_t *distances, size_t *kept, size_t index, size_t far)
{
    size_t place = *kept;
    while (place > 0 && distances[place - 1] > far)
        place--;
    if (place == SHOWN)
        return;
    if (*kept < SHOWN)
        ++*kept;
    for (size_t i = *kept - 1; i > place; i--) {
        best[i] = best[i - 1];
        distances[i] = distances[i - 1];
    }
    best[place] = index;
    distances[place] = far;
}

void cam_suggest(char *text, size_t size, const char *name, const char *const *names, size_t count)
{
    size_t best[SHOWN], distances[SHOWN], kept = 0, used = 0;
    for (size_t i = 0; i < count; i++)
        consider(best, distances, &kept, i, distance(name, names[i]));
    snprintf(text, size, "none");
    for (size_t i = 0; i < kept && used < size; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ", " : "", names[best[i]]);
    if (used >= size)
        cam_utf8_trim(text);
}
