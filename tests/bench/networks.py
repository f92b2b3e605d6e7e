# SPDX-License-Identifier: MIT
"""The networks that are measured: eager copies, generated ones, and how much arithmetic they are.

    networks.py save resnet50|vgg16 FILE     traces torchvision's network, weights from a seed
    networks.py flops FILE LAYER SIDE...     JSON: a ResNet-50's flops up to the layer, by side

A flop is an addition or a multiplication; only convolutions and linear layers count, as in sgemm.
They are counted without computing anything, on tensors that have a shape and no values.
"""

import argparse
import json
import math

import torch
import torchvision

SEED = 0


def generate(name):
    """A network of torchvision with weights from a seed."""
    torch.manual_seed(SEED)
    return getattr(torchvision.models, name)(weights=None).eval()


def save(name, path):
    with torch.no_grad():
        torch.jit.trace(generate(name), torch.zeros(1, 3, 224, 224), check_trace=False).save(path)


def place_strides(module, in_first):
    """A stage's stride stands in the first convolution of its first block, or in the second."""
    for stage in (module.layer2, module.layer3, module.layer4):
        stage[0].conv1.stride = (2, 2) if in_first else (1, 1)
        stage[0].conv2.stride = (1, 1) if in_first else (2, 2)


def eager_resnet50(path):
    """An eager copy of a ResNet-50 in TorchScript: its weights, its strides as its logits ask."""
    script = torch.jit.load(path).eval()
    module = torchvision.models.resnet50(weights=None).eval()
    module.load_state_dict(script.state_dict())
    probe = torch.rand(1, 3, 96, 96, generator=torch.Generator().manual_seed(SEED))
    with torch.no_grad():
        expected = script(probe)
        for in_first in (False, True):
            place_strides(module, in_first)
            if torch.allclose(module(probe), expected, rtol=1e-3, atol=1e-3):
                return module
    raise ValueError(f"{path} is not torchvision's ResNet-50: other logits for the same weights")


class Reached(Exception):
    """The pass has come as far as the layer."""


def count_flops(module, layer, side):
    """The flops of one pass up to the layer; the module is on the device "meta"."""
    counts = []

    def count(part, _inputs, output):
        counts.append(2 * math.prod(part.weight.shape[1:]) * output.numel())

    def stop(_part, _inputs, _output):
        raise Reached

    kinds = (torch.nn.Conv2d, torch.nn.Linear)
    parts = [part for part in module.modules() if isinstance(part, kinds)]
    handles = [part.register_forward_hook(count) for part in parts]
    handles.append(module.get_submodule(layer).register_forward_hook(stop))
    try:
        module(torch.empty(1, 3, side, side, device="meta"))
    except Reached:
        return sum(counts)
    finally:
        for handle in handles:
            handle.remove()
    raise ValueError(f"layer {layer} was never called")


def print_flops(path, layer, sides):
    module = eager_resnet50(path).to("meta")
    print(json.dumps({side: count_flops(module, layer, side) for side in sides}))


def main():
    parser = argparse.ArgumentParser(description="Generate networks, or count their flops.")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verb = verbs.add_parser("save")
    verb.add_argument("name", choices=("resnet50", "vgg16"))
    verb.add_argument("path")
    verb = verbs.add_parser("flops")
    verb.add_argument("path")
    verb.add_argument("layer")
    verb.add_argument("sides", type=int, nargs="+")
    arguments = parser.parse_args()
    if arguments.verb == "save":
        save(arguments.name, arguments.path)
    else:
        print_flops(arguments.path, arguments.layer, arguments.sides)


if __name__ == "__main__":
    main()
