"""Emergency numbers: one reviewed table, and every place that names one can be tapped."""

from __future__ import annotations

import datetime
import re
from importlib import import_module

import pytest
from django.apps import apps
from django.template.loader import render_to_string
from django.test import Client
from django.utils.translation import override

from content.changes import announce_change
from content.emergency import NUMBERS, dial_of
from content.models import SiteProfile
from content.text import dialing
from immuno_site.consultations.countries import CODES

pytestmark = pytest.mark.django_db
of_the_uk = import_module("content.migrations.0040_emergency_number_of_the_uk")
THREE = of_the_uk.THREE
FIRST = ["tel:112", "tel:911", "tel:101", "tel:999"]


def tapped(html: str) -> list[str]:
    return re.findall(r'href="(tel:[^"]+)"', html)


def card_of(client: Client, path: str) -> str:
    return client.get(path).content.decode().split("care-emergency")[1].split("</section>")[0]


# --- The table


@pytest.mark.parametrize("row", NUMBERS, ids=lambda row: row.place)
def test_number_has_a_source_that_somebody_read(row):
    assert all(re.fullmatch("[0-9]{3}", number) for number in (row.number, *row.also))
    assert re.match("https?://[^ ]+$", row.url)
    assert row.source
    assert datetime.date(2026, 1, 1) <= row.read_on <= datetime.date.today()


def test_no_place_and_no_country_stands_twice():
    places = [row.place for row in NUMBERS]
    assert sorted(set(places)) == sorted(places)
    countries = [code for row in NUMBERS for code in row.countries]
    assert sorted(set(countries)) == sorted(countries)
    assert set(countries) <= set(CODES.split())


def test_every_place_of_the_table_is_found_by_its_country():
    assert all(row.countries for row in NUMBERS)
    assert len(next(row for row in NUMBERS if row.place == "European Union").countries) == 27
    profile = SiteProfile(pk=1)
    assert [dial.number for dial in profile.dials_for("RU")] == ["112", "103"]
    assert profile.dials_for("FR")[0].number == "112"
    assert profile.dials_for("BR") == profile.dials_for("") == profile.dials


def test_table_agrees_with_what_the_profile_begins_with():
    known = {row.place: row.number for row in NUMBERS}
    with override("en"):
        assert {dial.place: dial.number for dial in SiteProfile(pk=1).dials}.items() <= known.items()


@pytest.mark.parametrize("lines", [THREE[:1], [], THREE[::-1]])
def test_lines_that_editors_set_stay_when_a_number_is_added(lines):
    profile = SiteProfile.objects.get()
    for stood, stands in ((lines, lines), (THREE, [*THREE, "999 in the United Kingdom"])):
        SiteProfile.objects.update(emergency_numbers=stood)
        of_the_uk.add(apps, None)
        profile.refresh_from_db()
        assert profile.emergency_numbers == stands


# --- Lines of the profile


@pytest.mark.parametrize(
    ("line", "number", "place"),
    [
        ("112 in the European Union", "112", "European Union"),
        ("101 in Israel", "101", "Israel"),
        ("Israel: 101", "101", "Israel"),
        ("100 Utopia", "100", "Utopia"),
        ("101 בישראל", "101", "בישראל"),
        ("+44 20 7946 0000 for Inland", "+44 20 7946 0000", "Inland"),
        ("112", "112", ""),
    ],
)
def test_line_of_the_profile_is_a_number_and_a_place(line, number, place):
    assert (dial_of(line).number, dial_of(line).place) == (number, place)


def test_line_without_digits_is_words_alone():
    dial = dial_of("Ask at the desk")
    assert (dial.address, dial.words) == ("", "Ask at the desk")


def test_place_is_in_the_readers_language():
    with override("ru"):
        assert dial_of("112 in the European Union").place == "Европейский союз"


# --- Where they stand


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    "path", ["/drugs/pembrolizumab/", "/side-effects/lung-inflammation/", "/consultation/help-now/"]
)
def test_emergency_card_has_large_numbers_and_the_way_to_others(client, path):
    card = card_of(client, path)
    assert tapped(card) == FIRST
    assert 'href="/emergency-numbers/#by-country"' in card


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("path", ["/", "/cancers/", "/made-up/"])
def test_foot_of_every_page_can_be_dialed(client, path):
    assert tapped(client.get(path).content.decode().split("<footer")[1]) == FIRST


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize("path", ["/side-effects/", "/consultation/", "/callback/"])
def test_strip_can_be_dialed(client, path):
    main = client.get(path).content.decode().split("<footer")[0]
    assert tapped(main.split('class="emergency-strip"')[1])[:4] == FIRST


@pytest.mark.parametrize("page", ["400.html", "500.html"])
def test_page_that_needs_no_database_can_be_dialed(page, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert tapped(render_to_string(page)) == FIRST


@pytest.mark.usefixtures("library")
def test_numbers_of_the_profile_come_first(client):
    lines = ["103 in Kazakhstan", "112 in the European Union", "Ask your embassy", *THREE[1:]]
    SiteProfile.objects.update_or_create(pk=1, defaults={"emergency_numbers": lines})
    announce_change()
    card = card_of(client, "/drugs/pembrolizumab/")
    assert tapped(card) == ["tel:103", "tel:112", "tel:911"]
    assert "Ask your embassy" in card


@pytest.mark.usefixtures("library")
def test_numbers_of_other_countries_are_listed_with_their_sources(client):
    text = client.get("/emergency-numbers/").content.decode()
    for row in NUMBERS:
        assert f'href="tel:{row.number}"' in text
        assert f'href="{row.url}"' in text.replace("&amp;", "&")
    assert "Kazakhstan" in text


@pytest.mark.usefixtures("library")
def test_numbers_are_there_in_every_language(client):
    text = client.get("/ru/emergency-numbers/").content.decode()
    assert "Казахстан" in text
    assert 'hreflang="he" href="https://testserver/he/emergency-numbers/"' in text


# --- Writing to us


def test_whatsapp_begins_with_what_is_given_and_nothing_else():
    assert dialing.whatsapp("+972 50-123 4567") == "https://wa.me/972501234567"
    assert dialing.whatsapp("00972 50 1234567", "IM-7K3Q-94") == "https://wa.me/972501234567?text=IM-7K3Q-94"
    assert dialing.whatsapp("") == ""


def test_viber_opens_a_chat():
    assert dialing.viber("+972 50 123") == "viber://chat?number=%2B97250123"


@pytest.mark.usefixtures("library")
def test_every_channel_can_be_tapped(client):
    SiteProfile.objects.update_or_create(
        pk=1,
        defaults={
            "phone": "+972 3 555 0000",
            "whatsapp": "+972 50 123",
            "viber": "+972 50 456",
            "email": "desk@example.org",
        },
    )
    announce_change()
    text = client.get("/contact/").content.decode()
    box = text.split("contact-box")[1].split("</section>")[0]
    for address in (
        "tel:+97235550000",
        "https://wa.me/97250123",
        "viber://chat?number=%2B97250456",
        "mailto:desk@example.org",
    ):
        assert f'href="{address}"' in box
    assert "Do not send medical files" in box
    menu = text.split('class="main-menu"')[1].split("</details>")[0]
    assert 'href="tel:+97235550000"' in menu
    assert 'href="https://wa.me/97250123"' in menu
