/*
 * archive.c - whether a zip archive, which is what a TorchScript file is, is whole and undamaged
 *
 * SPDX-License-Identifier: MIT
 *
 * LibTorch trusts an archive: it reads records without comparing their check sums, believes the sizes in them, and so
 * takes damage for other weights, or walks past the end of its memory. Here everything that it will rely on is looked
 * at first (the zip format: PKWARE's APPNOTE.TXT, sections 4.3 to 4.5). Records must follow each other without
 * overlapping, so that no archive takes longer than its length; memory is that of one buffer, whatever the archive
 * says.
 */
#include "archive.h"

#include "error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <zlib.h>

enum {
    END_BYTES = 22,
    LOCATOR_BYTES = 20,
    END64_BYTES = 56,
    ENTRY_BYTES = 46,
    LOCAL_BYTES = 30,
    STORED = 0,
    DEFLATED = 8,
    SIZES_FOLLOW = 1 << 3,              /* the local header leaves them out */
    KNOWN_FLAGS = SIZES_FOLLOW | 0x806, /* and how hard the packer tried, and names in UTF-8 */
    FOLDER = 0x10,                      /* of the attributes, as MS-DOS has them */
    MOST_RATIO = 1032,                  /* deflate: at least two bits for a match of at most 258 bytes */
    MOST_TEXT = 65536,                  /* a name or an extra field is shorter */
    CHUNK = 65536
};

#define END_SIGNATURE     0x06054b50u
#define LOCATOR_SIGNATURE 0x07064b50u
#define END64_SIGNATURE   0x06064b50u
#define ENTRY_SIGNATURE   0x02014b50u
#define LOCAL_SIGNATURE   0x04034b50u

static const char doing[] = "open model";

/* What is read from: a file, or memory where descriptor is -1. */
typedef struct source {
    int descriptor;
    const uint8_t *bytes;
    uint64_t size;
    const char *subject;
} source;

/* A record as the directory has it. */
typedef struct record {
    unsigned flags, method;
    uint32_t sum, attributes;
    uint64_t packed, unpacked, offset;
    size_t name_length, extra_length, comment_length;
} record;

typedef struct walk {
    source from;
    uint64_t directory, directory_end, count;
    uint64_t records_end;
    uint64_t free_from; /* the first byte that no record has taken */
    uint64_t unpacked;  /* by compressed records so far */
    uint8_t name[MOST_TEXT], text[MOST_TEXT], chunk[CHUNK];
} walk;

static uint32_t get(const uint8_t *bytes, int count)
{
    uint32_t value = 0;
    while (count--)
        value = value << 8 | bytes[count];
    return value;
}

static uint64_t get64(const uint8_t *bytes)
{
    return get(bytes, 4) | (uint64_t)get(bytes + 4, 4) << 32;
}

static cameras_status damaged(const source *from, const char *reason)
{
    return cam_fail(CAMERAS_EFORMAT,
                    "open model %s: not a TorchScript model, or a damaged one: %s; copy it again, or save it again "
                    "with torch.jit.save",
                    from->subject, reason);
}

/* ---- reading ---------------------------------------------------------------------------------------------------- */

static cameras_status read_file(void *to, const source *from, uint64_t at, size_t size)
{
    for (size_t done = 0; done < size;) {
        const ssize_t got = pread(from->descriptor, (uint8_t *)to + done, size - done, (off_t)(at + done));
        if (got == 0)
            return damaged(from, "it ends too early");
        if (got < 0 && errno != EINTR)
            return cam_fail_errno("open model", from->subject);
        done += got > 0 ? (size_t)got : 0;
    }
    return CAMERAS_OK;
}

/* Exactly size bytes from at. */
static cameras_status read_at(void *to, const source *from, uint64_t at, size_t size)
{
    if (at > from->size || size > from->size - at)
        return damaged(from, "it ends too early");
    if (from->descriptor >= 0)
        return read_file(to, from, at, size);
    memcpy(to, from->bytes + at, size);
    return CAMERAS_OK;
}

/* ---- where the directory is ------------------------------------------------------------------------------------- */

/* What the end record says, in 32 bits or in 64. */
typedef struct ending {
    uint64_t count, bytes, offset;
} ending;

/* The end record; torch.jit.save puts no comment behind it. */
static cameras_status read_ending(ending *out, const source *from)
{
    uint8_t end[END_BYTES];
    if (from->size < END_BYTES)
        return damaged(from, "it ends too early");
    const cameras_status status = read_at(end, from, from->size - END_BYTES, sizeof end);
    if (status != CAMERAS_OK)
        return status;
    if (get(end, 4) != END_SIGNATURE || get(end + 20, 2) != 0)
        return damaged(
            from, "it does not end as an archive does: it was cut short, or a comment or something else was appended");
    if (get(end + 4, 2) != 0 || get(end + 6, 2) != 0 || get(end + 8, 2) != get(end + 10, 2))
        return damaged(from, "it is one of several parts");
    *out = (ending){get(end + 10, 2), get(end + 12, 4), get(end + 16, 4)};
    return CAMERAS_OK;
}

