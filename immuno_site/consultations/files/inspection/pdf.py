"""PDF files: whole, only one file, and does it do more than show pages?"""

from __future__ import annotations

import os
import re
import zipfile
from typing import BinaryIO

import pikepdf

from immuno_site.consultations.files.inspection.findings import Findings, Refused

MAX_AFTER_END = 1024

ACTIVE = re.compile(
    rb"/(?:JavaScript|JS|Launch|AA|RichMedia|EmbeddedFiles?|Filespec|XFA|SubmitForm|ImportData|GoToR|GoToE|"
    rb"Rendition|Movie|Sound)(?![A-Za-z])"
)


def inspect(file: BinaryIO) -> Findings:
    _check_end(file)
    findings = Findings("pdf")
    file.seek(0)
    try:
        with pikepdf.open(file) as document:
            _look_for_activity(document, findings)
    except pikepdf.PasswordError:
        findings.note("encrypted")
    except (pikepdf.PdfError, RuntimeError, ValueError, UnicodeDecodeError) as error:
        raise Refused("damaged") from error
    return findings


def _check_end(file: BinaryIO) -> None:
    """A PDF reader looks for the end in the last kilobyte; what follows is another file, or half is missing."""
    size = os.fstat(file.fileno()).st_size
    file.seek(max(0, size - MAX_AFTER_END - len(b"%%EOF")))
    if b"%%EOF" not in file.read():
        raise Refused("pdf_end")
    if zipfile.is_zipfile(file):
        raise Refused("two_files")


def _look_for_activity(document: pikepdf.Pdf, findings: Findings) -> None:
    """Every dictionary as text: names are then spelled in one way, wherever they stand."""
    if not len(document.pages):
        raise Refused("damaged")
    if _does_something_on_opening(document.Root):
        findings.note("active_content")
    for item in document.objects:
        is_stream = isinstance(item, pikepdf.Stream)
        text = item.stream_dict if is_stream else item
        if is_stream and "/F" in text:  # its bytes lie in another file, perhaps on another machine
            findings.note("active_content")
            return
        if isinstance(text, pikepdf.Object) and ACTIVE.search(text.unparse(resolved=True)):
            findings.note("active_content")
            return


def _does_something_on_opening(root: pikepdf.Object) -> bool:
    """Jumping to a page when opened is usual and harmless; anything else is not."""
    action = root.get("/OpenAction")
    return isinstance(action, pikepdf.Dictionary) and action.get("/S") != "/GoTo"
