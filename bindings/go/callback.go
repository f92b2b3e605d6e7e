// SPDX-License-Identifier: MIT

package cameras

// #include "glue.h"
import "C"

import (
	"context"
	"errors"
	"runtime"
	"runtime/cgo"
	"sync"
	"unsafe"
)

// request is one call that may take long: its options as the library has them, and what its callbacks came to.
type request struct {
	options  *C.cameras_options
	handle   cgo.Handle
	context  context.Context
	progress func(done float64) error
	told     func(index int, maps []*Map, err error) error

	lock     sync.Mutex
	cause    error // of the first callback that asked to stop
	broken   bool  // a callback did not return: none is called any more
	panicked any   // with this value, or
	exited   bool  // by runtime.Goexit
}

func begin(ctx context.Context, options *Options) (*request, error) {
	if ctx == nil {
		ctx = context.Background()
	}
	if err := ctx.Err(); err != nil {
		return nil, &Error{Status: ECANCELLED, Message: "the context was done before the call", Cause: err}
	}
	r := &request{context: ctx}
	var err error
	if r.options, r.progress, err = options.build(); err != nil {
		return nil, err
	}
	r.handle = cgo.NewHandle(r)
	if r.progress != nil || ctx.Done() != nil {
		err = check(func() C.cameras_status { return C.glue_set_progress(r.options, C.uintptr_t(r.handle)) })
	}
	if err != nil {
		r.end()
		return nil, err
	}
	return r, nil
}

func (r *request) end() {
	C.cameras_options_free(r.options)
	r.handle.Delete()
}

// run makes the call, and ends as its callbacks ended.
func (r *request) run(call func() C.cameras_status) error {
	err := check(call)
	r.lock.Lock()
	defer r.lock.Unlock()
	switch {
	case r.exited:
		runtime.Goexit()
	case r.broken:
		panic(r.panicked)
	}
	var failure *Error
	if errors.As(err, &failure) && failure.Status == ECANCELLED {
		failure.Cause = r.cause
	}
	return err
}

// callBack runs the caller's code, and says whether to go on. It has a goroutine of its own, because neither a panic nor
// Goexit may unwind the library's frames, and because the thread may be the library's.
func (r *request) callBack(call func() error) (goOn bool) {
	r.lock.Lock()
	broken := r.broken
	r.lock.Unlock()
	if broken {
		return false
	}
	done := make(chan bool)
	go func() {
		returned, recovered := false, false
		var err error
		var value any
		defer func() { done <- r.record(err, !returned, value, !returned && !recovered) }()
		func() {
			defer func() {
				if !returned {
					value = recover()
				}
			}()
			err = call()
			returned = true
		}()
		recovered = !returned // Goexit does not come here
	}()
	return <-done
}

func (r *request) record(err error, broken bool, panicked any, exited bool) (goOn bool) {
	r.lock.Lock()
	defer r.lock.Unlock()
	if broken && !r.broken {
		r.broken, r.panicked, r.exited = true, panicked, exited
	}
	if err != nil && r.cause == nil {
		r.cause = err
	}
	return err == nil && !broken
}

func stopUnless(goOn bool) C.int {
	if goOn {
		return 0
	}
	return 1
}

//export camerasGoProgress
func camerasGoProgress(done C.double, handle C.uintptr_t) C.int {
	r := cgo.Handle(handle).Value().(*request)
	return stopUnless(r.callBack(func() error {
		if err := r.context.Err(); err != nil || r.progress == nil {
			return err
		}
		return r.progress(float64(done))
	}))
}

//export camerasGoExplained
func camerasGoExplained(handle C.uintptr_t, index C.size_t, status C.cameras_status, message *C.char,
	maps **C.cameras_map, count C.size_t) C.int {
	r := cgo.Handle(handle).Value().(*request)
	made := wrapMaps(unsafe.Slice(maps, int(count)))
	var err error
	if status != C.CAMERAS_OK {
		err = &Error{Status: Status(status), Message: C.GoString(message)}
	}
	told := false
	goOn := r.callBack(func() error { told = true; return r.told(int(index), made, err) })
	for i := 0; !told && i < len(made); i++ {
		made[i].Close()
	}
	return stopUnless(goOn)
}
