/*
 * sharing.c - what a process shares is after every call as it was before: sharing MODE FOLDER OUT
 *
 * SPDX-License-Identifier: MIT
 *
 * The host sets things up in its own way first: MODE is a word, or several with '+' between. "plain"; "comma", a locale
 * with a decimal comma (by LC_ALL); "upwards", rounding towards infinity; "flush", denormals are zero; "signals",
 * handlers and a mask of its own; "threads", three OpenMP threads, and none may be cancelled. Results go to the folder
 * OUT, written without the C library's formatting, so that those of different modes can be compared byte for byte.
 */
#include <cameras.h>

#include <dirent.h>
#include <fenv.h>
#include <locale.h>
#include <omp.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#ifdef __x86_64__
#include <xmmintrin.h>
#endif

extern char **environ;

enum {
    SIGNALS = 65,
    PATH_BYTES = 4096
};

/* ---- what is shared --------------------------------------------------------------------------------------------- */

typedef struct shared {
    char locale[512], point[8], folder[PATH_BYTES];
    locale_t own_locale;
    int rounding, threads, dynamic, levels, cancelling, files;
    unsigned control, traps;
    mode_t mask;
    sigset_t blocked;
    void (*handlers[SIGNALS])(int);
    int flags[SIGNALS];
    unsigned long environment;
} shared;

static unsigned float_control(void)
{
#ifdef __x86_64__
    return _mm_getcsr() & ~0x3fu; /* without the flags of what happened */
#else
    return 0;
#endif
}

static unsigned long hash_environment(void)
{
    unsigned long hash = 5381;
    for (char **one = environ; *one; one++)
        for (const char *at = *one; *at; at++)
            hash = hash * 33 + (unsigned char)*at;
    return hash;
}

static int count_files(void)
{
    int count = 0;
    DIR *open_files = opendir("/proc/self/fd");
    while (open_files && readdir(open_files))
        count++;
    if (open_files)
        closedir(open_files);
    return count;
}

static void look(shared *out)
{
    memset(out, 0, sizeof *out);
    snprintf(out->locale, sizeof out->locale, "%s", setlocale(LC_ALL, NULL));
    snprintf(out->point, sizeof out->point, "%s", localeconv()->decimal_point);
    if (!getcwd(out->folder, sizeof out->folder))
        abort();
    out->own_locale = uselocale((locale_t)0);
    out->rounding = fegetround();
    out->traps = (unsigned)fegetexcept();
    out->control = float_control();
    out->threads = omp_get_max_threads();
    out->dynamic = omp_get_dynamic();
    out->levels = omp_get_max_active_levels();
    out->mask = umask(0);
    umask(out->mask);
    pthread_sigmask(SIG_BLOCK, NULL, &out->blocked);
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &out->cancelling);
    pthread_setcancelstate(out->cancelling, NULL);
    for (int i = 1; i < SIGNALS; i++) {
        struct sigaction action = {0};
        sigaction(i, NULL, &action);
        out->handlers[i] = action.sa_handler;
        out->flags[i] = action.sa_flags;
    }
    out->environment = hash_environment();
    out->files = count_files();
}

static shared before;
static pthread_t host;
static int changes;

static void expect_same(int same, const char *call, const char *what)
{
    if (!same) {
        changes++;
        printf("after %s: %s\n", call, what);
    }
}

static void compare(const char *call)
{
    shared now;
    look(&now);
    expect_same(strcmp(now.locale, before.locale) == 0, call, "the locale");
    expect_same(strcmp(now.point, before.point) == 0, call, "the decimal point");
    expect_same(strcmp(now.folder, before.folder) == 0, call, "the working folder");
    expect_same(now.own_locale == before.own_locale, call, "the thread's locale");
    expect_same(now.rounding == before.rounding, call, "the rounding mode");
    expect_same(now.traps == before.traps, call, "the floating-point traps");
    expect_same(now.control == before.control, call, "the floating-point control word");
    expect_same(now.threads == before.threads, call, "OpenMP's number of threads");
    expect_same(now.dynamic == before.dynamic && now.levels == before.levels, call, "OpenMP's settings");
    expect_same(now.mask == before.mask, call, "the file mode mask");
    expect_same(memcmp(&now.blocked, &before.blocked, sizeof now.blocked) == 0, call, "the blocked signals");
    expect_same(now.cancelling == before.cancelling, call, "whether the thread may be cancelled");
    for (int i = 1; i < SIGNALS; i++)
        expect_same(now.handlers[i] == before.handlers[i] && now.flags[i] == before.flags[i], call,
                    "a signal's handler");
    expect_same(now.environment == before.environment, call, "the environment");
    expect_same(now.files == before.files, call, "the open files");
}

