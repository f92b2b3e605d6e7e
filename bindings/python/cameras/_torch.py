"""A model straight from PyTorch.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import importlib
import io
from typing import Any, Sequence, Union

from ._arguments import Path
from .model import Model


def from_torch(module: Any, example: Any, *, labels: Union[Path, Sequence[str], None] = None) -> Model:
    """A model from an eager torch.nn.Module, traced in memory; a scripted or traced one is taken as it is.

    Args:
        module: on the CPU. It is traced in evaluation mode, without gradients, and is afterwards as it was.
        example: a float tensor 1 x channels x height x width, as the network takes it. It only shows the network its
            input: the base size stays 224 x 224 until `Model.set_base_size` changes it.
        labels: as in `Model`.

    The model keeps the weights of this moment. ImportError: torch is not there. What tracing raises passes through.
    """
    try:
        torch: Any = importlib.import_module("torch")
    except ImportError as error:
        raise ImportError(
            "cameras.from_torch needs PyTorch (the module torch), which cannot be imported; install it, or open a "
            "TorchScript file with cameras.Model"
        ) from error
    if not isinstance(module, torch.nn.Module):
        raise TypeError(f"from_torch: a torch.nn.Module is needed, not {type(module).__name__}")
    training = [(part, part.training) for part in module.modules()]
    archive = io.BytesIO()
    try:
        module.eval()
        with torch.no_grad():
            traced = module if isinstance(module, torch.jit.ScriptModule) else torch.jit.trace(module, example)
            torch.jit.save(traced, archive)
    finally:
        for part, was in training:
            part.training = was
    return Model.from_bytes(archive.getbuffer(), labels=labels)
