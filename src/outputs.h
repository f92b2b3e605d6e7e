/*
 * outputs.h - the files of one run: their names, and taking all of them back when one cannot be written
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "cameras.h"

#include <stddef.h>

typedef struct outputs {
    char **paths; /* new ones, written or about to be */
    size_t count;
} outputs;

/*
 * The name for one of several maps: tags go before the ending, so that out.png becomes out.layer4.243.png. layer and
 * class_index may be NULL where they do not vary. The caller frees it; NULL when memory ran out.
 */
char *output_name(const char *path, const char *layer, const size_t *class_index);

/*
 * "out/photo.cameras.png" for the folder "out", "../photo.jpg" and ".cameras.png"; without a folder (NULL) in the
 * current one. The caller frees it; NULL when memory ran out.
 */
char *output_name_in(const char *folder, const char *image, const char *ending);

/* The pictures of a run as the files that they are, whatever their names. */
typedef struct inputs {
    struct file_identity *files;
    size_t count;
} inputs;

/* Looks the pictures up; one that is missing is no file. 0 when memory ran out. */
int inputs_find(inputs *found, const char *const *images, size_t count);
void inputs_free(inputs *found);

/*
 * Whether a file could be made at path, known before the work rather than after it: 1, or 0 after a message. It must
 * not be one of the pictures. A NULL path is no file, and fine.
 */
int output_is_possible(const char *path, const inputs *pictures);

/*
 * Notes a file that is about to be written, unless one is there already: what was there before the run is replaced, but
 * never removed. 0 when memory ran out.
 */
int outputs_add(outputs *written, const char *path);

/* Removes every file noted that has been written. */
void outputs_remove(outputs *written);
void outputs_free(outputs *written);

#endif
