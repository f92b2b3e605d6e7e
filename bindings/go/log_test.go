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

func TestLogIsToldWhatAModelPrintsAndWarns(t *testing.T) {
	model, scene := openPrinting(t), openScene(t)
	said := map[LogKind]map[string]bool{LogPrint: {}, LogWarning: {}}
	agree(SetLog(func(kind LogKind, text string) { said[kind][text] = true }))
	must(model.Classify(scene, nil))
	agree(SetLog(nil))
	must(model.Classify(scene, nil))
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
	must(model.Classify(scene, nil))
	agree(SetLog(nil))
	if calls == 0 || !errors.Is(inside, EINVAL) {
		t.Errorf("%d calls, %v", calls, inside)
	}
}
