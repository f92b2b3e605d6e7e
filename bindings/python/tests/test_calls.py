"""Progress, cancelling, exceptions in callbacks, Ctrl-C, many pictures, threads. SPDX-License-Identifier: MIT"""

import os
import signal
import subprocess
import sys
import threading
import weakref

import numpy
import pytest
from conftest import CAR, DEMO, HOUSE, SCENE, SHORT, open_demo

import cameras


class Boom(Exception):
    pass


def boom(*_):
    raise Boom("from the callback")


def test_progress_rises_to_one_in_the_calling_thread(model, scene):
    seen = []
    model.explain(scene, classes=HOUSE, progress=lambda done: seen.append((done, threading.get_ident())), **SHORT)
    shares = [done for done, _ in seen]
    assert len(seen) == 2 and shares == sorted(shares) and shares[0] > 0 and shares[-1] == 1
    assert {thread for _, thread in seen} == {threading.get_ident()}


@pytest.mark.parametrize("answer", [None, True, 0, 1, "stop"])
def test_only_false_cancels(model, scene, house, answer):
    assert (model.explain(scene, classes=HOUSE, progress=lambda _: answer, **SHORT).values == house.values).all()


CALLS = {
    "explain": lambda m, s, h, **k: m.explain(s, classes=HOUSE, **SHORT, **k),
    "explain_several": lambda m, s, h, **k: m.explain_several(s, classes=[CAR, HOUSE], **SHORT, **k),
    "explain_many": lambda m, s, h, **k: m.explain_many([s, s], classes=HOUSE, **SHORT, **k),
    "explain_files": lambda m, s, h, **k: m.explain_files([SCENE, SCENE], classes=HOUSE, **SHORT, **k),
    "attack": lambda m, s, h, **k: m.attack(s, h, attack_steps=3, **k),
    "score": lambda m, s, h, **k: m.score(s, h, score_steps=2, **SHORT, **k),
    "grid_score": lambda m, s, h, **k: m.grid_score([s] * 4, [0, 1, 6, 7], keep_flat=True, **SHORT, **k),
    "sanity": lambda m, s, h, **k: m.sanity(s, 2, classes=HOUSE, **SHORT, attack_steps=2, **k),
}


@pytest.mark.parametrize("name", CALLS)
def test_false_from_progress_is_cancelled(model, scene, house, name):
    with pytest.raises(cameras.Cancelled) as raised:
        CALLS[name](model, scene, house, progress=lambda _: False)
    assert raised.value.status == cameras.Status.ECANCELLED


@pytest.mark.parametrize("name", CALLS)
def test_an_exception_of_progress_reaches_the_caller_after_one_call(model, scene, house, name):
    calls = []

    def progress(done):
        calls.append(done)
        boom()

    with pytest.raises(Boom, match="from the callback") as raised:
        CALLS[name](model, scene, house, progress=progress)
    assert len(calls) == 1 and raised.value.__context__ is None


@pytest.mark.parametrize("kind", [KeyboardInterrupt, SystemExit, GeneratorExit])
def test_what_is_no_exception_of_programs_passes_too(model, scene, kind):
    def progress(_):
        raise kind

    with pytest.raises(kind):
        model.explain(scene, classes=HOUSE, progress=progress, **SHORT)


def test_a_callback_may_use_the_library(model, scene, house):
    inner = []
    given = dict(classes=HOUSE, **SHORT)
    model.explain(scene, progress=lambda _: inner.append(model.explain(scene, **given)), **given)
    assert len(inner) == 2 and all((map.values == house.values).all() for map in inner)
    with pytest.raises(cameras.LayerError):
        model.explain(scene, progress=lambda _: model.explain(scene, layers="nowhere"), **SHORT)


INTERRUPTED = """
import os, signal, sys, threading, time
import cameras
model = cameras.Model(sys.argv[1])
begun = threading.Event()
def interrupt():
    begun.wait()
    time.sleep(0.03)  # the main thread is in the library by now
    os.kill(os.getpid(), signal.SIGINT)
threading.Thread(target=interrupt).start()
settings = dict(scales=[600] * 64, threads=1, classes=6)
calls = []
def progress(done):
    calls.append(done)
    begun.set()
try:
    model.explain(sys.argv[2], progress=progress, **settings)
except KeyboardInterrupt:
    assert 0 < len(calls) < 60, calls
    print("interrupted")
assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
"""


def run(program, *arguments, **environment):
    return subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)],
        capture_output=True,
        text=True,
        env=dict(os.environ, **environment),
        timeout=120,
    )


def test_ctrl_c_ends_a_call_after_the_scale_at_work():
    done = run(INTERRUPTED, DEMO / "demo.pt", SCENE)
    assert (done.stdout, done.stderr, done.returncode) == ("interrupted\n", "", 0)


def test_ctrl_c_is_noticed_without_a_progress_function_and_at_any_moment():
    program = INTERRUPTED.split("calls = []")[0].replace("begun.wait()", "").replace("0.03", "float(sys.argv[3])")
    program += """
try:
    while True:
        model.explain(sys.argv[2], **dict(settings, scales=[64] * 8))
except KeyboardInterrupt:
    print("interrupted")
"""
    for delay in (0.05, 0.07, 0.11):
        done = run(program, DEMO / "demo.pt", SCENE, delay)
        assert (done.stdout, done.stderr, done.returncode) == ("interrupted\n", "", 0)


