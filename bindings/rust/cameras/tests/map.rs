// SPDX-License-Identifier: MIT
//! Maps made elsewhere: what they keep, and what is drawn and said of them. Expected values are arithmetic.
mod common;
use cameras::{Colormap, Image, Map, Method, PixelFormat, Status};
use common::{ramp, refused, Scratch};

#[test]
fn a_map_keeps_its_values_and_has_no_record() {
    let map = Map::new(&[0.5, 0.25, 1.0, 0.0, 0.125, 0.75], 3, 2).unwrap();
    assert_eq!((map.width(), map.height()), (3, 2));
    assert_eq!(map.values(), [0.5, 0.25, 1.0, 0.0, 0.125, 0.75]);
    assert_eq!(map.raw(), map.values());
    assert_eq!((map.class(), map.layer(), map.scales().len()), (None, "", 0));
    assert_eq!(map.method(), Method::CAMERAS);
    assert!(!map.is_flat());
}

#[test]
fn values_that_are_no_map_are_refused() {
    refused(Map::new(&[0.0; 5], 2, 3), Status::EINVAL, "5 values for 2 x 3");
    refused(Map::new(&[0.0; 4], usize::MAX, 2), Status::EINVAL, "4 values");
    refused(Map::new(&[], 0, 0), Status::EINVAL, "0 x 0");
    refused(Map::new(&[0.0, 1.5], 2, 1), Status::EINVAL, "1.5 at column 1 of row 0");
    refused(Map::new(&[f32::NAN], 1, 1), Status::EINVAL, "");
}

#[test]
fn a_map_written_as_npy_is_read_back_the_same() {
    let file = Scratch::new("map.npy");
    let map = ramp(7, 5);
    map.write(&file.0).unwrap();
    let again = Map::open(&file.0).unwrap();
    assert_eq!((again.width(), again.height(), again.values()), (7, 5, map.values()));
    // NumPy's format 1.0: a magic, a header of a multiple of 64 bytes, and the floats.
    let bytes = std::fs::read(&file.0).unwrap();
    assert_eq!(&bytes[..6], b"\x93NUMPY");
    assert_eq!((bytes.len() - 7 * 5 * 4) % 64, 0);
}

#[test]
fn a_map_written_as_png_is_read_back_within_a_65535th() {
    let file = Scratch::new("map.png");
    let map = ramp(7, 5);
    map.write(&file.0).unwrap();
    for (now, then) in Map::open(&file.0).unwrap().values().iter().zip(map.values()) {
        assert!((now - then).abs() <= 1.0 / 65535.0, "{now} and {then}");
    }
}

#[test]
fn what_cannot_be_read_or_written_says_why() {
    refused(Map::open("/no/such/map.npy"), Status::EIO, "/no/such/map.npy");
    refused(Map::open(common::demo("demo.txt")), Status::EFORMAT, "demo.txt");
    refused(Map::open("a\0b"), Status::EINVAL, "NUL");
    refused(ramp(2, 2).write("map.txt"), Status::EINVAL, "map.txt");
    refused(ramp(2, 2).write("a\0.npy"), Status::EINVAL, "NUL");
}

#[test]
fn a_map_is_like_itself() {
    let map = ramp(16, 12);
    assert!((map.spearman(&map).unwrap() - 1.0).abs() < 1e-12);
    assert!((map.ssim(&map).unwrap() - 1.0).abs() < 1e-9);
    assert!((map.overlap(&map, 0.05).unwrap() - 1.0).abs() < 1e-12);
}

#[test]
fn a_map_and_its_opposite_are_ranked_the_other_way_round() {
    let map = ramp(16, 12);
    let opposite = Map::new(&map.values().iter().map(|value| 1.0 - value).collect::<Vec<_>>(), 16, 12).unwrap();
    assert!((map.spearman(&opposite).unwrap() + 1.0).abs() < 1e-12);
    assert_eq!(map.overlap(&opposite, 0.25).unwrap(), 0.0);
    assert!(map.ssim(&opposite).unwrap() < map.ssim(&map).unwrap());
}

#[test]
fn half_of_an_overlap_is_a_half() {
    // Two greatest pixels each, of which one is both's.
    let a = Map::new(&[1.0, 0.9, 0.1, 0.0], 4, 1).unwrap();
    let b = Map::new(&[1.0, 0.1, 0.9, 0.0], 4, 1).unwrap();
    assert_eq!(a.overlap(&b, 0.5).unwrap(), 0.5);
    refused(a.overlap(&b, 0.0), Status::EINVAL, "");
}

#[test]
fn maps_of_other_sizes_and_flat_ones_are_not_compared() {
    refused(ramp(12, 12).spearman(&ramp(12, 13)), Status::EINVAL, "12 x 13");
    refused(ramp(12, 12).ssim(&ramp(12, 13)), Status::EINVAL, "");
    refused(ramp(4, 4).ssim(&ramp(4, 4)), Status::EINVAL, "11");
    let flat = Map::new(&[0.5; 4], 2, 2).unwrap();
    assert!(flat.is_flat());
    refused(flat.spearman(&ramp(2, 2)), Status::EFLAT, "");
}

#[test]
fn differences_are_antisymmetric() {
    let a = Map::new(&[1.0, 0.0, 0.5], 3, 1).unwrap();
    let b = Map::new(&[0.0, 1.0, 0.5], 3, 1).unwrap();
    let (ab, ba) = (a.difference(&b).unwrap().rgb().unwrap(), b.difference(&a).unwrap().rgb().unwrap());
    // The first and the second pixel change places, and where both agree it is white.
    assert_eq!((&ab[..3], &ab[3..6], &ab[6..]), (&ba[3..6], &ba[..3], &[255, 255, 255][..]));
    // Red where the first is greater.
    assert!(ab[0] > ab[2] && ab[5] > ab[3]);
}

#[test]
fn an_overlay_of_no_opacity_is_the_picture_and_of_all_the_heatmap() {
    let pixels: Vec<u8> = (0..4 * 4 * 3).collect();
    let image = Image::from_bytes(&pixels, 4, 4, 0, PixelFormat::RGB8).unwrap();
    let map = ramp(4, 4);
    let clear = map.overlay(&image, Colormap::VIRIDIS, 0.0).unwrap();
    assert_eq!(clear.rgb().unwrap(), pixels);
    let full = map.overlay(&image, Colormap::VIRIDIS, 1.0).unwrap();
    assert_eq!(full.rgb().unwrap(), map.heatmap(Colormap::VIRIDIS).unwrap().rgb().unwrap());
    refused(map.overlay(&image, Colormap::VIRIDIS, 1.5), Status::EINVAL, "1.5");
    refused(map.heatmap(Colormap::from_raw(99)), Status::EINVAL, "99");
}

#[test]
fn the_grey_colour_map_is_the_values_in_bytes() {
    let grey = Map::new(&[0.0, 0.2, 1.0], 3, 1).unwrap().heatmap(Colormap::GRAY).unwrap();
    assert_eq!(grey.rgb().unwrap(), [0, 0, 0, 51, 51, 51, 255, 255, 255]);
}
