/*
 * pass.cpp - one input through trunk and head, and the gradients of its logits
 *
 * SPDX-License-Identifier: MIT
 */
#include "cut.hpp"
#include "guard.hpp"
#include "threads.hpp"

#include <chrono>
#include <memory>
#include <sstream>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>

struct shim_pass {
    const shim_cut *cut;
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

std::string shape_text(const at::Tensor &tensor)
{
    std::ostringstream text;
    for (int64_t i = 0; i < tensor.dim(); i++)
        text << (i ? " x " : "") << tensor.size(i);
    return text.str();
}

/* Our own copy of a layer's output: what follows in the network may overwrite it in place. */
at::Tensor record(const at::Tensor &tap, const std::string &layer)
{
    if (tap.dim() != 4 || tap.size(0) != 1 || !tap.is_floating_point())
        throw shim::Failure(CAMERAS_ELAYER, "layer " + layer + " gives " + shape_text(tap) +
                                                "; a spatial layer, 1 x channels x height x width, is needed");
    if (tap.numel() == 0)
        throw shim::Failure(CAMERAS_ELAYER, "layer " + layer + " gives " + shape_text(tap) + ", which holds nothing");
    return tap.detach().to(at::kFloat).clone(at::MemoryFormat::Contiguous);
}

at::Tensor input_tensor(const float *input, size_t channels, size_t height, size_t width)
{
    const auto size = [](size_t n) { return static_cast<int64_t>(n); };
    auto *data = const_cast<float *>(input); /* from_blob's signature; the clone keeps models that write away from it */
    return at::from_blob(data, {1, size(channels), size(height), size(width)}, at::kFloat).clone();
}

/* The trunk's outputs, which are the head's inputs; the leaves among them become leaves of autograd. */
torch::jit::Stack run_trunk(shim_pass *pass, at::Tensor input)
{
    const Stopwatch watch(&pass->trunk_seconds);
    const at::NoGradGuard no_autograd;
    torch::jit::Stack stack = {pass->cut->module._ivalue(), std::move(input)};
    shim::interpret(pass->cut->trunk, stack);
    const auto &leaves = pass->cut->leaves;
    for (size_t i = 0; i < leaves.size(); i++) {
        at::Tensor tap = stack[i].toTensor();
        pass->recorded[leaves[i]] = record(tap, pass->cut->layers[leaves[i]]);
        pass->differentiable[leaves[i]] = tap.detach().requires_grad_();
        stack[i] = pass->differentiable[leaves[i]];
    }
    return stack;
}

void run_head(shim_pass *pass, torch::jit::Stack stack)
{
    const Stopwatch watch(&pass->head_seconds);
    const at::AutoGradMode autograd(!pass->cut->layers.empty());
    stack.insert(stack.begin(), pass->cut->module._ivalue());
    shim::interpret(pass->cut->head, stack);
    const auto &inner = pass->cut->inner;
    for (size_t i = 0; i < inner.size(); i++) {
        pass->differentiable[inner[i]] = stack[1 + i].toTensor();
        pass->recorded[inner[i]] = record(stack[1 + i].toTensor(), pass->cut->layers[inner[i]]);
    }
    pass->logits = shim::find_logits(stack[0]);
    if (pass->logits.size(0) != 1)
        throw shim::Failure(CAMERAS_EMODEL, "one image gave logits of shape " + shape_text(pass->logits));
    const at::Tensor values = pass->logits.detach().to(at::kFloat).contiguous();
    pass->logit_values.assign(values.data_ptr<float>(), values.data_ptr<float>() + values.numel());
}

shim_array view(const at::Tensor &tensor)
{
    return {tensor.data_ptr<float>(), static_cast<size_t>(tensor.size(1)), static_cast<size_t>(tensor.size(2)),
            static_cast<size_t>(tensor.size(3))};
}

std::string run_doing(size_t height, size_t width)
{
    return "run the network on " + std::to_string(width) + " x " + std::to_string(height);
}

} // namespace

cameras_status shim_pass_open(shim_pass **out, const shim_cut *cut, const float *input, size_t channels, size_t height,
                              size_t width, size_t threads)
{
    *out = nullptr;
    return shim::guard(run_doing(height, width).c_str(), CAMERAS_EMODEL, [&] {
        const shim::Threads scope(threads);
        auto pass = std::make_unique<shim_pass>();
        pass->cut = cut;
        pass->threads = threads;
        pass->recorded.resize(cut->layers.size());
        pass->differentiable.resize(cut->layers.size());
        run_head(pass.get(), run_trunk(pass.get(), input_tensor(input, channels, height, width)));
        *out = pass.release();
    });
}

void shim_pass_close(shim_pass *pass)
{
    delete pass;
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
        const Stopwatch watch(&pass->head_seconds);
        const at::AutoGradMode autograd(true);
        const at::Tensor logit = pass->logits.select(1, static_cast<int64_t>(class_index)).sum();
        if (!logit.requires_grad())
            throw shim::Failure(CAMERAS_ELAYER, "the network's output does not depend differentiably on the layer");
        auto gradients = torch::autograd::grad({logit}, pass->differentiable, {}, true, false, true);
        for (size_t i = 0; i < gradients.size(); i++)
            gradients[i] =
                gradients[i].defined() ? gradients[i].to(at::kFloat).contiguous() : at::zeros_like(pass->recorded[i]);
        pass->gradients = std::move(gradients);
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
