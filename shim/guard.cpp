/*
 * guard.cpp - one line out of LibTorch's many
 *
 * SPDX-License-Identifier: MIT
 */
#include "guard.hpp"

#include <algorithm>
#include <cerrno>

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

/* The text behind "SomeError: " where a line begins so, or nothing. */
static std::string behind_error_name(const std::string &line)
{
    const auto colon = line.find(": ");
    if (colon == std::string::npos || colon < 5 || line.compare(colon - 5, 5, "Error") != 0)
        return "";
    return line.find(' ') < colon ? "" : line.substr(colon + 2);
}

/* The interpreter wraps what an operator throws in a traceback; the last line that names an error says what it was. */
static std::string traced_reason(const std::string &text)
{
    std::string found;
    for (size_t begin = 0; begin < text.size();) {
        const auto end = std::min(text.find('\n', begin), text.size());
        const std::string behind = behind_error_name(text.substr(begin, end - begin));
        if (!behind.empty())
            found = behind;
        begin = end + 1;
    }
    return found;
}

static std::string text_of(const std::exception &error)
{
    const auto *c10_error = dynamic_cast<const c10::Error *>(&error);
    return c10_error ? c10_error->what_without_backtrace() : error.what();
}

static bool says(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

/*
 * LibTorch refuses an allocation with a plain c10::Error, and says of a stream without memory only its number, of an
 * archive only miniz's words; of what is thrown inside the interpreter only the text comes out.
 */
void pass_on_lack_of_memory(const std::exception &error)
{
    const std::string text = text_of(error);
    if (says(text, "can't allocate memory") || says(text, "std::bad_alloc") ||
        says(text, "errno " + std::to_string(ENOMEM) + " on fopen") ||
        (says(text, "PytorchStream") && says(text, "allocation failed")))
        throw std::bad_alloc();
}

std::string reason(const std::exception &error)
{
    pass_on_lack_of_memory(error);
    const std::string text = text_of(error);
    const std::string traced = traced_reason(text);
    return traced.empty() ? first_line(text) : traced;
}

} // namespace shim
