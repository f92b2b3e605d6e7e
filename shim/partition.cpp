/*
 * partition.cpp - which part of a marked graph is trunk and which is head
 *
 * SPDX-License-Identifier: MIT
 *
 * What reads a mark, directly or not, is the head. Code that writes in place makes more of the graph depend on a mark
 * than the values that are passed along show: a list that the head appends to, a tensor that it adds to. The trunk runs
 * before the head, whole, so a node that would see, or spoil, what the head writes must move into the head. Too large a
 * head is only slower; too small a one is wrong; so whatever may alias counts as aliasing.
 */
#include "partition.hpp"

#include "guard.hpp"

#include <algorithm>
#include <functional>
#include <unordered_set>

#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

using torch::jit::AliasDb;
using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;
using torch::jit::ValueSet;

namespace
{

using NodeSet = std::unordered_set<Node *>;

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

ValueSet values_read(Node *node)
{
    ValueSet values;
    each_input(node, [&](Value *value) { values.insert(value); });
    return values;
}

/* Grows the set of nodes that must run after the seeds until nothing more depends on it. */
class Dependents
{
  public:
    Dependents(Graph *graph, AliasDb *aliases, const shim::Marks &seeds)
        : graph_(graph), aliases_(aliases), found_(seeds.begin(), seeds.end())
    {
        do
            sweep();
        while (take_views());
    }

    const NodeSet &found() const
    {
        return found_;
    }

    /* Whether a value is made by the found nodes, or made before them and filled by them, as a dictionary may be. */
    bool reach(Value *value) const
    {
        return found_.count(value->node()) || are_written({value});
    }

  private:
    bool writes(Node *node) const
    {
        return aliases_->writesToAlias(node, values_read(node));
    }

    bool reads_found(Node *node) const
    {
        bool reads = false;
        each_input(node, [&](Value *input) { reads = reads || found_.count(input->node()); });
        return reads;
    }

    bool are_written(const ValueSet &values) const
    {
        return std::any_of(writers_.begin(), writers_.end(),
                           [&](Node *writer) { return aliases_->writesToAlias(writer, values); });
    }

    /* One pass in the order of the graph; touched is what found nodes before have read. */
    void sweep()
    {
        ValueSet touched;
        writers_.clear();
        for (Node *node : graph_->nodes()) {
            const bool writing = writes(node);
            if (!found_.count(node)) {
                const bool spoils = writing && aliases_->writesToAlias(node, touched);
                if (!spoils && !reads_found(node) && !are_written(values_read(node)))
                    continue;
                found_.insert(node);
            }
            for (const Value *value : values_read(node))
                touched.insert(value);
            if (writing)
                writers_.push_back(node);
        }
    }

    bool is_view(Node *node) const
    {
        const auto aliases = [&](Value *input) { return aliases_->mayAlias(input, node->output()); };
        return node->outputs().size() == 1 && !node->inputs().empty() && node->kind().is_aten() && !writes(node) &&
               std::any_of(node->inputs().begin(), node->inputs().end(), aliases);
    }

    /* Takes the view that a value is, and those that it is a view of. */
    bool take_view(Value *value)
    {
        Node *maker = value->node();
        if (maker->owningBlock() != graph_->block() || maker == graph_->param_node() || !is_view(maker))
            return false;
        bool took = found_.insert(maker).second;
        for (Value *input : maker->inputs())
            took = take_view(input) || took;
        return took;
    }

    bool is_read_by_found_alone(const Node *node) const
    {
        const auto &uses = node->output()->uses();
        return std::all_of(uses.begin(), uses.end(), [&](const auto &use) { return found_.count(use.user) != 0; });
    }

    /*
     * Autograd refuses to write to a view made while it was off, and to let one see what is written to what it is a
     * view of: such views are made in the head.
     */
    bool take_views()
    {
        bool took = false;
        for (Node *writer : writers_)
            each_input(writer, [&](Value *input) { took = take_view(input) || took; });
        for (Node *node : graph_->nodes())
            if (!found_.count(node) && is_view(node) && are_written({node->output()}) && is_read_by_found_alone(node))
                took = found_.insert(node).second || took;
        return took;
    }

