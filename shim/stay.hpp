/*
 * stay.hpp - no thread is inside LibTorch while the process takes it down
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_STAY_HPP
#define SHIM_STAY_HPP

namespace shim
{

/*
 * While it lasts the calling thread is inside LibTorch: the end of the process waits, and it cannot be cancelled. May
 * be nested.
 */
class Stay
{
  public:
    /* Throws Failure: CAMERAS_ECANCELLED where the process is ending, CAMERAS_EINVAL in a child of fork. */
    Stay();
    ~Stay();
    Stay(const Stay &) = delete;
    Stay &operator=(const Stay &) = delete;
};

/*
 * The same for whoever frees what is LibTorch's. Where the process is ending, the thread that ends it is let in, for
 * its handlers may close what the host has left open, and no other: their memory goes with the process. Nor is anybody
 * in a child of fork.
 */
class StayToFree
{
  public:
    StayToFree() noexcept;
    ~StayToFree();
    StayToFree(const StayToFree &) = delete;
    StayToFree &operator=(const StayToFree &) = delete;
    explicit operator bool() const
    {
        return let_in_;
    }

  private:
    const bool let_in_;
};

/* Deletes an object that holds LibTorch's; none, where the pointer is NULL. */
template <typename Object> void let_go(Object *object) noexcept
{
    if (!object)
        return;
    if (const StayToFree stay; stay)
        delete object;
}

} // namespace shim

#endif
