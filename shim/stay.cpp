/*
 * stay.cpp - coming into LibTorch and out of it: no thread is inside while the process takes it down
 *
 * SPDX-License-Identifier: MIT
 *
 * The process destroys LibTorch's globals while it exits, whatever its other threads do with them: the latest made
 * first, and many are made when an operator is first used. A handler of exit, which each thread that comes in puts
 * before all of those, lets nobody in any more and waits for those inside, who come out after a scale at most. Not for
 * ever: one may wait for something of the host's that will never come. What the thread inside makes itself is before
 * the handler until the next one comes in; no handler can be put before a global that is still to come.
 */
#include "stay.hpp"

#include "guard.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <ATen/Parallel.h>
#include <cxxabi.h>
#include <omp.h>
#include <unistd.h>

namespace
{

constexpr auto patience = std::chrono::seconds(30);

thread_local size_t depth; /* of this thread's scopes */

struct House {
    std::mutex lock;
    std::condition_variable left;
    size_t threads = 0; /* inside */
    bool closing = false;
    std::thread::id closer; /* once closing */
    const pid_t process = getpid();
};

/* Never destroyed, unlike the globals that it outlives. */
House &house()
{
    static auto *const made = new House;
    return *made;
}

thread_local bool moving; /* the handler is called by this thread, which only moves it */

void close_house(void *)
{
    House &own = house();
    /* A child of fork has none of the threads that its copy counts. */
    if (moving || own.process != getpid())
        return;
    std::unique_lock<std::mutex> guard(own.lock);
    own.closing = true;
    own.closer = std::this_thread::get_id();
    const size_t here = depth ? 1 : 0;
    own.left.wait_for(guard, patience, [&] { return own.threads == here; });
}

/*
 * Takes the handler from where it is among those of exit, which calls it, and registers it as the latest. The C library
 * has room again for a handler that was the latest already, so that its list does not grow by this.
 */
void move_handler()
{
    static char owner;
    moving = true;
    abi::__cxa_finalize(&owner);
    moving = false;
    abi::__cxa_atexit(close_house, nullptr, &owner);
}

/*
 * A thread that comes to LibTorch for the first time is given an OpenMP count by it: what the host has set by
 * at::set_num_threads, which any use of LibTorch would have brought, or else a default of LibTorch's own, which a host
 * that knows nothing of LibTorch must not find in place of its own.
 */
void keep_openmp_count()
{
    const int own = omp_get_max_threads();
    at::get_num_threads();
    if (omp_get_max_threads() == at::intraop_default_num_threads())
        omp_set_num_threads(own);
}

bool come_in(bool to_free)
{
    House &own = house();
    if (depth == 0) {
        const std::lock_guard<std::mutex> guard(own.lock);
        if (own.closing && !(to_free && own.closer == std::this_thread::get_id()))
            return false;
        if (!own.closing)
            move_handler();
        own.threads++;
    }
    depth++;
    return true;
}

void go_out()
{
    if (--depth)
        return;
    House &own = house();
    const std::lock_guard<std::mutex> guard(own.lock);
    own.threads--;
    own.left.notify_all();
}

} // namespace

shim::Stay::Stay()
{
    if (!come_in(false))
        throw Failure(CAMERAS_ECANCELLED, "the process is ending");
    if (depth == 1)
        keep_openmp_count();
}

shim::Stay::~Stay()
{
    go_out();
}

shim::StayToFree::StayToFree() noexcept : let_in_(come_in(true))
{
}

shim::StayToFree::~StayToFree()
{
    if (let_in_)
        go_out();
}
