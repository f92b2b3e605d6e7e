/*
 * arena.cpp - working memory that LibTorch's tensors come from while a scope lasts
 *
 * SPDX-License-Identifier: MIT
 *
 * A pass makes and drops dozens of tensors of tens of megabytes. The C library maps and unmaps each of them, and every
 * page of it is faulted in and cleared anew: a tenth of the time of a frozen ResNet-50, and memory that differs from
 * run to run. Here pages stay until the arena closes, never more of them than were in use at once, and a limit on them
 * can be kept exactly.
 *
 * LibTorch has one allocator for all. Ours is put in front of it once and stays (the library is linked so that it is
 * never unloaded): it hands everything on, but for large requests of a thread that is inside an Arena::Scope. Where the
 * host program has put another one in front of ours, arenas stay empty.
 */
#include "arena.hpp"

#include "guard.hpp"
#include "shim.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>

#include <c10/core/CPUAllocator.h>
#include <sys/mman.h>

namespace
{

constexpr size_t page = size_t(1) << 12;
constexpr size_t huge_page = size_t(1) << 21;

thread_local shim::Arena *current = nullptr;

size_t round_up(size_t n, size_t unit)
{
    return (n + unit - 1) / unit * unit;
}

/* Which arena a block is of, for whoever frees it knows its address alone. */
class Registry
{
  public:
    void add(void *block, shim::Arena *arena)
    {
        const std::lock_guard<std::mutex> guard(lock_);
        owners_[block] = arena;
    }
    shim::Arena *remove(void *block)
    {
        const std::lock_guard<std::mutex> guard(lock_);
        const auto found = owners_.find(block);
        if (found == owners_.end())
            return nullptr;
        shim::Arena *arena = found->second;
        owners_.erase(found);
        return arena;
    }

  private:
    std::mutex lock_;
    std::map<void *, shim::Arena *> owners_;
};

/* Never destroyed: tensors of the host program may be freed after everything else. */
Registry &registry()
{
    static auto *const only = new Registry;
    return *only;
}

/* What allocate and copy_data override differs between LibTorch's versions, so neither is marked as overriding. */
class Allocator final : public at::Allocator
{
  public:
    explicit Allocator(at::Allocator *behind) : behind_(behind)
    {
    }
    at::DataPtr allocate(size_t n) const
    {
        void *block = current && n && n >= current->smallest() ? current->take(n) : nullptr;
        if (!block)
            return behind_->allocate(n);
        current->register_block(block);
        return {block, block, &free, at::Device(at::DeviceType::CPU)};
    }
    at::DataPtr allocate(size_t n)
    {
        return static_cast<const Allocator *>(this)->allocate(n);
    }
    at::DeleterFnPtr raw_deleter() const override
    {
        return behind_->raw_deleter() ? &free : nullptr;
    }
    void copy_data(void *to, const void *from, std::size_t count) const
    {
        std::memcpy(to, from, count);
    }

    static Allocator *installed;

  private:
    static void free(void *block)
    {
        if (shim::Arena *arena = registry().remove(block))
            arena->give_back(block);
        else
            installed->behind_->raw_deleter()(block);
    }

    at::Allocator *behind_;
};

Allocator *Allocator::installed = nullptr;

void install()
{
    static std::once_flag once;
    std::call_once(once, [] {
        Allocator::installed = new Allocator(c10::GetCPUAllocator());
        c10::SetCPUAllocator(Allocator::installed);
    });
}

} // namespace

namespace shim
{

Arena::Arena(size_t limit, size_t smallest) : limit_(limit), smallest_(smallest)
{
}

Arena *Arena::open(size_t limit, size_t smallest)
{
    install();
    if (limit && c10::GetCPUAllocator() != Allocator::installed)
        throw Failure(CAMERAS_EINVAL, "this program has given LibTorch an allocator of its own, so that a memory limit "
                                      "cannot be kept");
    return new Arena(limit, smallest);
}

void Arena::close(Arena *arena)
{
    if (!arena)
        return;
    {
        const std::lock_guard<std::mutex> guard(arena->lock_);
        arena->closed_ = true;
        arena->unmap_free(0);
        if (arena->used_)
            return; /* the last block to be given back will delete it */
    }
    delete arena;
}

void Arena::trim()
{
    const std::lock_guard<std::mutex> guard(lock_);
    unmap_free(0);
}

size_t Arena::peak() const
{
    const std::lock_guard<std::mutex> guard(lock_);
    return peak_;
}

void Arena::forget_peak()
{
    const std::lock_guard<std::mutex> guard(lock_);
    peak_ = used_;
}

size_t Arena::refused() const
{
    const std::lock_guard<std::mutex> guard(lock_);
    return refused_;
}

void Arena::forget_refusal()
{
    const std::lock_guard<std::mutex> guard(lock_);
    refused_ = 0;
}

/* The smallest free block that is large enough: the large ones are kept for large requests. */
Arena::Blocks::iterator Arena::best_fit(size_t size)
{
    auto best = blocks_.end();
    for (auto block = blocks_.begin(); block != blocks_.end(); ++block)
        if (!block->second.used && block->second.size >= size &&
            (best == blocks_.end() || block->second.size < best->second.size))
            best = block;
    return best;
}

Arena::Blocks::iterator Arena::map_block(size_t size)
{
    size = round_up(size, size < huge_page ? page : huge_page);
    void *mapped = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapped == MAP_FAILED)
        return blocks_.end();
    madvise(mapped, size, MADV_HUGEPAGE);
    try {
        const auto block = blocks_.emplace(static_cast<char *>(mapped), Block{size, false}).first;
        mapped_ += size;
        return block;
    } catch (...) {
        munmap(mapped, size);
        throw;
    }
}

