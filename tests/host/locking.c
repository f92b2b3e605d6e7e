/*
 * locking.c - a plugin host that guards a lock of its own across fork: locking LIBRARY FOLDER
 *
 * SPDX-License-Identifier: MIT
 *
 * Handlers of fork that were registered first are called last: the host's wait for its lock once the library's have
 * been called. A thread that holds the lock meanwhile calls the library, and both must come to an end.
 */
#include <cameras.h>

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static pthread_mutex_t mine = PTHREAD_MUTEX_INITIALIZER;
static cameras_model *model;
static size_t (*count_layers)(const cameras_model *);
static atomic_int held, forking;

static void before(void)
{
    atomic_store(&forking, 1);
    pthread_mutex_lock(&mine);
}

static void after(void)
{
    pthread_mutex_unlock(&mine);
}

static void *call_with_lock(void *unused)
{
    pthread_mutex_lock(&mine);
    atomic_store(&held, 1);
    while (!atomic_load(&forking))
        usleep(1000);
    count_layers(model);
    pthread_mutex_unlock(&mine);
    return unused;
}

static void find(void *function, void *library, const char *name)
{
    void *found = dlsym(library, name);
    if (!found) {
        printf("%s\n", dlerror());
        exit(1);
    }
    memcpy(function, &found, sizeof found);
}

int main(int argc, char **argv)
{
    char path[4096];
    pthread_t thread;
    cameras_status (*model_open)(cameras_model **, const char *);
    if (argc != 3 || pthread_atfork(before, after, after) != 0)
        return 2;
    void *library = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        printf("%s\n", dlerror());
        return 1;
    }
    find(&model_open, library, "cameras_model_open");
    find(&count_layers, library, "cameras_model_parametrised_count");
    snprintf(path, sizeof path, "%s/demo.pt", argv[2]);
    if (model_open(&model, path) != CAMERAS_OK || pthread_create(&thread, NULL, call_with_lock, NULL) != 0)
        return 3;
    while (!atomic_load(&held))
        usleep(1000);
    alarm(100); /* were they to wait for each other */
    const pid_t child = fork();
    if (child == 0)
        _exit(0);
    pthread_join(thread, NULL);
    return child > 0 && waitpid(child, NULL, 0) == child ? 0 : 4;
}
