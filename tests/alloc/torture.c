/*
 * torture.c - every call is made again and again, with another of its allocations refused each time
 *
 * SPDX-License-Identifier: MIT
 *
 * torture MODE SAMPLES [CASE]. MODE says whose allocations: pure, malloc and its kin in libcameras' C, libpng, libjpeg,
 * zlib and, for these, the C library; shim, operator new and pages besides; torch, LibTorch's own too. SAMPLES says how
 * many of a case's allocations are refused, spread by a seed; 0: every one in turn. After each refusal the call must
 * have failed with CAMERAS_ENOMEM and a message, or not have needed what was refused and given what it always gives;
 * nothing of ours may be left; and the same call, made again, must give the same bytes. Refusals are made twice, alone
 * and with all that follows.
 *
 * LibTorch allocates in functions that may not throw (noexcept) and ends the process there; so in mode torch each
 * refusal has a process of its own, and one that LibTorch ended is counted apart. Mode limits tries the limits, of
 * which limits.c says more.
 */
#include "cases.h"
#include "failing.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
    OURS = OF_LIBRARY | OF_SHIM | OF_FORMATS | OF_LIBC,
    PURE = OF_LIBRARY | OF_FORMATS | OF_LIBC,
    FIRST = 3,
    REHEARSALS = 20, /* weights are packed for a size that has come a few times */
    SHIM = PURE | OF_SHIM,
    TORCH = SHIM | OF_LIBTORCH | OF_LIBC_FOR_TORCH,
    ENDED_BY_LIBTORCH = 77,
    BORNE = 78,
    WRONG = 1
};

char told_message[1200];

static const digest seed_of_digest = 0xcbf29ce484222325u;
static const char *where = "";
static size_t growth, place, failures, refusals, borne, cases_passed, cases_failed;
static size_t ended;
static int owners = PURE, lasts;
static void (*refuse_one)(const alloc_case *tried, size_t at, digest expected);

void wrong(const char *what)
{
    failures++;
    if (failures > 200)
        return;
    fprintf(stderr, "%s, allocation %zu%s: %s\n", where, place, lasts ? " and all after it" : "", what);
    if (failing_refused())
        failing_tell_refused();
}

static void on_crash(int number)
{
    char text[256];
    const int length = snprintf(text, sizeof text, "torture: signal %d in %s, allocation %zu%s\n", number, where, place,
                                lasts ? " and all after it" : "");
    if (write(STDERR_FILENO, text, (size_t)length) > 0)
        failing_tell_refused();
    _exit(1);
}

/* In mode torch: what LibTorch was refused and could not pass on ends the process, which is its own affair. */
static void on_end(int number)
{
    if (failing_refused() && (failing_refused_owner() & (OF_LIBTORCH | OF_LIBC_FOR_TORCH)))
        _exit(ENDED_BY_LIBTORCH);
    on_crash(number);
}

/* ---- one refusal ------------------------------------------------------------------------------------------------- */

static cameras_status run(digest *sum, const alloc_case *tried)
{
    *sum = seed_of_digest;
    told_message[0] = '\0';
    return tried->run(sum);
}

static void expect_no_memory(cameras_status status)
{
    char text[1300];
    const char *message = *told_message ? told_message : cameras_last_error();
    if (status != CAMERAS_ENOMEM) {
        snprintf(text, sizeof text, "status %d in place of CAMERAS_ENOMEM: %s", (int)status, message);
        wrong(text);
    } else if (!*message || strcmp(message, "set seed: options are NULL") == 0)
        wrong("no message");
}

/*
 * After the call that went well again, when what a handle keeps is there again. A network that is cut anew leaves types
 * with the model until that is closed (LibTorch's clones share their original's): growth is what a good call adds, and
 * the refused one may have come as far.
 */
static void expect_nothing_left(size_t live, size_t mapped, size_t since)
{
    if (failing_live() < live || failing_live() > live + 3 * growth) {
        char text[128];
        snprintf(text, sizeof text, "%zu blocks before, %zu after", live, failing_live());
        wrong(text);
        failing_tell_live(since);
    }
    if (failing_mapped() != mapped)
        wrong("pages are left mapped");
    if (*stray_file())
        wrong("a file is left behind");
}

static void refuse(const alloc_case *tried, size_t at, digest expected)
{
    digest sum;
    const size_t live = failing_live(), mapped = failing_mapped(), since = failing_made();
    place = at;
    cameras_options_set_seed(NULL, 0); /* a message that no case leaves */
    failing_begin(owners, at, lasts);
    const cameras_status status = run(&sum, tried);
    failing_end();
    if (!failing_refused())
        return; /* it had fewer this time */
    refusals++;
    if (status != CAMERAS_OK)
        expect_no_memory(status);
    else if (sum != expected)
        wrong("it went well, and gave something else");
    else
        borne++;
    if (run(&sum, tried) != CAMERAS_OK)
        wrong(cameras_last_error());
    else if (sum != expected)
        wrong("the same call afterwards gives something else");
    expect_nothing_left(live, mapped, since);
}

/*
 * The library refuses to work in a child of fork, which it knows by this. A child of ours goes on where its parent was,
 * whose only thread it is: it is to be taken for the parent.
 */
__attribute__((visibility("default"))) pid_t getpid(void)
{
    static pid_t first;
    if (!first)
        first = (pid_t)syscall(SYS_getpid);
    return first;
}

