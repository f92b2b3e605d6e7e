/*
 * cut.hpp - a network in two runnable halves
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_CUT_HPP
#define SHIM_CUT_HPP

#include "arena.hpp"
#include "partition.hpp"
#include "shim.h"

#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/interpreter.h>

namespace shim
{

/* Whether many images may run at once: not known before the first try. */
enum class Batches {
    untried,
    taken,
    refused
};

/*
 * trunk: (self, input) -> (taps of the leaf layers..., other values that the head reads...)
 * head:  (self, the same, taps pooled) -> (output, taps of the other layers...)
 * A leaf layer depends on no other layer of the cut; the others are outputs of the head.
 */
struct Halves {
    std::unique_ptr<Arena, Arena::Closer>
        weights;                  /* where they lie: huge pages, which are quicker to fill and to read */
    std::vector<size_t> leaves;   /* indices into the cut's layers, in the order of the trunk's outputs */
    std::vector<Pooling> pooling; /* one a leaf: what the head is given in place of its tap */
    std::vector<size_t> inner; /* indices into the cut's layers, in the order of the head's outputs after the first */
    torch::jit::Module module;
    std::shared_ptr<torch::jit::Graph> trunk_graph;
    torch::jit::Code trunk, head;
    bool trunk_channels_last = false, head_channels_last = false;
    bool head_is_affine = false; /* gradients are then the same whatever the input, and kept */
    mutable std::mutex lock;     /* guards what follows: found out while running */
    mutable std::unordered_map<size_t, at::Tensor> kept_gradients; /* by class, of the leaf */
    mutable Batches batches = Batches::untried;
    mutable std::vector<int64_t> latest_size;                     /* of an input */
    mutable size_t times_shown = 0;                               /* inputs of that size, one after the other */
    mutable std::shared_ptr<const torch::jit::Code> packed_trunk; /* for that size, or none */

    /* The trunk for an input: packed, once the same size has come often enough to repay it. */
    std::shared_ptr<const torch::jit::Code> trunk_for(const at::Tensor &input) const;

  private:
    void pack_trunk(const at::Tensor &input) const;
};

/* Interprets a half; outputs replace inputs on the stack. */
void interpret(const torch::jit::Code &code, torch::jit::Stack &stack);

/* Halves laid out as runs fastest; or, with plain, with the channels first throughout, which every network takes. */
std::shared_ptr<const Halves> make_halves(const shim_cut &cut, bool plain);

/* The first 2-D float tensor of a network's output, whatever holds it: tensor, tuple, list or dict. */
at::Tensor find_logits(const c10::IValue &output);

} // namespace shim

struct shim_cut {
    const shim_model *model;
    std::vector<std::string> layers;
    bool bfloat16;
    mutable std::mutex lock; /* guards halves, which plain ones may replace */
    mutable std::shared_ptr<const shim::Halves> halves;

    std::shared_ptr<const shim::Halves> get_halves() const;
    void replace_halves(std::shared_ptr<const shim::Halves> better) const;
};

#endif
