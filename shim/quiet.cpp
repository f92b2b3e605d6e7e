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

/* How often this thread is handing a text on: the host's handler may hand it back, having found ours where it is. */
thread_local size_t handing_on;

class HandOn
{
  public:
    HandOn()
    {
        handing_on++;
    }
    ~HandOn()
    {
        handing_on--;
    }
    HandOn(const HandOn &) = delete;
    HandOn &operator=(const HandOn &) = delete;
};

/* Without the end of its last line, as a message is. */
void log_print(std::string text)
{
    if (!text.empty() && text.back() == '\n')
        text.pop_back();
    cam_log(CAMERAS_LOG_PRINT, text.c_str());
}

torch::jit::PrintHandler next_handler()
{
    const auto next = handing_on == 0 ? hosts.load() : handing_on == 1 ? earlier.load() : nullptr;
    return next ? next : torch::jit::getDefaultPrintHandler();
}

void take_print(const std::string &text)
{
    if (depth)
        return log_print(text);
    const auto next = next_handler();
    const HandOn scope; /* which a handler that throws ends too */
    next(text);
}

/* At every scope, for the host may have set a handler of its own since the last. */
void stand_in()
{
    const std::lock_guard<std::mutex> guard(lock);
    scopes++;
    const auto found = torch::jit::getPrintHandler();
    if (found == take_print)
        return;
    if (found != hosts) {
        earlier = hosts.load();
        hosts = found;
    }
    torch::jit::setPrintHandler(take_print);
}

void step_aside()
{
    const std::lock_guard<std::mutex> guard(lock);
    if (--scopes == 0 && torch::jit::getPrintHandler() == take_print)
        torch::jit::setPrintHandler(hosts);
}

} // namespace

shim::Quiet::Quiet() : earlier_(warnings::get_warning_handler())
{
    stand_in();
    cam_log_hold();
    depth++;
    warnings::set_warning_handler(logged_warnings());
}

shim::Quiet::~Quiet()
{
    warnings::set_warning_handler(static_cast<c10::WarningHandler *>(earlier_));
    depth--;
    step_aside();
    cam_log_release();
}
