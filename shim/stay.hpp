/*
 * stay.hpp - no thread is inside LibTorch while the process takes it down
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_STAY_HPP
#define SHIM_STAY_HPP

namespace shim
{

/* While it lasts the calling thread is inside LibTorch, and the end of the process waits. May be nested. */
class Stay
{
  public:
    /* Throws Failure (CAMERAS_ECANCELLED) where the process is ending. */
    Stay();
    ~Stay();
    Stay(const Stay &) = delete;
    Stay &operator=(const Stay &) = delete;
};

} // namespace shim

#endif
