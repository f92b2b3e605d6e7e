/*
 * process.c - the memory of this very process, as Linux tells it, in bytes
 *
 * SPDX-License-Identifier: MIT
 */
#include "process.h"

#include <check.h>
#include <stdio.h>
#include <unistd.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#endif

int process_is_measurable(void)
{
#ifdef SANITIZED
    puts("SKIPPED: with the address sanitizer the memory of the process is not the program's own");
    return 0;
#else
    return 1;
#endif
}

/* A word of /proc/self/statm, which counts pages. */
static size_t pages(int word)
{
    size_t mapped = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");
    ck_assert_ptr_nonnull(file);
    ck_assert_int_eq(fscanf(file, "%zu %zu", &mapped, &resident), 2);
    fclose(file);
    return (word ? resident : mapped) * (size_t)sysconf(_SC_PAGESIZE);
}

size_t process_mapped(void)
{
    return pages(0);
}

size_t process_resident(void)
{
    return pages(1);
}

size_t process_most_resident(void)
{
    char line[256];
    size_t kib = 0;
    FILE *file = fopen("/proc/self/status", "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file))
        if (sscanf(line, "VmHWM: %zu", &kib) == 1)
            break;
    fclose(file);
    return kib * 1024;
}

int process_forget_most(void)
{
    FILE *file = fopen("/proc/self/clear_refs", "w");
    if (!file)
        return 0;
    const int written = fputs("5", file) >= 0;
    return (fclose(file) == 0) & written;
}