/* A number in 32 bits is that in 64, or all ones where it does not fit. */
static int agree(uint64_t narrow, uint64_t wide, uint64_t ones)
{
    return narrow == wide || narrow == ones;
}

/* The end record in 64 bits, which all of torch.jit.save's have and LibTorch prefers; at is its place. */
static cameras_status read_ending64(ending *all, const source *from, uint64_t at)
{
    uint8_t end[END64_BYTES];
    const cameras_status status = read_at(end, from, at, sizeof end);
    if (status != CAMERAS_OK)
        return status;
    const ending wide = {get64(end + 32), get64(end + 40), get64(end + 48)};
    if (get(end, 4) != END64_SIGNATURE || get64(end + 4) != END64_BYTES - 12 || get64(end + 16) != 0 ||
        get64(end + 24) != wide.count || !agree(all->count, wide.count, UINT16_MAX) ||
        !agree(all->bytes, wide.bytes, UINT32_MAX) || !agree(all->offset, wide.offset, UINT32_MAX))
        return damaged(from, "the records that end it disagree");
    *all = wide;
    return CAMERAS_OK;
}

/* Where the first end record begins, which is where the directory ends: of 64 bits where there is one. */
static cameras_status settle_ending(uint64_t *begin, ending *all, const source *from)
{
    uint8_t locator[LOCATOR_BYTES] = {0};
    cameras_status status = CAMERAS_OK;
    *begin = from->size - END_BYTES;
    if (*begin >= LOCATOR_BYTES + END64_BYTES)
        status = read_at(locator, from, *begin - LOCATOR_BYTES, sizeof locator);
    if (status != CAMERAS_OK || get(locator, 4) != LOCATOR_SIGNATURE)
        return status;
    *begin -= LOCATOR_BYTES + END64_BYTES;
    if (get64(locator + 8) != *begin || get(locator + 4, 4) != 0 || get(locator + 16, 4) != 1)
        return damaged(from, "the records that end it are not where they should be");
    return read_ending64(all, from, *begin);
}

static cameras_status locate(walk *own)
{
    ending all = {0, 0, 0};
    uint64_t begin = 0;
    cameras_status status = read_ending(&all, &own->from);
    if (status == CAMERAS_OK)
        status = settle_ending(&begin, &all, &own->from);
    if (status != CAMERAS_OK)
        return status;
    if (all.offset > begin || all.bytes != begin - all.offset)
        return damaged(&own->from, "its directory is not where it should be");
    if (all.count == 0 || all.count > all.bytes / ENTRY_BYTES)
        return damaged(&own->from, "its directory does not hold what it should");
    own->directory = all.offset;
    own->directory_end = begin;
    own->records_end = all.offset;
    own->count = all.count;
    return CAMERAS_OK;
}

/* ---- a record's entry in it ------------------------------------------------------------------------------------- */

/* Of an entry's extra fields, that of 64 bits, which holds in this order the numbers that are all ones in the entry. */
static int widen(record *entry, const uint8_t *extra)
{
    uint64_t *const numbers[] = {&entry->unpacked, &entry->packed, &entry->offset};
    for (size_t at = 0; at + 4 <= entry->extra_length;) {
        const size_t id = get(extra + at, 2), end = at + 4 + get(extra + at + 2, 2);
        if (end > entry->extra_length)
            return 0;
        at += 4;
        for (size_t i = 0; id == 1 && i < 3; i++)
            if (*numbers[i] == UINT32_MAX) {
                if (end - at < 8)
                    return 0;
                *numbers[i] = get64(extra + at);
                at += 8;
            }
        at = end;
    }
    return 1;
}

static record parse_entry(const uint8_t *bytes)
{
    return (record){.flags = get(bytes + 8, 2),
                    .method = get(bytes + 10, 2),
                    .sum = get(bytes + 16, 4),
                    .packed = get(bytes + 20, 4),
                    .unpacked = get(bytes + 24, 4),
                    .name_length = get(bytes + 28, 2),
                    .extra_length = get(bytes + 30, 2),
                    .comment_length = get(bytes + 32, 2),
                    .attributes = get(bytes + 38, 4),
                    .offset = get(bytes + 42, 4)};
}

