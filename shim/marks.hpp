/*
 * marks.hpp - a name on a layer's output that survives inlining and freezing
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_MARKS_HPP
#define SHIM_MARKS_HPP

#include "surgery.hpp"

#include <string>
#include <vector>

namespace shim
{

/* One node a layer: the clone of its output that everything after the layer reads. */
using Marks = std::vector<torch::jit::Node *>;

/* The module frozen, with a mark for each layer; throws where a layer is not called or gives no single tensor. */
Patient mark_layers(const torch::jit::Module &module, const std::vector<std::string> &layers);

/* Finds the marks again in the frozen graph; throws where one was lost or stands inside an if or a loop. */
Marks find_marks(const Patient &frozen, const std::vector<std::string> &layers);

} // namespace shim

#endif
