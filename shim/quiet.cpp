/*
 * quiet.cpp - what LibTorch warns of and networks print goes to the log, not to the host's standard streams
 *
 * SPDX-License-Identifier: MIT
 */
#include "quiet.hpp"

#include "compat.hpp"
#include "log.h"

#include <atomic>
#include <mutex>
#include <string>

#include <torch/csrc/jit/runtime/print_handler.h>

namespace
{

/* ---- warnings --------------------------------------------------------------------------------------------------- */

class LoggedWarnings : public shim::WarningTaker
{
    void take(const std::string &text) override
    {
        cam_log(CAMERAS_LOG_WARNING, text.c_str());
    }
};

/* Never destroyed: a thread may still warn while the process ends. */
LoggedWarnings *logged_warnings()
{
    static auto *const handler = new LoggedWarnings;
    return handler;
}

/* ---- print ------------------------------------------------------------------------------------------------------ */

thread_local size_t depth; /* of this thread's scopes */

std::mutex lock;
size_t scopes;                                                          /* of all threads; guarded by lock */
std::atomic<torch::jit::PrintHandler> hosts{nullptr}, earlier{nullptr}; /* the host's handler, and that before it */

std::atomic<bool> chained{false}; /* the host may have set its handler to hand on to ours */

/* How often this thread is handing a text on: the host's handler may hand it back, having found ours where it is. */
thread_local size_t handing_on;

class HandOn
{
  public:
    explicit HandOn(size_t times) : before_(handing_on)
    {
        handing_on = times;
    }
    ~HandOn()
    {
        handing_on = before_;
    }
    HandOn(const HandOn &) = delete;
    HandOn &operator=(const HandOn &) = delete;

  private:
    const size_t before_;
};

void take_print(const std::string &text);

/* Without the end of its last line, as a message is. */
void log_print(std::string text)
{
    if (!text.empty() && text.back() == '\n')
        text.pop_back();
    cam_log(CAMERAS_LOG_PRINT, text.c_str());
}

/* How often a text that comes here was handed on: once, by the host's handler, where that is installed itself. */
size_t times_handed_on()
{
    return handing_on || !chained || torch::jit::getPrintHandler() != hosts ? handing_on : 1;
}

torch::jit::PrintHandler handler_after(size_t times)
{
    const auto next = times == 0 ? hosts.load() : times == 1 ? earlier.load() : nullptr;
    return next ? next : torch::jit::getDefaultPrintHandler();
}

void take_print(const std::string &text)
{
    if (depth)
        return log_print(text);
    const size_t times = times_handed_on();
    const HandOn scope(times + 1); /* which a handler that throws ends too */
    handler_after(times)(text);
}

/* during: while ours stood in, so that the host has found ours to hand on to. */
void note_host(torch::jit::PrintHandler found, bool during)
{
    if (found == hosts)
        return;
    earlier = hosts.load();
    hosts = found;
    chained = during;
}

/* At every scope, for the host may have set a handler of its own since the last. */
void stand_in()
{
    const std::lock_guard<std::mutex> guard(lock);
    scopes++;
    const auto found = torch::jit::getPrintHandler();
    if (found == take_print)
        return;
    note_host(found, scopes > 1);
    torch::jit::setPrintHandler(take_print);
}

void step_aside()
{
    const std::lock_guard<std::mutex> guard(lock);
    const auto found = torch::jit::getPrintHandler();
    if (found != take_print)
        note_host(found, true);
    if (--scopes == 0 && found == take_print)
        torch::jit::setPrintHandler(hosts);
}

} // namespace

shim::Hold::Hold()
{
    cam_log_hold();
}

shim::Hold::~Hold()
{
    cam_log_release();
}

shim::Quiet::Quiet() : earlier_(warnings::get_warning_handler())
{
    auto *const ours = logged_warnings(); /* may throw, what follows may not */
    stand_in();
    depth++;
    warnings::set_warning_handler(ours);
}

shim::Quiet::~Quiet()
{
    warnings::set_warning_handler(static_cast<c10::WarningHandler *>(earlier_));
    depth--;
    step_aside();
}
