"""Image files to pixels: any of five formats, any mode, always RGB and upright."""

import io
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

import numpy as np
from PIL import Image, ImageOps

# By content, not by name. JPEG includes MPO, which phones write: a second picture behind the first.
FORMATS = ("JPEG", "PNG", "BMP", "GIF", "WEBP")
# A quarter of a gigapixel decodes to 0.8 GB: more is an attack or a mistake.
MAX_PIXELS = 2**28

Result = TypeVar("Result")


class NotAnImage(ValueError):
    """The bytes cannot be decoded; the message is the reason that rejected.csv records."""


def decode_image(content: bytes, at_least: int | None = None) -> Image.Image:
    """Decodes a file into an upright RGB image; of a GIF, the first frame.

    Transparency is laid on white, 16 bits are scaled to 8, and the EXIF rotation is applied.

    Args:
        content: the bytes of the file.
        at_least: pixels a side that are enough. A JPEG several times as large is then decoded
            at a half, a quarter or an eighth, which is what makes large photographs cheap.

    Raises:
        NotAnImage: unknown format, damaged or cut short, or larger than MAX_PIXELS.
    """
    try:
        # Pillow only warns of a suspiciously large image; the limit here is ours.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            image = Image.open(io.BytesIO(content), formats=FORMATS)
            if image.width * image.height > MAX_PIXELS:
                raise NotAnImage(f"too large: {image.width} x {image.height} pixels")
            if at_least is not None:
                image.draft("RGB", (at_least, at_least))
            return to_rgb(ImageOps.exif_transpose(image))
    except NotAnImage:
        raise
    except Image.UnidentifiedImageError:
        reason = "empty file" if not content else f"not an image ({', '.join(FORMATS)})"
        raise NotAnImage(reason) from None
    except Image.DecompressionBombError as error:
        raise NotAnImage(f"too large: {error}") from error
    # Pillow's decoders raise whatever a damaged file leads them to.
    except (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError,
            OverflowError, MemoryError, ArithmeticError, AttributeError) as error:  # fmt: skip
        raise NotAnImage(f"damaged: {error}") from error


def to_rgb(image: Image.Image) -> Image.Image:
    """Converts any of Pillow's modes to RGB."""
    if image.mode.startswith("I"):  # 16-bit grey; Pillow's own conversion clips instead of scaling
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8)).convert("RGB")
    if image.has_transparency_data:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        return Image.alpha_composite(white, image).convert("RGB")
    return image.convert("RGB")


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
    files: Iterable[tuple[str, bytes]], function: Callable[[bytes], Result], chunk: int = 256
) -> Iterator[tuple[str, Result | NotAnImage]]:
    """Applies a function that decodes to many files, on all cores, in the order given.

    Pillow decodes outside Python's global lock, so threads are enough; at most `chunk` files are
    in memory at a time.

    Yields:
        (path, what the function returned), or (path, the NotAnImage that it raised).
    """

    def attempt(file: tuple[str, bytes]) -> tuple[str, Result | NotAnImage]:
        path, content = file
        try:
            return path, function(content)
        except NotAnImage as error:
            return path, error

    files = iter(files)
    with ThreadPoolExecutor() as pool:
        while some := list(islice(files, chunk)):
            yield from pool.map(attempt, some)
