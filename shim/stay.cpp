/*
 * stay.cpp - coming into LibTorch and out of it: no thread is inside while the process takes it down
 *
 * SPDX-License-Identifier: MIT
 *
 * LibTorch's globals are destroyed while the process exits, whatever other threads do with them. A global of this
 * library, which depends on LibTorch, is destroyed before those, and after what the host program has registered itself:
 * it lets nobody in any more and waits for those inside, who come out after a scale at most. Not for ever: one may wait
 * for something of the host's that will never come.
 */
#include "stay.hpp"

#include "guard.hpp"

#include <chrono>
#include <condition_variable>
#include <mutex>

#include <ATen/Parallel.h>
#include <omp.h>
#include <unistd.h>

namespace
{

constexpr auto patience = std::chrono::seconds(30);

thread_local size_t depth; /* of this thread's scopes */

/* Never destroyed, unlike the globals that it outlives. */
struct House {
    std::mutex lock;
    std::condition_variable left;
    size_t threads = 0; /* inside */
    bool closing = false;
    const pid_t process = getpid();
};

House &house()
{
    static auto *const made = new House;
    return *made;
}

/* A child of fork has none of the threads that its copy counts. */
struct Closing {
    ~Closing()
    {
        House &own = house();
        if (own.process != getpid())
            return;
        std::unique_lock<std::mutex> guard(own.lock);
        own.closing = true;
        const size_t here = depth ? 1 : 0;
        own.left.wait_for(guard, patience, [&] { return own.threads == here; });
    }
} closing;

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

} // namespace

shim::Stay::Stay()
{
    House &own = house();
    if (depth == 0) {
        const std::lock_guard<std::mutex> guard(own.lock);
        if (own.closing)
            throw Failure(CAMERAS_ECANCELLED, "the process is ending");
        own.threads++;
    }
    if (depth++ == 0)
        keep_openmp_count();
}

shim::Stay::~Stay()
{
    if (--depth)
        return;
    House &own = house();
    const std::lock_guard<std::mutex> guard(own.lock);
    own.threads--;
    own.left.notify_all();
}
