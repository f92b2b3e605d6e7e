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

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include <ATen/Parallel.h>
#include <cxxabi.h>
#include <omp.h>
#include <pthread.h>
#include <unistd.h>

namespace
{

constexpr auto patience = std::chrono::seconds(30);

thread_local size_t depth;   /* of this thread's scopes */
thread_local int cancelling; /* whether the host lets this thread be cancelled; while it is inside */

struct House {
    std::mutex lock;
    std::condition_variable left;
    size_t threads = 0; /* inside */
    size_t forking = 0; /* threads; the handler is not moved meanwhile */
    bool closing = false;
    std::thread::id closer;          /* once closing */
    std::atomic<pid_t> process = {}; /* that came in first; 0 before */
};

House *make_house();

/* Never destroyed, unlike the globals that it outlives. */
House &house()
{
    static House *const made = make_house();
    return *made;
}

/*
 * A child of fork has none of the other threads, but their locks as they were. So there is no fork while a thread holds
 * the C library's lock of exit's handlers, which is only taken while the handler is moved. The fork itself holds no
 * lock of ours, for the host's own fork handlers may wait for a thread that wants it; in the child it is made anew. The
 * C library calls these without a lock of its own (glibc 2.36 and later).
 */
void before_fork()
{
    House &own = house();
    const std::lock_guard<std::mutex> guard(own.lock);
    own.forking++;
}

void after_fork()
{
    House &own = house();
    const std::lock_guard<std::mutex> guard(own.lock);
    own.forking--;
}

void after_fork_in_child()
{
    House &own = house();
    new (&own.lock) std::mutex;
    new (&own.left) std::condition_variable;
    own.forking = own.threads = 0;
}

House *make_house()
{
    auto *const made = new House;
    pthread_atfork(before_fork, after_fork, after_fork_in_child);
    return made;
}

/* Made when the library is loaded: no fork finds it half made. */
[[maybe_unused]] const House &early = house();

bool in_child_of_fork()
{
    const pid_t first = house().process;
    return first && first != getpid();
}

thread_local bool moving; /* the handler is called by this thread, which only moves it */

/* May be called twice, see move_handler. */
void close_house(void *)
{
    if (moving || in_child_of_fork())
        return;
    House &own = house();
    std::unique_lock<std::mutex> guard(own.lock);
    if (own.closing)
        return;
    own.closing = true;
    own.closer = std::this_thread::get_id();
    const size_t here = depth ? 1 : 0;
    own.left.wait_for(guard, patience, [&] { return own.threads == here; });
}

/*
 * Takes the handler from where it is among those of exit, which calls it, and registers it as the latest. The C library
 * has room again for a handler that was the latest already, so that its list does not grow by this.
 *
 * Between the two there is none. A process that begins to exit in that moment calls what is before it, which may be of
 * LibTorch's globals, and finds the new one after that. One that has just taken the old one off its list to call it
 * finds both.
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

/*
 * A thread that is cancelled leaves by an exception that may not be caught, which LibTorch does. It is cancelled once
 * it is out.
 */
bool come_in(bool to_free)
{
    if (in_child_of_fork())
        return false;
    House &own = house();
    if (depth == 0) {
        const std::lock_guard<std::mutex> guard(own.lock);
        if (own.closing && !(to_free && own.closer == std::this_thread::get_id()))
            return false;
        own.process = getpid();
        if (!own.closing && !own.forking)
            move_handler();
        own.threads++;
        pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &cancelling);
    }
    depth++;
    return true;
}

void go_out()
{
    if (--depth)
        return;
    House &own = house();
    {
        const std::lock_guard<std::mutex> guard(own.lock);
        own.threads -= own.threads ? 1 : 0; /* there is none in a child that was forked inside */
        own.left.notify_all();
    }
    pthread_setcancelstate(cancelling, nullptr);
}

} // namespace

shim::Stay::Stay()
{
    if (!come_in(false))
        throw in_child_of_fork() ? Failure(CAMERAS_EINVAL, CAM_IN_CHILD_OF_FORK)
                                 : Failure(CAMERAS_ECANCELLED, "the process is ending");
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
