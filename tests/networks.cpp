/*
 * networks.cpp - small TorchScript networks made on the spot, each with one peculiarity
 *
 * SPDX-License-Identifier: MIT
 */
#include "networks.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <unistd.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/resolver.h>

using torch::jit::Module;

namespace
{

/* ---- parts ------------------------------------------------------------------------------------------------------ */

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

Module linear(int64_t features)
{
    return weighted("Linear", weights(FC_WEIGHT, {NETWORK_CLASSES, features}), weights(FC_BIAS, {NETWORK_CLASSES}),
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

/* Puts a part of that name into a network. */
void add_part(Module *network, const std::string &name)
{
    if (name == "conv" || name == "spare")
        network->register_module(name, conv());
    else if (name == "narrow")
        network->register_module(name, conv(NETWORK_CLASSES));
    else if (name == "maps")
        network->register_module(name, class_maps());
    else if (name == "pool")
        network->register_module(
            name, part("Pool", "def forward(self, x):\n    return torch.adaptive_avg_pool2d(x, [1, 1])\n"));
    else if (name == "crop")
        network->register_module(name, part("Crop", "def forward(self, x):\n    return x[:, :, :, :0]\n"));
    else if (name == "block")
        network->register_module(name, residual_block());
    else if (name == "act")
        network->register_module(name, part("ReLU", "def forward(self, x):\n    return torch.relu(x)\n"));
    else if (name == "pair")
        network->register_module(name, part("Pair", "def forward(self, x):\n    return (x, x)\n"));
    else if (name == "norm")
        network->register_module(name, batch_norm());
    else if (name == "drop")
        network->register_module(
            name, part("Dropout", "def forward(self, x):\n    return torch.dropout(x, 0.5, self.training)\n"));
    else if (name == "direction")
        network->register_buffer(name, at::tensor({-10.0f, 10.0f, 0.0f, 0.0f, 0.0f}));
    else if (name == "tied") {
        const Module first = conv();
        network->register_module("first", first);
        network->register_module("second", tied_to(first));
    } else if (name == "twins") {
        const Module first = conv();
        network->register_module("first", first);
        network->register_module("second", twin_of(first));
    }
}

/* ---- networks --------------------------------------------------------------------------------------------------- */

struct Recipe {
    const char *name;
    int64_t channels;                /* 0: neither stem nor fc */
    int64_t features;                /* of fc */
    std::vector<const char *> parts; /* besides stem and fc */
    const char *source;
    at::ScalarType type = at::kFloat;
};

/* The body of forward, given what becomes of y = ReLU(stem(x)). */
#define FORWARD(rest)                                                                                                  \
    "def forward(self, x):\n"                                                                                          \
    "    y = torch.relu(self.stem.forward(x))\n" rest
#define LOGITS        "self.fc.forward(y.mean([2, 3]))"
#define RETURN_LOGITS "    return " LOGITS "\n"
#define CONV          "    y = self.conv.forward(y)\n"

const int64_t C = NETWORK_CHANNELS;
const int64_t FLAT = C * (NETWORK_FLATTEN_SIDE / 2) * (NETWORK_FLATTEN_SIDE / 2);

const std::map<network, Recipe> recipes = {
    {NETWORK_PLAIN, {"plain", 3, C, {"conv", "spare"}, FORWARD(CONV RETURN_LOGITS)}},
    {NETWORK_RECTIFIED, {"rectified", 3, C, {"conv"}, FORWARD(CONV "    y = torch.relu(y)\n" RETURN_LOGITS)}},
    {NETWORK_IN_PLACE, {"in_place", 3, C, {"conv"}, FORWARD(CONV "    y = torch.relu_(y)\n" RETURN_LOGITS)}},
    {NETWORK_TUPLE, {"tuple", 3, C, {"conv"}, FORWARD(CONV "    return (y, " LOGITS ")\n")}},
    {NETWORK_LIST, {"list", 3, C, {"conv"}, FORWARD(CONV "    return [y, " LOGITS "]\n")}},
    {NETWORK_DICT, {"dict", 3, C, {"conv"}, FORWARD(CONV "    return {'maps': y, 'out': " LOGITS "}\n")}},
    {NETWORK_GREY, {"grey", 1, C, {"conv"}, FORWARD(CONV RETURN_LOGITS)}},
    {NETWORK_FIVE_CHANNELS, {"five_channels", 5, C, {"conv"}, FORWARD(CONV RETURN_LOGITS)}},
    {NETWORK_MANY_CHANNELS, {"many_channels", 17, C, {"conv"}, FORWARD(CONV RETURN_LOGITS)}},
    {NETWORK_FLATTEN,
     {"flatten", 3, FLAT, {"conv"}, FORWARD(CONV "    return self.fc.forward(torch.flatten(y, 1))\n")}},
    {NETWORK_BRANCH,
     {"branch",
      3,
      C,
      {"conv"},
      FORWARD("    if float(x.sum()) > 0.0:\n        y = self.conv.forward(y)\n" RETURN_LOGITS)}},
    {NETWORK_DECIDED,
     {"decided",
      3,
      C,
      {"conv"},
      FORWARD("    if not self.training:\n        y = self.conv.forward(y)\n" RETURN_LOGITS)}},
    {NETWORK_LOOP,
     {"loop",
      3,
      C,
      {"conv"},
      FORWARD("    for i in range(x.size(2) // 16):\n        y = torch.relu(self.conv.forward(y))\n" RETURN_LOGITS)}},
    {NETWORK_TWICE, {"twice", 3, C, {"conv"}, FORWARD(CONV "    y = torch.relu(y)\n" CONV RETURN_LOGITS)}},
    {NETWORK_TWINS,
     {"twins",
      3,
      C,
      {"twins"},
      FORWARD("    y = self.second.forward(torch.relu(self.first.forward(y)))\n" RETURN_LOGITS)}},
    {NETWORK_RESIDUAL,
     {"residual",
      3,
      C,
      {"block"},
      "def features(self, x):\n"
      "    return self.block.forward(torch.relu(self.stem.forward(x)))\n"
      "def forward(self, x):\n"
      "    y = self.features(x)\n" RETURN_LOGITS}},
    {NETWORK_BYSTANDER,
     {"bystander", 3, C, {"conv", "spare"}, FORWARD("    z = self.spare.forward(y)\n" CONV RETURN_LOGITS)}},
    {NETWORK_STEPS, {"steps", 3, C, {"conv"}, FORWARD(CONV "    y = (y > 0.0).to(y.dtype)\n" RETURN_LOGITS)}},
    {NETWORK_PAIR, {"pair", 3, C, {"conv", "pair"}, FORWARD(CONV "    y, z = self.pair.forward(y)\n" RETURN_LOGITS)}},
    {NETWORK_NAN, {"nan", 3, C, {"conv"}, FORWARD(CONV "    return torch.log(-torch.abs(" LOGITS ") - 1.0)\n")}},
    {NETWORK_INFINITE, {"infinite", 3, C, {"conv"}, FORWARD(CONV "    return " LOGITS " / 0.0\n")}},
    {NETWORK_STEEP,
     {"steep",
      3,
      C,
      {"conv"},
      FORWARD(CONV "    y = torch.where(y > 0.0, torch.sqrt(y), torch.zeros_like(y))\n" RETURN_LOGITS)}},
    {NETWORK_ONE_DIMENSION, {"one_dimension", 3, C, {"conv"}, FORWARD(CONV "    return " LOGITS "[0]\n")}},
    {NETWORK_TWO_ROWS,
     {"two_rows", 3, C, {"conv"}, FORWARD(CONV "    return torch.cat([" LOGITS ", " LOGITS "], 0)\n")}},
    {NETWORK_INTEGER, {"integer", 3, C, {"conv"}, FORWARD(CONV "    return torch.argmax(" LOGITS ", 1)\n")}},
    {NETWORK_WRITES_INPUT,
     {"writes_input",
      3,
      C,
      {"conv"},
      "def forward(self, x):\n"
      "    x.sub_(0.5)\n"
      "    y = torch.relu(self.stem.forward(x))\n" CONV RETURN_LOGITS}},
    {NETWORK_TRAINING,
     {"training",
      3,
      C,
      {"conv", "norm", "drop"},
      FORWARD(CONV "    y = self.drop.forward(self.norm.forward(y))\n" RETURN_LOGITS)}},
    {NETWORK_SILENT,
     {"silent",
      3,
      C,
      {"conv", "act"},
      FORWARD("    y = self.act.forward(self.conv.forward(y))\n"
              "    return torch.linear(y.mean([2, 3]), -torch.abs(self.fc.weight), self.fc.bias)\n")}},
    {NETWORK_FICKLE,
     {"fickle",
      3,
      C,
      {"conv", "direction"},
      FORWARD(CONV "    return " LOGITS " + self.direction * (float(x.size(2)) - 40.0)\n")}},
    {NETWORK_NO_CLASSES, {"no_classes", 3, C, {"conv"}, FORWARD(CONV "    return " LOGITS "[:, :0]\n")}},
    {NETWORK_EMPTY,
     {"empty", 3, C, {"conv", "crop"}, FORWARD(CONV "    return " LOGITS " + self.crop.forward(y).sum()\n")}},
    {NETWORK_HALF, {"half", 3, C, {"conv"}, FORWARD(CONV "    y = torch.relu(y)\n" RETURN_LOGITS), at::kHalf}},
    {NETWORK_DOUBLE, {"double", 3, C, {"conv"}, FORWARD(CONV "    y = torch.relu(y)\n" RETURN_LOGITS), at::kDouble}},
    {NETWORK_WITH_DEFAULT,
     {"with_default",
      3,
      C,
      {"conv"},
      "def forward(self, x, factor: float = 2.0):\n"
      "    y = torch.relu(self.stem.forward(x))\n" CONV "    return " LOGITS " * factor\n"}},
    {NETWORK_REQUIRED,
     {"required",
      3,
      C,
      {"conv"},
      "def forward(self, x, factor: float):\n"
      "    y = torch.relu(self.stem.forward(x))\n" CONV "    return " LOGITS " * factor\n"}},
    {NETWORK_NARROW,
     {"narrow",
      3,
      NETWORK_CLASSES,
      {"narrow", "pool"},
      FORWARD("    y = torch.relu(self.narrow.forward(y))\n"
              "    return self.fc.forward(torch.flatten(self.pool.forward(y), 1))\n")}},
    {NETWORK_CLASS_MAPS,
     {"class_maps",
      3,
      C,
      {"conv", "maps"},
      FORWARD("    y = torch.relu(self.conv.forward(y))\n"
              "    return self.maps.forward(y).mean([2, 3])\n")}},
    {NETWORK_TIED,
     {"tied",
      3,
      C,
      {"tied"},
      FORWARD("    y = self.first.forward(torch.relu(self.second.forward(y)))\n" RETURN_LOGITS)}},
    {NETWORK_ONE_ROW,
     {"one_row", 3, C, {"conv"}, FORWARD(CONV "    return self.fc.forward(y.mean([2, 3]).view([1, -1]))\n")}},
    {NETWORK_MIXING, {"mixing", 3, C, {"conv"}, FORWARD(CONV "    y = y + torch.relu(y).mean()\n" RETURN_LOGITS)}},
    {NETWORK_BARE, {"bare", 0, 0, {}, "def forward(self, x):\n    return x.mean([2, 3])\n"}},
    {NETWORK_WITHOUT_FORWARD, {"without_forward", 0, 0, {}, "def other(self, x):\n    return x\n"}},
};

Module build(const Recipe &recipe)
{
    Module network("__torch__.Network");
    network.register_attribute("training", c10::BoolType::get(), true);
    if (recipe.channels)
        network.register_module("stem", stem(recipe.channels));
    for (const char *name : recipe.parts)
        add_part(&network, name);
    if (recipe.channels)
        network.register_module("fc", linear(recipe.features));
    network.define(recipe.source);
    network.to(recipe.type);
    return network;
}

/* ---- files ------------------------------------------------------------------------------------------------------ */

std::string folder;
std::map<network, std::string> saved;

[[noreturn]] void stop(const char *what)
{
    std::fprintf(stderr, "networks: %s\n", what);
    std::abort();
}

} // namespace

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

void networks_open(void)
{
    char name[] = "/tmp/networks.XXXXXX";
    if (!mkdtemp(name))
        stop("no temporary folder");
    folder = name;
}

void networks_close(void)
{
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
    saved.clear();
}

const char *networks_path(const char *name)
{
    static std::string path;
    path = folder + "/" + name;
    return path.c_str();
}

const char *network_file(network which)
{
    const Recipe &recipe = recipes.at(which);
    std::string &path = saved[which];
    try {
        if (path.empty()) {
            path = folder + "/" + recipe.name + ".pt";
            build(recipe).save(path);
        }
    } catch (const std::exception &error) {
        std::fprintf(stderr, "networks: %s: ", recipe.name);
        stop(error.what());
    }
    return path.c_str();
}

int network_torch_threads(void)
{
    return at::get_num_threads();
}

void network_set_torch_threads(int count)
{
    at::set_num_threads(count);
}
