// SPDX-License-Identifier: MIT

package cameras

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
)

var background = context.Background()

// demo is the path of a file of the demo: installed, or in the source tree.
func demo(name string) string {
	if installed := filepath.Join(os.Getenv("CAMERAS_DEMO"), name); os.Getenv("CAMERAS_DEMO") != "" {
		if _, err := os.Stat(installed); err == nil {
			return installed
		}
	}
	return filepath.Join("..", "..", "src", "demo", name)
}

func openDemo(t *testing.T) *Model {
	t.Helper()
	model := must(OpenModel(demo("demo.pt")))
	t.Cleanup(func() { model.Close() })
	return model
}

func openScene(t *testing.T) *Image {
	t.Helper()
	image := must(ReadImage(demo("scene.png"), nil))
	t.Cleanup(func() { image.Close() })
	return image
}

// quick are options of two small scales, one thread, and these classes.
func quick(classes ...int) *Options {
	o := new(Options)
	agree(o.SetScales(224, 288))
	agree(o.SetThreads(1))
	agree(o.AddClasses(classes...))
	return o
}

// ramp is a map of the base size whose values grow along the rows, each row the same.
func ramp() *Map {
	values := make([]float32, 224*224)
	for i := range values {
		values[i] = float32(i%224) / 223
	}
	return must(NewMap(values, 224, 224))
}

// chequered is a picture of the base size that is no class's.
func chequered() *Image {
	pixels := make([]byte, 3*224*224)
	for i := range pixels {
		pixels[i] = byte(i * 7 % 251)
	}
	return must(NewImage(pixels, 224, 224, 0, RGB8))
}

func must[T any](value T, err error) T {
	agree(err)
	return value
}

func agree(err error) {
	if err != nil {
		panic(err)
	}
}

// refused demands an error of this package, of this status, with a message.
func refused(t *testing.T, err error, status Status) *Error {
	t.Helper()
	var failure *Error
	if !errors.As(err, &failure) || failure.Status != status || !errors.Is(err, status) {
		t.Fatalf("got %v, want status %v", err, status)
	}
	if failure.Message == "" {
		t.Fatal("the error says nothing")
	}
	return failure
}

func near(t *testing.T, what string, got, want, within float64) {
	t.Helper()
	if !(got >= want-within && got <= want+within) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

func same[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	for i := range got {
		if got[i] != want[i] {
			t.Fatalf("%s: value %d is %v, want %v", what, i, got[i], want[i])
		}
	}
}
