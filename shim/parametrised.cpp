/*
 * parametrised.cpp - the layers that own parameters, in the order in which the network uses them
 *
 * SPDX-License-Identifier: MIT
 *
 * Modules are registered in any order: Inception lists its auxiliary head, which evaluation never calls, in the middle.
 * So the order is read off the inlined graph, after the branches that evaluation mode decides are gone: a layer stands
 * where its parameters are last read. That also finds parameters that another module's code reads.
 */
#include "guard.hpp"
#include "model.hpp"
#include "surgery.hpp"

#include <algorithm>

#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Module;
using torch::jit::Node;
using torch::jit::Value;
namespace attr = c10::attr;

namespace
{

/* The module of a path, or nothing, by its parts. */
Module module_at(Module module, const std::string &path)
{
    for (size_t begin = 0; begin < path.size();) {
        const size_t end = std::min(path.find('.', begin), path.size());
        module = module.attr(path.substr(begin, end - begin)).toModule();
        begin = end + 1;
    }
    return module;
}

bool owns_parameter(const Module &module, const std::string &name)
{
    for (const auto &parameter : module.named_parameters(false))
        if (parameter.name == name)
            return true;
    return false;
}

bool is_plain(const c10::IValue &value)
{
    return value.isBool() || value.isInt() || value.isDouble() || value.isNone();
}

/* Replaces attributes that are numbers, training among them, by their values. */
void settle_numbers(Block *block, const Graph &graph, const Module &root)
{
    for (auto it = block->nodes().begin(); it != block->nodes().end();) {
        Node *node = *it++;
        for (Block *inner : node->blocks())
            settle_numbers(inner, graph, root);
        std::string path;
        if (node->kind() != c10::prim::GetAttr || !shim::module_path(&path, node->input(), graph))
            continue;
        const c10::IValue value = module_at(root, path).attr(node->s(attr::name));
        if (!is_plain(value))
            continue;
        torch::jit::WithInsertPoint here(node);
        node->output()->replaceAllUsesWith(block->owningGraph()->insertConstant(value));
    }
}

class UseOrder
{
  public:
    UseOrder(const Graph &graph, const Module &root) : graph_(graph), root_(root)
    {
        visit(graph.block());
    }

    std::vector<std::string> paths; /* of owners of parameters, by their last use */

  private:
    void visit(const Block *block)
    {
        for (const Node *node : block->nodes()) {
            for (const Value *input : node->inputs())
                note(input->node());
            for (const Block *inner : node->blocks())
                visit(inner);
        }
    }

    void note(const Node *read)
    {
        std::string path;
        if (read->kind() != c10::prim::GetAttr || !shim::module_path(&path, read->input(), graph_) || path.empty() ||
            !owns_parameter(module_at(root_, path), read->s(attr::name)))
            return;
        paths.erase(std::remove(paths.begin(), paths.end(), path), paths.end());
        paths.push_back(path);
    }

    const Graph &graph_;
    const Module &root_;
};

std::vector<std::string> paths_by_use(const Module &module)
{
    const shim::Patient patient = shim::prepare(module, [](Node *, const std::string &) {});
    settle_numbers(patient.graph->block(), *patient.graph, patient.module);
    auto graph = patient.graph;
    torch::jit::ConstantPropagation(graph);
    torch::jit::EliminateDeadCode(graph);
    return UseOrder(*graph, patient.module).paths;
}

std::vector<std::string> paths_in_tree(const Module &module)
{
    std::vector<std::string> paths;
    for (const auto &named : module.named_modules())
        if (!named.name.empty() && named.value.named_parameters(false).size() != 0)
            paths.push_back(named.name);
    return paths;
}

/* A network that cannot be inlined cannot be explained either; the tree's order will do. */
std::vector<std::string> find(const shim_model &model)
{
    const std::lock_guard<std::mutex> surgery(model.surgery);
    std::vector<std::string> paths;
    try {
        paths = paths_by_use(model.module);
    } catch (const std::exception &error) {
        shim::pass_on_lack_of_memory(error);
        paths = paths_in_tree(model.module);
    }
    std::reverse(paths.begin(), paths.end());
    return paths;
}

} // namespace

cameras_status shim_model_parametrised_count(size_t *count, const shim_model *model)
{
    *count = 0;
    return shim::guard("list the layers with parameters", CAMERAS_EMODEL, [&] {
        std::call_once(model->parametrised_found, [&] { model->parametrised = find(*model); });
        *count = model->parametrised.size();
    });
}

const char *shim_model_parametrised_path(const shim_model *model, size_t index)
{
    return model->parametrised[index].c_str();
}
