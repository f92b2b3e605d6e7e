/*
 * failing_new.cpp - operator new as failing.h has it
 *
 * SPDX-License-Identifier: MIT
 */
#include "failing.h"

#include <cstdlib>
#include <new>

#define CALLER __builtin_return_address(0)

static void *or_throw(void *block)
{
    if (!block)
        throw std::bad_alloc();
    return block;
}

void *operator new(std::size_t size)
{
    return or_throw(failing_new(size, 0, CALLER));
}
void *operator new[](std::size_t size)
{
    return or_throw(failing_new(size, 0, CALLER));
}
void *operator new(std::size_t size, std::align_val_t alignment)
{
    return or_throw(failing_new(size, static_cast<std::size_t>(alignment), CALLER));
}
void *operator new[](std::size_t size, std::align_val_t alignment)
{
    return or_throw(failing_new(size, static_cast<std::size_t>(alignment), CALLER));
}
void *operator new(std::size_t size, const std::nothrow_t &) noexcept
{
    return failing_new(size, 0, CALLER);
}
void *operator new[](std::size_t size, const std::nothrow_t &) noexcept
{
    return failing_new(size, 0, CALLER);
}
void operator delete(void *block) noexcept
{
    std::free(block);
}
void operator delete[](void *block) noexcept
{
    std::free(block);
}
void operator delete(void *block, std::size_t) noexcept
{
    std::free(block);
}
void operator delete[](void *block, std::size_t) noexcept
{
    std::free(block);
}
void operator delete(void *block, std::align_val_t) noexcept
{
    std::free(block);
}
void operator delete[](void *block, std::align_val_t) noexcept
{
    std::free(block);
}
void operator delete(void *block, std::size_t, std::align_val_t) noexcept
{
    std::free(block);
}
void operator delete[](void *block, std::size_t, std::align_val_t) noexcept
{
    std::free(block);
}
void operator delete(void *block, const std::nothrow_t &) noexcept
{
    std::free(block);
}
void operator delete[](void *block, const std::nothrow_t &) noexcept
{
    std::free(block);
}
