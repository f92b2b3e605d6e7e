/*
 * threads.hpp - so many threads for LibTorch while a scope lasts
 *
 * SPDX-License-Identifier: MIT
 *
 * at::set_num_threads also changes what threads that come to LibTorch for the first time will begin with, and so would
 * reach threads of the host program. OpenMP's own count is the calling thread's alone, and LibTorch goes by it wherever
 * it was linked with the same OpenMP as we are.
 */
#ifndef SHIM_THREADS_HPP
#define SHIM_THREADS_HPP

#include <ATen/Parallel.h>
#include <omp.h>

namespace shim
{

/* Sets the intra-op threads of the calling thread and gives it its earlier count back at the end. */
class Threads
{
  public:
    explicit Threads(size_t count) : earlier_(at::get_num_threads())
    {
        set(static_cast<int>(count));
    }
    ~Threads()
    {
        set(earlier_);
    }
    Threads(const Threads &) = delete;
    Threads &operator=(const Threads &) = delete;

  private:
    static void set(int count)
    {
        omp_set_num_threads(count);
        if (at::get_num_threads() != count)
            at::set_num_threads(count);
    }

    int earlier_;
};

} // namespace shim

#endif
