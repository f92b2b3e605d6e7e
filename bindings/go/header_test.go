// SPDX-License-Identifier: MIT

package cameras

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

func readHeader(t *testing.T) string {
	t.Helper()
	path := os.Getenv("CAMERAS_HEADER")
	if path == "" {
		path = filepath.Join("..", "..", "include", "cameras.h")
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(string(text), "")
}

// readSources are the package's own, without comments.
func readSources(t *testing.T) string {
	t.Helper()
	var all strings.Builder
	for _, pattern := range []string{"*.go", "*.c"} {
		paths, _ := filepath.Glob(pattern)
		for _, path := range paths {
			if !strings.HasSuffix(path, "_test.go") {
				all.Write(must(os.ReadFile(path)))
			}
		}
	}
	return regexp.MustCompile(`(?m)//.*$|(?s:/\*.*?\*/)`).ReplaceAllString(all.String(), "")
}

func TestEveryFunctionOfTheHeaderIsBoundAndNoOther(t *testing.T) {
	declared := map[string]bool{}
	for _, found := range regexp.MustCompile(`CAMERAS_API[^;(]*?(cameras_\w+)\s*\(`).FindAllStringSubmatch(readHeader(t), -1) {
		declared[found[1]] = true
	}
	if len(declared) != strings.Count(readHeader(t), "CAMERAS_API ")-1 { // its definition beside #define
		t.Errorf("%d functions were understood of the header", len(declared))
	}
	called := map[string]bool{}
	for _, found := range regexp.MustCompile(`\b(cameras_\w+)\(`).FindAllStringSubmatch(readSources(t), -1) {
		called[found[1]] = true
	}
	for name := range declared {
		if !called[name] {
			t.Errorf("%s is in the header and not bound", name)
		}
	}
	conversions := regexp.MustCompile(`typedef enum (\w+)`).FindAllStringSubmatch(readHeader(t), -1)
	for name := range called {
		known := declared[name]
		for _, conversion := range conversions {
			known = known || conversion[1] == name
		}
		if !known {
			t.Errorf("%s is bound and not in the header", name)
		}
	}
}

type enumerator interface{ ~int32 }

type bound struct {
	value int64
	text  string
}

func as[T enumerator](value T) bound { return bound{int64(value), fmt.Sprint(value)} }

var enumerators = map[string]bound{
	"CAMERAS_OK": as(OK), "CAMERAS_EINVAL": as(EINVAL), "CAMERAS_ENOMEM": as(ENOMEM), "CAMERAS_EIO": as(EIO),
	"CAMERAS_EFORMAT": as(EFORMAT), "CAMERAS_ELIMIT": as(ELIMIT), "CAMERAS_EMODEL": as(EMODEL),
	"CAMERAS_ELAYER": as(ELAYER), "CAMERAS_ECLASS": as(ECLASS), "CAMERAS_EFLAT": as(EFLAT),
	"CAMERAS_ESCALE": as(ESCALE), "CAMERAS_ENUMERIC": as(ENUMERIC), "CAMERAS_ECANCELLED": as(ECANCELLED),
	"CAMERAS_EINTERNAL": as(EINTERNAL),

	"CAMERAS_PRESET_REFERENCE": as(PresetReference), "CAMERAS_PRESET_PAPER": as(PresetPaper),
	"CAMERAS_PRESET_FAST": as(PresetFast),
	"CAMERAS_BILINEAR":    as(Bilinear), "CAMERAS_BICUBIC": as(Bicubic),
	"CAMERAS_GATE_AUTO": as(GateAuto), "CAMERAS_GATE_ON": as(GateOn), "CAMERAS_GATE_OFF": as(GateOff),
	"CAMERAS_METHOD_CAMERAS": as(MethodCameras), "CAMERAS_METHOD_GRADCAM": as(MethodGradCAM),
	"CAMERAS_METHOD_GRADCAMPP": as(MethodGradCAMPP), "CAMERAS_METHOD_HIRESCAM": as(MethodHiResCAM),
	"CAMERAS_METHOD_LAYERCAM": as(MethodLayerCAM), "CAMERAS_METHOD_XGRADCAM": as(MethodXGradCAM),
	"CAMERAS_METHOD_NORMGRAD": as(MethodNormGrad), "CAMERAS_METHOD_RANDOM": as(MethodRandom),
	"CAMERAS_METHOD_CENTRE": as(MethodCentre), "CAMERAS_METHOD_CONSTANT": as(MethodConstant),
	"CAMERAS_SOURCE_BASE": as(SourceBase), "CAMERAS_SOURCE_ORIGINAL": as(SourceOriginal),
	"CAMERAS_MAP_SIZE_BASE": as(MapSizeBase), "CAMERAS_MAP_SIZE_IMAGE": as(MapSizeImage),
	"CAMERAS_PRECISION_FP32": as(PrecisionFP32), "CAMERAS_PRECISION_BF16": as(PrecisionBF16),
	"CAMERAS_PRECISION_AUTO": as(PrecisionAuto),
	"CAMERAS_ORDER_RGB":      as(OrderRGB), "CAMERAS_ORDER_BGR": as(OrderBGR),
	"CAMERAS_GRAY8": as(Gray8), "CAMERAS_RGB8": as(RGB8), "CAMERAS_RGBA8": as(RGBA8), "CAMERAS_BGR8": as(BGR8),
	"CAMERAS_GRAYF": as(GrayF), "CAMERAS_RGBF": as(RGBF),
	"CAMERAS_LOG_WARNING": as(LogWarning), "CAMERAS_LOG_PRINT": as(LogPrint),
	"CAMERAS_STAGE_TOTAL": as(StageTotal), "CAMERAS_STAGE_TRUNK": as(StageTrunk), "CAMERAS_STAGE_HEAD": as(StageHead),
	"CAMERAS_STAGE_FUSE": as(StageFuse), "CAMERAS_STAGE_PREPARE": as(StagePrepare),
	"CAMERAS_VIRIDIS": as(Viridis), "CAMERAS_INFERNO": as(Inferno), "CAMERAS_MAGMA": as(Magma),
	"CAMERAS_JET": as(Jet), "CAMERAS_GRAY": as(Gray),
	"CAMERAS_SCORE_POSITIVE_MAP_DENSITY": as(ScorePositiveMapDensity),
	"CAMERAS_SCORE_NEGATIVE_MAP_DENSITY": as(ScoreNegativeMapDensity),
	"CAMERAS_SCORE_INSERTION_AUC":        as(ScoreInsertionAUC), "CAMERAS_SCORE_DELETION_AUC": as(ScoreDeletionAUC),
	"CAMERAS_SCORE_AVERAGE_DROP": as(ScoreAverageDrop), "CAMERAS_SCORE_INCREASE": as(ScoreIncrease),
	"CAMERAS_SCORE_AVERAGE_GAIN": as(ScoreAverageGain), "CAMERAS_SCORE_ADCC": as(ScoreADCC),
	"CAMERAS_SCORE_ROAD": as(ScoreROAD), "CAMERAS_SCORE_POINTING_HIT": as(ScorePointingHit),
	"CAMERAS_SCORE_ENERGY": as(ScoreEnergy), "CAMERAS_SCORE_IOU": as(ScoreIoU),
	"CAMERAS_MASKING_PIXELS": as(MaskingPixels), "CAMERAS_MASKING_NORMALISED": as(MaskingNormalised),
	"CAMERAS_STEP_GRADIENT": as(StepGradient), "CAMERAS_STEP_SIGN": as(StepSign),
	"CAMERAS_ATTACK_GUIDED": as(AttackGuided), "CAMERAS_ATTACK_PLAIN": as(AttackPlain),
	"CAMERAS_NORM_L0": as(NormL0), "CAMERAS_NORM_L1": as(NormL1), "CAMERAS_NORM_L2": as(NormL2),
	"CAMERAS_NORM_LINF": as(NormLInf),
	"CAMERAS_PART_ALL":  as(PartAll), "CAMERAS_PART_INSIDE": as(PartInside), "CAMERAS_PART_OUTSIDE": as(PartOutside),
}

// headerEnums are the header's enumerators and values by their types, without those that force a width.
func headerEnums(t *testing.T) map[string]map[string]int64 {
	enums := map[string]map[string]int64{}
	for _, enum := range regexp.MustCompile(`(?s)typedef enum (\w+) \{(.*?)\}`).FindAllStringSubmatch(readHeader(t), -1) {
		enums[enum[1]] = map[string]int64{}
		for _, line := range regexp.MustCompile(`(CAMERAS_\w+)(\s*=\s*(\w+))?`).FindAllStringSubmatch(enum[2], -1) {
			value, err := strconv.ParseInt(line[3], 0, 64)
			if err != nil {
				t.Errorf("%s has no value in the header", line[1])
			}
			if !strings.HasSuffix(line[1], "_FORCE_INT") {
				enums[enum[1]][line[1]] = value
			}
		}
	}
	return enums
}

func TestEveryEnumeratorHasTheHeadersValue(t *testing.T) {
	seen := 0
	for _, enum := range headerEnums(t) {
		for name, value := range enum {
			seen++
			known, ok := enumerators[name]
			if !ok {
				t.Errorf("%s is not bound", name)
			} else if known.value != value {
				t.Errorf("%s is bound as %d, the header says %d", name, known.value, value)
			}
		}
	}
	if seen != len(enumerators) {
		t.Errorf("%d enumerators are bound, the header has %d", len(enumerators), seen)
	}
}

// Names are those of C in lower case, without what the enumerators of a type begin with alike.
func TestEveryEnumeratorIsCalledAsInTheHeader(t *testing.T) {
	others := map[string]string{"CAMERAS_METHOD_GRADCAMPP": "gradcam++"}
	prefixes := map[string]string{"cameras_interpolation": "CAMERAS_", "cameras_pixel_format": "CAMERAS_",
		"cameras_colormap": "CAMERAS_", "cameras_channel_order": "CAMERAS_ORDER_", "cameras_score_kind": "CAMERAS_SCORE_",
		"cameras_step_rule": "CAMERAS_STEP_", "cameras_log_kind": "CAMERAS_LOG_", "cameras_attack_kind": "CAMERAS_ATTACK_"}
	for enum, values := range headerEnums(t) {
		prefix := prefixes[enum]
		if prefix == "" {
			prefix = strings.ToUpper(enum) + "_"
		}
		for name := range values {
			want := others[name]
			if want == "" {
				want = strings.ToLower(strings.TrimPrefix(name, prefix))
			}
			if enum != "cameras_status" && enumerators[name].text != want {
				t.Errorf("%s is called %q, want %q", name, enumerators[name].text, want)
			}
		}
	}
}

func TestAValueWithoutNameShowsItsTypeAndNumber(t *testing.T) {
	for want, value := range map[string]fmt.Stringer{
		"Preset(3)": Preset(3), "Interpolation(-1)": Interpolation(-1), "Gate(7)": Gate(7), "Method(10)": Method(10),
		"Source(2)": Source(2), "MapSize(2)": MapSize(2), "Precision(3)": Precision(3),
		"ChannelOrder(2)": ChannelOrder(2), "PixelFormat(6)": PixelFormat(6), "Stage(5)": Stage(5),
		"Colormap(-2)": Colormap(-2), "ScoreKind(12)": ScoreKind(12), "Masking(2)": Masking(2),
		"StepRule(2)": StepRule(2), "AttackKind(2)": AttackKind(2), "Norm(4)": Norm(4), "Part(3)": Part(3),
	} {
		if value.String() != want {
			t.Errorf("got %q, want %q", value, want)
		}
	}
}

func TestEveryStatusHasWordsOfItsOwn(t *testing.T) {
	words := map[string]Status{}
	for status := OK; status <= EINTERNAL; status++ {
		if earlier, twice := words[status.Error()]; twice || status.Error() == "" {
			t.Errorf("%d and %d are both %q", earlier, status, status.Error())
		}
		words[status.Error()] = status
	}
}

func TestEveryNumberOfTheHeaderIsBound(t *testing.T) {
	bound := map[string]string{
		"CAMERAS_VERSION_MAJOR": fmt.Sprint(VersionMajor), "CAMERAS_VERSION_MINOR": fmt.Sprint(VersionMinor),
		"CAMERAS_VERSION_PATCH": fmt.Sprint(VersionPatch), "CAMERAS_VERSION_STRING": strconv.Quote(HeaderVersion),
		"CAMERAS_DEFAULT_MAX_PIXELS": fmt.Sprint(DefaultMaxPixels), "CAMERAS_MAX_FILE_BYTES": fmt.Sprint(MaxFileBytes),
		"CAMERAS_MAX_SIDE": fmt.Sprint(MaxSide), "CAMERAS_MAX_SCALES": fmt.Sprint(MaxScales),
		"CAMERAS_MAX_CLASSES": fmt.Sprint(MaxClasses), "CAMERAS_MAX_LAYERS": fmt.Sprint(MaxLayers),
		"CAMERAS_MAX_THREADS": fmt.Sprint(MaxThreads), "CAMERAS_LEAST_LIKELY": "SIZE_MAX",
	}
	for _, found := range regexp.MustCompile(`(?m)^#define (CAMERAS_\w+)[ ]+(\S+)`).FindAllStringSubmatch(readHeader(t), -1) {
		if found[1] == "CAMERAS_API" {
			continue
		}
		if want := strings.TrimSuffix(found[2], "u"); bound[found[1]] != want {
			t.Errorf("%s is bound as %q, the header says %s", found[1], bound[found[1]], want)
		}
		delete(bound, found[1])
	}
	for name := range bound {
		t.Errorf("%s is bound and not in the header", name)
	}
}

func TestTheLibraryInUseIsTheHeaders(t *testing.T) {
	if Version() != HeaderVersion {
		t.Errorf("the library is %s, the header %s", Version(), HeaderVersion)
	}
	if !regexp.MustCompile(`^\d+\.\d+`).MatchString(LibTorchVersion()) {
		t.Errorf("LibTorch's version is %q", LibTorchVersion())
	}
}
