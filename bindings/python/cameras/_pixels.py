"""Arrays and PIL images become rows of pixels as the library takes them, without a copy where they lie so already.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import sys
from typing import Any, NamedTuple, Optional

import numpy

from .enums import ChannelOrder, PixelFormat

#: Floats are in [0, 1] and clipped; interpolation may overshoot a little, but what is above this is no such image.
MOST_FLOAT = 2.0


class Pixels(NamedTuple):
    array: Any  # keeps the memory alive
    width: int
    height: int
    stride: int
    format: PixelFormat

    @property
    def address(self) -> int:
        return int(self.array.ctypes.data)


def is_pil(value: Any) -> bool:
    """Whether value is a PIL image; PIL is not imported for that."""
    module = sys.modules.get("PIL.Image")
    return module is not None and isinstance(value, module.Image)


def of_pil(image: Any) -> "numpy.ndarray[Any, Any]":
    """A PIL image as an array for `of_array`: grey, colour, alpha, 16 bits and floats as they are, others as RGB."""
    if "transparency" in image.info and image.mode in ("1", "L", "P", "RGB"):
        return numpy.asarray(image.convert("RGBA"))
    if image.mode in ("L", "RGB", "RGBA", "F") or image.mode.startswith("I;16"):
        return numpy.asarray(image)
    if image.mode == "1":
        return numpy.asarray(image.convert("L"))
    if image.mode == "I":
        return _of_integers(numpy.asarray(image))
    return numpy.asarray(image.convert("RGBA" if image.mode in ("LA", "La", "PA", "RGBa") else "RGB"))


def _of_integers(values: "numpy.ndarray[Any, Any]") -> "numpy.ndarray[Any, Any]":
    """PIL opens grey pictures of 16 bits with the 32 bits of its mode I."""
    if values.size and (values.min() < 0 or values.max() > 65535):
        raise ValueError("image: a PIL image of mode I must hold 16 bits, 0 to 65535; scale it to mode F, 0 to 1")
    return values.astype(numpy.uint16)


def of_array(given: Any, order: ChannelOrder = ChannelOrder.RGB) -> Pixels:
    """Pixels of an array of height x width, or of height x width x 1, 3 or 4."""
    array = numpy.asarray(given)
    channels = _channels(array)
    if array.dtype == numpy.bool_:
        array = array.astype(numpy.uint8) * numpy.uint8(255)
    if order is ChannelOrder.BGR and (channels == 4 or (channels == 3 and array.dtype != numpy.uint8)):
        array = numpy.concatenate([array[..., 2::-1], array[..., 3:]], axis=2)
        order = ChannelOrder.RGB
    if array.dtype == numpy.uint8:
        return _bytes(array, channels, order)
    if array.dtype.kind == "u" and array.dtype.itemsize == 2:
        return _floats(array.astype(numpy.float32) / numpy.float32(65535), channels)
    if array.dtype.kind == "f":
        return _floats(array, channels)
    raise TypeError(
        f"image: an array of {array.dtype} is not taken; give uint8 (0 to 255), uint16 (0 to 65535), floats (0 to 1) "
        "or bool"
    )


def _channels(array: "numpy.ndarray[Any, Any]") -> int:
    if array.ndim == 2:
        return 1
    if array.ndim == 3 and array.shape[2] in (1, 3, 4):
        return int(array.shape[2])
    hint = "; transpose(1, 2, 0) puts channels last" if array.ndim == 3 and array.shape[0] in (1, 3, 4) else ""
    raise ValueError(
        f"image: an array of shape {array.shape} is not height x width, or that x 1, 3 or 4 channels{hint}"
    )


def _row_stride(array: "numpy.ndarray[Any, Any]", row: int) -> Optional[int]:
    """The distance of rows where each is contiguous and follows the one before; None where a copy is needed."""
    element = array.itemsize
    for length, stride in zip(array.shape[:0:-1], array.strides[:0:-1]):
        if length != 1 and stride != element:
            return None
        element *= length
    if array.shape[0] <= 1:
        return row
    return int(array.strides[0]) if array.strides[0] >= row else None


def _bytes(array: "numpy.ndarray[Any, Any]", channels: int, order: ChannelOrder) -> Pixels:
    colour = PixelFormat.BGR8 if order is ChannelOrder.BGR else PixelFormat.RGB8
    layout = {1: PixelFormat.GRAY8, 3: colour, 4: PixelFormat.RGBA8}[channels]
    height, width = array.shape[:2]
    stride = _row_stride(array, width * channels)
    if stride is None:
        array, stride = numpy.ascontiguousarray(array), width * channels
    return Pixels(array, width, height, stride, layout)


def _floats(array: "numpy.ndarray[Any, Any]", channels: int) -> Pixels:
    greatest = numpy.fmax.reduce(array, axis=None, initial=0)
    if greatest > MOST_FLOAT:
        raise ValueError(
            f"image: floats are to be from 0 to 1, and one is {greatest:g}; divide by the end of their range"
        )
    array = array.astype(numpy.float32, copy=False)
    if channels == 4:
        alpha = array[..., 3:].clip(0, 1)
        array = array[..., :3].clip(0, 1) * alpha + (1 - alpha)
    height, width = array.shape[:2]
    if channels == 1:
        plane = array.reshape(height, width)
        stride = _row_stride(plane, width * 4)
        if stride is None:
            plane, stride = numpy.ascontiguousarray(plane), width * 4
        return Pixels(plane, width, height, stride, PixelFormat.GRAYF)
    return Pixels(numpy.ascontiguousarray(array.transpose(2, 0, 1)), width, height, width * 4, PixelFormat.RGBF)
