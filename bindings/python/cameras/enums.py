"""The library's enumerations and constants. The contract of each member stands in cameras.h.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import ctypes
from enum import IntEnum
from typing import Type, TypeVar, Union

C = TypeVar("C", bound="Choice")

DEFAULT_MAX_PIXELS = 100000000  #: of a picture that is read: width times height
MAX_FILE_BYTES = 4294967295  #: of a picture, a label file or a map file; models have no limit
MAX_SIDE = 8192  #: of the base image and of any scale, in pixels
MAX_SCALES = 64  #: in one schedule
MAX_CLASSES = 4096  #: asked for in one call
MAX_LAYERS = 64  #: asked for in one call
MAX_THREADS = 1024  #: for one call
SIZE_MAX = ctypes.c_size_t(-1).value
LEAST_LIKELY = SIZE_MAX  #: as an attack's target: the class of the least logit on the clean image


class Choice(IntEnum):
    """An enumeration whose members may be given by name, as in ``gate="off"``, wherever one is taken."""

    @classmethod
    def of(cls: Type[C], value: Union[C, str, int]) -> C:
        """The member that value means: a member, its number, or its name whatever its case. ValueError: none."""
        if isinstance(value, str):
            found = cls.__members__.get(value.upper().replace("-", "_").replace("+", "P"))
            if found is not None:
                return found
        elif isinstance(value, int) and not isinstance(value, (bool, Choice)) or isinstance(value, cls):
            if value in cls._value2member_map_:
                return cls(value)
        names = ", ".join(name.lower() for name in cls.__members__)
        raise ValueError(f"{value!r} is no {cls.__name__}: give one of {names}")


class Status(IntEnum):
    """What a call came to; see the exceptions of this package."""

    OK = 0
    EINVAL = 1
    ENOMEM = 2
    EIO = 3
    EFORMAT = 4
    ELIMIT = 5
    EMODEL = 6
    ELAYER = 7
    ECLASS = 8
    EFLAT = 9
    ESCALE = 10
    ENUMERIC = 11
    ECANCELLED = 12
    EINTERNAL = 13


class Preset(Choice):
    """Scales, interpolation and gate together."""

    REFERENCE = 0
    PAPER = 1
    FAST = 2


class Interpolation(Choice):
    """Of the enlarged copies."""

    BILINEAR = 0
    BICUBIC = 1


class Gate(Choice):
    """Whether a scale counts only if the network's top-1 there is the base image's."""

    AUTO = 0
    ON = 1
    OFF = 2


class Method(Choice):
    """How activations and gradients become a map; the last three are controls. ``"gradcam++"`` is GRADCAMPP."""

    CAMERAS = 0
    GRADCAM = 1
    GRADCAMPP = 2
    HIRESCAM = 3
    LAYERCAM = 4
    XGRADCAM = 5
    NORMGRAD = 6
    RANDOM = 7
    CENTRE = 8
    CONSTANT = 9


class Source(Choice):
    """What the copies are resized from."""

    BASE = 0
    ORIGINAL = 1


class MapSize(Choice):
    """The size of the maps."""

    BASE = 0
    IMAGE = 1


class Precision(Choice):
    """The arithmetic of the network up to the layer."""

    FP32 = 0
    BF16 = 1
    AUTO = 2


class ChannelOrder(Choice):
    """The order of the colour channels that a network was trained on."""

    RGB = 0
    BGR = 1


class PixelFormat(Choice):
    """How a caller's pixels lie; `Image` picks it by the array's shape and type."""

    GRAY8 = 0
    RGB8 = 1
    RGBA8 = 2
    BGR8 = 3
    GRAYF = 4
    RGBF = 5


class Stage(Choice):
    """Where the time of a call went."""

    TOTAL = 0
    TRUNK = 1
    HEAD = 2
    FUSE = 3
    PREPARE = 4


class Colormap(Choice):
    """Colours of a map; the first three are perceptually uniform."""

    VIRIDIS = 0
    INFERNO = 1
    MAGMA = 2
    JET = 3
    GRAY = 4


class ScoreKind(Choice):
    """What a map is worth."""

    POSITIVE_MAP_DENSITY = 0
    NEGATIVE_MAP_DENSITY = 1
    INSERTION_AUC = 2
    DELETION_AUC = 3
    AVERAGE_DROP = 4
    INCREASE = 5
    AVERAGE_GAIN = 6
    ADCC = 7
    ROAD = 8
    POINTING_HIT = 9
    ENERGY = 10
    IOU = 11


class LogKind(Choice):
    """Who speaks in the log."""

    WARNING = 0
    PRINT = 1


class Masking(Choice):
    """In which values an image is multiplied by a map."""

    PIXELS = 0
    NORMALISED = 1


class StepRule(Choice):
    """How a step of the attack follows the gradient."""

    GRADIENT = 0
    SIGN = 1


class AttackKind(Choice):
    """Which of the two attacks."""

    GUIDED = 0
    PLAIN = 1


class Norm(Choice):
    """A norm of a perturbation."""

    L0 = 0
    L1 = 1
    L2 = 2
    LINF = 3


class Part(Choice):
    """Where a norm is taken."""

    ALL = 0
    INSIDE = 1
    OUTSIDE = 2
