"""picture.py OUT: writes the picture of the cross-language test, four discs, as a PNG; needs nothing but Python.

SPDX-License-Identifier: MIT

The demo network must see something of both classes that are asked for in it, a bird and a flower: two flat maps would be
equal whatever the binding did. These discs are the best of 300 drawn at random; the test checks that neither map is flat.
"""

import struct
import sys
import zlib

WIDTH, HEIGHT = 320, 240
GROUND = (250, 110, 185)
DISCS = (  # x, y, radius, colour
    (120, 120, 20, (75, 100, 80)),
    (205, 55, 30, (250, 250, 0)),
    (140, 180, 35, (180, 155, 35)),
    (185, 130, 60, (75, 0, 55)),
)


def colour(x, y):
    found = GROUND
    for left, top, radius, disc in DISCS:
        if (x - left) ** 2 + (y - top) ** 2 < radius**2:
            found = disc
    return bytes(found)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


rows = b"".join(b"\0" + b"".join(colour(x, y) for x in range(WIDTH)) for y in range(HEIGHT))
with open(sys.argv[1], "wb") as file:
    file.write(b"\x89PNG\r\n\x1a\n")
    file.write(chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)))
    file.write(chunk(b"IDAT", zlib.compress(rows)))
    file.write(chunk(b"IEND", b""))
