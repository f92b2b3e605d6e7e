// SPDX-License-Identifier: MIT
//! Whether a map depends on the model.
use crate::error::{Error, Result};
use crate::handle::handle;
use crate::image::Image;
use crate::map::Map;
use crate::model::Model;
use crate::options::{with, Options};
use crate::text;
use cameras_sys as sys;
use std::mem::ManuallyDrop;
use std::ptr::NonNull;

#[derive(Debug)]
struct Check {
    handle: NonNull<sys::cameras_sanity>,
}

handle!(Check(cameras_sanity) freed by cameras_sanity_free);

/// What a sanity check came to: the cascade, the adversarial check, the map of an unlikely class, and a verdict.
#[derive(Debug)]
pub struct Sanity {
    check: Check,
    /// The check's own maps, which are freed with it and therefore not by these.
    original: ManuallyDrop<Map>,
    unlikely: ManuallyDrop<Map>,
    stages: Vec<ManuallyDrop<Map>>,
}

// SAFETY: it never changes, and may be read from many threads (docs/abi.md).
unsafe impl Send for Sanity {}
unsafe impl Sync for Sanity {}

/// One stage of the cascade: all layers down to this one are drawn anew.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct SanityStage<'a> {
    /// The path of the last layer that was drawn anew.
    pub layer: &'a str,
    /// Spearman's rank correlation of this stage's map and the original.
    pub spearman: f64,
    /// Their structural similarity.
    pub ssim: f64,
    /// The map of this stage, flat ones included.
    pub map: &'a Map,
}

impl Model {
    /// Cascading randomisation (Adebayo et al., NeurIPS 2018): layers are drawn anew one after the other from the
    /// logits down, and the map is made again each time; the paper's adversarial check; and the map of another,
    /// unlikely class. `stages` limits how many maps the cascade makes (0: one a layer); layers are then grouped
    /// evenly. The options say how maps are made, of one class and layer; the gate is off and flat maps are kept,
    /// whatever they say.
    ///
    /// # Errors
    /// [`Status::EMODEL`](crate::Status::EMODEL): fewer than two layers with parameters, or a single class; and those
    /// of [`Model::explain`].
    ///
    /// # Panics
    /// Where the progress closure does.
    pub fn sanity_check(&self, image: &Image, stages: usize, options: Option<&Options<'_>>) -> Result<Sanity> {
        let check = with(options, |options| {
            // SAFETY: handles are live, options NULL or live.
            Check::make(|out| unsafe { sys::cameras_sanity_check(out, self.as_ptr(), image.as_ptr(), stages, options) })
        })?;
        Sanity::new(check)
    }
}

impl Sanity {
    fn new(check: Check) -> Result<Self> {
        let handle = check.as_ptr();
        // SAFETY: the check is live, and what it lends goes into ManuallyDrop beside it.
        unsafe {
            let stages = (0..sys::cameras_sanity_stage_count(handle))
                .map(|index| lend(sys::cameras_sanity_stage_map(handle, index)))
                .collect::<Result<_>>()?;
            let original = lend(sys::cameras_sanity_original(handle))?;
            let unlikely = lend(sys::cameras_sanity_unlikely(handle))?;
            Ok(Sanity { check, original, unlikely, stages })
        }
    }

    /// The stages of the cascade, from the logits down.
    pub fn stages(&self) -> impl ExactSizeIterator<Item = SanityStage<'_>> + DoubleEndedIterator {
        let handle = self.check.as_ptr();
        self.stages.iter().enumerate().map(move |(index, map)| {
            // SAFETY: here and below the handle is live, and texts are its own.
            unsafe {
                SanityStage {
                    layer: text::borrow(sys::cameras_sanity_stage_layer(handle, index)).unwrap_or(""),
                    spearman: sys::cameras_sanity_stage_spearman(handle, index),
                    ssim: sys::cameras_sanity_stage_ssim(handle, index),
                    map,
                }
            }
        })
    }

    /// The map of the model as it is.
    pub fn original(&self) -> &Map {
        &self.original
    }

    /// The map of the class that is least likely of the others.
    pub fn unlikely(&self) -> &Map {
        &self.unlikely
    }

    /// AUC(ascending) - AUC(descending) of P as the adversarial perturbation is applied by the map.
    pub fn adversarial_score(&self) -> f64 {
        unsafe { sys::cameras_sanity_adversarial_score(self.check.as_ptr()) }
    }

    /// The same by a random order in the map's place, which is what chance gives.
    pub fn adversarial_chance(&self) -> f64 {
        unsafe { sys::cameras_sanity_adversarial_chance(self.check.as_ptr()) }
    }

    /// Spearman's rank correlation of |perturbation| and map.
    pub fn adversarial_spearman(&self) -> f64 {
        unsafe { sys::cameras_sanity_adversarial_spearman(self.check.as_ptr()) }
    }

    /// Overlap of the top 5 % of the maps of the class and of an unlikely class.
    pub fn class_overlap(&self) -> f64 {
        unsafe { sys::cameras_sanity_class_overlap(self.check.as_ptr()) }
    }

    /// The verdict; see [`Options::sanity_threshold`].
    pub fn passed(&self) -> bool {
        unsafe { sys::cameras_sanity_passed(self.check.as_ptr()) != 0 }
    }

    /// Why, in a sentence.
    pub fn why(&self) -> &str {
        unsafe { text::borrow(sys::cameras_sanity_why(self.check.as_ptr())) }.unwrap_or("")
    }
}

/// # Safety
/// NULL, or a map that lives as long as what is made of this.
unsafe fn lend(map: *const sys::cameras_map) -> Result<ManuallyDrop<Map>> {
    // SAFETY: never freed by this, and only ever read.
    let map = unsafe { Map::own(map as *mut _) };
    map.map(ManuallyDrop::new).ok_or_else(Error::nothing_made)
}
