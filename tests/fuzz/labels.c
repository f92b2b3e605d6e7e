/*
 * labels.c - fuzz target: label files, finding a label and suggesting near ones
 *
 * SPDX-License-Identifier: MIT
 *
 * The first byte says how many of the next are the name that is looked for; the rest is the file.
 */
#include "fuzz.h"

#include "labels.h"

#include <stdlib.h>
#include <string.h>

enum {
    LONGEST_NAME = 64
};

static void demand_lines(const cam_labels *labels, size_t size)
{
    size_t length = 0;
    demand(labels->count > 0, "there is a label");
    for (size_t i = 0; i < labels->count; i++)
        length += strlen(labels->lines[i]);
    demand(length <= size, "labels are no longer than their file");
    demand(labels->lines[labels->count - 1][0] != '\0', "the last label is not empty");
}

static void find_both(const cam_labels *labels, const char *name)
{
    static const cameras_status allowed[] = {CAMERAS_ECLASS};
    size_t index = 0;
    cameras_status status = cam_labels_find(&index, labels, name);
    if (status == CAMERAS_OK)
        demand(index < labels->count, "what is found is there");
    else
        demand_refusal(status, allowed, 1, "find class \"");
    status = cam_labels_find(&index, labels, labels->lines[labels->count - 1]);
    if (status != CAMERAS_OK)
        demand(strstr(cameras_last_error(), "bear this label") != NULL, "a label that is there is found");
}

static void try_labels(const char *name, const uint8_t *bytes, size_t size)
{
    static const cameras_status allowed[] = {CAMERAS_EFORMAT};
    cam_labels labels, copy;
    const cameras_status status = cam_labels_parse(&labels, (const char *)bytes, size, "it");
    if (status != CAMERAS_OK) {
        demand_refusal(status, allowed, 1, "read labels it: ");
        return;
    }
    demand_lines(&labels, size);
    find_both(&labels, name);
    demand(cam_labels_copy(&copy, &labels) == CAMERAS_OK && copy.count == labels.count, "labels are copied");
    cam_labels_free(&copy);
    cam_labels_free(&labels);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    supply from = {bytes, bytes + size};
    size_t length = next_of(&from, LONGEST_NAME);
    const size_t left = (size_t)(from.end - from.at);
    length = length < left ? length : left;
    char *name = copy_text(from.at, length);
    /* Just as much memory as there are bytes, so that a step too far is seen. */
    uint8_t *file = (uint8_t *)copy_text(from.at + length, left - length);
    uint8_t *tight = realloc(file, left - length ? left - length : 1);
    demand(tight != NULL, "there is memory");
    try_labels(name, tight, left - length);
    free(tight);
    free(name);
    return 0;
}
