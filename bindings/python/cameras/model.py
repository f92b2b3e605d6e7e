"""Networks, and what can be asked of them.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

import ctypes
from typing import Any, Callable, Iterable, List, NamedTuple, Optional, Sequence, Tuple, Union

import numpy

from . import _arguments as arguments
from . import _calls
from ._functions import FLOATS, IMAGE, MAP, MODEL, lib
from ._handle import Handle, Owner
from .attack import Attack, run_attack
from .enums import ChannelOrder
from .errors import Error
from .image import Image, each_picture
from .map import Map
from .options import Class, Options, class_index
from .sanity import Sanity, check_sanity
from .scores import Grid, Scores, score_grid, score_map


class Layer(NamedTuple):
    """A layer that may be named."""

    path: str  #: such as "layer4.1.conv2"
    type: str  #: such as "Conv2d"


class Classification(NamedTuple):
    """What the network says to the base image."""

    logits: "numpy.ndarray[Any, Any]"  #: float32, one a class
    probabilities: "numpy.ndarray[Any, Any]"  #: float32, the softmax of the logits

    def top(self, count: int = 5) -> List[Tuple[int, float]]:
        """The classes of the greatest probabilities, greatest first, each with its own."""
        order = numpy.argsort(-self.logits, kind="stable")[: arguments.size(count, "count")]
        return [(int(index), float(self.probabilities[index])) for index in order]


class Model(Handle):
    """A TorchScript image classifier: one float tensor 1 x channels x height x width to logits 1 x classes.

    Threads may explain with one model at once, and get the same maps as one after the other. What changes the model
    (read_labels, set_...) must not run beside anything else that uses it. A TorchScript file is a program: open only
    such files as you would run. Classes are given by index or by label, whatever its case.
    """

    _instead = "open its file in each process"

    def __init__(self, path: arguments.Path, *, labels: Union[arguments.Path, Sequence[str], None] = None) -> None:
        """Opens the archive (torch.jit.save) at a path, in evaluation mode on the CPU.

        Args:
            path: of the archive.
            labels: a text file's path, a class name a line; or a list of names.

        FileError: it cannot be read. FormatError: it is not TorchScript.
        """
        pointer = arguments.out(MODEL, lib.cameras_model_open, arguments.path(path))
        self._owner = Owner(pointer, lib.cameras_model_close)
        self._label(labels)

    @classmethod
    def from_bytes(cls, archive: Any, *, labels: Union[arguments.Path, Sequence[str], None] = None) -> Model:
        """The same from an archive in memory: bytes, or any buffer."""
        address, count, _alive = arguments.buffer(archive, "model")
        pointer = arguments.out(MODEL, lib.cameras_model_open_memory, address, count)
        made = cls._of(Owner(pointer, lib.cameras_model_close))
        made._label(labels)
        return made

    def _label(self, labels: Any) -> None:
        if labels is None:
            return
        if isinstance(labels, (list, tuple)):
            self.set_labels(labels)
        else:
            self.read_labels(labels)

    @property
    def layers(self) -> List[Layer]:
        """The layers that may be named, in the order of the module tree."""
        owner = self._live
        return [
            Layer(
                arguments.string(lib.cameras_model_layer_path(owner, i)),
                arguments.string(lib.cameras_model_layer_type(owner, i)),
            )
            for i in range(lib.cameras_model_layer_count(owner))
        ]

    @property
    def auto_layer(self) -> str:
        """The path of the layer that "auto" stands for. Runs the network once."""
        return arguments.string(arguments.out(ctypes.c_char_p, lib.cameras_model_auto_layer, self._live))

    @property
    def parametrised_layers(self) -> List[str]:
        """Paths of the layers with parameters of their own, the last to be called first."""
        owner = self._live
        count = lib.cameras_model_parametrised_count(owner)
        return [arguments.string(lib.cameras_model_parametrised_path(owner, i)) for i in range(count)]

    @property
    def class_count(self) -> int:
        """How many classes the network tells apart. Runs the network once, then remembers."""
        return int(arguments.out(ctypes.c_size_t, lib.cameras_model_class_count, self._live))

    @property
    def channels(self) -> int:
        """How many channels the network takes."""
        return int(lib.cameras_model_channels(self._live))

    def read_labels(self, path: arguments.Path) -> None:
        """Reads class names from a text file, a line each, the first for class 0. On failure earlier labels stay."""
        lib.cameras_model_read_labels(self._live, arguments.path(path))

    def set_labels(self, labels: Iterable[str]) -> None:
        """Sets class names, the first for class 0. ValueError: a name with a line break in it."""
        if isinstance(labels, (str, bytes)):
            raise TypeError("labels: a list of names is needed; read_labels reads a file")
        lines = [arguments.text(label, "labels") for label in labels]
        for line in lines:
            if b"\n" in line or b"\r" in line:
                raise ValueError(f"labels: {line!r} holds a line break")
        joined = b"".join(line + b"\n" for line in lines)
        lib.cameras_model_set_labels(self._live, joined, len(joined))

    def label(self, index: int) -> Optional[str]:
        """The name of a class, or None where none is known."""
        found = lib.cameras_model_label(self._live, arguments.size(index, "index"))
        return None if found is None else arguments.string(found)

    def find_class(self, text: str) -> int:
        """The class that a person means: an index in decimal, or a label. ClassError: none, or several."""
        encoded = arguments.text(text, "class")
        return int(arguments.out(ctypes.c_size_t, lib.cameras_model_find_class, self._live, encoded))

    def set_normalisation(self, mean: Sequence[float], std: Sequence[float]) -> None:
        """(x - mean) / std of values in [0, 1], one pair a channel; the default is ImageNet's."""
        means, stds = ([arguments.number(value, "normalisation") for value in values] for values in (mean, std))
        if len(means) != len(stds):
            raise ValueError(
                f"normalisation: {len(means)} means and {len(stds)} deviations; give one of each a channel"
            )
        kind = ctypes.c_float * len(means)
        lib.cameras_model_set_normalisation(self._live, kind(*means), kind(*stds), len(means))

    def set_channel_order(self, order: Union[ChannelOrder, str]) -> None:
        """The order of the colour channels that the network was trained on: "rgb" (default) or "bgr"."""
        lib.cameras_model_set_channel_order(self._live, ChannelOrder.of(order))

    def set_base_size(self, width: int, height: int) -> None:
        """Every picture is brought to exactly this size first, in pixels, 1 to MAX_SIDE; default 224 x 224."""
        lib.cameras_model_set_base_size(self._live, arguments.size(width, "width"), arguments.size(height, "height"))

    def set_base_side(self, side: int) -> None:
        """Every picture's shorter side is brought to this first, in pixels, 1 to MAX_SIDE, and its shape kept."""
        lib.cameras_model_set_base_side(self._live, arguments.size(side, "side"))

    def randomise(self, layers: Union[str, Iterable[str]], seed: int = 0) -> Model:
        """A copy in which the parameters of these layers (paths) are drawn anew. LayerError: no such layer."""
        paths = [arguments.text(path, "layers") for path in arguments.several(layers, "layers")]
        strings = (ctypes.c_char_p * len(paths))(*paths)
        drawn = arguments.size(seed, "seed", 2**64 - 1)
        pointer = arguments.out(MODEL, lib.cameras_model_randomise, self._live, strings, len(paths), drawn)
        return Model._of(Owner(pointer, lib.cameras_model_close))

    def classify(self, picture: Any, options: Optional[Options] = None, **settings: Any) -> Classification:
        """Shows the base image to the network; threads and interpolation are used of the options."""
        count = self.class_count
        found = Classification(numpy.empty(count, numpy.float32), numpy.empty(count, numpy.float32))
        logits, probabilities = (array.ctypes.data_as(FLOATS) for array in found)
        image = Image.of(picture)
        with self._asked(options, settings) as (watch, asked):
            watch.call(lib.cameras_classify, logits, probabilities, count, self._live, image._live, asked)
        return found

    def explain(self, picture: Any, options: Optional[Options] = None, **settings: Any) -> Map:
        """The map of one class at one layer.

        Args:
            picture: whatever `Image.of` takes: an `Image`, a path, an array or a PIL image.
            options, settings: `Options`, or its fields as keywords, or both, keywords first.

        Raises an `Error` of the status: LayerError, ClassError, FlatError, ScaleError, NumericError, ModelError,
        LimitError, Cancelled; InvalidArgument (a ValueError) too where several maps are asked for.
        """
        image = Image.of(picture)
        with self._asked(options, settings) as (watch, asked):
            pointer = watch.out(MAP, lib.cameras_explain, self._live, image._live, asked)
        return Map._take(pointer, self._label_of)

    def explain_several(self, picture: Any, options: Optional[Options] = None, **settings: Any) -> List[Map]:
        """The maps of several classes and layers from one pass over the scales; those of the first layer come first."""
        image = Image.of(picture)
        with self._asked(options, settings) as (watch, asked):
            count = lib.cameras_options_map_count(asked)
            pointers = (MAP * count)()
            watch.call(lib.cameras_explain_several, pointers, count, self._live, image._live, asked)
        return [Map._take(pointer, self._label_of) for pointer in pointers]

    def explain_memory(self, width: int, height: int, options: Optional[Options] = None, **settings: Any) -> int:
        """Estimates the working memory, in bytes, that `explain_several` takes on a picture of width x height."""
        sides = arguments.size(width, "width"), arguments.size(height, "height")
        with self._asked(options, settings) as (watch, asked):
            return int(watch.out(ctypes.c_size_t, lib.cameras_explain_memory, self._live, *sides, asked))

    def explain_many(
        self,
        pictures: Iterable[Any],
        options: Optional[Options] = None,
        *,
        each: Optional[Callable[[int, Union[List[Map], Error]], Any]] = None,
        **settings: Any,
    ) -> List[Union[List[Map], Error, None]]:
        """Explains many pictures, several at once, so that most are finished a second.

        Args:
            pictures: each whatever `Image.of` takes; all are held in memory. `explain_files` reads one at a time.
            each: called as each(index, maps) when a picture is finished, in whatever order they finish, from several
                threads, one call at a time. maps is a list as of `explain_several`, or the `Error` of a picture that
                failed; others go on. Returning False begins no further picture and raises Cancelled; what it raises
                does so too and is raised in the caller.

        Returns a list with, for each picture, its maps or its Error. With each, nothing is kept: a list of None.
        """
        images = [Image.of(picture)._live for picture in each_picture(pictures)]
        collector = _calls.Collector(len(images), each, self._label_of)
        with self._asked(options, settings) as (watch, asked):
            call = watch.explained(collector.take)
            array = arguments.pointers(IMAGE, images)
            watch.call(lib.cameras_explain_many, None, self._live, array, len(images), asked, call, None)
        return collector.results

    def explain_files(
        self,
        paths: Iterable[arguments.Path],
        options: Optional[Options] = None,
        *,
        each: Optional[Callable[[int, Union[List[Map], Error]], Any]] = None,
        **settings: Any,
    ) -> List[Union[List[Map], Error, None]]:
        """The same for picture files, each read when its turn comes and freed after it."""
        encoded = [arguments.path(path) for path in arguments.several(paths, "paths")]
        collector = _calls.Collector(len(encoded), each, self._label_of)
        with self._asked(options, settings) as (watch, asked):
            call = watch.explained(collector.take)
            array = (ctypes.c_char_p * len(encoded))(*encoded)
            watch.call(lib.cameras_explain_files, None, self._live, array, len(encoded), asked, call, None)
        return collector.results

    def score(
        self, picture: Any, saliency: Map, object: Any = None, options: Optional[Options] = None, **settings: Any
    ) -> Scores:
        """What a map of a picture is worth.

        Args:
            picture: that the map is of, as in `explain`.
            saliency: the map, of the base image's size or the picture's own.
            object: a picture of the picture's size, or a bool array, that is not black where the object is.
            options, settings: as in `explain`; the class is theirs, or the map's, or the top-1.
        """
        image, shown = Image.of(picture), None if object is None else Image.of(object)
        with self._asked(options, settings) as (watch, asked):
            return score_map(watch, self._live, image, saliency, shown, asked)

    def grid_score(
        self, pictures: Sequence[Any], classes: Sequence[Class], options: Optional[Options] = None, **settings: Any
    ) -> Grid:
        """The grid pointing game: four pictures of different classes, tiled 2 x 2, explained for each class."""
        images = [Image.of(picture) for picture in each_picture(pictures)]
        indices = [self._index(given, "classes") for given in classes]
        with self._asked(options, settings) as (watch, asked):
            return score_grid(watch, self._live, images, indices, asked)

    def sanity(self, picture: Any, stages: int = 0, options: Optional[Options] = None, **settings: Any) -> Sanity:
        """Whether a map depends on the model. stages limits how many maps the cascade makes; 0: one a layer."""
        image, most = Image.of(picture), arguments.size(stages, "stages")
        with self._asked(options, settings) as (watch, asked):
            return check_sanity(watch, self._live, image, most, asked, self._label_of)

    def attack(self, picture: Any, saliency: Map, options: Optional[Options] = None, **settings: Any) -> Attack:
        """The saliency-guided attack and the plain one beside it; the map has the base image's size."""
        image = Image.of(picture)
        with self._asked(options, settings) as (watch, asked):
            return run_attack(watch, self._live, image, saliency, asked)

    def _label_of(self, index: int) -> Optional[str]:
        """The same as `label`, for any index, SIZE_MAX among them, and None once the model is closed."""
        owner = self._owner
        found = lib.cameras_model_label(owner, index) if owner is not None else None
        return None if found is None else arguments.string(found)

    def _index(self, given: Any, what: str) -> int:
        return self.find_class(given) if isinstance(given, str) else class_index(given, what)

    def _asked(self, options: Optional[Options], settings: "dict[str, Any]") -> _calls.Asked:
        self._live
        return _calls.Asked(Options._from(options, settings), self._index)

    def __repr__(self) -> str:
        if self.closed:
            return "<cameras.Model closed>"
        return f"<cameras.Model of {lib.cameras_model_layer_count(self._live)} layers, {self.channels} channels>"
