"""Image files to pixels: any of seven formats, any mode, always RGB and upright."""

import io
import struct
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import chain
from typing import TypeVar

import numpy as np
from PIL import ExifTags, Image, ImageOps
from PIL.Image import Transpose
from pillow_heif import register_heif_opener

from threeway.execution.cluster import Cluster

# By content, not by name: what Pillow calls each, and what its users do. JPEG includes MPO, which
# phones write: a second picture behind the first.
FORMATS = {
    "JPEG": "JPEG", "PNG": "PNG", "BMP": "BMP", "GIF": "GIF", "WEBP": "WebP", "AVIF": "AVIF",
    "HEIF": "HEIC",
}  # fmt: skip
# Without thumbnails: a file's own may show anything. One thread a file, since files have threads.
register_heif_opener(thumbnails=False, decode_threads=1)
# Pillow's own limit, beyond which it refuses: what is larger is an attack or a mistake.
MAX_PIXELS = 2 * Image.MAX_IMAGE_PIXELS
# From half of it on Pillow warns. Here, since filters are the process's and decoding has threads.
warnings.simplefilter("ignore", Image.DecompressionBombWarning)
warnings.filterwarnings("ignore", "Corrupt EXIF data", UserWarning)
# What turns an image upright, by its EXIF orientation.
TURNS = {
    2: Transpose.FLIP_LEFT_RIGHT, 3: Transpose.ROTATE_180, 4: Transpose.FLIP_TOP_BOTTOM,
    5: Transpose.TRANSPOSE, 6: Transpose.ROTATE_270, 7: Transpose.TRANSVERSE,
    8: Transpose.ROTATE_90,
}  # fmt: skip
# Files waiting to be decoded: enough to keep all cores busy, and little beside decoded images.
MAX_FILES_AT_ONCE, MAX_BYTES_AT_ONCE = 256, 2**26
# Memory for them on a cluster's machine: the largest image that is allowed takes half of it.
BYTES_A_CHUNK = 2**30

Result = TypeVar("Result")


class NotAnImage(ValueError):
    """The bytes cannot be decoded; the message is the reason that rejected.csv records."""


# A path, and its bytes or why there are none.
File = tuple[str, bytes | NotAnImage]


def decode_image(content: bytes, at_least: int | None = None) -> Image.Image:
    """Decodes a file into an upright RGB image; of several, the first (of a HEIC, the main one).

    Transparency is laid on white, 16 bits are scaled to 8, and the EXIF rotation is applied.

    Args:
        content: the bytes of the file.
        at_least: pixels a side that are enough. A JPEG several times as large is then decoded
            at a half, a quarter or an eighth, which is what makes large photographs cheap.

    Raises:
        NotAnImage: unknown format, damaged or cut short, or larger than MAX_PIXELS.
    """
    try:
        image = Image.open(io.BytesIO(content), formats=tuple(FORMATS))
        if at_least is not None:
            image.draft("RGB", (at_least, at_least))
        image.load()
        return to_rgb(turn_upright(image))
    except Image.UnidentifiedImageError:
        known = f"not an image that is read ({', '.join(FORMATS.values())})"
        raise NotAnImage(known if content else "empty file") from None
    except Image.DecompressionBombError:
        raise NotAnImage(f"too large: over {MAX_PIXELS:,} pixels") from None
    # Pillow's decoders raise whatever a damaged file leads them to.
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError,
            OverflowError, MemoryError, ArithmeticError, AttributeError,
            RuntimeError, struct.error) as error:  # fmt: skip
        raise NotAnImage(f"damaged: {' '.join(str(error).split())}") from error


def turn_upright(image: Image.Image) -> Image.Image:
    """Turns an image as its EXIF says; EXIF that cannot be read says nothing.

    Pillow's own exif_transpose writes the other fields anew, and fails on odd ones.
    """
    try:
        turn = TURNS.get(image.getexif().get(ExifTags.Base.Orientation))
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, struct.error):
        return image
    return image if turn is None else image.transpose(turn)


def to_rgb(image: Image.Image) -> Image.Image:
    """Converts any of Pillow's modes to RGB."""
    if image.mode.startswith("I"):  # 16-bit grey; Pillow's own conversion clips instead of scaling
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


def prepare_image(content: bytes, size: int, fit: str) -> np.ndarray:
    """Makes of a file what networks see, in training and in use: (size, size, 3) uint8.

    Args:
        content: of the file.
        size: pixels a side.
        fit: "stretch", "crop" or "pad", as resize_image takes it.

    Raises:
        NotAnImage: see decode_image.
    """
    # What a crop throws away, and a pad fills, leaves fewer pixels than the image has.
    enough = size if fit == "stretch" else 2 * size
    return resize_image(decode_image(content, at_least=enough), size, fit)


def resize_image(image: Image.Image, size: int, fit: str) -> np.ndarray:
    """Makes an RGB image square: (size, size, 3) uint8.

    Args:
        image: any size, RGB.
        size: pixels a side.
        fit: "stretch" changes the proportions, "crop" cuts the longer side's ends off, "pad"
            adds white to the shorter side.
    """
    if fit == "crop":
        image = ImageOps.fit(image, (size, size), Image.Resampling.BILINEAR)
    elif fit == "pad":
        image = ImageOps.pad(image, (size, size), Image.Resampling.BILINEAR, color="white")
    else:
        image = image.resize((size, size), Image.Resampling.BILINEAR)
    return np.asarray(image)


def decode_each(
    files: Iterable[File],
    function: Callable[[bytes], Result],
    cluster: Cluster | None = None,
) -> Iterator[tuple[str, Result | NotAnImage]]:
    """Applies a function that decodes to many files, in the order given, on all cores: Pillow
    decodes outside Python's global lock, so that threads are enough.

    Args:
        files: (path, its bytes, or why there are none).
        function: for a cluster, of a module of threeway.
        cluster: whose machines decode; this one without it.

    Yields:
        (path, what the function returned), or (path, the NotAnImage that it raised, or that came
        in place of the bytes).
    """
    if cluster:
        chunks = ((some,) for some in take_turns(files))
        decoded = cluster.map_chunks(decode_some, chunks, 1, BYTES_A_CHUNK, shared=function)
        yield from chain.from_iterable(decoded)
        return
    with ThreadPoolExecutor() as pool:
        for some in take_turns(files):
            yield from pool.map(partial(attempt, function), some)


def decode_some(
    function: Callable[[bytes], Result], files: Iterable[File]
) -> list[tuple[str, Result | NotAnImage]]:
    """Decodes files on a machine of a cluster."""
    return [attempt(function, file) for file in files]


def attempt(function: Callable[[bytes], Result], file: File) -> tuple[str, Result | NotAnImage]:
    """Decodes one file: see decode_each."""
    path, content = file
    if isinstance(content, NotAnImage):
        return path, content
    try:
        return path, function(content)
    except NotAnImage as error:
        return path, error


def take_turns(files: Iterable[File]) -> Iterator[list[File]]:
    """Divides files into those that are in memory together: so many, or so many bytes."""
    some, num_bytes = [], 0
    for path, content in files:
        some.append((path, content))
        num_bytes += 0 if isinstance(content, NotAnImage) else len(content)
        if len(some) == MAX_FILES_AT_ONCE or num_bytes >= MAX_BYTES_AT_ONCE:
            yield some
            some, num_bytes = [], 0
    yield some
