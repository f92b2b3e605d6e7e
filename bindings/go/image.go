// SPDX-License-Identifier: MIT

package cameras

// #include "glue.h"
import "C"

import "runtime"

// Image is a picture of one channel (grey) or three (colour). It never changes, and many goroutines may use it.
type Image struct {
	handle handle[*C.cameras_image]
}

func wrapImage(image *C.cameras_image) *Image {
	i := &Image{handle[*C.cameras_image]{object: image, free: func(c *C.cameras_image) { C.cameras_image_free(c) }}}
	runtime.SetFinalizer(i, (*Image).Close)
	return i
}

// makeImage wraps what a call of the library makes.
func makeImage(call func(out **C.cameras_image) C.cameras_status) (*Image, error) {
	var image *C.cameras_image
	if err := check(func() C.cameras_status { return call(&image) }); err != nil {
		return nil, err
	}
	return wrapImage(image), nil
}

func (i *Image) use(by *holds) *C.cameras_image {
	if i == nil {
		return nil
	}
	return use(by, &i.handle)
}

func useImages(by *holds, images []*Image) []*C.cameras_image {
	used := make([]*C.cameras_image, len(images))
	for i, image := range images {
		used[i] = image.use(by)
	}
	return used
}

// ReadImage reads a PNG or JPEG picture, known by its bytes and not by its name. Grey stays grey, palettes become RGB,
// alpha is laid over white, 16 bits keep their precision, CMYK becomes RGB, the EXIF orientation is applied. Of options,
// which may be nil, the largest picture is used. EIO, EFORMAT, or ELIMIT before anything is allocated.
func ReadImage(path string, options *Options) (*Image, error) {
	settings, _, err := options.build()
	if err != nil {
		return nil, err
	}
	defer C.cameras_options_free(settings)
	var image *C.cameras_image
	err = checkReading(path, func(path *C.char) C.cameras_status { return C.cameras_image_read(&image, path, settings) })
	if err != nil {
		return nil, err
	}
	return wrapImage(image), nil
}

// ReadImageMemory does the same from the file's bytes, which it does not keep.
func ReadImageMemory(bytes []byte, options *Options) (*Image, error) {
	settings, _, err := options.build()
	if err != nil {
		return nil, err
	}
	defer C.cameras_options_free(settings)
	return makeImage(func(out **C.cameras_image) C.cameras_status {
		return C.cameras_image_read_memory(out, pointer(bytes), C.size_t(len(bytes)), settings)
	})
}

// NewImage copies pixels of one of the formats of bytes. stride is the distance in bytes from one row to the next; 0
// means rows without gaps. What follows the last row's pixels need not be there. EINVAL: a size of 0, a stride too
// short, fewer bytes than that.
func NewImage(pixels []byte, width, height, stride int, format PixelFormat) (*Image, error) {
	if format == GrayF || format == RGBF {
		return nil, fail(EINVAL, "new image: %v has floats, which NewFloatImage takes", format)
	}
	bytes := map[PixelFormat]int{Gray8: 1, RGB8: 3, RGBA8: 4, BGR8: 3}[format]
	sizes, err := extent(len(pixels), width, height, stride, bytes, 1)
	if err != nil {
		return nil, err
	}
	return makeImage(func(out **C.cameras_image) C.cameras_status {
		return C.cameras_image_new(out, pointer(pixels), sizes[0], sizes[1], sizes[2], C.cameras_pixel_format(format))
	})
}

// NewFloatImage copies floats in [0, 1]: GrayF, one plane, or RGBF, three planes, red first, height * stride floats
// apart. stride is the distance in floats from one row to the next; 0 means rows without gaps. Floats outside [0, 1] are
// clipped. EINVAL: a size of 0, a stride too short, fewer floats than that, one that is not finite.
func NewFloatImage(values []float32, width, height, stride int, format PixelFormat) (*Image, error) {
	planes := map[PixelFormat]int{GrayF: 1, RGBF: 3}[format]
	if planes == 0 {
		return nil, fail(EINVAL, "new image: %v has no floats; NewImage takes bytes", format)
	}
	sizes, err := extent(len(values), width, height, stride, 1, planes)
	if err != nil {
		return nil, err
	}
	return makeImage(func(out **C.cameras_image) C.cameras_status {
		return C.cameras_image_new(out, pointer(values), sizes[0], sizes[1], 4*sizes[2], C.cameras_pixel_format(format))
	})
}

// extent refuses pixels that the slice does not hold, since C cannot see its length; what else is wrong the library
// says. It gives width, height and stride.
func extent(have, width, height, stride, step, planes int) ([]C.size_t, error) {
	sizes, err := cSizes("new image", width, height, stride)
	if err != nil || width == 0 || height == 0 || step == 0 {
		return sizes, err
	}
	if width <= have/step && height <= have/planes {
		row, rows := width*step, height*planes
		if stride == 0 {
			stride = row
		}
		if stride < row || rows-1 <= (have-row)/stride {
			return sizes, nil
		}
	}
	return nil, fail(EINVAL, "new image: %d x %d pixels, rows %d apart, are more than the %d values given", width, height,
		stride, have)
}

