"""May this zip be read at all? Judged from its directory, before anything in it is unpacked."""

from __future__ import annotations

import os
import re
import stat
import struct
import zipfile
from typing import BinaryIO

from immuno_site.consultations.files.inspection.findings import Refused
from immuno_site.consultations.files.inspection.limits import MAX_ENTRIES

MAX_DIRECTORY = 4 * 1024 * 1024
MAX_UNPACKED = 1024 * 1024 * 1024
MAX_RATIO = 100
MAX_NAME = 255

END = struct.Struct("<4s4H2LH")  # end of central directory
END_MAGIC = b"PK\x05\x06"
LOCAL_HEADER = 30


def open_zip(file: BinaryIO) -> zipfile.ZipFile:
    """The archive, if it is one, only one, and keeps to the limits."""
    size = os.fstat(file.fileno()).st_size
    _check_end(file, size)
    try:
        archive = zipfile.ZipFile(file)
    except UnicodeDecodeError as error:
        raise Refused("zip_names") from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
        raise Refused("damaged") from error
    _check_entries(archive, size)
    return archive


def _check_end(file: BinaryIO, size: int) -> None:
    """The directory must end the file and be small: Python would read whatever size it claims to have."""
    file.seek(max(0, size - END.size - 0xFFFF))
    tail = file.read()
    start = tail.rfind(END_MAGIC)
    if start < 0 or len(tail) - start < END.size:
        raise Refused("damaged")
    _, disk, first_disk, here, entries, length, offset, comment = END.unpack_from(tail, start)
    if 0xFFFF in (here, entries) or 0xFFFFFFFF in (length, offset):
        raise Refused("zip_entries")  # the format for archives far above our limits
    if entries > MAX_ENTRIES or length > MAX_DIRECTORY:
        raise Refused("zip_entries")
    end = size - len(tail) + start
    if (disk, first_disk, here) != (0, 0, entries) or len(tail) - start != END.size + comment:
        raise Refused("damaged")
    if offset + length != end:
        raise Refused("two_files")  # something stands before, between or behind


def _check_entries(archive: zipfile.ZipFile, size: int) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise Refused("zip_entries")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(size, 1):
        raise Refused("zip_bomb")
    for entry in entries:
        _check_name(entry)
        if entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise Refused("zip_method")
    if len({entry.filename for entry in entries}) != len(entries):
        raise Refused("damaged")  # two readers could see two different files
    _check_overlap(entries, directory=archive.start_dir)


def _check_name(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename.replace("\\", "/")
    is_odd = (
        not name
        or len(name.encode("utf-8", "replace")) > MAX_NAME
        or not name.isprintable()
        or name.startswith("/")
        or re.match(r"[A-Za-z]:", name)
        or ".." in name.split("/")
        or stat.S_ISLNK(entry.external_attr >> 16)
    )
    if is_odd:
        raise Refused("zip_names")


def _check_overlap(entries: list[zipfile.ZipInfo], *, directory: int) -> None:
    """Many entries over the same bytes: small to send, endless to unpack."""
    end = 0
    for entry in sorted(entries, key=lambda entry: entry.header_offset):
        if entry.header_offset < end:
            raise Refused("zip_bomb")
        end = entry.header_offset + LOCAL_HEADER + len(entry.orig_filename) + entry.compress_size
    if end > directory:
        raise Refused("zip_bomb")
