// SPDX-License-Identifier: MIT

package cameras

// #include "glue.h"
import "C"

import (
	"context"
	"runtime"
)

// Sanity says whether a map depends on the model.
type Sanity struct {
	handle handle[*C.cameras_sanity]
}

func (s *Sanity) use(by *holds) *C.cameras_sanity {
	if s == nil {
		return nil
	}
	return use(by, &s.handle)
}

// CheckSanity draws layers anew one after the other from the logits down, and makes the map again each time (Adebayo et
// al., NeurIPS 2018); perturbs the image by the map; and makes the map of another, unlikely class. stages limits how
// many maps the cascade makes (0: one a layer); layers are then grouped evenly. The options say how maps are made, of
// one class and layer; the gate is off and flat maps are kept, whatever they say. EMODEL: fewer than two layers with
// parameters, or a single class.
func (m *Model) CheckSanity(ctx context.Context, image *Image, stages int, options *Options) (*Sanity, error) {
	var held holds
	defer held.release()
	model, picture := m.use(&held), image.use(&held)
	if held.err != nil {
		return nil, held.err
	}
	count, err := cSize("check sanity: stages", stages)
	if err != nil {
		return nil, err
	}
	asked, err := begin(ctx, options)
	if err != nil {
		return nil, err
	}
	defer asked.end()
	var sanity *C.cameras_sanity
	err = asked.run(func() C.cameras_status {
		return C.cameras_sanity_check(&sanity, model, picture, count, asked.options)
	})
	if err != nil {
		return nil, err
	}
	s := &Sanity{handle[*C.cameras_sanity]{object: sanity, free: func(c *C.cameras_sanity) { C.cameras_sanity_free(c) }}}
	runtime.SetFinalizer(s, (*Sanity).Close)
	return s, nil
}

// Close frees the result once no call uses it, nor any map of it that is not closed. It returns nil, and may be called
// again.
func (s *Sanity) Close() error {
	if s != nil {
		s.handle.close()
	}
	return nil
}

// SanityStage is one stage of the cascade, compared with the original map.
type SanityStage struct {
	Layer    string // the path of the last layer that was drawn anew
	Spearman float64
	SSIM     float64
}

// Stages are those of the cascade, in its order.
func (s *Sanity) Stages() []SanityStage {
	var held holds
	defer held.release()
	sanity := s.use(&held)
	stages := make([]SanityStage, int(C.cameras_sanity_stage_count(sanity)))
	for n := range stages {
		i := C.size_t(n)
		stages[n] = SanityStage{
			Layer:    C.GoString(C.cameras_sanity_stage_layer(sanity, i)),
			Spearman: float64(C.cameras_sanity_stage_spearman(sanity, i)),
			SSIM:     float64(C.cameras_sanity_stage_ssim(sanity, i)),
		}
	}
	return stages
}

// borrow makes a Map of one that the result owns, and keeps the result for as long.
func (s *Sanity) borrow(call func(*C.cameras_sanity) *C.cameras_map) *Map {
	kept := new(holds)
	sanity := s.use(kept)
	borrowed := call(sanity)
	if borrowed == nil {
		kept.release()
		return nil
	}
	return newMap(borrowed, func(*C.cameras_map) { kept.release() })
}

// StageMap is the map of a stage, flat ones included; nil where there is no such stage.
func (s *Sanity) StageMap(index int) *Map {
	return s.borrow(func(sanity *C.cameras_sanity) *C.cameras_map {
		return C.cameras_sanity_stage_map(sanity, C.size_t(index))
	})
}

// Original is the map of the model as it is.
func (s *Sanity) Original() *Map {
	return s.borrow(func(sanity *C.cameras_sanity) *C.cameras_map { return C.cameras_sanity_original(sanity) })
}

// Unlikely is the map of the class that is least likely of the others.
func (s *Sanity) Unlikely() *Map {
	return s.borrow(func(sanity *C.cameras_sanity) *C.cameras_map { return C.cameras_sanity_unlikely(sanity) })
}

// AdversarialScore is AUC(ascending) - AUC(descending) of the class's probability as a perturbation is applied by the
// map.
func (s *Sanity) AdversarialScore() float64 {
	var held holds
	defer held.release()
	return float64(C.cameras_sanity_adversarial_score(s.use(&held)))
}

// AdversarialChance is the same by a random order in the map's place.
func (s *Sanity) AdversarialChance() float64 {
	var held holds
	defer held.release()
	return float64(C.cameras_sanity_adversarial_chance(s.use(&held)))
}

// AdversarialSpearman is Spearman's rank correlation of |perturbation| and map.
func (s *Sanity) AdversarialSpearman() float64 {
	var held holds
	defer held.release()
	return float64(C.cameras_sanity_adversarial_spearman(s.use(&held)))
}

// ClassOverlap is the overlap of the top 5 % of the maps of the class and of an unlikely class.
func (s *Sanity) ClassOverlap() float64 {
	var held holds
	defer held.release()
	return float64(C.cameras_sanity_class_overlap(s.use(&held)))
}

// Passed is the verdict.
func (s *Sanity) Passed() bool {
	var held holds
	defer held.release()
	return C.cameras_sanity_passed(s.use(&held)) == 1
}

// Why gives the reason of the verdict, in a sentence.
func (s *Sanity) Why() string {
	var held holds
	defer held.release()
	return C.GoString(C.cameras_sanity_why(s.use(&held)))
}
