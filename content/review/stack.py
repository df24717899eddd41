"""All facts of one medicine that no clinician has checked: read together, signed one by one."""

from __future__ import annotations

import datetime
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import TypeVar

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from content.models import (
    Clinician,
    Drug,
    Fact,
    Indication,
    RegimenMember,
    Result,
    SideEffectOccurrence,
)
from content.models.fact import FactQuerySet
from content.review import facts

F = TypeVar("F", bound=Fact)
KINDS: tuple[type[Fact], ...] = (Indication, SideEffectOccurrence, Result)


def of_medicine(drug: Drug) -> list[Fact]:
    """What waits for a clinician, with all that the rows say, in the order of the medicine's page."""
    uses = Indication.objects.waiting().filter(
        pk__in=RegimenMember.objects.filter(drug=drug).values("indication")
    )
    figures = SideEffectOccurrence.objects.waiting().filter(drug=drug).select_related("side_effect", "drug")
    found: list[Fact] = [*_loaded(uses.select_related("cancer", "drug")), *_loaded(figures)]
    # Which medicines a result is about is known from its groups; a draft has no other record of it.
    results = _loaded(Result.objects.waiting().filter(Q(drugs=drug) | Q(state=Fact.State.DRAFT)).distinct())
    return [*found, *(result for result in results if drug.slug in result.medicines)]


def _loaded(rows: FactQuerySet[F]) -> list[F]:
    found = list(rows.prefetch_related("more_sources").select_related("source", "supersedes"))
    rows.load_parts(found)
    return found


def medicines() -> Mapping[str, int]:
    """How many facts wait, by the slug of the medicine; those with most first."""
    members = RegimenMember.objects.filter(
        indication__in=Indication.objects.waiting().values("pk"), drug__isnull=False
    )
    number = Counter(slug for slug, _use in set(members.values_list("drug__slug", "indication")))
    figures = SideEffectOccurrence.objects.waiting().filter(drug__isnull=False)
    number.update(figures.values_list("drug__slug", flat=True))
    for result in _loaded(Result.objects.waiting()):
        number.update(result.medicines)
    known = set(Drug.objects.filter(slug__in=number).values_list("slug", flat=True))
    return {slug: count for slug, count in number.most_common() if slug in known}


def clinician_of(account: User) -> Clinician | None:
    """Who signs with this account."""
    return Clinician.objects.filter(user=account).select_related("user").first()


def why_not_sign(fact: Fact, *, by: Clinician | None) -> str:
    """The reason this clinician cannot sign this fact, or an empty text."""
    if by is None or by.user is None:
        return _("Only a clinician can sign. Your account is not linked to one.")
    if by.is_demo:
        return _("This is a demo account: its signature does not count.")
    if fact.created_by_id == by.user_id:
        return _("You wrote this yourself. Somebody else has to check it.")
    if fact.state == Fact.State.DRAFT:
        return facts.why_not_approve(fact, by=by.user)
    if fact.state != Fact.State.APPROVED:
        return _("It was taken off or replaced while you read.")
    return _("It is signed already.") if fact.is_reviewed else ""


@transaction.atomic
def sign(
    seen: Iterable[tuple[Fact, str]], *, by: Clinician | None, now: datetime.date
) -> list[tuple[Fact, str]]:
    """Records a signature for each fact; a draft is approved. `seen` pairs a fact with the digest of what was shown.

    Returns those that were left as they are, each with the reason.
    """
    account = by.user if by else None
    refused, checked = [], []
    for fact, shown in seen:
        if (why_not := why_not_sign(fact, by=by)) or not account:
            refused.append((fact, why_not))
        elif shown != facts.digest(fact):
            refused.append((fact, _("It was changed while you read. Read it again.")))
        elif fact.state == Fact.State.DRAFT:
            facts.approve_fact(fact, by=account, now=now)
        else:
            checked.append(fact)
    if by and checked:
        _mark_checked(checked, by=by, now=now)
    return refused


def _mark_checked(rows: list[Fact], *, by: Clinician, now: datetime.date) -> None:
    """One change of the site for each kind of fact, one signature for each row."""
    for name, of_kind in groupby(sorted(rows, key=_kind_of), key=_kind_of):
        (kind,) = (model for model in KINDS if model.__name__ == name)
        together = list(of_kind)
        kind.objects.filter(pk__in=[fact.pk for fact in together]).mark_checked(by=by)
        for fact in together:
            facts.record_signature(fact, by=by, now=now)


def _kind_of(fact: Fact) -> str:
    return type(fact).__name__
