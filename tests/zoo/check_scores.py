# SPDX-License-Identifier: MIT
"""Computes the scores of `cameras score` again, in eager PyTorch, from the maps that the command wrote.

    check_scores.py --cameras build/cameras --work build/zoo --shared ../shared

Only the map is taken from the command: base image, masking, curves and the imputation of ROAD are written here from the
formulas of docs/evaluation.md. ROAD is solved by SciPy directly where SciPy is there, else left out; its noise is drawn
otherwise here, which is why it has a tolerance of its own. The data is optional: without the folder the script skips.
"""

import argparse
import json
import pathlib

import numpy
import torch
import PIL.Image

import harness

TOLERANCE = 0.005
ROAD_TOLERANCE = 0.02  # another draw of the noise
MEAN = torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)
STD = torch.tensor([0.229, 0.224, 0.225]).view(3, 1, 1)
SIDE, BATCH = 224, 8
CASES = (
    ("cat_dog.png", ["--class", "243"], 16),
    ("n01580077_jay.JPEG", ["--masking", "normalised"], 16),
    ("n02410509_bison.JPEG", ["--method", "gradcam", "--scales", "224"], 7),
)


class Network:
    """The probability of one class."""

    def __init__(self, path):
        self.model = torch.jit.load(str(path)).eval()
        self.index = None

    def __call__(self, inputs):
        with torch.no_grad():
            logits = torch.cat([self.model(part) for part in torch.stack(inputs).split(BATCH)])
        if self.index is None:
            self.index = int(logits[0].argmax())
        return torch.softmax(logits.double(), 1)[:, self.index].numpy()


def base_image(path):
    """The picture squashed to 224 x 224, normalised; in floats, since 8 bits would round more than is tolerated."""
    bands = PIL.Image.open(path).convert("RGB").split()
    small = [numpy.asarray(band.convert("F").resize((SIDE, SIDE), PIL.Image.BILINEAR)) for band in bands]
    values = torch.from_numpy(numpy.stack(small)) / 255
    return (values - MEAN) / STD


def blurred(base):
    taps = torch.exp(-0.5 * (torch.arange(-5.0, 6.0) / 5.0) ** 2)
    kernel = torch.outer(taps, taps)
    kernel = (kernel / kernel.sum()).expand(3, 1, 11, 11)
    padded = torch.nn.functional.pad(base[None], (5, 5, 5, 5), mode="replicate")
    return torch.nn.functional.conv2d(padded, kernel, groups=3)[0]


