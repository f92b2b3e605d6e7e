/*
 * probe.cpp - which layer "auto" stands for
 *
 * SPDX-License-Identifier: MIT
 *
 * Every submodule's output is measured in one run on a blank input that is wider than high: an output that is square
 * then does not follow the input's size (an adaptive pooling's does not), and enlarging the picture would gain nothing
 * there. Pooling is passed over too, because its input has more detail, and so are outputs that already hold one
 * channel a class. Of the modules that give the last value left, the outermost names it.
 */
#include "cut.hpp"
#include "guard.hpp"
#include "model.hpp"
#include "surgery.hpp"
#include "threads.hpp"

#include <algorithm>

#include <ATen/ATen.h>
#include <torch/csrc/autograd/grad_mode.h>

using torch::jit::Graph;
using torch::jit::Node;
using torch::jit::Value;
namespace attr = c10::attr;

namespace
{

struct Measured {
    std::string path;
    const Value *value; /* in the frozen graph */
    std::vector<int64_t> shape;
};

bool measurable(const Node *call, const std::string &path)
{
    return !path.empty() && shim::is_top_level(call) && call->outputs().size() == 1 &&
           call->output()->type()->isSubtypeOf(*c10::TensorType::get());
}

/* The frozen network that returns, behind its own output, the size of every submodule's output, named by its path. */
shim::Patient measuring(const torch::jit::Module &module)
{
    std::vector<Node *> sizes;
    auto patient = shim::prepare(module, [&](Node *call, const std::string &path) {
        if (!measurable(call, path))
            return;
        Node *size = call->owningGraph()->create(c10::aten::size, {call->output()});
        size->output()->setType(c10::ListType::ofInts());
        size->insertAfter(call);
        size->s_(attr::name, path);
        sizes.push_back(size);
    });
    std::sort(sizes.begin(), sizes.end(), [](const Node *a, const Node *b) { return a->isBefore(b); });
    std::vector<Value *> outputs = {patient.graph->outputs()[0]};
    for (Node *size : sizes)
        outputs.push_back(size->output());
    Node *tuple = patient.graph->appendNode(patient.graph->createTuple(outputs));
    patient.graph->eraseOutput(0);
    patient.graph->registerOutput(tuple->output());
    return shim::freeze(patient);
}

/* Runs the measuring network on a blank input; *classes is the length of its logits. */
std::vector<Measured> measure(const shim::Patient &network, size_t *classes, const std::vector<int64_t> &input)
{
    const at::NoGradGuard no_autograd;
    torch::jit::Stack stack = {network.module._ivalue(), at::zeros(input, at::kFloat)};
    shim::interpret(torch::jit::Code(network.graph, "probe"), stack);
    const auto &results = stack[0].toTupleRef().elements();
    const auto values = network.graph->outputs()[0]->node()->inputs();
    *classes = static_cast<size_t>(shim::find_logits(results[0]).size(1));
    std::vector<Measured> found;
    for (size_t i = 1; i < results.size(); i++) {
        const Node *size = values[i]->node();
        if (size->hasAttribute(attr::name))
            found.push_back({size->s(attr::name), size->input(0), results[i].toIntVector()});
    }
    return found;
}

bool is_pooled(const Value *value)
{
    return std::string(value->node()->kind().toUnqualString()).find("pool") != std::string::npos;
}

/* Whether no linear layer lies behind a value: then its channels, if there is one a class, are the classes' scores. */
bool is_score(const Value *value)
{
    for (const Node *node = value->node()->next(); node->kind() != c10::prim::Return; node = node->next())
        if (node->kind() == c10::aten::linear || node->kind() == c10::aten::addmm || node->kind() == c10::aten::matmul)
            return false;
    return true;
}

size_t depth(const std::string &path)
{
    return static_cast<size_t>(std::count(path.begin(), path.end(), '.'));
}

std::string choose(const std::vector<Measured> &all, size_t classes, bool wide)
{
    const Measured *best = nullptr;
    for (const Measured &one : all) {
        const auto &shape = one.shape;
        if (shape.size() != 4 || shape[0] != 1 || (static_cast<size_t>(shape[1]) == classes && is_score(one.value)) ||
            is_pooled(one.value))
            continue;
        if (wide ? shape[3] <= shape[2] : shape[2] <= 1 && shape[3] <= 1)
            continue;
        if (!best || one.value != best->value || depth(one.path) < depth(best->path))
            best = &one;
    }
    if (!best)
        throw shim::Failure(CAMERAS_ELAYER, all.empty()
                                                ? "the archive has no submodules left, as frozen ones have not; "
                                                  "save the model unfrozen"
                                                : "no submodule gives a spatial output, 1 x channels x height x width; "
                                                  "name a layer that does");
    return best->path;
}

std::string auto_layer(const shim_model &model, int64_t channels, int64_t height, int64_t width)
{
    const std::lock_guard<std::mutex> one_at_a_time(model.surgery);
    const auto network = measuring(model.module);
    const shim::Emptier emptier(network);
    size_t classes = 0;
    std::vector<Measured> wide;
    try {
        wide = measure(network, &classes, {1, channels, height, std::max(width, height + height / 2)});
    } catch (const std::exception &error) { /* a network of one fixed input size: its own will have to do */
        shim::pass_on_lack_of_memory(error);
    }
    if (!wide.empty())
        return choose(wide, classes, true);
    const auto plain = measure(network, &classes, {1, channels, height, width});
    return choose(plain, classes, false);
}

} // namespace

cameras_status shim_model_auto_layer(const char **path, const shim_model *model, size_t channels, size_t height,
                                     size_t width, size_t threads)
{
    *path = nullptr;
    return shim::guard("choose a layer", CAMERAS_EMODEL, [&] {
        const shim::Threads scope(threads);
        const std::string chosen = auto_layer(*model, static_cast<int64_t>(channels), static_cast<int64_t>(height),
                                              static_cast<int64_t>(width));
        for (const auto &layer : model->layers)
            if (layer.path == chosen)
                *path = layer.path.c_str();
        if (!*path)
            throw shim::Failure(CAMERAS_EINTERNAL, "layer " + chosen + " is called but not listed");
    });
}
