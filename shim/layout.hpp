/*
 * layout.hpp - in what order and precision a half of the network keeps its numbers
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_LAYOUT_HPP
#define SHIM_LAYOUT_HPP

#include <ATen/core/Tensor.h>
#include <torch/csrc/jit/ir/ir.h>

namespace shim
{

/* Whether a graph can be given channels-last weights and inputs: false where its code looks at how tensors lie. */
bool suits_channels_last(const torch::jit::Graph &graph);

/* Whether code asks what is in its tensors, and so may do with many images at once what it does with no single one. */
bool reads_contents(const torch::jit::Graph &graph);

/* Lays the weights of the convolutions out channels last. */
void lay_channels_last(torch::jit::Graph *graph);

/* Has convolutions and matrix products take bfloat16; weights are converted now, other operands as they come. */
void reduce_to_bfloat16(torch::jit::Graph *graph);

/* A tensor, or a list of tensors, of floats in single precision and with the channels last or first. */
c10::IValue settled(const c10::IValue &value, bool channels_last);

/* Channels last is for rank 4 alone. */
at::MemoryFormat format_for(const at::Tensor &tensor, bool channels_last);

} // namespace shim

#endif
