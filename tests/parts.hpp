/*
 * parts.hpp - the modules that the test networks are put together from
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef PARTS_HPP
#define PARTS_HPP

#include "networks.h"

#include <string>

#include <torch/csrc/jit/api/module.h>

torch::jit::Module stem_part(int64_t channels);

/* fc: from so many features to the classes. */
torch::jit::Module linear_part(int64_t features);

/* Puts a part of that name into a network. */
void add_part(torch::jit::Module *whole, const std::string &name);

#endif
