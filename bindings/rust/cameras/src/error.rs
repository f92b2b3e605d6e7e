// SPDX-License-Identifier: MIT
//! The one way to fail: a status and the library's message together.
use crate::choices::choices;
use crate::text;
use cameras_sys as sys;
use std::ffi::CStr;
use std::fmt;

choices! {
    /// What a call came to. Values never change their meaning; later libraries may add some.
    pub struct Status: cameras_status {
        /// Success; no [`Error`] has it.
        OK = CAMERAS_OK,
        /// An argument is missing or out of its range.
        EINVAL = CAMERAS_EINVAL,
        /// Memory could not be had.
        ENOMEM = CAMERAS_ENOMEM,
        /// A file could not be opened, read or written.
        EIO = CAMERAS_EIO,
        /// The bytes are not what they should be: a damaged picture, text in place of a model.
        EFORMAT = CAMERAS_EFORMAT,
        /// A size beyond a stated limit; nothing was allocated for it.
        ELIMIT = CAMERAS_ELIMIT,
        /// The network refused its input or cannot be explained.
        EMODEL = CAMERAS_EMODEL,
        /// No such layer, or one that cannot be cut.
        ELAYER = CAMERAS_ELAYER,
        /// No such class or label.
        ECLASS = CAMERAS_ECLASS,
        /// The map has no contrast: nothing in the layer speaks for the class.
        EFLAT = CAMERAS_EFLAT,
        /// Every scale was dropped by the gate.
        ESCALE = CAMERAS_ESCALE,
        /// The network gave NaN or infinity.
        ENUMERIC = CAMERAS_ENUMERIC,
        /// A callback asked to stop.
        ECANCELLED = CAMERAS_ECANCELLED,
        /// A defect of the library: please report the message.
        EINTERNAL = CAMERAS_EINTERNAL,
    }
}

impl Status {
    /// A few words for it, such as "out of memory".
    ///
    /// ```
    /// assert_eq!(cameras::Status::ENOMEM.text(), "out of memory");
    /// ```
    pub fn text(self) -> &'static str {
        // SAFETY: any number is taken, and the words are constants of the library.
        unsafe { text::borrow(sys::cameras_status_text(self.0)) }.unwrap_or("")
    }
}

/// What every call that can fail returns.
pub type Result<T> = std::result::Result<T, Error>;

/// Why a call failed: its [`Status`], and a message that says what was being done, on what, and why it failed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    status: Status,
    message: String,
}

impl Error {
    /// What to branch on.
    pub fn status(&self) -> Status {
        self.status
    }

    /// What to show: one line, lower case, no full stop, as the library words it.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Refused here, before the library saw it.
    pub(crate) fn invalid(message: String) -> Self {
        Error { status: Status::EINVAL, message }
    }

    /// A call that succeeded and left nothing: no library does that.
    pub(crate) fn nothing_made() -> Self {
        let message = "the library said success and gave nothing: is it another version than its header?";
        Error { status: Status::EINTERNAL, message: message.into() }
    }

    /// This thread's latest failure, which had this status.
    pub(crate) fn latest(status: sys::cameras_status) -> Self {
        // SAFETY: never NULL, and the thread's own until its next failure.
        let message = unsafe { CStr::from_ptr(sys::cameras_last_error()) };
        Error { status: Status(status), message: message.to_string_lossy().into_owned() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Error {}

/// The status of a call that has just returned in this thread, as a result.
pub(crate) fn check(status: sys::cameras_status) -> Result<()> {
    if status == sys::CAMERAS_OK {
        Ok(())
    } else {
        Err(Error::latest(status))
    }
}
