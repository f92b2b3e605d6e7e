"""The frame of every call that takes options, and the results of many pictures.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import ctypes
from typing import Any, Callable, List, Optional, Tuple

from ._functions import last_message
from ._handle import Owner
from ._watch import Watch
from .enums import Status
from .errors import error_of
from .map import Map
from .options import Options


class Asked:
    """Options made ready for one call: gives the watch over it, and the library's options, which live as long."""

    def __init__(self, options: Options, index: Callable[[Any, str], int]) -> None:
        self._watch = Watch(options.progress)
        self._built = options._build(index, self._watch)

    def __enter__(self) -> Tuple[Watch, Owner]:
        return self._watch.__enter__(), self._built

    def __exit__(self, *exception: object) -> None:
        self._watch.__exit__(*exception)


class Collector:
    """Takes over what becomes of each of many pictures."""

    def __init__(
        self, count: int, each: Optional[Callable[..., Any]], label_of: Callable[[int], Optional[str]]
    ) -> None:
        if each is not None and not callable(each):
            raise TypeError(f"each: a callable is needed, not {type(each).__name__}")
        self.results: List[Any] = [None] * count
        self._each = each
        self._raised = False
        self._label_of = label_of

    def take(self, index: int, status: int, maps: Any, count: int) -> Any:
        """Called by the library; owns the maps whatever happens after. Once each has raised, it is not called again."""
        addresses = ctypes.cast(maps, ctypes.POINTER(ctypes.c_void_p))
        taken = [Map._take(addresses[i], self._label_of) for i in range(count)]
        result = taken if status == Status.OK else error_of(status, last_message())
        if self._each is None:
            self.results[index] = result
        elif not self._raised:
            self._raised = True
            answer = self._each(index, result)
            self._raised = False
            return answer
        return None
