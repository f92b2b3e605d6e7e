// SPDX-License-Identifier: MIT

package cameras

import (
	"math"
	"os"
	"strings"
	"sync"
	"testing"
)

func TestAModelTellsOfItsLayersAndClasses(t *testing.T) {
	model := openDemo(t)
	layers := map[string]string{}
	for _, layer := range model.Layers() {
		layers[layer.Path] = layer.Type
	}
	if layers["features.0.0"] != "Conv2d" || layers["classifier"] != "Linear" {
		t.Errorf("layers are %v", layers)
	}
	if path := must(model.AutoLayer()); layers[path] == "" {
		t.Errorf("auto is %q, which is no layer", path)
	}
	if parametrised := model.ParametrisedLayers(); parametrised[0] != "classifier" {
		t.Errorf("the first with parameters from the logits down is %q", parametrised[0])
	}
	if must(model.ClassCount()) != 16 || model.Channels() != 3 {
		t.Errorf("%d classes, %d channels", must(model.ClassCount()), model.Channels())
	}
}

func TestAModelFromMemoryIsTheSame(t *testing.T) {
	image := openScene(t)
	model := must(OpenModelMemory(must(os.ReadFile(demo("demo.pt")))))
	defer model.Close()
	fromFile, _, err := openDemo(t).Classify(image, nil)
	agree(err)
	fromMemory, _, err := model.Classify(image, nil)
	agree(err)
	same(t, "logits", fromMemory, fromFile)
}

func TestLabelsNameAndFindClasses(t *testing.T) {
	model := openDemo(t)
	if model.Label(1) != "" {
		t.Errorf("a label before any was read: %q", model.Label(1))
	}
	agree(model.ReadLabels(demo("demo.txt")))
	lines := strings.Split(strings.TrimSpace(string(must(os.ReadFile(demo("demo.txt"))))), "\n")
	for class, line := range lines {
		if model.Label(class) != line || must(model.FindClass(strings.ToUpper(line))) != class {
			t.Errorf("class %d is %q, want %q", class, model.Label(class), line)
		}
	}
	if model.Label(len(lines)) != "" || model.Label(-1) != "" {
		t.Error("a class out of range has a label")
	}
	if must(model.FindClass("7")) != 7 {
		t.Error("an index is not found")
	}
	failure := refused(t, func() error { _, err := model.FindClass("balon"); return err }(), ECLASS)
	if !strings.Contains(failure.Message, "balloon") {
		t.Errorf("no near label in %q", failure.Message)
	}
	agree(model.SetLabels("eins\nzwei\n"))
	if model.Label(1) != "zwei" || model.Label(2) != "" {
		t.Error("labels were not replaced")
	}
}

func TestProbabilitiesAreTheSoftmaxOfLogits(t *testing.T) {
	logits, probabilities, err := openDemo(t).Classify(openScene(t), nil)
	agree(err)
	total, sum := 0.0, 0.0
	for _, logit := range logits {
		total += math.Exp(float64(logit))
	}
	for i, probability := range probabilities {
		sum += float64(probability)
		near(t, "probability", float64(probability), math.Exp(float64(logits[i]))/total, 1e-6)
	}
	near(t, "their sum", sum, 1, 1e-6)
}

func TestPreprocessingChangesWhatTheNetworkSees(t *testing.T) {
	image := openScene(t)
	classify := func(set func(*Model) error) []float32 {
		model := openDemo(t)
		agree(set(model))
		logits, _, err := model.Classify(image, nil)
		agree(err)
		return logits
	}
	plain := classify(func(m *Model) error { return nil })
	imagenet := func(m *Model) error {
		return m.SetNormalisation([]float32{.485, .456, .406}, []float32{.229, .224, .225})
	}
	same(t, "with the default given", classify(imagenet), plain)
	same(t, "with the default size", classify(func(m *Model) error { return m.SetBaseSize(224, 224) }), plain)
	for name, set := range map[string]func(*Model) error{
		"normalisation": func(m *Model) error { return m.SetNormalisation([]float32{0, 0, 0}, []float32{1, 1, 1}) },
		"order":         func(m *Model) error { return m.SetChannelOrder(OrderBGR) },
		"base size":     func(m *Model) error { return m.SetBaseSize(200, 240) },
		"base side":     func(m *Model) error { return m.SetBaseSide(260) },
	} {
		if classify(set)[0] == plain[0] {
			t.Errorf("%s changed nothing", name)
		}
	}
}

