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
#include "guard.hpp"

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

bool module_path(std::string *path, const Value *value, const Graph &graph)
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

/* Scripting names the overloads of a method forward__0, forward__1, ...; tracing names a second call forward1. */
static bool is_forward(const std::string &method)
{
    static const std::string name = "forward";
    return method.compare(0, name.size(), name) == 0 &&
           method.find_first_not_of("_0123456789", name.size()) == std::string::npos;
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
        if (is_forward(node->s(attr::name)))
            visit(node, path);
        node = inline_call(node);
    }
}

/* ---- arguments -------------------------------------------------------------------------------------------------- */

static c10::IValue default_of(const c10::Argument &argument)
{
    if (argument.default_value())
        return *argument.default_value();
    if (argument.type()->kind() == c10::TypeKind::OptionalType)
        return c10::IValue();
    throw Failure(CAMERAS_EMODEL, "the model's forward needs more than the image: its argument \"" + argument.name() +
                                      "\" has no default");
}

/* Leaves the graph with two inputs, self and the image. */
static void settle_arguments(Graph *graph, const c10::FunctionSchema &schema)
{
    const auto &arguments = schema.arguments();
    if (arguments.size() < 2 || !arguments[1].type()->isSubtypeOf(*c10::TensorType::get()))
        throw Failure(CAMERAS_EMODEL, "the model's forward does not take an image tensor as its first argument");
    torch::jit::WithInsertPoint begin(*graph->nodes().begin());
    while (graph->inputs().size() > 2) {
        const size_t last = graph->inputs().size() - 1;
        graph->inputs()[last]->replaceAllUsesWith(graph->insertConstant(default_of(arguments[last])));
        graph->eraseInput(last);
    }
}

/* ---- detach ----------------------------------------------------------------------------------------------------- */

/*
 * Freezing drops aten::detach, which means nothing to it and much to a gradient; a named clone takes its place
 * meanwhile.
 */
static const char detached_name[] = "cameras_detach";

static void hide_detach(Block *block)
{
    for (auto it = block->nodes().begin(); it != block->nodes().end();) {
        Node *node = *it++;
        for (Block *inner : node->blocks())
            hide_detach(inner);
        if (node->kind() != c10::aten::detach)
            continue;
        Node *clone = insert_clone(node->input(0), node);
        clone->s_(attr::name, detached_name);
        node->output()->replaceAllUsesWith(clone->output());
        node->destroy();
    }
}

static void restore_detach(Block *block)
{
    for (auto it = block->nodes().begin(); it != block->nodes().end();) {
        Node *node = *it++;
        for (Block *inner : node->blocks())
            restore_detach(inner);
        if (node->kind() != c10::aten::clone || !node->hasAttribute(attr::name) || node->s(attr::name) != detached_name)
            continue;
        Node *detach = block->owningGraph()->create(c10::aten::detach, {node->input(0)});
        detach->insertBefore(node);
        node->output()->replaceAllUsesWith(detach->output());
        node->destroy();
    }
}

/* ---- the operation ---------------------------------------------------------------------------------------------- */

Patient prepare(const torch::jit::Module &module, const CallVisitor &visit)
{
    /* The clone has types of its own, so the graph must be the clone's too. */
    Patient patient{module.clone(), nullptr};
    auto method = patient.module.get_method("forward");
    patient.graph = graph_function(method.function()).graph()->copy();
    settle_arguments(patient.graph.get(), method.function().getSchema());
    inline_block(patient.graph->block(), *patient.graph, visit);
    hide_detach(patient.graph->block());
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
    restore_detach(frozen.graph->block());
    return frozen;
}

Node *insert_clone(Value *tensor, Node *before)
{
    Graph *graph = before->owningGraph();
    torch::jit::WithInsertPoint here(before);
    Node *clone = graph->create(c10::aten::clone, {tensor, graph->insertConstant(c10::IValue())});
    clone->output()->setType(tensor->type());
    return graph->insertNode(clone);
}

bool is_top_level(const Node *node)
{
    return node->owningBlock() == node->owningGraph()->block();
}

} // namespace shim
