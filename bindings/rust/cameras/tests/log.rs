// SPDX-License-Identifier: MIT
//! What a model prints and warns reaches the log. One test, for the log is the process's.
mod common;
use cameras::{Log, LogKind, Model, Status};
use common::{refused, scene};
use std::sync::{Arc, Mutex};

#[test]
fn the_log_is_told_what_a_model_says_until_it_ends() {
    let path = match std::env::var_os("CAMERAS_PRINTING") {
        Some(path) => path,
        None => {
            println!("SKIPPED: log: CAMERAS_PRINTING names no network that prints");
            return;
        }
    };
    let model = Model::open(path).unwrap();
    let scene = scene();

    let said = Arc::new(Mutex::new(Vec::new()));
    let hear = Arc::clone(&said);
    let log = Log::new(move |kind, text| hear.lock().unwrap().push((kind, text.to_string()))).unwrap();
    model.classify(&scene, None).unwrap();
    drop(log);
    assert_eq!(Arc::strong_count(&said), 1, "the closure ends with the log");
    let heard = std::mem::take(&mut *said.lock().unwrap());
    assert!(heard.contains(&(LogKind::PRINT, "seen".into())), "{heard:?}");
    assert!(heard.contains(&(LogKind::WARNING, "odd".into())), "{heard:?}");
    model.classify(&scene, None).unwrap();
    assert!(said.lock().unwrap().is_empty());

    let calls = Arc::new(Mutex::new(0));
    let counted = Arc::clone(&calls);
    let log = Log::new(move |_, _| {
        *counted.lock().unwrap() += 1;
        refused(Log::new(|_, _| ()), Status::EINVAL, "inside");
        panic!("lost");
    });
    model.classify(&scene, None).unwrap();
    drop(log);
    assert!(*calls.lock().unwrap() > 0);
}
