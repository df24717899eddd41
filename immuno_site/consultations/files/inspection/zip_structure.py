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
END_64 = struct.Struct("<4sQ2H2L4Q")  # the same for giants, and behind it where it stands
END_64_MAGIC, PLACE_MAGIC = b"PK\x06\x06", b"PK\x06\x07"
ENDS_64 = END_64.size + 20
LOCAL_HEADER = 30
# Control characters, and those that write letters in another order than they stand. Marks and joiners are part of
# names in Hebrew, Arabic and Persian.
TURNING = re.compile("[\0-\x1f\x7f-\x9f\u202d\u202e]")


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
    """The directory must end the file, but for zeros, and be small: Python would read whatever size it claims."""
    file.seek(max(0, size - END.size - 0xFFFF - ENDS_64))
    tail = file.read()
    start = tail.rfind(END_MAGIC)
    if start < 0 or len(tail) - start < END.size:
        raise Refused("damaged")
    _, disk, first_disk, here, entries, length, offset, comment = END.unpack_from(tail, start)
    if tail[start + END.size + comment :].strip(b"\0") or len(tail) - start < END.size + comment:
        raise Refused("damaged")
    end = size - len(tail) + start
    if giant := _end_64(tail, start):
        disk, first_disk, here, entries, length, offset = giant
        end -= ENDS_64
    if entries > MAX_ENTRIES or length > MAX_DIRECTORY:
        raise Refused("zip_entries")
    if (disk, first_disk, here) != (0, 0, entries):
        raise Refused("damaged")
    if offset + length != end:
        raise Refused("two_files")  # something stands before, between or behind


def _end_64(tail: bytes, start: int) -> tuple[int, ...] | None:
    """What the second end says that some programs write in front of the first, also for small archives."""
    before = tail[max(0, start - ENDS_64) : start]
    if (
        len(before) == ENDS_64
        and before.startswith(END_64_MAGIC)
        and before[END_64.size :].startswith(PLACE_MAGIC)
    ):
        return END_64.unpack_from(before)[4:]
    return None


def _check_entries(archive: zipfile.ZipFile, size: int) -> None:
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise Refused("zip_entries")
    unpacked = sum(entry.file_size for entry in entries)
    if unpacked > MAX_UNPACKED or unpacked > MAX_RATIO * max(size, 1):
        raise Refused("zip_bomb")
    for entry in entries:
        _check_name(entry)
        if not is_locked(entry) and entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
            raise Refused("zip_method")
    if len({entry.filename for entry in entries}) != len(entries):
        raise Refused("damaged")  # two readers could see two different files
    _check_overlap(entries, directory=archive.start_dir)


def is_locked(entry: zipfile.ZipInfo) -> bool:
    """By a password. The newer kind of password also hides how it is packed."""
    return bool(entry.flag_bits & 0x1)


def _check_name(entry: zipfile.ZipInfo) -> None:
    name = entry.orig_filename.replace("\\", "/").removesuffix("\r")  # the Mac's "Icon\r" of a folder
    is_odd = (
        not name
        or len(name.encode("utf-8", "replace")) > MAX_NAME
        or TURNING.search(name)
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
