/*
 * forking.c - a program that forks while its threads explain: forking FOLDER MAP COMMAND [ARGUMENT]...
 *
 * SPDX-License-Identifier: MIT
 *
 * One child becomes COMMAND, one ends by exit without having used the library; the parent goes on. The parent's map
 * goes to the file MAP.
 */
#include "worker.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

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
    cameras_map *map = NULL;
    if (count < 4)
        return 2;
    const int status = worker_begin(arguments[1]);
    if (status != 0)
        return status;
    int failed = fork_both(arguments + 3);
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
