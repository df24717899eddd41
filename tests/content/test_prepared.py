"""Queries that are written once: each value gets into its own place."""

from __future__ import annotations

import pytest
from django.db.models import QuerySet

from content import prepared
from content.models import Drug

pytestmark = pytest.mark.django_db


def _between(*, pit: int, tip: int) -> QuerySet[Drug]:
    return Drug.objects.filter(pk__gte=pit, pk__lte=tip).order_by("pk")


def test_places_whose_names_have_the_same_letters_are_told_apart() -> None:
    first, *_rest, last = drugs = list(Drug.objects.order_by("pk"))
    assert first != last
    for _written_once in range(2):
        assert prepared.ask("drugs between", _between, pit=first.pk, tip=last.pk) == drugs
        assert prepared.ask("drugs between", _between, tip=first.pk, pit=first.pk) == [first]
