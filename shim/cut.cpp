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
#include "layout.hpp"
#include "model.hpp"
#include "partition.hpp"

#include <memory>

#include <ATen/ATen.h>

namespace shim
{

/*
 * What a network forks off runs at once, in this thread: LibTorch's pool has neither our threads' count nor the arena
 * nor the log.
 */
void interpret(const torch::jit::Code &code, torch::jit::Stack &stack)
{
    const auto run_at_once = [](const std::function<void()> &task) { task(); };
    torch::jit::InterpreterState(code, run_at_once).run(stack);
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

std::shared_ptr<const Halves> make_halves(const shim_cut &cut, bool plain)
{
    auto halves = std::make_shared<Halves>();
    halves->weights.reset(Arena::open(0));
    const Arena::Scope memory(halves->weights.get());
    const std::lock_guard<std::mutex> one_at_a_time(cut.model->surgery);
    const auto frozen = mark_layers(cut.model->module, cut.layers);
    Emptier emptier(frozen);
    const Partition partition(frozen, find_marks(frozen, cut.layers));
    const auto trunk = partition.trunk_graph(), head = partition.head_graph();
    halves->leaves = partition.leaves;
    halves->pooling = partition.pooling;
    halves->inner = partition.inner;
    halves->head_is_affine = partition.head_is_affine();
    halves->module = frozen.module;
    if (cut.bfloat16 && partition.passes_written)
        throw Failure(CAMERAS_ELAYER, "behind the layer the model's code writes to what comes before it, which must "
                                      "stay in single precision; use fp32");
    halves->bfloat16 = cut.bfloat16;
    halves->passes_written = partition.passes_written;
    halves->trunk_channels_last = !plain && !partition.passes_written && !reads_strides(*trunk);
    halves->head_channels_last = halves->trunk_channels_last && !reads_strides(*head) && !views_by_shape(*head);
    if (reads_contents(*trunk) || reads_contents(*head))
        halves->batches = Batches::refused;
    if (cut.bfloat16)
        reduce_to_bfloat16(trunk.get());
    if (halves->trunk_channels_last) {
        lay_channels_last(trunk.get());
        convolve_by_onednn(trunk.get());
    }
    if (halves->head_channels_last)
        lay_channels_last(head.get());
    emptier.empty();
    halves->weights->trim();
    halves->trunk_graph = trunk;
    halves->trunk = torch::jit::Code(trunk, "trunk");
    halves->head = torch::jit::Code(head, "head");
    return halves;
}

} // namespace shim

std::shared_ptr<const shim::Halves> shim_cut::get_halves() const
{
    const std::lock_guard<std::mutex> guard(lock);
    return halves;
}

void shim_cut::replace_halves(std::shared_ptr<const shim::Halves> better) const
{
    const std::lock_guard<std::mutex> guard(lock);
    halves = std::move(better);
}

cameras_status shim_cut_open(shim_cut **out, const shim_model *model, const char *const *layers, size_t count,
                             cameras_precision precision)
{
    *out = nullptr;
    return shim::guard("cut the network", CAMERAS_EMODEL, [&] {
        auto cut = std::make_unique<shim_cut>();
        cut->model = model;
        cut->layers.assign(layers, layers + count);
        cut->bfloat16 = precision == CAMERAS_PRECISION_BF16;
        cut->halves = shim::make_halves(*cut, false);
        *out = cut.release();
    });
}

void shim_cut_close(shim_cut *cut)
{
    shim::let_go(cut);
}
