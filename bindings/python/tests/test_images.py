"""Arrays, PIL images and files become pictures. SPDX-License-Identifier: MIT"""

import io

import numpy
import pytest
from conftest import SCENE
from PIL import Image as PIL

import cameras


def rgb(picture):
    return numpy.asarray(cameras.Image(picture))


def test_rgb_bytes_come_back_as_they_went_in(noise):
    image = cameras.Image(noise)
    assert (image.width, image.height, image.channels, image.shape) == (60, 40, 3, (40, 60))
    assert (numpy.asarray(image) == noise).all()


@pytest.mark.parametrize(
    "view",
    [
        lambda a: a[::-1],
        lambda a: a[:, ::-1],
        lambda a: a[::2, ::3],
        lambda a: a[5:20, 7:30],
        lambda a: a.transpose(1, 0, 2),
        lambda a: numpy.asfortranarray(a),
        lambda a: numpy.broadcast_to(a[:1], a.shape),
        lambda a: numpy.broadcast_to(a[:1, :1], a.shape),
        lambda a: a[:1],
        lambda a: a[:, :1],
        lambda a: a[:1, :1],
        lambda a: a[..., 0],
        lambda a: a[..., 1:2],
        lambda a: a[..., ::-1],
    ],
    ids="upside-down mirrored thinned cropped transposed fortran rows-repeated pixel-repeated row column pixel plane "
    "one-channel reversed-channels".split(),
)
def test_any_strides_are_taken(noise, view):
    seen = view(noise)
    expected = numpy.repeat(seen.reshape(*seen.shape[:2], -1), 1 if seen.ndim == 3 and seen.shape[2] == 3 else 3, 2)
    assert (rgb(seen) == expected).all()
    floats = rgb(view(noise.astype(numpy.float64) / 255))
    assert (floats == expected).all()


def test_rows_with_gaps_are_passed_without_a_copy(noise):
    from cameras import _pixels

    found = _pixels.of_array(noise[5:20, 7:30])
    assert found.address == noise.ctypes.data + 5 * 180 + 7 * 3 and found.stride == 180


def test_bgr_is_turned_round(noise):
    for pixels in (noise, noise / 255, noise.astype(numpy.uint16) * 257):
        assert (numpy.asarray(cameras.Image(pixels, order="bgr")) == noise[..., ::-1]).all()


def test_a_fourth_channel_is_laid_over_white(noise):
    alpha = numpy.full((40, 60, 1), 128, numpy.uint8)
    expected = noise * (128 / 255) + 255 * (127 / 255)
    for pixels in (numpy.concatenate([noise, alpha], 2), numpy.concatenate([noise, alpha], 2) / 255):
        assert abs(rgb(pixels) - expected).max() <= 0.51
    swapped = numpy.concatenate([noise[..., ::-1], alpha], 2)
    assert abs(numpy.asarray(cameras.Image(swapped, order="bgr")) - expected).max() <= 0.51


def test_bool_masks_are_black_and_white():
    mask = numpy.eye(9, dtype=bool)
    assert (rgb(mask)[..., 0] == mask * 255).all()


def test_sixteen_bits_floats_and_foreign_byte_orders_are_taken(noise):
    for dtype in (">u2", "<u2"):
        assert (rgb((noise.astype(int) * 257).astype(dtype)) == noise).all()
    for dtype in (">f4", "<f8", "f2"):
        assert abs(rgb((noise / 255).astype(dtype)) - noise.astype(int)).max() <= (dtype == "f2")


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "I", "I;16", "F"])
def test_pil_images_of_every_mode_are_taken(noise, mode):
    picture = PIL.fromarray(noise)
    if mode in ("I", "I;16"):
        grey = numpy.asarray(picture.convert("L"))
        made, expected = PIL.fromarray(grey.astype(numpy.uint16) * 257), grey[..., None].repeat(3, 2)
        made = made.convert("I") if mode == "I" else made
    elif mode == "F":
        grey = numpy.asarray(picture.convert("L"))
        made, expected = PIL.fromarray((grey / 255).astype(numpy.float32)), grey[..., None].repeat(3, 2)
    else:
        made = picture.convert(mode)
        expected = numpy.asarray(made.convert("RGB"))  # opaque: white behind alpha does not show
    assert made.mode == mode
    assert (rgb(made) == expected).all()


def test_transparent_colours_of_a_palette_are_white():
    made = PIL.new("P", (4, 4), 1)
    made.putpalette([255, 0, 0, 0, 0, 255])
    made.putpixel((0, 0), 0)
    made.info["transparency"] = 1
    assert (rgb(made)[0, 0] == (255, 0, 0)).all() and (rgb(made)[1:] == 255).all()


def test_a_file_reads_as_pil_reads_it_from_path_and_from_bytes():
    expected = numpy.asarray(PIL.open(SCENE).convert("RGB"))
    content = SCENE.read_bytes()
    for image in (
        cameras.Image.read(SCENE),
        cameras.Image.read(str(SCENE).encode()),
        cameras.Image.decode(content),
        cameras.Image.decode(bytearray(content)),
        cameras.Image.decode(memoryview(b"x" + content)[1:]),
        cameras.Image.decode(numpy.frombuffer(content, numpy.uint8)),
        cameras.Image.decode(numpy.frombuffer(content, numpy.uint8).repeat(2)[::2]),
        cameras.Image.of(str(SCENE)),
    ):
        assert (image.pixels() == expected).all()


