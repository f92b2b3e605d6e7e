# SPDX-License-Identifier: MIT
"""Compares `cameras explain` with the eager reference on every network of the zoo, traced and scripted.

    check_zoo.py --cameras build/cameras --work build/zoo [--only NAME]

Each case compares the map (0.001 at the most), the layer reported, the logit and probability of the class, and of every
scale its size, top-1, probabilities and whether it counted. Networks are built in the work folder and kept there.
"""

import argparse
import dataclasses
import pathlib
import typing

import numpy

import harness

try:
    import torch
    import torchvision  # noqa: F401, the networks need it
except ImportError:
    harness.skip_all("zoo: skipped, python3-torchvision is not installed")

import networks
import reference

MAP_TOLERANCE = 0.001
LOGIT_TOLERANCE = 0.001
PROBABILITY_TOLERANCE = 0.0005
PAPER_SCALES = (224, 366, 508, 650, 792, 934, 1076)


@dataclasses.dataclass(frozen=True)
class Case:
    """One run of the command: a network, a layer ("auto" for none given), and what departs from the ordinary."""

    network: networks.Network
    kind: str
    layer: str = "auto"
    width: int = 0  # of the picture and the base; 0 for the network's own
    height: int = 0
    scales: tuple = ()  # () for the network's own
    paper: bool = False  # --preset paper --gate on, no class
    title: str = ""

    def expected_layers(self):
        return self.network.auto if self.layer == "auto" else (self.layer,)

    def size(self):
        return self.width or self.network.base, self.height or self.network.base

    def schedule(self):
        return PAPER_SCALES if self.paper else self.scales or self.network.scales

    def may_be_refused(self):
        """An `if` on an attribute may be resolved beforehand or count as any other `if`."""
        return self.kind == "scripted" and self.layer in self.network.inside_if

    def name(self):
        return " ".join(filter(None, (self.network.name, self.kind, self.layer, self.title)))


def network_cases(network):
    """The ordinary cases of a network: each kind at the automatic layer and at the inner ones."""
    return [Case(network, kind, layer) for kind in networks.KINDS for layer in ("auto",) + network.layers]


def resnet18_cases(network):
    """A base that is not square, with scales whose longer sides are whole, and the paper's preset with its gate."""
    return [
        Case(network, "traced", "layer3.0.conv2", 224, 160, (160, 200, 240), title="224x160"),
        Case(network, "scripted", "auto", 160, 224, (160, 200, 240), title="160x224"),
        Case(network, "traced", "auto", paper=True, title="paper"),
    ]


def cases(network):
    return network_cases(network) + (resnet18_cases(network) if network.name == "resnet18" else [])


# ---- the two sides -------------------------------------------------------------------------------------------------


def explain_eagerly(case, module, base, class_index):
    """The reference's explanation of a case."""
    return reference.explain(
        module,
        base,
        case.expected_layers()[0],
        case.schedule(),
        class_index=None if case.paper else class_index,
        kind="bilinear" if case.paper else "bicubic",
    )


class Reference:
    """Eager explanations of one network; traced and scripted share them."""

    def __init__(self, prepared, work):
        self.prepared = prepared
        self.work = work
        self.known = {}

    def picture(self, case):
        width, height = case.size()
        path = self.work / f"picture.{width}x{height}x{case.network.channels}.png"
        if not path.exists():
            networks.save_picture(path, width, height, case.network.channels)
        return path

    def explain(self, case, class_index):
        key = (case.expected_layers()[0], case.size(), case.schedule(), case.paper, class_index)
        if key not in self.known:
            base = reference.load(self.picture(case))
            self.known[key] = explain_eagerly(case, self.prepared.module, base, class_index)
        return self.known[key]


def command_arguments(case, prepared, picture):
    """The command line of a case, without --map."""
    width, height = case.size()
    arguments = [picture, "-m", prepared.files[case.kind], "--base", f"{width}x{height}"]
    if case.layer != "auto":
        arguments += ["-l", case.layer]
    if case.paper:
        return arguments + ["--preset", "paper", "--gate", "on"]
    arguments += ["--scales", ",".join(map(str, case.schedule())), "-c", prepared.classes[0]]
    return arguments


# ---- comparing -----------------------------------------------------------------------------------------------------


def require(name, found, expected, tolerance=None):
    """Failure unless found is what was expected, to the tolerance where one is given."""
    same = found == expected if tolerance is None else abs(found - expected) <= tolerance
    if not same:
        raise harness.Failure(f"{name} is {found} instead of {expected}")


def compare_scales(found, expected):
    require("number of scales", len(found), len(expected))
    for one, other in zip(found, expected):
        name = f"at scale {other.width}x{other.height}, "
        require(name + "size", tuple(one["size"]), (other.width, other.height))
        require(name + "top1", one["top1"], other.top1)
        require(name + "used", one["used"], other.used)
        require(name + "top1_probability", one["top1_probability"], other.top1_probability, PROBABILITY_TOLERANCE)
        require(name + "probability", one["probability"], other.probability, PROBABILITY_TOLERANCE)
        if not one["reason"]:
            raise harness.Failure(name + "no reason is given")


