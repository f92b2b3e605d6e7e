// SPDX-License-Identifier: MIT

package cameras

import (
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"
)

func quickScore() *Options {
	o := quick()
	agree(o.SetScoreSteps(2))
	return o
}

func quickSanity() *Options {
	o := quick(7)
	agree(o.SetScales(224))
	agree(o.SetAttackSteps(3))
	return o
}

func quickAttack() *Options {
	o := quick()
	agree(o.SetAttackSteps(5))
	return o
}

// Half of the pixels lie in the box; the map is 1 in a quarter of the columns, inside, and 1/2 in the others.
func TestEnergyIsTheShareOfTheSumOnTheObject(t *testing.T) {
	values := make([]float32, 224*224)
	for i := range values {
		values[i] = 0.5
		if i%224 < 56 {
			values[i] = 1
		}
	}
	saliency, box := must(NewMap(values, 224, 224)), must(NewBox(224, 224, 0, 0, 112, 224))
	scores := must(openDemo(t).Score(background, chequered(), saliency, box, quickScore()))
	defer scores.Close()
	near(t, "energy", scores.Value(ScoreEnergy), (56*1+56*0.5)/(56*1+168*0.5), 1e-9)
	if scores.Value(ScorePointingHit) != 1 {
		t.Error("the maximum lies on the object")
	}
}

func TestAMapOfOnesHidesNothing(t *testing.T) {
	model, picture := openDemo(t), chequered()
	_, probabilities, err := model.Classify(picture, nil)
	agree(err)
	ones := make([]float32, 224*224)
	for i := range ones {
		ones[i] = 1
	}
	options := quickScore()
	agree(options.AddClasses(4))
	scores := must(model.Score(background, picture, must(NewMap(ones, 224, 224)), nil, options))
	near(t, "P(I)", scores.Probability(), float64(probabilities[4]), 1e-6)
	near(t, "P(I M) / mean(M)", scores.Value(ScorePositiveMapDensity), scores.Probability(), 1e-6)
	near(t, "drop", scores.Value(ScoreAverageDrop), 0, 1e-6)
	near(t, "gain", scores.Value(ScoreAverageGain), 0, 1e-6)
	if scores.Class() != 4 || !math.IsNaN(scores.Value(ScoreNegativeMapDensity)) ||
		!math.IsNaN(scores.Value(ScoreEnergy)) || !math.IsNaN(scores.Value(99)) {
		t.Error("the class is another, or what cannot be measured was")
	}
	scores.Close()
	if !math.IsNaN(scores.Value(ScoreAverageDrop)) || scores.Class() != 0 {
		t.Error("closed scores have values")
	}
}

func TestAGridOfConstantMapsIsChance(t *testing.T) {
	scene := openScene(t)
	options := quick()
	agree(options.SetMethod(MethodConstant))
	shares, picture, err := openDemo(t).GridScore(background, [4]*Image{scene, chequered(), scene, scene},
		[4]int{7, 1, 4, 13}, options)
	agree(err)
	for _, share := range shares {
		near(t, "share", share, 0.25, 1e-9)
	}
	if picture.Width() != 448 || picture.Height() != 448 {
		t.Errorf("the picture is %d x %d", picture.Width(), picture.Height())
	}
}

func TestASanityResultIsWhatItsMapsSay(t *testing.T) {
	model, image, options := openDemo(t), openScene(t), quickSanity()
	sanity := must(model.CheckSanity(background, image, 3, options))
	defer sanity.Close()
	agree(options.SetGate(GateOff))
	agree(options.SetKeepFlat(true))
	original := sanity.Original()
	near(t, "Spearman with the same by Explain", must(original.Spearman(must(model.Explain(background, image, options)))), 1, 1e-6)
	stages := sanity.Stages()
	if len(stages) != 3 || sanity.StageMap(3) != nil || sanity.StageMap(-1) != nil {
		t.Fatalf("%d stages", len(stages))
	}
	known := map[string]bool{}
	for _, path := range model.ParametrisedLayers() {
		known[path] = true
	}
	for i, stage := range stages {
		if !known[stage.Layer] {
			t.Errorf("stage %d is of %q", i, stage.Layer)
		}
		if made := sanity.StageMap(i); !made.IsFlat() {
			near(t, "Spearman", stage.Spearman, must(original.Spearman(made)), 1e-9)
			near(t, "SSIM", stage.SSIM, must(original.SSIM(made)), 1e-9)
		}
	}
	if unlikely := sanity.Unlikely(); unlikely.Class() == original.Class() {
		t.Error("the unlikely class is the class")
	} else if !unlikely.IsFlat() {
		near(t, "overlap", sanity.ClassOverlap(), must(original.Overlap(unlikely, 0.05)), 1e-9)
	}
	if sanity.Why() == "" {
		t.Error("the verdict has no reason")
	}
	for _, value := range []float64{sanity.AdversarialScore(), sanity.AdversarialChance(), sanity.AdversarialSpearman()} {
		if math.Abs(value) > 1 {
			t.Errorf("%v is beyond 1", value)
		}
	}
}

