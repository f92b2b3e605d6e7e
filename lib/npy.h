/*
 * npy.h - NumPy's array files
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_NPY_H
#define CAM_NPY_H

#include "file.h"

/* Writes rows x columns floats as format 1.0, little-endian float32, C order. The caller commits. */
cameras_status cam_npy_write(cam_output *output, const float *values, size_t rows, size_t columns);

/* The same of planes x rows x columns floats. */
cameras_status cam_npy_write_planes(cam_output *output, const float *values, size_t planes, size_t rows,
                                    size_t columns);

/* Whether the bytes begin as every array file does. */
int cam_npy_recognise(const uint8_t *bytes, size_t size);

/*
 * Reads rows x columns little-endian float32 or float64 in C order, of any format version, as floats (freed by the
 * caller). Messages read "read map <subject>: <reason>". CAMERAS_EFORMAT: another
 * kind of array, damaged, or not as long as it says; nothing was allocated for it.
 */
cameras_status cam_npy_read(float **values, size_t *rows, size_t *columns, const uint8_t *bytes, size_t size,
                            const char *subject);

#endif
