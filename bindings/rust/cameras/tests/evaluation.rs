// SPDX-License-Identifier: MIT
//! Scores, the grid, the sanity check and the attack. Expected values are arithmetic on maps made by hand, and what the
//! definitions imply.
mod common;
use cameras::{AttackKind, Image, Map, Norm, Part, ScoreKind, Status, LEAST_LIKELY};
use common::{model, ramp, refused, same, scene, small, Scratch, CAR, CLASSES};
use std::collections::BTreeSet;

/// 0.25 on the left half of 224 x 224 pixels and 1 on the right.
fn halves() -> Map {
    let row: Vec<f32> = (0..224).map(|x| if x < 112 { 0.25 } else { 1.0 }).collect();
    Map::new(&row.repeat(224), 224, 224).unwrap()
}

/// The scene at the base size, so that objects and maps have one size.
fn small_scene() -> Image {
    let pixels = scene().rgb().unwrap();
    let every_other: Vec<u8> = (0..224 * 224)
        .flat_map(|i| {
            let at = (i / 224 * 2 * 448 + i % 224 * 2) * 3;
            [pixels[at], pixels[at + 1], pixels[at + 2]]
        })
        .collect();
    Image::from_bytes(&every_other, 224, 224, 0, cameras::PixelFormat::RGB8).unwrap()
}

#[test]
fn localisation_is_arithmetic_on_a_map_made_by_hand() {
    let (model, image) = (model(), small_scene());
    let left = Image::with_box(224, 224, 0, 0, 112, 224).unwrap();
    let mut options = small();
    options.score_steps(2).unwrap().class(CAR).unwrap();
    let scores = model.score(&image, &halves(), Some(&left), Some(&options)).unwrap();
    // A quarter of each pixel on the object against one beside it: 0.25 / 1.25.
    assert!((scores.value(ScoreKind::ENERGY) - 0.2).abs() < 1e-6);
    assert_eq!(scores.value(ScoreKind::IOU), 0.0);
    assert_eq!(scores.class(), CAR);
    let right = Image::with_box(224, 224, 112, 0, 112, 224).unwrap();
    let scores = model.score(&image, &halves(), Some(&right), Some(&options)).unwrap();
    assert!((scores.value(ScoreKind::ENERGY) - 0.8).abs() < 1e-6);
    assert_eq!(scores.value(ScoreKind::IOU), 1.0);
    assert_eq!(scores.value(ScoreKind::POINTING_HIT), 1.0);
}

#[test]
fn scores_obey_their_definitions() {
    let (model, image) = (model(), scene());
    let mut options = small();
    options.score_steps(4).unwrap().batch(3).unwrap().class(CAR).unwrap();
    let map = model.explain(&image, Some(&options)).unwrap();
    let scores = model.score(&image, &map, None, Some(&options)).unwrap();
    let p = scores.probability();
    assert!((p - f64::from(map.probability())).abs() < 1e-5);
    let mean = map.values().iter().map(|&value| f64::from(value)).sum::<f64>() / map.values().len() as f64;
    // P(I M), from the density.
    let shown = scores.value(ScoreKind::POSITIVE_MAP_DENSITY) * mean;
    assert!((scores.value(ScoreKind::AVERAGE_DROP) - (p - shown).max(0.0) / p).abs() < 1e-9);
    assert!((scores.value(ScoreKind::AVERAGE_GAIN) - (shown - p).max(0.0) / (1.0 - p)).abs() < 1e-9);
    assert_eq!(scores.value(ScoreKind::INCREASE), if shown > p { 1.0 } else { 0.0 });
    for area in [ScoreKind::INSERTION_AUC, ScoreKind::DELETION_AUC] {
        assert!((0.0..=1.0).contains(&scores.value(area)), "{area:?}");
    }
    for unmeasured in [ScoreKind::POINTING_HIT, ScoreKind::ENERGY, ScoreKind::IOU, ScoreKind::from_raw(99)] {
        assert!(scores.value(unmeasured).is_nan(), "{unmeasured:?}");
    }
}

#[test]
fn a_map_of_ones_hides_nothing() {
    let (model, image) = (model(), scene());
    let mut options = small();
    options.score_steps(1).unwrap();
    let ones = Map::new(&[1.0; 224 * 224], 224, 224).unwrap();
    let scores = model.score(&image, &ones, None, Some(&options)).unwrap();
    assert!((scores.value(ScoreKind::POSITIVE_MAP_DENSITY) - scores.probability()).abs() < 1e-6);
    assert!(scores.value(ScoreKind::NEGATIVE_MAP_DENSITY).is_nan(), "mean(1 - M) is 0");
}

#[test]
fn what_cannot_be_scored_is_refused() {
    let (model, image) = (model(), scene());
    refused(model.score(&image, &ramp(10, 10), None, Some(&small())), Status::EINVAL, "10 x 10");
    let black = Image::from_bytes(&[0; 448 * 448], 448, 448, 0, cameras::PixelFormat::GRAY8).unwrap();
    refused(model.score(&image, &halves(), Some(&black), Some(&small())), Status::EINVAL, "");
}

