/*
 * cut.cpp - the graph cut: a network becomes a trunk that ends at the layers and a head that begins there
 *
 * SPDX-License-Identifier: MIT
 *
 * Each layer's output is marked by a clone of it, which everything after the layer reads (marks.cpp). Nodes that depend
 * on a mark are the head, the rest is the trunk (partition.cpp). The clone is part of the head: many heads begin with
 * an in-place ReLU, which must neither corrupt what was recorded nor touch a leaf of autograd. So the trunk can run
 * without any autograd graph, and nothing before the layer is ever differentiated.
 */
#include "cut.hpp"

#include "guard.hpp"
#include "model.hpp"
#include "partition.hpp"

#include <memory>

namespace shim
{

void interpret(const torch::jit::Code &code, torch::jit::Stack &stack)
{
    torch::jit::InterpreterState(code).run(stack);
}

static bool is_logits(const c10::IValue &value)
{
    return value.isTensor() && value.toTensor().dim() == 2 && value.toTensor().size(1) > 0 &&
           value.toTensor().is_floating_point();
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
        const auto frozen = shim::mark_layers(model->module, cut->layers);
        const shim::Partition partition(frozen, shim::find_marks(frozen, cut->layers));
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
