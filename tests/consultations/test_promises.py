"""The site profile promises what is kept: times that can be read, and what follows from them before it is saved."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from content.models import SiteProfile, SiteProfileText
from content.text.opening_hours import Unreadable, day_of, week_of
from immuno_site.consultations.working_time import ISRAEL, WorkingTime, reply_due
from tests.staff import create_staff

pytestmark = pytest.mark.django_db
CHANGE = "/admin/content/siteprofile/1/change/"
PROMISES = "/admin/content/siteprofile/promises/"


@pytest.fixture
def keeper(working_hours: None) -> Client:
    """Who keeps the profile. It is Sunday, 22 November 2026."""
    client = Client()
    client.force_login(create_staff("keeper", "change_siteprofile", "view_siteprofile"))
    return client


def _israel(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=ISRAEL)


def _typed(**changes: object) -> dict[str, object]:
    profile = SiteProfile.objects.get_or_create(pk=1)[0]
    values = {field.name: getattr(profile, field.name) for field in SiteProfile._meta.concrete_fields}
    lists = {name: "\n".join(values[name]) for name in ("closed_days", "emergency_numbers")}
    rows = {"TOTAL_FORMS": 0, "INITIAL_FORMS": 0, "MIN_NUM_FORMS": 0, "MAX_NUM_FORMS": 1000}
    return values | lists | {f"texts-{name}": value for name, value in rows.items()} | changes


# --- Reading them -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "friday"),
    [
        ("Sunday-Thursday, 9:00-17:00", None),
        ("Sunday-Thursday, 9:00-17:00, Friday 9:00-13:00", "09:00–13:00"),
        ("Sunday \u2013 Thursday 9-17; Friday, 9-13", "09:00–13:00"),
        ("Sunday-Thursday 9-17 and Friday 9-13", "09:00–13:00"),
    ],
)
def test_week_is_read_as_people_write_it(typed: str, friday: str | None) -> None:
    week = week_of(typed)
    assert [str(week[day]) for day in (6, 0, 1, 2, 3)] == ["09:00–17:00"] * 5
    assert (str(week[4]) if 4 in week else None) == friday
    assert 5 not in week


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "like this"),
        ("always", "like this"),
        ("Sunday-Thursday, 9:00-17:00 but not at noon", "like this"),
        ("Sunday-Funday, 9:00-17:00", "Funday"),
        ("Sunday-Monday, 17:00-9:00", "ends before it begins"),
        ("Sunday-Monday, 9:00-99:00", "no time of the day"),
        ("Sunday-Monday, 9-17; Monday, 9-13", "Monday has two times"),
    ],
)
def test_week_that_cannot_be_read_says_why(typed: str, why: str) -> None:
    with pytest.raises(Unreadable, match=why):
        week_of(typed)


@pytest.mark.parametrize(
    ("line", "hours"),
    [
        ("2026-12-31", None),
        ("2026-12-05 Hanukkah", None),
        ("2026-12-31 9:00-13:00 year's end", "09:00–13:00"),
    ],
)
def test_day_that_differs_is_closed_or_short(line: str, hours: str | None) -> None:
    day, found = day_of(line)
    assert day.year == 2026
    assert (str(found) if found else None) == hours


@pytest.mark.parametrize(
    "line", ["29.11.2026", "Hanukkah", "2026-13-01", "2026-12-31 closed at 13", "2026-12-31 13-9"]
)
def test_day_that_cannot_be_read_is_refused(line: str) -> None:
    with pytest.raises(Unreadable):
        day_of(line)
    with pytest.raises(ValidationError) as refused:
        SiteProfile(pk=1, closed_days=[line]).clean()
    assert set(refused.value.message_dict) == {"closed_days"}


# --- Counting by them -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-26 15:00", "2026-11-29 11:00"),  # Thursday: two hours, half of Friday, two of Sunday
        ("2026-11-27 12:00", "2026-11-29 16:00"),  # Friday at noon: one hour is left of it
        ("2026-11-30 14:00", "2026-12-02 12:00"),  # Monday; Tuesday is short by a line of its own
    ],
)
def test_half_days_count_as_what_they_are(received: str, due: str) -> None:
    profile = SiteProfile(
        pk=1,
        working_hours="Sunday-Thursday, 9:00-17:00; Friday, 9:00-13:00",
        closed_days=["2026-12-01 9:00-11:00 a course"],
    )
    assert reply_due(_israel(received), profile) == _israel(due)


def test_day_with_hours_of_its_own_is_open_although_its_weekday_is_not() -> None:
    profile = SiteProfile(pk=1, closed_days=["2026-11-27 9:00-13:00"])
    assert WorkingTime.of(profile).on(datetime.date(2026, 11, 27)) is not None
    assert WorkingTime.of(profile).on(datetime.date(2026, 11, 28)) is None


# --- The page of the profile ------------------------------------------------------------------------------


def test_profile_with_wrong_times_is_not_saved_and_keeps_what_was_typed(keeper: Client) -> None:
    typed = _typed(
        working_hours="Sunday-Thursday at 9",
        closed_days="29.11.2026\n2026-11-30 Hanukkah",
        reply_working_days=0,
    )
    page = keeper.post(CHANGE, typed)
    html = page.content.decode()
    assert page.status_code == 200
    for words in (
        "Write days and hours like this",
        "“29.11.2026”",
        "at least one working day",
        "2026-11-30 Hanukkah",
    ):
        assert words in html
    assert SiteProfile.current().closed_days == []


@pytest.mark.parametrize(
    ("hours", "is_taken"),
    [
        ("Воскресенье-четверг, 9:00-17:00", True),
        ("الأحد-الخميس، ٩:٠٠-١٧:٠٠", True),
        ("Воскресенье-четверг, 9-18", False),
        ("", True),
        ("По будням", True),
    ],
)
def test_hours_in_another_language_are_the_same_hours(hours: str, is_taken: bool) -> None:
    text = SiteProfileText(profile=SiteProfile(pk=1), language="ru", working_hours=hours)
    if is_taken:
        return text.clean()
    with pytest.raises(ValidationError, match="not the hours above"):
        text.clean()


def test_holidays_that_are_ticked_become_closed_days(keeper: Client) -> None:
    html = keeper.get(CHANGE).content.decode()
    for line in ("2027-04-22 Pesach", "2027-04-21 09:00-13:00 eve of Pesach", "2027-05-12 Independence Day"):
        assert f'value="{line}"' in html
    assert "2026-09-21" not in html  # over
    assert 'value="2027-04-24' not in html  # a Saturday: nobody works anyway
    ticked = ["2027-04-21 09:00-13:00 eve of Pesach", "2027-04-22 Pesach"]
    assert keeper.post(CHANGE, _typed(closed_days="2026-12-31", holidays=ticked)).status_code == 302
    assert SiteProfile.current().closed_days == ["2026-12-31", *ticked]
    assert 'value="2027-04-22 Pesach"' not in keeper.get(CHANGE).content.decode()


def test_page_shows_the_next_ten_promises(keeper: Client) -> None:
    SiteProfile.objects.update_or_create(pk=1, defaults={"closed_days": ["2026-11-23"]})
    html = " ".join(keeper.get(CHANGE).content.decode().split())
    assert (
        html.split('<table class="staff-promises">')[1].split("</table>")[0].count('<th scope="row">') == 10
    )
    assert '<th scope="row">Sun 22 Nov</th> <td>09:00–17:00</td> <td>Tue 24 Nov, 12:00</td>' in html
    assert '<th scope="row">Mon 23 Nov</th> <td>closed</td> <td>Tue 24 Nov, 17:00</td>' in html


def test_promises_follow_what_is_typed_before_it_is_saved(keeper: Client) -> None:
    typed = {
        "working_hours": "Sunday-Thursday, 9-17",
        "closed_days": "2026-11-23\n29.11.2026",
        "holidays": "2026-11-24 Away",
        "reply_working_days": "2",
    }
    html = " ".join(keeper.get(PROMISES, typed).content.decode().split())
    assert '<th scope="row">Sun 22 Nov</th> <td>09:00–17:00</td> <td>Thu 26 Nov, 12:00</td>' in html
    assert "“29.11.2026”" in html
    assert SiteProfile.current().closed_days == []


@pytest.mark.parametrize("days", ["", "-1", "999999999999", "two"])
def test_promises_of_anything_typed_are_an_answer(keeper: Client, days: str) -> None:
    assert keeper.get(PROMISES, {"working_hours": "x", "reply_working_days": days}).status_code == 200


def test_coordinator_without_the_profile_sees_no_promises(as_coordinator: Client, coordinator: User) -> None:
    assert as_coordinator.get(PROMISES).status_code == 403
