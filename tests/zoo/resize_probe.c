/*
 * resize_probe.c - resizes the planes that come on standard input, for check_resize.py
 *
 * SPDX-License-Identifier: MIT
 *
 * Each request is five int32 of the machine's own order (filter, width and height in, width and height out) and the
 * plane's floats; the answer is the resized plane's floats. Ends with status 0 at the end of the input, 1 otherwise.
 */
#include "error.h"
#include "resize.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define SIDE_LIMIT 16384

typedef struct request {
    int32_t filter, in_width, in_height, out_width, out_height;
} request;

static int is_side(int32_t side)
{
    return side >= 1 && side <= SIDE_LIMIT;
}

static int is_sound(const request *asked)
{
    return asked->filter >= CAM_BILINEAR && asked->filter <= CAM_ANTIALIAS && is_side(asked->in_width) &&
           is_side(asked->in_height) && is_side(asked->out_width) && is_side(asked->out_height);
}

/* Reads the request's plane, resizes it and writes the answer. */
static cameras_status answer(const request *asked)
{
    const size_t in_width = (size_t)asked->in_width, in_height = (size_t)asked->in_height;
    const size_t out_width = (size_t)asked->out_width, out_height = (size_t)asked->out_height;
    const size_t in_count = in_width * in_height, out_count = out_width * out_height;
    cameras_status status = CAMERAS_OK;
    float *in = malloc(in_count * sizeof *in);
    float *out = malloc(out_count * sizeof *out);
    if (!in || !out)
        status = cam_fail_memory("probe", (in_count + out_count) * sizeof *in);
    else if (fread(in, sizeof *in, in_count, stdin) != in_count)
        status = cam_fail(CAMERAS_EFORMAT, "probe: the input ends inside a plane");
    else
        status = cam_resize_plane(out, out_width, out_height, in, in_width, in_height, (cam_filter)asked->filter);
    if (!status && fwrite(out, sizeof *out, out_count, stdout) != out_count)
        status = cam_fail(CAMERAS_EIO, "probe: the answer cannot be written");
    free(out);
    free(in);
    return status;
}

/* Answers one request; *more is 0 at the end of the input. */
static cameras_status answer_next(int *more)
{
    request asked;
    const size_t bytes = fread(&asked, 1, sizeof asked, stdin);
    *more = bytes == sizeof asked;
    if (bytes == 0)
        return CAMERAS_OK;
    if (!*more)
        return cam_fail(CAMERAS_EFORMAT, "probe: the input ends inside a request");
    if (!is_sound(&asked))
        return cam_fail(CAMERAS_EINVAL, "probe: no such filter, or a side that is not 1 to %d", SIDE_LIMIT);
    return answer(&asked);
}

int main(void)
{
    int more = 1;
    while (more) {
        if (answer_next(&more)) {
            fprintf(stderr, "%s\n", cameras_last_error());
            return EXIT_FAILURE;
        }
    }
    return EXIT_SUCCESS;
}
