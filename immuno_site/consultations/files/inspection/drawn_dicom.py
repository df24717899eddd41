"""Images of scanners, one after the other: to see what they show and whether it is the right one, not to read them."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np
import numpy.ma  # loaded now, for once it begins nothing can be
import pydicom
from PIL import Image
from pydicom import uid
from pydicom.pixels import apply_color_lut, apply_modality_lut, apply_voi, pixel_array

from immuno_site.consultations.files.inspection.drawing import HEIGHT, WIDTH, Pages
from immuno_site.consultations.files.inspection.findings import Refused
from immuno_site.consultations.files.inspection.limits import PAGES_AT_ONCE

MAX_FRAME = 64 * 1024 * 1024  # bytes of one image, unpacked; a mammogram has 27 million
PIXELS = ("PixelData", "FloatPixelData", "DoubleFloatPixelData")
DARKEST, BRIGHTEST = 1, 99  # percent of the pixels, where an image does not say which of its values to show
Values = np.ndarray

for _encoding in ("iso8859", "utf-8", "latin-1"):
    codecs.lookup(_encoding)


def paint(file: BinaryIO, first: int) -> Pages:
    file.seek(0)
    try:
        image = pydicom.dcmread(file, force=True)  # also what has no part in front
        if not any(name in image for name in PIXELS):
            raise Refused("no_picture")  # a report, a plan, a curve
        _name_its_packing(image)
        number = int(image.get("NumberOfFrames") or 1)
        size = (
            int(image.Rows) * int(image.Columns) * int(image.SamplesPerPixel) * int(image.BitsAllocated) // 8
        )
    except (
        AttributeError,
        KeyError,
        TypeError,
        NotImplementedError,
        pydicom.errors.InvalidDicomError,
    ) as error:
        raise Refused("damaged") from error
    if size > MAX_FRAME:
        raise Refused("too_many_pixels")
    return number, _frames(image, first, min(number, first + PAGES_AT_ONCE - 1))


def _name_its_packing(image: pydicom.Dataset) -> None:
    """What has no part in front does not say it; how it was read does."""
    if "TransferSyntaxUID" not in image.file_meta:
        is_implicit, is_little = image.original_encoding
        explicit = uid.ExplicitVRLittleEndian if is_little else uid.ExplicitVRBigEndian
        image.file_meta.TransferSyntaxUID = uid.ImplicitVRLittleEndian if is_implicit else explicit


def _frames(image: pydicom.Dataset, first: int, last: int) -> Iterator[Image.Image]:
    for number in range(first, last + 1):
        try:
            yield _frame(image, number - 1)
        except (AttributeError, KeyError, TypeError, IndexError, NotImplementedError) as error:
            raise Refused("damaged") from error


def _frame(image: pydicom.Dataset, index: int) -> Image.Image:
    values = _smaller(pixel_array(image, index=index))
    if image.PhotometricInterpretation == "PALETTE COLOR":
        values = apply_color_lut(values, image)
    shades = _in_bytes(values) if values.ndim == 3 else _gray(image, values)
    drawn = Image.fromarray(shades)
    drawn.thumbnail((WIDTH, HEIGHT), reducing_gap=2)
    return drawn


def _smaller(values: Values) -> Values:
    """Every second or third row and column of a large one, so that few copies of it fit in the memory there is."""
    step = max(1, int(max(values.shape[0] / HEIGHT, values.shape[1] / WIDTH) / 1.5))
    return values[::step, ::step]


def _in_bytes(colors: Values) -> Values:
    return colors if colors.dtype == np.uint8 else (colors >> 8).astype(np.uint8)


def _gray(image: pydicom.Dataset, values: Values) -> Values:
    values = apply_modality_lut(values, image)
    if "VOILUTSequence" in image and np.issubdtype(values.dtype, np.integer):
        values = apply_voi(values, image)
        low, high = float(values.min()), float(values.max())
    else:
        low, high = _window(image, values)
    shades = np.clip((values - low) / max(high - low, 1e-6), 0, 1) * 255
    if image.PhotometricInterpretation == "MONOCHROME1":
        shades = 255 - shades
    return shades.astype(np.uint8)


def _window(image: pydicom.Dataset, values: Values) -> tuple[float, float]:
    """The values that are drawn black and white."""
    center, width = (_first(image.get(name)) for name in ("WindowCenter", "WindowWidth"))
    if center is not None and width is not None and width > 0:
        return center - width / 2, center + width / 2
    low, high = np.percentile(values, (DARKEST, BRIGHTEST))
    return float(low), float(high)


def _first(value: object) -> float | None:
    """Of several windows the one to begin with."""
    if isinstance(value, pydicom.multival.MultiValue):
        value = value[0] if value else None
    return None if value is None or value == "" else float(str(value))
