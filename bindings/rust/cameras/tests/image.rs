// SPDX-License-Identifier: MIT
//! Pictures: from bytes and floats, from files, copied out, written, captioned, tiled.
mod common;
use cameras::{Image, Options, PixelFormat, Status};
use common::{demo, refused, scene, Scratch};
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;

#[test]
fn bytes_come_out_as_they_went_in() {
    let pixels: Vec<u8> = (0..2 * 3 * 3).map(|i| i * 10).collect();
    let image = Image::from_bytes(&pixels, 2, 3, 0, PixelFormat::RGB8).unwrap();
    assert_eq!((image.width(), image.height(), image.channels()), (2, 3, 3));
    assert_eq!(image.rgb().unwrap(), pixels);
}

#[test]
fn every_format_of_bytes_has_its_own_order() {
    let of = |pixels: &[u8], format| Image::from_bytes(pixels, 1, 1, 0, format).unwrap().rgb().unwrap();
    assert_eq!(of(&[7], PixelFormat::GRAY8), [7, 7, 7]);
    assert_eq!(of(&[1, 2, 3], PixelFormat::BGR8), [3, 2, 1]);
    assert_eq!(of(&[1, 2, 3, 255], PixelFormat::RGBA8), [1, 2, 3]);
    assert_eq!(of(&[1, 2, 3, 0], PixelFormat::RGBA8), [255, 255, 255]);
}

#[test]
fn a_stride_leaves_out_what_is_between_rows() {
    // Five bytes a row, of which three are pixels; the last row ends with its last pixel.
    let pixels = [1, 2, 3, 99, 99, 4, 5, 6];
    let image = Image::from_bytes(&pixels, 3, 2, 5, PixelFormat::GRAY8).unwrap();
    assert_eq!(image.rgb().unwrap(), [1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4, 5, 5, 5, 6, 6, 6]);
}

#[test]
fn planes_of_floats_are_rounded_and_clipped() {
    let planes = [0.0, 1.0, 2.0, 0.2, -1.0, 0.6];
    let image = Image::from_floats(&planes, 2, 1, 0, PixelFormat::RGBF).unwrap();
    assert_eq!(image.rgb().unwrap(), [0, 255, 0, 255, 51, 153]);
    let image = Image::from_floats(&[0.0, 9.0, 1.0], 1, 2, 2, PixelFormat::GRAYF).unwrap();
    assert_eq!((image.channels(), image.rgb().unwrap()), (1, vec![0, 0, 0, 255, 255, 255]));
}

#[test]
fn buffers_that_are_too_short_are_refused() {
    let short = [0; 11];
    refused(
        Image::from_bytes(&short, 2, 2, 0, PixelFormat::RGB8),
        Status::EINVAL,
        "11 bytes, but the picture takes 12",
    );
    refused(Image::from_bytes(&short, 2, 2, 8, PixelFormat::RGB8), Status::EINVAL, "takes 14");
    refused(Image::from_bytes(&short, usize::MAX, 2, 0, PixelFormat::RGB8), Status::EINVAL, "buffer of 11");
    refused(Image::from_bytes(&short, 1, usize::MAX, usize::MAX, PixelFormat::GRAY8), Status::EINVAL, "buffer of 11");
    refused(Image::from_floats(&[0.0; 5], 2, 1, 0, PixelFormat::RGBF), Status::EINVAL, "5 floats, but");
    refused(Image::from_floats(&[0.0; 5], 1, 1, usize::MAX, PixelFormat::GRAYF), Status::EINVAL, "stride");
    let mut room = [0; 11];
    let image = Image::from_bytes(&[0; 12], 2, 2, 0, PixelFormat::RGB8).unwrap();
    refused(image.rgb_into(&mut room, 0), Status::EINVAL, "copy pixels");
}

#[test]
fn formats_that_do_not_fit_their_numbers_are_refused() {
    refused(Image::from_bytes(&[0; 64], 2, 2, 0, PixelFormat::RGBF), Status::EINVAL, "RGBF");
    refused(Image::from_floats(&[0.0; 64], 2, 2, 0, PixelFormat::RGB8), Status::EINVAL, "RGB8");
    refused(Image::from_bytes(&[0; 64], 2, 2, 0, PixelFormat::from_raw(77)), Status::EINVAL, "PixelFormat(77)");
}

#[test]
fn the_library_refuses_empty_and_unfinite_pictures() {
    refused(Image::from_bytes(&[], 0, 0, 0, PixelFormat::RGB8), Status::EINVAL, "new image");
    refused(Image::from_bytes(&[0; 9], 3, 1, 2, PixelFormat::RGB8), Status::EINVAL, "stride");
    refused(Image::from_floats(&[f32::NAN], 1, 1, 0, PixelFormat::GRAYF), Status::EINVAL, "not finite");
}

