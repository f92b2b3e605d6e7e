# SPDX-License-Identifier: MIT
"""Running workers by turns (see worker.h), and keeping what they said."""

import dataclasses
import json
import subprocess
import sys
import tempfile
import time
import typing

PAUSE = 0.05  # seconds between turns: the threads of the one before go to sleep


class Unavailable(Exception):
    """A measurement could not be made; the message says why."""


class Worker:
    """A process that does its work once a turn. Loading is over when the constructor returns."""

    def __init__(self, command):
        self.errors = tempfile.TemporaryFile(mode="w+")
        self.process = subprocess.Popen(
            [str(word) for word in command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            text=True,
        )
        self._read()

    def _read(self):
        line = self.process.stdout.readline()
        if line:
            return json.loads(line)
        self.process.wait()
        self.errors.seek(0)
        said = self.errors.read().strip().splitlines()
        raise Unavailable(said[-1] if said else f"{self.process.args[0]} ended without a word")

    def turn(self):
        """What the worker says of one turn."""
        time.sleep(PAUSE)
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        return self._read()

    def close(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.errors.close()


@dataclasses.dataclass
class Series:
    """The first call of a worker and its later ones, one a round; or the problem it met."""

    name: str
    first: typing.Dict = dataclasses.field(default_factory=dict)
    turns: typing.List = dataclasses.field(default_factory=list)
    problem: str = ""

    def values(self, key="seconds"):
        """One figure of every round."""
        if self.problem:
            raise Unavailable(self.problem)
        return [turn[key] for turn in self.turns]

    def peak_mib(self):
        """The most memory that the worker held."""
        return max(self.values("peak_kib")) / 1024


def ratios(over, under, over_key="seconds", under_key="seconds"):
    """Round by round, for what ran in the same round met the same noise."""
    return [one / other for one, other in zip(over.values(over_key), under.values(under_key))]


def attempt(series, action):
    """Does action, unless the series has met a problem; notes the one it meets."""
    if series.problem:
        return None
    try:
        return action()
    except Unavailable as error:
        series.problem = str(error)
        return None


def interleave(commands, rounds):
    """Series by name: all workers alive at once, a first call each, then a turn each a round."""
    found = {name: Series(name) for name in commands}
    workers = {}
    for name, series in found.items():
        print(f"  {name}", file=sys.stderr, flush=True)
        workers[name] = attempt(series, lambda name=name: Worker(commands[name]))
        series.first = attempt(series, lambda name=name: workers[name].turn())
    for _ in range(rounds):
        for name, series in found.items():
            series.turns.append(attempt(series, lambda name=name: workers[name].turn()))
    for worker in filter(None, workers.values()):
        worker.close()
    return found


def first_and_second(name, command, processes):
    """Two series, of first and of second calls; each pair is of a fresh process."""
    firsts, seconds = Series(f"{name}, first"), Series(f"{name}, second")
    for _ in range(processes):
        worker = attempt(firsts, lambda: Worker(command))
        for series in (firsts, seconds):
            series.problem = series.problem or firsts.problem
            series.turns.append(attempt(series, lambda worker=worker: worker.turn()))
        if worker:
            worker.close()
    return firsts, seconds