def area(network, start, end, order, steps):
    """Under the curve as pixels in that order go from one image to another."""
    counts = [step * order.size // steps for step in range(steps + 1)]
    inputs = []
    for count in counts:
        image = start.clone().reshape(3, -1)
        image[:, order[:count]] = end.reshape(3, -1)[:, order[:count]]
        inputs.append(image.reshape(start.shape))
    return numpy.trapz(network(inputs), numpy.array(counts) / order.size)


def imputed(base, removed):
    """Each removed pixel the weighted mean of its neighbours, by a direct solver; with noise."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import spsolve

    number = numpy.full(removed.shape, -1)
    number[removed] = numpy.arange(removed.sum())
    rows, columns, weights = [], [], []
    right = numpy.zeros((int(removed.sum()), 3))
    values = base.numpy()
    for y, x in numpy.argwhere(removed):
        total = 0.0
        for dy in (-1, 0, 1):
            for dx in (-1, 0, 1):
                if (dy, dx) == (0, 0) or not (0 <= y + dy < SIDE and 0 <= x + dx < SIDE):
                    continue
                weight = 1 / 6 if dy == 0 or dx == 0 else 1 / 12
                total += weight
                if removed[y + dy, x + dx]:
                    rows.append(number[y, x])
                    columns.append(number[y + dy, x + dx])
                    weights.append(-weight)
                else:
                    right[number[y, x]] += weight * values[:, y + dy, x + dx]
        rows.append(number[y, x])
        columns.append(number[y, x])
        weights.append(total)
    solved = spsolve(coo_matrix((weights, (rows, columns))).tocsc(), right)
    filled = values.copy()
    filled[:, removed] = solved.T + 0.01 * numpy.random.default_rng(1).standard_normal(solved.T.shape)
    return torch.from_numpy(filled.astype(numpy.float32))


def road(network, base, order):
    differences = []
    for fifths in (1, 2, 3, 4):
        count = fifths * order.size // 5
        pair = []
        for chosen in (order[:count], order[order.size - count :]):
            removed = numpy.zeros(order.size, dtype=bool)
            removed[chosen] = True
            pair.append(imputed(base, removed.reshape(SIDE, SIDE)))
        most, least = network(pair)
        differences.append((least - most) / 2)
    return float(numpy.mean(differences))


def expected_scores(network, base, values, normalised, steps):
    black = torch.zeros(3, 1, 1) if normalised else -MEAN / STD
    shade = torch.from_numpy(values)
    whole, shown, hidden = network(
        [base, shade * (base - black) + black, (1 - shade) * (base - black) + black]
    )
    order = numpy.argsort(-values.reshape(-1), kind="stable")
    mean = float(values.astype(numpy.float64).mean())
    return {
        "probability": whole,
        "positive_map_density": shown / mean,
        "negative_map_density": hidden / (1 - mean),
        "average_drop": max(0.0, whole - shown) / whole,
        "increase": float(shown > whole),
        "average_gain": max(0.0, shown - whole) / (1 - whole),
        "insertion_auc": area(network, blurred(base), base, order, steps),
        "deletion_auc": area(network, base, torch.zeros_like(base), order, steps),
    }


def has_scipy():
    try:
        import scipy.sparse.linalg  # noqa: F401
    except ImportError:
        return False
    return True


def score(arguments, case, path):
    """The map that the command makes, and what it says of it."""
    name, options, steps = case
    picture = arguments.shared / "images" / name
    model = ["-m", arguments.shared / "models/resnet50.pt"]
    making = [option for option in options if option not in ("--masking", "normalised")]
    harness.explain(arguments.cameras, [picture, *model, *making, "--map", path], arguments.work)
    judging = [option for option in options if option not in ("--scales", "224")]
    line = ["score", picture, *model, "--map", path, *judging, "--scales", "224", "--steps", steps, "--json", "-q"]
    ran = harness.run([arguments.cameras, *line], arguments.work)
    if ran.status != 0:
        raise harness.Failure(f"exit {ran.status}: {ran.errors.strip()}")
    return json.loads(ran.output)


def check(arguments, case):
    name, options, steps = case
    path = arguments.work / "scored.npy"
    path.unlink(missing_ok=True)
    found = score(arguments, case, path)
    network = Network(arguments.shared / "models/resnet50.pt")
    network.index = 243 if "243" in options else None
    base, values = base_image(arguments.shared / "images" / name), numpy.load(path)
    expected = expected_scores(network, base, values, "normalised" in options, steps)
    if found["class"] != network.index:
        raise harness.Failure(f"class {found['class']} instead of {network.index}")
    worst = max(abs(found[key] - value) for key, value in expected.items())
    for key, value in expected.items():
        if not abs(found[key] - value) <= TOLERANCE * max(1.0, abs(value)):
            raise harness.Failure(f"{key} is {found[key]:.6f} instead of {value:.6f}")
    if case is not CASES[0]:
        return f"{worst:.6f}"  # ROAD takes a minute: once will do
    if not has_scipy():
        return f"{worst:.6f}, ROAD skipped without SciPy"
    order = numpy.argsort(-values.reshape(-1), kind="stable")
    wanted = road(network, base, order)
    if abs(found["road"] - wanted) > ROAD_TOLERANCE:
        raise harness.Failure(f"road is {found['road']:.6f} instead of {wanted:.6f}")
    return f"{worst:.6f}, road {abs(found['road'] - wanted):.6f}"


def main():
    parser = argparse.ArgumentParser(description="Compute the command's scores again in eager PyTorch.")
    parser.add_argument("--cameras", type=pathlib.Path, required=True, help="the command")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for maps")
    parser.add_argument("--shared", type=pathlib.Path, required=True, help="optional test data, such as ../shared")
    arguments = parser.parse_args()
    if not (arguments.shared / "models/resnet50.pt").is_file():
        harness.skip_all(f"scores: skipped, the optional test data in {arguments.shared} is not there")
    arguments.cameras, arguments.shared = arguments.cameras.resolve(), arguments.shared.resolve()
    arguments.work.mkdir(parents=True, exist_ok=True)
    arguments.work = arguments.work.resolve()
    tally = harness.Tally()
    for case in CASES:
        tally.attempt(f"scores resnet50 {case[0]} {' '.join(case[1])}", lambda case=case: check(arguments, case))
    tally.finish()


if __name__ == "__main__":
    main()
