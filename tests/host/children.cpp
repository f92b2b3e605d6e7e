/*
 * children.cpp - a program that forks while a thread is inside the library: children HOW
 *
 * SPDX-License-Identifier: MIT
 *
 * HOW is "exit": 200 children end by exit, beside a thread that runs a small network without end. Which lock a fork
 * finds held is chance; where nobody sees to it, every second child or so hangs. The network only takes means: what
 * OpenBLAS does when the process exits is not the library's.
 *
 * Or "use": one child calls the library while the thread has been stopped within LibTorch, at the first operator that
 * cutting runs, so that all locks around that are held for certain.
 */
#include <cameras.h>

#include "networks.h"

#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

#include <ATen/record_function.h>

namespace
{

enum {
    SIDE = 16,
    CHILDREN = 200,
    PATIENCE = 60 /* seconds after which a child hangs */
};

cameras_model *model, *other;
cameras_image *image;
std::atomic<bool> inside{false}, stop{false};

[[noreturn]] void give_up(const char *what)
{
    std::printf("%s: %s\n", what, cameras_last_error());
    std::fflush(stdout);
    _exit(3);
}

void open_all(network which)
{
    static const unsigned char pixels[SIDE * SIDE * 3] = {1, 2, 3};
    if (cameras_model_open(&model, network_file(which)) != CAMERAS_OK ||
        cameras_model_open(&other, network_file(which)) != CAMERAS_OK ||
        cameras_model_set_base_size(model, SIDE, SIDE) != CAMERAS_OK ||
        cameras_image_new(&image, pixels, SIDE, SIDE, 0, CAMERAS_RGB8) != CAMERAS_OK)
        give_up("open");
}

/* 0 where the child ended by itself, and well. */
int wait_for(pid_t child)
{
    int status = -1;
    if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    std::printf("a child %s (%#x)\n", WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM ? "hangs" : "ended badly",
                static_cast<unsigned>(status));
    return 1;
}

/* ---- exit -------------------------------------------------------------------------------------------------------- */

void classify_again_and_again()
{
    float logits[3]; /* the means of three channels */
    while (!stop) {
        if (cameras_classify(logits, nullptr, 3, model, image, nullptr) != CAMERAS_OK)
            give_up("classify");
        inside = true;
    }
}

/* As at the end of a program in C++ whose model is static. */
void close_other()
{
    cameras_model_close(other);
}

int leave_by_exit()
{
    int failed = 0;
    open_all(NETWORK_BARE);
    if (std::atexit(close_other) != 0)
        return 3;
    std::thread worker(classify_again_and_again);
    while (!inside)
        usleep(1000);
    for (int i = 0; i < CHILDREN && failed == 0; i++) {
        const pid_t child = fork();
        if (child == 0) {
            alarm(PATIENCE);
            std::exit(0);
        }
        failed = wait_for(child);
    }
    stop = true;
    worker.join();
    return failed;
}

/* ---- use --------------------------------------------------------------------------------------------------------- */

std::unique_ptr<at::ObserverContext> halt(const at::RecordFunction &)
{
    inside = true;
    while (!stop)
        usleep(1000);
    return nullptr;
}

void cut_and_halt()
{
    const char *layer = nullptr;
    const auto handle = at::addThreadLocalCallback(at::RecordFunctionCallback(halt));
    if (cameras_model_auto_layer(&layer, model) != CAMERAS_OK)
        give_up("auto");
    at::removeCallback(handle);
}

int refused(const char *call, cameras_status status)
{
    if (status == CAMERAS_EINVAL && std::strstr(cameras_last_error(), "child of fork") &&
        !std::strstr(cameras_last_error(), "not a TorchScript"))
        return 0;
    std::printf("%s in a child: status %d, %s\n", call, status, cameras_last_error());
    std::fflush(stdout);
    return 1;
}

int use_everything()
{
    size_t count = 0;
    float logits[NETWORK_CLASSES];
    const char *layer = nullptr;
    cameras_model *opened = nullptr;
    cameras_map *map = nullptr;
    static const char *const drawn[] = {"fc"};
    int failed = refused("class_count", cameras_model_class_count(&count, model));
    failed |= refused("auto_layer", cameras_model_auto_layer(&layer, model));
    failed |= refused("classify", cameras_classify(logits, nullptr, NETWORK_CLASSES, model, image, nullptr));
    failed |= refused("explain", cameras_explain(&map, model, image, nullptr));
    failed |= refused("open", cameras_model_open(&opened, network_file(NETWORK_PLAIN)));
    failed |= refused("randomise", cameras_model_randomise(&opened, model, drawn, 1, 1));
    failed |= count || layer || opened || map;
    failed |= cameras_set_log(nullptr, nullptr) != CAMERAS_OK;
    cameras_model_close(other);
    cameras_model_close(model);
    return failed;
}

int use_in_a_child()
{
    open_all(NETWORK_PLAIN);
    std::thread worker(cut_and_halt);
    while (!inside)
        usleep(1000);
    const pid_t child = fork();
    if (child == 0) {
        alarm(PATIENCE);
        _exit(use_everything());
    }
    const int failed = wait_for(child);
    stop = true;
    worker.join();
    return failed;
}

} // namespace

int main(int count, char **arguments)
{
    if (count != 2)
        return 2;
    networks_open();
    const int failed = std::strcmp(arguments[1], "exit") == 0 ? leave_by_exit() : use_in_a_child();
    cameras_image_free(image);
    cameras_model_close(model);
    networks_close();
    return failed;
}
