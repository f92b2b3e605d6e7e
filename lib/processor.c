/*
 * processor.c - what the processor can do in bf16, and so which precision a call runs in
 *
 * SPDX-License-Identifier: MIT
 *
 * The levels are oneDNN's, which runs LibTorch's convolutions: it takes bf16 on x86 from AVX-512 with BW, VL and DQ on,
 * where it computes in single precision, and has instructions of its own with AVX512_BF16 or AMX. An instruction set
 * counts only if the system saves its registers (XCR0). The bits are those of Intel's manual, volume 2A, CPUID, and
 * volume 1, 13.3.
 */
#include "processor.h"

#include "error.h"

#include <stdatomic.h>

/* ---- the processor ---------------------------------------------------------------------------------------------- */

#if defined(__x86_64__) || defined(__i386__)

#include <cpuid.h>

enum {
    OSXSAVE = 27,        /* leaf 1, ecx */
    AVX512F = 16,        /* leaf 7, ebx */
    AVX512DQ = 17,       /* likewise */
    AVX512BW = 30,       /* likewise */
    AVX512VL = 31,       /* likewise */
    AMX_BF16 = 22,       /* leaf 7, edx */
    AMX_TILE = 24,       /* likewise */
    AVX512_BF16 = 5,     /* leaf 7.1, eax */
    AVX512_STATE = 0xe6, /* XCR0: xmm, ymm, masks, both halves of zmm */
    AMX_STATE = 0x60000  /* XCR0: tiles and their configuration */
};

static int has(unsigned word, int bit)
{
    return (int)(word >> bit & 1u);
}

/* XCR0, the register files that the system saves; 0 where it does not say. */
static unsigned saved_state(void)
{
    unsigned a, b, c, d, low = 0, high = 0;
    if (!__get_cpuid(1, &a, &b, &c, &d) || !has(c, OSXSAVE))
        return 0;
    __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return low;
}

static cam_bf16 ask_processor(void)
{
    unsigned subleaves, b, c, d, second = 0, unused;
    const unsigned state = saved_state();
    if (!__get_cpuid_count(7, 0, &subleaves, &b, &c, &d) || (state & AVX512_STATE) != AVX512_STATE)
        return CAM_BF16_NONE;
    if (!has(b, AVX512F) || !has(b, AVX512BW) || !has(b, AVX512VL) || !has(b, AVX512DQ))
        return CAM_BF16_NONE;
    if (subleaves >= 1)
        __get_cpuid_count(7, 1, &second, &unused, &unused, &unused);
    const int tiles = (state & AMX_STATE) == AMX_STATE && has(d, AMX_TILE) && has(d, AMX_BF16);
    return has(second, AVX512_BF16) || tiles ? CAM_BF16_NATIVE : CAM_BF16_EMULATED;
}

#elif defined(__aarch64__) && defined(__linux__)

#include <sys/auxv.h>

static cam_bf16 ask_processor(void)
{
    const unsigned long bf16 = 1ul << 14; /* HWCAP2_BF16, which older headers lack */
    return getauxval(AT_HWCAP2) & bf16 ? CAM_BF16_NATIVE : CAM_BF16_NONE;
}

#else

static cam_bf16 ask_processor(void)
{
    return CAM_BF16_NONE;
}

#endif

/* Threads that ask at once find the same, so it does not matter whose answer stays. */
static atomic_int known = CAM_BF16_UNKNOWN;

cam_bf16 cam_processor_bf16(void)
{
    int level = atomic_load(&known);
    if (level == CAM_BF16_UNKNOWN) {
        level = (int)ask_processor();
        atomic_store(&known, level);
    }
    return (cam_bf16)level;
}

void cam_processor_pretend(cam_bf16 level)
{
    atomic_store(&known, (int)level);
}

/* ---- the precision ---------------------------------------------------------------------------------------------- */

cameras_status cam_precision_settle(cameras_precision *out, cameras_precision asked)
{
    const cam_bf16 level = cam_processor_bf16();
    *out = CAMERAS_PRECISION_FP32;
    if (asked == CAMERAS_PRECISION_BF16 && level == CAM_BF16_NONE)
        return cam_fail(CAMERAS_EINVAL, "explain in bf16: this processor has neither AVX-512 (F, BW, VL and DQ) nor "
                                        "bf16 instructions; precision fp32 works here, and auto chooses it");
    if (asked == CAMERAS_PRECISION_BF16 || (asked == CAMERAS_PRECISION_AUTO && level == CAM_BF16_NATIVE))
        *out = CAMERAS_PRECISION_BF16;
    return CAMERAS_OK;
}
