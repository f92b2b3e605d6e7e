/*
 * parts.cpp - the modules that the test networks are put together from
 *
 * SPDX-License-Identifier: MIT
 */
#include "parts.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <vector>

#include <ATen/ATen.h>

using torch::jit::Module;

namespace
{

at::Tensor weights(network_tensor which, const std::vector<int64_t> &shape)
{
    at::Tensor tensor = at::empty(shape, at::kFloat);
    for (int64_t i = 0; i < tensor.numel(); i++)
        tensor.data_ptr<float>()[i] = network_weight(which, static_cast<size_t>(i));
    return tensor;
}

Module part(const char *type, const char *source)
{
    Module made(std::string("__torch__.") + type);
    made.register_attribute("training", c10::BoolType::get(), true);
    made.define(source);
    return made;
}

/* A module of that type with a weight and a bias, which its source may read. */
Module weighted(const char *type, const at::Tensor &weight, const at::Tensor &bias, const char *source)
{
    Module made(std::string("__torch__.") + type);
    made.register_attribute("training", c10::BoolType::get(), true);
    made.register_parameter("weight", weight, false);
    made.register_parameter("bias", bias, false);
    made.define(source);
    return made;
}

Module stem(int64_t channels)
{
    return weighted("Stem", weights(STEM_WEIGHT, {NETWORK_CHANNELS, channels, 3, 3}),
                    weights(STEM_BIAS, {NETWORK_CHANNELS}),
                    "def forward(self, x):\n"
                    "    return torch.conv2d(x, self.weight, self.bias, [2, 2], [1, 1], [1, 1], 1)\n");
}

Module conv(int64_t channels = NETWORK_CHANNELS)
{
    return weighted("Conv2d", weights(CONV_WEIGHT, {channels, NETWORK_CHANNELS, 3, 3}), weights(CONV_BIAS, {channels}),
                    "def forward(self, x):\n"
                    "    return torch.conv2d(x, self.weight, self.bias, [1, 1], [1, 1], [1, 1], 1)\n");
}

/* What a linear layer would say of every pixel. */
Module class_maps()
{
    return weighted("Maps", weights(FC_WEIGHT, {NETWORK_CLASSES, NETWORK_CHANNELS, 1, 1}),
                    weights(FC_BIAS, {NETWORK_CLASSES}),
                    "def forward(self, x):\n"
                    "    return torch.conv2d(x, self.weight, self.bias)\n");
}

/* Another object of the very class of a first one: only their weights tell them apart. */
Module twin_of(const Module &first)
{
    Module second = first.deepcopy();
    second.setattr("weight", weights(SECOND_WEIGHT, {NETWORK_CHANNELS, NETWORK_CHANNELS, 3, 3}));
    second.setattr("bias", weights(SECOND_BIAS, {NETWORK_CHANNELS}));
    return second;
}

/* Another object whose weight and bias are the first one's own. */
Module tied_to(const Module &first)
{
    Module second = first.deepcopy();
    second.setattr("weight", first.attr("weight"));
    second.setattr("bias", first.attr("bias"));
    return second;
}

Module linear_layer(const at::Tensor &weight, const at::Tensor &bias)
{
    return weighted("Linear", weight, bias,
                    "def forward(self, x):\n"
                    "    return torch.linear(x, self.weight, self.bias)\n");
}

Module residual_block()
{
    Module block("__torch__.Block");
    block.register_attribute("training", c10::BoolType::get(), true);
    block.register_module("conv", conv());
    block.define("def forward(self, x):\n"
                 "    return torch.relu(self.conv.forward(x) + x)\n");
    return block;
}

/* Batch norm whose running statistics are mean 0 and variance 1, without epsilon: an identity in evaluation mode. */
Module batch_norm()
{
    Module norm = weighted("BatchNorm2d", at::ones({NETWORK_CHANNELS}), at::zeros({NETWORK_CHANNELS}), "");
    norm.register_buffer("running_mean", at::zeros({NETWORK_CHANNELS}));
    norm.register_buffer("running_var", at::ones({NETWORK_CHANNELS}));
    norm.define("def forward(self, x):\n"
                "    return torch.batch_norm(x, self.weight, self.bias, self.running_mean, self.running_var,\n"
                "                            self.training, 0.1, 0.0, False)\n");
    return norm;
}

/* 1 + so many numbers of a tensor, from the first-th on. */
at::Tensor around_one(network_tensor which, int64_t first)
{
    return weights(which, {first + NETWORK_CHANNELS}).slice(0, first).clone() + 1.0;
}

/* A norm with weights of its own for each channel; call is what its forward returns. */
Module norm(const char *call)
{
    Module made = weighted("Norm", around_one(SECOND_WEIGHT, 0), weights(SECOND_BIAS, {NETWORK_CHANNELS}), "");
    made.register_buffer("mean", around_one(SECOND_WEIGHT, 100) - 1.0);
    made.register_buffer("variance", around_one(SECOND_WEIGHT, 200));
    made.define(std::string("def forward(self, x):\n    return ") + call + "\n");
    return made;
}

Module plain_part(const char *type, const char *call)
{
    return part(type, (std::string("def forward(self, x):\n    return ") + call + "\n").c_str());
}

using Maker = std::function<Module()>;

const std::map<std::string, Maker> makers = {
    {"conv", [] { return conv(); }},
    {"spare", [] { return conv(); }},
    {"narrow", [] { return conv(NETWORK_CLASSES); }},
    {"maps", class_maps},
    {"block", residual_block},
    {"norm", batch_norm},
    {"hidden",
     [] {
         return linear_layer(weights(SECOND_WEIGHT, {NETWORK_CHANNELS, NETWORK_CHANNELS}),
                             weights(SECOND_BIAS, {NETWORK_CHANNELS}));
     }},
    {"pool", [] { return plain_part("Pool", "torch.adaptive_avg_pool2d(x, [1, 1])"); }},
    {"crop", [] { return plain_part("Crop", "x[:, :, :, :0]"); }},
    {"act", [] { return plain_part("ReLU", "torch.relu(x)"); }},
    {"pair", [] { return plain_part("Pair", "(x, x)"); }},
    {"drop", [] { return plain_part("Dropout", "torch.dropout(x, 0.5, self.training)"); }},
    {"batch_norm",
     [] {
         return norm("torch.batch_norm(x, self.weight, self.bias, self.mean, self.variance, False, 0.1, 1e-5, False)");
     }},
    {"layer_norm",
     [] {
         return norm("torch.layer_norm(x.permute(0, 2, 3, 1), [8], self.weight, self.bias, 1e-5).permute(0, 3, 1, 2)");
     }},
    {"group_norm", [] { return norm("torch.group_norm(x, 2, self.weight, self.bias, 1e-5)"); }},
};

} // namespace

