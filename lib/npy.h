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

#endif
