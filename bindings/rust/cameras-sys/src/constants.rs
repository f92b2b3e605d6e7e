// SPDX-License-Identifier: MIT
//! The enumerations, as the unsigned integers that C compilers make of them, and the numbers of the header.
//!
//! Integers and not Rust enumerations: a later library may return a value that this crate does not know, and a Rust
//! enumeration of a value that it does not have is undefined behaviour.
use std::os::raw::c_uint;

pub type cameras_status = c_uint;
pub const CAMERAS_OK: cameras_status = 0;
pub const CAMERAS_EINVAL: cameras_status = 1;
pub const CAMERAS_ENOMEM: cameras_status = 2;
pub const CAMERAS_EIO: cameras_status = 3;
pub const CAMERAS_EFORMAT: cameras_status = 4;
pub const CAMERAS_ELIMIT: cameras_status = 5;
pub const CAMERAS_EMODEL: cameras_status = 6;
pub const CAMERAS_ELAYER: cameras_status = 7;
pub const CAMERAS_ECLASS: cameras_status = 8;
pub const CAMERAS_EFLAT: cameras_status = 9;
pub const CAMERAS_ESCALE: cameras_status = 10;
pub const CAMERAS_ENUMERIC: cameras_status = 11;
pub const CAMERAS_ECANCELLED: cameras_status = 12;
pub const CAMERAS_EINTERNAL: cameras_status = 13;

pub type cameras_log_kind = c_uint;
pub const CAMERAS_LOG_WARNING: cameras_log_kind = 0;
pub const CAMERAS_LOG_PRINT: cameras_log_kind = 1;

pub type cameras_preset = c_uint;
pub const CAMERAS_PRESET_REFERENCE: cameras_preset = 0;
pub const CAMERAS_PRESET_PAPER: cameras_preset = 1;
pub const CAMERAS_PRESET_FAST: cameras_preset = 2;

pub type cameras_interpolation = c_uint;
pub const CAMERAS_BILINEAR: cameras_interpolation = 0;
pub const CAMERAS_BICUBIC: cameras_interpolation = 1;

pub type cameras_gate = c_uint;
pub const CAMERAS_GATE_AUTO: cameras_gate = 0;
pub const CAMERAS_GATE_ON: cameras_gate = 1;
pub const CAMERAS_GATE_OFF: cameras_gate = 2;

pub type cameras_method = c_uint;
pub const CAMERAS_METHOD_CAMERAS: cameras_method = 0;
pub const CAMERAS_METHOD_GRADCAM: cameras_method = 1;
pub const CAMERAS_METHOD_GRADCAMPP: cameras_method = 2;
pub const CAMERAS_METHOD_HIRESCAM: cameras_method = 3;
pub const CAMERAS_METHOD_LAYERCAM: cameras_method = 4;
pub const CAMERAS_METHOD_XGRADCAM: cameras_method = 5;
pub const CAMERAS_METHOD_NORMGRAD: cameras_method = 6;
pub const CAMERAS_METHOD_RANDOM: cameras_method = 7;
pub const CAMERAS_METHOD_CENTRE: cameras_method = 8;
pub const CAMERAS_METHOD_CONSTANT: cameras_method = 9;

pub type cameras_source = c_uint;
pub const CAMERAS_SOURCE_BASE: cameras_source = 0;
pub const CAMERAS_SOURCE_ORIGINAL: cameras_source = 1;

pub type cameras_map_size = c_uint;
pub const CAMERAS_MAP_SIZE_BASE: cameras_map_size = 0;
pub const CAMERAS_MAP_SIZE_IMAGE: cameras_map_size = 1;

pub type cameras_precision = c_uint;
pub const CAMERAS_PRECISION_FP32: cameras_precision = 0;
pub const CAMERAS_PRECISION_BF16: cameras_precision = 1;
pub const CAMERAS_PRECISION_AUTO: cameras_precision = 2;

pub type cameras_channel_order = c_uint;
pub const CAMERAS_ORDER_RGB: cameras_channel_order = 0;
pub const CAMERAS_ORDER_BGR: cameras_channel_order = 1;

pub type cameras_pixel_format = c_uint;
pub const CAMERAS_GRAY8: cameras_pixel_format = 0;
pub const CAMERAS_RGB8: cameras_pixel_format = 1;
pub const CAMERAS_RGBA8: cameras_pixel_format = 2;
pub const CAMERAS_BGR8: cameras_pixel_format = 3;
pub const CAMERAS_GRAYF: cameras_pixel_format = 4;
pub const CAMERAS_RGBF: cameras_pixel_format = 5;

