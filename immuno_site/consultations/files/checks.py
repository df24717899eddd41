"""Which files we take, and what we found in them. Decided by content; the name has a say only against.

Our own look at the first bytes, not libmagic: the six formats have plain marks there, libmagic would be a
package of the operating system on every machine, and it passed each of our two-in-one files, a Windows
program in front of a DICOM image and a document with macros as what they claim to be. What a file really
holds is the inspection's business, and that runs in a process of its own.
"""

from __future__ import annotations

import fcntl
import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from immuno_site.consultations.files.inspection import heic
from immuno_site.consultations.files.inspection.dicom import is_dicom
from immuno_site.consultations.files.inspection.limits import MAX_ENTRIES, MAX_PIXELS
from immuno_site.consultations.files.names import extension_of, safe_name
from immuno_site.consultations.files.spool import MAX_FILE, MB, SpooledUpload, spooled

MAX_FILES = 10
HEAD = 256
# Of the processor, for one file and for all of one sending: other people's pages wait for the same workers.
# What takes longer is kept locked, and looked into again by the worker that scans, where nobody waits.
FILE_SECONDS = 3
SENDING_SECONDS = 8
LATER_SECONDS = 10
# So long a file waits until another one has been looked into: there is one at a time on a machine.
TURN_SECONDS = 2
STARTING_SECONDS = 2  # of the clock: the other process has to load its libraries first


class Kind(models.TextChoices):
    PDF = "pdf", _("PDF document")
    JPG = "jpg", _("JPEG photograph")
    PNG = "png", _("PNG image")
    HEIC = "heic", _("HEIC photograph")
    DOCX = "docx", _("Word document")
    DCM = "dcm", _("DICOM image")
    ZIP = "zip", _("Folder of DICOM images")


EXTENSIONS = {*Kind.values, "jpeg", "jpe", "jfif", "heif", "dicom", "ima"}
ACCEPT = ",".join(
    f".{extension}" for extension in sorted(EXTENSIONS)
)  # for the file dialog: a help, no check

# What coordinators read beside a file.
NOTES = {
    "active_content": _(
        "Contains active content (scripts, actions or embedded files). Open it in a viewer only."
    ),
    "encrypted": _("Protected by a password. It could not be looked into."),
    "not_inspected": _("It could not be looked into within the time and memory a file is given."),
    "too_large_inside": _("Unpacked it is too large to be scanned completely."),
    "other_files_inside": _("Contains other files beside the images. Never start a program from it."),
    "document_inside": _("A document is packed into the image."),
    "refused_later": _("It holds something we do not take, such as a macro. Ask for it as a PDF."),
}
# No scan can vouch for these: they stay locked until somebody unlocks them and says why.
UNSCANNABLE = {"encrypted", "not_inspected", "too_large_inside", "refused_later"}

