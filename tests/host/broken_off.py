"""broken_off.py COMMAND FOLDER: the command when it is interrupted, killed, or out of room; and that it repeats itself.

FOLDER has the demo network and its picture. Prints "FAILED: ..." and "SKIPPED: ..." lines, and last "P F S": how many
claims passed, failed and were skipped.

SPDX-License-Identifier: MIT
"""

import json
import os
import pathlib
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

COMMAND, FOLDER = (str(pathlib.Path(argument).resolve()) for argument in sys.argv[1:3])
PICTURE = FOLDER + "/scene.png"
LONG = ["--scales", ",".join(["700"] * 64)]  # minutes
SHORT = ["--scales", "224,288", "-q"]

# A shell that runs the tests in the background lets them ignore these, and what they start would go on ignoring them.
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_DFL)

passed = failed = skipped = 0


class Broken(Exception):
    pass


class Skipped(Exception):
    pass


def expect(condition, what):
    if not condition:
        raise Broken(what)


def claim(name, test, *arguments):
    global passed, failed, skipped
    work = tempfile.mkdtemp()
    try:
        test(work, *arguments)
        passed += 1
    except Skipped as why:
        print(f"SKIPPED: host: {name}: {why}")
        skipped += 1
    except Broken as why:
        print(f"FAILED: host: {name}: {why}")
        failed += 1
    finally:
        shutil.rmtree(work, ignore_errors=True)


def run(work, *words, **how):
    return subprocess.run([COMMAND, *words], cwd=work, stdin=subprocess.DEVNULL, capture_output=True, **how)


def left(work):
    return sorted(os.path.relpath(os.path.join(at, name), work) for at, _, names in os.walk(work) for name in names)


# ---- interrupted -------------------------------------------------------------------------------------------------


def begin(work, *words):
    return subprocess.Popen([COMMAND, *words], cwd=work, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                            stderr=subprocess.PIPE)  # fmt: skip


def interrupt(work, words, number):
    """Signals the command once it works, which it shows by noticing the signal rather than ending at once."""
    err = b""
    for delay in (1.0, 4.0, 16.0):
        program = begin(work, *words)
        time.sleep(delay)
        program.send_signal(number)
        out, err = program.communicate(timeout=120)
        if program.returncode == -number:
            continue  # while it was being loaded
        expect(program.returncode == 128 + number, f"exit status {program.returncode}: {err.decode()}")
        expect(out == b"", f"standard output says {out[:200]}")
        if err:
            break
    expect(err == b"cameras: interrupted\n", f"standard error says {err.decode()}")


def leaves_nothing_when_interrupted(work, words, number):
    interrupt(work, words, number)
    expect(left(work) == [], f"left: {left(work)}")


def keeps_what_was_there_when_interrupted(work):
    pathlib.Path(work, "map.npy").write_bytes(b"earlier")
    interrupt(work, ["explain", PICTURE, "--map", "map.npy", *LONG], signal.SIGINT)
    expect(left(work) == ["map.npy"] and pathlib.Path(work, "map.npy").read_bytes() == b"earlier", "map.npy changed")


def many(work):
    for i in range(200):
        os.symlink(PICTURE, f"{work}/{i:03}.png")
    os.mkdir(work + "/out")
    return [f"{i:03}.png" for i in range(200)]


def several_pictures_leave_whole_files_only(work):
    words = ["explain", *many(work), "-o", "out", "--map", "out", "--scales", "400,500"]
    interrupt(work, [*words, "-q"], signal.SIGINT)
    whole = run(work, "explain", "000.png", "--map", "whole.npy", "-o", "whole.png", "--scales", "400,500", "-q")
    expect(whole.returncode == 0, whole.stderr.decode())
    for name in os.listdir(work + "/out"):
        like = "whole.npy" if name.endswith(".npy") else "whole.png"
        expect(re.fullmatch(r"\d{3}\.(npy|cameras\.png)", name), f"left: {name}")
        same = pathlib.Path(work, "out", name).read_bytes() == pathlib.Path(work, like).read_bytes()
        expect(same, f"{name} is not whole")


