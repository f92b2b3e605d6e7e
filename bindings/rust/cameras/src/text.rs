// SPDX-License-Identifier: MIT
//! Text and paths on their way to the library and back.
use crate::error::{Error, Result};
use std::ffi::{CStr, CString};
use std::os::raw::c_char;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// A copy that ends in NUL; `doing` opens the message where there is a NUL inside already.
pub(crate) fn to_c(bytes: &[u8], doing: &str) -> Result<CString> {
    CString::new(bytes).map_err(|error| {
        Error::invalid(format!(
            "{doing} {:?}: the text has a NUL at byte {}, which C takes for its end",
            String::from_utf8_lossy(bytes),
            error.nul_position()
        ))
    })
}

/// A path's own bytes, whatever their encoding.
pub(crate) fn path_to_c(path: &Path, doing: &str) -> Result<CString> {
    to_c(path.as_os_str().as_bytes(), doing)
}

/// Text of the library, None for NULL. The library gives UTF-8; what is not ends before its first bad byte.
///
/// # Safety
/// `text` is NULL or ends in NUL, and does not change during 'a.
pub(crate) unsafe fn borrow<'a>(text: *const c_char) -> Option<&'a str> {
    if text.is_null() {
        return None;
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes();
    Some(match std::str::from_utf8(bytes) {
        Ok(text) => text,
        Err(error) => std::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or(""),
    })
}
