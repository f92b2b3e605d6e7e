// SPDX-License-Identifier: MIT

package cameras

// #include "glue.h"
import "C"

import "sync"

// LogKind says who speaks.
type LogKind int32

const (
	LogWarning LogKind = C.CAMERAS_LOG_WARNING // LibTorch, or the network by warnings.warn
	LogPrint   LogKind = C.CAMERAS_LOG_PRINT   // the network by print, without the end of the last line
)

// String is "warning" or "print".
func (k LogKind) String() string { return name("LogKind", int32(k), "warning", "print") }

var log struct {
	lock sync.Mutex // of call alone; never held while the library is called
	call func(kind LogKind, text string)
}

func swapLog(call func(kind LogKind, text string)) (earlier func(kind LogKind, text string)) {
	log.lock.Lock()
	defer log.lock.Unlock()
	earlier, log.call = log.call, call
	return earlier
}

// SetLog hands what LibTorch warns of, and what models print, to call; nil, the default, says nothing of it. There is one
// for the process. It is called on whichever thread is inside the library, one call at a time, and should be brief; what
// is said because of it is lost, and so is a panic in it. It must not call runtime.Goexit. EINVAL: from inside it.
func SetLog(call func(kind LogKind, text string)) error {
	wanted := C.int(0)
	if call != nil {
		wanted = 1
	}
	earlier := swapLog(call)
	err := check(func() C.cameras_status { return C.glue_set_log(wanted) })
	if err != nil {
		swapLog(earlier)
	}
	return err
}

//export camerasGoLog
func camerasGoLog(kind C.cameras_log_kind, text *C.char) {
	defer func() { _ = recover() }()
	log.lock.Lock()
	call := log.call
	log.lock.Unlock()
	if call != nil {
		call(LogKind(kind), C.GoString(text))
	}
}
