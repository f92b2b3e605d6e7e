/*
 * failing.c - every allocation of the process, counted by whose it is, and refused where asked
 *
 * SPDX-License-Identifier: MIT
 *
 * The account is a table of fixed size, open-addressed by the block's address, so that keeping it allocates nothing. A
 * spin lock guards it: what it guards is short, and a mutex could allocate.
 */
#include "failing.h"

#include <dlfcn.h>
#include <errno.h>
#include <execinfo.h>
#include <link.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *block);

/* ---- whose it is ------------------------------------------------------------------------------------------------- */

enum {
    MOST_RANGES = 512
};

static struct range {
    uintptr_t begin, end;
    int owner;
} ranges[MOST_RANGES];
static size_t range_count;

static int watched, failing; /* owners; 0: none are kept account of, none are counted */

static int owner_of_object(const char *name)
{
    static const struct {
        const char *part;
        int owner;
    } known[] = {{"libcameras", OF_LIBRARY}, {"libpng", OF_FORMATS},  {"libjpeg", OF_FORMATS},
                 {"libz.", OF_FORMATS},      {"libc.so", OF_LIBC},    {"libjansson", OF_PROGRAM},
                 {"libstdc++", OF_CXX},      {"libgomp", OF_RUNTIME}, {"ld-linux", OF_RUNTIME},
                 {"libfailing", OF_RUNTIME}};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strstr(name, known[i].part))
            return known[i].owner;
    return *name ? OF_LIBTORCH : OF_PROGRAM;
}

static int note_object(struct dl_phdr_info *info, size_t size, void *user)
{
    (void)size;
    (void)user;
    for (size_t i = 0; i < info->dlpi_phnum && range_count < MOST_RANGES; i++) {
        const ElfW(Phdr) *part = &info->dlpi_phdr[i];
        if (part->p_type != PT_LOAD || !(part->p_flags & PF_X))
            continue;
        const uintptr_t begin = info->dlpi_addr + part->p_vaddr;
        ranges[range_count++] = (struct range){begin, begin + part->p_memsz, owner_of_object(info->dlpi_name)};
    }
    return 0;
}

static int owner_of(const void *caller)
{
    const uintptr_t at = (uintptr_t)caller;
    for (size_t i = 0; i < range_count; i++)
        if (at >= ranges[i].begin && at < ranges[i].end)
            return ranges[i].owner;
    return OF_LIBTORCH;
}

/* The C library allocates for others: whoever called it is told by the stack. */
static int owner_behind_libc(void)
{
    void *frames[24];
    const int count = backtrace(frames, 24);
    for (int i = 2; i < count; i++) {
        const int owner = owner_of(frames[i]);
        if (owner != OF_LIBC && (owner != OF_PROGRAM || i > 3))
            return owner == OF_LIBTORCH || owner == OF_CXX ? OF_LIBC_FOR_TORCH : OF_LIBC; /* destructors of threads */
    }
    return OF_LIBC;
}

/* So does the C++ library, by operator new. */
static int owner_behind_cxx(void)
{
    void *frames[24];
    const int count = backtrace(frames, 24);
    int passed = 0;
    for (int i = 2; i < count; i++) {
        const int owner = owner_of(frames[i]);
        if (owner != OF_CXX && passed)
            return owner;
        passed |= owner == OF_CXX;
    }
    return OF_LIBTORCH;
}

static _Thread_local int looking;

static int owner_of_call(const void *caller)
{
    int owner = owner_of(caller);
    if (owner == OF_CXX)
        return OF_LIBTORCH; /* exceptions, which have a reserve */
    if (owner != OF_LIBC || !(failing | watched) || looking)
        return owner;
    looking = 1;
    owner = owner_behind_libc();
    looking = 0;
    return owner;
}

/* ---- the account ------------------------------------------------------------------------------------------------- */

enum {
    PLACES = 1 << 21
};

static struct entry {
    uintptr_t block;
    const void *caller;
    size_t number;
} entries[PLACES];

static atomic_flag lock = ATOMIC_FLAG_INIT;
static size_t live, made, mapped;

