"""Whether a map depends on the model.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable, List, NamedTuple, Optional

from ._arguments import string
from ._functions import SANITY, lib
from ._handle import Borrowed, Owner
from ._watch import Watch
from .image import Image
from .map import Map


class SanityStage(NamedTuple):
    """What became of the map when the layers down to this one had been drawn anew."""

    layer: str
    spearman: float
    ssim: float
    map: Map


@dataclass(frozen=True)
class Sanity:
    """What came of the sanity check."""

    passed: bool
    why: str  #: in a sentence
    stages: List[SanityStage]  #: of the cascade
    original: Map
    unlikely: Map  #: of the least likely other class
    adversarial_score: float  #: AUC(ascending) - AUC(descending) as the perturbation is applied by the map
    adversarial_chance: float  #: the same by a random order
    adversarial_spearman: float  #: of |perturbation| and map
    class_overlap: float  #: of the top 5 % of the maps of the class and of an unlikely class


def check_sanity(
    watch: Watch, model: Any, image: Image, stages: int, options: Owner, label_of: Callable[[int], Optional[str]]
) -> Sanity:
    pointer = watch.out(SANITY, lib.cameras_sanity_check, model, image._live, stages, options)
    made = Owner(pointer, lib.cameras_sanity_free)

    def borrowed(pointer: Any) -> Map:
        return Map._labelled(Borrowed(pointer, made), label_of)

    def stage(index: int) -> SanityStage:
        return SanityStage(
            string(lib.cameras_sanity_stage_layer(made, index)),
            float(lib.cameras_sanity_stage_spearman(made, index)),
            float(lib.cameras_sanity_stage_ssim(made, index)),
            borrowed(lib.cameras_sanity_stage_map(made, index)),
        )

    return Sanity(
        passed=lib.cameras_sanity_passed(made) == 1,
        why=string(lib.cameras_sanity_why(made)),
        stages=[stage(index) for index in range(lib.cameras_sanity_stage_count(made))],
        original=borrowed(lib.cameras_sanity_original(made)),
        unlikely=borrowed(lib.cameras_sanity_unlikely(made)),
        adversarial_score=float(lib.cameras_sanity_adversarial_score(made)),
        adversarial_chance=float(lib.cameras_sanity_adversarial_chance(made)),
        adversarial_spearman=float(lib.cameras_sanity_adversarial_spearman(made)),
        class_overlap=float(lib.cameras_sanity_class_overlap(made)),
    )
