// SPDX-License-Identifier: MIT
//! Pictures: read, made of pixels, copied out, written, captioned and tiled.
use crate::choices::PixelFormat;
use crate::error::{check, Error, Result};
use crate::handle::handle;
use crate::options::{with, Options};
use crate::text;
use cameras_sys as sys;
use std::os::raw::c_void;
use std::path::Path;
use std::ptr::NonNull;

/// A picture, in grey or colour. It never changes, so many threads may use it at once.
#[derive(Debug)]
pub struct Image {
    handle: NonNull<sys::cameras_image>,
}

handle!(Image(cameras_image) freed by cameras_image_free);

// SAFETY: images never change and may be read from many threads.
unsafe impl Send for Image {}
unsafe impl Sync for Image {}

const NEW: &str = "make an image";

impl Image {
    /// Reads a PNG or JPEG picture, known by its bytes and not by its name. Grey stays grey, palettes become RGB, alpha
    /// is laid over white, 16 bits keep their precision, CMYK becomes RGB, the EXIF orientation is applied. Of the
    /// options only [`Options::max_pixels`] and, for files, [`Options::max_file_bytes`] are used.
    ///
    /// # Errors
    /// [`Status::EIO`](crate::Status::EIO), [`Status::EFORMAT`](crate::Status::EFORMAT), or
    /// [`Status::ELIMIT`](crate::Status::ELIMIT) before anything is allocated.
    pub fn open(path: impl AsRef<Path>, options: Option<&Options<'_>>) -> Result<Self> {
        let path = text::path_to_c(path.as_ref(), "read image")?;
        with(options, |options| {
            // SAFETY: the path ends in NUL; options are NULL or live.
            Image::make(|out| unsafe { sys::cameras_image_read(out, path.as_ptr(), options) })
        })
    }

    /// The same from a PNG's or JPEG's bytes in memory.
    pub fn from_memory(bytes: &[u8], options: Option<&Options<'_>>) -> Result<Self> {
        with(options, |options| {
            // SAFETY: bytes are read during the call only.
            Image::make(|out| unsafe {
                sys::cameras_image_read_memory(out, bytes.as_ptr().cast(), bytes.len(), options)
            })
        })
    }

    /// Copies height rows of width pixels of 8 bits a channel. `stride` is the distance in bytes from one row to the
    /// next; 0 means rows without gaps. `pixels` need not go on after the last row's last pixel.
    ///
    /// ```
    /// use cameras::{Image, PixelFormat};
    ///
    /// # fn main() -> cameras::Result<()> {
    /// let red_and_blue = [255, 0, 0, 0, 0, 255];
    /// let image = Image::from_bytes(&red_and_blue, 2, 1, 0, PixelFormat::RGB8)?;
    /// assert_eq!(image.rgb()?, red_and_blue);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): a size of 0, a stride shorter than a row, fewer bytes than these, or
    /// a format whose pixels are not bytes.
    pub fn from_bytes(pixels: &[u8], width: usize, height: usize, stride: usize, format: PixelFormat) -> Result<Self> {
        let size = match format {
            PixelFormat::GRAY8 => 1,
            PixelFormat::RGB8 | PixelFormat::BGR8 => 3,
            PixelFormat::RGBA8 => 4,
            _ => return Err(Error::invalid(format!("{NEW}: {format:?} pixels are not made of bytes"))),
        };
        check_room(pixels.len(), extent(width, height, stride, size, 1), "bytes", NEW)?;
        // SAFETY: the library reads rows of width * size bytes, stride apart, and they are there.
        unsafe { Image::copy(pixels.as_ptr().cast(), width, height, stride, format) }
    }

