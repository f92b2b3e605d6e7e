/*
 * faults.c - one fault on purpose, so that an instrument that would miss it is found out
 *
 * SPDX-License-Identifier: MIT
 *
 * faults KIND; KIND none has no fault but uses threads as the library does, and must pass.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    COUNT = 1000
};

static volatile size_t beyond = 16;
static volatile int most = 0x7fffffff;
static volatile double huge = 1e30;
static long shared;

static int read_beyond(void)
{
    char *block = malloc(16);
    if (!block)
        return 0;
    memset(block, 1, 16);
    const int value = block[beyond];
    free(block);
    return value;
}

/* Through pointers that the compiler cannot follow: it warns of such faults by itself. */
static int read_freed(void)
{
    char *volatile block = calloc(16, 1);
    free(block);
    return block[3];
}

static int leak(void)
{
    char *volatile block = malloc(123);
    const int got = block != NULL;
    block = NULL;
    return got;
}

static int overflow(void)
{
    return most + 1;
}

static int cast(void)
{
    return (int)huge;
}

static int branch_on_nothing(void)
{
    int *volatile block = malloc(sizeof *block);
    if (!block)
        return 0;
    const int value = *block > 7 ? puts("more") : puts("less");
    free(block);
    return value;
}

static void *add(void *user)
{
    for (int i = 0; i < COUNT; i++)
        shared += *(const int *)user;
    return NULL;
}

static int race(void)
{
    static const int one = 1;
    pthread_t thread;
    if (pthread_create(&thread, NULL, add, (void *)&one) != 0)
        return 0;
    add((void *)&one);
    pthread_join(thread, NULL);
    return (int)shared;
}

/* In shares that are fixed: handed out as threads come, all could fall to the first. */
static int race_of_openmp(void)
{
    long sum = 0;
#pragma omp parallel for num_threads(4) schedule(static)
    for (int i = 0; i < COUNT; i++)
        sum += i;
    return (int)sum;
}

/* One loop reads what another wrote, in other threads' shares: right by the barrier between them. */
static int no_fault(void)
{
    static long values[COUNT];
    long sum = 0;
    for (int round = 0; round < 20; round++) {
#pragma omp parallel for num_threads(4) schedule(dynamic)
        for (int i = 0; i < COUNT; i++)
            values[i] += i;
#pragma omp parallel for num_threads(3) reduction(+ : sum)
        for (int i = 0; i < COUNT; i++)
            sum += values[COUNT - 1 - i];
    }
    return (int)(sum % 7);
}

static const struct fault {
    const char *name;
    int (*commit)(void);
} faults[] = {
    {"none", no_fault},
    {"beyond", read_beyond},
    {"freed", read_freed},
    {"leak", leak},
    {"overflow", overflow},
    {"cast", cast},
    {"uninitialised", branch_on_nothing},
    {"race", race},
    {"openmp", race_of_openmp},
};

int main(int count, char **words)
{
    for (size_t i = 0; count == 2 && i < sizeof faults / sizeof *faults; i++)
        if (strcmp(words[1], faults[i].name) == 0) {
            printf("%s: %d\n", faults[i].name, faults[i].commit());
            return EXIT_SUCCESS;
        }
    fprintf(stderr, "faults: KIND is one of those in tests/sanitizers/faults.c\n");
    return EXIT_SUCCESS; /* a name that is not known must not look like a fault found */
}
