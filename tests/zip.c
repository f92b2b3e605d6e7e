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
    MOST_RECORDS = 16
};

static void die(const char *reason)
{
    fprintf(stderr, "zip: %s\n", reason);
    abort();
}

static void append(picture *to, const void *bytes, size_t size)
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
        append(to, &(uint8_t){(uint8_t)value}, 1);
}

/* What the two headers of a record have in common. */
typedef struct packed_record {
    picture bytes;
    uint32_t sum;
    size_t unpacked, offset;
} packed_record;

static picture deflated(const zip_record *record)
{
    picture packed = {malloc(record->size + 1024), record->size + 1024};
    z_stream stream = {.next_in = (Bytef *)record->bytes, .avail_in = (uInt)record->size, .next_out = packed.bytes};
    stream.avail_out = (uInt)packed.size;
    if (!packed.bytes || deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY) != Z_OK ||
        deflate(&stream, Z_FINISH) != Z_STREAM_END)
        die("cannot deflate");
    packed.size = stream.total_out;
    deflateEnd(&stream);
    return packed;
}

static void put_common(picture *to, const zip_record *record, const packed_record *packed)
{
    put(to, 20, 2);
    put(to, record->flags, 2);
    put(to, record->deflated ? 8 : 0, 2);
    put(to, 0, 4); /* time and date */
    put(to, packed->sum, 4);
    put(to, packed->bytes.size, 4);
    put(to, packed->unpacked, 4);
    put(to, strlen(record->name), 2);
    put(to, 0, 2);
}

static void put_record(picture *to, const zip_record *record, packed_record *packed)
{
    *packed =
        (packed_record){.offset = to->size, .unpacked = record->claimed_size ? record->claimed_size : record->size};
    packed->sum = (uint32_t)crc32(0, record->bytes, (uInt)record->size);
    if (record->deflated)
        packed->bytes = deflated(record);
    else
        append(&packed->bytes, record->bytes, record->size);
    put(to, 0x04034b50, 4);
    put_common(to, record, packed);
    append(to, record->name, strlen(record->name));
    append(to, packed->bytes.bytes, packed->bytes.size);
}

static void put_entry(picture *to, const zip_record *record, const packed_record *packed)
{
    put(to, 0x02014b50, 4);
    put(to, 20, 2);
    put_common(to, record, packed);
    put(to, 0, 10); /* comment, disk, attributes */
    put(to, packed->offset, 4);
    append(to, record->name, strlen(record->name));
}

static void put_ending(picture *to, size_t count, size_t begin, zip_ending ending)
{
    const size_t end = to->size;
    if (ending == ZIP_64) {
        put(to, 0x06064b50, 4);
        put(to, 44, 8);
        put(to, 45 | 45 << 16, 4);
        put(to, 0, 8);
        put(to, count, 8);
        put(to, count, 8);
        put(to, end - begin, 8);
        put(to, begin, 8);
        put(to, 0x07064b50, 4);
        put(to, 0, 4);
        put(to, end, 8);
        put(to, 1, 4);
    }
    put(to, 0x06054b50, 4);
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
