"""How much of an attack a map explains.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from typing import Any, Tuple, Union

import numpy

from . import _arguments as arguments
from ._functions import ATTACK, lib
from ._handle import Handle, Owner, view
from ._watch import Watch
from .enums import AttackKind, Norm, Part
from .image import Image, _made
from .map import Map

Kind = Union[AttackKind, str]


class Attack(Handle):
    """What came of the two attacks, "guided" by the map and "plain"; made by `Model.attack`."""

    _instead = "keep numpy.array(attack.perturbation(kind)), or write it with Attack.save"

    @property
    def target(self) -> int:
        """The class to be reached."""
        return int(lib.cameras_attack_target(self._live))

    @property
    def reduction(self) -> float:
        """1 - guided l2 / plain l2; NaN where either failed."""
        return float(lib.cameras_attack_reduction(self._live))

    @property
    def shape(self) -> Tuple[int, int, int]:
        """Channels, height and width of the perturbations."""
        owner = self._live
        return (
            int(lib.cameras_attack_channels(owner)),
            int(lib.cameras_attack_height(owner)),
            int(lib.cameras_attack_width(owner)),
        )

    def norm(self, kind: Kind, norm: Union[Norm, str], part: Union[Part, str] = Part.ALL) -> float:
        """A norm ("l0", "l1", "l2", "linf") of a perturbation in pixel units, [0, 1].

        part is where: "all", "inside" (the 20 % of pixels that are the greatest of the map) or "outside" them.
        """
        return float(lib.cameras_attack_norm(self._live, AttackKind.of(kind), Norm.of(norm), Part.of(part)))

    def succeeded(self, kind: Kind) -> bool:
        """Whether the attack reached its confidence."""
        return bool(lib.cameras_attack_succeeded(self._live, AttackKind.of(kind)))

    def confidence(self, kind: Kind) -> float:
        """The probability of the target at the attack's end."""
        return float(lib.cameras_attack_confidence(self._live, AttackKind.of(kind)))

    def steps(self, kind: Kind) -> int:
        """How many steps it took."""
        return int(lib.cameras_attack_steps(self._live, AttackKind.of(kind)))

    def perturbation(self, kind: Kind) -> "numpy.ndarray[Any, Any]":
        """Float32, channels x height x width at the base size, red first, in pixel units; read-only."""
        owner = self._live
        return view(lib.cameras_attack_perturbation(owner, AttackKind.of(kind)), self.shape, owner)

    def image(self, kind: Kind) -> Image:
        """The attacked base image."""
        return _made(lib.cameras_attack_image, self._live, AttackKind.of(kind))

    def picture(self, kind: Kind) -> Image:
        """The perturbation as a picture, grey where it is 0 and stretched to its greatest value."""
        return _made(lib.cameras_attack_picture, self._live, AttackKind.of(kind))

    def save(self, kind: Kind, path: arguments.Path) -> None:
        """Writes the perturbation as a .npy file. FileError."""
        lib.cameras_attack_write(self._live, AttackKind.of(kind), arguments.path(path))

    def __repr__(self) -> str:
        return "<cameras.Attack closed>" if self.closed else f"<cameras.Attack on class {self.target}>"


def run_attack(watch: Watch, model: Any, image: Image, saliency: Any, options: Owner) -> Attack:
    if not isinstance(saliency, Map):
        raise TypeError(f"attack: a cameras.Map is needed, not {type(saliency).__name__}; Map(array) makes one")
    pointer = watch.out(ATTACK, lib.cameras_attack_run, model, image._live, saliency._live, options)
    return Attack._of(Owner(pointer, lib.cameras_attack_free))
