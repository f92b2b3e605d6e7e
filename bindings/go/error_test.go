// SPDX-License-Identifier: MIT

package cameras

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

func TestAFailureTellsWhatOnWhatAndWhy(t *testing.T) {
	model, image := openDemo(t), openScene(t)
	text := filepath.Join(t.TempDir(), "text.pt")
	agree(os.WriteFile(text, []byte("no model"), 0o666))
	_, missing := OpenModel("/nowhere/model.pt")
	_, notScript := OpenModel(text)
	_, noClass := model.Explain(background, image, quick(99))
	unknown := quick(7)
	agree(unknown.AddLayers("features.seven"))
	_, noLayer := model.Explain(background, image, unknown)
	for _, one := range []struct {
		err    error
		status Status
		says   string
	}{
		{missing, EIO, "/nowhere/model.pt"}, {notScript, EFORMAT, text}, {noClass, ECLASS, "99"},
		{noLayer, ELAYER, "features.seven"}, {image.Write("/nowhere/a.gif"), EINVAL, "a.gif"},
	} {
		failure := refused(t, one.err, one.status)
		if !strings.Contains(failure.Message, one.says) || one.err.Error() != "cameras: "+failure.Message {
			t.Errorf("%q does not name %s", one.err, one.says)
		}
		if errors.Is(one.err, OK) || errors.Is(one.err, EINTERNAL) || errors.Is(one.err, fs.ErrClosed) {
			t.Errorf("%v is what it is not", one.err)
		}
	}
}

func TestFilesFailAsTheFileSystemSays(t *testing.T) {
	folder := t.TempDir()
	locked := filepath.Join(folder, "locked.png")
	agree(os.WriteFile(locked, []byte("x"), 0))
	missing := filepath.Join(folder, "no", "such")
	failures := map[string]error{
		"OpenModel":  func() error { _, err := OpenModel(missing); return err }(),
		"ReadLabels": openDemo(t).ReadLabels(missing),
		"ReadImage":  func() error { _, err := ReadImage(missing, nil); return err }(),
		"ReadMap":    func() error { _, err := ReadMap(missing); return err }(),
		"Image":      chequered().Write(missing + ".png"),
		"Map":        ramp().Write(missing + ".npy"),
	}
	for name, err := range failures {
		refused(t, err, EIO)
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("%s: the cause of %v is %v", name, err, errors.Unwrap(err))
		}
	}
	if os.Geteuid() != 0 { // who may read everything
		if _, err := ReadImage(locked, nil); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("of a file that may not be read: %v", err)
		}
	}
}

// A message read on another thread than its call's would be another goroutine's, or none. Calls that take a millisecond
// lose their processor, so that goroutines that were not kept on their threads would come back on others.
func TestEveryGoroutineGetsItsOwnMessage(t *testing.T) {
	folder := t.TempDir()
	junk := filepath.Join(folder, "junk")
	agree(os.WriteFile(junk, make([]byte, 2<<20), 0o666))
	var running sync.WaitGroup
	for i := 0; i < 16; i++ {
		path := filepath.Join(folder, fmt.Sprintf("%d.png", i))
		agree(os.Symlink(junk, path))
		running.Add(1)
		go func() {
			defer running.Done()
			for round := 0; round < 50; round++ {
				_, err := ReadImage(path, nil)
				if failure := (*Error)(nil); !errors.As(err, &failure) || !strings.Contains(failure.Message, path) {
					t.Errorf("%s: %v", path, err)
					return
				}
			}
		}()
	}
	running.Wait()
}

func TestNegativeNumbersAreRefused(t *testing.T) {
	model, image, o := openDemo(t), openScene(t), new(Options)
	for name, err := range map[string]error{
		"SetScales":        o.SetScales(224, -1),
		"AddClasses":       o.AddClasses(1, -1),
		"SetThreads":       o.SetThreads(-1),
		"SetMaxPixels":     o.SetMaxPixels(-1),
		"SetScoreSteps":    o.SetScoreSteps(-1),
		"SetBatch":         o.SetBatch(-1),
		"SetAttackTarget":  o.SetAttackTarget(-2),
		"SetAttackSteps":   o.SetAttackSteps(math.MinInt),
		"SetBaseSize":      model.SetBaseSize(224, -224),
		"SetBaseSide":      model.SetBaseSide(-1),
		"ExplainMemory":    func() error { _, err := model.ExplainMemory(-1, 1, nil); return err }(),
		"NewImage":         func() error { _, err := NewImage(make([]byte, 9), -3, -3, 0, Gray8); return err }(),
		"stride":           func() error { _, err := NewImage(make([]byte, 9), 3, 3, -3, Gray8); return err }(),
		"NewFloatImage":    func() error { _, err := NewFloatImage(make([]float32, 9), -3, -3, 0, GrayF); return err }(),
		"NewBox":           func() error { _, err := NewBox(9, 9, -1, 0, 3, 3); return err }(),
		"NewMap":           func() error { _, err := NewMap(make([]float32, 9), -3, -3); return err }(),
		"Sheet":            func() error { _, err := Sheet([]*Image{image}, 1, -1); return err }(),
		"Caption":          func() error { _, err := image.Caption("x", -1); return err }(),
		"CopyPixels":       image.CopyPixels(make([]byte, 9), -1),
		"CheckSanity":      func() error { _, err := model.CheckSanity(background, image, -1, nil); return err }(),
		"GridScore":        func() error { _, _, err := model.GridScore(background, [4]*Image{}, [4]int{-1}, nil); return err }(),
		"an unknown order": model.SetChannelOrder(-1),
	} {
		t.Run(name, func(t *testing.T) { refused(t, err, EINVAL) })
	}
	if must(o.MapCount()) != 1 {
		t.Error("what was refused is there")
	}
}

