"""One exception for each status; each is also of the builtin kind that a Python program expects.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from typing import Dict, Type

from .enums import Status


class Error(Exception):
    """A call of the library failed. The message says what was being done, on what, and why it failed."""

    status: int = Status.EINTERNAL  #: a `Status`, or the plain number of one that this package does not know


class InvalidArgument(Error, ValueError):
    """An argument is missing or out of its range."""

    status = Status.EINVAL


class OutOfMemory(Error, MemoryError):
    """Memory could not be had."""

    status = Status.ENOMEM


class FileError(Error, OSError):
    """A file could not be opened, read or written."""

    status = Status.EIO


class FormatError(Error, ValueError):
    """The bytes are not what they should be."""

    status = Status.EFORMAT


class LimitError(Error, ValueError):
    """A size beyond a stated limit; nothing was allocated for it."""

    status = Status.ELIMIT


class ModelError(Error, RuntimeError):
    """The network refused its input or cannot be explained."""

    status = Status.EMODEL


class LayerError(Error, LookupError):
    """No such layer, or one that cannot be cut."""

    status = Status.ELAYER


class ClassError(Error, LookupError):
    """No such class or label."""

    status = Status.ECLASS


class FlatError(Error):
    """The map has no contrast: nothing in the layer speaks for the class."""

    status = Status.EFLAT


class ScaleError(Error):
    """Every scale was dropped by the gate."""

    status = Status.ESCALE


class NumericError(Error, ArithmeticError):
    """The network gave NaN or infinity."""

    status = Status.ENUMERIC


class Cancelled(Error):
    """A callback returned False."""

    status = Status.ECANCELLED


class InternalError(Error, RuntimeError):
    """A defect of the library: please report the message."""

    status = Status.EINTERNAL


_BY_STATUS: Dict[int, Type[Error]] = {kind.status: kind for kind in Error.__subclasses__()}


def error_of(status: int, message: str) -> Error:
    """The exception for a status; a plain Error for one that a later library has added."""
    kind = _BY_STATUS.get(status, Error)
    error = kind(message)
    if kind is Error:
        error.status = status
    return error
