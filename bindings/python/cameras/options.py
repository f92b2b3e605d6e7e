"""How to read a picture and how to explain it.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import dataclasses
from typing import Any, Callable, Iterable, Optional, Union

from . import _arguments as arguments
from ._functions import OPTIONS, lib
from ._handle import Owner
from ._watch import Progress, Watch
from .enums import (
    LEAST_LIKELY,
    Gate,
    Interpolation,
    MapSize,
    Masking,
    Method,
    Precision,
    Preset,
    Source,
    StepRule,
)

Class = Union[int, str]


@dataclasses.dataclass(frozen=True)
class Options:
    """Settings; None stands for the library's default. Every field is a keyword of `Model.explain` and its kin too.

    Options are plain values: they may be shared by threads, copied, and pickled where progress can be. What is out of
    its range is refused when the options are made, with InvalidArgument or LimitError; so is a wrong type, with
    TypeError.

    Args:
        preset: scales, interpolation and gate together: "reference" (default), "paper" or "fast".
        scales: for each scale the shorter side in pixels, 1 to MAX_SIDE; 1 to MAX_SCALES of them.
        interpolation: "bilinear" or "bicubic".
        gate: "auto" (default: on when no class is given), "on" or "off".
        method: "cameras" (default), "gradcam", "gradcam++", "hirescam", "layercam", "xgradcam", "normgrad", or a
            control: "random", "centre", "constant".
        seed: where chance begins, 0 to 2**64 - 1; default 0.
        source: what copies are resized from: "base" (default) or "original".
        map_size: "base" (default) or "image".
        classes: a class or several, each an index from 0 or a label of the model; default: the network's top-1.
        layers: a layer's path or several; default "auto".
        threads: for one call, 0 to MAX_THREADS; 0, the default: CAMERAS_NUM_THREADS or what the process may use.
        precision: "fp32" (default), "bf16" or "auto".
        memory_limit: the most working memory in bytes; 0, the default: no limit.
        keep_flat: deliver a map without contrast, all zeros, instead of raising FlatError.
        max_pixels: the largest picture to read; default DEFAULT_MAX_PIXELS.
        max_file_bytes: the largest picture file to read, 1 to MAX_FILE_BYTES, the default.
        max_scales: the most scales of a call, those of a preset included, 1 to MAX_SCALES, the default.
        max_classes: the most classes of a call, 1 to MAX_CLASSES, the default.
        masking: for scores, "pixels" (default) or "normalised".
        score_steps: of insertion and deletion, 1 to 4096; default 64.
        batch: images in one forward pass, 1 to 1024; default 16.
        sanity_threshold: the greatest |Spearman| of the last stages of the cascade, default 0.5.
        attack_target: the class to be reached; default: the least likely.
        attack_confidence: the probability at which the attack stops; default 0.99.
        attack_epsilon: the most that a pixel may change, in (0, 1]; default 12 / 255.
        attack_beta: the weight of the penalty; default 50.
        attack_steps: the most steps, 1 to 100000; default 300.
        attack_rule: "gradient" or "sign" (default).
        progress: called with the share of the work done, 0 to 1, in the calling thread or, by explain_many, in several,
            one at a time. Returning False (not merely None or 0) raises Cancelled in the caller; what it raises cancels
            and is raised in the caller.
    """

    preset: Union[Preset, str, None] = None
    scales: Optional[Iterable[int]] = None
    interpolation: Union[Interpolation, str, None] = None
    gate: Union[Gate, str, None] = None
    method: Union[Method, str, None] = None
    seed: Optional[int] = None
    source: Union[Source, str, None] = None
    map_size: Union[MapSize, str, None] = None
    classes: Union[Class, Iterable[Class], None] = None
    layers: Union[str, Iterable[str], None] = None
    threads: Optional[int] = None
    precision: Union[Precision, str, None] = None
    memory_limit: Optional[int] = None
    keep_flat: Optional[bool] = None
    max_pixels: Optional[int] = None
    max_file_bytes: Optional[int] = None
    max_scales: Optional[int] = None
    max_classes: Optional[int] = None
    masking: Union[Masking, str, None] = None
    score_steps: Optional[int] = None
    batch: Optional[int] = None
    sanity_threshold: Optional[float] = None
    attack_target: Optional[Class] = None
    attack_confidence: Optional[float] = None
    attack_epsilon: Optional[float] = None
    attack_beta: Optional[float] = None
    attack_steps: Optional[int] = None
    attack_rule: Union[StepRule, str, None] = None
    progress: Optional[Progress] = None

    def __post_init__(self) -> None:
        # What is iterated once only, or changes later, is copied.
        for name in ("scales", "classes", "layers"):
            value = getattr(self, name)
            if value is not None:
                object.__setattr__(self, name, tuple(arguments.several(value, name)))
        if self.progress is not None and not callable(self.progress):
            raise TypeError(f"progress: a callable is needed, not {type(self.progress).__name__}")
        self._build()

    @classmethod
    def _from(cls, options: Optional[Options], settings: "dict[str, Any]") -> Options:
        """What the caller gave, as options, as keywords, or as both: keywords then come first."""
        if options is None:
            return cls(**settings)
        if not isinstance(options, Options):
            raise TypeError(f"options: cameras.Options are needed, not {type(options).__name__}; settings are keywords")
        return options.replace(**settings)

    def replace(self, **changes: Any) -> Options:
        """A copy with some fields changed."""
        return dataclasses.replace(self, **changes) if changes else self

    @property
    def map_count(self) -> int:
        """How many maps these options ask for: layers times classes, each at least 1."""
        return int(lib.cameras_options_map_count(self._build()))

    def _build(self, index: Optional[Callable[[Any, str], int]] = None, watch: Optional[Watch] = None) -> Owner:
        """The library's options, anew for each call: they belong to one thread. index(class, what) numbers a class."""
        made = Owner(arguments.out(OPTIONS, lib.cameras_options_new), lib.cameras_options_free)
        if self.preset is not None:  # sets what the finer setters change
            lib.cameras_options_set_preset(made, Preset.of(self.preset))
        for name, kind in _CHOICES.items():
            if getattr(self, name) is not None:
                getattr(lib, "cameras_options_set_" + name)(made, kind.of(getattr(self, name)))
        for name in _SIZES:
            if getattr(self, name) is not None:
                getattr(lib, "cameras_options_set_" + name)(made, arguments.size(getattr(self, name), name))
        for name in _NUMBERS:
            if getattr(self, name) is not None:
                getattr(lib, "cameras_options_set_" + name)(made, arguments.number(getattr(self, name), name))
        self._build_lists(made, index or _unasked)
        if watch is not None:
            lib.cameras_options_set_progress(made, watch.callback, None)
        return made

    def _build_lists(self, made: Owner, index: Any) -> None:
        if self.seed is not None:
            lib.cameras_options_set_seed(made, arguments.size(self.seed, "seed", 2**64 - 1))
        if self.keep_flat is not None:
            lib.cameras_options_set_keep_flat(made, int(bool(self.keep_flat)))
        if self.scales is not None:
            lib.cameras_options_set_scales(made, *arguments.sizes(self.scales, "scales"))
        for given in self.classes if isinstance(self.classes, tuple) else ():
            lib.cameras_options_add_class(made, index(given, "classes"))
        for path in self.layers if isinstance(self.layers, tuple) else ():
            lib.cameras_options_add_layer(made, arguments.text(path, "layers"))
        if self.attack_target is not None:
            lib.cameras_options_set_attack_target(made, index(self.attack_target, "attack_target"))


_CHOICES = {
    "interpolation": Interpolation,
    "gate": Gate,
    "method": Method,
    "source": Source,
    "map_size": MapSize,
    "precision": Precision,
    "masking": Masking,
    "attack_rule": StepRule,
}
_SIZES = (
    "threads", "memory_limit", "max_pixels", "max_file_bytes", "max_scales", "max_classes", "score_steps", "batch",
    "attack_steps",
)
_NUMBERS = ("sanity_threshold", "attack_confidence", "attack_epsilon", "attack_beta")


def class_index(given: Any, what: str) -> int:
    """The index of a class that was not given as a label."""
    if what == "attack_target" and given == LEAST_LIKELY:
        return LEAST_LIKELY
    return arguments.size(given, what)


def _unasked(given: Any, what: str) -> int:
    """The same where there is no model to ask for a label: any number then serves to try the setters."""
    if isinstance(given, str):
        arguments.text(given, what)
        return 0
    return class_index(given, what)
