"""What patients were told against what is stored, and whether their words lie anywhere in the clear.

`python -m tests.live.ledger` prints what one site has stored; it runs inside that site.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from email.message import Message
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.live.patient import MARK, Patient
from tests.live.site import Site

if TYPE_CHECKING:
    from immuno_site.consultations.models import Attachment

# --- Stored ----------------------------------------------------------------------------------------------


def stored(site: Site) -> dict[str, Any]:
    """Requests with their decrypted files, letters, and what the sweep found."""
    return json.loads(site.run(module="tests.live.ledger").stdout)


def _print_stored() -> None:
    import django

    django.setup()
    from immuno_site.consultations.files.storage import all_names, private_files
    from immuno_site.consultations.models import Attachment

    known = set(Attachment.objects.values_list("stored_as", flat=True))
    there = set(all_names(private_files()))
    print(
        json.dumps(
            {
                "requests": _requests(),
                "letters": _letters(),
                "files": len(there),
                "files_without_row": len(there - known),
                "rows_without_file": len(known - there),
            }
        )
    )


def _requests() -> list[dict[str, Any]]:
    from immuno_site.consultations.models import ConsultationRequest

    return [
        {
            "reference": request.reference,
            "name": request.name,
            "question": request.question,
            "status": request.status,
            "files": [
                {"name": file.name, "digest": _digest(file), "scan": file.scan}
                for file in request.attachments.all()
            ],
        }
        for request in ConsultationRequest.objects.order_by("pk")
    ]


def _digest(attachment: Attachment) -> str:
    from immuno_site.consultations import uploads

    whole = hashlib.sha256()
    try:
        for piece in uploads.pieces(attachment):
            whole.update(piece)
    except Exception as error:  # whatever is wrong with it is what we want to know
        return f"{type(error).__name__}: {error}"
    return whole.hexdigest()


def _letters() -> list[dict[str, Any]]:
    from immuno_site.consultations.models import OutgoingMail

    return [
        {
            "id": str(mail.pk),
            "kind": mail.kind,
            "reference": mail.reference,
            "tries": mail.tries,
            "is_sent": mail.sent_at is not None,
            "error": mail.last_error,
        }
        for mail in OutgoingMail.objects.order_by("created_at")
    ]


# --- Compared --------------------------------------------------------------------------------------------


def disagreements(patients: Iterable[Patient], found: dict[str, Any]) -> list[str]:
    """Each request that was acknowledged and is not there, is there twice, or is not what was sent."""
    patients = list(patients)
    by_reference = {request["reference"]: request for request in found["requests"]}
    wrong = []
    times = Counter(request["name"] for request in found["requests"])
    wrong += [f"{name} is stored {number} times." for name, number in times.items() if number > 1]
    for patient in patients:
        wrong += patient.complaints
        if not patient.reference:
            continue
        request = by_reference.pop(patient.reference, None)
        if request is None:
            wrong.append(f"{patient.name} was told {patient.reference}, which is lost.")
        else:
            wrong += _differences(patient, request)
    told = {patient.reference for patient in patients if patient.reference}
    wrong += [
        f"{request['name']} is stored as {request['reference']} and was never told."
        for request in found["requests"]
        if request["reference"] not in told
    ]
    return wrong


def _differences(patient: Patient, request: dict[str, Any]) -> Iterator[str]:
    if (request["name"], request["question"]) != (patient.name, patient.question):
        yield f"{patient.reference} holds other words than those of {patient.name}."
    digests = [file["digest"] for file in request["files"]]
    if digests != ([patient.digest] if patient.file else []):
        yield f"{patient.reference} should hold the one file of {patient.name} and holds {digests}."


def swept(site: Site) -> dict[str, Any]:
    """What is stored after a sweep of young files, too: nobody sends anything any more."""
    site.run("sweep_files", "--now", "--many", check=False)
    return stored(site)


def loose_ends(found: dict[str, Any]) -> list[str]:
    """Rows without their file, and files that no row knows."""
    names = {"rows_without_file": "rows have no file.", "files_without_row": "files have no row."}
    return [f"{found[key]} {words}" for key, words in names.items() if found[key]]


# --- Searched --------------------------------------------------------------------------------------------


def traces(*folders: Path, letters: Iterable[Message] = (), more: bytes = b"") -> list[str]:
    """Where a patient's words lie readable: files below a folder, letters but for their address, dumps."""
    hits = [
        str(path)
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and _is_marked(str(path).encode() + path.read_bytes())
    ]
    for letter in letters:
        del letter["To"]
        if _is_marked(letter.as_bytes()):
            hits.append(f"the letter {letter['Message-ID']}")
    return [*hits, "a cache"] if _is_marked(more) else hits


def _is_marked(content: bytes) -> bool:
    content = content.lower()
    return any(word in content for word in (MARK.encode(), MARK.encode("utf-16-le")))


if __name__ == "__main__":
    _print_stored()
