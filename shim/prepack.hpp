/*
 * prepack.hpp - a trunk whose convolutions keep their weights in oneDNN's own order, for one input size
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_PREPACK_HPP
#define SHIM_PREPACK_HPP

#include <memory>

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/api/object.h>
#include <torch/csrc/jit/ir/ir.h>

namespace shim
{

/*
 * A copy of a trunk (self, input) -> ... that gives the same results, sooner for inputs of this one's size and later
 * for others. The input is run through the trunk once. A null pointer where LibTorch has no such convolutions.
 */
std::shared_ptr<torch::jit::Graph> prepacked(const std::shared_ptr<torch::jit::Graph> &trunk,
                                             const torch::jit::ObjectPtr &self, const at::Tensor &input);

} // namespace shim

#endif
