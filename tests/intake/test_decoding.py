"""Whatever an image file holds, out come upright RGB pixels, or a reason."""

import io
import struct

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageOps

from tests.conftest import draw_image, encode
from threeway.intake import decoding
from threeway.intake.decoding import (
    NotAnImage,
    decode_each,
    decode_image,
    prepare_image,
    resize_image,
    take_turns,
)

RED = (200, 30, 40)


def pixel(content: bytes) -> tuple[int, ...]:
    image = decode_image(content)
    assert image.mode == "RGB"
    return image.getpixel((0, 0))


def test_every_mode_becomes_rgb():
    red = Image.new("RGB", (8, 8), RED)
    assert pixel(encode(red, "PNG")) == RED
    assert pixel(encode(red, "BMP")) == RED
    assert pixel(encode(red, "WEBP", lossless=True)) == RED
    assert pixel(encode(red, "HEIF", quality=-1, matrix_coefficients=0)) == RED
    assert np.allclose(pixel(encode(red, "AVIF", quality=100)), RED, atol=2)
    assert pixel(encode(red.convert("P", palette=Image.Palette.ADAPTIVE), "GIF")) == RED
    assert np.allclose(pixel(encode(red.convert("CMYK"), "JPEG", quality=100)), RED, atol=4)
    assert pixel(encode(Image.new("L", (8, 8), 77), "PNG")) == (77, 77, 77)
    assert pixel(encode(Image.new("1", (8, 8), 1), "PNG")) == (255, 255, 255)


def test_sixteen_bits_are_scaled_not_clipped():
    grey = Image.fromarray(np.full((8, 8), 0x8000, np.uint16))
    assert pixel(encode(grey, "PNG")) == (128, 128, 128)


