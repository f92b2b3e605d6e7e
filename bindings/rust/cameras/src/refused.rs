// SPDX-License-Identifier: MIT
//! What the compiler must refuse, since it would be undefined behaviour. Compiled by the documentation tests only.

/// Values end with their map.
///
/// ```compile_fail,E0505
/// let map = cameras::Map::new(&[0.0, 1.0], 2, 1).unwrap();
/// let values = map.values();
/// drop(map);
/// println!("{}", values[0]);
/// ```
///
/// Labels end with the setter that replaces them.
///
/// ```compile_fail,E0502
/// fn relabel(model: &mut cameras::Model) {
///     let old = model.label(0);
///     model.set_labels("new").unwrap();
///     println!("{:?}", old);
/// }
/// ```
///
/// A shared model cannot be set.
///
/// ```compile_fail,E0596
/// fn set(model: std::sync::Arc<cameras::Model>) {
///     model.set_base_side(224).unwrap();
/// }
/// ```
///
/// A sanity check's maps end with it.
///
/// ```compile_fail,E0505
/// fn keep(sanity: cameras::Sanity) -> f32 {
///     let map = sanity.original();
///     drop(sanity);
///     map.values()[0]
/// }
/// ```
///
/// Options are not shared between threads.
///
/// ```compile_fail,E0277
/// fn share<T: Sync>(_: T) {}
/// share(cameras::Options::new().unwrap());
/// ```
///
/// What stays in its thread is not told of progress, which may come from another.
///
/// ```compile_fail,E0277
/// let calls = std::rc::Rc::new(std::cell::Cell::new(0));
/// let mut options = cameras::Options::new().unwrap();
/// options.progress(move |_| {
///     calls.set(calls.get() + 1);
///     std::ops::ControlFlow::Continue(())
/// });
/// ```
///
/// Nor is it told of images.
///
/// ```compile_fail,E0277
/// fn explain(model: &cameras::Model, image: &cameras::Image) {
///     let calls = std::cell::Cell::new(0);
///     let seen = &calls;
///     let _ = model.explain_many(&[image], None, |_, _| {
///         seen.set(seen.get() + 1);
///         std::ops::ControlFlow::Continue(())
///     });
/// }
/// ```
///
/// What a progress closure borrows outlives its options.
///
/// ```compile_fail,E0597
/// let mut options = cameras::Options::new().unwrap();
/// {
///     let mut calls = 0;
///     options.progress(|_| {
///         calls += 1;
///         std::ops::ControlFlow::Continue(())
///     });
/// }
/// println!("{}", options.map_count());
/// ```
struct Refused;