// NewBox is a picture of width x height, white in a box and black elsewhere: an object to score by. EINVAL: no pixel
// inside.
func NewBox(width, height, x, y, boxWidth, boxHeight int) (*Image, error) {
	s, err := cSizes("new box", width, height, x, y, boxWidth, boxHeight)
	if err != nil {
		return nil, err
	}
	return makeImage(func(out **C.cameras_image) C.cameras_status {
		return C.cameras_image_new_box(out, s[0], s[1], s[2], s[3], s[4], s[5])
	})
}

// Sheet tiles images of any sizes into one on white, columns to a row, each cell as large as the largest image, which
// stands in the middle of it, gap pixels between them.
func Sheet(images []*Image, columns, gap int) (*Image, error) {
	var held holds
	defer held.release()
	used := useImages(&held, images)
	if held.err != nil {
		return nil, held.err
	}
	sizes, err := cSizes("make sheet", columns, gap)
	if err != nil {
		return nil, err
	}
	return makeImage(func(out **C.cameras_image) C.cameras_status {
		return C.cameras_image_sheet(out, (**C.cameras_image)(pointer(used)), C.size_t(len(used)), sizes[0], sizes[1])
	})
}

// Close frees the image once no call uses it. It returns nil, and may be called again.
func (i *Image) Close() error {
	if i != nil {
		i.handle.close()
	}
	return nil
}

// Width is in pixels.
func (i *Image) Width() int {
	var held holds
	defer held.release()
	return int(C.cameras_image_width(i.use(&held)))
}

// Height is in pixels.
func (i *Image) Height() int {
	var held holds
	defer held.release()
	return int(C.cameras_image_height(i.use(&held)))
}

// Channels is 1 for grey, 3 for colour.
func (i *Image) Channels() int {
	var held holds
	defer held.release()
	return int(C.cameras_image_channels(i.use(&held)))
}

// Pixels are rows of RGB bytes without gaps. Grey is repeated in all three; floats are rounded.
func (i *Image) Pixels() ([]byte, error) {
	pixels, _, _, _, err := i.whole()
	return pixels, err
}

// whole is the picture as of one use, beside which it may be closed.
func (i *Image) whole() (pixels []byte, width, height, channels int, err error) {
	var held holds
	defer held.release()
	image := i.use(&held)
	if held.err != nil {
		return nil, 0, 0, 0, held.err
	}
	width, height = int(C.cameras_image_width(image)), int(C.cameras_image_height(image))
	pixels = make([]byte, 3*width*height)
	err = check(func() C.cameras_status { return C.cameras_image_pixels((*C.uint8_t)(pointer(pixels)), 0, image) })
	if err != nil {
		return nil, 0, 0, 0, err
	}
	return pixels, width, height, int(C.cameras_image_channels(image)), nil
}

// CopyPixels copies rows of RGB bytes, stride bytes apart (0: 3 * Width), to a slice of at least Height * stride bytes.
func (i *Image) CopyPixels(pixels []byte, stride int) error {
	var held holds
	defer held.release()
	image := i.use(&held)
	if held.err != nil {
		return held.err
	}
	size, err := cSize("copy pixels", stride)
	if err != nil {
		return err
	}
	width, height := int(C.cameras_image_width(image)), int(C.cameras_image_height(image))
	row := stride
	if stride == 0 {
		row = 3 * width
	}
	if height > 0 && row > len(pixels)/height {
		return fail(EINVAL, "copy pixels: %d rows of %d bytes do not fit into %d", height, row, len(pixels))
	}
	return check(func() C.cameras_status { return C.cameras_image_pixels((*C.uint8_t)(pointer(pixels)), size, image) })
}

// Write writes a picture of 8 bits a channel: PNG or, for names ending in .jpg or .jpeg, JPEG of quality 92. The file
// appears under its name only when it is whole. EINVAL: another ending. ELIMIT: more than JPEG's 65500 pixels a side.
// EIO.
func (i *Image) Write(path string) error {
	var held holds
	defer held.release()
	image := i.use(&held)
	if held.err != nil {
		return held.err
	}
	return checkWriting(path, func(path *C.char) C.cameras_status { return C.cameras_image_write(image, path) })
}

// Caption is a copy of the image with lines of text on white below it, black, in a fixed font of 7 x 13 pixels times
// scale, at least 1. Characters beyond ASCII show as '?'. Lines longer than the image are cut.
func (i *Image) Caption(text string, scale int) (*Image, error) {
	var held holds
	defer held.release()
	image := i.use(&held)
	if held.err != nil {
		return nil, held.err
	}
	lines, err := cString(text)
	if err != nil {
		return nil, err
	}
	size, err := cSize("caption", scale)
	if err != nil {
		return nil, err
	}
	return makeImage(func(out **C.cameras_image) C.cameras_status {
		return C.cameras_image_caption(out, image, lines, size)
	})
}
