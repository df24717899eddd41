"""The second step: everybody has one, it is asked for everywhere, and a code counts once."""

from __future__ import annotations

import io
import json
import re
from concurrent.futures import ThreadPoolExecutor

import pytest
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from django.contrib.auth import get_user
from django.core.cache import caches
from django.core.management import call_command
from django.db import connection
from django.test import Client

from immuno_site.accounts import second_factor
from immuno_site.accounts.middleware import ENROLLMENT, NOT_PAGES, OPEN_DURING_ENROLLMENT
from immuno_site.accounts.models import Session
from tests.addresses import every_address
from tests.staff import (
    PASSWORD,
    code,
    create_staff,
    enter_code,
    enter_password,
    give_second_factor,
    sign_in,
    wait_for_letters,
)

OPEN = (*NOT_PAGES, *OPEN_DURING_ENROLLMENT)
JUNK = [
    "", "{}", "null", "[]", '"x"', "not json", '{"id": 1}', '{"id": "AA", "rawId": "AA"}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "MQ"}}',
    '{"id": "AA", "rawId": "AA", "type": "public-key", "response": {"userHandle": "MQ", "clientDataJSON": "e30",'
    ' "authenticatorData": "AA", "signature": "AA"}}',
]  # fmt: skip
NEW_PASSWORD = "another long enough password"


@pytest.fixture
def newcomer(client, ruth) -> Client:
    """Signed in with a password, no second factor yet."""
    enter_password(client, "ruth")
    return client


@pytest.fixture
def at_the_second_step(client, ruth, secret, clock) -> Client:
    enter_password(client, "ruth")
    return client


# --- Everybody has one ------------------------------------------------------------------------------------


@pytest.mark.corpus("C12")
def test_c12_every_address_leads_to_enrollment_without_a_second_factor(newcomer):
    addresses = [address for address in every_address() if not address.startswith(OPEN)]
    assert len([address for address in addresses if address.startswith("/admin/")]) > 200
    for address in addresses:
        for ask in (newcomer.get, newcomer.post):
            answer = ask(address)
            assert (answer.status_code, answer["Location"]) == (302, ENROLLMENT), address
            assert "no-store" in answer["Cache-Control"], address


@pytest.mark.corpus("C12")
@pytest.mark.parametrize("path", ["/admin/cms/placeholder/object/1/edit/1/", "/admin/content/signoff/desk/"])
def test_c12_superuser_is_no_exception(client, db, path):
    client.force_login(create_staff("boss", is_superuser=True, with_second_factor=False))
    assert client.get(path)["Location"] == ENROLLMENT


def test_pages_open_during_enrollment_exist(newcomer):
    for address in (ENROLLMENT, "/accounts/second-factor/totp/activate/", "/accounts/logout/"):
        assert newcomer.get(address, follow=True).status_code == 200
    assert newcomer.get("/api/v1/drugs/").status_code == 200


def test_password_alone_does_not_reach_the_factors_of_whoever_has_some(client, ruth, secret):
    """Past the sign-in page (here: a session from elsewhere), so that no code was asked for."""
    enter_password(client, "ruth")
    session = client.session
    session["_auth_user_id"], session["_auth_user_hash"] = str(ruth.pk), ruth.get_session_auth_hash()
    session["_auth_user_backend"] = "allauth.account.auth_backends.AuthenticationBackend"
    session["signed_in_at"] = session["seen_at"] = 4_000_000_000
    session.save()
    for address in (ENROLLMENT, "/accounts/second-factor/totp/deactivate/", "/admin/"):
        assert "/accounts/login/" in client.get(address, follow=True).redirect_chain[-1][0]
    assert not get_user(client).is_authenticated
    assert second_factor.has_second_factor(ruth)


def test_recovery_codes_alone_are_no_second_factor(client, ruth, secret, clock):
    sign_in(client, ruth, secret)
    Authenticator.objects.filter(user=ruth, type=Authenticator.Type.TOTP).delete()
    assert client.get("/admin/")["Location"] == ENROLLMENT


# --- Enrolling --------------------------------------------------------------------------------------------


def _confirm(client: Client) -> None:
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})


def _shown_secret(client: Client) -> str:
    page = client.get("/accounts/second-factor/totp/activate/").content.decode()
    assert "<svg" in page
    return re.search(r"<code>([A-Z2-7]{32})</code>", page)[1]


