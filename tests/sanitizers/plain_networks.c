/*
 * plain_networks.c - what plain_shim.c opens, in place of tests/networks.cpp
 *
 * SPDX-License-Identifier: MIT
 */
#include "networks.h"
#include "zip.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/networks.XXXXXX";
static char path[128];

static void stop(const char *why)
{
    fprintf(stderr, "plain networks: %s\n", why);
    abort();
}

void networks_open(void)
{
    if (!mkdtemp(folder))
        stop("no temporary folder");
}

void networks_close(void)
{
    unlink(networks_path("plain.pt"));
    unlink(networks_path("rectified.pt"));
    rmdir(folder);
}

const char *networks_path(const char *name)
{
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

const char *network_file(network which)
{
    static char plain[128], rectified[128];
    if (which != NETWORK_PLAIN && which != NETWORK_RECTIFIED)
        stop("there are two only, plain and rectified");
    char *made = which == NETWORK_PLAIN ? plain : rectified;
    snprintf(made, sizeof plain, "%s", networks_path(which == NETWORK_PLAIN ? "plain.pt" : "rectified.pt"));
    const zip_record record = {.name = which == NETWORK_PLAIN ? "plain" : "rectified", .bytes = "", .size = 0};
    picture archive = zip_archive(&record, 1, ZIP_32);
    FILE *file = fopen(made, "wb");
    if (!file || fwrite(archive.bytes, 1, archive.size, file) != archive.size || fclose(file) != 0)
        stop("a file cannot be written");
    picture_free(&archive);
    return made;
}

int network_torch_threads(void)
{
    return 1;
}

void network_set_torch_threads(int count)
{
    (void)count;
}
