/*
 * guest.cpp - a program that uses LibTorch itself, in the same process and at the same time: guest FOLDER
 *
 * SPDX-License-Identifier: MIT
 *
 * What the host sets, makes and computes must be as without the library, and the library's maps as without the host.
 */
#include <cameras.h>

#include "claims.hpp"
#include "compat.hpp"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <iostream>
#include <locale>
#include <stdexcept>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <pthread.h>
#include <unistd.h>

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <ATen/record_function.h>
#include <c10/core/CPUAllocator.h>
#include <c10/core/InferenceMode.h>
#include <c10/util/Exception.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/grad_mode.h>
#include <torch/csrc/jit/runtime/print_handler.h>
#include <torch/script.h>

namespace
{

std::string folder;

#define EXPECT_OK(call)                                                                                                \
    do {                                                                                                               \
        if ((call) != CAMERAS_OK)                                                                                      \
            throw broken_claim{__LINE__, cameras_last_error()};                                                        \
    } while (0)

/* ---- the library's work ------------------------------------------------------------------------------------------ */

using Values = std::vector<float>;

cameras_model *open_model()
{
    cameras_model *model = nullptr;
    EXPECT_OK(cameras_model_open(&model, (folder + "/demo.pt").c_str()));
    return model;
}

Values explain_with(cameras_model *model)
{
    static const size_t sides[] = {224, 288};
    cameras_image *image = nullptr;
    cameras_options *options = nullptr;
    cameras_map *map = nullptr;
    EXPECT_OK(cameras_image_read(&image, (folder + "/scene.png").c_str(), nullptr));
    EXPECT_OK(cameras_options_new(&options));
    EXPECT_OK(cameras_options_set_scales(options, sides, 2));
    EXPECT_OK(cameras_options_set_threads(options, 1));
    EXPECT_OK(cameras_explain(&map, model, image, options));
    const float *values = cameras_map_values(map);
    Values copy(values, values + cameras_map_width(map) * cameras_map_height(map));
    cameras_map_free(map);
    cameras_options_free(options);
    cameras_image_free(image);
    return copy;
}

/* From the file to the map. */
Values explain()
{
    cameras_model *model = open_model();
    const Values values = explain_with(model);
    cameras_model_close(model);
    return values;
}

Values undisturbed; /* the map of a process in which the host has done nothing yet */

/* ---- the host's work --------------------------------------------------------------------------------------------- */

at::Tensor compute()
{
    const at::Tensor a = at::arange(40000, at::kFloat).view({200, 200}) / 40000;
    return at::relu(at::matmul(a, a.t()) - 20).sum(0);
}

torch::jit::Module hosts_model()
{
    return torch::jit::load(folder + "/demo.pt");
}

at::Tensor forward(torch::jit::Module &module)
{
    const at::Tensor input = at::linspace(-2, 2, 3 * 224 * 224, at::kFloat).view({1, 3, 224, 224});
    return module.forward({input}).toTensor();
}

at::Tensor gradient(torch::jit::Module &module)
{
    const at::Tensor input = at::full({1, 3, 64, 64}, 0.25, at::kFloat).requires_grad_();
    const at::Tensor top = module.forward({input}).toTensor().sum();
    return torch::autograd::grad({top}, {input})[0];
}

/* ---- claims ------------------------------------------------------------------------------------------------------ */

void hosts_numbers_are_the_same_before_between_and_after()
{
    torch::jit::Module module = hosts_model();
    module.eval();
    const at::Tensor before = compute(), logits = forward(module), slope = gradient(module);
    for (int i = 0; i < 3; i++) {
        EXPECT(explain() == undisturbed);
        EXPECT(at::equal(compute(), before));
        EXPECT(at::equal(forward(module), logits));
        EXPECT(at::equal(gradient(module), slope));
    }
}

void hosts_tensors_made_before_live_through_and_after()
{
    const at::Tensor large = at::full({1 << 20}, 7, at::kInt), small = at::full({3}, 5, at::kInt);
    const at::Tensor parameter = at::ones({4}, at::kFloat).requires_grad_();
    const at::Tensor loss = (parameter * parameter).sum(); /* a graph that the call finds half done */
    EXPECT(explain() == undisturbed);
    EXPECT(large.eq(7).all().item<bool>() && small.eq(5).all().item<bool>());
    EXPECT(at::equal(torch::autograd::grad({loss}, {parameter})[0], at::full({4}, 2, at::kFloat)));
}

/* A thread of the host works while the library does, and the other way round. */
void both_work_at_once_in_several_threads()
{
    torch::jit::Module module = hosts_model();
    module.eval();
    const at::Tensor before = compute(), logits = forward(module), slope = gradient(module);
    std::atomic<bool> wrong{false}, done{false};
    std::vector<std::thread> hosts;
    for (int i = 0; i < 2; i++)
        hosts.emplace_back([&] {
            while (!done)
                wrong = wrong || !at::equal(compute(), before) || !at::equal(forward(module), logits) ||
                        !at::equal(gradient(module), slope);
        });
    std::thread guest([&] {
        for (int i = 0; i < 3; i++)
            wrong = wrong || explain() != undisturbed;
    });
    for (int i = 0; i < 3; i++)
        wrong = wrong || explain() != undisturbed;
    guest.join();
    done = true;
    for (std::thread &one : hosts)
        one.join();
    EXPECT(!wrong);
}

#if TORCH_VERSION_MAJOR == 1 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR < 4)
bool autocast_is_on()
{
    return at::autocast::is_cpu_enabled();
}

void set_autocast(bool on)
{
    at::autocast::set_cpu_enabled(on);
}
#else
bool autocast_is_on()
{
    return at::autocast::is_autocast_enabled(at::kCPU);
}

void set_autocast(bool on)
{
    at::autocast::set_autocast_enabled(at::kCPU, on);
}
#endif

/* The whole of the thread's and the process's settings, as text. */
std::string settings()
{
    return std::to_string(at::GradMode::is_enabled()) + std::to_string(c10::InferenceMode::is_enabled()) +
           std::to_string(autocast_is_on()) + " " + std::to_string(at::get_num_threads()) + " " +
           std::to_string(at::get_num_interop_threads()) + " " + c10::toString(at::get_default_dtype_as_scalartype()) +
           std::to_string(at::globalContext().deterministicAlgorithms()) +
           std::to_string(at::globalContext().userEnabledMkldnn()) +
           std::to_string(reinterpret_cast<uintptr_t>(shim::warnings::get_warning_handler())) +
           std::to_string(reinterpret_cast<uintptr_t>(torch::jit::getPrintHandler())) +
           std::to_string(torch::jit::getExecutorMode()) + std::to_string(torch::jit::getProfilingMode().load());
}

void explain_and_compare_settings()
{
    const std::string before = settings();
    EXPECT(explain() == undisturbed);
    EXPECT(settings() == before);
}

void settings_stay_as_the_host_made_them()
{
    explain_and_compare_settings();
    const at::AutoGradMode autograd(false);
    explain_and_compare_settings();
}

void inference_mode_of_the_host_does_not_reach_the_library()
{
    const c10::InferenceMode inference;
    explain_and_compare_settings();
    cameras_model *model = open_model();
    EXPECT(explain_with(model) == undisturbed);
    bool same = false;
    std::thread elsewhere([&] { same = explain_with(model) == undisturbed; }); /* a thread in no such mode */
    elsewhere.join();
    EXPECT(same);
    cameras_model_close(model);
}

void autocast_of_the_host_does_not_reach_the_library()
{
    set_autocast(true);
    const Values found = explain();
    const bool kept = autocast_is_on();
    set_autocast(false);
    EXPECT(found == undisturbed);
    EXPECT(kept);
}

class Doubles
{
  public:
    Doubles()
    {
        at::set_default_dtype(caffe2::TypeMeta::Make<double>());
    }
    ~Doubles()
    {
        at::set_default_dtype(caffe2::TypeMeta::Make<float>());
    }
};

/* A convolution of weights that are all the same. */
void add_convolution(torch::jit::Module &module, const char *name, double weight)
{
    torch::jit::Module layer(name);
    layer.register_parameter("weight", at::full({5, 3, 3, 3}, weight, at::kFloat), false);
    layer.define("def forward(self, x):\n    return torch.conv2d(x, self.weight)\n");
    module.register_module(name, layer);
}

/* One layer that the logits depend on, and one whose gradient is therefore not there. */
cameras_model *open_half_detached()
{
    cameras_model *model = nullptr;
    std::ostringstream archive;
    torch::jit::Module module("halves");
    add_convolution(module, "used", 0.1);
    add_convolution(module, "detached", 0.2); /* were they equal, they would be made one */
    module.define("def forward(self, x):\n"
                  "    share = (self.detached.forward(x) > 0).float().mean()\n"
                  "    return torch.relu(self.used.forward(x)).mean([2, 3]) * share\n");
    module.save(archive);
    const std::string bytes = archive.str();
    EXPECT_OK(cameras_model_open_memory(&model, bytes.data(), bytes.size()));
    EXPECT_OK(cameras_model_set_base_side(model, 32));
    return model;
}

Values explain_half_detached()
{
    cameras_model *model = open_half_detached();
    const size_t side = 32;
    cameras_image *image = nullptr;
    cameras_options *options = nullptr;
    cameras_map *maps[2] = {};
    EXPECT_OK(cameras_image_read(&image, (folder + "/scene.png").c_str(), nullptr));
    EXPECT_OK(cameras_options_new(&options));
    EXPECT_OK(cameras_options_set_scales(options, &side, 1));
    EXPECT_OK(cameras_options_set_keep_flat(options, 1));
    EXPECT_OK(cameras_options_add_layer(options, "used"));
    EXPECT_OK(cameras_options_add_layer(options, "detached"));
    EXPECT_OK(cameras_explain_several(maps, 2, model, image, options));
    const float *values = cameras_map_values(maps[0]);
    const Values copy(values, values + side * side);
    for (cameras_map *map : maps)
        cameras_map_free(map);
    cameras_options_free(options);
    cameras_image_free(image);
    cameras_model_close(model);
    return copy;
}

void default_type_of_the_host_does_not_reach_the_library()
{
    const Values expected = explain_half_detached();
    const Doubles doubles;
    explain_and_compare_settings();
    EXPECT(explain_half_detached() == expected);
}

void thread_counts_of_the_host_stay()
{
    const int before = at::get_num_threads();
    at::set_num_threads(3);
    explain_and_compare_settings();
    at::set_num_threads(before);
}

void random_numbers_of_the_host_go_on_where_they_were()
{
    at::manual_seed(11);
    const at::Tensor first = at::rand({8}), second = at::rand({8});
    at::manual_seed(11);
    EXPECT(at::equal(at::rand({8}), first));
    EXPECT(explain() == undisturbed);
    EXPECT(at::equal(at::rand({8}), second));
}

/* "1.024" for a number of 1024: what C++ streams do by the global locale. */
struct Grouping : std::numpunct<char> {
    char do_decimal_point() const override
    {
        return ',';
    }
    char do_thousands_sep() const override
    {
        return '.';
    }
    std::string do_grouping() const override
    {
        return "\3";
    }
};

void global_cpp_locale_of_the_host_does_not_show()
{
    const std::locale before = std::locale::global(std::locale(std::locale(), new Grouping));
    Values found;
    std::string problem;
    try {
        found = explain();
    } catch (const broken_claim &broken) {
        problem = broken.what;
    }
    std::locale::global(before);
    if (!problem.empty())
        throw broken_claim{__LINE__, problem};
    EXPECT(found == undisturbed);
}

int heard;

struct Listener : shim::WarningTaker {
    void take(const std::string &) override
    {
        heard++;
    }
};

void warnings_of_the_host_reach_its_own_handler_again()
{
    Listener listener;
    const shim::warnings::WarningHandlerGuard guard(&listener);
    EXPECT(explain() == undisturbed);
    TORCH_WARN("odd");
    EXPECT(heard == 1);
}

void hear_print(const std::string &)
{
    heard++;
}

torch::jit::Module speaking_module()
{
    torch::jit::Module speaker("Speaker");
    speaker.define("def forward(self, x: int):\n    print('seen')\n    return x\n");
    return speaker;
}

void prints_of_the_host_reach_its_own_handler_while_the_library_works()
{
    torch::jit::Module speaker = speaking_module();
    const auto before = torch::jit::getPrintHandler();
    torch::jit::setPrintHandler(hear_print);
    heard = 0;
    std::atomic<bool> done{false}, right{true};
    std::thread guest([&] {
        right = explain() == undisturbed && explain() == undisturbed;
        done = true;
    });
    int spoken = 0;
    while (!done || spoken < 10) {
        speaker.forward({1});
        spoken++;
    }
    guest.join();
    const bool kept = torch::jit::getPrintHandler() == hear_print;
    torch::jit::setPrintHandler(before);
    EXPECT(right && kept);
    EXPECT(heard == spoken);
}

std::atomic<bool> halted, released;

std::unique_ptr<at::ObserverContext> halt(const at::RecordFunction &)
{
    halted = true;
    while (!released)
        usleep(1000);
    return nullptr;
}

/* A thread inside the library, stopped at the first operator it runs until the object ends. */
class Halted
{
  public:
    Halted()
    {
        halted = released = false;
        thread_ = std::thread([] {
            const auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(halt));
            explain();
            at::removeCallback(handle);
        });
        while (!halted)
            usleep(1000);
    }
    ~Halted()
    {
        released = true;
        thread_.join();
    }

