"""What the tests share: the demo model, its picture, a short schedule.

SPDX-License-Identifier: MIT
"""

import os
import pathlib
import signal

import numpy
import pytest

import cameras

TOP = pathlib.Path(__file__).resolve().parents[3]
DEMO = pathlib.Path(os.environ.get("CAMERAS_DEMO", TOP / "src" / "demo"))
SCENE = pathlib.Path(os.environ.get("CAMERAS_SCENE", TOP / "src" / "demo" / "scene.png"))
HEADER = pathlib.Path(os.environ.get("CAMERAS_HEADER", TOP / "include" / "cameras.h"))
BINDING = pathlib.Path(__file__).resolve().parents[1]

# A shell that runs the tests in the background lets them ignore Ctrl-C, and what they start would go on ignoring it.
signal.signal(signal.SIGINT, signal.default_int_handler)

SHORT = {"scales": (224, 288), "threads": 1}
CAR, HOUSE = 6, 7  # what the scene shows


def open_demo() -> cameras.Model:
    return cameras.Model(DEMO / "demo.pt", labels=DEMO / "demo.txt")


@pytest.fixture(scope="session")
def model():
    return open_demo()


@pytest.fixture(scope="session")
def scene():
    return cameras.Image.read(SCENE)


@pytest.fixture(scope="session")
def house(model, scene):
    return model.explain(scene, classes=HOUSE, **SHORT)


@pytest.fixture
def noise():
    return numpy.random.default_rng(1).integers(0, 256, (40, 60, 3), dtype=numpy.uint8)
