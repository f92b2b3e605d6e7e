/*
 * fuzz.c - what the fuzz targets share
 *
 * SPDX-License-Identifier: MIT
 */
#include "fuzz.h"

#include "image.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    MOST_PIXELS = 1 << 13 /* so that no input takes long */
};

void demand(int holds, const char *claim)
{
    if (holds)
        return;
    dprintf(STDERR_FILENO, "fuzz: does not hold: %s\nfuzz: the last message: %s\n", claim, cameras_last_error());
    abort();
}

void silence_stderr(void)
{
    FILE *nowhere = fopen("/dev/null", "w");
    demand(nowhere != NULL, "there is /dev/null");
    stderr = nowhere;
}

void demand_refusal(cameras_status status, const cameras_status *allowed, size_t count, const char *beginning)
{
    int found = 0;
    for (size_t i = 0; i < count; i++)
        found |= allowed[i] == status;
    demand(found, "the status is one that the header names");
    demand(strncmp(cameras_last_error(), beginning, strlen(beginning)) == 0, "the message says what was being done");
    demand(strlen(cameras_last_error()) > strlen(beginning), "the message says why");
}

static void demand_samples(const cameras_image *image)
{
    int inside = 1;
    float *row = malloc(image->width * sizeof *row);
    demand(row != NULL, "there is memory");
    for (size_t y = 0; y < image->height; y++)
        for (size_t c = 0; c < image->channels; c++) {
            cam_image_row(row, image, c, y);
            for (size_t x = 0; x < image->width; x++)
                inside &= row[x] >= 0.0f && row[x] <= 1.0f;
        }
    free(row);
    demand(inside, "every sample is in [0, 1]");
}

void read_picture(const uint8_t *bytes, size_t size)
{
    static const cameras_status allowed[] = {CAMERAS_EFORMAT, CAMERAS_ELIMIT};
    const cameras_options options = {.max_pixels = MOST_PIXELS};
    cameras_image *image = NULL;
    const cameras_status status = cameras_image_read_memory(&image, bytes, size, &options);
    demand((status == CAMERAS_OK) == (image != NULL), "there is an image or a refusal");
    if (status != CAMERAS_OK) {
        demand_refusal(status, allowed, 2, "read image from memory: ");
        return;
    }
    demand(image->width && image->height && image->width <= MOST_PIXELS / image->height, "the limit is kept");
    demand_samples(image);
    cameras_image_free(image);
}

char *copy_text(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    demand(text != NULL, "there is memory");
    if (size)
        memcpy(text, bytes, size);
    text[size] = '\0';
    return text;
}

uint8_t next_byte(supply *from)
{
    return (uint8_t)(from->at < from->end ? *from->at++ : 0);
}

size_t next_of(supply *from, size_t count)
{
    return next_byte(from) % count;
}

uint64_t next_number(supply *from, size_t bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < bytes; i++)
        number |= (uint64_t)next_byte(from) << 8 * i;
    return number;
}
