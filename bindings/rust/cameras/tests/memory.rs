// SPDX-License-Identifier: MIT
//! What is dropped gives its memory back. Alone in its program, so that nobody else's memory is counted.
mod common;
use cameras::{Image, Map, Model, PixelFormat};
use common::{model, refused, scene, slope, small};
use std::ops::ControlFlow;

/// Resident memory in MiB.
fn resident() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<usize>().unwrap() / 1024
}

/// That these rounds leave less behind than a few of what one of them makes, in MiB.
#[track_caller]
fn leaves_little(what: &str, one: usize, mut round: impl FnMut()) {
    round();
    let before = resident();
    for _ in 0..12 {
        round();
    }
    let after = resident();
    assert!(after < before + 4 * one, "{what}: {before} MiB became {after}");
}

/// One test, so that they run one after the other.
#[test]
fn what_is_dropped_gives_its_memory_back() {
    let side = 2048;
    let values = vec![0.5; side * side];
    leaves_little("maps", 32, || drop(Map::new(&values, side, side).unwrap()));
    let pixels = vec![7; side * side * 3];
    leaves_little("images", 12, || drop(Image::from_bytes(&pixels, side, side, 0, PixelFormat::RGB8).unwrap()));

    // The demo network takes some 4 MiB, and is opened whole each time.
    let bytes = std::fs::read(common::demo("demo.pt")).unwrap();
    leaves_little("models", 8, || drop(Model::from_memory(&bytes).unwrap()));

    // Maps that a callback does not keep: 8 MiB each of the picture's own size.
    let (mut model, image) = (model(), slope(1024, 1));
    model.set_base_side(64).unwrap();
    let mut options = small();
    options.scales(&[64]).unwrap().map_size(cameras::MapSize::IMAGE).unwrap();
    leaves_little("maps of many images", 16, || {
        let told = model.explain_many(&[&image, &image], Some(&options), |_, _| ControlFlow::Continue(()));
        assert_eq!(told.unwrap(), 2);
    });

    // And those that a panicking one was given.
    std::panic::set_hook(Box::new(|_| ()));
    leaves_little("maps of a panic", 16, || {
        let call = || model.explain_many(&[&image, &image], Some(&options), |_, _| panic!("with maps in hand"));
        assert!(std::panic::catch_unwind(std::panic::AssertUnwindSafe(call)).is_err());
    });
    let _ = std::panic::take_hook();

    let scene = scene();
    let mut options = small();
    options.scales(&[64]).unwrap().attack_steps(1).unwrap();
    leaves_little("sanity checks", 8, || drop(model.sanity_check(&scene, 1, Some(&options)).unwrap()));
    refused(model.explain(&scene, Some(options.class(99).unwrap())), cameras::Status::ECLASS, "99");
}
