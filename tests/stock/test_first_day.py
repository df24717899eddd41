"""A new site on which no clinician has signed anything yet."""

from __future__ import annotations

import re

import pytest
from django.conf import settings

from content.review.gate import NOT_MEDICAL
from content.stock import pages

pytestmark = pytest.mark.stock


def test_pages_that_are_public_from_the_start_link_to_none_that_are_not() -> None:
    files = pages.read(settings.ROOT / "content" / "library")
    waiting = {f"/{file.slug}/" for file in files if pages.reverse_id_of(file) not in NOT_MEDICAL}
    assert "/guide/" in waiting
    dead = {
        (str(file.path), address)
        for file in files
        if pages.reverse_id_of(file) in NOT_MEDICAL
        for address in re.findall(r"\]\((/[^)#?]*)", file.text)
        if address in waiting
    }
    assert dead == set()


@pytest.mark.django_db
def test_block_of_a_result_that_waits_for_a_clinician_can_be_placed() -> None:
    """Or no page would be built, and the site would not start, before somebody signed."""
    from content.models import Result
    from content.models.block import ResultBlock

    result = Result.objects.first()
    Result.objects.filter(pk=result.pk).update(state="draft", approved_on=None)
    ResultBlock(key=result.key).clean()