static size_t fail_at, seen, refused, largest;
static int fail_lasting, refused_owner;
static const void *refused_caller;

static void enter(void)
{
    while (atomic_flag_test_and_set_explicit(&lock, memory_order_acquire)) {
    }
}

static void leave(void)
{
    atomic_flag_clear_explicit(&lock, memory_order_release);
}

static size_t place_of(uintptr_t block)
{
    return (size_t)((block >> 4) * 0x9e3779b97f4a7c15u >> 43) % PLACES;
}

static void *record(void *block, int owner, const void *caller)
{
    if (!block || !(owner & watched))
        return block;
    enter();
    size_t place = place_of((uintptr_t)block);
    while (entries[place].block)
        place = (place + 1) % PLACES;
    entries[place] = (struct entry){(uintptr_t)block, caller, made++};
    if (++live > PLACES / 2)
        abort();
    leave();
    return block;
}

/* Entries behind the one that goes move up where a search would otherwise stop at the hole. */
static void close_hole(size_t hole)
{
    for (size_t next = (hole + 1) % PLACES; entries[next].block; next = (next + 1) % PLACES) {
        const size_t home = place_of(entries[next].block);
        if ((next - home) % PLACES >= (next - hole) % PLACES) {
            entries[hole] = entries[next];
            hole = next;
        }
    }
    entries[hole].block = 0;
}

static void forget(void *block)
{
    if (!block || !watched)
        return;
    enter();
    size_t place = place_of((uintptr_t)block);
    while (entries[place].block && entries[place].block != (uintptr_t)block)
        place = (place + 1) % PLACES;
    if (entries[place].block) {
        close_hole(place);
        live--;
    }
    leave();
}

/* Whether a request is granted. */
static int grant(size_t size, int owner, const void *caller)
{
    if (!(owner & failing))
        return 1;
    enter();
    const size_t number = seen++;
    const int granted = fail_lasting ? number < fail_at : number != fail_at;
    largest = size > largest ? size : largest;
    if (!granted && !refused++) {
        refused_caller = caller;
        refused_owner = owner;
    }
    leave();
    if (!granted)
        errno = ENOMEM;
    return granted;
}

/* ---- what stands in front ---------------------------------------------------------------------------------------- */

#define CALLER __builtin_return_address(0)

void *malloc(size_t size)
{
    const int owner = owner_of_call(CALLER);
    return grant(size, owner, CALLER) ? record(__libc_malloc(size), owner, CALLER) : NULL;
}

void *calloc(size_t count, size_t size)
{
    const int owner = owner_of_call(CALLER);
    return grant(count * size, owner, CALLER) ? record(__libc_calloc(count, size), owner, CALLER) : NULL;
}

void *realloc(void *block, size_t size)
{
    const int owner = owner_of_call(CALLER);
    if (!grant(size, owner, CALLER))
        return NULL;
    forget(block);
    void *moved = __libc_realloc(block, size);
    record(moved || !size ? moved : block, owner, CALLER);
    return moved;
}

void *memalign(size_t alignment, size_t size)
{
    const int owner = owner_of_call(CALLER);
    return grant(size, owner, CALLER) ? record(__libc_memalign(alignment, size), owner, CALLER) : NULL;
}

void *aligned_alloc(size_t alignment, size_t size)
{
    const int owner = owner_of_call(CALLER);
    return grant(size, owner, CALLER) ? record(__libc_memalign(alignment, size), owner, CALLER) : NULL;
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
    const int owner = owner_of_call(CALLER);
    void *block = grant(size, owner, CALLER) ? record(__libc_memalign(alignment, size), owner, CALLER) : NULL;
    if (!block)
        return ENOMEM;
    *out = block;
    return 0;
}

void free(void *block)
{
    forget(block);
    __libc_free(block);
}

void *failing_new(size_t size, size_t alignment, const void *caller)
{
    int owner = owner_of(caller);
    if (owner == OF_CXX && (failing | watched) && !looking) {
        looking = 1;
        owner = owner_behind_cxx();
        looking = 0;
    }
    if (owner == OF_LIBRARY)
        owner = OF_SHIM;
    if (!grant(size, owner, caller))
        return NULL;
    return record(alignment ? __libc_memalign(alignment, size) : __libc_malloc(size), owner, caller);
}

