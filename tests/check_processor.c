/*
 * check_processor.c - what the processor can do in bf16, and the precision that a call then runs in
 *
 * SPDX-License-Identifier: MIT
 */
#include "processor.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bring_truth_back(void)
{
    cam_processor_pretend(CAM_BF16_UNKNOWN);
}

/* ---- precisions ------------------------------------------------------------------------------------------------- */

static const struct {
    cam_bf16 level;
    cameras_precision asked;
    cameras_status status;
    cameras_precision settled;
} settlements[] = {
    {CAM_BF16_NONE, CAMERAS_PRECISION_FP32, CAMERAS_OK, CAMERAS_PRECISION_FP32},
    {CAM_BF16_NONE, CAMERAS_PRECISION_AUTO, CAMERAS_OK, CAMERAS_PRECISION_FP32},
    {CAM_BF16_NONE, CAMERAS_PRECISION_BF16, CAMERAS_EINVAL, CAMERAS_PRECISION_FP32},
    {CAM_BF16_EMULATED, CAMERAS_PRECISION_FP32, CAMERAS_OK, CAMERAS_PRECISION_FP32},
    {CAM_BF16_EMULATED, CAMERAS_PRECISION_AUTO, CAMERAS_OK, CAMERAS_PRECISION_FP32},
    {CAM_BF16_EMULATED, CAMERAS_PRECISION_BF16, CAMERAS_OK, CAMERAS_PRECISION_BF16},
    {CAM_BF16_NATIVE, CAMERAS_PRECISION_FP32, CAMERAS_OK, CAMERAS_PRECISION_FP32},
    {CAM_BF16_NATIVE, CAMERAS_PRECISION_AUTO, CAMERAS_OK, CAMERAS_PRECISION_BF16},
    {CAM_BF16_NATIVE, CAMERAS_PRECISION_BF16, CAMERAS_OK, CAMERAS_PRECISION_BF16},
};

START_TEST(precision_follows_what_is_asked_and_what_the_processor_has)
{
    cameras_precision settled = CAMERAS_PRECISION_AUTO;
    cam_processor_pretend(settlements[_i].level);
    ck_assert_int_eq((int)cam_precision_settle(&settled, settlements[_i].asked), (int)settlements[_i].status);
    ck_assert_int_eq((int)settled, (int)settlements[_i].settled);
}
END_TEST

START_TEST(refusal_says_what_is_missing_and_what_works)
{
    static const char *const parts[] = {"bf16", "AVX-512", "fp32", "auto"};
    cameras_precision settled = CAMERAS_PRECISION_AUTO;
    cam_processor_pretend(CAM_BF16_NONE);
    ck_assert_int_eq((int)cam_precision_settle(&settled, CAMERAS_PRECISION_BF16), CAMERAS_EINVAL);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        ck_assert_ptr_nonnull(strstr(cameras_last_error(), parts[i]));
}
END_TEST

/* ---- the processor ---------------------------------------------------------------------------------------------- */

START_TEST(processor_is_known_and_stays_the_same)
{
    const cam_bf16 level = cam_processor_bf16();
    ck_assert_int_ne((int)level, CAM_BF16_UNKNOWN);
    cam_processor_pretend(CAM_BF16_NONE);
    ck_assert_int_eq((int)cam_processor_bf16(), CAM_BF16_NONE);
    cam_processor_pretend(CAM_BF16_UNKNOWN);
    ck_assert_int_eq((int)cam_processor_bf16(), (int)level);
}
END_TEST

/* The line of /proc/cpuinfo that lists what the first processor has, a space at either end; NULL: none. */
static char *read_flags(const char *key)
{
    char *line = NULL;
    size_t room = 0;
    FILE *stream = fopen("/proc/cpuinfo", "r");
    int found = 0;
    while (stream && !found && getline(&line, &room, stream) > 0)
        found = strncmp(line, key, strlen(key)) == 0;
    if (stream)
        fclose(stream);
    if (found) {
        line[strcspn(line, "\n")] = ' ';
        return line;
    }
    free(line);
    return NULL;
}

/* flag has a space at either end. */
static int lists(const char *flags, const char *flag)
{
    return strstr(flags, flag) != NULL;
}

static cam_bf16 level_of_intel(const char *flags)
{
    if (!lists(flags, " avx512f ") || !lists(flags, " avx512bw ") || !lists(flags, " avx512vl ") ||
        !lists(flags, " avx512dq "))
        return CAM_BF16_NONE;
    return lists(flags, " avx512_bf16 ") || (lists(flags, " amx_tile ") && lists(flags, " amx_bf16 "))
               ? CAM_BF16_NATIVE
               : CAM_BF16_EMULATED;
}

START_TEST(processor_is_what_the_system_says_it_is)
{
    if (getenv("RUN_UNDER")) {
        puts("SKIPPED: what the suite is run under (valgrind) stands for another processor than the system's");
        return;
    }
    char *intel = read_flags("flags"), *arm = read_flags("Features");
    if (intel)
        ck_assert_int_eq((int)cam_processor_bf16(), (int)level_of_intel(intel));
    else if (arm)
        ck_assert_int_eq((int)cam_processor_bf16(), lists(arm, " bf16 ") ? CAM_BF16_NATIVE : CAM_BF16_NONE);
    else
        fprintf(stderr, "SKIPPED: /proc/cpuinfo lists no flags\n");
    free(arm);
    free(intel);
}
END_TEST

static Suite *processor_suite(void)
{
    Suite *suite = suite_create("processor");
    TCase *cases = tcase_create("processor");
    tcase_add_checked_fixture(cases, bring_truth_back, bring_truth_back);
    tcase_add_loop_test(cases, precision_follows_what_is_asked_and_what_the_processor_has, 0,
                        sizeof settlements / sizeof *settlements);
    tcase_add_test(cases, refusal_says_what_is_missing_and_what_works);
    tcase_add_test(cases, processor_is_known_and_stays_the_same);
    tcase_add_test(cases, processor_is_what_the_system_says_it_is);
    suite_add_tcase(suite, cases);
    return suite;
}

int main(void)
{
    SRunner *runner = srunner_create(processor_suite());
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
