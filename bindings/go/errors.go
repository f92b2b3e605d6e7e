// SPDX-License-Identifier: MIT

package cameras

// #include "glue.h"
import "C"

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
)

// Status says what a call came to. It is an error so that errors.Is can compare with it.
type Status int32

// Later versions of the library may add values.
const (
	OK         Status = C.CAMERAS_OK
	EINVAL     Status = C.CAMERAS_EINVAL     // an argument is missing or out of its range
	ENOMEM     Status = C.CAMERAS_ENOMEM     // memory could not be had
	EIO        Status = C.CAMERAS_EIO        // a file could not be opened, read or written
	EFORMAT    Status = C.CAMERAS_EFORMAT    // the bytes are not what they should be
	ELIMIT     Status = C.CAMERAS_ELIMIT     // a size beyond a stated limit; nothing was allocated for it
	EMODEL     Status = C.CAMERAS_EMODEL     // the network refused its input or cannot be explained
	ELAYER     Status = C.CAMERAS_ELAYER     // no such layer, or one that cannot be cut
	ECLASS     Status = C.CAMERAS_ECLASS     // no such class or label
	EFLAT      Status = C.CAMERAS_EFLAT      // the map has no contrast
	ESCALE     Status = C.CAMERAS_ESCALE     // every scale was dropped by the gate
	ENUMERIC   Status = C.CAMERAS_ENUMERIC   // the network gave NaN or infinity
	ECANCELLED Status = C.CAMERAS_ECANCELLED // a callback or the context asked to stop
	EINTERNAL  Status = C.CAMERAS_EINTERNAL  // a defect of the library
)

// Error is a few words, such as "out of memory".
func (s Status) Error() string { return C.GoString(C.cameras_status_text(C.cameras_status(s))) }

// Error is how every failure is told.
type Error struct {
	Status  Status
	Message string // what was being done, on what, why it failed
	Cause   error  // what stopped a cancelled call, an error of the file system, fs.ErrClosed, or nil
}

// Error is the message; of a cancelled call with what stopped it.
func (e *Error) Error() string {
	if e.Status == ECANCELLED && e.Cause != nil {
		return "cameras: " + e.Message + ": " + e.Cause.Error()
	}
	return "cameras: " + e.Message
}

// Is reports whether target is the error's Status.
func (e *Error) Is(target error) bool {
	status, ok := target.(Status)
	return ok && status == e.Status
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Cause }

func fail(status Status, format string, arguments ...any) *Error {
	return &Error{Status: status, Message: fmt.Sprintf(format, arguments...)}
}

// check makes a call into the library and an error of its failure. The library keeps its message for the thread, so the
// goroutine stays on one until the message is read; callbacks that fail on it meanwhile do so before the call does.
func check(call func() C.cameras_status) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if status := call(); status != C.CAMERAS_OK {
		return &Error{Status: Status(status), Message: C.GoString(C.cameras_last_error())}
	}
	return nil
}

// The library tells of files in words; what the file system says now is the cause that errors.Is can compare with.
func blameFile(err error, looked func() error) error {
	var failure *Error
	if errors.As(err, &failure) && failure.Status == EIO {
		failure.Cause = looked()
	}
	return err
}

func checkReading(path string, call func(path *C.char) C.cameras_status) error {
	return checkPath(path, call, func() error {
		about, err := os.Stat(path)
		if err != nil || !about.Mode().IsRegular() { // opening a pipe would wait for its writer
			return err
		}
		file, err := os.Open(path)
		if err == nil {
			file.Close()
		}
		return err
	})
}

const writable = 2 // access(2)'s W_OK

func checkWriting(path string, call func(path *C.char) C.cameras_status) error {
	return checkPath(path, call, func() error {
		folder := filepath.Dir(path)
		if err := syscall.Access(folder, writable); err != nil {
			return &fs.PathError{Op: "write to", Path: folder, Err: err}
		}
		return nil
	})
}

func checkPath(path string, call func(path *C.char) C.cameras_status, looked func() error) error {
	text, err := cString(path)
	if err != nil {
		return err
	}
	return blameFile(check(func() C.cameras_status { return call(text) }), looked)
}

func checkText(text string) error {
	if strings.IndexByte(text, 0) >= 0 {
		return fail(EINVAL, "the text %q has a NUL byte, where C would end it", text)
	}
	return nil
}

// cString is for calls that do not keep the text: it is Go's memory.
func cString(text string) (*C.char, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	return (*C.char)(pointer(append([]byte(text), 0))), nil
}

func cSize(what string, value int) (C.size_t, error) {
	if value < 0 {
		return 0, fail(EINVAL, "%s: %d is negative", what, value)
	}
	return C.size_t(value), nil
}

func cSizes(what string, values ...int) ([]C.size_t, error) {
	sizes := make([]C.size_t, len(values))
	for i, value := range values {
		size, err := cSize(what, value)
		if err != nil {
			return nil, err
		}
		sizes[i] = size
	}
	return sizes, nil
}

func failClosed() *Error {
	return &Error{Status: EINVAL, Message: "used after its Close", Cause: fs.ErrClosed}
}
