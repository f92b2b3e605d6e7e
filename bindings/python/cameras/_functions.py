"""Every function of cameras.h with its types, set in this one place; tests compare the table with the header.

A function that returns a status returns None here, or raises the exception for it.

SPDX-License-Identifier: MIT
"""

from __future__ import annotations

from ctypes import (
    CFUNCTYPE,
    POINTER,
    Structure,
    c_char_p,
    c_double,
    c_float,
    c_int,
    c_size_t,
    c_uint8,
    c_uint64,
    c_void_p,
)
from typing import Any, Dict, Tuple

from . import _library
from .errors import error_of


class cameras_model(Structure):
    """Opaque, as the others: a type of its own lets ctypes refuse one handle in another's place."""


class cameras_image(Structure):
    pass


class cameras_map(Structure):
    pass


class cameras_options(Structure):
    pass


class cameras_scores(Structure):
    pass


class cameras_sanity(Structure):
    pass


class cameras_attack(Structure):
    pass


STATUS = type("STATUS", (), {})  #: as a result: a cameras_status, which is checked

MODEL = POINTER(cameras_model)
IMAGE = POINTER(cameras_image)
MAP = POINTER(cameras_map)
OPTIONS = POINTER(cameras_options)
SCORES = POINTER(cameras_scores)
SANITY = POINTER(cameras_sanity)
ATTACK = POINTER(cameras_attack)

PROGRESS = CFUNCTYPE(c_int, c_double, c_void_p)
EXPLAINED = CFUNCTYPE(c_int, c_void_p, c_size_t, c_int, POINTER(MAP), c_size_t)
LOG = CFUNCTYPE(None, c_int, c_char_p, c_void_p)

ENUM = c_int
FLOATS = POINTER(c_float)
SIZES = POINTER(c_size_t)
STRINGS = POINTER(c_char_p)

