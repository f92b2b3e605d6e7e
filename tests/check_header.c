/*
 * check_header.c - the public header: included twice, its limits, its example, its version
 *
 * SPDX-License-Identifier: MIT
 *
 * What only a compiler can tell is asked of one, in a folder of its own. Where there is none, the claim is skipped and
 * says so. tests/abi has the header alone, its enums and what the library exports of it.
 */
#include "cameras.h"

#include <check.h>
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const struct language {
    const char *name, *variable, *compiler, *flags;
} languages[] = {
    {"C11", "CC", "cc", "-std=c11 -x c"},
    {"C++17", "CXX", "c++", "-std=c++17 -x c++"},
};
enum {
    LANGUAGES = sizeof languages / sizeof *languages
};

static const char strict[] = "-Wall -Wextra -pedantic -Wshadow -Wconversion -Werror -fsyntax-only";

/* ---- helpers ---------------------------------------------------------------------------------------------------- */

static char folder[] = "/tmp/check_header.XXXXXX";
static char root[PATH_MAX]; /* of the sources: the program lies some folders below it */

static int has_the_header(void)
{
    char path[2 * PATH_MAX];
    snprintf(path, sizeof path, "%s/include/cameras.h", root);
    return access(path, R_OK) == 0;
}

static void find_root(void)
{
    ck_assert_ptr_nonnull(realpath("/proc/self/exe", root));
    while (*root && !has_the_header())
        *strrchr(root, '/') = '\0';
}

static void make_folder(void)
{
    find_root();
    strcpy(folder + strlen(folder) - 6, "XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
    DIR *open_folder = opendir(folder);
    for (const struct dirent *entry = readdir(open_folder); entry; entry = readdir(open_folder))
        unlinkat(dirfd(open_folder), entry->d_name, 0);
    closedir(open_folder);
    rmdir(folder);
}

static FILE *open_source(void)
{
    char path[64];
    snprintf(path, sizeof path, "%s/source", folder);
    FILE *source = fopen(path, "w");
    ck_assert_ptr_nonnull(source);
    return source;
}

static const char *compiler_of(const struct language *language)
{
    const char *chosen = getenv(language->variable);
    return chosen && *chosen ? chosen : language->compiler;
}

static int has_compiler(const struct language *language)
{
    char command[PATH_MAX];
    snprintf(command, sizeof command, "%s --version >/dev/null 2>&1", compiler_of(language));
    if (system(command) == 0)
        return 1;
    fprintf(stderr, "SKIPPED: no %s compiler named %s\n", language->name, compiler_of(language));
    return 0;
}

/* Asks the compiler whether the source in the folder is without fault. */
static void expect_compiles(const struct language *language)
{
    char command[2 * PATH_MAX];
    snprintf(command, sizeof command, "%s %s %s -I '%s/include' %s/source", compiler_of(language), language->flags,
             strict, root, folder);
    ck_assert_int_eq(system(command), 0);
}

static void expect_text_compiles(const struct language *language, const char *text)
{
    if (!has_compiler(language))
        return;
    FILE *source = open_source();
    fputs(text, source);
    ck_assert_int_eq(fclose(source), 0);
    expect_compiles(language);
}

/* ---- compiling -------------------------------------------------------------------------------------------------- */

START_TEST(header_may_be_included_twice)
{
    expect_text_compiles(&languages[_i], "#include <cameras.h>\n#include <cameras.h>\n");
}
END_TEST

START_TEST(names_of_the_limits_and_versions_are_whole_numbers_for_the_preprocessor)
{
    expect_text_compiles(&languages[_i], "#include <cameras.h>\n"
                                         "#if CAMERAS_VERSION_MAJOR < 0 || CAMERAS_VERSION_MINOR < 0 || "
                                         "CAMERAS_VERSION_PATCH < 0 || CAMERAS_DEFAULT_MAX_PIXELS < 1 || "
                                         "CAMERAS_MAX_FILE_BYTES < 1 || CAMERAS_MAX_SIDE < 1 || "
                                         "CAMERAS_MAX_SCALES < 1 || CAMERAS_MAX_CLASSES < 1 || "
                                         "CAMERAS_MAX_LAYERS < 1 || CAMERAS_MAX_THREADS < 1\n"
                                         "#error \"out of range\"\n"
                                         "#endif\n");
}
END_TEST

/* The lines of the opening comment that stand four spaces in, put into a function. */
static size_t copy_example(FILE *source)
{
    char path[PATH_MAX + 32], line[256];
    size_t copied = 0;
    snprintf(path, sizeof path, "%s/include/cameras.h", root);
    FILE *header = fopen(path, "r");
    ck_assert_ptr_nonnull(header);
    fputs("#include <cameras.h>\n#include <stdio.h>\nint main(void)\n{\n", source);
    while (fgets(line, sizeof line, header) && strcmp(line, " */\n") != 0)
        if (strncmp(line, " *     ", 7) == 0) {
            fputs(line + 3, source);
            copied++;
        }
    fputs("}\n", source);
    fclose(header);
    return copied;
}

START_TEST(example_of_the_header_compiles)
{
    if (!has_compiler(&languages[_i]))
        return;
    FILE *source = open_source();
    ck_assert_uint_ge(copy_example(source), 10);
    ck_assert_int_eq(fclose(source), 0);
    expect_compiles(&languages[_i]);
}
END_TEST

/* ---- truth ------------------------------------------------------------------------------------------------------ */

START_TEST(version_is_the_headers_and_its_numbers_spell_it)
{
    char spelled[32];
    snprintf(spelled, sizeof spelled, "%d.%d.%d", CAMERAS_VERSION_MAJOR, CAMERAS_VERSION_MINOR, CAMERAS_VERSION_PATCH);
    ck_assert_str_eq(CAMERAS_VERSION_STRING, spelled);
    ck_assert_str_eq(cameras_version(), CAMERAS_VERSION_STRING);
}
END_TEST

START_TEST(version_of_libtorch_has_three_numbers)
{
    int major = -1, minor = -1, patch = -1;
    ck_assert_int_eq(sscanf(cameras_libtorch_version(), "%d.%d.%d", &major, &minor, &patch), 3);
    ck_assert_int_ge(major, 1);
}
END_TEST

static Suite *header_suite(void)
{
    Suite *suite = suite_create("header");
    TCase *compiling = tcase_create("compiling"), *truth = tcase_create("truth");
    tcase_add_checked_fixture(compiling, make_folder, remove_folder);
    tcase_add_checked_fixture(truth, make_folder, remove_folder);
    tcase_set_timeout(compiling, 60);
    tcase_set_timeout(truth, 60);
    tcase_add_loop_test(compiling, header_may_be_included_twice, 0, LANGUAGES);
    tcase_add_loop_test(compiling, names_of_the_limits_and_versions_are_whole_numbers_for_the_preprocessor, 0,
                        LANGUAGES);
    tcase_add_loop_test(compiling, example_of_the_header_compiles, 0, LANGUAGES);
    tcase_add_test(truth, version_is_the_headers_and_its_numbers_spell_it);
    tcase_add_test(truth, version_of_libtorch_has_three_numbers);
    suite_add_tcase(suite, compiling);
    suite_add_tcase(suite, truth);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(header_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
