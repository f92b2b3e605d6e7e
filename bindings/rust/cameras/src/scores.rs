// SPDX-License-Identifier: MIT
//! What a map is worth.
use crate::choices::ScoreKind;
use crate::error::Result;
use crate::handle::handle;
use crate::image::Image;
use crate::map::Map;
use crate::model::Model;
use crate::options::{with, Options};
use cameras_sys as sys;
use std::ptr::{self, NonNull};

/// The scores of a map.
#[derive(Debug)]
pub struct Scores {
    handle: NonNull<sys::cameras_scores>,
}

handle!(Scores(cameras_scores) freed by cameras_scores_free);

// SAFETY: it never changes, and may be read from many threads (docs/abi.md).
unsafe impl Send for Scores {}
unsafe impl Sync for Scores {}

/// What the grid pointing game came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Grid {
    /// The share of map i's sum that lies in cell i; chance is 0.25. NaN for a map of zeros.
    pub shares: [f64; 4],
    /// The tiled picture.
    pub picture: Image,
}

impl Scores {
    /// A score, or NaN where it was not or cannot be measured (a mean of 0, say).
    pub fn value(&self, kind: ScoreKind) -> f64 {
        // SAFETY: here and below the handle is live.
        unsafe { sys::cameras_scores_value(self.as_ptr(), kind.0) }
    }

    /// The class that was scored.
    pub fn class(&self) -> usize {
        unsafe { sys::cameras_scores_class(self.as_ptr()) }
    }

    /// P(I), the class's probability on the base image.
    pub fn probability(&self) -> f64 {
        unsafe { sys::cameras_scores_probability(self.as_ptr()) }
    }
}

impl Model {
    /// Scores a map of an image. The class is that of the options, or the map's, or the top-1. `object`, of the image's
    /// size, is any picture that is not black where the object is; None leaves the last three scores unmeasured.
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): a map that has neither the base image's size nor the image's own, or
    /// an object that is black throughout or of another size. [`Status::ECANCELLED`](crate::Status::ECANCELLED), and
    /// what the network may come to.
    ///
    /// # Panics
    /// Where the progress closure does.
    pub fn score(
        &self,
        image: &Image,
        map: &Map,
        object: Option<&Image>,
        options: Option<&Options<'_>>,
    ) -> Result<Scores> {
        let object = object.map_or(ptr::null_mut(), Image::as_ptr);
        with(options, |options| {
            // SAFETY: handles are live, object and options NULL or live.
            Scores::make(|out| unsafe {
                sys::cameras_score(out, self.as_ptr(), image.as_ptr(), map.as_ptr(), object, options)
            })
        })
    }

    /// The grid pointing game (Bohle et al., CVPR 2021): four images of different classes are tiled 2 x 2 into one
    /// picture, each brought to the base size, and that is explained for each class.
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): two classes that are one, or options of more than one layer; and
    /// those of [`Model::explain`].
    ///
    /// # Panics
    /// Where the progress closure does.
    pub fn grid_score(&self, images: [&Image; 4], classes: [usize; 4], options: Option<&Options<'_>>) -> Result<Grid> {
        let handles = images.map(|image| image.as_ptr() as *const sys::cameras_image);
        let mut shares = [0.0; 4];
        let picture = with(options, |options| {
            // SAFETY: four live handles, four classes, room for four shares; options NULL or live.
            Image::make(|out| unsafe {
                sys::cameras_grid_score(
                    shares.as_mut_ptr(),
                    out,
                    self.as_ptr(),
                    handles.as_ptr(),
                    classes.as_ptr(),
                    options,
                )
            })
        })?;
        Ok(Grid { shares, picture })
    }
}
