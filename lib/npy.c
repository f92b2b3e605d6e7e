/*
 * npy.c - NumPy's array files (numpy.lib.format): format 1.0 written, 1.0 to 3.0 read
 *
 * SPDX-License-Identifier: MIT
 *
 * The header is the text of a Python dictionary with three entries, which NumPy writes in one way but reads in many;
 * what is read here is that dictionary with its entries in any order, and no other Python.
 */
#include "npy.h"

#include "error.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
    PREAMBLE = 10,
    ALIGNMENT = 64,
    HEADER_BYTES = 2 * ALIGNMENT
};

#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "the floats in memory are written and read as they are; a big-endian port must swap them"
#endif

/* ---- writing ---------------------------------------------------------------------------------------------------- */

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
        return cam_fail_errno(output->doing, output->path);
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

/* ---- the header ------------------------------------------------------------------------------------------------- */

enum {
    MAX_DIMENSIONS = 32,
    TYPE_BYTES = 16
};

/* What a header says, and where reading it has come to. */
typedef struct header {
    const char *at, *end;
    const char *subject;
    char type[TYPE_BYTES];
    int fortran_order;
    size_t shape[MAX_DIMENSIONS], dimensions;
    int has_type, has_order, has_shape;
} header;

static cameras_status refuse(const char *subject, const char *reason)
{
    return cam_fail(CAMERAS_EFORMAT, "read map %s: %s", subject, reason);
}

static void skip_spaces(header *own)
{
    while (own->at < own->end && isspace((unsigned char)*own->at))
        own->at++;
}

/* Takes a character, whatever space stands before it. */
static int take(header *own, char wanted)
{
    skip_spaces(own);
    if (own->at == own->end || *own->at != wanted)
        return 0;
    own->at++;
    return 1;
}

static int take_word(header *own, const char *word)
{
    const size_t length = strlen(word);
    skip_spaces(own);
    if ((size_t)(own->end - own->at) < length || memcmp(own->at, word, length) != 0)
        return 0;
    own->at += length;
    return 1;
}

/* A text in either kind of quotes, without escapes. 0: none, or one that is too long. */
static int take_text(char *text, size_t room, header *own)
{
    const char quote = take(own, '\'') ? '\'' : '"';
    if (quote == '"' && !take(own, quote))
        return 0;
    size_t length = 0;
    for (; own->at < own->end && *own->at != quote && isprint((unsigned char)*own->at) && length + 1 < room; own->at++)
        text[length++] = *own->at;
    text[length] = '\0';
    return own->at < own->end && *own->at++ == quote; /* no spaces to be skipped here */
}

static int take_count(size_t *out, header *own)
{
    skip_spaces(own);
    const char *first = own->at;
    for (*out = 0; own->at < own->end && isdigit((unsigned char)*own->at); own->at++)
        if (__builtin_mul_overflow(*out, 10, out) || __builtin_add_overflow(*out, (size_t)(*own->at - '0'), out))
            return 0;
    return own->at != first;
}

static int take_shape(header *own)
{
    if (!take(own, '('))
        return 0;
    for (own->dimensions = 0; !take(own, ')'); own->dimensions++) {
        if (own->dimensions == MAX_DIMENSIONS || !take_count(&own->shape[own->dimensions], own))
            return 0;
        if (!take(own, ',') && (own->at == own->end || *own->at != ')'))
            return 0;
    }
    return 1;
}

static int take_order(header *own)
{
    own->fortran_order = take_word(own, "True");
    return own->fortran_order || take_word(own, "False");
}

static int take_entry(header *own)
{
    char key[TYPE_BYTES];
    if (!take_text(key, sizeof key, own) || !take(own, ':'))
        return 0;
    if (strcmp(key, "descr") == 0)
        return own->has_type = take_text(own->type, sizeof own->type, own);
    if (strcmp(key, "fortran_order") == 0)
        return own->has_order = take_order(own);
    if (strcmp(key, "shape") == 0)
        return own->has_shape = take_shape(own);
    return 0;
}