  private:
    std::thread thread_;
};

torch::jit::PrintHandler chained;
int chains;
bool refusing;

void hear_and_hand_on(const std::string &text)
{
    if (++chains > 100) /* an endless recursion, which is to be told */
        return;
    if (refusing)
        throw std::runtime_error("not heard");
    chained(text);
}

/* The handler that the host finds while the library works is the library's, which hands on to the host's. */
void print_handlers_of_the_host_may_be_chained_while_the_library_works()
{
    torch::jit::Module speaker = speaking_module();
    const auto before = torch::jit::getPrintHandler();
    torch::jit::setPrintHandler(hear_print);
    bool refused = false;
    heard = chains = 0;
    {
        const Halted other;
        chained = torch::jit::getPrintHandler();
        torch::jit::setPrintHandler(hear_and_hand_on);
        cameras_model_close(open_model());
        speaker.forward({1});
        refusing = true;
        try {
            speaker.forward({1});
        } catch (const std::exception &) {
            refused = true;
        }
        refusing = false;
        speaker.forward({1});
    }
    EXPECT(torch::jit::getPrintHandler() == hear_and_hand_on); /* the library has stepped aside */
    speaker.forward({1});
    torch::jit::setPrintHandler(before);
    EXPECT(refused);
    EXPECT(chains == 4);
    EXPECT(heard == 3);
}