pub type cameras_stage = c_uint;
pub const CAMERAS_STAGE_TOTAL: cameras_stage = 0;
pub const CAMERAS_STAGE_TRUNK: cameras_stage = 1;
pub const CAMERAS_STAGE_HEAD: cameras_stage = 2;
pub const CAMERAS_STAGE_FUSE: cameras_stage = 3;
pub const CAMERAS_STAGE_PREPARE: cameras_stage = 4;

pub type cameras_colormap = c_uint;
pub const CAMERAS_VIRIDIS: cameras_colormap = 0;
pub const CAMERAS_INFERNO: cameras_colormap = 1;
pub const CAMERAS_MAGMA: cameras_colormap = 2;
pub const CAMERAS_JET: cameras_colormap = 3;
pub const CAMERAS_GRAY: cameras_colormap = 4;

pub type cameras_score_kind = c_uint;
pub const CAMERAS_SCORE_POSITIVE_MAP_DENSITY: cameras_score_kind = 0;
pub const CAMERAS_SCORE_NEGATIVE_MAP_DENSITY: cameras_score_kind = 1;
pub const CAMERAS_SCORE_INSERTION_AUC: cameras_score_kind = 2;
pub const CAMERAS_SCORE_DELETION_AUC: cameras_score_kind = 3;
pub const CAMERAS_SCORE_AVERAGE_DROP: cameras_score_kind = 4;
pub const CAMERAS_SCORE_INCREASE: cameras_score_kind = 5;
pub const CAMERAS_SCORE_AVERAGE_GAIN: cameras_score_kind = 6;
pub const CAMERAS_SCORE_ADCC: cameras_score_kind = 7;
pub const CAMERAS_SCORE_ROAD: cameras_score_kind = 8;
pub const CAMERAS_SCORE_POINTING_HIT: cameras_score_kind = 9;
pub const CAMERAS_SCORE_ENERGY: cameras_score_kind = 10;
pub const CAMERAS_SCORE_IOU: cameras_score_kind = 11;

pub type cameras_masking = c_uint;
pub const CAMERAS_MASKING_PIXELS: cameras_masking = 0;
pub const CAMERAS_MASKING_NORMALISED: cameras_masking = 1;

pub type cameras_step_rule = c_uint;
pub const CAMERAS_STEP_GRADIENT: cameras_step_rule = 0;
pub const CAMERAS_STEP_SIGN: cameras_step_rule = 1;

pub type cameras_attack_kind = c_uint;
pub const CAMERAS_ATTACK_GUIDED: cameras_attack_kind = 0;
pub const CAMERAS_ATTACK_PLAIN: cameras_attack_kind = 1;

pub type cameras_norm = c_uint;
pub const CAMERAS_NORM_L0: cameras_norm = 0;
pub const CAMERAS_NORM_L1: cameras_norm = 1;
pub const CAMERAS_NORM_L2: cameras_norm = 2;
pub const CAMERAS_NORM_LINF: cameras_norm = 3;

pub type cameras_part = c_uint;
pub const CAMERAS_PART_ALL: cameras_part = 0;
pub const CAMERAS_PART_INSIDE: cameras_part = 1;
pub const CAMERAS_PART_OUTSIDE: cameras_part = 2;

pub const CAMERAS_VERSION_MAJOR: usize = 0;
pub const CAMERAS_VERSION_MINOR: usize = 1;
pub const CAMERAS_VERSION_PATCH: usize = 0;
pub const CAMERAS_VERSION_STRING: &str = "0.1.0";
pub const CAMERAS_DEFAULT_MAX_PIXELS: usize = 100_000_000;
pub const CAMERAS_MAX_FILE_BYTES: usize = 4_294_967_295;
pub const CAMERAS_MAX_SIDE: usize = 8_192;
pub const CAMERAS_MAX_SCALES: usize = 64;
pub const CAMERAS_MAX_CLASSES: usize = 4_096;
pub const CAMERAS_MAX_LAYERS: usize = 64;
pub const CAMERAS_MAX_THREADS: usize = 1_024;
pub const CAMERAS_LEAST_LIKELY: usize = usize::MAX;
