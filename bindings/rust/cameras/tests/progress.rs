// SPDX-License-Identifier: MIT
//! Callbacks: progress, cancelling, panics that must not cross the library, and closures that are dropped once.
mod common;
use cameras::{Image, Map, Options, Status};
use common::{model, refused, scene, slope, small};
use std::cell::RefCell;
use std::ops::ControlFlow::{Break, Continue};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::Arc;

/// What a call panics with.
fn panic_of<T>(call: impl FnOnce() -> T) -> String {
    let payload = catch_unwind(AssertUnwindSafe(call)).err().expect("the panic goes on in the caller");
    payload.downcast_ref::<&str>().expect("with what it was given").to_string()
}

#[test]
fn progress_rises_to_1_once_a_scale() {
    let (model, image) = (model(), scene());
    let mut told = Vec::new();
    let mut options = small();
    options
        .progress(|done| {
            told.push(done);
            Continue(())
        })
        .unwrap();
    model.explain(&image, Some(&options)).unwrap();
    drop(options);
    assert!(told.len() >= 2, "{told:?}");
    assert!(told.windows(2).all(|pair| pair[0] <= pair[1]), "{told:?}");
    assert!(told[0] > 0.0 && told[told.len() - 1] == 1.0, "{told:?}");
}

#[test]
fn a_break_cancels_and_the_options_serve_again() {
    let (model, image) = (model(), scene());
    let calls = AtomicUsize::new(0);
    let mut options = small();
    options
        .progress(|_| match calls.fetch_add(1, Ordering::Relaxed) {
            0 => Break(()),
            _ => Continue(()),
        })
        .unwrap();
    refused(model.explain(&image, Some(&options)), Status::ECANCELLED, "cancelled");
    assert_eq!(calls.load(Ordering::Relaxed), 1);
    assert!(model.explain(&image, Some(&options)).is_ok());
}

#[test]
fn a_panic_goes_on_in_the_caller_and_the_model_serves_again() {
    let (model, image) = (model(), scene());
    let calls = AtomicUsize::new(0);
    let mut options = small();
    options
        .progress(|_| -> std::ops::ControlFlow<()> {
            calls.fetch_add(1, Ordering::Relaxed);
            panic!("of the closure")
        })
        .unwrap();
    assert_eq!(panic_of(|| model.explain(&image, Some(&options))), "of the closure");
    assert_eq!(panic_of(|| model.explain_several(&image, Some(&options))), "of the closure");
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    options.no_progress().unwrap();
    assert!(model.explain(&image, Some(&options)).is_ok());
}

#[test]
fn a_panic_in_evaluation_goes_on_in_the_caller_too() {
    let (model, image) = (model(), scene());
    let map = model.explain(&image, Some(&small())).unwrap();
    let mut options = small();
    options.score_steps(2).unwrap().progress(|_| panic!("while evaluating")).unwrap();
    let others = [&image, &image, &image, &image];
    assert_eq!(panic_of(|| model.score(&image, &map, None, Some(&options))), "while evaluating");
    assert_eq!(panic_of(|| model.sanity_check(&image, 2, Some(&options))), "while evaluating");
    assert_eq!(panic_of(|| model.attack(&image, &map, Some(&options))), "while evaluating");
    assert_eq!(panic_of(|| model.grid_score(others, [0, 1, 2, 3], Some(&options))), "while evaluating");
}

#[test]
fn a_closure_is_dropped_once_whether_replaced_taken_off_or_left() {
    let owner = Arc::new(());
    let mut options = Options::new().unwrap();
    for round in 0..3 {
        let held = Arc::clone(&owner);
        options
            .progress(move |_| {
                let _ = &held;
                Continue(())
            })
            .unwrap();
        assert_eq!(Arc::strong_count(&owner), 2, "in round {round}");
    }
    options.no_progress().unwrap();
    assert_eq!(Arc::strong_count(&owner), 1);
    let held = Arc::clone(&owner);
    options
        .progress(move |_| {
            let _ = &held;
            Continue(())
        })
        .unwrap();
    drop(options);
    assert_eq!(Arc::strong_count(&owner), 1);
}

#[test]
fn options_move_between_threads_with_their_closure() {
    let (model, image) = (model(), scene());
    let mut calls = 0;
    let mut options = small();
    options
        .progress(|_| {
            calls += 1;
            Continue(())
        })
        .unwrap();
    std::thread::scope(|scope| {
        let (model, image) = (&model, &image);
        scope.spawn(move || assert!(model.explain(image, Some(&options)).is_ok()));
    });
    assert!(calls >= 2);
}

thread_local! {
    /// The one way for a callback to reach the options of its own call.
    static OPTIONS: RefCell<Option<Options<'static>>> = const { RefCell::new(None) };
}

#[test]
fn options_are_refused_within_their_own_closure_and_serve_again() {
    let (model, image) = (Arc::new(model()), Arc::new(scene()));
    let (own, picture) = (Arc::clone(&model), Arc::clone(&image));
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let mut options = small();
    options
        .progress(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            OPTIONS.with(|options| {
                let inner = own.explain(&picture, options.borrow().as_ref());
                refused(inner, Status::EINVAL, "make others for it");
            });
            Continue(())
        })
        .unwrap();
    OPTIONS.with(|own| {
        *own.borrow_mut() = Some(options);
        let own = own.borrow();
        assert!(model.explain(&image, own.as_ref()).is_ok());
        let once = calls.swap(0, Ordering::Relaxed);
        assert!(model.explain(&image, own.as_ref()).is_ok());
        assert_eq!(calls.load(Ordering::Relaxed), once);
    });
}

