"""What a file looks like, for staff: pictures that the closed process draws, never the file itself."""

from __future__ import annotations

import base64
import binascii
import json
import subprocess
from dataclasses import dataclass
from typing import BinaryIO

from immuno_site.consultations.files.checks import Kind, run_closed, turn

SHOWN = frozenset({Kind.PDF, Kind.JPG, Kind.PNG, Kind.HEIC, Kind.DCM})
DRAWING_SECONDS = 6
JPEG = b"\xff\xd8\xff"


class NotShown(Exception):
    """There is no picture of it."""


class Busy(NotShown):
    """The machine does other things at this moment: in a while there may be one."""


@dataclass(frozen=True)
class Preview:
    """Some of its pages, as the addresses of pictures that hold themselves."""

    pages: int
    pictures: list[str]


def preview(content: BinaryIO, kind: Kind, *, first: int) -> Preview:
    """From page `first` on. Raises NotShown."""
    if kind not in SHOWN:
        raise NotShown
    try:
        with turn("drawing"):
            words = [kind.value, str(DRAWING_SECONDS), str(first)]
            return _answer(run_closed(words, content, DRAWING_SECONDS))
    except (TimeoutError, subprocess.TimeoutExpired) as error:
        # Also a machine that does too much: a file that asks for too much is ended by its own limit before.
        raise Busy from error
    except (OSError, ValueError, subprocess.SubprocessError) as error:
        raise NotShown from error


def _answer(printed: bytes) -> Preview:
    """What was printed, if it is an answer: a file that took the process over may print anything."""
    match json.loads(printed):
        case {"pages": int(pages), "images": list(images)} if images and pages > 0:
            return Preview(pages, [_picture(image) for image in images])
    raise NotShown


def _picture(image: object) -> str:
    """Nothing but a picture comes into a page of ours."""
    try:
        content = base64.b64decode(str(image), validate=True)
    except binascii.Error as error:
        raise NotShown from error
    if not content.startswith(JPEG):
        raise NotShown
    return f"data:image/jpeg;base64,{base64.b64encode(content).decode('ascii')}"
