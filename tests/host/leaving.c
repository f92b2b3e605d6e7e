/*
 * leaving.c - a program that ends while one of its threads explains: leaving HOW FOLDER
 *
 * SPDX-License-Identifier: MIT
 *
 * HOW is "main", which returns from main regardless; "quick", by quick_exit; "joined", which does as docs/embedding.md
 * says: it asks the thread to stop, by its progress callback, and joins it.
 *
 * Its end takes a while: a handler of exit that was registered before LibTorch's was used is called after what LibTorch
 * registered meanwhile, and its thread would go on without that.
 */
#include "worker.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void linger(void)
{
    usleep(300000);
}

int main(int count, char **arguments)
{
    if (count != 3)
        return 2;
    if (atexit(linger) != 0)
        return 3;
    const int status = worker_begin(arguments[2]);
    if (status != 0)
        return status;
    if (strcmp(arguments[1], "quick") == 0)
        quick_exit(0);
    if (strcmp(arguments[1], "main") == 0)
        return 0;
    worker_stop();
    worker_free();
    return 0;
}
