/*
 * damage.c - opens damaged copies of a model in child processes and counts what came of it
 *
 * SPDX-License-Identifier: MIT
 *
 * damage check FLIPS [FIRST]   a small model cut at every 1 % of its length, with each bit of its directory and of what
 *                              ends it changed, and with one byte changed at FLIPS places
 * damage bare FLIPS [FIRST]    the same with LibTorch alone, without lib/archive.c before it: what that is for
 *
 * Place and change of flip number n follow from n. A damaged copy must be refused as one when it is opened; what opens
 * is run, and must give the whole model's map. Each child tries a batch, says what each came to, and has MOST_BYTES of
 * address space above what the whole model takes and SECONDS a case; a child that dies takes its case with it, and
 * another goes on behind it.
 */
#include "cameras.h"
#include "file.h"
#include "networks.h"
#include "shim.h"

#include <errno.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    CUTS = 100,
    SECONDS = 20,
    MOST_BYTES = 512 << 20,
    SIDE = 32,
    END_BYTES = 22,
    END_OFFSET = 16,  /* in them: where the directory begins */
    UNWRITTEN = 0x7f, /* four of them are 3.4e38 */
    LOST = 14,        /* beside the statuses: what opened could not be explained */
    CHANGED = 15,     /* and: a map that is not that of the whole model */
    OUTCOMES = 16
};

typedef struct model_bytes {
    uint8_t *bytes;
    size_t size;
    size_t directory; /* where it begins */
} model_bytes;

static void die(const char *what)
{
    fprintf(stderr, "damage: %s\n", what);
    exit(EXIT_FAILURE);
}

static model_bytes read_model(const char *path)
{
    model_bytes model = {NULL, 0, 0};
    if (cam_file_read(&model.bytes, &model.size, path, SIZE_MAX, "read") != CAMERAS_OK)
        die(cameras_last_error());
    for (size_t i = 4; i--;)
        model.directory = model.directory << 8 | model.bytes[model.size - END_BYTES + END_OFFSET + i];
    if (model.directory >= model.size || memcmp(model.bytes + model.directory, "PK\1\2", 4) != 0)
        die("a model without a directory");
    return model;
}

/* Of the directory and of the records behind it. */
static size_t bit_count(const model_bytes *model)
{
    return 8 * (model->size - model->directory);
}

/* ---- the child -------------------------------------------------------------------------------------------------- */

/* splitmix64 of a number (Steele et al., OOPSLA 2014), so that any case can be tried alone. */
static uint64_t scramble(uint64_t number)
{
    number += 0x9e3779b97f4a7c15u;
    number = (number ^ number >> 30) * 0xbf58476d1ce4e5b9u;
    number = (number ^ number >> 27) * 0x94d049bb133111ebu;
    return number ^ number >> 31;
}

/* Cases are the cuts, then the bits, then the flips. Gives the length of the damaged copy. */
static size_t harm(uint8_t *copy, const model_bytes *model, size_t index)
{
    memcpy(copy, model->bytes, model->size);
    if (index < CUTS)
        return model->size * index / CUTS;
    if (index - CUTS < bit_count(model)) {
        copy[model->directory + (index - CUTS) / 8] ^= (uint8_t)(1 << (index - CUTS) % 8);
        return model->size;
    }
    const uint64_t drawn = scramble(index - bit_count(model));
    copy[drawn % model->size] ^= (uint8_t)(1 + (drawn >> 32) % 255);
    return model->size;
}

/* The whole model's map, which every later one must be, bit by bit: what opens must not have been changed. */
static float whole[SIDE * SIDE];

static cameras_status take_map(const cameras_map *map)
{
    static int taken;
    if (!taken)
        memcpy(whole, cameras_map_raw(map), sizeof whole);
    taken = 1;
    return memcmp(whole, cameras_map_raw(map), sizeof whole) == 0 ? CAMERAS_OK : (cameras_status)CHANGED;
}