/* ---- the host's own ways ---------------------------------------------------------------------------------------- */

static void on_signal(int number)
{
    (void)number;
}

static int set_up(const char *mode)
{
    if (strstr(mode, "comma") && (!setlocale(LC_ALL, "") || strcmp(localeconv()->decimal_point, ",") != 0))
        return 0;
    if (strstr(mode, "upwards"))
        fesetround(FE_UPWARD);
#ifdef __x86_64__
    if (strstr(mode, "flush"))
        _mm_setcsr(_mm_getcsr() | 0x8040u); /* flush to zero, denormals are zero */
#endif
    if (strstr(mode, "threads")) {
        omp_set_num_threads(3);
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, NULL);
    }
    if (strstr(mode, "signals")) {
        static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGFPE, SIGSEGV, SIGUSR1, SIGCHLD, SIGPIPE};
        const struct sigaction action = {.sa_handler = on_signal, .sa_flags = SA_RESTART};
        sigset_t blocked;
        for (size_t i = 0; i < sizeof taken / sizeof *taken; i++)
            sigaction(taken[i], &action, NULL);
        sigemptyset(&blocked);
        sigaddset(&blocked, SIGUSR2);
        pthread_sigmask(SIG_BLOCK, &blocked, NULL);
    }
    return 1;
}

/* ---- the calls -------------------------------------------------------------------------------------------------- */

static void require(const char *call, cameras_status status)
{
    if (status != CAMERAS_OK) {
        printf("%s: %s\n", call, cameras_last_error());
        exit(1);
    }
    compare(call);
}

static int several; /* inside a call for several images, in which no thread may be cancelled */

/* Called inside the call: the host's code must find the host's ways there too, but for threads of the library's own. */
static int watch(double done, void *user)
{
    (void)done;
    (void)user;
    if (!pthread_equal(pthread_self(), host))
        return 0;
    const int files = before.files, cancelling = before.cancelling;
    before.files = count_files();
    before.cancelling = several ? PTHREAD_CANCEL_DISABLE : cancelling;
    compare("coming to the progress callback");
    before.files = files;
    before.cancelling = cancelling;
    return 0;
}

static int drop(void *user, size_t index, cameras_status status, cameras_map **maps, size_t count)
{
    (void)user;
    (void)index;
    (void)status;
    for (size_t i = 0; i < count; i++)
        cameras_map_free(maps[i]);
    return 0;
}

