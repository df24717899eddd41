"""Zip files: a Word document, or a folder of DICOM images as hospitals hand them out."""

from __future__ import annotations

import codecs
import zipfile
import zlib
from typing import BinaryIO

from immuno_site.consultations.files.inspection import dicom, word
from immuno_site.consultations.files.inspection.findings import Findings, Refused
from immuno_site.consultations.files.inspection.zip_names import readable
from immuno_site.consultations.files.inspection.zip_structure import is_locked, open_zip

# What a scanner for viruses still looks through; above it a clean answer would be a guess.
MAX_SCANNED = 100 * 1024 * 1024
SHOWN_ENTRIES = 200
STEP = 256 * 1024
HEAD = 512

ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"Rar!\x1a",
    b"7z\xbc\xaf\x27\x1c",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ\0",
    b"MSCF",
    b"\x28\xb5\x2f\xfd",
)
TAR = slice(257, 262)
# What only documents of other programs hold: Excel, PowerPoint, LibreOffice, Pages and Numbers.
OFFICE = ("xl/", "ppt/", "META-INF/manifest.xml", "content.xml", "Index/Document.iwa", "Index.zip")

# Words in a document may be written so. Loaded here, for later nothing can be.
for _encoding in ("utf-16", "utf-32", "latin-1", "cp1250", "cp1252", "koi8-r"):
    codecs.lookup(_encoding)


def inspect(file: BinaryIO) -> Findings:
    archive = open_zip(file)
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    if any(map(is_locked, entries)):
        return Findings("zip", notes=["encrypted"])
    if word.is_word(archive):
        return word.inspect(archive)
    return _inspect_images(archive, entries)


def _inspect_images(archive: zipfile.ZipFile, entries: list[zipfile.ZipInfo]) -> Findings:
    findings, names = Findings("zip"), readable(entries)
    for entry in entries:
        head = read_through(archive, entry)
        is_image, is_index = dicom.is_image(head), dicom.is_index(head)
        findings.images += is_image
        findings.others += not is_image and not is_index
        if head.startswith(ARCHIVES) or head[TAR] == b"ustar":
            findings.note("packed_inside")
        if len(findings.entries) < SHOWN_ENTRIES:
            findings.entries.append(
                {"name": names[entry.filename], "size": entry.file_size, "image": is_image}
            )
    if not findings.images:
        raise Refused(_without_images(archive, findings))
    if findings.others:
        findings.note("other_files_inside")
    if sum(entry.file_size for entry in entries) > MAX_SCANNED:
        findings.note("too_large_inside")
    return findings


def _without_images(archive: zipfile.ZipFile, findings: Findings) -> str:
    """Why it cannot be taken: what it is instead."""
    names = archive.namelist()
    if any(name.startswith(OFFICE) for name in names):
        return "office_other"
    if findings.entries and not findings.others:
        return "dicom_index"
    return "zip_nested" if "packed_inside" in findings.notes else "zip_without_images"


def read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Its beginning. Reads to the end, never past the size it claims: what lies about that is refused."""
    length, head = 0, b""
    try:
        with archive.open(entry) as content:
            while piece := content.read(STEP):
                head = head or piece[:HEAD]
                length += len(piece)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise Refused("damaged") from error
    if length != entry.file_size:
        raise Refused("damaged")
    return head