static cameras_status explain(cameras_model *model)
{
    static uint8_t pixels[SIDE * SIDE * 3];
    const size_t sides[] = {SIDE, SIDE + 8};
    cameras_image *image = NULL;
    cameras_options *options = NULL;
    cameras_map *map = NULL;
    for (size_t i = 0; i < sizeof pixels; i++)
        pixels[i] = (uint8_t)scramble(i);
    cameras_status status = cameras_image_new(&image, pixels, SIDE, SIDE, 0, CAMERAS_RGB8);
    if (status == CAMERAS_OK)
        status = cameras_options_new(&options);
    if (status == CAMERAS_OK)
        status = cameras_options_set_scales(options, sides, 2);
    if (status == CAMERAS_OK)
        status = cameras_model_set_base_size(model, SIDE, SIDE);
    if (status == CAMERAS_OK)
        status = cameras_explain(&map, model, image, options);
    if (status == CAMERAS_OK)
        status = take_map(map);
    cameras_map_free(map);
    cameras_options_free(options);
    cameras_image_free(image);
    return status;
}

/* From a file, as no bytes at all must be, or, for every other case, from memory. */
static cameras_status open_and_explain(const uint8_t *bytes, size_t size, const char *file)
{
    cameras_model *model = NULL;
    cameras_status status;
    if (file) {
        FILE *stream = fopen(file, "wb");
        if (!stream || fwrite(bytes, 1, size, stream) != size || fclose(stream) != 0)
            die("cannot write a copy");
        status = cameras_model_open(&model, file);
    } else {
        status = cameras_model_open_memory(&model, bytes, size);
    }
    if (status == CAMERAS_OK && (status = explain(model)) != CAMERAS_OK && status != (cameras_status)CHANGED) {
        fprintf(stderr, "damage: opened, but: %s\n", cameras_last_error());
        status = (cameras_status)LOST;
    }
    cameras_model_close(model);
    return status;
}

static cameras_status open_bare(const uint8_t *bytes, size_t size)
{
    shim_model *opened = NULL;
    const cameras_status status = shim_model_open_memory(&opened, bytes, size);
    shim_model_close(opened);
    return status;
}

/* Of the process's address space, in bytes. */
static rlim_t mapped(void)
{
    unsigned long pages = 0;
    FILE *about = fopen("/proc/self/statm", "r");
    if (!about || fscanf(about, "%lu", &pages) != 1)
        die("cannot tell how much memory is taken");
    fclose(about);
    return (rlim_t)pages * (rlim_t)sysconf(_SC_PAGESIZE);
}

static void limit_memory(void)
{
    const rlim_t most = mapped() + (rlim_t)MOST_BYTES;
    const struct rlimit space = {most, most}, core = {0, 0};
    if (setrlimit(RLIMIT_AS, &space) != 0 || setrlimit(RLIMIT_CORE, &core) != 0)
        die("cannot limit memory");
}

/* child BARE MODEL FILE FIRST LAST: a line "CASE STATUS" each. The whole model goes first and has no limit yet. */
static int be_child(char **words)
{
    const int bare = strcmp(words[0], "bare") == 0;
    const model_bytes model = read_model(words[1]);
    const size_t first = strtoul(words[3], NULL, 10), last = strtoul(words[4], NULL, 10);
    /* Memory that nothing was written to must not happen to hold what the model before had there. */
    mallopt(M_PERTURB, UNWRITTEN ^ 0xff);
    uint8_t *copy = malloc(model.size);
    if (!copy || open_and_explain(model.bytes, model.size, NULL) != CAMERAS_OK)
        die("the whole model cannot be explained");
    limit_memory();
    for (size_t i = first; i < last; i++) {
        const size_t size = harm(copy, &model, i);
        alarm(SECONDS);
        const cameras_status status =
            bare ? open_bare(copy, size) : open_and_explain(copy, size, i % 2 ? NULL : words[2]);
        alarm(0);
        if (status != CAMERAS_OK && !*cameras_last_error())
            die("a refusal without a message");
        printf("%zu %d\n", i, (int)status);
        fflush(stdout);
    }
    free(copy);
    free(model.bytes);
    return EXIT_SUCCESS;
}

/* ---- the parent ------------------------------------------------------------------------------------------------- */

/* What must not come of a damaged copy: all but its refusal as damaged, and the map of the whole one. */
static int is_failure(size_t outcome)
{
    return outcome != CAMERAS_OK && outcome != CAMERAS_EFORMAT;
}

