# SPDX-License-Identifier: MIT
"""The zoo: networks with random weights, saved as TorchScript both traced and scripted.

Weights are random and seeded, for nothing is to be downloaded; yet a network that was merely initialised gives flat
maps, and maps that hang on the last bits of a float. So every network is conditioned once:

- batch norm gets random scales, its running statistics come from the zoo's picture under noise, and its offsets put the
  mean of each channel 3 to 4 standard deviations above zero. A ReLU whose argument is zero but for rounding changes the
  gradient by a jump, which may be a hundredth of a map; with a million of them behind a layer, some are at the brink
  unless most are well on one side. One in some hundreds still bends, so gradients vary over the picture;
- where there is no batch norm but ReLU (VGG, SqueezeNet), convolutions are rescaled and offset to the same end;
- near-ties of maximum pooling jump likewise: Inception's inner layers lie behind its last one, and VGG, whose last one
  is behind any layer, is explained at small scales, at which there are fewer;
- ConvNeXt's layer scale, 1e-6 by default, is raised: each block then counts;
- a last linear layer loses most of the mean of its logits over such pictures, and every last layer is scaled so that
  the logits of the zoo's picture have a standard deviation of 3: the top-1 then depends on the picture.

The class explained is the first after the top-1 for which every layer of the table has something to say: not the top-1,
so that taking one for the other shows; a second is kept for the call with several. check_networks.py measures how well
conditioned every case is.

    networks.py --work FOLDER [--only NAME]     builds what FOLDER lacks
"""

import argparse
import dataclasses
import hashlib
import json
import os
import pathlib
import typing

import numpy
import PIL.Image
import torch
import torchvision

import reference

KINDS = ("traced", "scripted")
SPECIAL_CLASSES = 10


# ---- the small networks, each with one peculiarity ----------------------------------------------------------------


def stage(channels_in, channels_out):
    """A convolution that halves the picture, batch norm and ReLU."""
    return torch.nn.Sequential(
        torch.nn.Conv2d(channels_in, channels_out, 3, stride=2, padding=1, bias=False),
        torch.nn.BatchNorm2d(channels_out),
        torch.nn.ReLU(inplace=True),
    )


class Plain(torch.nn.Module):
    """Three stages, a second convolution so that gradients vary over space, and a linear head."""

    def __init__(self, channels: int = 3):
        super().__init__()
        self.stem = stage(channels, 16)
        self.body = stage(16, 24)
        self.last = stage(24, 32)
        self.head = torch.nn.Linear(32, SPECIAL_CLASSES)

    def features(self, x):
        return self.last(self.body(self.stem(x)))

    def logits(self, x):
        return self.head(x.mean([2, 3]))

    def forward(self, x):
        return self.logits(self.features(x))


class ReturnsTuple(Plain):
    """Logits first, then something else of rank 2."""

    def forward(self, x):
        maps = self.features(x)
        return self.logits(maps), maps.mean([2, 3])


class ReturnsMapsFirst(Plain):
    """The logits are not the first output, but the first of rank 2."""

    def forward(self, x):
        maps = self.features(x)
        return maps, self.logits(maps)


class ReturnsDict(Plain):
    """Outputs by name, as torchvision's segmentation networks give them."""

    def forward(self, x) -> typing.Dict[str, torch.Tensor]:
        maps = self.features(x)
        return {"out": self.logits(maps), "maps": maps}


class Grey(Plain):
    """One channel in."""

    def __init__(self):
        super().__init__(channels=1)


class InplaceHead(Plain):
    """An in-place ReLU follows the layer `convolution` at once, and would overwrite what was recorded."""

    def __init__(self):
        super().__init__()
        self.convolution = torch.nn.Conv2d(24, 24, 3, padding=1)
        self.activation = torch.nn.ReLU(inplace=True)

    def features(self, x):
        return self.last(self.activation(self.convolution(self.body(self.stem(x)))))


class UsedTwice(Plain):
    """`block` runs twice; its second output is the one that counts."""

    def __init__(self):
        super().__init__()
        self.block = torch.nn.Sequential(torch.nn.Conv2d(24, 24, 3, padding=1), torch.nn.Tanh())

    def features(self, x):
        return self.last(self.block(self.block(self.body(self.stem(x)))))


class FixedHead(Plain):
    """A flatten of fixed length: the network takes 224 x 224 and nothing else."""

    def __init__(self):
        super().__init__()
        self.head = torch.nn.Linear(32 * 28 * 28, SPECIAL_CLASSES)

    def logits(self, x):
        return self.head(x.flatten(1))


