/*
 * zip.h - zip archives made in memory for the tests, byte by byte
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef ZIP_H
#define ZIP_H

#include "pictures.h"

enum {
    ZIP_SIZES_FOLLOW = 1 << 3, /* of the flags: sum and sizes stand behind the record too */
    ZIP_WIDE_UNPACKED = 1,
    ZIP_WIDE_PACKED = 2,
    ZIP_WIDE_OFFSET = 4
};

/* One record of an archive; every number that is written may be told otherwise than it is. */
typedef struct zip_record {
    const char *name;
    const void *bytes;
    size_t size;
    int deflated;
    size_t spare;        /* zeros behind a deflated record, which its packed size counts */
    size_t claimed_size; /* unpacked, where it is not 0 */
    unsigned flags;
    unsigned wide;     /* ZIP_WIDE_*: what the directory has in 64 bits, in an extra field, and all ones in 32 */
    const void *extra; /* other extra fields, before that one and in the record's own header; NULL: none */
    size_t extra_size;
    const char *comment; /* in the directory; NULL: none */
} zip_record;

typedef enum zip_ending {
    ZIP_32,
    ZIP_64 /* an end record of 64 bits besides, as torch.jit.save writes */
} zip_ending;

/* An archive of these records, its sums and sizes in the headers too; freed by picture_free. */
picture zip_archive(const zip_record *records, size_t count, zip_ending ending);

/*
 * The numbers of the headers: LOCAL stands before a record, ENTRY in the directory; END64, LOCATOR and END end the
 * archive, the first two where it has 64 bits.
 */
typedef enum zip_field {
    ZIP_LOCAL_VERSION,
    ZIP_LOCAL_METHOD,
    ZIP_LOCAL_TIME,
    ZIP_LOCAL_SUM,
    ZIP_LOCAL_PACKED,
    ZIP_LOCAL_UNPACKED,
    ZIP_LOCAL_NAME, /* a place alone, as in the directory */
    ZIP_ENTRY_VERSIONS,
    ZIP_ENTRY_METHOD,
    ZIP_ENTRY_TIME,
    ZIP_ENTRY_SUM,
    ZIP_ENTRY_PACKED,
    ZIP_ENTRY_UNPACKED,
    ZIP_ENTRY_INTERNAL,
    ZIP_ENTRY_EXTERNAL,
    ZIP_ENTRY_OFFSET,
    ZIP_ENTRY_NAME,
    ZIP_END64_VERSIONS,
    ZIP_END64_COUNT_HERE,
    ZIP_END64_COUNT,
    ZIP_END64_BYTES,
    ZIP_END64_OFFSET,
    ZIP_LOCATOR_OFFSET,
    ZIP_END_COUNT_HERE,
    ZIP_END_COUNT,
    ZIP_END_BYTES,
    ZIP_END_OFFSET,
    ZIP_END_COMMENT_LENGTH
} zip_field;

/* Where a field of header number index is, from 0; the header must be there. */
size_t zip_place(const picture *made, zip_field field, size_t index);

/* What it holds; zip_set changes that alone. */
uint64_t zip_get(const picture *made, zip_field field, size_t index);
void zip_set(picture *made, zip_field field, size_t index, uint64_t value);

/* Puts bytes behind what there is. */
void zip_append(picture *to, const void *bytes, size_t size);

#endif