#[test]
fn the_grid_has_four_cells_of_the_base_size() {
    let (mut model, image) = (model(), small_scene());
    model.set_base_size(96, 96).unwrap();
    let mut options = small();
    options.scales(&[96]).unwrap();
    let grid = model.grid_score([&image; 4], [0, 1, 2, 3], Some(&options)).unwrap();
    assert_eq!((grid.picture.width(), grid.picture.height()), (192, 192));
    for share in grid.shares {
        assert!(share.is_nan() || (0.0..=1.0).contains(&share), "{share}");
    }
    options.method(cameras::Method::CONSTANT).unwrap();
    let chance = model.grid_score([&image; 4], [0, 1, 2, 3], Some(&options)).unwrap();
    assert_eq!(chance.shares, [0.25; 4]);
    refused(model.grid_score([&image; 4], [0, 1, 2, 1], None), Status::EINVAL, "class 1");
}

#[test]
fn a_sanity_check_lends_its_maps_and_says_why() {
    let (mut model, image) = (model(), scene());
    model.set_base_size(96, 96).unwrap();
    let mut options = small();
    options.scales(&[96]).unwrap().class(CAR).unwrap().attack_steps(3).unwrap().sanity_threshold(1.0).unwrap();
    let sanity = model.sanity_check(&image, 2, Some(&options)).unwrap();
    assert_eq!(sanity.stages().len(), 2);
    let layers: BTreeSet<_> = model.parametrised_layers().collect();
    for stage in sanity.stages() {
        assert!(layers.contains(stage.layer));
        if !stage.map.is_flat() {
            assert!((stage.map.spearman(sanity.original()).unwrap() - stage.spearman).abs() < 1e-9);
            assert!((stage.map.ssim(sanity.original()).unwrap() - stage.ssim).abs() < 1e-6);
        }
    }
    same(sanity.original(), &model.explain(&image, Some(&options)).unwrap());
    assert_ne!(sanity.unlikely().class(), Some(CAR));
    if !sanity.unlikely().is_flat() {
        let overlap = sanity.original().overlap(sanity.unlikely(), 0.05).unwrap();
        assert!((sanity.class_overlap() - overlap).abs() < 1e-9);
    }
    assert!((-1.0..=1.0).contains(&sanity.adversarial_spearman()));
    assert!((-1.0..=1.0).contains(&sanity.adversarial_score()));
    assert!((-1.0..=1.0).contains(&sanity.adversarial_chance()));
    assert!(!sanity.why().is_empty());
}

#[test]
fn a_map_that_knows_nothing_of_the_model_fails_the_sanity_check() {
    let (mut model, image) = (model(), scene());
    model.set_base_size(96, 96).unwrap();
    let mut options = small();
    options.method(cameras::Method::CENTRE).unwrap().attack_steps(1).unwrap();
    let sanity = model.sanity_check(&image, 2, Some(&options)).unwrap();
    for stage in sanity.stages() {
        assert!((stage.spearman - 1.0).abs() < 1e-9 && (stage.ssim - 1.0).abs() < 1e-6);
        same(stage.map, sanity.original());
    }
    assert!((sanity.class_overlap() - 1.0).abs() < 1e-9);
    assert!(!sanity.passed());
    assert!(sanity.why().contains("|Spearman| with the original is 1.000, above 0.5"), "{}", sanity.why());
}

#[test]
fn a_sanity_check_moves_to_another_thread_and_is_freed_there() {
    let (mut model, image) = (model(), scene());
    model.set_base_size(96, 96).unwrap();
    let mut options = small();
    options.scales(&[96]).unwrap().attack_steps(1).unwrap();
    let sanity = model.sanity_check(&image, 1, Some(&options)).unwrap();
    let first = sanity.original().values()[0];
    let there = std::thread::spawn(move || sanity.original().values()[0]).join().unwrap();
    assert_eq!(first, there);
}

#[test]
fn results_outlive_the_model_the_picture_and_the_options() {
    let (mut model, image) = (model(), scene());
    model.set_base_size(96, 96).unwrap();
    let mut options = small();
    options.scales(&[96]).unwrap().attack_steps(1).unwrap().score_steps(1).unwrap();
    let map = model.explain(&image, Some(&options)).unwrap();
    let scores = model.score(&image, &map, None, Some(&options)).unwrap();
    let sanity = model.sanity_check(&image, 1, Some(&options)).unwrap();
    let attack = model.attack(&image, &map, Some(&options)).unwrap();
    let auto = model.auto_layer().unwrap().to_string();
    let first = model.parametrised_layers().next_back().unwrap().to_string();
    drop((model, image, options));
    assert_eq!(map.layer(), auto);
    assert!(map.scales().all(|scale| scale.reason.starts_with("used")));
    same(&map, sanity.original());
    // One stage: all layers are drawn anew, down to the network's first.
    assert_eq!(sanity.stages().map(|stage| stage.layer).collect::<Vec<_>>(), [first]);
    assert_eq!(scores.class(), map.class().unwrap());
    assert_eq!(attack.perturbation(AttackKind::PLAIN).len(), 3 * 96 * 96);
}

