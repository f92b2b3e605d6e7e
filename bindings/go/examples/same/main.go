// SPDX-License-Identifier: MIT

// Command same makes one explanation and writes its bytes, to be compared with those of the other languages' programs of
// this name: same MODEL LABELS PICTURE OUT.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"unsafe"

	"cameras"
)

func main() {
	if len(os.Args) != 5 {
		fmt.Fprintln(os.Stderr, "usage: same MODEL LABELS PICTURE OUT")
		os.Exit(2)
	}
	out, err := explain(os.Args[1], os.Args[2], os.Args[3])
	if err == nil {
		err = os.WriteFile(os.Args[4], out, 0o666)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func explain(modelPath, labelsPath, picturePath string) ([]byte, error) {
	options, err := choose()
	if err != nil {
		return nil, err
	}
	model, err := cameras.OpenModel(modelPath)
	if err != nil {
		return nil, err
	}
	defer model.Close()
	if err := model.ReadLabels(labelsPath); err != nil {
		return nil, err
	}
	image, err := cameras.ReadImage(picturePath, nil)
	if err != nil {
		return nil, err
	}
	defer image.Close()
	maps, err := model.ExplainSeveral(context.Background(), image, options)
	if err != nil {
		return nil, err
	}
	return gather(model, image, maps)
}

func choose() (*cameras.Options, error) {
	options := new(cameras.Options)
	for _, err := range []error{
		options.SetScales(224, 288),
		options.AddClasses(1, 4),
		options.AddLayers("auto"),
		options.SetThreads(1),
		options.SetGate(cameras.GateOff),
		options.SetKeepFlat(true),
	} {
		if err != nil {
			return nil, err
		}
	}
	return options, nil
}

func gather(model *cameras.Model, image *cameras.Image, maps []*cameras.Map) ([]byte, error) {
	var out bytes.Buffer
	out.Write(raw(maps[0].Values()))
	out.Write(raw(maps[1].Values()))
	out.Write(raw(maps[0].Raw()))

	overlay, err := maps[0].Overlay(image, cameras.Viridis, 0.5)
	if err != nil {
		return nil, err
	}
	pixels, err := overlay.Pixels()
	if err != nil {
		return nil, err
	}
	out.Write(pixels)

	scores, err := score(model, image, maps[0])
	if err != nil {
		return nil, err
	}
	out.Write(raw(scores))
	out.WriteString(maps[0].Layer())
	out.WriteString(model.Label(1))
	return out.Bytes(), nil
}

func score(model *cameras.Model, image *cameras.Image, saliency *cameras.Map) ([]float64, error) {
	how := new(cameras.Options)
	if err := how.SetScoreSteps(4); err != nil {
		return nil, err
	}
	if err := how.SetThreads(1); err != nil {
		return nil, err
	}
	scores, err := model.Score(context.Background(), image, saliency, nil, how)
	if err != nil {
		return nil, err
	}
	defer scores.Close()
	var values []float64
	for _, kind := range []cameras.ScoreKind{
		cameras.ScorePositiveMapDensity, cameras.ScoreNegativeMapDensity, cameras.ScoreAverageDrop,
		cameras.ScoreIncrease, cameras.ScoreAverageGain,
	} {
		values = append(values, scores.Value(kind))
	}
	return values, nil
}

// raw is the values' bytes, in the order of the machine.
func raw[T float32 | float64](values []T) []byte {
	return unsafe.Slice((*byte)(unsafe.Pointer(&values[0])), len(values)*int(unsafe.Sizeof(values[0])))
}
