/*
 * file.h - reading a file whole, and writing one so that it appears under its name only when it is whole
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_FILE_H
#define CAM_FILE_H

#include "cameras.h"

#include <stdio.h>

/*
 * Reads path whole into *bytes (freed by the caller; one NUL byte follows the size bytes). doing is such as "read
 * image"; messages read "<doing> <path>: <reason>". CAMERAS_EIO (missing, a directory, unreadable), CAMERAS_EFORMAT
 * (empty), CAMERAS_ELIMIT (more than limit bytes, known before anything is allocated).
 */
cameras_status cam_file_read(uint8_t **bytes, size_t *size, const char *path, size_t limit, const char *doing);

/* A file being written beside its name. */
typedef struct cam_output {
    FILE *stream;
    char *temporary; /* in the same folder, so that rename cannot cross devices */
    const char *path;
    const char *doing;
} cam_output;

/* Opens <path>.<pid>-<n>.part for writing; doing is such as "write map". path and doing are borrowed. */
cameras_status cam_output_open(cam_output *output, const char *path, const char *doing);

/* Flushes, closes and renames to path; on failure removes what was written. */
cameras_status cam_output_commit(cam_output *output);

/* Removes what was written. Harmless after a commit or a failed open. */
void cam_output_abandon(cam_output *output);

#endif