func TestAMapIsItsRawValuesStretched(t *testing.T) {
	model, image := openDemo(t), openScene(t)
	saliency := must(model.Explain(background, image, quick(7)))
	defer saliency.Close()
	if saliency.Width() != 224 || saliency.Height() != 224 || saliency.IsFlat() {
		t.Fatalf("%d x %d", saliency.Width(), saliency.Height())
	}
	least, greatest := math.Inf(1), math.Inf(-1)
	for _, value := range saliency.Raw() {
		least, greatest = math.Min(least, float64(value)), math.Max(greatest, float64(value))
	}
	zero, one := false, false
	raw := saliency.Raw()
	for i, value := range saliency.Values() {
		near(t, "value", float64(value), (float64(raw[i])-least)/(greatest-least), 1e-6)
		zero, one = zero || value == 0, one || value == 1
	}
	if !zero || !one || len(saliency.Values()) != 224*224 {
		t.Error("the values do not reach from 0 to 1")
	}
}

func TestAMapKnowsHowItWasMade(t *testing.T) {
	model, image := openDemo(t), openScene(t)
	logits, probabilities, err := model.Classify(image, nil)
	agree(err)
	saliency := must(model.Explain(background, image, quick(7)))
	near(t, "logit", float64(saliency.Logit()), float64(logits[7]), 1e-4)
	near(t, "probability", float64(saliency.Probability()), float64(probabilities[7]), 1e-5)
	if saliency.Class() != 7 || saliency.Layer() != must(model.AutoLayer()) || saliency.Method() != MethodCameras ||
		saliency.Source() != SourceBase || saliency.Precision() != PrecisionFP32 {
		t.Error("class, layer, method, source or precision is another")
	}
	scales := saliency.Scales()
	if len(scales) != 2 || scales[0].Width != 224 || scales[1].Height != 288 {
		t.Fatalf("scales are %+v", scales)
	}
	near(t, "probability at the base scale", float64(scales[0].Probability), float64(probabilities[7]), 1e-5)
	for _, scale := range scales {
		if !scale.Used || scale.Reason == "" || scale.Top1 < 0 || scale.Top1 > 15 ||
			scale.Top1Probability < scale.Probability {
			t.Errorf("scale is %+v", scale)
		}
	}
	total := saliency.Seconds(StageTotal)
	if parts := saliency.Seconds(StageTrunk) + saliency.Seconds(StageHead) + saliency.Seconds(StageFuse); total <= 0 ||
		parts <= 0 || parts > total || saliency.Seconds(StagePrepare) < 0 {
		t.Errorf("%v seconds of %v", parts, total)
	}
}

func TestWithoutAClassTheTop1IsExplained(t *testing.T) {
	model, image := openDemo(t), openScene(t)
	logits, _, err := model.Classify(image, nil)
	agree(err)
	best := 0
	for class, logit := range logits {
		if logit > logits[best] {
			best = class
		}
	}
	if class := must(model.Explain(background, image, quick())).Class(); class != best {
		t.Errorf("class %d, want %d", class, best)
	}
}

func TestSeveralClassesAndLayersEqualOneByOne(t *testing.T) {
	model, image := openDemo(t), openScene(t)
	options := quick(7, 13)
	agree(options.AddLayers("features.5", "auto"))
	if must(options.MapCount()) != 4 || must(new(Options).MapCount()) != 1 || must((*Options)(nil).MapCount()) != 1 {
		t.Fatal("the count of maps is not layers times classes")
	}
	maps := must(model.ExplainSeveral(background, image, options))
	if len(maps) != 4 || maps[0].Class() != 7 || maps[1].Class() != 13 || maps[1].Layer() != "features.5" ||
		maps[2].Class() != 7 || maps[3].Layer() != must(model.AutoLayer()) {
		t.Fatal("maps are not layer by layer")
	}
	alone := quick(13)
	agree(alone.AddLayers("features.5"))
	near(t, "Spearman", must(maps[1].Spearman(must(model.Explain(background, image, alone)))), 1, 1e-4)
}

