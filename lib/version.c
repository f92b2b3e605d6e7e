/*
 * version.c - which library this is
 *
 * SPDX-License-Identifier: MIT
 */
#include "cameras.h"
#include "shim.h"

const char *cameras_version(void)
{
    return CAMERAS_VERSION_STRING;
}

const char *cameras_libtorch_version(void)
{
    return shim_libtorch_version();
}