Module stem_part(int64_t channels)
{
    return stem(channels);
}

Module linear_part(int64_t features)
{
    return linear_layer(weights(FC_WEIGHT, {NETWORK_CLASSES, features}), weights(FC_BIAS, {NETWORK_CLASSES}));
}

void add_part(Module *whole, const std::string &name)
{
    if (name == "direction") {
        whole->register_buffer(name, at::tensor({-10.0f, 10.0f, 0.0f, 0.0f, 0.0f}));
    } else if (name == "twins") {
        const Module first = conv();
        whole->register_module("first", first);
        whole->register_module("second", twin_of(first));
    } else if (name == "tied") {
        const Module first = conv();
        whole->register_module("first", first);
        whole->register_module("second", tied_to(first));
    } else {
        whole->register_module(name, makers.at(name)());
    }
}

float network_weight(network_tensor tensor, size_t index)
{
    auto bits = static_cast<uint32_t>(index * 2654435761u + static_cast<uint32_t>(tensor) * 40503u + 12345u);
    for (const uint32_t factor : {2246822519u, 3266489917u}) {
        bits ^= bits >> 15;
        bits *= factor;
    }
    bits ^= bits >> 16;
    return static_cast<float>(bits >> 8) / static_cast<float>(1 << 25) - 0.25f;
}