func TestGoroutinesOnOneModelGetEqualMaps(t *testing.T) {
	model, image, options := openDemo(t), openScene(t), quick(7)
	alone := must(model.Explain(background, image, options)).Values()
	var running sync.WaitGroup
	for i := 0; i < 4; i++ {
		running.Add(1)
		go func() {
			defer running.Done()
			saliency, err := model.Explain(background, image, options)
			if err != nil {
				t.Error(err)
				return
			}
			for at, value := range saliency.Values() {
				if math.Float32bits(value) != math.Float32bits(alone[at]) {
					t.Errorf("value %d is %v, alone %v", at, value, alone[at])
					return
				}
			}
		}()
	}
	running.Wait()
}

func TestManyImagesAreEachExplainedAsOne(t *testing.T) {
	model, scene, other := openDemo(t), openScene(t), chequered()
	alone := [][]float32{
		must(model.Explain(background, scene, quick(7))).Values(), must(model.Explain(background, other, quick(7))).Values(),
	}
	options := quick(7)
	agree(options.SetThreads(3)) // one for each image
	maps, errs, last := map[int][]*Map{}, map[int]error{}, 0.0
	options.SetProgress(func(done float64) error { last = done; return nil })
	explained, err := model.ExplainMany(background, []*Image{scene, nil, other}, options,
		func(index int, made []*Map, err error) error {
			must(model.ClassCount()) // the model serves callbacks too
			maps[index], errs[index] = made, err
			return nil
		})
	agree(err)
	if explained != 2 || len(errs) != 3 || last != 1 {
		t.Fatalf("%d explained, %d told, progress %v", explained, len(errs), last)
	}
	same(t, "image 0", maps[0][0].Values(), alone[0])
	same(t, "image 2", maps[2][0].Values(), alone[1])
	if failure := refused(t, errs[1], EINVAL); !strings.Contains(failure.Message, "image 1") || len(maps[1]) != 0 {
		t.Errorf("of the nil image: %q", failure.Message)
	}
}

func TestManyFilesToldWithTheirOwnMessages(t *testing.T) {
	paths := []string{"/nowhere/0.png", demo("scene.png"), "/nowhere/2.png", "/nowhere/3.png", "/nowhere/4.png"}
	options := quick(7)
	agree(options.SetThreads(2))
	told := 0
	explained, err := openDemo(t).ExplainFiles(background, paths, options, func(index int, maps []*Map, err error) error {
		told++
		if index == 1 {
			agree(err)
			return maps[0].Close()
		}
		if failure := refused(t, err, EIO); !strings.Contains(failure.Message, paths[index]) {
			t.Errorf("file %d: %q", index, failure.Message)
		}
		return nil
	})
	agree(err)
	if explained != 1 || told != len(paths) {
		t.Errorf("%d explained, %d told", explained, told)
	}
}

func TestMemoryIsEstimatedAndLimited(t *testing.T) {
	model, image := openDemo(t), openScene(t)
	if bytes := must(model.ExplainMemory(image.Width(), image.Height(), quick(7))); bytes < 4*224*224 {
		t.Errorf("%d bytes would not hold the map", bytes)
	}
	options := quick(7)
	agree(options.SetMemoryLimit(1000))
	_, err := model.Explain(background, image, options)
	if failure := refused(t, err, ELIMIT); !strings.Contains(failure.Message, "1000") {
		t.Errorf("the limit is not in %q", failure.Message)
	}
}

func TestARandomisedModelIsAnotherAndRepeatable(t *testing.T) {
	model, image := openDemo(t), openScene(t)
	classify := func(m *Model) []float32 {
		logits, _, err := m.Classify(image, nil)
		agree(err)
		return logits
	}
	before := classify(model)
	first := classify(must(model.Randomise([]string{"classifier"}, 5)))
	same(t, "with an equal seed", classify(must(model.Randomise([]string{"classifier"}, 5))), first)
	same(t, "the model itself", classify(model), before)
	if first[0] == before[0] || classify(must(model.Randomise([]string{"classifier"}, 6)))[0] == first[0] {
		t.Error("chance changed nothing")
	}
}
