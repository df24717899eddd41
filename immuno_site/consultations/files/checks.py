"""Which files we take, and what we found in them. Decided by content; the name has a say only against.

Our own look at the first bytes, not libmagic: the six formats have plain marks there, libmagic would be a
package of the operating system on every machine, and it passed each of our two-in-one files, a Windows
program in front of a DICOM image and a document with macros as what they claim to be. What a file really
holds is the inspection's business, and that runs in a process of its own.
"""

from __future__ import annotations

import codecs
import fcntl
import json
import subprocess
import sys
import time
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Self

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from content.text.hints import Words
from immuno_site.consultations.files.inspection import heic
from immuno_site.consultations.files.inspection.archive import ARCHIVES
from immuno_site.consultations.files.inspection.dicom import is_dicom
from immuno_site.consultations.files.inspection.limits import MAX_ENTRIES, MAX_PIXELS
from immuno_site.consultations.files.names import ACTIVE, KNOWN, extension_of, name_for_a_sentence, safe_name
from immuno_site.consultations.files.spool import MAX_FILE, MB, SpooledUpload, spooled

MAX_FILES = 10
HEAD = 1024
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


ACCEPT = ",".join(f".{extension}" for extension in sorted(KNOWN))  # for the file dialog: a help, no check
SAME = {"jpeg": "jpg", "jpe": "jpg", "jfif": "jpg", "heif": "heic", "dicom": "dcm", "ima": "dcm"}

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
    "cut_short": _("Its end seems to be missing. Ask whether this is all of it."),
    "raw_image": _("A DICOM image without its usual beginning. Some viewers cannot open it."),
    "packed_inside": _("Contains packed files, such as a zip or a Word document. They were not looked into."),
    "file_inside": _("Contains another document, such as an Excel table. Do not open it from inside."),
    "file_links": _("Contains links to files on a disk or server. Do not click them."),
    "own_template": _("Made from a template on its writer’s own disk. Say no if Word asks for it."),
    "refused_later": _("It holds something we do not take, such as a macro. Ask for it as a PDF."),
}
# No scan can vouch for these: they stay locked until somebody unlocks them and says why.
UNSCANNABLE = {"encrypted", "not_inspected", "too_large_inside", "refused_later"}

_AS_PDF = _("Save it as a PDF, or take a photograph of it, and choose that.")
_PACK_AGAIN = _("Pack the folder of images again, as a zip file.")
_SCAN_IN_PARTS = format_lazy(
    _(
        "Of a scan, the written report helps us most. Images can come in several zip files of at most {mb} MB each. "
        "If that is too much, tell us in your question how large they are: we name another way."
    ),
    mb=MAX_FILE // MB,
)
_NEW_PHOTO = _("Take the photograph again, or send it from the phone or camera it was taken with.")
_FROM_HOSPITAL = _("Ask the hospital for a new copy, or send us the written report.")

# What to do, by what the file is, or by its name where nobody has looked into it.
AGAIN: Mapping[str, Words] = {
    "jpg": _NEW_PHOTO, "png": _NEW_PHOTO, "heic": _NEW_PHOTO, "dcm": _FROM_HOSPITAL, "zip": _PACK_AGAIN,
    "": _AS_PDF,
}  # fmt: skip
SMALLER: Mapping[str, Words] = {
    "jpg": _("Choose a smaller copy of the photograph."),
    "png": _("Choose a smaller copy of the photograph."),
    "heic": _("Choose a smaller copy of the photograph."),
    "pdf": _("Save it smaller, or send its pages in several files."),
    "docx": _("Save it as a PDF, or send its pages in several files."),
    "": _SCAN_IN_PARTS,
}
UNPACKED: Mapping[str, Words] = {"zip": _("Choose the files one by one."), "": _AS_PDF}

