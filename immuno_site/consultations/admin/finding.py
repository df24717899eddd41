"""Finding one request: by reference, name, e-mail or phone, or by what we noted. Posted, never in an address."""

from __future__ import annotations

from collections.abc import Sized
from dataclasses import dataclass

from django import forms
from django.contrib.auth.models import User
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from content.account import signed_in
from immuno_site.consultations.admin.inbox import CLEAR
from immuno_site.consultations.admin.room import REQUEST, name_and_absence, page, record
from immuno_site.consultations.crypto import unreadable_is_said
from immuno_site.consultations.fields import LineField
from immuno_site.consultations.models import AccessEvent, Clue, ConsultationRequest, Note
from immuno_site.consultations.models.request import is_covered_by
from immuno_site.consultations.names import words_of
from immuno_site.consultations.phone import EVERYWHERE, last_digits
from immuno_site.consultations.reference import typed_reference
from immuno_site.consultations.subject import of_contact

MOST = 50
SHORTEST_IN_NOTES = 3


class FindForm(forms.Form):
    use_required_attribute = False
    wanted = LineField(
        label=_("Find by reference, name, e-mail, phone or your notes"),
        max_length=254,
        error_messages={"required": _("Enter a reference, a name, an e-mail address or a phone number.")},
    )


@require_POST
def find_view(request: HttpRequest) -> HttpResponse:
    """One hit opens at once."""
    form, user = FindForm(request.POST, auto_id="found_%s"), signed_in(request)
    if not form.is_valid():
        return page(request, "found.html", _("Find"), status=422, form=form, found=[])
    wanted = form.cleaned_data["wanted"]
    hits = ConsultationRequest.objects.filter(_condition(wanted))
    visible = hits.visible_to(user)
    found = list(visible.select_related("owner").only(*CLEAR).order_by("-received_at")[:MOST])
    held = _held(hits.exclude(pk__in=visible.values("pk")))
    noted = _noted(wanted, user, but=found)
    only = found[0] if len(found) == 1 and not held and not noted else None
    # That somebody looked for a person is a look too, whether or not there was one.
    record(
        request,
        AccessEvent.Action.VIEWED,
        reference=only.reference if only else "",
        detail=_numbers(found, held, noted),
    )
    if only:
        return redirect(REQUEST, only.pk)
    return page(request, "found.html", _("Find"), form=form, found=found, held=held, noted=noted)


def _numbers(found: Sized, held: Sized, noted: Sized) -> str:
    """One line of the log for the whole search: how many, never for what."""
    others = ((held, "with colleagues"), (noted, "in notes"))
    return ", ".join(
        [f"search: {len(found)} found", *(f"{len(rows)} {where}" for rows, where in others if rows)]
    )


@dataclass(frozen=True)
class Held:
    """A request that a colleague has: whom to ask, and nothing of what is in it."""

    reference: str
    owner: str


def _held(rows: QuerySet[ConsultationRequest]) -> list[Held]:
    with_owner = rows.select_related("owner__coordinator__covered_by").order_by("-received_at")
    owners = with_owner.exclude(owner=None).only("reference", "owner")[:MOST]
    return [Held(row.reference, name_and_absence(row.owner)) for row in owners if row.owner]


def _condition(wanted: str) -> Q:
    """Nothing encrypted can be searched: whole references and contacts, whole words of a name, or the end of a number.
    One typed as people say it at home may be of any country."""
    found = Q(reference=typed_reference(wanted)) | of_contact(wanted, countries=EVERYWHERE)
    if digits := last_digits(wanted):
        return found | Clue.objects.of_digits(digits)
    words = [] if "@" in wanted else words_of(wanted)
    return found | Clue.objects.of_words(words) if words else found


@unreadable_is_said()
def _noted(wanted: str, user: User, *, but: list[ConsultationRequest]) -> list[ConsultationRequest]:
    """Whose notes hold these words, of the requests somebody works on: their notes are opened one by one."""
    words = " ".join(words_of(wanted))
    if len(words) < SHORTEST_IN_NOTES:
        return []
    own = ConsultationRequest.objects.filter(Q(owner=user) | is_covered_by(user))
    notes = Note.objects.filter(request__in=own).exclude(request__in=[row.pk for row in but])
    matching = {note.request_id for note in notes.iterator() if words in " ".join(words_of(note.text))}
    rows = own.filter(pk__in=matching).select_related("owner").only(*CLEAR)
    return list(rows.order_by("-received_at")[:MOST])
