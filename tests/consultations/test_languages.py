"""The private room in the patient's own language: no English left over, and nothing turned around."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from html.parser import HTMLParser

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import override

from content.models import SiteProfile
from immuno_site.consultations import countries
from immuno_site.consultations.admin.reply_facts import facts_of
from tests.consultations.factories import create_request
from tests.consultations.visitor import ANSWERS, Visitor, text_of

pytestmark = pytest.mark.django_db

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != "en"]
# What is called the same everywhere: kinds of files, tests, examples; and the name of the other language.
SAME_EVERYWHERE = {
    "pdf", "jpg", "png", "heic", "word", "docx", "dicom", "zip", "pet", "mri", "car", "car-t", "pet-ct", "pd-l1", "msi",
    "mmr", "tmb", "ngs", "aml", "cll", "bcc", "scc", "cookie", "english", "name@example.com", "im-7k3q-94", "bcg",
    "/drugs/pembrolizumab/", "tps", "cps", "dna", "msi-h", "mss", "dmmr", "pmmr", "mutations", "per", "megabase",
    "kras", "g12c",
}  # fmt: skip
LATIN = re.compile(r"[A-Za-z0-9@./-]*[A-Za-z]{3,}[A-Za-z0-9@./-]*")


@pytest.fixture
def anna() -> Visitor:
    return Visitor()


class Words(HTMLParser):
    """What is read on a page or read out."""

    SPOKEN = {"alt", "aria-label", "placeholder", "title"}

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[str] = []
        self._silent = 0
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("script", "style")
        self.found += [value for name, value in attrs if name in self.SPOKEN and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found.append(data)


def english_on(response: HttpResponse) -> set[str]:
    words = {
        word.strip(".-").lower() for text in Words(text_of(response)).found for word in LATIN.findall(text)
    }
    return words - SAME_EVERYWHERE


def test_english_is_noticed(anna: Visitor) -> None:
    assert {"consultation", "menu"} <= english_on(anna.get("/consultation/"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_journey_holds_no_english(anna: Visitor, language: str) -> None:
    """Pages, and what each of them says to an empty answer."""
    room = f"/{language}/consultation"
    anna.post(f"{room}/", {})
    pages = [anna.get(f"{room}/"), anna.get(f"{room}/help-now/")]
    for name, answers in ANSWERS.items():
        pages += [anna.get(f"{room}/{name}/"), anna.post(f"{room}/{name}/", {})]
        anna.post(f"{room}/{name}/", answers)
    pages += [anna.get(f"{room}/documents/"), anna.post(f"{room}/documents/", {})]
    anna.post(f"{room}/documents/", {"go_on": "yes"})
    for form in (f"{room}/return/", f"/{language}/callback/", f"/{language}/feedback/"):
        pages += [anna.get(form), anna.post(form, {})]
    pages += [anna.get(f"/{language}/feedback/received/"), anna.get(f"{room}/return/withdrawn/")]
    assert {page.request["PATH_INFO"]: found for page in pages if (found := english_on(page))} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_the_room_leads_to_the_same_page_in_other_languages(
    anna: Visitor, language: str
) -> None:
    anna.begin()
    page = text_of(anna.get("/consultation/contact/"))
    assert f'<a href="/{language}/consultation/contact/" lang="{language}"' in page


@pytest.mark.parametrize(
    ("language", "first", "in_order"),
    [("ru", "Австралия", ["Израиль", "Иран", "Исландия"]), ("he", "אוגנדה", ["יוון", "יפן", "ישראל"])],
)
def test_countries_stand_in_the_order_of_the_readers_alphabet(
    language: str, first: str, in_order: list[str]
) -> None:
    with override(language):
        names = [name for _code, name in countries.by_name()]
    assert names[0] == first
    assert [name for name in names if name in in_order] == sorted(in_order)
    assert countries.by_name()[-1][0] == countries.OTHER


@pytest.mark.parametrize("language", ["en", *LANGUAGES])
def test_every_country_has_a_name_in_the_readers_language(language: str) -> None:
    with override(language):
        names = dict(countries.by_name())
    letters = {"en": "LATIN", "he": "HEBREW", "ar": "ARABIC", "ru": "CYRILLIC"}[language]
    assert set(names) == {*countries.CODES.split(), countries.OTHER}
    assert [name for name in names.values() if not unicodedata.name(name[0]).startswith(letters)] == []
    assert len(set(names.values())) == len(names)


@pytest.mark.parametrize(("language", "name"), [("en", "Turkey"), ("he", "טורקיה"), ("ru", "Турция")])
def test_country_that_was_stored_is_read_in_the_readers_language(language: str, name: str) -> None:
    with override(language):
        assert countries.name("TR") == name
        assert countries.name("Q9") == "Q9"  # of a release that knew more than this one
        assert countries.name("") == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_emergency_numbers_are_in_the_readers_language(anna: Visitor, language: str) -> None:
    page = text_of(anna.get(f"/{language}/consultation/help-now/"))
    assert "101" in page
    assert "in Israel" not in page


def test_number_an_editor_typed_keeps_its_direction_among_hebrew(anna: Visitor) -> None:
    """Otherwise "100 in Utopia" is shown as "in Utopia 100", and beside the next number nobody knows whose it is."""
    SiteProfile.objects.update_or_create(
        pk=1, defaults={"emergency_numbers": ["100 in Utopia", "200 in Arcadia"]}
    )
    page = text_of(anna.get("/he/consultation/"))
    assert (
        '<a href="tel:100">\u2068100 in Utopia\u2069</a>, <a href="tel:200">\u2068200 in Arcadia\u2069</a>'
        in page
    )


@pytest.mark.parametrize("page", ["400.html", "500.html"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_page_that_needs_no_site_speaks_the_readers_language(page: str, language: str) -> None:
    with override(language):
        html = unescape(render_to_string(page))
    assert f'<html lang="{language}" dir="{"ltr" if language == "ru" else "rtl"}">' in html
    assert "emergency" not in html
    assert "112" in html


@pytest.mark.parametrize(
    ("language", "date"),
    [("he", "יום שני, 9 בנובמבר 2026, 10:00"), ("ru", "9 ноября 2026 г. (понедельник), 10:00")],
)
def test_coordinators_letter_writes_the_date_as_the_patient_does(language: str, date: str) -> None:
    request = create_request(language=language)
    request.reply_due_at = request.reply_due_at.replace(year=2026, month=11, day=9, hour=8, minute=0)
    assert facts_of(request, SiteProfile.current())["reply_by"] == date
