/*
 * png_mutate.c - a mutator for PNG: changes bytes as libFuzzer does, then mends the check sums
 *
 * SPDX-License-Identifier: MIT
 *
 * libpng refuses a chunk whose check sum is wrong, so that what lies behind would hardly ever be reached. One mutation
 * in eight is left unmended: wrong sums are inputs too.
 */
#include <stddef.h>
#include <stdint.h>

#include <zlib.h>

size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t limit);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed);

enum {
    SIGNATURE = 8,
    AROUND = 12 /* length, type and sum of a chunk */
};

static uint32_t get32(const uint8_t *bytes)
{
    return (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8 | bytes[3];
}

static void put32(uint8_t *bytes, uint32_t value)
{
    for (int i = 0; i < 4; i++)
        bytes[i] = (uint8_t)(value >> (24 - 8 * i));
}

size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t limit, unsigned seed)
{
    size = LLVMFuzzerMutate(bytes, size, limit);
    if (seed % 8 == 0)
        return size;
    for (size_t at = SIGNATURE; at + AROUND <= size;) {
        const size_t length = get32(bytes + at);
        if (length > size - at - AROUND)
            break;
        put32(bytes + at + 8 + length, (uint32_t)crc32(0, bytes + at + 4, (uInt)length + 4));
        at += AROUND + length;
    }
    return size;
}
