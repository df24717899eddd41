"""Photographs of phones (.heic): only the frame of the format is read."""

from __future__ import annotations

import os
import struct
import zipfile
from typing import BinaryIO

from immuno_site.consultations.files.inspection.findings import Findings, Refused

BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}
MAX_BOXES = 64


def inspect(file: BinaryIO) -> Findings:
    if zipfile.is_zipfile(file):
        raise Refused("two_files")
    if not {b"ftyp", b"meta"} <= _boxes(file):
        raise Refused("damaged")
    return Findings("heic")


def _boxes(file: BinaryIO) -> set[bytes]:
    """The kinds of the outermost boxes, which must fill the file from end to end."""
    size = os.fstat(file.fileno()).st_size
    kinds: set[bytes] = set()
    position = 0
    while position < size:
        file.seek(position)
        header = file.read(16)
        if len(header) < 8 or len(kinds) > MAX_BOXES:
            raise Refused("damaged")
        length = struct.unpack(">L", header[:4])[0]
        if length == 1 and len(header) == 16:
            length = struct.unpack(">Q", header[8:])[0]
        elif length == 0:
            length = size - position
        if length < 8 or position + length > size:
            raise Refused("damaged")
        kinds.add(header[4:8])
        position += length
    return kinds
