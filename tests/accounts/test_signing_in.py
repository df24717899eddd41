"""The first step: a password, asked for in one place, that cannot be guessed or fished for."""

from __future__ import annotations

import re

import pytest
from axes.models import AccessAttempt
from django.contrib.auth import get_user
from django.core import mail
from django.test import Client
from django.utils import timezone

from immuno_site.accounts.hashers import Argon2id46MiB
from tests.staff import PASSWORD, code, create_staff, enter_code, enter_password, sign_in, wait_for_letters

ELSEWHERE = [
    "//evil.example", "/\\evil.example", "///evil.example", "javascript:alert(1)", "https:evil.example",
    "https://evil.example/", "%2F%2Fevil.example", "http://testserver@evil.example", "\t//evil.example",
    "/\t/evil.example", "testserver/admin/", "https://localhost/",
]  # fmt: skip


def test_password_and_code_lead_to_the_admin(client, ruth, secret, clock):
    first = enter_password(client, "ruth")
    assert (first.status_code, first["Location"]) == (302, "/accounts/second-factor/authenticate/")
    assert client.get("/admin/").status_code == 302  # not yet
    second = enter_code(client, code(secret))
    assert (second.status_code, second["Location"]) == (302, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_sign_in_leads_back_to_where_one_was_going(client, ruth, secret, clock):
    asked = client.get("/admin/auth/user/", follow=True)
    assert asked.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    assert 'name="next" value="/admin/auth/user/"' in asked.content.decode()
    client.post("/accounts/login/", {"login": "ruth", "password": PASSWORD, "next": "/admin/auth/user/"})
    assert enter_code(client, code(secret))["Location"] == "/admin/auth/user/"


def test_forms_of_the_admin_and_of_the_cms_lead_to_ours(client, ruth):
    for address in ("/admin/login/", "/cms_login/", "/he/cms_login/"):
        answer = client.post(address, {"username": "ruth", "password": PASSWORD})
        assert (answer.status_code, answer["Location"].partition("?")[0]) == (302, "/accounts/login/")
    assert not get_user(client).is_authenticated


@pytest.mark.parametrize("address", ["/accounts/signup/", "/accounts/email/", "/accounts/password/set/"])
def test_nobody_signs_up(client, db, address):
    assert client.get(address).status_code == 404
    assert client.post(address, {"username": "me", "password1": PASSWORD}).status_code == 404


def test_wrong_password_keeps_the_name_and_says_so(client, ruth):
    answer = enter_password(client, "ruth", "not the password")
    page = answer.content.decode()
    assert answer.status_code == 422
    assert 'value="ruth"' in page
    assert "<title>Error:" in page
    assert "not the password" not in page


def test_pages_of_signing_in_are_strict_and_stored_by_nobody(client, db):
    for address in ("/accounts/login/", "/accounts/password/reset/", "/accounts/invitation/"):
        answer = client.get(address)
        assert answer["Cache-Control"] == "no-store, private"
        assert "unsafe" not in answer["Content-Security-Policy"]
        assert not re.findall(r"<script(?![^>]*src=)|<style|\sstyle=|\son\w+=", answer.content.decode())


@pytest.mark.corpus("C4")
def test_c4_sign_in_posted_from_elsewhere_is_refused(ruth):
    client = Client(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    assert enter_password(client, "ruth").status_code == 403
    assert not get_user(client).is_authenticated


@pytest.mark.corpus("C5")
def test_c5_session_known_before_is_worthless_after(client, ruth, secret, clock, settings):
    client.get("/accounts/login/")
    enter_password(client, "ruth")
    before = client.cookies[settings.SESSION_COOKIE_NAME].value
    enter_code(client, code(secret))
    assert client.cookies[settings.SESSION_COOKIE_NAME].value != before
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = before
    assert thief.get("/admin/").status_code == 302


# --- The lock ---------------------------------------------------------------------------------------------


@pytest.mark.corpus("C9")
def test_c9_five_wrong_passwords_lock_this_name_on_this_network_only(client, ruth, secret, clock):
    answers = [enter_password(client, "ruth", f"wrong {number}").status_code for number in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    right = enter_password(client, "ruth")
    assert right.status_code == 429
    assert "Too many wrong tries" in right.content.decode()
    assert enter_password(Client(), "RUTH ").status_code == 429
    other = create_staff("noa")
    assert enter_password(Client(), other.username).status_code == 302
    assert enter_password(Client(), "ruth", REMOTE_ADDR="198.51.100.7").status_code == 302


def test_lock_opens_after_a_quarter_of_an_hour_whatever_happens_meanwhile(client, ruth, secret, clock):
    for number in range(8):
        enter_password(client, "ruth", f"wrong {number}")
    locked = AccessAttempt.objects.get()
    assert locked.failures_since_start == 5
    AccessAttempt.objects.update(attempt_time=timezone.now() - timezone.timedelta(minutes=14))
    assert enter_password(client, "ruth").status_code == 429
    AccessAttempt.objects.update(attempt_time=timezone.now() - timezone.timedelta(minutes=16))
    assert enter_password(client, "ruth").status_code == 302


def test_locked_out_stranger_does_not_lock_the_name_for_everybody(ruth, secret, clock, settings):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"login": "", "login_failed": "6/h/key"}
    for number in range(12):
        enter_password(Client(), "ruth", f"wrong {number}", REMOTE_ADDR="203.0.113.9")
    assert enter_password(Client(), "ruth", REMOTE_ADDR="198.51.100.7").status_code == 302


@pytest.mark.corpus("C10")
@pytest.mark.parametrize("forged", ["10.0.0.{}", "2001:db8::{}", "junk {}"])
def test_c10_made_up_forwarding_addresses_do_not_evade_the_lock(ruth, forged):
    for number in range(5):
        answer = enter_password(
            Client(), "ruth", "wrong", REMOTE_ADDR="203.0.113.9", HTTP_X_FORWARDED_FOR=forged.format(number)
        )
    assert answer.status_code == 429


@pytest.mark.corpus("C10")
def test_c10_address_written_by_our_proxy_counts_and_nothing_left_of_it(ruth):
    for number in range(5):
        answer = enter_password(
            Client(), "ruth", "wrong", HTTP_X_FORWARDED_FOR=f"10.0.0.{number}, 203.0.113.9"
        )
    assert answer.status_code == 429
    assert AccessAttempt.objects.get().ip_address == "203.0.113.9"


def test_password_typed_into_the_field_for_the_name_is_written_down_nowhere(client, ruth):
    enter_password(client, "correct horse battery", "ruth")
    attempt = AccessAttempt.objects.get()
    stored = " ".join(str(value) for value in vars(attempt).values())
    assert "horse" not in stored
    assert attempt.username.startswith("unknown ")


# --- Nothing is given away --------------------------------------------------------------------------------


def _page_for(name: str, answer) -> str:
    page = re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", answer.content.decode())
    return page.replace(name, "NAME")


@pytest.mark.corpus("C11")
def test_c11_unknown_name_gets_the_answer_of_a_wrong_password(ruth, secret):
    pages = []
    for name in ("ruth", "nobody"):
        answers = [enter_password(Client(), name, "wrong") for _ in range(6)]
        pages.append([(answer.status_code, _page_for(name, answer)) for answer in answers])
    assert pages[0] == pages[1]


@pytest.mark.corpus("C11")
def test_c11_reset_tells_nobody_which_addresses_have_accounts(ruth, django_capture_on_commit_callbacks):
    answers = []
    for address in ("ruth@example.org", "nobody@example.org"):
        client = Client()
        with django_capture_on_commit_callbacks(execute=True):
            answer = client.post("/accounts/password/reset/", {"email": address})
        page = client.get(answer["Location"])
        wrong = client.post(answer["Location"], {"code": "WRNG-CODE"})
        answers.append(
            [
                (step.status_code, step.get("Location"), _page_for(address, step))
                for step in (answer, page, wrong)
            ]
        )
    assert answers[0] == answers[1]
    wait_for_letters()
    assert [letter.to for letter in mail.outbox] == [["ruth@example.org"]]


def test_without_redis_people_sign_in_and_the_lock_holds(client, ruth, secret, clock, settings):
    nobody_there = {
        "BACKEND": "immuno_site.redis_cache.ForgivingRedisCache",
        "LOCATION": "redis://127.0.0.1:1/0",
        "OPTIONS": {"socket_connect_timeout": 0.25},
    }
    settings.CACHES = settings.CACHES | {"default": nobody_there}
    used = code(secret)
    sign_in(client, ruth, secret)
    assert client.get("/admin/").status_code == 200
    again = Client()
    enter_password(again, "ruth")
    assert enter_code(again, used).status_code == 422
    assert [enter_password(Client(), "ruth", "wrong").status_code for _ in range(4)] == [422, 422, 422, 429]


def test_password_costs_the_memory_this_machine_can_spare():
    assert "$argon2id$v=19$m=47104,t=1,p=1$" in Argon2id46MiB().encode(PASSWORD, "some salt here")


# --- Redirects --------------------------------------------------------------------------------------------


@pytest.mark.corpus("R1")
@pytest.mark.parametrize("target", ELSEWHERE)
def test_r1_sign_in_leads_nowhere_else(client, ruth, secret, clock, target):
    client.post("/accounts/login/", {"login": "ruth", "password": PASSWORD, "next": target})
    assert enter_code(client, code(secret))["Location"] == "/admin/"


@pytest.mark.corpus("R2")
@pytest.mark.parametrize("target", ELSEWHERE)
def test_r2_sign_out_leads_nowhere_else(client, ruth, secret, clock, target):
    sign_in(client, ruth, secret)
    assert client.post("/accounts/logout/", {"next": target})["Location"] == "/accounts/login/"


@pytest.mark.corpus("R3")
@pytest.mark.parametrize("target", ELSEWHERE)
def test_r3_confirming_leads_nowhere_else(client, ruth, secret, clock, target):
    sign_in(client, ruth, secret)
    answer = client.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": target})
    assert answer["Location"] == "/admin/"
