// SPDX-License-Identifier: MIT
//! Explaining: maps, their record, several at once, options and what they refuse.
mod common;
use cameras::{
    Gate, Interpolation, MapSize, Masking, Method, Options, Precision, Preset, Source, Stage, Status, StepRule,
    MAX_CLASSES, MAX_FILE_BYTES, MAX_LAYERS, MAX_SCALES, MAX_SIDE, MAX_THREADS,
};
use common::{model, refused, same, scene, small, within, BIRD, CAR, CLASSES};

#[test]
fn a_map_runs_from_0_to_1_and_is_its_raw_values_stretched() {
    let map = model().explain(&scene(), Some(&small())).unwrap();
    assert_eq!((map.width(), map.height(), map.values().len()), (224, 224, 224 * 224));
    let least = map.values().iter().cloned().fold(f32::INFINITY, f32::min);
    let most = map.values().iter().cloned().fold(0.0, f32::max);
    assert_eq!((least, most), (0.0, 1.0));
    let low = map.raw().iter().cloned().fold(f32::INFINITY, f32::min);
    let high = map.raw().iter().cloned().fold(0.0, f32::max);
    assert!(low >= 0.0 && high > low);
    for (value, raw) in map.values().iter().zip(map.raw()) {
        assert!(((raw - low) / (high - low) - value).abs() < 1e-6);
    }
}

#[test]
fn without_a_class_the_first_is_explained_and_the_record_says_so() {
    let (model, image) = (model(), scene());
    let said = model.classify(&image, None).unwrap();
    let map = model.explain(&image, Some(&small())).unwrap();
    assert_eq!(map.class(), Some(said.top1()));
    assert!((map.logit() - said.logits[said.top1()]).abs() < 1e-4);
    assert!((map.probability() - said.probabilities[said.top1()]).abs() < 1e-5);
    assert_eq!(map.layer(), model.auto_layer().unwrap());
    assert_eq!((map.method(), map.source()), (Method::CAMERAS, Source::BASE));
    assert_eq!(map.precision(), Precision::FP32);
    assert!(!map.is_flat());
    let part = map.seconds(Stage::TRUNK) + map.seconds(Stage::HEAD) + map.seconds(Stage::FUSE);
    assert!(part > 0.0 && part + map.seconds(Stage::PREPARE) <= map.seconds(Stage::TOTAL) * 1.001);
}

#[test]
fn every_scale_is_on_record() {
    let map = model().explain(&scene(), Some(&small())).unwrap();
    let scales: Vec<_> = map.scales().collect();
    assert_eq!(scales.iter().map(|scale| (scale.width, scale.height)).collect::<Vec<_>>(), [(224, 224), (288, 288)]);
    for scale in scales {
        assert!(scale.used && !scale.reason.is_empty());
        assert!(scale.top1 < CLASSES);
        assert!(scale.top1_probability >= scale.probability && scale.top1_probability <= 1.0);
    }
    assert_eq!(map.scales().next_back().unwrap().width, 288);
}

#[test]
fn the_gate_drops_scales_that_see_another_class() {
    let (model, image) = (model(), scene());
    let mut options = small();
    // Of eight pixels the network sees something else than of 224.
    options.scales(&[224, 8]).unwrap().gate(Gate::ON).unwrap();
    let map = model.explain(&image, Some(&options)).unwrap();
    let base = map.scales().next().unwrap().top1;
    for scale in map.scales() {
        assert_eq!(scale.used, scale.top1 == base, "{scale:?}");
    }
}

#[test]
fn several_classes_and_layers_come_in_their_order() {
    let (model, image) = (model(), scene());
    let mut options = small();
    options.class(BIRD).unwrap().class(CAR).unwrap().layer("features.4").unwrap().layer("auto").unwrap();
    assert_eq!(options.map_count(), 4);
    let maps = model.explain_several(&image, Some(&options)).unwrap();
    let auto = model.auto_layer().unwrap();
    let record: Vec<_> = maps.iter().map(|map| (map.layer(), map.class().unwrap())).collect();
    assert_eq!(record, [("features.4", BIRD), ("features.4", CAR), (auto, BIRD), (auto, CAR)]);
    let mut one = small();
    one.class(CAR).unwrap();
    // Cut at another layer the network computes the same by other kernels.
    within(&model.explain(&image, Some(&one)).unwrap(), &maps[3], 1e-4);
}

#[test]
fn what_the_network_does_not_have_is_refused() {
    let (model, image) = (model(), scene());
    refused(model.explain(&image, Some(small().class(CLASSES).unwrap())), Status::ECLASS, "16");
    refused(model.explain(&image, Some(small().layer("features.99").unwrap())), Status::ELAYER, "features.99");
    refused(model.explain_several(&image, Some(small().class(CLASSES).unwrap())), Status::ECLASS, "16");
    refused(model.explain(&image, Some(small().class(0).unwrap().class(1).unwrap())), Status::EINVAL, "");
}

#[test]
fn the_constant_control_is_a_half_everywhere() {
    let map = model().explain(&scene(), Some(small().method(Method::CONSTANT).unwrap())).unwrap();
    assert!(map.is_flat() && map.method() == Method::CONSTANT);
    assert!(map.values().iter().all(|value| *value == 0.5));
}

