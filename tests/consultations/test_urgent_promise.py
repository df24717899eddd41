"""Urgent words have a promise of their own: sooner, in the hours of whoever is on call, and told to them."""

from __future__ import annotations

import datetime

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.test import Client

from content.models import SiteProfile
from immuno_site.consultations import mail
from immuno_site.consultations.clock import Clocks, State
from immuno_site.consultations.models import ConsultationRequest, OutgoingMail
from immuno_site.consultations.working_time import reply_due
from tests.consultations.factories import NOW, create_mail, create_request, create_taken
from tests.consultations.inbox import address, again, do
from tests.consultations.test_reference_and_clock import israel
from tests.consultations.test_thread import HOME, come_back, write
from tests.consultations.visitor import Visitor, text_of

pytestmark = pytest.mark.django_db
HOUR = datetime.timedelta(hours=1)
EVENINGS = "Sunday-Friday, 8:00-22:00"


def fill(**values: object) -> SiteProfile:
    return SiteProfile.objects.update_or_create(pk=1, defaults=values)[0]


@pytest.mark.parametrize(
    ("on_call", "received", "due"),
    [
        ("", "2026-11-22 11:00", "2026-11-22 13:00"),
        ("", "2026-11-26 17:01", "2026-11-29 11:00"),  # Thursday evening, and nobody is on call
        (EVENINGS, "2026-11-26 17:01", "2026-11-26 19:01"),
        (EVENINGS, "2026-11-27 10:00", "2026-11-27 12:00"),  # Friday
        (EVENINGS, "2026-11-27 21:30", "2026-11-29 09:30"),
        ("Saturday, 9:00-10:00", "2026-11-22 11:00", "2026-11-23 11:00"),  # never later than others
    ],
)
def test_urgent_words_are_promised_in_the_hours_on_call(on_call: str, received: str, due: str) -> None:
    profile = SiteProfile(pk=1, on_call_hours=on_call)
    assert reply_due(israel(received), profile, is_urgent=True) == israel(due)


def test_closed_day_is_closed_for_urgent_words_too() -> None:
    profile = SiteProfile(pk=1, on_call_hours=EVENINGS, closed_days=["2026-11-22"])
    assert reply_due(israel("2026-11-22 11:00"), profile, is_urgent=True) == israel("2026-11-23 10:00")


@pytest.mark.parametrize(("column", "value"), [("on_call_hours", "day and night"), ("urgent_hours", 0)])
def test_profile_takes_no_promise_that_cannot_be_counted(column: str, value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        SiteProfile(pk=1, **{column: value}).full_clean()
    assert column in refused.value.message_dict


def test_patient_who_writes_urgent_words_is_told_what_to_do_and_the_number_of_their_country(
    library: None, as_coordinator: Client
) -> None:
    fill(on_call_email="on-call@example.org")
    page = text_of(Visitor().send_all(question="I can not breathe", country="KZ"))
    assert page.index("Do not wait for our answer") < page.index("Return code")
    main = page.split("<footer")[0]
    assert ('href="tel:103"' in main, 'href="tel:911"' in main) == (True, False)
    request = ConsultationRequest.objects.get()
    assert request.reply_due_at == NOW + 2 * HOUR
    letter = mail.letter(OutgoingMail.objects.get(kind="cannot_wait"))
    assert letter.to == ["on-call@example.org", "ruth@example.org"]
    script = as_coordinator.get(address(request)).content.decode()
    assert "103 (Kazakhstan), 112 (Kazakhstan)" in script


@pytest.mark.parametrize(
    ("country", "phone", "number"),
    [
        ("", "+380 44 123 4567", "103"),
        ("ZZ", "+380 44 123 4567", "112"),
        ("", "", "112"),
        ("IL", "+1 202 555 0143", "101"),
    ],
)
def test_number_to_dial_follows_the_phone_where_nobody_said_the_country(
    country: str, phone: str, number: str
) -> None:
    request = create_request(country=country, phone=phone)
    assert SiteProfile(pk=1).dials_for(request.lives_in)[0].number == number


def test_receipt_says_what_to_do_and_not_whether_the_words_were_urgent() -> None:
    bodies = set()
    for reference, is_urgent in (("IM-AAAA-AA", True), ("IM-CCCC-CC", False)):
        create_request(reference=reference, is_urgent=is_urgent, country="UA")
        letter = mail.letter(create_mail(reference=reference, recipient="anna@example.org"))
        bodies.add(letter.body.replace(reference, ""))
    assert len(bodies) == 1
    assert "local emergency number: 103\n" in bodies.pop()


@pytest.mark.parametrize("status", ["read", "closed"])
def test_urgent_words_of_a_message_bring_the_promise_forward(
    library: None, coordinator: User, as_coordinator: Client, status: str
) -> None:
    sent = create_taken(by=coordinator, reply_due_at=NOW + 24 * HOUR)
    if status == "closed":
        sent.close(reason="no_reply", by=coordinator, now=NOW)
    anna = come_back(sent)
    write(anna, "I have chest pain")
    assert again(sent).reply_due_at == NOW + 2 * HOUR
    assert "Do not wait for our answer" in text_of(anna.get(HOME))


def test_flag_brings_the_promise_forward_and_taking_it_off_breaks_no_promise(
    as_coordinator: Client, coordinator: User
) -> None:
    request = create_taken(by=coordinator, reply_due_at=NOW + 24 * HOUR)
    for step in ("flag", "unflag"):
        do(as_coordinator, request, step)
        assert again(request).reply_due_at == NOW + 2 * HOUR


def test_clock_of_urgent_words_runs_in_the_evening() -> None:
    fill(on_call_hours=EVENINGS)
    evening = israel("2026-11-22 19:00")
    request = create_request(received_at=evening, reply_due_at=evening + 2 * HOUR, is_urgent=True)
    clock = Clocks.at(evening + 1.75 * HOUR).read(request)
    assert (clock.words, clock.state) == ("15 min left", State.RED)
