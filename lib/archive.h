/*
 * archive.h - whether a zip archive, which is what a TorchScript file is, is whole and undamaged
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_ARCHIVE_H
#define CAM_ARCHIVE_H

#include "cameras.h"

enum {
    CAM_ARCHIVE_UNPACKED_BYTES = 256 * 1024 * 1024 /* that the compressed records of an archive may hold together */
};

/*
 * Follows the archive's directory and compares every record with its check sum. Messages read "open model <subject>:
 * <reason>", the path being a file's subject.
 * CAMERAS_EFORMAT: no zip archive, cut short, damaged, or of a kind that torch.jit.save does not write. CAMERAS_ELIMIT:
 * compressed records that would unpack to more than CAM_ARCHIVE_UNPACKED_BYTES. CAMERAS_EIO.
 */
cameras_status cam_archive_check_file(const char *path);
cameras_status cam_archive_check_memory(const void *bytes, size_t size, const char *subject);

#endif
