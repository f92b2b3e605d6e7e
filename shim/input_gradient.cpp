/*
 * input_gradient.cpp - what the network's input would have to change for it to see a class
 *
 * SPDX-License-Identifier: MIT
 *
 * Both halves run with autograd, from the input on. Weights are constants of the frozen graph and need no gradients of
 * their own, so going back costs what going forward did. The trunk is the one that was not packed: oneDNN's packed
 * convolutions have no derivatives.
 */
#include "arena.hpp"
#include "run.hpp"
#include "threads.hpp"

#include <cstring>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>

namespace
{

/* The derivative of -log softmax(logits)[target] with respect to the logits: softmax less 1 at the target. */
at::Tensor cross_entropy_gradient(const at::Tensor &logits, int64_t target)
{
    at::Tensor gradient = logits.detach().to(at::kDouble).softmax(1);
    gradient.select(1, target).sub_(1.0);
    return gradient.to(logits.scalar_type());
}

void check_logits(const at::Tensor &logits, size_t target)
{
    if (logits.size(0) != 1)
        throw shim::Failure(CAMERAS_EMODEL, "one image gave logits of shape " + shim::shape_text(logits));
    if (target >= static_cast<size_t>(logits.size(1)))
        throw shim::Failure(CAMERAS_ECLASS, "there is no class " + std::to_string(target) + "; the network has " +
                                                std::to_string(logits.size(1)));
    if (!logits.requires_grad())
        throw shim::Failure(CAMERAS_EMODEL, "the network's output does not depend differentiably on its input");
}

struct Answer {
    at::Tensor logits, gradient;
};

/* The network runs on a clone: what it writes to its input in place is no leaf of autograd then. */
Answer differentiate(const shim::Halves &halves, const shim::Planes &input, size_t target)
{
    const at::AutoGradMode autograd(true);
    const at::Tensor leaf = shim::input_tensor(input, halves.trunk_channels_last).requires_grad_();
    const at::Tensor logits = shim::run_through(halves, halves.trunk, leaf.clone());
    check_logits(logits, target);
    const at::Tensor start = cross_entropy_gradient(logits, static_cast<int64_t>(target));
    const at::Tensor gradient = torch::autograd::grad({logits}, {leaf}, {start}, false, false, true)[0];
    return {logits.detach(),
            gradient.defined() ? gradient.to(at::kFloat).contiguous() : at::zeros(leaf.sizes(), at::kFloat)};
}

} // namespace

cameras_status shim_input_gradient(float **logits, size_t *classes, float *gradient, const shim_cut *cut,
                                   shim_arena *arena, const float *input, size_t channels, size_t height, size_t width,
                                   size_t target, size_t threads)
{
    *logits = nullptr;
    *classes = 0;
    auto *memory = reinterpret_cast<shim::Arena *>(arena);
    const shim::Planes planes = {input, 1, channels, height, width};
    return shim::guard(shim::run_doing(height, width).data(), CAMERAS_EMODEL, [&] {
        const shim::Threads threads_scope(threads);
        const shim::Arena::Scope memory_scope(memory);
        shim::refuse_beyond_limit(memory, [&] {
            const auto run = [&](const auto &halves) { return differentiate(*halves, planes, target); };
            const Answer answer = shim::with_halves(*cut, memory, run);
            std::memcpy(gradient, answer.gradient.data_ptr<float>(), channels * height * width * sizeof *gradient);
            *logits = shim::copy_of_logits(classes, answer.logits);
        });
    });
}
