// SPDX-License-Identifier: MIT

package cameras

import (
	"image"
	"image/color"
)

// FromImage copies a picture of the standard library's, alpha laid over white. Gray, NRGBA, RGBA and YCbCr come over as
// their 8 bits, Gray and Gray16 as one channel. Others are read through their colours' 16 bits, which are kept; of those
// no more than DefaultMaxPixels: ELIMIT. EINVAL: no pixels.
func FromImage(picture image.Image) (*Image, error) {
	if picture == nil {
		return nil, fail(EINVAL, "new image: the picture is nil")
	}
	bounds := picture.Bounds()
	width, height, from := bounds.Dx(), bounds.Dy(), bounds.Min
	if bounds.Empty() {
		return nil, fail(EINVAL, "new image: a picture of %d x %d pixels", width, height)
	}
	switch p := picture.(type) {
	case *image.Gray:
		return NewImage(p.Pix[p.PixOffset(from.X, from.Y):], width, height, p.Stride, Gray8)
	case *image.NRGBA:
		return NewImage(p.Pix[p.PixOffset(from.X, from.Y):], width, height, p.Stride, RGBA8)
	case *image.RGBA:
		return fromBytes(bounds, func(x, y int) (r, g, b uint8) {
			c := p.RGBAAt(x, y)
			return overWhite(c.R, c.A), overWhite(c.G, c.A), overWhite(c.B, c.A)
		})
	case *image.YCbCr:
		return fromBytes(bounds, func(x, y int) (r, g, b uint8) {
			c := p.YCbCrAt(x, y)
			return color.YCbCrToRGB(c.Y, c.Cb, c.Cr)
		})
	}
	return fromColours(picture)
}

// overWhite is exact, the value being multiplied by alpha already; one above its alpha is none, and becomes white.
func overWhite(value, alpha uint8) uint8 {
	if value > alpha {
		return 255
	}
	return value + (255 - alpha)
}

func fromBytes(bounds image.Rectangle, at func(x, y int) (r, g, b uint8)) (*Image, error) {
	pixels := make([]byte, 0, 3*bounds.Dx()*bounds.Dy())
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			r, g, b := at(x, y)
			pixels = append(pixels, r, g, b)
		}
	}
	return NewImage(pixels, bounds.Dx(), bounds.Dy(), 0, RGB8)
}

func fromColours(picture image.Image) (*Image, error) {
	bounds := picture.Bounds()
	width, height := bounds.Dx(), bounds.Dy()
	if width > DefaultMaxPixels/height {
		return nil, fail(ELIMIT, "new image: %d x %d pixels are more than the limit of %d", width, height, DefaultMaxPixels)
	}
	format, count := RGBF, width*height
	if model := picture.ColorModel(); model == color.GrayModel || model == color.Gray16Model {
		format = GrayF
	}
	values := make([]float32, 3*count)
	for i := 0; i < count; i++ {
		r, g, b, a := picture.At(bounds.Min.X+i%width, bounds.Min.Y+i/width).RGBA()
		values[i] = float32(r+0xffff-a) / 0xffff
		values[count+i] = float32(g+0xffff-a) / 0xffff
		values[2*count+i] = float32(b+0xffff-a) / 0xffff
	}
	return NewFloatImage(values, width, height, 0, format)
}

// ToImage copies the picture into one of the standard library's, of 8 bits: *image.Gray for one channel, an opaque
// *image.NRGBA for three.
func (i *Image) ToImage() (image.Image, error) {
	pixels, width, height, channels, err := i.whole()
	if err != nil {
		return nil, err
	}
	if channels == 1 {
		grey := image.NewGray(image.Rect(0, 0, width, height))
		for at := range grey.Pix {
			grey.Pix[at] = pixels[3*at]
		}
		return grey, nil
	}
	colour := image.NewNRGBA(image.Rect(0, 0, width, height))
	for at := 0; at < width*height; at++ {
		copy(colour.Pix[4*at:], pixels[3*at:3*at+3])
		colour.Pix[4*at+3] = 255
	}
	return colour, nil
}
