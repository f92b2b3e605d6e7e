/*
 * model.hpp - what the handles of shim.h hold
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_MODEL_HPP
#define SHIM_MODEL_HPP

#include "shim.h"

#include <mutex>
#include <string>
#include <vector>

#include <torch/csrc/jit/api/module.h>

struct shim_model {
    struct Layer {
        std::string path, type;
    };
    torch::jit::Module module;
    std::vector<Layer> layers;
    size_t channels = 3;
    mutable std::mutex surgery; /* copies of a module share tables that LibTorch does not lock */
};

#endif