    Graph *graph_;
    AliasDb *aliases_;
    NodeSet found_;
    std::vector<Node *> writers_;
};

bool is_mean_over_space(std::vector<int64_t> dimensions)
{
    for (int64_t &dimension : dimensions)
        dimension = dimension < 0 ? dimension + 4 : dimension;
    std::sort(dimensions.begin(), dimensions.end());
    return dimensions == std::vector<int64_t>{2, 3};
}

/* What a node makes of a layer's planes if it takes their means and does nothing else. */
shim::Pooling pooling_of(const Node *node)
{
    const auto sizes = node->inputs().size() > 1 ? torch::jit::toIValue(node->input(1)) : c10::nullopt;
    if (!sizes || !sizes->isIntList())
        return shim::Pooling::none;
    if (node->kind() == c10::aten::adaptive_avg_pool2d && sizes->toIntVector() == std::vector<int64_t>{1, 1})
        return shim::Pooling::to_planes;
    if (node->kind() != c10::aten::mean || !is_mean_over_space(sizes->toIntVector()))
        return shim::Pooling::none;
    const auto keep = torch::jit::toIValue(node->input(2)), type = torch::jit::toIValue(node->input(3));
    if (!keep || !type || !type->isNone())
        return shim::Pooling::none;
    return keep->toBool() ? shim::Pooling::to_planes : shim::Pooling::to_numbers;
}

/* Inside torch.no_grad() autograd records nothing, so there is no gradient to fuse. */
void refuse_contexts(Graph *graph, const NodeSet &head)
{
    bool after_a_mark = false;
    for (Node *node : graph->nodes()) {
        after_a_mark = after_a_mark || head.count(node);
        if (after_a_mark && node->kind() == c10::prim::Enter)
            throw shim::Failure(CAMERAS_ELAYER, "after the layer the model's code enters a context such as "
                                                "torch.no_grad(), which hides gradients; choose a layer behind it");
    }
}

/* Copies nodes to the end of a graph; values maps what they read, and learns what they give. */
void append_copies(Graph *graph, const std::vector<Node *> &nodes, std::unordered_map<Value *, Value *> *values)
{
    for (Node *node : nodes) {
        Node *copy = graph->createClone(node, [&](Value *value) { return values->at(value); });
        graph->appendNode(copy);
        for (size_t i = 0; i < node->outputs().size(); i++)
            (*values)[node->outputs()[i]] = copy->outputs()[i];
    }
}

} // namespace