static const char *outcome_text(size_t outcome)
{
    return outcome == CHANGED ? "another map"
           : outcome == LOST  ? "opened, but not explained"
                              : cameras_status_text((cameras_status)outcome);
}

typedef struct tally {
    size_t outcomes[OUTCOMES], crashes, hangs;
} tally;

static pid_t start_child(FILE **says, const char *const *words)
{
    int ends[2];
    if (pipe(ends) != 0)
        die("no pipe");
    const pid_t child = fork();
    if (child < 0)
        die("no child");
    if (child == 0) {
        dup2(ends[1], STDOUT_FILENO);
        close(ends[0]);
        close(ends[1]);
        execv("/proc/self/exe", (char *const *)words);
        _exit(127);
    }
    close(ends[1]);
    *says = fdopen(ends[0], "r");
    return child;
}

/* Runs cases from first on in one child; gives the first that it did not come to the end of. */
static size_t run_batch(tally *all, const char *kind, const char *model, const char *file, size_t first, size_t last)
{
    char from[32], to[32], line[64];
    const char *const words[] = {"damage", "child", kind, model, file, from, to, NULL};
    FILE *says = NULL;
    int status = 0;
    snprintf(from, sizeof from, "%zu", first);
    snprintf(to, sizeof to, "%zu", last);
    const pid_t child = start_child(&says, words);
    while (fgets(line, sizeof line, says)) {
        unsigned long index = 0, outcome = 0;
        if (sscanf(line, "%lu %lu", &index, &outcome) != 2 || index != first || outcome >= OUTCOMES)
            die("a child that is not understood");
        all->outcomes[outcome]++;
        if (is_failure(outcome))
            printf("damage: case %zu: %s\n", first, outcome_text(outcome));
        first++;
    }
    fclose(says);
    if (waitpid(child, &status, 0) != child)
        die("a child that is lost");
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && first == last)
        return last;
    const int hung = WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM;
    if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FAILURE)
        die("a child that could not begin, or gave no message");
    all->hangs += hung ? 1 : 0;
    all->crashes += hung ? 0 : 1;
    printf("damage: case %zu: %s\n", first, hung ? "hung" : strsignal(WIFSIGNALED(status) ? WTERMSIG(status) : 0));
    return first + 1;
}

static int report(const tally *all, size_t bits, size_t flips, const char *kind)
{
    size_t failures = all->crashes + all->hangs;
    printf("damage: %s: %d cuts, %zu bits, %zu flips:", kind, CUTS, bits, flips);
    for (size_t i = 0; i < OUTCOMES; i++) {
        failures += is_failure(i) ? all->outcomes[i] : 0;
        if (all->outcomes[i])
            printf(" %zu %s,", all->outcomes[i], outcome_text(i));
    }
    printf(" %zu crashes, %zu hangs, %zu beyond %d MiB, %zu other maps\n", all->crashes, all->hangs,
           all->outcomes[CAMERAS_ENOMEM], MOST_BYTES >> 20, all->outcomes[CHANGED]);
    return failures ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int be_parent(const char *kind, size_t flips, size_t first)
{
    tally all = {{0}, 0, 0};
    networks_open();
    const char *model = network_file(NETWORK_RECTIFIED);
    char *file = strdup(networks_path("copy.pt"));
    model_bytes whole_model = read_model(model);
    const size_t bits = bit_count(&whole_model), begin = CUTS + bits + first;
    free(whole_model.bytes);
    for (size_t next = 0; next < CUTS + bits;)
        next = run_batch(&all, kind, model, file, next, CUTS + bits);
    for (size_t next = begin; next < begin + flips;)
        next = run_batch(&all, kind, model, file, next, begin + flips);
    free(file);
    networks_close();
    return report(&all, bits, flips, kind);
}

int main(int argc, char **argv)
{
    if (argc == 7 && strcmp(argv[1], "child") == 0)
        return be_child(argv + 2);
    if (argc < 3 || argc > 4 || (strcmp(argv[1], "check") != 0 && strcmp(argv[1], "bare") != 0)) {
        fprintf(stderr, "usage: damage check|bare FLIPS [FIRST]\n");
        return EXIT_FAILURE;
    }
    return be_parent(argv[1], strtoul(argv[2], NULL, 10), argc == 4 ? strtoul(argv[3], NULL, 10) : 0);
}
