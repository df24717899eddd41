"""Small files of every kind we take, and hostile ones. All made here: no patient ever saw them."""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from collections.abc import Mapping

import pikepdf
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

# The harmless test virus, written so that a scanner on a developer's machine leaves this file alone.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
PROGRAM = b"MZ\x90\0" + bytes(56) + b"\x80\0\0\0" + bytes(64) + b"PE\0\0" + bytes(4000)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(1500)  # .doc, .xls, .msg of old

WORD_NS = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
RELATIONS_NS = "http://schemas.openxmlformats.org/package/2006/relationships"
RELATION = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES_NS = "http://schemas.openxmlformats.org/package/2006/content-types"


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


# --- PDF --------------------------------------------------------------------------------------------------


def pdf(*, password: str = "", root: Mapping[str, object] | None = None, title: str = "") -> bytes:
    document = pikepdf.new()
    document.add_blank_page()
    for key, value in (root or {}).items():
        document.Root[key] = value
    if title:
        document.docinfo["/Title"] = title
    data = io.BytesIO()
    if password:
        document.save(data, encryption=pikepdf.Encryption(owner=password, user=password))
    else:
        document.save(data, deterministic_id=True)  # the same bytes each time
    return data.getvalue()


def padded_pdf(size: int, *, title: str, hidden: bytes = b"") -> bytes:
    """As large as a scanned report, and never the same twice."""
    document = pikepdf.new()
    document.add_blank_page()
    document.Root["/Padding"] = document.make_stream(os.urandom(size) + hidden)
    document.docinfo["/Title"] = title
    data = io.BytesIO()
    document.save(data, compress_streams=False)
    return data.getvalue()


def action(kind: str, **more: object) -> pikepdf.Dictionary:
    return pikepdf.Dictionary({"/S": pikepdf.Name(kind), **{f"/{key}": value for key, value in more.items()}})


# --- Images -----------------------------------------------------------------------------------------------


def image(kind: str = "JPEG", size: tuple[int, int] = (40, 30)) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", size, "steelblue").save(data, kind)
    return data.getvalue()


def png_of(width: int, height: int) -> bytes:
    """A PNG that says it is this large, without anybody having to draw it."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    header = struct.pack(">LLBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes((width // 8 + 1) * height), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">L", len(content) + 8) + kind + content


def heic(brand: bytes = b"heic") -> bytes:
    return (
        box(b"ftyp", brand + bytes(4) + b"mif1" + brand) + box(b"meta", bytes(20)) + box(b"mdat", bytes(90))
    )


# --- DICOM ------------------------------------------------------------------------------------------------


def element(number: int, kind: bytes, value: bytes) -> bytes:
    value += b"\0" * (len(value) % 2)
    if kind == b"OB":
        return struct.pack("<HH2sHL", 2, number, kind, 0, len(value)) + value
    return struct.pack("<HH2sH", 2, number, kind, len(value)) + value


def dicom(*, preamble: bytes = bytes(128), sop_class: bytes = b"1.2.840.10008.5.1.4.1.1.2") -> bytes:
    meta = element(0x01, b"OB", b"\0\1") + element(0x02, b"UI", sop_class)
    meta += element(0x03, b"UI", b"1.2.3.4.5") + element(0x10, b"UI", b"1.2.840.10008.1.2.1")
    name = struct.pack("<HH2sH", 0x10, 0x10, b"PN", 4) + b"DOE "
    return preamble + b"DICM" + element(0, b"UL", struct.pack("<L", len(meta))) + meta + name


# --- Zip and Word -----------------------------------------------------------------------------------------


def packed(entries: Mapping[str, bytes | str], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return data.getvalue()


def encrypted_zip() -> bytes:
    """The mark of encryption set on both headers of the one entry; nobody needs to be able to open it."""
    data = bytearray(packed({"IM1": dicom()}))
    data[6] |= 1
    data[data.rfind(b"PK\x01\x02") + 8] |= 1
    return bytes(data)


def overlapping_zip() -> bytes:
    """Twenty entries of the directory that all mean the same bytes."""
    one = packed({"a": bytes(range(256)) * 40}, method=zipfile.ZIP_STORED)
    start = one.rfind(b"PK\x01\x02")
    end = one.rfind(b"PK\x05\x06")
    entries = [bytearray(one[start:end]) for _ in range(20)]
    for number, entry in enumerate(entries):
        entry[46:47] = bytes([97 + number])
    directory = b"".join(bytes(entry) for entry in entries)
    tail = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 20, 20, len(directory), start, 0)
    return one[:start] + directory + tail


def relationship(kind: str, target: str, *, outside: bool = True) -> str:
    mode = ' TargetMode="External"' if outside else ""
    return f'<Relationship Id="r9" Type="{RELATION}/{kind}" Target="{target}"{mode}/>'


def docx(
    *,
    body: str = "",
    relations: str = "",
    content_type: str = "",
    more: Mapping[str, bytes | str] | None = None,
    document: str = "",
) -> bytes:
    main = content_type or "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    return packed(
        {
            "[Content_Types].xml": f'<Types xmlns="{TYPES_NS}"><Override PartName="/word/document.xml"'
            f' ContentType="{main}"/></Types>',
            "word/document.xml": document
            or f'<w:document xmlns:w="{WORD_NS}"><w:body><w:p/>{body}</w:body></w:document>',
            "word/_rels/document.xml.rels": f'<Relationships xmlns="{RELATIONS_NS}">{relations}</Relationships>',
            **(more or {}),
        }
    )


GOOD = {
    "report.pdf": pdf,
    "photo.jpg": image,
    "scan.png": lambda: image("PNG"),
    "phone.heic": heic,
    "letter.docx": docx,
    "IM00001.dcm": dicom,
    "disc.zip": lambda: packed({"DICOM/IM1": dicom(), "DICOM/IM2": dicom()}),
}
