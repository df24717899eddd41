"""Photographs of phones (.heic), which no browser but Safari shows."""

from __future__ import annotations

from typing import BinaryIO

import pillow_heif

from immuno_site.consultations.files.inspection.drawing import Pages
from immuno_site.consultations.files.inspection.drawn_photograph import photograph

# Unpacked whole, several times over: the largest photographs of phones, and what the memory of this process holds.
MAX_PIXELS = 50_000_000

pillow_heif.options.DECODE_THREADS = 0  # but for the one that its decoder always starts
pillow_heif.register_heif_opener(thumbnails=False)


def paint(file: BinaryIO, first: int) -> Pages:
    return 1, photograph(file, formats=["HEIF"], most=MAX_PIXELS)