#[test]
fn options_are_refused_within_the_callback_of_many_images() {
    let (model, image) = (model(), slope(48, 1));
    OPTIONS.with(|own| {
        *own.borrow_mut() = Some(small());
        let own = own.borrow();
        let told = model.explain_many(&[&image], own.as_ref(), |_, _| {
            OPTIONS.with(|own| refused(model.classify(&image, own.borrow().as_ref()), Status::EINVAL, "use options"));
            Continue(())
        });
        assert_eq!(told.unwrap(), 1);
        assert!(model.classify(&image, own.as_ref()).is_ok());
    });
}

// ---- many images -----------------------------------------------------------------------------------------------

fn pictures() -> Vec<Image> {
    (0..5).map(|seed| slope(48, seed)).collect()
}

/// Two threads and one small scale: five images are told from both threads.
fn two_threads<'a>() -> Options<'a> {
    let mut options = small();
    options.scales(&[96]).unwrap().threads(2).unwrap();
    options
}

#[test]
fn many_are_each_told_once_and_are_what_single_calls_give() {
    let mut model = model();
    model.set_base_side(96).unwrap();
    let images = pictures();
    let borrowed: Vec<&Image> = images.iter().collect();
    let mut kept: Vec<Vec<Map>> = Vec::new();
    kept.resize_with(images.len(), Vec::new);
    let mut options = two_threads();
    options.class(0).unwrap().class(1).unwrap();
    let explained = model.explain_many(&borrowed, Some(&options), |index, maps| {
        assert!(kept[index].is_empty());
        kept[index] = maps.unwrap();
        Continue(())
    });
    assert_eq!(explained.unwrap(), 5);
    let mut single = small();
    single.scales(&[96]).unwrap().class(0).unwrap().class(1).unwrap();
    for (image, maps) in images.iter().zip(&kept) {
        let alone = model.explain_several(image, Some(&single)).unwrap();
        assert_eq!(maps.len(), 2);
        for (a, b) in alone.iter().zip(maps) {
            assert_eq!(a.class(), b.class());
            common::same(a, b);
        }
    }
}

#[test]
fn nothing_and_no_paths_are_explained_at_once() {
    let model = model();
    let nobody = |_: usize, _: cameras::Result<Vec<Map>>| panic!("told of nothing");
    assert_eq!(model.explain_many(&[], None, nobody).unwrap(), 0);
    assert_eq!(model.explain_files::<&str, _>(&[], None, nobody).unwrap(), 0);
    refused(model.explain_files(&["a\0b"], None, nobody), Status::EINVAL, "explain files");
}

#[test]
fn files_are_told_by_their_place_and_a_missing_one_stops_no_other() {
    let mut model = model();
    model.set_base_side(96).unwrap();
    let scene = common::demo("scene.png");
    let paths = [scene.clone(), "/no/such/picture.png".into(), scene];
    let mut told = [None, None, None];
    let explained = model.explain_files(&paths, Some(&two_threads()), |index, maps| {
        told[index] = Some(maps.map(|maps| maps.len()));
        Continue(())
    });
    assert_eq!(explained.unwrap(), 2);
    assert_eq!((&told[0], &told[2]), (&Some(Ok(1)), &Some(Ok(1))));
    refused(told[1].take().unwrap(), Status::EIO, "/no/such/picture.png");
}

#[test]
fn a_break_begins_no_further_image() {
    let mut model = model();
    model.set_base_side(96).unwrap();
    let images = pictures();
    let borrowed: Vec<&Image> = images.iter().collect();
    let mut calls = 0;
    let mut options = two_threads();
    options.threads(1).unwrap();
    let result = model.explain_many(&borrowed, Some(&options), |_, _| {
        calls += 1;
        Break(())
    });
    refused(result, Status::ECANCELLED, "1 of 5");
    assert_eq!(calls, 1);
}

#[test]
fn a_panic_on_any_thread_goes_on_in_the_caller_and_is_not_told_again() {
    let mut model = model();
    model.set_base_side(96).unwrap();
    let images = pictures();
    let borrowed: Vec<&Image> = images.iter().collect();
    for wanted in 0..3 {
        let calls = AtomicUsize::new(0);
        let message = panic_of(|| {
            model.explain_many(&borrowed, Some(&two_threads()), |_, _| {
                if calls.fetch_add(1, Ordering::Relaxed) == wanted {
                    panic!("of the callback");
                }
                Continue(())
            })
        });
        assert_eq!(message, "of the callback");
        assert_eq!(calls.load(Ordering::Relaxed), wanted + 1);
    }
}

#[test]
fn where_both_closures_panic_the_caller_gets_the_first() {
    let mut model = model();
    model.set_base_side(96).unwrap();
    let image = slope(48, 1);
    let mut options = two_threads();
    options.progress(|_| panic!("of progress")).unwrap();
    let message = panic_of(|| model.explain_many(&[&image], Some(&options), |_, _| panic!("of the callback")));
    assert_eq!(message, "of the callback");
    let message = panic_of(|| model.explain_many(&[&image], Some(&options), |_, _| Continue(())));
    assert_eq!(message, "of progress");
}

#[test]
fn a_callback_may_use_the_library() {
    let mut model = model();
    model.set_base_side(96).unwrap();
    let images = pictures();
    let borrowed: Vec<&Image> = images.iter().collect();
    let mut inner = 0;
    let explained = model.explain_many(&borrowed, Some(&two_threads()), |index, _| {
        let mut options = small();
        options.scales(&[96]).unwrap();
        inner += model.explain(&images[index], Some(&options)).is_ok() as usize;
        Continue(())
    });
    assert_eq!((explained.unwrap(), inner), (5, 5));
}
