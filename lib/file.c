/*
 * file.c - reading a file whole, and writing one so that it appears under its name only when it is whole
 *
 * SPDX-License-Identifier: MIT
 *
 * Reading goes on to the end and takes the size that the folder tells only as a first guess, so pipes work too. The
 * temporary name is made free by O_EXCL and a count from 0, so threads and processes need share nothing.
 */
#include "file.h"

#include "error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    FIRST_BYTES = 65536,
    NAME_TRIES = 1000,
    SUFFIX_BYTES = 64
};

struct input {
    int descriptor;
    uint8_t *bytes;
    size_t size;
    size_t capacity; /* without the closing NUL, for which there is always room */
    size_t limit;
    const char *path;
    const char *doing;
};

static cameras_status fail_limit(const struct input *input, uintmax_t bytes)
{
    return cam_fail(CAMERAS_ELIMIT, "%s %s: %ju bytes or more are beyond the limit of %zu", input->doing, input->path,
                    bytes, input->limit);
}

static cameras_status grow(struct input *input, size_t capacity)
{
    uint8_t *bytes = realloc(input->bytes, capacity + 1);
    if (!bytes)
        return cam_fail_memory(input->doing, capacity + 1);
    input->bytes = bytes;
    input->capacity = capacity;
    return CAMERAS_OK;
}

static cameras_status open_input(struct input *input)
{
    struct stat about;
    input->descriptor = open(input->path, O_RDONLY | O_CLOEXEC);
    if (input->descriptor < 0 || fstat(input->descriptor, &about) != 0)
        return cam_fail_errno(input->doing, input->path);
    if (S_ISDIR(about.st_mode)) {
        errno = EISDIR;
        return cam_fail_errno(input->doing, input->path);
    }
    size_t guess = input->limit < FIRST_BYTES ? input->limit : FIRST_BYTES;
    if (about.st_size > 0) {
        if ((uintmax_t)about.st_size > input->limit)
            return fail_limit(input, (uintmax_t)about.st_size);
        guess = (size_t)about.st_size;
    }
    /* One more than is expected, so that the end is met without growing. */
    return grow(input, guess + 1);
}

static cameras_status make_room(struct input *input)
{
    if (input->size < input->capacity)
        return CAMERAS_OK;
    if (input->size > input->limit)
        return fail_limit(input, input->size);
    return grow(input, input->capacity <= input->limit / 2 ? 2 * input->capacity : input->limit + 1);
}

static cameras_status read_to_end(struct input *input)
{
    for (;;) {
        cameras_status status = make_room(input);
        if (status != CAMERAS_OK)
            return status;
        ssize_t got = read(input->descriptor, input->bytes + input->size, input->capacity - input->size);
        if (got == 0)
            return CAMERAS_OK;
        if (got > 0)
            input->size += (size_t)got;
        else if (errno != EINTR)
            return cam_fail_errno(input->doing, input->path);
    }
}

cameras_status cam_file_read(uint8_t **bytes, size_t *size, const char *path, size_t limit, const char *doing)
{
    struct input input = {.descriptor = -1, .path = path, .doing = doing};
    /* Leaves room for the byte past the limit that proves a file too large, and for the NUL. */
    input.limit = limit < SIZE_MAX - 2 ? limit : SIZE_MAX - 2;
    *bytes = NULL;
    *size = 0;

    cameras_status status = open_input(&input);
    if (status == CAMERAS_OK)
        status = read_to_end(&input);
    if (status == CAMERAS_OK && input.size == 0)
        status = cam_fail(CAMERAS_EFORMAT, "%s %s: the file is empty", doing, path);
    if (status != CAMERAS_OK)
        goto done;
    input.bytes[input.size] = '\0';
    *bytes = input.bytes;
    *size = input.size;
    input.bytes = NULL;

done:
    free(input.bytes);
    if (input.descriptor >= 0)
        close(input.descriptor);
    return status;
}

/* The descriptor of a new file beside the path, its name in output->temporary; -1 with errno set on failure. */
static int create_beside(const cam_output *output, size_t room)
{
    int descriptor = -1;
    errno = EEXIST;
    for (unsigned n = 0; n < NAME_TRIES && descriptor < 0 && errno == EEXIST; n++) {
        snprintf(output->temporary, room, "%s.%ld-%u.part", output->path, (long)getpid(), n);
        descriptor = open(output->temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    }
    return descriptor;
}

cameras_status cam_output_open(cam_output *output, const char *path, const char *doing)
{
    *output = (cam_output){.path = path, .doing = doing};
    size_t room = strlen(path) + SUFFIX_BYTES;
    output->temporary = malloc(room);
    if (!output->temporary)
        return cam_fail_memory(doing, room);

    int descriptor = create_beside(output, room);
    if (descriptor < 0) {
        cameras_status status = cam_fail_errno(doing, path);
        free(output->temporary);
        output->temporary = NULL;
        return status;
    }
    output->stream = fdopen(descriptor, "wb");
    if (output->stream)
        return CAMERAS_OK;
    cameras_status status = cam_fail_errno(doing, path);
    close(descriptor);
    cam_output_abandon(output);
    return status;
}

cameras_status cam_output_commit(cam_output *output)
{
    FILE *stream = output->stream;
    output->stream = NULL;
    int broken = ferror(stream);
    errno = 0;
    broken |= fclose(stream);
    if (broken && errno == 0)
        errno = EIO;
    if (broken || rename(output->temporary, output->path) != 0) {
        cameras_status status = cam_fail_errno(output->doing, output->path);
        cam_output_abandon(output);
        return status;
    }
    free(output->temporary);
    output->temporary = NULL;
    return CAMERAS_OK;
}

void cam_output_abandon(cam_output *output)
{
    if (output->stream)
        fclose(output->stream);
    if (output->temporary)
        unlink(output->temporary);
    free(output->temporary);
    output->stream = NULL;
    output->temporary = NULL;
}
