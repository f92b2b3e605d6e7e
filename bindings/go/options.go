// SPDX-License-Identifier: MIT

package cameras

// #include "glue.h"
import "C"

import "sync"

// Options say how to read a picture and how to explain it. The zero value has the defaults, as has a nil *Options
// wherever options are taken. Setters refuse what is out of range with EINVAL or ELIMIT and then change nothing.
//
// Options hold no memory of the library's and need no Close: each call is given its own. They must not be copied.
type Options struct {
	lock     sync.Mutex
	settings []setting
	progress func(done float64) error
}

// setting is one setter's call, kept to be made again on the options of each request.
type setting struct {
	name  string // a later setting of the same name replaces this one; "": it adds to it
	apply func(*C.cameras_options) C.cameras_status
}

// assemble makes the library's options, for the caller to free.
func assemble(settings []setting) (*C.cameras_options, error) {
	var options *C.cameras_options
	if err := check(func() C.cameras_status { return C.cameras_options_new(&options) }); err != nil {
		return nil, err
	}
	for _, one := range settings {
		if err := check(func() C.cameras_status { return one.apply(options) }); err != nil {
			C.cameras_options_free(options)
			return nil, err
		}
	}
	return options, nil
}

func (o *Options) build() (*C.cameras_options, func(float64) error, error) {
	if o == nil {
		options, err := assemble(nil)
		return options, nil, err
	}
	o.lock.Lock()
	defer o.lock.Unlock()
	options, err := assemble(o.settings)
	return options, o.progress, err
}

// set tries the settings on options of the library's, which judges them.
func (o *Options) set(added ...setting) error {
	o.lock.Lock()
	defer o.lock.Unlock()
	var settings []setting
	for _, old := range o.settings {
		if old.name == "" || old.name != added[0].name {
			settings = append(settings, old)
		}
	}
	settings = append(settings, added...)
	options, err := assemble(settings)
	if err != nil {
		return err
	}
	C.cameras_options_free(options)
	o.settings = settings
	return nil
}

func (o *Options) setSize(name string, value int, apply func(*C.cameras_options, C.size_t) C.cameras_status) error {
	size, err := cSize("set "+name, value)
	if err != nil {
		return err
	}
	return o.set(setting{name, func(to *C.cameras_options) C.cameras_status { return apply(to, size) }})
}

// SetPreset sets scales, interpolation and gate together; call it before the finer setters.
func (o *Options) SetPreset(preset Preset) error {
	return o.set(setting{"preset", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_preset(to, C.cameras_preset(preset))
	}})
}

// SetScales sets the schedule: for each scale the shorter side of the copy shown to the network, in pixels, 1 to
// MaxSide; the longer side follows the base image's shape. 1 to MaxScales of them.
func (o *Options) SetScales(sides ...int) error {
	sizes, err := cSizes("set scales", sides...)
	if err != nil {
		return err
	}
	return o.set(setting{"scales", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_scales(to, (*C.size_t)(pointer(sizes)), C.size_t(len(sizes)))
	}})
}

// SetInterpolation sets that of the enlarged copies.
func (o *Options) SetInterpolation(kind Interpolation) error {
	return o.set(setting{"interpolation", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_interpolation(to, C.cameras_interpolation(kind))
	}})
}

// SetGate says which scales count.
func (o *Options) SetGate(gate Gate) error {
	return o.set(setting{"gate", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_gate(to, C.cameras_gate(gate))
	}})
}

// SetMethod says how a map is made.
func (o *Options) SetMethod(method Method) error {
	return o.set(setting{"method", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_method(to, C.cameras_method(method))
	}})
}

// SetSeed sets where chance begins: random maps, re-drawn weights, random orders. Equal seeds give equal results.
func (o *Options) SetSeed(seed uint64) error {
	return o.set(setting{"seed", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_seed(to, C.uint64_t(seed))
	}})
}

// SetSource sets what the copies are resized from.
func (o *Options) SetSource(source Source) error {
	return o.set(setting{"source", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_source(to, C.cameras_source(source))
	}})
}

