/*
 * scarce.h - memory that runs out at a chosen allocation
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SCARCE_H
#define SCARCE_H

#include <stddef.h>

/* Whether this build can: with glibc, and without the address sanitizer, which has an allocator of its own. */
int scarce_works(void);

/* Until scarce_end, this program's own code is granted so many allocations; shared libraries get all they ask for. */
void scarce_begin(size_t grants);

/* How many of the blocks granted since scarce_begin have not been freed. */
long scarce_end(void);

#endif
