"""Finds libcameras and loads it.

SPDX-License-Identifier: MIT
"""

import ctypes
import os
import sys
from typing import List

NAME = "libcameras.so.1"


def candidates() -> List[str]:
    """Where to look: CAMERAS_LIBRARY alone where it is set, otherwise the loader's own path and the usual prefixes."""
    named = os.environ.get("CAMERAS_LIBRARY")
    if named:
        return [named]
    prefixes = (sys.prefix, os.path.expanduser("~/.local"), "/usr/local")
    return [NAME] + [os.path.join(prefix, "lib", NAME) for prefix in dict.fromkeys(prefixes)]


def load() -> ctypes.CDLL:
    """Loads the first candidate that loads; ctypes.CDLL releases the interpreter's lock during calls."""
    failures = []
    for path in candidates():
        try:
            return ctypes.CDLL(path)
        except OSError as error:
            failures.append(f"  {path}: {error}")
    tried = "\n".join(failures)
    raise ImportError(
        f"cameras cannot load the library libcameras; tried\n{tried}\n"
        "Install it with `make install` in libcameras' source folder, or set CAMERAS_LIBRARY to the path of "
        f"{NAME}, or add its folder to LD_LIBRARY_PATH"
    )
