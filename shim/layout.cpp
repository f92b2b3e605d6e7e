/*
 * layout.cpp - in what order and precision a half of the network keeps its numbers
 *
 * SPDX-License-Identifier: MIT
 *
 * oneDNN convolves channels-last tensors where they lie; others it reorders before and after. Over the eight default
 * scales a frozen ResNet-50 takes 0.75 of the time it takes with the channels first (AVX-512, two threads), and as long
 * as with LibTorch's own conversion to oneDNN's opaque layouts, which fewer operators accept.
 *
 * In bfloat16 only convolutions and matrix products are told what to take; all else follows from what it is given, as
 * under LibTorch's autocast, which does not know the operators that tracing leaves behind.
 */
#include "layout.hpp"

#include <algorithm>

#include <ATen/ATen.h>
#include <torch/csrc/jit/ir/constants.h>
#include <functional>
#include <unordered_set>

#include <torch/csrc/jit/passes/dead_code_elimination.h>

using torch::jit::Block;
using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;
namespace attr = c10::attr;
namespace prim = c10::prim;

namespace shim
{

static void each_node(Block *block, const std::function<void(Node *)> &visit)
{
    for (auto it = block->nodes().begin(); it != block->nodes().end();) {
        Node *node = *it++; /* which may be gone after its visit */
        for (Block *inner : node->blocks())
            each_node(inner, visit);
        visit(node);
    }
}

static bool is_one_of(const Node *node, const std::unordered_set<std::string> &names)
{
    return node->kind().is_aten() && names.count(node->kind().toUnqualString()) != 0;
}

static const c10::Symbol onednn_convolution = c10::Symbol::fromQualString("aten::mkldnn_convolution");

/*
 * aten::conv2d(input, weight, bias, stride, padding, dilation, groups); aten::_convolution has two more before groups,
 * aten::mkldnn_convolution has padding before stride.
 */
c10::optional<Convolution> read_convolution(const Node *node)
{
    const bool general = node->kind() == c10::aten::_convolution, onednn = node->kind() == onednn_convolution;
    if (!general && !onednn && node->kind() != c10::aten::conv2d)
        return c10::nullopt;
    std::vector<c10::IValue> arguments;
    for (size_t i = 1; i < node->inputs().size(); i++) {
        const auto constant = torch::jit::toIValue(node->input(i));
        if (!constant)
            return c10::nullopt;
        arguments.push_back(*constant);
    }
    if (onednn)
        std::swap(arguments[2], arguments[3]);
    const bool worded = !arguments[3].isIntList(), transposed = general && arguments[5].toBool();
    if (!arguments[0].isTensor() || arguments[0].toTensor().dim() != 4 || worded || transposed)
        return c10::nullopt;
    return Convolution{arguments[0].toTensor(),   arguments[1], arguments[2], arguments[3], arguments[4],
                       arguments[general ? 7 : 5]};
}

void convolve_by_onednn(Graph *graph)
{
    if (!at::globalContext().hasMKLDNN() || !at::globalContext().userEnabledMkldnn())
        return;
    each_node(graph->block(), [](Node *node) {
        const auto found = node->kind() == onednn_convolution ? c10::nullopt : read_convolution(node);
        if (!found || (found->weight.scalar_type() != at::kFloat && found->weight.scalar_type() != at::kBFloat16))
            return;
        torch::jit::WithInsertPoint here(node);
        Graph *owner = node->owningGraph();
        Node *replacement = owner->insertNode(owner->create(
            onednn_convolution, {node->input(0), node->input(1), node->input(2), owner->insertConstant(found->padding),
                                 owner->insertConstant(found->stride), owner->insertConstant(found->dilation),
                                 owner->insertConstant(found->groups)}));
        replacement->output()->setType(node->output()->type());
        node->output()->replaceAllUsesWith(replacement->output());
        node->destroy();
    });
}

static bool is_product(const Node *node)
{
    static const std::unordered_set<std::string> names = {"conv1d",
                                                          "conv2d",
                                                          "conv3d",
                                                          "mkldnn_convolution",
                                                          "_convolution",
                                                          "convolution",
                                                          "conv_transpose1d",
                                                          "conv_transpose2d",
                                                          "conv_transpose3d",
                                                          "linear",
                                                          "matmul",
                                                          "mm",
                                                          "bmm",
                                                          "addmm",
                                                          "baddbmm"};
    return is_one_of(node, names);
}

static bool is_tensor_constant(const Value *value)
{
    const Node *node = value->node();
    return node->kind() == prim::Constant && node->hasAttribute(attr::value) &&
           node->kindOf(attr::value) == torch::jit::AttributeKind::t;
}

/* Gives a node a constant of its own in place of an input, for others may read that too. */
static void replace_constant(Node *node, size_t input, const at::Tensor &tensor)
{
    torch::jit::WithInsertPoint here(node);
    node->replaceInput(input, node->owningGraph()->insertConstant(tensor));
}

static bool uses(const Graph &graph, const std::unordered_set<std::string> &names)
{
    bool used = false;
    each_node(const_cast<Graph &>(graph).block(), [&](const Node *node) { used = used || is_one_of(node, names); });
    return used;
}

bool reads_strides(const Graph &graph)
{
    return uses(graph, {"as_strided", "as_strided_", "stride", "is_contiguous", "set_", "unsafe_chunk", "data_ptr"});
}

bool views_by_shape(const Graph &graph)
{
    return uses(graph, {"view", "view_as", "_unsafe_view", "unflatten"});
}

/* A size, or a number made of sizes: tracing keeps those in tensors. */
static bool is_of_sizes(const Value *value)
{
    const Node *node = value->node();
    if (node->kind() == prim::NumToTensor || node->kind() == prim::Constant)
        return true;
    const auto inputs = node->inputs();
    return node->kind().is_aten() && !inputs.empty() && std::all_of(inputs.begin(), inputs.end(), is_of_sizes);
}

bool reads_contents(const Graph &graph)
{
    static const std::unordered_set<std::string> names = {
        "item", "Int", "Float", "Bool", "IntImplicit", "FloatImplicit", "ScalarImplicit", "equal", "is_nonzero"};
    bool reads = false;
    each_node(const_cast<Graph &>(graph).block(), [&](const Node *node) {
        reads = reads || node->kind() == prim::tolist ||
                (is_one_of(node, names) && node->input(0)->type()->isSubtypeOf(*c10::TensorType::get()) &&
                 !is_of_sizes(node->input(0)));
    });
    return reads;
}

void lay_channels_last(Graph *graph)
{
    each_node(graph->block(), [](Node *node) {
        for (size_t i = 0; is_product(node) && i < node->inputs().size(); i++)
            if (is_tensor_constant(node->input(i)) && node->input(i)->node()->t(attr::value).dim() == 4)
                replace_constant(node, i,
                                 node->input(i)->node()->t(attr::value).contiguous(at::MemoryFormat::ChannelsLast));
    });
    torch::jit::EliminateDeadCode(graph->block()); /* the weights as they were */
}

/* Normalisations whose weights, in single precision, do not go with reduced inputs; batch norm's do. */
static bool is_single_norm(const Node *node)
{
    static const std::unordered_set<std::string> names = {"layer_norm", "group_norm", "instance_norm"};
    return is_one_of(node, names);
}

static void cast_input(Node *node, size_t input, at::ScalarType type)
{
    Graph *graph = node->owningGraph();
    torch::jit::WithInsertPoint here(node);
    Node *cast =
        graph->create(c10::aten::to, {node->input(input), graph->insertConstant(type), graph->insertConstant(false),
                                      graph->insertConstant(false), graph->insertConstant(c10::IValue())});
    node->replaceInput(input, graph->insertNode(cast)->output());
}

static void reduce_product(Node *node)
{
    for (size_t i = 0; i < node->inputs().size(); i++) {
        if (is_tensor_constant(node->input(i)))
            replace_constant(node, i, node->input(i)->node()->t(attr::value).to(at::kBFloat16));
        else if (node->input(i)->type()->isSubtypeOf(*c10::TensorType::get()))
            cast_input(node, i, at::kBFloat16);
    }
}

void reduce_to_bfloat16(Graph *graph)
{
    each_node(graph->block(), [](Node *node) {
        if (is_product(node))
            reduce_product(node);
        else if (is_single_norm(node))
            cast_input(node, 0, at::kFloat);
    });
    torch::jit::EliminateDeadCode(graph->block()); /* the weights as they were */
}

at::MemoryFormat format_for(const at::Tensor &tensor, bool channels_last)
{
    return channels_last && tensor.dim() == 4 ? at::MemoryFormat::ChannelsLast : at::MemoryFormat::Contiguous;
}

static at::Tensor settled_tensor(const at::Tensor &tensor, bool channels_last, bool widen)
{
    if (!tensor.defined() || !tensor.is_floating_point())
        return tensor;
    return (widen ? tensor.to(at::kFloat) : tensor).contiguous(format_for(tensor, channels_last));
}

c10::IValue settled(const c10::IValue &value, bool channels_last, bool widen)
{
    if (value.isTensor())
        return settled_tensor(value.toTensor(), channels_last, widen);
    if (value.isTensorList()) {
        c10::List<at::Tensor> all;
        for (const at::Tensor &tensor : value.toTensorVector())
            all.push_back(settled_tensor(tensor, channels_last, widen));
        return all;
    }
    return value;
}

} // namespace shim
