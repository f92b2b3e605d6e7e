// SPDX-License-Identifier: MIT

package cameras

import (
	"sync"
	"unsafe"
)

// handle owns one of the library's objects, P being a pointer to it, and counts the calls that use it now. A lock held
// over the call would not do: a callback that uses the object, while another goroutine waits to close it, would wait for
// itself.
type handle[P comparable] struct {
	lock   sync.Mutex
	object P
	free   func(P)
	users  int
	closed bool
}

func (h *handle[P]) close() {
	h.lock.Lock()
	free := !h.closed && h.users == 0
	h.closed = true
	h.lock.Unlock()
	if free {
		h.give()
	}
}

func (h *handle[P]) release() {
	h.lock.Lock()
	h.users--
	free := h.closed && h.users == 0
	h.lock.Unlock()
	if free {
		h.give()
	}
}

// give is reached once: by the close, or by the release of the last user after it.
func (h *handle[P]) give() {
	var none P
	if h.object != none {
		h.free(h.object)
		h.object = none
	}
}

// exclusively runs what must not run beside any other use. Other goroutines that begin a use meanwhile wait.
func (h *handle[P]) exclusively(what string, run func(P) error) error {
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.closed {
		return failClosed()
	}
	if h.users > 0 {
		return fail(EINVAL, "%s: the model is in use; set it up before it is shared, or wait", what)
	}
	return run(h.object)
}

// holds are the handles that one call uses. Its deferred release is also what keeps them from their finalizers.
type holds struct {
	held []interface{ release() }
	err  error // of the first that was closed
}

func (h *holds) release() {
	for _, held := range h.held {
		held.release()
	}
}

// use is for as long as holds last; a closed handle gives NULL, which the library's getters take, and the error.
func use[P comparable](by *holds, h *handle[P]) P {
	h.lock.Lock()
	defer h.lock.Unlock()
	if h.closed {
		if by.err == nil {
			by.err = failClosed()
		}
		var none P
		return none
	}
	h.users++
	by.held = append(by.held, h)
	return h.object
}

// pointer is to the first value, NULL where there is none.
func pointer[T any](values []T) unsafe.Pointer {
	if len(values) == 0 {
		return nil
	}
	return unsafe.Pointer(&values[0])
}
