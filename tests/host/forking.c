/*
 * forking.c - a program that forks while a thread explains: forking FOLDER MAP COMMAND [ARGUMENT]...
 *
 * SPDX-License-Identifier: MIT
 *
 * The child becomes COMMAND; the parent goes on, and its map goes to the file MAP.
 */
#include "worker.h"

#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

/* 0 where the child ended with status 0. */
static int become(char **command)
{
    int status = -1;
    const pid_t child = fork();
    if (child == 0) {
        execv(command[0], command);
        _exit(127);
    }
    if (child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    printf("the child that becomes the command: status %#x\n", (unsigned)status);
    return 1;
}

int main(int count, char **arguments)
{
    cameras_map *map = NULL;
    if (count < 4)
        return 2;
    const int status = worker_begin(arguments[1]);
    if (status != 0)
        return status;
    int failed = become(arguments + 3);
    worker_stop();
    if (cameras_explain(&map, worker_model, worker_image, NULL) != CAMERAS_OK ||
        cameras_map_write(map, arguments[2]) != CAMERAS_OK) {
        printf("%s\n", cameras_last_error());
        failed = 1;
    }
    cameras_map_free(map);
    worker_free();
    return failed;
}
