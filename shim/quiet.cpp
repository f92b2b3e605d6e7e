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
size_t scopes; /* of all threads; guarded by lock */
std::atomic<torch::jit::PrintHandler> hosts{nullptr};

/* Without the end of its last line, as a message is. */
void log_print(std::string text)
{
    if (!text.empty() && text.back() == '\n')
        text.pop_back();
    cam_log(CAMERAS_LOG_PRINT, text.c_str());
}

void take_print(const std::string &text)
{
    const auto host = hosts.load();
    if (depth)
        log_print(text);
    else
        (host ? host : torch::jit::getDefaultPrintHandler())(text);
}

/* At every scope, for the host may have set a handler of its own since the last. */
void stand_in()
{
    const std::lock_guard<std::mutex> guard(lock);
    scopes++;
    if (torch::jit::getPrintHandler() == take_print)
        return;
    hosts = torch::jit::getPrintHandler();
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
    depth++;
    warnings::set_warning_handler(logged_warnings());
}

shim::Quiet::~Quiet()
{
    warnings::set_warning_handler(static_cast<c10::WarningHandler *>(earlier_));
    depth--;
    step_aside();
}