// SetMapSize sets the size of the maps.
func (o *Options) SetMapSize(size MapSize) error {
	return o.set(setting{"map size", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_map_size(to, C.cameras_map_size(size))
	}})
}

// AddClasses adds classes to explain, at most MaxClasses in all. Without any, the base image's top-1 is explained.
// Whether the network has such a class is known when it runs: ECLASS then.
func (o *Options) AddClasses(classes ...int) error {
	sizes, err := cSizes("add class", classes...)
	if err != nil || len(sizes) == 0 {
		return err
	}
	added := make([]setting, len(sizes))
	for i := range sizes {
		size := sizes[i]
		added[i].apply = func(to *C.cameras_options) C.cameras_status { return C.cameras_options_add_class(to, size) }
	}
	return o.set(added...)
}

// AddLayers adds layers by their paths, such as "layer4.1.conv2", at most MaxLayers in all. Without any, and for "auto",
// the last layer is taken whose output is spatial.
func (o *Options) AddLayers(paths ...string) error {
	added := make([]setting, len(paths))
	for i, path := range paths {
		text, err := cString(path)
		if err != nil {
			return err
		}
		added[i].apply = func(to *C.cameras_options) C.cameras_status { return C.cameras_options_add_layer(to, text) }
	}
	if len(added) == 0 {
		return nil
	}
	return o.set(added...)
}

// SetThreads sets those for the network and the fusion, at most MaxThreads; 0, the default, is CAMERAS_NUM_THREADS or
// else what the process may use.
func (o *Options) SetThreads(threads int) error {
	return o.setSize("threads", threads, func(to *C.cameras_options, size C.size_t) C.cameras_status {
		return C.cameras_options_set_threads(to, size)
	})
}

// SetPrecision sets the arithmetic of the network up to the layer.
func (o *Options) SetPrecision(precision Precision) error {
	return o.set(setting{"precision", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_precision(to, C.cameras_precision(precision))
	}})
}

// SetMemoryLimit sets the most working memory, in bytes, that a call may take on top of what the model holds; 0, the
// default, means no limit. A call that would need more fails with ELIMIT. See Model.ExplainMemory.
func (o *Options) SetMemoryLimit(bytes uint64) error {
	return o.set(setting{"memory limit", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_memory_limit(to, C.size_t(bytes))
	}})
}

// SetKeepFlat says that a flat map is delivered, all zeros, instead of failing the call with EFLAT.
func (o *Options) SetKeepFlat(keep bool) error {
	return o.set(setting{"keep flat", func(to *C.cameras_options) C.cameras_status {
		if keep {
			return C.cameras_options_set_keep_flat(to, 1)
		}
		return C.cameras_options_set_keep_flat(to, 0)
	}})
}

// SetMaxPixels sets the largest picture to read, in pixels, at least 1; default DefaultMaxPixels.
func (o *Options) SetMaxPixels(pixels int) error {
	return o.setSize("max pixels", pixels, func(to *C.cameras_options, size C.size_t) C.cameras_status {
		return C.cameras_options_set_max_pixels(to, size)
	})
}

// SetMaxFileBytes sets the largest picture file to read, in bytes, 1 to MaxFileBytes, the default. Bytes in memory are
// not limited.
func (o *Options) SetMaxFileBytes(bytes int) error {
	return o.setSize("max file bytes", bytes, func(to *C.cameras_options, size C.size_t) C.cameras_status {
		return C.cameras_options_set_max_file_bytes(to, size)
	})
}

// SetMaxScales sets the most scales, those of a preset included, that a call may take: 1 to MaxScales, the default.
// Scales set before stay, and are refused by the call that takes these options.
func (o *Options) SetMaxScales(count int) error {
	return o.setSize("max scales", count, func(to *C.cameras_options, size C.size_t) C.cameras_status {
		return C.cameras_options_set_max_scales(to, size)
	})
}

