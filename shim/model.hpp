/*
 * model.hpp - what the handles of shim.h hold
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef SHIM_MODEL_HPP
#define SHIM_MODEL_HPP

#include "guard.hpp"
#include "shim.h"

#include <memory>
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
    mutable std::once_flag parametrised_found;
    mutable std::vector<std::string> parametrised; /* paths, the last to be used first */
};

namespace shim
{

/* Makes a module ready to run, and lists it. */
std::unique_ptr<shim_model> made_ready(torch::jit::Module module);

/* A handle around a module that load gives. doing begins the message of a failure. */
template <typename Load> cameras_status adopt_module(shim_model **out, const char *doing, Load load)
{
    *out = nullptr;
    return guard(doing, CAMERAS_EFORMAT, [&] { *out = made_ready(load()).release(); });
}

} // namespace shim

#endif
