"""Lists of the library that are grouped: side effects by therapy, words by letter."""

from __future__ import annotations

import re

import pytest
from cms.models import Page
from django.contrib.sites.models import Site
from django.test import Client

from content.models import SideEffect, TherapyClass
from content.stock import pages
from immuno_site import page_cache
from tests.factories import TODAY, create_occurrence, create_page, create_term
from tests.stocks import SMALL

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("library")]


def part(html: str, name: str) -> str:
    """From the heading of a part to the next part."""
    return re.search(
        rf'<section class="section" id="{name}"[^>]*>(.*?)<section class="section"', html, re.DOTALL
    )[1]


def by_therapy(client: Client) -> dict[str, list[str]]:
    html = part(client.get("/side-effects/").content.decode(), "by-therapy")
    groups = re.findall(r"<h3>(.*?)</h3>(.*?)</ul>", html, re.DOTALL)
    return {
        re.sub(r"<[^>]+>|\s+$|^\s+", "", heading).strip(): re.findall(
            r'<a href="/side-effects/([^/]+)/"', items
        )
        for heading, items in groups
    }


def test_side_effects_stand_under_the_therapies_that_cause_them(client: Client) -> None:
    car_t = TherapyClass.objects.get(slug="car-t-cell-therapy")
    drug = create_page(therapy_class=car_t).content.entry
    create_occurrence(drug=drug, side_effect=SideEffect.objects.get(slug="fatigue"))
    groups = by_therapy(client)
    assert list(groups) == sorted(groups, key=str.casefold)
    assert groups["CAR-T cell therapy"] == ["fatigue"]
    assert "lung-inflammation" in groups["PD-1 inhibitors"]


def test_fact_about_a_medicine_counts_for_its_class(client: Client) -> None:
    other = TherapyClass.objects.create(slug="test-class")
    drug = create_page(therapy_class=other).content.entry
    create_occurrence(drug=drug, side_effect=SideEffect.objects.get(slug="fatigue"))
    assert by_therapy(client)["test class"] == ["fatigue"]


def test_draft_of_a_fact_is_not_listed(client: Client) -> None:
    other = TherapyClass.objects.create(slug="test-class")
    drug = create_page(therapy_class=other).content.entry
    create_occurrence(drug=drug, side_effect=SideEffect.objects.get(slug="fatigue"), approve=False)
    assert "test class" not in by_therapy(client)


def test_each_letter_of_the_glossary_comes_once_in_order(client: Client) -> None:
    for term in ("zebra cell", "Zebra antibody", "a first word", "A second word"):
        create_term(slug=term.lower().replace(" ", "-"), term=term).approve(by=None, now=TODAY)
    html = client.get("/glossary/").content.decode()
    letters = re.findall(r'<section id="letter-(.)"', html)
    assert letters == sorted(set(letters))
    terms = [term.strip().casefold() for term in re.findall(r"<dt>([^<]+)", html)]
    assert terms == sorted(terms)


@pytest.mark.parametrize(("path", "what"), [("glossary", "explained words"), ("questions", "answers")])
def test_list_says_once_what_nobody_has_checked(client: Client, path: str, what: str) -> None:
    said = rf"Not checked by a clinician yet: \d+ {what}\."
    assert len(re.findall(said, client.get(f"/{path}/").content.decode())) == 1
    Page.objects.filter(reverse_id=f"list-{path.removesuffix('s')}").update(reverse_id=None)
    page_cache.generation.start_new()  # the list alone, without an editor's words above it
    html = client.get(f"/{path}/").content.decode()
    assert len(re.findall(said, html)) == 1
    assert "No clinician has checked" not in html


def test_site_is_called_as_its_address_says_also_after_a_move(settings) -> None:
    settings.SITE_URL = "https://new.example.org"
    pages.build(SMALL, now=TODAY)
    site = Site.objects.get_current()
    assert (site.domain, site.name) == ("new.example.org", "new.example.org")
    Site.objects.clear_cache()
