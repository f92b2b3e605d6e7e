// SPDX-License-Identifier: MIT
//! What several suites use: the demo model, its picture, small schedules.
//!
//! Files are taken from CAMERAS_DEMO, where make install puts the demo, or from this source tree.
#![allow(dead_code)] // each suite is a program of its own, and none uses everything

use cameras::{Error, Gate, Image, Map, Model, Options, PixelFormat, Status};
use std::path::{Path, PathBuf};

pub const CLASSES: usize = 16;
/// Two of the demo's sixteen classes.
pub const BIRD: usize = 1;
pub const CAR: usize = 6;

/// A file of the demo.
pub fn demo(name: &str) -> PathBuf {
    let installed = std::env::var_os("CAMERAS_DEMO").map(|folder| Path::new(&folder).join(name));
    match installed {
        Some(path) if path.exists() => path,
        _ => Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../src/demo").join(name),
    }
}

pub fn model() -> Model {
    Model::open(demo("demo.pt")).expect("the demo model opens")
}

pub fn scene() -> Image {
    Image::open(demo("scene.png"), None).expect("the demo picture is read")
}

/// Options that take tenths of a second.
pub fn small<'a>() -> Options<'a> {
    let mut options = Options::new().unwrap();
    options.scales(&[224, 288]).unwrap().threads(1).unwrap().gate(Gate::OFF).unwrap().keep_flat(true).unwrap();
    options
}

/// A picture that no other has: a slope in each colour.
pub fn slope(side: usize, seed: usize) -> Image {
    let pixels: Vec<u8> = (0..side * side * 3).map(|i| (i * (seed + 3) / side % 256) as u8).collect();
    Image::from_bytes(&pixels, side, side, 0, PixelFormat::RGB8).unwrap()
}

/// A map of width x height whose values rise from 0 to 1 in reading order.
pub fn ramp(width: usize, height: usize) -> Map {
    let last = (width * height - 1) as f32;
    let values: Vec<f32> = (0..width * height).map(|i| i as f32 / last).collect();
    Map::new(&values, width, height).unwrap()
}

/// A file in this build's own folder for such, gone when this goes.
pub struct Scratch(pub PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let file = format!("{}-{name}", std::process::id());
        Scratch(Path::new(env!("CARGO_TARGET_TMPDIR")).join(file))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

/// That a call failed with this status, and that its message has this part.
#[track_caller]
pub fn refused<T>(result: Result<T, Error>, status: Status, part: &str) {
    match result {
        Ok(_) => panic!("this should have been refused with {status:?}"),
        Err(error) => {
            assert_eq!(error.status(), status, "{error}");
            assert!(error.message().contains(part), "\"{error}\" does not say \"{part}\"");
        }
    }
}

/// That two maps are equal to the last bit; what differs is said in a line, not in all their values.
#[track_caller]
pub fn same(a: &Map, b: &Map) {
    within(a, b, 0.0);
}

/// That no two values of two maps are further apart.
#[track_caller]
pub fn within(a: &Map, b: &Map, most: f32) {
    assert_eq!((a.width(), a.height()), (b.width(), b.height()));
    let apart = a.values().iter().zip(b.values()).fold(0.0, |apart: f32, (a, b)| apart.max((a - b).abs()));
    assert!(apart <= most, "values are up to {apart} apart");
}
