/*
 * similarity.c - how alike two maps are: rank correlation, structural similarity, overlap of the greatest
 *
 * SPDX-License-Identifier: MIT
 *
 * Spearman's rank correlation is Pearson's of the ranks, equal values sharing their mean rank: the short formula with
 * squared differences is wrong where there are ties, and a map that ReLU went over is full of them.
 */
#include "similarity.h"

#include "error.h"
#include "map.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char doing[] = "compare maps";

static cameras_status check_pair(const double *out, const cameras_map *a, const cameras_map *b)
{
    if (!out || !a || !b)
        return cam_fail(CAMERAS_EINVAL, "%s: out and two maps are needed", doing);
    if (!cam_size_equal(a->size, b->size))
        return cam_fail(CAMERAS_EINVAL, "%s: their sizes differ, %zu x %zu and %zu x %zu", doing, a->size.width,
                        a->size.height, b->size.width, b->size.height);
    return CAMERAS_OK;
}

/* ---- Spearman --------------------------------------------------------------------------------------------------- */

struct placed {
    float value;
    size_t place;
};

static int by_value(const void *left, const void *right)
{
    const float a = ((const struct placed *)left)->value, b = ((const struct placed *)right)->value;
    return (a > b) - (a < b);
}

/* Gives the sorted values from first to before end, all equal, the rank in the middle of theirs. */
static void share_rank(double *ranks, const struct placed *sorted, size_t first, size_t end)
{
    const double rank = 0.5 * (double)(first + end - 1);
    for (size_t i = first; i < end; i++)
        ranks[sorted[i].place] = rank;
}

/* The ranks, from 0, less their mean: what a correlation is made of. spare has room for count. */
static void rank(double *ranks, struct placed *spare, const float *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        spare[i] = (struct placed){values[i], i};
    qsort(spare, count, sizeof *spare, by_value);
    for (size_t first = 0, end = 0; first < count; first = end) {
        while (end < count && spare[end].value == spare[first].value)
            end++;
        share_rank(ranks, spare, first, end);
    }
    for (size_t i = 0; i < count; i++)
        ranks[i] -= 0.5 * (double)(count - 1);
}

static double product_sum(const double *a, const double *b, size_t count)
{
    double sum = 0.0;
    for (size_t i = 0; i < count; i++)
        sum += a[i] * b[i];
    return sum;
}

cameras_status cam_rank_correlation(double *out, int *constant, const float *a, const float *b, size_t count)
{
    double *ranks = malloc(2 * count * sizeof *ranks);
    struct placed *spare = malloc(count * sizeof *spare);
    cameras_status status = CAMERAS_OK;
    *out = 0.0;
    if (!ranks || !spare) {
        status = cam_fail_memory(doing, 2 * count * sizeof *ranks + count * sizeof *spare);
    } else {
        rank(ranks, spare, a, count);
        rank(ranks + count, spare, b, count);
        const double spread =
            sqrt(product_sum(ranks, ranks, count)) * sqrt(product_sum(ranks + count, ranks + count, count));
        *constant = !(spread > 0.0);
        *out = *constant ? 0.0 : fmin(fmax(product_sum(ranks, ranks + count, count) / spread, -1.0), 1.0);
    }
    free(spare);
    free(ranks);
    return status;
}

cameras_status cameras_map_spearman(double *out, const cameras_map *a, const cameras_map *b)
{
    int constant = 0;
    if (out)
        *out = 0.0;
    cameras_status status = check_pair(out, a, b);
    if (status == CAMERAS_OK)
        status = cam_rank_correlation(out, &constant, a->values, b->values, cam_size_pixels(a->size));
    if (status == CAMERAS_OK && constant)
        return cam_fail(CAMERAS_EFLAT, "%s: one is the same everywhere, so it has no ranks", doing);
    return status;
}

/* ---- structural similarity -------------------------------------------------------------------------------------- */

enum {
    WINDOW = 11,
    MOMENTS = 5 /* means of a, b, a^2, b^2 and ab */
};

static void make_window(double weights[WINDOW])
{
    const double deviation = 1.5;
    double sum = 0.0;
    for (int k = 0; k < WINDOW; k++) {
        const double from_middle = k - (WINDOW - 1) / 2;
        weights[k] = exp(-from_middle * from_middle / (2.0 * deviation * deviation));
        sum += weights[k];
    }
    for (int k = 0; k < WINDOW; k++)
        weights[k] /= sum;
}

/* The moments of every column over the WINDOW rows from a and b on; the window is separable. */
static void column_moments(double (*columns)[MOMENTS], const float *a, const float *b, size_t width,
                           const double weights[WINDOW])
{
    memset(columns, 0, width * sizeof *columns);
    for (size_t k = 0; k < WINDOW; k++)
        for (size_t x = 0; x < width; x++) {
            const double va = (double)a[k * width + x], vb = (double)b[k * width + x];
            const double terms[MOMENTS] = {va, vb, va * va, vb * vb, va * vb};
            for (size_t m = 0; m < MOMENTS; m++)
                columns[x][m] += weights[k] * terms[m];
        }
}

