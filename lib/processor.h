/*
 * processor.h - what the processor can do in bf16, and so which precision a call runs in
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_PROCESSOR_H
#define CAM_PROCESSOR_H

#include "cameras.h"

/* How the network's convolutions come by bf16. */
typedef enum cam_bf16 {
    CAM_BF16_UNKNOWN = 0,
    CAM_BF16_NONE,     /* not at all */
    CAM_BF16_EMULATED, /* by AVX-512 instructions for single precision: right, but no faster */
    CAM_BF16_NATIVE    /* by instructions of its own: AVX512_BF16 or AMX, or Arm's */
} cam_bf16;

/* What this processor has, asked once. */
cam_bf16 cam_processor_bf16(void);

/* For tests: another level is what the processor has from now on; CAM_BF16_UNKNOWN brings the truth back. */
void cam_processor_pretend(cam_bf16 level);

/* The precision to run in, FP32 or BF16, for the one asked for. CAMERAS_EINVAL: bf16 without what it needs. */
cameras_status cam_precision_settle(cameras_precision *out, cameras_precision asked);

#endif
