"""Single DICOM images: the free space in front is empty, and the first part says what the image is."""

from __future__ import annotations

import os
import struct
import zipfile
from typing import BinaryIO

from immuno_site.consultations.files.inspection.findings import Findings, Refused

PREAMBLE = 128
MAGIC = b"DICM"
HEADER = PREAMBLE + len(MAGIC)
# Some microscopes make files that are TIFF and DICOM at once. Anything else there, such as the start of a
# Windows program, has no place in an image.
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

META_GROUP = 0x0002
CLASS, TRANSFER = 0x0002, 0x0010  # elements of that group
LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT"}
MAX_META = 64 * 1024
UID = b"0123456789."
DOCUMENTS = b"1.2.840.10008.5.1.4.1.1.104."  # a PDF, a CDA document or a 3D model inside


def is_dicom(head: bytes) -> bool:
    return head[PREAMBLE:HEADER] == MAGIC


def inspect(file: BinaryIO) -> Findings:
    if zipfile.is_zipfile(file):
        raise Refused("two_files")
    file.seek(0)
    head = file.read(HEADER)
    if not is_dicom(head):
        raise Refused("damaged")
    if any(head[:PREAMBLE]) and not head.startswith(TIFF):
        raise Refused("dicom_preamble")
    elements, length = _meta(file.read(MAX_META))
    for number in (CLASS, TRANSFER):
        uid = elements.get(number, b"").rstrip(b"\0 ")
        if not uid or uid.strip(UID):
            raise Refused("damaged")
    if os.fstat(file.fileno()).st_size <= HEADER + length:
        raise Refused("damaged")  # nothing follows the introduction
    findings = Findings("dcm", images=1)
    if elements[CLASS].startswith(DOCUMENTS):
        findings.note("document_inside")
    return findings


def _meta(data: bytes) -> tuple[dict[int, bytes], int]:
    """The elements of the first group, by number, and how long they are together."""
    elements: dict[int, bytes] = {}
    position = 0
    try:
        while struct.unpack_from("<H", data, position)[0] == META_GROUP:
            _, number, kind, length = struct.unpack_from("<HH2sH", data, position)
            position += 8
            if kind in LONG:
                length = struct.unpack_from("<L", data, position)[0]
                position += 4
            if position + length > len(data):
                break
            elements[number] = data[position : position + length]
            position += length
    except struct.error:  # the file ends here
        pass
    return elements, position
