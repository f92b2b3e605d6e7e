/*
 * model.hpp - what the handles of shim.h hold
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_MODEL_HPP
#define SHIM_MODEL_HPP

#include "shim.h"

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include <torch/csrc/jit/api/module.h>

namespace shim
{

/* A handle around a module that load gives, ready to run and listed. doing begins the message of a failure. */
cameras_status adopt_module(shim_model **out, const char *doing, const std::function<torch::jit::Module()> &load);

} // namespace shim

struct shim_model {
    struct Layer {
        std::string path, type;
    };
    torch::jit::Module module;
    std::vector<Layer> layers;
    size_t channels = 3;
    mutable std::mutex surgery; /* guards the module's compilation unit, to which every copy of it adds types */
    mutable std::once_flag parametrised_found;
    mutable std::vector<std::string> parametrised; /* paths, the last to be used first */
};

#endif
