/*
 * surgery.cpp - inline, mark, freeze
 *
 * SPDX-License-Identifier: MIT
 *
 * TorchScript has no module hooks in C++. While calls are still calls, each knows which submodule it is of; so whoever
 * wants something of a layer marks its call's output then, before inlining makes everything one flat graph. Marks are
 * ordinary operators with a name on them and survive freezing, which also decides branches (if self.training ...), so
 * that layers called in a branch always taken can be reached.
 */
#include "surgery.hpp"

#include "compat.hpp"

#include <torch/csrc/jit/passes/freeze_module.h>
#include <torch/csrc/jit/passes/frozen_graph_optimizations.h>

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;
namespace attr = c10::attr;
namespace prim = c10::prim;

namespace shim
{

static const char method_name[] = "cameras_cut";

/* The path of a module value, "" for the root, by following its chain of GetAttr; false where it is something else. */
static bool module_path(std::string *path, const Value *value, const Graph &graph)
{
    if (value == graph.inputs()[0]) {
        path->clear();
        return true;
    }
    const Node *node = value->node();
    if (node->kind() != prim::GetAttr || !module_path(path, node->input(), graph))
        return false;
    *path += (path->empty() ? "" : ".") + node->s(attr::name);
    return true;
}

/* Replaces a call by the body of its method; returns the first node of that body, or what follows it if it is empty. */
static Node *inline_call(Node *call)
{
    const auto type = call->input(0)->type()->cast<c10::ClassType>();
    auto *function = type ? type->findMethod(call->s(attr::name)) : nullptr;
    if (!function)
        return call->next();
    Node *before = call->prev();
    auto &graph_fn = graph_function(*function);
    torch::jit::inlineCallTo(call, &graph_fn, graph_fn.graph().get());
    return before->next();
}

static void inline_block(Block *block, const Graph &graph, const CallVisitor &visit)
{
    for (Node *node = block->nodes().front(); node != block->return_node();) {
        for (Block *inner : node->blocks())
            inline_block(inner, graph, visit);
        std::string path;
        if (node->kind() != prim::CallMethod || !module_path(&path, node->input(0), graph)) {
            node = node->next();
            continue;
        }
        if (node->s(attr::name) == "forward")
            visit(node, path);
        node = inline_call(node);
    }
}

Patient prepare(const torch::jit::Module &module, const CallVisitor &visit)
{
    /* The clone has types of its own, so the graph must be the clone's too. */
    Patient patient{module.clone(), nullptr};
    auto method = patient.module.get_method("forward");
    patient.graph = graph_function(method.function()).graph()->copy();
    inline_block(patient.graph->block(), *patient.graph, visit);
    return patient;
}

Patient freeze(const Patient &patient)
{
    Patient frozen{patient.module, nullptr};
    auto type = frozen.module.type();
    const c10::QualifiedName name(*type->name(), method_name);
    type->addMethod(frozen.module._ivalue()->compilation_unit()->create_function(name, patient.graph));
    type->unsafeRemoveMethod("forward");
    torch::jit::freeze_module_inplace(&frozen.module, {method_name});
    auto method = frozen.module.get_method(method_name);
    frozen.graph = graph_function(method.function()).graph();
    torch::jit::OptimizeFrozenGraph(frozen.graph);
    return frozen;
}

bool is_top_level(const Node *node)
{
    return node->owningBlock() == node->owningGraph()->block();
}

} // namespace shim
