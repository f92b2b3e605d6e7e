/*
 * inside.h - what only the shim's C++ classes and LibTorch itself can tell the tests
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef INSIDE_H
#define INSIDE_H

#include "shim.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Whether a cut's trunk runs channels last. */
int inside_channels_last(const shim_cut *cut);

/* A tensor of LibTorch's, as a host program makes them: each byte of it is marked, and looked at when it is freed. */
typedef struct inside_tensor inside_tensor;

/* Made by the calling thread inside a scope of the arena, or, where that is NULL, in no scope. NULL: out of memory. */
inside_tensor *inside_tensor_new(shim_arena *arena, size_t bytes, int mark);

/* Whether each byte still is as marked. */
int inside_tensor_free(inside_tensor *tensor);

/* The same as the last call, made by another thread. */
int inside_tensor_free_elsewhere(inside_tensor *tensor);

/* Makes a tensor in a thread of its own, with no scope, while the calling thread is in one of the arena. */
inside_tensor *inside_tensor_new_elsewhere(shim_arena *arena, size_t bytes, int mark);

/* The arena's own blocks, without LibTorch; NULL beyond its limit. */
void *inside_take(shim_arena *arena, size_t bytes);
void inside_give_back(shim_arena *arena, void *block);

/* What a thread that was just made finds LibTorch's number of threads to be. */
int inside_fresh_thread_count(void);

#ifdef __cplusplus
}
#endif

#endif