func TestANulByteInATextIsRefused(t *testing.T) {
	model, image := openDemo(t), openScene(t)
	for name, err := range map[string]error{
		"OpenModel":    func() error { _, err := OpenModel(demo("demo.pt") + "\x00"); return err }(),
		"ReadLabels":   model.ReadLabels(demo("demo.txt") + "\x00"),
		"FindClass":    func() error { _, err := model.FindClass("1\x002"); return err }(),
		"Randomise":    func() error { _, err := model.Randomise([]string{"classifier\x00"}, 1); return err }(),
		"AddLayers":    new(Options).AddLayers("auto\x00"),
		"ReadImage":    func() error { _, err := ReadImage(demo("scene.png")+"\x00", nil); return err }(),
		"Caption":      func() error { _, err := image.Caption("a\x00b", 1); return err }(),
		"ExplainFiles": func() error { _, err := model.ExplainFiles(background, []string{"\x00"}, nil, tell); return err }(),
		"Map.Write":    ramp().Write("a.npy\x00"),
	} {
		t.Run(name, func(t *testing.T) { refused(t, err, EINVAL) })
	}
	refused(t, model.SetLabels("a\x00b"), EFORMAT)
}

func TestNothingInIsAnErrorAndNoCrash(t *testing.T) {
	model, image := openDemo(t), openScene(t)
	for name, err := range map[string]error{
		"OpenModelMemory":  func() error { _, err := OpenModelMemory(nil); return err }(),
		"ReadImageMemory":  func() error { _, err := ReadImageMemory([]byte{}, nil); return err }(),
		"NewImage":         func() error { _, err := NewImage(nil, 0, 0, 0, RGB8); return err }(),
		"without bytes":    func() error { _, err := NewImage(nil, 2, 2, 0, RGB8); return err }(),
		"NewFloatImage":    func() error { _, err := NewFloatImage(nil, 1, 1, 0, RGBF); return err }(),
		"NewMap":           func() error { _, err := NewMap(nil, 0, 0); return err }(),
		"Sheet":            func() error { _, err := Sheet(nil, 1, 0); return err }(),
		"SetScales":        new(Options).SetScales(),
		"SetLabels":        model.SetLabels(""),
		"SetNormalisation": model.SetNormalisation(nil, nil),
		"unequal lengths":  model.SetNormalisation([]float32{1, 2, 3}, []float32{1}),
		"Explain":          func() error { _, err := model.Explain(background, nil, nil); return err }(),
		"Classify":         func() error { _, _, err := model.Classify(nil, nil); return err }(),
		"an empty model":   func() error { _, err := new(Model).Explain(background, image, nil); return err }(),
		"a setter of none": (*Model)(nil).SetLabels("a"),
		"a nil model":      func() error { _, err := (*Model)(nil).ClassCount(); return err }(),
		"Score":            func() error { _, err := model.Score(background, image, nil, nil, nil); return err }(),
		"RunAttack":        func() error { _, err := model.RunAttack(background, image, nil, nil); return err }(),
		"Spearman":         func() error { _, err := ramp().Spearman(nil); return err }(),
		"ExplainMany":      func() error { _, err := model.ExplainMany(background, []*Image{image}, nil, nil); return err }(),
		"FromImage":        func() error { _, err := FromImage(nil); return err }(),
		"CopyPixels":       image.CopyPixels(nil, 0),
		"GridScore": func() error {
			_, _, err := model.GridScore(background, [4]*Image{}, [4]int{1, 2, 3, 4}, nil)
			return err
		}(),
	} {
		t.Run(name, func(t *testing.T) {
			var failure *Error
			if !errors.As(err, &failure) || failure.Message == "" {
				t.Errorf("got %v", err)
			}
		})
	}
	if count, err := model.ExplainMany(background, nil, nil, tell); count != 0 || err != nil {
		t.Errorf("no images: %d, %v", count, err)
	}
	agree(new(Options).AddClasses())
	agree(new(Options).AddLayers())
}

