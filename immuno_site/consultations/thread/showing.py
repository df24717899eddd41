"""The thread as each side sees it: messages with their files, and where the request stands, in words."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from dataclasses import dataclass

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext

from immuno_site.consultations.models import AccessEvent, Attachment, ConsultationRequest, Message, Status
from immuno_site.consultations.working_time import ISRAEL


@dataclass(frozen=True)
class Said:
    """One message and the files that came with it."""

    message: Message
    files: list[Attachment]


def thread_of(request: ConsultationRequest, files: Iterable[Attachment]) -> list[Said]:
    """Oldest first. One query, whatever its length."""
    of_message: dict[int | None, list[Attachment]] = {}
    for file in files:
        of_message.setdefault(file.message_id, []).append(file)
    return [
        Said(message, of_message.get(message.pk, [])) for message in request.messages.select_related("by")
    ]


def see(request: ConsultationRequest, *, by_patient: bool, now: datetime.datetime) -> int:
    """The other side's messages count as seen from now on; how many were not before."""
    return request.messages.unseen(from_staff=by_patient).update(seen_at=now)


def standing(request: ConsultationRequest) -> str:
    """Where it stands, in words for the patient. What looks like spam stands like any other."""
    match request.status:
        case Status.WAITING:
            return gettext("We wait for something from you. When you send it, our time to reply goes on.")
        case Status.WITH_DOCTOR:
            return gettext("We have read it, and it is with a doctor.")
        case Status.ANSWERED:
            return gettext("We have answered.")
        case Status.CLOSED:
            return gettext("Your request is closed.")
    looks = AccessEvent.objects.filter(reference=request.reference, action=AccessEvent.Action.VIEWED)
    first = looks.filter(is_allowed=True).order_by("at").values_list("at", flat=True).first()
    working = gettext("We are working on your answer.")
    if request.status != Status.READ or first is None:
        return working
    day = date_format(timezone.localtime(first, ISRAEL), gettext("l, F j, Y"))
    return gettext("We read it on %(day)s.") % {"day": day} + " " + working
