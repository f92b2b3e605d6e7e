/*
 * zip.c - zip archives made in memory for the tests, byte by byte
 *
 * SPDX-License-Identifier: MIT
 */
#include "zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <zlib.h>

enum {
    MOST_RECORDS = 16,
    WIDE_ID = 1 /* of the extra field that holds numbers of 64 bits */
};

#define LOCAL   0x04034b50u
#define ENTRY   0x02014b50u
#define END64   0x06064b50u
#define LOCATOR 0x07064b50u
#define END     0x06054b50u
#define FOLLOWS 0x08074b50u

static void die(const char *reason)
{
    fprintf(stderr, "zip: %s\n", reason);
    abort();
}

void zip_append(picture *to, const void *bytes, size_t size)
{
    to->bytes = realloc(to->bytes, to->size + size + 1);
    if (!to->bytes)
        die("out of memory");
    if (size)
        memcpy(to->bytes + to->size, bytes, size);
    to->size += size;
}

static void put(picture *to, uint64_t value, int bytes)
{
    for (int i = 0; i < bytes; i++, value >>= 8)
        zip_append(to, &(uint8_t){(uint8_t)value}, 1);
}

/* What the two headers of a record have in common. */
typedef struct packed_record {
    picture bytes;
    uint32_t sum;
    uint64_t unpacked, offset;
} packed_record;

static picture deflated(const zip_record *record)
{
    const size_t most = record->size + 1024;
    picture packed = {calloc(1, most + record->spare), 0};
    z_stream stream = {.next_in = (Bytef *)record->bytes, .avail_in = (uInt)record->size, .next_out = packed.bytes};
    stream.avail_out = (uInt)most;
    if (!packed.bytes || deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        deflate(&stream, Z_FINISH) != Z_STREAM_END)
        die("cannot deflate");
    packed.size = stream.total_out + record->spare;
    deflateEnd(&stream);
    return packed;
}

/* From the flags to the length of the name; numbers that are wide are all ones. */
static void put_common(picture *to, const zip_record *record, const packed_record *packed, unsigned wide)
{
    put(to, record->flags, 2);
    put(to, record->deflated ? 8 : 0, 2);
    put(to, 0, 4); /* time and date */
    put(to, packed->sum, 4);
    put(to, wide & ZIP_WIDE_PACKED ? UINT32_MAX : packed->bytes.size, 4);
    put(to, wide & ZIP_WIDE_UNPACKED ? UINT32_MAX : packed->unpacked, 4);
    put(to, strlen(record->name), 2);
}

static void put_record(picture *to, const zip_record *record, packed_record *packed)
{
    *packed =
        (packed_record){.offset = to->size, .unpacked = record->claimed_size ? record->claimed_size : record->size};
    packed->sum = (uint32_t)crc32(0, record->bytes, (uInt)record->size);
    if (record->deflated)
        packed->bytes = deflated(record);
    else
        zip_append(&packed->bytes, record->bytes, record->size);
    put(to, LOCAL, 4);
    put(to, 20, 2);
    put_common(to, record, packed, 0);
    put(to, record->extra_size, 2);
    zip_append(to, record->name, strlen(record->name));
    zip_append(to, record->extra, record->extra_size);
    zip_append(to, packed->bytes.bytes, packed->bytes.size);
    if (record->flags & ZIP_SIZES_FOLLOW) {
        put(to, FOLLOWS, 4);
        put(to, packed->sum, 4);
        put(to, packed->bytes.size, 4);
        put(to, packed->unpacked, 4);
    }
}

/* The extra field of an entry's numbers in 64 bits, in the order that the format gives; nothing where none is. */
static picture wide_field(const zip_record *record, const packed_record *packed)
{
    picture numbers = {NULL, 0}, field = {NULL, 0};
    if (record->wide & ZIP_WIDE_UNPACKED)
        put(&numbers, packed->unpacked, 8);
    if (record->wide & ZIP_WIDE_PACKED)
        put(&numbers, packed->bytes.size, 8);
    if (record->wide & ZIP_WIDE_OFFSET)
        put(&numbers, packed->offset, 8);
    if (record->wide) {
        put(&field, WIDE_ID, 2);
        put(&field, numbers.size, 2);
        zip_append(&field, numbers.bytes, numbers.size);
    }
    picture_free(&numbers);
    return field;
}

static void put_entry(picture *to, const zip_record *record, const packed_record *packed)
{
    picture wide = wide_field(record, packed);
    put(to, ENTRY, 4);
    put(to, 20, 2);
    put(to, 20, 2);
    put_common(to, record, packed, record->wide);
    put(to, record->extra_size + wide.size, 2);
    put(to, record->comment ? strlen(record->comment) : 0, 2);
    put(to, 0, 8); /* disk, attributes */
    put(to, record->wide & ZIP_WIDE_OFFSET ? UINT32_MAX : packed->offset, 4);
    zip_append(to, record->name, strlen(record->name));
    zip_append(to, record->extra, record->extra_size);
    zip_append(to, wide.bytes, wide.size);
    zip_append(to, record->comment, record->comment ? strlen(record->comment) : 0);
    picture_free(&wide);
}

