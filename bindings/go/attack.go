// SPDX-License-Identifier: MIT

package cameras

// #include "glue.h"
import "C"

import (
	"context"
	"runtime"
)

// Attack is the result of two attacks on a network, one guided by a map and one not.
type Attack struct {
	handle handle[*C.cameras_attack]
}

func (a *Attack) use(by *holds) *C.cameras_attack {
	if a == nil {
		return nil
	}
	return use(by, &a.handle)
}

// RunAttack makes the saliency-guided attack of the paper (CAMERAS, CVPR 2021, section 6.2), and the same without the
// penalty beside it. It measures how much of an attack the map explains. options may be nil. EINVAL: the target is the
// class that the network sees already, or the map has another size than the base image.
func (m *Model) RunAttack(ctx context.Context, image *Image, saliency *Map, options *Options) (*Attack, error) {
	var held holds
	defer held.release()
	model, picture, guide := m.use(&held), image.use(&held), saliency.use(&held)
	if held.err != nil {
		return nil, held.err
	}
	asked, err := begin(ctx, options)
	if err != nil {
		return nil, err
	}
	defer asked.end()
	var attack *C.cameras_attack
	err = asked.run(func() C.cameras_status {
		return C.cameras_attack_run(&attack, model, picture, guide, asked.options)
	})
	if err != nil {
		return nil, err
	}
	a := &Attack{handle[*C.cameras_attack]{object: attack, free: func(c *C.cameras_attack) { C.cameras_attack_free(c) }}}
	runtime.SetFinalizer(a, (*Attack).Close)
	return a, nil
}

// Close frees the result once no call uses it. It returns nil, and may be called again.
func (a *Attack) Close() error {
	if a != nil {
		a.handle.close()
	}
	return nil
}

// Target is the class that was to be reached.
func (a *Attack) Target() int {
	var held holds
	defer held.release()
	return int(C.cameras_attack_target(a.use(&held)))
}

// Norm is of the perturbation, in pixel units, [0, 1].
func (a *Attack) Norm(kind AttackKind, norm Norm, part Part) float64 {
	var held holds
	defer held.release()
	return float64(C.cameras_attack_norm(a.use(&held), C.cameras_attack_kind(kind), C.cameras_norm(norm),
		C.cameras_part(part)))
}

// Succeeded says whether the confidence was reached.
func (a *Attack) Succeeded(kind AttackKind) bool {
	var held holds
	defer held.release()
	return C.cameras_attack_succeeded(a.use(&held), C.cameras_attack_kind(kind)) == 1
}

// Confidence is the probability of the target that was reached.
func (a *Attack) Confidence(kind AttackKind) float64 {
	var held holds
	defer held.release()
	return float64(C.cameras_attack_confidence(a.use(&held), C.cameras_attack_kind(kind)))
}

// Steps is how many were made.
func (a *Attack) Steps(kind AttackKind) int {
	var held holds
	defer held.release()
	return int(C.cameras_attack_steps(a.use(&held), C.cameras_attack_kind(kind)))
}

// Reduction is 1 - guided l2 / plain l2; NaN where either failed.
func (a *Attack) Reduction() float64 {
	var held holds
	defer held.release()
	return float64(C.cameras_attack_reduction(a.use(&held)))
}

// Perturbation is a copy of channels x height x width floats at the base size, red first, in pixel units.
func (a *Attack) Perturbation(kind AttackKind) []float32 {
	var held holds
	defer held.release()
	attack := a.use(&held)
	count := C.cameras_attack_channels(attack) * C.cameras_attack_height(attack) * C.cameras_attack_width(attack)
	return copyFloats(C.cameras_attack_perturbation(attack, C.cameras_attack_kind(kind)), int(count))
}

// Width is that of the base image, in pixels.
func (a *Attack) Width() int {
	var held holds
	defer held.release()
	return int(C.cameras_attack_width(a.use(&held)))
}

// Height is that of the base image, in pixels.
func (a *Attack) Height() int {
	var held holds
	defer held.release()
	return int(C.cameras_attack_height(a.use(&held)))
}

// Channels is how many the network takes.
func (a *Attack) Channels() int {
	var held holds
	defer held.release()
	return int(C.cameras_attack_channels(a.use(&held)))
}

// Image is the attacked base image.
func (a *Attack) Image(kind AttackKind) (*Image, error) {
	var held holds
	defer held.release()
	attack := a.use(&held)
	if held.err != nil {
		return nil, held.err
	}
	return makeImage(func(out **C.cameras_image) C.cameras_status {
		return C.cameras_attack_image(out, attack, C.cameras_attack_kind(kind))
	})
}

// Picture is the perturbation as a picture, grey where it is 0 and stretched to its greatest value.
func (a *Attack) Picture(kind AttackKind) (*Image, error) {
	var held holds
	defer held.release()
	attack := a.use(&held)
	if held.err != nil {
		return nil, held.err
	}
	return makeImage(func(out **C.cameras_image) C.cameras_status {
		return C.cameras_attack_picture(out, attack, C.cameras_attack_kind(kind))
	})
}

// Write writes the perturbation as NumPy's format 1.0, float32, channels x height x width. EIO.
func (a *Attack) Write(kind AttackKind, path string) error {
	var held holds
	defer held.release()
	attack := a.use(&held)
	if held.err != nil {
		return held.err
	}
	return checkWriting(path, func(path *C.char) C.cameras_status {
		return C.cameras_attack_write(attack, C.cameras_attack_kind(kind), path)
	})
}
