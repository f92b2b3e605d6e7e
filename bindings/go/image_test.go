// SPDX-License-Identifier: MIT

package cameras

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"
)

func TestEveryPixelFormatGivesTheSamePixels(t *testing.T) {
	want := []byte{0, 51, 102, 153, 204, 255}
	for name, made := range map[string]*Image{
		"rgb8":  must(NewImage(want, 2, 1, 0, RGB8)),
		"bgr8":  must(NewImage([]byte{102, 51, 0, 255, 204, 153}, 2, 1, 0, BGR8)),
		"rgba8": must(NewImage([]byte{0, 51, 102, 255, 153, 204, 255, 255}, 2, 1, 0, RGBA8)),
		"rgbf":  must(NewFloatImage([]float32{0, 0.6, 0.2, 0.8, 0.4, 1}, 2, 1, 0, RGBF)),
	} {
		same(t, name, must(made.Pixels()), want)
		if made.Width() != 2 || made.Height() != 1 || made.Channels() != 3 {
			t.Errorf("%s is %d x %d of %d", name, made.Width(), made.Height(), made.Channels())
		}
	}
	for name, made := range map[string]*Image{
		"gray8": must(NewImage([]byte{0, 51}, 1, 2, 0, Gray8)),
		"grayf": must(NewFloatImage([]float32{-1, 0.2}, 1, 2, 0, GrayF)),
	} {
		same(t, name, must(made.Pixels()), []byte{0, 0, 0, 51, 51, 51})
		if made.Channels() != 1 || made.Width() != 1 || made.Height() != 2 {
			t.Errorf("%s is not grey", name)
		}
	}
}

func TestRowsMayLieApartAndTheLastEndEarly(t *testing.T) {
	gray := must(NewImage([]byte{1, 2, 99, 3, 4}, 2, 2, 3, Gray8))
	same(t, "bytes", must(gray.Pixels()), []byte{1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4})
	floats := must(NewFloatImage([]float32{0, 1, 9, 0.2, 0.4, 9, 0, 1, 9, 0.2, 0.4, 9, 0, 1, 9, 0.2, 0.4}, 2, 2, 3, RGBF))
	same(t, "floats", must(floats.Pixels()), []byte{0, 0, 0, 255, 255, 255, 51, 51, 51, 102, 102, 102})
	out := make([]byte, 16)
	agree(gray.CopyPixels(out, 8))
	same(t, "rows out", out, []byte{1, 1, 1, 2, 2, 2, 0, 0, 3, 3, 3, 4, 4, 4, 0, 0})
	refused(t, gray.CopyPixels(out[:15], 8), EINVAL)
	refused(t, gray.CopyPixels(out, 5), EINVAL)
	refused(t, gray.CopyPixels(out, math.MaxInt), EINVAL)
}

func TestPixelsBeyondTheSliceAreNotRead(t *testing.T) {
	for name, call := range map[string]func() (*Image, error){
		"one byte short":    func() (*Image, error) { return NewImage(make([]byte, 11), 2, 2, 0, RGB8) },
		"the last row":      func() (*Image, error) { return NewImage(make([]byte, 4), 2, 2, 3, Gray8) },
		"a stride too long": func() (*Image, error) { return NewImage(make([]byte, 99), 2, 2, math.MaxInt, Gray8) },
		"too short":         func() (*Image, error) { return NewImage(make([]byte, 99), 2, 2, 1, Gray8) },
		"overflow":          func() (*Image, error) { return NewImage(make([]byte, 99), math.MaxInt, 1, 0, RGB8) },
		"both overflow":     func() (*Image, error) { return NewImage(make([]byte, 99), 1<<32, 1<<32, 0, Gray8) },
		"planes":            func() (*Image, error) { return NewFloatImage(make([]float32, 11), 2, 2, 0, RGBF) },
		"planes overflow":   func() (*Image, error) { return NewFloatImage(make([]float32, 9), 1, math.MaxInt, 0, RGBF) },
		"floats as bytes":   func() (*Image, error) { return NewImage(make([]byte, 99), 2, 2, 0, GrayF) },
		"bytes as floats":   func() (*Image, error) { return NewFloatImage(make([]float32, 99), 2, 2, 0, RGB8) },
		"no such format":    func() (*Image, error) { return NewImage(make([]byte, 99), 2, 2, 0, 77) },
		"NaN":               func() (*Image, error) { return NewFloatImage([]float32{float32(math.NaN())}, 1, 1, 0, GrayF) },
	} {
		t.Run(name, func(t *testing.T) { _, err := call(); refused(t, err, EINVAL) })
	}
}

func TestAPictureIsReadAsTheStandardLibraryDoes(t *testing.T) {
	file := must(os.ReadFile(demo("scene.png")))
	decoded := must(png.Decode(bytes.NewReader(file)))
	want := must(must(FromImage(decoded)).Pixels())
	same(t, "from the file", must(must(ReadImage(demo("scene.png"), nil)).Pixels()), want)
	same(t, "from memory", must(must(ReadImageMemory(file, nil)).Pixels()), want)
	path := filepath.Join(t.TempDir(), "copy.png")
	agree(openScene(t).Write(path))
	again := must(png.Decode(bytes.NewReader(must(os.ReadFile(path)))))
	same(t, "written", must(must(FromImage(again)).Pixels()), want)
}

