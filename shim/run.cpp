/*
 * run.cpp - what every run of a cut network has in common
 *
 * SPDX-License-Identifier: MIT
 */
#include "run.hpp"

#include "layout.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <sstream>

#include <ATen/ATen.h>

namespace shim
{

at::Tensor input_tensor(const Planes &input, bool channels_last)
{
    const auto size = [](size_t n) { return static_cast<int64_t>(n); };
    auto *data = const_cast<float *>(input.data); /* from_blob's signature; the clone keeps writers away from it */
    const at::Tensor borrowed = at::from_blob(
        data, {size(input.count), size(input.channels), size(input.height), size(input.width)}, at::kFloat);
    return borrowed.clone(format_for(borrowed, channels_last));
}

void settle(const Halves &halves, torch::jit::Stack &values)
{
    if (halves.passes_written)
        return;
    for (c10::IValue &value : values)
        value = settled(value, halves.head_channels_last, halves.bfloat16);
}

at::Tensor pooled(const at::Tensor &tap, Pooling pooling)
{
    return pooling == Pooling::none ? tap : tap.mean({2, 3}, pooling == Pooling::to_planes);
}

at::Tensor run_through(const Halves &halves, const torch::jit::Code &trunk, at::Tensor inputs)
{
    torch::jit::Stack stack = {halves.module._ivalue(), std::move(inputs)};
    interpret(trunk, stack);
    settle(halves, stack);
    for (size_t i = 0; i < halves.leaves.size(); i++)
        stack[i] = pooled(stack[i].toTensor(), halves.pooling[i]);
    stack.insert(stack.begin(), halves.module._ivalue());
    interpret(halves.head, stack);
    return find_logits(stack[0]);
}

float *copy_of_logits(size_t *classes, const at::Tensor &logits)
{
    const at::Tensor values = logits.detach().to(at::kFloat).contiguous();
    const size_t bytes = static_cast<size_t>(values.numel()) * sizeof(float);
    auto *copy = static_cast<float *>(std::malloc(bytes));
    if (!copy)
        throw std::bad_alloc();
    std::memcpy(copy, values.data_ptr<float>(), bytes);
    *classes = static_cast<size_t>(values.size(1));
    return copy;
}

std::string shape_text(const at::Tensor &tensor)
{
    std::ostringstream text;
    for (int64_t i = 0; i < tensor.dim(); i++)
        text << (i ? " x " : "") << tensor.size(i);
    return text.str();
}

Doing run_doing(size_t height, size_t width)
{
    Doing text;
    std::snprintf(text.data(), text.size(), "run the network on %zu x %zu", width, height);
    return text;
}

} // namespace shim
