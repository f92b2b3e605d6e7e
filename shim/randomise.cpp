/*
 * randomise.cpp - a copy of a model with layers drawn anew
 *
 * SPDX-License-Identifier: MIT
 *
 * The copy is written to memory and read back: it shares nothing with the model, not even the types that every cut
 * adds to, and tensors that were one storage still are one. Each tensor has a stream of random numbers of its own, by
 * the seed and its name, so what a layer is drawn as does not depend on which others are drawn beside it: in a cascade
 * each stage keeps what the one before drew.
 */
#include "guard.hpp"
#include "model.hpp"

#include <cmath>
#include <cstdint>
#include <set>
#include <sstream>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/csrc/jit/serialization/import.h>

using torch::jit::Module;

namespace
{

/* Independent normal numbers: splitmix64 (Steele, Lea and Flood, OOPSLA 2014) and the method of Box and Muller. */
class Normal
{
  public:
    Normal(uint64_t seed, const std::string &name) : state_(seed)
    {
        for (const char letter : name) /* FNV-1a, mixed in letter by letter */
            state_ = (state_ ^ static_cast<unsigned char>(letter)) * 1099511628211u;
    }

    double operator()()
    {
        const double radius = std::sqrt(-2.0 * std::log(uniform()));
        return radius * std::cos(6.283185307179586 * uniform());
    }

  private:
    /* In (0, 1]. */
    double uniform()
    {
        uint64_t bits = state_ += 0x9e3779b97f4a7c15u;
        bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9u;
        bits = (bits ^ (bits >> 27)) * 0x94d049bb133111ebu;
        bits ^= bits >> 31;
        return static_cast<double>((bits >> 11) + 1) * 0x1p-53;
    }

    uint64_t state_;
};

/* From a normal distribution of the mean and the deviation that the numbers have. */
void draw(const at::Tensor &tensor, Normal next)
{
    const at::Tensor now = tensor.to(at::kDouble);
    const double mean = now.mean().item<double>(), deviation = now.std(false).item<double>();
    const at::Tensor drawn = at::empty(tensor.sizes(), at::kFloat);
    float *numbers = drawn.data_ptr<float>();
    for (int64_t i = 0; i < drawn.numel(); i++)
        numbers[i] = static_cast<float>(mean + deviation * next());
    tensor.detach().copy_(drawn);
}

Module find_layer(const Module &root, const std::string &path)
{
    for (const auto &named : root.named_modules())
        if (named.name == path)
            return named.value;
    throw shim::Failure(CAMERAS_ELAYER, "there is no layer " + path);
}

/* Tensors that share their numbers are drawn once. */
void draw_layers(const Module &root, const std::vector<std::string> &layers, uint64_t seed)
{
    std::set<const void *> drawn;
    for (const std::string &path : layers)
        for (const auto &parameter : find_layer(root, path).named_parameters(false)) {
            const at::Tensor &tensor = parameter.value;
            if (tensor.is_floating_point() && tensor.numel() && drawn.insert(tensor.data_ptr()).second)
                draw(tensor, Normal(seed, path + "." + parameter.name));
        }
}

Module copy_once(const Module &module)
{
    std::stringstream archive;
    module.save(archive);
    return torch::jit::load(archive, c10::kCPU);
}

/* Streams lack memory without a word, LibTorch's own too, and cut the archive short: what then fails is done again. */
Module copy_of(const shim_model &model)
{
    const std::lock_guard<std::mutex> surgery(model.surgery);
    try {
        return copy_once(model.module);
    } catch (const std::exception &error) {
        shim::pass_on_lack_of_memory(error);
    }
    return copy_once(model.module);
}

} // namespace

cameras_status shim_model_randomise(shim_model **out, const shim_model *model, const char *const *layers, size_t count,
                                    uint64_t seed)
{
    return shim::adopt_module(out, "randomise the network", [&] {
        const at::NoGradGuard no_autograd;
        Module copy = copy_of(*model);
        draw_layers(copy, {layers, layers + count}, seed);
        return copy;
    });
}
