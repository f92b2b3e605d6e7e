/*
 * folder.h - the pictures of a folder
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef FOLDER_H
#define FOLDER_H

#include <stddef.h>

typedef struct folder {
    char **paths; /* sorted; by name, of files ending in .png, .jpg or .jpeg whatever their case */
    size_t count;
} folder;

int is_folder(const char *path);

/*
 * Lists a folder's pictures and, with deep, those of the folders right in it. An exit status, after a message where the
 * folder cannot be read or has no pictures.
 */
int folder_list(folder *out, const char *path, int deep, const char *doing);
void folder_free(folder *listed);

/* The name of a file or folder without those that it lies in. */
const char *base_name(const char *path);

#endif