// SetMaxClasses sets the most classes that a call may take: 1 to MaxClasses, the default. Classes added before stay,
// and are refused by the call that takes these options.
func (o *Options) SetMaxClasses(count int) error {
	return o.setSize("max classes", count, func(to *C.cameras_options, size C.size_t) C.cameras_status {
		return C.cameras_options_set_max_classes(to, size)
	})
}

// SetProgress sets what is called after each scale with the share of the work done, 0 to 1; nil is nothing. An error
// ends the call with ECANCELLED and is the cause of the call's error.
func (o *Options) SetProgress(progress func(done float64) error) {
	o.lock.Lock()
	defer o.lock.Unlock()
	o.progress = progress
}

// SetMasking says in which values an image is multiplied by a map when it is scored.
func (o *Options) SetMasking(masking Masking) error {
	return o.set(setting{"masking", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_masking(to, C.cameras_masking(masking))
	}})
}

// SetScoreSteps sets the steps of insertion and deletion, 1 to 4096, default 64.
func (o *Options) SetScoreSteps(steps int) error {
	return o.setSize("score steps", steps, func(to *C.cameras_options, size C.size_t) C.cameras_status {
		return C.cameras_options_set_score_steps(to, size)
	})
}

// SetBatch sets the images in one forward pass of a score, 1 to 1024, default 16.
func (o *Options) SetBatch(images int) error {
	return o.setSize("batch", images, func(to *C.cameras_options, size C.size_t) C.cameras_status {
		return C.cameras_options_set_batch(to, size)
	})
}

// SetSanityThreshold sets the greatest |Spearman| that the last stages of the cascade may have on average, in
// (0, 1]; default 0.5.
func (o *Options) SetSanityThreshold(threshold float64) error {
	return o.set(setting{"sanity threshold", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_sanity_threshold(to, C.double(threshold))
	}})
}

// SetAttackTarget sets the class to be reached, default LeastLikely.
func (o *Options) SetAttackTarget(class int) error {
	target := C.size_t(C.CAMERAS_LEAST_LIKELY)
	if class != LeastLikely {
		var err error
		if target, err = cSize("set attack target", class); err != nil {
			return err
		}
	}
	return o.set(setting{"attack target", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_attack_target(to, target)
	}})
}

// SetAttackConfidence sets the probability of the target at which the attack stops, in (0, 1]; default
// 0.99.
func (o *Options) SetAttackConfidence(probability float64) error {
	return o.set(setting{"attack confidence", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_attack_confidence(to, C.double(probability))
	}})
}

// SetAttackEpsilon sets the most that a pixel may change, in (0, 1], default 12 / 255.
func (o *Options) SetAttackEpsilon(epsilon float64) error {
	return o.set(setting{"attack epsilon", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_attack_epsilon(to, C.double(epsilon))
	}})
}

// SetAttackBeta sets the weight of the penalty, 0 to 1000000, default 50.
func (o *Options) SetAttackBeta(beta float64) error {
	return o.set(setting{"attack beta", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_attack_beta(to, C.double(beta))
	}})
}

// SetAttackSteps sets the most steps, 1 to 100000, default 300.
func (o *Options) SetAttackSteps(steps int) error {
	return o.setSize("attack steps", steps, func(to *C.cameras_options, size C.size_t) C.cameras_status {
		return C.cameras_options_set_attack_steps(to, size)
	})
}

// SetAttackRule sets how a step follows the gradient, default StepSign.
func (o *Options) SetAttackRule(rule StepRule) error {
	return o.set(setting{"attack rule", func(to *C.cameras_options) C.cameras_status {
		return C.cameras_options_set_attack_rule(to, C.cameras_step_rule(rule))
	}})
}

// MapCount is how many maps the options ask for: layers times classes, each at least 1.
func (o *Options) MapCount() (int, error) {
	options, _, err := o.build()
	if err != nil {
		return 0, err
	}
	defer C.cameras_options_free(options)
	return int(C.cameras_options_map_count(options)), nil
}