def test_other_handlers_of_sigint_are_left_alone(model, scene):
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        mine = signal.getsignal(signal.SIGINT)
        inside = []
        model.explain(scene, classes=HOUSE, progress=lambda _: inside.append(signal.getsignal(signal.SIGINT)), **SHORT)
        assert inside == [mine, mine] and signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)


def test_many_pictures_give_the_maps_of_each_and_an_error_in_place_of_a_failure(model, scene, house, tmp_path):
    grey = numpy.zeros((30, 30), numpy.uint8)
    results = model.explain_many([scene, grey, SCENE], classes=[HOUSE], scales=SHORT["scales"], threads=2)
    assert isinstance(results[1], cameras.FlatError) and "flat" in str(results[1])
    for maps in (results[0], results[2]):
        assert (maps[0].values == house.values).all() and maps[0].label == "house"
    results = model.explain_files([SCENE, tmp_path / "no.png"], classes=["house", "car"], keep_flat=True, **SHORT)
    assert [map.class_index for map in results[0]] == [HOUSE, CAR]
    assert isinstance(results[1], cameras.FileError) and "no.png" in str(results[1])
    for one in (SCENE, str(SCENE), scene, scene.pixels(), None, 3):
        with pytest.raises(TypeError):
            model.explain_many(one)
    batch = numpy.stack([scene.pixels()] * 2)
    assert [maps[0].class_index for maps in model.explain_many(batch, classes=HOUSE, **SHORT)] == [HOUSE] * 2
    assert model.explain_many([]) == [] and model.explain_files([]) == []


def test_each_is_called_once_a_picture_from_any_thread_one_at_a_time(model, scene, house):
    lock, told, threads = threading.Lock(), {}, set()

    def each(index, maps):
        assert lock.acquire(blocking=False)
        told[index] = maps[0]
        threads.add(threading.get_ident())
        model.label(3)  # the library may be used
        lock.release()

    results = model.explain_many([scene] * 12, each=each, classes=HOUSE, scales=SHORT["scales"], threads=4)
    assert results == [None] * 12 and sorted(told) == list(range(12))
    assert all((map.values == house.values).all() for map in told.values())
    assert len(threads) > 1


@pytest.mark.parametrize("ending, kind", [(lambda *_: False, cameras.Cancelled), (boom, Boom)])
def test_each_may_end_the_call(model, scene, ending, kind):
    told = []
    with pytest.raises(kind):
        model.explain_many(
            [scene] * 20, each=lambda *given: told.append(given) or ending(), classes=HOUSE, scales=[64], threads=2
        )
    assert 1 <= len(told) < 20


def test_maps_told_after_a_failure_of_each_are_freed_by_their_owner(model, scene):
    calls = []

    def each(*given):
        calls.append(weakref.ref(given[1][0]._owner))
        boom()

    with pytest.raises(Boom) as raised:
        model.explain_many([scene] * 9, each=each, classes=HOUSE, scales=[224], threads=3)
    raised.value.__traceback__ = None
    del raised
    assert len(calls) == 1 and calls[0]() is None
    with pytest.raises(TypeError):
        model.explain_many([scene] * 4, each=lambda: None, classes=HOUSE, **SHORT)
    with pytest.raises(TypeError, match="each"):
        model.explain_many([scene], each=3)


def test_threads_on_one_model_give_the_maps_of_one_after_the_other(model, scene):
    pictures = [numpy.roll(scene.pixels(), 40 * shift, 1) for shift in range(4)]
    settings = dict(classes=[CAR, HOUSE], keep_flat=True, **SHORT)
    serial = [[map.raw.tobytes() for map in model.explain_several(picture, **settings)] for picture in pictures]
    shared, found = cameras.Options(**settings), {}

    def work(number):
        order = [(number + step) % 4 for step in range(4)]
        found[number] = {i: [map.raw.tobytes() for map in model.explain_several(pictures[i], shared)] for i in order}

    workers = [threading.Thread(target=work, args=(number,)) for number in range(6)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    assert sorted(found) == list(range(6))
    assert all(results[i] == serial[i] for results in found.values() for i in range(4))


def test_the_interpreter_runs_while_the_library_works(model, scene):
    settings = dict(classes=HOUSE, scales=[1500], threads=1, keep_flat=True)
    worker = threading.Thread(target=lambda: model.explain(scene, **settings))
    turns = 0
    worker.start()
    while worker.is_alive():
        turns += 1
    assert turns > 1000


def test_errors_of_threads_do_not_mix(model, scene):
    messages = {}

    def work(name):
        for _ in range(20):
            try:
                model.explain(scene, layers=name, **SHORT)
            except cameras.LayerError as error:
                messages.setdefault(name, set()).add(str(error))

    workers = [threading.Thread(target=work, args=(f"layer_{i}",)) for i in range(4)]
    [worker.start() for worker in workers]
    [worker.join() for worker in workers]
    assert sorted(messages) == [f"layer_{i}" for i in range(4)]
    assert all(len(found) == 1 and name in found.pop() for name, found in messages.items())


def test_closing_a_model_while_another_thread_explains_is_safe(scene, house):
    for _ in range(5):
        model, found, begun = open_demo(), [], threading.Event()
        worker = threading.Thread(
            target=lambda: found.append(model.explain(scene, classes=HOUSE, progress=lambda _: begun.set(), **SHORT))
        )
        worker.start()
        begun.wait(60)
        model.close()
        worker.join()
        assert (found[0].values == house.values).all()
