#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes colormap_tables.h from the CC0 tables that Debian's python3-matplotlib carries.

    python3 lib/colormap_tables.py > lib/colormap_tables.h
"""

from matplotlib import cm

HEAD = """/*
 * colormap_tables.h - 256 RGB colours a map, public domain (CC0); written by colormap_tables.py
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef CAM_COLORMAP_TABLES_H
#define CAM_COLORMAP_TABLES_H

#include <stdint.h>

/* clang-format off */"""

PER_LINE = 8


def table(name):
    """The C source of one table."""
    colours = ["{%d,%d,%d}" % tuple(round(255 * v) for v in colour) for colour in cm.get_cmap(name, 256).colors[:, :3]]
    lines = ["    " + ", ".join(colours[i : i + PER_LINE]) + "," for i in range(0, 256, PER_LINE)]
    return "static const uint8_t %s[256][3] = {\n%s\n};\n" % (name, "\n".join(lines))


if __name__ == "__main__":
    print(HEAD)
    for each in ("viridis", "inferno", "magma"):
        print(table(each))
    print("/* clang-format on */\n\n#endif")
