"""Watches over one call: progress, exceptions of callbacks, and Ctrl-C.

No exception can pass through the library, so it is kept, the library is told to stop, and it is raised when the call
has returned. Ctrl-C needs more. Python runs its handler at the first instruction of the next Python function, which
would be the callback itself, before any `try` in it; what is raised there ctypes prints and drops. So during a call in
the main thread Python's own handler is replaced by one that only notes the interrupt, unless it is the caller's own
function that runs. Other handlers are left alone.

At the interpreter's end calls at work, which can only be daemon threads' then, are told to stop and waited for:
LibTorch does not survive being torn down under them.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import atexit
import os
import signal
import threading
import time
from typing import Any, Callable, Optional, Set, Tuple

from ._arguments import out
from ._functions import EXPLAINED, PROGRESS
from .errors import Error

Progress = Callable[[float], Any]


_at_work: Set[Tuple[int, int]] = set()  # thread and watch
_leaving = False


@atexit.register
def _leave() -> None:
    global _leaving
    _leaving = True
    here = threading.get_ident()
    while any(thread != here for thread, _ in tuple(_at_work)):
        time.sleep(0.005)


os.register_at_fork(after_in_child=_at_work.clear)  # a child has none of its parent's other threads


class Watch:
    """Use as a context manager, make the call by `call` or `out`; options get `callback` as their progress callback."""

    def __init__(self, progress: Optional[Progress] = None) -> None:
        self.callback: Any = PROGRESS(self._on_progress)
        self._progress = progress
        self._take: Optional[Callable[..., Any]] = None
        self._explained: Any = None
        self._error: Optional[BaseException] = None
        self._interrupted = False
        self._inside: Optional[int] = None  # the thread that the caller's own function runs in
        self._replaced: Any = None

    def explained(self, take: Callable[..., Any]) -> Any:
        """A callback for cameras_explain_many that hands its arguments, without user, to take."""
        self._take = take
        self._explained = EXPLAINED(self._on_explained)
        return self._explained

    def _on_progress(self, done: float, user: Any) -> int:
        return self._run(self._progress, done)

    def _on_explained(self, user: Any, *arguments: Any) -> int:
        return self._run(self._take, *arguments, always=True)

    def _run(self, call: Optional[Callable[..., Any]], *arguments: Any, always: bool = False) -> int:
        stop = False
        try:
            if call is not None and (always or not self._failed):
                self._inside = threading.get_ident()
                stop = call(*arguments) is False
        except BaseException as error:
            self._error = self._error or error
        finally:
            self._inside = None
        return int(stop or self._failed)

    @property
    def _failed(self) -> bool:
        return self._error is not None or self._interrupted or _leaving

    def _on_interrupt(self, number: int, frame: Any) -> None:
        if self._inside == threading.get_ident():
            raise KeyboardInterrupt
        self._interrupted = True

    def __enter__(self) -> Watch:
        if threading.current_thread() is threading.main_thread():
            handler = signal.getsignal(signal.SIGINT)
            if handler is signal.default_int_handler or getattr(handler, "__func__", None) is Watch._on_interrupt:
                signal.signal(signal.SIGINT, self._on_interrupt)
                self._replaced = handler
        return self

    def __exit__(self, *exception: object) -> None:
        if self._replaced is not None:
            signal.signal(signal.SIGINT, self._replaced)
            self._replaced = None
        self.callback = self._explained = self._take = None

    def call(self, function: Callable[..., Any], *arguments: Any) -> Any:
        """Makes the call. An exception that a callback raised, or KeyboardInterrupt, comes before the library's own."""
        result = None
        entry = threading.get_ident(), id(self)
        try:
            _at_work.add(entry)
            result = None if _leaving else function(*arguments)
        except Error:
            if not self._failed:
                raise
        finally:
            _at_work.discard(entry)
        if self._error is not None:
            raise self._error
        if self._interrupted:
            raise KeyboardInterrupt
        if _leaving:
            raise SystemExit  # which ends a thread without a word
        return result

    def out(self, kind: Any, function: Callable[..., None], *arguments: Any) -> Any:
        """The same for a function that writes a value of kind through its first parameter."""
        return self.call(out, kind, function, *arguments)
