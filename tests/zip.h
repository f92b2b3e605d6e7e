/*
 * zip.h - zip archives made in memory for the tests, byte by byte
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef ZIP_H
#define ZIP_H

#include "pictures.h"

/* One record of an archive; every number that is written may be told otherwise than it is. */
typedef struct zip_record {
    const char *name;
    const void *bytes;
    size_t size;
    int deflated;
    size_t claimed_size; /* unpacked, where it is not 0 */
    unsigned flags;
} zip_record;

typedef enum zip_ending {
    ZIP_32,
    ZIP_64 /* an end record of 64 bits besides, as torch.jit.save writes */
} zip_ending;

/* An archive of these records, its sums and sizes in the headers too; freed by picture_free. */
picture zip_archive(const zip_record *records, size_t count, zip_ending ending);

#endif
