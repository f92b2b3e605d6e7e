// SPDX-License-Identifier: MIT

package cameras

// #include "glue.h"
// #include <stdlib.h>
import "C"

import (
	"runtime"
	"unsafe"
)

// Model is a TorchScript network on the CPU. Many goroutines may use it at once; set it up before they do.
type Model struct {
	handle handle[*C.cameras_model]
}

func wrapModel(model *C.cameras_model) *Model {
	m := &Model{handle[*C.cameras_model]{object: model, free: func(c *C.cameras_model) { C.cameras_model_close(c) }}}
	runtime.SetFinalizer(m, (*Model).Close)
	return m
}

func (m *Model) use(by *holds) *C.cameras_model {
	if m == nil {
		return nil
	}
	return use(by, &m.handle)
}

// OpenModel opens a TorchScript archive (torch.jit.save) and puts it in evaluation mode. A usable model takes one float
// tensor 1 x channels x height x width and returns logits 1 x classes, alone or first in a tuple, list or dict. EIO:
// cannot be read. EFORMAT: not TorchScript. A TorchScript file is a program: open only such files as you would run.
func OpenModel(path string) (*Model, error) {
	var model *C.cameras_model
	err := checkReading(path, func(path *C.char) C.cameras_status { return C.cameras_model_open(&model, path) })
	if err != nil {
		return nil, err
	}
	return wrapModel(model), nil
}

// OpenModelMemory does the same from the archive's bytes, which it does not keep.
func OpenModelMemory(bytes []byte) (*Model, error) {
	var model *C.cameras_model
	err := check(func() C.cameras_status {
		return C.cameras_model_open_memory(&model, pointer(bytes), C.size_t(len(bytes)))
	})
	if err != nil {
		return nil, err
	}
	return wrapModel(model), nil
}

// Close frees the model once no call uses it. It returns nil, and may be called again.
func (m *Model) Close() error {
	if m != nil {
		m.handle.close()
	}
	return nil
}

// Layer is a part of a network that may be named.
type Layer struct {
	Path string // such as "layer4.1.conv2"
	Type string // such as "Conv2d"
}

// Layers are those that may be named, in the order of the module tree.
func (m *Model) Layers() []Layer {
	var held holds
	defer held.release()
	model := m.use(&held)
	layers := make([]Layer, int(C.cameras_model_layer_count(model)))
	for i := range layers {
		layers[i].Path = C.GoString(C.cameras_model_layer_path(model, C.size_t(i)))
		layers[i].Type = C.GoString(C.cameras_model_layer_type(model, C.size_t(i)))
	}
	return layers
}

// ParametrisedLayers are the paths of the layers with parameters of their own, the last to be called first: the order of
// the sanity check's cascade.
func (m *Model) ParametrisedLayers() []string {
	var held holds
	defer held.release()
	model := m.use(&held)
	paths := make([]string, int(C.cameras_model_parametrised_count(model)))
	for i := range paths {
		paths[i] = C.GoString(C.cameras_model_parametrised_path(model, C.size_t(i)))
	}
	return paths
}

// AutoLayer is the path of the layer that "auto" stands for. It runs the network once.
func (m *Model) AutoLayer() (string, error) {
	var held holds
	defer held.release()
	model := m.use(&held)
	if held.err != nil {
		return "", held.err
	}
	var path *C.char
	err := check(func() C.cameras_status { return C.cameras_model_auto_layer(&path, model) })
	return C.GoString(path), err
}

// ClassCount is how many classes the network tells apart. It runs the network once, and remembers.
func (m *Model) ClassCount() (int, error) {
	var held holds
	defer held.release()
	model := m.use(&held)
	if held.err != nil {
		return 0, held.err
	}
	var count C.size_t
	err := check(func() C.cameras_status { return C.cameras_model_class_count(&count, model) })
	return int(count), err
}

// Channels is how many channels the network takes: read off its first convolution, 3 where there is none.
func (m *Model) Channels() int {
	var held holds
	defer held.release()
	return int(C.cameras_model_channels(m.use(&held)))
}

// ReadLabels reads class names from a text file, a line each, the first for class 0. On failure the earlier labels stay.
func (m *Model) ReadLabels(path string) error {
	return m.exclusively("read labels", func(model *C.cameras_model) error {
		return checkReading(path, func(path *C.char) C.cameras_status { return C.cameras_model_read_labels(model, path) })
	})
}

