/*
 * surgery.hpp - on copies of a network's graph: inline, mark, freeze
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_SURGERY_HPP
#define SHIM_SURGERY_HPP

#include <functional>
#include <memory>
#include <string>

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

namespace shim
{

/* A copy of a module that is being operated on, and the copy of its forward graph. */
struct Patient {
    torch::jit::Module module;
    std::shared_ptr<torch::jit::Graph> graph;
};

/* Called for each call of a submodule's forward, before it is inlined, with the submodule's path. */
using CallVisitor = std::function<void(torch::jit::Node *call, const std::string &path)>;

/*
 * Copies the module (sharing its weights) and inlines every method call of its forward graph. Arguments behind the
 * image take their defaults; throws where one has none, or where the first is not a tensor.
 */
Patient prepare(const torch::jit::Module &module, const CallVisitor &visit);

/* Freezes the patient: weights become constants, branches on them are decided, batch norm is folded. */
Patient freeze(const Patient &patient);

/* The path of a module value, "" for the root, by following its chain of GetAttr; false where it is something else. */
bool module_path(std::string *path, const torch::jit::Value *value, const torch::jit::Graph &graph);

/* Inserts a clone of a tensor before a node; what reads the tensor is left as it is. */
torch::jit::Node *insert_clone(torch::jit::Value *tensor, torch::jit::Node *before);

/* Whether the node stands in the graph's own block, not inside an if or a loop. */
bool is_top_level(const torch::jit::Node *node);

} // namespace shim

#endif
