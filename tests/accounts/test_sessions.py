"""Sessions end: by the clock, by signing out, by a new password, by an account that is closed."""

from __future__ import annotations

import re

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client

from immuno_site.accounts import second_factor, sessions
from tests.staff import PASSWORD, sign_in, wait_for_letters

NEW_PASSWORD = "another long enough password"


@pytest.fixture
def here(ruth, secret, clock) -> Client:
    client = Client()
    sign_in(client, ruth, secret)
    return client


@pytest.fixture
def there(here, ruth, secret, clock) -> Client:
    clock.forward(seconds=60)
    client = Client()
    sign_in(client, ruth, secret)
    return client


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_session_cookie_is_only_for_the_server_and_this_browser_session(here, settings):
    cookie = here.cookies[settings.SESSION_COOKIE_NAME]
    assert settings.SESSION_COOKIE_NAME.startswith("__Host-")
    assert (cookie["secure"], cookie["httponly"], cookie["samesite"]) == (True, True, "Lax")
    assert not cookie["max-age"]


@pytest.mark.corpus("C6")
@pytest.mark.parametrize("address", ["/accounts/logout/", "/admin/logout/"])
def test_c6_cookie_is_dead_after_signing_out(here, settings, address):
    kept = here.cookies[settings.SESSION_COOKIE_NAME].value
    answer = here.post(address)
    assert answer["Clear-Site-Data"] == '"cache", "storage"'
    thief = Client()
    thief.cookies[settings.SESSION_COOKIE_NAME] = kept
    assert not is_in(thief)


def test_signing_out_takes_a_button_not_a_link(here):
    assert here.get("/accounts/logout/").status_code == 200
    assert is_in(here)


@pytest.mark.parametrize("address", ["/admin/", "/accounts/second-factor/", "/accounts/password/change/"])
def test_staff_pages_have_a_way_out(here, address):
    assert re.search(
        r'<form [^>]*action="/accounts/logout/"[^>]*>\s*<input[^>]*>\s*<button',
        here.get(address).content.decode(),
    )


@pytest.mark.corpus("C7")
def test_c7_half_an_hour_of_rest_ends_the_session(here, clock):
    clock.forward(minutes=29)
    assert is_in(here)
    clock.forward(minutes=29)
    assert is_in(here)
    clock.forward(minutes=31)
    answer = here.get("/admin/")
    assert answer.status_code == 302
    assert "Clear-Site-Data" in answer
    assert not is_in(here)


@pytest.mark.corpus("C7")
def test_c7_eight_hours_end_the_session_however_busy(here, clock):
    for _ in range(31):
        clock.forward(minutes=15)
        assert is_in(here)
    clock.forward(minutes=16)
    assert not is_in(here)


def test_session_of_unknown_age_is_over(here):
    session = here.session
    del session[sessions.SIGNED_IN_AT]
    session.save()
    assert not is_in(here)


def test_clock_set_back_does_not_end_a_session(here, clock):
    clock.forward(minutes=-60)
    assert is_in(here)


@pytest.mark.corpus("C8")
def test_c8_new_password_ends_all_other_sessions(here, there):
    new = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert here.post("/accounts/password/change/", new).status_code == 302
    assert is_in(here)
    assert not is_in(there)


def test_new_password_takes_the_old_one(here, ruth):
    new = {"oldpassword": "quite another one", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    assert here.post("/accounts/password/change/", new).status_code == 422
    ruth.refresh_from_db()
    assert ruth.check_password(PASSWORD)


def test_link_of_the_admin_leads_to_our_page_for_a_new_password(here):
    assert here.get("/admin/password_change/")["Location"] == "/accounts/password/change/"


def test_person_is_told_of_a_new_password(here, ruth, mailoutbox, django_capture_on_commit_callbacks):
    new = {"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    with django_capture_on_commit_callbacks(execute=True):
        here.post("/accounts/password/change/", new)
    wait_for_letters()
    assert [letter.to for letter in mailoutbox] == [["ruth@example.org"]]
    assert "If this was not you" in mailoutbox[0].body
    assert NEW_PASSWORD not in mailoutbox[0].body


def test_new_recovery_codes_end_all_other_sessions(here, there, django_capture_on_commit_callbacks):
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})
    with django_capture_on_commit_callbacks(execute=True):
        here.post("/accounts/second-factor/recovery-codes/generate/")
    assert is_in(here)
    assert not is_in(there)


def test_turning_off_the_last_factor_ends_other_sessions_and_leads_to_enrollment(here, there, ruth):
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})
    here.post("/accounts/second-factor/totp/deactivate/")
    assert not Authenticator.objects.filter(user=ruth).exists()
    assert here.get("/admin/")["Location"] == "/accounts/second-factor/"
    assert there.get("/accounts/second-factor/").status_code == 302


