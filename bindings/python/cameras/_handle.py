"""What Python objects hold of the library's, and who frees it.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import ctypes
import weakref
from typing import Any, Callable, Optional, Type, TypeVar

import numpy

H = TypeVar("H", bound="Handle")


class Owner:
    """Keeps one of the library's objects alive, and frees it when nothing refers to it any more.

    Handles, calls at work and array views each refer to it, so that closing a handle never pulls memory away from a
    call in another thread or from an array. At the interpreter's end nothing is freed: a daemon thread may be in a
    call.
    """

    __slots__ = ("_as_parameter_", "__weakref__")

    def __init__(self, pointer: Any, free: Callable[[Any], None]) -> None:
        self._as_parameter_ = pointer
        weakref.finalize(self, free, pointer).atexit = False


class Borrowed:
    """An object that belongs to another, which it keeps alive."""

    __slots__ = ("_as_parameter_", "owner")

    def __init__(self, pointer: Any, owner: Any) -> None:
        self._as_parameter_ = pointer
        self.owner = owner


class Handle:
    """A context manager over one of the library's objects.

    Closing twice is harmless; use after close raises ValueError.
    """

    _owner: Any = None
    _instead = "make it anew where it is needed"

    @classmethod
    def _of(cls: Type[H], owner: Any) -> H:
        made = cls.__new__(cls)
        made._owner = owner
        return made

    @property
    def _live(self) -> Any:
        owner = self._owner
        if owner is None:
            raise ValueError(f"this {type(self).__name__} is closed")
        return owner

    @property
    def closed(self) -> bool:
        """Whether close was called."""
        return self._owner is None

    def close(self) -> None:
        """Lets go of the object, whose memory is freed once no call and no array uses it; also happens without this."""
        self._owner = None

    def __enter__(self: H) -> H:
        self._live
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __reduce_ex__(self, protocol: Any) -> Any:
        raise TypeError(f"a cameras.{type(self).__name__} cannot be pickled or copied: {self._instead}")


class _Floats:
    """Memory of the library's, told to numpy so that an array over it keeps its owner alive."""

    __slots__ = ("owner", "__array_interface__")

    def __init__(self, address: int, shape: "tuple[int, ...]", owner: Any) -> None:
        self.owner = owner
        typestr = numpy.dtype(numpy.float32).str
        self.__array_interface__ = {"version": 3, "typestr": typestr, "shape": shape, "data": (address, True)}


def view(pointer: Any, shape: "tuple[int, ...]", owner: Any) -> "numpy.ndarray[Any, Any]":
    """A read-only float32 array over the library's memory, without a copy."""
    address: Optional[int] = ctypes.cast(pointer, ctypes.c_void_p).value
    if address is None:
        raise ValueError("there are no values")
    return numpy.asarray(_Floats(address, shape, owner))