void Arena::split(Blocks::iterator block, size_t size)
{
    const size_t rest = block->second.size - size;
    if (!rest)
        return;
    blocks_.emplace(block->first + size, Block{rest, false}); /* first: it may throw */
    block->second.size = size;
}

Arena::Blocks::iterator Arena::merge(Blocks::iterator block)
{
    const auto next = std::next(block);
    if (next == blocks_.end() || next->second.used || block->second.used ||
        block->first + block->second.size != next->first)
        return block;
    block->second.size += next->second.size;
    blocks_.erase(next);
    return block;
}

/* Unmaps free blocks, the smallest first, until no more than so many bytes are mapped. */
void Arena::unmap_free(size_t most_mapped)
{
    while (mapped_ > most_mapped) {
        const auto block = best_fit(0);
        if (block == blocks_.end())
            return;
        munmap(block->first, block->second.size);
        mapped_ -= block->second.size;
        blocks_.erase(block);
    }
}

void *Arena::take(size_t n)
{
    const std::lock_guard<std::mutex> guard(lock_);
    const size_t size = round_up(n, page);
    if (limit_ && used_ + size > limit_) {
        refused_ = used_ + size;
        throw std::bad_alloc();
    }
    auto block = best_fit(size);
    if (block == blocks_.end()) {
        /* As much stays mapped as has been in use at once, no more. */
        const size_t needed = std::max(peak_, used_ + size);
        unmap_free(needed > size ? needed - size : 0);
        block = map_block(size);
    }
    if (block == blocks_.end())
        return nullptr;
    split(block, size);
    block->second.used = true;
    used_ += size;
    peak_ = std::max(peak_, used_);
    return block->first;
}

void Arena::register_block(void *block)
{
    try {
        registry().add(block, this);
    } catch (...) {
        give_back(block);
        throw;
    }
}

void Arena::give_back(void *pointer)
{
    bool done = false;
    {
        const std::lock_guard<std::mutex> guard(lock_);
        auto block = blocks_.find(static_cast<char *>(pointer));
        block->second.used = false;
        used_ -= block->second.size;
        block = merge(block);
        if (block != blocks_.begin())
            merge(std::prev(block));
        if (closed_)
            unmap_free(0);
        done = closed_ && !used_;
    }
    if (done)
        delete this;
}

Arena::Scope::Scope(Arena *arena) : earlier_(current)
{
    current = arena;
}

Arena::Scope::~Scope()
{
    current = earlier_;
}

} // namespace shim

cameras_status shim_arena_open(shim_arena **out, size_t limit)
{
    *out = nullptr;
    return shim::guard("set memory aside", CAMERAS_ENOMEM,
                       [&] { *out = reinterpret_cast<shim_arena *>(shim::Arena::open(limit)); });
}

cameras_status shim_arena_open_counting(shim_arena **out, size_t limit)
{
    *out = nullptr;
    return shim::guard("set memory aside", CAMERAS_ENOMEM,
                       [&] { *out = reinterpret_cast<shim_arena *>(shim::Arena::open(limit, 1)); });
}

void shim_arena_close(shim_arena *arena)
{
    shim::Arena::close(reinterpret_cast<shim::Arena *>(arena));
}

void shim_arena_trim(shim_arena *arena)
{
    reinterpret_cast<shim::Arena *>(arena)->trim();
}

size_t shim_arena_peak(const shim_arena *arena)
{
    return reinterpret_cast<const shim::Arena *>(arena)->peak();
}
