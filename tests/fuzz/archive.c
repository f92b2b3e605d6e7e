/*
 * archive.c - fuzz target: what stands between a TorchScript file and LibTorch
 *
 * SPDX-License-Identifier: MIT
 */
#include "fuzz.h"

#include "archive.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const cameras_status allowed[] = {CAMERAS_EFORMAT, CAMERAS_ELIMIT};
    const cameras_status status = cam_archive_check_memory(bytes, size, "it");
    if (status != CAMERAS_OK)
        demand_refusal(status, allowed, 2, "open model it: ");
    return 0;
}
