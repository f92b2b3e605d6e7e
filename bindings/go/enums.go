// SPDX-License-Identifier: MIT

package cameras

// #include "glue.h"
import "C"

import "strconv"

// Preset sets scales, interpolation and gate together. b stands for the shorter side of the base image, 224 unless the
// model says otherwise.
type Preset int32

const (
	PresetReference Preset = C.CAMERAS_PRESET_REFERENCE // as the released code: b, b+100, ... b+700; bicubic; gate auto
	PresetPaper     Preset = C.CAMERAS_PRESET_PAPER     // as printed: b, b+142, ... b+852; bilinear; gate on
	PresetFast      Preset = C.CAMERAS_PRESET_FAST      // b, b+200, b+400; bicubic; gate auto
)

// String is "reference", "paper" or "fast".
func (p Preset) String() string { return name("Preset", int32(p), "reference", "paper", "fast") }

// Interpolation of the enlarged copies: half-pixel centres, no antialiasing, borders repeated.
type Interpolation int32

const (
	Bilinear Interpolation = C.CAMERAS_BILINEAR
	Bicubic  Interpolation = C.CAMERAS_BICUBIC // a = -0.75
)

// String is "bilinear" or "bicubic".
func (i Interpolation) String() string { return name("Interpolation", int32(i), "bilinear", "bicubic") }

// Gate says whether a scale counts only if the network's top-1 there is the base image's top-1.
type Gate int32

const (
	GateAuto Gate = C.CAMERAS_GATE_AUTO // on when no class is given, off when one is
	GateOn   Gate = C.CAMERAS_GATE_ON
	GateOff  Gate = C.CAMERAS_GATE_OFF
)

// String is "auto", "on" or "off".
func (g Gate) String() string { return name("Gate", int32(g), "auto", "on", "off") }

// Method says how activations and gradients become a map; cameras.h has the formulas.
type Method int32

const (
	MethodCameras   Method = C.CAMERAS_METHOD_CAMERAS // the default
	MethodGradCAM   Method = C.CAMERAS_METHOD_GRADCAM
	MethodGradCAMPP Method = C.CAMERAS_METHOD_GRADCAMPP
	MethodHiResCAM  Method = C.CAMERAS_METHOD_HIRESCAM
	MethodLayerCAM  Method = C.CAMERAS_METHOD_LAYERCAM
	MethodXGradCAM  Method = C.CAMERAS_METHOD_XGRADCAM
	MethodNormGrad  Method = C.CAMERAS_METHOD_NORMGRAD
	MethodRandom    Method = C.CAMERAS_METHOD_RANDOM   // control: uniform values, by the seed and the class
	MethodCentre    Method = C.CAMERAS_METHOD_CENTRE   // control: a Gaussian in the middle
	MethodConstant  Method = C.CAMERAS_METHOD_CONSTANT // control: 0.5 everywhere; flat, and no failure
)

// String is the library's name of the method, such as "gradcam++".
func (m Method) String() string {
	return named("Method", int32(m), C.cameras_method_name(C.cameras_method(m)))
}

// Source is what the copies are resized from.
type Source int32

const (
	SourceBase     Source = C.CAMERAS_SOURCE_BASE     // the base image, as released
	SourceOriginal Source = C.CAMERAS_SOURCE_ORIGINAL // the picture's own pixels
)

// String is "base" or "original".
func (s Source) String() string { return name("Source", int32(s), "base", "original") }

// MapSize is the size of the maps.
type MapSize int32

const (
	MapSizeBase  MapSize = C.CAMERAS_MAP_SIZE_BASE  // the base image's, as in the paper
	MapSizeImage MapSize = C.CAMERAS_MAP_SIZE_IMAGE // the picture's own
)

// String is "base" or "image".
func (s MapSize) String() string { return name("MapSize", int32(s), "base", "image") }

// Precision is the arithmetic of the network up to the layer; everything else is in single precision.
type Precision int32

