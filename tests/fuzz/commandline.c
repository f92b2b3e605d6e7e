/*
 * commandline.c - fuzz target: whole command lines of explain, score, attack and compare, up to the library's options
 *
 * SPDX-License-Identifier: MIT
 *
 * The first byte names the verb; the words that follow end in newlines.
 */
#include "fuzz.h"

#include "attack_request.h"
#include "compare_request.h"
#include "explain_request.h"
#include "score_request.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    MOST_WORDS = 512
};

static int read_request(size_t verb, int argc, char **argv, cameras_options **options)
{
    static explain_request explain; /* large, and not to be cleared for every input */
    static score_request score;
    static attack_request attack;
    static compare_request compare;
    int status = EXIT_USAGE;
    switch (verb) {
    case 0:
        status = explain_request_read(&explain, argc, argv);
        return status == EXIT_OK ? explain_request_options(options, &explain) : status;
    case 1:
        status = score_request_read(&score, argc, argv);
        return status == EXIT_OK ? score_request_options(options, &score) : status;
    case 2:
        status = attack_request_read(&attack, argc, argv);
        return status == EXIT_OK ? attack_request_options(options, &attack) : status;
    default:
        status = compare_request_read(&compare, argc, argv);
        for (size_t i = 0; status == EXIT_OK && i < compare.model_count; i++)
            compare_request_model(&compare, i);
        return status == EXIT_OK ? explain_request_options(options, &compare.how) : status;
    }
}

/* The words of a text, which is cut at its newlines; at most so many. */
static int split(char **words, char *text)
{
    int count = 0;
    words[count++] = (char *)"verb";
    for (char *word = text; word && count < MOST_WORDS; count++) {
        char *end = strchr(word, '\n');
        if (end)
            *end = '\0';
        words[count] = word;
        word = end ? end + 1 : NULL;
    }
    words[count] = NULL;
    return count;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    supply from = {bytes, bytes + size};
    const size_t verb = next_of(&from, 4);
    char *text = copy_text(from.at, (size_t)(from.end - from.at)), *words[MOST_WORDS + 1];
    cameras_options *options = NULL;
    const int argc = split(words, text);
    optind = 0; /* glibc's getopt begins anew */
    const int status = read_request(verb, argc, words, &options);
    demand(status == EXIT_OK || status == EXIT_USAGE || status == HELP_GIVEN, "a line is taken or refused");
    if (status == EXIT_OK)
        demand(cameras_options_map_count(options) >= 1, "a map is asked for");
    cameras_options_free(options);
    free(text);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    silence_stderr();
    stdout = stderr; /* where help goes */
    return 0;
}
