// SPDX-License-Identifier: MIT
//! What LibTorch and models say beside their results.
use crate::choices::LogKind;
use crate::error::{check, Result};
use std::ffi::CStr;
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

type Closure = Box<dyn FnMut(LogKind, &str) + Send>;

/// The log of the process, as long as it lives: without one nothing is said.
///
/// The closure is called from whichever thread is inside the library, one call at a time. It should be brief; what is
/// said because of it is lost, and so is a panic in it. There is one log for the process: another takes its place, and
/// the end of either ends the log.
///
/// ```no_run
/// # fn main() -> cameras::Result<()> {
/// let log = cameras::Log::new(|kind, text| eprintln!("{kind:?}: {text}"))?;
/// cameras::Model::open("resnet50.pt")?;
/// drop(log);
/// # Ok(())
/// # }
/// ```
pub struct Log {
    closure: *mut Closure,
}

// SAFETY: the closure is Send, and only the library's callback, one at a time, and drop touch it.
unsafe impl Send for Log {}
// SAFETY: nothing can be done with a shared Log.
unsafe impl Sync for Log {}

impl Log {
    /// Begins the log. [`Status::EINVAL`](crate::Status::EINVAL): from inside a log's closure.
    pub fn new(closure: impl FnMut(LogKind, &str) + Send + 'static) -> Result<Log> {
        let log = Log { closure: Box::into_raw(Box::new(Box::new(closure) as Closure)) };
        // SAFETY: tell takes what it is given here, which lives until drop has taken it back.
        check(unsafe { cameras_sys::cameras_set_log(Some(tell), log.closure.cast()) })?;
        Ok(log)
    }
}

impl Drop for Log {
    /// Inside its own closure a log cannot end; it is left to the library then, memory and all.
    fn drop(&mut self) {
        // SAFETY: no callback and no user is always taken.
        if check(unsafe { cameras_sys::cameras_set_log(None, std::ptr::null_mut()) }).is_ok() {
            // SAFETY: the library uses it no more, and nobody else has it.
            drop(unsafe { Box::from_raw(self.closure) });
        }
    }
}

/// The library's cameras_log.
///
/// # Safety
/// `text` ends in NUL, `user` is a log's closure, and nothing else uses it before this returns.
unsafe extern "C" fn tell(kind: cameras_sys::cameras_log_kind, text: *const c_char, user: *mut c_void) {
    // SAFETY: the caller's promise.
    let (text, closure) = unsafe { (CStr::from_ptr(text), &mut *user.cast::<Closure>()) };
    let told = catch_unwind(AssertUnwindSafe(|| closure(LogKind::from_raw(kind), &text.to_string_lossy())));
    if let Err(payload) = told {
        std::mem::forget(payload); // dropping it could panic again
    }
}