# What enrollment writes down happens on commit, so this needs real ones.
@pytest.mark.django_db(transaction=True)
def test_newcomer_enrolls_an_app_sees_recovery_codes_and_gets_in(newcomer, ruth, clock):
    asked = newcomer.get("/accounts/second-factor/totp/activate/")
    assert asked["Location"].startswith("/accounts/reauthenticate/")
    _confirm(newcomer)
    shown = _shown_secret(newcomer)
    wrong = newcomer.post("/accounts/second-factor/totp/activate/", {"code": "000000"})
    right = newcomer.post("/accounts/second-factor/totp/activate/", {"code": code(shown)})
    assert wrong.status_code == 422
    assert right["Location"] == "/accounts/second-factor/recovery-codes/"
    assert len(re.findall(r"<code>\d{8}</code>", newcomer.get(right["Location"]).content.decode())) == 10
    assert newcomer.get("/admin/").status_code == 200


def test_code_that_enrolled_the_app_does_not_sign_in(
    newcomer, ruth, clock, django_capture_on_commit_callbacks
):
    _confirm(newcomer)
    used = code(_shown_secret(newcomer))
    with django_capture_on_commit_callbacks(execute=True):
        newcomer.post("/accounts/second-factor/totp/activate/", {"code": used})
    elsewhere = Client()
    enter_password(elsewhere, "ruth")
    assert enter_code(elsewhere, used).status_code == 422


def test_secret_is_in_no_table_in_clear(newcomer, ruth, clock):
    _confirm(newcomer)
    shown = _shown_secret(newcomer)
    newcomer.post("/accounts/second-factor/totp/activate/", {"code": "000000"})
    assert _shown_secret(newcomer) != shown  # a new one each time the page is opened
    shown = _shown_secret(newcomer)
    sessions = [json.dumps(session.get_decoded()) for session in Session.objects.all()]
    assert sessions
    assert not [session for session in sessions if shown in session]
    newcomer.post("/accounts/second-factor/totp/activate/", {"code": code(shown)})
    rows = {row.type: json.dumps(row.data) for row in Authenticator.objects.filter(user=ruth)}
    assert set(rows) == {"totp", "recovery_codes"}
    assert shown not in rows["totp"]
    recovery = Authenticator.objects.get(user=ruth, type="recovery_codes")
    assert recovery.data["seed"] != second_factor.SecondFactorAdapter().decrypt(recovery.data["seed"])


def test_secrets_survive_a_change_of_keys(ruth, secret, settings, clock):
    settings.CONSULTATION_KEYS = [Fernet.generate_key().decode(), *settings.CONSULTATION_KEYS]
    call_command("rotate_keys", stdout=io.StringIO(), stderr=io.StringIO())
    settings.CONSULTATION_KEYS = settings.CONSULTATION_KEYS[:1]
    client = Client()
    sign_in(client, ruth, secret)
    assert client.get("/admin/").status_code == 200


def test_passkey_pages_work_without_inline_scripts_and_hold_their_data(client, ruth, secret, clock):
    sign_in(client, ruth, secret)
    _confirm(client)
    page = client.get("/accounts/second-factor/webauthn/add/").content.decode()
    assert '<script id="passkey-data" type="application/json">' in page
    assert '"id": "testserver"' in page
    for script in re.findall(r"<script[^>]*>", page):
        assert "src=" in script or 'type="application/json"' in script
    offer = Client().get("/accounts/second-factor/webauthn/login/", headers={"accept": "application/json"})
    assert offer.json()["request_options"]["publicKey"]["userVerification"] == "required"


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_made_up_passkey_is_refused(client, ruth, secret, clock, junk):
    Client().get("/accounts/second-factor/webauthn/login/", headers={"accept": "application/json"})
    assert client.post("/accounts/second-factor/webauthn/login/", {"credential": junk}).status_code == 302
    enter_password(client, "ruth")
    answer = client.post("/accounts/second-factor/authenticate/", {"credential": junk})
    assert answer.status_code == 422
    assert not get_user(client).is_authenticated


@pytest.mark.parametrize("junk", JUNK, ids=range(len(JUNK)))
def test_made_up_passkey_is_not_added(client, ruth, secret, clock, junk):
    sign_in(client, ruth, secret)
    _confirm(client)
    client.get("/accounts/second-factor/webauthn/add/")
    answer = client.post("/accounts/second-factor/webauthn/add/", {"name": "mine", "credential": junk})
    assert answer.status_code == 422
    assert not Authenticator.objects.filter(type="webauthn").exists()


# --- A code counts once -----------------------------------------------------------------------------------


@pytest.mark.corpus("C13")
@pytest.mark.parametrize("steps", [-3, -2, 2, 3])
def test_c13_code_of_a_clock_two_steps_off_is_refused(at_the_second_step, secret, steps):
    assert enter_code(at_the_second_step, code(secret, steps=steps)).status_code == 422


@pytest.mark.corpus("C13")
@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_c13_code_of_a_clock_one_step_off_is_accepted(at_the_second_step, secret, steps):
    assert enter_code(at_the_second_step, code(secret, steps=steps)).status_code == 302


