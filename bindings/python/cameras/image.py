"""Pictures.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import os
import pathlib
import tempfile
from typing import Any, Iterable, Optional, Tuple, Union

import numpy

from . import _arguments as arguments
from . import _pixels
from ._functions import IMAGE, lib
from ._handle import Handle, Owner
from .enums import ChannelOrder
from .options import Options


def each_picture(pictures: Any) -> Iterable[Any]:
    """Several pictures, to go through. TypeError: a single one, whose rows or characters would be gone through."""
    if isinstance(pictures, (str, bytes, os.PathLike, Image)) or _pixels.is_pil(pictures):
        raise TypeError(f"pictures: a list is needed, not one {type(pictures).__name__}")
    if isinstance(pictures, numpy.ndarray) and pictures.ndim != 4:
        raise TypeError(f"pictures: a list is needed, or an array of 4 dimensions, not of {pictures.ndim}")
    found: Iterable[Any] = iter(pictures)
    return found


def _made(function: Any, *given: Any) -> Image:
    return Image._of(Owner(arguments.out(IMAGE, function, *given), lib.cameras_image_free))


class Image(Handle):
    """A picture, grey or colour; it never changes, and may be used by many threads.

    Wherever a picture is taken, whatever `Image.of` takes may be given. ``numpy.asarray(image)`` is its RGB bytes,
    height x width x 3, and so ``PIL.Image.fromarray(numpy.asarray(image))`` works.
    """

    _instead = "write it with Image.save, or pickle numpy.asarray(image)"

    def __init__(self, pixels: Any, *, order: Union[ChannelOrder, str] = ChannelOrder.RGB) -> None:
        """Copies pixels.

        Args:
            pixels: a PIL image; or an array of height x width, or height x width x 1, 3 or 4 channels, of any strides:
                uint8 from 0 to 255, uint16 to 65535, floats from 0 to 1 (a little outside is clipped), or bool. A
                fourth channel is alpha, not premultiplied, laid over white.
            order: of the channels: "rgb", or "bgr" as OpenCV has them.

        ValueError: another shape, a side of 0, NaN, floats not from 0 to 1. TypeError: another type of numbers.
        """
        array = _pixels.of_pil(pixels) if _pixels.is_pil(pixels) else pixels
        found = _pixels.of_array(array, ChannelOrder.of(order))
        sides = found.width, found.height, found.stride
        self._owner = _made(lib.cameras_image_new, found.address, *sides, found.format)._owner

    @classmethod
    def of(cls, picture: Any) -> Image:
        """An `Image` as it is; a str or path-like is read; arrays and PIL images are copied."""
        if isinstance(picture, Image):
            return picture
        if isinstance(picture, (str, os.PathLike)):
            return cls.read(picture)
        if isinstance(picture, (bytes, bytearray, memoryview)):
            raise TypeError("image: bytes may be a path or a file's content: use Image.read or Image.decode")
        return cls(picture)

    @classmethod
    def read(
        cls, path: arguments.Path, *, max_pixels: Optional[int] = None, max_file_bytes: Optional[int] = None
    ) -> Image:
        """Reads a PNG or JPEG file. FileError, FormatError; LimitError beyond a limit, before anything is allocated."""
        limits = Options(max_pixels=max_pixels, max_file_bytes=max_file_bytes)
        return _made(lib.cameras_image_read, arguments.path(path), limits._build())

    @classmethod
    def decode(cls, data: Any, *, max_pixels: Optional[int] = None) -> Image:
        """The same from the bytes of such a file: bytes, or any buffer."""
        address, count, _alive = arguments.buffer(data, "image")
        return _made(lib.cameras_image_read_memory, address, count, Options(max_pixels=max_pixels)._build())

    @classmethod
    def box(cls, width: int, height: int, x: int, y: int, box_width: int, box_height: int) -> Image:
        """A picture of width x height, white in a box and black elsewhere: an object for `Model.score`."""
        given = (width, height, x, y, box_width, box_height)
        return _made(lib.cameras_image_new_box, *(arguments.size(value, "box") for value in given))

    @classmethod
    def sheet(cls, pictures: Iterable[Any], columns: int, gap: int = 8) -> Image:
        """Tiles pictures of any sizes into one contact sheet on white, columns to a row, gap pixels between them."""
        images = [cls.of(picture)._live for picture in each_picture(pictures)]
        return _made(
            lib.cameras_image_sheet,
            arguments.pointers(IMAGE, images),
            len(images),
            arguments.size(columns, "columns"),
            arguments.size(gap, "gap"),
        )

    @property
    def width(self) -> int:
        """In pixels."""
        return int(lib.cameras_image_width(self._live))

    @property
    def height(self) -> int:
        """In pixels."""
        return int(lib.cameras_image_height(self._live))

    @property
    def channels(self) -> int:
        """1 for grey, 3 for colour."""
        return int(lib.cameras_image_channels(self._live))

    @property
    def shape(self) -> Tuple[int, int]:
        """Height and width, in numpy's order."""
        return self.height, self.width

    def pixels(self) -> "numpy.ndarray[Any, Any]":
        """A copy of the picture as uint8, height x width x 3, red first; grey is repeated, floats are rounded."""
        rows = numpy.empty((*self.shape, 3), numpy.uint8)
        lib.cameras_image_pixels(rows.ctypes.data_as(lib.cameras_image_pixels.argtypes[0]), 0, self._live)
        return rows

    def caption(self, text: str, scale: int = 1) -> Image:
        """A copy with lines of text on white below it, in a font of 7 x 13 pixels times scale."""
        encoded = arguments.text(text, "caption")
        return _made(lib.cameras_image_caption, self._live, encoded, arguments.size(scale, "scale"))

    def save(self, path: arguments.Path) -> None:
        """Writes a .png, .jpg or .jpeg file, which appears only when whole. FileError; InvalidArgument: else."""
        lib.cameras_image_write(self._live, arguments.path(path))

    def __array__(self, dtype: Any = None, copy: Optional[bool] = None) -> "numpy.ndarray[Any, Any]":
        if copy is False:
            raise ValueError("the pixels of a cameras.Image cannot be had without a copy")
        return self.pixels().astype(dtype or numpy.uint8, copy=False)

    def _repr_png_(self) -> bytes:
        """The picture as a notebook shows it."""
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder, "image.png")
            self.save(path)
            return path.read_bytes()

    def __repr__(self) -> str:
        if self.closed:
            return "<cameras.Image closed>"
        return f"<cameras.Image {self.width} x {self.height}, {'grey' if self.channels == 1 else 'colour'}>"
