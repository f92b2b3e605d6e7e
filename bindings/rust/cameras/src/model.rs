// SPDX-License-Identifier: MIT
//! Networks: opened, asked what they have, and told what they were trained with.
use crate::choices::ChannelOrder;
use crate::error::{check, Error, Result};
use crate::handle::handle;
use crate::text;
use cameras_sys as sys;
use std::path::Path;
use std::ptr::{self, NonNull};

/// A TorchScript network on the CPU, in evaluation mode.
///
/// Many threads may use it at once, say through an `Arc`. Its setters take `&mut self`: call them before it is shared.
#[derive(Debug)]
pub struct Model {
    handle: NonNull<sys::cameras_model>,
}

handle!(Model(cameras_model) freed by cameras_model_close);

// SAFETY: a model may be used by many threads at once but for its setters, and those take &mut self here.
unsafe impl Send for Model {}
unsafe impl Sync for Model {}

/// A layer that may be named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Layer<'a> {
    /// Its path, such as "layer4.1.conv2".
    pub path: &'a str,
    /// Its type, such as "Conv2d".
    pub kind: &'a str,
}

impl Model {
    /// Opens a TorchScript archive (torch.jit.save). A usable model takes one float tensor 1 x channels x height x
    /// width and returns logits 1 x classes, alone or first in a tuple, list or dict.
    ///
    /// A TorchScript file is a program: open only such files as you would run. docs/models.md says how to make one.
    ///
    /// # Errors
    /// [`Status::EIO`](crate::Status::EIO): cannot be read. [`Status::EFORMAT`](crate::Status::EFORMAT): not
    /// TorchScript.
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = text::path_to_c(path.as_ref(), "open model")?;
        // SAFETY: a path that ends in NUL.
        Model::make(|out| unsafe { sys::cameras_model_open(out, path.as_ptr()) })
    }

    /// The same from an archive's bytes in memory.
    pub fn from_memory(bytes: &[u8]) -> Result<Self> {
        // SAFETY: bytes are read during the call only.
        Model::make(|out| unsafe { sys::cameras_model_open_memory(out, bytes.as_ptr().cast(), bytes.len()) })
    }

    /// A copy in which the parameters of these layers (paths) are drawn anew: weights from a normal distribution of the
    /// deviation they had, means and biases likewise; running statistics of batch norm stay. This model is untouched.
    ///
    /// # Errors
    /// [`Status::ELAYER`](crate::Status::ELAYER): no such layer.
    pub fn randomise(&self, layers: &[&str], seed: u64) -> Result<Model> {
        let paths = layers.iter().map(|path| text::to_c(path.as_bytes(), "randomise")).collect::<Result<Vec<_>>>()?;
        let pointers: Vec<_> = paths.iter().map(|path| path.as_ptr()).collect();
        // SAFETY: as many paths as is said, each ending in NUL.
        Model::make(|out| unsafe {
            sys::cameras_model_randomise(out, self.as_ptr(), pointers.as_ptr(), pointers.len(), seed)
        })
    }
}

/// Layers.
impl Model {
    /// The layers that may be named, in the order of the module tree.
    pub fn layers(&self) -> impl ExactSizeIterator<Item = Layer<'_>> + DoubleEndedIterator {
        // SAFETY: here and below the handle is live, and texts are the model's own until it closes.
        let count = unsafe { sys::cameras_model_layer_count(self.as_ptr()) };
        (0..count).map(move |index| Layer {
            path: unsafe { text::borrow(sys::cameras_model_layer_path(self.as_ptr(), index)) }.unwrap_or(""),
            kind: unsafe { text::borrow(sys::cameras_model_layer_type(self.as_ptr(), index)) }.unwrap_or(""),
        })
    }

    /// The paths of the layers with parameters of their own, the last to be called first: the order of the cascade of
    /// [`Model::sanity_check`].
    pub fn parametrised_layers(&self) -> impl ExactSizeIterator<Item = &str> + DoubleEndedIterator {
        let count = unsafe { sys::cameras_model_parametrised_count(self.as_ptr()) };
        (0..count).map(move |index| {
            unsafe { text::borrow(sys::cameras_model_parametrised_path(self.as_ptr(), index)) }.unwrap_or("")
        })
    }

    /// The layer that "auto" stands for: the last whose output is spatial. Runs the network once.
    ///
    /// # Errors
    /// [`Status::EMODEL`](crate::Status::EMODEL) and [`Status::ELAYER`](crate::Status::ELAYER): the network refuses its
    /// input, or has no such layer.
    pub fn auto_layer(&self) -> Result<&str> {
        let mut path = ptr::null();
        check(unsafe { sys::cameras_model_auto_layer(&mut path, self.as_ptr()) })?;
        // SAFETY: borrowed until the model closes.
        unsafe { text::borrow(path) }.ok_or_else(Error::nothing_made)
    }

    /// How many channels the network takes: read off its first convolution, 3 where there is none.
    pub fn channels(&self) -> usize {
        unsafe { sys::cameras_model_channels(self.as_ptr()) }
    }
}

