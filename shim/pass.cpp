/*
 * pass.cpp - one input through trunk and head, and the gradients of its logits
 *
 * SPDX-License-Identifier: MIT
 */
#include "arena.hpp"
#include "cut.hpp"
#include "guard.hpp"
#include "run.hpp"
#include "threads.hpp"

#include <chrono>
#include <memory>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>

struct shim_pass {
    const shim_cut *cut;
    std::shared_ptr<const shim::Halves> halves;
    shim::Arena *arena;
    size_t threads;
    std::vector<at::Tensor> recorded;       /* a layer's output, float and contiguous, apart from autograd */
    std::vector<at::Tensor> differentiable; /* the tensors that gradients are taken with respect to */
    std::vector<at::Tensor> gradients;      /* of the class asked for last */
    at::Tensor logits;                      /* 1 x classes, on the autograd graph */
    std::vector<float> logit_values;
    double trunk_seconds = 0, head_seconds = 0;
};

namespace
{

class Stopwatch
{
  public:
    explicit Stopwatch(double *seconds) : seconds_(seconds), start_(std::chrono::steady_clock::now())
    {
    }
    ~Stopwatch()
    {
        *seconds_ += std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    }

  private:
    double *seconds_;
    std::chrono::steady_clock::time_point start_;
};

/* Our own copy of a layer's output: what follows in the network may overwrite it in place. */
at::Tensor record(const at::Tensor &tap, const std::string &layer)
{
    if (tap.dim() != 4 || tap.size(0) != 1 || !tap.is_floating_point())
        throw shim::Failure(CAMERAS_ELAYER, "layer " + layer + " gives " + shim::shape_text(tap) +
                                                "; a spatial layer, 1 x channels x height x width, is needed");
    if (tap.numel() == 0)
        throw shim::Failure(CAMERAS_ELAYER,
                            "layer " + layer + " gives " + shim::shape_text(tap) + ", which holds nothing");
    at::Tensor copy = at::empty(tap.sizes(), at::kFloat);
    return copy.copy_(tap.detach());
}

/* What stands for a leaf layer's tap in the head, apart from what came before. */
at::Tensor leaf_of(const at::Tensor &tap, shim::Pooling pooling)
{
    return shim::pooled(tap, pooling).detach().requires_grad_();
}

/* The trunk's outputs, which are the head's inputs; the leaves among them become leaves of autograd. */
torch::jit::Stack run_trunk(shim_pass *pass, at::Tensor input)
{
    const Stopwatch watch(&pass->trunk_seconds);
    const at::NoGradGuard no_autograd;
    const shim::Halves &halves = *pass->halves;
    const auto trunk = halves.trunk_for(input, !pass->arena || !pass->arena->limit());
    torch::jit::Stack stack = {halves.module._ivalue(), std::move(input)};
    shim::interpret(*trunk, stack);
    for (size_t i = 0; i < halves.leaves.size(); i++) {
        const size_t layer = halves.leaves[i];
        pass->recorded[layer] = record(stack[i].toTensor(), pass->cut->layers[layer]);
    }
    shim::settle(halves, stack);
    for (size_t i = 0; i < halves.leaves.size(); i++) {
        stack[i] = leaf_of(stack[i].toTensor(), halves.pooling[i]);
        pass->differentiable[halves.leaves[i]] = stack[i].toTensor();
    }
    return stack;
}

void run_head(shim_pass *pass, torch::jit::Stack stack)
{
    const Stopwatch watch(&pass->head_seconds);
    const at::AutoGradMode autograd(!pass->cut->layers.empty());
    const shim::Halves &halves = *pass->halves;
    for (size_t i = 0; i < halves.leaves.size(); i++)
        if (halves.pooling[i] != shim::Pooling::none)
            stack[i] = stack[i].toTensor().clone(); /* in place of the mark's, see cut.cpp */
    stack.insert(stack.begin(), halves.module._ivalue());
    shim::interpret(halves.head, stack);
    for (size_t i = 0; i < halves.inner.size(); i++) {
        pass->differentiable[halves.inner[i]] = stack[1 + i].toTensor();
        pass->recorded[halves.inner[i]] = record(stack[1 + i].toTensor(), pass->cut->layers[halves.inner[i]]);
    }
    pass->logits = shim::find_logits(stack[0]);
    if (pass->logits.size(0) != 1)
        throw shim::Failure(CAMERAS_EMODEL, "one image gave logits of shape " + shim::shape_text(pass->logits));
    const at::Tensor values = pass->logits.detach().to(at::kFloat).contiguous();
    pass->logit_values.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
}

/* The gradients of a logit with respect to the differentiable tensors. */
std::vector<at::Tensor> differentiate(const shim_pass *pass, size_t class_index)
{
    const at::AutoGradMode autograd(true);
    const at::Tensor logit = pass->logits.select(1, static_cast<int64_t>(class_index)).sum();
    if (!logit.requires_grad())
        throw shim::Failure(CAMERAS_ELAYER, "the network's output does not depend differentiably on the layer");
    return torch::autograd::grad({logit}, pass->differentiable, {}, true, false, true);
}

/* The same; where the head is affine a class is differentiated once, for that is all the difference there is. */
std::vector<at::Tensor> gradients_of(const shim_pass *pass, size_t class_index)
{
    const shim::Halves &halves = *pass->halves;
    if (!halves.head_is_affine)
        return differentiate(pass, class_index);
    const std::lock_guard<std::mutex> guard(halves.lock);
    auto kept = halves.kept_gradients.find(class_index);
    if (kept == halves.kept_gradients.end())
        kept = halves.kept_gradients.emplace(class_index, differentiate(pass, class_index)[0]).first;
    return {kept->second};
}

/* The gradient with respect to a tap, from that with respect to what stood for it: itself, or its means over space. */
at::Tensor gradient_of_tap(const at::Tensor &gradient, const at::Tensor &tap)
{
    if (!gradient.defined())
        return at::zeros({1, tap.size(1), 1, 1}, at::kFloat);
    if (gradient.numel() == tap.numel())
        return gradient.to(at::kFloat).reshape(tap.sizes()).contiguous();
    return gradient.reshape({1, tap.size(1), 1, 1}) / (tap.size(2) * tap.size(3));
}

shim_array view(const at::Tensor &tensor)
{
    return {tensor.data_ptr<float>(), static_cast<size_t>(tensor.size(1)), static_cast<size_t>(tensor.size(2)),
            static_cast<size_t>(tensor.size(3))};
}

struct Call {
    const shim_cut *cut;
    shim::Arena *arena;
    shim::Planes input;
    size_t threads;
};

std::unique_ptr<shim_pass> run_halves(const Call &call, std::shared_ptr<const shim::Halves> halves)
{
    auto pass = std::make_unique<shim_pass>();
    pass->cut = call.cut;
    pass->arena = call.arena;
    pass->halves = std::move(halves);
    pass->threads = call.threads;
    pass->recorded.resize(call.cut->layers.size());
    pass->differentiable.resize(call.cut->layers.size());
    const bool channels_last = pass->halves->trunk_channels_last;
    run_head(pass.get(), run_trunk(pass.get(), shim::input_tensor(call.input, channels_last)));
    return pass;
}

} // namespace

