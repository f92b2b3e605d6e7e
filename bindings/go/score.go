// SPDX-License-Identifier: MIT

package cameras

// #include "glue.h"
import "C"

import (
	"context"
	"math"
	"runtime"
)

// Scores say what a map is worth.
type Scores struct {
	handle handle[*C.cameras_scores]
}

func (s *Scores) use(by *holds) *C.cameras_scores {
	if s == nil {
		return nil
	}
	return use(by, &s.handle)
}

// Score scores a map of an image. The class is that of the options, or the map's, or the top-1. The map has the base
// image's size or the image's own: EINVAL otherwise. object, of the image's size, is any picture that is not black where
// the object is (EINVAL: black throughout); nil leaves the last three scores unmeasured. options may be nil.
func (m *Model) Score(ctx context.Context, image *Image, saliency *Map, object *Image, options *Options) (*Scores, error) {
	var held holds
	defer held.release()
	model, picture, scored, inside := m.use(&held), image.use(&held), saliency.use(&held), object.use(&held)
	if held.err != nil {
		return nil, held.err
	}
	asked, err := begin(ctx, options)
	if err != nil {
		return nil, err
	}
	defer asked.end()
	var scores *C.cameras_scores
	err = asked.run(func() C.cameras_status {
		return C.cameras_score(&scores, model, picture, scored, inside, asked.options)
	})
	if err != nil {
		return nil, err
	}
	s := &Scores{handle[*C.cameras_scores]{object: scores, free: func(c *C.cameras_scores) { C.cameras_scores_free(c) }}}
	runtime.SetFinalizer(s, (*Scores).Close)
	return s, nil
}

// Close frees the scores once no call uses them. It returns nil, and may be called again.
func (s *Scores) Close() error {
	if s != nil {
		s.handle.close()
	}
	return nil
}

// Value is a score, or NaN where it was not or cannot be measured (a mean of 0, say).
func (s *Scores) Value(kind ScoreKind) float64 {
	var held holds
	defer held.release()
	scores := s.use(&held)
	if scores == nil {
		return math.NaN()
	}
	return float64(C.cameras_scores_value(scores, C.cameras_score_kind(kind)))
}

// Class is the class that was scored.
func (s *Scores) Class() int {
	var held holds
	defer held.release()
	return int(C.cameras_scores_class(s.use(&held)))
}

// Probability is that of the class on the base image.
func (s *Scores) Probability() float64 {
	var held holds
	defer held.release()
	return float64(C.cameras_scores_probability(s.use(&held)))
}

// GridScore plays the grid pointing game: four images of different classes are tiled 2 x 2 into one picture, each
// brought to the base size, and that is explained for each class. shares[i] is the share of map i's sum that lies in
// cell i (chance: 0.25). picture is the tiled picture.
func (m *Model) GridScore(ctx context.Context, images [4]*Image, classes [4]int, options *Options) (shares [4]float64,
	picture *Image, err error) {
	var held holds
	defer held.release()
	model, tiles := m.use(&held), useImages(&held, images[:])
	if held.err != nil {
		return shares, nil, held.err
	}
	indices, err := cSizes("score a grid", classes[:]...)
	if err != nil {
		return shares, nil, err
	}
	asked, err := begin(ctx, options)
	if err != nil {
		return shares, nil, err
	}
	defer asked.end()
	var tiled *C.cameras_image
	err = asked.run(func() C.cameras_status {
		return C.cameras_grid_score((*C.double)(&shares[0]), &tiled, model, (**C.cameras_image)(pointer(tiles)),
			(*C.size_t)(pointer(indices)), asked.options)
	})
	if err != nil {
		return [4]float64{}, nil, err
	}
	return shares, wrapImage(tiled), nil
}