def pictures_go_with_the_document_that_did_not_arrive(work):
    words = ["explain", *many(work), "--map", "out", "--scales", "400,500", "--json"]
    interrupt(work, words, signal.SIGTERM)
    expect(os.listdir(work + "/out") == [], f"left: {os.listdir(work + '/out')}")


def writer(pipe):
    """The writing end of a named pipe, once it has a reader; None before."""
    try:
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    except OSError:
        time.sleep(0.05)
        return None


def one_signal_ends_a_wait_for_an_input(work, words):
    """Nothing is there to be taken back yet. A pipe that has a writer, who says nothing, is what it waits for."""
    os.mkfifo(work + "/input")
    program = begin(work, *words)
    writing = None
    try:
        while writing is None and program.poll() is None:
            writing = writer(work + "/input")
        program.send_signal(signal.SIGTERM)
        _, err = program.communicate(timeout=60)
        expect(program.returncode == 128 + signal.SIGTERM, f"exit status {program.returncode}: {err.decode()}")
        expect(left(work) == ["input"], f"left: {left(work)}")
    except subprocess.TimeoutExpired:
        raise Broken("it waits on") from None
    finally:
        program.kill()
        program.communicate()
        if writing is not None:
            os.close(writing)


def second_signal_ends_at_once(work):
    program = begin(work, "explain", PICTURE, "--map", "map.npy", "--scales", ",".join(["4000"] * 64))
    time.sleep(3)
    program.send_signal(signal.SIGINT)
    time.sleep(0.2)
    program.send_signal(signal.SIGINT)
    begun = time.monotonic()
    program.communicate(timeout=120)
    expect(program.returncode == 130, f"exit status {program.returncode}")
    expect(time.monotonic() - begun < 5, "it took its time")
    expect("map.npy" not in left(work), "map.npy is there")


def ignored_signal_stays_ignored(work):
    ignore = lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN)  # noqa: E731
    program = subprocess.Popen([COMMAND, "explain", PICTURE, "--map", "map.npy", *SHORT], cwd=work, preexec_fn=ignore)
    while program.poll() is None:
        program.send_signal(signal.SIGHUP)
        time.sleep(0.02)
    expect(program.returncode == 0 and left(work) == ["map.npy"], f"exit status {program.returncode}")


# ---- killed ------------------------------------------------------------------------------------------------------


def killed_at_any_moment_leaves_no_output_under_its_name(work):
    """Outputs large enough that some of the moments fall into the writing of them."""
    large = ["explain", PICTURE, "-o", "big.png", "--map", "map.npy", "--base", "1200x1200", "--scales", "224", "-q",
             "-c", "car"]  # fmt: skip
    begun = time.monotonic()
    done = run(work, *large)
    took = time.monotonic() - begun
    expect(done.returncode == 0, done.stderr.decode())
    whole = {name: pathlib.Path(work, name).read_bytes() for name in ("big.png", "map.npy")}
    for name in whole:
        os.remove(f"{work}/{name}")
    for i in range(12):
        program = begin(work, *large)
        time.sleep(took * (0.3 + 0.06 * i))
        program.kill()
        program.communicate()
        for name in left(work):
            one = pathlib.Path(work, name)
            if name in whole:
                expect(one.read_bytes() == whole[name], f"{name} is not whole")
            else:
                expect(re.fullmatch(r"(big\.png|map\.npy)\.\d+-\d+\.part", name), f"left: {name}")
            one.unlink()


# ---- no room, no right -------------------------------------------------------------------------------------------

