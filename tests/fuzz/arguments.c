/*
 * arguments.c - fuzz target: the values of the command's options
 *
 * SPDX-License-Identifier: MIT
 *
 * The first byte says which kind of value the rest is read as.
 */
#include "fuzz.h"

#include "arguments.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    KINDS = 8,
    MOST = 5,
    SENTINEL = 0x5a5a5a5a
};

static void try_counts(const char *text)
{
    size_t numbers[MOST + 1], count = 0;
    numbers[MOST] = SENTINEL;
    if (parse_counts(numbers, &count, MOST, text, "--scales"))
        demand(count >= 1 && count <= MOST, "at least one number and no more than the limit");
    demand(numbers[MOST] == SENTINEL, "nothing is written past the limit");
}

static void try_floats(const char *text)
{
    float numbers[MOST + 1] = {0};
    size_t count = 0;
    numbers[MOST] = 0.5f;
    if (parse_floats(numbers, &count, MOST, text, "--mean")) {
        demand(count >= 1 && count <= MOST, "at least one number and no more than the limit");
        for (size_t i = 0; i < count; i++)
            demand(isfinite(numbers[i]), "numbers are finite");
    }
    demand(numbers[MOST] == 0.5f, "nothing is written past the limit");
}

static void try_base(const char *text)
{
    model_arguments model = {0};
    if (!parse_base(&model, text))
        return;
    demand(model.base_side <= CAMERAS_MAX_SIDE && model.base_width <= CAMERAS_MAX_SIDE &&
               model.base_height <= CAMERAS_MAX_SIDE,
           "sides are within the limit");
    demand(model.base_side || (model.base_width && model.base_height), "a base has a size");
}

static void try_fraction(const char *text)
{
    double value = 0.0;
    if (parse_fraction(&value, text, "--epsilon"))
        demand(isfinite(value) && value >= 0.0, "a fraction is finite and not negative");
}

static void try_word(const char *text)
{
    static const char *const words[] = {"reference", "paper", "fast", NULL};
    int place = -1;
    if (parse_word(&place, text, words, "--preset"))
        demand(place >= 0 && place < 3 && strcmp(words[place], text) == 0, "the word is the one given");
}

static void try_number(size_t kind, const char *text)
{
    size_t number = 0;
    if (kind == 0 && parse_count(&number, text, "--seed"))
        demand(text[strspn(text, "0123456789")] == '\0', "a count is digits alone");
    if (kind == 1 && parse_positive(&number, text, "--steps"))
        demand(number > 0, "a positive count is not 0");
    if (kind == 2 && parse_bytes(&number, text, "--memory-limit"))
        demand(number >= strtoull(text, NULL, 10), "a unit makes no number smaller");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    supply from = {bytes, bytes + size};
    const size_t kind = next_of(&from, KINDS);
    char *text = copy_text(from.at, (size_t)(from.end - from.at));
    switch (kind) {
    case 3: try_counts(text); break;
    case 4: try_floats(text); break;
    case 5: try_base(text); break;
    case 6: try_fraction(text); break;
    case 7: try_word(text); break;
    default: try_number(kind, text);
    }
    free(text);
    return 0;
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    silence_stderr();
    return 0;
}
