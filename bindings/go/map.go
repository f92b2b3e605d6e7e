// SPDX-License-Identifier: MIT

package cameras

// #include "glue.h"
import "C"

import (
	"runtime"
	"unsafe"
)

// Map is a saliency map: height rows of width floats. It never changes, and many goroutines may use it.
type Map struct {
	handle handle[*C.cameras_map]
}

func wrapMap(made *C.cameras_map) *Map {
	return newMap(made, func(c *C.cameras_map) { C.cameras_map_free(c) })
}

func newMap(made *C.cameras_map, free func(*C.cameras_map)) *Map {
	m := &Map{handle[*C.cameras_map]{object: made, free: free}}
	runtime.SetFinalizer(m, (*Map).Close)
	return m
}

func wrapMaps(made []*C.cameras_map) []*Map {
	maps := make([]*Map, len(made))
	for i := range made {
		maps[i] = wrapMap(made[i])
	}
	return maps
}

func (m *Map) use(by *holds) *C.cameras_map {
	if m == nil {
		return nil
	}
	return use(by, &m.handle)
}

// NewMap copies a map made elsewhere, to be scored, drawn or compared: height rows of width floats in [0, 1], which are
// not stretched; raw values are the same. It has no class (NoClass), layer ("") or scales. EINVAL: a value outside
// [0, 1] or not finite, another number of values than width * height.
func NewMap(values []float32, width, height int) (*Map, error) {
	sizes, err := cSizes("make a map", width, height)
	if err != nil {
		return nil, err
	}
	if width > 0 && height > 0 && (width != len(values)/height || len(values)%height != 0) {
		return nil, fail(EINVAL, "make a map: %d values for a size of %d x %d", len(values), width, height)
	}
	var made *C.cameras_map
	err = check(func() C.cameras_status {
		return C.cameras_map_new(&made, (*C.float)(pointer(values)), sizes[0], sizes[1])
	})
	if err != nil {
		return nil, err
	}
	return wrapMap(made), nil
}

// ReadMap does the same from a file, known by its bytes: .npy of height x width float32 or float64, little-endian and in
// C order, or a grey PNG. EIO, EFORMAT, ELIMIT, EINVAL for values outside [0, 1].
func ReadMap(path string) (*Map, error) {
	var made *C.cameras_map
	err := checkReading(path, func(path *C.char) C.cameras_status { return C.cameras_map_read(&made, path) })
	if err != nil {
		return nil, err
	}
	return wrapMap(made), nil
}

// Close frees the map once no call uses it. It returns nil, and may be called again.
func (m *Map) Close() error {
	if m != nil {
		m.handle.close()
	}
	return nil
}

// Width is in pixels.
func (m *Map) Width() int {
	var held holds
	defer held.release()
	return int(C.cameras_map_width(m.use(&held)))
}

// Height is in pixels.
func (m *Map) Height() int {
	var held holds
	defer held.release()
	return int(C.cameras_map_height(m.use(&held)))
}

// Values are a copy of height rows of width floats in [0, 1], the least 0 and the greatest 1; all 0 in a flat map that
// was kept. The constant control and maps made elsewhere are not stretched.
func (m *Map) Values() []float32 {
	var held holds
	defer held.release()
	made := m.use(&held)
	return copyFloats(C.cameras_map_values(made), int(C.cameras_map_width(made))*int(C.cameras_map_height(made)))
}

// Raw are a copy of the same before stretching, of CAMERAS in units of the logit; comparable between maps of one method.
func (m *Map) Raw() []float32 {
	var held holds
	defer held.release()
	made := m.use(&held)
	return copyFloats(C.cameras_map_raw(made), int(C.cameras_map_width(made))*int(C.cameras_map_height(made)))
}

func copyFloats(from *C.float, count int) []float32 {
	if from == nil {
		return nil
	}
	return append([]float32(nil), unsafe.Slice((*float32)(from), count)...)
}

// IsFlat says that the map has no contrast: kept by SetKeepFlat, the constant control, or made so elsewhere.
func (m *Map) IsFlat() bool {
	var held holds
	defer held.release()
	return C.cameras_map_is_flat(m.use(&held)) != 0
}

// Class is the class explained.
func (m *Map) Class() int {
	var held holds
	defer held.release()
	return int(C.cameras_map_class(m.use(&held)))
}

// Logit is that of the class on the base image.
func (m *Map) Logit() float32 {
	var held holds
	defer held.release()
	return float32(C.cameras_map_logit(m.use(&held)))
}

// Probability is that of the class on the base image.
func (m *Map) Probability() float32 {
	var held holds
	defer held.release()
	return float32(C.cameras_map_probability(m.use(&held)))
}

// Layer is the path of the layer, the one taken where "auto" was asked for.
func (m *Map) Layer() string {
	var held holds
	defer held.release()
	return C.GoString(C.cameras_map_layer(m.use(&held)))
}

// Method is the one that made the map.
func (m *Map) Method() Method {
	var held holds
	defer held.release()
	return Method(C.cameras_map_method(m.use(&held)))
}