// SetLabels takes class names from a text, a line each, the first for class 0.
func (m *Model) SetLabels(text string) error {
	bytes := []byte(text)
	return m.set("set labels", func(model *C.cameras_model) C.cameras_status {
		return C.cameras_model_set_labels(model, (*C.char)(pointer(bytes)), C.size_t(len(bytes)))
	})
}

func (m *Model) set(what string, call func(*C.cameras_model) C.cameras_status) error {
	return m.exclusively(what, func(model *C.cameras_model) error {
		return check(func() C.cameras_status { return call(model) })
	})
}

func (m *Model) exclusively(what string, run func(*C.cameras_model) error) error {
	if m == nil {
		return run(nil)
	}
	return m.handle.exclusively(what, run)
}

// Label is the name of a class, or "" where none is known.
func (m *Model) Label(class int) string {
	var held holds
	defer held.release()
	return C.GoString(C.cameras_model_label(m.use(&held), C.size_t(class)))
}

// FindClass is the class that a person means: an index in decimal, or a label whatever its case, '_' and ' ' being
// alike. ECLASS: no such label (the message lists near ones), or more than one class bears it.
func (m *Model) FindClass(text string) (int, error) {
	var held holds
	defer held.release()
	model := m.use(&held)
	if held.err != nil {
		return 0, held.err
	}
	meant, err := cString(text)
	if err != nil {
		return 0, err
	}
	var class C.size_t
	err = check(func() C.cameras_status { return C.cameras_model_find_class(&class, model, meant) })
	return int(class), err
}

// SetNormalisation sets (x - mean) / std of values in [0, 1], a pair for each of Channels. The default is ImageNet's.
func (m *Model) SetNormalisation(mean, std []float32) error {
	if len(mean) != len(std) {
		return fail(EINVAL, "set normalisation: %d means and %d deviations", len(mean), len(std))
	}
	return m.set("set normalisation", func(model *C.cameras_model) C.cameras_status {
		return C.cameras_model_set_normalisation(model, (*C.float)(pointer(mean)), (*C.float)(pointer(std)),
			C.size_t(len(mean)))
	})
}

// SetChannelOrder sets the order of the colour channels that the network was trained on, default OrderRGB.
func (m *Model) SetChannelOrder(order ChannelOrder) error {
	return m.set("set channel order", func(model *C.cameras_model) C.cameras_status {
		return C.cameras_model_set_channel_order(model, C.cameras_channel_order(order))
	})
}

// SetBaseSize sets the base image, what a picture is brought to before anything else, to exactly width x height, 1 to
// MaxSide pixels, whatever the picture's shape; the default is 224 x 224. Nothing is ever cropped.
func (m *Model) SetBaseSize(width, height int) error {
	sizes, err := cSizes("set base size", width, height)
	if err != nil {
		return err
	}
	return m.set("set base size", func(model *C.cameras_model) C.cameras_status {
		return C.cameras_model_set_base_size(model, sizes[0], sizes[1])
	})
}

// SetBaseSide sets the base image's shorter side, 1 to MaxSide pixels; the picture's shape is kept.
func (m *Model) SetBaseSide(side int) error {
	size, err := cSize("set base size", side)
	if err != nil {
		return err
	}
	return m.set("set base size", func(model *C.cameras_model) C.cameras_status {
		return C.cameras_model_set_base_side(model, size)
	})
}

// Randomise is a copy of the model in which the parameters of these layers (paths) are drawn anew: weights from a normal
// distribution of the deviation they had, means and biases likewise; running statistics of batch norm stay.
func (m *Model) Randomise(layers []string, seed uint64) (*Model, error) {
	var held holds
	defer held.release()
	model := m.use(&held)
	if held.err != nil {
		return nil, held.err
	}
	paths, err := cStrings(layers)
	if err != nil {
		return nil, err
	}
	defer freeStrings(paths)
	var random *C.cameras_model
	err = check(func() C.cameras_status {
		return C.cameras_model_randomise(&random, model, (**C.char)(pointer(paths)), C.size_t(len(paths)),
			C.uint64_t(seed))
	})
	if err != nil {
		return nil, err
	}
	return wrapModel(random), nil
}

// cStrings are of C's memory, for freeStrings: Go's memory may not be pointed to from an array given to C.
func cStrings(texts []string) ([]*C.char, error) {
	for _, text := range texts {
		if err := checkText(text); err != nil {
			return nil, err
		}
	}
	made := make([]*C.char, len(texts))
	for i, text := range texts {
		made[i] = C.CString(text)
	}
	return made, nil
}

func freeStrings(made []*C.char) {
	for _, text := range made {
		C.free(unsafe.Pointer(text))
	}
}