/* The next entry, its name in own->name; goes on behind it. */
static cameras_status read_entry(record *entry, walk *own)
{
    uint8_t bytes[ENTRY_BYTES];
    const source *from = &own->from;
    cameras_status status = read_at(bytes, from, own->directory, sizeof bytes);
    if (status != CAMERAS_OK)
        return status;
    if (get(bytes, 4) != ENTRY_SIGNATURE || get(bytes + 34, 2) != 0)
        return damaged(from, "its directory is broken");
    *entry = parse_entry(bytes);
    own->directory += ENTRY_BYTES;
    status = read_at(own->name, from, own->directory, entry->name_length);
    if (status == CAMERAS_OK)
        status = read_at(own->text, from, own->directory + entry->name_length, entry->extra_length);
    if (status == CAMERAS_OK && !widen(entry, own->text))
        return damaged(from, "its directory is broken");
    own->directory += entry->name_length + entry->extra_length + entry->comment_length;
    return status;
}

/* ---- the record itself ------------------------------------------------------------------------------------------ */

/* The header before a record repeats what the directory says; sum and sizes may each be left to what follows it. */
static int local_agrees(const uint8_t *local, const record *entry)
{
    const uint32_t sum = get(local + 14, 4), packed = get(local + 18, 4), unpacked = get(local + 22, 4);
    const int left = (entry->flags & SIZES_FOLLOW) != 0;
    return get(local, 4) == LOCAL_SIGNATURE && get(local + 6, 2) == entry->flags &&
           get(local + 8, 2) == entry->method && get(local + 26, 2) == entry->name_length &&
           (sum == entry->sum || (left && !sum)) && (agree(packed, entry->packed, UINT32_MAX) || (left && !packed)) &&
           (agree(unpacked, entry->unpacked, UINT32_MAX) || (left && !unpacked));
}

/* Where the record's bytes begin. */
static cameras_status find_record(uint64_t *begin, walk *own, const record *entry)
{
    uint8_t local[LOCAL_BYTES];
    const source *from = &own->from;
    cameras_status status = read_at(local, from, entry->offset, sizeof local);
    if (status == CAMERAS_OK && !local_agrees(local, entry))
        return damaged(from, "a record does not agree with the directory");
    if (status == CAMERAS_OK)
        status = read_at(own->text, from, entry->offset + LOCAL_BYTES, entry->name_length);
    if (status == CAMERAS_OK && memcmp(own->text, own->name, entry->name_length) != 0)
        return damaged(from, "a record does not bear the name that the directory has");
    *begin = entry->offset + LOCAL_BYTES + entry->name_length + get(local + 28, 2);
    return status;
}

static cameras_status sum_stored(uint32_t *sum, walk *own, uint64_t at, const record *entry)
{
    cameras_status status = CAMERAS_OK;
    for (uint64_t left = entry->packed; left && status == CAMERAS_OK;) {
        const size_t size = left < CHUNK ? (size_t)left : CHUNK;
        status = read_at(own->chunk, &own->from, at, size);
        if (status == CAMERAS_OK)
            *sum = (uint32_t)crc32(*sum, own->chunk, (uInt)size);
        at += size;
        left -= size;
    }
    return status;
}

/* The next bytes of a compressed record, where zlib has used up those before. */
static cameras_status feed(z_stream *stream, walk *own, uint64_t *at, uint64_t end)
{
    if (stream->avail_in || *at == end)
        return CAMERAS_OK;
    const size_t size = end - *at < CHUNK ? (size_t)(end - *at) : CHUNK;
    const cameras_status status = read_at(own->chunk, &own->from, *at, size);
    stream->next_in = own->chunk;
    stream->avail_in = status == CAMERAS_OK ? (uInt)size : 0;
    *at += size;
    return status;
}

/* Unpacks as far as the record says it goes, keeping nothing. */
static cameras_status sum_unpacked(uint32_t *sum, z_stream *stream, walk *own, uint64_t at, const record *entry)
{
    const uint64_t end = at + entry->packed;
    uint64_t unpacked = 0;
    int result = Z_OK;
    while (result == Z_OK && unpacked <= entry->unpacked) {
        const cameras_status status = feed(stream, own, &at, end);
        if (status != CAMERAS_OK)
            return status;
        stream->next_out = own->text;
        stream->avail_out = MOST_TEXT;
        result = inflate(stream, Z_NO_FLUSH);
        *sum = (uint32_t)crc32(*sum, own->text, MOST_TEXT - stream->avail_out);
        unpacked += MOST_TEXT - stream->avail_out;
    }
    if (result == Z_MEM_ERROR)
        return cam_fail_memory(doing, 1 << MAX_WBITS);
    return result == Z_STREAM_END && at == end && !stream->avail_in && unpacked == entry->unpacked
               ? CAMERAS_OK
               : damaged(&own->from, "a compressed record cannot be unpacked");
}