#[test]
fn the_random_control_follows_its_seed() {
    let (model, image) = (model(), scene());
    let values = |seed| {
        let map = model.explain(&image, Some(small().method(Method::RANDOM).unwrap().seed(seed).unwrap())).unwrap();
        map.values().to_vec()
    };
    assert!(values(5) == values(5));
    assert!(values(5) != values(6));
}

#[test]
fn a_map_may_have_the_pictures_size_and_source() {
    let mut options = small();
    options.map_size(MapSize::IMAGE).unwrap().source(Source::ORIGINAL).unwrap();
    options.interpolation(Interpolation::BILINEAR).unwrap();
    let map = model().explain(&scene(), Some(&options)).unwrap();
    assert_eq!((map.width(), map.height(), map.source()), (448, 448, Source::ORIGINAL));
}

#[test]
fn a_memory_limit_below_the_estimate_is_refused() {
    let (model, image) = (model(), scene());
    let mut options = small();
    let bytes = model.explain_memory(448, 448, Some(&options)).unwrap();
    assert!(bytes > 224 * 224 * 4, "{bytes}");
    options.memory_limit(bytes / 8).unwrap();
    refused(model.explain(&image, Some(&options)), Status::ELIMIT, "");
    options.memory_limit(0).unwrap();
    assert!(model.explain(&image, Some(&options)).is_ok());
}

#[test]
fn a_preset_sets_the_schedule() {
    let (mut model, image) = (model(), scene());
    model.set_base_size(64, 64).unwrap();
    let mut options = Options::new().unwrap();
    options.preset(Preset::FAST).unwrap().gate(Gate::OFF).unwrap().keep_flat(true).unwrap();
    let map = model.explain(&image, Some(&options)).unwrap();
    assert_eq!(map.scales().map(|scale| scale.width).collect::<Vec<_>>(), [64, 264, 464]);
}

#[test]
fn setters_refuse_what_is_out_of_range() {
    let mut options = Options::new().unwrap();
    refused(options.scales(&[]), Status::EINVAL, "at least one scale");
    refused(options.scales(&[0]), Status::EINVAL, "0 pixels");
    refused(options.scales(&[MAX_SIDE + 1]), Status::ELIMIT, "8193");
    refused(options.scales(&[8; MAX_SCALES + 1]), Status::ELIMIT, "65");
    refused(options.threads(MAX_THREADS + 1), Status::ELIMIT, "1025");
    refused(options.layer(""), Status::EINVAL, "");
    refused(options.layer("a\0b"), Status::EINVAL, "add layer \"a\\0b\"");
    refused(options.max_pixels(0), Status::EINVAL, "");
    refused(options.max_file_bytes(MAX_FILE_BYTES + 1), Status::ELIMIT, "4294967296");
    refused(options.max_scales(MAX_SCALES + 1), Status::ELIMIT, "65");
    refused(options.max_classes(MAX_CLASSES + 1), Status::ELIMIT, "4097");
    refused(options.score_steps(4097), Status::ELIMIT, "4097");
    refused(options.batch(0), Status::EINVAL, "");
    refused(options.sanity_threshold(f64::NAN), Status::EINVAL, "");
    refused(options.attack_confidence(1.5), Status::EINVAL, "1.5");
    refused(options.attack_epsilon(0.0), Status::EINVAL, "");
    refused(options.attack_beta(-1.0), Status::EINVAL, "");
    refused(options.attack_steps(0), Status::EINVAL, "");
    for later in [options.preset(Preset::from_raw(99)).err(), options.gate(Gate::from_raw(99)).err()] {
        assert_eq!(later.unwrap().status(), Status::EINVAL);
    }
    refused(options.method(Method::from_raw(99)), Status::EINVAL, "99");
    refused(options.source(Source::from_raw(99)), Status::EINVAL, "99");
    refused(options.map_size(MapSize::from_raw(99)), Status::EINVAL, "99");
    refused(options.interpolation(Interpolation::from_raw(99)), Status::EINVAL, "99");
    refused(options.precision(Precision::from_raw(99)), Status::EINVAL, "99");
    refused(options.masking(Masking::from_raw(99)), Status::EINVAL, "99");
    refused(options.attack_rule(StepRule::from_raw(99)), Status::EINVAL, "99");
}

#[test]
fn classes_and_layers_have_their_limits() {
    let mut options = Options::new().unwrap();
    options.max_scales(2).unwrap().max_classes(1).unwrap().class(0).unwrap();
    refused(options.class(1), Status::ELIMIT, "max_classes");
    refused(options.scales(&[8, 9, 10]), Status::ELIMIT, "max_scales");
    let mut options = Options::new().unwrap();
    for _ in 0..MAX_CLASSES {
        options.class(0).unwrap();
    }
    refused(options.class(0), Status::ELIMIT, "4096");
    for _ in 0..MAX_LAYERS {
        options.layer("auto").unwrap();
    }
    refused(options.layer("auto"), Status::ELIMIT, "64");
    assert_eq!(options.map_count(), MAX_CLASSES * MAX_LAYERS);
}

#[test]
fn a_refused_setter_changes_nothing() {
    let (model, image) = (model(), scene());
    let mut options = small();
    let before = model.explain(&image, Some(&options)).unwrap();
    let _ = options.scales(&[64, 0]);
    let _ = options.method(Method::from_raw(99));
    same(&model.explain(&image, Some(&options)).unwrap(), &before);
}
