// SPDX-License-Identifier: MIT
//! Saliency maps: their values and record, and what can be drawn of them and said of two.
use crate::choices::{Colormap, Method, Precision, Source, Stage};
use crate::error::{check, Error, Result};
use crate::handle::handle;
use crate::image::Image;
use crate::text;
use cameras_sys as sys;
use std::path::Path;
use std::ptr::{self, NonNull};

/// The saliency map of one class at one layer, with the record of how it was made. It never changes, so many threads
/// may use it at once.
#[derive(Debug)]
pub struct Map {
    handle: NonNull<sys::cameras_map>,
}

handle!(Map(cameras_map) freed by cameras_map_free);

// SAFETY: maps never change and may be read from many threads.
unsafe impl Send for Map {}
unsafe impl Sync for Map {}

/// What happened at one scale.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub struct Scale<'a> {
    /// Width of the copy shown to the network, in pixels.
    pub width: usize,
    /// Its height.
    pub height: usize,
    /// The class that came first at this scale.
    pub top1: usize,
    /// That class's probability.
    pub top1_probability: f32,
    /// The probability of the map's own class at this scale.
    pub probability: f32,
    /// Whether the scale counted.
    pub used: bool,
    /// Why, in words, for either.
    pub reason: &'a str,
}

impl Map {
    /// A map made elsewhere, to be scored, drawn or compared: height rows of width floats in [0, 1], copied and not
    /// stretched; raw values are the same. It has no class, layer or scales.
    ///
    /// ```
    /// use cameras::Map;
    ///
    /// # fn main() -> cameras::Result<()> {
    /// let map = Map::new(&[0.0, 0.25, 0.5, 1.0], 2, 2)?;
    /// assert_eq!(map.values(), [0.0, 0.25, 0.5, 1.0]);
    /// assert_eq!(map.class(), None);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): a value outside [0, 1] or not finite, a size of 0, or another number
    /// of values than width * height.
    pub fn new(values: &[f32], width: usize, height: usize) -> Result<Self> {
        if width.checked_mul(height) != Some(values.len()) {
            return Err(Error::invalid(format!("make a map: {} values for {width} x {height}", values.len())));
        }
        // SAFETY: width * height values, which are copied.
        Map::make(|out| unsafe { sys::cameras_map_new(out, values.as_ptr(), width, height) })
    }

    /// The same from a file, known by its bytes: .npy of height x width float32 or float64, little-endian and in C
    /// order, or a grey PNG.
    ///
    /// # Errors
    /// [`Status::EIO`](crate::Status::EIO), [`Status::EFORMAT`](crate::Status::EFORMAT),
    /// [`Status::ELIMIT`](crate::Status::ELIMIT), and [`Status::EINVAL`](crate::Status::EINVAL) for values outside
    /// [0, 1].
    pub fn open(path: impl AsRef<Path>) -> Result<Self> {
        let path = text::path_to_c(path.as_ref(), "read map")?;
        // SAFETY: a path that ends in NUL.
        Map::make(|out| unsafe { sys::cameras_map_read(out, path.as_ptr()) })
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        // SAFETY: here and below the handle is live.
        unsafe { sys::cameras_map_width(self.as_ptr()) }
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        unsafe { sys::cameras_map_height(self.as_ptr()) }
    }

    /// height rows of width floats in [0, 1], the least 0 and the greatest 1; all 0 in a flat map that was kept. The
    /// constant control and maps made elsewhere are not stretched. Borrowed: nothing is copied.
    pub fn values(&self) -> &[f32] {
        // SAFETY: width * height floats that never change, freed with the map.
        unsafe { self.floats(sys::cameras_map_values(self.as_ptr())) }
    }

    /// The same before stretching, in units of the logit; comparable between maps of one method.
    pub fn raw(&self) -> &[f32] {
        // SAFETY: width * height floats that never change, freed with the map.
        unsafe { self.floats(sys::cameras_map_raw(self.as_ptr())) }
    }

    /// # Safety
    /// `values` is NULL or this map's own plane.
    unsafe fn floats(&self, values: *const f32) -> &[f32] {
        if values.is_null() {
            return &[];
        }
        // SAFETY: the caller's promise; the library made the plane, so the product does not overflow.
        unsafe { std::slice::from_raw_parts(values, self.width() * self.height()) }
    }

    /// Whether it is flat: kept by [`Options::keep_flat`](crate::Options::keep_flat), the constant control, or made so
    /// elsewhere.
    pub fn is_flat(&self) -> bool {
        unsafe { sys::cameras_map_is_flat(self.as_ptr()) != 0 }
    }

    /// The class explained; None for a map made elsewhere.
    pub fn class(&self) -> Option<usize> {
        match unsafe { sys::cameras_map_class(self.as_ptr()) } {
            usize::MAX => None,
            class => Some(class),
        }
    }

    /// The class's logit on the base image.
    pub fn logit(&self) -> f32 {
        unsafe { sys::cameras_map_logit(self.as_ptr()) }
    }

    /// The class's probability on the base image.
    pub fn probability(&self) -> f32 {
        unsafe { sys::cameras_map_probability(self.as_ptr()) }
    }