std::atomic<int> operators;

std::unique_ptr<at::ObserverContext> let_cancel(const at::RecordFunction &)
{
    operators++;
    pthread_testcancel();
    return nullptr;
}

bool came_back; /* from the call */

void *ask_for_auto_cancelled(void *)
{
    const auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(let_cancel));
    int state = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    cameras_model *model = open_model();
    pthread_cancel(pthread_self());
    operators = 0;
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
    const char *layer = nullptr;
    came_back = cameras_model_auto_layer(&layer, model) == CAMERAS_OK;
    pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &state);
    cameras_model_close(model);
    at::removeCallback(handle);
    pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &state);
    pthread_testcancel();
    return nullptr;
}

std::atomic<size_t> told;

int cancel_caller(void *caller, size_t, cameras_status, cameras_map **maps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cameras_map_free(maps[i]);
    told++;
    pthread_cancel(*static_cast<pthread_t *>(caller));
    pthread_testcancel();
    return 0;
}

/* Its other workers use what is on its stack. */
void *explain_many_cancelled(void *)
{
    static const size_t side = 64;
    pthread_t self = pthread_self();
    cameras_image *image = nullptr;
    cameras_options *options = nullptr;
    cameras_model *model = open_model();
    if (cameras_image_read(&image, (folder + "/scene.png").c_str(), nullptr) != CAMERAS_OK ||
        cameras_options_new(&options) != CAMERAS_OK || cameras_options_set_scales(options, &side, 1) != CAMERAS_OK ||
        cameras_options_set_threads(options, 2) != CAMERAS_OK)
        return nullptr;
    const cameras_image *const images[] = {image, image, image};
    came_back = false;
    told = 0;
    came_back = cameras_explain_many(nullptr, model, images, 3, options, cancel_caller, &self) == CAMERAS_OK;
    cameras_options_free(options);
    cameras_image_free(image);
    cameras_model_close(model);
    pthread_testcancel();
    return nullptr;
}

