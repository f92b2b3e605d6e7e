/*
 * run.hpp - what every run of a cut network has in common: its input, its messages, the layout that it falls back to
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_RUN_HPP
#define SHIM_RUN_HPP

#include "cut.hpp"
#include "guard.hpp"

#include <array>
#include <exception>
#include <memory>
#include <mutex>
#include <string>

#include <ATen/core/Tensor.h>

namespace shim
{

/* Inputs of one size, the planes of one after the other. */
struct Planes {
    const float *data;
    size_t count, channels, height, width;
};

/* A copy of the inputs, count x channels x height x width, for networks may write to what they are given. */
at::Tensor input_tensor(const Planes &input, bool channels_last);

/* Brings what a trunk gave to the layout and the precision of its head. */
void settle(const Halves &halves, torch::jit::Stack &values);

/* A leaf's tap, or its means over space where the head begins behind them. */
at::Tensor pooled(const at::Tensor &tap, Pooling pooling);

/*
 * The logits that the whole network gives for inputs, on the autograd graph where autograd is on: the trunk as given,
 * then the head.
 */
at::Tensor run_through(const Halves &halves, const torch::jit::Code &trunk, at::Tensor inputs);

/* The same floats in an array of the caller's, which free frees; *classes is the length of a row. */
float *copy_of_logits(size_t *classes, const at::Tensor &logits);

/* "2 x 3 x 4" */
std::string shape_text(const at::Tensor &tensor);

/* "run the network on <width> x <height>", which takes no memory: it is said before guard is there to catch a lack. */
using Doing = std::array<char, 80>;
Doing run_doing(size_t height, size_t width);

/* What LibTorch makes of the arena's refusal is a call stack; the reason is known here. */
template <typename Work> void refuse_beyond_limit(Arena *arena, Work work)
{
    if (arena)
        arena->forget_refusal();
    try {
        work();
    } catch (const std::exception &) {
        if (arena && arena->refused())
            throw Failure(CAMERAS_ELIMIT, "its tensors need at least " + std::to_string(arena->refused()) +
                                              " bytes, beyond the " + std::to_string(arena->limit()) +
                                              " that the memory limit leaves them");
        throw;
    }
}

/* What work gives when it is handed plain halves, which the cut keeps. */
template <typename Work> auto run_plainly(const shim_cut &cut, Work work)
{
    const std::lock_guard<std::mutex> one_at_a_time(cut.retreat);
    const auto halves = cut.get_halves(); /* another thread may have been here */
    const auto plain = halves->trunk_channels_last ? make_halves(cut, true) : halves;
    auto result = work(plain);
    cut.replace_halves(plain);
    return result;
}

/*
 * What work gives when it is handed the cut's halves. Code such as x.view(1, -1) takes only tensors with the channels
 * first. A network that refuses the faster layout runs, and from then on stays, in the plain one; what it still refuses
 * there is the input's fault or its own.
 */
template <typename Work> auto with_halves(const shim_cut &cut, const Arena *arena, Work work)
{
    const auto halves = cut.get_halves();
    try {
        return work(halves);
    } catch (const Failure &) {
        throw;
    } catch (const std::exception &error) {
        pass_on_lack_of_memory(error);
        if (!halves->trunk_channels_last || (arena && arena->refused()))
            throw;
    }
    return run_plainly(cut, work);
}

} // namespace shim

#endif
