// SPDX-License-Identifier: MIT

package cameras

// #include "glue.h"
import "C"

import "context"

// Classify shows the base image to the network and gives its logits and their softmax, a value for each of ClassCount.
// options may be nil; threads and interpolation are used.
func (m *Model) Classify(image *Image, options *Options) (logits, probabilities []float32, err error) {
	var held holds
	defer held.release()
	model, picture := m.use(&held), image.use(&held)
	if held.err != nil {
		return nil, nil, held.err
	}
	settings, _, err := options.build()
	if err != nil {
		return nil, nil, err
	}
	defer C.cameras_options_free(settings)
	var count C.size_t
	if err = check(func() C.cameras_status { return C.cameras_model_class_count(&count, model) }); err != nil {
		return nil, nil, err
	}
	logits, probabilities = make([]float32, int(count)), make([]float32, int(count))
	err = check(func() C.cameras_status {
		return C.cameras_classify((*C.float)(pointer(logits)), (*C.float)(pointer(probabilities)), count, model, picture,
			settings)
	})
	if err != nil {
		return nil, nil, err
	}
	return logits, probabilities, nil
}

// Explain makes the map of one class at one layer; with more of either use ExplainSeveral. options may be nil. EFLAT:
// the map has no contrast. ESCALE: every scale was dropped. ECLASS, ELAYER: the network has no such one.
func (m *Model) Explain(ctx context.Context, image *Image, options *Options) (*Map, error) {
	var held holds
	defer held.release()
	model, picture := m.use(&held), image.use(&held)
	if held.err != nil {
		return nil, held.err
	}
	asked, err := begin(ctx, options)
	if err != nil {
		return nil, err
	}
	defer asked.end()
	var made *C.cameras_map
	err = asked.run(func() C.cameras_status { return C.cameras_explain(&made, model, picture, asked.options) })
	if err != nil {
		return nil, err
	}
	return wrapMap(made), nil
}

// ExplainSeveral makes the maps of several classes and layers from one pass over the scales; the classes of the first
// layer come first. All are made or none.
func (m *Model) ExplainSeveral(ctx context.Context, image *Image, options *Options) ([]*Map, error) {
	var held holds
	defer held.release()
	model, picture := m.use(&held), image.use(&held)
	if held.err != nil {
		return nil, held.err
	}
	asked, err := begin(ctx, options)
	if err != nil {
		return nil, err
	}
	defer asked.end()
	made := make([]*C.cameras_map, int(C.cameras_options_map_count(asked.options)))
	err = asked.run(func() C.cameras_status {
		return C.cameras_explain_several((**C.cameras_map)(pointer(made)), C.size_t(len(made)), model, picture,
			asked.options)
	})
	if err != nil {
		return nil, err
	}
	return wrapMaps(made), nil
}

// ExplainMemory estimates the working memory, in bytes, that ExplainSeveral takes with these options on a picture of
// width x height, on top of what the model holds.
func (m *Model) ExplainMemory(width, height int, options *Options) (uint64, error) {
	var held holds
	defer held.release()
	model := m.use(&held)
	if held.err != nil {
		return 0, held.err
	}
	sizes, err := cSizes("estimate memory", width, height)
	if err != nil {
		return 0, err
	}
	settings, _, err := options.build()
	if err != nil {
		return 0, err
	}
	defer C.cameras_options_free(settings)
	var bytes C.size_t
	err = check(func() C.cameras_status { return C.cameras_explain_memory(&bytes, model, sizes[0], sizes[1], settings) })
	return uint64(bytes), err
}

// Explained is told of each image of ExplainMany once it is finished: its index, and the maps, which are the callee's to
// close, or why there are none. Calls come one at a time, in whatever order images finish. An error begins no further
// image, and becomes the cause of the call's ECANCELLED; images that had begun are still told.
type Explained func(index int, maps []*Map, err error) error

// ExplainMany explains images as ExplainSeveral does each, spread over the threads of the options so that most images
// are finished a second. A nil image, or one that fails, is told and does not stop the others. It returns how many
// succeeded. Progress is called after each scale, with the share of all images.
func (m *Model) ExplainMany(ctx context.Context, images []*Image, options *Options, told Explained) (int, error) {
	var held holds
	defer held.release()
	model, pictures := m.use(&held), useImages(&held, images)
	if held.err != nil {
		return 0, held.err
	}
	return explainEach(ctx, options, told, func(explained *C.size_t, asked *request) C.cameras_status {
		return C.glue_explain_many(explained, model, (**C.cameras_image)(pointer(pictures)), C.size_t(len(pictures)),
			asked.options, C.uintptr_t(asked.handle))
	})
}

// ExplainFiles does the same for picture files, each read when its turn comes.
func (m *Model) ExplainFiles(ctx context.Context, paths []string, options *Options, told Explained) (int, error) {
	var held holds
	defer held.release()
	model := m.use(&held)
	if held.err != nil {
		return 0, held.err
	}
	names, err := cStrings(paths)
	if err != nil {
		return 0, err
	}
	defer freeStrings(names)
	return explainEach(ctx, options, told, func(explained *C.size_t, asked *request) C.cameras_status {
		return C.glue_explain_files(explained, model, (**C.char)(pointer(names)), C.size_t(len(names)), asked.options,
			C.uintptr_t(asked.handle))
	})
}

func explainEach(ctx context.Context, options *Options, told Explained,
	call func(explained *C.size_t, asked *request) C.cameras_status) (int, error) {
	if told == nil {
		return 0, fail(EINVAL, "explain images: a function to tell is needed")
	}
	asked, err := begin(ctx, options)
	if err != nil {
		return 0, err
	}
	defer asked.end()
	asked.told = told
	var explained C.size_t
	err = asked.run(func() C.cameras_status { return call(&explained, asked) })
	return int(explained), err
}
