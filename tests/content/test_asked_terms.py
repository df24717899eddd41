"""What readers search for: counted with kept pages, readable from the third asking of a week, nobody in it."""

from __future__ import annotations

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from content import roles
from content.models import AskedTerm
from content.search import asked_for
from tests.staff import create_staff

pytestmark = pytest.mark.django_db

MONDAY = datetime.date(2026, 11, 23)
WEEK = datetime.timedelta(weeks=1)


@pytest.fixture(autouse=True)
def nothing_counted() -> None:
    asked_for.forget()


def ask(words: str, times: int = 1, **more: str) -> None:
    for _ in range(times):
        assert Client().get("/search/", {"q": words, **more}).status_code == 200


def written(today: datetime.date = MONDAY) -> dict[str, tuple[int, bool]]:
    asked_for.write_down(today=today)
    return {row.words: (row.times, row.found) for row in AskedTerm.objects.all()}


def test_words_are_readable_from_the_third_asking_on():
    ask("Xyzzyx", 2)
    assert written() == {"": (2, False)}
    ask("xyzzyx")
    assert written() == {"xyzzyx": (3, False)}


def test_kept_pages_are_counted_too():
    ask("melanoma", 5)
    assert written() == {"melanoma": (5, True)}


def test_further_pages_and_staff_are_not_counted(editor):
    ask("cancer", 3, page="2")
    ask("cancer", 3, kind="drug")
    client = Client()
    client.force_login(editor)
    client.get("/search/?q=cancer")
    assert written() == {}


@pytest.mark.parametrize(
    "words",
    ["dana@example.org", "050 123 45", "\u0665\u0664\u0663\u0662\u0661", "dana\uff20example", " ", "?!\0"],
)
def test_what_may_name_somebody_is_not_counted(words):
    asked_for.count(words, "en", found=False)
    assert [words for words in written() if any(map(str.isalnum, words))] == []


def test_tables_tell_nothing_of_words_asked_for_seldom():
    ask("my neighbor dana", 2)
    asked_for.write_down(today=MONDAY)
    row = AskedTerm.objects.get()
    asked_for.count("my neighbor dana", "en", found=False)
    asked_for.write_down(today=MONDAY + WEEK)
    assert "dana" not in str(row.__dict__)
    later = AskedTerm.objects.get()
    assert (later.week, later.times) == (MONDAY + WEEK, 1), "the week before has ended with its word unread"
    assert later.digest != row.digest


def test_words_are_kept_for_half_a_year():
    for _ in range(3):
        asked_for.count("old words", "en", found=True)
    written()
    assert "old words" in written(MONDAY + 26 * WEEK)
    assert written(MONDAY + 27 * WEEK) == {}


def test_flood_of_questions_takes_no_room(monkeypatch):
    monkeypatch.setattr(asked_for, "MOST", 3)
    for number in range(9):
        asked_for.count(f"word {number}", "en", found=False)
    written()
    assert AskedTerm.objects.count() == 3


def test_database_refuses_words_asked_for_less_often():
    with pytest.raises(IntegrityError), transaction.atomic():
        AskedTerm.objects.create(week=MONDAY, language="en", digest="x", words="dana", times=2)


def test_editor_reads_them_in_a_list_that_says_what_it_leaves_out():
    ask("xyzzyx", 3)
    ask("seldom")
    written()
    (held,) = (role.permissions for role in roles.ROLES if role.name == "Editor")
    client = Client()
    client.force_login(create_staff("noa", *held))
    page = client.get("/admin/content/askedterm/").content.decode()
    assert "xyzzyx" in page
    assert "seldom" not in page
    assert "Nothing with an @ or five digits is counted" in page
