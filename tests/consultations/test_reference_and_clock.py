"""References nobody can guess or misread, return codes, and the date of the reply."""

from __future__ import annotations

import datetime
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.models import SiteProfile
from immuno_site.consultations import reference
from immuno_site.consultations.working_time import ISRAEL, WorkingTime, reply_due


def israel(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=ISRAEL)


def test_reference_has_its_form_and_no_look_alikes() -> None:
    references = {reference.new_reference() for _ in range(500)}
    assert len(references) == 500
    for word in references:
        assert reference.PATTERN.fullmatch(word)
        assert len(word) == reference.LENGTH
        assert not set(word.removeprefix("IM-")) & set("0O1IL2Z5S8BU")


@pytest.mark.parametrize("typed", ["IM-7K3Q-94", "im 7k3q 94", "IM7K3Q94", " im-7k3q94 "])
def test_reference_is_read_as_people_write_it(typed: str) -> None:
    assert reference.typed_reference(typed) == "IM-7K3Q-94"


def test_return_code_has_128_bits_and_belongs_to_one_form(settings: object) -> None:
    form_id = uuid.uuid4()
    code = reference.return_code(form_id)
    assert len(code.replace("-", "")) == 26  # 26 letters of base32 carry 130 bits
    assert reference.is_return_code(code, form_id)
    assert reference.is_return_code(f" {code.lower().replace('-', ' ')} ", form_id)
    assert not reference.is_return_code(code, uuid.uuid4())
    assert not reference.is_return_code("", form_id)
    assert not reference.is_return_code("é" * 26, form_id)
    settings.CONSULTATION_INDEX_KEY = "another"
    assert not reference.is_return_code(code, form_id)


@pytest.mark.parametrize(
    ("received", "due"),
    [
        ("2026-11-22 11:00", "2026-11-23 11:00"),  # Sunday morning
        ("2026-11-22 08:00", "2026-11-22 17:00"),  # before we open: that whole day
        ("2026-11-26 14:00", "2026-11-29 14:00"),  # Thursday: Friday and Saturday do not count
        ("2026-11-27 10:00", "2026-11-29 17:00"),  # Friday
        ("2026-11-22 20:00", "2026-11-23 17:00"),  # in the evening
        ("2026-03-26 13:00", "2026-03-29 13:00"),  # over the change of clocks
    ],
)
def test_reply_is_due_one_working_day_later(received: str, due: str) -> None:
    assert reply_due(israel(received), SiteProfile(pk=1)) == israel(due)


def test_reply_skips_closed_days() -> None:
    profile = SiteProfile(pk=1, closed_days=["2026-11-23", "2026-11-24", "no date"])
    assert reply_due(israel("2026-11-22 11:00"), profile) == israel("2026-11-25 11:00")


def test_reply_follows_the_hours_of_the_profile() -> None:
    profile = SiteProfile(pk=1, working_hours="Monday - Friday, 8:30-12:30", reply_working_days=2)
    assert reply_due(israel("2026-11-27 10:30"), profile) == israel("2026-12-01 10:30")


@pytest.mark.parametrize(
    "hours",
    ["", "always", "Sunday-Funday, 9:00-17:00", "Sunday-Monday, 17:00-9:00", "Sunday-Monday, 9:00-99:00"],
)
def test_hours_that_cannot_be_read_count_as_the_default(hours: str) -> None:
    assert WorkingTime.of(SiteProfile(pk=1, working_hours=hours)) == WorkingTime()


def test_reply_has_a_date_even_if_the_profile_closes_every_day() -> None:
    days = [(datetime.date(2026, 11, 1) + datetime.timedelta(days=n)).isoformat() for n in range(500)]
    profile = SiteProfile(pk=1, closed_days=days)
    assert reply_due(israel("2026-11-22 11:00"), profile) == israel("2026-11-23 11:00")


@given(
    st.datetimes(
        datetime.datetime(2020, 1, 1), datetime.datetime(2035, 1, 1), timezones=st.just(datetime.UTC)
    ),
    st.timedeltas(datetime.timedelta(), datetime.timedelta(hours=40)),
)
def test_working_time_added_is_working_time_passed(
    start: datetime.datetime, amount: datetime.timedelta
) -> None:
    hours = WorkingTime()
    assert hours.between(start, hours.add(start, amount)) == amount


def test_no_working_time_passes_backwards() -> None:
    start = israel("2026-11-22 11:00")
    assert WorkingTime().between(start, start - datetime.timedelta(hours=1)) == datetime.timedelta()
