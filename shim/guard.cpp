/*
 * guard.cpp - one line out of LibTorch's many
 *
 * SPDX-License-Identifier: MIT
 */
#include "guard.hpp"

#include <c10/util/Exception.h>

namespace shim
{

static std::string first_line(const std::string &text)
{
    const auto begin = text.find_first_not_of(" \t\r\n");
    if (begin == std::string::npos)
        return "no reason given";
    return text.substr(begin, text.find('\n', begin) - begin);
}

/*
 * LibTorch refuses an allocation with a plain c10::Error, and the interpreter wraps what an operator throws in a
 * traceback whose last "RuntimeError: " opens the sentence that matters.
 */
std::string reason(const std::exception &error)
{
    const auto *c10_error = dynamic_cast<const c10::Error *>(&error);
    const std::string text = c10_error ? c10_error->what_without_backtrace() : error.what();
    if (text.find("can't allocate memory") != std::string::npos)
        throw std::bad_alloc();
    const std::string mark = "Error: ";
    const auto last = text.rfind(mark);
    const bool wrapped = text.find("Traceback of TorchScript") != std::string::npos && last != std::string::npos;
    return first_line(wrapped ? text.substr(last + mark.size()) : text);
}

} // namespace shim