class AppendsList(Plain):
    """Outputs are appended to a list that is joined later, as DenseNet does: the list carries them, not a return."""

    def __init__(self):
        super().__init__()
        self.left = torch.nn.Conv2d(16, 8, 3, padding=1)
        self.right = torch.nn.Conv2d(8, 8, 3, padding=1)
        self.body = stage(32, 24)

    def features(self, x):
        parts = [self.stem(x)]
        parts.append(self.left(parts[0]))
        parts.append(torch.tanh(self.right(parts[1])))
        return self.last(self.body(torch.cat(parts, 1)))


class LateMutation(Plain):
    """The shortcut past `layer` is used, then changed in place, then used again: the order matters."""

    def __init__(self):
        super().__init__()
        self.layer = torch.nn.Conv2d(16, 16, 3, padding=1)
        self.body = stage(16, 24)

    def features(self, x):
        x = self.stem(x)
        total = torch.tanh(0.2 * (self.layer(x) + x))
        x.mul_(0.5)
        return self.last(self.body(total + x))


class InsideIf(Plain):
    """`extra` is called inside an `if` that scripting keeps; `last`, after it, is an ordinary layer."""

    def __init__(self):
        super().__init__()
        self.extra = torch.nn.Conv2d(24, 24, 3, padding=1)

    def features(self, x):
        x = self.body(self.stem(x))
        if x.shape[2] > 4:
            x = self.extra(x)
        return self.last(x)


# ---- the networks of torchvision ----------------------------------------------------------------------------------


def resnet18():
    return torchvision.models.resnet18(weights=None)


def densenet121():
    return torchvision.models.densenet121(weights=None)


def mobilenet_v2():
    return torchvision.models.mobilenet_v2(weights=None)


def vgg16():
    """VGG-16 whose two hidden linear layers are 128 wide, not 4096: the real ones are half a gigabyte a copy."""
    network = torchvision.models.VGG(torchvision.models.vgg.make_layers(torchvision.models.vgg.cfgs["D"]))
    network.classifier = torch.nn.Sequential(
        torch.nn.Linear(512 * 7 * 7, 128),
        torch.nn.ReLU(True),
        torch.nn.Dropout(),
        torch.nn.Linear(128, 128),
        torch.nn.ReLU(True),
        torch.nn.Dropout(),
        torch.nn.Linear(128, 1000),
    )
    return network


def squeezenet1_1():
    return torchvision.models.squeezenet1_1(weights=None)


def inception_v3():
    return torchvision.models.inception_v3(weights=None, init_weights=False)


def efficientnet_b0():
    return torchvision.models.efficientnet_b0(weights=None)


def shufflenet_v2():
    return torchvision.models.shufflenet_v2_x1_0(weights=None)


def convnext_tiny():
    return torchvision.models.convnext_tiny(weights=None)


# ---- the table -----------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Network:
    """What is built, on which picture and scales it is explained, and at which layers."""

    name: str
    build: typing.Callable
    auto: tuple  # the path that "auto" should report, then others that carry the identical value
    layers: tuple  # inner layers to explain besides
    base: int = 224  # side of the base picture
    scales: tuple = (224, 288, 352)
    channels: int = 3
    seed: int = 1
    inside_if: tuple = ()  # inner layers that the scripted copy calls inside an `if` on one of its attributes


TORCHVISION = (
    Network("resnet18", resnet18, ("layer4", "layer4.1", "layer4.1.relu"), ("layer3.0.conv2", "layer2.1"), seed=4),
    Network(
        "densenet121",
        densenet121,
        ("features", "features.norm5"),
        ("features.denseblock3.denselayer12", "features.denseblock4.denselayer5.conv2"),
        seed=2,
    ),
    Network(
        "mobilenet_v2",
        mobilenet_v2,
        ("features", "features.18", "features.18.2"),
        ("features.14", "features.12.conv.1"),
        inside_if=("features.12.conv.1",),
    ),
    Network("vgg16", vgg16, ("features.29",), ("features.26",), scales=(96, 128, 160), seed=3),
    Network(
        "squeezenet1_1",
        squeezenet1_1,
        ("features", "features.12"),
        ("features.9.expand3x3", "features.11.squeeze"),
        seed=2,
    ),
    Network(
        "inception_v3",
        inception_v3,
        ("Mixed_7c",),
        ("Mixed_7b.branch3x3dbl_1", "Mixed_7b"),
        base=299,
        scales=(299, 363, 427),
    ),
    Network(
        "efficientnet_b0",
        efficientnet_b0,
        ("features", "features.8", "features.8.2"),
        ("features.5.1.block.2", "features.6.1.block"),
    ),
    Network(
        "shufflenet_v2",
        shufflenet_v2,
        ("conv5", "conv5.2"),
        ("stage3.3", "stage4.1.branch2"),
        inside_if=("stage4.1.branch2",),
    ),
    Network(
        "convnext_tiny",
        convnext_tiny,
        ("features", "features.7", "features.7.2"),
        ("features.5.3", "features.5.3.block.0"),
    ),
)

