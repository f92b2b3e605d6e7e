/*
 * cases.h - calls of the interface, each of which is made again with every one of its allocations refused
 *
 * SPDX-License-Identifier: MIT
 *
 * A case allocates nothing itself while it runs: what it needs is in the world, made beforehand.
 */
#ifndef CASES_H
#define CASES_H

#include "cameras.h"

#include <stdint.h>

/* What came out, as a number: equal results, equal digests. */
typedef uint64_t digest;
void digest_add(digest *sum, const void *bytes, size_t count);
void digest_map(digest *sum, const cameras_map *map);
void digest_image(digest *sum, const cameras_image *image);
void digest_file(digest *sum, const char *path);

/* Says what is wrong, and counts it. */
void wrong(const char *what);

/* The status as it is; where the call failed the pointer at out must be NULL, and only there. */
cameras_status made(cameras_status status, const void *out);

/* The message of a failure that a callback was told of, in whichever thread; "" where there was none. */
extern char told_message[1200];

/* The status of the first call that failed, after which a case does no more but free what it has. */
typedef cameras_status (*case_run)(digest *sum);

/* Cases that never reach LibTorch, and cases that do. */
typedef struct alloc_case {
    const char *name;
    case_run run;
} alloc_case;
extern const alloc_case pure_cases[], network_cases[]; /* end in a case without a name */

/* Tries the limits of the interface, in a world that is open; prints the closing line and returns 1 where any is
 * broken. */
int limits_run(void);

/* A folder with the files that cases read. */
void world_open(void);
void world_close(void);

/* A path in it; the text lasts until the fourth call after this. */
const char *in_folder(const char *name);

/* "", or the name of a file in it that was not there when the world was opened; it is removed. */
const char *stray_file(void);

/* What network cases work on besides: models, pictures, maps. */
void network_world_open(void);
void network_world_close(void);

#endif