    /// The path of the layer, the one taken where "auto" was asked for; "" for a map made elsewhere.
    pub fn layer(&self) -> &str {
        // SAFETY: the map's own text, which never changes.
        unsafe { text::borrow(sys::cameras_map_layer(self.as_ptr())) }.unwrap_or("")
    }

    /// The method that made it.
    pub fn method(&self) -> Method {
        Method(unsafe { sys::cameras_map_method(self.as_ptr()) })
    }

    /// What the copies were resized from.
    pub fn source(&self) -> Source {
        Source(unsafe { sys::cameras_map_source(self.as_ptr()) })
    }

    /// The precision that the network ran in up to the layer, never [`Precision::AUTO`].
    pub fn precision(&self) -> Precision {
        Precision(unsafe { sys::cameras_map_precision(self.as_ptr()) })
    }

    /// The record of every scale, in the order of the schedule.
    pub fn scales(&self) -> impl ExactSizeIterator<Item = Scale<'_>> + DoubleEndedIterator {
        let count = unsafe { sys::cameras_map_scale_count(self.as_ptr()) };
        (0..count).map(move |index| self.scale(index))
    }

    fn scale(&self, index: usize) -> Scale<'_> {
        let map = self.as_ptr();
        // SAFETY: a live handle, an index that is checked there, and a text that is the map's own.
        unsafe {
            Scale {
                width: sys::cameras_map_scale_width(map, index),
                height: sys::cameras_map_scale_height(map, index),
                top1: sys::cameras_map_scale_top1(map, index),
                top1_probability: sys::cameras_map_scale_top1_probability(map, index),
                probability: sys::cameras_map_scale_probability(map, index),
                used: sys::cameras_map_scale_used(map, index) > 0,
                reason: text::borrow(sys::cameras_map_scale_reason(map, index)).unwrap_or(""),
            }
        }
    }

    /// Where the time of the call went that made this map, in seconds; maps of one call share the figures.
    pub fn seconds(&self, stage: Stage) -> f64 {
        unsafe { sys::cameras_map_seconds(self.as_ptr(), stage.0) }
    }

    /// Writes the values: names ending in .npy get NumPy's format 1.0, float32, height x width; names ending in .png a
    /// grey PNG of 16 bits, 65535 for 1. The file appears under its name only when it is whole.
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = text::path_to_c(path.as_ref(), "write map")?;
        check(unsafe { sys::cameras_map_write(self.as_ptr(), path.as_ptr()) })
    }
}

/// Drawing.
impl Map {
    /// A picture of the map laid over the image, of the image's size: `opacity`, 0 to 1, of colour and the rest of the
    /// image. The map is enlarged bilinearly where it is smaller.
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): an opacity outside [0, 1] or a colour map that there is not.
    pub fn overlay(&self, image: &Image, colormap: Colormap, opacity: f32) -> Result<Image> {
        self.draw(image.as_ptr(), colormap, opacity)
    }

    /// The map alone in colours, at its own size.
    pub fn heatmap(&self, colormap: Colormap) -> Result<Image> {
        self.draw(ptr::null(), colormap, 1.0)
    }

    fn draw(&self, image: *const sys::cameras_image, colormap: Colormap, opacity: f32) -> Result<Image> {
        // SAFETY: the map is live, the image live or NULL.
        Image::make(|out| unsafe { sys::cameras_map_overlay(out, self.as_ptr(), image, colormap.0, opacity) })
    }

    /// The signed difference of two maps of one size, this one less the other, in a diverging colour map: red where
    /// this one is greater, blue where the other is, white where they agree, full colour at the greatest difference.
    pub fn difference(&self, other: &Map) -> Result<Image> {
        // SAFETY: both are live.
        Image::make(|out| unsafe { sys::cameras_map_difference(out, self.as_ptr(), other.as_ptr()) })
    }
}

/// Comparing.
impl Map {
    /// Spearman's rank correlation of the values, -1 to 1, equal values sharing their mean rank.
    ///
    /// # Errors
    /// [`Status::EFLAT`](crate::Status::EFLAT): one is constant. [`Status::EINVAL`](crate::Status::EINVAL): sizes that
    /// differ.
    pub fn spearman(&self, other: &Map) -> Result<f64> {
        self.compare(|out| unsafe { sys::cameras_map_spearman(out, self.as_ptr(), other.as_ptr()) })
    }

    /// Mean structural similarity (Wang et al., IEEE TIP 2004), window of 11 x 11, values in [0, 1].
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): a side below 11 or sizes that differ.
    pub fn ssim(&self, other: &Map) -> Result<f64> {
        self.compare(|out| unsafe { sys::cameras_map_ssim(out, self.as_ptr(), other.as_ptr()) })
    }

    /// Of the share of pixels that are the greatest of either map, such as 0.05, how many both have: 0 to 1.
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): a share outside (0, 1] or sizes that differ.
    pub fn overlap(&self, other: &Map, share: f64) -> Result<f64> {
        self.compare(|out| unsafe { sys::cameras_map_overlap(out, self.as_ptr(), other.as_ptr(), share) })
    }

    fn compare(&self, call: impl FnOnce(*mut f64) -> sys::cameras_status) -> Result<f64> {
        let mut out = 0.0;
        check(call(&mut out))?;
        Ok(out)
    }
}
