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

char *output_name_in(const char *folder, const char *image, const char *ending)
{
    const char *start = file_name(image);
    const int length = (int)(stem_length(image) - (size_t)(start - image));
    const char *gap = folder && *folder && folder[strlen(folder) - 1] != '/' ? "/" : "";
    char *name = NULL;
    if (asprintf(&name, "%s%s%.*s%s", folder ? folder : "", gap, length, start, ending) < 0)
        return NULL;
    return name;
}

/* What tells a file from others, by whatever name or link it is reached. */
struct file_identity {
    dev_t device;
    ino_t number;
};

int inputs_find(inputs *found, const char *const *images, size_t count)
{
    struct stat about;
    *found = (inputs){.files = malloc((count + 1) * sizeof *found->files)};
    for (size_t i = 0; found->files && i < count; i++)
        if (stat(images[i], &about) == 0)
            found->files[found->count++] = (struct file_identity){about.st_dev, about.st_ino};
    return found->files != NULL;
}

void inputs_free(inputs *found)
{
    free(found->files);
    *found = (inputs){0};
}

static int is_input(const struct stat *about, const inputs *pictures)
{
    for (size_t i = 0; i < pictures->count; i++)
        if (pictures->files[i].device == about->st_dev && pictures->files[i].number == about->st_ino)
            return 1;
    return 0;
}

/* Why no file can be made at path, or NULL. */
static const char *obstacle(const char *path, const inputs *pictures)
{
    struct stat about;
    const int exists = stat(path, &about) == 0;
    if (exists && S_ISDIR(about.st_mode))
        return strerror(EISDIR);
    if (exists && is_input(&about, pictures))
        return "it is a picture to explain";
    char *folder = strndup(path, (size_t)(file_name(path) - path));
    const int closed = !folder || access(*folder ? folder : ".", W_OK | X_OK) != 0;
    free(folder);
    return closed ? strerror(errno) : NULL;
}

int output_is_possible(const char *path, const inputs *pictures)
{
    const char *reason = path ? obstacle(path, pictures) : NULL;
    if (reason)
        fprintf(stderr, "cameras: write %s: %s\n", path, reason);
    return !reason;
}

int outputs_add(outputs *written, const char *path)
{
    if (access(path, F_OK) == 0)
        return 1;
    char **grown = realloc(written->paths, (written->count + 1) * sizeof *grown);
    if (grown)
        written->paths = grown;
    char *copy = grown ? strdup(path) : NULL;
    if (!copy)
        return 0;
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
