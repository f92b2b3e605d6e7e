# SPDX-License-Identifier: MIT
"""CAMERAS computed eagerly in PyTorch, from the equations alone (CVPR 2021, equations 2 and 3, algorithm 1).

    A*_k = mean over accepted scales t of phi(A_k(I_t));  W*_k likewise of phi(d y_l / d A_k)
    map  = f(ReLU(sum_k W*_k A*_k))

phi is the bilinear resize to the base picture, f the stretch to [0, 1], y_l the logit of the class. Nothing is shared
with the library, nothing is made fast: whole accumulators, one scale at a time.
"""

import dataclasses
import typing

import numpy
import PIL.Image
import torch

MEAN = (0.485, 0.456, 0.406)
STD = (0.229, 0.224, 0.225)
GREY_MEAN = (0.449,)
GREY_STD = (0.226,)


@dataclasses.dataclass(frozen=True)
class Scale:
    """What the network said of one copy, and whether the copy counted."""

    width: int
    height: int
    top1: int
    top1_probability: float
    probability: float
    margin: float  # of the top-1 logit over the next: a small one makes top1 a matter of rounding
    used: bool


@dataclasses.dataclass(frozen=True)
class Explanation:
    """A map and what came with it; raw is the map before stretching."""

    map: numpy.ndarray
    raw: numpy.ndarray
    class_index: int
    logit: float
    probability: float
    scales: typing.List[Scale]


def normalisation(channels):
    """Mean and standard deviation, shaped for 1 x channels x height x width."""
    mean, std = (MEAN, STD) if channels == 3 else (GREY_MEAN, GREY_STD)
    return torch.tensor(mean).view(1, -1, 1, 1), torch.tensor(std).view(1, -1, 1, 1)


def normalise(pixels):
    """The base tensor, 1 x channels x height x width, of bytes height x width (x 3)."""
    planes = torch.from_numpy(numpy.atleast_3d(pixels).astype(numpy.float32) / 255).permute(2, 0, 1)[None]
    mean, std = normalisation(planes.shape[1])
    return (planes - mean) / std


def load(path):
    """The base tensor of a picture that already has the base's size."""
    return normalise(numpy.asarray(PIL.Image.open(path)))


def resize(tensor, size, kind):
    """Half-pixel centres, no antialiasing; size is (height, width), kind "bilinear" or "bicubic"."""
    return torch.nn.functional.interpolate(tensor, size=size, mode=kind, align_corners=False)


def scaled_size(base, side):
    """(height, width) of the copy whose shorter side is side."""
    height, width = base.shape[2:]
    shorter = min(height, width)
    return round(height * side / shorter), round(width * side / shorter)


def logits_of(output):
    """The first float tensor of rank 2 among a network's outputs."""
    if isinstance(output, torch.Tensor):
        output = (output,)
    elif isinstance(output, dict):
        output = output.values()
    for value in output:
        if isinstance(value, torch.Tensor) and value.dim() == 2 and value.is_floating_point():
            return value
    raise ValueError("the network returned no logits")


def run(module, layer, inputs):
    """Logits of inputs, and the layer's output as a leaf they depend on.

    The leaf takes the place of the layer's output, so that nothing before it is differentiated; the rest of the network
    gets a clone of it, which in-place operations may overwrite. Of several calls the last one's leaf stays.
    """
    leaves = []

    def replace(_module, _inputs, output):
        leaves.append(output.detach().clone().requires_grad_())
        return leaves[-1].clone()

    handle = module.get_submodule(layer).register_forward_hook(replace)
    try:
        logits = logits_of(module(inputs))
    finally:
        handle.remove()
    if not leaves:
        raise ValueError(f"layer {layer} was never called")
    return logits, leaves[-1]


def judge(module, base, side, kind):
    """Logits of the copy of base at the scale, without a gradient."""
    with torch.no_grad():
        return logits_of(module(resize(base, scaled_size(base, side), kind)))[0]


def describe(logits, size, class_index, used):
    """The record of a scale."""
    probabilities = logits.softmax(0)
    best = logits.topk(2)
    return Scale(
        width=size[1],
        height=size[0],
        top1=int(best.indices[0]),
        top1_probability=float(probabilities[best.indices[0]]),
        probability=float(probabilities[class_index]),
        margin=float(best.values[0] - best.values[1]),
        used=used,
    )


def explain(module, base, layer, scales, class_index=None, kind="bicubic", gate=None):
    """The map of a class, or of the base picture's top-1; gate None is on when no class is given."""
    with torch.no_grad():
        base_logits = logits_of(module(base))[0]
    base_top1 = int(base_logits.argmax())
    gate = class_index is None if gate is None else gate
    class_index = base_top1 if class_index is None else class_index
    activations, gradients, count, records = 0, 0, 0, []
    for side in scales:
        size = scaled_size(base, side)
        logits, leaf = run(module, layer, resize(base, size, kind))
        used = not gate or int(logits[0].argmax()) == base_top1
        records.append(describe(logits[0].detach(), size, class_index, used))
        if used:
            gradient = torch.autograd.grad(logits[0, class_index], leaf)[0]
            activations = activations + resize(leaf.detach(), base.shape[2:], "bilinear")
            gradients = gradients + resize(gradient, base.shape[2:], "bilinear")
            count += 1
    raw = torch.relu((gradients / count * (activations / count)).sum(1))[0]
    stretched = (raw - raw.min()) / (raw.max() - raw.min())
    return Explanation(
        map=stretched.numpy(),
        raw=raw.numpy(),
        class_index=class_index,
        logit=float(base_logits[class_index]),
        probability=float(base_logits.softmax(0)[class_index]),
        scales=records,
    )
