/*
 * quiet.hpp - what LibTorch warns of and networks print goes to the log, not to the host's standard streams
 *
 * SPDX-License-Identifier: MIT
 *
 * LibTorch has a warning handler for each thread and one print handler for the process. Ours stand in their places only
 * while calls of ours run; what other threads of the host print meanwhile is handed on to the handler that was there.
 */
#ifndef SHIM_QUIET_HPP
#define SHIM_QUIET_HPP

namespace shim
{

/* While it lasts, what the calling thread says is kept; then it goes to the log. May be nested. */
class Hold
{
  public:
    Hold();
    ~Hold();
    Hold(const Hold &) = delete;
    Hold &operator=(const Hold &) = delete;
};

/* While it lasts, what LibTorch says in the calling thread is for the log. May be nested. */
class Quiet
{
  public:
    Quiet();
    ~Quiet();
    Quiet(const Quiet &) = delete;
    Quiet &operator=(const Quiet &) = delete;

  private:
    void *earlier_; /* the thread's warning handler */
};

} // namespace shim

#endif
