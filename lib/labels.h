/*
 * labels.h - class names, and finding what a person meant
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_LABELS_H
#define CAM_LABELS_H

#include "cameras.h"

typedef struct cam_labels {
    char *text;   /* all lines, NUL in place of their ends */
    char **lines; /* into text */
    size_t count;
} cam_labels;

/* Splits size bytes of text into lines. subject names the text in messages. */
cameras_status cam_labels_parse(cam_labels *labels, const char *text, size_t size, const char *subject);
cameras_status cam_labels_copy(cam_labels *copy, const cam_labels *labels);
void cam_labels_free(cam_labels *labels);

/* The class whose label is text, case and '_' against ' ' aside. CAMERAS_ECLASS: none (near ones listed), or several.
 */
cameras_status cam_labels_find(size_t *index, const cam_labels *labels, const char *text);

#endif
