"""PDF files: only one file, with an end, and does it do more than show pages?"""

from __future__ import annotations

import os
import re
import zipfile
from typing import BinaryIO

import pikepdf

from immuno_site.consultations.files.inspection.findings import Findings, Refused

END, ALMOST_END = b"%%EOF", b"startxref"
END_OF_ZIP = b"PK\x05\x06"
TAIL = 64 * 1024 + 64  # so far from its end a zip may say where its directory is
MAX_AFTER_END = 1024

ACTIVE = re.compile(
    rb"/(?:JavaScript|JS|Launch|AA|RichMedia|EmbeddedFiles?|Filespec|XFA|SubmitForm|ImportData|GoToR|GoToE|"
    rb"Rendition|Movie|Sound)(?![A-Za-z])"
)


def inspect(file: BinaryIO) -> Findings:
    findings = Findings("pdf")
    _check_end(file, findings)
    file.seek(0)
    try:
        with pikepdf.open(file) as document:
            # Opened as its owner, who has no password; other viewers ask for one.
            if document.is_encrypted and not document.user_password_matched:
                findings.note("encrypted")
            _look_for_activity(document, findings)
    except pikepdf.PasswordError:
        findings.note("encrypted")
    except (pikepdf.PdfError, RuntimeError, ValueError, UnicodeDecodeError) as error:
        raise Refused("damaged") from error
    return findings


def _check_end(file: BinaryIO, findings: Findings) -> None:
    """A reader looks for the end in the last kilobyte. Mail programs lose the very last mark or fill up with zeros;
    what lacks more is half a file, and what has a zip behind the end is two."""
    file.seek(max(0, os.fstat(file.fileno()).st_size - TAIL))
    tail = file.read()
    if zipfile.is_zipfile(file):
        if tail.rfind(END_OF_ZIP) > tail.rfind(END):
            raise Refused("two_files")
        findings.note("active_content")  # attached to a page
    last = tail.rstrip(b"\0\r\n\t ")[-MAX_AFTER_END:]
    if END not in last and ALMOST_END not in last:
        raise Refused("pdf_end")


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
