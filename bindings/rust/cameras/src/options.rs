// SPDX-License-Identifier: MIT
//! How to read a picture and how to explain it.
use crate::choices::{Gate, Interpolation, MapSize, Masking, Method, Precision, Preset, Source, StepRule};
use crate::error::{check, Error, Result};
use crate::progress::{self, Payload, Progress};
use crate::text;
use cameras_sys as sys;
use std::cell::Cell;
use std::ops::ControlFlow;
use std::os::raw::c_void;
use std::ptr::{self, NonNull};

/// How to read a picture and how to explain it.
///
/// Setters refuse what is out of range with [`Status::EINVAL`](crate::Status::EINVAL) or
/// [`Status::ELIMIT`](crate::Status::ELIMIT) and then change nothing. They return the options, so that they chain:
///
/// ```
/// use cameras::{Gate, Options};
///
/// # fn main() -> cameras::Result<()> {
/// let mut options = Options::new()?;
/// options.scales(&[224, 288])?.gate(Gate::OFF)?.class(1)?.class(4)?;
/// assert_eq!(options.map_count(), 2);
/// # Ok(())
/// # }
/// ```
///
/// Options belong to one thread at a time: they are `Send` and not `Sync`. `'a` is how long what the progress closure
/// borrows lives.
pub struct Options<'a> {
    handle: NonNull<sys::cameras_options>,
    /// From Box::into_raw: the library holds the same address, which a Box that moves would invalidate.
    progress: Option<NonNull<Progress<'a>>>,
    /// A call is using them. A callback could still reach them through a thread-local, and must not.
    in_use: Cell<bool>,
}

/// That a call uses options, until it is over or panics.
struct Use<'a>(&'a Cell<bool>);

impl Drop for Use<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

// SAFETY: options belong to one thread at a time, whichever it is, and the closure is Send.
unsafe impl Send for Options<'_> {}

impl<'a> Options<'a> {
    /// Options that say nothing yet: the defaults stand at each setter. Only memory can fail.
    pub fn new() -> Result<Self> {
        let mut handle = ptr::null_mut();
        // SAFETY: out is valid.
        check(unsafe { sys::cameras_options_new(&mut handle) })?;
        let handle = NonNull::new(handle).ok_or_else(Error::nothing_made)?;
        Ok(Options { handle, progress: None, in_use: Cell::new(false) })
    }

    /// Sets scales, interpolation and gate together: call it before the finer setters.
    pub fn preset(&mut self, preset: Preset) -> Result<&mut Self> {
        // SAFETY: here and below the handle is live, and &mut self keeps others off it.
        let status = unsafe { sys::cameras_options_set_preset(self.as_mut(), preset.0) };
        self.after(status)
    }

    /// The schedule: for each scale the shorter side of the copy shown to the network, in pixels, 1 to
    /// [`MAX_SIDE`](crate::MAX_SIDE); the longer side follows the base image's shape. 1 to
    /// [`MAX_SCALES`](crate::MAX_SCALES) of them.
    pub fn scales(&mut self, sides: &[usize]) -> Result<&mut Self> {
        // SAFETY: sides are read during the call only.
        let status = unsafe { sys::cameras_options_set_scales(self.as_mut(), sides.as_ptr(), sides.len()) };
        self.after(status)
    }

