// SPDX-License-Identifier: MIT
//! What the library makes and this crate frees.

/// Gives a type with the one field `handle` its making, its pointer and its end.
macro_rules! handle {
    ($name:ident($raw:ident) freed by $free:ident) => {
        impl $name {
            /// What a call leaves in its out parameter. Owned before the status is looked at, so that nothing leaks
            /// whatever the call came to.
            pub(crate) fn make(
                call: impl FnOnce(*mut *mut cameras_sys::$raw) -> cameras_sys::cameras_status,
            ) -> $crate::Result<Self> {
                let mut out = std::ptr::null_mut();
                let status = call(&mut out);
                // SAFETY: NULL, or ours alone from now on.
                let made = unsafe { Self::own(out) };
                $crate::error::check(status)?;
                made.ok_or_else($crate::Error::nothing_made)
            }

            /// # Safety
            /// NULL, or made by the library and freed by nobody else.
            pub(crate) unsafe fn own(handle: *mut cameras_sys::$raw) -> Option<Self> {
                std::ptr::NonNull::new(handle).map(|handle| $name { handle })
            }

            pub(crate) fn as_ptr(&self) -> *mut cameras_sys::$raw {
                self.handle.as_ptr()
            }
        }

        impl Drop for $name {
            fn drop(&mut self) {
                // SAFETY: freed once, by its owner; what was borrowed from it has ended with it.
                unsafe { cameras_sys::$free(self.handle.as_ptr()) }
            }
        }
    };
}
pub(crate) use handle;
