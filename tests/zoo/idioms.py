# SPDX-License-Identifier: MIT
"""Small networks, each with one idiom of PyTorch code around the explained layer that a cut of its graph may get wrong.

A scripted network keeps its lists, dictionaries, attributes and in-place statements; a traced one keeps the in-place
operators. What such code does to a value is no edge of the data flow, so a head that follows data flow alone may miss
it. The networks are seeded and smooth (tanh, squares), so nothing but a defect tells their maps from the reference's.

Where an idiom gives one tensor two names, the reference's leaf would take the place of one name only. Such a network
has a plain twin of the same weights in which the second name is spelt out; the twin is what the reference explains.
"""

import copy
import dataclasses
import typing

import torch

import reference

CLASSES = 5
BASE = 64
SCALES = (64, 96)
SCRIPTED = ("scripted",)
BOTH = ("traced", "scripted")


def convolution(channels_in=8, channels_out=8):
    return torch.nn.Conv2d(channels_in, channels_out, 3, padding=1)


class Small(torch.nn.Module):
    """What the networks share: three convolutions, and logits from the mean over space."""

    def __init__(self, classes: int = CLASSES):
        super().__init__()
        self.first = convolution(3)
        self.second = convolution()
        self.third = convolution()
        self.head = torch.nn.Linear(8, classes)

    def start(self, x):
        return torch.tanh(self.first(x))

    def logits(self, maps):
        return self.head(maps.mean([2, 3]))


# ---- lists and dictionaries ----------------------------------------------------------------------------------------


class ListRead(Small):
    """Appended, then read by index from either end, while the layer's output is read directly too."""

    def forward(self, x):
        outs: typing.List[torch.Tensor] = []
        a = self.start(x)
        outs.append(a)
        b = self.second(a)
        outs.append(b)
        c = self.third(b)
        return self.logits(outs[-1] * outs[0] + c)


class ListReplaced(Small):
    """An element is replaced by something made of the layer's output."""

    def forward(self, x):
        a = self.start(x)
        fs = [a, torch.tanh(self.third(a))]
        b = self.second(a)
        fs[1] = b * b
        return self.logits(torch.stack(fs, 0).sum(0) ** 2 + torch.tanh(b))


class ListJoined(Small):
    """Appended and concatenated: nothing but the list carries the layer's output."""

    def forward(self, x):
        fs = [self.start(x)]
        fs.append(self.second(fs[0]))
        return self.logits(torch.cat(fs, 1)[:, 4:12] ** 2)


class ListExtended(Small):
    """A list grows by another and loses its first element."""

    def forward(self, x):
        fs = [self.start(x)]
        fs += [self.second(fs[0]), self.third(fs[0])]
        a = fs.pop(0)
        return self.logits(fs[0] * fs[1] + a)


class DictRead(Small):
    """The layer's output goes through a dictionary."""

    def forward(self, x):
        kept: typing.Dict[str, torch.Tensor] = {}
        kept["a"] = self.start(x)
        kept["b"] = self.second(kept["a"])
        return self.logits(kept["b"] * kept["a"] + torch.tanh(kept["b"]))


class DictReturned(Small):
    """The network's output is a dictionary that exists before the layer and is filled after it."""

    def forward(self, x):
        out: typing.Dict[str, torch.Tensor] = {}
        y = self.second(self.start(x))
        out["logits"] = self.logits(y * y)
        return out


# ---- in-place statements -------------------------------------------------------------------------------------------


class Multiplied(Small):
    """What the layer read is multiplied by a gate made of its output, and read again."""

    def forward(self, x):
        a = self.start(x)
        b = self.second(a)
        a.mul_(torch.sigmoid(b))
        return self.logits(self.third(a) ** 2 + b)


class Added(Small):
    """The layer's output reaches the logits only through an in-place sum."""

    def forward(self, x):
        a = self.start(x)
        a.add_(torch.tanh(self.second(a)))
        return self.logits(self.third(a) * a)


class FilledBuffer(Small):
    """A new tensor of zeros, filled slice by slice."""

    def forward(self, x):
        a = self.start(x)
        b = self.second(a)
        buffer = torch.zeros_like(a)
        buffer[:, :4] = b[:, :4]
        buffer[:, 4:] = a[:, 4:]
        return self.logits(buffer * buffer)


class Overwritten(Small):
    """Half the channels of what the layer read are overwritten."""

    def forward(self, x):
        a = self.start(x)
        b = self.second(a)
        a[:, :4] = torch.tanh(b[:, :4])
        return self.logits(self.third(a) ** 2 + b)


