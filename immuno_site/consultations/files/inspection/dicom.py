"""Single DICOM images: no other file in front of it, and its first part says what the image is."""

from __future__ import annotations

import os
import re
import struct
import zipfile
from collections.abc import Iterator
from typing import BinaryIO

from immuno_site.consultations.files.inspection.findings import Findings, Refused

PREAMBLE = 128
MAGIC = b"DICM"
HEADER = PREAMBLE + len(MAGIC)
# Scanners leave a byte or two in the free space in front; another file, such as a program, begins at its start.
# Some microscopes make files that are TIFF and DICOM at once.
BEGINNING = 8
TIFF = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")

META_GROUP = 0x0002
CLASS, TRANSFER = 0x0002, 0x0010  # elements of that group
LONG = {b"OB", b"OD", b"OF", b"OL", b"OV", b"OW", b"SQ", b"SV", b"UC", b"UN", b"UR", b"UT", b"UV"}
MAX_META = 64 * 1024
UID = b"0123456789."
DOCUMENTS = b"1.2.840.10008.5.1.4.1.1.104."  # a PDF, a CDA document or a 3D model inside
INDEX = b"1.2.840.10008.1.3.10"  # which images lie on a disc: a DICOMDIR

IMPLICIT, DEFLATED, BIG_ENDIAN = (
    b"1.2.840.10008.1.2",
    b"1.2.840.10008.1.2.1.99",
    b"1.2.840.10008.1.2.2",
)
# An image without its beginning: the first elements of group 8, one after the other, up to its class.
RAW_BEGINS = re.compile(rb"\x08\0[\0-\x16]\0(?:[A-Z]{2}|[\0-\xff]\0\0\0)")
CLASS_OF_RAW = re.compile(rb"\x08\0\x16\0(?:UI[\x0a-\x40]\0|[\x0a-\x40]\0\0\0)1\.2\.840\.10008\.")
UNDEFINED = 0xFFFFFFFF
SEQUENCE_ENDS = 0xE0DD  # of group FFFE, like the items in front of it
MAX_ELEMENTS = 100_000


def is_dicom(head: bytes) -> bool:
    return head[PREAMBLE:HEADER] == MAGIC or is_raw(head)


def is_raw(head: bytes) -> bool:
    """Older scanners and some archives write images without the part in front."""
    return bool(RAW_BEGINS.match(head) and CLASS_OF_RAW.search(head[:512]))


def is_image(head: bytes) -> bool:
    """Neither the index of a disc, nor something else that has the mark of an image."""
    return is_raw(head) or (head[PREAMBLE:HEADER] == MAGIC and not is_other(head) and not is_index(head))


def is_index(head: bytes) -> bool:
    elements, _length = _meta(head[HEADER:])
    return elements.get(CLASS, b"").rstrip(b"\0 ") == INDEX


def is_other(head: bytes) -> bool:
    """Another file begins in the free space; a PDF may do so anywhere in it."""
    free = head[:PREAMBLE]
    return (any(free[:BEGINNING]) and not free.startswith(TIFF)) or b"%PDF-" in free


def inspect(file: BinaryIO) -> Findings:
    if zipfile.is_zipfile(file):
        raise Refused("two_files")
    file.seek(0)
    head = file.read(512)
    if is_raw(head):
        return Findings("dcm", images=1, notes=["raw_image"])
    if head[PREAMBLE:HEADER] != MAGIC:
        raise Refused("damaged")
    if is_other(head):
        raise Refused("dicom_preamble")
    return _inspect_whole(file)


def _inspect_whole(file: BinaryIO) -> Findings:
    file.seek(HEADER)
    elements, length = _meta(file.read(MAX_META))
    uids = {number: elements[number].rstrip(b"\0 ") for number in (CLASS, TRANSFER) if number in elements}
    if TRANSFER not in uids or any(not uid or uid.strip(UID) for uid in uids.values()):
        raise Refused("damaged")
    if uids.get(CLASS) == INDEX:
        raise Refused("dicom_index")
    if os.fstat(file.fileno()).st_size <= HEADER + length:
        raise Refused("damaged")  # nothing follows the introduction
    findings = Findings("dcm", images=1)
    if uids.get(CLASS, b"").startswith(DOCUMENTS):
        findings.note("document_inside")
    if _is_cut(file, HEADER + length, uids[TRANSFER]):
        findings.note("cut_short")
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


# --- Is its end there? --------------------------------------------------------------------------------------


def _is_cut(file: BinaryIO, start: int, transfer: bytes) -> bool:
    """Does an element claim more than there is? Of what is written in another way nothing is said."""
    size = os.fstat(file.fileno()).st_size
    if transfer == DEFLATED:
        return False
    order = ">" if transfer == BIG_ENDIAN else "<"
    return any(end > size for end in _ends(file, start, order, is_explicit=transfer != IMPLICIT))


def _ends(file: BinaryIO, position: int, order: str, *, is_explicit: bool) -> Iterator[int]:
    """Where each element ends. Sequences are walked through like everything else; pieces of a picture are not."""
    is_in_picture = False
    for _ in range(MAX_ELEMENTS):
        file.seek(position)
        head = file.read(12)
        if len(head) < 8:
            yield position + (8 if head.strip(b"\0") else 0)  # it may break off in an element's first bytes
            return
        group, number = struct.unpack_from(f"{order}HH", head)
        if group == 0xFFFE:
            length = struct.unpack_from(f"{order}L", head, 4)[0]
            is_in_picture = is_in_picture and number != SEQUENCE_ENDS
            position += 8 + (length if is_in_picture else 0)
        else:
            length, begin = _length(head, order, is_explicit=is_explicit)
            if begin == 0:
                return
            position += begin
            is_walked = length == UNDEFINED or head[4:6] == b"SQ"
            is_in_picture = length == UNDEFINED and (group, number) == (0x7FE0, 0x0010)
            position += 0 if is_walked else length
        yield position


def _length(head: bytes, order: str, *, is_explicit: bool) -> tuple[int, int]:
    """How long the value is, and where it begins; 0 if this is no element."""
    if not is_explicit:
        return struct.unpack_from(f"{order}L", head, 4)[0], 8
    if not head[4:6].isalpha():
        return 0, 0
    if head[4:6] not in LONG:
        return struct.unpack_from(f"{order}H", head, 6)[0], 8
    return (struct.unpack_from(f"{order}L", head, 8)[0], 12) if len(head) == 12 else (1, 12)
