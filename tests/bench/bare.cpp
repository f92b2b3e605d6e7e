/*
 * bare.cpp - a forward pass as users of LibTorch run it: the floor under every map
 *
 * SPDX-License-Identifier: MIT
 *
 *     bare MODEL HOW SIDE COUNT THREADS
 *
 * HOW is plain (load, eval, forward), frozen (torch::jit::freeze on weights laid out channels last, as the input is) or
 * optimised (freeze and optimize_for_inference). A worker (worker.h): each turn runs the network COUNT times, one input
 * of SIDE x SIDE after the other, in inference mode; a line has "seconds".
 */
#include "worker.h"

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <ATen/Parallel.h>
#include <torch/script.h>

using torch::jit::Module;

namespace
{

constexpr int WARM_UP = 3; /* LibTorch profiles the first calls and compiles after them */

void make_channels_last(const Module &module)
{
    for (const at::Tensor &parameter : module.parameters())
        if (parameter.dim() == 4)
            parameter.set_data(parameter.contiguous(at::MemoryFormat::ChannelsLast));
}

Module prepare(const std::string &path, const std::string &how)
{
    Module module = torch::jit::load(path);
    module.eval();
    if (how == "frozen") {
        make_channels_last(module);
        module = torch::jit::freeze(module);
    } else if (how == "optimised") {
        module = torch::jit::optimize_for_inference(module);
    } else if (how != "plain") {
        throw std::invalid_argument("bare: no such way: " + how);
    }
    return module;
}

double forward(Module &module, const at::Tensor &input, int count)
{
    const double start = worker_clock();
    for (int i = 0; i < count; i++)
        module.forward({input});
    return worker_clock() - start;
}

void serve(const std::string &path, const std::string &how, int64_t side, int count, int threads)
{
    at::set_num_threads(threads);
    Module module = prepare(path, how);
    const c10::InferenceMode inference;
    at::Tensor input = at::rand({1, 3, side, side});
    if (how == "frozen")
        input = input.contiguous(at::MemoryFormat::ChannelsLast);
    forward(module, input, WARM_UP);
    worker_ready();
    while (worker_turn()) {
        std::printf("{\"seconds\": %.6f", forward(module, input, count));
        std::printf(", \"peak_kib\": %ld}\n", worker_peak_kib());
        std::fflush(stdout);
    }
}

} // namespace

int main(int argc, char **argv)
{
    if (argc != 6) {
        std::fprintf(stderr, "usage: bare MODEL plain|frozen|optimised SIDE COUNT THREADS\n");
        return EXIT_FAILURE;
    }
    try {
        serve(argv[1], argv[2], std::atoi(argv[3]), std::atoi(argv[4]), std::atoi(argv[5]));
    } catch (const std::exception &error) {
        std::fprintf(stderr, "%s\n", error.what());
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