/* The same in a process of its own. */
static void refuse_apart(const alloc_case *tried, size_t at, digest expected)
{
    fflush(stdout);
    const pid_t child = fork();
    if (child == 0) {
        const size_t earlier = failures, earlier_borne = borne;
        signal(SIGSEGV, on_end);
        signal(SIGABRT, on_end);
        refuse(tried, at, expected);
        _exit(failures != earlier ? WRONG : borne != earlier_borne ? BORNE : 0);
    }
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child)
        abort();
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : WRONG;
    refusals++;
    borne += code == BORNE;
    ended += code == ENDED_BY_LIBTORCH;
    failures += code == WRONG;
}

/* ---- one case ---------------------------------------------------------------------------------------------------- */

/* How many allocations a case makes once all that is made but once has been made. */
static size_t count_allocations(digest *expected, const alloc_case *tried)
{
    for (int i = 0; i < REHEARSALS; i++) {
        const size_t live = failing_live();
        failing_begin(owners, SIZE_MAX, 0);
        if (run(expected, tried) != CAMERAS_OK)
            wrong(cameras_last_error());
        growth = failing_live() - live;
    }
    return failing_end();
}

static void refuse_each(const alloc_case *tried, size_t count, digest expected)
{
    for (size_t at = 0; at < count; at++)
        refuse_one(tried, at, expected);
}

/* The first few, which come before the shim is on its guard, and one place in each of so many equal parts. */
static void refuse_some(const alloc_case *tried, size_t count, digest expected, size_t samples)
{
    uint64_t state = 88172645463325252u + count;
    for (size_t at = 0; at < FIRST; at++)
        refuse_one(tried, at, expected);
    for (size_t i = 0; i < samples; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const size_t first = i * count / samples, next = (i + 1) * count / samples;
        refuse_one(tried, first + state % (next - first), expected);
    }
}

static void try_case(const alloc_case *tried, size_t samples)
{
    const size_t earlier_failures = failures, earlier_refusals = refusals, earlier_borne = borne;
    const clock_t start = clock();
    digest expected;
    where = tried->name;
    place = 0;
    const size_t count = count_allocations(&expected, tried);
    for (lasts = 0; lasts < (owners == TORCH ? 1 : 2); lasts++)
        if (samples && samples < count)
            refuse_some(tried, count, expected, samples);
        else
            refuse_each(tried, count, expected);
    lasts = 0;
    const int good = failures == earlier_failures && count > 0;
    cases_passed += good ? 1 : 0;
    cases_failed += good ? 0 : 1;
    printf("    %-34s %7zu allocations, %7zu refused, %6zu of them borne, %.1f s%s\n", tried->name, count,
           refusals - earlier_refusals, borne - earlier_borne, (double)(clock() - start) / CLOCKS_PER_SEC,
           good ? "" : ": FAILED");
    fflush(stdout);
}

/* Everything once, so that all that is made but once has been made; how many blocks there are then. */
static size_t rehearse(void)
{
    digest ignored;
    network_world_open();
    for (const alloc_case *each = network_cases; each->name; each++) {
        where = each->name;
        for (int i = 0; i < (strcmp(where, "classification") == 0 ? REHEARSALS : 1); i++)
            if (run(&ignored, each) != CAMERAS_OK)
                wrong(cameras_last_error());
    }
    network_world_close();
    return failing_live();
}

static void try_cases(const alloc_case *cases, size_t samples, const char *only)
{
    for (; cases->name; cases++)
        if (!only || strcmp(cases->name, only) == 0)
            try_case(cases, samples);
}

static int find_mode(const char *name)
{
    return strcmp(name, "torch") == 0 ? TORCH : strcmp(name, "shim") == 0 ? SHIM : PURE;
}

/* That all handles can be closed, and nothing stays behind of all that was refused. */
static void close_world(size_t live)
{
    const size_t earlier = failures;
    network_world_close();
    world_close();
    where = "all handles being closed";
    if (failing_live() > live) {
        fprintf(stderr, "%zu blocks before, %zu after\n", live, failing_live());
        failing_tell_live(0);
        failures++;
    }
    cases_failed += failures != earlier ? 1 : 0;
    cases_passed += failures == earlier ? 1 : 0;
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: torture pure|shim|torch|limits SAMPLES [CASE]\n", stderr);
        return 2;
    }
    const size_t samples = (size_t)strtoull(argv[2], NULL, 10);
    const char *only = argc > 3 ? argv[3] : NULL;
    static char buffer[1 << 12];
    setvbuf(stdout, buffer, _IOFBF, sizeof buffer); /* not a block to be left */
    signal(SIGSEGV, on_crash);
    signal(SIGABRT, on_crash);
    failing_watch(OURS);
    world_open();
    const size_t live = rehearse();
    network_world_open();
    if (strcmp(argv[1], "limits") == 0)
        return limits_run();
    owners = find_mode(argv[1]);
    refuse_one = owners == TORCH ? refuse_apart : refuse;
    if (owners == PURE)
        try_cases(pure_cases, 0, only);
    try_cases(network_cases, samples, only);
    close_world(live);
    printf("    %s: %zu allocations refused, %zu of them borne, %zu ended by LibTorch, %zu findings\n", argv[1],
           refusals, borne, ended, failures);
    printf("alloc-%s: %zu passed, %zu failed\n", argv[1], cases_passed, cases_failed);
    return cases_failed ? 1 : 0;
}
