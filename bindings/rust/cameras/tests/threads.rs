// SPDX-License-Identifier: MIT
//! What may be shared is shared: bit-equal maps from several threads on one model.
mod common;
use cameras::{Attack, Image, Map, Model, Options, Sanity, Scores};
use common::{model, same, scene, small, CAR};
use std::sync::Arc;

#[test]
fn threads_on_one_model_give_bit_equal_maps() {
    let (model, image) = (Arc::new(model()), Arc::new(scene()));
    let alone = model.explain(&image, Some(small().class(CAR).unwrap())).unwrap();
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (model, image) = (Arc::clone(&model), Arc::clone(&image));
            std::thread::spawn(move || model.explain(&image, Some(small().class(CAR).unwrap())).unwrap())
        })
        .collect();
    for thread in threads {
        let map: Map = thread.join().unwrap();
        assert!(map.raw().iter().zip(alone.raw()).all(|(a, b)| a.to_bits() == b.to_bits()));
    }
}

#[test]
fn threads_may_ask_for_different_layers_at_once() {
    let (model, image) = (model(), scene());
    let layers = ["features.2", "features.4", "auto"];
    let of = |layer: &str| model.explain(&image, Some(small().layer(layer).unwrap())).unwrap();
    let alone: Vec<Map> = layers.iter().map(|layer| of(layer)).collect();
    std::thread::scope(|scope| {
        for (layer, alone) in layers.iter().zip(&alone) {
            let of = &of;
            scope.spawn(move || {
                for _ in 0..3 {
                    same(&of(layer), alone);
                }
            });
        }
    });
}

#[test]
fn first_questions_may_come_at_once() {
    let model = model();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                assert_eq!(model.class_count().unwrap(), common::CLASSES);
                assert!(!model.auto_layer().unwrap().is_empty());
                assert!(model.randomise(&[], 0).is_ok());
            });
        }
    });
}

#[test]
fn what_is_said_of_threads_is_what_the_types_have() {
    fn send<T: Send>() {}
    fn sync<T: Sync>() {}
    send::<Model>();
    sync::<Model>();
    send::<Image>();
    sync::<Image>();
    send::<Map>();
    sync::<Map>();
    send::<Options<'static>>();
    send::<Scores>();
    sync::<Scores>();
    send::<Sanity>();
    sync::<Sanity>();
    send::<Attack>();
    sync::<Attack>();
}
