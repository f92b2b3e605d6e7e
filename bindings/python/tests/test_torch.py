"""Models straight from PyTorch, in one process with it. SPDX-License-Identifier: MIT"""

import os
import subprocess
import sys

import numpy
import pytest
from conftest import DEMO, SCENE

import cameras

torch = pytest.importorskip("torch", reason="PyTorch is not there")


class Net(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.first = torch.nn.Conv2d(3, 8, 5, stride=4)
        self.norm = torch.nn.BatchNorm2d(8)
        self.second = torch.nn.Conv2d(8, 12, 3, stride=2)
        self.drop = torch.nn.Dropout(0.5)
        self.last = torch.nn.Linear(12, 5)

    def forward(self, x):
        x = torch.relu(self.norm(self.first(x)))
        x = torch.relu(self.second(x))
        return self.last(self.drop(x.mean((2, 3))))


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(5)
    made = Net()
    made.norm.running_mean.uniform_(-0.2, 0.2)
    return made.eval()


EXAMPLE = torch.zeros(1, 3, 224, 224)


def eager_gradcam(net, pixels, index):
    """Grad-CAM from its paper, on a hook; the preprocessing of ImageNet."""
    mean, std = (torch.tensor(v).view(3, 1, 1) for v in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
    shown = ((torch.from_numpy(pixels).permute(2, 0, 1) / 255 - mean) / std)[None]
    kept = {}
    hook = net.second.register_forward_hook(lambda module, given, made: kept.update(a=made))
    logits = net(shown)
    hook.remove()
    gradient = torch.autograd.grad(logits[0, index], kept["a"])[0]
    raw = torch.relu((gradient.mean((2, 3), keepdim=True) * kept["a"]).sum(1, keepdim=True))
    large = torch.nn.functional.interpolate(raw, (224, 224), mode="bilinear", align_corners=False)[0, 0].detach()
    return large.numpy(), logits[0].detach().numpy()


def test_gradcam_of_a_torch_module_is_that_of_eager_pytorch(net):
    pixels = numpy.random.default_rng(2).integers(0, 256, (224, 224, 3)).astype(numpy.uint8)
    pixels[50:120, 80:200] = (250, 30, 60)
    model = cameras.from_torch(net, EXAMPLE, labels=list("abcde"))
    compared = 0
    for index in range(5):
        raw, logits = eager_gradcam(net, pixels, index)
        if raw.max() == raw.min():
            continue  # nothing speaks for the class
        expected = (raw - raw.min()) / (raw.max() - raw.min())
        found = model.explain(pixels, classes="abcde"[index], layers="second", method="gradcam", scales=[224])
        assert abs(found.values - expected).max() < 1e-4 and abs(found.raw - raw).max() < 1e-4 * raw.max()
        assert found.logit == pytest.approx(logits[index], abs=1e-5)
        compared += 1
    assert compared >= 2


def test_the_module_stays_as_it_was(net):
    for training in (True, False):
        net.train(training)
        net.norm.eval()
        before = {name: value.clone() for name, value in net.state_dict().items()}
        modes = [part.training for part in net.modules()]
        model = cameras.from_torch(net, EXAMPLE)
        assert [part.training for part in net.modules()] == modes
        assert all((value == before[name]).all() for name, value in net.state_dict().items())
        assert all(value.requires_grad and value.grad is None for value in net.parameters())
        assert torch.is_grad_enabled() and not torch.is_inference_mode_enabled()
        first, again = (model.classify(SCENE).logits for _ in range(2))
        assert (first == again).all()  # no dropout
    net.eval()


def test_a_module_is_as_it_was_after_a_failure_too(net):
    net.train()
    with pytest.raises(RuntimeError):
        cameras.from_torch(net, torch.zeros(1, 4, 224, 224))
    assert all(part.training for part in net.modules())
    net.eval()
    with pytest.raises(TypeError, match="Module"):
        cameras.from_torch(lambda x: x, EXAMPLE)


def test_scripted_and_traced_modules_are_taken_as_they_are(net):
    pixels = numpy.zeros((224, 224, 3), numpy.uint8)
    logits = [
        cameras.from_torch(made, None).classify(pixels).logits
        for made in (torch.jit.script(net), torch.jit.trace(net, EXAMPLE))
    ]
    eager = eager_gradcam(net, pixels, 0)[1]
    assert all(abs(found - eager).max() < 1e-5 for found in logits)


BOTH = """
import sys
import {first}, {second}
import numpy, torch, cameras
model = cameras.Model(sys.argv[1])
before = model.explain(sys.argv[2], classes=7, scales=[224, 288], threads=1).values.copy()
x = torch.rand(1, 3, 64, 64, requires_grad=True)
torch.nn.Conv2d(3, 4, 3)(x).square().mean().backward()
assert x.grad.abs().max() > 0 and torch.is_grad_enabled()
traced = torch.jit.load(sys.argv[1])
assert traced(torch.rand(1, 3, 224, 224)).requires_grad
after = model.explain(sys.argv[2], classes=7, scales=[224, 288], threads=1).values
assert (before == after).all()
numpy.save(sys.argv[3], after)
print(cameras.libtorch_version(), torch.__version__.split("+")[0])
"""


@pytest.mark.parametrize("first, second", [("torch", "cameras"), ("cameras", "torch")])
def test_torch_and_the_library_share_a_process_in_any_order(tmp_path, house, first, second):
    program = BOTH.format(first=first, second=second)
    done = subprocess.run(
        [sys.executable, "-c", program, DEMO / "demo.pt", SCENE, tmp_path / "map.npy"],
        capture_output=True, text=True, timeout=120, env=dict(os.environ, OMP_NUM_THREADS="1"),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    ours, theirs = done.stdout.split()
    assert ours.startswith(theirs) or theirs.startswith(ours)
    assert abs(numpy.load(tmp_path / "map.npy") - house.values).max() < 1e-5


def test_without_torch_the_error_says_what_to_do():
    program = "import sys; sys.modules['torch'] = None; import cameras; cameras.from_torch(1, 2)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and "ImportError: cameras.from_torch needs PyTorch" in done.stderr
