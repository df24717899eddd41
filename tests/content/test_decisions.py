"""What regulators decided is news by itself: told on the list of updates, on entry pages, in feeds."""

from __future__ import annotations

import datetime
import xml.etree.ElementTree as ET
from collections.abc import Iterator

import pytest
from django.test import Client
from django.utils.html import strip_tags

from content.models import Drug, Indication
from content.page.facts_shown import DECIDED_SINCE
from immuno_site import page_cache
from tests.factories import create_indication, create_update

pytestmark = pytest.mark.django_db

FIRST = DECIDED_SINCE.year
ATOM = "{http://www.w3.org/2005/Atom}"


def page(path: str) -> str:
    """As it is now, for anybody."""
    page_cache.generation.start_new()
    return Client().get(path).content.decode()


def entries(path: str) -> Iterator[tuple[str, str, str]]:
    """(title, day, address) of what a feed tells."""
    for entry in ET.fromstring(page(path)).iter(f"{ATOM}entry"):  # noqa: S314 - our own
        link = entry.find(f"{ATOM}link").attrib["href"]
        yield entry.findtext(f"{ATOM}title"), entry.findtext(f"{ATOM}published")[:10], link


def decide(**days: object) -> Indication:
    return create_indication(drug=Drug.objects.get(slug="pembrolizumab"), **days)


def line(key: str, path: str = "/updates/") -> str:
    """The list item of one decision; empty if it is not told."""
    return page(path).partition(f'<li id="{key}">')[2].partition("</li>")[0]


def test_every_decision_is_told_on_its_own_day_with_its_source():
    decide(
        key="fda-many", approval="converted", granted_on=datetime.date(FIRST, 3, 4),
        narrowed_on=datetime.date(FIRST, 5, 6), narrowed_source="test-label",
        converted_on=datetime.date(FIRST + 1, 7, 8), converted_source="test-label",
        withdrawn_on=datetime.date(FIRST + 1, 9, 10), withdrawn_source="test-label",
    )  # fmt: skip
    granted = line("fda-many-granted")
    assert "New approval (US): Pembrolizumab, Melanoma" in granted
    assert f"4 March {FIRST}" in granted
    assert "Early approval: more proof was owed then." in granted
    assert f"Use withdrawn: 10 September {FIRST + 1}." in granted
    assert "Limited to fewer people (US)" in line("fda-many-narrowed")
    assert f"8 July {FIRST + 1}" in line("fda-many-converted")
    withdrawn = line("fda-many-withdrawn")
    assert "From this day, FDA (United States) no longer approves this use." in withdrawn
    assert all('class="cite"' in one for one in (granted, withdrawn))


def test_decision_is_told_for_whom_it_holds():
    decide(key="fda-tested", granted_on=datetime.date(FIRST, 3, 4), biomarker="pd-l1")
    told = line("fda-tested-granted")
    assert "Melanoma that has spread. Adults. Test needed: PD-L1 1% or more." in " ".join(
        strip_tags(told).split()
    )


def test_decision_without_a_day_or_before_the_list_begins_is_not_told():
    decide(key="fda-dayless", granted_on=None, approved_source="")
    decide(key="fda-old", granted_on=datetime.date(FIRST - 1, 12, 31), condition="Another melanoma")
    html = page("/updates/")
    assert "fda-dayless" not in html
    assert "fda-old" not in html


def test_draft_of_a_decision_is_not_told():
    decide(key="fda-draft", granted_on=datetime.date(FIRST, 3, 4), approve=False)
    assert "fda-draft" not in page("/updates/")


def test_written_note_takes_the_place_of_the_line_it_tells_of():
    decide(key="fda-noted", granted_on=datetime.date(FIRST, 3, 4))
    create_update(
        slug=f"{FIRST}-03-04-note", happened_on=datetime.date(FIRST, 3, 4), about=["drug:pembrolizumab"]
    )
    assert line("fda-noted-granted")  # it tells of the medicine alone
    create_update(
        slug="2024-03-04-both",
        happened_on=datetime.date(FIRST, 3, 4),
        about=["drug:pembrolizumab", "cancer:melanoma"],
    )
    assert not line("fda-noted-granted")
    assert "fda-ovarian" not in page("/updates/")  # as the library has it


def test_years_come_newest_first_and_older_ones_are_folded():
    for month in range(1, 13):
        decide(
            key=f"fda-{month}", granted_on=datetime.date(FIRST, month, 1), condition=f"Melanoma, kind {month}"
        )
    html = page("/updates/")
    slugs = ("2026-02-10-pembrolizumab-ovarian-cancer", "fda-12-granted", "fda-1-granted")
    order = [html.index(f'<li id="{slug}">') for slug in slugs]
    assert order == sorted(order)
    assert html.index('<h2 id="y2026">') < html.index(f"<summary><h2>{FIRST}")


def test_list_narrowed_to_a_cancer_tells_its_decisions_only():
    html = page("/updates/?about=cancer:mesothelioma")
    assert "fda-mesothelioma-first-line-granted" in html
    assert "fda-biliary-first-line-granted" not in html
    assert "1 update about" in html
    assert 'href="/updates/feed/?about=cancer:mesothelioma"' in html


def test_entry_page_names_the_newest_decision_about_it():
    decide(key="fda-new", granted_on=datetime.date(2026, 11, 3))
    told = page("/cancers/melanoma/").partition('<p class="new-here">')[2].partition("</p>")[0]
    assert 'href="/updates/#fda-new-granted"' in told
    assert "New approval (US): Pembrolizumab, Melanoma" in told


def test_feed_tells_newest_first_what_the_list_tells():
    told = list(entries("/updates/feed/"))
    assert [day for _, day, _ in told] == sorted((day for _, day, _ in told), reverse=True)
    assert told[0][2].endswith("/updates/#2026-02-10-pembrolizumab-ovarian-cancer")
    assert any("Mesothelioma" in title and day == "2024-09-17" for title, day, _ in told)


def test_feed_about_a_cancer_tells_of_it_only():
    told = list(entries("/updates/feed/?about=cancer:mesothelioma"))
    assert [link.partition("#")[2] for _, _, link in told] == ["fda-mesothelioma-first-line-granted"]


@pytest.mark.parametrize("about", ["cancer:made-up", "nonsense", "side-effect:rash", "%00", "cancer:"])
def test_feed_about_something_unknown_is_not_there(client, about):
    assert client.get(f"/updates/feed/?about={about}").status_code == 404


def test_pages_name_their_feed():
    feed = '<link rel="alternate" type="application/atom+xml" title="Updates" href="/updates/feed/'
    assert f'{feed}">' in page("/updates/")
    assert f'{feed}?about=cancer:melanoma">' in page("/cancers/melanoma/")
    assert feed not in page("/biomarkers/pd-l1/")


def test_feed_is_a_finished_page_without_a_cookie():
    page_cache.generation.start_new()
    answer = Client().get("/updates/feed/")
    assert answer["Content-Type"].startswith("application/atom+xml")
    assert "public" in answer["Cache-Control"]
    assert not answer.cookies


def test_list_and_feed_answer_in_every_language():
    for language in ("he", "ar", "ru"):
        assert "fda-mesothelioma-first-line-granted" in page(f"/{language}/updates/")
        links = [link for _, _, link in entries(f"/{language}/updates/feed/")]
        assert any(f"/{language}/updates/#fda-mesothelioma-first-line-granted" in link for link in links)
