/*
 * model.cpp - opening TorchScript and listing what is in it
 *
 * SPDX-License-Identifier: MIT
 */
#include "model.hpp"

#include <algorithm>
#include <cstring>
#include <memory>

#include <caffe2/serialize/read_adapter_interface.h>
#include <torch/csrc/jit/serialization/import.h>
#include <torch/version.h>

namespace
{

/* Reads an archive where it lies in memory, without a copy. */
class MemoryAdapter : public caffe2::serialize::ReadAdapterInterface
{
  public:
    MemoryAdapter(const void *bytes, size_t size) : bytes_(static_cast<const char *>(bytes)), size_(size)
    {
    }
    size_t size() const override
    {
        return size_;
    }
    size_t read(uint64_t position, void *buffer, size_t n, const char *) const override
    {
        if (position >= size_)
            return 0;
        n = std::min<uint64_t>(n, size_ - position);
        std::memcpy(buffer, bytes_ + position, n);
        return n;
    }

  private:
    const char *bytes_;
    size_t size_;
};

std::string type_name(const torch::jit::Module &module)
{
    return module.type()->name() ? module.type()->name()->name() : "Module";
}

std::vector<shim_model::Layer> list_layers(const torch::jit::Module &module)
{
    std::vector<shim_model::Layer> layers;
    for (const auto &named : module.named_modules())
        if (!named.name.empty())
            layers.push_back({named.name, type_name(named.value)});
    return layers;
}

size_t input_channels(const torch::jit::Module &module)
{
    for (const auto &parameter : module.named_parameters())
        if (parameter.value.dim() == 4)
            return static_cast<size_t>(parameter.value.size(1));
    return 3;
}

/* The trunk, the head and the fusion are in single precision; weights of any other become that. */
void make_single(at::Tensor tensor)
{
    if (tensor.is_floating_point() && tensor.scalar_type() != at::kFloat)
        tensor.set_data(tensor.to(at::kFloat));
}

void make_single(const torch::jit::Module &module)
{
    for (const at::Tensor &parameter : module.parameters())
        make_single(parameter);
    for (const at::Tensor &buffer : module.buffers())
        make_single(buffer);
}

} // namespace

std::unique_ptr<shim_model> shim::made_ready(torch::jit::Module module)
{
    auto model = std::make_unique<shim_model>();
    model->module = std::move(module);
    if (!model->module.find_method("forward"))
        throw shim::Failure(CAMERAS_EFORMAT, "the archive holds a module without a forward method");
    model->module.eval();
    make_single(model->module);
    model->layers = list_layers(model->module);
    model->channels = input_channels(model->module);
    return model;
}

const char *shim_libtorch_version(void)
{
    return TORCH_VERSION;
}

cameras_status shim_model_open(shim_model **out, const char *path)
{
    return shim::adopt_module(out, "load the archive", [&] { return torch::jit::load(path, c10::kCPU); });
}

cameras_status shim_model_open_memory(shim_model **out, const void *bytes, size_t size)
{
    return shim::adopt_module(out, "load the archive", [&] {
        return torch::jit::load(std::make_shared<MemoryAdapter>(bytes, size), c10::kCPU);
    });
}

void shim_model_close(shim_model *model)
{
    shim::let_go(model);
}

size_t shim_model_layer_count(const shim_model *model)
{
    return model->layers.size();
}

const char *shim_model_layer_path(const shim_model *model, size_t index)
{
    return model->layers[index].path.c_str();
}

const char *shim_model_layer_type(const shim_model *model, size_t index)
{
    return model->layers[index].type.c_str();
}

size_t shim_model_channels(const shim_model *model)
{
    return model->channels;
}