FUNCTIONS: Dict[str, Tuple[Any, Tuple[Any, ...]]] = {
    "cameras_version": (c_char_p, ()),
    "cameras_libtorch_version": (c_char_p, ()),
    "cameras_status_text": (c_char_p, (ENUM,)),
    "cameras_last_error": (c_char_p, ()),
    "cameras_set_log": (STATUS, (LOG, c_void_p)),
    # options
    "cameras_options_new": (STATUS, (POINTER(OPTIONS),)),
    "cameras_options_free": (None, (OPTIONS,)),
    "cameras_options_set_preset": (STATUS, (OPTIONS, ENUM)),
    "cameras_options_set_scales": (STATUS, (OPTIONS, SIZES, c_size_t)),
    "cameras_options_set_interpolation": (STATUS, (OPTIONS, ENUM)),
    "cameras_options_set_gate": (STATUS, (OPTIONS, ENUM)),
    "cameras_options_set_method": (STATUS, (OPTIONS, ENUM)),
    "cameras_method_name": (c_char_p, (ENUM,)),
    "cameras_options_set_seed": (STATUS, (OPTIONS, c_uint64)),
    "cameras_options_set_source": (STATUS, (OPTIONS, ENUM)),
    "cameras_options_set_map_size": (STATUS, (OPTIONS, ENUM)),
    "cameras_options_add_class": (STATUS, (OPTIONS, c_size_t)),
    "cameras_options_add_layer": (STATUS, (OPTIONS, c_char_p)),
    "cameras_options_set_threads": (STATUS, (OPTIONS, c_size_t)),
    "cameras_options_set_precision": (STATUS, (OPTIONS, ENUM)),
    "cameras_options_set_memory_limit": (STATUS, (OPTIONS, c_size_t)),
    "cameras_options_set_keep_flat": (STATUS, (OPTIONS, c_int)),
    "cameras_options_set_max_pixels": (STATUS, (OPTIONS, c_size_t)),
    "cameras_options_set_max_file_bytes": (STATUS, (OPTIONS, c_size_t)),
    "cameras_options_set_max_scales": (STATUS, (OPTIONS, c_size_t)),
    "cameras_options_set_max_classes": (STATUS, (OPTIONS, c_size_t)),
    "cameras_options_set_progress": (STATUS, (OPTIONS, PROGRESS, c_void_p)),
    "cameras_options_map_count": (c_size_t, (OPTIONS,)),
    "cameras_options_set_masking": (STATUS, (OPTIONS, ENUM)),
    "cameras_options_set_score_steps": (STATUS, (OPTIONS, c_size_t)),
    "cameras_options_set_batch": (STATUS, (OPTIONS, c_size_t)),
    "cameras_options_set_sanity_threshold": (STATUS, (OPTIONS, c_double)),
    "cameras_options_set_attack_target": (STATUS, (OPTIONS, c_size_t)),
    "cameras_options_set_attack_confidence": (STATUS, (OPTIONS, c_double)),
    "cameras_options_set_attack_epsilon": (STATUS, (OPTIONS, c_double)),
    "cameras_options_set_attack_beta": (STATUS, (OPTIONS, c_double)),
    "cameras_options_set_attack_steps": (STATUS, (OPTIONS, c_size_t)),
    "cameras_options_set_attack_rule": (STATUS, (OPTIONS, ENUM)),
    # model
    "cameras_model_open": (STATUS, (POINTER(MODEL), c_char_p)),
    "cameras_model_open_memory": (STATUS, (POINTER(MODEL), c_void_p, c_size_t)),
    "cameras_model_close": (None, (MODEL,)),
    "cameras_model_layer_count": (c_size_t, (MODEL,)),
    "cameras_model_layer_path": (c_char_p, (MODEL, c_size_t)),
    "cameras_model_layer_type": (c_char_p, (MODEL, c_size_t)),
    "cameras_model_auto_layer": (STATUS, (STRINGS, MODEL)),
    "cameras_model_class_count": (STATUS, (SIZES, MODEL)),
    "cameras_model_channels": (c_size_t, (MODEL,)),
    "cameras_model_read_labels": (STATUS, (MODEL, c_char_p)),
    "cameras_model_set_labels": (STATUS, (MODEL, c_char_p, c_size_t)),
    "cameras_model_label": (c_char_p, (MODEL, c_size_t)),
    "cameras_model_find_class": (STATUS, (SIZES, MODEL, c_char_p)),
    "cameras_model_set_normalisation": (STATUS, (MODEL, FLOATS, FLOATS, c_size_t)),
    "cameras_model_set_channel_order": (STATUS, (MODEL, ENUM)),
    "cameras_model_set_base_size": (STATUS, (MODEL, c_size_t, c_size_t)),
    "cameras_model_set_base_side": (STATUS, (MODEL, c_size_t)),
    "cameras_model_randomise": (STATUS, (POINTER(MODEL), MODEL, STRINGS, c_size_t, c_uint64)),
    "cameras_model_parametrised_count": (c_size_t, (MODEL,)),
    "cameras_model_parametrised_path": (c_char_p, (MODEL, c_size_t)),
    # image
    "cameras_image_read": (STATUS, (POINTER(IMAGE), c_char_p, OPTIONS)),
    "cameras_image_read_memory": (STATUS, (POINTER(IMAGE), c_void_p, c_size_t, OPTIONS)),
    "cameras_image_new": (STATUS, (POINTER(IMAGE), c_void_p, c_size_t, c_size_t, c_size_t, ENUM)),
    "cameras_image_new_box": (STATUS, (POINTER(IMAGE),) + (c_size_t,) * 6),
    "cameras_image_free": (None, (IMAGE,)),
    "cameras_image_width": (c_size_t, (IMAGE,)),
    "cameras_image_height": (c_size_t, (IMAGE,)),
    "cameras_image_channels": (c_size_t, (IMAGE,)),
    "cameras_image_pixels": (STATUS, (POINTER(c_uint8), c_size_t, IMAGE)),
    "cameras_image_write": (STATUS, (IMAGE, c_char_p)),
    "cameras_image_sheet": (STATUS, (POINTER(IMAGE), POINTER(IMAGE), c_size_t, c_size_t, c_size_t)),
    "cameras_image_caption": (STATUS, (POINTER(IMAGE), IMAGE, c_char_p, c_size_t)),
    # classify and explain
    "cameras_classify": (STATUS, (FLOATS, FLOATS, c_size_t, MODEL, IMAGE, OPTIONS)),
    "cameras_explain": (STATUS, (POINTER(MAP), MODEL, IMAGE, OPTIONS)),
    "cameras_explain_several": (STATUS, (POINTER(MAP), c_size_t, MODEL, IMAGE, OPTIONS)),
    "cameras_explain_memory": (STATUS, (SIZES, MODEL, c_size_t, c_size_t, OPTIONS)),
    "cameras_explain_many": (STATUS, (SIZES, MODEL, POINTER(IMAGE), c_size_t, OPTIONS, EXPLAINED, c_void_p)),
    "cameras_explain_files": (STATUS, (SIZES, MODEL, STRINGS, c_size_t, OPTIONS, EXPLAINED, c_void_p)),
    # map
    "cameras_map_new": (STATUS, (POINTER(MAP), FLOATS, c_size_t, c_size_t)),
    "cameras_map_read": (STATUS, (POINTER(MAP), c_char_p)),
    "cameras_map_free": (None, (MAP,)),
    "cameras_map_width": (c_size_t, (MAP,)),
    "cameras_map_height": (c_size_t, (MAP,)),
    "cameras_map_values": (FLOATS, (MAP,)),
    "cameras_map_raw": (FLOATS, (MAP,)),
    "cameras_map_is_flat": (c_int, (MAP,)),
    "cameras_map_class": (c_size_t, (MAP,)),
    "cameras_map_logit": (c_float, (MAP,)),
    "cameras_map_probability": (c_float, (MAP,)),
    "cameras_map_layer": (c_char_p, (MAP,)),
    "cameras_map_method": (ENUM, (MAP,)),
    "cameras_map_source": (ENUM, (MAP,)),
    "cameras_map_precision": (ENUM, (MAP,)),
    "cameras_map_scale_count": (c_size_t, (MAP,)),
    "cameras_map_scale_width": (c_size_t, (MAP, c_size_t)),
    "cameras_map_scale_height": (c_size_t, (MAP, c_size_t)),
    "cameras_map_scale_top1": (c_size_t, (MAP, c_size_t)),
    "cameras_map_scale_top1_probability": (c_float, (MAP, c_size_t)),
    "cameras_map_scale_probability": (c_float, (MAP, c_size_t)),
    "cameras_map_scale_used": (c_int, (MAP, c_size_t)),
    "cameras_map_scale_reason": (c_char_p, (MAP, c_size_t)),
    "cameras_map_seconds": (c_double, (MAP, ENUM)),
    "cameras_map_write": (STATUS, (MAP, c_char_p)),
    # drawing and comparing
    "cameras_colormap_name": (c_char_p, (ENUM,)),
    "cameras_map_overlay": (STATUS, (POINTER(IMAGE), MAP, IMAGE, ENUM, c_float)),
    "cameras_map_difference": (STATUS, (POINTER(IMAGE), MAP, MAP)),
    "cameras_map_spearman": (STATUS, (POINTER(c_double), MAP, MAP)),
    "cameras_map_ssim": (STATUS, (POINTER(c_double), MAP, MAP)),
    "cameras_map_overlap": (STATUS, (POINTER(c_double), MAP, MAP, c_double)),
    # scores
    "cameras_score_name": (c_char_p, (ENUM,)),
    "cameras_score": (STATUS, (POINTER(SCORES), MODEL, IMAGE, MAP, IMAGE, OPTIONS)),
    "cameras_scores_free": (None, (SCORES,)),
    "cameras_scores_value": (c_double, (SCORES, ENUM)),
    "cameras_scores_class": (c_size_t, (SCORES,)),
    "cameras_scores_probability": (c_double, (SCORES,)),
    "cameras_grid_score": (STATUS, (POINTER(c_double), POINTER(IMAGE), MODEL, POINTER(IMAGE), SIZES, OPTIONS)),
    # sanity
    "cameras_sanity_check": (STATUS, (POINTER(SANITY), MODEL, IMAGE, c_size_t, OPTIONS)),
    "cameras_sanity_free": (None, (SANITY,)),
    "cameras_sanity_stage_count": (c_size_t, (SANITY,)),
    "cameras_sanity_stage_layer": (c_char_p, (SANITY, c_size_t)),
    "cameras_sanity_stage_spearman": (c_double, (SANITY, c_size_t)),
    "cameras_sanity_stage_ssim": (c_double, (SANITY, c_size_t)),
    "cameras_sanity_stage_map": (MAP, (SANITY, c_size_t)),
    "cameras_sanity_original": (MAP, (SANITY,)),
    "cameras_sanity_unlikely": (MAP, (SANITY,)),
    "cameras_sanity_adversarial_score": (c_double, (SANITY,)),
    "cameras_sanity_adversarial_chance": (c_double, (SANITY,)),
    "cameras_sanity_adversarial_spearman": (c_double, (SANITY,)),
    "cameras_sanity_class_overlap": (c_double, (SANITY,)),
    "cameras_sanity_passed": (c_int, (SANITY,)),
    "cameras_sanity_why": (c_char_p, (SANITY,)),
    # attack
    "cameras_attack_run": (STATUS, (POINTER(ATTACK), MODEL, IMAGE, MAP, OPTIONS)),
    "cameras_attack_free": (None, (ATTACK,)),
    "cameras_attack_target": (c_size_t, (ATTACK,)),
    "cameras_attack_norm": (c_double, (ATTACK, ENUM, ENUM, ENUM)),
    "cameras_attack_succeeded": (c_int, (ATTACK, ENUM)),
    "cameras_attack_confidence": (c_double, (ATTACK, ENUM)),
    "cameras_attack_steps": (c_size_t, (ATTACK, ENUM)),
    "cameras_attack_reduction": (c_double, (ATTACK,)),
    "cameras_attack_perturbation": (FLOATS, (ATTACK, ENUM)),
    "cameras_attack_width": (c_size_t, (ATTACK,)),
    "cameras_attack_height": (c_size_t, (ATTACK,)),
    "cameras_attack_channels": (c_size_t, (ATTACK,)),
    "cameras_attack_image": (STATUS, (POINTER(IMAGE), ATTACK, ENUM)),
    "cameras_attack_picture": (STATUS, (POINTER(IMAGE), ATTACK, ENUM)),
    "cameras_attack_write": (STATUS, (ATTACK, ENUM, c_char_p)),
}


def last_message() -> str:
    """The message of this thread's latest failed call."""
    return (lib.cameras_last_error() or b"").decode("utf-8", "backslashreplace")


def _check(status: int, function: Any, arguments: Any) -> None:
    if status != 0:
        raise error_of(status, last_message())


def _bind() -> Any:
    library = _library.load()
    for name, (result, parameters) in FUNCTIONS.items():
        try:
            function = getattr(library, name)
        except AttributeError:
            raise ImportError(
                f"cameras: the library {library._name} has no {name}: it is older than this package; install both "
                "from one source"
            ) from None
        function.argtypes = parameters
        function.restype = c_int if result is STATUS else result
        if result is STATUS:
            function.errcheck = _check
    return library


lib: Any = _bind()
