/*
 * npy.c - NumPy's array files, format 1.0 (numpy.lib.format)
 *
 * SPDX-License-Identifier: MIT
 */
#include "npy.h"

#include "error.h"

#include <errno.h>
#include <string.h>

enum {
    PREAMBLE = 10,
    ALIGNMENT = 64,
    HEADER_BYTES = 2 * ALIGNMENT
};

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the floats in memory are written as they are; a big-endian port must swap them"
#endif

/* The magic, the version, the header's length, and the header padded so that the data begin on a multiple of 64. */
static void make_header(char header[HEADER_BYTES], const char *shape)
{
    char text[HEADER_BYTES - PREAMBLE];
    const int length = snprintf(text, sizeof text, "{'descr': '<f4', 'fortran_order': False, 'shape': (%s), }", shape);
    memset(header, ' ', HEADER_BYTES);
    memcpy(header, "\x93NUMPY\x01\x00\x76\x00", PREAMBLE); /* 0x76 = HEADER_BYTES - PREAMBLE */
    memcpy(header + PREAMBLE, text, (size_t)length);
    header[HEADER_BYTES - 1] = '\n';
}

static cameras_status write_shaped(cam_output *output, const float *values, size_t count, const char *shape)
{
    char header[HEADER_BYTES];
    make_header(header, shape);
    if (fwrite(header, 1, HEADER_BYTES, output->stream) != HEADER_BYTES ||
        fwrite(values, sizeof *values, count, output->stream) != count)
        return cam_fail(CAMERAS_EIO, "%s %s: %s", output->doing, output->path, strerror(errno));
    return CAMERAS_OK;
}

cameras_status cam_npy_write(cam_output *output, const float *values, size_t rows, size_t columns)
{
    char shape[64];
    snprintf(shape, sizeof shape, "%zu, %zu", rows, columns);
    return write_shaped(output, values, rows * columns, shape);
}

cameras_status cam_npy_write_planes(cam_output *output, const float *values, size_t planes, size_t rows, size_t columns)
{
    char shape[64];
    snprintf(shape, sizeof shape, "%zu, %zu, %zu", planes, rows, columns);
    return write_shaped(output, values, planes * rows * columns, shape);
}
