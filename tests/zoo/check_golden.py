# SPDX-License-Identifier: MIT
"""Compares the command with maps that the method's authors' released code gave for a real ResNet-50.

    check_golden.py --cameras build/cameras --work build/zoo --shared ../shared

The data is optional: without the folder the script says so and skips.
"""

import argparse
import pathlib

import numpy

import harness

MAP_TOLERANCE = 0.001
SCALES = (224, 324, 424, 524, 624, 724, 824, 924)
BULL_MASTIFF = 243


def need(condition, text):
    if not condition:
        raise harness.Failure(text)


def explain(arguments, extra):
    """The only entry of "maps", and the map itself."""
    path = arguments.work / "golden.npy"
    path.unlink(missing_ok=True)
    shared = arguments.shared
    line = [shared / "images/cat_dog.png", "-m", shared / "models/resnet50.pt", "-l", "layer4", "--preset", "reference"]
    document = harness.explain(arguments.cameras, line + extra + ["--map", path], arguments.work)
    return document["maps"][0], numpy.load(path)


def compare(found, path):
    """The greatest difference from a golden map."""
    expected = numpy.load(path)
    need(found.shape == expected.shape, f"map is {found.shape} instead of {expected.shape}")
    need(found.dtype == numpy.float32, f"map is {found.dtype} instead of float32")
    difference = float(numpy.abs(found - expected).max())
    need(difference <= MAP_TOLERANCE, f"map differs by {difference:.7f} at the most")
    return f"{difference:.7f}"


def check_schedule(record):
    need(record["layer"] == "layer4", f"layer is {record['layer']}")
    need(record["class"] == BULL_MASTIFF, f"class is {record['class']} instead of {BULL_MASTIFF}")
    sizes = [tuple(scale["size"]) for scale in record["scales"]]
    need(sizes == [(side, side) for side in SCALES], f"sizes are {sizes}")
    need(all(scale["reason"] for scale in record["scales"]), "a scale has no reason")


def check_class(arguments):
    """With a class given, no scale is dropped."""
    record, found = explain(arguments, ["-c", BULL_MASTIFF])
    check_schedule(record)
    used = [scale["used"] for scale in record["scales"]]
    need(used == [True] * len(SCALES), f"used are {used}")
    return compare(found, arguments.shared / "golden/cat_dog.resnet50.layer4.243.npy")


def check_gate(arguments):
    """Without a class, the scales that see something other than the base's top-1 are dropped."""
    record, found = explain(arguments, [])
    check_schedule(record)
    used = [scale["used"] for scale in record["scales"]]
    need(used == [True] * 3 + [False] * 5, f"used are {used}")
    dropped = [scale["top1"] for scale in record["scales"] if not scale["used"]]
    need(dropped == [163, 163, 163, 163, 811], f"the dropped scales' top-1 are {dropped}")
    return compare(found, arguments.shared / "golden/cat_dog.resnet50.layer4.top1.npy")


def main():
    parser = argparse.ArgumentParser(description="Compare the command with the released code's maps.")
    parser.add_argument("--cameras", type=pathlib.Path, required=True, help="the command")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for maps")
    parser.add_argument("--shared", type=pathlib.Path, required=True, help="optional test data, such as ../shared")
    arguments = parser.parse_args()
    if not (arguments.shared / "golden").is_dir():
        harness.skip_all(f"golden: skipped, the optional test data in {arguments.shared} is not there")
    arguments.cameras, arguments.shared = arguments.cameras.resolve(), arguments.shared.resolve()
    arguments.work.mkdir(parents=True, exist_ok=True)
    arguments.work = arguments.work.resolve()
    tally = harness.Tally()
    for name, check in (("class 243", check_class), ("no class", check_gate)):
        tally.attempt(f"golden resnet50 layer4, {name}", lambda check=check: check(arguments))
    tally.finish()


if __name__ == "__main__":
    main()