/* A size that nothing could unpack to is damage; one that something could may still be too large. */
static cameras_status check_unpacked(walk *own, const record *entry)
{
    if (entry->unpacked / MOST_RATIO + (entry->unpacked % MOST_RATIO != 0) > entry->packed)
        return damaged(&own->from, "a compressed record cannot be unpacked to the size that it says");
    if (entry->unpacked > CAM_ARCHIVE_UNPACKED_BYTES - own->unpacked)
        return cam_fail(
            CAMERAS_ELIMIT,
            "open model %s: the archive's compressed records unpack to more than %d bytes; torch.jit.save compresses "
            "only code: save the model with it again",
            own->from.subject, CAM_ARCHIVE_UNPACKED_BYTES);
    own->unpacked += entry->unpacked;
    return CAMERAS_OK;
}

static cameras_status sum_deflated(uint32_t *sum, walk *own, uint64_t at, const record *entry)
{
    z_stream stream = {0};
    cameras_status status = check_unpacked(own, entry);
    if (status != CAMERAS_OK)
        return status;
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK)
        return cam_fail_memory(doing, 1 << MAX_WBITS);
    status = sum_unpacked(sum, &stream, own, at, entry);
    inflateEnd(&stream);
    return status;
}

static cameras_status check_sum(walk *own, uint64_t begin, const record *entry)
{
    uint32_t sum = 0;
    cameras_status status = CAMERAS_OK;
    if (entry->method == STORED && entry->packed == entry->unpacked)
        status = sum_stored(&sum, own, begin, entry);
    else if (entry->method == DEFLATED)
        status = sum_deflated(&sum, own, begin, entry);
    else
        return damaged(&own->from, "a record is neither stored as it is nor deflated");
    return status != CAMERAS_OK || sum == entry->sum ? status
                                                     : damaged(&own->from, "a record does not have its check sum");
}

/* LibTorch unpacks nothing for a folder, calls that success, and leaves the memory for it as it was. */
static int is_folder(const walk *own, const record *entry)
{
    return (entry->attributes & FOLDER) || (entry->name_length && own->name[entry->name_length - 1] == '/');
}

static cameras_status check_record(walk *own, const record *entry)
{
    uint64_t begin = 0;
    if (entry->flags & ~(unsigned)KNOWN_FLAGS)
        return damaged(&own->from, "a record is encrypted, or of an unknown kind");
    if (entry->unpacked && is_folder(own, entry))
        return damaged(&own->from, "a record is a folder that holds something");
    if (entry->offset < own->free_from)
        return damaged(&own->from, "records overlap, or are not in the directory's order");
    cameras_status status = find_record(&begin, own, entry);
    if (status != CAMERAS_OK)
        return status;
    if (begin > own->records_end || entry->packed > own->records_end - begin)
        return damaged(&own->from, "a record is longer than the archive");
    own->free_from = begin + entry->packed;
    return check_sum(own, begin, entry);
}

/* ---- the whole -------------------------------------------------------------------------------------------------- */

static cameras_status check_opening(const source *from)
{
    uint8_t opening[2];
    const cameras_status status = read_at(opening, from, 0, sizeof opening);
    if (status == CAMERAS_EFORMAT || (status == CAMERAS_OK && memcmp(opening, "PK", 2) != 0))
        return cam_fail(CAMERAS_EFORMAT,
                        "open model %s: not a TorchScript archive; make one with torch.jit.trace or torch.jit.script "
                        "and save",
                        from->subject);
    return status;
}

static cameras_status check_records(walk *own)
{
    cameras_status status = check_opening(&own->from);
    if (status == CAMERAS_OK)
        status = locate(own);
    for (uint64_t i = 0; i < own->count && status == CAMERAS_OK; i++) {
        record entry;
        status = read_entry(&entry, own);
        if (status == CAMERAS_OK)
            status = check_record(own, &entry);
    }
    return status == CAMERAS_OK && own->directory != own->directory_end
               ? damaged(&own->from, "its directory is longer or shorter than it should be")
               : status;
}

static cameras_status check(source from)
{
    walk *own = malloc(sizeof *own);
    if (!own)
        return cam_fail_memory(doing, sizeof *own);
    own->from = from;
    own->count = own->free_from = own->unpacked = 0;
    const cameras_status status = check_records(own);
    free(own);
    return status;
}

cameras_status cam_archive_check_file(const char *path)
{
    struct stat about;
    const int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return cam_fail_errno("open model", path);
    cameras_status status;
    if (fstat(descriptor, &about) != 0)
        status = cam_fail_errno("open model", path);
    else
        status = check((source){.descriptor = descriptor, .size = (uint64_t)about.st_size, .subject = path});
    close(descriptor);
    return status;
}

cameras_status cam_archive_check_memory(const void *bytes, size_t size, const char *subject)
{
    return check((source){.descriptor = -1, .bytes = bytes, .size = size, .subject = subject});
}