cameras_status shim_pass_open(shim_pass **out, const shim_cut *cut, shim_arena *arena, const float *input,
                              size_t channels, size_t height, size_t width, size_t threads)
{
    *out = nullptr;
    const Call call = {cut, reinterpret_cast<shim::Arena *>(arena), {input, 1, channels, height, width}, threads};
    return shim::guard(shim::run_doing(height, width).data(), CAMERAS_EMODEL, [&] {
        const shim::Threads threads_scope(threads);
        const shim::Arena::Scope memory(call.arena);
        shim::refuse_beyond_limit(call.arena, [&] {
            const auto run = [&](auto halves) { return run_halves(call, std::move(halves)); };
            *out = shim::with_halves(*cut, call.arena, run).release();
        });
    });
}

void shim_pass_close(shim_pass *pass)
{
    shim::let_go(pass);
}

const float *shim_pass_logits(size_t *count, const shim_pass *pass)
{
    *count = pass->logit_values.size();
    return pass->logit_values.data();
}

shim_array shim_pass_activation(const shim_pass *pass, size_t layer)
{
    return view(pass->recorded[layer]);
}

cameras_status shim_pass_differentiate(shim_pass *pass, size_t class_index)
{
    return shim::guard("differentiate the class logit", CAMERAS_EMODEL, [&] {
        const shim::Threads scope(pass->threads);
        const shim::Arena::Scope memory(pass->arena);
        const Stopwatch watch(&pass->head_seconds);
        pass->gradients.clear(); /* its memory serves the next */
        shim::refuse_beyond_limit(pass->arena, [&] {
            auto gradients = gradients_of(pass, class_index);
            for (size_t i = 0; i < gradients.size(); i++)
                gradients[i] = gradient_of_tap(gradients[i], pass->recorded[i]);
            pass->gradients = std::move(gradients);
        });
    });
}

shim_array shim_pass_gradient(const shim_pass *pass, size_t layer)
{
    return view(pass->gradients[layer]);
}

double shim_pass_trunk_seconds(const shim_pass *pass)
{
    return pass->trunk_seconds;
}

double shim_pass_head_seconds(const shim_pass *pass)
{
    return pass->head_seconds;
}
