"""Photographs and scans: what the name of the format promises, and not larger than a screen can hold."""

from __future__ import annotations

import io
import zipfile
from typing import BinaryIO

from PIL import Image, MpoImagePlugin  # noqa: F401 - loaded now, for once it begins nothing can be

from immuno_site.consultations.files.inspection.findings import Findings, Refused
from immuno_site.consultations.files.inspection.limits import MAX_PIXELS

KINDS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png"}  # MPO: two pictures in one JPEG, as some phones make them

START_OF_SCAN, END = 0xDA, b"\xff\xd9"
GRAY = 128

Image.preinit()  # the other formats likewise


def inspect(file: BinaryIO) -> Findings:
    """Reads the headers and checksums; the picture itself is unpacked only where its end is missing."""
    if zipfile.is_zipfile(file):
        raise Refused("two_files")
    Image.MAX_IMAGE_PIXELS = None  # counted below, as an answer instead of an exception
    file.seek(0)
    try:
        with Image.open(file, formats=["JPEG", "PNG"]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Refused("too_many_pixels")
            kind = KINDS[image.format or ""]
            image.verify()
        return Findings(kind, notes=[] if kind == "png" or _has_end(file) else _of_cut(file))
    except PermissionError:  # of the kernel: says nothing about the file
        raise
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, OverflowError) as error:
        raise Refused("damaged") from error


def _has_end(file: BinaryIO) -> bool:
    """Is there an end mark behind the place where the picture begins? In a picture's own data it cannot stand."""
    file.seek(0)
    content = file.read()
    position = 2
    while content[position : position + 1] == b"\xff" and content[position + 1] != START_OF_SCAN:
        position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return END in content[position:]


def _of_cut(file: BinaryIO) -> list[str]:
    """What to note. Cameras forget end marks, so it is drawn, an eighth as large: what is missing stays plain gray."""
    file.seek(0)
    with Image.open(io.BytesIO(file.read() + END), formats=["JPEG"]) as image:
        image.draft("L", (max(image.width // 8, 1), max(image.height // 8, 1)))
        last_row = image.convert("L").crop((0, image.height - 1, image.width, image.height))
    if last_row.getextrema() == (GRAY, GRAY):
        raise Refused("cut")
    return ["cut_short"]
