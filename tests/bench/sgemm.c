/*
 * sgemm.c - what this machine can do at most: a large product of square matrices by OpenBLAS
 *
 * SPDX-License-Identifier: MIT
 *
 *     sgemm SIDE THREADS
 *
 * A worker (worker.h). A line has "seconds", "flops" (two for each multiplication and addition) and "core", the kind of
 * processor that OpenBLAS chose its kernel for.
 */
#include "worker.h"

#include <cblas.h>
#include <stdio.h>
#include <stdlib.h>

static float *matrix(size_t side)
{
    float *values = malloc(side * side * sizeof *values);
    for (size_t i = 0; values && i < side * side; i++)
        values[i] = (float)(i % 7) - 3.0f;
    return values;
}

static void multiply(float *c, const float *a, const float *b, int side)
{
    const double start = worker_clock();
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, side, side, side, 1.0f, a, side, b, side, 0.0f, c, side);
    const double seconds = worker_clock() - start;
    printf("{\"seconds\": %.6f, \"flops\": %.0f, \"core\": \"%s\", \"peak_kib\": %ld}\n", seconds,
           2.0 * side * (double)side * side, openblas_get_corename(), worker_peak_kib());
    fflush(stdout);
}

int main(int argc, char **argv)
{
    const int side = argc == 3 ? atoi(argv[1]) : 0;
    const int threads = argc == 3 ? atoi(argv[2]) : 0;
    if (side <= 0 || threads <= 0) {
        fprintf(stderr, "usage: sgemm SIDE THREADS\n");
        return EXIT_FAILURE;
    }
    float *a = matrix((size_t)side), *b = matrix((size_t)side), *c = matrix((size_t)side);
    if (a && b && c) {
        openblas_set_num_threads(threads);
        worker_ready();
        while (worker_turn())
            multiply(c, a, b, side);
    }
    free(a);
    free(b);
    free(c);
    return a && b && c ? EXIT_SUCCESS : EXIT_FAILURE;
}
