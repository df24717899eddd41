"""Looks into what editors upload, with what looks into patients' files: in a closed process, then the virus scanner."""

from __future__ import annotations

import base64
import json
import subprocess
from collections.abc import Collection

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from content.uploads import Refused
from immuno_site.consultations.files import antivirus
from immuno_site.consultations.files.checks import Checked, FileRefused, Kind, check, run_closed, turn

DRAWING_SECONDS = 6
LARGEST_LEAFLET = 5 * 1024 * 1024  # bytes: on a phone in a hospital it has to come through


def drawn(upload: UploadedFile) -> bytes:
    """A JPEG, at most 1,100 pixels wide. Raises Refused."""
    another = _("This is no picture we can show. Save it as JPG or PNG, and choose that.")
    with _looked_into(upload, (Kind.JPG, Kind.PNG), another) as found:
        try:
            with turn("drawing"):
                printed = run_closed(
                    [found.kind.value, str(DRAWING_SECONDS), "1"], found.content, DRAWING_SECONDS
                )
            (image,) = json.loads(printed)["images"]
            return base64.b64decode(str(image), validate=True)
        except TimeoutError as error:
            raise Refused(_("Another file is being looked into. Try again in a minute.")) from error
        except (OSError, ValueError, LookupError, TypeError, subprocess.SubprocessError) as error:
            raise Refused(
                _("The picture cannot be drawn. Save a smaller copy of it, and choose that.")
            ) from error


def leaflet(upload: UploadedFile) -> bytes:
    """At most 5 MB, with no script, no password, no file inside. Raises Refused."""
    another = _("This is no PDF. Save the leaflet as a PDF, and choose that.")
    with _looked_into(upload, (Kind.PDF,), another) as found:
        if found.size > LARGEST_LEAFLET:
            raise Refused(_("The leaflet is too large. Save it smaller: at most 5 MB."))
        if found.notes:
            raise Refused(
                _(
                    "The PDF holds more than text and pictures, or cannot be looked into. Print it as a PDF anew."
                )
            )
        found.content.seek(0)
        data = found.content.read()
    _scan(data)
    return data


def _looked_into(upload: UploadedFile, kinds: Collection[Kind], another: str) -> Checked:
    """`another`: what is said of any other kind. Patients may send more kinds, and are told so."""
    try:
        found = check(upload)
    except FileRefused as refused:
        raise Refused(str(refused) if refused.kind in kinds else another) from refused
    if found.kind not in kinds:
        found.content.close()
        raise Refused(another)
    return found


def _scan(data: bytes) -> None:
    try:
        virus = antivirus.virus_in([data])
    except (antivirus.ScannerUnavailable, antivirus.NotScanned) as error:
        raise Refused(
            _("No virus scanner answers, so no leaflet can be taken now. Tell whoever runs the site.")
        ) from error
    if virus:
        raise Refused(_("The scanner found a virus in it. Do not open it, and tell whoever runs the site."))
