"""What a model prints and warns reaches the log. SPDX-License-Identifier: MIT"""

import os

import pytest

import cameras

PRINTING = os.environ.get("CAMERAS_PRINTING")


@pytest.fixture
def printing():
    if PRINTING is None:
        pytest.skip("CAMERAS_PRINTING names no network that prints")
    yield cameras.Model(PRINTING)
    cameras.set_log(None)


def test_the_log_is_told_what_a_model_prints_and_warns(printing, scene, capfd):
    said = []
    cameras.set_log(lambda kind, text: said.append((kind, text)))
    printing.classify(scene)
    assert set(said) == {(cameras.LogKind.PRINT, "seen"), (cameras.LogKind.WARNING, "odd")}
    assert capfd.readouterr() == ("", "")


def test_without_a_log_nothing_is_said(printing, scene, capfd):
    cameras.set_log(None)
    printing.classify(scene)
    assert capfd.readouterr() == ("", "")


def test_the_log_cannot_be_set_from_inside_it(printing, scene):
    refused = []

    def log(kind, text):
        with pytest.raises(cameras.InvalidArgument):
            cameras.set_log(None)
        refused.append(text)

    cameras.set_log(log)
    printing.classify(scene)
    assert "seen" in refused


def test_what_is_not_callable_is_no_log():
    with pytest.raises(TypeError):
        cameras.set_log("stderr")