static void *(*real_mmap)(void *, size_t, int, int, int, off_t);
static int (*real_munmap)(void *, size_t);
static int (*real_create)(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);

static void find_real(void)
{
    *(void **)&real_mmap = dlsym(RTLD_NEXT, "mmap");
    *(void **)&real_munmap = dlsym(RTLD_NEXT, "munmap");
    *(void **)&real_create = dlsym(RTLD_NEXT, "pthread_create");
}

void *mmap(void *address, size_t size, int protection, int flags, int file, off_t offset)
{
    const int own = owner_of(CALLER) == OF_LIBRARY;
    if (!real_mmap)
        find_real();
    if (own && !grant(size, OF_SHIM, CALLER))
        return MAP_FAILED;
    void *pages = real_mmap(address, size, protection, flags, file, offset);
    if (own && pages != MAP_FAILED)
        mapped += size;
    return pages;
}

int munmap(void *pages, size_t size)
{
    if (!real_munmap)
        find_real();
    if (owner_of(CALLER) == OF_LIBRARY)
        mapped -= size;
    return real_munmap(pages, size);
}

int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*work)(void *), void *user)
{
    if (!real_create)
        find_real();
    if (!grant(0, owner_of(CALLER), CALLER))
        return EAGAIN;
    return real_create(thread, how, work, user);
}

/* ---- what is asked ----------------------------------------------------------------------------------------------- */

void failing_watch(int owners)
{
    range_count = 0;
    dl_iterate_phdr(note_object, NULL);
    find_real();
    watched = owners;
}

size_t failing_live(void)
{
    return live;
}

size_t failing_mapped(void)
{
    return mapped;
}

size_t failing_made(void)
{
    return made;
}

static void tell_caller(const char *what, const void *caller)
{
    Dl_info about = {0};
    dladdr(caller, &about);
    const char *object = about.dli_fname ? about.dli_fname : "?";
    fprintf(stderr, "%s %s+0x%zx (%s)\n", what, object, (size_t)((const char *)caller - (const char *)about.dli_fbase),
            about.dli_sname ? about.dli_sname : "");
}

void failing_tell_live(size_t since)
{
    for (size_t i = 0, told = 0; i < PLACES && told < 20; i++)
        if (entries[i].block && entries[i].number >= since) {
            tell_caller("    not freed, made at", entries[i].caller);
            told++;
        }
}

void failing_begin(int owners, size_t at, int lasting)
{
    seen = refused = largest = 0;
    fail_at = at;
    fail_lasting = lasting;
    failing = owners;
}

size_t failing_end(void)
{
    failing = 0;
    return seen;
}

size_t failing_refused(void)
{
    return refused;
}

size_t failing_largest(void)
{
    return largest;
}

void failing_tell_refused(void)
{
    tell_caller("    refused at", refused_caller);
}

int failing_refused_owner(void)
{
    return refused_owner;
}

/* ---- preloaded --------------------------------------------------------------------------------------------------- */

static const char *told_to;

/* How many requests there were, for the script that runs the program again. */
static void tell_count(void)
{
    const size_t count = failing_end();
    FILE *file = told_to ? fopen(told_to, "w") : NULL;
    if (!file)
        return;
    fprintf(file, "%zu %zu\n", count, refused);
    fclose(file);
}

/* FAILING_AT: number of the request that is refused; FAILING_TOLD: where their count goes. For the command. */
__attribute__((constructor)) static void begin_by_environment(void)
{
    const char *at = getenv("FAILING_AT");
    if (!at)
        return;
    told_to = getenv("FAILING_TOLD");
    failing_watch(0);
    atexit(tell_count);
    failing_begin(OF_PROGRAM | OF_LIBRARY | OF_FORMATS, (size_t)strtoull(at, NULL, 10),
                  getenv("FAILING_LASTS") != NULL);
}
