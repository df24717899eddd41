"""Photographs and scans: what the name of the format promises, and not larger than a screen can hold."""

from __future__ import annotations

import zipfile
from typing import BinaryIO

from PIL import Image, MpoImagePlugin  # noqa: F401 - loaded now, for once it begins nothing can be

from immuno_site.consultations.files.inspection.findings import Findings, Refused
from immuno_site.consultations.files.inspection.limits import MAX_PIXELS

KINDS = {"JPEG": "jpg", "MPO": "jpg", "PNG": "png"}  # MPO: two pictures in one JPEG, as some phones make them

Image.preinit()  # the other formats likewise


def inspect(file: BinaryIO) -> Findings:
    """Reads the headers and checksums; the picture itself is never unpacked on the server."""
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
    except PermissionError:  # of the kernel: says nothing about the file
        raise
    except (OSError, SyntaxError, ValueError, KeyError, IndexError, OverflowError) as error:
        raise Refused("damaged") from error
    return Findings(kind)
