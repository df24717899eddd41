"""What editors upload. The house that serves the library looks into files: it names its module in EDITORS_FILES."""

from __future__ import annotations

from importlib import import_module
from typing import Protocol, cast

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile


class Refused(Exception):
    """A file cannot be taken; the message says why and what to do."""


class House(Protocol):
    """What looks into files."""

    def drawn(self, upload: UploadedFile) -> bytes:
        """A JPEG of what the picture shows, with nothing else of the file. Raises Refused."""
        ...

    def leaflet(self, upload: UploadedFile) -> bytes:
        """A PDF without anything that acts, scanned. Raises Refused."""
        ...


def house() -> House:
    return cast("House", import_module(settings.EDITORS_FILES))
