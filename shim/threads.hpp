/*
 * threads.hpp - so many threads for LibTorch while a scope lasts
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_THREADS_HPP
#define SHIM_THREADS_HPP

#include <ATen/Parallel.h>

namespace shim
{

/* Sets LibTorch's intra-op threads and gives the host program's own count back at the end. */
class Threads
{
  public:
    explicit Threads(size_t count) : earlier_(at::get_num_threads())
    {
        if (static_cast<int>(count) != earlier_)
            at::set_num_threads(static_cast<int>(count));
    }
    ~Threads()
    {
        if (at::get_num_threads() != earlier_)
            at::set_num_threads(earlier_);
    }
    Threads(const Threads &) = delete;
    Threads &operator=(const Threads &) = delete;

  private:
    int earlier_;
};

} // namespace shim

#endif
