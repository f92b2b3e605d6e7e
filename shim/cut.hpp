/*
 * cut.hpp - a network in two runnable halves
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_CUT_HPP
#define SHIM_CUT_HPP

#include "shim.h"

#include <string>
#include <vector>

#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/interpreter.h>

/*
 * trunk: (self, input) -> (taps of the leaf layers..., other values that the head reads...)
 * head:  (self, the same) -> (output, taps of the other layers...)
 * A leaf layer depends on no other layer of the cut; the others are outputs of the head.
 */
struct shim_cut {
    std::vector<std::string> layers;
    std::vector<size_t> leaves; /* indices into layers, in the order of the trunk's outputs */
    std::vector<size_t> inner;  /* indices into layers, in the order of the head's outputs after the first */
    torch::jit::Module module;
    torch::jit::Code trunk, head;
};

namespace shim
{

/* Interprets a half; outputs replace inputs on the stack. */
void interpret(const torch::jit::Code &code, torch::jit::Stack &stack);

/* The first 2-D float tensor of a network's output, whatever holds it: tensor, tuple, list or dict. */
at::Tensor find_logits(const c10::IValue &output);

} // namespace shim

#endif
