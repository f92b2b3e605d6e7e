/*
 * prepack.cpp - a trunk whose convolutions keep their weights in oneDNN's own order, for one input size
 *
 * SPDX-License-Identifier: MIT
 *
 * Given plain weights, LibTorch has oneDNN reorder them at every call, whatever the input's size: for a ResNet-50 on
 * 224 x 224 a quarter of the time, on 924 x 924 little. LibTorch's mkldnn_prepacked operators keep weights reordered,
 * and apply a ReLU to results still in registers. Which order is best depends on the sizes that a convolution sees, and
 * one that is not the best is turned into it at every call by oneDNN's slowest code; so the sizes are measured first.
 */
#include "cut.hpp"
#include "layout.hpp"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <torch/csrc/jit/ir/constants.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;
namespace aten = c10::aten;

namespace shim
{

/* ---- the graph -------------------------------------------------------------------------------------------------- */

static std::vector<Node *> convolutions(Graph *graph)
{
    std::vector<Node *> found;
    for (Node *node : graph->nodes())
        if (read_convolution(node))
            found.push_back(node);
    return found;
}

/* The sizes of what the convolutions are given, in the order of the graph. */
static std::vector<std::vector<int64_t>> measure(const std::shared_ptr<Graph> &trunk, const torch::jit::ObjectPtr &self,
                                                 const at::Tensor &input)
{
    const auto graph = trunk->copy();
    while (!graph->outputs().empty())
        graph->eraseOutput(graph->outputs().size() - 1);
    for (Node *node : convolutions(graph.get())) {
        Node *size = graph->create(aten::size, {node->input(0)})->insertBefore(node);
        size->output()->setType(c10::ListType::ofInts());
        graph->registerOutput(size->output());
    }
    torch::jit::Stack stack = {self, input.clone()}; /* some networks write to their input */
    interpret(torch::jit::Code(graph, "sizes"), stack);
    std::vector<std::vector<int64_t>> sizes;
    for (const c10::IValue &size : stack)
        sizes.push_back(size.toIntVector());
    return sizes;
}

static Node *following_relu(const Node *node)
{
    const auto &uses = node->output()->uses();
    Node *reader = uses.size() == 1 ? uses[0].user : nullptr;
    const bool relu = reader && (reader->kind() == aten::relu || reader->kind() == aten::relu_);
    return relu && is_top_level(reader) ? reader : nullptr;
}

static c10::IValue pack(const Convolution &convolution, const std::vector<int64_t> &size, bool relu)
{
    static const auto operation =
        c10::Dispatcher::singleton().findSchemaOrThrow("mkldnn_prepacked::conv2d_prepack", "");
    /* contiguous() would leave a 1 x 1 kernel's strides, which do not say channels last, as they are. */
    const auto last = convolution.weight.options().memory_format(at::MemoryFormat::ChannelsLast);
    const at::Tensor weight = at::empty(convolution.weight.sizes(), last).copy_(convolution.weight);
    torch::jit::Stack stack = {weight,
                               convolution.bias,
                               convolution.stride,
                               convolution.padding,
                               convolution.dilation,
                               convolution.groups,
                               size,
                               std::string(relu ? "relu" : "none")};
    operation.callBoxed(stack);
    return stack[0];
}

/* Puts the packed convolution in place of a node and of the ReLU that it takes in. */
static void replace(Node *node, const std::vector<int64_t> &size)
{
    static const auto run = c10::Symbol::fromQualString("mkldnn_prepacked::conv2d_run");
    const Convolution convolution = *read_convolution(node);
    Node *relu = following_relu(node);
    Graph *graph = node->owningGraph();
    torch::jit::WithInsertPoint here(node);
    Value *packed = graph->insertConstant(pack(convolution, size, relu));
    Node *replacement = graph->insertNode(graph->create(run, {node->input(0), packed}));
    replacement->output()->setType(node->output()->type());
    (relu ? relu : node)->output()->replaceAllUsesWith(replacement->output());
    if (relu)
        relu->destroy();
    node->destroy();
}

/* A copy of a trunk packed for inputs of this size; null where this LibTorch has no such operators. */
static std::shared_ptr<Graph> prepacked(const std::shared_ptr<Graph> &trunk, const torch::jit::ObjectPtr &self,
                                        const at::Tensor &input)
{
    if (!c10::Dispatcher::singleton().findSchema({"mkldnn_prepacked::conv2d_run", ""}))
        return nullptr;
    const auto sizes = measure(trunk, self, input);
    auto graph = trunk->copy();
    const auto nodes = convolutions(graph.get());
    for (size_t i = 0; i < nodes.size(); i++)
        if (sizes[i].size() == 4)
            replace(nodes[i], sizes[i]);
    torch::jit::EliminateDeadCode(graph); /* the weights as they were */
    return graph;
}

/* ---- when -------------------------------------------------------------------------------------------------------- */

/* Packing costs about five passes; schedules of several sizes never come to it, not even on several threads. */
static constexpr size_t times_that_repay = 16;

/* Whether two halves give the same tensors, to the last bit. */
static bool agree(const torch::jit::Code &one, const torch::jit::Code &other, const torch::jit::Stack &inputs)
{
    torch::jit::Stack first = {inputs[0], inputs[1].toTensor().clone()};
    torch::jit::Stack second = {inputs[0], inputs[1].toTensor().clone()};
    interpret(one, first);
    interpret(other, second);
    for (size_t i = 0; i < first.size(); i++)
        if (!first[i].isTensor() || !at::equal(first[i].toTensor(), second[i].toTensor()))
            return false;
    return true;
}

/* Sets packed_trunk where that can be had and changes nothing, for maps must not depend on how many came before. */
void Halves::pack_trunk(const at::Tensor &input) const
{
    const Arena::Scope memory(weights.get());
    try {
        if (const auto graph = prepacked(trunk_graph, module._ivalue(), input)) {
            const auto packed = std::make_shared<const torch::jit::Code>(graph, "packed trunk");
            if (agree(trunk, *packed, {module._ivalue(), input}))
                packed_trunk = packed;
        }
    } catch (const std::exception &) { /* what refuses to be packed runs as it did */
    }
    weights->trim();
}

std::shared_ptr<const torch::jit::Code> Halves::trunk_for(const at::Tensor &input, bool may_pack) const
{
    const std::lock_guard<std::mutex> guard(lock);
    if (input.sizes() != at::IntArrayRef(latest_size) || at::get_num_threads() != latest_threads) {
        latest_size = input.sizes().vec();
        latest_threads = at::get_num_threads();
        times_shown = 0;
        packed_trunk.reset();
    }
    if (++times_shown == times_that_repay && trunk_channels_last && may_pack)
        pack_trunk(input);
    return packed_trunk ? packed_trunk : std::shared_ptr<const torch::jit::Code>(&trunk, [](auto *) {});
}

} // namespace shim