#[test]
fn an_attack_is_measured_by_its_own_perturbation() {
    let (model, image) = (model(), scene());
    let map = model.explain(&image, Some(&small())).unwrap();
    let epsilon = 0.125;
    let mut options = small();
    options.attack_steps(4).unwrap().attack_epsilon(epsilon).unwrap().attack_beta(1.0).unwrap();
    options.attack_target(LEAST_LIKELY).unwrap().attack_confidence(0.999).unwrap();
    let attack = model.attack(&image, &map, Some(&options)).unwrap();
    let logits = model.classify(&image, Some(&options)).unwrap().logits;
    let least = (0..CLASSES).min_by(|&a, &b| logits[a].total_cmp(&logits[b])).unwrap();
    assert_eq!(attack.target(), least);
    assert_eq!((attack.channels(), attack.height(), attack.width()), (3, 224, 224));
    for kind in [AttackKind::GUIDED, AttackKind::PLAIN] {
        let p = attack.perturbation(kind);
        assert_eq!(p.len(), 3 * 224 * 224);
        let most = p.iter().fold(0.0, |most: f32, value| most.max(value.abs()));
        let l1: f64 = p.iter().map(|&value| f64::from(value.abs())).sum();
        let l2 = p.iter().map(|&value| f64::from(value).powi(2)).sum::<f64>().sqrt();
        assert!(f64::from(most) <= epsilon + 1e-6);
        assert_eq!(attack.norm(kind, Norm::LINF, Part::ALL), f64::from(most));
        assert!((attack.norm(kind, Norm::L1, Part::ALL) - l1).abs() < 1e-6 * l1.max(1.0));
        assert!((attack.norm(kind, Norm::L2, Part::ALL) - l2).abs() < 1e-6 * l2.max(1.0));
        let parts = attack.norm(kind, Norm::L0, Part::INSIDE) + attack.norm(kind, Norm::L0, Part::OUTSIDE);
        assert_eq!(parts, attack.norm(kind, Norm::L0, Part::ALL));
        assert!(attack.steps(kind) <= 4);
        assert!((0.0..=1.0).contains(&attack.confidence(kind)));
        assert_eq!(attack.succeeded(kind), attack.confidence(kind) >= 0.999);
        let pictures = [attack.image(kind).unwrap(), attack.picture(kind).unwrap()];
        assert!(pictures.iter().all(|picture| (picture.width(), picture.height()) == (224, 224)));
    }
    let both = attack.succeeded(AttackKind::GUIDED) && attack.succeeded(AttackKind::PLAIN);
    assert_eq!(attack.reduction().is_nan(), !both);
}

#[test]
fn a_written_perturbation_is_its_floats_behind_a_header() {
    let (model, image) = (model(), scene());
    let map = model.explain(&image, Some(&small())).unwrap();
    let attack = model.attack(&image, &map, Some(small().attack_steps(1).unwrap())).unwrap();
    let file = Scratch::new("perturbation.npy");
    attack.write(AttackKind::PLAIN, &file.0).unwrap();
    let bytes = std::fs::read(&file.0).unwrap();
    let floats: Vec<u8> = attack.perturbation(AttackKind::PLAIN).iter().flat_map(|v| v.to_le_bytes()).collect();
    assert_eq!(bytes[bytes.len() - floats.len()..], floats);
    refused(attack.write(AttackKind::PLAIN, "a\0b"), Status::EINVAL, "NUL");
}

#[test]
fn an_unknown_kind_of_attack_gives_nothing_and_does_no_harm() {
    let (model, image) = (model(), scene());
    let map = model.explain(&image, Some(&small())).unwrap();
    let attack = model.attack(&image, &map, Some(small().attack_steps(1).unwrap())).unwrap();
    let unknown = AttackKind::from_raw(99);
    assert!(attack.perturbation(unknown).is_empty());
    assert_eq!((attack.steps(unknown), attack.succeeded(unknown)), (0, false));
    assert_eq!(attack.norm(AttackKind::PLAIN, Norm::from_raw(99), Part::from_raw(99)), 0.0);
    refused(attack.image(unknown), Status::EINVAL, "");
    refused(attack.picture(unknown), Status::EINVAL, "");
}

#[test]
fn what_cannot_be_attacked_is_refused() {
    let (model, image) = (model(), scene());
    refused(model.attack(&image, &ramp(10, 10), Some(&small())), Status::EINVAL, "");
    let seen = model.classify(&image, None).unwrap().top1();
    refused(model.attack(&image, &halves(), Some(small().attack_target(seen).unwrap())), Status::EINVAL, "");
}
