// SPDX-License-Identifier: MIT
//! A closure that is told of progress, behind the library's function pointer.
//!
//! The library calls from the explaining thread, or, one call at a time, from the threads of explain_many; and options
//! that are in use are refused, so that no closure is entered twice. The lock is what makes sure of it.
use std::any::Any;
use std::ops::ControlFlow;
use std::os::raw::{c_int, c_void};
use std::panic::{catch_unwind, resume_unwind, AssertUnwindSafe};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a closure panicked with.
pub(crate) type Payload = Box<dyn Any + Send>;

type Closure<'a> = Box<dyn FnMut(f64) -> ControlFlow<()> + Send + 'a>;

pub(crate) struct Progress<'a> {
    closure: Mutex<Closure<'a>>,
    panic: Mutex<Option<Payload>>,
}

impl<'a> Progress<'a> {
    pub(crate) fn new(closure: Closure<'a>) -> Self {
        Progress { closure: Mutex::new(closure), panic: Mutex::new(None) }
    }

    pub(crate) fn take_panic(&self) -> Option<Payload> {
        self.panic().take()
    }

    fn panic(&self) -> MutexGuard<'_, Option<Payload>> {
        self.panic.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Not called again between a panic and its arrival in the caller.
    fn tell(&self, done: f64) -> ControlFlow<()> {
        if self.panic().is_some() {
            return ControlFlow::Break(());
        }
        let mut closure = match self.closure.try_lock() {
            Ok(closure) => closure,
            Err(_) => return ControlFlow::Break(()),
        };
        // Caught within the lock, which is therefore never poisoned; the caller gets the panic, so nothing is hidden.
        match catch_unwind(AssertUnwindSafe(|| closure(done))) {
            Ok(flow) => flow,
            Err(payload) => {
                *self.panic() = Some(payload);
                ControlFlow::Break(())
            }
        }
    }
}

/// The library's cameras_progress.
///
/// # Safety
/// `user` points to a Progress that lives until this returns.
pub(crate) unsafe extern "C" fn tell(done: f64, user: *mut c_void) -> c_int {
    // SAFETY: the caller's promise; a Progress is only ever shared.
    let progress = unsafe { &*(user as *const Progress<'_>) };
    c_int::from(progress.tell(done).is_break())
}

/// Lets the first of these panics go on in this thread. A second one is forgotten: dropping it could panic again.
pub(crate) fn resume(panics: [Option<Payload>; 2]) {
    let [first, second] = panics;
    match (first, second) {
        (Some(first), second) => {
            std::mem::forget(second);
            resume_unwind(first)
        }
        (None, Some(second)) => resume_unwind(second),
        (None, None) => (),
    }
}
