/*
 * marks.cpp - a name on a layer's output that survives inlining and freezing
 *
 * SPDX-License-Identifier: MIT
 */
#include "marks.hpp"

#include "guard.hpp"

#include <torch/csrc/jit/passes/constant_propagation.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

using torch::jit::Block;
using torch::jit::Node;
using torch::jit::Value;
namespace attr = c10::attr;
namespace prim = c10::prim;

namespace shim
{

static std::string mark_name(size_t layer)
{
    return "cameras_tap_" + std::to_string(layer);
}

/*
 * Inserts the mark after a call and lets every later reader read the mark. A layer called in both branches of an if, of
 * which freezing will keep one, is marked in both.
 */
static void insert_mark(Node *call, size_t layer)
{
    Value *tap = call->output();
    Node *mark = insert_clone(tap, call->next());
    tap->replaceAllUsesAfterNodeWith(mark, mark->output());
    mark->s_(attr::name, mark_name(layer));
}

Patient mark_layers(const torch::jit::Module &module, const std::vector<std::string> &layers)
{
    std::vector<bool> called(layers.size(), false);
    auto patient = prepare(module, [&](Node *call, const std::string &path) {
        for (size_t i = 0; i < layers.size(); i++)
            if (layers[i] == path) {
                if (call->outputs().size() != 1 || !call->output()->type()->isSubtypeOf(*c10::TensorType::get()))
                    throw Failure(CAMERAS_ELAYER, "layer " + path + " does not return a single tensor of its own");
                insert_mark(call, i);
                called[i] = true;
            }
    });
    for (size_t i = 0; i < layers.size(); i++)
        if (!called[i])
            throw Failure(CAMERAS_ELAYER, "layer " + layers[i] + " is never called by the network's forward");
    return freeze(patient);
}

/* Of several calls the last counts, as it would for a hook in Python. */
static void collect_marks(Block *block, Marks *marks)
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

/* The value that an in-place operator overwrote to give this one: the same tensor by another name. */
static Value *overwritten(const Value *value)
{
    const std::string kind = value->node()->kind().toUnqualString();
    const bool in_place = value->node()->kind().is_aten() && kind.back() == '_' && kind.front() != '_';
    return in_place ? value->node()->input(0) : nullptr;
}

/*
 * b = relu_(a) leaves a and b one tensor, and freezing makes b of a dropout the very same value as a. Whoever reads any
 * of them after the layer reads the layer's output.
 */
static void read_mark_instead(Node *mark)
{
    for (Value *same = mark->input(0); same; same = overwritten(same))
        same->replaceAllUsesAfterNodeWith(mark, mark->output());
}

/* Whether all that is done with a list of sizes is to look at it. */
static bool is_only_read(const Value *list)
{
    for (const auto &use : list->uses())
        if (use.user->kind() != c10::aten::len && use.user->kind() != c10::aten::__getitem__)
            return false;
    return true;
}

static void settle(Node *asking, int64_t rank)
{
    torch::jit::WithInsertPoint here(asking);
    asking->output()->replaceAllUsesWith(asking->owningGraph()->insertConstant(rank));
}

/*
 * A usable layer's output has rank 4, which code that asks for it may know beforehand: its checks then fall away. Only
 * what asks before anything could have changed the rank in place, that is right behind the mark.
 */
static void settle_rank(Node *mark)
{
    std::vector<Node *> asking;
    for (Node *node = mark->next(); node->kind() != prim::Return; node = node->next()) {
        const bool asks = node->kind() == c10::aten::dim || node->kind() == c10::aten::size;
        const bool of_mark = !node->inputs().empty() && node->input(0) == mark->output();
        if (of_mark && !asks)
            break;
        if (of_mark && node->kind() == c10::aten::dim)
            asking.push_back(node);
        if (of_mark && node->inputs().size() == 1 && node->kind() == c10::aten::size && is_only_read(node->output()))
            for (const auto &use : node->output()->uses())
                if (use.user->kind() == c10::aten::len)
                    asking.push_back(use.user);
    }
    for (Node *node : asking)
        settle(node, 4);
}

static Marks collect_usable_marks(const Patient &frozen, const std::vector<std::string> &layers)
{
    Marks marks(layers.size(), nullptr);
    collect_marks(frozen.graph->block(), &marks);
    for (size_t i = 0; i < layers.size(); i++) {
        if (!marks[i])
            throw Failure(CAMERAS_ELAYER, "layer " + layers[i] + " does not reach the network's output");
        if (!is_top_level(marks[i]))
            throw Failure(CAMERAS_ELAYER, "layer " + layers[i] +
                                              " is called inside an if or a loop of the model's code, where the "
                                              "network cannot be cut; choose the layer around it");
    }
    return marks;
}

Marks find_marks(const Patient &frozen, const std::vector<std::string> &layers)
{
    for (Node *mark : collect_usable_marks(frozen, layers)) {
        read_mark_instead(mark);
        settle_rank(mark);
    }
    auto graph = frozen.graph;
    torch::jit::ConstantPropagationImmutableTypes(graph);
    torch::jit::EliminateDeadCode(graph);
    return collect_usable_marks(frozen, layers); /* one that nothing reads is gone now */
}

} // namespace shim