SPECIAL = (
    Network("returns_tuple", ReturnsTuple, ("last", "last.2"), ("body",)),
    Network("returns_maps_first", ReturnsMapsFirst, ("last", "last.2"), ("body",)),
    Network("returns_dict", ReturnsDict, ("last", "last.2"), ("body",)),
    Network("grey", Grey, ("last", "last.2"), ("body",), channels=1),
    Network("inplace_head", InplaceHead, ("last", "last.2"), ("convolution",)),
    Network("used_twice", UsedTwice, ("last", "last.2"), ("block", "block.0")),
    Network("fixed_head", FixedHead, ("last", "last.2"), ("body",), scales=(224,)),
    Network("appends_list", AppendsList, ("last", "last.2"), ("left", "right")),
    Network("late_mutation", LateMutation, ("last", "last.2"), ("layer",), seed=4),
    Network("inside_if", InsideIf, ("last", "last.2"), ("last",)),
)


# ---- the picture ---------------------------------------------------------------------------------------------------


def picture(width, height, channels=3):
    """Shapes with soft edges over a sloping ground, and a texture: bytes, height x width x 3, or height x width."""
    generator = numpy.random.default_rng(2021)
    y, x = numpy.mgrid[0:height, 0:width].astype(numpy.float64)
    x, y = x / width, y / height
    planes = []
    for channel in range(channels):
        plane = 0.25 + 0.3 * x * (channel + 1) / channels + 0.2 * y
        for _ in range(7):
            centre_x, centre_y, radius, level = generator.uniform((0.1, 0.1, 0.05, -0.6), (0.9, 0.9, 0.25, 0.6))
            distance = numpy.hypot(x - centre_x, y - centre_y)
            plane += level / (1 + numpy.exp((distance - radius) * 60))
        frequency, angle = generator.uniform((20, 0), (60, numpy.pi))
        plane += 0.08 * numpy.sin(frequency * (x * numpy.cos(angle) + y * numpy.sin(angle)) * 2)
        plane += generator.normal(0, 0.02, plane.shape)
        planes.append(plane)
    pixels = numpy.clip(numpy.stack(planes, axis=2) * 255, 0, 255).round().astype(numpy.uint8)
    return pixels if channels > 1 else pixels[:, :, 0]


def save_picture(path, width, height, channels=3):
    """Writes the picture as PNG and returns its path."""
    PIL.Image.fromarray(picture(width, height, channels)).save(path)
    return path


# ---- conditioning --------------------------------------------------------------------------------------------------


