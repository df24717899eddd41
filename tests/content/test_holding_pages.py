"""What a reader finds under the name of an entry that nobody has written yet, and its code on paper."""

from __future__ import annotations

import io
import re

import pytest
import segno
from django.conf import settings
from django.test import Client
from django.utils.html import escape

from content import directory
from content.models import Clinician, Fact, Indication, Result, SideEffectOccurrence, Sign, content_models

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("library")]


def planned() -> list[str]:
    """Their addresses, of every kind."""
    return [
        one.url for kind in content_models() for one in directory.all_of(kind, "en") if one.state == "planned"
    ]


def test_every_planned_entry_has_a_page_that_says_it_is_not_written(client: Client) -> None:
    addresses = planned()
    assert len(addresses) > 30
    for address in addresses:
        response = client.get(address)
        page = response.content.decode()
        assert response.status_code == 200, address
        assert "We have not written this page yet" in page, address
        assert '<meta name="robots" content="noindex">' in page, address


def test_facts_of_a_planned_entry_stand_on_it_with_their_sources_and_as_unchecked(
    client: Client, reviewer: Clinician
) -> None:
    """Ipilimumab has approved uses and no page in the small library."""
    page = client.get("/drugs/ipilimumab/").content.decode()
    assert 'class="use"' in page
    assert '<li id="source-1"' in page
    assert re.search(r"Not checked by a clinician yet: \d+ approved uses?, [^<]*\d+ signs\.", page)
    for kind in (Indication, Result, Sign, SideEffectOccurrence):
        kind.objects.update(review_state=Fact.Review.REVIEWED, reviewer=reviewer)
    built_anew = client.get("/drugs/ipilimumab/", headers={"authorization": "Test"})
    assert "Not checked by a clinician" not in built_anew.content.decode()


def test_planned_cancer_offers_studies_questions_and_a_way_to_ask(client: Client) -> None:
    page = client.get("/cancers/mesothelioma/").content.decode()
    assert escape("https://clinicaltrials.gov/search?cond=Mesothelioma&term=immunotherapy") in page
    assert 'id="questions-heading"' in page
    assert "/consultation/?about=cancer:mesothelioma" in page


def test_unwritten_page_about_fever_says_at_which_temperature_to_act(client: Client) -> None:
    """Its cards leave to the table what is added for some treatments."""
    page = client.get("/side-effects/fever/").content.decode()
    assert "We have not written this page yet" in page
    told = page.partition('class="temperatures"')[2]
    assert "<td>A temperature of 38 °C (100.4 °F) or more</td>" in told
    assert "BCG" in told


def test_name_that_nobody_planned_is_not_found(client: Client) -> None:
    assert client.get("/drugs/made-up/").status_code == 404


def test_code_of_an_entry_leads_to_its_page(client: Client) -> None:
    answer = client.get("/cancers/melanoma/qr.svg")
    expected = io.BytesIO()
    segno.make(f"{settings.SITE_URL}/cancers/melanoma/", micro=False).save(
        expected, kind="svg", scale=4, omitsize=True
    )
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
    assert answer.content == expected.getvalue()


def test_entry_without_a_page_has_no_code(client: Client) -> None:
    assert client.get("/cancers/made-up/qr.svg").status_code == 404
