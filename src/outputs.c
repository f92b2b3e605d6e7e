/*
 * outputs.c - the files of one run
 *
 * SPDX-License-Identifier: MIT
 */
#include "outputs.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Where the file name begins, and where its ending does: at the last dot, or at the end if there is none. */
static const char *file_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static size_t stem_length(const char *path)
{
    const char *name = file_name(path);
    const char *dot = strrchr(name, '.');
    return dot && dot != name ? (size_t)(dot - path) : strlen(path);
}

char *output_name(const char *path, const char *layer, const size_t *class_index)
{
    const int stem = (int)stem_length(path);
    char number[32] = "", *name = NULL;
    if (class_index)
        snprintf(number, sizeof number, ".%zu", *class_index);
    if (asprintf(&name, "%.*s%s%s%s%s", stem, path, layer ? "." : "", layer ? layer : "", number, path + stem) < 0)
        return NULL;
    return name;
}

char *output_name_beside(const char *image)
{
    const char *start = file_name(image);
    const size_t skipped = (size_t)(start - image);
    char *name = NULL;
    if (asprintf(&name, "%.*s.cameras.png", (int)(stem_length(image) - skipped), start) < 0)
        return NULL;
    return name;
}

int output_is_possible(const char *path)
{
    if (!path)
        return 1;
    const char *name = file_name(path);
    char *folder = strndup(path, (size_t)(name - path));
    struct stat about;
    if (stat(path, &about) == 0 && S_ISDIR(about.st_mode))
        errno = EISDIR;
    else
        errno = 0;
    const int possible = folder && !errno && access(*folder ? folder : ".", W_OK | X_OK) == 0;
    if (!possible)
        fprintf(stderr, "cameras: write %s: %s\n", path, strerror(errno));
    free(folder);
    return possible;
}

int outputs_add(outputs *written, const char *path)
{
    char **grown = realloc(written->paths, (written->count + 1) * sizeof *grown);
    if (grown)
        written->paths = grown;
    char *copy = grown ? strdup(path) : NULL;
    if (!copy) {
        unlink(path);
        return 0;
    }
    written->paths[written->count++] = copy;
    return 1;
}

void outputs_remove(outputs *written)
{
    for (size_t i = 0; i < written->count; i++)
        unlink(written->paths[i]);
}

void outputs_free(outputs *written)
{
    for (size_t i = 0; i < written->count; i++)
        free(written->paths[i]);
    free(written->paths);
    *written = (outputs){0};
}
