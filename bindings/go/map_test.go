// SPDX-License-Identifier: MIT

package cameras

import (
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func containsAll(text string, parts ...string) bool {
	for _, part := range parts {
		if !strings.Contains(text, part) {
			return false
		}
	}
	return true
}

func TestAMapMadeElsewhereIsWhatWasGiven(t *testing.T) {
	values := []float32{0, 0.25, 0.5, 0.75, 0.125, 0.625}
	made := must(NewMap(values, 3, 2))
	same(t, "values", made.Values(), values)
	same(t, "raw values", made.Raw(), values)
	if made.Width() != 3 || made.Height() != 2 || made.Class() != NoClass || made.Layer() != "" || len(made.Scales()) != 0 {
		t.Errorf("%d x %d, class %d, layer %q", made.Width(), made.Height(), made.Class(), made.Layer())
	}
	made.Values()[0] = 9
	if made.Values()[0] != 0 {
		t.Error("values are no copy")
	}
	for name, call := range map[string]func() (*Map, error){
		"too few":     func() (*Map, error) { return NewMap(values, 3, 3) },
		"too many":    func() (*Map, error) { return NewMap(values, 2, 2) },
		"overflowing": func() (*Map, error) { return NewMap(values, math.MaxInt, 2) },
		"beyond 1":    func() (*Map, error) { return NewMap([]float32{2}, 1, 1) },
		"NaN":         func() (*Map, error) { return NewMap([]float32{float32(math.NaN())}, 1, 1) },
	} {
		t.Run(name, func(t *testing.T) { _, err := call(); refused(t, err, EINVAL) })
	}
}

func TestAWrittenMapIsReadBack(t *testing.T) {
	made, folder := ramp(), t.TempDir()
	numpy, grey := filepath.Join(folder, "m.npy"), filepath.Join(folder, "m.png")
	agree(made.Write(numpy))
	agree(made.Write(grey))
	same(t, "the file", readNumPy(t, numpy, "(224, 224)"), made.Values())
	same(t, "the map read", must(ReadMap(numpy)).Values(), made.Values())
	file := must(os.Open(grey))
	defer file.Close()
	picture := must(png.Decode(file)).(*image.Gray16)
	again := must(ReadMap(grey)).Values()
	for i, value := range made.Values() {
		near(t, "grey", float64(picture.Gray16At(i%224, i/224).Y), 65535*float64(value), 0.51)
		near(t, "read back", float64(again[i]), float64(value), 1.0/65535)
	}
	refused(t, made.Write(filepath.Join(folder, "m.jpg")), EINVAL)
}

func TestAMapIsLikeItself(t *testing.T) {
	a := ramp()
	reversed := a.Values()
	for i := range reversed {
		reversed[i] = 1 - reversed[i]
	}
	b := must(NewMap(reversed, 224, 224))
	near(t, "Spearman with itself", must(a.Spearman(a)), 1, 1e-12)
	near(t, "SSIM with itself", must(a.SSIM(a)), 1, 1e-12)
	near(t, "overlap with itself", must(a.Overlap(a, 0.05)), 1, 1e-12)
	near(t, "Spearman with its reverse", must(a.Spearman(b)), -1, 1e-12)
	near(t, "overlap with its reverse", must(a.Overlap(b, 0.05)), 0, 1e-12)
	flat := must(NewMap(make([]float32, 224*224), 224, 224))
	_, err := a.Spearman(flat)
	refused(t, err, EFLAT)
	_, err = a.SSIM(must(NewMap(make([]float32, 4), 2, 2)))
	refused(t, err, EINVAL)
	_, err = a.Overlap(b, 0)
	refused(t, err, EINVAL)
	if !flat.IsFlat() || a.IsFlat() {
		t.Error("flat is what it is not")
	}
}

func TestAnOverlayMixesColourAndImage(t *testing.T) {
	made, picture := must(NewMap([]float32{0, 1, 0.2, 0.6}, 2, 2)), must(NewImage([]byte{10, 20, 30, 40, 50, 60,
		70, 80, 90, 100, 110, 120}, 2, 2, 0, RGB8))
	same(t, "opacity 0", must(must(made.Overlay(picture, Jet, 0)).Pixels()), must(picture.Pixels()))
	alone := []byte{0, 0, 0, 255, 255, 255, 51, 51, 51, 153, 153, 153}
	same(t, "alone in grey", must(must(made.Overlay(nil, Gray, 1)).Pixels()), alone)
	mixed := must(must(made.Overlay(picture, Gray, 0.5)).Pixels())
	for i, value := range must(picture.Pixels()) {
		near(t, "half of both", float64(mixed[i]), (float64(value)+float64(alone[i]))/2, 0.51)
	}
	_, err := made.Overlay(picture, Gray, 1.5)
	refused(t, err, EINVAL)
	_, err = made.Overlay(picture, Colormap(-1), 1)
	refused(t, err, EINVAL)
}

func TestADifferenceIsWhiteRedAndBlue(t *testing.T) {
	a, b := must(NewMap([]float32{0.5, 1, 0}, 3, 1)), must(NewMap([]float32{0.5, 0, 1}, 3, 1))
	pixels := must(must(a.Difference(b)).Pixels())
	if pixels[0] < 240 || pixels[1] < 240 || pixels[2] < 240 {
		t.Errorf("where they agree it is %v", pixels[:3])
	}
	if pixels[3] <= pixels[5] || pixels[6] >= pixels[8] {
		t.Errorf("where they differ it is %v", pixels[3:])
	}
}

// Nothing in the scene speaks for class 1.
func TestAFlatMapFailsUnlessItIsKept(t *testing.T) {
	model, scene, options := openDemo(t), openScene(t), quick(1)
	_, err := model.Explain(background, scene, options)
	refused(t, err, EFLAT)
	agree(options.SetKeepFlat(true))
	kept := must(model.Explain(background, scene, options))
	same(t, "values", kept.Values(), make([]float32, 224*224))
	if !kept.IsFlat() {
		t.Error("the map that was kept is not flat")
	}
}

func TestTheConstantControlIsAHalfAndFlat(t *testing.T) {
	options := quick(7)
	agree(options.SetMethod(MethodConstant))
	constant := must(openDemo(t).Explain(background, openScene(t), options))
	if !constant.IsFlat() || constant.Values()[0] != 0.5 || constant.Method() != MethodConstant {
		t.Errorf("%v, flat %v, by %v", constant.Values()[0], constant.IsFlat(), constant.Method())
	}
}

func TestMethodSourceAndSizeAreHeeded(t *testing.T) {
	model, scene, options := openDemo(t), openScene(t), quick(7)
	agree(options.SetMapSize(MapSizeImage))
	agree(options.SetSource(SourceOriginal))
	agree(options.SetMethod(MethodGradCAM))
	made := must(model.Explain(background, scene, options))
	if made.Width() != scene.Width() || made.Height() != scene.Height() || made.Source() != SourceOriginal ||
		made.Method() != MethodGradCAM {
		t.Errorf("%d x %d from %v by %v", made.Width(), made.Height(), made.Source(), made.Method())
	}
	random := quick(7)
	agree(random.SetMethod(MethodRandom))
	agree(random.SetSeed(5))
	first := must(model.Explain(background, scene, random)).Values()
	same(t, "an equal seed", must(model.Explain(background, scene, random)).Values(), first)
	agree(random.SetSeed(6))
	if near := must(model.Explain(background, scene, random)).Values(); near[0] == first[0] && near[1] == first[1] {
		t.Error("another seed changed nothing")
	}
}
