"""What LibTorch and models say beside their results.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import atexit
from typing import Any, Callable, Optional

from ._functions import LOG, lib
from .enums import LogKind

Log = Callable[[LogKind, str], Any]

_log: Optional[Log] = None


@LOG
def _tell(kind: int, text: bytes, user: Any) -> None:
    log = _log
    if log is not None:
        log(LogKind(kind), text.decode("utf-8", "backslashreplace"))


def set_log(log: Optional[Log]) -> None:
    """Hands what LibTorch warns of, and what models print, to log(kind, text); None, the default, says nothing of it.

    There is one for the process. It is called from whichever thread is inside the library, one call at a time; what is
    said because of it is lost, and it cannot set another. What it raises goes to sys.unraisablehook.
    """
    global _log
    if log is not None and not callable(log):
        raise TypeError(f"log: a callable is needed, not {type(log).__name__}")
    earlier, _log = _log, log
    try:
        lib.cameras_set_log(LOG() if log is None else _tell, None)
    except BaseException:
        _log = earlier
        raise


atexit.register(lib.cameras_set_log, LOG(), None)
