# SPDX-License-Identifier: MIT
"""Compares `cameras explain` with the eager reference on small networks, each with one troublesome idiom.

    check_idioms.py --cameras build/cameras --work build/zoo/idioms [--only NAME]

Compared are the maps (0.001 at the most), the layer reported, the logit (0.0001) and probability of the class, and the
record of every scale. What cannot be explained must be refused by a plain message. Networks are built in the work
folder and kept there.
"""

import argparse
import pathlib

import check_zoo
import harness
import idioms
import networks
import reference

LOGIT_TOLERANCE = 0.0001
NOT_PLAIN = ("Exception raised from", "INTERNAL ASSERT", "Traceback", "RuntimeError", ".cpp", str(2**64 - 1))


def command_arguments(picture, model, layers, wanted, map_path):
    """The command line that explains the layers of a model; wanted is the part that names the class."""
    arguments = [picture, "-m", model, "--base", f"{idioms.BASE}x{idioms.BASE}"]
    arguments += ["--scales", ",".join(map(str, idioms.SCALES)), *wanted, "--map", map_path]
    return arguments + [word for layer in layers for word in ("-l", layer)]


class Checker:
    """What every check needs: the command, the folder, the picture and its base tensor."""

    def __init__(self, cameras, work):
        self.cameras = cameras
        self.work = work
        self.picture = networks.save_picture(work / "picture.png", idioms.BASE, idioms.BASE)
        self.base = reference.load(self.picture)

    def arguments(self, name, model, layers, wanted):
        """The command line of a check, and the path of its map, where no map is left."""
        map_path = self.work / f"{name}.npy"
        map_path.unlink(missing_ok=True)
        return command_arguments(self.picture, model, layers, wanted, map_path), map_path

    def compare(self, record, prepared):
        """One entry of "maps" against the reference's explanation of its layer."""
        layer = record["layer"]
        expected = reference.explain(prepared.module, self.base, layer, idioms.SCALES, prepared.class_index)
        check_zoo.require(f"logit with {layer}", record["logit"], expected.logit, LOGIT_TOLERANCE)
        return check_zoo.compare(record, expected, (layer,), self.work / record["map"])

    def check_call(self, idiom, prepared, kind, layers):
        """Explains the layers in one call and compares each map; returns the greatest difference."""
        model, wanted = prepared.files[kind], ("-c", prepared.class_index)
        arguments, _ = self.arguments(f"{idiom.name}.{kind}", model, layers, wanted)
        if idiom.words and harness.is_refused(self.cameras, arguments, self.work):
            return self.check_message(f"{idiom.name}.{kind}", model, layers, wanted, idiom.words)
        document = harness.explain(self.cameras, arguments, self.work)
        check_zoo.require("layers", tuple(one["layer"] for one in document["maps"]), layers)
        return f"{max(self.compare(record, prepared) for record in document['maps']):.7f}"

    def check_message(self, name, model, layers, wanted, words):
        """The message of a refusal, which is plain and holds one of the words."""
        arguments, map_path = self.arguments(name, model, layers, wanted)
        message = harness.refusal(self.cameras, arguments, self.work)
        if map_path.exists():
            raise harness.Failure("refused, yet wrote a map")
        if any(word in message for word in NOT_PLAIN):
            raise harness.Failure(f"the message is not plain: {message}")
        if not any(word in message.replace(str(self.work), "").replace(name, "") for word in words):
            raise harness.Failure(f"the message says nothing of {' or '.join(words)}: {message}")
        return f"is refused: {message}"

    def check_refused(self, refused, kind):
        """Saves what is to be refused, and checks the message."""
        name = f"{refused.name}.{kind}"
        model = self.work / f"{name}.pt"
        idioms.save(idioms.make(refused.build), model, kind, refused.inputs)
        return self.check_message(name, model, (refused.layer,), refused.wanted, refused.words)


def check_idiom(tally, checker, idiom):
    """Every call of an idiom's table entry, for every way it is saved."""
    prepared = idioms.prepare(idiom, checker.base, checker.work)
    for kind in idiom.kinds:
        for layers in idiom.calls:
            name = " ".join((idiom.name, kind, *layers))
            tally.attempt(name, lambda kind=kind, layers=layers: checker.check_call(idiom, prepared, kind, layers))


def select(table, only):
    """The entries of a table, or the one of the name given."""
    return [entry for entry in table if only in (None, entry.name)]


def main():
    parser = argparse.ArgumentParser(description="Compare the command with eager PyTorch on troublesome idioms.")
    parser.add_argument("--cameras", type=pathlib.Path, required=True, help="the command")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for networks and maps")
    parser.add_argument("--only", help="check this network alone")
    arguments = parser.parse_args()
    chosen, refused = select(idioms.IDIOMS, arguments.only), select(idioms.REFUSED, arguments.only)
    if not chosen + refused:
        names = ", ".join(entry.name for entry in idioms.IDIOMS + idioms.REFUSED)
        raise SystemExit(f"no network {arguments.only} among the idioms: {names}")
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    checker, tally = Checker(arguments.cameras.resolve(), work), harness.Tally()
    for idiom in chosen:
        check_idiom(tally, checker, idiom)
    for entry in refused:
        for kind in entry.kinds:
            name = f"{entry.name} {kind}"
            tally.attempt(name, lambda entry=entry, kind=kind: checker.check_refused(entry, kind))
    tally.finish()


if __name__ == "__main__":
    main()