def variations(network):
    """The zoo's picture and the same upside down, each under noise of its own: a batch of two base tensors."""
    base = reference.normalise(picture(network.base, network.base, network.channels))
    coarse = torch.randn(2, network.channels, network.base // 8, network.base // 8)
    return torch.cat([base, base.flip(2)]) + 0.3 * reference.resize(coarse, base.shape[2:], "bilinear")


def randomise(module):
    """Scales and offsets that default to one and zero, made random so that folding them wrongly shows."""
    for part in module.modules():
        if isinstance(part, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(part.weight, 0.4, 0.75)  # so ReLU6's upper bend is as far as the lower
            part.bias.copy_(part.weight * (3 + torch.rand_like(part.bias)))
        if isinstance(part, torch.nn.LayerNorm):
            torch.nn.init.uniform_(part.weight, 0.7, 1.3)
            torch.nn.init.normal_(part.bias, 0, 0.1)
        if isinstance(part, torchvision.models.convnext.CNBlock):
            torch.nn.init.uniform_(part.layer_scale, 0.2, 0.4)


def offset(part, _inputs, output):
    """Forward hook: makes each channel's mean 3 to 4 standard deviations, of what the convolution sees now."""
    factor = 1 / output.std((0, 2, 3))
    shift = 3 + torch.rand_like(factor) - output.mean((0, 2, 3)) * factor
    part.weight.mul_(factor.view(-1, 1, 1, 1))
    part.bias.mul_(factor).add_(shift)
    return output * factor.view(-1, 1, 1) + shift.view(-1, 1, 1)


def offset_convolutions(module, network):
    """Does to the convolutions of a network without batch norm what randomise and calibrate do to batch norm."""
    parts = [part for part in module.features.modules() if isinstance(part, torch.nn.Conv2d)]
    handles = [part.register_forward_hook(offset) for part in parts]
    module(variations(network))
    for handle in handles:
        handle.remove()


def calibrate(module, norms, network):
    """Sets the running statistics of batch norm to their means at the first and the last scale."""
    for part in norms:
        part.reset_running_stats()
        part.momentum = None  # the cumulative mean
    module.train()
    for side in (network.scales[0], network.scales[-1]):
        module(reference.resize(variations(network), (side, side), "bicubic"))
    module.eval()
    for part in norms:
        part.momentum = 0.1


def scale_logits(module, network, base):
    """Centres and scales the last layer as told above; returns the logits of base."""
    last = [part for part in module.modules() if isinstance(part, (torch.nn.Linear, torch.nn.Conv2d))][-1]
    if isinstance(module, Plain):
        last = module.head
    if isinstance(last, torch.nn.Linear):
        last.bias.sub_(0.7 * reference.logits_of(module(variations(network))).mean(0))
    factor = 3 / reference.logits_of(module(base)).std()
    last.weight.mul_(factor)
    last.bias.mul_(factor)
    return reference.logits_of(module(base))


def has_map(module, network, base, index):
    """Whether the class has, at every layer of the table, a map that is neither flat nor nearly all zero."""
    for layer in network.auto[:1] + network.layers:
        explanation = reference.explain(module, base, layer, (network.base,), index)
        if not 0.15 < (explanation.map > 0.1).mean():
            return False
    return True


def choose_classes(module, network, base, logits):
    """The first two classes after the top-1 that have maps."""
    chosen = []
    for index in logits[0].argsort(descending=True)[1:].tolist():
        if has_map(module, network, base, index):
            chosen.append(index)
        if len(chosen) == 2:
            return chosen
    raise ValueError(f"too few classes of {network.name} have a map at every layer: try another seed")


def make(network):
    """Builds and conditions a network; returns it in evaluation mode, and the two classes to explain."""
    torch.manual_seed(network.seed)
    module = network.build()
    with torch.no_grad():
        randomise(module)
        norms = [part for part in module.modules() if isinstance(part, torch.nn.BatchNorm2d)]
        if norms:
            calibrate(module, norms, network)
        elif any(isinstance(part, torch.nn.ReLU) for part in module.modules()):
            offset_convolutions(module, network)
        module.eval().requires_grad_(False)
        base = reference.normalise(picture(network.base, network.base, network.channels))
        logits = scale_logits(module, network, base)
    return module, choose_classes(module, network, base, logits)


# ---- building and keeping ------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A network ready to be compared: the eager module, the classes to explain and the saved copies by kind."""

    network: Network
    module: torch.nn.Module
    classes: list
    files: dict


def make_stamp():
    """Changes with this file and with PyTorch: what was built under another stamp is built again."""
    text = pathlib.Path(__file__).read_bytes() + torch.__version__.encode() + torchvision.__version__.encode()
    return hashlib.sha256(text).hexdigest()


STAMP = make_stamp()


def save(module, network, classes, files, record):
    """Saves the traced copy, the scripted copy, and last the record that says both are whole."""
    example = torch.zeros(1, network.channels, network.base, network.base)
    torch.jit.trace(module, example, check_trace=False, strict=False).save(str(files["traced"]))
    torch.jit.script(module).save(str(files["scripted"]))
    record.write_text(json.dumps({"stamp": STAMP, "classes": classes}), encoding="utf-8")


def prepare(network, work):
    """Builds the network, or takes it from work where it was built before."""
    files = {kind: work / f"{network.name}.{kind}.pt" for kind in KINDS}
    record = work / f"{network.name}.json"
    kept = json.loads(record.read_text(encoding="utf-8")) if record.exists() else {}
    if kept.get("stamp") == STAMP:
        module = network.build()
        module.load_state_dict(torch.jit.load(str(files["scripted"])).state_dict())
        module.eval().requires_grad_(False)
        return Prepared(network, module, kept["classes"], files)
    record.unlink(missing_ok=True)
    module, classes = make(network)
    save(module, network, classes, files, record)
    return Prepared(network, module, classes, files)


def select(only=None):
    """All networks of the zoo, or those of the name given."""
    chosen = [network for network in TORCHVISION + SPECIAL if only in (None, network.name)]
    if not chosen:
        names = ", ".join(network.name for network in TORCHVISION + SPECIAL)
        raise SystemExit(f"no network {only} in the zoo: {names}")
    return chosen


def use_all_processors():
    """PyTorch of some distributions takes one thread by itself."""
    torch.set_num_threads(len(os.sched_getaffinity(0)))


def main():
    parser = argparse.ArgumentParser(description="Build the zoo's networks, traced and scripted.")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for the networks")
    parser.add_argument("--only", help="build this network alone")
    arguments = parser.parse_args()
    arguments.work.mkdir(parents=True, exist_ok=True)
    use_all_processors()
    for network in select(arguments.only):
        prepared = prepare(network, arguments.work)
        print(network.name, "classes", *prepared.classes, *(prepared.files[kind] for kind in KINDS))


if __name__ == "__main__":
    main()