static cameras_status read_dictionary(header *own)
{
    int good = take(own, '{');
    while (good && !take(own, '}')) {
        good = take_entry(own);
        if (good && !take(own, ','))
            good = own->at < own->end && *own->at == '}';
    }
    skip_spaces(own);
    if (!good || own->at != own->end || !own->has_type || !own->has_order || !own->has_shape)
        return refuse(own->subject, "the header is not that of an array of numbers");
    return CAMERAS_OK;
}

/* Where the header's text begins and ends. */
static cameras_status find_header(header *own, const uint8_t *bytes, size_t size)
{
    const size_t version = size > 6 ? bytes[6] : 0, preamble = version == 1 ? PREAMBLE : PREAMBLE + 2;
    if (size < preamble)
        return refuse(own->subject, "the array is cut short");
    if (version < 1 || version > 3)
        return refuse(own->subject, "a version of NumPy's format that is not known");
    size_t length = (size_t)bytes[8] | (size_t)bytes[9] << 8;
    if (version > 1)
        length |= (size_t)bytes[10] << 16 | (size_t)bytes[11] << 24;
    if (length > size - preamble)
        return refuse(own->subject, "the array is cut short");
    own->at = (const char *)bytes + preamble;
    own->end = own->at + length;
    return CAMERAS_OK;
}

/* ---- the data ---------------------------------------------------------------------------------------------------- */

/* Bytes of a value, or 0 for a type that is not read. */
static size_t value_bytes(const char *type)
{
    return strcmp(type, "<f4") == 0 ? sizeof(float) : strcmp(type, "<f8") == 0 ? sizeof(double) : 0;
}

static cameras_status check_kind(const header *own)
{
    if (own->type[0] == '>')
        return cam_fail(CAMERAS_EFORMAT,
                        "read map %s: values of type %s are big-endian; save them as float32 of this machine",
                        own->subject, own->type);
    if (!value_bytes(own->type))
        return cam_fail(CAMERAS_EFORMAT, "read map %s: values of type %s; float32 and float64 are read", own->subject,
                        own->type);
    if (own->dimensions != 2)
        return cam_fail(CAMERAS_EFORMAT, "read map %s: an array of %zu dimensions; a map has height and width",
                        own->subject, own->dimensions);
    if (own->fortran_order)
        return refuse(own->subject, "the array is in Fortran order; save numpy.ascontiguousarray of it");
    return own->shape[0] && own->shape[1] ? CAMERAS_OK : refuse(own->subject, "the array is empty");
}

static cameras_status check_length(const header *own, size_t left)
{
    size_t bytes = 0;
    if (__builtin_mul_overflow(own->shape[0], own->shape[1], &bytes) ||
        __builtin_mul_overflow(bytes, value_bytes(own->type), &bytes) || bytes > left)
        return refuse(own->subject, "the array is cut short");
    return bytes == left ? CAMERAS_OK : refuse(own->subject, "more bytes follow the array");
}

static void copy_values(float *values, const header *own, size_t count)
{
    if (value_bytes(own->type) == sizeof(float)) {
        memcpy(values, own->end, count * sizeof *values);
        return;
    }
    for (size_t i = 0; i < count; i++) {
        double value;
        memcpy(&value, own->end + i * sizeof value, sizeof value);
        values[i] = (float)value;
    }
}

int cam_npy_recognise(const uint8_t *bytes, size_t size)
{
    return size >= 6 && memcmp(bytes, "\x93NUMPY", 6) == 0;
}

cameras_status cam_npy_read(float **values, size_t *rows, size_t *columns, const uint8_t *bytes, size_t size,
                            const char *subject)
{
    header own = {.subject = subject};
    *values = NULL;
    cameras_status status = find_header(&own, bytes, size);
    if (status == CAMERAS_OK)
        status = read_dictionary(&own);
    if (status == CAMERAS_OK)
        status = check_kind(&own);
    if (status == CAMERAS_OK)
        status = check_length(&own, size - (size_t)(own.end - (const char *)bytes));
    if (status != CAMERAS_OK)
        return status;
    const size_t count = own.shape[0] * own.shape[1];
    *values = malloc(count * sizeof **values);
    if (!*values)
        return cam_fail_memory("read map", count * sizeof **values);
    copy_values(*values, &own, count);
    *rows = own.shape[0];
    *columns = own.shape[1];
    return CAMERAS_OK;
}