    /// Interpolation of the enlarged copies; default [`Interpolation::BICUBIC`].
    pub fn interpolation(&mut self, kind: Interpolation) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_interpolation(self.as_mut(), kind.0) };
        self.after(status)
    }

    /// Whether a scale counts only if its top-1 is the base image's; default [`Gate::AUTO`].
    pub fn gate(&mut self, gate: Gate) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_gate(self.as_mut(), gate.0) };
        self.after(status)
    }

    /// How activations and gradients become a map; default [`Method::CAMERAS`].
    pub fn method(&mut self, method: Method) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_method(self.as_mut(), method.0) };
        self.after(status)
    }

    /// Where chance begins: random maps, re-drawn weights, random orders. Equal seeds give equal results. Default 0.
    pub fn seed(&mut self, seed: u64) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_seed(self.as_mut(), seed) };
        self.after(status)
    }

    /// What the copies are resized from; default [`Source::BASE`].
    pub fn source(&mut self, source: Source) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_source(self.as_mut(), source.0) };
        self.after(status)
    }

    /// The size of the maps; default [`MapSize::BASE`].
    pub fn map_size(&mut self, size: MapSize) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_map_size(self.as_mut(), size.0) };
        self.after(status)
    }

    /// Adds a class to explain, by index from 0; without any the base image's top-1 is explained. At most
    /// [`MAX_CLASSES`](crate::MAX_CLASSES). Whether the network has it is known when it runs:
    /// [`Status::ECLASS`](crate::Status::ECLASS) then.
    pub fn class(&mut self, index: usize) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_add_class(self.as_mut(), index) };
        self.after(status)
    }

    /// Adds a layer by its path, such as "layer4.1.conv2" (see [`Model::layers`](crate::Model::layers)); without any,
    /// and for "auto", the last spatial layer is taken. At most [`MAX_LAYERS`](crate::MAX_LAYERS).
    pub fn layer(&mut self, path: &str) -> Result<&mut Self> {
        let path = text::to_c(path.as_bytes(), "add layer")?;
        let status = unsafe { sys::cameras_options_add_layer(self.as_mut(), path.as_ptr()) };
        self.after(status)
    }

    /// Threads for the network and the fusion, at most [`MAX_THREADS`](crate::MAX_THREADS); 0, the default, is the
    /// variable CAMERAS_NUM_THREADS or else what the process may use.
    pub fn threads(&mut self, threads: usize) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_threads(self.as_mut(), threads) };
        self.after(status)
    }

    /// The arithmetic of the network up to the layer; default [`Precision::FP32`].
    pub fn precision(&mut self, precision: Precision) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_precision(self.as_mut(), precision.0) };
        self.after(status)
    }

    /// The most working memory, in bytes, that a call may take on top of what the model holds; 0, the default, means
    /// no limit. A call that would need more fails with [`Status::ELIMIT`](crate::Status::ELIMIT).
    pub fn memory_limit(&mut self, bytes: usize) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_memory_limit(self.as_mut(), bytes) };
        self.after(status)
    }

    /// Whether a flat map is delivered, all zeros, instead of failing the call with
    /// [`Status::EFLAT`](crate::Status::EFLAT). Default false.
    pub fn keep_flat(&mut self, keep: bool) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_keep_flat(self.as_mut(), keep.into()) };
        self.after(status)
    }

    /// The largest picture to read, in pixels, at least 1; default [`DEFAULT_MAX_PIXELS`](crate::DEFAULT_MAX_PIXELS).
    pub fn max_pixels(&mut self, pixels: usize) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_max_pixels(self.as_mut(), pixels) };
        self.after(status)
    }

    /// The largest picture file to read, in bytes, 1 to [`MAX_FILE_BYTES`](crate::MAX_FILE_BYTES), the default. Bytes
    /// in memory are not limited.
    pub fn max_file_bytes(&mut self, bytes: usize) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_max_file_bytes(self.as_mut(), bytes) };
        self.after(status)
    }

    /// The most scales, those of a preset included, that a call may take: 1 to [`MAX_SCALES`](crate::MAX_SCALES), the
    /// default. Scales set before stay, and are refused by the call that takes these options.
    pub fn max_scales(&mut self, count: usize) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_max_scales(self.as_mut(), count) };
        self.after(status)
    }

    /// The most classes that a call may take: 1 to [`MAX_CLASSES`](crate::MAX_CLASSES), the default. Classes added
    /// before stay, and are refused by the call that takes these options.
    pub fn max_classes(&mut self, count: usize) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_max_classes(self.as_mut(), count) };
        self.after(status)
    }

    /// In which values an image is multiplied by a map to score it; default [`Masking::PIXELS`].
    pub fn masking(&mut self, masking: Masking) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_masking(self.as_mut(), masking.0) };
        self.after(status)
    }

    /// Steps of insertion and deletion, 1 to 4096; default 64.
    pub fn score_steps(&mut self, steps: usize) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_score_steps(self.as_mut(), steps) };
        self.after(status)
    }

    /// Images in one forward pass when scoring, 1 to 1024; default 16.
    pub fn batch(&mut self, images: usize) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_batch(self.as_mut(), images) };
        self.after(status)
    }

    /// The greatest |Spearman| that the last stages of the cascade may have on average, in (0, 1]; default 0.5.
    pub fn sanity_threshold(&mut self, threshold: f64) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_sanity_threshold(self.as_mut(), threshold) };
        self.after(status)
    }

    /// The class that an attack is to reach; default [`LEAST_LIKELY`](crate::LEAST_LIKELY).
    pub fn attack_target(&mut self, class: usize) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_attack_target(self.as_mut(), class) };
        self.after(status)
    }

    /// The probability at which an attack stops, in (0, 1]; default 0.99.
    pub fn attack_confidence(&mut self, probability: f64) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_attack_confidence(self.as_mut(), probability) };
        self.after(status)
    }

    /// The most that an attack may change a pixel, in (0, 1]; default 12 / 255.
    pub fn attack_epsilon(&mut self, epsilon: f64) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_attack_epsilon(self.as_mut(), epsilon) };
        self.after(status)
    }

    /// The weight of an attack's penalty, at least 0; default 50.
    pub fn attack_beta(&mut self, beta: f64) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_attack_beta(self.as_mut(), beta) };
        self.after(status)
    }

    /// The most steps of an attack, 1 to 100000; default 300.
    pub fn attack_steps(&mut self, steps: usize) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_attack_steps(self.as_mut(), steps) };
        self.after(status)
    }

    /// How a step of an attack follows the gradient; default [`StepRule::SIGN`].
    pub fn attack_rule(&mut self, rule: StepRule) -> Result<&mut Self> {
        let status = unsafe { sys::cameras_options_set_attack_rule(self.as_mut(), rule.0) };
        self.after(status)
    }

    /// Told after each scale of the share of the work done, 0 to 1; `Break` ends the call with
    /// [`Status::ECANCELLED`](crate::Status::ECANCELLED). Replaces an earlier closure.
    ///
    /// It is called from the thread that explains, and by [`Model::explain_many`](crate::Model::explain_many), after
    /// each image, from other threads too, one call at a time. A panic ends the call likewise and goes on in its
    /// caller. Within the closure these very options are in use, and refused with
    /// [`Status::EINVAL`](crate::Status::EINVAL).
    ///
    /// ```
    /// use cameras::Options;
    /// use std::ops::ControlFlow;
    ///
    /// # fn main() -> cameras::Result<()> {
    /// let mut calls = 0;
    /// let mut options = Options::new()?;
    /// options.progress(|_done| {
    ///     calls += 1;
    ///     if calls < 3 { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    /// })?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn progress<F>(&mut self, call: F) -> Result<&mut Self>
    where
        F: FnMut(f64) -> ControlFlow<()> + Send + 'a,
    {
        self.replace_progress(Some(Box::new(Progress::new(Box::new(call)))))
    }

    /// Takes the progress closure off again, and drops it.
    pub fn no_progress(&mut self) -> Result<&mut Self> {
        self.replace_progress(None)
    }

    /// How many maps these options ask for: layers times classes, each at least 1.
    pub fn map_count(&self) -> usize {
        unsafe { sys::cameras_options_map_count(self.handle.as_ptr()) }
    }

    fn replace_progress(&mut self, new: Option<Box<Progress<'a>>>) -> Result<&mut Self> {
        let new = new.map(|progress| NonNull::from(Box::leak(progress)));
        let (call, user): (sys::cameras_progress, *mut c_void) = match new {
            Some(progress) => (Some(progress::tell), progress.as_ptr().cast()),
            None => (None, ptr::null_mut()),
        };
        // SAFETY: the library calls back only while options are in use, and what user points to lives as long as them.
        let status = unsafe { sys::cameras_options_set_progress(self.as_mut(), call, user) };
        let unused = match check(status) {
            Ok(()) => std::mem::replace(&mut self.progress, new),
            Err(error) => {
                free_progress(new);
                return Err(error);
            }
        };
        free_progress(unused);
        Ok(self)
    }

    fn as_mut(&mut self) -> *mut sys::cameras_options {
        self.handle.as_ptr()
    }

    fn after(&mut self, status: sys::cameras_status) -> Result<&mut Self> {
        check(status).map(|()| self)
    }

    fn begin(&self) -> Result<Use<'_>> {
        if self.in_use.replace(true) {
            let why = "a callback of a call with these options uses them again: make others for it";
            return Err(Error::invalid(format!("use options: {why}")));
        }
        Ok(Use(&self.in_use))
    }

    fn take_panic(&self) -> Option<Payload> {
        // SAFETY: live as long as self, and only ever shared.
        self.progress.and_then(|progress| unsafe { progress.as_ref() }.take_panic())
    }
}

