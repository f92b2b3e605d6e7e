/*
 * forking.c - a program that forks while its threads explain: forking FOLDER MAP COMMAND [ARGUMENT]...
 *
 * SPDX-License-Identifier: MIT
 *
 * One child becomes COMMAND, one ends by exit without having used the library; the parent goes on. The parent's map
 * goes to the file MAP.
 */
#include <cameras.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static cameras_model *model;
static cameras_image *image;
static atomic_int begun, stop;

static int look(double done, void *user)
{
    (void)done;
    (void)user;
    atomic_store(&begun, 1);
    return atomic_load(&stop);
}

static void *explain(void *unused)
{
    cameras_options *options = NULL;
    if (cameras_options_new(&options) != CAMERAS_OK || cameras_options_set_progress(options, look, NULL) != CAMERAS_OK)
        abort();
    while (!atomic_load(&stop)) {
        cameras_map *map = NULL;
        cameras_explain(&map, model, image, options);
        cameras_map_free(map);
    }
    cameras_options_free(options);
    return unused;
}

/* 0 where the child ended with status 0. */
static int wait_for(pid_t child, const char *which)
{
    int status = -1;
    if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    printf("%s: status %#x\n", which, (unsigned)status);
    return 1;
}

static int fork_both(char **command)
{
    const pid_t leaver = fork();
    if (leaver == 0)
        exit(0);
    const pid_t other = fork();
    if (other == 0) {
        execv(command[0], command);
        _exit(127);
    }
    return wait_for(leaver, "the child that leaves") | wait_for(other, "the child that becomes the command");
}

int main(int count, char **arguments)
{
    char path[4096];
    pthread_t thread;
    cameras_map *map = NULL;
    if (count < 4)
        return 2;
    snprintf(path, sizeof path, "%s/demo.pt", arguments[1]);
    if (cameras_model_open(&model, path) != CAMERAS_OK)
        return 3;
    snprintf(path, sizeof path, "%s/scene.png", arguments[1]);
    if (cameras_image_read(&image, path, NULL) != CAMERAS_OK || pthread_create(&thread, NULL, explain, NULL) != 0)
        return 3;
    while (!atomic_load(&begun))
        usleep(1000);
    int failed = fork_both(arguments + 3);
    atomic_store(&stop, 1);
    pthread_join(thread, NULL);
    if (cameras_explain(&map, model, image, NULL) != CAMERAS_OK || cameras_map_write(map, arguments[2]) != CAMERAS_OK) {
        printf("%s\n", cameras_last_error());
        failed = 1;
    }
    cameras_map_free(map);
    cameras_image_free(image);
    cameras_model_close(model);
    return failed;
}