void thread_that_is_cancelled_inside_a_call_for_many_images_ends_after_it()
{
    pthread_t thread;
    void *result = nullptr;
    EXPECT(pthread_create(&thread, nullptr, explain_many_cancelled, nullptr) == 0);
    EXPECT(pthread_join(thread, &result) == 0);
    EXPECT(came_back);
    EXPECT(told == 3);
    EXPECT(result == PTHREAD_CANCELED);
}

void thread_that_is_cancelled_inside_a_call_ends_after_it()
{
    pthread_t thread;
    void *result = nullptr;
    EXPECT(pthread_create(&thread, nullptr, ask_for_auto_cancelled, nullptr) == 0);
    EXPECT(pthread_join(thread, &result) == 0);
    EXPECT(operators > 0);
    EXPECT(came_back);
    EXPECT(result == PTHREAD_CANCELED);
}

} // namespace

int main(int count, char **arguments)
{
    if (count != 2)
        return 2;
    folder = arguments[1];
    try {
        undisturbed = explain();
    } catch (const broken_claim &broken) {
        std::printf("FAILED: host: %s\n", broken.what.c_str());
        return 1;
    }
    Claims claims("guest");
    CLAIM(claims, hosts_numbers_are_the_same_before_between_and_after);
    CLAIM(claims, hosts_tensors_made_before_live_through_and_after);
    CLAIM(claims, both_work_at_once_in_several_threads);
    CLAIM(claims, settings_stay_as_the_host_made_them);
    CLAIM(claims, inference_mode_of_the_host_does_not_reach_the_library);
    CLAIM(claims, autocast_of_the_host_does_not_reach_the_library);
    CLAIM(claims, default_type_of_the_host_does_not_reach_the_library);
    CLAIM(claims, thread_counts_of_the_host_stay);
    CLAIM(claims, random_numbers_of_the_host_go_on_where_they_were);
    CLAIM(claims, global_cpp_locale_of_the_host_does_not_show);
    CLAIM(claims, warnings_of_the_host_reach_its_own_handler_again);
    CLAIM(claims, prints_of_the_host_reach_its_own_handler_while_the_library_works);
    CLAIM(claims, print_handlers_of_the_host_may_be_chained_while_the_library_works);
    CLAIM(claims, thread_that_is_cancelled_inside_a_call_ends_after_it);
    CLAIM(claims, thread_that_is_cancelled_inside_a_call_for_many_images_ends_after_it);
    return claims.close();
}
