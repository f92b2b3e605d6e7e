/*
 * npy.c - fuzz target: maps as NumPy's array files
 *
 * SPDX-License-Identifier: MIT
 */
#include "fuzz.h"

#include "npy.h"

#include <stdlib.h>

/* Every value read is looked at, so that it must be there; what it is, is for the map to judge. */
static void demand_values(const float *values, size_t rows, size_t columns)
{
    size_t finite = 0;
    demand(rows && columns, "a map has rows and columns");
    for (size_t i = 0; i < rows * columns; i++)
        finite += values[i] - values[i] == 0.0f;
    demand(finite <= rows * columns, "values can be counted");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static const cameras_status allowed[] = {CAMERAS_EFORMAT}, made[] = {CAMERAS_EINVAL};
    float *values = NULL;
    size_t rows = 0, columns = 0;
    if (!cam_npy_recognise(bytes, size))
        return 0;
    cameras_status status = cam_npy_read(&values, &rows, &columns, bytes, size, "it");
    demand((status == CAMERAS_OK) == (values != NULL), "there are values or a refusal");
    if (status != CAMERAS_OK) {
        demand_refusal(status, allowed, 1, "read map it: ");
        return 0;
    }
    demand_values(values, rows, columns);
    cameras_map *map = NULL;
    status = cameras_map_new(&map, values, columns, rows);
    if (status != CAMERAS_OK)
        demand_refusal(status, made, 1, "make a map: ");
    else
        demand(cameras_map_width(map) == columns && cameras_map_height(map) == rows, "the map is as large");
    cameras_map_free(map);
    free(values);
    return 0;
}
