/*
 * threads.hpp - so many threads for LibTorch while a scope lasts
 *
 * SPDX-License-Identifier: MIT
 *
 * at::set_num_threads also changes what threads that come to LibTorch for the first time will begin with, and so would
 * reach threads of the host program. OpenMP's own count is the calling thread's alone, and LibTorch goes by it wherever
 * it was linked with the same OpenMP as we are; only where it was not is LibTorch itself asked.
 */
#ifndef SHIM_THREADS_HPP
#define SHIM_THREADS_HPP

#include <ATen/Parallel.h>
#include <omp.h>

namespace shim
{

/* Sets the intra-op threads of the calling thread and gives it its earlier counts back at the end. */
class Threads
{
  public:
    explicit Threads(size_t count) : libtorch_(at::get_num_threads()), openmp_(omp_get_max_threads())
    {
        omp_set_num_threads(static_cast<int>(count));
        if (at::get_num_threads() != static_cast<int>(count))
            at::set_num_threads(static_cast<int>(count));
    }
    ~Threads()
    {
        omp_set_num_threads(openmp_);
        if (at::get_num_threads() != libtorch_)
            at::set_num_threads(libtorch_);
    }
    Threads(const Threads &) = delete;
    Threads &operator=(const Threads &) = delete;

  private:
    int libtorch_, openmp_;
};

} // namespace shim

#endif