_AS_PDF = _("Save it as a PDF, or take a photograph of it, and choose that.")
REFUSALS = {
    "empty": (422, _("is empty. Choose the file again."), ""),
    "too_large": (
        413,
        format_lazy(_("is too large. Choose a file of at most {mb} MB."), mb=MAX_FILE // MB),
        "",
    ),
    "too_much": (413, _("is more than can be sent at once. Send the other files first, then this one."), ""),
    "type": (
        415,
        _("is not a kind of file we can take. Choose a PDF, JPG, PNG, HEIC, Word (.docx) or DICOM file."),
        "",
    ),
    "damaged": (415, _("cannot be opened."), _AS_PDF),
    "pdf_end": (415, _("is not complete."), _AS_PDF),
    "two_files": (415, _("contains a second file."), _AS_PDF),
    "too_many_pixels": (
        415,
        format_lazy(
            _("has too many pixels. Choose a smaller copy, of at most {millions} megapixels."),
            millions=MAX_PIXELS // 1_000_000,
        ),
        "",
    ),
    "dicom_preamble": (415, _("contains something beside the image. Ask the hospital for a new copy."), ""),
    "word_macro": (415, _("contains macros."), _AS_PDF),
    "word_embedded": (415, _("contains another file."), _AS_PDF),
    "word_external": (415, _("loads something from elsewhere."), _AS_PDF),
    "word_entities": (415, _("cannot be opened safely."), _AS_PDF),
    "zip_bomb": (415, _("is much larger when unpacked. Choose the files one by one."), ""),
    "zip_entries": (
        415,
        format_lazy(
            _("contains too many files. Choose a folder of at most {images:,} images."), images=MAX_ENTRIES
        ),
        "",
    ),
    "zip_names": (415, _("contains file names that cannot be used. Pack the folder of images again."), ""),
    "zip_method": (415, _("is packed in an unusual way. Pack the folder of images again."), ""),
    "zip_nested": (
        415,
        _("contains another packed file. Pack only the folder of images (often named DICOM)."),
        "",
    ),
    "zip_without_images": (415, _("contains no DICOM images. Choose the documents one by one."), ""),
}


class Refused(Exception):
    """A file cannot be taken. As text: which one, why, and what to do, for the patient and never for a log."""

    def __init__(self, code: str, message: str, *, status: int) -> None:
        super().__init__(code)
        self.code, self.message, self.status = code, message, status

    def __str__(self) -> str:
        return self.message


class FileRefused(Refused):
    """It is this file's fault."""

    def __init__(self, code: str, name: str = "") -> None:
        status, reason, advice = REFUSALS[code]
        isolated = f"\u2068{name}\u2069"  # in whatever direction its letters run
        super().__init__(code, f"{isolated} {reason} {advice}".strip(), status=status)


class TooManyFiles(Refused):
    """More files than one request may have."""

    def __init__(self, *, name: str = "") -> None:
        message = gettext(
            "\u2068%(name)s\u2069 is one file too many: a request can have %(most)d. Remove another file first."
        ) % {"name": name, "most": MAX_FILES}
        super().__init__("too_many", message, status=422)


@dataclass
class Checked:
    """A file we take: the plain content in memory, until closed, and what is known about it."""

    content: BinaryIO
    size: int
    kind: Kind
    name: str
    notes: list[str] = field(default_factory=list)
    entries: list[dict[str, object]] = field(default_factory=list)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.content.close()

    @property
    def is_unscannable(self) -> bool:
        return not UNSCANNABLE.isdisjoint(self.notes)


def check_number(upload: UploadedFile, *, kept: int) -> None:
    """One more, beside those that were kept?"""
    if kept >= MAX_FILES:
        raise TooManyFiles(name=_shown(upload))


class Budget:
    """How long the files of one sending may be looked into, all together."""

    def __init__(self) -> None:
        self._left: float = SENDING_SECONDS

    @contextmanager
    def spend(self) -> Iterator[int]:
        """The seconds that one file may take. Raises TimeoutError if none are left or it is never its turn."""
        begun = time.monotonic()
        try:
            if self._left < 1:
                raise TimeoutError
            with turn("inspecting"):
                yield min(FILE_SECONDS, int(self._left))
        finally:
            self._left -= time.monotonic() - begun


@contextmanager
def turn(what: str) -> Iterator[None]:
    """One file at a time on a machine, so that a worker stays free for those who only read. Raises TimeoutError."""
    until = time.monotonic() + TURN_SECONDS
    with (Path(settings.DATA_DIR) / f"{what}.lock").open("a") as lock:
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > until:
                    raise TimeoutError from None
                time.sleep(0.02)
        yield


def check(upload: UploadedFile, *, budget: Budget | None = None) -> Checked:
    """The file as we take it. Raises FileRefused."""
    try:
        return _check(upload, budget or Budget())
    except FileRefused as refused:
        raise FileRefused(refused.code, _shown(upload)) from None


def _shown(upload: UploadedFile) -> str:
    """Its name as the patient knows it, without what could mislead."""
    name = upload.name or ""
    return safe_name(name, extension=extension_of(name) or "?").removesuffix(".?")


def check_again(content: BinaryIO, kind: Kind, name: str) -> Checked:
    """A kept file that could not be looked into when it came. Of one that would be refused, the notes say so."""
    try:
        found = _answer(content, kind, LATER_SECONDS)
        if "refused" in found:
            found = {"kind": kind, "notes": ["refused_later"], "entries": []}
    except (OSError, ValueError, subprocess.SubprocessError):
        found = _not_inspected(kind)
    size = content.seek(0, 2)
    content.seek(0)
    found_kind = Kind(found["kind"])
    return Checked(
        content, size, found_kind, safe_name(name, extension=found_kind), found["notes"], found["entries"]
    )


def _check(upload: UploadedFile, budget: Budget) -> Checked:
    name, size = upload.name or "", upload.size or 0
    if not size:
        raise FileRefused("empty")
    if size > MAX_FILE:
        raise FileRefused("too_large")
    if not getattr(upload, "is_whole", True):
        raise FileRefused("too_much")
    said = extension_of(name)
    if said and said not in EXTENSIONS:
        raise FileRefused("type")
    content = _content(upload)
    try:
        found = inspect(content, _promised(content.read(HEAD), name), budget)
        kind = Kind(found["kind"])
        return Checked(content, size, kind, safe_name(name, extension=kind), found["notes"], found["entries"])
    except Exception:
        content.close()
        raise


def _content(upload: UploadedFile) -> BinaryIO:
    """The memory file itself; tests and commands may hand over other files."""
    upload.seek(0)
    return upload.file if isinstance(upload, SpooledUpload) else spooled(upload.chunks())


def _promised(head: bytes, name: str) -> Kind:
    """A Word document is a zip file: until it has been looked into, its name says which."""
    kind = sniffed(head)
    return Kind.DOCX if (kind, extension_of(name)) == (Kind.ZIP, "docx") else kind


def sniffed(head: bytes) -> Kind:
    """What the first bytes promise. Nothing else is ever handed to a parser."""
    if head.lstrip(b"\xef\xbb\xbf\r\n\t ").startswith(b"%PDF-"):
        return Kind.PDF
    if head.startswith(b"\xff\xd8\xff"):
        return Kind.JPG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return Kind.PNG
    if head[4:8] == b"ftyp" and head[8:12] in heic.BRANDS:
        return Kind.HEIC
    if head.startswith(b"PK\x03\x04"):
        return Kind.ZIP  # or a Word document: the inspection tells
    if is_dicom(head):
        return Kind.DCM
    raise FileRefused("type")


def inspect(content: BinaryIO, kind: Kind, budget: Budget) -> dict:
    """What the other process found. If it was stopped or fell over, the file is kept, but locked."""
    try:
        with budget.spend() as seconds:
            answer = _answer(content, kind, seconds)
    except (OSError, ValueError, subprocess.SubprocessError):
        answer = _not_inspected(kind)
    finally:
        content.seek(0)
    if code := answer.get("refused"):
        raise FileRefused(code)
    return answer


def _answer(content: BinaryIO, kind: Kind, seconds: int) -> dict:
    return _finding(run_closed([kind.value, str(seconds)], content, seconds))


def _not_inspected(kind: Kind) -> dict:
    return {"kind": kind.value, "notes": ["not_inspected"], "entries": []}


def _finding(printed: bytes) -> dict:
    """What was printed, if it is an answer: a file that took the process over may print anything."""
    match json.loads(printed):
        case {"refused": str(code)} if code in REFUSALS:
            return {"refused": code}
        case {"kind": str(kind), "notes": list(notes), "entries": list(entries)} if kind in set(Kind):
            return {"kind": kind, "notes": notes, "entries": entries}
    raise ValueError("not an answer of the inspection")


_COMMAND = [sys.executable, "-E", "-s", "-B", "-m", "immuno_site.consultations.files.inspection"]


def run_closed(words: Sequence[str], content: BinaryIO, seconds: int) -> bytes:
    """What the process answers that can reach nothing but this file. Raises OSError or SubprocessError."""
    content.seek(0)
    return subprocess.run(  # noqa: S603 - our own program with fixed words and numbers
        [*_COMMAND, *words],
        stdin=content.fileno(),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,  # a parser's complaint may quote the file
        cwd=Path(settings.ROOT),
        env={},  # no keys, no passwords
        timeout=STARTING_SECONDS + seconds,
        check=True,
    ).stdout