# ---- attributes ----------------------------------------------------------------------------------------------------


class KeptAttribute(Small):
    """The layer's output is kept in an attribute and read from there."""

    def __init__(self):
        super().__init__()
        self.last = torch.zeros(1)

    def forward(self, x):
        y = self.second(self.start(x))
        self.last = y
        return self.logits(self.last * self.last + y)


class Keeper(torch.nn.Module):
    """Keeps its output as an attribute."""

    def __init__(self):
        super().__init__()
        self.conv = convolution()
        self.last = torch.zeros(1)

    def forward(self, x):
        self.last = self.conv(x)
        return torch.tanh(self.last)


class KeptInside(Small):
    """A submodule keeps the layer's output, and the network around it reads it there."""

    def __init__(self):
        super().__init__()
        self.keeper = Keeper()

    def forward(self, x):
        y = self.keeper(self.start(x))
        return self.logits(self.keeper.last * self.keeper.last + self.third(y))


# ---- where autograd is off -----------------------------------------------------------------------------------------


class DetachedGate(Small):
    """A gate made of the layer's output counts as a constant."""

    def forward(self, x):
        y = self.second(self.start(x))
        return self.logits(y * torch.sigmoid(self.third(y)).detach())


class GateWithoutGradient(Small):
    """The same, by a block without gradients."""

    def forward(self, x):
        y = self.second(self.start(x))
        with torch.no_grad():
            gate = torch.sigmoid(self.third(y))
        return self.logits(y * gate)


class HeadWithoutGradient(Small):
    """All that follows the layer is without gradients: there is no map."""

    def forward(self, x):
        y = self.second(self.start(x))
        with torch.no_grad():
            z = self.logits(y * y)
        return z


# ---- layers whose output is their input ----------------------------------------------------------------------------


class InplaceLayer(Small):
    """The layer works in place: `a` and `b` are one tensor."""

    def __init__(self):
        super().__init__()
        self.act = torch.nn.ReLU(inplace=True)

    def forward(self, x):
        a = self.first(x)
        b = self.act(a)
        return self.logits(self.third(b) + a * a)


class InplaceLayerSpelt(InplaceLayer):
    """The plain twin."""

    def forward(self, x):
        b = self.act(self.first(x))
        return self.logits(self.third(b) + b * b)


class PassingLayer(Small):
    """In evaluation dropout hands on its input: changing `a` changes `b`, though not what was recorded of the layer."""

    def __init__(self):
        super().__init__()
        self.drop = torch.nn.Dropout(0.2)

    def forward(self, x):
        a = self.start(x)
        b = self.drop(a)
        c = torch.relu_(a)
        return self.logits((self.second(b) + c) ** 2)


class PassingLayerSpelt(PassingLayer):
    """The plain twin."""

    def forward(self, x):
        b = torch.relu(self.drop(self.start(x)))
        return self.logits((self.second(b) + b) ** 2)


# ---- arguments of forward ------------------------------------------------------------------------------------------


class DefaultFlag(Small):
    """A flag, off by default, would return something else."""

    def forward(self, x, features: bool = False):
        y = torch.tanh(self.second(self.start(x)))
        if features:
            return self.logits(y * 0)
        return self.logits(y)


class DefaultMask(Small):
    """An optional tensor that nobody gives."""

    def forward(self, x, mask: typing.Optional[torch.Tensor] = None):
        y = torch.tanh(self.second(self.start(x)))
        if mask is not None:
            y = y * mask
        return self.logits(y)


class DefaultNumber(Small):
    """Numbers whose defaults count."""

    def forward(self, x, power: int = 3, gain: float = 0.5):
        y = torch.tanh(self.second(self.start(x)))
        return self.logits(gain * y**power + y)


class SecondInput(Small):
    """Takes a second picture, which the command does not have."""

    def forward(self, x, other):
        return self.logits(torch.tanh(self.second(self.start(x) + self.start(other))))


# ---- number formats ------------------------------------------------------------------------------------------------


class Normed(Small):
    """Batch norm, and a buffer of the network's own, are converted with the weights."""

    def __init__(self):
        super().__init__()
        self.norm = torch.nn.BatchNorm2d(8)
        torch.nn.init.uniform_(self.norm.weight, 0.5, 1.5)
        torch.nn.init.normal_(self.norm.bias, 0, 0.3)
        torch.nn.init.normal_(self.norm.running_mean, 0, 0.3)
        torch.nn.init.uniform_(self.norm.running_var, 0.2, 0.5)
        self.register_buffer("shift", torch.rand(1, 8, 1, 1))

    def forward(self, x):
        return self.logits(torch.tanh(self.norm(self.second(self.start(x))) + self.shift))