@pytest.mark.corpus("C13")
@pytest.mark.parametrize(
    "written", ["0{}", "{}0", "{}a", "-{}", "{}-", "{}.", "+{}", "", "abcdef", "१२३४५६", "{}\0"]
)
def test_c13_padded_or_odd_code_is_refused(at_the_second_step, secret, written):
    answer = enter_code(at_the_second_step, written.format(code(secret)))
    assert answer.status_code == 422
    assert not get_user(at_the_second_step).is_authenticated


@pytest.mark.corpus("C13")
def test_c13_wrong_code_is_refused(at_the_second_step, secret):
    right = {code(secret, steps=steps) for steps in (-1, 0, 1)}
    wrong = next(digits for digits in ("000000", "111111", "222222", "333333") if digits not in right)
    assert enter_code(at_the_second_step, wrong).status_code == 422
    assert not get_user(at_the_second_step).is_authenticated


@pytest.mark.corpus("C13")
@pytest.mark.django_db(transaction=True)
def test_c13_code_that_comes_twice_at_once_counts_once(ruth, secret, clock):
    clients = [Client(), Client(), Client()]
    for client in clients:
        enter_password(client, "ruth")

    def enter(client: Client) -> int:
        try:
            return enter_code(client, code(secret)).status_code
        finally:
            connection.close()

    with ThreadPoolExecutor(len(clients)) as pool:
        assert sorted(pool.map(enter, clients)) == [302, 422, 422]


@pytest.mark.corpus("C13")
@pytest.mark.parametrize("written", ["{}", " {} ", "{}\t"])
def test_c13_code_is_accepted_once_however_it_is_written(at_the_second_step, secret, written):
    used = code(secret)
    assert enter_code(at_the_second_step, f"{used[:3]} {used[3:]}").status_code == 302
    again = Client()
    enter_password(again, "ruth")
    assert enter_code(again, written.format(used)).status_code == 422


@pytest.mark.corpus("C13")
def test_c13_used_code_stays_used_when_the_cache_is_emptied(at_the_second_step, secret):
    enter_code(at_the_second_step, code(secret))
    caches["default"].clear()
    again = Client()
    enter_password(again, "ruth")
    assert enter_code(again, code(secret)).status_code == 422
    assert enter_code(again, code(secret, steps=-1)).status_code == 422
    assert enter_code(again, code(secret, steps=1)).status_code == 302


@pytest.mark.corpus("C13")
def test_c13_recovery_code_works_once(ruth, secret, clock):
    recovery = Authenticator.objects.get(user=ruth, type="recovery_codes").wrap().generate_codes()[0]
    answers = []
    for _ in range(2):
        client = Client()
        enter_password(client, "ruth")
        answers.append(enter_code(client, recovery).status_code)
    assert answers == [302, 422]


def test_five_wrong_codes_lock_the_name_for_password_and_code(at_the_second_step, secret):
    answers = [enter_code(at_the_second_step, "000000").status_code for _ in range(5)]
    assert answers == [422, 422, 422, 422, 429]
    assert enter_code(at_the_second_step, code(secret)).status_code == 429
    assert enter_password(Client(), "ruth").status_code == 429


def test_codes_tried_from_many_addresses_are_counted_together(ruth, secret, clock):
    for number in range(10):
        client = Client(REMOTE_ADDR=f"198.51.100.{number}")
        enter_password(client, "ruth")
        assert enter_code(client, "000000").status_code == 422
    client = Client(REMOTE_ADDR="198.51.100.99")
    enter_password(client, "ruth")
    assert enter_code(client, code(secret)).status_code == 429


@pytest.mark.corpus("C14")
def test_c14_new_password_by_mail_does_not_replace_the_second_factor(
    client, ruth, secret, clock, mailoutbox, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks(execute=True):
        client.post("/accounts/password/reset/", {"email": "Ruth@example.org"})
    wait_for_letters()
    sent = re.search(r"^([A-Z]{4}-[A-Z]{4})$", mailoutbox[0].body, re.MULTILINE)[1]
    client.post("/accounts/password/reset/code/", {"code": sent})
    new = {"password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    done = client.post("/accounts/password/reset/new/", new)
    assert done["Location"] == "/accounts/password/reset/done/"
    assert not get_user(client).is_authenticated
    assert enter_password(client, "ruth", NEW_PASSWORD)["Location"] == "/accounts/second-factor/authenticate/"
    assert not get_user(client).is_authenticated
    enter_code(client, code(secret))
    assert client.get("/admin/").status_code == 200


def test_second_account_with_the_same_app_secret_is_its_own_account(client, ruth, secret, clock):
    """The step is noted per authenticator, not per code."""
    noa = create_staff("noa", with_second_factor=False)
    hers = give_second_factor(noa)
    sign_in(client, ruth, secret)
    other = Client()
    sign_in(other, noa, hers)
    assert other.get("/admin/").status_code == 200