    /// Copies one plane ([`PixelFormat::GRAYF`]) or three, red first, one after the other ([`PixelFormat::RGBF`]), each
    /// of height rows of width floats in [0, 1]. `stride` is the distance in floats from one row to the next; 0 means
    /// rows without gaps; planes are height * stride apart. Values outside [0, 1] are clipped.
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): a size of 0, a stride shorter than a row, fewer floats than these, a
    /// value that is not finite, or a format whose pixels are not floats.
    pub fn from_floats(
        pixels: &[f32],
        width: usize,
        height: usize,
        stride: usize,
        format: PixelFormat,
    ) -> Result<Self> {
        let planes = match format {
            PixelFormat::GRAYF => 1,
            PixelFormat::RGBF => 3,
            _ => return Err(Error::invalid(format!("{NEW}: {format:?} pixels are not made of floats"))),
        };
        check_room(pixels.len(), extent(width, height, stride, 1, planes), "floats", NEW)?;
        let bytes = stride
            .checked_mul(std::mem::size_of::<f32>())
            .ok_or_else(|| Error::invalid(format!("{NEW}: a stride of {stride} floats is more than memory holds")))?;
        // SAFETY: the library reads planes * height rows of width floats, stride apart, and they are there.
        unsafe { Image::copy(pixels.as_ptr().cast(), width, height, bytes, format) }
    }

    /// # Safety
    /// `pixels` has what the library reads for these sizes.
    unsafe fn copy(
        pixels: *const c_void,
        width: usize,
        height: usize,
        stride: usize,
        format: PixelFormat,
    ) -> Result<Self> {
        // SAFETY: the caller's promise; the pixels are copied.
        Image::make(|out| unsafe { sys::cameras_image_new(out, pixels, width, height, stride, format.0) })
    }

    /// An object, as [`Model::score`](crate::Model::score) takes it: a picture of width x height, white in a box at
    /// column x of row y and black elsewhere.
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): no pixel inside.
    pub fn with_box(
        width: usize,
        height: usize,
        x: usize,
        y: usize,
        box_width: usize,
        box_height: usize,
    ) -> Result<Self> {
        // SAFETY: numbers only.
        Image::make(|out| unsafe { sys::cameras_image_new_box(out, width, height, x, y, box_width, box_height) })
    }

    /// Width in pixels.
    pub fn width(&self) -> usize {
        // SAFETY: here and below the handle is live.
        unsafe { sys::cameras_image_width(self.as_ptr()) }
    }

    /// Height in pixels.
    pub fn height(&self) -> usize {
        unsafe { sys::cameras_image_height(self.as_ptr()) }
    }

    /// 1 for grey, 3 for colour.
    pub fn channels(&self) -> usize {
        unsafe { sys::cameras_image_channels(self.as_ptr()) }
    }

    /// A copy of the pixels: height rows of width times three bytes, red first. Grey is repeated in all three; floats
    /// are rounded.
    pub fn rgb(&self) -> Result<Vec<u8>> {
        let count = extent(self.width(), self.height(), 0, 3, 1);
        let mut pixels = vec![0; count];
        self.rgb_into(&mut pixels, 0)?;
        Ok(pixels)
    }

    /// The same to a buffer of at least height * stride bytes, rows being stride bytes apart; 0 means 3 * width. Bytes
    /// between the rows stay as they are.
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): a stride shorter than a row, or too short a buffer.
    pub fn rgb_into(&self, pixels: &mut [u8], stride: usize) -> Result<()> {
        let row = if stride == 0 { self.width().saturating_mul(3) } else { stride };
        check_room(pixels.len(), row.saturating_mul(self.height()), "bytes", "copy pixels")?;
        // SAFETY: the library writes within height * stride bytes, and they are there.
        check(unsafe { sys::cameras_image_pixels(pixels.as_mut_ptr(), stride, self.as_ptr()) })
    }

    /// Writes a picture of 8 bits a channel: PNG or, for names ending in .jpg or .jpeg, JPEG of quality 92. The file
    /// appears under its name only when it is whole.
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): another ending. [`Status::ELIMIT`](crate::Status::ELIMIT): more than
    /// JPEG's 65500 pixels a side. [`Status::EIO`](crate::Status::EIO).
    pub fn write(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = text::path_to_c(path.as_ref(), "write image")?;
        // SAFETY: live handle, and a path that ends in NUL.
        check(unsafe { sys::cameras_image_write(self.as_ptr(), path.as_ptr()) })
    }

    /// A copy with lines of text (separated by '\n') on white below it, black, in a fixed font of 7 x 13 pixels times
    /// scale, at least 1. Characters beyond ASCII show as '?'. Lines longer than the image are cut.
    pub fn caption(&self, text: &str, scale: usize) -> Result<Image> {
        let text = text::to_c(text.as_bytes(), "caption")?;
        // SAFETY: live handle, and a text that ends in NUL.
        Image::make(|out| unsafe { sys::cameras_image_caption(out, self.as_ptr(), text.as_ptr(), scale) })
    }

    /// Tiles images of any sizes into one contact sheet on white, columns to a row (fewer where there are fewer
    /// images), each cell as large as the largest image, which stands in the middle of it, gap pixels between them.
    ///
    /// # Errors
    /// [`Status::EINVAL`](crate::Status::EINVAL): no images or no columns.
    pub fn sheet(images: &[&Image], columns: usize, gap: usize) -> Result<Image> {
        let handles = pointers(images);
        // SAFETY: as many live handles as is said.
        Image::make(|out| unsafe { sys::cameras_image_sheet(out, handles.as_ptr(), handles.len(), columns, gap) })
    }
}

/// The handles of images, which their borrows keep alive.
pub(crate) fn pointers(images: &[&Image]) -> Vec<*const sys::cameras_image> {
    images.iter().map(|image| image.as_ptr() as *const _).collect()
}

/// How far `planes` times `height` rows of `width` pixels of `size` elements reach, `stride` elements apart. 0 for sizes
/// of 0, which the library refuses; usize::MAX, which no buffer has, where it does not fit.
fn extent(width: usize, height: usize, stride: usize, size: usize, planes: usize) -> usize {
    if width == 0 || height == 0 {
        return 0;
    }
    let row = width.saturating_mul(size);
    let stride = if stride == 0 { row } else { stride };
    (height.saturating_mul(planes) - 1).saturating_mul(stride).saturating_add(row)
}

fn check_room(has: usize, needs: usize, what: &str, doing: &str) -> Result<()> {
    if has >= needs {
        Ok(())
    } else {
        Err(Error::invalid(format!("{doing}: a buffer of {has} {what}, but the picture takes {needs}")))
    }
}
