/*
 * png.c - fuzz target: PNG pictures
 *
 * SPDX-License-Identifier: MIT
 */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size)
        read_picture(bytes, size);
    return 0;
}