// Source is what the copies were resized from.
func (m *Map) Source() Source {
	var held holds
	defer held.release()
	return Source(C.cameras_map_source(m.use(&held)))
}

// Precision is what the network ran in up to the layer: never PrecisionAuto.
func (m *Map) Precision() Precision {
	var held holds
	defer held.release()
	return Precision(C.cameras_map_precision(m.use(&held)))
}

// Scale is the record of one scale.
type Scale struct {
	Width, Height   int     // of the copy shown to the network, in pixels
	Top1            int     // the class that came first
	Top1Probability float32 // and its probability
	Probability     float32 // that of the map's own class
	Used            bool    // whether the scale counted
	Reason          string  // why, in words, for either
}

// Scales are the records of every scale, in the order of the schedule.
func (m *Map) Scales() []Scale {
	var held holds
	defer held.release()
	made := m.use(&held)
	scales := make([]Scale, int(C.cameras_map_scale_count(made)))
	for n := range scales {
		i := C.size_t(n)
		scales[n] = Scale{
			Width:           int(C.cameras_map_scale_width(made, i)),
			Height:          int(C.cameras_map_scale_height(made, i)),
			Top1:            int(C.cameras_map_scale_top1(made, i)),
			Top1Probability: float32(C.cameras_map_scale_top1_probability(made, i)),
			Probability:     float32(C.cameras_map_scale_probability(made, i)),
			Used:            C.cameras_map_scale_used(made, i) == 1,
			Reason:          C.GoString(C.cameras_map_scale_reason(made, i)),
		}
	}
	return scales
}

// Seconds is where the time of the call went that made the map; maps of one call share the figures.
func (m *Map) Seconds(stage Stage) float64 {
	var held holds
	defer held.release()
	return float64(C.cameras_map_seconds(m.use(&held), C.cameras_stage(stage)))
}

// Write writes the values: names ending in .npy get NumPy's format 1.0, float32, height x width; names ending in .png a
// grey PNG of 16 bits, 65535 for 1. The file appears under its name only when it is whole. EINVAL: another ending. EIO.
func (m *Map) Write(path string) error {
	var held holds
	defer held.release()
	made := m.use(&held)
	if held.err != nil {
		return held.err
	}
	return checkWriting(path, func(path *C.char) C.cameras_status { return C.cameras_map_write(made, path) })
}

// Overlay is a picture of the map laid over the image, of the image's size: opacity of colour, 1 - opacity of image;
// opacity is 0 to 1. The map is enlarged bilinearly where it is smaller. A nil image draws the map alone at its own
// size, all colour.
func (m *Map) Overlay(image *Image, colormap Colormap, opacity float32) (*Image, error) {
	var held holds
	defer held.release()
	made, picture := m.use(&held), image.use(&held)
	if held.err != nil {
		return nil, held.err
	}
	return makeImage(func(out **C.cameras_image) C.cameras_status {
		return C.cameras_map_overlay(out, made, picture, C.cameras_colormap(colormap), C.float(opacity))
	})
}

// Difference is a picture of m - other, two maps of one size, in a diverging colour map: red where m is greater, blue
// where other is, white where they agree, full colour at the greatest difference.
func (m *Map) Difference(other *Map) (*Image, error) {
	var held holds
	defer held.release()
	a, b := m.use(&held), other.use(&held)
	if held.err != nil {
		return nil, held.err
	}
	return makeImage(func(out **C.cameras_image) C.cameras_status { return C.cameras_map_difference(out, a, b) })
}

// Spearman is the rank correlation of the values of two maps. EFLAT: one is constant. EINVAL: sizes that differ.
func (m *Map) Spearman(other *Map) (float64, error) {
	return m.compare(other, func(out *C.double, a, b *C.cameras_map) C.cameras_status {
		return C.cameras_map_spearman(out, a, b)
	})
}

// SSIM is the mean structural similarity of two maps, by a Gaussian window of 11 x 11. EINVAL: a side below 11 or sizes
// that differ.
func (m *Map) SSIM(other *Map) (float64, error) {
	return m.compare(other, func(out *C.double, a, b *C.cameras_map) C.cameras_status {
		return C.cameras_map_ssim(out, a, b)
	})
}

// Overlap is of the share of pixels that are the greatest of either map, such as 0.05, how many both have: 0 to 1.
// EINVAL: a share outside (0, 1] or sizes that differ.
func (m *Map) Overlap(other *Map, share float64) (float64, error) {
	return m.compare(other, func(out *C.double, a, b *C.cameras_map) C.cameras_status {
		return C.cameras_map_overlap(out, a, b, C.double(share))
	})
}

func (m *Map) compare(other *Map, call func(*C.double, *C.cameras_map, *C.cameras_map) C.cameras_status) (float64, error) {
	var held holds
	defer held.release()
	a, b := m.use(&held), other.use(&held)
	if held.err != nil {
		return 0, held.err
	}
	var result C.double
	err := check(func() C.cameras_status { return call(&result, a, b) })
	return float64(result), err
}
