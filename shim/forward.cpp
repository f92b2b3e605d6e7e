/*
 * forward.cpp - the logits of many inputs, from as few runs as the network allows
 *
 * SPDX-License-Identifier: MIT
 *
 * Many networks were saved with one image in mind: a traced view(1, -1) refuses a batch, or worse, gives one long row;
 * code that asks whether a sum is positive answers for all images together. So the first batch is checked: it must give
 * a row an image, and its last row must be what that image gives alone. What does not pass runs one by one for good.
 */
#include "arena.hpp"
#include "run.hpp"
#include "threads.hpp"

#include <cmath>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/grad_mode.h>

namespace
{

/* Rows that differ by more than summing in another order explains. */
constexpr double rounding = 1e-4;

using shim::Batches;
using shim::Halves;
using shim::Planes;

Planes one_of(const Planes &all, size_t index)
{
    Planes one = all;
    one.data += index * all.channels * all.height * all.width;
    one.count = 1;
    return one;
}

/* As with passes: packed weights take memory of their own, which a limit does not leave. */
at::Tensor run_planes(const Halves &halves, const shim::Arena *arena, const Planes &inputs)
{
    const at::Tensor tensor = shim::input_tensor(inputs, halves.trunk_channels_last);
    return shim::run_through(halves, *halves.trunk_for(tensor, !arena || !arena->limit()), tensor);
}

at::Tensor run_alone(const Halves &halves, const shim::Arena *arena, const Planes &input)
{
    const at::Tensor logits = run_planes(halves, arena, input);
    if (logits.size(0) != 1)
        throw shim::Failure(CAMERAS_EMODEL, "one image gave logits of shape " + shim::shape_text(logits));
    return logits;
}

at::Tensor run_one_by_one(const Halves &halves, const shim::Arena *arena, const Planes &inputs)
{
    std::vector<at::Tensor> rows;
    for (size_t i = 0; i < inputs.count; i++)
        rows.push_back(run_alone(halves, arena, one_of(inputs, i)));
    return at::cat(rows);
}

/* The logits of all inputs from one run; a tensor of other rows, or none, where the network takes no batches. */
at::Tensor run_together(const Halves &halves, const shim::Arena *arena, const Planes &inputs)
{
    try {
        return run_planes(halves, arena, inputs);
    } catch (const std::exception &error) {
        shim::pass_on_lack_of_memory(error);
        if (arena && arena->refused())
            throw;
        return {};
    }
}

bool ends_like_alone(const at::Tensor &logits, const Halves &halves, const shim::Arena *arena, const Planes &inputs)
{
    const at::Tensor alone = run_alone(halves, arena, one_of(inputs, inputs.count - 1));
    const at::Tensor last = logits.narrow(0, logits.size(0) - 1, 1);
    const double largest = alone.abs().max().item<double>();
    const double size = std::isfinite(largest) ? std::max(1.0, largest) : 1.0;
    return alone.sizes() == last.sizes() && at::allclose(last, alone, 0.0, rounding * size, true);
}

Batches batches_of(const Halves &halves)
{
    const std::lock_guard<std::mutex> guard(halves.lock);
    return halves.batches;
}

/* A refusal that another thread met stands. */
void remember(const Halves &halves, Batches found)
{
    const std::lock_guard<std::mutex> guard(halves.lock);
    if (halves.batches != Batches::refused)
        halves.batches = found;
}

at::Tensor run_all(const Halves &halves, const shim::Arena *arena, const Planes &inputs)
{
    const Batches known = batches_of(halves);
    if (inputs.count == 1 || known == Batches::refused)
        return run_one_by_one(halves, arena, inputs);
    const at::Tensor logits = run_together(halves, arena, inputs);
    const bool whole = logits.defined() && logits.size(0) == static_cast<int64_t>(inputs.count);
    if (whole && (known == Batches::taken || ends_like_alone(logits, halves, arena, inputs))) {
        remember(halves, Batches::taken);
        return logits;
    }
    const at::Tensor rows =
        run_one_by_one(halves, arena, inputs); /* an input that even alone is refused says nothing */
    remember(halves, Batches::refused);
    return rows;
}

} // namespace

cameras_status shim_forward(float **logits, size_t *classes, const shim_cut *cut, shim_arena *arena,
                            const float *inputs, size_t count, size_t channels, size_t height, size_t width,
                            size_t threads)
{
    *logits = nullptr;
    *classes = 0;
    auto *memory = reinterpret_cast<shim::Arena *>(arena);
    const Planes planes = {inputs, count, channels, height, width};
    return shim::guard(shim::run_doing(height, width).data(), CAMERAS_EMODEL, [&] {
        const shim::Threads threads_scope(threads);
        const shim::Arena::Scope memory_scope(memory);
        const at::NoGradGuard no_autograd;
        shim::refuse_beyond_limit(memory, [&] {
            const auto run = [&](const auto &halves) { return run_all(*halves, memory, planes); };
            *logits = shim::copy_of_logits(classes, shim::with_halves(*cut, memory, run));
        });
    });
}