static const char *in(const char *folder, const char *name)
{
    static char path[PATH_BYTES];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

/* Everything that the calls use and make. */
typedef struct subjects {
    cameras_model *model, *drawn;
    cameras_image *image, *overlay;
    cameras_options *options;
    cameras_map *map;
    cameras_scores *scores;
    cameras_attack *attack;
    float probabilities[16]; /* the demo network has so many classes */
} subjects;

static void open_subjects(subjects *own, const char *folder)
{
    static const size_t sides[] = {224, 288};
    size_t class_index = 0;
    require("cameras_model_open", cameras_model_open(&own->model, in(folder, "demo.pt")));
    require("cameras_model_read_labels", cameras_model_read_labels(own->model, in(folder, "demo.txt")));
    require("cameras_image_read", cameras_image_read(&own->image, in(folder, "scene.png"), NULL));
    require("cameras_model_find_class", cameras_model_find_class(&class_index, own->model, "6"));
    require("cameras_options_new", cameras_options_new(&own->options));
    require("cameras_options_set_scales", cameras_options_set_scales(own->options, sides, 2));
    require("cameras_options_set_threads", cameras_options_set_threads(own->options, 1));
    require("cameras_options_set_progress", cameras_options_set_progress(own->options, watch, NULL));
    require("cameras_options_add_class", cameras_options_add_class(own->options, class_index));
    require("cameras_options_set_score_steps", cameras_options_set_score_steps(own->options, 8));
    require("cameras_options_set_attack_steps", cameras_options_set_attack_steps(own->options, 2));
}

static void make_all(subjects *own)
{
    const char *layer = cameras_model_parametrised_path(own->model, 0);
    const cameras_image *const twice[] = {own->image, own->image};
    require("cameras_classify", cameras_classify(NULL, own->probabilities, 16, own->model, own->image, own->options));
    require("cameras_explain", cameras_explain(&own->map, own->model, own->image, own->options));
    require("cameras_map_overlay", cameras_map_overlay(&own->overlay, own->map, own->image, CAMERAS_VIRIDIS, 0.5f));
    require("cameras_score", cameras_score(&own->scores, own->model, own->image, own->map, NULL, own->options));
    require("cameras_attack_run", cameras_attack_run(&own->attack, own->model, own->image, own->map, own->options));
    require("cameras_model_randomise", cameras_model_randomise(&own->drawn, own->model, &layer, 1, 1));
    require("cameras_options_set_threads", cameras_options_set_threads(own->options, 2));
    several = 1;
    require("cameras_explain_many", cameras_explain_many(NULL, own->model, twice, 2, own->options, drop, NULL));
    several = 0;
}

/* The bits of numbers as they are. */
static void keep_numbers(const subjects *own, const char *out)
{
    double numbers[26];
    for (size_t i = 0; i < 16; i++)
        numbers[i] = (double)own->probabilities[i];
    for (int kind = 0; kind < 9; kind++)
        numbers[16 + kind] = cameras_scores_value(own->scores, (cameras_score_kind)kind);
    numbers[25] = cameras_attack_norm(own->attack, CAMERAS_ATTACK_PLAIN, CAMERAS_NORM_L2, CAMERAS_PART_ALL);
    FILE *file = fopen(in(out, "numbers"), "wb");
    if (!file || fwrite(numbers, sizeof *numbers, 26, file) != 26 || fclose(file) != 0)
        abort();
}

static void keep_all(const subjects *own, const char *out)
{
    require("cameras_map_write", cameras_map_write(own->map, in(out, "map.npy")));
    require("cameras_image_write", cameras_image_write(own->overlay, in(out, "overlay.png")));
    require("cameras_attack_write", cameras_attack_write(own->attack, CAMERAS_ATTACK_PLAIN, in(out, "attack.npy")));
    keep_numbers(own, out);
}

static void fail_everything(const char *folder)
{
    cameras_model *model = NULL;
    cameras_image *image = NULL;
    if (cameras_image_read(&image, "/nowhere/picture.png", NULL) != CAMERAS_EIO ||
        cameras_model_open(&model, in(folder, "demo.txt")) != CAMERAS_EFORMAT)
        changes++;
    compare("calls that fail");
}

static void close_subjects(subjects *own)
{
    cameras_attack_free(own->attack);
    cameras_scores_free(own->scores);
    cameras_map_free(own->map);
    cameras_options_free(own->options);
    cameras_image_free(own->overlay);
    cameras_image_free(own->image);
    cameras_model_close(own->drawn);
    cameras_model_close(own->model);
    compare("every close and free");
}

int main(int count, char **arguments)
{
    subjects own = {0};
    if (count != 4)
        return 2;
    if (!set_up(arguments[1])) {
        puts("no locale with a decimal comma");
        return 77;
    }
    host = pthread_self();
    look(&before);
    open_subjects(&own, arguments[2]);
    make_all(&own);
    keep_all(&own, arguments[3]);
    fail_everything(arguments[2]);
    close_subjects(&own);
    return changes ? 1 : 0;
}
