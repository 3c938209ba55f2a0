"""Classifies photographs with a LiteRT file of threeway, as a device would: no TensorFlow.

python classify.py int8.tflite photo.jpg...
"""

import json
import sys
import zipfile

import numpy as np
from ai_edge_litert.interpreter import Interpreter
from PIL import Image, ImageOps


def prepare(path: str, size: int, fit: str) -> np.ndarray:
    """Makes of a file what the network was trained on: (1, size, size, 3) uint8."""
    image, smooth = Image.open(path), Image.Resampling.BILINEAR
    # A JPEG several times as large is decoded at a half, a quarter or an eighth.
    image.draft("RGB", (size, size) if fit == "stretch" else (2 * size, 2 * size))
    image = ImageOps.exif_transpose(image)
    if image.has_transparency_data:
        white, image = Image.new("RGBA", image.size, "white"), image.convert("RGBA")
        image = Image.alpha_composite(white, image)
    image, shape = image.convert("RGB"), (size, size)
    if fit == "pad":
        image = ImageOps.pad(image, shape, smooth, color="white")
    image = ImageOps.fit(image, shape, smooth) if fit == "crop" else image.resize(shape, smooth)
    return np.asarray(image)[None]


model, *photos = sys.argv[1:]
card = json.loads(zipfile.ZipFile(model).read("card.json"))
interpreter = Interpreter(model_path=model, num_threads=2)
interpreter.allocate_tensors()
for photo in photos:
    pixels = prepare(photo, card["image"]["resolution"], card["image"]["fit"])
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], pixels)
    interpreter.invoke()
    [found] = interpreter.get_tensor(interpreter.get_output_details()[0]["index"])
    print(f"{photo}\t{card['classes'][found.argmax()]}\t{found.max():.4f}")