namespace shim
{

Partition::Partition(const Patient &frozen, const Marks &marks) : graph_(*frozen.graph), marks_(marks)
{
    AliasDb aliases(frozen.graph);
    const Dependents below(&graph_, &aliases, marks);
    for (Node *node : graph_.nodes())
        (below.found().count(node) ? head_ : trunk_).push_back(node);
    if (!marks.empty() && !below.reach(graph_.outputs()[0]))
        throw Failure(CAMERAS_ELAYER, "the layer does not reach the network's output");
    refuse_contexts(&graph_, below.found());
    sort_marks(&aliases);
    find_passed();
    find_pooling();
    const ValueSet passed(passed_.begin(), passed_.end());
    passes_written =
        std::any_of(head_.begin(), head_.end(), [&](Node *node) { return aliases.writesToAlias(node, passed); });
}

/* A layer is a leaf when no other layer's mark lies before it. */
void Partition::sort_marks(AliasDb *aliases)
{
    for (size_t i = 0; i < marks_.size(); i++) {
        Marks others = marks_;
        others.erase(others.begin() + static_cast<std::ptrdiff_t>(i));
        const Dependents after_others(&graph_, aliases, others);
        (after_others.found().count(marks_[i]) ? inner : leaves).push_back(i);
    }
}

bool Partition::made_by_trunk(const Value *value) const
{
    const bool is_input = value->node() == graph_.param_node() && value != graph_.inputs()[0];
    return is_input || std::find(trunk_.begin(), trunk_.end(), value->node()) != trunk_.end();
}

/* Lets the head have a value of the trunk; constants it gets as its own. */
void Partition::pass(Value *value)
{
    if (value->node()->kind() != c10::prim::Constant) {
        if (std::find(passed_.begin(), passed_.end(), value) == passed_.end())
            passed_.push_back(value);
    } else if (std::find(constants_.begin(), constants_.end(), value->node()) == constants_.end()) {
        constants_.push_back(value->node());
    }
}

void Partition::find_passed()
{
    for (size_t layer : leaves)
        passed_.push_back(marks_[layer]->input(0));
    const auto read = [&](Value *value) {
        if (made_by_trunk(value))
            pass(value);
    };
    for (Node *node : head_)
        each_input(node, read);
    read(graph_.outputs()[0]);
}

/* ---- pooling ---------------------------------------------------------------------------------------------------- */

/* The pooling node if nothing else reads the layer's output. */
Node *Partition::only_pool(size_t layer) const
{
    const Node *mark = marks_[layer];
    if (mark->output()->uses().size() != 1)
        return nullptr;
    Node *pool = mark->output()->uses()[0].user;
    for (Node *node : head_)
        if (node != mark && values_read(node).count(mark->input(0)))
            return nullptr;
    return is_top_level(pool) && pooling_of(pool) != Pooling::none ? pool : nullptr;
}

/*
 * Pooled planes are differentiated in place of the layer's: the mean's own gradient is the same everywhere, so nothing
 * is lost, and a class costs thousands of numbers instead of millions.
 */
void Partition::find_pooling()
{
    for (size_t i = 0; i < leaves.size(); i++) {
        Node *pool = only_pool(leaves[i]);
        pooling.push_back(pool ? pooling_of(pool) : Pooling::none);
        pools_.push_back(pool);
        if (!pool)
            continue;
        head_.erase(std::find(head_.begin(), head_.end(), marks_[leaves[i]]));
        head_.erase(std::find(head_.begin(), head_.end(), pool));
    }
}

static bool is_turned_constant(const Value *value)
{
    const Node *turn = value->node();
    return turn->kind() == c10::aten::t && turn->input(0)->node()->kind() == c10::prim::Constant;
}

/* Only what certainly is: names of operators that lay numbers out anew, and products with constants. */
static bool is_affine(const Node *node)
{
    static const std::unordered_set<std::string> arranging = {"flatten", "view", "reshape", "squeeze", "size", "t"};
    const auto constant = [&](size_t i) { return node->input(i)->node()->kind() == c10::prim::Constant; };
    if (node->kind() == c10::aten::linear)
        return constant(1) && constant(2);
    if (node->kind() == c10::aten::addmm)
        return constant(0) && (constant(2) || is_turned_constant(node->input(2))) && constant(3) && constant(4);
    return node->kind() == c10::prim::ListConstruct || node->kind() == c10::prim::TupleConstruct ||
           (node->kind().is_aten() && arranging.count(node->kind().toUnqualString()) != 0);
}

bool Partition::head_is_affine() const
{
    return inner.empty() && leaves.size() == 1 && pooling[0] != Pooling::none && passed_.size() == 1 &&
           std::all_of(head_.begin(), head_.end(), is_affine);
}

/* ---- the halves ------------------------------------------------------------------------------------------------- */

Partition::ValueMap Partition::copy_inputs(Graph *graph, const Values &inputs)
{
    ValueMap values;
    for (Value *input : inputs)
        values[input] = graph->addInput()->copyMetadata(input);
    return values;
}

std::shared_ptr<Graph> Partition::trunk_graph() const
{
    auto trunk = std::make_shared<Graph>();
    ValueMap values = copy_inputs(trunk.get(), {graph_.inputs().begin(), graph_.inputs().end()});
    append_copies(trunk.get(), trunk_, &values);
    for (Value *value : passed_)
        trunk->registerOutput(values.at(value));
    torch::jit::EliminateDeadCode(trunk);
    return trunk;
}

std::shared_ptr<Graph> Partition::head_graph() const
{
    auto head = std::make_shared<Graph>();
    Values inputs = {graph_.inputs()[0]};
    inputs.insert(inputs.end(), passed_.begin(), passed_.end());
    ValueMap values = copy_inputs(head.get(), inputs);
    for (size_t i = 0; i < leaves.size(); i++)
        if (pools_[i])
            values[pools_[i]->output()] = values.at(passed_[i]);
    append_copies(head.get(), constants_, &values);
    append_copies(head.get(), head_, &values);
    head->registerOutput(values.at(graph_.outputs()[0]));
    for (size_t layer : inner)
        head->registerOutput(values.at(marks_[layer]->input(0)));
    torch::jit::EliminateDeadCode(head);
    return head;
}

} // namespace shim
