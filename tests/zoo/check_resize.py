# SPDX-License-Identifier: MIT
"""Compares the library's resizing with PyTorch's and PIL's on many sizes.

    check_resize.py --probe build/tests/resize_probe

Bilinear and bicubic must equal torch.nn.functional.interpolate (align_corners False, no antialiasing) to 1e-5 on values
in [0, 1]; the antialiased shrink must be within a grey level of PIL.Image.resize(BILINEAR), which rounds to bytes
between its two passes, and within 1e-4 of PyTorch's antialiased interpolation, which does not.
"""

import argparse
import dataclasses
import pathlib
import subprocess

import numpy

import harness

try:
    import PIL.Image
    import torch
except ImportError as missing:
    harness.skip_all(f"resize: skipped, {missing.name} is not installed")

BILINEAR, BICUBIC, ANTIALIAS = range(3)
NAMES = ("bilinear", "bicubic", "antialias")
TOLERANCE = 1e-5
ANTIALIAS_TOLERANCE = 1e-4
SIZES = 100  # random ones for each filter, besides those below
PARTICULAR = (  # width and height in, width and height out
    (1, 1, 1, 1),
    (1, 1, 9, 5),
    (1, 40, 7, 40),
    (40, 1, 40, 13),
    (7, 7, 224, 224),
    (14, 10, 224, 160),
    (29, 29, 224, 224),
    (224, 224, 224, 224),
    (224, 224, 924, 924),
    (224, 160, 314, 224),
    (2, 3, 1, 1),
    (300, 200, 1, 1),
    (640, 480, 224, 224),
)


@dataclasses.dataclass(frozen=True)
class Case:
    """A plane to resize."""

    kind: int
    plane: numpy.ndarray  # height x width, float32
    width: int
    height: int

    def name(self):
        rows, columns = self.plane.shape
        return f"{NAMES[self.kind]} {columns}x{rows} to {self.width}x{self.height}"


def draw_side(generator):
    """1 to 400, small sides as likely as large ones."""
    return int(numpy.exp(generator.uniform(0, numpy.log(400))).round())


def draw_sizes(generator, kind):
    """Widths and heights in and out; the antialiased ones never grow."""
    sizes = PARTICULAR + tuple(tuple(draw_side(generator) for _ in range(4)) for _ in range(SIZES))
    if kind != ANTIALIAS:
        return sizes
    return tuple((max(a, c), max(b, d), min(a, c), min(b, d)) for a, b, c, d in sizes)


def make_cases():
    """Planes of bytes for PIL's sake where the filter is its own, otherwise of any values in [0, 1]."""
    generator = numpy.random.default_rng(7)
    made = []
    for kind in (BILINEAR, BICUBIC, ANTIALIAS):
        for in_width, in_height, out_width, out_height in draw_sizes(generator, kind):
            plane = generator.uniform(0, 1, (in_height, in_width))
            if kind == ANTIALIAS:
                plane = (plane * 255).round()
            made.append(Case(kind, plane.astype(numpy.float32), out_width, out_height))
    return made


def ask(probe, made):
    """All answers of the probe, in order."""
    requests = b"".join(
        numpy.array([case.kind, *case.plane.shape[::-1], case.width, case.height], numpy.int32).tobytes()
        + case.plane.tobytes()
        for case in made
    )
    ended = subprocess.run([str(probe)], input=requests, capture_output=True, timeout=harness.TIMEOUT, check=False)
    if ended.returncode != 0:
        raise harness.Failure(f"probe ended with {ended.returncode}: {ended.stderr.decode().strip()}")
    values = numpy.frombuffer(ended.stdout, numpy.float32)
    ends = numpy.cumsum([case.width * case.height for case in made])
    if values.size != ends[-1]:
        raise harness.Failure(f"probe gave {values.size} floats instead of {ends[-1]}")
    return [part.reshape(case.height, case.width) for part, case in zip(numpy.split(values, ends[:-1]), made)]


def interpolate(case):
    """PyTorch's answer."""
    plane = torch.from_numpy(case.plane)[None, None]
    antialias = case.kind == ANTIALIAS
    mode = "bicubic" if case.kind == BICUBIC else "bilinear"
    size = (case.height, case.width)
    resized = torch.nn.functional.interpolate(plane, size, mode=mode, align_corners=False, antialias=antialias)
    return resized[0, 0].numpy()


def shrink(case):
    """PIL's answer, in grey levels."""
    picture = PIL.Image.fromarray(case.plane.astype(numpy.uint8))
    return numpy.asarray(picture.resize((case.width, case.height), PIL.Image.BILINEAR), numpy.float32)


def compare(case, found):
    """What is wrong with an answer, or None."""
    if not numpy.isfinite(found).all():
        return "not finite"
    difference = float(numpy.abs(found - interpolate(case)).max())
    allowed = 255 * ANTIALIAS_TOLERANCE if case.kind == ANTIALIAS else TOLERANCE
    if difference > allowed:
        return f"differs from PyTorch's by {difference:.7f}"
    if case.kind == ANTIALIAS:
        levels = float(numpy.abs(numpy.clip(found, 0, 255).round() - shrink(case)).max())
        if levels > 1:
            return f"differs from PIL's by {levels:.0f} grey levels"
    return None


def main():
    parser = argparse.ArgumentParser(description="Compare the library's resizing with PyTorch's and PIL's.")
    parser.add_argument("--probe", type=pathlib.Path, required=True, help="build/tests/resize_probe")
    arguments = parser.parse_args()
    tally = harness.Tally()
    made = make_cases()
    try:
        answers = ask(arguments.probe.resolve(), made)
    except harness.Failure as failure:
        tally.fail(str(failure))
        tally.finish()
    for case, found in zip(made, answers):
        wrong = compare(case, found)
        if wrong:
            tally.fail(f"{case.name()}: {wrong}")
        else:
            tally.ok(case.name())
    tally.finish()


if __name__ == "__main__":
    main()
