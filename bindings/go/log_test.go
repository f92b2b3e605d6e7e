// SPDX-License-Identifier: MIT

package cameras

import (
	"errors"
	"os"
	"reflect"
	"testing"
)

func openPrinting(t *testing.T) *Model {
	t.Helper()
	path := os.Getenv("CAMERAS_PRINTING")
	if path == "" {
		t.Skip("CAMERAS_PRINTING names no network that prints")
	}
	model := must(OpenModel(path))
	t.Cleanup(func() { model.Close() })
	return model
}

func show(t *testing.T, model *Model, scene *Image) {
	t.Helper()
	if _, _, err := model.Classify(scene, nil); err != nil {
		t.Fatal(err)
	}
}

func TestLogIsToldWhatAModelPrintsAndWarns(t *testing.T) {
	model, scene := openPrinting(t), openScene(t)
	said := map[LogKind]map[string]bool{LogPrint: {}, LogWarning: {}}
	agree(SetLog(func(kind LogKind, text string) { said[kind][text] = true }))
	show(t, model, scene)
	agree(SetLog(nil))
	show(t, model, scene)
	if want := (map[LogKind]map[string]bool{LogPrint: {"seen": true}, LogWarning: {"odd": true}}); !reflect.DeepEqual(said, want) {
		t.Errorf("told %v", said)
	}
}

func TestLogCannotBeSetFromInsideItAndAPanicInItIsLost(t *testing.T) {
	model, scene := openPrinting(t), openScene(t)
	var inside error
	calls := 0
	agree(SetLog(func(LogKind, string) {
		calls++
		inside = SetLog(nil)
		panic("lost")
	}))
	show(t, model, scene)
	agree(SetLog(nil))
	if calls == 0 || !errors.Is(inside, EINVAL) {
		t.Errorf("%d calls, %v", calls, inside)
	}
}
