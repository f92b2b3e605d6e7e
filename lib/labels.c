/*
 * labels.c - class names, and finding what a person meant
 *
 * SPDX-License-Identifier: MIT
 */
#include "labels.h"

#include "error.h"
#include "suggest.h"
#include "utf8.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

static size_t count_lines(const char *text, size_t size)
{
    size_t count = 1;
    for (size_t i = 0; i < size; i++)
        count += text[i] == '\n';
    return count;
}

static int is_utf8(const char *line)
{
    while (*line) {
        const size_t length = cam_utf8_length(line);
        if (!length)
            return 0;
        line += length;
    }
    return 1;
}

/* The place of the first line that is not UTF-8, or count. */
static size_t first_not_utf8(const cam_labels *labels)
{
    size_t line = 0;
    while (line < labels->count && is_utf8(labels->lines[line]))
        line++;
    return line;
}

static void trim_end(char *line)
{
    size_t length = strlen(line);
    while (length && isspace((unsigned char)line[length - 1]))
        line[--length] = '\0';
}

static void split_lines(cam_labels *labels)
{
    char *rest = labels->text;
    while (rest) {
        char *end = strchr(rest, '\n');
        if (end)
            *end = '\0';
        trim_end(rest);
        labels->lines[labels->count++] = rest;
        rest = end ? end + 1 : NULL;
    }
    while (labels->count && !*labels->lines[labels->count - 1])
        labels->count--;
}

cameras_status cam_labels_parse(cam_labels *labels, const char *text, size_t size, const char *subject)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf"; /* as some Windows editors write */
    *labels = (cam_labels){0};
    if (size >= 3 && memcmp(text, byte_order_mark, 3) == 0) {
        text += 3;
        size -= 3;
    }
    if (memchr(text, '\0', size))
        return cam_fail(CAMERAS_EFORMAT, "read labels %s: not a text file", subject);
    const size_t lines = count_lines(text, size);
    labels->text = malloc(size + 1);
    labels->lines = malloc(lines * sizeof *labels->lines);
    if (!labels->text || !labels->lines) {
        cam_labels_free(labels);
        return cam_fail_memory("read labels", size + 1 + lines * sizeof *labels->lines);
    }
    memcpy(labels->text, text, size);
    labels->text[size] = '\0';
    split_lines(labels);
    const size_t count = labels->count, bad = first_not_utf8(labels);
    if (count && bad == count)
        return CAMERAS_OK;
    cam_labels_free(labels);
    if (!count)
        return cam_fail(CAMERAS_EFORMAT, "read labels %s: no line holds a label", subject);
    return cam_fail(CAMERAS_EFORMAT, "read labels %s: line %zu is not UTF-8", subject, bad + 1);
}

cameras_status cam_labels_copy(cam_labels *copy, const cam_labels *labels)
{
    *copy = (cam_labels){0};
    if (!labels->count)
        return CAMERAS_OK;
    const char *last = labels->lines[labels->count - 1];
    const size_t bytes = (size_t)(last - labels->text) + strlen(last) + 1;
    copy->text = malloc(bytes);
    copy->lines = malloc(labels->count * sizeof *copy->lines);
    if (!copy->text || !copy->lines) {
        cam_labels_free(copy);
        return cam_fail_memory("copy labels", bytes + labels->count * sizeof *copy->lines);
    }
    memcpy(copy->text, labels->text, bytes);
    for (; copy->count < labels->count; copy->count++)
        copy->lines[copy->count] = copy->text + (labels->lines[copy->count] - labels->text);
    return CAMERAS_OK;
}

void cam_labels_free(cam_labels *labels)
{
    free(labels->lines);
    free(labels->text);
    *labels = (cam_labels){0};
}

static int fold(char c)
{
    return c == '_' ? ' ' : tolower((unsigned char)c);
}

static int same_label(const char *a, const char *b)
{
    while (*a && fold(*a) == fold(*b)) {
        a++;
        b++;
    }
    return fold(*a) == fold(*b);
}

cameras_status cam_labels_find(size_t *index, const cam_labels *labels, const char *text)
{
    size_t found = 0, matches = 0;
    for (size_t i = 0; i < labels->count; i++)
        if (same_label(labels->lines[i], text) && matches++ == 0)
            found = i;
    if (matches > 1)
        return cam_fail(CAMERAS_ECLASS,
                        "find class \"%s\": %zu classes bear this label, the first is %zu; give an index", text,
                        matches, found);
    if (matches == 1) {
        *index = found;
        return CAMERAS_OK;
    }
    if (!labels->count)
        return cam_fail(CAMERAS_ECLASS, "find class \"%s\": not an index, and no labels were read", text);
    char near[256];
    cam_suggest(near, sizeof near, text, (const char *const *)labels->lines, labels->count);
    return cam_fail(CAMERAS_ECLASS, "find class \"%s\": no such label; near ones are %s", text, near);
}