# ---- calls ---------------------------------------------------------------------------------------------------------


class Joins(torch.nn.Module):
    """Takes a tensor or a list, as DenseNet's layers do: scripted, its methods are forward__0 and forward__1."""

    def __init__(self, channels: int):
        super().__init__()
        self.conv = convolution(channels)

    @torch.jit._overload_method  # noqa: F811
    def forward(self, x: typing.List[torch.Tensor]) -> torch.Tensor:  # noqa: F811
        pass

    @torch.jit._overload_method  # noqa: F811
    def forward(self, x: torch.Tensor) -> torch.Tensor:  # noqa: F811
        pass

    def forward(self, x):  # noqa: F811
        parts = [x] if isinstance(x, torch.Tensor) else x
        return torch.tanh(self.conv(torch.cat(parts, 1)))


class Overloaded(Small):
    """Calls two layers of overloaded forward, one with a list and one with a tensor."""

    def __init__(self):
        super().__init__()
        self.listed = Joins(16)
        self.single = Joins(8)

    def forward(self, x):
        a = self.start(x)
        b = self.listed([a, self.third(a)])
        return self.logits(self.single(b) * b)


class Residual(torch.nn.Module):
    """A convolution to whose output its input is added in place, as torchvision's blocks do."""

    def __init__(self):
        super().__init__()
        self.conv = convolution()

    def forward(self, x):
        out = self.conv(x)
        out += x
        return torch.tanh(out)


class ResidualBlock(Small):
    """What goes past the inner layer is read after it."""

    def __init__(self):
        super().__init__()
        self.block = Residual()

    def forward(self, x):
        y = self.block(self.start(x))
        return self.logits(self.second(y) * y)


class IdentityRead(Small):
    """The block is the layer, and what went into it is read by the head once more."""

    def __init__(self):
        super().__init__()
        self.block = Residual()

    def forward(self, x):
        a = self.start(x)
        y = self.block(a)
        return self.logits(self.third(y) * a + y)


class Parallel(Small):
    """Two branches, neither before the other."""

    def forward(self, x):
        a = self.start(x)
        return self.logits(torch.tanh(self.second(a)) * self.third(a))


# ---- nothing to explain --------------------------------------------------------------------------------------------


class NoClasses(Small):
    """A classifier of nothing."""

    def __init__(self):
        super().__init__(classes=0)

    def forward(self, x):
        return self.logits(self.second(self.start(x)) ** 2)


class Crop(torch.nn.Module):
    """Leaves nothing of a picture."""

    def forward(self, x):
        return x[:, :, :0]


class EmptyLayer(Small):
    """One layer has an output without rows."""

    def __init__(self):
        super().__init__()
        self.crop = Crop()

    def forward(self, x):
        y = self.start(x)
        return self.logits(y * y) + self.crop(y).sum()


# ---- the tables ----------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Idiom:
    """A network that is to be explained: its layers, a tuple of them for each call, and how it is saved."""

    name: str
    build: typing.Callable
    calls: tuple = (("second",),)
    kinds: tuple = SCRIPTED
    twin: typing.Optional[typing.Callable] = None  # what the reference explains in its place
    dtype: torch.dtype = torch.float32  # of the saved copy; the reference is converted back to float
    seed: int = 1
    words: tuple = ()  # where a refusal by a message of one of these will do as well


@dataclasses.dataclass(frozen=True)
class Refused:
    """A network or layer that is to be refused, by a message that holds one of the words."""

    name: str
    build: typing.Callable
    words: tuple
    layer: str = "second"
    kinds: tuple = SCRIPTED
    inputs: int = 1
    wanted: tuple = ("-c", "0")


