/*
 * failing.h - every allocation of the process, counted by whose it is, and refused where asked
 *
 * SPDX-License-Identifier: MIT
 *
 * Stands in front of glibc's allocator, operator new, mmap and pthread_create, in the program itself or preloaded.
 * Whose an allocation is follows from the object that the call came from.
 */
#ifndef FAILING_H
#define FAILING_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    OF_LIBRARY = 1,          /* libcameras.so, by malloc and its kin, and threads that it starts */
    OF_SHIM = 2,             /* libcameras.so, by operator new, and the pages that it maps */
    OF_FORMATS = 4,          /* libpng, libjpeg, zlib */
    OF_LIBC = 8,             /* streams, strdup and the like, for the above */
    OF_LIBTORCH = 16,        /* LibTorch and all that belongs to nobody else */
    OF_PROGRAM = 32,         /* the program itself, and jansson */
    OF_LIBC_FOR_TORCH = 128, /* streams, strdup and the like, for LibTorch */
    OF_CXX = 256,            /* the C++ library, which makes strings and streams for the shim and LibTorch */
    OF_RUNTIME = 64          /* the loader and OpenMP, which end the process when they are refused: never counted */
};

/* From now on blocks of these owners are kept account of. */
void failing_watch(int owners);

/* How many such blocks there are, and bytes of pages mapped by the library. */
size_t failing_live(void);
size_t failing_mapped(void);

/* Writes, to standard error, whence the blocks come that were made since that many allocations were made in all. */
void failing_tell_live(size_t since);
size_t failing_made(void);

/*
 * From now on allocation number at of these owners, counted from 0, is refused; where lasting is not 0 all that follow
 * too. SIZE_MAX: none, they are counted only.
 */
void failing_begin(int owners, size_t at, int lasting);

/* Ends that; how many allocations of these owners there were, refused ones included. */
size_t failing_end(void);

/* How many were refused, and the largest that was asked for, since failing_begin. */
size_t failing_refused(void);
size_t failing_largest(void);

/* Whence the first refused request came: an object and an offset in it; and its owner. */
void failing_tell_refused(void);
int failing_refused_owner(void);

/* For operator new. NULL where it is refused. */
void *failing_new(size_t size, size_t alignment, const void *caller);

#ifdef __cplusplus
}
#endif

#endif