func TestAMapThatKnowsNothingOfTheModelIsNotSane(t *testing.T) {
	options := quickSanity()
	agree(options.SetMethod(MethodCentre))
	sanity := must(openDemo(t).CheckSanity(background, openScene(t), 2, options))
	for _, stage := range sanity.Stages() {
		near(t, "Spearman", stage.Spearman, 1, 1e-9)
		near(t, "SSIM", stage.SSIM, 1, 1e-9)
	}
	near(t, "overlap", sanity.ClassOverlap(), 1, 1e-9)
	if sanity.Passed() {
		t.Errorf("passed: %s", sanity.Why())
	}
}

func TestNormsAreThoseOfThePerturbation(t *testing.T) {
	model, image, options := openDemo(t), openScene(t), quickAttack()
	agree(options.SetAttackEpsilon(0.125))
	agree(options.SetAttackTarget(3))
	attack := must(model.RunAttack(background, image, ramp(), options))
	defer attack.Close()
	if attack.Target() != 3 || attack.Width() != 224 || attack.Height() != 224 || attack.Channels() != 3 {
		t.Errorf("target %d, %d x %d", attack.Target(), attack.Width(), attack.Height())
	}
	for _, kind := range []AttackKind{AttackGuided, AttackPlain} {
		perturbation := attack.Perturbation(kind)
		l0, edge, l1, l2, linf := 0.0, 0.0, 0.0, 0.0, 0.0
		for i, value := range perturbation {
			size := math.Abs(float64(value))
			l1, l2, linf = l1+size, l2+size*size, math.Max(linf, size)
			if i < 224*224 {
				other := math.Max(math.Abs(float64(perturbation[i+224*224])), math.Abs(float64(perturbation[i+2*224*224])))
				switch most := math.Max(size, other); {
				case math.Abs(most-1.0/510) < 1e-9: // either way, by the last bit
					edge++
				case most > 1.0/510:
					l0++
				}
			}
		}
		near(t, "l0", attack.Norm(kind, NormL0, PartAll), l0+edge/2, edge/2)
		near(t, "l1", attack.Norm(kind, NormL1, PartAll), l1, 1e-4*l1)
		near(t, "l2", attack.Norm(kind, NormL2, PartAll), math.Sqrt(l2), 1e-4*math.Sqrt(l2))
		near(t, "linf", attack.Norm(kind, NormLInf, PartAll), linf, 1e-6)
		near(t, "l1 of both parts", attack.Norm(kind, NormL1, PartInside)+attack.Norm(kind, NormL1, PartOutside), l1, 1e-4*l1)
		if len(perturbation) != 3*224*224 || linf == 0 || linf > 0.125+1e-6 || attack.Steps(kind) < 1 || attack.Steps(kind) > 5 {
			t.Errorf("%v: linf %v in %d steps", kind, linf, attack.Steps(kind))
		}
		if attack.Succeeded(kind) != (attack.Confidence(kind) >= 0.99) {
			t.Errorf("%v: succeeded is %v at %v", kind, attack.Succeeded(kind), attack.Confidence(kind))
		}
	}
	reduction := 1 - attack.Norm(AttackGuided, NormL2, PartAll)/attack.Norm(AttackPlain, NormL2, PartAll)
	if attack.Succeeded(AttackGuided) && attack.Succeeded(AttackPlain) {
		near(t, "reduction", attack.Reduction(), reduction, 1e-6)
	} else if !math.IsNaN(attack.Reduction()) {
		t.Errorf("reduction is %v though one failed", attack.Reduction())
	}
	if attack.Perturbation(7) != nil || attack.Norm(7, 0, 0) == attack.Norm(AttackPlain, NormL2, PartAll) {
		t.Error("an attack that is none has a perturbation")
	}
}

func TestAnAttackGivesPicturesAndAFile(t *testing.T) {
	attack := must(openDemo(t).RunAttack(background, openScene(t), ramp(), quickAttack()))
	for _, picture := range []*Image{must(attack.Image(AttackGuided)), must(attack.Picture(AttackPlain))} {
		if picture.Width() != 224 || picture.Height() != 224 || picture.Channels() != 3 {
			t.Errorf("a picture of %d x %d", picture.Width(), picture.Height())
		}
	}
	path := filepath.Join(t.TempDir(), "attack.npy")
	agree(attack.Write(AttackPlain, path))
	same(t, "the file", readNumPy(t, path, "(3, 224, 224)"), attack.Perturbation(AttackPlain))
	refused(t, attack.Write(9, path), EINVAL)
}

// readNumPy reads float32 of format 1.0 as numpy.lib.format describes it.
func readNumPy(t *testing.T, path, shape string) []float32 {
	t.Helper()
	file := must(os.ReadFile(path))
	if string(file[:8]) != "\x93NUMPY\x01\x00" {
		t.Fatalf("%s begins with %q", path, file[:8])
	}
	length := 10 + int(binary.LittleEndian.Uint16(file[8:]))
	if header := string(file[10:length]); !containsAll(header, "'<f4'", "'fortran_order': False", shape) {
		t.Fatalf("%s has the header %q", path, header)
	}
	values := make([]float32, (len(file)-length)/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(file[length+4*i:]))
	}
	return values
}