const (
	PrecisionFP32 Precision = C.CAMERAS_PRECISION_FP32 // the default
	PrecisionBF16 Precision = C.CAMERAS_PRECISION_BF16 // EINVAL when explaining without AVX-512 or native bf16
	PrecisionAuto Precision = C.CAMERAS_PRECISION_AUTO // bf16 where the processor has it natively, otherwise fp32
)

// String is "fp32", "bf16" or "auto".
func (p Precision) String() string { return name("Precision", int32(p), "fp32", "bf16", "auto") }

// ChannelOrder is the order of the colour channels that a network was trained on.
type ChannelOrder int32

const (
	OrderRGB ChannelOrder = C.CAMERAS_ORDER_RGB
	OrderBGR ChannelOrder = C.CAMERAS_ORDER_BGR
)

// String is "rgb" or "bgr".
func (o ChannelOrder) String() string { return name("ChannelOrder", int32(o), "rgb", "bgr") }

// PixelFormat is how a caller's pixels lie in memory.
type PixelFormat int32

const (
	Gray8 PixelFormat = C.CAMERAS_GRAY8 // one byte a pixel
	RGB8  PixelFormat = C.CAMERAS_RGB8  // three bytes a pixel
	RGBA8 PixelFormat = C.CAMERAS_RGBA8 // four bytes, alpha not premultiplied, laid over white
	BGR8  PixelFormat = C.CAMERAS_BGR8  // three bytes, as OpenCV has them
	GrayF PixelFormat = C.CAMERAS_GRAYF // one plane of floats in [0, 1]
	RGBF  PixelFormat = C.CAMERAS_RGBF  // three planes of floats in [0, 1], red first, one after the other
)

// String is "gray8", "rgb8", "rgba8", "bgr8", "grayf" or "rgbf".
func (f PixelFormat) String() string {
	return name("PixelFormat", int32(f), "gray8", "rgb8", "rgba8", "bgr8", "grayf", "rgbf")
}

// Stage is a part of the time that a call took.
type Stage int32

const (
	StageTotal   Stage = C.CAMERAS_STAGE_TOTAL   // the whole call
	StageTrunk   Stage = C.CAMERAS_STAGE_TRUNK   // the network up to the layer
	StageHead    Stage = C.CAMERAS_STAGE_HEAD    // the rest of it, and the gradients
	StageFuse    Stage = C.CAMERAS_STAGE_FUSE    // accumulation and fusion
	StagePrepare Stage = C.CAMERAS_STAGE_PREPARE // cutting the network (the first call for that layer only)
)

// String is "total", "trunk", "head", "fuse" or "prepare".
func (s Stage) String() string {
	return name("Stage", int32(s), "total", "trunk", "head", "fuse", "prepare")
}

// Colormap turns values into colours.
type Colormap int32

const (
	Viridis Colormap = C.CAMERAS_VIRIDIS // perceptually uniform, readable by the colour-blind
	Inferno Colormap = C.CAMERAS_INFERNO // perceptually uniform, from black
	Magma   Colormap = C.CAMERAS_MAGMA   // perceptually uniform, from black
	Jet     Colormap = C.CAMERAS_JET     // not uniform: for comparison with the paper's figures only
	Gray    Colormap = C.CAMERAS_GRAY
)

// String is the library's name of the colour map, such as "viridis".
func (c Colormap) String() string {
	return named("Colormap", int32(c), C.cameras_colormap_name(C.cameras_colormap(c)))
}

// ScoreKind is a way to say what a map is worth. P(x) is the probability of the class when the network is shown x, I the
// base image and M the map at its size.
type ScoreKind int32

