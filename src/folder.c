/*
 * folder.c - the pictures of a folder
 *
 * SPDX-License-Identifier: MIT
 */
#include "folder.h"

#include "arguments.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>

int is_folder(const char *path)
{
    struct stat about;
    return stat(path, &about) == 0 && S_ISDIR(about.st_mode);
}

const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

static int is_picture(const char *name)
{
    const char *ending = strrchr(name, '.');
    return ending &&
           (strcasecmp(ending, ".png") == 0 || strcasecmp(ending, ".jpg") == 0 || strcasecmp(ending, ".jpeg") == 0);
}

static int fail(const char *doing, const char *path, const char *reason)
{
    fprintf(stderr, "cameras: %s %s: %s\n", doing, path, reason);
    return EXIT_FAILED;
}

/* Takes the path over. */
static int add(folder *out, char *path)
{
    char **grown = path ? realloc(out->paths, (out->count + 1) * sizeof *grown) : NULL;
    if (!grown) {
        free(path);
        return 0;
    }
    out->paths = grown;
    out->paths[out->count++] = path;
    return 1;
}

static int list(folder *out, const char *path, int deep, const char *doing);

/* Names that begin with a dot are hidden, as those of the shell's. */
static int add_entry(folder *out, const char *path, const char *name, int deep, const char *doing)
{
    char *whole = NULL;
    if (name[0] == '.')
        return EXIT_OK;
    if (asprintf(&whole, "%s%s%s", path, path[strlen(path) - 1] == '/' ? "" : "/", name) < 0)
        return fail(doing, path, "out of memory");
    const int below = is_folder(whole);
    int result = EXIT_OK;
    if (below && deep)
        result = list(out, whole, 0, doing);
    if (!below && is_picture(name))
        return add(out, whole) ? EXIT_OK : fail(doing, path, "out of memory");
    free(whole);
    return result;
}

static int list(folder *out, const char *path, int deep, const char *doing)
{
    DIR *open_folder = opendir(path);
    if (!open_folder)
        return fail(doing, path, strerror(errno));
    int result = EXIT_OK;
    for (const struct dirent *entry = readdir(open_folder); entry && result == EXIT_OK; entry = readdir(open_folder))
        result = add_entry(out, path, entry->d_name, deep, doing);
    closedir(open_folder);
    return result;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

int folder_list(folder *out, const char *path, int deep, const char *doing)
{
    *out = (folder){0};
    int result = list(out, path, deep, doing);
    if (result == EXIT_OK && !out->count)
        result = fail(doing, path, "no picture in it, no file ending in .png, .jpg or .jpeg");
    if (result != EXIT_OK)
        folder_free(out);
    else
        qsort(out->paths, out->count, sizeof *out->paths, by_name);
    return result;
}

void folder_free(folder *listed)
{
    for (size_t i = 0; i < listed->count; i++)
        free(listed->paths[i]);
    free(listed->paths);
    *listed = (folder){0};
}
