// SPDX-License-Identifier: MIT
//! Networks: opened, asked what they have, and told what they were trained with.
mod common;
use cameras::{ChannelOrder, Model, Status};
use common::{demo, model, refused, scene, BIRD, CAR, CLASSES};

#[test]
fn a_model_opens_from_memory_as_from_its_file() {
    let bytes = std::fs::read(demo("demo.pt")).unwrap();
    let memory = Model::from_memory(&bytes).unwrap();
    drop(bytes);
    let (file, image) = (model(), scene());
    assert_eq!(memory.layers().collect::<Vec<_>>(), file.layers().collect::<Vec<_>>());
    assert_eq!(memory.classify(&image, None).unwrap(), file.classify(&image, None).unwrap());
}

#[test]
fn what_is_no_model_is_refused() {
    refused(Model::open("/no/such/model.pt"), Status::EIO, "/no/such/model.pt");
    refused(Model::open(demo("demo.txt")), Status::EFORMAT, "demo.txt");
    refused(Model::open("demo\0.pt"), Status::EINVAL, "open model \"demo\\0.pt\": the text has a NUL at byte 4");
    refused(Model::from_memory(b"text"), Status::EFORMAT, "memory");
    refused(Model::from_memory(&[]), Status::EINVAL, "memory");
}

#[test]
fn layers_are_listed_both_ways_with_their_types() {
    let model = model();
    let layers: Vec<_> = model.layers().collect();
    assert_eq!(layers.len(), model.layers().len());
    assert!(layers.iter().any(|layer| layer.path == "features.0.0" && layer.kind == "Conv2d"));
    let mut backwards: Vec<_> = model.layers().rev().collect();
    backwards.reverse();
    assert_eq!(backwards, layers);
}

#[test]
fn the_automatic_layer_and_those_with_parameters_are_among_the_layers() {
    let model = model();
    let paths: Vec<_> = model.layers().map(|layer| layer.path).collect();
    assert!(paths.contains(&model.auto_layer().unwrap()));
    assert!(model.parametrised_layers().len() >= 2);
    assert!(model.parametrised_layers().all(|path| paths.contains(&path)));
}

#[test]
fn the_demo_tells_sixteen_classes_apart_in_colour() {
    let model = model();
    assert_eq!((model.class_count().unwrap(), model.channels()), (CLASSES, 3));
}

#[test]
fn labels_are_read_replaced_and_kept_on_failure() {
    let mut model = model();
    assert_eq!(model.label(CAR), None);
    model.read_labels(demo("demo.txt")).unwrap();
    assert_eq!((model.label(BIRD), model.label(CAR), model.label(CLASSES)), (Some("bird"), Some("car"), None));
    refused(model.read_labels("/no/such/labels.txt"), Status::EIO, "/no/such/labels.txt");
    refused(model.set_labels("\n\n"), Status::EFORMAT, "");
    refused(model.set_labels("a\0b"), Status::EFORMAT, "");
    assert_eq!(model.label(CAR), Some("car"));
    model.set_labels("Äpfel\nBirnen\n\n").unwrap();
    assert_eq!((model.label(0), model.label(1), model.label(2)), (Some("Äpfel"), Some("Birnen"), None));
}

#[test]
fn a_class_is_found_by_number_and_by_label() {
    let mut model = model();
    model.read_labels(demo("demo.txt")).unwrap();
    assert_eq!(model.find_class("11").unwrap(), 11);
    assert_eq!(model.find_class("ICE-Cream").unwrap(), 9);
    refused(model.find_class("balloons"), Status::ECLASS, "balloon");
    refused(model.find_class(""), Status::EINVAL, "");
    refused(model.find_class("a\0"), Status::EINVAL, "NUL");
}