OUTPUTS = {
    "explain": ["explain", PICTURE, "-o", "out.png", "--map", "out.npy", *SHORT],
    "explain to JPEG": ["explain", PICTURE, "-o", "out.jpg", *SHORT],
    "explain to grey PNG": ["explain", PICTURE, "--map", "out.png", *SHORT],
    "compare": ["compare", PICTURE, "-c", "car", "-c", "house", "-o", "out.png", *SHORT],
    "sanity": ["sanity", PICTURE, "-o", "out.png", "--stages", "2", "--scales", "224", "-q"],
    "attack": ["attack", PICTURE, "-o", "out.png", "--perturbation", "out.npy", "--steps", "3", *SHORT],
}


# Those that also print; -q would let them print nothing.
UNREAD = {verb: [*OUTPUTS[verb], "--json"] for verb in ("explain", "compare", "sanity", "attack")}


def limit_files(size):
    """As ulimit -f, beyond which the system sends SIGXFSZ too."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def full_disk_is_told_and_leaves_nothing(work, words, into=""):
    done = run(work, *words, preexec_fn=limit_files(2048))
    expect(done.returncode == 1, f"exit status {done.returncode}: {done.stderr.decode()}")
    expect(re.search(rb"^cameras: write [^\n]*out\.[a-z]+: File too large\n$", done.stderr), done.stderr.decode())
    expect(left(work) == [], f"left: {left(work)}")


def full_csv_is_told_and_leaves_nothing(work):
    pathlib.Path(work, "a").mkdir()
    for i in range(12):
        os.symlink(PICTURE, f"{work}/a/a-picture-with-a-name-that-fills-lines-{i}.png")

    words = ["score", "a", "--methods", "constant", "--steps", "1", "--csv", "out.csv", *SHORT]
    done = run(work, *words, preexec_fn=limit_files(1024))
    expect(done.returncode == 1, f"exit status {done.returncode}: {done.stderr.decode()}")
    expect(b"cameras: write out.csv: File too large\n" in done.stderr, done.stderr.decode())
    expect([name for name in left(work) if not name.startswith("a/")] == [], f"left: {left(work)}")


def text_beyond_a_limit_on_files_is_told(work):
    with open(work + "/out", "wb") as out:
        done = subprocess.run([COMMAND, "classify", PICTURE], stdin=subprocess.DEVNULL, stdout=out,
                              stderr=subprocess.PIPE, preexec_fn=limit_files(10))  # fmt: skip
    expect(done.returncode == 1, f"exit status {done.returncode}")
    expect(done.stderr == b"cameras: write to standard output: File too large\n", done.stderr.decode())


def full_tmpfs_is_told_and_leaves_nothing(work):
    small = work + "/small"
    os.mkdir(small)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", small], capture_output=True)
    if mounted.returncode != 0:
        raise Skipped("no right to mount a tmpfs")
    try:
        done = run(work, "explain", PICTURE, "--map", "small/out.npy", "-o", "out.png", *SHORT)
        expect(done.returncode == 1, f"exit status {done.returncode}")
        expect(done.stderr == b"cameras: write map small/out.npy: No space left on device\n", done.stderr.decode())
        expect(left(work) == [], f"left: {left(work)}")
    finally:
        subprocess.run(["umount", small], check=True)


def read_only_file_system_is_told_before_the_work(work):
    closed = work + "/closed"
    os.mkdir(closed)
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", closed], capture_output=True)
    if mounted.returncode != 0:
        raise Skipped("no right to mount a tmpfs")
    try:
        done = run(work, "explain", PICTURE, "--map", "closed/out.npy", *LONG, timeout=60)
        expect(done.returncode == 1, f"exit status {done.returncode}")
        expect(done.stderr == b"cameras: write closed/out.npy: Read-only file system\n", done.stderr.decode())
    finally:
        subprocess.run(["umount", closed], check=True)


# ---- nobody reads ------------------------------------------------------------------------------------------------


def run_unread(work, words):
    """Standard output is a pipe that nobody reads from any more, as in "cameras ... | true"."""
    reading, writing = os.pipe()
    os.close(reading)
    try:
        return subprocess.run([COMMAND, *words], cwd=work, stdin=subprocess.DEVNULL, stdout=writing,
                              stderr=subprocess.PIPE)  # fmt: skip
    finally:
        os.close(writing)


def files_go_with_what_nobody_reads(work, words):
    done = run_unread(work, words)
    expect(done.returncode == 1, f"exit status {done.returncode}: {done.stderr.decode()}")
    expect(done.stderr == b"cameras: write to standard output: Broken pipe\n", done.stderr.decode())
    expect(left(work) == [], f"left: {left(work)}")


def several_pictures_go_with_the_document_that_nobody_reads(work):
    words = ["explain", *many(work)[:2], "-o", "out", "--map", "out", "--json", *SHORT]
    done = run_unread(work, words)
    expect(done.returncode == 1, f"exit status {done.returncode}: {done.stderr.decode()}")
    expect(done.stderr == b"cameras: write to standard output: Broken pipe\n", done.stderr.decode())
    expect(os.listdir(work + "/out") == [], f"left: {os.listdir(work + '/out')}")


def text_that_nobody_reads_ends_quietly(work):
    for words in (["help"], ["explain", "--help"], ["version"], ["layers"], ["classify", PICTURE]):
        done = run_unread(work, words)
        expect(done.returncode == -signal.SIGPIPE, f"{words[0]}: exit status {done.returncode}")
        expect(done.stderr == b"", done.stderr.decode())


# ---- again and again ---------------------------------------------------------------------------------------------


def without_times(document):
    """What a document says but for how long it took and how much memory the process had."""
    if isinstance(document, dict):
        return {key: without_times(value) for key, value in document.items()
                if not key.endswith("seconds") and key != "peak_memory_bytes"}  # fmt: skip
    return [without_times(one) for one in document] if isinstance(document, list) else document


def explained(work, threads, *more, **how):
    done = run(work, "explain", PICTURE, "-c", "6", "-c", "7", "--map", "out.npy", "-o", "out.png", "--json",
               "--scales", "224,324,424", "--threads", str(threads), *more, **how)  # fmt: skip
    expect(done.returncode == 0, done.stderr.decode())
    files = {name: pathlib.Path(work, name).read_bytes() for name in left(work)}
    return files, without_times(json.loads(done.stdout))


def same_bytes_from_run_to_run(work, threads):
    first = explained(work, threads)
    expect(len(first[0]) == 4, f"left: {left(work)}")
    for _ in range(3):
        expect(explained(work, threads) == first, "another run gave other bytes")
    both = []
    for beside in (work + "/one", work + "/two"):
        os.mkdir(beside)
        both.append(begin(beside, "explain", PICTURE, "-c", "6", "-c", "7", "--map", "out.npy", "-o", "out.png", "-q",
                          "--scales", "224,324,424", "--threads", str(threads)))  # fmt: skip
    for program, beside in zip(both, ("one", "two")):
        _, err = program.communicate(timeout=300)
        expect(program.returncode == 0, err.decode())
        for name, content in first[0].items():
            expect(pathlib.Path(work, beside, name).read_bytes() == content, f"{beside}/{name} has other bytes")


def values(content):
    header = int.from_bytes(content[8:10], "little")
    return memoryview(content[10 + header :]).cast("f")


def other_thread_counts_agree_to_a_hundred_thousandth(work):
    first, _ = explained(work, 1)
    for threads in (2, 3, 4):
        again, _ = explained(work, threads)
        for name in (name for name in first if name.endswith(".npy")):
            worst = max(abs(a - b) for a, b in zip(values(first[name]), values(again[name])))
            expect(worst <= 1e-5, f"{threads} threads, {name}: {worst}")


def other_locale_gives_the_same_document(work):
    if "LOCPATH" not in os.environ:
        raise Skipped("no locale with a decimal comma")
    comma = dict(os.environ, LC_ALL="de_DE")
    expect(explained(work, 1, env=comma) == explained(work, 1), "the document depends on the locale")


def printing_model_leaves_the_document_alone(work):
    model = os.environ.get("CAMERAS_PRINTING")
    if model is None:
        raise Skipped("no network that prints")
    words = ["explain", PICTURE, "-m", model, "--json", *SHORT]
    done = run(work, *words)
    expect(done.returncode == 0 and done.stderr == b"", done.stderr.decode())
    expect(json.loads(done.stdout)["maps"], "no maps")
    heard = run(work, *words, "--verbose")
    expect(without_times(json.loads(heard.stdout)) == without_times(json.loads(done.stdout)), "another document")
    said = set(heard.stderr.decode().splitlines())
    expect(said == {"cameras: the model prints: seen", "cameras: LibTorch warns: odd"}, f"said: {said}")


def main():
    csv = ["score", PICTURE, "--csv", "out.csv", *LONG]
    lines = {
        "explain": ["explain", PICTURE, "-o", "out.png", "--map", "out.npy", *LONG],
        "score": csv,
        "sanity": ["sanity", PICTURE, "-o", "out.png", *LONG],
        "attack": ["attack", PICTURE, "-o", "out.png", "--perturbation", "out.npy", "--steps", "100000", *LONG],
        "compare": ["compare", PICTURE, "-c", "car", "-c", "house", "-o", "out.png", *LONG],
    }
    for verb, words in lines.items():
        claim(f"{verb} that is interrupted ends with 130 and leaves nothing", leaves_nothing_when_interrupted, words,
              signal.SIGINT)  # fmt: skip
    claim("explain that is terminated ends with 143 and leaves nothing", leaves_nothing_when_interrupted,
          lines["explain"], signal.SIGTERM)  # fmt: skip
    claim("score of a folder that is interrupted leaves no table", leaves_nothing_when_interrupted,
          ["score", FOLDER, *csv[2:]], signal.SIGINT)  # fmt: skip
    for test in (
        keeps_what_was_there_when_interrupted,
        several_pictures_leave_whole_files_only,
        pictures_go_with_the_document_that_did_not_arrive,
        second_signal_ends_at_once,
        ignored_signal_stays_ignored,
        killed_at_any_moment_leaves_no_output_under_its_name,
        full_csv_is_told_and_leaves_nothing,
        text_beyond_a_limit_on_files_is_told,
        several_pictures_go_with_the_document_that_nobody_reads,
        text_that_nobody_reads_ends_quietly,
        full_tmpfs_is_told_and_leaves_nothing,
        read_only_file_system_is_told_before_the_work,
        other_thread_counts_agree_to_a_hundred_thousandth,
        other_locale_gives_the_same_document,
        printing_model_leaves_the_document_alone,
    ):
        claim(test.__name__.replace("_", " "), test)
    for verb in ("explain", "score", "classify", "sanity", "attack"):
        claim(f"one signal ends {verb} that waits for its picture", one_signal_ends_a_wait_for_an_input,
              [verb, "input"])  # fmt: skip
        claim(f"one signal ends {verb} that waits for its labels", one_signal_ends_a_wait_for_an_input,
              [verb, PICTURE, "--labels", "input"])  # fmt: skip
    claim("one signal ends compare that waits for its picture", one_signal_ends_a_wait_for_an_input,
          ["compare", "input", "-c", "car", "-c", "house"])  # fmt: skip
    claim("one signal ends explain of several that waits for its labels", one_signal_ends_a_wait_for_an_input,
          ["explain", PICTURE, FOLDER + "/scene.car.png", "--labels", "input"])  # fmt: skip
    for verb, words in UNREAD.items():
        claim(f"{verb} that nobody reads says so and leaves nothing", files_go_with_what_nobody_reads, words)
    for verb, words in OUTPUTS.items():
        claim(f"{verb} on a full disk says so and leaves nothing", full_disk_is_told_and_leaves_nothing, words)
    for threads in (1, 2):
        claim(f"every run of {threads} threads gives the same bytes", same_bytes_from_run_to_run, threads)
    print(passed, failed, skipped)


main()