def test_transparency_is_laid_on_white():
    assert pixel(encode(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG")) == (255, 255, 255)
    half = pixel(encode(Image.new("LA", (8, 8), (0, 128)), "PNG"))
    assert half == (127, 127, 127)
    clear = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    assert [pixel(encode(clear, name)) for name in ("HEIF", "AVIF")] == [(255, 255, 255)] * 2
    palette = Image.new("P", (8, 8), 0)
    palette.putpalette([10, 20, 30])
    assert pixel(encode(palette, "PNG", transparency=0)) == (255, 255, 255)


def test_the_first_frame_of_a_gif_counts():
    frames = [Image.new("RGB", (8, 8), colour).convert("P") for colour in ("red", "blue")]
    content = encode(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert pixel(content) == (255, 0, 0)


@pytest.mark.parametrize("format_name", ["JPEG", "WEBP", "HEIF", "AVIF"])
def test_exif_rotation_is_applied(format_name):
    image = Image.new("RGB", (64, 32))
    image.paste("white", (0, 0, 16, 32))
    exif = image.getexif()
    exif[0x0112] = 6  # turned by a quarter: what is at the left was above
    upright = np.asarray(decode_image(encode(image, format_name, exif=exif.tobytes())))
    assert upright.shape == (64, 32, 3)
    assert upright[:12].min() > 240
    assert upright[20:].max() < 15


@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_an_image_is_turned_as_pillow_turns_it(format_name, orientation):
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    content = encode(draw_image("stripe", 3).crop((0, 0, 30, 20)), format_name, exif=exif.tobytes())
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(content)))
    assert np.array_equal(decode_image(content), expected.convert("RGB"))


def write_exif(*fields: tuple[int, int, int, bytes]) -> bytes:
    """Writes EXIF by hand, right or not: of each field its tag, type, count and value."""
    entries = [struct.pack(">HHI4s", tag, kind, count, raw) for tag, kind, count, raw in fields]
    return (
        b"Exif\0\0MM\0*\0\0\0\x08" + struct.pack(">H", len(entries)) + b"".join(entries) + bytes(4)
    )


LYING = (0x0112, 3, 1, b"\0\x06\0\0")


@pytest.mark.parametrize(
    ("exif", "size"),
    [
        # A unit of resolution in words, and one below nothing.
        (write_exif(LYING, (0x0128, 2, 4, b"cm\0\0")), (32, 64)),
        (write_exif(LYING, (0x0128, 9, 1, b"\xff\xff\xff\xff")), (32, 64)),
        # The orientation in words; EXIF cut short.
        (write_exif((0x0112, 2, 4, b"abc\0")), (64, 32)),
        (b"Exif\0\0MM\0*\0", (64, 32)),
        (b"Exif\0\0MM\0*\0\0\0\x08\0\x05", (64, 32)),
    ],
)
@pytest.mark.parametrize("format_name", ["JPEG", "PNG", "WEBP"])
@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
def test_odd_exif_costs_no_image(exif, size, format_name):
    content = encode(Image.new("RGB", (64, 32), RED), format_name, exif=exif)
    assert decode_image(content).size == size


def test_the_format_is_told_by_content():
    with pytest.raises(NotAnImage, match="not an image"):
        decode_image(b"GIF, says the name; text, says the content")
    with pytest.raises(NotAnImage, match="empty file"):
        decode_image(b"")


@pytest.mark.parametrize("format_name", ["PNG", "JPEG", "WEBP", "HEIF", "AVIF"])
def test_a_file_cut_short_is_rejected(format_name):
    content = encode(draw_image("circle", 1, size=64), format_name)
    with pytest.raises(NotAnImage, match=r"^damaged: .*[^\n]$"):
        decode_image(content[: len(content) * 9 // 10])
    with pytest.raises(NotAnImage, match=r"damaged|not an image"):
        decode_image(content[: len(content) // 2])


def test_the_size_that_a_heic_says_it_has_is_looked_at_before_its_pixels():
    content = encode(draw_image("circle", 1, size=64), "HEIF")
    at = content.index(b"ispe") + 8

    def claim(width: int, height: int) -> bytes:
        return content[:at] + struct.pack(">II", width, height) + content[at + 8 :]

    assert decode_image(claim(64, 64)).size == (64, 64)
    with pytest.raises(NotAnImage, match="too large: over 178,956,970 pixels"):
        decode_image(claim(30_000, 30_000))
    with pytest.raises(NotAnImage, match=r"damaged: .* does not have the size signaled"):
        decode_image(claim(2, 2))


def test_a_heics_own_thumbnail_is_never_taken_for_it():
    image = draw_image("cross", 3, size=40).resize((640, 480))
    content = encode(image, "HEIF", thumbnails=[128])
    assert decode_image(content, at_least=100).size == (640, 480)


@pytest.mark.parametrize("format_name", ["HEIF", "AVIF"])
def test_threads_decode_what_one_alone_does(format_name):
    files = [encode(draw_image("stripe", n, size=64), format_name) for n in range(4)]
    alone = [decode_image(content).tobytes() for content in files]
    found = decode_each([(str(n), files[n % 4]) for n in range(64)], decode_image)
    assert [image.tobytes() for _, image in found] == alone * 16


def test_a_large_jpeg_is_decoded_smaller_but_not_too_small():
    content = encode(draw_image("circle", 1, size=64).resize((1600, 1200)), "JPEG")
    assert decode_image(content, at_least=150).size == (200, 150)


def test_fits():
    wide = Image.new("RGB", (40, 20), "black")
    wide.paste("white", (0, 0, 10, 20))
    assert resize_image(wide, 20, "stretch").shape == (20, 20, 3)
    assert resize_image(wide, 20, "stretch")[:, 0].min() > 200
    assert resize_image(wide, 20, "crop").max() < 50
    padded = resize_image(Image.new("RGB", (40, 20), "black"), 20, "pad")
    assert padded[0].min() == 255
    assert padded[10].max() == 0


@pytest.mark.parametrize("fit", ["stretch", "crop", "pad"])
def test_sizes_are_changed_by_straight_lines(fit):
    columns = Image.fromarray(np.repeat([[[0], [255]]], 2, axis=0).astype(np.uint8).repeat(3, 2))
    found = resize_image(columns, 4, fit)
    # A quarter and three quarters of the way from one pixel's middle to the other's.
    assert np.abs(found[:, :, 0].astype(int) - [0, 64, 191, 255]).max() <= 1


def test_so_many_files_or_so_many_bytes_are_in_memory_together(monkeypatch):
    monkeypatch.setattr(decoding, "MAX_FILES_AT_ONCE", 3)
    monkeypatch.setattr(decoding, "MAX_BYTES_AT_ONCE", 100)
    sizes = [10, 20, 30, 60, 40, 99, 0, 5]
    files = [(str(size), bytes(size)) for size in sizes]
    files.insert(-2, ("refused", NotAnImage("too large")))
    turns = [[path for path, _ in turn] for turn in take_turns(files)]
    assert turns == [
        ["10", "20", "30"], ["60", "40"], ["99", "refused", "0"], ["5"]
    ]  # fmt: skip


def test_decode_each_keeps_order_and_collects_reasons():
    files = [(str(i), encode(draw_image("cross", i)) if i % 5 else b"") for i in range(23)]
    found = list(decode_each(files, lambda content: decode_image(content).size))
    assert [path for path, _ in found] == [path for path, _ in files]
    assert [str(size) for _, size in found] == [
        "(40, 40)" if i % 5 else "empty file" for i in range(23)
    ]


@pytest.mark.parametrize(("fit", "enough"), [("stretch", 64), ("crop", 128), ("pad", 128)])
def test_a_crop_or_a_pad_is_made_of_twice_the_pixels(fit, enough):
    """In training and in use alike, which have no other way to a network's input."""
    content = encode(draw_image("circle", 3, size=600).resize((900, 600)), "JPEG")
    # Decoded at an eighth for a stretch, and at a quarter for the others.
    image = decode_image(content, at_least=enough)
    assert image.size == ((113, 75) if fit == "stretch" else (225, 150))
    found = prepare_image(content, 64, fit)
    assert (found == resize_image(image, 64, fit)).all()
    assert found.shape == (64, 64, 3)
