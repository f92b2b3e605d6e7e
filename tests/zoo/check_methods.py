# SPDX-License-Identifier: MIT
"""Compares `cameras explain --method` with each method computed eagerly in PyTorch, on networks of the zoo.

    check_methods.py --cameras build/cameras --work build/zoo [--only NAME]

The formulas are written down here from their papers, on whole tensors and in double precision, and share nothing with
the library. With several scales a map is the mean of the scales' own. Maps may differ by 0.001 at the most. Controls
are compared with arithmetic.
"""

import argparse
import pathlib

import numpy

import harness

try:
    import torch
    import torchvision  # noqa: F401, the networks need it
except ImportError:
    harness.skip_all("methods: skipped, python3-torchvision is not installed")

import networks
import reference

MAP_TOLERANCE = 0.001
LAYERS = {
    "resnet18": ("layer4", "layer2"),
    "vgg16": ("features.29", "features.26"),
    "squeezenet1_1": ("features.12", "features.9.expand3x3"),
}

# ---- the methods: a and w are 1 x channels x height x width, the result is 1 x 1 x height x width -------------------

SPACE = (2, 3)


def weighted(weights, a):
    """sum_k weights_k A_k, weights being 1 x channels x 1 x 1."""
    return (weights * a).sum(1, keepdim=True)


def gradcam(a, w):
    """Selvaraju et al., ICCV 2017, equations 1 and 2."""
    return weighted(w.mean(SPACE, keepdim=True), a)


def gradcampp(a, w):
    """Chattopadhay et al., WACV 2018, equation 19, and the weights made of it."""
    below = 2 * w**2 + w**3 * a.sum(SPACE, keepdim=True)
    share = torch.where(w != 0, w**2 / below, torch.zeros_like(w))
    return weighted((share * torch.relu(w)).sum(SPACE, keepdim=True), a)


def hirescam(a, w):
    """Draelos and Carin, 2020."""
    return (w * a).sum(1, keepdim=True)


def layercam(a, w):
    """Jiang et al., IEEE TIP 2021."""
    return (torch.relu(w) * a).sum(1, keepdim=True)


def xgradcam(a, w):
    """Fu et al., BMVC 2020; a channel that is zero everywhere has no weight."""
    total = a.sum(SPACE, keepdim=True)
    weights = (w * a).sum(SPACE, keepdim=True) / torch.where(total != 0, total, torch.ones_like(total))
    return weighted(weights, a)


def normgrad(a, w):
    """Rebuffi et al., CVPR 2020."""
    return w.norm(dim=1, keepdim=True) * a.norm(dim=1, keepdim=True)


METHODS = {
    "gradcam": gradcam,
    "gradcam++": gradcampp,
    "hirescam": hirescam,
    "layercam": layercam,
    "xgradcam": xgradcam,
    "normgrad": normgrad,
}


def factors(module, layer, copy, class_index):
    """Activations and gradients of one copy, in double precision."""
    logits, leaf = reference.run(module, layer, copy)
    gradient = torch.autograd.grad(logits[0, class_index], leaf)[0]
    return leaf.detach().double(), gradient.double()


def own_map(method, a, w, size):
    """The map of one scale, brought to the base."""
    return reference.resize(torch.relu(METHODS[method](a, w)), size, "bilinear")[0, 0]


def stretch(raw):
    return ((raw - raw.min()) / (raw.max() - raw.min())).numpy()


# ---- comparing ------------------------------------------------------------------------------------------------------


def explain(setting, layer, scales, method):
    """The record and the map that the command makes."""
    path = setting.folder / "method.npy"
    path.unlink(missing_ok=True)
    base = f"{setting.network.base}x{setting.network.base}"
    line = [setting.picture, "-m", setting.prepared.files["traced"], "--base", base, "-l", layer, "--method", method]
    line += ["--scales", ",".join(map(str, scales)), "-c", setting.prepared.classes[0], "--map", path]
    document = harness.explain(setting.cameras, line, setting.folder)
    record = document["maps"][0]
    if record["method"] != method:
        raise harness.Failure(f"method is {record['method']}")
    return record, numpy.load(path)


def compare(found, expected):
    difference = float(numpy.abs(found - expected).max())
    if found.shape != expected.shape or not difference <= MAP_TOLERANCE:
        raise harness.Failure(f"map of {found.shape} differs by {difference:.7f} at the most")
    return f"{difference:.7f}"


class Setting:
    """One network with its picture, ready for both sides."""

    def __init__(self, network, arguments):
        self.network = network
        self.cameras = arguments.cameras
        self.folder = arguments.work
        self.prepared = networks.prepare(network, arguments.work)
        self.picture = networks.save_picture(arguments.work / "picture.png", network.base, network.base)
        self.base = reference.load(self.picture)

    def factors(self, layer, scales):
        size = [reference.scaled_size(self.base, side) for side in scales]
        copies = [reference.resize(self.base, one, "bicubic") for one in size]
        return [factors(self.prepared.module, layer, copy, self.prepared.classes[0]) for copy in copies]


def check_method(setting, layer, scales, known, method):
    size = setting.base.shape[2:]
    raw = sum(own_map(method, a, w, size) for a, w in known) / len(known)
    record, found = explain(setting, layer, scales, method)
    if len(record["scales"]) != len(scales):
        raise harness.Failure(f"{len(record['scales'])} scales")
    return compare(found, stretch(raw))


def check_centre(setting, layer, scales):
    side = setting.network.base
    away = (numpy.arange(side) + 0.5 - side / 2) / (side / 4)
    bell = numpy.exp(-(away**2) / 2)
    record, found = explain(setting, layer, scales, "centre")
    if record["scales"]:
        raise harness.Failure("a control has scales")
    return compare(found, stretch(torch.from_numpy(numpy.outer(bell, bell))))


def check_network(tally, setting):
    several = setting.network.scales
    for layer in LAYERS[setting.network.name]:
        for scales in ((several[0],), several):
            known = setting.factors(layer, scales)
            for method in METHODS:
                name = f"{setting.network.name} {layer} {method}, {len(scales)} scales"
                tally.attempt(name, lambda l=layer, m=method, k=known, s=scales: check_method(setting, l, s, k, m))
    first = LAYERS[setting.network.name][0]
    tally.attempt(f"{setting.network.name} centre", lambda: check_centre(setting, first, several))


def main():
    parser = argparse.ArgumentParser(description="Compare the methods with eager PyTorch.")
    parser.add_argument("--cameras", type=pathlib.Path, required=True, help="the command")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for networks and maps")
    parser.add_argument("--only", choices=sorted(LAYERS), help="check this network alone")
    arguments = parser.parse_args()
    arguments.cameras, arguments.work = arguments.cameras.resolve(), arguments.work.resolve()
    arguments.work.mkdir(parents=True, exist_ok=True)
    networks.use_all_processors()
    tally = harness.Tally()
    for name in (arguments.only,) if arguments.only else LAYERS:
        check_network(tally, Setting(networks.select(name)[0], arguments))
    tally.finish()


if __name__ == "__main__":
    main()
