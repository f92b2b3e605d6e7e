// SPDX-License-Identifier: MIT
//! Statuses, names and versions; errors as values.
mod common;
use cameras::{Colormap, Error, Method, Model, ScoreKind, Status};
use common::refused;

#[test]
fn names_are_listed_to_the_last() {
    let methods: Vec<_> = Method::all().filter_map(Method::name).collect();
    assert!(methods.len() >= 10);
    assert_eq!((methods[0], methods[2]), ("cameras", "gradcam++"));
    assert_eq!(Method::from_raw(methods.len() as u32).name(), None);
    assert_eq!(Colormap::VIRIDIS.name(), Some("viridis"));
    assert_eq!(Colormap::all().count(), 5);
    assert_eq!(ScoreKind::POSITIVE_MAP_DENSITY.name(), Some("positive_map_density"));
    assert_eq!(ScoreKind::all().last(), Some(ScoreKind::IOU));
}

#[test]
fn a_value_of_a_later_library_is_a_number_and_no_harm() {
    let later = Status::from_raw(4711);
    assert_eq!((later.raw(), later.text()), (4711, "unknown status"));
    assert_eq!(format!("{later:?} {:?}", Status::EFLAT), "Status(4711) EFLAT");
    assert_eq!(Method::from_raw(u32::MAX).name(), None);
}

#[test]
fn every_status_has_words_of_its_own() {
    let words: std::collections::BTreeSet<_> = (0..=14).map(|raw| Status::from_raw(raw).text()).collect();
    assert_eq!(words.len(), 15);
    assert_eq!(Status::OK.text(), "success");
}

#[test]
fn an_error_says_what_was_done_on_what_and_why() {
    let error = Model::open("/no/such/model.pt").unwrap_err();
    assert_eq!(error.status(), Status::EIO);
    assert!(error.message().starts_with("open model /no/such/model.pt: "), "{error}");
    assert_eq!(error.to_string(), error.message());
    let _: &(dyn std::error::Error + Send + Sync + 'static) = &error;
}

#[test]
fn an_error_keeps_its_message_when_others_follow() {
    let first = Model::open("/no/such/first.pt").unwrap_err();
    let second: Error = Model::open("/no/such/second.pt").unwrap_err();
    assert!(first.message().contains("first.pt") && second.message().contains("second.pt"));
}

#[test]
fn messages_are_the_threads_own() {
    std::thread::scope(|scope| {
        for name in ["one", "two", "three", "four"] {
            scope.spawn(move || {
                for _ in 0..200 {
                    refused(Model::open(format!("/no/such/{name}.pt")), Status::EIO, &format!("/{name}.pt"));
                }
            });
        }
    });
}

#[test]
fn the_library_is_the_one_that_this_crate_declares() {
    assert_eq!(cameras::version(), cameras::VERSION);
    assert!(cameras::libtorch_version().contains('.'));
}