REFUSALS: dict[str, tuple[int, Words, Words | Mapping[str, Words]]] = {
    "empty": (422, _("is empty. Choose the file again."), ""),
    "too_large": (
        413,
        format_lazy(_("is too large. Choose a file of at most {mb} MB."), mb=MAX_FILE // MB),
        SMALLER,
    ),
    "too_much": (413, _("is more than can be sent at once. Send the other files first, then this one."), ""),
    "type": (
        415,
        _("is not a kind of file we can take. Choose a PDF, JPG, PNG, HEIC, Word (.docx) or DICOM file."),
        "",
    ),
    "picture_other": (
        415,
        _("is a picture of a kind we cannot take (such as WebP, GIF, TIFF or AVIF)."),
        _("Open it and save it as JPG or PNG, or take a picture of the screen, and choose that."),
    ),
    "video": (415, _("is a video. We can take single photographs only."), _("Choose those.")),
    "archive_other": (
        415,
        _("is packed in a way we cannot open (such as RAR or 7z)."),
        _("Unpack it, and choose the files one by one; pack a folder of images as a zip file."),
    ),
    "office_old": (
        415,
        _("is a document of an older Word or Excel, or one with a password."),
        _("Open it, save it as a PDF without a password, and choose that."),
    ),
    "office_other": (
        415,
        _("is no Word document but one of another program, such as Excel, PowerPoint, Pages or LibreOffice."),
        _("Save it as a PDF there, and choose that."),
    ),
    "text_other": (
        415,
        _("is plain text or an e-mail."),
        _("Save it as a PDF, or copy its words into your question."),
    ),
    "no_dicom": (415, _("has the name of a DICOM image, but is none."), _FROM_HOSPITAL),
    "damaged": (415, _("cannot be opened."), AGAIN),
    "cut": (415, _("is not complete."), AGAIN),
    "pdf_end": (415, _("is not complete."), _AS_PDF),
    "two_files": (415, _("contains a second file."), AGAIN),
    "too_many_pixels": (
        415,
        format_lazy(
            _("has too many pixels. Choose a smaller copy, of at most {millions} megapixels."),
            millions=MAX_PIXELS // 1_000_000,
        ),
        "",
    ),
    "dicom_preamble": (415, _("contains something beside the image. Ask the hospital for a new copy."), ""),
    "dicom_index": (
        415,
        _("is only the list of what is on a disc. No image is in it."),
        _(
            "Pack the whole disc, or its folder of images (often named DICOM), as a zip file, and choose that."
        ),
    ),
    "word_macro": (415, _("contains macros."), _AS_PDF),
    "word_embedded": (415, _("contains another file."), _AS_PDF),
    "word_external": (415, _("loads something from elsewhere."), _AS_PDF),
    "word_entities": (415, _("cannot be opened safely."), _AS_PDF),
    "zip_bomb": (415, _("is much larger when unpacked."), UNPACKED),
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

    def __init__(self, code: str, name: str = "", kind: str = "") -> None:
        """`kind` is what the file is, or claims to be: the advice depends on it."""
        status, reason, advice = REFUSALS[code]
        if not isinstance(advice, (str, Promise)):
            advice = advice.get(kind, advice[""])
        isolated = f"\u2068{name}\u2069"  # in whatever direction its letters run
        super().__init__(code, f"{isolated} {reason} {advice}".strip(), status=status)
        self.kind = kind


class TooManyFiles(Refused):
    """More files than one request may have. Of many at once it is said once."""

    def __init__(self, *, name: str = "", more: int = 0) -> None:
        message = gettext(
            "\u2068%(name)s\u2069 is one file too many: a request can have %(most)d. Remove another file first."
        ) % {"name": name, "most": MAX_FILES}
        if more > 1:
            message = gettext(
                "%(more)d files are too many: a request can have %(most)d. Images of a scan can come in one zip file: "
                "pack their folder, and choose that."
            ) % {"more": more, "most": MAX_FILES}
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
        raise TooManyFiles(name=name_for_a_sentence(upload.name or ""))


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
        raise FileRefused(refused.code, name_for_a_sentence(upload.name or ""), refused.kind) from None


def _claimed(name: str) -> str:
    """The kind its name speaks of; empty where it speaks of none."""
    said = extension_of(name)
    return SAME.get(said, said) if said in KNOWN else ""


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
        raise FileRefused("too_large", kind=_claimed(name))
    if not getattr(upload, "is_whole", True):
        raise FileRefused("too_much")
    if extension_of(name) in ACTIVE:
        raise FileRefused("type")
    content = _content(upload)
    try:
        promised = _promised(content.read(HEAD), name)
        found = inspect(content, promised, budget)
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
    kind = sniffed(head, claimed=_claimed(name))
    return Kind.DOCX if (kind, extension_of(name)) == (Kind.ZIP, "docx") else kind


def sniffed(head: bytes, *, claimed: str = "") -> Kind:
    """What the first bytes promise. Nothing else is ever handed to a parser."""
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
    if b"%PDF-" in head and not head.lstrip().startswith(PROGRAMS):
        return Kind.PDF  # printers and web servers leave lines in front
    raise FileRefused(_stranger(head, claimed))


# What starts something when it is opened.
PROGRAMS = (b"MZ", b"\x7fELF", b"#!", b"<", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"L\0\0\0\x01\x14\x02")
# Kinds that patients have and we do not take, by how they begin.
STRANGERS: dict[str, tuple[bytes, ...]] = {
    "office_old": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",),
    "picture_other": (b"GIF8", b"II*\0", b"MM\0*", b"BM", b"\xff\x0a", b"\0\0\0\x0cJXL ", b"\0\0\0\x0cjP"),
    "video": (b"\x1aE\xdf\xa3", b"\0\0\x01\xba"),
    "archive_other": ARCHIVES,
}
SHORTEST_TEXT = 20


def _stranger(head: bytes, claimed: str) -> str:
    """Why it is none of ours: what it is, or what its name speaks of."""
    begun = head[:12]
    if begun.startswith(b"RIFF"):
        return "picture_other" if begun[8:] == b"WEBP" else "video"
    if begun[4:8] in (b"ftyp", b"moov", b"mdat"):
        return "picture_other" if begun[8:] in (b"avif", b"avis") else "video"
    for code, beginnings in STRANGERS.items():
        if begun.startswith(beginnings):
            return code
    if head.startswith(b"{\\rtf") or _is_text(head):
        return "text_other"
    return "no_dicom" if claimed == "dcm" else "type"


def _is_text(head: bytes) -> bool:
    """Words that somebody wrote, and not a page or a program."""
    if head.lstrip().startswith(PROGRAMS) or len(head) < SHORTEST_TEXT:
        return False
    try:
        text = codecs.getincrementaldecoder("utf-8")().decode(head)  # a letter may be cut at its end
    except UnicodeDecodeError:
        return False
    return " " in text and not any(
        unicodedata.category(letter) == "Cc" and letter not in "\t\r\n" for letter in text
    )


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
        raise FileRefused(code, kind=kind)
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
        env={"OPENBLAS_NUM_THREADS": "1"},  # numpy starts no threads; no keys, no passwords
        timeout=STARTING_SECONDS + seconds,
        check=True,
    ).stdout
