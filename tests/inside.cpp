/*
 * inside.cpp - what only the shim's C++ classes and LibTorch itself can tell the tests
 *
 * SPDX-License-Identifier: MIT
 */
#include "inside.h"

#include "arena.hpp"
#include "cut.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <new>
#include <thread>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>

struct inside_tensor {
    at::Tensor tensor;
    int mark;
};

static shim::Arena *arena_of(shim_arena *arena)
{
    return reinterpret_cast<shim::Arena *>(arena);
}

int inside_channels_last(const shim_cut *cut)
{
    return cut->get_halves()->trunk_channels_last;
}

/* In whatever scope the calling thread is. */
static inside_tensor *make_tensor(size_t bytes, int mark)
{
    try {
        auto made = std::make_unique<inside_tensor>();
        made->tensor = at::empty({static_cast<int64_t>(bytes)}, at::kByte);
        made->mark = mark;
        std::memset(made->tensor.data_ptr(), mark, bytes);
        return made.release();
    } catch (const std::exception &) {
        return nullptr;
    }
}

inside_tensor *inside_tensor_new(shim_arena *arena, size_t bytes, int mark)
{
    if (!arena)
        return make_tensor(bytes, mark);
    const shim::Arena::Scope scope(arena_of(arena));
    return make_tensor(bytes, mark);
}

int inside_tensor_free(inside_tensor *tensor)
{
    const auto *bytes = static_cast<const unsigned char *>(tensor->tensor.data_ptr());
    const int mark = tensor->mark;
    const bool whole =
        std::all_of(bytes, bytes + tensor->tensor.numel(), [mark](unsigned char byte) { return byte == mark; });
    delete tensor;
    return whole;
}

int inside_tensor_free_elsewhere(inside_tensor *tensor)
{
    int whole = 0;
    std::thread([&] { whole = inside_tensor_free(tensor); }).join();
    return whole;
}

inside_tensor *inside_tensor_new_elsewhere(shim_arena *arena, size_t bytes, int mark)
{
    inside_tensor *made = nullptr;
    const shim::Arena::Scope scope(arena_of(arena));
    std::thread([&] { made = make_tensor(bytes, mark); }).join();
    return made;
}

void *inside_take(shim_arena *arena, size_t bytes)
{
    try {
        return arena_of(arena)->take(bytes);
    } catch (const std::bad_alloc &) {
        return nullptr;
    }
}

void inside_give_back(shim_arena *arena, void *block)
{
    arena_of(arena)->give_back(block);
}

int inside_fresh_thread_count(void)
{
    int count = 0;
    std::thread([&] { count = at::get_num_threads(); }).join();
    return count;
}
