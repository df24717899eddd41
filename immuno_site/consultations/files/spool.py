"""Where an upload waits while it is checked: in memory that has no name, never in the clear on a disk.

Django would put uploads above 2.5 MB into a temporary folder. Here they go into a memory file of the kernel,
which other processes can be handed without a copy, and which is gone when it is closed.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable
from typing import BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest

from content.text.hints import HandedOn

MB = 1024 * 1024
MAX_FILE = 20 * MB
MAX_POST = 100 * MB  # all files of one sending together; nginx cuts off a little above


def new_spool() -> BinaryIO:
    """Unbuffered: whoever is handed it moves our place in it, too."""
    if hasattr(os, "memfd_create"):
        return os.fdopen(os.memfd_create("upload", os.MFD_CLOEXEC), "w+b", buffering=0)
    return tempfile.TemporaryFile(
        buffering=0
    )  # a developer's machine without Linux: unnamed, gone when closed


def spooled(pieces: Iterable[bytes]) -> BinaryIO:
    """Whole, at its start. If they break off, nothing of them stays."""
    spool = new_spool()
    try:
        for piece in pieces:
            spool.write(piece)
    except BaseException:
        spool.close()
        raise
    spool.seek(0)
    return spool


class SpooledUpload(UploadedFile):
    """A received file. Where it was too much to keep, `size` is what was sent and reading it is an error."""

    is_whole = True
    file: BinaryIO

    def __repr__(self) -> str:
        return f"<SpooledUpload: {self.size} bytes>"  # reprs end up in logs, and its name is personal

    def close(self) -> None:
        self.file.close()


class SpoolUploads(FileUploadHandler):
    """Receives every upload of the site. Reads on past a limit, so that the rest of the form is not lost."""

    chunk_size = 256 * 1024

    def __init__(self, request: HttpRequest | None = None) -> None:
        super().__init__(request)
        self._room = MAX_POST

    def new_file(self, *args: HandedOn, **kwargs: HandedOn) -> None:
        super().new_file(*args, **kwargs)
        self._upload = SpooledUpload(new_spool(), self.file_name, self.content_type, 0, self.charset)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        end = start + len(raw_data)
        if end > MAX_FILE or len(raw_data) > self._room:
            self._give_up(start)
        if self._upload.is_whole:
            self._upload.file.write(raw_data)
            self._room -= len(raw_data)

    def file_complete(self, file_size: int) -> SpooledUpload:
        self._upload.size = file_size
        if self._upload.is_whole:
            self._upload.file.seek(0)
        return self._upload

    def upload_interrupted(self) -> None:
        if upload := getattr(self, "_upload", None):
            upload.close()

    def _give_up(self, kept: int) -> None:
        """It will be refused: what was kept of it makes room for the others."""
        if self._upload.is_whole:
            self._upload.is_whole = False
            self._upload.close()
            self._room += kept
