/*
 * main.c - the cameras command: finds the verb and hands over
 *
 * SPDX-License-Identifier: MIT
 */
#include "arguments.h"
#include "interrupt.h"
#include "report.h"
#include "verbs.h"

#include <string.h>

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} verbs[] = {
    {"explain", verb_explain}, {"score", verb_score},   {"classify", verb_classify}, {"compare", verb_compare},
    {"sanity", verb_sanity},   {"attack", verb_attack}, {"layers", verb_layers},     {"demo", verb_demo},
    {"version", verb_version}, {"help", verb_help},     {"--version", verb_version}, {"-V", verb_version},
    {"--help", verb_help},     {"-h", verb_help},
};

static int run_verb(size_t place, int argc, char **argv)
{
    interrupt_watch();
    const int result = verbs[place].run(argc, argv);
    return result == EXIT_OK ? flush_output() : interrupt_status(result);
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        print_usage(stderr);
        return EXIT_USAGE;
    }
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return run_verb(i, argc - 1, argv + 1);
    return usage_error(NULL, "\"%s\" is not a verb", argv[1]);
}
