// SPDX-License-Identifier: MIT
//! Class activation maps of high resolution for any TorchScript model: the safe interface of libcameras.
//!
//! libcameras runs an image classifier on ever larger copies of one image, averages the activations and the class
//! gradients of a chosen layer over those scales and fuses them into one saliency map (CAMERAS, CVPR 2021,
//! arXiv 2106.10649).
//!
//! ```no_run
//! use cameras::{Colormap, Image, Model};
//!
//! # fn main() -> cameras::Result<()> {
//! let model = Model::open("resnet50.pt")?;
//! let image = Image::open("photo.jpg", None)?;
//! let map = model.explain(&image, None)?;
//! println!("class {:?} at {}", map.class(), map.layer());
//! map.overlay(&image, Colormap::VIRIDIS, 0.5)?.write("overlay.png")?;
//! # Ok(())
//! # }
//! ```
//!
//! # Conventions
//!
//! Sizes are in pixels, width before height wherever both appear; values of maps lie in rows, the topmost first. Where
//! options are taken, `None` means the defaults. What has a name in `cameras.h` has the same name here, so that its
//! contract and the project's documentation can be looked up.
//!
//! # Errors
//!
//! Every call that can fail gives an [`Error`] with a [`Status`] to branch on and a message that says what was being
//! done, on what, and why it failed. No argument is undefined behaviour: paths and texts with a NUL inside and buffers
//! that are too short are refused with [`Status::EINVAL`].
//!
//! # Threads
//!
//! | type | `Send` | `Sync` | because |
//! |---|---|---|---|
//! | [`Model`] | yes | yes | used by many threads at once; its setters take `&mut self`, so none runs beside another use |
//! | [`Image`], [`Map`], [`Scores`], [`Sanity`], [`Attack`] | yes | yes | they never change |
//! | [`Options`] | yes | no | they belong to one thread at a time |
//!
//! # Panics
//!
//! No panic crosses the C library. A callback that panics ends its call; the panic goes on in the caller of that call,
//! in the caller's thread. Within a callback the options of its call are in use: what takes them is refused with
//! [`Status::EINVAL`].
#![deny(missing_docs)]
#![deny(unsafe_op_in_unsafe_fn)]

mod attack;
mod choices;
mod error;
mod explain;
mod handle;
mod image;
mod log;
mod many;
mod map;
mod model;
mod options;
mod progress;
mod sanity;
mod scores;
mod text;

#[cfg(doctest)]
mod refused;

pub use crate::attack::Attack;
pub use crate::choices::{
    AttackKind, ChannelOrder, Colormap, Gate, Interpolation, LogKind, MapSize, Masking, Method, Norm, Part, PixelFormat,
    Precision, Preset, ScoreKind, Source, Stage, StepRule,
};
pub use crate::error::{Error, Result, Status};
pub use crate::explain::Prediction;
pub use crate::image::Image;
pub use crate::log::Log;
pub use crate::map::{Map, Scale};
pub use crate::model::{Layer, Model};
pub use crate::options::Options;
pub use crate::sanity::{Sanity, SanityStage};
pub use crate::scores::{Grid, Scores};

/// The largest picture that is read, in pixels (width times height), unless [`Options::max_pixels`] says otherwise.
pub const DEFAULT_MAX_PIXELS: usize = cameras_sys::CAMERAS_DEFAULT_MAX_PIXELS;
/// The most bytes of a picture, a label file or a map file; models have no limit.
pub const MAX_FILE_BYTES: usize = cameras_sys::CAMERAS_MAX_FILE_BYTES;
/// The longest side of the base image and of any scale, in pixels.
pub const MAX_SIDE: usize = cameras_sys::CAMERAS_MAX_SIDE;
/// The most scales of one schedule.
pub const MAX_SCALES: usize = cameras_sys::CAMERAS_MAX_SCALES;
/// The most classes asked for in one call.
pub const MAX_CLASSES: usize = cameras_sys::CAMERAS_MAX_CLASSES;
/// The most layers asked for in one call.
pub const MAX_LAYERS: usize = cameras_sys::CAMERAS_MAX_LAYERS;
/// The most threads of one call.
pub const MAX_THREADS: usize = cameras_sys::CAMERAS_MAX_THREADS;
/// As the target of an attack: the class of the least logit on the clean image.
pub const LEAST_LIKELY: usize = cameras_sys::CAMERAS_LEAST_LIKELY;
/// The version of the library that this crate was written for; [`version`] is that of the one in use.
pub const VERSION: &str = cameras_sys::CAMERAS_VERSION_STRING;

/// The version of the library in use, "major.minor.patch".
///
/// ```
/// assert_eq!(cameras::version().split('.').count(), 3);
/// ```
pub fn version() -> &'static str {
    // SAFETY: the text is a constant of the library.
    unsafe { text::borrow(cameras_sys::cameras_version()) }.unwrap_or("")
}

/// The version of LibTorch in use, such as "1.13.1".
pub fn libtorch_version() -> &'static str {
    // SAFETY: the text is a constant of the library.
    unsafe { text::borrow(cameras_sys::cameras_libtorch_version()) }.unwrap_or("")
}