#[test]
fn rows_are_copied_out_at_a_stride_and_nothing_between_them() {
    let image = Image::from_bytes(&[1, 2, 3, 4, 5, 6], 1, 2, 0, PixelFormat::RGB8).unwrap();
    let mut room = [9; 8];
    image.rgb_into(&mut room, 4).unwrap();
    assert_eq!(room, [1, 2, 3, 9, 4, 5, 6, 9]);
    refused(image.rgb_into(&mut room, 2), Status::EINVAL, "stride");
}

#[test]
fn a_written_png_is_read_back_the_same_from_file_and_memory() {
    let pixels: Vec<u8> = (0..5 * 4 * 3).collect();
    let file = Scratch::new("again.png");
    Image::from_bytes(&pixels, 5, 4, 0, PixelFormat::RGB8).unwrap().write(&file.0).unwrap();
    assert_eq!(Image::open(&file.0, None).unwrap().rgb().unwrap(), pixels);
    let bytes = std::fs::read(&file.0).unwrap();
    assert_eq!(Image::from_memory(&bytes, None).unwrap().rgb().unwrap(), pixels);
}

#[test]
fn a_path_may_be_any_bytes_but_nul() {
    let mut file = Scratch::new("");
    file.0.push("x");
    file.0.pop();
    let name = [file.0.as_os_str().as_bytes(), b"\xff\xfe.png"].concat();
    file.0 = OsStr::from_bytes(&name).into();
    let image = Image::from_bytes(&[1, 2, 3], 1, 1, 0, PixelFormat::RGB8).unwrap();
    image.write(&file.0).unwrap();
    assert_eq!(Image::open(&file.0, None).unwrap().rgb().unwrap(), [1, 2, 3]);
    refused(image.write("a\0b.png"), Status::EINVAL, "NUL at byte 1");
    refused(Image::open("a\0b.png", None), Status::EINVAL, "read image");
}

#[test]
fn what_cannot_be_read_says_why() {
    refused(Image::open("/no/such/picture.png", None), Status::EIO, "/no/such/picture.png");
    refused(Image::from_memory(b"not a picture", None), Status::EFORMAT, "");
    refused(Image::from_memory(&[], None), Status::EFORMAT, "");
    let image = Image::from_bytes(&[0], 1, 1, 0, PixelFormat::GRAY8).unwrap();
    refused(image.write("picture.gif"), Status::EINVAL, "picture.gif");
}

#[test]
fn the_limit_on_pixels_is_kept() {
    let mut options = Options::new().unwrap();
    options.max_pixels(448 * 448).unwrap();
    assert_eq!(Image::open(demo("scene.png"), Some(&options)).unwrap().width(), 448);
    options.max_pixels(448 * 448 - 1).unwrap();
    refused(Image::open(demo("scene.png"), Some(&options)), Status::ELIMIT, "");
}

#[test]
fn the_limit_on_file_bytes_is_kept() {
    let mut options = Options::new().unwrap();
    let size = std::fs::metadata(demo("scene.png")).unwrap().len() as usize;
    options.max_file_bytes(size).unwrap();
    assert_eq!(Image::open(demo("scene.png"), Some(&options)).unwrap().width(), 448);
    options.max_file_bytes(size - 1).unwrap();
    refused(Image::open(demo("scene.png"), Some(&options)), Status::ELIMIT, &size.to_string());
}

#[test]
fn a_box_is_white_inside_and_black_outside() {
    let rgb = Image::with_box(3, 2, 1, 0, 1, 2).unwrap().rgb().unwrap();
    let row = [0, 0, 0, 255, 255, 255, 0, 0, 0];
    assert_eq!(rgb, [row, row].concat());
    refused(Image::with_box(3, 2, 9, 9, 1, 1), Status::EINVAL, "");
}

#[test]
fn a_caption_stands_below_the_picture() {
    let image = scene();
    let captioned = image.caption("first\nsecond", 2).unwrap();
    assert_eq!(captioned.width(), image.width());
    assert!(captioned.height() >= image.height() + 2 * 2 * 13);
    assert_eq!(captioned.rgb().unwrap()[..448 * 448 * 3], image.rgb().unwrap());
    refused(image.caption("a\0b", 1), Status::EINVAL, "caption");
    refused(image.caption("a", 0), Status::EINVAL, "");
}

#[test]
fn a_sheet_tiles_pictures_with_gaps() {
    let dark = Image::from_bytes(&[0; 4], 2, 2, 0, PixelFormat::GRAY8).unwrap();
    let sheet = Image::sheet(&[&dark, &dark, &dark], 2, 5).unwrap();
    let black = sheet.rgb().unwrap().chunks(3).filter(|pixel| *pixel == [0, 0, 0]).count();
    assert_eq!(black, 3 * 2 * 2);
    refused(Image::sheet(&[], 2, 0), Status::EINVAL, "images");
    refused(Image::sheet(&[&dark], 0, 0), Status::EINVAL, "columns");
}