IDIOMS = (
    Idiom("list_read", ListRead),
    Idiom("list_replaced", ListReplaced),
    Idiom("list_joined", ListJoined),
    Idiom("list_extended", ListExtended),
    Idiom("dict_read", DictRead),
    Idiom("dict_returned", DictReturned),
    Idiom("multiplied", Multiplied, kinds=BOTH),
    Idiom("added", Added, kinds=BOTH),
    Idiom("filled_buffer", FilledBuffer, kinds=BOTH),
    Idiom("overwritten", Overwritten, kinds=BOTH),
    Idiom("kept_attribute", KeptAttribute),
    Idiom("kept_inside", KeptInside, (("keeper.conv",), ("keeper",))),
    Idiom("detached_gate", DetachedGate, kinds=BOTH),
    Idiom("gate_without_gradient", GateWithoutGradient, words=("no_grad",)),
    Idiom("inplace_layer", InplaceLayer, (("act",),), BOTH, InplaceLayerSpelt),
    Idiom("passing_layer", PassingLayer, (("drop",),), BOTH, PassingLayerSpelt),
    Idiom("default_flag", DefaultFlag),
    Idiom("default_mask", DefaultMask),
    Idiom("default_number", DefaultNumber),
    Idiom("half", Normed, dtype=torch.float16),  # PyTorch cannot trace it: no convolution of halves on the CPU
    Idiom("double", Normed, kinds=BOTH, dtype=torch.float64),
    Idiom("bfloat16", Normed, kinds=BOTH, dtype=torch.bfloat16),
    Idiom("overloaded", Overloaded, (("listed",), ("single",), ("listed.conv",)), BOTH),
    Idiom("residual_block", ResidualBlock, (("block.conv",), ("block",), ("block", "block.conv")), BOTH),
    Idiom("identity_read", IdentityRead, (("block",), ("block.conv",)), BOTH),
    Idiom("parallel", Parallel, (("second", "third"), ("third", "second")), BOTH, seed=2),
)

REFUSED = (
    Refused("head_without_gradient", HeadWithoutGradient, ("differentia", "gradient", "no_grad")),
    Refused("second_input", SecondInput, ("other",), kinds=BOTH, inputs=2),
    Refused("no_classes", NoClasses, ("class",), kinds=BOTH),
    Refused("no_classes_top1", NoClasses, ("class",), kinds=BOTH, wanted=()),
    Refused("empty_layer", EmptyLayer, ("crop",), "crop", BOTH),
)


# ---- building ------------------------------------------------------------------------------------------------------


@dataclasses.dataclass(frozen=True)
class Prepared:
    """A network ready to be compared: what the reference explains, the class, and the saved copies by kind."""

    module: torch.nn.Module
    class_index: int
    files: dict


def save(module, path, kind, inputs=1):
    """Saves a copy, traced or scripted, in the module's own number format."""
    if kind == "scripted":
        torch.jit.script(module).save(str(path))
        return
    example = torch.zeros(1, 3, BASE, BASE, dtype=next(module.parameters()).dtype)
    torch.jit.trace(module, (example,) * inputs, check_trace=False).save(str(path))


def make(build, seed=1):
    """A network in evaluation mode, its weights seeded and frozen."""
    torch.manual_seed(seed)
    return build().eval().requires_grad_(False)


def scale_logits(module, base):
    """Gives the logits of base a standard deviation of 3."""
    factor = 3 / reference.logits_of(module(base)).std()
    module.head.weight.mul_(factor)
    module.head.bias.mul_(factor)


def spell_out(idiom, module, base):
    """The float module that the reference explains, of the same weights and the same logits."""
    if idiom.twin is None:
        return copy.deepcopy(module).float()
    twin = make(idiom.twin)
    twin.load_state_dict(module.state_dict())
    difference = (reference.logits_of(twin(base)) - reference.logits_of(module(base))).abs().max()
    if not difference < 1e-5:
        raise ValueError(f"the twin of {idiom.name} gives other logits: {float(difference)} apart")
    return twin


def share(module, base, layers, class_index):
    """The least share of a map's pixels above a tenth, among the layers."""
    maps = (reference.explain(module, base, layer, (BASE,), class_index).map for layer in layers)
    return min(float((one > 0.1).mean()) for one in maps)


def prepare(idiom, base, work):
    """Builds and saves a network; its class is the one whose maps show most."""
    module = make(idiom.build, idiom.seed)
    scale_logits(module, base)
    module.to(idiom.dtype)
    plain = spell_out(idiom, module, base)
    layers = {layer for call in idiom.calls for layer in call}
    class_index = max(range(CLASSES), key=lambda index: share(plain, base, layers, index))
    if share(plain, base, layers, class_index) < 0.15:
        raise ValueError(f"no class of {idiom.name} has a map at every layer: try another seed")
    files = {kind: work / f"{idiom.name}.{kind}.pt" for kind in idiom.kinds}
    for kind, path in files.items():
        save(module, path, kind)
    return Prepared(plain, class_index, files)
