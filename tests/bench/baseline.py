# SPDX-License-Identifier: MIT
"""The released procedure in eager PyTorch on the CPU: what one would run without this library.

    baseline.py MODEL PICTURE --layer layer4 --class 243 --threads 2 [--scales 224,324] [--map FILE]

Written from the equations (docs/method.md, column [R]): hooks on the layer; at each scale a forward
pass and a backward pass of the class logit through the whole network, whose parameters require
gradients as torchvision's do; activations and gradients resized to the base and summed, channels x
height x width each; then averaged, multiplied, summed over the channels, ReLU, stretched. A class
is given, so no scale is dropped.

A worker, as the C programs beside it (worker.h): each line of standard input is a turn, and a line
of JSON the answer.
"""

import argparse
import json
import sys
import time

import numpy
import PIL.Image
import torch

import networks

BASE = 224
MEAN = torch.tensor((0.485, 0.456, 0.406)).view(1, 3, 1, 1)
STD = torch.tensor((0.229, 0.224, 0.225)).view(1, 3, 1, 1)


def load_picture(path):
    """The normalised base tensor, 1 x 3 x 224 x 224."""
    picture = PIL.Image.open(path).convert("RGB")
    picture = picture.resize((BASE, BASE), PIL.Image.Resampling.BILINEAR)
    pixels = torch.from_numpy(numpy.asarray(picture, dtype=numpy.float32) / 255)
    return (pixels.permute(2, 0, 1)[None] - MEAN) / STD


def resize(tensor, side, kind):
    size = (side, side)
    return torch.nn.functional.interpolate(tensor, size=size, mode=kind, align_corners=False)


class Hooked:
    """A network with hooks that keep what a layer gave and the gradient that came back to it."""

    def __init__(self, module, layer):
        self.module = module
        self.activation = self.gradient = None
        part = module.get_submodule(layer)
        part.register_forward_hook(self._keep_activation)
        part.register_full_backward_hook(self._keep_gradient)

    def _keep_activation(self, _part, _inputs, output):
        self.activation = output.detach()

    def _keep_gradient(self, _part, _into, out_of):
        self.gradient = out_of[0].detach()

    def differentiate(self, inputs, class_index):
        """Runs forward, and backward from the class logit."""
        self.module.zero_grad()
        self.module(inputs)[0, class_index].backward()


def explain(hooked, base, scales, class_index):
    """The map, 224 x 224 in [0, 1]."""
    activations = gradients = 0
    for side in scales:
        hooked.differentiate(resize(base, side, "bicubic"), class_index)
        activations = activations + resize(hooked.activation, BASE, "bilinear")
        gradients = gradients + resize(hooked.gradient, BASE, "bilinear")
    product = (activations / len(scales)) * (gradients / len(scales))
    raw = product.sum(dim=1)[0].relu()
    return ((raw - raw.min()) / (raw.max() - raw.min())).numpy()


def peak_kib():
    """The most memory this process has held so far."""
    with open("/proc/self/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))


def answer(values):
    print(json.dumps(values), flush=True)


def numbers(text):
    return [int(part) for part in text.split(",")]


def main():
    parser = argparse.ArgumentParser(description="The released procedure in eager PyTorch, timed.")
    parser.add_argument("model")
    parser.add_argument("picture")
    parser.add_argument("--layer", required=True)
    parser.add_argument("--class", type=int, required=True, dest="class_index")
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--scales", type=numbers, default=list(range(224, 925, 100)))
    parser.add_argument("--map", help="write the map here, as .npy")
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    hooked = Hooked(networks.eager_resnet50(arguments.model), arguments.layer)
    base = load_picture(arguments.picture)
    answer({"ready": True})
    for _ in sys.stdin:
        start = time.monotonic()
        values = explain(hooked, base, arguments.scales, arguments.class_index)
        answer({"seconds": time.monotonic() - start, "peak_kib": peak_kib()})
        if arguments.map:
            numpy.save(arguments.map, values)


if __name__ == "__main__":
    main()
