// SPDX-License-Identifier: MIT
//! Classifying and explaining one image.
use crate::error::{check, Result};
use crate::image::Image;
use crate::map::Map;
use crate::model::Model;
use crate::options::{with, Options};
use cameras_sys as sys;
use std::ptr;

/// What a network says of a base image, by class.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Prediction {
    /// As the network gives them, one for each class.
    pub logits: Vec<f32>,
    /// Their softmax: they sum to 1.
    pub probabilities: Vec<f32>,
}

impl Prediction {
    /// The class of the greatest logit.
    pub fn top1(&self) -> usize {
        let mut top1 = 0;
        for (class, &logit) in self.logits.iter().enumerate() {
            if logit > self.logits[top1] {
                top1 = class;
            }
        }
        top1
    }
}

impl Model {
    /// Shows the base image to the network. Of the options threads and interpolation are used.
    ///
    /// # Errors
    /// [`Status::EMODEL`](crate::Status::EMODEL): the network refused its input.
    /// [`Status::ENUMERIC`](crate::Status::ENUMERIC): it gave NaN or infinity.
    pub fn classify(&self, image: &Image, options: Option<&Options<'_>>) -> Result<Prediction> {
        let classes = self.class_count()?;
        let mut logits = vec![0.0; classes];
        let mut probabilities = vec![0.0; classes];
        with(options, |options| {
            // SAFETY: room for as many classes as is said; handles are live.
            check(unsafe {
                sys::cameras_classify(
                    logits.as_mut_ptr(),
                    probabilities.as_mut_ptr(),
                    classes,
                    self.as_ptr(),
                    image.as_ptr(),
                    options,
                )
            })
        })?;
        Ok(Prediction { logits, probabilities })
    }

    /// The map of one class at one layer: of the top-1 at the last spatial layer unless the options say otherwise. With
    /// more than one class or layer use [`Model::explain_several`].
    ///
    /// # Errors
    /// [`Status::ECLASS`](crate::Status::ECLASS), [`Status::ELAYER`](crate::Status::ELAYER): no such class or layer.
    /// [`Status::EFLAT`](crate::Status::EFLAT): nothing in the layer speaks for the class.
    /// [`Status::ESCALE`](crate::Status::ESCALE): the gate dropped every scale.
    /// [`Status::ELIMIT`](crate::Status::ELIMIT): more than the memory limit.
    /// [`Status::ECANCELLED`](crate::Status::ECANCELLED): the progress closure asked to stop. And what the network may
    /// come to, as for [`Model::classify`].
    ///
    /// # Panics
    /// Where the progress closure does.
    pub fn explain(&self, image: &Image, options: Option<&Options<'_>>) -> Result<Map> {
        with(options, |options| {
            // SAFETY: handles are live, options NULL or live.
            Map::make(|out| unsafe { sys::cameras_explain(out, self.as_ptr(), image.as_ptr(), options) })
        })
    }

    /// The maps of several classes and layers from one pass over the scales: [`Options::map_count`] of them, the
    /// classes of the first layer first. All are made or none.
    ///
    /// # Errors
    /// Those of [`Model::explain`].
    ///
    /// # Panics
    /// Where the progress closure does.
    pub fn explain_several(&self, image: &Image, options: Option<&Options<'_>>) -> Result<Vec<Map>> {
        let count = options.map_or(1, Options::map_count);
        with(options, |options| {
            let mut handles = vec![ptr::null_mut(); count];
            // SAFETY: room for as many maps as is said; handles are live, options NULL or live.
            let status = unsafe {
                sys::cameras_explain_several(handles.as_mut_ptr(), count, self.as_ptr(), image.as_ptr(), options)
            };
            // SAFETY: each is NULL or ours alone from now on.
            let maps = handles.into_iter().filter_map(|handle| unsafe { Map::own(handle) }).collect();
            check(status)?;
            Ok(maps)
        })
    }

    /// Estimates the working memory, in bytes, that [`Model::explain_several`] takes with these options on a picture of
    /// width x height, on top of what the model holds. Runs the network once, then remembers.
    pub fn explain_memory(&self, width: usize, height: usize, options: Option<&Options<'_>>) -> Result<usize> {
        let mut bytes = 0;
        with(options, |options| {
            // SAFETY: the model is live, options NULL or live.
            check(unsafe { sys::cameras_explain_memory(&mut bytes, self.as_ptr(), width, height, options) })
        })?;
        Ok(bytes)
    }
}
