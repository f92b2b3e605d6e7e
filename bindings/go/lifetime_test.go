// SPDX-License-Identifier: MIT

package cameras

import (
	"errors"
	"io/fs"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// spy counts how often a handle's object is freed.
func spy[P comparable](h *handle[P]) *int32 {
	freed, free := new(int32), h.free
	h.free = func(object P) {
		atomic.AddInt32(freed, 1)
		free(object)
	}
	return freed
}

// collected waits for finalizers.
func collected(freed *int32) bool {
	for i := 0; i < 200 && atomic.LoadInt32(freed) == 0; i++ {
		runtime.GC()
		time.Sleep(5 * time.Millisecond)
	}
	return atomic.LoadInt32(freed) == 1
}

func TestWhatIsDroppedIsFreedByItsFinalizer(t *testing.T) {
	sanity := must(openDemo(t).CheckSanity(background, openScene(t), 2, quickSanity()))
	scene, model := openScene(t), openDemo(t)
	saliency := ramp()
	defer saliency.Close()
	for name, drop := range map[string]func() *int32{
		"model":  func() *int32 { return spy(&must(OpenModel(demo("demo.pt"))).handle) },
		"image":  func() *int32 { return spy(&chequered().handle) },
		"map":    func() *int32 { return spy(&ramp().handle) },
		"scores": func() *int32 { return spy(&must(model.Score(background, scene, saliency, nil, quickScore())).handle) },
		"stage":  func() *int32 { return spy(&sanity.StageMap(0).handle) },
		"attack": func() *int32 {
			return spy(&must(model.RunAttack(background, scene, saliency, quickAttack())).handle)
		},
	} {
		if !collected(drop()) {
			t.Errorf("a %s that nothing refers to was not freed", name)
		}
	}
	freed := spy(&sanity.handle)
	sanity = nil
	if !collected(freed) {
		t.Error("a sanity result that nothing refers to was not freed")
	}
}

func TestWhatACallUsesIsNotFreedUnderIt(t *testing.T) {
	model, image := must(OpenModel(demo("demo.pt"))), must(ReadImage(demo("scene.png"), nil))
	freed := []*int32{spy(&model.handle), spy(&image.handle)}
	options, called := quick(7), 0
	options.SetProgress(func(float64) error {
		called++
		for i := 0; i < 5; i++ {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
		if atomic.LoadInt32(freed[0])+atomic.LoadInt32(freed[1]) != 0 {
			t.Error("freed during the call")
		}
		return nil
	})
	must(model.Explain(background, image, options)) // the last use of either
	if called == 0 {
		t.Error("no progress was told")
	}
	if !collected(freed[0]) || !collected(freed[1]) {
		t.Error("not freed after the call")
	}
}

func TestCloseFreesOnceHoweverOftenItIsCalled(t *testing.T) {
	image := chequered()
	freed := spy(&image.handle)
	for i := 0; i < 3; i++ {
		agree(image.Close())
	}
	if *freed != 1 {
		t.Errorf("freed %d times", *freed)
	}
	var none *Image
	agree(none.Close())
	agree((*Model)(nil).Close())
	agree((*Map)(nil).Close())
	agree((*Scores)(nil).Close())
	agree((*Sanity)(nil).Close())
	agree((*Attack)(nil).Close())
	agree(new(Image).Close())
}

func TestUseAfterCloseIsAnErrorAndNoCrash(t *testing.T) {
	model, image, saliency := must(OpenModel(demo("demo.pt"))), chequered(), ramp()
	open := openDemo(t)
	closedModel, closedImage, closedMap := model, image, saliency
	model.Close()
	image.Close()
	saliency.Close()
	calls := map[string]func() error{
		"AutoLayer":       func() error { _, err := closedModel.AutoLayer(); return err },
		"ClassCount":      func() error { _, err := closedModel.ClassCount(); return err },
		"ReadLabels":      func() error { return closedModel.ReadLabels(demo("demo.txt")) },
		"SetLabels":       func() error { return closedModel.SetLabels("a") },
		"SetBaseSide":     func() error { return closedModel.SetBaseSide(9) },
		"FindClass":       func() error { _, err := closedModel.FindClass("1"); return err },
		"Randomise":       func() error { _, err := closedModel.Randomise([]string{"classifier"}, 1); return err },
		"Classify":        func() error { _, _, err := open.Classify(closedImage, nil); return err },
		"Explain":         func() error { _, err := closedModel.Explain(background, chequered(), nil); return err },
		"ExplainSeveral":  func() error { _, err := open.ExplainSeveral(background, closedImage, nil); return err },
		"ExplainMemory":   func() error { _, err := closedModel.ExplainMemory(9, 9, nil); return err },
		"ExplainMany":     func() error { _, err := open.ExplainMany(background, []*Image{closedImage}, nil, tell); return err },
		"ExplainFiles":    func() error { _, err := closedModel.ExplainFiles(background, nil, nil, tell); return err },
		"Score":           func() error { _, err := open.Score(background, chequered(), closedMap, nil, nil); return err },
		"object of Score": func() error { _, err := open.Score(background, chequered(), ramp(), closedImage, nil); return err },
		"GridScore":       func() error { _, _, err := closedModel.GridScore(background, [4]*Image{}, [4]int{}, nil); return err },
		"CheckSanity":     func() error { _, err := open.CheckSanity(background, closedImage, 0, nil); return err },
		"RunAttack":       func() error { _, err := open.RunAttack(background, chequered(), closedMap, nil); return err },
		"Pixels":          func() error { _, err := closedImage.Pixels(); return err },
		"ToImage":         func() error { _, err := closedImage.ToImage(); return err },
		"Image.Write":     func() error { return closedImage.Write("x.png") },
		"Caption":         func() error { _, err := closedImage.Caption("x", 1); return err },
		"Sheet":           func() error { _, err := Sheet([]*Image{closedImage}, 1, 0); return err },
		"Map.Write":       func() error { return closedMap.Write("x.npy") },
		"Overlay":         func() error { _, err := ramp().Overlay(closedImage, Viridis, 1); return err },
		"Difference":      func() error { _, err := closedMap.Difference(ramp()); return err },
		"Spearman":        func() error { _, err := ramp().Spearman(closedMap); return err },
	}
	for name, call := range calls {
		if err := call(); !errors.Is(err, fs.ErrClosed) || !errors.Is(err, EINVAL) {
			t.Errorf("%s gave %v", name, err)
		}
	}
	if closedModel.Layers() == nil || len(closedModel.Layers()) != 0 || closedModel.Channels() != 0 ||
		closedModel.Label(0) != "" || len(closedModel.ParametrisedLayers()) != 0 || closedImage.Width() != 0 ||
		closedMap.Values() != nil || closedMap.Raw() != nil || closedMap.Layer() != "" || len(closedMap.Scales()) != 0 {
		t.Error("a getter of what is closed gave something")
	}
}

func tell(int, []*Map, error) error { return nil }

func TestCloseBesideUsesLetsThemEndAndFreesOnce(t *testing.T) {
	for round := 0; round < 50; round++ {
		saliency := ramp()
		freed := spy(&saliency.handle)
		var running sync.WaitGroup
		for i := 0; i < 8; i++ {
			running.Add(1)
			go func(closes bool) {
				defer running.Done()
				if closes {
					saliency.Close()
					return
				}
				if values := saliency.Values(); values != nil && values[223] != 1 {
					t.Error("values of a freed map")
				}
			}(i%4 == 3)
		}
		running.Wait()
		if *freed != 1 {
			t.Fatalf("freed %d times", *freed)
		}
	}
}

func TestAModelClosedInACallbackServesTheCallToItsEnd(t *testing.T) {
	model := must(OpenModel(demo("demo.pt")))
	freed, options := spy(&model.handle), quick(7)
	options.SetProgress(func(float64) error {
		model.Close()
		if *freed != 0 {
			t.Error("freed during the call")
		}
		return nil
	})
	saliency := must(model.Explain(background, openScene(t), options))
	if *freed != 1 || saliency.Class() != 7 {
		t.Errorf("freed %d times, class %d", *freed, saliency.Class())
	}
}

func TestASetterIsRefusedWhileTheModelIsInUse(t *testing.T) {
	model, options := openDemo(t), quick(7)
	var during error
	options.SetProgress(func(float64) error { during = model.SetLabels("a\nb"); return nil })
	must(model.Explain(background, openScene(t), options))
	refused(t, during, EINVAL)
	agree(model.SetLabels("a\nb"))
	if model.Label(1) != "b" {
		t.Error("the setter did not take afterwards")
	}
}

func TestMapsOfAClosedSanityResultStay(t *testing.T) {
	sanity := must(openDemo(t).CheckSanity(background, openScene(t), 2, quickSanity()))
	freed := spy(&sanity.handle)
	original, before := sanity.Original(), sanity.Original().Values()
	sanity.Close()
	runtime.GC()
	same(t, "values", original.Values(), before)
	if sanity.Original() != nil || sanity.StageMap(0) != nil || len(sanity.Stages()) != 0 || sanity.Passed() {
		t.Error("a closed result still answers")
	}
	original.Close()
	if !collected(freed) { // with the map that gave the values above
		t.Errorf("freed %d times after its last map", *freed)
	}
}
