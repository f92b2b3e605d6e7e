/*
 * fuzz.h - what the fuzz targets share
 *
 * SPDX-License-Identifier: MIT
 *
 * A target is a file of its name with LLVMFuzzerTestOneInput, which libFuzzer, or replay.c without clang, calls with
 * bytes. It ends the process where a promise is broken; the rest is for the sanitizers to see.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include "cameras.h"

#include <stddef.h>
#include <stdint.h>

/* What libFuzzer calls; the second is optional. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* Ends the process, saying so on the real standard error, unless the claim holds. */
void demand(int holds, const char *claim);

/* From now on what is written to stderr goes nowhere: the command explains every refusal. */
void silence_stderr(void);

/* A refusal must be one of these, with a message that begins so. */
void demand_refusal(cameras_status status, const cameras_status *allowed, size_t count, const char *beginning);

/* Reads the bytes as a picture: whole, every sample in [0, 1], or refused as damaged or too large. */
void read_picture(const uint8_t *bytes, size_t size);

/* A copy of the bytes with a NUL behind them, in memory of just that size. */
char *copy_text(const uint8_t *bytes, size_t size);

/* ---- numbers from the bytes: they run out into zeros ------------------------------------------------------------- */

typedef struct supply {
    const uint8_t *at, *end;
} supply;

/* The next byte; one of so many, from 0; the next bytes as a little-endian number. */
uint8_t next_byte(supply *from);
size_t next_of(supply *from, size_t count);
uint64_t next_number(supply *from, size_t bytes);

#endif
