// SPDX-License-Identifier: MIT

// Package cameras explains image classifiers by class activation maps of high resolution (CAMERAS, CVPR 2021). It binds
// libcameras, which runs any TorchScript model; pkg-config must find it as "cameras" when this package is built.
//
//	model, err := cameras.OpenModel("resnet50.pt")
//	image, err := cameras.ReadImage("photo.jpg", nil)
//	saliency, err := model.Explain(context.Background(), image, nil)
//	err = saliency.Write("map.npy")
//
// The meaning of every function is that of its namesake in cameras.h; what follows holds for all of them.
//
// Sizes are in pixels, width before height. Classes, layers and scales count from 0. An int that the library cannot take
// because it is negative is refused with EINVAL, as is text with a NUL byte.
//
// Errors are always of type *Error: a Status, the library's message, and where there is one a cause. errors.Is compares
// with a Status (errors.Is(err, cameras.ECLASS)), with fs.ErrNotExist and fs.ErrPermission where a file was at fault,
// with fs.ErrClosed where something was used after its Close, and with what stopped a call that was cancelled.
//
// Memory. A Model, Image, Map, Scores, Sanity and Attack hold memory that Go's garbage collector does not see. Close
// gives it back at once; what is not closed is given back by a finalizer, some time after it was last used. Close may be
// called again, and beside uses in other goroutines: those end undisturbed, and the memory goes with the last of them.
// After Close, methods that return an error fail with fs.ErrClosed, and the others return what their namesakes in C do
// for NULL: 0 or NaN, "" or nothing. Slices that methods return are copies, and belong to the caller.
//
// Goroutines. Everything here may be used by many goroutines at once. The setters of a Model, which change how it sees,
// are refused with EINVAL while a call uses that model, one with a callback that sets included. An Options is read when a call begins.
//
// Callbacks run on goroutines of their own while the call waits; they may use the package freely, the same Model
// included. A panic in one ends the call and goes on in the goroutine that made it; so does runtime.Goexit, and with it
// testing's FailNow. Calls into C cannot be interrupted otherwise: a context is looked at after each scale, image or
// batch.
package cameras

// #cgo pkg-config: cameras
// #include "glue.h"
import "C"

// Limits of the library.
const (
	DefaultMaxPixels = C.CAMERAS_DEFAULT_MAX_PIXELS // of a picture that is read: width times height
	MaxFileBytes     = C.CAMERAS_MAX_FILE_BYTES     // of a picture, a label file or a map file; models have no limit
	MaxSide          = C.CAMERAS_MAX_SIDE           // of the base image and of any scale, in pixels
	MaxScales        = C.CAMERAS_MAX_SCALES         // in one schedule
	MaxClasses       = C.CAMERAS_MAX_CLASSES        // asked for in one call
	MaxLayers        = C.CAMERAS_MAX_LAYERS         // asked for in one call
	MaxThreads       = C.CAMERAS_MAX_THREADS        // for one call
)

// The version of the header that the package was built with.
const (
	VersionMajor  = C.CAMERAS_VERSION_MAJOR
	VersionMinor  = C.CAMERAS_VERSION_MINOR
	VersionPatch  = C.CAMERAS_VERSION_PATCH
	HeaderVersion = C.CAMERAS_VERSION_STRING
)

// LeastLikely as an attack's target is the class of the least logit on the clean image.
const LeastLikely = -1

// NoClass is the class of a map that was made elsewhere.
const NoClass = -1

// Version is the version of the library in use, "major.minor.patch"; compare with HeaderVersion.
func Version() string { return C.GoString(C.cameras_version()) }

// LibTorchVersion is the version of LibTorch in use, such as "1.13.1".
func LibTorchVersion() string { return C.GoString(C.cameras_libtorch_version()) }
