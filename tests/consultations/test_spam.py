"""Floods are told from people, and no person is lost for it."""

from __future__ import annotations

import datetime
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core import signing
from django.db import connection

from content.models import SiteProfile
from immuno_site.consultations import mail, sending, spam
from immuno_site.consultations.models import ConsultationRequest, OutgoingMail, RateCounter
from tests.consultations.factories import NOW
from tests.consultations.honest_questions import PROGRAMS, QUESTIONS, TEN_LINKS

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


def _receive(
    question: str, *, age: datetime.timedelta = SLOW, is_trapped: bool = False, **changes: object
) -> ConsultationRequest:
    """What is stored of a question; all of them come from one address."""
    wish = sending.Sending(
        form_id=uuid.uuid4(),
        values={
            "name": "Anna",
            "email": "anna@example.org",
            "language": "en",
            "question": question,
            **changes,
        },
        seen_in="en",
        sender=spam.Sender("192.0.2.1", age, is_trapped=is_trapped),
    )
    return sending.receive(wish, now=NOW)


@pytest.mark.django_db
def test_forty_honest_questions_from_one_address_are_all_normal() -> None:
    assert len(set(QUESTIONS)) == 40
    received = [_receive(question) for question in QUESTIONS]
    assert [row.question for row in received if row.status != "new"] == []
    assert {row.suspected_because for row in received} == {""}


@pytest.mark.django_db
@pytest.mark.parametrize("name", PROGRAMS)
def test_program_is_suspected_and_answered_for_like_a_person(name: str) -> None:
    words, seconds, is_trapped = PROGRAMS[name]
    program = _receive(words, age=datetime.timedelta(seconds=seconds), is_trapped=is_trapped)
    person = _receive("What can I do?")
    assert (program.status, person.status) == ("suspected", "new")
    assert (program.reply_due_at, program.erase_after) == (person.reply_due_at, person.erase_after)
    letters = OutgoingMail.objects.filter(reference=program.reference)
    assert set(letters.values_list("kind", flat=True)) == {"suspected_request", "receipt"}


@pytest.mark.django_db
def test_letter_about_suspected_spam_has_a_subject_of_its_own_and_no_personal_data() -> None:
    program = _receive("Canary SEO services " + TEN_LINKS, name="Canary", language="ru")
    SiteProfile.objects.update_or_create(pk=1, defaults={"email": "clinic@example.org"})
    letter = mail.letter(OutgoingMail.objects.get(kind="suspected_request", reference=program.reference))
    assert letter.subject == f"Suspected spam {program.reference}"
    assert "canary" not in letter.body.lower()
    assert f"/{program.pk}/change/" in letter.body


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sender", "words"),
    [
        (spam.Sender("192.0.2.1", SLOW, is_trapped=True), ""),
        (spam.Sender("192.0.2.1", datetime.timedelta(seconds=1)), ""),
        (spam.Sender("192.0.2.1", SLOW), TEN_LINKS),
        (spam.Sender("192.0.2.1", SLOW), "casino"),
        (spam.Sender("192.0.2.1", SLOW), "<a href='https://one.example'>"),
    ],
    ids=["trap", "fast", "links", "selling", "markup"],
)
def test_no_sign_suspects_alone(sender: spam.Sender, words: str) -> None:
    assert sender.suspicion(words=words, now=NOW) == ""


def test_every_sign_is_weak_alone() -> None:
    assert all(sign.weight < spam.SUSPECTED_FROM for sign in spam.SIGNS.values())


@pytest.mark.django_db
def test_link_counts_once_however_it_is_written() -> None:
    written = "https://www.a.example http://b.example/?u=https://www.c.example WWW.d.example"
    assert spam.LINKS.findall(written) == written.split()


@pytest.mark.django_db
def test_clock_set_back_makes_nobody_suspect() -> None:
    assert spam.Sender("192.0.2.1", -SLOW, is_trapped=True).suspicion(words="", now=NOW) == ""


@pytest.mark.django_db
def test_hundredth_form_of_an_hour_is_no_more_suspect_than_the_first() -> None:
    sender = spam.Sender("192.0.2.1", SLOW)
    assert {sender.suspicion(words="", now=NOW) for _ in range(100)} == {""}


def test_what_is_suspected_is_said_in_words() -> None:
    words = spam.signs_in_words("links many")
    assert words == ["many links", "many"]


@pytest.mark.django_db
def test_counter_keeps_no_address() -> None:
    RateCounter.objects.count_one("send", place="192.0.2.1", now=NOW)
    assert "192.0.2.1" not in str(RateCounter.objects.values().get())
    assert RateCounter.objects.times("send", place="192.0.2.1", now=NOW) == 1
    assert RateCounter.objects.times("send", place="192.0.2.2", now=NOW) == 0
    assert RateCounter.objects.older_than(NOW + DAY).count() == 0
    assert RateCounter.objects.older_than(NOW + DAY + datetime.timedelta(hours=2)).count() == 1


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
