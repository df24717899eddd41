"""A request as it was told: every question with its answer, in groups, for people to read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _

from content import directory
from content.text.hints import Words
from immuno_site.consultations import countries, email_address, local_time
from immuno_site.consultations.crypto import UNREADABLE
from immuno_site.consultations.fields import answers_of
from immuno_site.consultations.forms import (
    CONTACT_WHEN,
    NOT_SURE,
    OTHER_CANCER,
    AboutForm,
    ContactForm,
    TestsForm,
)
from immuno_site.consultations.models import ConsultationRequest
from immuno_site.consultations.phone import tel_address

CHANNELS: dict[str, Words] = {
    "email": _("By e-mail"),
    "phone": _("By phone"),
    "whatsapp": "WhatsApp",
    "viber": "Viber",
}
ANSWERS: dict[str, dict[str, Words]] = {
    "for_whom": answers_of(AboutForm.base_fields["for_whom"]),
    "contact_by": CHANNELS,
    "contact_when": dict(CONTACT_WHEN),
    "may_leave_message": answers_of(ContactForm.base_fields["may_leave_message"]),
}
GROUPS = (
    (_("Question"), ("question", "medicine_asked")),
    (_("Illness"), ("for_whom", "cancer", "cancer_words", "stage", "birth_year", "country")),
    (_("Treatment and health"), ("treatments", "medicines", "symptoms", "conditions")),
    (
        _("How to reach them"),
        (
            "name", "email", "phone", "contact_by", "language", "contact_when", "time_zone", "may_leave_message",
        ),
    ),
)  # fmt: skip
LONG = {"question", "treatments", "medicines", "symptoms", "conditions"}


@dataclass(frozen=True)
class Told:
    """A question and what was answered."""

    label: Words
    answer: str
    is_long: bool = False
    address: str = ""  # opens the coordinator's own mail program or phone


@dataclass(frozen=True)
class Group:
    title: Words
    rows: list[Told]


def told(request: ConsultationRequest) -> list[Group]:
    """What was answered; what was left empty is left out."""
    groups = [Group(title, list(_rows(request, names))) for title, names in GROUPS]
    groups.append(Group(_("Test results they have"), list(_tests(request))))
    return [group for group in groups if group.rows]


def cancer_name(slug: str) -> str:
    """The cancer of the list, or the way out of the list that was taken."""
    ways_out = {"": "", NOT_SURE: gettext("Not sure"), OTHER_CANCER: gettext("Another cancer")}
    if slug in ways_out:
        return ways_out[slug]
    return directory.look_up([("cancer", slug)], get_language() or "en")[("cancer", slug)].name


def _rows(request: ConsultationRequest, names: tuple[str, ...]) -> Iterator[Told]:
    for name in names:
        answer = answered(request, name)
        if answer:
            yield Told(named(request, name), answer, name in LONG, _address(name, answer, request))


def named(request: ConsultationRequest, column: str) -> Words:
    field = request._meta.get_field(column)
    return field.verbose_name if isinstance(field, models.Field) else column


def _address(name: str, answer: str, request: ConsultationRequest) -> str:
    """The subject of a mail is the reference, as in ours: it stands in many places on the way."""
    if answer == UNREADABLE:
        return ""
    if name == "phone":
        return tel_address(answer)
    return f"mailto:{quote(request.email, safe='@')}?subject={request.reference}" if name == "email" else ""


def answered(request: ConsultationRequest, name: str) -> str:
    """In words; empty if it was not."""
    value = getattr(request, name)
    if name == "cancer":
        return cancer_name(value)
    if name == "language":
        return request.get_language_display()
    if name == "country":
        return countries.name(value)
    if name == "email":
        return email_address.shown(value)
    if name == "time_zone" and value != UNREADABLE:
        return _with_clock(value, request.country)
    return str(ANSWERS.get(name, {}).get(value, value))


def _with_clock(city: str, country: str) -> str:
    """And what time it is there, while somebody reads it."""
    now = local_time.there(timezone.now(), country=country, city=city)
    clock = gettext("it is %(time)s there now") % {"time": f"{now:%H:%M}"} if now else ""
    return ", ".join(filter(None, [city, clock]))


def _tests(request: ConsultationRequest) -> Iterator[Told]:
    for name, answer in request.tests.items():
        field = TestsForm.base_fields.get(name)
        if field and answer:
            yield Told(field.label or name, str(answers_of(field).get(answer, answer)))