impl Drop for Options<'_> {
    fn drop(&mut self) {
        // SAFETY: freed once, and not used again; the library first, which knows the closure's address.
        unsafe { sys::cameras_options_free(self.handle.as_ptr()) };
        free_progress(self.progress.take());
    }
}

/// Frees what Box::leak gave away; nothing else points to it any more.
fn free_progress(progress: Option<NonNull<Progress<'_>>>) {
    if let Some(progress) = progress {
        // SAFETY: from Box::leak, and given up by its only owner.
        drop(unsafe { Box::from_raw(progress.as_ptr()) });
    }
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("map_count", &self.map_count()).finish_non_exhaustive()
    }
}

/// Calls the library with these options, NULL for None; panics of their closure go on from here.
pub(crate) fn with<T>(
    options: Option<&Options<'_>>,
    call: impl FnOnce(*const sys::cameras_options) -> Result<T>,
) -> Result<T> {
    with_caught(options, call, || None)
}

/// The same where another callback may have panicked too: `caught` is asked for that panic, which has precedence.
pub(crate) fn with_caught<T>(
    options: Option<&Options<'_>>,
    call: impl FnOnce(*const sys::cameras_options) -> Result<T>,
    caught: impl FnOnce() -> Option<Payload>,
) -> Result<T> {
    let _in_use = options.map(Options::begin).transpose()?;
    let result = call(options.map_or(ptr::null(), |options| options.handle.as_ptr()));
    progress::resume([caught(), options.and_then(Options::take_panic)]);
    result
}
