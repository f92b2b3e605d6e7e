/*
 * compat.hpp - the one place for what differs between LibTorch's versions
 *
 * SPDX-License-Identifier: MIT
 *
 * 1.13.1 and 2.6 are compiled and tested. Before 1.13 some of what surgery.cpp calls does not exist.
 */
#ifndef SHIM_COMPAT_HPP
#define SHIM_COMPAT_HPP

#include <string>

#include <c10/util/Exception.h>
#include <torch/csrc/jit/api/function_impl.h>
#include <torch/version.h>

#if TORCH_VERSION_MAJOR < 1 || (TORCH_VERSION_MAJOR == 1 && TORCH_VERSION_MINOR < 13)
#error "LibTorch 1.13 or later is needed"
#endif

namespace shim
{

/* A method that was compiled from TorchScript, and so has a graph. */
inline torch::jit::GraphFunction &graph_function(torch::jit::Function &function)
{
    return torch::jit::toGraphFunction(function);
}

/* A warning handler; what it is given has changed. */
class WarningTaker : public c10::WarningHandler
{
    virtual void take(const std::string &text) = 0;
#if TORCH_VERSION_MAJOR < 2
    void process(const c10::SourceLocation &, const std::string &text, const bool) override
    {
        take(text);
    }
#else
    void process(const c10::Warning &warning) override
    {
        take(warning.msg());
    }
#endif
};

#if TORCH_VERSION_MAJOR < 2
namespace warnings = c10::Warning;
#else
namespace warnings = c10::WarningUtils;
#endif

} // namespace shim

#endif
