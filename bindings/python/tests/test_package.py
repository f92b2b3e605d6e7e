"""The package as a whole: README, loader, types, what is installed. SPDX-License-Identifier: MIT"""

import importlib.util
import os
import pathlib
import re
import shutil
import subprocess
import sys

import numpy
import pytest
from conftest import BINDING, DEMO, SCENE, SHORT

import cameras


def run(*arguments, cwd=None, **environment):
    settings = {name: value for name, value in dict(os.environ, **environment).items() if value is not None}
    return subprocess.run(
        [sys.executable, *map(str, arguments)], capture_output=True, text=True, cwd=cwd, env=settings, timeout=300
    )


def test_the_program_of_the_readme_runs_as_it_stands(tmp_path, model):
    program = re.search(r"```python\n(.*?)```", (BINDING / "README.md").read_text(), re.S).group(1)
    assert len(program.strip().splitlines()) <= 12
    for file in (DEMO / "demo.pt", DEMO / "demo.txt", SCENE):
        shutil.copy(file, tmp_path)
    (tmp_path / "program.py").write_text(program)
    done = run("program.py", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 4 and lines[0].startswith("car ") and lines[3].startswith("features (224, 224) 1.0 [")
    expected = model.explain(SCENE, classes="house", scales=SHORT["scales"]).values
    assert (numpy.load(tmp_path / "house.npy") == expected).all()
    assert cameras.Image.read(tmp_path / "house.png").shape == (448, 448)


def test_a_library_that_is_not_there_is_reported_with_what_was_tried():
    done = run("-c", "import cameras", CAMERAS_LIBRARY="/nowhere/libcameras.so.1")
    assert done.returncode == 1 and "ImportError" in done.stderr
    for part in ("/nowhere/libcameras.so.1: ", "make install", "CAMERAS_LIBRARY"):
        assert part in done.stderr
    assert "/usr/local" not in done.stderr  # where it is named, no other is tried


def test_without_a_name_the_loaders_path_and_the_usual_prefixes_are_tried(tmp_path):
    code = "from cameras import _library; print(*_library.candidates())"
    done = run("-c", code, CAMERAS_LIBRARY=None, HOME="/home/nobody", LD_LIBRARY_PATH=str(_folder(tmp_path)))
    assert done.returncode == 0, done.stderr
    names = done.stdout.split()
    assert names[0] == "libcameras.so.1" and "/home/nobody/.local/lib/libcameras.so.1" in names
    assert "/usr/local/lib/libcameras.so.1" in names


def _folder(tmp_path):
    """A folder that holds the library under its usual name."""
    given = os.environ.get("CAMERAS_LIBRARY", "")
    if not given:
        pytest.skip("CAMERAS_LIBRARY is not set")
    (tmp_path / "libcameras.so.1").symlink_to(pathlib.Path(given).resolve())
    return tmp_path


def test_a_library_of_other_functions_is_refused(tmp_path):
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler")
    (tmp_path / "old.c").write_text("const char *cameras_version(void) { return \"0.0.1\"; }")
    subprocess.run([compiler, "-shared", "-fPIC", "old.c", "-o", "old.so"], cwd=tmp_path, check=True)
    done = run("-c", "import cameras", CAMERAS_LIBRARY=str(tmp_path / "old.so"))
    assert done.returncode == 1 and "has no cameras_" in done.stderr and "older than this package" in done.stderr


def test_every_public_name_is_documented_and_there():
    for name in cameras.__all__:
        thing = getattr(cameras, name)
        assert isinstance(thing, int) or thing.__doc__, name
        if isinstance(thing, type) and not issubclass(thing, (BaseException, int, tuple)):
            for member, value in vars(thing).items():
                if not member.startswith("_") and (callable(value) or isinstance(value, (property, classmethod))):
                    assert getattr(thing, member).__doc__, f"{name}.{member}"
    assert len(set(cameras.__all__)) == len(cameras.__all__)


def test_the_installed_package_says_that_it_is_typed():
    assert (pathlib.Path(cameras.__file__).parent / "py.typed").exists()


@pytest.mark.skipif(importlib.util.find_spec("mypy") is None, reason="mypy is not there")
def test_types_hold(tmp_path):
    (tmp_path / "program.py").write_text(
        "import cameras\n"
        "def values(path: str) -> float:\n"
        "    map: cameras.Map = cameras.Model(path).explain('x.png', scales=[224])\n"
        "    return map.probability\n"
    )
    package = pathlib.Path(cameras.__file__).parent
    for target in (str(package), "program.py"):
        done = run("-m", "mypy", "--strict", "--cache-dir", tmp_path / "cache", target, cwd=tmp_path,
                   MYPYPATH=str(package.parent))  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
