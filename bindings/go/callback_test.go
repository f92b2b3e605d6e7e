// SPDX-License-Identifier: MIT

package cameras

import (
	"context"
	"errors"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"
)

// Every call that takes options with progress.
func longCalls(model *Model, image *Image) map[string]func(context.Context, *Options) error {
	saliency := ramp()
	return map[string]func(context.Context, *Options) error{
		"Explain":        func(c context.Context, o *Options) error { _, err := model.Explain(c, image, o); return err },
		"ExplainSeveral": func(c context.Context, o *Options) error { _, err := model.ExplainSeveral(c, image, o); return err },
		"ExplainMany": func(c context.Context, o *Options) error {
			_, err := model.ExplainMany(c, []*Image{image, image}, o, tell)
			return err
		},
		"ExplainFiles": func(c context.Context, o *Options) error {
			_, err := model.ExplainFiles(c, []string{demo("scene.png"), "/nowhere"}, o, tell)
			return err
		},
		"Score": func(c context.Context, o *Options) error {
			_, err := model.Score(c, image, saliency, nil, o)
			return err
		},
		"GridScore": func(c context.Context, o *Options) error {
			_, _, err := model.GridScore(c, [4]*Image{image, image, image, image}, [4]int{1, 2, 3, 4}, o)
			return err
		},
		"CheckSanity": func(c context.Context, o *Options) error { _, err := model.CheckSanity(c, image, 2, o); return err },
		"RunAttack": func(c context.Context, o *Options) error {
			_, err := model.RunAttack(c, image, saliency, o)
			return err
		},
	}
}

func TestProgressGrowsToOne(t *testing.T) {
	for name, call := range longCalls(openDemo(t), openScene(t)) {
		options, told := quickAttack(), []float64{0}
		agree(options.SetScoreSteps(2))
		options.SetProgress(func(done float64) error { told = append(told, done); return nil })
		agree(call(nil, options)) // no context is the background
		for i := range told[1:] {
			if told[i+1] < told[i] || told[i+1] > 1 {
				t.Errorf("%s told %v", name, told)
			}
		}
		if len(told) == 1 || (name != "RunAttack" && told[len(told)-1] < 0.999) { // an attack may succeed early
			t.Errorf("%s told %v", name, told)
		}
	}
}

func TestAnErrorOfProgressCancelsAndIsTheCause(t *testing.T) {
	stop := errors.New("that will do")
	for name, call := range longCalls(openDemo(t), openScene(t)) {
		options, called := quick(), 0
		options.SetProgress(func(float64) error { called++; return stop })
		err := call(background, options)
		failure := refused(t, err, ECANCELLED)
		if !errors.Is(err, stop) || !strings.Contains(err.Error(), "that will do") || failure.Cause != stop {
			t.Errorf("%s: %v", name, err)
		}
		if called == 0 {
			t.Errorf("%s told no progress", name)
		}
	}
}

func TestACancelledContextEndsTheCall(t *testing.T) {
	for name, call := range longCalls(openDemo(t), openScene(t)) {
		ctx, cancel := context.WithCancel(background)
		options := quick()
		agree(options.SetScales(224, 225, 226))
		options.SetProgress(func(float64) error { cancel(); return nil })
		if err := call(ctx, options); !errors.Is(err, context.Canceled) || !errors.Is(err, ECANCELLED) {
			t.Errorf("%s gave %v", name, err)
		}
		options.SetProgress(func(float64) error { t.Errorf("%s began", name); return nil })
		if err := call(ctx, options); !errors.Is(err, context.Canceled) || !errors.Is(err, ECANCELLED) {
			t.Errorf("%s with a context done before gave %v", name, err)
		}
	}
}

func TestADeadlineEndsACallWithoutProgress(t *testing.T) {
	ctx, cancel := context.WithTimeout(background, time.Millisecond)
	defer cancel()
	if _, err := openDemo(t).Explain(ctx, openScene(t), nil); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}

func TestAPanicOfProgressGoesOnInTheCaller(t *testing.T) {
	for name, call := range longCalls(openDemo(t), openScene(t)) {
		options, called := quick(), 0
		options.SetProgress(func(float64) error { called++; panic(name) })
		func() {
			defer func() {
				if value := recover(); value != name {
					t.Errorf("%s: recovered %v", name, value)
				}
			}()
			call(background, options)
			t.Errorf("%s returned", name)
		}()
		if called != 1 {
			t.Errorf("%s called back %d times", name, called)
		}
	}
}

func TestAPanicWhenToldGoesOnInTheCallerAndEndsTheTelling(t *testing.T) {
	model, image, called := openDemo(t), openScene(t), 0
	options := quick(7)
	agree(options.SetThreads(3)) // so that others are at work when it panics
	defer func() {
		if value := recover(); value != "enough" || called != 1 {
			t.Errorf("recovered %v after %d calls", value, called)
		}
		agree(func() error { _, err := model.Explain(background, image, quick(7)); return err }())
	}()
	model.ExplainMany(background, []*Image{image, image, image, image}, options, func(int, []*Map, error) error {
		called++
		panic("enough")
	})
	t.Error("the call returned")
}

func TestGoexitInACallbackEndsTheCallersGoroutine(t *testing.T) {
	model, image, options := openDemo(t), openScene(t), quick(7)
	options.SetProgress(func(float64) error { runtime.Goexit(); return nil })
	var ended sync.WaitGroup
	returned := false
	ended.Add(1)
	go func() {
		defer ended.Done()
		model.Explain(background, image, options)
		returned = true
	}()
	ended.Wait()
	if returned {
		t.Error("the call returned")
	}
	must(model.Explain(background, image, quick(7)))
}

func TestAnErrorWhenToldBeginsNoFurtherImage(t *testing.T) {
	image, stop, told := openScene(t), errors.New("enough"), 0
	explained, err := openDemo(t).ExplainMany(background, []*Image{image, image, image}, quick(7),
		func(int, []*Map, error) error { told++; return stop })
	refused(t, err, ECANCELLED)
	if !errors.Is(err, stop) || told != 1 || explained != 1 {
		t.Errorf("%v, %d told, %d explained", err, told, explained)
	}
}

func TestACallbackMayExplain(t *testing.T) {
	model, image, options := openDemo(t), openScene(t), quick(7)
	want, inner := must(model.Explain(background, image, quick(13))).Values(), []float32(nil)
	options.SetProgress(func(float64) error {
		inner = must(model.Explain(background, image, quick(13))).Values()
		agree(options.SetSeed(3)) // nor does the call mind its own options
		return nil
	})
	must(model.Explain(background, image, options))
	same(t, "values", inner, want)
}

func TestNothingIsKeptOfACallThatEnded(t *testing.T) {
	model, image := openDemo(t), openScene(t)
	options := quick(7)
	freed := make(chan bool, 1)
	func() {
		big := new([1 << 16]byte)
		runtime.SetFinalizer(big, func(*[1 << 16]byte) { freed <- true })
		options.SetProgress(func(float64) error { big[0]++; return nil })
		must(model.Explain(background, image, options))
		options.SetProgress(nil)
	}()
	for i := 0; i < 200; i++ {
		runtime.GC()
		select {
		case <-freed:
			return
		case <-time.After(5 * time.Millisecond):
		}
	}
	t.Error("the callback is still referred to")
}
