"""Saliency maps.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import ctypes
from typing import Any, List, NamedTuple, Optional, Tuple, Union

import numpy

from . import _arguments as arguments
from ._functions import FLOATS, MAP, lib
from ._handle import Handle, Owner, view
from .enums import SIZE_MAX, Colormap, Method, Precision, Source, Stage
from .image import Image, _made


class Scale(NamedTuple):
    """What happened at one scale."""

    width: int  #: of the copy shown to the network, in pixels
    height: int
    top1: int  #: the class that came first
    top1_probability: float
    probability: float  #: of the map's own class
    used: bool  #: whether the scale counted
    reason: str  #: why, or why not


class Seconds(NamedTuple):
    """Where the time of a call went; maps of one call share the figures."""

    total: float
    trunk: float  #: the network up to the layer
    head: float  #: the rest of it, and the gradients
    fuse: float  #: accumulation and fusion
    prepare: float  #: cutting the network at the layer


def _owned(pointer: Any) -> Owner:
    return Owner(pointer, lib.cameras_map_free)


class Map(Handle):
    """The saliency map of a class at a layer; it never changes, and may be used by many threads.

    ``numpy.asarray(map)`` is `values`. A map does not need its model, nor an array its map.
    """

    _instead = "write it with Map.save, or pickle numpy.array(map)"
    label: Optional[str] = None  #: of the class, where the model that made the map had labels

    def __init__(self, values: Any) -> None:
        """A map made elsewhere, to be scored, drawn or compared; it has no class, layer or scales.

        values: height x width numbers in [0, 1], which are copied and not stretched.
        ValueError: a value outside, NaN, another shape. TypeError: no real numbers.
        """
        array = numpy.asarray(values)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"map: an array of {array.dtype} is not taken; give floats from 0 to 1")
        if array.ndim != 2:
            raise ValueError(f"map: an array of shape {array.shape} is not height x width")
        rows = numpy.ascontiguousarray(array, numpy.float32)
        height, width = rows.shape
        pointer = arguments.out(MAP, lib.cameras_map_new, rows.ctypes.data_as(FLOATS), width, height)
        self._owner = _owned(pointer)

    @classmethod
    def read(cls, path: arguments.Path) -> Map:
        """A map made elsewhere, from a .npy file of height x width floats or a grey PNG.

        FileError, FormatError, LimitError; InvalidArgument for values outside [0, 1].
        """
        return cls._of(_owned(arguments.out(MAP, lib.cameras_map_read, arguments.path(path))))

    @classmethod
    def _take(cls, address: Any, label_of: Any) -> Map:
        """Takes over a map of the library's by its address; label_of(class index) gives its label."""
        return cls._labelled(_owned(ctypes.cast(address, MAP)), label_of)

    @classmethod
    def _labelled(cls, owner: Any, label_of: Any) -> Map:
        made = cls._of(owner)
        made.label = label_of(lib.cameras_map_class(owner))
        return made

    @property
    def width(self) -> int:
        """In pixels."""
        return int(lib.cameras_map_width(self._live))

    @property
    def height(self) -> int:
        """In pixels."""
        return int(lib.cameras_map_height(self._live))

    @property
    def shape(self) -> Tuple[int, int]:
        """Height and width, in numpy's order."""
        return self.height, self.width

    @property
    def values(self) -> "numpy.ndarray[Any, Any]":
        """Float32, height x width, read-only, in [0, 1]; least 0 and greatest 1, unless flat or made elsewhere."""
        owner = self._live
        return view(lib.cameras_map_values(owner), self.shape, owner)

    @property
    def raw(self) -> "numpy.ndarray[Any, Any]":
        """The same before stretching, in units of the logit for CAMERAS; comparable between maps of one method."""
        owner = self._live
        return view(lib.cameras_map_raw(owner), self.shape, owner)

    @property
    def is_flat(self) -> bool:
        """Whether the map has no contrast."""
        return bool(lib.cameras_map_is_flat(self._live))

    @property
    def class_index(self) -> Optional[int]:
        """The class explained; None for a map made elsewhere."""
        index = lib.cameras_map_class(self._live)
        return None if index == SIZE_MAX else int(index)

    @property
    def logit(self) -> float:
        """Of the class, on the base image."""
        return float(lib.cameras_map_logit(self._live))

    @property
    def probability(self) -> float:
        """Of the class, on the base image."""
        return float(lib.cameras_map_probability(self._live))

    @property
    def layer(self) -> str:
        """The path of the layer, the one taken where "auto" was asked for."""
        return arguments.string(lib.cameras_map_layer(self._live))

    @property
    def method(self) -> Method:
        """The method that made it."""
        return Method(lib.cameras_map_method(self._live))

    @property
    def source(self) -> Source:
        """What the copies were resized from."""
        return Source(lib.cameras_map_source(self._live))

    @property
    def precision(self) -> Precision:
        """That the network ran in up to the layer."""
        return Precision(lib.cameras_map_precision(self._live))

    @property
    def scales(self) -> List[Scale]:
        """The record of every scale, in the order of the schedule."""
        owner = self._live
        return [
            Scale(
                int(lib.cameras_map_scale_width(owner, i)),
                int(lib.cameras_map_scale_height(owner, i)),
                int(lib.cameras_map_scale_top1(owner, i)),
                float(lib.cameras_map_scale_top1_probability(owner, i)),
                float(lib.cameras_map_scale_probability(owner, i)),
                lib.cameras_map_scale_used(owner, i) == 1,
                arguments.string(lib.cameras_map_scale_reason(owner, i)),
            )
            for i in range(lib.cameras_map_scale_count(owner))
        ]

    @property
    def seconds(self) -> Seconds:
        """Where the time of the call went."""
        owner = self._live
        return Seconds(*(float(lib.cameras_map_seconds(owner, stage)) for stage in Stage))

    def overlay(self, picture: Any, colormap: Union[Colormap, str] = Colormap.VIRIDIS, opacity: float = 0.5) -> Image:
        """The map laid over a picture, of the picture's size; opacity of colour is 0 to 1."""
        image = Image.of(picture)._live
        strength = arguments.number(opacity, "opacity")
        return _made(lib.cameras_map_overlay, self._live, image, Colormap.of(colormap), strength)

    def heatmap(self, colormap: Union[Colormap, str] = Colormap.VIRIDIS) -> Image:
        """The map alone in colour, at its own size."""
        return _made(lib.cameras_map_overlay, self._live, None, Colormap.of(colormap), 1.0)

    def difference(self, other: Map) -> Image:
        """The signed difference of two maps of one size: red where this one is greater, blue where the other is."""
        return _made(lib.cameras_map_difference, self._live, _other(other))

    def spearman(self, other: Map) -> float:
        """Spearman's rank correlation of the values. FlatError: one is constant. InvalidArgument: sizes that differ."""
        return float(arguments.out(ctypes.c_double, lib.cameras_map_spearman, self._live, _other(other)))

    def ssim(self, other: Map) -> float:
        """Mean structural similarity. InvalidArgument: a side below 11 or sizes that differ."""
        return float(arguments.out(ctypes.c_double, lib.cameras_map_ssim, self._live, _other(other)))

    def overlap(self, other: Map, share: float = 0.05) -> float:
        """Of the share, in (0, 1], of pixels that are the greatest of either map, how many both have: 0 to 1."""
        asked = arguments.number(share, "share")
        return float(arguments.out(ctypes.c_double, lib.cameras_map_overlap, self._live, _other(other), asked))

    def save(self, path: arguments.Path) -> None:
        """Writes a .npy (float32) or .png (grey, 16 bits) file, which appears only when it is whole."""
        lib.cameras_map_write(self._live, arguments.path(path))

    def __array__(self, dtype: Any = None, copy: Optional[bool] = None) -> "numpy.ndarray[Any, Any]":
        values = self.values
        wanted = numpy.dtype(dtype or numpy.float32)
        if copy is False and wanted != values.dtype:
            raise ValueError(f"the values of a cameras.Map are float32: {wanted} needs a copy")
        return values.astype(wanted, copy=bool(copy))

    def _repr_png_(self) -> bytes:
        """The map as a notebook shows it."""
        return self.heatmap()._repr_png_()

    def __repr__(self) -> str:
        if self.closed:
            return "<cameras.Map closed>"
        size = f"{self.width} x {self.height}"
        if self.class_index is None:
            return f"<cameras.Map {size}, made elsewhere>"
        return f"<cameras.Map {size}, class {self.label or self.class_index} at {self.layer or 'no layer'}>"


def _other(other: Any) -> Any:
    if not isinstance(other, Map):
        raise TypeError(f"a cameras.Map is needed, not {type(other).__name__}; Map(array) makes one")
    return other._live
