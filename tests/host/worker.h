/*
 * worker.h - a thread that explains the demo's scene again and again, for programs that do something meanwhile
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef WORKER_H
#define WORKER_H

#include <cameras.h>

extern cameras_model *worker_model;
extern cameras_image *worker_image;

/* Opens demo.pt and scene.png of a folder and returns once the thread is inside an explanation; 0 where that works. */
int worker_begin(const char *folder);

/* Asks the thread to stop, by its progress callback, and joins it; model and image stay until worker_free. */
void worker_stop(void);
void worker_free(void);

#endif
