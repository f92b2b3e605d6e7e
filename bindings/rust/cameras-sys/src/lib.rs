// SPDX-License-Identifier: MIT
//! Declarations of libcameras, one for each of those in cameras.h.
//!
//! Names, parameters and values are the header's, and a test keeps them so. The contract (shapes, units, ranges, who
//! frees what, which threads) stands in the header too. The crate `cameras` is the safe interface over this one.
#![allow(non_camel_case_types)]

mod constants;
mod functions;

pub use constants::*;
pub use functions::*;

use std::marker::{PhantomData, PhantomPinned};
use std::os::raw::{c_char, c_int, c_void};

/// Something that only the library knows the size and the insides of.
macro_rules! handles {
    ($($name:ident)*) => {$(
        /// A handle: only ever seen behind a pointer, and neither `Send` nor `Sync` by itself.
        #[repr(C)]
        pub struct $name {
            _insides: [u8; 0],
            _marker: PhantomData<(*mut u8, PhantomPinned)>,
        }
    )*};
}

handles! {
    cameras_model
    cameras_image
    cameras_map
    cameras_options
    cameras_scores
    cameras_sanity
    cameras_attack
}

/// Told what LibTorch and models say, from several threads. It must not unwind.
pub type cameras_log = Option<
    unsafe extern "C" fn(
        kind: cameras_log_kind,
        text: *const c_char,
        user: *mut c_void,
    ),
>;

/// `None` is C's NULL: no callback. It must not unwind.
pub type cameras_progress = Option<unsafe extern "C" fn(done: f64, user: *mut c_void) -> c_int>;

/// Told of each image of `cameras_explain_many`, from several threads. It must not unwind.
pub type cameras_explained = Option<
    unsafe extern "C" fn(
        user: *mut c_void,
        index: usize,
        status: cameras_status,
        maps: *mut *mut cameras_map,
        count: usize,
    ) -> c_int,
>;
