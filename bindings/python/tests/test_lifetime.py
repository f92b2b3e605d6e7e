"""Who lives how long. SPDX-License-Identifier: MIT"""

import copy
import gc
import pickle
import subprocess
import sys
import weakref

import numpy
import pytest
from conftest import DEMO, HOUSE, SCENE, SHORT, open_demo

import cameras


def test_a_map_outlives_its_model_and_its_picture(house):
    model, picture = open_demo(), cameras.Image.read(SCENE)
    owners = weakref.ref(model._owner), weakref.ref(picture._owner)
    made = model.explain(picture, classes=HOUSE, **SHORT)
    model.close(), picture.close()
    assert [owner() for owner in owners] == [None, None]
    assert (made.values == house.values).all() and made.label == "house" and made.scales == house.scales


def test_an_array_outlives_its_map_and_the_last_array_frees_it(model, scene, house):
    made = model.explain(scene, classes=HOUSE, **SHORT)
    owner, values = weakref.ref(made._owner), made.values
    row = values[3:4].T
    made.close()
    del made, values
    gc.collect()
    [model.explain(scene, classes=HOUSE, **SHORT) for _ in range(3)]  # memory that was freed would be used anew
    assert owner() is not None and (row[:, 0] == house.values[3]).all()
    del row
    assert owner() is None


def test_handles_are_freed_without_being_closed_or_collected():
    gc.disable()
    try:
        image = cameras.Image(numpy.zeros((4, 4), numpy.uint8))
        owner = weakref.ref(image._owner)
        del image
        assert owner() is None
    finally:
        gc.enable()


def test_a_call_leaves_nothing_for_the_collector(model, scene):
    model.explain(scene, classes=HOUSE, progress=lambda _: None, **SHORT)
    gc.collect()
    gc.disable()
    try:
        model.explain(scene, classes=HOUSE, progress=lambda _: None, **SHORT)
        model.explain_many([scene], classes=HOUSE, **SHORT)
        from cameras._watch import Watch

        assert not [found for found in gc.get_objects() if type(found) is Watch]
    finally:
        gc.enable()


def test_arrays_over_the_librarys_memory_cannot_be_written(house):
    for values in (house.values, house.raw, numpy.asarray(house)):
        with pytest.raises(ValueError):
            values[0, 0] = 1
        with pytest.raises(ValueError):
            values.flags.writeable = True


def test_closing_twice_is_harmless_and_use_after_close_is_a_value_error(scene):
    model = open_demo()
    image, made = cameras.Image.read(SCENE), cameras.Map(numpy.eye(4))
    for handle in (model, image, made):
        with handle as entered:
            assert entered is handle and not handle.closed
        handle.close()
        assert handle.closed and "closed" in repr(handle)
    for use in (
        lambda: model.layers, lambda: model.explain(scene), lambda: model.classify(scene), lambda: model.label(0),
        lambda: model.explain_many([scene]), lambda: model.class_count, lambda: image.width, lambda: image.pixels(),
        lambda: image.save("x.png"), lambda: made.values, lambda: made.scales, lambda: made.overlay(scene),
        lambda: made.spearman(made), lambda: model.__enter__(), lambda: open_demo().explain(image),
        lambda: open_demo().score(scene, made), lambda: open_demo().attack(scene, made), lambda: numpy.asarray(made),
        lambda: cameras.Image.sheet([image], 1), lambda: open_demo().explain_many([image]),
        lambda: model.randomise("features"), lambda: open_demo().grid_score([image] * 4, [0, 1, 2, 3]),
    ):  # fmt: skip
        with pytest.raises(ValueError, match="closed"):
            use()


def test_handles_are_not_pickled_or_copied_and_say_what_to_do_instead(model, scene, house):
    for handle, part in ((model, "open its file"), (scene, "Image.save"), (house, "Map.save")):
        for use in (pickle.dumps, copy.copy, copy.deepcopy):
            with pytest.raises(TypeError, match=part):
                use(handle)


def test_an_object_whose_making_failed_is_closed():
    broken = cameras.Image.__new__(cameras.Image)
    with pytest.raises(ValueError):
        broken.__init__(numpy.zeros((0, 0)))
    assert broken.closed


def test_a_process_may_end_with_calls_at_work_in_daemon_threads():
    program = """
import sys, threading, cameras
model, begun = cameras.Model(sys.argv[1]), threading.Event()
kept = model.explain(sys.argv[2], scales=[64]).values
settings = dict(scales=[600] * 64, threads=1, progress=lambda _: begun.set())
threading.Thread(target=model.explain, args=(sys.argv[2],), kwargs=settings, daemon=True).start()
begun.wait()
print("leaving")
"""
    done = subprocess.run(
        [sys.executable, "-c", program, DEMO / "demo.pt", SCENE], capture_output=True, text=True, timeout=120
    )
    assert (done.stdout, done.returncode) == ("leaving\n", 0), done.stderr