const (
	ScorePositiveMapDensity ScoreKind = C.CAMERAS_SCORE_POSITIVE_MAP_DENSITY // P(I M) / mean(M): higher is better
	ScoreNegativeMapDensity ScoreKind = C.CAMERAS_SCORE_NEGATIVE_MAP_DENSITY // P(I (1 - M)) / mean(1 - M): lower is better
	ScoreInsertionAUC       ScoreKind = C.CAMERAS_SCORE_INSERTION_AUC        // as pixels are revealed: higher is better
	ScoreDeletionAUC        ScoreKind = C.CAMERAS_SCORE_DELETION_AUC         // as pixels are taken away: lower is better
	ScoreAverageDrop        ScoreKind = C.CAMERAS_SCORE_AVERAGE_DROP         // max(0, P(I) - P(I M)) / P(I): lower is better
	ScoreIncrease           ScoreKind = C.CAMERAS_SCORE_INCREASE             // 1 where P(I M) > P(I), else 0
	ScoreAverageGain        ScoreKind = C.CAMERAS_SCORE_AVERAGE_GAIN         // max(0, P(I M) - P(I)) / (1 - P(I))
	ScoreADCC               ScoreKind = C.CAMERAS_SCORE_ADCC                 // of coherency, complexity and drop
	ScoreROAD               ScoreKind = C.CAMERAS_SCORE_ROAD                 // (LeRF - MoRF) / 2
	ScorePointingHit        ScoreKind = C.CAMERAS_SCORE_POINTING_HIT         // 1 where the maximum lies on the object
	ScoreEnergy             ScoreKind = C.CAMERAS_SCORE_ENERGY               // share of the map's sum that lies on the object
	ScoreIoU                ScoreKind = C.CAMERAS_SCORE_IOU                  // of the object and as many greatest pixels
)

// String is the library's name of the score, such as "positive_map_density".
func (s ScoreKind) String() string {
	return named("ScoreKind", int32(s), C.cameras_score_name(C.cameras_score_kind(s)))
}

// Masking says in which values an image is multiplied by a map.
type Masking int32

const (
	MaskingPixels     Masking = C.CAMERAS_MASKING_PIXELS     // 0 is black
	MaskingNormalised Masking = C.CAMERAS_MASKING_NORMALISED // 0 is the mean colour
)

// String is "pixels" or "normalised".
func (m Masking) String() string { return name("Masking", int32(m), "pixels", "normalised") }

// StepRule is how a step of the attack follows the gradient.
type StepRule int32

const (
	StepGradient StepRule = C.CAMERAS_STEP_GRADIENT // by itself, normalised to unit l2 norm
	StepSign     StepRule = C.CAMERAS_STEP_SIGN     // by its sign, the default
)

// String is "gradient" or "sign".
func (r StepRule) String() string { return name("StepRule", int32(r), "gradient", "sign") }

// AttackKind is which of the two attacks.
type AttackKind int32

const (
	AttackGuided AttackKind = C.CAMERAS_ATTACK_GUIDED // penalised outside the map
	AttackPlain  AttackKind = C.CAMERAS_ATTACK_PLAIN
)

// String is "guided" or "plain".
func (k AttackKind) String() string { return name("AttackKind", int32(k), "guided", "plain") }

// Norm is of a perturbation in pixel units, [0, 1].
type Norm int32

const (
	NormL0   Norm = C.CAMERAS_NORM_L0 // counts pixels of any channel changed by more than 1/510
	NormL1   Norm = C.CAMERAS_NORM_L1
	NormL2   Norm = C.CAMERAS_NORM_L2
	NormLInf Norm = C.CAMERAS_NORM_LINF
)

// String is "l0", "l1", "l2" or "linf".
func (n Norm) String() string { return name("Norm", int32(n), "l0", "l1", "l2", "linf") }

// Part is where a norm is taken.
type Part int32

const (
	PartAll     Part = C.CAMERAS_PART_ALL
	PartInside  Part = C.CAMERAS_PART_INSIDE  // the 20 % of pixels that are the greatest of the map
	PartOutside Part = C.CAMERAS_PART_OUTSIDE // the others
)

// String is "all", "inside" or "outside".
func (p Part) String() string { return name("Part", int32(p), "all", "inside", "outside") }

// What has no name shows its type and number, "Gate(7)".
func name(kind string, value int32, names ...string) string {
	if value >= 0 && int(value) < len(names) {
		return names[value]
	}
	return kind + "(" + strconv.Itoa(int(value)) + ")"
}

func named(kind string, value int32, known *C.char) string {
	if known != nil {
		return C.GoString(known)
	}
	return name(kind, value)
}
