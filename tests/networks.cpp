/*
 * networks.cpp - small TorchScript networks made on the spot, each with one peculiarity
 *
 * SPDX-License-Identifier: MIT
 */
#include "networks.h"

#include "parts.hpp"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <unistd.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/resolver.h>
#include <torch/csrc/jit/frontend/sugared_value.h>

using torch::jit::Module;

namespace
{

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
    {NETWORK_VIEW, {"view", 3, C, {"conv"}, FORWARD("    y = y.view(1, -1).view(y.size())\n" CONV RETURN_LOGITS)}},
    {NETWORK_STRIDED,
     {"strided",
      3,
      C,
      {"conv"},
      FORWARD("    h, w = y.size(2), y.size(3)\n"
              "    y = torch.as_strided(y, [1, 8, h, w], [8 * h * w, h * w, w, 1])\n" CONV RETURN_LOGITS)}},
    {NETWORK_HEAD_VIEW,
     {"head_view", 3, C, {"conv"}, FORWARD(CONV "    return self.fc.forward(y.view(1, -1).view(1, 8, -1).mean(2))\n")}},
    {NETWORK_HEAD_VIEW_AS,
     {"head_view_as",
      3,
      C,
      {"conv"},
      FORWARD(CONV "    y = y.view_as(torch.zeros([1, y.size(1) * y.size(2) * y.size(3)]))\n"
                   "    return self.fc.forward(y.reshape(1, 8, -1).mean(2))\n")}},
    {NETWORK_WRITES_PASSED,
     {"writes_passed", 3, C, {"conv"}, FORWARD("    z = self.conv.forward(y)\n    y.add_(z)\n" RETURN_LOGITS)}},
    {NETWORK_WRITES_VIEWED,
     {"writes_viewed",
      3,
      C,
      {"conv"},
      FORWARD("    v = y[:, :, 1:]\n"
              "    z = self.conv.forward(y)\n"
              "    y.add_(z)\n"
              "    return self.fc.forward(y.mean([2, 3]) + v.mean([2, 3]))\n")}},
    {NETWORK_PASSES_LIST,
     {"passes_list",
      3,
      C,
      {"conv"},
      FORWARD("    parts = [y, y * 2.0]\n" CONV "    which = int(bool(y.sum() > 1e9))\n"
              "    return self.fc.forward(parts[which].mean([2, 3])) + " LOGITS "\n")}},
    {NETWORK_BATCH_NORM,
     {"batch_norm", 3, C, {"conv", "batch_norm"}, FORWARD("    y = self.batch_norm.forward(y)\n" CONV RETURN_LOGITS)}},
    {NETWORK_LAYER_NORM,
     {"layer_norm", 3, C, {"conv", "layer_norm"}, FORWARD("    y = self.layer_norm.forward(y)\n" CONV RETURN_LOGITS)}},
    {NETWORK_GROUP_NORM,
     {"group_norm", 3, C, {"conv", "group_norm"}, FORWARD("    y = self.group_norm.forward(y)\n" CONV RETURN_LOGITS)}},
    {NETWORK_SINGLE_ONLY,
     {"single_only",
      3,
      C,
      {"conv"},
      FORWARD(CONV "    y = torch.fft_irfft(torch.fft_rfft(y), y.size(3))\n"
                   "    y = torch.relu(self.conv.forward(y))\n" RETURN_LOGITS)}},
    {NETWORK_POOL_KEEPDIM,
     {"pool_keepdim",
      3,
      C,
      {"conv"},
      FORWARD(CONV "    return self.fc.forward(torch.flatten(y.mean([2, 3], True), 1))\n")}},
    {NETWORK_POOL_NEGATIVE,
     {"pool_negative", 3, C, {"conv"}, FORWARD(CONV "    return self.fc.forward(y.mean([-2, -1]))\n")}},
    {NETWORK_POOL_SHUFFLED,
     {"pool_shuffled",
      3,
      C,
      {"conv"},
      FORWARD(CONV "    return self.fc.forward(y.mean([-1, 2], True).view(1, -1))\n")}},
    {NETWORK_POOL_WRITTEN,
     {"pool_written",
      3,
      C,
      {"conv"},
      FORWARD(CONV "    p = y.mean([2, 3])\n"
                   "    p[:, :] *= 2.0\n"
                   "    return self.fc.forward(p.mul_(0.5))\n")}},
    {NETWORK_POOL_ADAPTIVE,
     {"pool_adaptive",
      3,
      C,
      {"conv", "pool"},
      FORWARD(CONV "    return self.fc.forward(torch.flatten(self.pool.forward(y), 1))\n")}},
    {NETWORK_POOL_CHECKED,
     {"pool_checked",
      3,
      C,
      {"conv"},
      FORWARD(CONV "    assert y.dim() == 4, 'four dimensions are needed'\n"
                   "    assert len(y.size()) == 4, 'four sizes are needed'\n" RETURN_LOGITS)}},
    {NETWORK_POOL_TYPED,
     {"pool_typed", 3, C, {"conv"}, FORWARD(CONV "    return self.fc.forward(y.mean([2, 3], False, dtype=6))\n")}},
    {NETWORK_POOL_ALL,
     {"pool_all", 3, C, {"conv"}, FORWARD(CONV "    return self.fc.forward(y.mean([0, 2, 3]).unsqueeze(0))\n")}},
    {NETWORK_ROW_MEANS,
     {"row_means", 3, C, {"conv"}, FORWARD(CONV "    return self.fc.forward(torch.relu(y.mean([3])).mean(2))\n")}},
    {NETWORK_QUADRANTS,
     {"quadrants",
      3,
      C,
      {"conv"},
      FORWARD(CONV "    y = torch.relu(torch.adaptive_avg_pool2d(y, [2, 2]))\n" RETURN_LOGITS)}},
    {NETWORK_TWO_READERS,
     {"two_readers",
      3,
      C,
      {"conv"},
      FORWARD(CONV "    return self.fc.forward(y.mean([2, 3]) + torch.relu(y).mean([2, 3]))\n")}},
    {NETWORK_HIDDEN,
     {"hidden",
      3,
      C,
      {"conv", "hidden"},
      FORWARD(CONV "    return self.fc.forward(torch.relu(self.hidden.forward(y.mean([2, 3]))))\n")}},
    {NETWORK_TWO_LINEAR,
     {"two_linear",
      3,
      C,
      {"conv", "hidden"},
      FORWARD(CONV "    return self.fc.forward(self.hidden.forward(y.mean([2, 3])))\n")}},
    {NETWORK_DEEP,
     {"deep",
      3,
      C,
      {"conv", "spare"},
      FORWARD("    y = torch.max_pool2d(y, [2, 2])\n"
              "    y = torch.relu(self.spare.forward(y))\n" CONV "    y = torch.relu(y)\n" RETURN_LOGITS)}},
    {NETWORK_SHALLOW, {"shallow", 3, C, {}, FORWARD(RETURN_LOGITS)}},
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
    {NETWORK_TALKING,
     {"talking",
      3,
      C,
      {"conv"},
      "def forward(self, x):\n"
      "    print('seen')\n"
      "    torch.warn('odd')\n"
      "    y = torch.relu(self.stem.forward(x))\n" CONV RETURN_LOGITS}},
    {NETWORK_FORKING,
     {"forking",
      3,
      C,
      {"conv"},
      "def task(self, y):\n"
      "    print('seen')\n"
      "    torch.warn('odd')\n"
      "    return self.conv.forward(y)\n"
      "def forward(self, x):\n"
      "    y = torch.wait(fork(self.task, torch.relu(self.stem.forward(x))))\n" RETURN_LOGITS}},
    {NETWORK_NAN_LARGE,
     {"nan_large",
      3,
      C,
      {"conv"},
      FORWARD(CONV "    return " LOGITS " * torch.sqrt(torch.tensor(40.5 - float(x.size(2))))\n")}},
    {NETWORK_INFINITE_LARGE,
     {"infinite_large",
      3,
      C,
      {"conv"},
      FORWARD(CONV "    return " LOGITS " / torch.relu(torch.tensor(41.0 - float(x.size(2))))\n")}},
    {NETWORK_NAN_WITHIN,
     {"nan_within",
      3,
      C,
      {"spare"},
      FORWARD("    z = self.spare.forward(torch.log(-torch.abs(y) - 1.0))\n"
              "    y = torch.where(z == z, z, y)\n" RETURN_LOGITS)}},
    {NETWORK_DROPPING,
     {"dropping", 3, C, {"conv"}, FORWARD(CONV "    y = torch.dropout(y, 0.5, True)\n" RETURN_LOGITS)}},
    {NETWORK_NOISY, {"noisy", 3, C, {"conv"}, FORWARD(CONV "    y = y + torch.rand_like(y)\n" RETURN_LOGITS)}},
    {NETWORK_RAISING, {"raising", 3, C, {"conv"}, FORWARD("    assert x.size(2) != 40, '\\377'\n" CONV RETURN_LOGITS)}},
    {NETWORK_WITHOUT_FORWARD, {"without_forward", 0, 0, {}, "def other(self, x):\n    return x\n"}},
};

/* Knows fork, too, as torch.jit.fork is called inside. */
struct Names : torch::jit::Resolver {
    std::shared_ptr<torch::jit::SugaredValue> resolveValue(const std::string &name, torch::jit::GraphFunction &function,
                                                           const torch::jit::SourceRange &place) override
    {
        if (name == "fork")
            return torch::jit::SpecialFormValue::create(torch::jit::prim::fork);
        return torch::jit::nativeResolver()->resolveValue(name, function, place);
    }
};

Module build(const Recipe &recipe)
{
    Module network("__torch__.Network");
    network.register_attribute("training", c10::BoolType::get(), true);
    if (recipe.channels)
        network.register_module("stem", stem_part(recipe.channels));
    for (const char *name : recipe.parts)
        add_part(&network, name);
    if (recipe.channels)
        network.register_module("fc", linear_part(recipe.features));
    network.define(recipe.source, std::make_shared<Names>());
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

void network_seed_torch(unsigned long long seed)
{
    at::manual_seed(seed);
}
