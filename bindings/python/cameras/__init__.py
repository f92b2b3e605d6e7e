"""Class activation maps of high resolution for any TorchScript model: libcameras for Python.

    import cameras
    model = cameras.Model("resnet50.pt", labels="imagenet.txt")
    map = model.explain("photo.jpg")
    map.overlay("photo.jpg").save("overlay.png")

SPDX-License-Identifier: MIT
"""

from typing import List

from ._arguments import size as _size
from ._arguments import string as _string
from ._functions import last_message as _last_message
from ._functions import lib as _lib
from ._torch import from_torch
from .attack import Attack
from .enums import (
    DEFAULT_MAX_PIXELS,
    LEAST_LIKELY,
    MAX_CLASSES,
    MAX_FILE_BYTES,
    MAX_LAYERS,
    MAX_SCALES,
    MAX_SIDE,
    MAX_THREADS,
    AttackKind,
    ChannelOrder,
    Colormap,
    Gate,
    Interpolation,
    LogKind,
    MapSize,
    Masking,
    Method,
    Norm,
    Part,
    PixelFormat,
    Precision,
    Preset,
    ScoreKind,
    Source,
    Stage,
    Status,
    StepRule,
)
from .errors import (
    Cancelled,
    ClassError,
    Error,
    FileError,
    FlatError,
    FormatError,
    InternalError,
    InvalidArgument,
    LayerError,
    LimitError,
    ModelError,
    NumericError,
    OutOfMemory,
    ScaleError,
)
from .image import Image
from .log import set_log
from .map import Map, Scale, Seconds
from .model import Classification, Layer, Model
from .options import Options
from .sanity import Sanity, SanityStage
from .scores import Grid, Scores

__version__ = "0.1.0"

__all__ = [
    "Attack",
    "AttackKind",
    "Cancelled",
    "ChannelOrder",
    "ClassError",
    "Classification",
    "Colormap",
    "DEFAULT_MAX_PIXELS",
    "Error",
    "FileError",
    "FlatError",
    "FormatError",
    "Gate",
    "Grid",
    "Image",
    "InternalError",
    "Interpolation",
    "InvalidArgument",
    "LEAST_LIKELY",
    "Layer",
    "LayerError",
    "LimitError",
    "LogKind",
    "MAX_CLASSES",
    "MAX_FILE_BYTES",
    "MAX_LAYERS",
    "MAX_SCALES",
    "MAX_SIDE",
    "MAX_THREADS",
    "Map",
    "MapSize",
    "Masking",
    "Method",
    "Model",
    "ModelError",
    "Norm",
    "NumericError",
    "Options",
    "OutOfMemory",
    "Part",
    "PixelFormat",
    "Precision",
    "Preset",
    "Sanity",
    "SanityStage",
    "Scale",
    "ScaleError",
    "ScoreKind",
    "Scores",
    "Seconds",
    "Source",
    "Stage",
    "Status",
    "StepRule",
    "colormap_names",
    "from_torch",
    "last_error",
    "library_version",
    "libtorch_version",
    "method_names",
    "score_names",
    "set_log",
    "status_text",
]


def library_version() -> str:
    """The version of libcameras in use."""
    return _string(_lib.cameras_version())


def libtorch_version() -> str:
    """The version of LibTorch in use."""
    return _string(_lib.cameras_libtorch_version())


def status_text(status: int) -> str:
    """A few words for a status, such as "out of memory"."""
    return _string(_lib.cameras_status_text(_size(status, "status", 2**31 - 1)))


def last_error() -> str:
    """The message of this thread's latest failed call; exceptions carry it already."""
    return _last_message()


def _names(function_name: str) -> List[str]:
    function = getattr(_lib, function_name)
    names: List[str] = []
    while function(len(names)):
        names.append(_string(function(len(names))))
    return names


def method_names() -> List[str]:
    """The methods' names, in the order of `Method`: "cameras", "gradcam", "gradcam++" and so on."""
    return _names("cameras_method_name")


def score_names() -> List[str]:
    """The scores' names, in the order of `ScoreKind`."""
    return _names("cameras_score_name")


def colormap_names() -> List[str]:
    """The colour maps' names, in the order of `Colormap`."""
    return _names("cameras_colormap_name")
