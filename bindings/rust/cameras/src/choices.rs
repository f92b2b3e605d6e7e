// SPDX-License-Identifier: MIT
//! What can be chosen: the header's enumerations.
//!
//! Each is a number with constants and not a Rust enumeration, so that what a later library returns, or takes, needs no
//! new release of this crate and is never undefined behaviour. A number that the library does not know is refused by
//! the call that takes it.
use crate::text;
use cameras_sys as sys;

macro_rules! choices {
    ($(
        $(#[$about:meta])*
        pub struct $name:ident: $raw:ident { $($(#[$what:meta])* $constant:ident = $value:ident,)* }
    )*) => {$(
        $(#[$about])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub(crate) cameras_sys::$raw);

        impl $name {
            $($(#[$what])* pub const $constant: $name = $name(cameras_sys::$value);)*

            /// The value of this number in `cameras.h`, known to this crate or not.
            pub const fn from_raw(raw: u32) -> Self {
                $name(raw)
            }

            /// Its number in `cameras.h`.
            pub const fn raw(self) -> u32 {
                self.0
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                match *self {
                    $($name::$constant => f.write_str(stringify!($constant)),)*
                    _ => write!(f, concat!(stringify!($name), "({})"), self.0),
                }
            }
        }
    )*};
}
pub(crate) use choices;

choices! {
    /// A preset sets scales, interpolation and gate together. b stands for the shorter side of the base image, 224
    /// unless the model says otherwise.
    pub struct Preset: cameras_preset {
        /// As the released code: b, b + 100, ... b + 700; bicubic; gate auto. The default.
        REFERENCE = CAMERAS_PRESET_REFERENCE,
        /// As printed: b, b + 142, ... b + 852; bilinear; gate on.
        PAPER = CAMERAS_PRESET_PAPER,
        /// b, b + 200, b + 400; bicubic; gate auto: a fifth of the reference's arithmetic.
        FAST = CAMERAS_PRESET_FAST,
    }

    /// Interpolation of the enlarged copies: half-pixel centres, no antialiasing, borders repeated, as PyTorch's.
    pub struct Interpolation: cameras_interpolation {
        /// Bilinear.
        BILINEAR = CAMERAS_BILINEAR,
        /// Bicubic, a = -0.75. The default.
        BICUBIC = CAMERAS_BICUBIC,
    }

    /// Whether a scale counts only if the network's top-1 there is the base image's top-1.
    pub struct Gate: cameras_gate {
        /// On when no class is given, off when one is, as released. The default.
        AUTO = CAMERAS_GATE_AUTO,
        /// Always.
        ON = CAMERAS_GATE_ON,
        /// Never: every scale counts.
        OFF = CAMERAS_GATE_OFF,
    }

    /// How activations and gradients become a map; `cameras.h` has each formula and its source.
    pub struct Method: cameras_method {
        /// CAMERAS (Jalwana et al., CVPR 2021). The default.
        CAMERAS = CAMERAS_METHOD_CAMERAS,
        /// Grad-CAM (Selvaraju et al., ICCV 2017).
        GRADCAM = CAMERAS_METHOD_GRADCAM,
        /// Grad-CAM++ (Chattopadhay et al., WACV 2018).
        GRADCAMPP = CAMERAS_METHOD_GRADCAMPP,
        /// HiResCAM (Draelos and Carin, 2020).
        HIRESCAM = CAMERAS_METHOD_HIRESCAM,
        /// LayerCAM (Jiang et al., IEEE TIP 2021).
        LAYERCAM = CAMERAS_METHOD_LAYERCAM,
        /// XGrad-CAM (Fu et al., BMVC 2020).
        XGRADCAM = CAMERAS_METHOD_XGRADCAM,
        /// NormGrad (Rebuffi et al., CVPR 2020).
        NORMGRAD = CAMERAS_METHOD_NORMGRAD,
        /// A control: independent uniform values, by the seed and the class.
        RANDOM = CAMERAS_METHOD_RANDOM,
        /// A control: a Gaussian in the middle, its deviation a quarter of either side.
        CENTRE = CAMERAS_METHOD_CENTRE,
        /// A control: 0.5 everywhere; flat, and no failure.
        CONSTANT = CAMERAS_METHOD_CONSTANT,
    }

    /// What the copies are resized from.
    pub struct Source: cameras_source {
        /// The base image, as released. The default.
        BASE = CAMERAS_SOURCE_BASE,
        /// The picture's own pixels: real detail where the picture is larger than the base.
        ORIGINAL = CAMERAS_SOURCE_ORIGINAL,
    }

    /// The size of the maps.
    pub struct MapSize: cameras_map_size {
        /// The base image's, as in the paper. The default.
        BASE = CAMERAS_MAP_SIZE_BASE,
        /// The picture's own: the base map's raw values resized bilinearly, then stretched.
        IMAGE = CAMERAS_MAP_SIZE_IMAGE,
    }

    /// The arithmetic of the network up to the layer.
    pub struct Precision: cameras_precision {
        /// Single precision. The default.
        FP32 = CAMERAS_PRECISION_FP32,
        /// bfloat16; [`crate::Status::EINVAL`] when explaining on a processor without AVX-512 or native bf16.
        BF16 = CAMERAS_PRECISION_BF16,
        /// bfloat16 where the processor has it natively, otherwise single precision.
        AUTO = CAMERAS_PRECISION_AUTO,
    }

    /// The order of the colour channels that a network was trained on.
    pub struct ChannelOrder: cameras_channel_order {
        /// Red first. The default.
        RGB = CAMERAS_ORDER_RGB,
        /// Blue first.
        BGR = CAMERAS_ORDER_BGR,
    }

    /// How a caller's pixels lie in memory.
    pub struct PixelFormat: cameras_pixel_format {
        /// One byte a pixel.
        GRAY8 = CAMERAS_GRAY8,
        /// Three bytes a pixel.
        RGB8 = CAMERAS_RGB8,
        /// Four bytes, alpha not premultiplied, laid over white.
        RGBA8 = CAMERAS_RGBA8,
        /// Three bytes, as OpenCV has them.
        BGR8 = CAMERAS_BGR8,
        /// One plane of floats in [0, 1].
        GRAYF = CAMERAS_GRAYF,
        /// Three planes of floats in [0, 1], red first, one after the other.
        RGBF = CAMERAS_RGBF,
    }

    /// Where the time of a call went.
    pub struct Stage: cameras_stage {
        /// The whole call.
        TOTAL = CAMERAS_STAGE_TOTAL,
        /// The network up to the layer.
        TRUNK = CAMERAS_STAGE_TRUNK,
        /// The rest of it, and the gradients.
        HEAD = CAMERAS_STAGE_HEAD,
        /// Accumulation and fusion.
        FUSE = CAMERAS_STAGE_FUSE,
        /// Cutting the network at the layer (the first call for that layer only).
        PREPARE = CAMERAS_STAGE_PREPARE,
    }

    /// Who speaks in the [`Log`](crate::Log).
    pub struct LogKind: cameras_log_kind {
        /// LibTorch, or the network by warnings.warn.
        WARNING = CAMERAS_LOG_WARNING,
        /// The network by print, without the end of the last line.
        PRINT = CAMERAS_LOG_PRINT,
    }

    /// How values become colours.
    pub struct Colormap: cameras_colormap {
        /// Perceptually uniform, readable by the colour-blind.
        VIRIDIS = CAMERAS_VIRIDIS,
        /// Perceptually uniform, from black.
        INFERNO = CAMERAS_INFERNO,
        /// Perceptually uniform, from black.
        MAGMA = CAMERAS_MAGMA,
        /// Not uniform: for comparison with the paper's figures only.
        JET = CAMERAS_JET,
        /// From black to white.
        GRAY = CAMERAS_GRAY,
    }

    /// What a map can be scored for. P(x) is the probability of the class when the network is shown x, I the base
    /// image and M the map; docs/evaluation.md has every formula and source.
    pub struct ScoreKind: cameras_score_kind {
        /// P(I M) / mean(M): higher is better.
        POSITIVE_MAP_DENSITY = CAMERAS_SCORE_POSITIVE_MAP_DENSITY,
        /// P(I (1 - M)) / mean(1 - M): lower is better.
        NEGATIVE_MAP_DENSITY = CAMERAS_SCORE_NEGATIVE_MAP_DENSITY,
        /// Area under P as pixels are revealed by descending M from a blurred image: higher is better.
        INSERTION_AUC = CAMERAS_SCORE_INSERTION_AUC,
        /// The same as they turn to the mean colour: lower is better.
        DELETION_AUC = CAMERAS_SCORE_DELETION_AUC,
        /// max(0, P(I) - P(I M)) / P(I): lower is better.
        AVERAGE_DROP = CAMERAS_SCORE_AVERAGE_DROP,
        /// 1 where P(I M) > P(I), else 0.
        INCREASE = CAMERAS_SCORE_INCREASE,
        /// max(0, P(I M) - P(I)) / (1 - P(I)).
        AVERAGE_GAIN = CAMERAS_SCORE_AVERAGE_GAIN,
        /// 3 / (1 / coherency + 1 / (1 - complexity) + 1 / (1 - drop)).
        ADCC = CAMERAS_SCORE_ADCC,
        /// (LeRF - MoRF) / 2, mean over percentiles 20, 40, 60, 80.
        ROAD = CAMERAS_SCORE_ROAD,
        /// 1 where the maximum lies on the object or within 15 pixels of it.
        POINTING_HIT = CAMERAS_SCORE_POINTING_HIT,
        /// Share of the map's sum that lies on the object.
        ENERGY = CAMERAS_SCORE_ENERGY,
        /// Intersection over union of the object and as many greatest pixels as it has.
        IOU = CAMERAS_SCORE_IOU,
    }

    /// In which values an image is multiplied by a map.
    pub struct Masking: cameras_masking {
        /// Black is 0. The default.
        PIXELS = CAMERAS_MASKING_PIXELS,
        /// The mean colour is 0.
        NORMALISED = CAMERAS_MASKING_NORMALISED,
    }

    /// How a step of an attack follows the gradient.
    pub struct StepRule: cameras_step_rule {
        /// By itself, normalised to unit l2 norm.
        GRADIENT = CAMERAS_STEP_GRADIENT,
        /// By its sign. The default.
        SIGN = CAMERAS_STEP_SIGN,
    }

    /// Which of the two attacks.
    pub struct AttackKind: cameras_attack_kind {
        /// Guided by the map.
        GUIDED = CAMERAS_ATTACK_GUIDED,
        /// The same with beta 0, beside it.
        PLAIN = CAMERAS_ATTACK_PLAIN,
    }

    /// A norm of the perturbation in pixel units, [0, 1].
    pub struct Norm: cameras_norm {
        /// Pixels of which any channel changed by more than 1/510.
        L0 = CAMERAS_NORM_L0,
        /// Sum of absolute values.
        L1 = CAMERAS_NORM_L1,
        /// Euclidean.
        L2 = CAMERAS_NORM_L2,
        /// The greatest absolute value.
        LINF = CAMERAS_NORM_LINF,
    }

    /// Where a norm is taken.
    pub struct Part: cameras_part {
        /// Everywhere.
        ALL = CAMERAS_PART_ALL,
        /// On the 20 % of pixels that are the greatest of the map.
        INSIDE = CAMERAS_PART_INSIDE,
        /// On the others.
        OUTSIDE = CAMERAS_PART_OUTSIDE,
    }
}

/// The values that the library in use has names for, from 0 up: later ones too.
macro_rules! named {
    ($($name:ident by $function:ident, such as $example:literal;)*) => {$(
        impl $name {
            #[doc = concat!("Its name, such as \"", $example, "\", or None for a number past the library's last.")]
            pub fn name(self) -> Option<&'static str> {
                // SAFETY: any number is taken, and the name is a constant of the library.
                unsafe { text::borrow(sys::$function(self.0)) }
            }

            /// All that the library in use has, those of later versions included.
            pub fn all() -> impl Iterator<Item = Self> {
                (0..).map($name).take_while(|one| one.name().is_some())
            }
        }
    )*};
}

named! {
    Method by cameras_method_name, such as "gradcam++";
    Colormap by cameras_colormap_name, such as "viridis";
    ScoreKind by cameras_score_name, such as "positive_map_density";
}
