# SPDX-License-Identifier: MIT
"""Running the command and counting what came of it, for the check_ scripts beside this file."""

import dataclasses
import json
import subprocess
import sys

TIMEOUT = 300  # seconds; a command that takes longer hangs


class Failure(Exception):
    """A case went wrong; the message says how."""


class Tally:
    """Prints a line per case, and at the end how many passed."""

    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def ok(self, text):
        self.passed += 1
        print("ok  ", text, flush=True)

    def fail(self, text):
        self.failed += 1
        print("FAIL", text, flush=True)

    def attempt(self, name, check):
        """Counts a check: it returns what to show, or raises what is wrong."""
        try:
            self.ok(f"{name} {check()}")
        except Failure as failure:
            self.fail(f"{name}: {failure}")
        except (ArithmeticError, LookupError, OSError, RuntimeError, TypeError, ValueError) as error:
            self.fail(f"{name}: {type(error).__name__}: {error}")

    def skip(self, text):
        self.skipped += 1
        print(text, flush=True)

    def finish(self):
        """Prints the counts and ends the script: status 1 when something failed."""
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        print(f"{self.passed} passed, {self.failed} failed{skipped}")
        sys.exit(1 if self.failed else 0)


def skip_all(text):
    """Ends a script that lacks what it needs, which is no failure."""
    tally = Tally()
    tally.skip(text)
    tally.finish()


@dataclasses.dataclass(frozen=True)
class Ran:
    """How the command ended."""

    status: int
    output: str
    errors: str


def run(arguments, folder):
    """Runs a command in folder; Failure when it hangs or dies of a signal."""
    arguments = [str(argument) for argument in arguments]
    try:
        ended = subprocess.run(
            arguments,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise Failure(f"no end after {TIMEOUT} s: {' '.join(arguments)}") from error
    if ended.returncode < 0:
        raise Failure(f"died of signal {-ended.returncode}: {' '.join(arguments)}")
    return Ran(ended.returncode, ended.stdout, ended.stderr)


def explain(cameras, arguments, folder):
    """The JSON document of `cameras explain`, which must succeed and print nothing else."""
    ran = run([cameras, "explain", *arguments, "--json", "--quiet"], folder)
    if ran.status != 0:
        raise Failure(f"exit {ran.status}: {ran.errors.strip()}")
    try:
        return json.loads(ran.output)
    except ValueError as error:
        raise Failure(f"stdout is not one JSON document ({error}): {ran.output[:200]!r}") from error


def is_refused(cameras, arguments, folder):
    """Whether `cameras explain` ends with anything but success."""
    return run([cameras, "explain", *arguments, "--json", "--quiet"], folder).status != 0


def refusal(cameras, arguments, folder):
    """The message of `cameras explain` where it must refuse: exit 1, one or two lines, nothing made."""
    ran = run([cameras, "explain", *arguments, "--json", "--quiet"], folder)
    if ran.status != 1:
        raise Failure(f"exit {ran.status} instead of 1: {ran.errors.strip()}")
    if ran.output:
        raise Failure(f"refused, yet wrote to stdout: {ran.output[:200]!r}")
    lines = ran.errors.splitlines()
    if not 1 <= len(lines) <= 2:
        raise Failure(f"{len(lines)} lines on stderr instead of one or two: {ran.errors[:400]!r}")
    return ran.errors.strip()