def test_saved_png_and_jpeg_are_what_pil_reads(tmp_path, noise):
    image = cameras.Image(noise)
    image.save(tmp_path / "a.png")
    assert (numpy.asarray(PIL.open(tmp_path / "a.png")) == noise).all()
    image.save(str(tmp_path / "a.jpg").encode())
    assert PIL.open(tmp_path / "a.jpg").size == (60, 40)


def test_a_notebook_gets_a_png_of_the_picture(noise):
    shown = PIL.open(io.BytesIO(cameras.Image(noise)._repr_png_()))
    assert shown.format == "PNG" and (numpy.asarray(shown) == noise).all()


def test_a_box_is_white_inside_and_black_outside():
    expected = numpy.zeros((20, 30, 3), numpy.uint8)
    expected[5:9, 3:10] = 255
    assert (numpy.asarray(cameras.Image.box(30, 20, 3, 5, 7, 4)) == expected).all()


def test_a_sheet_has_the_sizes_that_its_cells_and_gaps_add_up_to(noise):
    small, large = noise[:10, :10], noise
    sheet = cameras.Image.sheet([large, cameras.Image(small), large], columns=2, gap=4)
    inside = numpy.asarray(sheet)
    corner = inside.shape[0] - 2 * 40 - 4, inside.shape[1] - 2 * 60 - 4
    assert corner in ((0, 0), (8, 8))  # without or with a gap around
    assert (inside[corner[0] // 2 :][:40, corner[1] // 2 :][:, :60] == large).all()


def test_a_caption_stands_below_the_picture(noise):
    captioned = numpy.asarray(cameras.Image(noise).caption("ab\nc", scale=1))
    assert captioned.shape[1] == 60 and captioned.shape[0] >= 40 + 2 * 13
    assert (captioned[:40] == noise).all() and captioned[40:].min() == 0 and captioned[40:].max() == 255


def test_what_is_no_picture_is_refused_and_the_message_says_why(noise):
    for given, kind, part in (
        (noise.transpose(2, 0, 1), ValueError, "transpose"),
        (noise.ravel(), ValueError, "shape"),
        (noise[..., :2], ValueError, "shape"),
        (numpy.zeros((0, 5, 3), numpy.uint8), cameras.InvalidArgument, "0"),
        (numpy.zeros((5, 0), numpy.float32), cameras.InvalidArgument, "0"),
        (numpy.zeros((0, 0, 4), numpy.float64), cameras.InvalidArgument, "0"),
        (noise.astype(float), ValueError, "0 to 1"),
        (numpy.full((4, 4), numpy.nan), cameras.InvalidArgument, "finite"),
        (numpy.full((4, 4, 3), -numpy.inf), cameras.InvalidArgument, "finite"),
        (noise.astype(int), TypeError, "int64"),
        (noise.astype(complex), TypeError, "complex"),
        (numpy.array([["a"]]), TypeError, "uint8"),
        (numpy.array([[None]]), TypeError, "object"),
        (None, (TypeError, ValueError), ""),
        (PIL.new("I", (2, 2), 70000), ValueError, "16 bits"),
    ):
        with pytest.raises(kind, match=part):
            cameras.Image(given)
    with pytest.raises(TypeError, match="decode"):
        cameras.Image.of(b"scene.png")
    with pytest.raises(ValueError, match="rgb, bgr"):
        cameras.Image(noise, order="grb")


def test_files_that_cannot_be_read_raise_what_python_would(tmp_path):
    with pytest.raises(OSError, match="missing.png") as raised:
        cameras.Image.read(tmp_path / "missing.png")
    assert isinstance(raised.value, cameras.FileError) and raised.value.status == cameras.Status.EIO
    (tmp_path / "bad.png").write_bytes(b"no picture")
    with pytest.raises(cameras.FormatError):
        cameras.Image.read(tmp_path / "bad.png")
    for empty in (b"", bytearray(), numpy.zeros(0, numpy.uint8)):
        with pytest.raises(cameras.Error):
            cameras.Image.decode(empty)
    with pytest.raises(cameras.LimitError, match="100"):
        cameras.Image.read(SCENE, max_pixels=100)
    size = SCENE.stat().st_size
    assert cameras.Image.read(SCENE, max_file_bytes=size).width == 448
    with pytest.raises(cameras.LimitError, match=str(size)):
        cameras.Image.read(SCENE, max_file_bytes=size - 1)
    with pytest.raises(cameras.LimitError):
        cameras.Image.decode(SCENE.read_bytes(), max_pixels=100)
    with pytest.raises(cameras.InvalidArgument):
        cameras.Image.box(4, 4, 9, 9, 1, 1)


def test_a_path_in_no_encoding_is_a_path(tmp_path, noise):
    path = bytes(tmp_path) + b"/\xff\xfe.png"
    cameras.Image(noise).save(path)
    import os

    assert (cameras.Image.read(os.fsdecode(path)).pixels() == noise).all()
    with pytest.raises(OSError) as raised:
        cameras.Image.read(bytes(tmp_path) + b"/\xff\xff.png")
    str(raised.value).encode()
