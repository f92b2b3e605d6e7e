// SPDX-License-Identifier: MIT
//! How much of an attack a map explains.
use crate::choices::{AttackKind, Norm, Part};
use crate::error::{check, Result};
use crate::handle::handle;
use crate::image::Image;
use crate::map::Map;
use crate::model::Model;
use crate::options::{with, Options};
use crate::text;
use cameras_sys as sys;
use std::path::Path;
use std::ptr::NonNull;

/// What the saliency-guided attack and the plain one beside it came to.
///
/// Of a kind that the library does not know, numbers are 0, slices empty, and calls refused.
#[derive(Debug)]
pub struct Attack {
    handle: NonNull<sys::cameras_attack>,
}

handle!(Attack(cameras_attack) freed by cameras_attack_free);

// SAFETY: it never changes, and may be read from many threads (docs/abi.md).
unsafe impl Send for Attack {}
unsafe impl Sync for Attack {}

impl Model {
    /// The saliency-guided attack of the paper (CAMERAS, CVPR 2021, section 6.2), min over p of CE(I + p, target) +
    /// beta ||p (1 - M)||_2 by projected gradient descent, and the same with beta 0 beside it; both stop at the same
    /// confidence. The attack's setters of [`Options`] are used.
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): the target is the class that the network sees already, or the map has
    /// another size than the base image. [`Status::ECANCELLED`](crate::Status::ECANCELLED), and what the network may
    /// come to.
    ///
    /// # Panics
    /// Where the progress closure does.
    pub fn attack(&self, image: &Image, map: &Map, options: Option<&Options<'_>>) -> Result<Attack> {
        with(options, |options| {
            // SAFETY: handles are live, options NULL or live.
            Attack::make(|out| unsafe {
                sys::cameras_attack_run(out, self.as_ptr(), image.as_ptr(), map.as_ptr(), options)
            })
        })
    }
}

impl Attack {
    /// The class to be reached.
    pub fn target(&self) -> usize {
        // SAFETY: here and below the handle is live.
        unsafe { sys::cameras_attack_target(self.as_ptr()) }
    }

    /// A norm of the perturbation in pixel units, [0, 1].
    pub fn norm(&self, kind: AttackKind, norm: Norm, part: Part) -> f64 {
        unsafe { sys::cameras_attack_norm(self.as_ptr(), kind.0, norm.0, part.0) }
    }

    /// Whether the target was reached with the confidence asked for.
    pub fn succeeded(&self, kind: AttackKind) -> bool {
        unsafe { sys::cameras_attack_succeeded(self.as_ptr(), kind.0) != 0 }
    }

    /// The target's probability in the end.
    pub fn confidence(&self, kind: AttackKind) -> f64 {
        unsafe { sys::cameras_attack_confidence(self.as_ptr(), kind.0) }
    }

    /// How many steps were taken.
    pub fn steps(&self, kind: AttackKind) -> usize {
        unsafe { sys::cameras_attack_steps(self.as_ptr(), kind.0) }
    }

    /// 1 - guided l2 / plain l2; NaN where either failed.
    pub fn reduction(&self) -> f64 {
        unsafe { sys::cameras_attack_reduction(self.as_ptr()) }
    }

    /// The perturbation, channels x height x width floats at the base size, red first, in pixel units. Borrowed:
    /// nothing is copied.
    pub fn perturbation(&self, kind: AttackKind) -> &[f32] {
        let values = unsafe { sys::cameras_attack_perturbation(self.as_ptr(), kind.0) };
        if values.is_null() {
            return &[];
        }
        let count = self.channels() * self.height() * self.width();
        // SAFETY: that many floats, which never change and are freed with the attack.
        unsafe { std::slice::from_raw_parts(values, count) }
    }

    /// Width of the perturbation in pixels.
    pub fn width(&self) -> usize {
        unsafe { sys::cameras_attack_width(self.as_ptr()) }
    }

    /// Height of the perturbation in pixels.
    pub fn height(&self) -> usize {
        unsafe { sys::cameras_attack_height(self.as_ptr()) }
    }

    /// Channels of the perturbation.
    pub fn channels(&self) -> usize {
        unsafe { sys::cameras_attack_channels(self.as_ptr()) }
    }

    /// The attacked base image.
    pub fn image(&self, kind: AttackKind) -> Result<Image> {
        Image::make(|out| unsafe { sys::cameras_attack_image(out, self.as_ptr(), kind.0) })
    }

    /// The perturbation as a picture, grey where it is 0 and stretched to its greatest value.
    pub fn picture(&self, kind: AttackKind) -> Result<Image> {
        Image::make(|out| unsafe { sys::cameras_attack_picture(out, self.as_ptr(), kind.0) })
    }

    /// Writes the perturbation as NumPy's format 1.0, float32, channels x height x width.
    pub fn write(&self, kind: AttackKind, path: impl AsRef<Path>) -> Result<()> {
        let path = text::path_to_c(path.as_ref(), "write perturbation")?;
        check(unsafe { sys::cameras_attack_write(self.as_ptr(), kind.0, path.as_ptr()) })
    }
}
