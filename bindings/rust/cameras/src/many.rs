// SPDX-License-Identifier: MIT
//! Many images at once, told to a closure from the library's threads.
use crate::error::{check, Error, Result};
use crate::image::{pointers, Image};
use crate::map::Map;
use crate::model::Model;
use crate::options::{with_caught, Options};
use crate::progress::Payload;
use crate::text;
use cameras_sys as sys;
use std::ops::ControlFlow;
use std::os::raw::{c_int, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};
use std::path::Path;

/// What user points to during a call.
struct Told<F> {
    call: F,
    panic: Option<Payload>,
}

impl Model {
    /// Explains images as [`Model::explain_several`] does each, spread over the threads of the options so that most
    /// images are finished a second, and gives how many succeeded. Memory is that of one call for each image at work;
    /// the memory limit of the options holds for all of them together. Maps do not depend on what else runs.
    ///
    /// `call` is told of each image once it is finished, in whatever order they finish: its index, and its maps or why
    /// there are none. It is called from several threads, this one among them, one call at a time, and may use the
    /// library freely, but for these options, which are in use. Maps that it does not keep are freed. `Break` begins no further image.
    ///
    /// ```no_run
    /// use cameras::{Image, Model};
    /// use std::ops::ControlFlow;
    ///
    /// # fn main() -> cameras::Result<()> {
    /// let model = Model::open("resnet50.pt")?;
    /// let (first, second) = (Image::open("a.jpg", None)?, Image::open("b.jpg", None)?);
    /// let mut answers = vec![None; 2];
    /// let explained = model.explain_many(&[&first, &second], None, |index, maps| {
    ///     match maps {
    ///         Ok(maps) => answers[index] = maps[0].class(),
    ///         Err(error) => eprintln!("image {index}: {error}"),
    ///     }
    ///     ControlFlow::Continue(())
    /// })?;
    /// println!("{explained} of 2: {answers:?}");
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    /// An image that fails is told to `call` and does not stop the others.
    /// [`Status::ECANCELLED`](crate::Status::ECANCELLED): `call` or the progress closure asked to stop; what had begun
    /// was finished and told.
    ///
    /// # Panics
    /// Where `call` or the progress closure does: no further image is begun, and the panic goes on here.
    pub fn explain_many<F>(&self, images: &[&Image], options: Option<&Options<'_>>, call: F) -> Result<usize>
    where
        F: FnMut(usize, Result<Vec<Map>>) -> ControlFlow<()> + Send,
    {
        let handles = pointers(images);
        run(options, call, |explained, options, told, user| {
            // SAFETY: as many live handles as is said; user is what told takes, and lives until this returns.
            unsafe {
                sys::cameras_explain_many(
                    explained,
                    self.as_ptr(),
                    handles.as_ptr(),
                    handles.len(),
                    options,
                    told,
                    user,
                )
            }
        })
    }

    /// The same for picture files, each read when its turn comes and freed after it, so that any number may be named.
    ///
    /// # Errors
    /// Those of [`Model::explain_many`]; and [`Status::EINVAL`](crate::Status::EINVAL), before any image is begun, for
    /// a path with a NUL inside.
    ///
    /// # Panics
    /// As [`Model::explain_many`].
    pub fn explain_files<P, F>(&self, paths: &[P], options: Option<&Options<'_>>, call: F) -> Result<usize>
    where
        P: AsRef<Path>,
        F: FnMut(usize, Result<Vec<Map>>) -> ControlFlow<()> + Send,
    {
        let paths =
            paths.iter().map(|path| text::path_to_c(path.as_ref(), "explain files")).collect::<Result<Vec<_>>>()?;
        let pointers: Vec<_> = paths.iter().map(|path| path.as_ptr()).collect();
        run(options, call, |explained, options, told, user| {
            // SAFETY: as many paths as is said, each ending in NUL; user is what told takes, and lives until this
            // returns.
            unsafe {
                sys::cameras_explain_files(
                    explained,
                    self.as_ptr(),
                    pointers.as_ptr(),
                    pointers.len(),
                    options,
                    told,
                    user,
                )
            }
        })
    }
}

fn run<F>(
    options: Option<&Options<'_>>,
    call: F,
    library: impl FnOnce(
        *mut usize,
        *const sys::cameras_options,
        sys::cameras_explained,
        *mut c_void,
    ) -> sys::cameras_status,
) -> Result<usize>
where
    F: FnMut(usize, Result<Vec<Map>>) -> ControlFlow<()> + Send,
{
    let mut explained = 0;
    let mut told = Told { call, panic: None };
    // One pointer for all that follows, so that none outdates another.
    let user: *mut Told<F> = &mut told;
    with_caught(
        options,
        |options| check(library(&mut explained, options, Some(tell::<F>), user.cast())),
        // SAFETY: the library has returned, so that nobody else uses it.
        || unsafe { (*user).panic.take() },
    )?;
    Ok(explained)
}

/// The library's cameras_explained.
///
/// # Safety
/// `user` points to a Told<F> that nobody else uses meanwhile: the library calls one at a time.
unsafe extern "C" fn tell<F>(
    user: *mut c_void,
    index: usize,
    status: sys::cameras_status,
    maps: *mut *mut sys::cameras_map,
    count: usize,
) -> c_int
where
    F: FnMut(usize, Result<Vec<Map>>) -> ControlFlow<()> + Send,
{
    // SAFETY: the caller's promise.
    let told = unsafe { &mut *user.cast::<Told<F>>() };
    // First the maps, which are ours whatever follows.
    let maps: Vec<Map> = if maps.is_null() {
        Vec::new()
    } else {
        // SAFETY: count maps, each ours alone from now on.
        (0..count).filter_map(|i| unsafe { Map::own(*maps.add(i)) }).collect()
    };
    // What had begun when the closure panicked is still told; not to it.
    if told.panic.is_some() {
        return 1;
    }
    let result = if status == sys::CAMERAS_OK { Ok(maps) } else { Err(Error::latest(status)) };
    match catch_unwind(AssertUnwindSafe(|| (told.call)(index, result))) {
        Ok(flow) => c_int::from(flow.is_break()),
        Err(payload) => {
            told.panic = Some(payload);
            1
        }
    }
}
