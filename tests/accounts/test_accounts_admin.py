"""The accounts in the admin: what an administrator can do, and what nobody can."""

from __future__ import annotations

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import User
from django.test import Client

from immuno_site.accounts import second_factor
from immuno_site.accounts.models import Invitation
from immuno_site.consultations.models import AccessEvent, ConsultationRequest, OutgoingMail
from tests.consultations.conftest import create_person
from tests.consultations.factories import NOW, create_request
from tests.staff import create_staff

USERS = "/admin/auth/user/"


@pytest.fixture
def administrator(db) -> Client:
    """May manage accounts, and is no superuser."""
    client = Client()
    client.force_login(create_staff("dana", "view_user", "add_user", "change_user", "delete_user"))
    return client


@pytest.fixture
def noa(db) -> User:
    return create_staff("noa")


def act(client: Client, action: str, *users: User):
    return client.post(
        USERS, {"action": action, "_selected_action": [user.pk for user in users]}, follow=True
    )


def form_of(user: User, **changes: object) -> dict[str, object]:
    fields = {"username": user.username, "email": user.email, "is_active": "on", "is_staff": "on"}
    return {name: value for name, value in (fields | changes).items() if value is not None}


def test_list_tells_who_still_has_to_do_something(administrator, noa):
    create_staff("late", with_second_factor=False)
    page = administrator.get(USERS).content.decode()
    assert "Password and second factor" in page
    assert "Has no second factor yet" in page


@pytest.mark.parametrize("address", ["{}/delete/", "{}/password/"])
def test_accounts_are_not_deleted_and_nobody_chooses_a_colleagues_password(editor, noa, address):
    boss = Client()
    boss.force_login(editor)
    assert boss.post(USERS + address.format(noa.pk), {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=noa.pk).exists()
    assert "delete_selected" not in boss.get(USERS).content.decode()


def test_account_is_closed_by_a_tick(administrator, noa):
    answer = administrator.post(f"{USERS}{noa.pk}/change/", form_of(noa, is_active=None))
    assert answer.status_code == 302
    noa.refresh_from_db()
    assert not noa.is_active


@pytest.fixture
def ruth(db) -> User:
    return create_person("ruth", "Coordinator")


@pytest.mark.parametrize("to", ["everybody", "boris"])
def test_whoever_leaves_hands_over_what_they_have(administrator, ruth, to):
    boris = create_person("boris", "Coordinator")
    request, closed = create_request(), create_request()
    for row in (request, closed):
        row.take(by=ruth, now=NOW)
    closed.close(reason="answered", by=ruth, now=NOW)
    change = f"{USERS}{ruth.pk}/change/"
    typed = form_of(ruth, is_active=None)
    refused = administrator.post(change, typed).content.decode()
    assert "This person has 1 request that is not closed." in refused
    assert "Choose who looks after these patients." in refused
    assert User.objects.get(pk=ruth.pk).is_active
    choice = str(boris.pk) if to == "boris" else to
    assert administrator.post(change, {**typed, "requests_go_to": choice}).status_code == 302
    assert not User.objects.get(pk=ruth.pk).is_active
    assert ConsultationRequest.objects.get(pk=request.pk).owner == (boris if to == "boris" else None)
    assert ConsultationRequest.objects.get(pk=closed.pk).owner == ruth
    assert AccessEvent.objects.get(reference=request.reference).by.username == "dana"
    assert OutgoingMail.objects.get().kind == "handed_over"


def test_role_that_is_taken_away_leaves_no_patient_behind(editor, ruth):
    boss = Client()
    boss.force_login(editor)
    create_request().take(by=ruth, now=NOW)
    change = f"{USERS}{ruth.pk}/change/"
    assert "Choose who looks after" in boss.post(change, form_of(ruth)).content.decode()
    kept = form_of(ruth) | {"user_permissions": list(ruth.user_permissions.values_list("pk", flat=True))}
    assert boss.post(change, kept).status_code == 302
    assert ConsultationRequest.objects.get().owner == ruth


def test_whoever_has_nothing_is_asked_nothing(administrator, ruth):
    assert "requests_go_to" not in administrator.get(f"{USERS}{ruth.pk}/change/").content.decode()
    assert administrator.post(f"{USERS}{ruth.pk}/change/", form_of(ruth, is_active=None)).status_code == 302


def test_change_page_shows_no_trace_of_the_password(administrator, noa):
    page = administrator.get(f"{USERS}{noa.pk}/change/").content.decode()
    assert noa.password not in page
    assert "md5$" not in page


def test_address_belongs_to_one_person(administrator, noa):
    new = {"username": "other", "email": "NOA@example.org"}
    answer = administrator.post(f"{USERS}add/", new)
    assert "Another account has this address" in answer.content.decode()
    assert not User.objects.filter(username="other").exists()


def test_administrator_does_not_reach_above_themselves(administrator, editor, noa):
    assert (
        administrator.post(f"{USERS}{editor.pk}/change/", form_of(editor, is_active=None)).status_code == 403
    )
    administrator.post(f"{USERS}{noa.pk}/change/", form_of(noa, is_superuser="on"))
    for action in ("remove_second_factor", "invite_again", "sign_out"):
        assert "Some accounts were left alone" in act(administrator, action, editor).content.decode()
    noa.refresh_from_db()
    assert not noa.is_superuser
    assert second_factor.has_second_factor(editor)
    assert not Invitation.objects.exists()


def test_nobody_promotes_or_closes_themselves(administrator):
    dana = User.objects.get(username="dana")
    administrator.post(f"{USERS}{dana.pk}/change/", form_of(dana, is_active=None, is_superuser="on"))
    dana.refresh_from_db()
    assert (dana.is_active, dana.is_superuser) == (True, False)


def test_lost_phone_second_factor_removed_sessions_ended_and_on_record(administrator, noa):
    hers = Client()
    hers.force_login(noa)
    assert hers.get("/admin/").status_code == 200
    act(administrator, "remove_second_factor", noa)
    assert not second_factor.has_second_factor(noa)
    assert hers.get("/admin/")["Location"].startswith("/admin/login/")
    assert LogEntry.objects.filter(change_message="Second factor removed", object_id=noa.pk).exists()


def test_secrets_and_failures_have_no_page_in_the_admin():
    registered = {model._meta.label for model in admin.site._registry}
    assert not {label for label in registered if label.startswith(("mfa.", "account.", "axes."))}


def test_signed_in_person_who_is_no_staff_finds_no_admin(client, stranger):
    client.force_login(stranger)
    assert client.get("/admin/", follow=True).status_code == 404
