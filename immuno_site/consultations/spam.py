"""Tells floods from people without asking anybody outside, and never throws anything away for it.

What looks like spam is stored, answered and promised like everything else, only in a list of its own: a
frightened person who types fast must not be lost. Only a place that sends far more than any family could is told
to call instead.
"""

from __future__ import annotations

import datetime
import re
import uuid
from dataclasses import dataclass

from django import forms
from django.core import signing
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from content.text.hints import Words
from immuno_site.client_address import client_network
from immuno_site.consultations.models import RateCounter

FORM_LIFETIME = datetime.timedelta(hours=24)
# Nobody reads and answers a form of ours faster.
SHORTEST_HONEST = datetime.timedelta(seconds=3)
MOST_PER_HOUR = 60
MOST_STARTS_PER_HOUR = 120
MOST_STARTS_PER_DAY = 600  # a hospital behind one address has some dozens
MOST_RETURNS_PER_HOUR = 10
MOST_FILES_PER_HOUR = 200  # kept ones: a family, a ward and its doctors share one address
MOST_REFUSED_PER_HOUR = 600
MOST_MESSAGES_PER_HOUR = 60
MANY_LINKS = 3
# To its end, so that an address with another one inside is one.
LINKS = re.compile(r"(?:https?://|\bwww\.)[^\s,;<>\"\]]+", re.IGNORECASE)
MARKUP = re.compile(r"<a\s[^>]*href|\[url[=\]]", re.IGNORECASE)
# What is sold through forms. No medicines and no loans: our patients ask about both.
SELLING = re.compile(
    r"\bseo (?:services?|agency|experts?|audit|packages?|company)\b|search engine optimi[sz]ation|back ?links?\b"
    r"|link building|guest posts?\b|domain authority|first page of google|website traffic"
    r"|\bcasinos?\b|sports? betting|\bjackpots?\b|free spins"
    r"|казино|ставки на спорт|продвижение сайт|раскрутк|קזינו|הימורים|קידום אתרים|كازينو|مراهنات|تحسين محركات البحث",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Sign:
    """Something programs do. People do each of them too, so none counts for enough alone."""

    weight: int
    words: Words


SIGNS = {
    "trap": Sign(2, _("a field that people do not see was filled in")),
    "fast": Sign(2, _("the form was sent within 3 seconds")),
    "selling": Sign(2, _("words of advertisers")),
    "markup": Sign(2, _("links written as program code")),
    "links": Sign(1, _("many links")),
    # How many come from one network is no sign: a clinic, a hotel, a mobile carrier have one address for all.
}
SUSPECTED_FROM = 3

_signer = signing.TimestampSigner(salt="consultations.form")


def new_form_token() -> str:
    """Names one form on its way to somebody, and when it left."""
    return _signer.sign(uuid.uuid4().hex)


class FormIsOld(Exception):
    """The form was not ours, or is older than a day. A new one takes over what was typed."""


def read_form_token(token: str, *, now: datetime.datetime) -> tuple[uuid.UUID, datetime.timedelta]:
    """The form's id and its age."""
    try:
        word = _signer.unsign(token)
        form_id = uuid.UUID(hex=word)
        left = signing.b62_decode(token.rsplit(":", 2)[1])
    except (signing.BadSignature, ValueError, IndexError) as error:
        raise FormIsOld from error
    age = now - datetime.datetime.fromtimestamp(left, datetime.UTC)
    if age > FORM_LIFETIME:
        raise FormIsOld
    return form_id, age


class TrapField(forms.Field):
    """Tempting to programs only: browsers and password managers know no personal data for free text, and it takes
    whatever comes, because nobody could see an error in it."""

    is_trap = True
    widget = forms.Textarea(
        attrs={
            "rows": 1,
            "tabindex": "-1",
            "autocomplete": "off",
            "data-1p-ignore": "true",
            "data-bwignore": "true",
            "data-form-type": "other",
            "data-lpignore": "true",
        }
    )


TRAP = "more_words"


class TrapForm(forms.Form):
    """A field that people neither see nor reach. What fills it in is likely a program."""

    more_words = TrapField(label=_("Leave this field empty"), required=False)


@dataclass(frozen=True)
class Sender:
    """What we know of whoever sends a form: nothing that says who they are."""

    place: str
    age: datetime.timedelta  # between getting the form and sending it
    is_trapped: bool = False

    @classmethod
    def of(cls, request: HttpRequest, *, age: datetime.timedelta) -> Sender:
        return cls(client_network(request), age, bool(request.POST.get(TRAP)))

    def suspicion(self, *, words: str, now: datetime.datetime) -> str:
        """Counts this sending, and names the signs of a program if together they weigh enough."""
        RateCounter.objects.count_one("send", place=self.place, now=now)
        shown = {
            "trap": self.is_trapped,
            # A clock set back makes a form of the future: that is our fault, not the sender's.
            "fast": datetime.timedelta() <= self.age < SHORTEST_HONEST,
            "selling": bool(SELLING.search(words)),
            "markup": bool(MARKUP.search(words)),
            "links": len(LINKS.findall(words)) > MANY_LINKS,
        }
        signs = [name for name, is_shown in shown.items() if is_shown]
        weight = sum(SIGNS[name].weight for name in signs)
        return " ".join(signs) if weight >= SUSPECTED_FROM else ""


def signs_in_words(suspected_because: str) -> list[str]:
    """For people. Rows of earlier releases may name signs we no longer know."""
    return [str(SIGNS[name].words) if name in SIGNS else name for name in suspected_because.split()]


def is_flood(request: HttpRequest, *, now: datetime.datetime) -> bool:
    """Has this network sent more in this hour than we are ready to store?"""
    return RateCounter.objects.times("send", place=client_network(request), now=now) >= MOST_PER_HOUR


def starts_too_often(request: HttpRequest, *, now: datetime.datetime) -> bool:
    """A form that was begun is a row for a day, so the day is counted too."""
    place, counters = client_network(request), RateCounter.objects
    this_hour = counters.count_one("start", place=place, now=now)
    return (
        this_hour > MOST_STARTS_PER_HOUR
        or counters.times_today("start", place=place, now=now) > MOST_STARTS_PER_DAY
    )


def is_spent(what: str, request: HttpRequest, *, now: datetime.datetime, most: int) -> bool:
    """Has this network done it so often in this hour? Its caller counts: wrong guesses, files that were kept."""
    return RateCounter.objects.times(what, place=client_network(request), now=now) >= most


def count(what: str, request: HttpRequest, *, now: datetime.datetime) -> None:
    RateCounter.objects.count_one(what, place=client_network(request), now=now)


def is_too_often(what: str, request: HttpRequest, *, now: datetime.datetime, most: int) -> bool:
    """Counts one more try, and says whether it was one too many."""
    return RateCounter.objects.count_one(what, place=client_network(request), now=now) > most