func TestOptionsTakeWhatIsInRangeAndRefuseTheRest(t *testing.T) {
	o := new(Options)
	for name, err := range map[string]error{
		"SetPreset": o.SetPreset(PresetPaper), "SetInterpolation": o.SetInterpolation(Bilinear),
		"SetGate": o.SetGate(GateOn), "SetMethod": o.SetMethod(MethodLayerCAM), "SetSeed": o.SetSeed(math.MaxUint64),
		"SetSource": o.SetSource(SourceOriginal), "SetMapSize": o.SetMapSize(MapSizeImage),
		"SetPrecision": o.SetPrecision(PrecisionAuto), "SetMasking": o.SetMasking(MaskingNormalised),
		"SetAttackTarget": o.SetAttackTarget(LeastLikely), "SetAttackRule": o.SetAttackRule(StepGradient),
		"SetAttackBeta": o.SetAttackBeta(0), "SetAttackEpsilon": o.SetAttackEpsilon(1),
		"SetAttackConfidence": o.SetAttackConfidence(0.5), "SetSanityThreshold": o.SetSanityThreshold(0.25),
		"SetKeepFlat": o.SetKeepFlat(true), "SetThreads": o.SetThreads(MaxThreads), "SetBatch": o.SetBatch(1024),
		"SetMemoryLimit": o.SetMemoryLimit(1 << 40), "SetMaxPixels": o.SetMaxPixels(1), "SetScoreSteps": o.SetScoreSteps(4096),
		"SetAttackSteps": o.SetAttackSteps(100000), "SetScales": o.SetScales(1, MaxSide),
		"SetMaxFileBytes": o.SetMaxFileBytes(MaxFileBytes), "SetMaxScales": o.SetMaxScales(MaxScales),
		"SetMaxClasses": o.SetMaxClasses(MaxClasses),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for name, err := range map[string]error{
		"SetPreset": o.SetPreset(3), "SetInterpolation": o.SetInterpolation(2), "SetGate": o.SetGate(-1),
		"SetMethod": o.SetMethod(10), "SetSource": o.SetSource(2), "SetMapSize": o.SetMapSize(2),
		"SetPrecision": o.SetPrecision(math.MaxInt32), "SetMasking": o.SetMasking(2), "SetAttackRule": o.SetAttackRule(2),
		"SetAttackBeta": o.SetAttackBeta(math.NaN()), "SetAttackEpsilon": o.SetAttackEpsilon(0),
		"SetAttackConfidence": o.SetAttackConfidence(2), "SetSanityThreshold": o.SetSanityThreshold(-1),
		"SetScoreSteps": o.SetScoreSteps(0), "SetMaxPixels": o.SetMaxPixels(0), "SetAttackSteps": o.SetAttackSteps(0),
		"SetBatch": o.SetBatch(0), "SetScales": o.SetScales(0),
	} {
		t.Run(name, func(t *testing.T) { refused(t, err, EINVAL) })
	}
	refused(t, o.SetScales(MaxSide+1), ELIMIT)
	refused(t, o.SetMaxFileBytes(MaxFileBytes+1), ELIMIT)
	refused(t, o.SetMaxScales(MaxScales+1), ELIMIT)
	refused(t, o.SetMaxClasses(MaxClasses+1), ELIMIT)
	refused(t, o.SetThreads(MaxThreads+1), ELIMIT)
	refused(t, o.AddClasses(make([]int, MaxClasses+1)...), ELIMIT)
	refused(t, o.AddLayers(strings.Split(strings.Repeat("auto,", MaxLayers)+"auto", ",")...), ELIMIT)
}

func TestALaterSettingReplacesAnEarlierAndAdditionsAddUp(t *testing.T) {
	o := quick(7)
	agree(o.AddClasses(2, 3))
	if must(o.MapCount()) != 3 {
		t.Errorf("%d maps for three classes", must(o.MapCount()))
	}
	agree(o.SetKeepFlat(true))
	agree(o.SetScales(64, 80, 96))
	refused(t, o.SetScales(0), EINVAL)
	if scales := must(openDemo(t).ExplainSeveral(background, openScene(t), o))[0].Scales(); len(scales) != 3 || scales[2].Width != 96 {
		t.Errorf("scales are %+v", scales)
	}
	agree(o.SetPreset(PresetFast)) // takes the place of the scales
	if scales := must(openDemo(t).ExplainSeveral(background, openScene(t), o))[0].Scales(); len(scales) != 3 || scales[0].Width != 224 {
		t.Errorf("scales are %+v", scales)
	}
}

func TestAPictureBeyondTheLimitIsNotRead(t *testing.T) {
	o := new(Options)
	agree(o.SetMaxPixels(100))
	_, err := ReadImage(demo("scene.png"), o)
	refused(t, err, ELIMIT)
	o = new(Options)
	agree(o.SetMaxFileBytes(1000))
	_, err = ReadImage(demo("scene.png"), o)
	refused(t, err, ELIMIT)
	o = new(Options)
	agree(o.SetMaxPixels(100))
	_, err = ReadImageMemory(must(os.ReadFile(demo("scene.png"))), o)
	refused(t, err, ELIMIT)
}
