/*
 * cut.cpp - the graph cut: a network becomes a trunk that ends at the layers and a head that begins there
 *
 * SPDX-License-Identifier: MIT
 *
 * Each layer's output is marked by a clone of it, which everything after the layer reads. Nodes that depend on a mark
 * are the head, the rest is the trunk. The clone is part of the head: many heads begin with an in-place ReLU, which
 * must neither corrupt what was recorded nor touch a leaf of autograd. So the trunk can run without any autograd
 * graph, and nothing before the layer is ever differentiated.
 */
#include "cut.hpp"

#include "guard.hpp"
#include "model.hpp"
#include "surgery.hpp"

#include <algorithm>
#include <memory>
#include <unordered_map>
#include <unordered_set>

#include <torch/csrc/jit/passes/dead_code_elimination.h>

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;
namespace attr = c10::attr;

namespace
{

using Marks = std::vector<Node *>; /* one a layer, null where its call was not found */
using Values = std::vector<Value *>;
using ValueMap = std::unordered_map<Value *, Value *>;

std::string mark_name(size_t layer)
{
    return "cameras_tap_" + std::to_string(layer);
}

/* Inserts the mark after a call and lets every later reader read the mark. A second call takes the name over. */
Node *insert_mark(Node *call, size_t layer, Node *earlier)
{
    Graph *graph = call->owningGraph();
    Value *tap = call->output();
    torch::jit::WithInsertPoint after(call->next());
    Value *none = graph->insertConstant(c10::IValue());
    Node *mark = graph->create(c10::aten::clone, {tap, none});
    mark->output()->setType(tap->type());
    graph->insertNode(mark);
    tap->replaceAllUsesAfterNodeWith(mark, mark->output());
    mark->s_(attr::name, mark_name(layer));
    if (earlier)
        earlier->removeAttribute(attr::name);
    return mark;
}

/* The frozen network with a mark for each layer, and the marks found in it again. */
shim::Patient mark_layers(const torch::jit::Module &module, const std::vector<std::string> &layers)
{
    Marks inserted(layers.size(), nullptr);
    auto patient = shim::prepare(module, [&](Node *call, const std::string &path) {
        for (size_t i = 0; i < layers.size(); i++)
            if (layers[i] == path) {
                if (call->outputs().size() != 1 || !call->output()->type()->isSubtypeOf(*c10::TensorType::get()))
                    throw shim::Failure(CAMERAS_ELAYER, "layer " + path + " does not return a single tensor");
                inserted[i] = insert_mark(call, i, inserted[i]);
            }
    });
    for (size_t i = 0; i < layers.size(); i++)
        if (!inserted[i])
            throw shim::Failure(CAMERAS_ELAYER, "layer " + layers[i] + " is never called by the network's forward");
    return shim::freeze(patient);
}

void collect_marks(Block *block, Marks *marks)
{
    for (Node *node : block->nodes()) {
        for (Block *inner : node->blocks())
            collect_marks(inner, marks);
        if (node->kind() != c10::aten::clone || !node->hasAttribute(attr::name))
            continue;
        for (size_t i = 0; i < marks->size(); i++)
            if (node->s(attr::name) == mark_name(i))
                (*marks)[i] = node;
    }
}

Marks find_marks(const shim::Patient &frozen, const std::vector<std::string> &layers)
{
    Marks marks(layers.size(), nullptr);
    collect_marks(frozen.graph->block(), &marks);
    for (size_t i = 0; i < layers.size(); i++) {
        if (!marks[i])
            throw shim::Failure(CAMERAS_ELAYER, "layer " + layers[i] + " does not reach the network's output");
        if (!shim::is_top_level(marks[i]))
            throw shim::Failure(CAMERAS_ELAYER, "layer " + layers[i] +
                                                    " is called inside an if or a loop of the model's code, where the "
                                                    "network cannot be cut; choose the layer around it");
    }
    return marks;
}

/* Whatever a node reads, in its inner blocks too. */
void each_input(Node *node, const std::function<void(Value *)> &visit)
{
    for (Value *input : node->inputs())
        visit(input);
    for (Block *block : node->blocks()) {
        for (Node *inner : block->nodes())
            each_input(inner, visit);
        for (Value *output : block->outputs())
            visit(output);
    }
}

/* The top-level nodes that depend on any of the seeds, the seeds included. */
std::unordered_set<Node *> dependents(Graph &graph, const Marks &seeds)
{
    std::unordered_set<Node *> found(seeds.begin(), seeds.end());
    for (Node *node : graph.nodes())
        each_input(node, [&](Value *input) {
            if (found.count(input->node()))
                found.insert(node);
        });
    return found;
}

/* Copies nodes to the end of a graph; values maps what they read, and learns what they give. */
void append_copies(Graph *graph, const std::vector<Node *> &nodes, ValueMap *values)
{
    for (Node *node : nodes) {
        Node *copy = graph->createClone(node, [&](Value *value) { return values->at(value); });
        graph->appendNode(copy);
        for (size_t i = 0; i < node->outputs().size(); i++)
            (*values)[node->outputs()[i]] = copy->outputs()[i];
    }
}

/* A frozen graph parted at its marks, before it becomes code. */
class Partition
{
  public:
    Partition(const shim::Patient &frozen, const Marks &marks) : graph_(*frozen.graph), marks_(marks)
    {
        const auto below = dependents(graph_, marks);
        for (Node *node : graph_.nodes())
            (below.count(node) ? head_ : trunk_).push_back(node);
        if (!marks.empty() && !below.count(graph_.outputs()[0]->node()))
            throw shim::Failure(CAMERAS_ELAYER, "the layer does not reach the network's output");
        sort_marks();
        find_passed();
    }