def compare_map(path, expected):
    """The greatest difference of a saved map; Failure where it exceeds the tolerance."""
    found = numpy.load(path)
    require("shape of the map", found.shape, expected.shape)
    require("type of the map", found.dtype, expected.dtype)
    difference = float(numpy.abs(found - expected).max())
    if not difference <= MAP_TOLERANCE:
        raise harness.Failure(f"map differs by {difference:.7f} at the most")
    return difference


def compare(record, expected, expected_layers, map_path):
    """One entry of "maps" with its explanation; returns the greatest difference of the maps."""
    if record["layer"] not in expected_layers:
        raise harness.Failure(f"layer is {record['layer']} instead of {expected_layers[0]}")
    require("class", record["class"], expected.class_index)
    require("logit", record["logit"], expected.logit, LOGIT_TOLERANCE)
    require("probability", record["probability"], expected.probability, PROBABILITY_TOLERANCE)
    compare_scales(record["scales"], expected.scales)
    return compare_map(map_path, expected.map)


def check_case(case, eager, cameras, folder):
    """Runs a case and compares it; returns the layer reported and the greatest difference, or the refusal."""
    prepared = eager.prepared
    map_path = folder / "map.npy"
    map_path.unlink(missing_ok=True)
    arguments = command_arguments(case, prepared, eager.picture(case)) + ["--map", map_path]
    if case.may_be_refused() and harness.is_refused(cameras, arguments, folder):
        return check_refused_layer(case, eager, cameras, folder)
    document = harness.explain(cameras, arguments, folder)
    require("number of maps", len(document["maps"]), 1)
    expected = eager.explain(case, prepared.classes[0])
    difference = compare(document["maps"][0], expected, case.expected_layers(), map_path)
    return f"{document['maps'][0]['layer']} {difference:.7f}"


# ---- cases of their own --------------------------------------------------------------------------------------------


def check_several(kind, eager, cameras, folder):
    """Two layers and two classes in one call: four maps, the classes of the first layer first."""
    prepared = eager.prepared
    layers, classes = ("layer4", "layer3.0.conv2"), prepared.classes
    case = Case(prepared.network, kind)
    arguments = command_arguments(case, prepared, eager.picture(case)) + ["-c", classes[1]]
    arguments += [word for layer in layers for word in ("-l", layer)] + ["--map", folder / "several.npy"]
    document = harness.explain(cameras, arguments, folder)
    wanted = [(layer, index) for layer in layers for index in classes]
    require("maps", [(one["layer"], one["class"]) for one in document["maps"]], wanted)
    differences = []
    for record, (layer, index) in zip(document["maps"], wanted):
        expected = eager.explain(Case(prepared.network, kind, layer), index)
        differences.append(compare(record, expected, (layer,), folder / record["map"]))
    return max(differences)


def check_refused_sizes(kind, eager, cameras, folder):
    """A head of fixed length refuses larger copies: the message names the copy's size."""
    case = Case(eager.prepared.network, kind, scales=(224, 288))
    arguments = command_arguments(case, eager.prepared, eager.picture(case)) + ["--map", folder / "refused.npy"]
    message = harness.refusal(cameras, arguments, folder)
    if "288" not in message:
        raise harness.Failure(f"the message does not name the size 288: {message}")
    return message


def check_refused_layer(case, eager, cameras, folder):
    """A layer called inside an `if` cannot be cut: the message names it and says so."""
    arguments = command_arguments(case, eager.prepared, eager.picture(case)) + ["--map", folder / "refused.npy"]
    message = harness.refusal(cameras, arguments, folder)
    if case.layer not in message or " if " not in message:
        raise harness.Failure(f"the message does not say that layer {case.layer} is called inside an if: {message}")
    return message


def check_network(tally, network, cameras, work):
    prepared = networks.prepare(network, work)
    folder = work / "maps"
    folder.mkdir(exist_ok=True)
    eager = Reference(prepared, work)
    for case in cases(network):
        tally.attempt(case.name(), lambda case=case: check_case(case, eager, cameras, folder))
    for kind in networks.KINDS:
        if network.name == "resnet18":
            name = f"resnet18 {kind} two layers, two classes"
            tally.attempt(name, lambda kind=kind: f"{check_several(kind, eager, cameras, folder):.7f}")
        if network.name == "fixed_head":
            name = f"fixed_head {kind} refuses 288:"
            tally.attempt(name, lambda kind=kind: check_refused_sizes(kind, eager, cameras, folder))
    if network.name == "inside_if":
        case = Case(network, "scripted", "extra", title="is refused:")
        tally.attempt(case.name(), lambda: check_refused_layer(case, eager, cameras, folder))


def main():
    parser = argparse.ArgumentParser(description="Compare the command with eager PyTorch on many networks.")
    parser.add_argument("--cameras", type=pathlib.Path, required=True, help="the command")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for networks and maps")
    parser.add_argument("--only", help="check this network alone")
    arguments = parser.parse_args()
    work = arguments.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    networks.use_all_processors()
    tally = harness.Tally()
    for network in networks.select(arguments.only):
        try:
            check_network(tally, network, arguments.cameras.resolve(), work)
        except (OSError, RuntimeError, ValueError) as error:
            tally.fail(f"{network.name} cannot be built: {error}")
    tally.finish()


if __name__ == "__main__":
    main()
