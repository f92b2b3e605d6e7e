"""Python values become the library's: sizes, text, paths, bytes, arrays of handles.

ctypes would take -1 for a size_t and cut a string at its first NUL; so all go through here.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import ctypes
import operator
import os
from typing import Any, Callable, Iterable, List, Optional, Sequence, Tuple, Union

import numpy

from .enums import SIZE_MAX

Path = Union[str, bytes, "os.PathLike[str]", "os.PathLike[bytes]"]


def size(value: Any, what: str, most: int = SIZE_MAX) -> int:
    """An integer from 0 to most. TypeError: no integer (True and 2.0 are none). ValueError: out of range."""
    if isinstance(value, (bool, numpy.bool_)):
        raise TypeError(f"{what}: an integer is needed, not {value!r}")
    try:
        index = operator.index(value)
    except TypeError:
        raise TypeError(f"{what}: an integer is needed, not {type(value).__name__}") from None
    if not 0 <= index <= most:
        raise ValueError(f"{what}: {index} is not from 0 to {most}")
    return index


def number(value: Any, what: str) -> float:
    """A float. TypeError: neither a number nor of one element."""
    if isinstance(value, (str, bytes)):
        raise TypeError(f"{what}: a number is needed, not {value!r}")
    try:
        return float(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise type(error)(f"{what}: a number is needed, not {type(value).__name__}") from None


def _without_nul(encoded: bytes, what: str) -> bytes:
    if b"\0" in encoded:
        raise ValueError(f"{what}: {encoded!r} holds a NUL character, where the library would take it to end")
    return encoded


def text(value: Any, what: str) -> bytes:
    """UTF-8 without NUL. Bytes that were no UTF-8 when the library gave them come back as they were."""
    if not isinstance(value, str):
        raise TypeError(f"{what}: a str is needed, not {type(value).__name__}")
    return _without_nul(value.encode("utf-8", "surrogateescape"), what)


def path(value: Any) -> bytes:
    """A file's name, from str, bytes or path-like, in the file system's encoding."""
    return _without_nul(os.fsencode(os.fspath(value)), "path")


def string(value: Optional[bytes]) -> str:
    """The library's text; "" for NULL."""
    return (value or b"").decode("utf-8", "surrogateescape")


def buffer(value: Any, what: str) -> Tuple[Any, int, Any]:
    """Address and size in bytes of any contiguous buffer, and what keeps it alive."""
    if isinstance(value, str):
        raise TypeError(f"{what}: bytes are needed, not str")
    try:
        view = memoryview(value)
    except TypeError:
        raise TypeError(f"{what}: bytes are needed, not {type(value).__name__}") from None
    if view.nbytes == 0:
        return b"", 0, None
    flat = numpy.frombuffer(view if view.c_contiguous else view.tobytes(), numpy.uint8)
    return flat.ctypes.data, flat.size, flat


def several(value: Any, what: str) -> List[Any]:
    """A list of what was given: one str or integer alone, or any iterable of them."""
    if isinstance(value, (str, bytes, os.PathLike)) or not isinstance(value, Iterable):
        return [value]
    if isinstance(value, numpy.ndarray) and value.ndim == 0:
        return [value.item()]
    return list(value)


def sizes(values: Iterable[Any], what: str) -> Tuple[Any, int]:
    """An array of size_t, and how many."""
    checked = [size(value, what) for value in values]
    return (ctypes.c_size_t * len(checked))(*checked), len(checked)


def pointers(kind: Any, owners: Sequence[Any]) -> Any:
    """An array of the pointers that these owners hold; the owners must be kept alive by the caller."""
    return (kind * len(owners))(*(owner._as_parameter_ if owner is not None else kind() for owner in owners))


def out(kind: Any, function: Callable[..., None], *arguments: Any) -> Any:
    """Calls a function that writes a value of kind through its first parameter, and returns the value."""
    written = kind()
    function(ctypes.byref(written), *arguments)
    return getattr(written, "value", written)  # pointers to handles are given as they are
