#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes font_7x13.h from X11's misc-fixed 7x13, which Debian's xfonts-base carries ("Public domain font. Share and
enjoy.").

    python3 lib/font_7x13.py /usr/share/fonts/X11/misc/7x13-ISO8859-1.pcf.gz > lib/font_7x13.h

PCF is a table of tables; three are needed: what each glyph's box is, its bitmap, and which character it is of. Every
format word here says most significant byte and bit first, rows padded to four bytes.
"""

import gzip
import struct
import sys

METRICS, BITMAPS, ENCODINGS = 1 << 2, 1 << 3, 1 << 5
BIG_ENDIAN_PADDED_4, COMPRESSED_METRICS = 0x00E, 0x100
WIDTH, HEIGHT, ASCENT = 7, 13, 11
FIRST, LAST = 32, 126
UNFIT_FOR_A_COMMENT = {" ": "space", "*": "star", "/": "slash", "\\": "backslash"}

HEAD = """/*
 * font_7x13.h - X11's misc-fixed 7x13, characters 32 to 126; written by font_7x13.py
 *
 * SPDX-License-Identifier: MIT
 *
 * The font itself is in the public domain: "Public domain font. Share and enjoy."
 */
#ifndef CAM_FONT_7X13_H
#define CAM_FONT_7X13_H

#include <stdint.h>

enum {
    CAM_FONT_WIDTH = %d,
    CAM_FONT_HEIGHT = %d,
    CAM_FONT_FIRST = %d,
    CAM_FONT_LAST = %d
};

/* clang-format off */

/* A byte a row, the leftmost pixel its highest bit. */
static const uint8_t font_7x13[CAM_FONT_LAST - CAM_FONT_FIRST + 1][CAM_FONT_HEIGHT] = {"""

TAIL = """};

/* clang-format on */

#endif"""


def tables(data):
    """The tables by type, each from its format word on."""
    if data[:4] != b"\x01fcp":
        raise ValueError("not a PCF font")
    (count,) = struct.unpack_from("<I", data, 4)
    found = {}
    for i in range(count):
        kind, layout, _, start = struct.unpack_from("<4I", data, 8 + 16 * i)
        if kind in (METRICS, BITMAPS, ENCODINGS) and layout & ~COMPRESSED_METRICS != BIG_ENDIAN_PADDED_4:
            raise ValueError("table %d has format %#x" % (kind, layout))
        found[kind] = data[start:]
    return found


def metrics(table):
    """(left bearing, right bearing, width, ascent, descent) of every glyph."""
    (count,) = struct.unpack_from(">H", table, 4)
    return [[byte - 0x80 for byte in table[6 + 5 * i : 11 + 5 * i]] for i in range(count)]


def bitmaps(table):
    """A function from a glyph to its padded rows."""
    (count,) = struct.unpack_from(">I", table, 4)
    offsets = struct.unpack_from(">%dI" % count, table, 8)
    return lambda glyph: table[8 + 4 * count + 16 + offsets[glyph] :]


def glyph_of(table, character):
    """The glyph of a character."""
    first, last = struct.unpack_from(">2H", table, 4)
    if not first <= character <= last:
        raise ValueError("no character %d" % character)
    return struct.unpack_from(">H", table, 14 + 2 * (character - first))[0]


def rows(box, bitmap):
    """The HEIGHT bytes of a glyph, put at its place in the cell."""
    left, _, width, ascent, descent = box
    if width != WIDTH:
        raise ValueError("a glyph is %d wide" % width)
    cell = [0] * HEIGHT
    for y in range(ascent + descent):
        (bits,) = struct.unpack_from(">I", bitmap, 4 * y)
        cell[ASCENT - ascent + y] = bits >> (24 + left)
    return cell


def main(path):
    """Prints the header."""
    found = tables(gzip.open(path).read())
    boxes, bitmap_of = metrics(found[METRICS]), bitmaps(found[BITMAPS])
    print(HEAD % (WIDTH, HEIGHT, FIRST, LAST))
    for character in range(FIRST, LAST + 1):
        glyph = glyph_of(found[ENCODINGS], character)
        line = ", ".join("0x%02x" % row for row in rows(boxes[glyph], bitmap_of(glyph)))
        name = UNFIT_FOR_A_COMMENT.get(chr(character), chr(character))
        print("    {%s}, /* %s */" % (line, name))
    print(TAIL)


if __name__ == "__main__":
    main(sys.argv[1])
