/*
 * compat.hpp - the one place that knows how LibTorch 1.13 and 2.6 differ
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_COMPAT_HPP
#define SHIM_COMPAT_HPP

#include <torch/version.h>
#include <torch/csrc/jit/api/function_impl.h>

namespace shim
{

/* The graph of a method or function. 2.x still has GraphFunction, but insists on the checked conversion. */
inline torch::jit::GraphFunction &graph_function(torch::jit::Function &function)
{
    return torch::jit::toGraphFunction(function);
}

} // namespace shim

#endif