static void put_ending(picture *to, size_t count, size_t begin, zip_ending ending)
{
    const size_t end = to->size;
    if (ending == ZIP_64) {
        put(to, END64, 4);
        put(to, 44, 8);
        put(to, 45 | 45 << 16, 4);
        put(to, 0, 8);
        put(to, count, 8);
        put(to, count, 8);
        put(to, end - begin, 8);
        put(to, begin, 8);
        put(to, LOCATOR, 4);
        put(to, 0, 4);
        put(to, end, 8);
        put(to, 1, 4);
    }
    put(to, END, 4);
    put(to, 0, 4);
    put(to, count, 2);
    put(to, count, 2);
    put(to, end - begin, 4);
    put(to, begin, 4);
    put(to, 0, 2);
}

picture zip_archive(const zip_record *records, size_t count, zip_ending ending)
{
    picture made = {NULL, 0};
    packed_record packed[MOST_RECORDS];
    if (count > MOST_RECORDS)
        die("too many records");
    for (size_t i = 0; i < count; i++)
        put_record(&made, &records[i], &packed[i]);
    const size_t begin = made.size;
    for (size_t i = 0; i < count; i++) {
        put_entry(&made, &records[i], &packed[i]);
        picture_free(&packed[i].bytes);
    }
    put_ending(&made, count, begin, ending);
    return made;
}

/* ---- a field of what was made ------------------------------------------------------------------------------------ */

static const struct {
    uint32_t header;
    uint8_t at, bytes;
} fields[] = {[ZIP_LOCAL_VERSION] = {LOCAL, 4, 2},     [ZIP_LOCAL_METHOD] = {LOCAL, 8, 2},
              [ZIP_LOCAL_TIME] = {LOCAL, 10, 4},       [ZIP_LOCAL_SUM] = {LOCAL, 14, 4},
              [ZIP_LOCAL_PACKED] = {LOCAL, 18, 4},     [ZIP_LOCAL_UNPACKED] = {LOCAL, 22, 4},
              [ZIP_LOCAL_NAME] = {LOCAL, 30, 0},       [ZIP_ENTRY_VERSIONS] = {ENTRY, 4, 4},
              [ZIP_ENTRY_METHOD] = {ENTRY, 10, 2},     [ZIP_ENTRY_TIME] = {ENTRY, 12, 4},
              [ZIP_ENTRY_SUM] = {ENTRY, 16, 4},        [ZIP_ENTRY_PACKED] = {ENTRY, 20, 4},
              [ZIP_ENTRY_UNPACKED] = {ENTRY, 24, 4},   [ZIP_ENTRY_INTERNAL] = {ENTRY, 36, 2},
              [ZIP_ENTRY_EXTERNAL] = {ENTRY, 38, 4},   [ZIP_ENTRY_OFFSET] = {ENTRY, 42, 4},
              [ZIP_ENTRY_NAME] = {ENTRY, 46, 0},       [ZIP_END64_VERSIONS] = {END64, 12, 4},
              [ZIP_END64_COUNT_HERE] = {END64, 24, 8}, [ZIP_END64_COUNT] = {END64, 32, 8},
              [ZIP_END64_BYTES] = {END64, 40, 8},      [ZIP_END64_OFFSET] = {END64, 48, 8},
              [ZIP_LOCATOR_OFFSET] = {LOCATOR, 8, 8},  [ZIP_END_COUNT_HERE] = {END, 8, 2},
              [ZIP_END_COUNT] = {END, 10, 2},          [ZIP_END_BYTES] = {END, 12, 4},
              [ZIP_END_OFFSET] = {END, 16, 4},         [ZIP_END_COMMENT_LENGTH] = {END, 20, 2}};

size_t zip_place(const picture *made, zip_field field, size_t index)
{
    picture signature = {NULL, 0};
    const uint8_t *found = NULL, *end = made->bytes + made->size;
    put(&signature, fields[field].header, 4);
    for (size_t i = 0; i <= index; i++) {
        const uint8_t *from = found ? found + 4 : made->bytes;
        found = memmem(from, (size_t)(end - from), signature.bytes, 4);
        if (!found)
            die("no such header");
    }
    picture_free(&signature);
    return (size_t)(found - made->bytes) + fields[field].at;
}

uint64_t zip_get(const picture *made, zip_field field, size_t index)
{
    const uint8_t *bytes = made->bytes + zip_place(made, field, index);
    uint64_t value = 0;
    for (int i = fields[field].bytes; i--;)
        value = value << 8 | bytes[i];
    return value;
}

void zip_set(picture *made, zip_field field, size_t index, uint64_t value)
{
    uint8_t *bytes = made->bytes + zip_place(made, field, index);
    for (int i = 0; i < fields[field].bytes; i++, value >>= 8)
        bytes[i] = (uint8_t)value;
}