/// Classes.
impl Model {
    /// How many classes the network tells apart: the length of its logits. Runs the network once, then remembers.
    pub fn class_count(&self) -> Result<usize> {
        let mut count = 0;
        check(unsafe { sys::cameras_model_class_count(&mut count, self.as_ptr()) })?;
        Ok(count)
    }

    /// Reads class names from a text file in UTF-8, a line each, the first for class 0; replaces what was set before.
    /// Empty lines at the end do not count. On failure the earlier labels stay.
    ///
    /// # Errors
    /// [`Status::EIO`](crate::Status::EIO), [`Status::EFORMAT`](crate::Status::EFORMAT).
    pub fn read_labels(&mut self, path: impl AsRef<Path>) -> Result<()> {
        let path = text::path_to_c(path.as_ref(), "read labels")?;
        check(unsafe { sys::cameras_model_read_labels(self.as_ptr(), path.as_ptr()) })
    }

    /// The same from text.
    pub fn set_labels(&mut self, text: &str) -> Result<()> {
        // SAFETY: as many bytes as is said, which are copied.
        check(unsafe { sys::cameras_model_set_labels(self.as_ptr(), text.as_ptr().cast(), text.len()) })
    }

    /// The name of a class, or None where none is known.
    pub fn label(&self, index: usize) -> Option<&str> {
        // SAFETY: the model's own until its labels are replaced, which takes &mut self.
        unsafe { text::borrow(sys::cameras_model_label(self.as_ptr(), index)) }
    }

    /// The class that a person means: an index in decimal, or a label whatever its case, '_' and ' ' being alike.
    ///
    /// # Errors
    /// [`Status::ECLASS`](crate::Status::ECLASS): no such label (the message lists near ones), or more than one class
    /// bears it.
    pub fn find_class(&self, text: &str) -> Result<usize> {
        let text = text::to_c(text.as_bytes(), "find class")?;
        let mut class = 0;
        check(unsafe { sys::cameras_model_find_class(&mut class, self.as_ptr(), text.as_ptr()) })?;
        Ok(class)
    }
}

/// What the network was trained with. Setters: before the model is shared.
impl Model {
    /// Normalisation (x - mean) / std of values in [0, 1], one pair for each of [`Model::channels`]. Default:
    /// ImageNet's for three channels and their likes for one; 0 and 1 for other counts.
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): another number of means or deviations, or a deviation that is not
    /// above 0.
    pub fn set_normalisation(&mut self, mean: &[f32], std: &[f32]) -> Result<()> {
        if mean.len() != std.len() {
            let (means, deviations) = (mean.len(), std.len());
            return Err(Error::invalid(format!("set normalisation: {means} means, but {deviations} deviations")));
        }
        // SAFETY: as many of both as is said, which are copied.
        check(unsafe { sys::cameras_model_set_normalisation(self.as_ptr(), mean.as_ptr(), std.as_ptr(), mean.len()) })
    }

    /// The order of the colour channels; default [`ChannelOrder::RGB`].
    pub fn set_channel_order(&mut self, order: ChannelOrder) -> Result<()> {
        check(unsafe { sys::cameras_model_set_channel_order(self.as_ptr(), order.0) })
    }

    /// The base image, which a picture is brought to before anything else: exactly width x height, whatever the
    /// picture's shape. Default 224 x 224; sides are 1 to [`MAX_SIDE`](crate::MAX_SIDE).
    pub fn set_base_size(&mut self, width: usize, height: usize) -> Result<()> {
        check(unsafe { sys::cameras_model_set_base_size(self.as_ptr(), width, height) })
    }

    /// The base image's shorter side, the picture's shape kept.
    pub fn set_base_side(&mut self, side: usize) -> Result<()> {
        check(unsafe { sys::cameras_model_set_base_side(self.as_ptr(), side) })
    }
}
