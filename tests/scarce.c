/*
 * scarce.c - memory that runs out at a chosen allocation
 *
 * SPDX-License-Identifier: MIT
 *
 * Stands in front of glibc's allocator. Suites link the library's objects, so a caller is the library, or a test, when
 * its address lies in the program itself; OpenMP's run time, which ends the process when refused, lies elsewhere.
 */
#include "scarce.h"

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif

#include <stdlib.h>

#if defined(__GLIBC__) && defined(__GNUC__) && !defined(SANITIZED)

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);
extern const char __executable_start, etext;

static int active;
static size_t left;
static long balance;

static int is_own(const void *caller)
{
    return active && (const char *)caller >= &__executable_start && (const char *)caller < &etext;
}

/* Whether the caller's allocation is granted. */
static int grant(const void *caller)
{
    if (!is_own(caller))
        return 1;
    if (!left)
        return 0;
    left--;
    balance++;
    return 1;
}

void *malloc(size_t size)
{
    return grant(__builtin_return_address(0)) ? __libc_malloc(size) : NULL;
}

void *calloc(size_t count, size_t size)
{
    return grant(__builtin_return_address(0)) ? __libc_calloc(count, size) : NULL;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return grant(__builtin_return_address(0)) ? __libc_memalign(alignment, size) : NULL;
}

void free(void *block)
{
    if (block && is_own(__builtin_return_address(0)))
        balance--;
    __libc_free(block);
}

int scarce_works(void)
{
    return 1;
}

void scarce_begin(size_t grants)
{
    left = grants;
    balance = 0;
    active = 1;
}

long scarce_end(void)
{
    active = 0;
    return balance;
}

#else

int scarce_works(void)
{
    return 0;
}

void scarce_begin(size_t grants)
{
    (void)grants;
}

long scarce_end(void)
{
    return 0;
}

#endif
