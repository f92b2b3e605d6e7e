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

/* Whether a graph's code looks at how tensors lie, and so would see channels last. */
bool reads_strides(const torch::jit::Graph &graph);

/* Whether it makes views that channels-last tensors may refuse. */
bool views_by_shape(const torch::jit::Graph &graph);

/* Whether code asks what is in its tensors, and so may do with many images at once what it does with no single one. */
bool reads_contents(const torch::jit::Graph &graph);

/* The constant arguments of a convolution of two dimensions, whichever operator it was. */
struct Convolution {
    at::Tensor weight;
    c10::IValue bias, stride, padding, dilation, groups;
};

/* Nothing where a node is no such convolution, or its arguments are not all constant. */
c10::optional<Convolution> read_convolution(const torch::jit::Node *node);

/*
 * Has oneDNN convolve, whatever LibTorch would choose. It goes by the sizes and the threads, so that the last bits of
 * a result would too; and what it takes in oneDNN's place is slower where several images are at work.
 */
void convolve_by_onednn(torch::jit::Graph *graph);

/* Lays the weights of the convolutions out channels last. */
void lay_channels_last(torch::jit::Graph *graph);

/* Has convolutions and matrix products take bfloat16; weights are converted now, other operands as they come. */
void reduce_to_bfloat16(torch::jit::Graph *graph);

/*
 * A tensor, or a list of tensors, of floats with the channels last or first; widened to single precision where asked.
 * Copies, where that changes anything: what aliased before may not after.
 */
c10::IValue settled(const c10::IValue &value, bool channels_last, bool widen);

/* Channels last is for rank 4 alone. */
at::MemoryFormat format_for(const at::Tensor &tensor, bool channels_last);

} // namespace shim

#endif
