/*
 * demo_files.h - the files of src/demo that the command carries (demo_files.S)
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef DEMO_FILES_H
#define DEMO_FILES_H

#include <stdint.h>

extern const unsigned char demo_model[], demo_scene[];
extern const char demo_labels[];
extern const uint64_t demo_model_size, demo_labels_size, demo_scene_size;

#endif