@pytest.mark.corpus("A12")
def test_a12_closed_account_is_refused_at_the_next_request(here, ruth, secret, clock):
    assert is_in(here)
    ruth.is_active = False
    ruth.save()
    assert not is_in(here)
    clock.forward(seconds=60)
    client = Client()
    sign_in(client, ruth, secret)
    assert not is_in(client)


def test_lost_factor_removed_by_an_administrator_ends_the_sessions(here, ruth):
    second_factor.remove(ruth)
    sessions.end_sessions(ruth)
    assert not is_in(here)


def test_sessions_of_others_stay(here, editor):
    other = Client()
    other.force_login(editor)
    sessions.end_sessions(editor)
    assert is_in(here)
    assert not is_in(other)


# --- Where one is signed in -------------------------------------------------------------------------------

PHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Safari/604.1"
)


@pytest.fixture
def phone(here, ruth, secret, clock) -> Client:
    clock.forward(seconds=60)
    client = Client(headers={"user-agent": PHONE})
    sign_in(client, ruth, secret)
    return client


def _names(client: Client) -> list[str]:
    return re.findall(r'name="session" value="(\w+)"', client.get("/accounts/sessions/").content.decode())


def test_person_sees_where_they_are_signed_in_and_ends_one(phone, here, there):
    html = phone.get("/accounts/sessions/").content.decode()
    assert re.search(r"<strong>Safari on iPhone</strong> \(this one\)", html)
    assert html.count("last seen at") == 3
    names = _names(phone)
    assert len(names) == 2
    phone.post("/accounts/reauthenticate/", {"password": PASSWORD})
    answer = phone.post("/accounts/sessions/", {"session": names[0]}, follow=True)
    assert "You are signed out there." in answer.content.decode()
    assert [is_in(client) for client in (phone, here, there)].count(True) == 2
    assert is_in(phone)
    again = phone.post("/accounts/sessions/", {"session": names[0]}, follow=True)
    assert "already" in again.content.decode()


def test_person_ends_all_other_sessions_at_once(phone, here, there):
    phone.post("/accounts/reauthenticate/", {"password": PASSWORD})
    phone.post("/accounts/sessions/", {"others": "1"})
    assert [is_in(client) for client in (phone, here, there)] == [True, False, False]
    assert "Nowhere else." in phone.get("/accounts/sessions/").content.decode()


def test_who_they_are_is_asked_again_before_they_end_any(phone, here, secret, clock):
    (name,) = _names(phone)
    for step in ({"session": name}, {"others": "1"}):
        answer = phone.post("/accounts/sessions/", step)
        assert answer.status_code == 302
        assert "/reauthenticate/" in answer["Location"]
        assert is_in(here)
    clock.forward(seconds=60)
    phone.post(answer["Location"], {"password": PASSWORD, "next": "/accounts/sessions/"})
    assert not is_in(here)  # what was asked for is done then
    assert is_in(phone)


def test_page_of_sessions_gives_no_key_away_and_says_nothing_of_colleagues(phone, here, editor, settings):
    other = Client(headers={"user-agent": "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/133.0"})
    other.force_login(editor)
    html = phone.get("/accounts/sessions/").content.decode()
    assert "Another browser" in html
    assert here.cookies[settings.SESSION_COOKIE_NAME].value not in html
    assert "Windows" not in html
    (theirs,) = [place.name for place in sessions.places_of(editor, here=other.session)]
    phone.post("/accounts/reauthenticate/", {"password": PASSWORD})
    phone.post("/accounts/sessions/", {"session": theirs})
    assert is_in(other)


def test_sessions_that_are_over_are_not_shown(phone, here, clock):
    assert len(_names(phone)) == 1
    clock.forward(minutes=29)
    assert is_in(phone)
    clock.forward(minutes=2)
    assert "Nowhere else." in phone.get("/accounts/sessions/").content.decode()


def test_session_holds_no_network_address(here):
    assert "127.0.0.1" not in str(dict(here.session))


@pytest.mark.parametrize(
    ("user_agent", "words"),
    [
        (PHONE, "Safari on iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/131.0 Safari/537.36 Edg/131.0", "Edge on Windows"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/131.0 Mobile Safari/537.36", "Chrome on Android"),
        ("<script>", "Another browser"),
        ("", "Another browser"),
    ],
)  # fmt: skip
def test_browsers_are_named_in_words(user_agent, words):
    assert sessions.browser_in_words(user_agent) == words
