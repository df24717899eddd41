"""Photographs and scanned pages, as large as a screen."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

# All that a picture may ask for: once it begins nothing can be loaded.
from PIL import Image, ImageOps, MpoImagePlugin, TiffImagePlugin  # noqa: F401

from immuno_site.consultations.files.inspection.drawing import HEIGHT, WIDTH, Pages
from immuno_site.consultations.files.inspection.findings import Refused
from immuno_site.consultations.files.inspection.limits import MAX_PIXELS


def paint(file: BinaryIO, first: int) -> Pages:
    return 1, photograph(file, formats=["JPEG", "PNG"], most=MAX_PIXELS)


def photograph(file: BinaryIO, *, formats: list[str], most: int) -> Iterator[Image.Image]:
    """The one picture, upright. `most`: how many pixels are still unpacked."""
    Image.MAX_IMAGE_PIXELS = None  # counted below, as an answer instead of an exception
    file.seek(0)
    with Image.open(file, formats=formats) as opened:
        if opened.width * opened.height > most:
            raise Refused("too_many_pixels")
        opened.draft("RGB", (2 * WIDTH, 2 * WIDTH))  # a JPEG is unpacked no larger than needed
        image = _in_plain_colors(opened)
        image.thumbnail((WIDTH, HEIGHT), reducing_gap=2)
        yield ImageOps.exif_transpose(image)


def _in_plain_colors(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # sixteen bits of gray, as scanners write them
        return image.convert("I").point(lambda value: value / 256).convert("L")
    return image.convert("RGBA") if image.mode == "P" else image
