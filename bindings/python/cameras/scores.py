"""What a map is worth.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from typing import Any, Dict, List, NamedTuple, Tuple, Union

from . import _arguments as arguments
from ._functions import IMAGE, SCORES, lib
from ._handle import Owner
from ._watch import Watch
from .enums import ScoreKind
from .image import Image
from .map import Map


@dataclass(frozen=True)
class Scores:
    """The scores of a map; ``scores["insertion_auc"]`` gives one. NaN: it was not or cannot be measured."""

    values: Dict[ScoreKind, float]
    class_index: int  #: the class that was scored
    probability: float  #: of it, on the base image

    def __getitem__(self, kind: Union[ScoreKind, str]) -> float:
        return self.values[ScoreKind.of(kind)]


class Grid(NamedTuple):
    """What came of the grid pointing game."""

    shares: Tuple[float, ...]  #: of each map's sum, that which lies in its own cell; chance: 0.25
    picture: Image  #: the tiled picture


def score_map(watch: Watch, model: Any, image: Image, saliency: Any, object: Any, options: Owner) -> Scores:
    if not isinstance(saliency, Map):
        raise TypeError(f"score: a cameras.Map is needed, not {type(saliency).__name__}; Map(array) makes one")
    given = model, image._live, saliency._live, None if object is None else object._live, options
    made = Owner(watch.out(SCORES, lib.cameras_score, *given), lib.cameras_scores_free)
    return Scores(
        {kind: float(lib.cameras_scores_value(made, kind)) for kind in ScoreKind},
        int(lib.cameras_scores_class(made)),
        float(lib.cameras_scores_probability(made)),
    )


def score_grid(watch: Watch, model: Any, images: List[Image], classes: List[int], options: Owner) -> Grid:
    if len(images) != 4 or len(classes) != 4:
        raise ValueError(f"grid_score: four pictures and four classes are needed, not {len(images)} and {len(classes)}")
    owners = [image._live for image in images]
    shares, picture = (ctypes.c_double * 4)(), IMAGE()
    indices, _count = arguments.sizes(classes, "classes")
    pictures = arguments.pointers(IMAGE, owners)
    watch.call(lib.cameras_grid_score, shares, ctypes.byref(picture), model, pictures, indices, options)
    return Grid(tuple(shares), Image._of(Owner(picture, lib.cameras_image_free)))
