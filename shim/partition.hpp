/*
 * partition.hpp - which part of a marked graph is trunk and which is head
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_PARTITION_HPP
#define SHIM_PARTITION_HPP

#include "marks.hpp"

#include <memory>
#include <unordered_map>
#include <vector>

#include <torch/csrc/jit/ir/alias_analysis.h>

namespace shim
{

/* How the head begins on a leaf layer: with a mean over space, which leaves 1 x 1 planes or none, or otherwise. */
enum class Pooling {
    none,
    to_planes,
    to_numbers
};

/* A frozen graph parted at its marks. With no marks everything is trunk. */
class Partition
{
  public:
    Partition(const Patient &frozen, const Marks &marks);

    /* (self, input) -> (the leaves' taps..., whatever else the head reads...) */
    std::shared_ptr<torch::jit::Graph> trunk_graph() const;

    /* Whether the head adds and multiplies by constants alone, so that its gradients are the same for every input. */
    bool head_is_affine() const;

    /* (self, the same, pooled leaves instead of their taps) -> (output, the inner layers' taps...) */
    std::shared_ptr<torch::jit::Graph> head_graph() const;

    /* Whether the head writes to what the trunk passes it, so that it must be passed itself and not a copy. */
    bool passes_written = false;

    /* Layers that depend on no other layer, and those that do: indices into the marks. */
    std::vector<size_t> leaves, inner;

    /* One a leaf: where all that reads it is a mean over space, the head begins behind that. */
    std::vector<Pooling> pooling;

  private:
    using Nodes = std::vector<torch::jit::Node *>;
    using Values = std::vector<torch::jit::Value *>;
    using ValueMap = std::unordered_map<torch::jit::Value *, torch::jit::Value *>;

    void sort_marks(torch::jit::AliasDb *aliases);
    void find_passed();
    void find_pooling();
    torch::jit::Node *only_pool(size_t layer) const;
    void pass(torch::jit::Value *value);
    bool made_by_trunk(const torch::jit::Value *value) const;
    static ValueMap copy_inputs(torch::jit::Graph *graph, const Values &inputs);

    torch::jit::Graph &graph_;
    Marks marks_;
    Nodes trunk_, head_, constants_;
    Nodes pools_;   /* one a leaf: what the head begins behind, or nullptr */
    Values passed_; /* from trunk to head, the leaves' taps first */
};

} // namespace shim

#endif
