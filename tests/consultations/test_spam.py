"""Floods are told from people, and no person is lost for it."""

from __future__ import annotations

import datetime
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import signing
from django.db import connection

from immuno_site.consultations import spam
from immuno_site.consultations.models import RateCounter
from tests.consultations.factories import NOW

DAY = datetime.timedelta(days=1)
SLOW = datetime.timedelta(minutes=5)


def now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def test_form_token_names_a_form_and_its_age() -> None:
    form_id, age = spam.read_form_token(spam.new_form_token(), now=now())
    assert isinstance(form_id, uuid.UUID)
    assert age < datetime.timedelta(seconds=5)


@pytest.mark.corpus("D5")
@pytest.mark.parametrize(
    "token",
    ["", "x", "a:b:c", signing.TimestampSigner(salt="another form").sign(uuid.uuid4().hex), "\x00", "é:é:é"],
    # Named, because both workers have to collect the same tests.
    ids=["empty", "letter", "three parts", "of another form", "zero byte", "not latin"],
)
def test_d5_forged_token_is_refused(token: str) -> None:
    with pytest.raises(spam.FormIsOld):
        spam.read_form_token(token, now=now())


@pytest.mark.corpus("D5")
def test_d5_token_of_yesterday_is_refused() -> None:
    with pytest.raises(spam.FormIsOld):
        spam.read_form_token(spam.new_form_token(), now=now() + datetime.timedelta(hours=25))


@pytest.mark.django_db
def test_person_is_not_suspected() -> None:
    assert spam.Sender("192.0.2.1", SLOW).suspicion(words="https://one.example", now=NOW) == ""


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sender", "words", "reason"),
    [
        (spam.Sender("192.0.2.1", SLOW, is_trapped=True), "", "trap"),
        (spam.Sender("192.0.2.1", datetime.timedelta(seconds=1)), "", "fast"),
        (spam.Sender("192.0.2.1", SLOW), "http://a http://b www.c HTTPS://d", "links"),
    ],
)
def test_program_is_suspected(sender: spam.Sender, words: str, reason: str) -> None:
    assert sender.suspicion(words=words, now=NOW) == reason


@pytest.mark.django_db
def test_clock_set_back_makes_nobody_suspect() -> None:
    assert spam.Sender("192.0.2.1", -SLOW).suspicion(words="", now=NOW) == ""


@pytest.mark.django_db
def test_sixth_form_of_an_hour_is_suspected_and_the_next_hour_starts_afresh() -> None:
    sender = spam.Sender("192.0.2.1", SLOW)
    reasons = [sender.suspicion(words="", now=NOW) for _ in range(6)]
    assert reasons == [""] * 5 + ["many"]
    assert spam.Sender("192.0.2.2", SLOW).suspicion(words="", now=NOW) == ""
    assert sender.suspicion(words="", now=NOW + datetime.timedelta(hours=1)) == ""


@pytest.mark.django_db
def test_counter_keeps_no_address() -> None:
    RateCounter.objects.count_one("send", place="192.0.2.1", now=NOW)
    assert "192.0.2.1" not in str(RateCounter.objects.values().get())
    assert RateCounter.objects.times("send", place="192.0.2.1", now=NOW) == 1
    assert RateCounter.objects.times("send", place="192.0.2.2", now=NOW) == 0
    assert RateCounter.objects.older_than(NOW + datetime.timedelta(hours=1)).count() == 0
    assert RateCounter.objects.older_than(NOW + DAY).count() == 1


@pytest.mark.django_db(transaction=True)
def test_counter_loses_nothing_between_threads() -> None:
    def count_some(_number: int) -> list[int]:
        try:
            return [RateCounter.objects.count_one("send", place="192.0.2.1", now=NOW) for _ in range(25)]
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        counted = sorted(times for some in pool.map(count_some, range(4)) for times in some)
    assert counted == list(range(1, 101))
