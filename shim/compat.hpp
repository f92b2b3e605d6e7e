/*
 * compat.hpp - the one place for what differs between LibTorch's versions
 *
 * SPDX-License-Identifier: MIT
 *
 * 1.13.1 and 2.6 are compiled and tested. Before 1.13 some of what surgery.cpp calls does not exist.
 */
#ifndef SHIM_COMPAT_HPP
#define SHIM_COMPAT_HPP

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

} // namespace shim

#endif