    std::shared_ptr<Graph> trunk_graph()
    {
        auto trunk = std::make_shared<Graph>();
        ValueMap values = copy_inputs(trunk.get(), {graph_.inputs().begin(), graph_.inputs().end()});
        append_copies(trunk.get(), trunk_, &values);
        for (Value *value : passed_)
            trunk->registerOutput(values.at(value));
        torch::jit::EliminateDeadCode(trunk);
        return trunk;
    }

    std::shared_ptr<Graph> head_graph()
    {
        auto head = std::make_shared<Graph>();
        Values inputs = {graph_.inputs()[0]};
        inputs.insert(inputs.end(), passed_.begin(), passed_.end());
        ValueMap values = copy_inputs(head.get(), inputs);
        append_copies(head.get(), constants_, &values);
        append_copies(head.get(), head_, &values);
        head->registerOutput(values.at(graph_.outputs()[0]));
        for (size_t layer : inner)
            head->registerOutput(values.at(marks_[layer]->input(0)));
        torch::jit::EliminateDeadCode(head);
        return head;
    }

    std::vector<size_t> leaves, inner;

  private:
    /* A layer is a leaf when no other layer's mark lies before it. */
    void sort_marks()
    {
        for (size_t i = 0; i < marks_.size(); i++) {
            Marks others = marks_;
            others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
            (dependents(graph_, others).count(marks_[i]) ? inner : leaves).push_back(i);
        }
    }

    /* What the trunk hands to the head: the leaves' taps first, then whatever else the head reads. */
    void find_passed()
    {
        for (size_t layer : leaves)
            passed_.push_back(marks_[layer]->input(0));
        const std::unordered_set<Node *> above(trunk_.begin(), trunk_.end());
        std::unordered_set<Value *> known(passed_.begin(), passed_.end());
        const auto read = [&](Value *value) {
            const bool is_input = value->node() == graph_.param_node() && value != graph_.inputs()[0];
            if ((!above.count(value->node()) && !is_input) || !known.insert(value).second)
                return;
            if (value->node()->kind() == c10::prim::Constant)
                constants_.push_back(value->node());
            else
                passed_.push_back(value);
        };
        for (Node *node : head_)
            each_input(node, read);
        if (marks_.empty())
            read(graph_.outputs()[0]);
    }

    static ValueMap copy_inputs(Graph *graph, const Values &inputs)
    {
        ValueMap values;
        for (Value *input : inputs)
            if (!values.count(input))
                values[input] = graph->addInput()->copyMetadata(input);
            else
                graph->addInput()->copyMetadata(input);
        return values;
    }

    Graph &graph_;
    Marks marks_;
    std::vector<Node *> trunk_, head_, constants_;
    Values passed_;
};

} // namespace

namespace shim
{

void interpret(const torch::jit::Code &code, torch::jit::Stack &stack)
{
    torch::jit::InterpreterState(code).run(stack);
}

static bool is_logits(const c10::IValue &value)
{
    return value.isTensor() && value.toTensor().dim() == 2 && value.toTensor().is_floating_point();
}

static std::vector<c10::IValue> members(const c10::IValue &value)
{
    std::vector<c10::IValue> found;
    if (value.isTuple())
        found.assign(value.toTupleRef().elements().begin(), value.toTupleRef().elements().end());
    else if (value.isList())
        for (const c10::IValue &element : value.toListRef())
            found.push_back(element);
    else if (value.isGenericDict())
        for (const auto &entry : value.toGenericDict())
            found.push_back(entry.value());
    return found;
}

at::Tensor find_logits(const c10::IValue &output)
{
    if (is_logits(output))
        return output.toTensor();
    for (const c10::IValue &member : members(output))
        if (is_logits(member))
            return member.toTensor();
    throw Failure(CAMERAS_EMODEL,
                  "the network's output holds no 1 x classes tensor of floats, as a classifier's would");
}

} // namespace shim

cameras_status shim_cut_open(shim_cut **out, const shim_model *model, const char *const *layers, size_t count)
{
    *out = nullptr;
    return shim::guard("cut the network", CAMERAS_EMODEL, [&] {
        auto cut = std::make_unique<shim_cut>();
        cut->layers.assign(layers, layers + count);
        const auto frozen = mark_layers(model->module, cut->layers);
        Partition partition(frozen, find_marks(frozen, cut->layers));
        cut->leaves = partition.leaves;
        cut->inner = partition.inner;
        cut->module = frozen.module;
        cut->trunk = torch::jit::Code(partition.trunk_graph(), "trunk");
        cut->head = torch::jit::Code(partition.head_graph(), "head");
        *out = cut.release();
    });
}

void shim_cut_close(shim_cut *cut)
{
    delete cut;
}
