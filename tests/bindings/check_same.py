"""check_same.py OUT: whether what the C program wrote is worth comparing: whole, and of two maps with contrast.

SPDX-License-Identifier: MIT
"""

import math
import pathlib
import struct
import sys

BASE, PICTURE = 224 * 224, 320 * 240
MAP = 4 * BASE
PARTS = 3 * MAP + 3 * PICTURE + 5 * 8

written = pathlib.Path(sys.argv[1]).read_bytes()
assert written[PARTS:] == b"featuresbird", f"ends in {written[PARTS:]!r}, not in the layer and the label"
for name, start in (("first", 0), ("second", MAP)):
    values = struct.unpack(f"={BASE}f", written[start : start + MAP])
    assert (min(values), max(values)) == (0, 1), f"the {name} map spans {min(values)} to {max(values)}, not 0 to 1"
raw = struct.unpack(f"={BASE}f", written[2 * MAP : 3 * MAP])
assert max(raw) > 0, "the first map's raw values are all 0"
scores = struct.unpack("=5d", written[PARTS - 40 : PARTS])
assert all(math.isfinite(score) for score in scores), f"scores {scores} are not all finite"
