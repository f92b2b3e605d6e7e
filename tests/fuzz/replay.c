/*
 * replay.c - shows files to a fuzz target without libFuzzer: replay FILE ...
 *
 * SPDX-License-Identifier: MIT
 *
 * Each file's bytes lie in memory of just their size, so that valgrind and sanitizers see a step past them.
 */
#include "fuzz.h"

#include "file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#pragma weak LLVMFuzzerInitialize

static uint8_t *shrink(uint8_t *bytes, size_t size)
{
    uint8_t *tight = malloc(size);
    demand(tight != NULL, "there is memory");
    memcpy(tight, bytes, size);
    free(bytes);
    return tight;
}

int main(int argc, char **argv)
{
    if (LLVMFuzzerInitialize)
        LLVMFuzzerInitialize(&argc, &argv);
    for (int i = 1; i < argc; i++) {
        uint8_t *bytes = NULL;
        size_t size = 0;
        const cameras_status status = cam_file_read(&bytes, &size, argv[i], CAMERAS_MAX_FILE_BYTES, "replay");
        demand(status == CAMERAS_OK, "the file can be read");
        bytes = shrink(bytes, size);
        dprintf(STDOUT_FILENO, "%s\n", argv[i]); /* the last one named is the one that did harm */
        LLVMFuzzerTestOneInput(bytes, size);
        free(bytes);
    }
    return EXIT_SUCCESS;
}