// Every kind of picture, with an origin that is not 0, against what its colours are over white.
func TestEveryPictureComesOverWithItsColoursOverWhite(t *testing.T) {
	bounds := image.Rect(3, 5, 9, 12)
	kinds := map[string]image.Image{
		"Gray": image.NewGray(bounds), "Gray16": image.NewGray16(bounds), "RGBA": image.NewRGBA(bounds),
		"NRGBA": image.NewNRGBA(bounds), "RGBA64": image.NewRGBA64(bounds), "NRGBA64": image.NewNRGBA64(bounds),
		"CMYK": image.NewCMYK(bounds), "Paletted": image.NewPaletted(bounds, color.Palette{color.Black,
			color.NRGBA{200, 100, 50, 128}, color.NRGBA{1, 2, 3, 255}, color.Transparent}),
	}
	luma := image.NewYCbCr(bounds, image.YCbCrSubsampleRatio420)
	for i := range luma.Y {
		luma.Y[i] = byte(40 * i)
	}
	for i := range luma.Cb {
		luma.Cb[i], luma.Cr[i] = byte(90+i), byte(150-i)
	}
	kinds["YCbCr"] = luma
	for name, picture := range kinds {
		if settable, ok := picture.(interface{ Set(x, y int, c color.Color) }); ok {
			for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
				for x := bounds.Min.X; x < bounds.Max.X; x++ {
					settable.Set(x, y, color.NRGBA64{uint16(9000 * (x - 3)), uint16(8000 * (y - 5)), 30000, uint16(65535 - 7000*(x-3))})
				}
			}
		}
		cut := picture.(interface {
			SubImage(image.Rectangle) image.Image
		}).SubImage(image.Rect(4, 6, 8, 12))
		got, want := must(must(FromImage(cut)).Pixels()), []float64{}
		for y := 6; y < 12; y++ {
			for x := 4; x < 8; x++ {
				r, g, b, a := picture.At(x, y).RGBA() // multiplied by alpha
				for _, value := range []uint32{r, g, b} {
					want = append(want, (float64(value)+65535-float64(a))/257)
				}
			}
		}
		if len(got) != len(want) {
			t.Fatalf("%s: %d bytes", name, len(got))
		}
		within := 0.51
		if name == "YCbCr" { // whose 8 bits are cut off, not rounded
			within = 1
		}
		for i := range got {
			if math.Abs(float64(got[i])-want[i]) > within {
				t.Fatalf("%s: byte %d is %d, want %v", name, i, got[i], want[i])
			}
		}
	}
}

func TestSixteenBitsKeepTheirPrecision(t *testing.T) {
	model := openDemo(t)
	logit := func(value uint16) float32 {
		picture := image.NewGray16(image.Rect(0, 0, 8, 8))
		for i := 0; i < 64; i++ {
			picture.SetGray16(i%8, i/8, color.Gray16{value})
		}
		made := must(FromImage(picture))
		if pixels := must(made.Pixels()); pixels[0] != 128 || made.Channels() != 1 {
			t.Errorf("the pixel is %d of %d channels", pixels[0], made.Channels())
		}
		logits, _, err := model.Classify(made, nil)
		agree(err)
		return logits[0]
	}
	if logit(128*257) == logit(128*257+100) {
		t.Error("two values of 16 bits are the same to the network")
	}
}

func TestPicturesThatAreNoneAreRefused(t *testing.T) {
	_, err := FromImage(image.NewUniform(color.White)) // has no end
	refused(t, err, ELIMIT)
	_, err = FromImage(image.NewGray(image.Rect(0, 0, 0, 5)))
	refused(t, err, EINVAL)
}

func TestToImageGivesBackWhatCameIn(t *testing.T) {
	colour, grey := image.NewNRGBA(image.Rect(0, 0, 3, 2)), image.NewGray(image.Rect(0, 0, 3, 2))
	for i := range grey.Pix {
		grey.Pix[i] = byte(40 * i)
		copy(colour.Pix[4*i:], []byte{byte(i), byte(40 * i), byte(255 - i), 255})
	}
	same(t, "colour", must(must(FromImage(colour)).ToImage()).(*image.NRGBA).Pix, colour.Pix)
	same(t, "grey", must(must(FromImage(grey)).ToImage()).(*image.Gray).Pix, grey.Pix)
}

func TestABoxIsWhiteInside(t *testing.T) {
	got := must(must(NewBox(4, 3, 1, 1, 2, 1)).Pixels())
	for i, value := range got {
		x, y := i/3%4, i/12
		if inside := y == 1 && (x == 1 || x == 2); inside != (value == 255) || !inside && value != 0 {
			t.Errorf("pixel %d, %d is %d", x, y, value)
		}
	}
	_, err := NewBox(4, 3, 4, 3, 1, 1)
	refused(t, err, EINVAL)
}

func TestASheetHoldsItsImages(t *testing.T) {
	a, b := must(NewImage([]byte{1, 2, 3}, 1, 1, 0, RGB8)), must(NewImage([]byte{4, 5, 6}, 1, 1, 0, RGB8))
	sheet := must(Sheet([]*Image{a, b}, 2, 1))
	same(t, "the row", must(sheet.Pixels()), []byte{1, 2, 3, 255, 255, 255, 4, 5, 6})
	_, err := Sheet([]*Image{a, nil}, 2, 1)
	refused(t, err, EINVAL)
}

func TestACaptionStandsBelow(t *testing.T) {
	picture := chequered()
	captioned := must(picture.Caption("two\nlines", 2))
	if captioned.Width() != 224 || captioned.Height() < 224+2*2*13 {
		t.Fatalf("%d x %d", captioned.Width(), captioned.Height())
	}
	pixels := must(captioned.Pixels())
	same(t, "the picture above", pixels[:3*224*224], must(picture.Pixels()))
	black := false
	for _, value := range pixels[3*224*224:] {
		black = black || value == 0
	}
	if !black {
		t.Error("there is no text")
	}
	_, err := picture.Caption("x", 0)
	refused(t, err, EINVAL)
}