/* Equation 13 of Wang et al. for one window. */
static double window_similarity(const double (*columns)[MOMENTS], const double weights[WINDOW])
{
    static const double c1 = 0.01 * 0.01, c2 = 0.03 * 0.03;
    double moments[MOMENTS] = {0.0};
    for (size_t k = 0; k < WINDOW; k++)
        for (size_t m = 0; m < MOMENTS; m++)
            moments[m] += weights[k] * columns[k][m];
    const double ab = moments[0] * moments[1], squares = moments[0] * moments[0] + moments[1] * moments[1];
    const double covariance = moments[4] - ab, variances = moments[2] + moments[3] - squares;
    return (2.0 * ab + c1) * (2.0 * covariance + c2) / ((squares + c1) * (variances + c2));
}

cameras_status cameras_map_ssim(double *out, const cameras_map *a, const cameras_map *b)
{
    if (out)
        *out = 0.0;
    const cameras_status status = check_pair(out, a, b);
    if (status != CAMERAS_OK)
        return status;
    const size_t width = a->size.width, height = a->size.height;
    if (width < WINDOW || height < WINDOW)
        return cam_fail(CAMERAS_EINVAL, "%s: %zu x %zu is smaller than the window of 11 x 11", doing, width, height);
    double(*columns)[MOMENTS] = malloc(width * sizeof *columns), weights[WINDOW], sum = 0.0;
    if (!columns)
        return cam_fail_memory(doing, width * sizeof *columns);
    make_window(weights);
    for (size_t y = 0; y + WINDOW <= height; y++) {
        column_moments(columns, a->values + y * width, b->values + y * width, width, weights);
        for (size_t x = 0; x + WINDOW <= width; x++)
            sum += window_similarity((const double(*)[MOMENTS])columns + x, weights);
    }
    free(columns);
    *out = sum / ((double)(width - WINDOW + 1) * (double)(height - WINDOW + 1));
    return CAMERAS_OK;
}

/* ---- overlap ---------------------------------------------------------------------------------------------------- */

/*
 * The greatest pixels of a map: those above edge, and of those at edge each to the same part, so that nothing depends
 * on the order of pixels. What is at the map's minimum is background and nobody's greatest: the zeros that ReLU leaves
 * would otherwise fill both sides and agree.
 */
struct greatest {
    float edge;
    double part, size;
};

static int descending(const void *left, const void *right)
{
    const float a = *(const float *)left, b = *(const float *)right;
    return (a < b) - (a > b);
}

/* The greatest wanted of count values, which get sorted. */
static struct greatest find_greatest(float *values, size_t count, size_t wanted)
{
    qsort(values, count, sizeof *values, descending);
    struct greatest found = {.edge = values[wanted - 1]};
    size_t above = 0, end = 0;
    while (above < count && values[above] > found.edge)
        above++;
    for (end = above; end < count && values[end] == found.edge; end++)
        ;
    if (end < count)
        found.part = (double)(wanted - above) / (double)(end - above);
    found.size = (double)above + found.part * (double)(end - above);
    return found;
}

static double membership(const struct greatest *among, float value)
{
    return value > among->edge ? 1.0 : value == among->edge ? among->part : 0.0;
}

static cameras_status greatest_of(struct greatest *out, const cameras_map *map, double share)
{
    const size_t count = cam_size_pixels(map->size), wanted = (size_t)fmax(1.0, round(share * (double)count));
    float *sorted = malloc(count * sizeof *sorted);
    if (!sorted)
        return cam_fail_memory(doing, count * sizeof *sorted);
    memcpy(sorted, map->values, count * sizeof *sorted);
    *out = find_greatest(sorted, count, wanted);
    free(sorted);
    return CAMERAS_OK;
}

cameras_status cameras_map_overlap(double *out, const cameras_map *a, const cameras_map *b, double share)
{
    struct greatest of_a, of_b;
    if (out)
        *out = 0.0;
    cameras_status status = check_pair(out, a, b);
    if (status == CAMERAS_OK && !(share > 0.0 && share <= 1.0))
        return cam_fail(CAMERAS_EINVAL, "%s: a share of %g is not above 0 and at most 1", doing, share);
    if (status == CAMERAS_OK)
        status = greatest_of(&of_a, a, share);
    if (status == CAMERAS_OK)
        status = greatest_of(&of_b, b, share);
    if (status != CAMERAS_OK)
        return status;
    double both = 0.0;
    for (size_t i = 0; i < cam_size_pixels(a->size); i++)
        both += fmin(membership(&of_a, a->values[i]), membership(&of_b, b->values[i]));
    const double most = fmax(of_a.size, of_b.size);
    *out = most > 0.0 ? fmin(both / most, 1.0) : 0.0;
    return CAMERAS_OK;
}
