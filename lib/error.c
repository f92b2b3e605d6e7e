/*
 * error.c - the thread's message and the words for a status
 *
 * SPDX-License-Identifier: MIT
 *
 * The buffer is fixed and thread-local, so failing allocates nothing and cannot itself fail.
 */
#include "error.h"

#include "utf8.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static _Thread_local char message[CAM_MESSAGE_BYTES];

cameras_status cam_fail(cameras_status status, const char *format, ...)
{
    /* Formatted aside first: an argument may be the old message itself. */
    char text[CAM_MESSAGE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length >= CAM_MESSAGE_BYTES)
        cam_utf8_trim(text);
    snprintf(message, sizeof message, "%s", text);
    return status;
}

cameras_status cam_fail_memory(const char *doing, size_t bytes)
{
    return cam_fail(CAMERAS_ENOMEM, "%s: out of memory (%zu bytes)", doing, bytes);
}

cameras_status cam_fail_errno(const char *doing, const char *path)
{
    const int reason = errno;
    return cam_fail(reason == ENOMEM ? CAMERAS_ENOMEM : CAMERAS_EIO, "%s %s: %s", doing, path, strerror(reason));
}

const char *cameras_last_error(void)
{
    return message;
}

const char *cameras_status_text(cameras_status status)
{
    switch (status) {
    case CAMERAS_OK: return "success";
    case CAMERAS_EINVAL: return "invalid argument";
    case CAMERAS_ENOMEM: return "out of memory";
    case CAMERAS_EIO: return "file could not be read or written";
    case CAMERAS_EFORMAT: return "damaged or unknown format";
    case CAMERAS_ELIMIT: return "beyond a limit";
    case CAMERAS_EMODEL: return "unusable network";
    case CAMERAS_ELAYER: return "no such layer";
    case CAMERAS_ECLASS: return "no such class";
    case CAMERAS_EFLAT: return "map without contrast";
    case CAMERAS_ESCALE: return "every scale dropped";
    case CAMERAS_ENUMERIC: return "not a finite number";
    case CAMERAS_ECANCELLED: return "cancelled";
    case CAMERAS_EINTERNAL: return "defect of the library";
    default: return "unknown status";
    }
}
