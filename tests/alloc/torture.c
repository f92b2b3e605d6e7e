/*
 * torture.c - every call is made again and again, with another of its allocations refused each time
 *
 * SPDX-License-Identifier: MIT
 *
 * torture MODE SAMPLES [CASE]: MODE is pure (malloc and its kin for libcameras' C, libpng, libjpeg, zlib and the C
 * library: every one in turn) or torch (all of LibTorch's and the shim's besides, operator new and pages: SAMPLES
 * places a case, spread by a seed, or all with 0). After each refusal the call must have failed with CAMERAS_ENOMEM and
 * a message, or not have needed what was refused and given what it always gives; nothing of ours may be left; and the
 * same call, made again, must give the same bytes.
 */
#include "cases.h"
#include "failing.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    OURS = OF_LIBRARY | OF_SHIM | OF_FORMATS | OF_LIBC,
    PURE = OF_LIBRARY | OF_FORMATS | OF_LIBC,
    TORCH = PURE | OF_SHIM | OF_LIBTORCH | OF_LIBC_FOR_TORCH
};

static const digest seed_of_digest = 0xcbf29ce484222325u;
static const char *where = "";
static size_t place, failures, refusals, borne, cases_passed, cases_failed;
static int owners = PURE, lasts;

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

/* ---- one refusal ------------------------------------------------------------------------------------------------- */

static cameras_status run(digest *sum, const alloc_case *tried)
{
    *sum = seed_of_digest;
    return tried->run(sum);
}

static void expect_no_memory(cameras_status status)
{
    char text[1200];
    const char *message = cameras_last_error();
    if (status != CAMERAS_ENOMEM) {
        snprintf(text, sizeof text, "status %d in place of CAMERAS_ENOMEM: %s", (int)status, message);
        wrong(text);
    } else if (!*message || strcmp(message, "set seed: options are NULL") == 0)
        wrong("no message");
}

static void expect_nothing_left(size_t live, size_t mapped, size_t since)
{
    if (failing_live() != live) {
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
    expect_nothing_left(live, mapped, since);
    failing_begin(0, 0, 0);
    if (run(&sum, tried) != CAMERAS_OK)
        wrong(cameras_last_error());
    else if (sum != expected)
        wrong("the same call afterwards gives something else");
}

/* ---- one case ---------------------------------------------------------------------------------------------------- */

/* How many allocations a case makes once all that is made but once has been made. */
static size_t count_allocations(digest *expected, const alloc_case *tried)
{
    for (int i = 0; i < 3; i++) {
        failing_begin(owners, SIZE_MAX, 0);
        if (run(expected, tried) != CAMERAS_OK)
            wrong(cameras_last_error());
    }
    return failing_end();
}

static void refuse_each(const alloc_case *tried, size_t count, digest expected)
{
    for (size_t at = 0; at < count; at++)
        refuse(tried, at, expected);
}

/* One place in each of so many equal parts, wherever in it. */
static void refuse_some(const alloc_case *tried, size_t count, digest expected, size_t samples)
{
    uint64_t state = 88172645463325252u + count;
    for (size_t i = 0; i < samples; i++) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        const size_t first = i * count / samples, next = (i + 1) * count / samples;
        refuse(tried, first + state % (next - first), expected);
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
    for (lasts = 0; lasts < 2; lasts++)
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

static void try_cases(const alloc_case *cases, size_t samples, const char *only)
{
    for (; cases->name; cases++)
        if (!only || strcmp(cases->name, only) == 0)
            try_case(cases, samples);
}

int main(int argc, char **argv)
{
    if (argc < 3) {
        fputs("usage: torture pure|torch|limits SAMPLES [CASE]\n", stderr);
        return 2;
    }
    const size_t samples = (size_t)strtoull(argv[2], NULL, 10);
    const char *only = argc > 3 ? argv[3] : NULL;
    const int torch = strcmp(argv[1], "torch") == 0;
    signal(SIGSEGV, on_crash);
    signal(SIGABRT, on_crash);
    failing_watch(OURS);
    world_open();
    network_world_open();
    if (strcmp(argv[1], "limits") == 0)
        return limits_run();
    owners = torch ? TORCH : PURE;
    if (!torch)
        try_cases(pure_cases, 0, only);
    try_cases(network_cases, samples, only);
    network_world_close();
    world_close();
    printf("    %s: %zu allocations refused, %zu of them borne, %zu findings\n", argv[1], refusals, borne, failures);
    printf("alloc-%s: %zu passed, %zu failed\n", argv[1], cases_passed, cases_failed);
    return cases_failed ? 1 : 0;
}