#[test]
fn the_softmax_of_the_logits_sums_to_1() {
    let said = model().classify(&scene(), None).unwrap();
    assert_eq!((said.logits.len(), said.probabilities.len()), (CLASSES, CLASSES));
    let sum: f64 = said.probabilities.iter().map(|&p| f64::from(p)).sum();
    assert!((sum - 1.0).abs() < 1e-5, "{sum}");
    let all: f64 = said.logits.iter().map(|&logit| f64::from(logit).exp()).sum();
    for (logit, p) in said.logits.iter().zip(&said.probabilities) {
        assert!((f64::from(*logit).exp() / all - f64::from(*p)).abs() < 1e-5);
    }
    let most = said.probabilities.iter().cloned().fold(0.0, f32::max);
    assert_eq!(said.probabilities[said.top1()], most);
}

#[test]
fn blue_first_is_red_first_of_the_swapped_picture() {
    let (mut bgr, rgb, image) = (model(), model(), scene());
    bgr.set_channel_order(ChannelOrder::BGR).unwrap();
    // What the means and deviations are of follows the network's own order.
    bgr.set_normalisation(&[0.5; 3], &[0.25; 3]).unwrap();
    let mut plain = rgb;
    plain.set_normalisation(&[0.5; 3], &[0.25; 3]).unwrap();
    let pixels = image.rgb().unwrap();
    let swapped = cameras::Image::from_bytes(&pixels, 448, 448, 0, cameras::PixelFormat::BGR8).unwrap();
    let (a, b) = (bgr.classify(&image, None).unwrap(), plain.classify(&swapped, None).unwrap());
    assert_eq!(a, b);
    assert_ne!(a, plain.classify(&image, None).unwrap());
    refused(bgr.set_channel_order(ChannelOrder::from_raw(2)), Status::EINVAL, "");
}

#[test]
fn normalisation_takes_a_pair_for_each_channel() {
    let mut model = model();
    refused(model.set_normalisation(&[0.0; 3], &[1.0; 2]), Status::EINVAL, "3 means, but 2 deviations");
    refused(model.set_normalisation(&[0.0; 2], &[1.0; 2]), Status::EINVAL, "2 values for a network of 3 channels");
    refused(model.set_normalisation(&[0.0; 3], &[0.0; 3]), Status::EINVAL, "");
}

#[test]
fn maps_have_the_base_size_or_the_shape_of_the_picture() {
    let mut model = model();
    let wide = cameras::Image::from_bytes(&[9; 64 * 32], 64, 32, 0, cameras::PixelFormat::GRAY8).unwrap();
    let mut options = common::small();
    options.scales(&[96]).unwrap();
    model.set_base_size(96, 80).unwrap();
    let map = model.explain(&wide, Some(&options)).unwrap();
    assert_eq!((map.width(), map.height()), (96, 80));
    model.set_base_side(96).unwrap();
    let map = model.explain(&wide, Some(&options)).unwrap();
    assert_eq!((map.width(), map.height()), (192, 96));
    refused(model.set_base_size(0, 80), Status::EINVAL, "");
    refused(model.set_base_side(cameras::MAX_SIDE + 1), Status::ELIMIT, "8193");
}

#[test]
fn a_randomised_copy_differs_by_its_seed_and_leaves_the_model_as_it_was() {
    let (model, image) = (model(), scene());
    let before = model.classify(&image, None).unwrap();
    let last = model.parametrised_layers().next().unwrap();
    let said = |seed| model.randomise(&[last], seed).unwrap().classify(&image, None).unwrap();
    let (one, again, other) = (said(1), said(1), said(2));
    assert_eq!(one, again);
    assert_ne!(one, other);
    assert_ne!(one, before);
    assert_eq!(model.randomise(&[], 1).unwrap().classify(&image, None).unwrap(), before);
    assert_eq!(model.classify(&image, None).unwrap(), before);
    refused(model.randomise(&["no.such"], 1), Status::ELAYER, "no.such");
    refused(model.randomise(&["a\0b"], 1), Status::EINVAL, "NUL");
}

#[test]
fn a_model_moves_between_threads_and_closes_elsewhere() {
    let model = std::thread::spawn(model).join().unwrap();
    let image = scene();
    let here = model.classify(&image, None).unwrap();
    let there = std::thread::spawn(move || model.classify(&image, None).unwrap()).join().unwrap();
    assert_eq!(here, there);
}
